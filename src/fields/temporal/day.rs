//! Days as people say them against the day of the call: "a week from Monday", "the Tuesday after that", "end of the month".

use crate::fields::word_set::{WordSet, words};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::calendar::{
    calendar_date, coming, days, monday, month, month_day, street_follows, weekday,
};
use super::{Days, Frame};
use crate::fields::token::Num;
use crate::fields::turn::Heard;

use super::day_of_month::{NO_DAY, PRONOUNS, away, day_of_month, numbered};
use super::period::{by_holiday, month_span, nth, week_or_month};

pub(super) type Found = Option<(Days, usize)>;

pub(super) fn one(start: Date) -> Days {
    Days {
        start,
        end: None,
        weekday: false,
        ambiguous: false,
    }
}

pub(super) fn span(start: Date, end: Date) -> Days {
    Days {
        start,
        end: Some(end),
        weekday: false,
        ambiguous: false,
    }
}

pub(super) fn week(start: Date) -> Days {
    span(start, days(start, 7))
}

pub(super) fn months(date: Date, n: i64) -> Date {
    date.checked_add(n.months()).unwrap_or(date)
}

/// A small counting number at `at`.
fn count(heard: &Heard, at: usize) -> Option<(i64, usize)> {
    if heard.tokens.get(at)?.any(words!["a", "an"]) {
        let (n, used) = match heard.word(at + 1) {
            "couple" => (2, 2),
            "few" => (3, 2),
            _ => return Some((1, 1)),
        };
        return Some((n, used + usize::from(heard.word(at + used) == "of")));
    }
    if heard.word(at) == "couple" {
        return Some((2, if heard.word(at + 1) == "of" { 2 } else { 1 }));
    }
    let token = &heard.tokens[at];
    match token.num {
        Num::Digit(d) => Some((d.into(), 1)),
        Num::Teen(t) => Some((t.into(), 1)),
        Num::Literal if token.text.len() <= 2 => Some((token.text.parse().ok()?, 1)),
        // "Too weeks ago": the recogniser's two.
        Num::Homophone(2)
            if token.is("two")
                || heard.any(at + 1, words!["weeks", "days", "months", "years"])
                    && heard.any(at + 2, words!["ago", "back", "from"]) =>
        {
            Some((2, 1))
        }
        Num::Tens(t) => match heard.tokens.get(at + 1).map(|t| t.num) {
            Some(Num::Digit(d)) if d > 0 => Some((i64::from(t) * 10 + i64::from(d), 2)),
            _ => Some((i64::from(t) * 10, 1)),
        },
        _ => None,
    }
}

/// A day at `at`, or the days from it through another: "Saturday the 18th through Monday the 20th".
pub(super) fn day_at(heard: &Heard, at: usize, frame: Frame) -> Found {
    let (first, used) = single_day(heard, at, frame)?;
    let next = at + used;
    let joined = match heard.word(next) {
        "through" | "thru" | "to" | "until" => true,
        // "Between October nineteenth and the twenty third"
        "and" => heard.word(at.wrapping_sub(1)) == "between" && !first.weekday,
        _ => false,
    };
    if first.end.is_none()
        && joined
        // "October nineteenth through the twenty third": of October.
        && let Some((last, more)) =
            single_day(heard, next + 1, Frame { named: Some(first), ..frame })
        && last.end.is_none()
        // "Monday through Friday" is every week.
        && !last.weekday
        && first.start.until(last.start).is_ok_and(|s| (1..=31).contains(&s.get_days()))
    {
        return Some((span(first.start, days(last.start, 1)), used + 1 + more));
    }
    Some((first, used))
}

/// Words that begin a day, besides numbers, weekdays and months.
const OPENERS: &WordSet = words![
    "today",
    "tonight",
    "today's",
    "tomorrow",
    "tomorrow's",
    "tomorow",
    "yesterday",
    "this",
    "next",
    "last",
    "past",
    "coming",
    "following",
    "later",
    "the",
    "a",
    "an",
    "couple",
    "in",
    "during",
    "sometime",
    "day",
    "week",
    "weekend",
    "beginning",
    "start",
    "middle",
    "end",
    "early",
    "mid",
    "late",
];

fn single_day(heard: &Heard, at: usize, frame: Frame) -> Found {
    let token = heard.tokens.get(at)?;
    let word = token.text.as_str();
    let opens = token.num != Num::None
        || OPENERS.has(word)
        || weekday(word).is_some()
        || month(word).is_some();
    if !opens {
        return None;
    }
    near(heard, at, frame.today)
        .or_else(|| counted(heard, at, frame))
        .or_else(|| nth(heard, at, frame.today))
        .or_else(|| by_holiday(heard, at, frame.today))
        .or_else(|| after_named(heard, at, frame))
        .or_else(|| week_or_month(heard, at, frame.today))
        .or_else(|| month_span(heard, at, frame.today))
        .or_else(|| named_weekday(heard, at, frame))
        .or_else(|| calendar_date(heard, at, frame.today, false).map(|(d, used)| (one(d), used)))
        .or_else(|| day_of_month(heard, at, frame))
}

/// "today", "tomorrow", "the day after tomorrow", "this morning", "last night".
fn near(heard: &Heard, at: usize, today: Date) -> Found {
    let w = |i: usize| heard.word(at + i);
    match w(0) {
        "today" | "tonight" | "today's" => return Some((one(today), 1)),
        "tomorrow" | "tomorrow's" | "tomorow" => return Some((one(days(today, 1)), 1)),
        "yesterday" => return Some((one(days(today, -1)), 1)),
        "this" if matches!(w(1), "morning" | "afternoon" | "evening") => {
            return Some((one(today), 1));
        }
        "later" if w(1) == "today" => return Some((one(today), 2)),
        "last" if w(1) == "night" => return Some((one(days(today, -1)), 2)),
        _ => {}
    }
    let the = usize::from(w(0) == "the");
    match (w(the), w(the + 1), w(the + 2)) {
        ("day", "after", "tomorrow") => Some((one(days(today, 2)), the + 3)),
        ("day", "before", "yesterday") => Some((one(days(today, -2)), the + 3)),
        ("other", "day", _) if the == 1 => Some((one(days(today, -3)), 3)),
        _ => None,
    }
}

/// "a week from monday", "three days from now", "in two weeks", "ten days ago", "an hour ago", "two thursdays ago".
pub(super) fn counted(heard: &Heard, at: usize, frame: Frame) -> Found {
    let today = frame.today;
    let w = |i: usize| heard.word(at + i);
    let mut lead = 0;
    if w(0) == "in" {
        lead = 1;
    }
    if matches!(w(lead), "about" | "like" | "around" | "maybe") && lead == 1 {
        lead += 1;
    }
    heard.tokens.get(at + lead)?;
    let (n, used) = count(heard, at + lead)?;
    let unit = w(lead + used);
    let after = lead + used + 1;
    let step = match unit {
        "day" | "days" => n,
        "week" | "weeks" => n * 7,
        "hour" | "hours" | "minute" | "minutes" | "min" | "mins" if w(after) == "ago" => {
            return Some((one(today), after + 1));
        }
        name if weekday(name).is_some() && w(after) == "ago" => {
            let last = before(today, weekday(name)?);
            return Some((one(days(last, 7 - 7 * n)), after + 1));
        }
        "month" | "months" if w(after) == "ago" => {
            return Some((one(months(today, -n)), after + 1));
        }
        "month" | "months" if lead > 0 || w(after) == "from" && w(after + 1) == "now" => {
            let tail = if w(after) == "from" { 2 } else { 0 };
            return Some((one(months(today, n)), after + tail));
        }
        "year" | "years" if w(after) == "ago" => {
            return Some((
                one(today.checked_sub(n.years()).unwrap_or(today)),
                after + 1,
            ));
        }
        _ => return None,
    };
    match w(after) {
        "from" if matches!(w(after + 1), "now" | "today") => {
            Some((one(days(today, step)), after + 2))
        }
        "from" => {
            let (base, more) = day_at(heard, at + after + 1, Frame::on(frame.today))?;
            (base.end.is_none()).then(|| (one(days(base.start, step)), after + 1 + more))
        }
        "out" => Some((one(days(today, step)), after + 1)),
        "ago" | "back" => {
            let mut skip = usize::from(matches!(w(after + 1), "on" | "this" | "last" | "past"));
            skip += usize::from(w(after + 1 + skip) == "past");
            match weekday(w(after + 1 + skip)) {
                // "two weeks ago on friday": the friday nearest to that.
                Some(day) => Some((one(nearest(days(today, -step), day)), after + 2 + skip)),
                // "Two weeks ago yesterday"
                None if w(after + 1) == "yesterday" => {
                    Some((one(days(today, -step - 1)), after + 2))
                }
                None if w(after + 1) == "today" => Some((one(days(today, -step)), after + 2)),
                None => Some((one(days(today, -step)), after + 1)),
            }
        }
        _ if lead > 0 => Some((one(days(today, step)), after)),
        _ => None,
    }
}

/// The last day of that name before a day.
pub(super) fn before(date: Date, day: Weekday) -> Date {
    let back = i64::from(day.until(date.weekday()));
    days(date, -if back == 0 { 7 } else { back })
}

/// The day of that name nearest to a day.
pub(in crate::fields) fn nearest(date: Date, day: Weekday) -> Date {
    let ahead = i64::from(date.weekday().until(day));
    days(date, if ahead > 3 { ahead - 7 } else { ahead })
}

/// "the tuesday after that", "the following monday", "the day after", "the saturday before": counted from the day named last.
fn after_named(heard: &Heard, at: usize, frame: Frame) -> Found {
    let named = frame.named?.start;
    let w = |i: usize| heard.word(at + i);
    if w(0) != "the" {
        return None;
    }
    // "Not this Sunday, the one before": a week from the day named.
    if w(1) == "one" && matches!(w(2), "before" | "after") {
        let step = if w(2) == "before" { -7 } else { 7 };
        let that = usize::from(matches!(w(3), "that" | "it" | "last"));
        return Some((one(days(named, step)), 3 + that));
    }
    if w(1) == "following" || w(1) == "next" && w(2) == "day" {
        if let Some(day) = weekday(w(2)) {
            return Some((one(coming(named, day)), 3));
        }
        if w(2) == "day" {
            return Some((one(days(named, 1)), 3));
        }
        return None;
    }
    let that = |i: usize| usize::from(matches!(w(i), "that" | "it"));
    let ends = |i: usize| {
        heard
            .tokens
            .get(at + i)
            .is_none_or(|t| !matches!(t.num, Num::Ordinal(_) | Num::Literal) && t.text != "the")
            && month(w(i)).is_none()
            && !matches!(w(i), "tomorrow" | "next" | "yesterday" | "my" | "our")
    };
    match (w(1), w(2)) {
        ("day", "after") if ends(3) => Some((one(days(named, 1)), 3 + that(3))),
        ("day", "before") if ends(3) => Some((one(days(named, -1)), 3 + that(3))),
        ("week", "after") if ends(3) => Some((week(days(monday(named), 7)), 3 + that(3))),
        (name, "after") if ends(3) => Some((one(coming(named, weekday(name)?)), 3 + that(3))),
        (name, "before") if ends(3) => Some((one(before(named, weekday(name)?)), 3 + that(3))),
        _ => None,
    }
}

/// Whether only a word or two stand between "today" and the weekday at `at`.
fn says_today(heard: &Heard, at: usize) -> bool {
    (1..=3)
        .take_while(|n| *n <= at)
        .find(|n| {
            !heard.any(
                at - n,
                words!["then", "the", "that's", "is", "which", "a", "so"],
            )
        })
        .is_some_and(|n| heard.any(at - n, words!["today", "today's"]))
}

/// "thursday", "this coming friday", "next monday", "tuesday week", "tuesday the seventh".
fn named_weekday(heard: &Heard, at: usize, frame: Frame) -> Found {
    let today = frame.today;
    let w = |i: usize| heard.word(at + i);
    let (lead, skip) = match (w(0), w(1)) {
        ("this", "coming" | "past" | "passed") => (w(1), 2),
        ("the", "coming" | "following" | "next") => (w(1), 2),
        ("next" | "this" | "coming" | "last" | "past" | "following", _) => (w(0), 1),
        _ => ("", 0),
    };
    let day = weekday(w(skip))?;
    // Black Friday and Good Friday are days of their own.
    let holiday = match heard.word(at.wrapping_sub(1)) {
        "black" => true,
        "good" => !matches!(
            heard.word(at.wrapping_sub(2)),
            "looking" | "is" | "sounds" | "be" | "works" | "pretty" | "it's" | "that's" | "so"
        ),
        _ => false,
    };
    if at > 0 && day == Weekday::Friday && holiday && !heard.tokens[at - 1].ends_clause() {
        return None;
    }
    let mut end = skip + 1;
    let mut out = Days {
        start: coming(today, day),
        end: None,
        weekday: true,
        ambiguous: false,
    };
    let of_next_week = days(
        days(monday(today), 7),
        i64::from(day.to_monday_zero_offset()),
    );
    match lead {
        // "Eleven today, then, Friday."
        "" if today.weekday() == day && says_today(heard, at) => {
            out.start = today;
            out.weekday = false;
        }
        "last" | "past" | "passed" => {
            out.start = before(today, day);
            out.weekday = false;
        }
        // In a week that has not begun both readings are the same; else most people mean the week after, and agreement settles it.
        "next" if monday(out.start) == monday(today) => {
            out.start = days(out.start, 7);
            out.ambiguous = true;
        }
        "next" => {}
        // "The Sunday before last"
        _ if w(end) == "before" && w(end + 1) == "last" => {
            out.start = days(before(today, day), -7);
            out.weekday = false;
            end += 2;
        }
        _ if w(end) == "week" => {
            out.start = days(out.start, 7);
            out.weekday = false;
            end += 1;
        }
        _ if w(end + usize::from(w(end) == "of")) == "last"
            && w(end + 1 + usize::from(w(end) == "of")) == "week" =>
        {
            out.start = days(of_next_week, -14);
            out.weekday = false;
            end += 2 + usize::from(w(end) == "of");
        }
        _ if w(end) == "next" && w(end + 1) == "week" => {
            out.start = of_next_week;
            out.weekday = false;
            end += 2;
        }
        _ if matches!(w(end), "of" | "the") && w(end + 1) == "next" && w(end + 2) == "week" => {
            out.start = of_next_week;
            out.weekday = false;
            end += 3;
        }
        _ if w(end) == "after" && w(end + 1) == "next" => {
            out.start = days(of_next_week, 7);
            out.weekday = false;
            end += 2;
        }
        _ if w(end) == "the" && w(end + 1) == "week" && w(end + 2) == "after" => {
            let weeks = if w(end + 3) == "next" { 7 } else { 0 };
            out.start = days(of_next_week, weeks);
            out.weekday = false;
            end += if weeks == 7 { 4 } else { 3 };
        }
        "this" | "coming" => out.weekday = false,
        "" => out.start = in_talk(frame, day),
        _ => {}
    }
    // "monday the second", "monday june first", "monday 3/30"
    let past = matches!(lead, "last" | "past" | "passed");
    if let Some((date, used)) = calendar_date(heard, at + end, today, past) {
        out.start = date;
        out.weekday = false;
        out.ambiguous = false;
        end += used;
        return Some((out, end));
    }
    let the = usize::from(w(end) == "the");
    let ordinal = matches!(
        heard.tokens.get(at + end).map(|t| t.num),
        Some(Num::Ordinal(_) | Num::Tens(_))
    );
    if (the == 1 || ordinal)
        && let Some((d, used)) = month_day(heard, at + end + the, the == 1)
        && !street_follows(heard, at + end + the + used)
        && !(NO_DAY.has(w(end + the + used)) && !(d > 3 && PRONOUNS.has(w(end + the + used))))
    {
        match numbered(frame, d, Some(day)).filter(|date| date.weekday() == day) {
            Some(date) => {
                out.start = date;
                out.weekday = false;
                out.ambiguous = false;
            }
            // The number and the weekday disagree; the weekday is what people get right.
            None => out.ambiguous = true,
        }
        end += the + used;
    }
    Some((out, end))
}

/// The weekday meant where the talk stands: the coming one; once "Monday is the first I have" was said, the first from there; once the
/// talk is of days far ahead, the nearest to them.
fn in_talk(frame: Frame, day: Weekday) -> Date {
    let first = |from: Date| {
        if from.weekday() == day {
            from
        } else {
            coming(from, day)
        }
    };
    let near = coming(frame.today, day);
    if frame.from > near {
        return first(frame.from);
    }
    let Some(far) = frame.far() else { return near };
    if far.end.is_some() {
        return first(far.start);
    }
    let after = first(far.start);
    let before = days(after, -7);
    if away(far, before) < away(far, after) && before > frame.today {
        before
    } else {
        after
    }
}
