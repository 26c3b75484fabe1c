//! Days and clock times as people say them, resolved against the call's start. Hand-written over the calendar of `jiff`: no library at
//! hand does "a week from Monday", opening hours and bare "one thirty" together.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::cue::Cue;
use super::number;
use super::token::{Num, Stop};
use super::turn::Heard;

/// A day or a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The day, or the first of the span.
    pub start: Date,
    /// One past the last day, for a span.
    pub end: Option<Date>,
    /// Named by weekday alone, so that "Thursday" may match any offer on a Thursday.
    pub weekday: bool,
    /// Could be meant otherwise ("next Friday" said on a Wednesday).
    pub ambiguous: bool,
}

/// Minutes after midnight.
pub type Minute = u16;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Start.
    pub start: Minute,
    /// End; none for a point.
    pub end: Option<Minute>,
    /// A part of the day rather than a time ("morning").
    pub part: bool,
}

/// How a mention bounds what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// At, on, between.
    At,
    /// From then on.
    After,
    /// Up to then.
    Before,
    /// A deadline.
    By,
}

/// A day, a time, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The day.
    pub day: Option<Days>,
    /// The time.
    pub clock: Option<Clock>,
    /// The bound.
    pub bound: Bound,
    /// Excluded: "not Tuesday", "can't do between one and three".
    pub negated: bool,
    /// A time back from the call.
    pub past: bool,
}

fn weekday(word: &str) -> Option<Weekday> {
    let base = word.strip_suffix("'s").unwrap_or(word);
    Some(match base {
        "monday" | "mondays" | "mon" => Weekday::Monday,
        "tuesday" | "tuesdays" | "tues" => Weekday::Tuesday,
        "wednesday" | "wednesdays" | "wed" => Weekday::Wednesday,
        "thursday" | "thursdays" | "thurs" => Weekday::Thursday,
        "friday" | "fridays" | "fri" => Weekday::Friday,
        "saturday" | "saturdays" => Weekday::Saturday,
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

fn month(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sept" | "sep" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

fn days(date: Date, n: i64) -> Date {
    date.checked_add(n.days()).unwrap_or(date)
}

/// The next day of that name, today excluded.
fn coming(today: Date, day: Weekday) -> Date {
    let ahead = i64::from(today.weekday().until(day));
    days(today, if ahead == 0 { 7 } else { ahead })
}

/// Monday of the week of a date.
fn monday(date: Date) -> Date {
    days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}

fn one(start: Date) -> Days {
    Days {
        start,
        end: None,
        weekday: false,
        ambiguous: false,
    }
}

fn span(start: Date, end: Date) -> Days {
    Days {
        start,
        end: Some(end),
        weekday: false,
        ambiguous: false,
    }
}

/// A small counting number at `at`.
fn count(heard: &Heard, at: usize) -> Option<(i64, usize)> {
    if heard.tokens.get(at)?.any(&["a", "an"]) {
        if heard.word(at + 1) == "couple" {
            return Some((2, if heard.word(at + 2) == "of" { 3 } else { 2 }));
        }
        return Some((1, 1));
    }
    if heard.word(at) == "couple" {
        return Some((2, if heard.word(at + 1) == "of" { 2 } else { 1 }));
    }
    let token = &heard.tokens[at];
    match token.num {
        Num::Digit(d) => Some((d.into(), 1)),
        Num::Teen(t) => Some((t.into(), 1)),
        Num::Literal if token.text.len() <= 2 => Some((token.text.parse().ok()?, 1)),
        Num::Homophone(2) if token.is("two") => Some((2, 1)),
        Num::Tens(t) => Some((i64::from(t) * 10, 1)),
        _ => None,
    }
}

/// A day of the month at `at`: "first", "1st", "twenty third", "23".
fn month_day(heard: &Heard, at: usize, cardinal: bool) -> Option<(i8, usize)> {
    let token = heard.tokens.get(at)?;
    let (n, used) = match token.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t @ 2..=3) => match heard.tokens.get(at + 1).map(|t| t.num) {
            Some(Num::Ordinal(n)) if n < 10 => (u16::from(t) * 10 + n, 2),
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
    let run = number::run_at(&heard.tokens, at)?;
    if heard.tokens[at].glue == Some(':') {
        return None;
    }
    let used = run.end - at;
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
fn calendar_date(heard: &Heard, at: usize, today: Date, past: bool) -> Option<(Date, usize)> {
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

/// A day at `at`, against the day of the call.
fn day_at(heard: &Heard, at: usize, today: Date) -> Option<(Days, usize)> {
    let w = |i: usize| heard.word(at + i);
    match w(0) {
        "today" | "tonight" | "today's" => return Some((one(today), 1)),
        "tomorrow" | "tomorrow's" => {
            // "a week from tomorrow" is caught where it begins.
            return Some((one(days(today, 1)), 1));
        }
        "yesterday" => return Some((one(days(today, -1)), 1)),
        "this" if matches!(w(1), "morning" | "afternoon" | "evening") => {
            return Some((one(today), 1));
        }
        "last" if w(1) == "night" => return Some((one(days(today, -1)), 2)),
        _ => {}
    }
    if w(0) == "the" && w(1) == "day" && w(2) == "after" && w(3) == "tomorrow" {
        return Some((one(days(today, 2)), 4));
    }
    if w(0) == "day" && w(1) == "after" && w(2) == "tomorrow" {
        return Some((one(days(today, 2)), 3));
    }
    if w(0) == "day" && w(1) == "before" && w(2) == "yesterday" {
        return Some((one(days(today, -2)), 3));
    }
    if w(0) == "the" && w(1) == "day" && w(2) == "before" && w(3) == "yesterday" {
        return Some((one(days(today, -2)), 4));
    }
    // "a week from monday", "two weeks from friday", "three days from now", "a week ago", "in two weeks", "ten days ago"
    let in_front = usize::from(w(0) == "in");
    if let Some((n, used)) = count(heard, at + in_front) {
        let unit = w(in_front + used);
        let step = match unit {
            "day" | "days" => Some(n),
            "week" | "weeks" => Some(n * 7),
            _ => None,
        };
        let after = in_front + used + 1;
        if let Some(step) = step {
            if w(after) == "from"
                && let Some((base, more)) = day_at(heard, at + after + 1, today)
                && base.end.is_none()
            {
                return Some((one(days(base.start, step)), after + 1 + more));
            }
            if w(after) == "from" && matches!(w(after + 1), "now" | "today") || w(after) == "out" {
                return Some((
                    one(days(today, step)),
                    after + if w(after) == "out" { 1 } else { 2 },
                ));
            }
            if w(after) == "ago" {
                if w(after + 1) == "on" || weekday(w(after + 1)).is_some() {
                    let skip = usize::from(w(after + 1) == "on");
                    if let Some(day) = weekday(w(after + 1 + skip)) {
                        // "two weeks ago on friday": that weekday of that week.
                        let base = monday(days(today, -step));
                        return Some((
                            one(days(base, i64::from(day.to_monday_zero_offset()))),
                            after + 2 + skip,
                        ));
                    }
                }
                return Some((one(days(today, -step)), after + 1));
            }
            if in_front == 1 {
                return Some((one(days(today, step)), after));
            }
        }
        if matches!(unit, "month" | "months") && w(after) == "ago" {
            return Some((
                one(today.checked_sub(n.months()).unwrap_or(today)),
                after + 1,
            ));
        }
        if matches!(unit, "month" | "months") && in_front == 1 {
            return Some((one(today.checked_add(n.months()).unwrap_or(today)), after));
        }
        if matches!(unit, "year" | "years") && w(after) == "ago" {
            return Some((
                one(today.checked_sub(n.years()).unwrap_or(today)),
                after + 1,
            ));
        }
    }
    // weeks, weekends, months
    let the = usize::from(w(0) == "the");
    match (w(the), w(the + 1), w(the + 2)) {
        ("week", "after", "next") => {
            let start = days(monday(today), 14);
            return Some((span(start, days(start, 7)), the + 3));
        }
        ("following", "week", _) => {
            let start = days(monday(today), 14);
            return Some((span(start, days(start, 7)), the + 2));
        }
        ("week", "of", _) => {
            let skip = usize::from(w(the + 2) == "the");
            if let Some((d, used)) = calendar_date(heard, at + the + 2, today, false)
                .map(|(d, u)| (d, the + 2 + u))
                .or_else(|| {
                    month_day(heard, at + the + 2 + skip, false)
                        .and_then(|(d, u)| Some((next_month_day(today, d)?, the + 2 + skip + u)))
                })
            {
                let start = monday(d);
                return Some((span(start, days(start, 7)), used));
            }
        }
        ("end", "of", next) | ("last", "day", next) if !next.is_empty() => {
            let shift = usize::from(w(the + 1) == "day") + the + 2;
            let mut i = shift;
            while matches!(w(i), "of" | "the" | "this") {
                i += 1;
            }
            let next_one = w(i) == "next";
            i += usize::from(next_one);
            match w(i) {
                "month" => {
                    let base = if next_one {
                        today
                            .first_of_month()
                            .checked_add(1.month())
                            .unwrap_or(today)
                    } else {
                        today
                    };
                    return Some((one(base.last_of_month()), i + 1));
                }
                "week" => {
                    let base = if next_one {
                        days(monday(today), 7)
                    } else {
                        monday(today)
                    };
                    return Some((one(days(base, 4)), i + 1));
                }
                _ => {}
            }
        }
        ("weekend", _, _) => {
            let sat = if matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday) {
                days(monday(today), 5)
            } else {
                coming(today, Weekday::Saturday)
            };
            return Some((span(sat, days(sat, 2)), the + 1));
        }
        ("first", "of", "the") if w(the + 3) == "month" || w(the + 3) == "year" => {
            let first = today
                .first_of_month()
                .checked_add(1.month())
                .unwrap_or(today);
            return Some((one(first), the + 4));
        }
        ("first", "of", "next") if w(the + 3) == "month" => {
            let first = today
                .first_of_month()
                .checked_add(1.month())
                .unwrap_or(today);
            return Some((one(first), the + 4));
        }
        ("beginning" | "start", "of", "next") if w(the + 3) == "week" => {
            return Some((one(days(monday(today), 7)), the + 4));
        }
        _ => {}
    }
    match (w(0), w(1)) {
        ("next", "week") => {
            let start = days(monday(today), 7);
            // "next week on tuesday", "next week tuesday"
            let skip = usize::from(w(2) == "on") + usize::from(w(2) == "like" || w(2) == "maybe");
            if let Some(day) = weekday(w(2 + skip)) {
                return Some((
                    one(days(start, i64::from(day.to_monday_zero_offset()))),
                    3 + skip,
                ));
            }
            return Some((span(start, days(start, 7)), 2));
        }
        ("this", "week") => return Some((span(today, days(monday(today), 7)), 2)),
        ("this" | "the" | "coming", "weekend") => {
            let sat = if matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday) {
                days(monday(today), 5)
            } else {
                coming(today, Weekday::Saturday)
            };
            return Some((span(sat, days(sat, 2)), 2));
        }
        ("next", "weekend") => {
            let sat = days(
                coming(today, Weekday::Saturday),
                if today.weekday() == Weekday::Saturday || today.weekday() == Weekday::Sunday {
                    0
                } else {
                    7
                },
            );
            return Some((span(sat, days(sat, 2)), 2));
        }
        ("next", "month") => {
            let first = today
                .first_of_month()
                .checked_add(1.month())
                .unwrap_or(today);
            return Some((
                span(first, first.checked_add(1.month()).unwrap_or(first)),
                2,
            ));
        }
        ("last", "week") => return Some((one(days(today, -7)), 2)),
        ("last", "month") => return Some((one(today.checked_sub(1.month()).unwrap_or(today)), 2)),
        _ => {}
    }
    // "next week tuesday" is above; "tuesday next week", "this coming friday", "a week friday"
    let (lead, skip) = match (w(0), w(1)) {
        ("this", "coming") | ("this", "past") => (w(1), 2),
        ("the", "coming" | "following" | "next") => (w(1), 2),
        ("next" | "this" | "coming" | "last" | "past" | "following", _) => (w(0), 1),
        _ => ("", 0),
    };
    if let Some(day) = weekday(w(skip)) {
        let mut end = skip + 1;
        let near = coming(today, day);
        let mut out = Days {
            start: near,
            end: None,
            weekday: true,
            ambiguous: false,
        };
        match lead {
            "last" | "past" => {
                let back = i64::from(day.until(today.weekday()));
                out.start = days(today, -if back == 0 { 7 } else { back });
                out.weekday = false;
            }
            "next" => {
                // In the week that has not begun yet both readings are the same; else the coming one, unless it is only a few
                // days off, when most people mean the week after; agreement settles it.
                let same_week = monday(near) == monday(today);
                if same_week {
                    out.start = days(near, 7);
                    out.ambiguous = true;
                }
            }
            _ => {
                if w(end) == "week" {
                    out.start = days(near, 7);
                    out.weekday = false;
                    end += 1;
                } else if w(end) == "next" && w(end + 1) == "week"
                    || w(end) == "of" && w(end + 1) == "next" && w(end + 2) == "week"
                {
                    out.start = days(
                        days(monday(today), 7),
                        i64::from(day.to_monday_zero_offset()),
                    );
                    out.weekday = false;
                    end += if w(end) == "of" { 3 } else { 2 };
                } else if w(end) == "after" && w(end + 1) == "next" {
                    out.start = days(
                        days(monday(today), 7 + 7),
                        i64::from(day.to_monday_zero_offset()),
                    );
                    out.weekday = false;
                    end += 2;
                }
            }
        }
        // "monday the second", "monday june first", "monday 3/30", "monday after thanksgiving" (unknown)
        if let Some((date, used)) =
            calendar_date(heard, at + end, today, matches!(lead, "last" | "past"))
        {
            out.start = date;
            out.weekday = false;
            out.ambiguous = false;
            end += used;
        } else {
            let the = usize::from(w(end) == "the");
            if let Some((d, used)) = month_day(heard, at + end + the, the == 1).filter(|_| {
                the == 1
                    || matches!(
                        heard.tokens.get(at + end).map(|t| t.num),
                        Some(Num::Ordinal(_)) | Some(Num::Tens(_))
                    )
            }) && let Some(date) = next_month_day(today, d)
                && !street_follows(heard, at + end + the + used)
            {
                if date.weekday() == day {
                    out.start = date;
                    out.weekday = false;
                    out.ambiguous = false;
                } else {
                    // The number and the weekday disagree; the weekday is what people get right.
                    out.ambiguous = true;
                }
                end += the + used;
            }
        }
        return Some((out, end));
    }
    if let Some((date, used)) = calendar_date(heard, at, today, false) {
        return Some((one(date), used));
    }
    // "the thirtieth"
    if w(0) == "the"
        && let Some((d, used)) = month_day(heard, at + 1, false)
        && !street_follows(heard, at + 1 + used)
        && !matches!(
            w(1 + used),
            "one"
                | "floor"
                | "time"
                | "of"
                | "option"
                | "slot"
                | "two"
                | "thing"
                | "appointment"
                | "house"
                | "building"
                | "available"
                | "opening"
                | "window"
                | "visit"
                | "day"
                | "week"
                | "month"
                | "year"
                | "and"
                | "grade"
                | "name"
                | "number"
                | "place"
                | "half"
                | "digit"
                | "door"
                | "bedroom"
                | "story"
                | "light"
                | "person"
        )
        && (d > 2
            || heard.tokens.get(at + 1).is_some_and(|t| {
                matches!(t.num, Num::Ordinal(_)) && t.text.starts_with(|c: char| c.is_ascii_digit())
            })
            || heard.tokens.get(at + 1 + used).is_none_or(|t| {
                t.any(&[
                    "at",
                    "works",
                    "is",
                    "between",
                    "in",
                    "morning",
                    "afternoon",
                    "okay",
                    "then",
                    "from",
                ])
            }) && w(0) == "the"
                && heard
                    .tokens
                    .get(at.wrapping_sub(1))
                    .is_none_or(|t| !t.any(&["take", "do", "be", "want", "with"])))
        && let Some(date) = next_month_day(today, d)
    {
        return Some((one(date), 1 + used));
    }
    None
}

fn street_follows(heard: &Heard, at: usize) -> bool {
    heard.tokens.get(at).is_some_and(|t| {
        matches!(
            super::gazetteer::tables().suffix(&t.text),
            Some("street" | "avenue" | "road" | "drive" | "lane" | "place" | "court")
        )
    })
}

fn next_month_day(today: Date, day: i8) -> Option<Date> {
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

/// Half of the day that the words around name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
    Unknown,
}

/// "am", "p m", "in the morning", "at night" at `at`.
fn half_at(heard: &Heard, at: usize) -> (Half, usize) {
    let w = |i: usize| heard.word(at + i);
    match (w(0), w(1), w(2)) {
        ("am", ..) => (Half::Am, 1),
        ("pm", ..) => (Half::Pm, 1),
        ("a", "m", _) => (Half::Am, 2),
        ("p", "m", _) => (Half::Pm, 2),
        ("in", "the", "morning") => (Half::Am, 3),
        ("in", "the", "afternoon" | "evening") => (Half::Pm, 3),
        ("at", "night", _) => (Half::Pm, 2),
        ("tonight", ..) => (Half::Pm, 0),
        _ => (Half::Unknown, 0),
    }
}

/// Hour and minute at `at`, the tokens used, and whether the form alone says it is a clock time.
fn hour_minute(heard: &Heard, at: usize) -> Option<(u16, u16, usize, bool)> {
    let token = heard.tokens.get(at)?;
    let w = |i: usize| heard.word(at + i);
    if let Some((h, m)) = token.text.split_once(':') {
        let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
        return (h < 24 && m < 60).then_some((h, m, 1, true));
    }
    match w(0) {
        "noon" | "midday" | "lunchtime" => return Some((12, 0, 1, true)),
        "midnight" => return Some((0, 0, 1, true)),
        "half" if w(1) == "past" => {
            return hour_minute(heard, at + 2).map(|(h, _, u, _)| (h, 30, u + 2, true));
        }
        "quarter" if matches!(w(1), "past" | "after") => {
            return hour_minute(heard, at + 2).map(|(h, _, u, _)| (h, 15, u + 2, true));
        }
        "quarter" if matches!(w(1), "to" | "till" | "of") => {
            return hour_minute(heard, at + 2).map(|(h, _, u, _)| {
                (
                    if h == 1 { 12 } else { h.saturating_sub(1) },
                    45,
                    u + 2,
                    true,
                )
            });
        }
        "a" if w(1) == "quarter" => {
            return hour_minute(heard, at + 1).map(|(h, m, u, f)| (h, m, u + 1, f));
        }
        _ => {}
    }
    let hour: u16 = match token.num {
        Num::Digit(d) if d > 0 => d.into(),
        Num::Teen(n @ 10..=12) => n.into(),
        Num::Literal
            if token.text.len() <= 2
                && !matches!(token.glue, Some('-' | '/' | '$' | '.' | '#')) =>
        {
            token.text.parse().ok().filter(|h| (1..=12).contains(h))?
        }
        Num::Literal if (3..=4).contains(&token.text.len()) && token.glue.is_none() => {
            // "930" where a time is meant; only with am or pm beside it.
            let n: u16 = token.text.parse().ok()?;
            let (h, m) = (n / 100, n % 100);
            if !(1..=12).contains(&h) || m >= 60 || half_at(heard, at + 1).0 == Half::Unknown {
                return None;
            }
            return Some((h, m, 1, true));
        }
        _ => return None,
    };
    if heard
        .tokens
        .get(at + 1)
        .is_some_and(|t| t.glue == Some('-') && t.num == Num::Literal && t.text.len() > 2)
    {
        return None;
    }
    // minutes
    if token.stop == Stop::None {
        match (
            heard.tokens.get(at + 1).map(|t| t.num),
            heard.tokens.get(at + 2).map(|t| t.num),
        ) {
            (Some(Num::Tens(t)), Some(Num::Digit(d))) if t < 6 && d > 0 => {
                return Some((hour, u16::from(t) * 10 + u16::from(d), 3, true));
            }
            (Some(Num::Tens(t)), _) if t < 6 => return Some((hour, u16::from(t) * 10, 2, true)),
            (Some(Num::Teen(m)), _) => return Some((hour, m.into(), 2, true)),
            (Some(Num::Oh), Some(Num::Digit(d))) => return Some((hour, d.into(), 3, true)),
            (Some(Num::Literal), _)
                if w(1).len() == 2
                    && heard.tokens[at + 1].glue.is_none()
                    && token.num == Num::Literal
                    && w(1).parse::<u16>().is_ok_and(|m| m < 60 && m % 5 == 0) =>
            {
                return Some((hour, w(1).parse().ok()?, 2, false));
            }
            _ => {}
        }
    }
    match w(1) {
        "o'clock" | "oclock" => return Some((hour, 0, 2, true)),
        "ish" => return Some((hour, 0, 2, true)),
        "o" if w(2) == "clock" => return Some((hour, 0, 3, true)),
        _ => {}
    }
    Some((hour, 0, 1, false))
}

/// The minute of the day; a bare hour falls into opening hours.
fn resolve(hour: u16, minute: u16, half: Half, evening: bool) -> Minute {
    let h = match half {
        Half::Am => hour % 12,
        Half::Pm => hour % 12 + 12,
        Half::Unknown if hour >= 13 || hour == 0 => hour,
        Half::Unknown if evening && (4..12).contains(&hour) => hour + 12,
        Half::Unknown if hour < 7 => hour + 12,
        Half::Unknown => hour,
    };
    h * 60 + minute
}

/// A time or a range at `at`. `led`: words before make a bare hour a time.
fn clock_at(heard: &Heard, at: usize, led: bool, evening: bool) -> Option<(Clock, usize)> {
    let w = |i: usize| heard.word(at + i);
    let (h, m, used, firm) = match hour_minute(heard, at) {
        Some(found) => found,
        // "too to four": the recogniser wrote two as too.
        None if matches!(w(0), "too" | "to" | "for")
            && matches!(w(1), "to" | "and")
            && hour_minute(heard, at + 2).is_some() =>
        {
            (if w(0) == "for" { 4 } else { 2 }, 0, 1, false)
        }
        None => return None,
    };
    let mut end = used;
    let (mut half, more) = half_at(heard, at + end);
    end += more;
    // a second time: "to four", "and noon", "till five"
    let joiner = w(end);
    let range = matches!(joiner, "to" | "till" | "til" | "until" | "through" | "thru")
        || heard
            .tokens
            .get(at + end)
            .is_some_and(|t| t.glue == Some('-'))
        || joiner == "and"
            && heard
                .hits
                .0
                .iter()
                .any(|_| heard.word(at.wrapping_sub(1)) == "between");
    if range && !heard.tokens[at + end - 1].ends_clause() {
        let skip = usize::from(
            heard
                .tokens
                .get(at + end)
                .is_none_or(|t| t.glue != Some('-')),
        );
        let second = hour_minute(heard, at + end + skip)
            .or_else(|| (w(end + skip) == "for").then_some((4, 0, 1, false)));
        if let Some((h2, m2, used2, _)) = second {
            let after = end + skip + used2;
            let (half2, more2) = half_at(heard, at + after);
            if half == Half::Unknown && half2 != Half::Unknown {
                // "ten to two pm": the half of the end holds for the start unless that would turn them round.
                half = if half2 == Half::Pm && (h % 12) > (h2 % 12) {
                    Half::Am
                } else {
                    half2
                };
            }
            let start = resolve(h, m, half, evening);
            let mut stop = resolve(h2, m2, half2, evening);
            if stop <= start && stop + 720 < 1440 + 1 {
                stop += 720;
            }
            if stop > start && stop <= 1440 {
                let bare = !firm && half == Half::Unknown && half2 == Half::Unknown;
                // Two bare numbers with "to" between are a time only where times are meant.
                if !bare || led || stop - start <= 6 * 60 {
                    return Some((
                        Clock {
                            start,
                            end: Some(stop),
                            part: false,
                        },
                        after + more2,
                    ));
                }
            }
        }
    }
    if !(firm || half != Half::Unknown || led) {
        return None;
    }
    Some((
        Clock {
            start: resolve(h, m, half, evening),
            end: None,
            part: false,
        },
        end,
    ))
}

/// Parts of the day.
fn part_at(heard: &Heard, at: usize) -> Option<(Clock, usize)> {
    let w = |i: usize| heard.word(at + i);
    let part = |start: u16, end: u16| Clock {
        start: start * 60,
        end: Some(end * 60),
        part: true,
    };
    let skip = usize::from(matches!(w(0), "early" | "late" | "mid"));
    let out = match w(skip) {
        "morning" | "mornings" | "morning's" => part(8, 12),
        "afternoon" | "afternoons" | "afternoon's" => part(12, 17),
        "evening" | "evenings" | "tonight" | "night" => part(17, 20),
        "first" if w(skip + 1) == "thing" => return Some((part(8, 12), skip + 2)),
        _ => return None,
    };
    Some((out, skip + 1))
}

/// Words that make a bare hour after them a time.
const LEADS: &[&str] = &[
    "at", "after", "before", "by", "between", "around", "about", "until", "till", "til", "from",
    "say", "past", "like", "maybe", "noon", "or",
];

/// The days and times of a turn. `timely`: times are being talked about, so that a bare hour after a day counts.
pub fn mentions(heard: &Heard, today: Date, timely: bool) -> Vec<TimeMention> {
    let n = heard.tokens.len();
    let mut out: Vec<TimeMention> = Vec::new();
    let evening_near = heard
        .tokens
        .iter()
        .any(|t| t.any(&["tonight", "evening", "evenings"]));
    let mut at = 0;
    while at < n {
        if heard.taken[at] {
            at += 1;
            continue;
        }
        if let Some((day, used)) =
            day_at(heard, at, today).filter(|(_, u)| !heard.is_taken(at, at + u))
        {
            let mut end = at + used;
            let mut clock = None;
            let mut bound = bound_before(heard, at);
            // what stands between day and time: "at", "between", "in the", "from", "after", "anytime"
            let mut j = end;
            while j < n
                && j < end + 4
                && !heard.tokens[j - 1].ends_clause()
                && heard.tokens[j].any(&[
                    "at", "between", "in", "the", "from", "around", "about", "any", "time",
                    "anytime", "sometime", "like", "say", "maybe", "is", "for", "would", "be",
                    "works", "we", "have", "could", "do", "um", "it's", "that's", "i",
                ])
            {
                if heard.tokens[j].is("for") && hour_minute(heard, j + 1).is_none() {
                    break;
                }
                j += 1;
            }
            if heard
                .tokens
                .get(j)
                .is_some_and(|t| t.any(&["after", "before", "by", "past"]))
            {
                let b = match heard.word(j) {
                    "after" | "past" => Bound::After,
                    _ => Bound::Before,
                };
                if let Some((c, used)) = clock_at(heard, j + 1, true, evening_near) {
                    clock = Some(c);
                    bound = b;
                    end = j + 1 + used;
                }
            } else if let Some((c, used)) = clock_at(
                heard,
                j,
                j > end || timely && heard.word(j) != "one",
                evening_near || heard.tokens[at].is("tonight"),
            ) {
                clock = Some(c);
                end = j + used;
            } else if let Some((c, used)) = part_at(heard, j) {
                clock = Some(c);
                end = j + used;
                // "tomorrow morning at nine", "friday afternoon after three"
                let mut k = end;
                while heard.tokens.get(k).is_some_and(|t| {
                    t.any(&["at", "around", "between", "from", "like", "about", "say"])
                }) {
                    k += 1;
                }
                let after = heard.word(k) == "after";
                if let Some((inner, used)) = clock_at(
                    heard,
                    k + usize::from(after),
                    k > end || after,
                    c.start >= 17 * 60,
                ) {
                    let inner = into_part(inner, c);
                    clock = Some(inner);
                    end = k + usize::from(after) + used;
                    if after {
                        bound = Bound::After;
                    }
                }
            } else if heard.tokens[at].is("tonight") {
                clock = part_at(heard, at).map(|p| p.0);
            }
            if heard.tokens[at].is("this") {
                clock = clock.or_else(|| part_at(heard, at + 1).map(|p| p.0));
                end = end.max(at + 2);
            }
            let plural = heard.tokens[at].text.ends_with("days")
                && weekday(&heard.tokens[at].text).is_some();
            let busy = plural
                && (end..heard.tokens.len().min(end + 4)).any(|i| {
                    heard.tokens[i].any(&[
                        "have", "work", "teach", "dialysis", "got", "can't", "busy", "class", "out",
                    ])
                });
            let negated = busy || negated_before(heard, at, end);
            let past = day.end.is_none() && day.start < today;
            out.push(TimeMention {
                start: at,
                end,
                day: Some(day),
                clock,
                bound,
                negated,
                past,
            });
            at = end.max(at + 1);
            continue;
        }
        let before = heard.word(at.wrapping_sub(1));
        let led = LEADS.contains(&before) && at > 0 || timely && heard.word(at).ends_with("'s");
        if let Some((clock, used)) =
            clock_at(heard, at, led || timely && bare_ok(heard, at), evening_near)
                .filter(|(_, u)| !heard.is_taken(at, at + u))
            && !counts_something(heard, at, used)
        {
            let mut end = at + used;
            let bound = bound_before(heard, at);
            let negated = negated_before(heard, at, end);
            // "nine on thursday", "at three tomorrow", "ten in the morning on friday"
            let mut j = end;
            while j < n
                && j < end + 2
                && !heard.tokens[j - 1].ends_clause()
                && heard.tokens[j].any(&["on", "this", "that"])
            {
                j += 1;
            }
            let mut day = None;
            if !heard.tokens[end - 1].ends_clause()
                && let Some((d, used)) =
                    day_at(heard, j, today).or_else(|| day_at(heard, end, today))
            {
                let from = if day_at(heard, j, today).is_some() {
                    j
                } else {
                    end
                };
                // "at nine or friday at eleven": the day after "or" has its own time.
                if !(heard.word(from + used) == "at"
                    && hour_minute(heard, from + used + 1).is_some())
                {
                    day = Some(d);
                    end = from + used;
                }
            }
            out.push(TimeMention {
                start: at,
                end,
                day,
                clock: Some(clock),
                bound,
                negated,
                past: false,
            });
            at = end.max(at + 1);
            continue;
        }
        if let Some((clock, used)) = part_at(heard, at)
            && !matches!(before, "good" | "this" | "last")
            && !(heard.tokens[at].any(&["night"])
                || heard.tokens[at].is("first") && !timely && !before.is_empty())
        {
            let mut end = at + used;
            let mut c = clock;
            let mut day = None;
            let mut j = end;
            while j < n && j < end + 2 && heard.tokens[j].any(&["on", "at", "like", "around"]) {
                j += 1;
            }
            if let Some((inner, used)) = clock_at(heard, j, j > end, clock.start >= 17 * 60) {
                c = into_part(inner, clock);
                end = j + used;
            } else if let Some((d, used)) =
                day_at(heard, j, today).filter(|_| !heard.tokens[end - 1].ends_clause())
            {
                day = Some(d);
                end = j + used;
            }
            let negated = negated_before(heard, at, end);
            out.push(TimeMention {
                start: at,
                end,
                day,
                clock: Some(c),
                bound: bound_before(heard, at),
                negated,
                past: false,
            });
            at = end;
            continue;
        }
        at += 1;
    }
    out
}

fn into_part(inner: Clock, part: Clock) -> Clock {
    // "afternoon at three" is 15:00 however the hour was read.
    let mut start = inner.start;
    if part.start >= 12 * 60 && start < 12 * 60 && start + 720 < 1440 {
        start += 720;
    }
    if part.end == Some(12 * 60) && start >= 12 * 60 + 60 {
        start -= 720;
    }
    Clock { start, ..inner }
}

/// A bare hour that fills the answer: "three", "um like ten".
fn bare_ok(heard: &Heard, at: usize) -> bool {
    heard.tokens.len() <= 6 && !matches!(heard.word(at), "one") || heard.tokens.len() <= 2
}

/// The number counts something: "two bedrooms", "three days".
fn counts_something(heard: &Heard, at: usize, used: usize) -> bool {
    let next = heard.word(at + used);
    let rate = matches!(
        (next, heard.word(at + used + 1)),
        ("an" | "a" | "per", "hour" | "day" | "visit" | "month")
    );
    let thing = rate
        || matches!(
            next,
            "days"
                | "day"
                | "weeks"
                | "week"
                | "hours"
                | "hour"
                | "minutes"
                | "minute"
                | "months"
                | "years"
                | "times"
                | "people"
                | "kids"
                | "bedroom"
                | "bedrooms"
                | "guys"
                | "dollars"
                | "bucks"
                | "hundred"
                | "thousand"
                | "percent"
                | "miles"
                | "of"
                | "more"
                | "feet"
                | "foot"
                | "blocks"
                | "floors"
                | "pills"
                | "month"
                | "year"
                | "units"
                | "milligrams"
                | "boxes"
                | "story"
        );
    let address = (at + used..at + used + 4).any(|i| {
        heard.tokens.get(i).is_some_and(|t| {
            matches!(
                super::gazetteer::tables().suffix(&t.text),
                Some(
                    "street"
                        | "avenue"
                        | "road"
                        | "drive"
                        | "lane"
                        | "boulevard"
                        | "court"
                        | "highway"
                )
            )
        })
    });
    thing
        || address
        || matches!(
            heard.word(at.wrapping_sub(1)),
            "unit" | "apartment" | "number" | "code" | "chapter" | "route" | "highway" | "level"
        )
}

fn bound_before(heard: &Heard, at: usize) -> Bound {
    let w1 = heard.word(at.wrapping_sub(1));
    let w2 = heard.word(at.wrapping_sub(2));
    match w1 {
        "after" | "past" => Bound::After,
        "from" if !heard.tokens.get(at).is_some_and(|_| false) => Bound::At,
        "before" => Bound::Before,
        "by" => Bound::By,
        "until" | "till" | "til" => Bound::Before,
        "than" if matches!(w2, "later") => Bound::Before,
        "than" if matches!(w2, "earlier" | "sooner" | "before") => Bound::After,
        "the" if w2 == "by" => Bound::By,
        "the" if w2 == "before" => Bound::Before,
        _ => Bound::At,
    }
}

fn negated_before(heard: &Heard, at: usize, end: usize) -> bool {
    let from = heard.clause_start(at).max(at.saturating_sub(7));
    let cannot = heard
        .hits
        .cue(Cue::Cannot)
        .filter(|h| h.start >= from && h.start < at.max(from + 1))
        .map(|h| h.start)
        .max();
    let but = (from..at)
        .rev()
        .find(|i| {
            heard.tokens[*i].any(&["but", "so", "how", "what", "maybe", "could", "let's", "can"])
        })
        .filter(|i| *i > from);
    let before = cannot.is_some_and(|c| but.is_none_or(|b| c > b))
        || heard.word(at.wrapping_sub(1)) == "not"
        || heard.word(at.wrapping_sub(2)) == "not"
            && matches!(heard.word(at.wrapping_sub(1)), "on" | "a" | "the")
        || heard.word(at.wrapping_sub(3)) == "not" && heard.word(at.wrapping_sub(2)) == "on";
    let after = matches!(
        (heard.word(end), heard.word(end + 1)),
        ("doesn't" | "don't" | "won't" | "isn't", _)
            | (
                "is" | "are" | "would",
                "out" | "bad" | "not" | "no" | "tough" | "hard"
            )
    ) || matches!(
        (heard.word(end), heard.word(end + 1), heard.word(end + 2)),
        ("i" | "we", "can't" | "cannot" | "won't", _)
            | (
                "i'm" | "we're",
                "not" | "out" | "busy" | "working" | "booked",
                _
            )
            | ("is", "no", "good")
    );
    before || after
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
        let groups: Vec<usize> = run.groups.iter().map(String::len).collect();
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

/// A date in the past from `at`: a year left out is the last such date.
pub fn past_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some(found) = calendar_date(heard, at, today, true) {
        return Some(found);
    }
    let (days_found, used) = day_at(heard, at, today)?;
    let mut date = days_found.start;
    if days_found.weekday && date > today {
        // "on Thursday" in a story is the last one.
        date = days(date, -7);
    } else if date > today && heard.word(at) == "the" {
        date = date.checked_sub(1.month()).unwrap_or(date);
    }
    (days_found.end.is_none() && date <= today).then_some((date, used))
}

/// A date to come from `at`.
pub fn future_date(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let (found, used) = day_at(heard, at, today)?;
    (found.end.is_none() && found.start >= today).then_some((found.start, used))
}
