//! What follows a house and its street, or stands right before them: the unit and the town, in either order.

use super::Expect;
use super::town::locality;
use super::unit::{is_housed, shaped, unit, unit_id};
use super::words::{direction, ordinal};
use crate::fields::dialogue::Part;
use crate::fields::number;
use crate::fields::turn::Heard;
use crate::fields::value::Address;
use crate::fields::word_set::{WordSet, words};

/// Words between a street and its unit: "it's the whole second floor", "and that's upstairs, so apartment A".
const TO_UNIT: &WordSet = words![
    "and",
    "it's",
    "that's",
    "that",
    "in",
    "the",
    "also",
    "whole",
    "on",
    "basement",
    "so",
    "upstairs",
    "downstairs",
    "is",
    "which",
    "i'm",
    "we're",
    "she's",
    "he's",
    "they're",
    "we'll",
    "i'll",
    "have",
];

/// Unit and place from `at`, as far as they are said there; people say them in either order. Returns where they end.
pub(super) fn rest_of_place(
    heard: &Heard,
    at: usize,
    address: &mut Address,
    expect: Expect<'_>,
) -> usize {
    let mut at = at;
    for _ in 0..2 {
        let skip = (0..=5)
            .take_while(|i| *i == 0 || heard.any(at + i - 1, TO_UNIT))
            .find(|i| unit(heard, at + i, false).is_some())
            .unwrap_or(0);
        // A unit that is known already is said again.
        if (address.unit.is_none() || skip == 0 && is_housed(heard, at))
            && let Some((id, end)) = unit(heard, at + skip, false)
        {
            address.unit = Some(id);
            at = end;
        }
        if address.unit.is_none()
            && address.number.is_some()
            && let Some((id, end)) = shaped(heard, at)
        {
            address.unit = Some(id);
            at = end;
        }
        // "1421 Cypress Mill Circle C": a letter alone, at the end of what is said.
        if address.unit.is_none() && address.number.is_some() && letter_ends(heard, at) {
            address.unit = Some(heard.word(at).to_uppercase());
            at += 1;
        }
        if address.city.is_none() && address.state.is_none() {
            at = locality(heard, at, address, expect, false).max(at);
        }
    }
    if address.unit.is_none() {
        address.unit = unit_later(heard, at);
    }
    at
}

/// Whether a letter that is no word and no way ends what is said at `at`.
fn letter_ends(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    let letter = matches!(word.as_bytes(), [b] if b.is_ascii_lowercase());
    letter
        && !matches!(word, "i" | "o")
        && direction(word).is_none()
        && (at + 1 == heard.tokens.len() || heard.tokens[at].ends_clause())
}

/// "It's a high rise, we're on the twenty second floor": the unit told later in the same breath.
fn unit_later(heard: &Heard, from: usize) -> Option<String> {
    for at in from..heard.tokens.len().min(from + 14) {
        let word = heard.word(at);
        // "I want to say it's locker B20" leads nowhere.
        let verb =
            word == "to" && heard.any(at.wrapping_sub(1), words!["want", "have", "need", "like"]);
        // Another place begins, or something happens there.
        if matches!(word, "to" | "from" | "then" | "and" | "my" | "but") && !verb {
            return None;
        }
        // "The tenant in 5D": its shape is enough.
        if address_led(heard, at)
            && let Some((id, _)) = shaped(heard, at)
        {
            return Some(id);
        }
        // "It's a duplex, we're side B", "house in the back, letter A"
        if matches!(word, "side" | "letter") && letter_ends(heard, at + 1) {
            return Some(heard.word(at + 1).to_uppercase());
        }
        // "It's the apartments, number 2114"
        let of_many = || (from..at).any(|i| heard.any(i, MANY));
        let housed = is_housed(heard, at)
            || word == "number" && of_many()
            || word == "room" && number::run_at(&heard.tokens, at + 1).is_some()
            || ordinal(heard, at).is_some_and(|(_, used)| heard.word(at + used) == "floor")
                && heard.tokens[at.saturating_sub(4)..at]
                    .iter()
                    .any(|t| t.any(words!["we're", "i'm", "we", "i", "live", "it's"]));
        if housed && let Some((id, _)) = unit(heard, at, false) {
            return Some(id);
        }
    }
    None
}

/// Houses that have numbers of their own inside.
const MANY: &WordSet = words![
    "apartments",
    "complex",
    "condos",
    "building",
    "tower",
    "dorm",
    "lofts",
    "townhouse",
    "townhouses",
    "townhome",
    "townhomes",
    "condo",
];

/// Whether the word before `at` leads to a part of a house.
fn address_led(heard: &Heard, at: usize) -> bool {
    at > 0 && heard.any(at - 1, words!["in", "it's", "that's", "of"])
}

/// How far before a house its unit may be named.
const BEFORE: usize = 14;

/// "Apartment four eleven at sixty five hundred East Oltorf", "it's lot eighteen in the trailer park, that's 600 Old Bastrop Highway": the
/// unit named before the house that begins at `start`, after the place that ends at `floor`.
pub(super) fn unit_before(
    heard: &Heard,
    start: usize,
    floor: usize,
    expect: Expect<'_>,
) -> Option<String> {
    // "14C is the one, at 880 Tinnin Ford Road": the unit at the head of the answer.
    let asked = || {
        // "And your unit?" "Three oh nine, it's 1850 East Riverside Drive."
        let alone = |at: usize| {
            let unit_asked = expect.asked == Some(Part::Unit);
            unit_id(heard, at).filter(|_| unit_asked && number::run_at(&heard.tokens, at).is_some())
        };
        let (id, end) = (0..2).find_map(|at| shaped(heard, at).or_else(|| alone(at)))?;
        (expect.asked.is_some() && end <= start).then_some(id)
    };
    let (id, end) = (floor.max(start.saturating_sub(BEFORE))..start)
        .rev()
        .filter(|at| is_housed(heard, *at))
        .find_map(|at| unit(heard, at, false).filter(|(_, end)| *end <= start))
        .or_else(|| asked().map(|id| (id, start)))?;
    // "It's lot nineteen, well, it's got a number now": the house takes its place.
    let replaced =
        (end..start).any(|i| heard.any(i, words!["now", "not", "no", "used", "actually"]));
    (!replaced).then_some(id)
}
