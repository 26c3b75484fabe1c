//! Weeks, weekends, months and their parts, the nth weekday of a month, days beside a holiday.

use crate::fields::word_set::words;
use jiff::civil::{Date, Weekday};

use super::calendar::{
    calendar_date, coming, days, monday, month, month_day, next_month_day, weekday,
};
use crate::fields::token::Num;
use crate::fields::turn::Heard;

use super::day::{Found, before, months, one, span, week};
use super::holiday::holiday;

/// "the tuesday before thanksgiving", "the day after christmas", "the weekend before easter".
pub(super) fn by_holiday(heard: &Heard, at: usize, today: Date) -> Found {
    let the = usize::from(heard.word(at) == "the");
    let after = match heard.word(at + the + 1) {
        "after" => true,
        "before" => false,
        _ => return None,
    };
    let (base, used) = holiday(heard, at + the + 2, today)?;
    if heard.word(at + the) == "weekend" {
        let saturday = if after {
            coming(base, Weekday::Saturday)
        } else {
            before(base, Weekday::Saturday)
        };
        return Some((span(saturday, days(saturday, 2)), the + 2 + used));
    }
    let date = match weekday(heard.word(at + the)) {
        Some(day) if after => coming(base, day),
        Some(day) => before(base, day),
        None if heard.word(at + the) == "day" => days(base, if after { 1 } else { -1 }),
        None => return None,
    };
    Some((one(date), the + 2 + used))
}

/// Weeks, weekends, the ends of weeks and months.
pub(super) fn week_or_month(heard: &Heard, at: usize, today: Date) -> Found {
    let w = |i: usize| heard.word(at + i);
    let the = usize::from(w(0) == "the");
    if !matches!(
        w(the),
        "week"
            | "following"
            | "end"
            | "last"
            | "weekend"
            | "first"
            | "beginning"
            | "start"
            | "early"
            | "next"
            | "this"
            | "coming"
    ) {
        return None;
    }
    let this_monday = monday(today);
    let first_of_next = months(today.first_of_month(), 1);
    let saturday = if matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday) {
        days(this_monday, 5)
    } else {
        coming(today, Weekday::Saturday)
    };
    match (w(the), w(the + 1), w(the + 2)) {
        // "The week before last on a Wednesday"
        ("week", "before", "last") => {
            let start = days(this_monday, -14);
            let mut i = the + 3;
            i += usize::from(w(i) == "on");
            i += usize::from(w(i) == "a");
            return Some(match weekday(w(i)) {
                Some(day) => {
                    let offset = i64::from(day.to_monday_zero_offset());
                    (one(days(start, offset)), i + 1)
                }
                None => (week(start), the + 3),
            });
        }
        ("week", "after", "next") => return Some((week(days(this_monday, 14)), the + 3)),
        ("following", "week", _) => return Some((week(days(this_monday, 14)), the + 2)),
        ("week", "of", _) => {
            let skip = usize::from(w(the + 2) == "the");
            let found = calendar_date(heard, at + the + 2, today, false)
                .map(|(d, used)| (d, the + 2 + used))
                .or_else(|| {
                    let (d, used) = month_day(heard, at + the + 2 + skip, false)?;
                    Some((next_month_day(today, d)?, the + 2 + skip + used))
                });
            if let Some((date, used)) = found {
                return Some((week(monday(date)), used));
            }
        }
        ("end", "of", next) | ("last", "day", next) if !next.is_empty() => {
            let mut i = usize::from(w(the + 1) == "day") + the + 2;
            while matches!(w(i), "of" | "the" | "this") {
                i += 1;
            }
            let next_one = w(i) == "next";
            i += usize::from(next_one);
            if w(i) == "month" {
                let base = if next_one { first_of_next } else { today };
                return Some((one(base.last_of_month()), i + 1));
            }
            if w(i) == "week" {
                let base = days(this_monday, if next_one { 11 } else { 4 });
                return Some((one(base), i + 1));
            }
            if let Some(m) = month(w(i)) {
                return Some((one(coming_month(today, m)?.last_of_month()), i + 1));
            }
        }
        ("weekend", "after", "next") => {
            return Some((span(days(saturday, 14), days(saturday, 16)), the + 3));
        }
        // "Over a weekend", "have a nice weekend", "graduation weekend" name not the coming one.
        ("weekend", _, _)
            if the == 1
                || matches!(
                    heard.word(at.wrapping_sub(1)),
                    "" | "on" | "over" | "for" | "by" | "or" | "and" | "that" | "like" | "maybe"
                ) =>
        {
            return Some((span(saturday, days(saturday, 2)), the + 1));
        }
        ("first", "of", "the") if matches!(w(the + 3), "month" | "year") => {
            return Some((one(first_of_next), the + 4));
        }
        ("first", "of", "next") if w(the + 3) == "month" => {
            return Some((one(first_of_next), the + 4));
        }
        ("beginning" | "start" | "first" | "early", "of", "next") if w(the + 3) == "week" => {
            return Some((one(days(this_monday, 7)), the + 4));
        }
        _ => {}
    }
    match (w(0), w(1)) {
        // "In the next week or so" is how soon, no week of the calendar.
        ("next", "week") if heard.word(at.wrapping_sub(1)) == "the" => None,
        ("next", "week") => {
            let start = days(this_monday, 7);
            // "next week on tuesday", "next week maybe tuesday"
            let skip = usize::from(matches!(w(2), "like" | "maybe" | "say" | "on"));
            match weekday(w(2 + skip)) {
                Some(day) => {
                    let offset = i64::from(day.to_monday_zero_offset());
                    Some((one(days(start, offset)), 3 + skip))
                }
                None => Some((week(start), 2)),
            }
        }
        ("this", "week") => Some((span(today, days(this_monday, 7)), 2)),
        ("this" | "coming", "weekend") => Some((span(saturday, days(saturday, 2)), 2)),
        ("next", "weekend") => {
            let ahead = if days(this_monday, 5) <= today { 0 } else { 7 };
            let sat = days(coming(today, Weekday::Saturday), ahead);
            Some((span(sat, days(sat, 2)), 2))
        }
        ("last", "weekend") => Some((one(days(this_monday, -2)), 2)),
        ("next", "month") => Some((span(first_of_next, months(first_of_next, 1)), 2)),
        ("last", "week") => {
            let skip = usize::from(matches!(w(2), "on" | "like"));
            match weekday(w(2 + skip)) {
                Some(day) => {
                    let offset = i64::from(day.to_monday_zero_offset());
                    Some((one(days(this_monday, offset - 7)), 3 + skip))
                }
                None => Some((one(days(today, -7)), 2)),
            }
        }
        ("last", "month") => Some((one(months(today, -1)), 2)),
        ("last", "year") => Some((one(months(today, -12)), 2)),
        _ => None,
    }
}

/// The first day of the coming month of that name.
pub(super) fn coming_month(today: Date, m: i8) -> Option<Date> {
    let first = Date::new(today.year(), m, 1).ok()?;
    if first.last_of_month() < today {
        Date::new(today.year() + 1, m, 1).ok()
    } else {
        Some(first)
    }
}

/// "in june", "sometime in june", "mid june", "early june", "the first week of june": a span of days.
pub(super) fn month_span(heard: &Heard, at: usize, today: Date) -> Found {
    let w = |i: usize| heard.word(at + i);
    let bare = |i: usize| {
        month(w(i)).filter(|_| {
            // "in March 2019" is a year, "March third" a day.
            calendar_date(heard, at + i, today, false).is_none()
                && heard
                    .tokens
                    .get(at + i + 1)
                    .is_none_or(|t| t.num == Num::None || t.any(words!["for", "to", "at"]))
                && heard.word(at + i + 1) != "of"
        })
    };
    let (part, i) = match (w(0), w(1), w(2)) {
        ("in" | "sometime" | "during", _, _) if bare(1).is_some() => (0, 1),
        ("early" | "mid" | "late", _, _) if bare(1).is_some() => (
            match w(0) {
                "early" => 1,
                "mid" => 2,
                _ => 3,
            },
            1,
        ),
        ("beginning" | "start", "of", _) if bare(2).is_some() => (1, 2),
        ("middle", "of", _) if bare(2).is_some() => (2, 2),
        ("week", "of", _) | ("week", "in", _)
            if bare(2).is_some() && heard.word(at.wrapping_sub(1)) == "first" =>
        {
            (1, 2)
        }
        _ => return None,
    };
    let first = coming_month(today, month(w(i))?)?;
    let (from, to) = match part {
        1 => (first, days(first, 10)),
        2 => (days(first, 10), days(first, 20)),
        3 => (days(first, 20), months(first, 1)),
        _ => (first, months(first, 1)),
    };
    Some((span(from.max(today), to), i + 1))
}

/// "the first saturday in october", "the last week of february", "the second week of may".
pub(super) fn nth(heard: &Heard, at: usize, today: Date) -> Found {
    let w = |i: usize| heard.word(at + i);
    let the = usize::from(w(0) == "the");
    let n = match w(the) {
        "first" | "1st" => 0,
        "second" | "2nd" => 1,
        "third" | "3rd" => 2,
        "fourth" | "4th" => 3,
        "last" => 4,
        _ => return None,
    };
    if !matches!(w(the + 2), "in" | "of") {
        return None;
    }
    let skip = usize::from(matches!(w(the + 3), "the" | "next" | "this"));
    let first = match (w(the + 2 + skip), w(the + 3 + skip)) {
        ("next", "month") => months(today.first_of_month(), 1),
        (_, "month") if skip == 1 => today.first_of_month(),
        (_, name) => coming_month(today, month(name)?)?,
    };
    let used = the + 4 + skip;
    if w(the + 1) == "week" {
        let start = if n == 4 {
            days(first.last_of_month(), -6)
        } else {
            days(first, n * 7)
        };
        return Some((week(start), used));
    }
    let day = weekday(w(the + 1))?;
    let opening = if first.weekday() == day {
        first
    } else {
        coming(first, day)
    };
    let date = if n == 4 {
        let fifth = days(opening, 28);
        if fifth.month() == first.month() {
            fifth
        } else {
            days(opening, 21)
        }
    } else {
        days(opening, n * 7)
    };
    Some((one(date), used))
}
