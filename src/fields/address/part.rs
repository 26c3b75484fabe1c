//! Parts of a place alone: a unit, a city, a ZIP, a street's type, where they are asked for or the place is being talked about.

use super::town::{locality, town_at};
use super::unit::{is_half, unit, unit_id};
use super::words::{LEAD, STRONG};
use super::zip::{town_with_zip, zip, zip_said};
use super::{AddressMention, Expect};
use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::number;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{Address, title_case};
use crate::fields::word_set::{WordSet, words};

/// How many words lead in to an answer: "yeah it's in ...".
fn lead_in(heard: &Heard) -> usize {
    (0..heard.tokens.len())
        .take_while(|i| LEAD.has(heard.word(*i)))
        .count()
}

/// Words that make a "one" behind them no number.
const PRONOUN: &WordSet = words![
    "have", "got", "that", "this", "the", "other", "another", "any", "no", "need", "same",
];

/// What is counted in a house: "a single family, three bedroom".
const COUNTED: &WordSet = words![
    "bedroom", "bedrooms", "bathroom", "floors", "story", "stories", "people", "kids", "dogs",
    "units", "months", "weeks", "days", "years", "hours", "minutes", "times",
];

/// Only behind its street, or where the house is in question, do these name a unit.
const PART_OF_HOUSE: &WordSet = words![
    "room",
    "building",
    "side",
    "cabin",
    "cottage",
    "villa",
    "flat",
    "pad",
    "bay",
    "stall",
    "hangar",
    "door",
    "site",
    "the",
    "upper",
    "lower",
    "front",
    "rear",
    "back",
    "main",
    "basement",
    "garden",
    "attic",
    "guest",
    "middle",
    "upstairs",
    "downstairs",
    "carriage",
];

/// "No, it's a house. Lakewood, 80227.", "no unit, it's in Hutto": where in an answer about something else the town begins that the place
/// lacks: one with its ZIP or state behind it, or behind "in" at the end of what is said. Of the answer about the town only what has its
/// ZIP: "Nothing, really, it's county. The mail says Driftwood, 78619."
fn town_later(heard: &Heard, expect: Expect<'_>) -> Option<usize> {
    let n = heard.tokens.len();
    if n > 16 {
        return None;
    }
    (0..n).find(|at| {
        if heard.is_taken(*at, at + 1) {
            return false;
        }
        let Some(used) = town_at(heard, *at, expect) else {
            return town_with_zip(heard, *at).is_some();
        };
        let after = at + used;
        let placed = number::run_at(&heard.tokens, after).is_some_and(|r| r.digits().len() == 5)
            || tables().state(&heard.tokens, after, false).is_some();
        let led = heard.any(at.wrapping_sub(1), words!["in"])
            && (after >= n || heard.tokens[after - 1].stop > Stop::None);
        // "No, just 59th Avenue West. Duluth."
        let alone = *at > 0
            && heard.tokens[at - 1].stop >= Stop::Sentence
            && heard.tokens[after - 1].ends_clause();
        placed
            || expect.asked != Some(Part::City)
                && (alone || led && (expect.asked.is_some() || n <= 9))
    })
}

/// "78642 is the zip."
fn zip_before(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let run = (heard.runs.iter().rev()).find(|r| r.end <= at && at - r.end <= 3)?;
    let joined = (run.end..at).all(|i| heard.any(i, words!["is", "the", "that's", "my", "our"]));
    (joined && run.digits().len() == 5).then(|| (run.digits().to_owned(), at + 1))
}

/// Words that say yes before more is said.
const YES: &WordSet = words![
    "yes", "yeah", "yep", "right", "correct", "uh", "huh", "mhm", "and", "um", "sure",
];

/// A unit, a city or a ZIP alone.
pub(super) fn part(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    let mut address = Address::default();
    let n = heard.tokens.len();
    let mut span: Option<(usize, usize)> = None;
    let mut grow = |from: usize, to: usize| {
        span = Some(span.map_or((from, to), |(a, b)| (a.min(from), b.max(to))))
    };
    if expect.held || expect.asked.is_some() {
        for at in 0..n {
            if heard.is_taken(at, at + 1)
                || heard.tokens[at].is("number") && !expect.complete
                || heard.tokens[at].is("space")
                    && (number::run_at(&heard.tokens, at + 1).is_none()
                        || matches!(
                            heard.word(at.wrapping_sub(1)),
                            "parking" | "crawl" | "office"
                        ))
                || PART_OF_HOUSE.has(heard.word(at))
                    && !(expect.part_of_house && is_half(heard, at))
                // "It's not a lot, a queen bed ..."
                || heard.tokens[at].is("lot")
                    && matches!(heard.word(at.wrapping_sub(1)), "a" | "whole" | "parking" | "vacant")
            {
                continue;
            }
            if matches!(heard.word(at.wrapping_sub(1)), "storage") {
                continue;
            }
            if let Some((id, end)) = unit(heard, at, false) {
                let floor = heard.word(end - 1) == "floor" || heard.tokens[at].is("floor");
                // "Second floor at the apartment, no elevator" tells of stairs.
                if floor && expect.asked.is_none() && (!expect.held || at > 3 || n > end + 1) {
                    continue;
                }
                address.unit = Some(id);
                grow(at, end);
                break;
            }
        }
        // "Yeah, Michigan" after a city without a state.
        if expect.city_missing_state
            && address.unit.is_none()
            && n <= 4
            && let Some((at, (code, used))) =
                (0..n).find_map(|i| tables().state(&heard.tokens, i, false).map(|s| (i, s)))
        {
            address.state = Some(code);
            grow(at, at + used);
        }
        for at in 0..n {
            if heard.tokens[at].any(words!["zip", "zipcode"])
                && let Some((zip, end)) = zip(heard, at, false).or_else(|| zip_before(heard, at))
            {
                address.postal_code = Some(zip);
                grow(at, end);
                break;
            }
        }
        // "Yeah, Boise, eight three seven oh three", "City. 24015.": five digits that end the answer about a place.
        if expect.zip_missing
            && address.postal_code.is_none()
            && let Some(run) = heard.runs.iter().find(|r| {
                // "78676. You come through the front gate.", "yeah, 99701, not two twelve"
                let yes = (0..r.start).all(|i| heard.any(i, YES));
                let head = yes
                    && (heard.tokens[r.end - 1].ends_clause()
                        || heard.any(r.end, words!["not", "and", "but", "it's"]));
                (r.end == n && r.start <= 4 || head) && !heard.is_taken(r.start, r.end)
            })
            && let Some(five) = run.with_len(5).filter(|_| run.digits().len() == 5)
        {
            address.postal_code = Some(five.digits.clone());
            grow(run.start, run.end);
        }
    }
    if expect.city_missing
        && let Some(at) = town_later(heard, expect)
    {
        let end = locality(heard, at, &mut address, expect, true);
        grow(at, end);
    }
    match expect.asked {
        Some(Part::Type) => {
            let kind = (0..n).rev().find_map(|i| {
                tables()
                    .suffix(heard.word(i))
                    .filter(|k| {
                        let before = heard.word(i.wrapping_sub(1));
                        // "They're in a row in the back."
                        STRONG.has(k)
                            && before != "not"
                            && !(heard.word(i) == "row" && before == "a")
                    })
                    .map(|k| (i, k))
            });
            if let Some((at, kind)) = kind
                && let Some(street) = expect.known
                && !street.rsplit(' ').next().is_some_and(|w| {
                    tables()
                        .suffix(&w.to_lowercase())
                        .is_some_and(|k| STRONG.has(k))
                })
            {
                address.street = Some(format!("{street} {}", title_case(kind)));
                grow(at, at + 1);
            }
        }
        Some(Part::Unit) if address.unit.is_none() => {
            let at = (0..n.min(6)).find(|i| {
                unit_id(heard, *i).is_some_and(|(id, end)| {
                    (id != "A" && id != "I" || n <= 3)
                        && !heard.is_taken(*i, end)
                        // "Don't have one"
                        && !(heard.word(*i) == "one" && heard.any(i.wrapping_sub(1), PRONOUN))
                        && address.postal_code.as_ref() != Some(&id)
                        // "One month" is no unit.
                        && (end >= n
                            || heard.tokens[end - 1].stop > Stop::None
                            || !tables().is_word(heard.word(end))
                            || super::words::STOP.has(heard.word(end))
                                && !heard.any(end, COUNTED))
                        && heard.hits.at(Cue::NotPhone, end).is_none()
                })
            });
            // "Two twelve, no, that's the old one, they moved us to three oh nine": the last of them.
            let free = heard
                .runs
                .last()
                .filter(|r| !heard.is_taken(r.start, r.end));
            let last = free.map(|r| r.start).filter(|_| {
                heard.runs.len() > 1
                    && heard.says(words!["no", "sorry", "wait", "actually", "old", "now"])
            });
            let at = last.or(at);
            if let Some((id, end)) = at.and_then(|i| unit(heard, i, true)) {
                address.unit = Some(id);
                grow(at.unwrap_or(0), end);
            }
        }
        Some(Part::Zip) if address.postal_code.is_none() => {
            let first = || {
                let mut runs = heard.runs.iter();
                runs.find_map(|r| r.with_len(5).map(|d| (d.digits.clone(), r.end)))
            };
            if let Some((zip, end)) = zip_said(heard).or_else(first) {
                address.postal_code = Some(zip);
                grow(0, end);
            }
        }
        None | Some(Part::Whole) if expect.city_missing && n <= 9 => {
            let skip = lead_in(heard);
            let townlike = n - skip <= 3
                && n > skip + 1
                && heard.tokens[n - 1].any(words![
                    "city", "springs", "heights", "beach", "falls", "park", "hills", "lake",
                    "valley", "grove", "ridge", "creek", "village", "township", "island",
                ]);
            let known = tables().city(&heard.tokens, skip).is_some()
                || townlike
                || expect
                    .city
                    .is_some_and(|c| c.eq_ignore_ascii_case(heard.word(skip)));
            if known && address.unit.is_none() {
                let mut town = address.clone();
                let end = locality(heard, skip, &mut town, expect, true);
                // "It's the Brackenridge Apartments": a house of that name.
                let closes = || {
                    end >= n
                        || heard.tokens[end - 1].stop > Stop::None
                        || tables().is_closed(heard.word(end))
                        || heard.any(end, words!["zip", "zipcode", "postal"])
                        || heard.tokens[end].num != Num::None
                };
                if town.city.is_some() && closes() {
                    address = town;
                    grow(skip, end);
                }
            }
        }
        // "I'm out in Theodore", "Bastrop": the town, before the street is told.
        Some(Part::Whole) if !expect.places => {
            let skip = lead_in(heard);
            let led = skip > 0 && heard.word(skip - 1) == "in";
            let alone = !expect.name_asked
                && !expect.street_missing
                && town_at(heard, skip, expect).is_some_and(|used| {
                    let end = skip + used;
                    let state = tables().state(&heard.tokens, end, false);
                    (end + state.map_or(0, |s| s.1)..n).all(|i| LEAD.has(heard.word(i)))
                });
            if led || alone {
                let from = skip - usize::from(led);
                let end = locality(heard, from, &mut address, expect, alone);
                if address.city.is_some() {
                    grow(skip, end);
                }
            }
        }
        Some(Part::City) if address.city.is_none() => {
            let skip = lead_in(heard);
            let end = locality(heard, skip, &mut address, expect, true);
            if address.city.is_some() || address.state.is_some() {
                grow(skip, end);
            }
        }
        _ => {}
    }
    let (start, end) = span?;
    (!address.is_empty()).then_some(AddressMention {
        start,
        end,
        address,
    })
}
