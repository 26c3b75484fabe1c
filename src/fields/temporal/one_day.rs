//! A single day, gone by or to come, where the field says which.

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::calendar_date;
use super::day::{before, counted, day_at, months, nearest, one};
use super::holiday::holiday;
use super::{Days, Frame};
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

/// "The Friday after": the day before it in the turn, that it is counted from.
fn named_before(heard: &Heard, at: usize, today: Date) -> Option<Days> {
    let counts = heard.word(at) == "the"
        && (matches!(heard.word(at + 2), "after" | "before") || heard.word(at + 1) == "following");
    (at.saturating_sub(MOST_APART)..at)
        .rev()
        .filter(|_| counts)
        .find_map(|i| calendar_date(heard, i, today, true))
        .map(|(date, _)| one(date))
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
