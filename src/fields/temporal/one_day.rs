//! A single day, gone by or to come, where the field says which.

use crate::fields::word_set::words;
use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::{calendar_date, days, weekday};
use super::day::{before, counted, day_at, months, nearest, one};
use super::holiday::holiday;
use super::{Days, Frame, ordinal_day};
use crate::fields::turn::Heard;

/// Further apart than this many words, one day is not counted from another.
const MOST_APART: usize = 25;

/// A date in the past from `at`: a year left out is the last such date.
pub fn past_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some(found) = calendar_date(heard, at, today, true) {
        return Some(found);
    }
    // "It was Valentine's Day": the last one.
    let about = matches!(heard.word(at.wrapping_sub(1)), "around" | "about" | "near");
    if let Some((date, used)) = holiday(heard, at, today) {
        // "Back around Christmas", "Labor Day weekend": when about.
        if about || heard.word(at + used) == "weekend" {
            return None;
        }
        let date = if date > today {
            date.checked_sub(1.year()).unwrap_or(date)
        } else {
            date
        };
        return Some((date, used));
    }
    if let Some(found) = weekday_and_number(heard, at, today) {
        return Some(found);
    }
    // "Not last week, the week before"
    if heard.word(at) == "the"
        && heard.word(at + 1) == "week"
        && heard.word(at + 2) == "before"
        && heard.word(at + 3) != "last"
        && (at.saturating_sub(6)..at)
            .any(|i| heard.word(i) == "last" && heard.word(i + 1) == "week")
    {
        return Some((days(today, -14), 3));
    }
    let frame = Frame {
        named: named_before(heard, at, today),
        ..Frame::on(today)
    };
    let (found, used) = day_at(heard, at, frame)?;
    let mut date = found.start;
    if found.weekday {
        // "Thursday, three weeks ago": of that week.
        if let Some((base, more)) = weeks_ago(heard, at + used, today) {
            return Some((nearest(base, date.weekday()), used + more));
        }
        // "On Thursday" in a story is the last one; today nobody calls by its weekday.
        date = before(today, date.weekday());
    } else if date > today && heard.word(at) == "the" {
        let holiday = (at..at + used).any(|i| holiday(heard, i, today).is_some());
        date = months(date, if holiday { -12 } else { -1 });
    }
    (found.end.is_none() && date <= today).then_some((date, used))
}

/// "Friday the thirteenth", "last Friday, the 13th": the last such day.
fn weekday_and_number(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let lead = usize::from(matches!(heard.word(at), "last" | "past"));
    let day = weekday(heard.word(at + lead))?;
    let (number, used) = ordinal_day(heard, at + lead + 1)?;
    let first = today.first_of_month();
    let date = (0..12)
        .map(|n| months(first, -n))
        .filter_map(|m| Date::new(m.year(), m.month(), number).ok())
        .find(|date| *date <= today && date.weekday() == day)?;
    Some((date, lead + 1 + used))
}

/// "The Friday after": the day before it in the turn, that it is counted from.
fn named_before(heard: &Heard, at: usize, today: Date) -> Option<Days> {
    let counts = heard.word(at) == "the"
        && (matches!(heard.word(at + 2), "after" | "before") || heard.word(at + 1) == "following");
    if !counts {
        return None;
    }
    (at.saturating_sub(MOST_APART)..at).rev().find_map(|i| {
        if let Some((date, _)) = calendar_date(heard, i, today, true) {
            return Some(one(date));
        }
        // "It wasn't this past Sunday, it was the one before."
        let lead = heard.any(i.wrapping_sub(1), words!["last", "past", "passed", "this"]);
        weekday(heard.word(i))
            .filter(|_| lead)
            .map(|day| one(before(today, day)))
    })
}

/// "Three weeks ago".
fn weeks_ago(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let about = usize::from(matches!(
        heard.word(at),
        "about" | "like" | "maybe" | "around"
    ));
    let (found, used) = counted(heard, at + about, Frame::on(today))?;
    let weeks = matches!(heard.word(at + about + used - 2), "week" | "weeks");
    let ago = heard.word(at + about + used - 1) == "ago";
    (weeks && ago).then_some((found.start, about + used))
}

/// A date to come from `at`.
pub fn future_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let (found, used) = day_at(heard, at, Frame::on(today))?;
    (found.end.is_none() && found.start >= today).then_some((found.start, used))
}
