//! Towns between which something is moved: "from Gallup to Flagstaff", "it's in Dormont", and towns with their states.

use super::town::locality;
use super::words::{LEAD, street_type};
use super::{AddressMention, Expect};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::name::word::is_kin;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::Address;
use crate::fields::word_set::{WordSet, words};

/// Homes between "from" or "to" and their town: "from my aunt's place in".
const HOME: &WordSet = words![
    "a",
    "an",
    "my",
    "our",
    "his",
    "her",
    "their",
    "new",
    "old",
    "place",
    "house",
    "apartment",
    "condo",
    "loft",
    "townhouse",
    "home",
    "folks",
    "one",
    "downtown",
    "mom's",
    "dad's",
    "parents",
    "parents'",
    "family's",
    "studio",
    "duplex",
    "dorm",
    "office",
    "shop",
    "cabin",
    "facility",
];

/// What a firm has in a town or a quarter, and names by it.
const PREMISES: &WordSet = words![
    "branch",
    "office",
    "store",
    "location",
    "campus",
    "warehouse",
    "shop",
    "site",
    "clinic",
    "plant",
    "exit",
];

/// Cities after "from" and "to", where places of departure and arrival are wanted.
pub(super) fn cities(heard: &Heard, expect: Expect<'_>, out: &mut Vec<AddressMention>) {
    let tables = tables();
    let mut starts: Vec<usize> = heard
        .hits
        .all()
        .iter()
        .filter(|h| {
            matches!(
                h.mark,
                crate::fields::cue::Mark::Cue(Cue::Origin | Cue::Destination)
            )
        })
        .map(|h| h.end)
        .collect();
    if expect.asked.is_some() {
        starts.push(
            (0..heard.tokens.len())
                .take_while(|i| LEAD.has(heard.word(*i)))
                .count(),
        );
    }
    // "Somewhere in Nashville"
    if expect.asked.is_some() && heard.says(words!["in"]) {
        let led = |at: &usize| {
            heard.any(at - 1, words!["in"]) && tables.city(&heard.tokens, *at).is_some()
        };
        starts.extend((1..heard.tokens.len()).filter(led));
    }
    // "Austin to El Paso"
    if heard.says(words!["to"]) {
        let way = |to: usize| {
            let before = (1..=3.min(to)).find(|n| tables.city(&heard.tokens, to - n) == Some(*n));
            before
                .filter(|_| tables.city(&heard.tokens, to + 1).is_some())
                .map(|n| to - n)
        };
        starts.extend(
            (1..heard.tokens.len())
                .filter(|at| heard.word(*at) == "to")
                .filter_map(way),
        );
    }
    // "They give us the house when we arrive, so just Fayetteville, North Carolina": a town with its state is a place wherever it is said.
    if expect.asked.is_some() {
        starts.extend((0..heard.tokens.len()).filter(|at| {
            tables
                .city(&heard.tokens, *at)
                .is_some_and(|used| tables.state(&heard.tokens, at + used, false).is_some())
        }));
    }
    starts.sort_unstable();
    starts.dedup();
    for start in starts {
        let bare = heard
            .tokens
            .get(start.wrapping_sub(1))
            .is_some_and(|t| t.any(words!["to", "from", "in"]));
        let long_cue = heard.hits.all().iter().any(|h| {
            h.end == start
                && h.end - h.start > 1
                && matches!(
                    h.mark,
                    crate::fields::cue::Mark::Cue(Cue::Origin | Cue::Destination)
                )
        });
        // "We fly to Lisbon on the 1st": where people go, not their things.
        if bare
            && heard.any(
                start.wrapping_sub(2),
                words!["fly", "flying", "flight", "flights"],
            )
        {
            continue;
        }
        let mut at = start;
        while tables.city(&heard.tokens, at).is_none()
            && (is_kin(heard.word(at)) || LEAD.has(heard.word(at)) || HOME.has(heard.word(at)))
            && at < start + 5
        {
            at += 1;
        }
        if at >= heard.tokens.len()
            || heard.is_taken(at, at + 1)
            || out
                .iter()
                .any(|m| m.start <= at && at < m.end || m.start > at && m.start - at <= 1)
        {
            continue;
        }
        let word = heard.word(at);
        // "Maplewood, not Maple Grove": the street spoken of.
        let known = |k: &str| k.split(' ').any(|w| w.eq_ignore_ascii_case(word));
        // "It's at Ingersoll and 28th": a street.
        let street = || heard.any(at.wrapping_sub(1), words!["at", "on", "off"]);
        if expect.known.is_some_and(known) || street() {
            continue;
        }
        // "From Cherokee Street": a street, whatever town is called so too.
        let used = tables.city(&heard.tokens, at).unwrap_or(1);
        // "From the Riverside branch"
        if heard.any(at.wrapping_sub(1), words!["the", "our", "your"])
            && heard.any(at + used, PREMISES)
        {
            continue;
        }
        if street_type(heard.word(at + used)).is_some() {
            continue;
        }
        let mut address = Address::default();
        let known = tables.city(&heard.tokens, at).is_some()
            || expect.city.is_some_and(|c| c.eq_ignore_ascii_case(word));
        let plain = word.len() > 3
            && !tables.is_word(word)
            && !tables.is_given(word)
            && heard.tokens[at].num == Num::None
            && word.chars().all(char::is_alphabetic)
            && (heard.tokens[at].upper || !heard.cased);
        // A town no table knows needs the words around it, or a capital: "from undergrad" and "out of the dorm" name none.
        let article = heard.word(at.wrapping_sub(1)) == "the"
            || (start..at).any(|i| {
                heard.tokens[i].any(words![
                    "the",
                    "a",
                    "my",
                    "our",
                    "place",
                    "house",
                    "apartment",
                    "condo",
                    "one",
                ])
            });
        // "From my aunt's in Lockhart": what stands before "in" is no part of it.
        let article = article && !(at > start && heard.any(at - 1, words!["in"]));
        let upper = heard.tokens[at].upper && heard.cased;
        let capital = upper && !tables.is_word(word) && heard.tokens[at].num == Num::None;
        // "From Gallup to Flagstaff": of two names in one way neither needs a table.
        let way = bare
            && match heard.word(start.wrapping_sub(1)) {
                "from" => heard.word(at + 1) == "to",
                _ => {
                    heard.word(at.wrapping_sub(3)) == "from"
                        || heard.word(at.wrapping_sub(4)) == "from"
                }
            };
        let plain = plain
            && !article
            && (expect.asked.is_some()
                || long_cue && bare
                || upper
                || way
                || at > start && heard.any(at - 1, words!["in"]));
        if !known && !plain && !(capital && !article && bare) {
            continue;
        }
        let end = locality(heard, at, &mut address, expect, true);
        // "From Tates Creek Road": a street without its number.
        if end > at + 1 && street_type(heard.word(end - 1)).is_some() && !known {
            continue;
        }
        if address.city.is_some() && address.street.is_none() {
            out.push(AddressMention {
                start: at,
                end,
                address,
            });
        }
    }
    out.sort_by_key(|m| m.start);
}
