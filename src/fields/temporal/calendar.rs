//! Calendar words: weekdays, months, days of the month, years, dates with a month named or in figures.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::fields::number;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;

/// The weekday that the word names, plural and the like too: "mondays", "monday's", "mon".
pub fn weekday(word: &str) -> Option<Weekday> {
    // Asked of every word, and of most several times.
    let [b'm' | b't' | b'w' | b'f' | b's', _, _, ..] = word.as_bytes() else {
        return None;
    };
    Some(match possessor(word) {
        "monday" | "mondays" | "mondayll" | "mon" | "munday" => Weekday::Monday,
        "tuesday" | "tuesdays" | "tues" => Weekday::Tuesday,
        "wednesday" | "wednesdays" | "wed" | "wensday" | "wendsday" => Weekday::Wednesday,
        "thursday" | "thursdays" | "thursdayll" | "thurs" | "thur" => Weekday::Thursday,
        "friday" | "fridays" | "fri" | "fridayll" => Weekday::Friday,
        "saturday" | "saturdays" | "saterday" | "saterdays" => Weekday::Saturday,
        "sunday" | "sundays" => Weekday::Sunday,
        _ => return None,
    })
}

/// The name of a weekday as people write it.
pub fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The number of the month of that name.
pub(in crate::fields) fn month(word: &str) -> Option<i8> {
    Some(match word.as_bytes() {
        b"january" | b"jan" => 1,
        b"february" | b"feb" => 2,
        b"march" => 3,
        b"april" | b"apr" => 4,
        b"may" => 5,
        b"june" | b"jun" => 6,
        b"july" | b"jul" => 7,
        b"august" | b"aug" => 8,
        b"september" | b"sept" | b"sep" => 9,
        b"october" | b"oct" => 10,
        b"november" | b"nov" => 11,
        b"december" | b"dec" => 12,
        _ => return None,
    })
}

pub(super) fn days(date: Date, n: i64) -> Date {
    date.checked_add(n.days()).unwrap_or(date)
}

/// The next day of that name, today excluded.
pub(super) fn coming(today: Date, day: Weekday) -> Date {
    let ahead = i64::from(today.weekday().until(day));
    days(today, if ahead == 0 { 7 } else { ahead })
}

/// Monday of the week of a date.
pub(super) fn monday(date: Date) -> Date {
    days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}

/// A day of the month at `at`: "first", "1st", "twenty third", "23".
pub(super) fn month_day(heard: &Heard, at: usize, cardinal: bool) -> Option<(i8, usize)> {
    let token = heard.tokens.get(at)?;
    let (n, used) = match token.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t @ 2..=3) => match heard.tokens.get(at + 1).map(|t| t.num) {
            Some(Num::Ordinal(n)) if n < 10 => (u16::from(t) * 10 + n, 2),
            // "the twenty ate": the recogniser's eighth.
            Some(Num::Homophone(8)) => (u16::from(t) * 10 + 8, 2),
            Some(Num::Digit(d)) if cardinal && d > 0 => (u16::from(t) * 10 + u16::from(d), 2),
            _ if cardinal => (u16::from(t) * 10, 1),
            _ => return None,
        },
        Num::Digit(d) if cardinal => (d.into(), 1),
        Num::Teen(n) if cardinal => (n.into(), 1),
        Num::Literal if cardinal && token.text.len() <= 2 => (token.text.parse().ok()?, 1),
        _ => return None,
    };
    (1..=31).contains(&n).then_some((n as i8, used))
}

/// A year at `at`: 1961, "nineteen sixty one", "two thousand seventeen", "twenty seventeen", and "sixty one" where `short`.
fn year(heard: &Heard, at: usize, short: bool, today: Date) -> Option<(i16, usize)> {
    let (year, used) = year_as_written(heard, at, short, today)?;
    // "Nineteen seventy for": the recogniser wrote the last digit as a word.
    let end = at + used;
    let closes = heard
        .tokens
        .get(end)
        .is_some_and(|t| end + 1 == heard.tokens.len() || t.stop > Stop::None);
    match (
        heard.tokens[end - 1].num,
        heard.tokens.get(end).map(|t| t.num),
    ) {
        (Num::Tens(_), Some(Num::Homophone(d))) if closes => Some((year + i16::from(d), used + 1)),
        _ => Some((year, used)),
    }
}

/// The same, as far as it is written in figures and words for them.
fn year_as_written(heard: &Heard, at: usize, short: bool, today: Date) -> Option<(i16, usize)> {
    let run = number::run_at(&heard.tokens, at)?;
    if heard.tokens[at].glue == Some(':') {
        return None;
    }
    let used = run.end - at;
    // "Nineteen and forty one", "nineteen hundred and forty one"
    if matches!(run.digits(), "19" | "20" | "1900")
        && heard.word(run.end) == "and"
        && let Some(rest) =
            number::run_at(&heard.tokens, run.end + 1).filter(|r| r.digits().len() == 2)
    {
        let year: i16 = format!("{}{}", &run.digits()[..2], rest.digits())
            .parse()
            .ok()?;
        return Some((year, rest.end - at));
    }
    if let Some(n) = run.cardinal.filter(|n| (1900..2100).contains(n)) {
        return Some((n as i16, used));
    }
    if let Some(r) = run
        .with_len(4)
        .filter(|r| (1900..2100).contains(&r.digits.parse::<u32>().unwrap_or(0)))
    {
        return Some((r.digits.parse().ok()?, used));
    }
    if short && run.digits().len() == 2 {
        let n: i16 = run.digits().parse().ok()?;
        let this = today.year() % 100;
        return Some((if n > this { 1900 + n } else { 2000 + n }, used));
    }
    None
}

/// A date with its month named or in figures, from `at`. `past`: a year left out is the last such date, not the next.
pub(super) fn calendar_date(
    heard: &Heard,
    at: usize,
    today: Date,
    past: bool,
) -> Option<(Date, usize)> {
    let w = |i: usize| heard.word(at + i);
    let fit = |m: i8, d: i8, y: Option<i16>| -> Option<Date> {
        if let Some(y) = y {
            return Date::new(y, m, d).ok();
        }
        let this = Date::new(today.year(), m, d).ok();
        match this {
            Some(date) if past && date > today => Date::new(today.year() - 1, m, d).ok(),
            Some(date) if !past && date < today => Date::new(today.year() + 1, m, d).ok(),
            other => other,
        }
    };
    // "june first", "june the first", "june 1st 2026"
    if let Some(m) = month(w(0)) {
        // "may" as a verb: "may I".
        if w(0) == "may" && matches!(w(1), "i" | "we" | "be" | "have" | "not") {
            return None;
        }
        let skip = if w(1) == "the" { 2 } else { 1 };
        let (d, used) = month_day(heard, at + skip, true)?;
        let mut end = skip + used;
        let y = year(heard, at + end + usize::from(w(end) == "of"), past, today)
            .filter(|_| !heard.tokens[at + end - 1].ends_clause());
        // "june first at ten": ten is no year; only four-digit years, or two digits in a birthday.
        if let Some((_, used)) = y {
            end += used + usize::from(w(end) == "of");
        }
        return Some((fit(m, d, y.map(|y| y.0))?, end));
    }
    // "the twenty third of december"
    let skip = usize::from(w(0) == "the");
    if let Some((d, used)) = month_day(heard, at + skip, true)
        && w(skip + used) == "of"
        && let Some(m) = month(w(skip + used + 1))
    {
        let mut end = skip + used + 2;
        let y = year(heard, at + end, past, today);
        if let Some((_, used)) = y {
            end += used;
        }
        return Some((fit(m, d, y.map(|y| y.0))?, end));
    }
    // 6/1, 11/30/1958
    let second = heard.tokens.get(at + 1)?;
    if heard.tokens[at].num == Num::Literal
        && second.num == Num::Literal
        && second.glue == Some('/')
    {
        let m: i8 = w(0).parse().ok()?;
        let d: i8 = w(1).parse().ok()?;
        let third = heard
            .tokens
            .get(at + 2)
            .filter(|t| t.num == Num::Literal && t.glue == Some('/'));
        let y = third.and_then(|t| t.text.parse::<i16>().ok()).map(|y| {
            if y >= 100 {
                y
            } else if y > today.year() % 100 {
                1900 + y
            } else {
                2000 + y
            }
        });
        return Some((fit(m, d, y)?, if third.is_some() { 3 } else { 2 }));
    }
    // 2026-03-28
    if heard.tokens[at].num == Num::Literal
        && w(0).len() == 4
        && second.glue == Some('-')
        && second.num == Num::Literal
        && heard
            .tokens
            .get(at + 2)
            .is_some_and(|t| t.glue == Some('-') && t.num == Num::Literal)
    {
        let date = Date::new(w(0).parse().ok()?, w(1).parse().ok()?, w(2).parse().ok()?).ok()?;
        return Some((date, 3));
    }
    None
}

pub(super) fn street_follows(heard: &Heard, at: usize) -> bool {
    heard.tokens.get(at).is_some_and(|t| {
        matches!(
            crate::fields::gazetteer::tables().suffix(&t.text),
            Some("street" | "avenue" | "road" | "drive" | "lane" | "place" | "court")
        )
    })
}

pub(super) fn next_month_day(today: Date, day: i8) -> Option<Date> {
    let mut first = today.first_of_month();
    for _ in 0..4 {
        if let Ok(date) = Date::new(first.year(), first.month(), day)
            && date >= today
        {
            return Some(date);
        }
        first = first.checked_add(1.month()).ok()?;
    }
    None
}

/// A date of birth or another date said in figures: "nine seventeen seventy four", "three three eighty eight", "oh four oh two sixty one".
pub fn figures(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some((date, used)) = calendar_date(heard, at, today, true) {
        return Some((date, used));
    }
    let run = number::run_at(&heard.tokens, at)?;
    // "eleven twenty one of seventy two"
    if let [m, d] = run.groups.as_slice()
        && heard.word(run.end) == "of"
        && let Some((y, used)) = year(heard, run.end + 1, true, today)
        && let (Ok(m), Ok(d)) = (m.parse::<i8>(), d.parse::<i8>())
        && let Ok(date) = Date::new(y, m, d)
    {
        return Some((date, run.end + 1 + used - at));
    }
    // "Twenty twenty three": no month has that number.
    let first = run.groups.first().filter(|g| g.len() == 2);
    if first.is_some_and(|g| g.parse::<u8>().is_ok_and(|m| m > 12)) {
        return None;
    }
    for reading in &run.readings {
        let d = reading.digits.as_str();
        if d.len() == 4 && run.groups.len() < 3 {
            continue;
        }
        let options: &[(usize, usize)] = match d.len() {
            4 => &[(1, 1)],
            5 => &[(1, 2), (2, 1)],
            6 => &[(2, 2), (1, 1)],
            7 => &[(1, 2), (2, 1)],
            8 => &[(2, 2)],
            _ => &[],
        };
        // The groups as spoken say where the month ends: "nine | seventeen | seventy four".
        let groups: Vec<usize> = run.groups.iter().map(|g| g.len()).collect();
        let spoken = (groups.len() >= 3).then(|| {
            if groups[0] == 1 && run.groups[0] == "0" {
                (
                    2,
                    if run.groups.get(2).is_some_and(|g| g == "0") {
                        2
                    } else {
                        groups[2]
                    },
                )
            } else {
                (groups[0], if run.groups[1] == "0" { 2 } else { groups[1] })
            }
        });
        for &(m, k) in spoken.iter().chain(options.iter()) {
            let rest = d.get(m + k..).unwrap_or("");
            let (Some(month), Some(day)) = (
                d.get(..m).and_then(|x| x.parse::<i8>().ok()),
                d.get(m..m + k).and_then(|x| x.parse::<i8>().ok()),
            ) else {
                continue;
            };
            let year: i16 = match rest.len() {
                2 => {
                    let y: i16 = rest.parse().ok()?;
                    if y > today.year() % 100 {
                        1900 + y
                    } else {
                        2000 + y
                    }
                }
                4 => rest.parse().ok()?,
                _ => continue,
            };
            if !(1900..=today.year()).contains(&year) {
                continue;
            }
            if let Ok(date) = Date::new(year, month, day)
                && date <= today
            {
                return Some((date, run.end - at));
            }
        }
    }
    None
}
