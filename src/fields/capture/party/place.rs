//! The firm at whose place, or by whose doing, something happened to the caller.

use crate::fields::gazetteer::tables;
use crate::fields::turn::Heard;
use crate::fields::word_set::WordSet;

use super::firm::{Party, Sure, party_at};

/// Places where one is treated are not where one was wronged.
pub(super) fn medical(heard: &Heard, party: &Party) -> bool {
    heard.tokens[party.start..party.end].iter().any(|t| {
        t.any(&[
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
static EVENTS: WordSet = WordSet::new(&[
    "fell", "slipped", "tripped", "hurt", "injured", "burned", "cut", "work", "worked", "works",
    "working", "job", "shift", "fired", "lot", "employed", "happened", "accident", "bitten", "bit",
    "hit", "struck", "store", "aisle", "floor", "stairs", "outside", "shopping", "eating",
    "papers", "letter", "served", "notice", "sidewalk", "went", "landed", "mopped", "attacked",
    "bought", "lease", "rent", "sued", "was", "fall", "trip", "slip", "fault",
]);

/// "I slipped in the Publix over on 49th", "I fell in the parking lot of the dollar market", "hit by a FedEx truck", "a letter from
/// Midland Funding": the firm whose place or doing it was.
pub(super) fn place_party(heard: &Heard) -> Option<Party> {
    vehicle_of(heard).or_else(|| place_of(heard))
}

/// "Rear ended by a van, it was a Pronto Foods van": whose vehicle it was.
fn vehicle_of(heard: &Heard) -> Option<Party> {
    if !heard.says(&[
        "van", "truck", "bus", "cab", "car", "semi", "trailer", "forklift",
    ]) {
        return None;
    }
    (2..heard.tokens.len()).find_map(|at| {
        let whose =
            heard.any(at - 1, &["a", "an", "the"]) && heard.any(at - 2, &["was", "is", "it's"]);
        let party = party_at(heard, at).filter(|p| whose && p.firm && p.sure == Sure::Named)?;
        let hailed = tables().company(&heard.tokens, party.start).is_some()
            && party.end == heard.tokens.len();
        (hailed
            || heard.any(
                party.end,
                &[
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
