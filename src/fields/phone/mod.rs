//! Telephone numbers: digit runs of a turn joined into sequences ([`sequences`]), sequences joined across turns ([`buffer`]), repairs and
//! read-backs aligned to what they speak of ([`repair`]), whose number it is ([`owner`], [`people`]). Knows no field and no ledger.

pub mod buffer;
mod dialled;
pub mod owner;
pub mod people;
pub mod repair;

pub use buffer::DigitBuffer;
pub use owner::Owner;

use crate::fields::word_set::{WordSet, words};
use std::borrow::{Borrow, Cow};

use super::cue::Cue;
use super::number::{Reading, Run};
use super::temporal;
use super::token::Num;
use super::turn::Heard;
use super::value::nanp;

/// Digits said in one go, repairs applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The digits, in the reading that makes a phone number where one does.
    pub digits: String,
    /// The part after the last repair cue, where there was one: it may repair something said in an earlier turn.
    pub repaired: bool,
    /// An extension that follows.
    pub extension: Option<String>,
}

/// Words that may stand between the groups of one number.
const JOINERS: &WordSet = words![
    "and", "then", "dash", "hyphen", "space", "dot", "area", "code", "is", "it's", "its", "that's",
    "like", "so", "okay", "plus", "the", "number", "um", "yeah",
];

/// A sequence being put together.
struct Open<'a> {
    start: usize,
    end: usize,
    /// Runs since the last repair.
    runs: Vec<Cow<'a, Run>>,
    /// The digits before the last repair.
    held: Option<String>,
    /// Where among the runs "area code" was said between two of them.
    area_at: Option<usize>,
}

impl<'a> Open<'a> {
    fn at(heard: &Heard, run: &'a Run) -> Open<'a> {
        let mut runs = Vec::new();
        let mut start = run.start;
        // "for one four ...": the recogniser may have spelt the first digit as a word.
        if let Some(before) = run.start.checked_sub(1)
            && let Some(word) = homophone(heard, before)
        {
            runs.push(Cow::Owned(word));
            start = before;
        }
        runs.push(Cow::Borrowed(run));
        Open {
            start,
            end: run.end,
            runs,
            held: None,
            area_at: None,
        }
    }

    fn close(mut self, heard: &Heard) -> Sequence {
        // "... oh one for too": the last digits spelt as words, with nothing after them.
        let rest: Vec<Run> = (self.end..heard.tokens.len().min(self.end + 3))
            .map_while(|i| homophone(heard, i))
            .collect();
        let last = self.end + rest.len();
        let mut digits = best(&self.runs, self.held.as_deref());
        if !rest.is_empty()
            && (last == heard.tokens.len()
                || heard.tokens[last - 1].stop > super::token::Stop::None
                || super::gazetteer::tables().is_closed(heard.word(last)))
            && nanp(&digits).is_none()
        {
            let mut all = self.runs.clone();
            all.extend(rest.into_iter().map(Cow::Owned));
            let longer = best(&all, self.held.as_deref());
            if nanp(&longer).is_some() {
                self.runs = all;
                self.end = last;
                digits = longer;
            }
        }
        let repaired = self.held.is_some();
        // "six six two nine four one one, area code seven one three"
        if let Some(at) = self.area_at
            && let (Some(number), Some(area)) = (self.runs.get(..at), self.runs.get(at..))
        {
            let (number, area) = (best(number, self.held.as_deref()), best(area, None));
            if number.len() == 7 && area.len() == 3 {
                digits = area + &number;
            }
        }
        // "Five five five oh one six four, nine one nine area code"
        if digits.len() == 10
            && heard.word(self.end) == "area"
            && heard.word(self.end + 1) == "code"
            && let Some((number, area)) = digits.split_at_checked(7)
        {
            digits = format!("{area}{number}");
        }
        // A word before the digits that was no digit after all is not part of them.
        let first = self.runs.first().map_or(self.start, |r| r.start);
        let spoken = self
            .runs
            .iter()
            .find(|r| r.groups.iter().any(|g| !g.is_empty()));
        let start = match spoken {
            Some(run) if run.start > first && !repaired => {
                let word = heard.tokens.get(first).map(|t| t.num);
                let with = matches!(word, Some(Num::Homophone(d)) if digits.starts_with(&d.to_string()))
                    && digits.len() >= 10;
                if with { first } else { run.start }
            }
            _ => self.start,
        };
        Sequence {
            start,
            end: self.end,
            digits,
            repaired,
            extension: None,
        }
    }
}

/// A word that sounds like a digit, as a run that may be nothing.
fn homophone(heard: &Heard, at: usize) -> Option<Run> {
    let token = heard.tokens.get(at)?;
    let Num::Homophone(d) = token.num else {
        return None;
    };
    if token.stop > super::token::Stop::None || heard.is_taken(at, at + 1) {
        return None;
    }
    Some(Run {
        start: at,
        end: at + 1,
        readings: vec![
            Reading {
                digits: String::new(),
                cost: 0,
            },
            Reading {
                digits: d.to_string(),
                cost: 1,
            },
        ],
        cardinal: None,
        groups: Vec::new(),
    })
}

/// The digit sequences of a turn whose tokens are free.
pub fn sequences(heard: &Heard) -> Vec<Sequence> {
    if heard.is_taken(0, heard.tokens.len()) {
        untaken(heard)
    } else {
        heard.sequences.clone()
    }
}

/// The same, put together from the numbers that are not taken.
pub(super) fn untaken(heard: &Heard) -> Vec<Sequence> {
    let mut out: Vec<Sequence> = Vec::new();
    let mut open: Option<Open<'_>> = None;
    for run in &heard.runs {
        if heard.is_taken(run.start, run.end)
            || heard.tokens[run.start].glue == Some('$')
            || is_clock(heard, run)
            || is_ordinal(heard, run)
        {
            out.extend(open.take().map(|o| o.close(heard)));
            continue;
        }
        if let Some(last) = out.last_mut()
            && open.is_none()
            && is_extension(heard, last.end, run.start)
        {
            last.extension = Some(run.digits().to_owned());
            last.end = run.end;
            continue;
        }
        let Some(now) = &mut open else {
            open = Some(Open::at(heard, run));
            continue;
        };
        let gap = heard.tokens.get(now.end..run.start).unwrap_or_default();
        // Nothing but a correction goes on a number that is whole. One that begins anew goes on none: "10. Is 512 ...", "eight hundred
        // number, okay, it's eight hundred ..."
        let apart = || {
            let part = best(&now.runs, None);
            let whole = now.held.is_none() && nanp(&part).is_some();
            whole || {
                let alone = best(std::slice::from_ref(run), None);
                nanp(&alone).is_some()
                    && (!gap.is_empty() || alone.ends_with(&part) || alone.starts_with(&part))
            }
        };
        let joins = gap.len() <= 3
            && gap.iter().all(|t| t.any(JOINERS))
            && !apart()
            && !(gap.iter().any(|t| t.is("and"))
                && best(&now.runs, now.held.as_deref()).len() >= 10);
        let words: Vec<Run> = (now.end..run.start)
            .filter_map(|i| homophone(heard, i))
            .collect();
        let sounds = !gap.is_empty() && gap.len() <= 2 && words.len() == gap.len();
        if is_extension(heard, now.end, run.start) {
            out.extend(open.take().map(|o| o.close(heard)));
            if let Some(last) = out.last_mut() {
                last.extension = Some(run.digits().to_owned());
                last.end = run.end;
            }
        } else if (gap.len() <= 5 || gap.len() <= 8 && gap[0].any(words!["no", "wait", "sorry"]))
            && is_repair(heard, now.end, run.start)
            && !gap
                .iter()
                .any(|t| super::gazetteer::tables().suffix(&t.text).is_some())
        {
            now.held = Some(best(&now.runs, now.held.as_deref()));
            now.runs = vec![Cow::Borrowed(run)];
            now.end = run.end;
        } else if joins || sounds {
            if gap.iter().any(|t| t.is("area")) {
                now.area_at = Some(now.runs.len());
            }
            if sounds {
                now.runs.extend(words.into_iter().map(Cow::Owned));
            }
            now.runs.push(Cow::Borrowed(run));
            now.end = run.end;
        } else {
            out.extend(open.take().map(|o| o.close(heard)));
            open = Some(Open::at(heard, run));
        }
    }
    out.extend(open.take().map(|o| o.close(heard)));
    out
}

/// A breath of one digit or two that are words elsewhere: "oh", "for".
pub fn lone_digits(heard: &Heard) -> Option<Sequence> {
    let digits: Option<String> = heard
        .tokens
        .iter()
        .map(|t| match t.num {
            Num::Oh => Some('0'),
            Num::Digit(d) | Num::Homophone(d) => char::from_digit(d.into(), 10),
            _ => None,
        })
        .collect();
    let digits = digits.filter(|d| (1..=3).contains(&d.len()))?;
    Some(Sequence {
        start: 0,
        end: heard.tokens.len(),
        digits,
        repaired: false,
        extension: None,
    })
}

/// "The twenty second floor": the tens of a place in a row.
fn is_ordinal(heard: &Heard, run: &Run) -> bool {
    const UNITS: &WordSet = words![
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    ];
    run.end == run.start + 1
        && matches!(heard.tokens[run.start].num, Num::Tens(_))
        && heard.any(run.end, UNITS)
        && heard.word(run.start.wrapping_sub(1)) == "the"
}

fn is_clock(heard: &Heard, run: &Run) -> bool {
    heard.word(run.end).starts_with("o'clock")
        || heard.tokens.get(run.end).is_some_and(|t| {
            t.any(words![
                "am",
                "pm",
                "percent",
                "dollars",
                "bucks",
                "degrees",
                "milligram",
                "milligrams",
                "mg",
            ])
        })
}

fn is_extension(heard: &Heard, from: usize, to: usize) -> bool {
    to > from
        && to - from <= 3
        && (from..to).any(|i| heard.tokens[i].any(words!["extension", "ext", "x"]))
}

/// Whether the words between two runs take back the first.
pub fn is_repair(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to)
        .any(|i| heard.hits.at(Cue::Repair, i).is_some_and(|e| e <= to) || heard.tokens[i].is("no"))
}

/// The digits of runs in the reading that makes a phone number, applied to `held` as a repair where there is one.
fn best<R: Borrow<Run>>(runs: &[R], held: Option<&str>) -> String {
    // Combinations of readings, cheapest first, few enough to look through.
    let mut combos: Vec<(u8, Cow<'_, str>)> = vec![(0, Cow::Borrowed(""))];
    for run in runs {
        match run.borrow().readings.as_slice() {
            [only] => {
                for (cost, digits) in &mut combos {
                    *cost = cost.saturating_add(only.cost);
                    *digits += only.digits.as_str();
                }
            }
            several => {
                let several = several.get(..6).unwrap_or(several);
                let mut next = Vec::with_capacity(combos.len() * several.len());
                for (cost, digits) in &combos {
                    next.extend(several.iter().map(|reading| {
                        let cost = cost.saturating_add(reading.cost);
                        (cost, digits.clone() + reading.digits.as_str())
                    }));
                }
                combos = next;
            }
        }
        combos.sort();
        combos.truncate(24);
    }
    if let Some(number) = combos
        .iter()
        .filter(|c| c.1.len() >= 13)
        .find_map(|c| repair::said_twice(held.unwrap_or_default(), &c.1))
        .filter(|n| nanp(n).is_some())
    {
        return number;
    }
    if let Some(held) = held {
        for (_, digits) in &mut combos {
            *digits = repair::repair(held, digits, false).into();
        }
    }
    let plain = combos.first().map_or("", |c| &*c.1);
    // A sigh before the number: "oh, two five one ...".
    if plain.len() == 11 && plain.starts_with('0') && nanp(&plain[1..]).is_some() {
        return plain[1..].to_owned();
    }
    for wanted in [10, 11, 7] {
        let found = combos
            .iter()
            .map(|c| &*c.1)
            .find(|d| d.len() == wanted && (wanted == 7 || nanp(d).is_some()));
        // A longer plain reading is not cut down to seven digits.
        if let Some(found) = found.filter(|_| wanted != 7 || plain.len() <= 8) {
            return found.to_owned();
        }
    }
    plain.to_owned()
}

/// Whether the digits belong to something that is no phone: a price, a dose, an amount.
pub fn is_quantity(heard: &Heard, sequence: &Sequence) -> bool {
    heard.hits.at(Cue::NotPhone, sequence.end).is_some()
        || heard
            .tokens
            .get(sequence.start)
            .is_some_and(|t| t.glue == Some('$'))
        || heard
            .tokens
            .get(sequence.start)
            .is_some_and(|t| matches!(t.num, Num::Ordinal(_)))
}

/// Whether the words around say that the digits are a time of day: "til four thirty", "nine a m", "four thirty tomorrow", "ten on
/// Tuesday", "Monday, 8 to 10", "one o clock instead of ten".
pub fn is_time(heard: &Heard, sequence: &Sequence) -> bool {
    let word = |at: usize| heard.word(at);
    let day = |at: usize| temporal::names_time(word(at)) || temporal::names_weekday(word(at));
    let beside = |start: usize, end: usize| {
        start > 0 && day(start - 1)
            || day(end)
            || heard.any(end, words!["on", "this", "next"]) && day(end + 1)
            || word(start.wrapping_sub(1)) == "of" && word(start.wrapping_sub(2)) == "instead"
            || word(end) == "o" && word(end + 1) == "clock"
            // "Same as ever, since 1987."
            || word(start.wrapping_sub(1)) == "since"
    };
    // "Ten on Tuesday instead of nine" is no number put right.
    let mut within = (heard.runs.iter())
        .filter(|r| sequence.start <= r.start && r.end <= sequence.end)
        .filter(|r| r.digits().len() <= 4);
    if sequence.digits.len() <= 4 && within.any(|r| beside(r.start, r.end)) {
        return true;
    }
    let led = matches!(
        heard.word(sequence.start.wrapping_sub(1)),
        "until"
            | "till"
            | "til"
            | "at"
            | "by"
            | "before"
            | "after"
            | "around"
            | "about"
            | "past"
            | "to"
            | "between"
    ) && sequence.digits.len() <= 4;
    led || heard.tokens.get(sequence.end).is_some_and(|t| {
        t.any(words![
            "am", "pm", "o'clock", "tomorrow", "today", "tonight"
        ]) && sequence.digits.len() <= 4
            || t.any(words!["am", "pm", "o'clock"])
    })
}
