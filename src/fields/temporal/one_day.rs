//! A single day, gone by or to come, where the field says which.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Frame;
use super::calendar::{calendar_date, days};
use super::day::{day_at, months};
use super::period::holiday;
use crate::fields::turn::Heard;

/// A date in the past from `at`: a year left out is the last such date.
pub fn past_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some(found) = calendar_date(heard, at, today, true) {
        return Some(found);
    }
    // "It was Valentine's Day": the last one.
    if let Some((date, used)) = holiday(heard, at, today) {
        let date = if date > today {
            date.checked_sub(1.year()).unwrap_or(date)
        } else {
            date
        };
        return Some((date, used));
    }
    let (found, used) = day_at(heard, at, Frame::on(today))?;
    let mut date = found.start;
    if found.weekday && date > today {
        // "on Thursday" in a story is the last one.
        date = days(date, -7);
    } else if date > today && heard.word(at) == "the" {
        date = months(date, -1);
    }
    (found.end.is_none() && date <= today).then_some((date, used))
}

/// A date to come from `at`.
pub fn future_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let (found, used) = day_at(heard, at, Frame::on(today))?;
    (found.end.is_none() && found.start >= today).then_some((found.start, used))
}
