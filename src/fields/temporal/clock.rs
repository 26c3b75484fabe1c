//! Clock times and parts of the day: "half past nine", "two to four", "Friday afternoon"; a bare hour falls into opening hours.

use super::bare_hour::chosen_one;
use super::{Clock, Minute};
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

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
        ("this", "morning", _) | ("tomorrow", "morning", _) => (Half::Am, 0),
        ("this" | "tomorrow", "afternoon" | "evening", _) => (Half::Pm, 0),
        ("tonight", ..) => (Half::Pm, 0),
        _ => (Half::Unknown, 0),
    }
}

/// Hour and minute at `at`, the tokens used, and whether the form alone says it is a clock time.
pub(super) fn hour_minute(heard: &Heard, at: usize) -> Option<(u16, u16, usize, bool)> {
    let token = heard.tokens.get(at)?;
    let w = |i: usize| heard.word(at + i);
    let figures = token.text.starts_with(|c: char| c.is_ascii_digit());
    if figures && let Some((h, m)) = possessor(&token.text).split_once(':') {
        let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
        return (h < 24 && m < 60).then_some((h, m, 1, true));
    }
    match possessor(w(0)) {
        "noon" | "midday" | "lunchtime" | "noontime" => return Some((12, 0, 1, true)),
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
        // "Ten past five"
        _ if matches!(w(1), "past" | "after")
            && matches!(token.num, Num::Digit(5) | Num::Teen(10) | Num::Tens(2))
            && heard
                .tokens
                .get(at + 2)
                .is_some_and(|t| matches!(t.num, Num::Digit(_) | Num::Teen(10..=12))) =>
        {
            let minutes = match token.num {
                Num::Digit(m) => m.into(),
                Num::Teen(m) => m.into(),
                _ => 20,
            };
            return hour_minute(heard, at + 2)
                .filter(|(_, m, _, _)| *m == 0)
                .map(|(h, _, u, _)| (h, minutes, u + 2, true));
        }
        "a" if w(1) == "quarter" => {
            return hour_minute(heard, at + 1).map(|(h, m, u, f)| (h, m, u + 1, f));
        }
        _ if token.num == Num::None => return None,
        _ => {}
    }
    let next = heard.tokens.get(at + 1).map(|t| t.num);
    let text = possessor(&token.text);
    if chosen_one(heard, at) {
        return None;
    }
    let hour: u16 = match token.num {
        Num::Digit(d) if d > 0 => d.into(),
        // "at for thirty": the recogniser wrote four as for.
        Num::Homophone(d)
            if matches!(next, Some(Num::Tens(3..=4) | Num::Teen(15)))
                && !heard.tokens.get(at + 2).is_some_and(|t| {
                    t.any(words![
                        "minutes", "days", "dollars", "years", "bucks", "people", "percent",
                    ])
                })
                && at > 0
                && heard.tokens[at - 1].any(words![
                    "at", "the", "or", "around", "about", "until", "after", "before", "by",
                ]) =>
        {
            d.into()
        }
        // "Make it for", "can he do for", at the end of what is said.
        Num::Homophone(d) if ends_as_hour(heard, at, d) => d.into(),
        // "at won", "the won o'clock"
        Num::Homophone(d)
            if at > 0
                && (heard.tokens[at - 1].is("at")
                    && heard
                        .tokens
                        .get(at + 1)
                        .is_none_or(|t| t.any(words!["or", "on", "then", "okay", "tomorrow"]))
                    || heard
                        .tokens
                        .get(at + 1)
                        .is_some_and(|t| t.any(words!["o'clock", "oclock"]))) =>
        {
            d.into()
        }
        Num::Teen(n @ 10..=12) => n.into(),
        // "10's good"
        Num::Literal
            if text.len() <= 2 && !matches!(token.glue, Some('-' | '/' | '$' | '.' | '#')) =>
        {
            text.parse().ok().filter(|h| (1..=12).contains(h))?
        }
        Num::Literal if (3..=4).contains(&token.text.len()) && token.glue.is_none() => {
            // "930" where a time is meant: with am or pm beside it, or after "at" with nothing that it could be the number of.
            let n: u16 = token.text.parse().ok()?;
            let (h, m) = (n / 100, n % 100);
            let at_time = m % 5 == 0
                && heard.tokens.get(at.wrapping_sub(1)).is_some_and(|t| {
                    t.any(words!["at", "after", "before", "around", "until", "til"])
                })
                && (token.stop > Stop::None
                    || heard.tokens.get(at + 1).is_none_or(|t| {
                        t.any(words![
                            "on", "or", "works", "is", "would", "for", "if", "tomorrow", "please",
                        ])
                    }));
            let half = half_at(heard, at + 1).0 != Half::Unknown;
            // "0800"
            if token.text.len() == 4
                && token.text.starts_with('0')
                && h >= 5
                && m < 60
                && m % 5 == 0
            {
                return Some((h, m, 1, true));
            }
            if !(1..=12).contains(&h) || m >= 60 || !(half || at_time) {
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
            // "About three seventy five": a price, an address.
            (Some(Num::Tens(_)), _) => return None,
            (Some(Num::Teen(m)), _) => return Some((hour, m.into(), 2, true)),
            (Some(Num::Oh), Some(Num::Digit(d))) if heard.tokens[at + 1].stop == Stop::None => {
                return Some((hour, d.into(), 3, true));
            }
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
        "ish" => return Some((hour, 0, 2, true)),
        // "One o'clock'd be fine"
        word if word.starts_with("o'clock") || word.starts_with("oclock") => {
            return Some((hour, 0, 2, true));
        }
        // "2 oh clock", "two a clock": the recogniser's.
        "o" | "oh" | "a" | "0" if matches!(w(2), "clock" | "clock's") => {
            return Some((hour, 0, 3, true));
        }
        _ => {}
    }
    Some((hour, 0, 1, false))
}

/// "Can he do for", "make it ate": a word that the recogniser wrote for an hour, where nothing can follow it any more.
fn ends_as_hour(heard: &Heard, at: usize, hour: u8) -> bool {
    let ends = at + 1 == heard.tokens.len() || heard.tokens[at].ends_clause();
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    let made = matches!(back(1), "it" | "that") && matches!(back(2), "make" | "made");
    ends && match hour {
        4 => made || matches!(back(1), "do" | "at" | "say" | "around" | "about"),
        8 => made || matches!(back(1), "do" | "at" | "around" | "about"),
        1 | 2 => made || matches!(back(1), "at" | "around"),
        _ => false,
    }
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
pub(super) fn clock_at(
    heard: &Heard,
    at: usize,
    led: bool,
    evening: bool,
) -> Option<(Clock, usize)> {
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
    // Appointments begin at full minutes of five: "nine seventeen" is a house unless said to be a time.
    let odd = m % 5 != 0
        && half_at(heard, at + used).0 == Half::Unknown
        && !heard.tokens[at].text.contains(':')
        && !matches!(heard.word(at.wrapping_sub(1)), "at" | "about" | "around");
    if odd {
        return None;
    }
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
        || matches!(joiner, "and" | "an")
            && matches!(heard.word(at.wrapping_sub(1)), "between" | "tween")
        || joiner == "but" && w(end + 1) == "before";
    if range && !heard.tokens[at + end - 1].ends_clause() {
        let skip = usize::from(
            heard
                .tokens
                .get(at + end)
                .is_none_or(|t| t.glue != Some('-')),
        ) + usize::from(joiner == "but");
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
pub(super) fn part_at(heard: &Heard, at: usize) -> Option<(Clock, usize)> {
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
        // "friday after noon": the recogniser's afternoon.
        "after" if w(skip + 1) == "noon" && skip == 0 => {
            return Some((part(12, 17), 2));
        }
        // "In the a m"
        "am" | "pm" | "a" | "p"
            if heard.word(at.wrapping_sub(1)) == "the"
                && (w(0).len() == 2 || w(1) == "m")
                && heard.word(at.wrapping_sub(2)) == "in" =>
        {
            let half = if w(0).starts_with('a') {
                part(8, 12)
            } else {
                part(12, 17)
            };
            return Some((half, if w(0).len() == 2 { 1 } else { 2 }));
        }
        // "Friday's the first thing I have" is when the first opening is.
        "first"
            if w(skip + 1) == "thing"
                && (heard.word(at.wrapping_sub(1)) != "the" || w(skip + 2) == "in") =>
        {
            return Some((part(8, 12), skip + 2));
        }
        _ => return None,
    };
    Some((out, skip + 1))
}

pub(super) fn into_part(inner: Clock, part: Clock) -> Clock {
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
