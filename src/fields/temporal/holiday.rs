//! Holidays by name: fixed ones, the nth weekday of a month, and those that go with Easter.

use jiff::civil::{Date, Weekday};

use super::calendar::days;
use crate::fields::turn::Heard;

/// How a holiday's day is found in a year.
#[derive(Clone, Copy)]
enum Rule {
    /// Month and day.
    Fixed(i8, i8),
    /// The nth weekday of a month, and so many days after it.
    Nth(i8, i8, Weekday, i64),
    /// The last weekday of a month.
    Last(i8, Weekday),
    /// Easter Sunday.
    Easter,
}

use Rule::{Easter, Fixed, Last, Nth};
use Weekday::{Monday, Sunday, Thursday};

/// The names, apostrophes left out; of names that begin alike the longer stands first.
const HOLIDAYS: &[(&str, Rule)] = &[
    ("new years eve", Fixed(12, 31)),
    ("new years day", Fixed(1, 1)),
    ("new years", Fixed(1, 1)),
    ("martin luther king day", Nth(3, 1, Monday, 0)),
    ("mlk day", Nth(3, 1, Monday, 0)),
    ("groundhog day", Fixed(2, 2)),
    ("valentines day", Fixed(2, 14)),
    ("valentines", Fixed(2, 14)),
    ("presidents day", Nth(3, 2, Monday, 0)),
    ("saint patricks day", Fixed(3, 17)),
    ("st patricks day", Fixed(3, 17)),
    ("saint patricks", Fixed(3, 17)),
    ("st patricks", Fixed(3, 17)),
    ("easter sunday", Easter),
    ("easter", Easter),
    ("cinco de mayo", Fixed(5, 5)),
    ("mothers day", Nth(2, 5, Sunday, 0)),
    ("memorial day", Last(5, Monday)),
    ("juneteenth", Fixed(6, 19)),
    ("fathers day", Nth(3, 6, Sunday, 0)),
    ("independence day", Fixed(7, 4)),
    ("labor day", Nth(1, 9, Monday, 0)),
    ("columbus day", Nth(2, 10, Monday, 0)),
    ("indigenous peoples day", Nth(2, 10, Monday, 0)),
    ("halloween", Fixed(10, 31)),
    ("election day", Nth(1, 11, Monday, 1)),
    ("veterans day", Fixed(11, 11)),
    ("thanksgiving day", Nth(4, 11, Thursday, 0)),
    ("thanksgiving", Nth(4, 11, Thursday, 0)),
    ("black friday", Nth(4, 11, Thursday, 1)),
    ("christmas eve", Fixed(12, 24)),
    ("christmas day", Fixed(12, 25)),
    ("christmas", Fixed(12, 25)),
];

impl Rule {
    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Fixed(month, day) => Date::new(year, month, day).ok(),
            Nth(n, month, weekday, after) => {
                let first = Date::new(year, month, 1).ok()?;
                let ahead = i64::from(first.weekday().until(weekday)) + 7 * (i64::from(n) - 1);
                Some(days(first, ahead + after))
            }
            Last(month, weekday) => {
                let last = Date::new(year, month, 1).ok()?.last_of_month();
                Some(days(last, -i64::from(weekday.until(last.weekday()))))
            }
            Easter => easter(year),
        }
    }
}

/// Easter Sunday, by the anonymous Gregorian rule.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(
        year,
        i8::try_from(n / 31).ok()?,
        i8::try_from(n % 31 + 1).ok()?,
    )
    .ok()
}

/// A holiday at `at`: the nearest of that name, before or after the call.
pub(in crate::fields) fn holiday(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let named = |name: &str| {
        name.split(' ').enumerate().all(|(i, word)| {
            heard
                .word(at + i)
                .bytes()
                .filter(|b| *b != b'\'')
                .eq(word.bytes())
        })
    };
    let (name, rule) = HOLIDAYS.iter().find(|(name, _)| named(name))?;
    (-1..=1)
        .filter_map(|n| rule.in_year(today.year() + n))
        .min_by_key(|d| today.until(*d).map_or(999, |s| s.get_days().abs()))
        .map(|date| (date, name.split(' ').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_church_says() {
        for (year, month, day) in [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28)] {
            assert_eq!(easter(year), Date::new(year, month, day).ok());
        }
    }
}
