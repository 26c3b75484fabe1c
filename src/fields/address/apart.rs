//! A house number and its street said apart: the street first ("Antelope Road, twenty four oh six"), its name again beside the number
//! ("on Cherokee Street, 2740 Cherokee"), or the number alone in answer to the question for it.

use super::known::known_street;
use super::rest::rest_of_place;
use super::street::{Street, street};
use super::unit::unit;
use super::words::{STOP, STRONG, direction};
use super::{AddressMention, Expect};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::number;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::Address;
use crate::fields::word_set::{WordSet, words};

/// The most words of a street's name before its type.
const NAME_WORDS: usize = 3;

/// The streets with a type that the turn names, each with where it starts; few, since few are ever named in one breath.
pub(super) fn streets(heard: &Heard) -> Vec<(usize, Street)> {
    let is_name = |at: usize| {
        let token = &heard.tokens[at];
        matches!(token.num, Num::None | Num::Ordinal(_))
            && token.stop == Stop::None
            && token.text.len() > 1
            && !STOP.has(&token.text)
            && !matches!(token.text.as_str(), "the" | "of")
    };
    let mut out = Vec::new();
    for at in 1..heard.tokens.len() {
        let strong = tables()
            .suffix(heard.word(at))
            .is_some_and(|kind| STRONG.has(kind));
        if !strong || out.len() >= 4 {
            continue;
        }
        let mut from = at;
        while from > 0 && at - from < NAME_WORDS && is_name(from - 1) {
            from -= 1;
        }
        if let Some(found) = (from..at)
            .filter_map(|start| street(heard, start, false).map(|s| (start, s)))
            .find(|(_, s)| s.typed && s.end > at)
        {
            out.push(found);
        }
    }
    out
}

/// The first street with a type that the turn names, and where it stands.
pub(in crate::fields) fn street_named(heard: &Heard) -> Option<(String, usize, usize)> {
    let lettered = (0..heard.tokens.len()).find_map(|at| {
        super::street::lettered(heard, at)
            .then(|| street(heard, at, false).map(|s| (s.text, at, s.end)))
            .flatten()
    });
    lettered.or_else(|| {
        streets(heard)
            .into_iter()
            .next()
            .map(|(at, s)| (s.text, at, s.end))
    })
}

/// "What number on Congress?": a street without its type, which the question for its house names and ends with.
pub(in crate::fields) fn street_of_number(heard: &Heard) -> Option<(String, usize, usize)> {
    let n = heard.tokens.len();
    let at = (2..n).find(|at| {
        heard.any(at - 1, words!["on", "along"])
            && heard.any(
                at - 2,
                words!["number", "numbers", "address", "where", "whereabouts"],
            )
    })?;
    let name = street(heard, at, true).filter(|s| s.end == n && n - at <= 3)?;
    let plain = (at..n).all(|i| !tables().is_closed(heard.word(i)));
    plain.then_some((name.text, at, n))
}

/// "West Hopkins?": a street with a compass word or a type that is all of a turn.
pub(in crate::fields) fn street_asked(heard: &Heard) -> Option<(String, usize, usize)> {
    let n = heard.tokens.len();
    let at = (0..n).find(|i| !tables().is_closed(heard.word(*i)))?;
    let name = at + usize::from(direction(heard.word(at)).is_some());
    let found = street(heard, at, true).filter(|s| s.end == n && (s.typed || name > at))?;
    let plain = name < n && !tables().is_word(heard.word(name));
    plain.then_some((found.text, at, n))
}

/// Words between a street and its number: "and the house number is".
const TO_NUMBER: &WordSet = words![
    "and", "the", "house", "number", "number's", "is", "it's", "that's", "at", "my", "our",
    "street",
];

/// The number behind its street: "Old Mill Road, number four twenty two", "Antelope Road twenty four oh six".
pub(super) fn number_behind(heard: &Heard, end: usize) -> Option<(String, usize)> {
    let skipped = (end..heard.tokens.len().min(end + 5))
        .take_while(|i| heard.any(*i, TO_NUMBER))
        .count();
    let at = end + skipped;
    let named = (end..at).any(|i| heard.word(i).starts_with("number"));
    let run = number::run_at(&heard.tokens, at)?;
    // "Ninety eight, ninety eight eleven": begun, and then said whole.
    let run = match number::run_at(&heard.tokens, run.end) {
        Some(again) if again.digits().len() <= 5 && again.digits().starts_with(run.digits()) => {
            again
        }
        _ => run,
    };
    let whole = run.cardinal.filter(|_| run.groups.len() == 1);
    let digits = match &run.groups[..] {
        [begun, again] if again.starts_with(&**begun) && again.len() > begun.len() => {
            again.to_string()
        }
        _ => whole.map_or_else(|| run.digits().to_owned(), |n| n.to_string()),
    };
    // Without its noun the number ends what is said there, or leads on to the rest of the way.
    let closes = run.end >= heard.tokens.len()
        || heard.tokens[run.end - 1].stop > Stop::None
        || STOP.has(heard.word(run.end))
        || unit(heard, run.end, false).is_some();
    // "Ninety third street, thirty four something"
    let counted = heard.hits.at(Cue::NotPhone, run.end).is_some()
        || heard.any(run.end, words!["something", "or", "hundred", "some"]);
    let fits = digits.len() <= 5 && (named || skipped == 0 && closes && digits.len() >= 2);
    (fits && !counted && !digits.starts_with('0')).then_some((digits, run.end))
}

/// The name of a street just said, again: "Mary Street, West Mary".
pub(super) fn named_again(heard: &Heard, said: Street) -> Street {
    match known_street(heard, said.end, &said.text) {
        Some(again) => again,
        None => said,
    }
}

/// "We're on Guadalupe": a street without type or number, where the place was asked for and nothing else it could be is said.
pub(super) fn street_alone(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    if expect.street_missing || expect.street_asked {
        return street_behind(heard);
    }
    if !expect.number_missing {
        return None;
    }
    let on = heard
        .tokens
        .iter()
        .position(|t| t.any(words!["on", "off"]))?;
    let found = street(heard, on + 1, true)?;
    let plain = (on + 1..found.end).all(|i| {
        let word = heard.word(i);
        heard.tokens[i].num == Num::None
            && !STOP.has(word)
            && (!tables().is_word(word) || heard.tokens[i].upper && tables().is_surname(word))
    });
    let closes = found.end >= heard.tokens.len()
        || heard.tokens[found.end - 1].stop > Stop::None
        || heard.any(
            found.end,
            words![
                "the", "by", "near", "past", "across", "behind", "right", "between", "just", "and",
                "next", "over", "it's",
            ],
        );
    (plain && closes && found.end - on <= 3).then(|| AddressMention {
        start: on + 1,
        end: found.end,
        address: Address {
            street: Some(found.text),
            ..Address::default()
        },
    })
}

/// "Forty four oh four." "Burnet.": the name of a street that is all of an answer, behind its number.
fn street_behind(heard: &Heard) -> Option<AddressMention> {
    let n = heard.tokens.len();
    let at = (0..n).find(|i| {
        !heard.any(
            *i,
            words!["on", "it's", "that's", "yeah", "yes", "and", "the", "is"],
        )
    })?;
    let name = street(heard, at, true).filter(|s| s.end == n && n - at <= 3)?;
    let plain = (at..n).all(|i| {
        !STOP.has(heard.word(i)) && !tables().is_closed(heard.word(i)) && !heard.is_taken(i, i + 1)
    });
    plain.then(|| AddressMention {
        start: at,
        end: n,
        address: Address {
            street: Some(name.text),
            ..Address::default()
        },
    })
}

/// Words around a house number that is all of an answer.
const FILLERS: &WordSet = words![
    "it's", "is", "the", "number", "number's", "that's", "that", "house", "yes", "yeah", "no",
    "so", "oh", "okay", "and", "at", "i'm", "we're", "just", "sorry", "be", "would", "it", "my",
    "our", "sir", "ma'am", "please", "sure", "address", "um", "uh", "right", "here", "well",
];

/// A house number alone, where the house's number is what is missing: all of the answer, or, where its street is known, the head of it
/// ("eleven forty eight and I'm first floor", "8330. The upstairs unit, that's 2B.").
pub(super) fn number_alone(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    if !expect.number_missing {
        return None;
    }
    let mut free = heard
        .runs
        .iter()
        .filter(|r| !heard.is_taken(r.start, r.end));
    let run = free.next()?;
    let whole = run.cardinal.filter(|_| run.groups.len() == 1);
    let digits = whole.map_or_else(|| run.digits().to_owned(), |n| n.to_string());
    // Digit by digit before, and now all of it: it is said twice.
    let all = run.end - run.start == heard.tokens.len();
    let longest = if expect.street_missing && all { 8 } else { 5 };
    if !(1..=longest).contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    let named = heard.word(run.start.wrapping_sub(1)).starts_with("number")
        || heard.word(run.start.wrapping_sub(2)).starts_with("number")
            && matches!(heard.word(run.start - 1), "is" | "it's" | "would");
    let single = free.next().is_none();
    // "Is it the one on the mailbox, three eight one two": asked for in so many words, it ends the answer.
    let ends = single && expect.number_asked && digits.len() >= 2 && run.end == heard.tokens.len();
    let plain = single
        && (0..heard.tokens.len())
            .filter(|i| !(run.start..run.end).contains(i))
            .all(|i| heard.any(i, FILLERS));
    if !(named
        || plain
        || ends && !is_timed(heard, run.start)
        || expect.known.is_some() && heads(heard, run.start, run.end))
    {
        return None;
    }
    let mut address = Address {
        number: Some(digits),
        ..Address::default()
    };
    let end = rest_of_place(heard, run.end, &mut address, expect);
    Some(AddressMention {
        start: run.start,
        end,
        address,
    })
}

/// "At three thirty" is another matter.
fn is_timed(heard: &Heard, start: usize) -> bool {
    heard.any(
        start.wrapping_sub(1),
        words!["at", "by", "till", "until", "after", "before", "around"],
    )
}

/// Whether a number is what its turn begins with, behind nothing but small words, and counts nothing.
fn heads(heard: &Heard, start: usize, end: usize) -> bool {
    let small = |i: usize| heard.tokens[i].num == Num::None && tables().is_closed(heard.word(i));
    let counts = heard.tokens[end - 1].stop == Stop::None
        && end < heard.tokens.len()
        && unit(heard, end, false).is_none()
        && !heard.any(
            end,
            words![
                "and", "but", "so", "it's", "it", "that's", "i'm", "we're", "there's", "the", "on",
                "sir", "ma'am", "yeah", "yes", "right", "with", "is", "in", "no",
            ],
        );
    (0..start).all(small)
        && !counts
        && !is_timed(heard, start)
        && heard.hits.at(Cue::NotPhone, end).is_none()
}
