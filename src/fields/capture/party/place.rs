//! The firm at whose place, or by whose doing, something happened to the caller.

use crate::fields::gazetteer::tables;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::answer::PLACES;
use super::firm::{Party, Sure, party_at};

/// Places where one is treated are not where one was wronged.
pub(super) fn medical(heard: &Heard, party: &Party) -> bool {
    heard.tokens[party.start..party.end].iter().any(|t| {
        t.any(words![
            "hospital",
            "clinic",
            "health",
            "medical",
            "insurance",
            "center",
            "school",
            "police",
            "department",
        ])
    })
}

/// What happens to somebody at a place, or is done for an employer.
const EVENTS: &WordSet = words![
    "fell", "slipped", "tripped", "hurt", "injured", "burned", "cut", "work", "worked", "works",
    "working", "job", "shift", "fired", "lot", "employed", "happened", "accident", "bitten", "bit",
    "hit", "struck", "store", "aisle", "floor", "stairs", "outside", "shopping", "eating",
    "papers", "letter", "served", "notice", "sidewalk", "went", "landed", "mopped", "attacked",
    "clipped", "took", "bought", "lease", "rent", "sued", "was", "fall", "trip", "slip", "fault",
];

/// "I slipped in the Publix over on 49th", "I fell in the parking lot of the dollar market", "hit by a FedEx truck", "a letter from
/// Midland Funding": the firm whose place or doing it was.
pub(super) fn place_party(heard: &Heard) -> Option<Party> {
    vehicle_of(heard)
        .or_else(|| painted_on(heard))
        .or_else(|| employed_at(heard))
        .or_else(|| place_of(heard))
        .or_else(|| apposed(heard))
}

/// "I'm a nurse at Mercy Ridge Hospital and they fired me": where somebody worked who was dismissed or not paid.
fn employed_at(heard: &Heard) -> Option<Party> {
    if !heard.says(words![
        "fired",
        "terminated",
        "overtime",
        "wages",
        "paycheck",
        "harassed",
        "demoted",
    ]) {
        return None;
    }
    (2..heard.tokens.len()).find_map(|at| {
        let post = heard.any(at - 1, words!["at", "for"])
            && (heard.any(at.wrapping_sub(3), words!["a", "an", "the"])
                || heard.any(at.wrapping_sub(4), words!["a", "an"]));
        party_at(heard, at)
            .filter(|p| post && p.firm && p.sure == Sure::Named && !street_like(heard, p))
    })
}

/// "It said Calloway Freight on the side": whose vehicle or place it was.
fn painted_on(heard: &Heard) -> Option<Party> {
    (1..heard.tokens.len()).find_map(|at| {
        let said = heard.any(at - 1, words!["said", "says", "saying", "read", "reads"]);
        let party = party_at(heard, at).filter(|p| said && p.firm)?;
        (heard.any(party.end, words!["on", "across"])
            && heard.any(party.end + 1, words!["the", "it", "its", "his", "her"])
            && heard.any(
                party.end + 2,
                words![
                    "side", "door", "doors", "truck", "van", "trailer", "back", "shirt",
                ],
            ))
        .then_some(party)
    })
}

/// "At a hotel in June, the Larkspur Inn", "a city bus clipped me, it's Hill Country Transit": what the place or the vehicle is called.
fn apposed(heard: &Heard) -> Option<Party> {
    if !heard.tokens.iter().any(|t| EVENTS.has(&t.text)) {
        return None;
    }
    let thing = (1..heard.tokens.len()).find(|i| {
        let noun = heard.word(*i);
        (PLACES.has(noun) || VEHICLES.has(noun))
            && (i.saturating_sub(3)..*i)
                .any(|j| heard.any(j, words!["a", "an", "the", "this", "some", "my", "our"]))
    })?;
    (thing + 1..heard.tokens.len().min(thing + 18)).find_map(|at| {
        let called = heard.any(at - 1, words!["it's", "called"])
            || heard.any(at - 1, words!["is", "was"])
                && heard.any(at - 2, words!["it", "that", "place", "name"]);
        let beside = at <= thing + 7
            && (heard.word(at - 1) == "the" || heard.tokens[at - 1].stop == Stop::Comma);
        if !called && !beside {
            return None;
        }
        let party = party_at(heard, at)?;
        let town = tables().city(&heard.tokens, party.start) == Some(party.end - party.start);
        (party.firm
            && party.sure == Sure::Named
            && !medical(heard, &party)
            && !town
            && !street_like(heard, &party))
        .then_some(party)
    })
}

/// Vehicles of firms.
const VEHICLES: &WordSet = words![
    "van", "truck", "bus", "cab", "semi", "trailer", "shuttle", "train", "forklift",
];

/// "Rear ended by a van, it was a Pronto Foods van": whose vehicle it was.
fn vehicle_of(heard: &Heard) -> Option<Party> {
    if !heard.says(words![
        "van", "truck", "bus", "cab", "car", "semi", "trailer", "forklift",
    ]) {
        return None;
    }
    (2..heard.tokens.len()).find_map(|at| {
        let whose = heard.any(at - 1, words!["a", "an", "the"])
            && heard.any(at - 2, words!["was", "is", "it's"]);
        let party = party_at(heard, at).filter(|p| whose && p.firm && p.sure == Sure::Named)?;
        let hailed = tables().company(&heard.tokens, party.start).is_some()
            && party.end == heard.tokens.len();
        (hailed
            || heard.any(
                party.end,
                words![
                    "van", "truck", "bus", "cab", "car", "semi", "trailer", "driver",
                ],
            ))
        .then_some(party)
    })
}

fn place_of(heard: &Heard) -> Option<Party> {
    (1..heard.tokens.len()).find_map(|at| {
        if !matches!(
            heard.word(at),
            "at" | "in" | "by" | "for" | "from" | "of" | "outside" | "with"
        ) {
            return None;
        }
        let from = heard.clause_start(at).max(at.saturating_sub(9));
        if !heard.tokens[from..at].iter().any(|t| EVENTS.has(&t.text)) {
            return None;
        }
        let mut head = at + 1;
        while matches!(
            heard.word(head),
            "the"
                | "a"
                | "an"
                | "this"
                | "that"
                | "of"
                | "our"
                | "local"
                | "place"
                | "called"
                | "company"
        ) {
            head += 1;
        }
        let party = party_at(heard, head)?;
        // A lone strange word may be a town; a person is no place.
        let known = tables().company(&heard.tokens, party.start).is_some();
        let town = tables().city(&heard.tokens, party.start) == Some(party.end - party.start);
        let enough = party.firm && !medical(heard, &party) && (party.sure == Sure::Named || known);
        (enough && (known || !town) && !street_like(heard, &party)).then_some(party)
    })
}

/// Whether the stretch runs into a street, a road, a county.
pub(super) fn street_like(heard: &Heard, party: &Party) -> bool {
    (party.start..=party.end).any(|i| {
        matches!(
            heard.word(i),
            "street"
                | "road"
                | "avenue"
                | "highway"
                | "drive"
                | "lane"
                | "boulevard"
                | "county"
                | "interstate"
                | "parkway"
        )
    })
}
