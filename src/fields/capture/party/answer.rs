//! The other side in answer to the question: the party named, or everyday words where a firm's name was asked for.

use crate::fields::gazetteer::tables;
use crate::fields::name::word::{is_closed, is_title};
use crate::fields::state::State;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::firm::{Party, Sure, is_stop, party_at};
use super::role::stands_by;

/// What an agent asks for who wants a firm's name.
pub(in crate::fields::capture) const PLACES: &WordSet = words![
    "store",
    "shop",
    "company",
    "business",
    "restaurant",
    "hotel",
    "motel",
    "bar",
    "complex",
    "dealer",
    "dealership",
    "gym",
    "salon",
    "market",
    "outfit",
    "mall",
    "club",
    "bank",
    "lender",
    "facility",
    "daycare",
    "district",
    "home",
    "apartments",
    "agency",
    "association",
    "hoa",
];

/// The speaker ("I'm Corinne Abernathy", "this is Doctor Broussard") and the name of another time are no party.
pub(super) fn is_no_party(heard: &Heard, at: usize) -> bool {
    introduces_self(heard, at) || is_former(heard, at)
}

fn introduces_self(heard: &Heard, at: usize) -> bool {
    let mut at = at;
    while at > 0 && is_title(heard.word(at - 1)) {
        at -= 1;
    }
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    back(1) == "i'm" || back(1) == "is" && back(2) == "this" || back(1) == "am" && back(2) == "i"
}

/// The party named in an answer: the surest, the first of equals; what comes after "but" or "now" before what it corrects.
pub(super) fn answered_party(heard: &Heard) -> Option<Party> {
    let mut best: Option<Party> = None;
    let mut at = 0;
    while at < heard.tokens.len() {
        let Some(party) = party_at(heard, at).filter(|p| !is_no_party(heard, p.start)) else {
            at += 1;
            continue;
        };
        // "She's got a lawyer already, a Mister Reeve"
        if party.sure == Sure::Marked
            && (at.saturating_sub(5)..at).any(|i| stands_by(heard.word(i)))
        {
            at = party.end.max(at + 1);
            continue;
        }
        let alone = party.end - party.start + 4 >= heard.tokens.len() || leads(heard, &party);
        let enough = party.sure > Sure::Likely || alone && at <= 4;
        // "Big Daddy's Discount"
        let whole = party.firm && party.start == 1 && is_size(heard.word(0));
        let party = Party {
            start: if whole { 0 } else { party.start },
            ..party
        };
        // "Kristy Sorensen. No, she took her own name back. Kristy Applegate.": said again, the later form stands.
        let again = |b: &Party| {
            party.sure == b.sure && heard.word(b.start) == heard.word(party.start)
                || party.firm && alike(heard, b, &party)
        };
        if enough && best.is_none_or(|b| party.sure > b.sure || again(&b)) {
            best = Some(party);
        }
        at = party.end.max(at + 1);
    }
    best
}

/// "Yes, Tamsin Okafor, she's got a lawyer": two words at the head of the answer, the second a surname.
fn leads(heard: &Heard, party: &Party) -> bool {
    party.start <= 2
        && (0..party.start).all(|i| is_closed(heard.word(i)))
        && party.end == party.start + 2
        && tables().is_surname(heard.word(party.end - 1))
        && !tables().is_word(heard.word(party.start))
}

/// "She was Michelle Castellanos", "Kayla used to be Kayla Clarke": the name of another time.
fn is_former(heard: &Heard, at: usize) -> bool {
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    matches!(back(1), "was" | "formerly" | "be")
        && matches!(back(2), "she" | "he" | "they" | "to" | "who")
        || back(1) == "formerly"
}

/// Talk elsewhere, and the first word of many a firm's name.
fn is_size(word: &str) -> bool {
    matches!(
        word,
        "big"
            | "little"
            | "old"
            | "new"
            | "uncle"
            | "aunt"
            | "mama"
            | "papa"
            | "mister"
            | "miss"
            | "first"
            | "all"
            | "doctor"
            | "good"
            | "happy"
            | "single"
            | "second"
            | "double"
            | "triple"
    )
}

/// Whether two parties begin with words that sound alike: "Ridgeway Outdoor", "Ridgeback Outdoor Living".
fn alike(heard: &Heard, a: &Party, b: &Party) -> bool {
    let begins = strsim::jaro_winkler(heard.word(a.start), heard.word(b.start)) >= 0.8;
    begins && b.end - b.start >= a.end - a.start
}

/// "It's called Kettle Creek Brewing": everyday words that fill the answer after the word that says they are a name.
pub(super) fn called_party(heard: &Heard) -> Option<Party> {
    let n = heard.tokens.len();
    let at = (0..n).find(|i| matches!(heard.word(*i), "called" | "named"))? + 1;
    let fills = (2..=5).contains(&(n - at))
        && heard.tokens[at..]
            .iter()
            .all(|t| !is_stop(&t.text) && t.num == Num::None && t.text.chars().count() > 1);
    fills.then_some(Party {
        start: at,
        end: n,
        sure: Sure::Marked,
        firm: true,
    })
}

impl State {
    /// "What store?" "Corner Pantry, the one on Fifth": everyday words at the head of the answer to a question for a place.
    pub(super) fn place_answered(&self, heard: &Heard) -> Option<Party> {
        let place = self.last_agent.iter().any(|w| {
            PLACES.has(possessor(w)) || matches!(w.as_str(), "work" | "works" | "employed")
        });
        let start = (0..heard.tokens.len().min(4)).find(|i| !is_closed(heard.word(*i)))?;
        let end = (start..heard.tokens.len().min(start + 5))
            .find(|i| {
                is_closed(heard.word(*i))
                    || is_stop(heard.word(*i))
                    || heard.tokens[*i].num != Num::None
            })
            .unwrap_or(heard.tokens.len().min(start + 5));
        let end = (start..end)
            .find(|i| heard.tokens[*i].stop >= Stop::Comma)
            .map_or(end, |i| i + 1);
        let nothing_else = end == heard.tokens.len()
            || (start..end).any(|i| i + 1 == end && heard.tokens[i].stop >= Stop::Comma)
            || heard.any(
                end,
                words![
                    "the", "on", "over", "in", "at", "off", "out", "by", "near", "up", "down",
                ],
            );
        // "A grocery store" is any.
        let common = (start..end).any(|i| i + 1 == end && PLACES.has(heard.word(i)));
        let several = (start + 2..=start + 4).contains(&end) && !common;
        (place && several && nothing_else).then_some(Party {
            start,
            end,
            sure: Sure::Marked,
            firm: true,
        })
    }
}
