//! Dates as they are told: which way they lie, in whatever order their parts come, and which of several is the exact one.

use crate::fields::word_set::{WordSet, words};
use jiff::civil::Date;

use crate::fields::cue::Cue;
use crate::fields::number;
use crate::fields::temporal;
use crate::fields::token::{self, Num, Stop, Token};
use crate::fields::turn::Heard;
use crate::fields::value::Value;

/// What a date field wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Birth,
    Past,
    Future,
    Any,
}

pub(super) fn direction(name: &str) -> Direction {
    if name.contains("birth") {
        Direction::Birth
    } else if name.contains("incident") || name.contains("accident") || name.contains("last_") {
        Direction::Past
    } else if name.contains("court")
        || name.contains("hearing")
        || name.contains("move")
        || name.contains("deadline")
        || name.contains("next")
    {
        Direction::Future
    } else {
        Direction::Any
    }
}

pub(super) fn read(
    heard: &Heard,
    at: usize,
    want: Direction,
    today: Date,
) -> Option<(Date, usize)> {
    match want {
        Direction::Birth => year_first(heard, at, today)
            .or_else(|| day_last(heard, at, today))
            .or_else(|| day_first(heard, at, today))
            .or_else(|| temporal::figures(heard, at, today)),
        Direction::Past => past(heard, at, today),
        Direction::Future => temporal::future_date(heard, at, today),
        Direction::Any => temporal::past_date(heard, at, today)
            .filter(|_| false)
            .or_else(|| temporal::future_date(heard, at, today))
            .or_else(|| temporal::past_date(heard, at, today)),
    }
}

/// A day gone by, with what stands behind it: "two weeks ago tomorrow" is a day less.
fn past(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    // "The fifth of this month", "the ninth of last month".
    if heard.word(at) == "the"
        && let Some(Num::Ordinal(day)) = heard.tokens.get(at + 1).map(|t| t.num)
        && heard.word(at + 2) == "of"
        && matches!(heard.word(at + 3), "this" | "last")
        && heard.word(at + 4) == "month"
    {
        let month = if heard.word(at + 3) == "last" {
            today.checked_sub(jiff::Span::new().months(1)).ok()?
        } else {
            today
        };
        let date = Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?;
        return (date <= today).then_some((date, 5));
    }
    // "Monday night, the twenty seventh"
    if temporal::names_weekday(heard.word(at))
        && heard.any(at + 1, words!["night", "morning", "afternoon", "evening"])
        && heard.word(at + 2) == "the"
        && let Some((day, used)) = temporal::ordinal_day(heard, at + 3)
        && let Some(date) = (0..2)
            .filter_map(|n| {
                let month = temporal::months_before(today, n);
                Date::new(month.year(), month.month(), day).ok()
            })
            .find(|d| *d <= today)
        && temporal::weekday(heard.word(at)) == Some(date.weekday())
    {
        return Some((date, 3 + used));
    }
    // "He changed the lock. Just now."
    if heard.word(at) == "just" && heard.word(at + 1) == "now" {
        return Some((today, 2));
    }
    // "Five minutes ago"
    if let Some(run) = number::run_at(&heard.tokens, at)
        && heard.any(run.end, words!["minute", "minutes"])
        && heard.word(run.end + 1) == "ago"
    {
        return Some((today, run.end + 2 - at));
    }
    let (date, used) = temporal::past_date(heard, at, today)?;
    let ago = heard.word(at + used - 1) == "ago";
    if ago && heard.word(at + used) == "tomorrow" {
        return Some((date.tomorrow().ok()?, used + 1));
    }
    Some((date, used))
}

/// How exactly a reading names its day: counted back by weeks least, by the figures of a calendar most.
pub(super) fn exactness(heard: &Heard, at: usize, used: usize) -> u8 {
    let words = heard.tokens.get(at..at + used).unwrap_or_default();
    if words
        .iter()
        .any(|t| matches!(t.num, Num::Ordinal(_)) || t.num == Num::Literal)
        || words.iter().any(|t| temporal::month(&t.text).is_some()) && words.len() > 1
    {
        2
    } else if words.iter().any(|t| {
        t.any(words![
            "week", "weeks", "month", "months", "couple", "few", "today"
        ])
    }) {
        0
    } else {
        1
    }
}

/// "Last month", "a couple of years ago", "a few weeks back": when about, no day.
pub(super) fn is_vague(heard: &Heard, at: usize, used: usize) -> bool {
    let words = heard.tokens.get(at..at + used).unwrap_or_default();
    exactness(heard, at, used) < 2
        && words.iter().any(|t| {
            t.any(words![
                "month", "months", "year", "years", "few", "other", "couple"
            ])
        })
        && !words
            .iter()
            .any(|t| t.any(words!["day", "days"]) || temporal::names_weekday(&t.text))
}

/// Whether the words name a day by the figures of a calendar.
pub(super) fn is_calendar_day(raw: &str) -> bool {
    raw.split_whitespace().any(|w| {
        let word = w
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        temporal::month(&word).is_some()
            || matches!(token::classify(&word), Num::Ordinal(_) | Num::Literal)
    })
}

/// "A couple of weeks ago, a Friday, February twenty seventh", "in November, I think the fourteenth": of the days one thought names the most
/// exact, with the month named before it.
pub(super) fn most_exact(
    heard: &Heard,
    first: (Date, usize, usize),
    today: Date,
) -> (Date, usize, usize) {
    let mut best = first;
    let mut at = first.1 + first.2;
    let limit = (at + 12).min(heard.tokens.len());
    while at < limit {
        let Some((date, used)) = past(heard, at, today).filter(|_| !heard.taken[at]) else {
            at += 1;
            continue;
        };
        // Another event has a day of its own; "a Thursday, so the 23rd" is one day.
        let same_day = date.weekday() == best.0.weekday() && exactness(heard, best.1, best.2) == 1;
        let other = !same_day
            && heard.tokens[best.1 + best.2..at].iter().any(|t| {
                t.any(words![
                    "and", "but", "then", "since", "until", "court", "hearing", "my", "by", "so",
                ])
            });
        if !other && exactness(heard, at, used) > exactness(heard, best.1, best.2) {
            // "About two weeks ago, it was a Tuesday": the Tuesday nearest to that.
            let about = exactness(heard, best.1, best.2) == 0
                && heard.word(best.1) != "today"
                && used == 1
                && temporal::names_weekday(heard.word(at));
            let date = if about {
                temporal::nearest(best.0, date.weekday())
            } else {
                date
            };
            best = (date, at, used);
        }
        at += used.max(1);
    }
    let (date, from, used) = best;
    let bare = heard.word(from) == "the"
        && !(from..from + used).any(|i| temporal::month(heard.word(i)).is_some());
    let named = (from.saturating_sub(8)..from)
        .rev()
        .find_map(|i| temporal::month(heard.word(i)));
    // "Last month, on the twentieth"
    let last_month = (from.saturating_sub(6)..from)
        .any(|i| heard.word(i) == "last" && heard.word(i + 1) == "month")
        .then(|| temporal::months_before(today, 1).month());
    if let Some(number) = last_month.or(named).filter(|_| bare && used <= 3) {
        let year = if number > today.month() {
            today.year() - 1
        } else {
            today.year()
        };
        if let Ok(date) = Date::new(year, number, date.day()) {
            return (date, from, used);
        }
    }
    best
}

/// "Nineteen eighty two, December the first", "1982 December 1".
fn year_first(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let run = number::run_at(&heard.tokens, at)?;
    let year: i16 = run.with_len(4)?.digits.parse().ok()?;
    if !(1900..=today.year()).contains(&year) {
        return None;
    }
    let mut from = run.end;
    while matches!(heard.word(from), "on" | "and" | "in") {
        from += 1;
    }
    if heard.tokens.get(from)?.num != Num::None {
        return None;
    }
    let (date, used) = temporal::figures(heard, from, today)?;
    let date = Date::new(year, date.month(), date.day()).ok()?;
    Some((date, from + used - at))
}

/// "January nineteen fifty eight, the twenty second", "March of sixty three, the eighteenth": the day behind its year.
fn day_last(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let month = temporal::month(heard.word(at))?;
    let of = usize::from(matches!(heard.word(at + 1), "of" | "in"));
    let run = number::run_at(&heard.tokens, at + 1 + of)?;
    let year: i16 = match run.with_len(4) {
        Some(year) => year.digits.parse().ok()?,
        // "March of sixty three, the eighteenth"
        None => {
            1900 + run
                .with_len(2)
                .filter(|_| of > 0)?
                .digits
                .parse::<i16>()
                .ok()?
        }
    };
    let day_at = run.end + usize::from(heard.word(run.end) == "on");
    let (day, used) = temporal::ordinal_day(heard, day_at)?;
    let known = (1900..=today.year()).contains(&year);
    let date = Date::new(year, month, day).ok().filter(|_| known)?;
    Some((date, day_at + used - at))
}

/// "Eleven March nineteen ninety two", "the 12th of June, 1979": the day before its month.
fn day_first(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let (day, used) = match heard.tokens.get(at)?.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t) => match heard.tokens.get(at + 1)?.num {
            Num::Ordinal(n) if n < 10 => (u16::from(t) * 10 + n, 2),
            Num::Digit(d) if d > 0 => (u16::from(t) * 10 + u16::from(d), 2),
            _ => (u16::from(t) * 10, 1),
        },
        Num::Digit(d) => (d.into(), 1),
        Num::Teen(d) => (d.into(), 1),
        Num::Literal => (heard.word(at).parse().ok()?, 1),
        _ => return None,
    };
    let mut month_at = at + used;
    if heard.word(month_at) == "of" {
        month_at += 1;
    }
    let month = heard
        .tokens
        .get(month_at)
        .filter(|t| t.num == Num::None && t.text.len() >= 3)?;
    if !(1..=31).contains(&day) {
        return None;
    }
    // The same words in the order that dates are read in: month, day, year.
    let mut tokens: Vec<Token> = std::iter::once(month)
        .chain(heard.tokens.get(at..at + used)?)
        .chain(heard.tokens.iter().skip(month_at + 1).take(6))
        .cloned()
        .collect();
    for token in tokens.iter_mut().take(1 + used) {
        token.stop = Stop::None;
        token.glue = None;
    }
    let (date, read) = temporal::figures(&heard.reworded(tokens), 0, today)?;
    (read > 1 + used && date.day() == i8::try_from(day).ok()?)
        .then_some((date, month_at + read - used - at))
}

/// Words that take a day back, or move it.
const TAKEN_BACK: &WordSet = words![
    "no",
    "wait",
    "sorry",
    "actually",
    "moved",
    "changed",
    "rescheduled",
    "pushed",
    "reset",
    "postponed",
    "continued",
    "bumped",
];

/// Words between what is taken back and the next word that takes something back.
const MOST_BETWEEN: usize = 8;

/// "Fifty nine, no wait, what am I saying, September ninth sixty one", "Tuesday, no, he said Wednesday", "April 4th, no, the 5th": the
/// first day said after the last "no" or "wait" stands, or the part of it that is said anew.
pub(super) fn taken_back(
    heard: &Heard,
    (first, from): (Date, usize),
    want: Direction,
    today: Date,
) -> Option<(Date, usize, usize)> {
    let n = heard.tokens.len();
    let back = |from: usize| {
        (from..n.min(from + MOST_BETWEEN))
            .find(|i| heard.hits.at(Cue::Repair, *i).is_some() || heard.any(*i, TAKEN_BACK))
    };
    let mut out = None;
    let mut held = (first, from);
    while let Some(at) = back(held.1) {
        let whole = (at + 1..n).find_map(|i| {
            let (date, used) = read(heard, i, want, today)
                // Without a year of its own a birthday is half said.
                .filter(|(date, _)| want != Direction::Birth || is_grown(*date, today))?;
            Some((date, i, used))
        });
        let part = || {
            (at + 1..n).find_map(|i| {
                let (date, used) = part_anew(heard, i, held.0, want, today)?;
                Some((date, i, used))
            })
        };
        let Some(found) = whole.or_else(part) else {
            break;
        };
        held = (found.0, found.1 + found.2);
        out = Some(found);
    }
    out
}

/// The year, the day or the month and day said in place of those of a date: "no, he's twenty fifteen", "the 5th, I mean".
pub(super) fn part_anew(
    heard: &Heard,
    at: usize,
    date: Date,
    want: Direction,
    today: Date,
) -> Option<(Date, usize)> {
    if want == Direction::Future {
        return None;
    }
    if let Some((day, used)) = temporal::ordinal_day(heard, at) {
        return Some((Date::new(date.year(), date.month(), day).ok()?, used));
    }
    if let Some(month) = temporal::month(heard.word(at)).filter(|_| want == Direction::Birth) {
        let (day, used) = temporal::ordinal_day(heard, at + 1).unwrap_or((date.day(), 0));
        return Some((Date::new(date.year(), month, day).ok()?, 1 + used));
    }
    let run = number::run_at(&heard.tokens, at).filter(|_| want == Direction::Birth)?;
    let year: i16 = match run.digits().len() {
        // "No, sixty nine": no day of a month.
        2 => 1900 + run.digits().parse::<i16>().ok().filter(|n| *n > 31)?,
        _ => run.with_len(4)?.digits.parse().ok()?,
    };
    (1900..=today.year())
        .contains(&year)
        .then(|| Date::new(year, date.month(), date.day()).ok())
        .flatten()
        .map(|date| (date, run.end - at))
}

/// "It wasn't Sunday", "not this past Friday".
pub(super) fn is_not_it(heard: &Heard, at: usize) -> bool {
    // "Not till May eleventh" is it.
    let from_then = heard.any(at.wrapping_sub(1), words!["until", "till", "til", "before"]);
    !from_then
        && (at.saturating_sub(2)..at)
            .any(|i| heard.any(i, words!["not", "wasn't", "wasnt", "isn't", "weren't"]))
        && (at.saturating_sub(2)..at).all(|i| !heard.tokens[i].ends_clause())
}

/// "So ...", "that'd be ...": whether what stands at `at`, or anywhere before the end, is concluded from what was said.
pub(super) fn concludes(heard: &Heard, at: usize) -> bool {
    (0..at.min(heard.tokens.len())).any(|i| {
        heard.any(i, words!["so", "that'd"]) && heard.word(i + 1) != "sorry"
            || heard.word(i) == "that" && heard.any(i + 1, words!["be", "would", "was", "makes"])
    })
}

/// Within two weeks of the day held.
pub(super) fn near_day(held: &Value, date: Date) -> bool {
    held.text()
        .and_then(|t| t.parse::<Date>().ok())
        .and_then(|h| h.until(date).ok())
        .is_some_and(|s| s.get_days().abs() <= 14)
}

/// Born more than a year ago, so that the year was said.
pub(super) fn is_grown(date: Date, today: Date) -> bool {
    date.until(today).is_ok_and(|s| s.get_days() > 366)
}

/// The year that stands by itself beside a day said without one: "August 19th, he just had the party. 2021.", "'58. October the 30th."
pub(super) fn year_apart(heard: &Heard, day: (usize, usize), today: Date) -> Option<i16> {
    let apart = |run: &&number::Run| run.end <= day.0 || run.start >= day.1;
    heard.runs.iter().filter(apart).find_map(|run| {
        let alone = run.end >= heard.tokens.len() || heard.tokens[run.end - 1].stop >= Stop::Comma;
        let year: i16 = match run.digits() {
            digits if digits.len() == 4 => digits.parse().ok()?,
            digits if digits.len() == 2 && run.start == 0 => 1900 + digits.parse::<i16>().ok()?,
            _ => return None,
        };
        (alone && (1905..=today.year()).contains(&year)).then_some(year)
    })
}
