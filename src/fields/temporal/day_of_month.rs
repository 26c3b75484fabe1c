//! Days by their number alone: "the thirtieth", "the 9th, a Wednesday", and which month's they are.

use crate::fields::word_set::{WordSet, words};
use jiff::civil::{Date, Weekday};

use super::calendar::{month, month_day, street_follows, weekday};
use super::day::{Found, months, one};
use super::{Days, Frame};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;

/// How many days a day lies away from a day or a span of days.
pub(super) fn away(from: Days, date: Date) -> i32 {
    if from.end.is_some_and(|end| from.start <= date && date < end) {
        return 0;
    }
    from.start.until(date).map_or(999, |s| s.get_days().abs())
}

/// The days of that number in the coming half year.
fn months_with(today: Date, day: i8) -> impl Iterator<Item = Date> {
    let first = today.first_of_month();
    (0..6)
        .map(move |n| months(first, n))
        .filter_map(move |m| Date::new(m.year(), m.month(), day).ok())
        .filter(move |d| *d >= today)
}

/// Words after "the first", "the second" that show that no day of the month is meant.
pub(super) const NO_DAY: &WordSet = words![
    "one",
    "floor",
    "level",
    "time",
    "of",
    "option",
    "slot",
    "two",
    "thing",
    "appointment",
    "house",
    "building",
    "available",
    "opening",
    "window",
    "visit",
    "day",
    "week",
    "month",
    "year",
    "and",
    "grade",
    "name",
    "number",
    "place",
    "half",
    "digit",
    "door",
    "bedroom",
    "story",
    "light",
    "person",
    "call",
    "payment",
    "dose",
    "shot",
    "trimester",
    "opinion",
    "bathroom",
    "party",
    "driver",
    "guy",
    "tech",
    "unit",
    "available",
    "i",
    "we",
    "i've",
    "we've",
    "he",
    "she",
    "they",
    "you",
];

/// Of these the ones that may well stand after a day: "the thirtieth I could", "on the thirtieth and", "the thirtieth two o'clock".
pub(super) const PRONOUNS: &WordSet = words![
    "and", "i", "we", "i've", "we've", "he", "she", "they", "you", "one", "two",
];

/// "the thirtieth".
pub(super) fn day_of_month(heard: &Heard, at: usize, frame: Frame) -> Found {
    let w = |i: usize| heard.word(at + i);
    if w(0) != "the" {
        // "Thirtieth works", "twenty ninth about eight".
        let (d, used) = month_day(heard, at, false)?;
        let judged = matches!(
            w(used),
            "at" | "about" | "around" | "works" | "would" | "sounds" | "between" | "then"
        );
        // "The 25th or 26th"
        let second = matches!(
            heard.word(at.wrapping_sub(1)),
            "or" | "and" | "through" | "thru"
        ) && heard
            .tokens
            .get(at.wrapping_sub(2))
            .is_some_and(|t| matches!(t.num, Num::Ordinal(n) if n > 3));
        let short = w(used.saturating_sub(1)).ends_with("'s");
        // "Twenty eighth I have noon only"
        let heads = heard.clause_start(at) == at
            && (PRONOUNS.has(w(used)) || heard.clause_end(at) == at + used);
        return (d > 3
            && (judged || short || second || heads)
            && heard.word(at.wrapping_sub(1)) != "the")
            .then(|| {
                let (day, more) = apposed(heard, at + used);
                Some((one(numbered(frame, d, day)?), used + more))
            })
            .flatten();
    }
    let (d, used) = month_day(heard, at + 1, false)?;
    let next = w(1 + used);
    // "The twenty eighth of this month"
    if next == "of" && matches!(w(2 + used), "this" | "next") && w(3 + used) == "month" {
        let ahead = i64::from(w(2 + used) == "next");
        let month = months(frame.today.first_of_month(), ahead);
        let date = Date::new(month.year(), month.month(), d).ok()?;
        return Some((one(date), 4 + used));
    }
    // "The 29th or the 30th of April": of the same month.
    if let Some(month) = month_shared(heard, at + 1 + used) {
        let this = Date::new(frame.today.year(), month, d).ok()?;
        let date = if this < frame.today {
            Date::new(frame.today.year() + 1, month, d).ok()?
        } else {
            this
        };
        return Some((one(date), 1 + used));
    }
    if street_follows(heard, at + 1 + used)
        || heard.tokens[at + used].stop == Stop::None
            && NO_DAY.has(next)
            && !((d > 3 || heard.word(at.wrapping_sub(1)) == "on") && PRONOUNS.has(next))
    {
        return None;
    }
    let written = heard.tokens.get(at + 1).is_some_and(|t| {
        matches!(t.num, Num::Ordinal(_)) && t.text.starts_with(|c: char| c.is_ascii_digit())
    });
    // "the first", "the second": mostly the first of two; a day only where the words after say so.
    let clear = d > 2
        || written
        || heard.word(at.wrapping_sub(1)) == "on"
        || heard.tokens.get(at + 1 + used).is_none_or(|t| {
            t.any(words![
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
                "or",
                "would",
            ])
        }) && !heard
            .tokens
            .get(at.wrapping_sub(1))
            .is_some_and(|t| t.any(words!["take", "do", "be", "want", "with"]));
    if !clear {
        return None;
    }
    let (day, more) = apposed(heard, at + 1 + used);
    Some((one(numbered(frame, d, day)?), 1 + used + more))
}

/// The month that stands behind another day: "or the 30th of April", "and eighteenth of May".
fn month_shared(heard: &Heard, at: usize) -> Option<i8> {
    if !matches!(heard.word(at), "or" | "and" | "through" | "thru" | "to") {
        return None;
    }
    let the = usize::from(heard.word(at + 1) == "the");
    let (_, used) = month_day(heard, at + 1 + the, the == 1)?;
    let of = at + 1 + the + used;
    (heard.word(of) == "of")
        .then(|| month(heard.word(of + 1)))
        .flatten()
}

/// "The nineteenth's a Thursday", "the 30th is a Monday", "the ninth, the Wednesday": the weekday says which month's it is.
fn apposed(heard: &Heard, at: usize) -> (Option<Weekday>, usize) {
    let is = usize::from(matches!(heard.word(at), "is" | "which" | "that's"));
    let is = is + usize::from(is > 0 && heard.word(at + is) == "is");
    // "The thirty first though, the Monday"
    let though = usize::from(heard.word(at) == "though");
    let at = at + though;
    let article = heard.word(at + is);
    match weekday(heard.word(at + is + 1)) {
        Some(day) if article == "a" || article == "the" && is == 0 => (Some(day), though + is + 2),
        _ => (None, 0),
    }
}

/// The day of that number: the next one, or the nearest to the days far ahead that are spoken of; on the weekday said with it.
pub(super) fn numbered(frame: Frame, number: i8, day: Option<Weekday>) -> Option<Date> {
    let dates = || months_with(frame.today, number);
    let fit = |date: &Date| day.is_none_or(|d| date.weekday() == d);
    let meant = |dates: &mut dyn Iterator<Item = Date>| match frame.far() {
        Some(far) => dates.min_by_key(|date| away(far, *date)),
        None => {
            let limit = frame.limit.unwrap_or(frame.today);
            let first = dates.next();
            dates.take_while(|date| *date <= limit).last().or(first)
        }
    };
    meant(&mut dates().filter(fit)).or_else(|| meant(&mut dates()))
}
