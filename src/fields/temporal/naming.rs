//! What a word names: a weekday, a month, a day of the month, a part of the day.

use jiff::civil::Date;

use super::{calendar, day};
use crate::fields::turn::Heard;

/// The day of so many months before.
pub(in crate::fields) fn months_before(date: Date, n: i64) -> Date {
    day::months(date, -n)
}

/// A month.
pub fn names_month(word: &str) -> bool {
    word != "may" && calendar::month(word).is_some()
}

/// A weekday.
pub fn names_weekday(word: &str) -> bool {
    calendar::weekday(word).is_some()
}

/// "The twenty second", "22nd": a day of the month said as such.
pub fn ordinal_day(heard: &Heard, at: usize) -> Option<(i8, usize)> {
    let the = usize::from(heard.word(at) == "the");
    let (day, used) = calendar::month_day(heard, at + the, false)?;
    Some((day, the + used))
}

/// The weekday that the word names, as people write it.
pub fn weekday_named(word: &str) -> Option<&'static str> {
    calendar::weekday(word).map(calendar::weekday_name)
}

/// A weekday, a month or a part of the day.
pub fn names_time(word: &str) -> bool {
    calendar::weekday(word).is_some()
        || calendar::month(word).is_some()
        || matches!(
            word,
            "today"
                | "tomorrow"
                | "tonight"
                | "morning"
                | "afternoon"
                | "evening"
                | "noon"
                | "am"
                | "pm"
        )
}

/// "Mondays".
pub fn every_week(word: &str) -> bool {
    word.ends_with("days") && calendar::weekday(word).is_some()
}
