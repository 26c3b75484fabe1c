//! Which of several offers is taken where no time is said: "the second one", "whichever's first", "not the first".

use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::state::State;
use crate::fields::token::{Num, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

use super::asking::{asks_at, asks_back};

/// Turns after which the offers are no longer counted through.
const STALE: u8 = 2;

impl State {
    /// The offer that the words point at by its place among the others; one that they turn down is off the table.
    pub(super) fn picked(&mut self, heard: &Heard) -> Option<Slot> {
        let offers = &self.agenda.offers;
        if offers.len() < 2 || self.agenda.age > STALE || heard.hits.has(Cue::NotFit) {
            return None;
        }
        // "The second", where an offer is for the second: that day, not the second offer.
        let dated = offers.iter().find(|o| {
            o.day.is_some_and(|d| {
                let number = Num::Ordinal(d.start.day() as u16);
                heard.tokens.iter().any(|t| t.num == number)
            })
        });
        if let Some(slot) = dated {
            return (!asks_back(heard)).then_some(*slot);
        }
        for at in 0..heard.tokens.len() {
            let Some(index) = place(heard, at, offers) else {
                continue;
            };
            if refused(heard, at) {
                if let Some(slot) = offers.get(index).copied() {
                    self.agenda.offers.retain(|o| *o != slot);
                }
                return None;
            }
            // "What was the last one again?"
            return offers
                .get(index)
                .copied()
                .filter(|_| !asks_at(heard, at) || heard.word(at + 1) == "please");
        }
        None
    }
}

/// The offer that a word counts out.
fn place(heard: &Heard, at: usize, offers: &[Slot]) -> Option<usize> {
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    let next = possessor(heard.word(at + 1));
    let the = matches!(back(1), "the" | "that");
    let one = matches!(
        next,
        "one" | "slot" | "option" | "time" | "appointment" | "works" | "is" | ""
    );
    let word = heard.word(at);
    // "Whichever's first", "whatever comes soonest", "the sooner the better".
    let soonest = matches!(
        word,
        "first" | "sooner" | "soonest" | "earlier" | "earliest" | "quicker" | "quickest"
    );
    let whichever = (1..=3)
        .any(|n| back(n).starts_with("whichever") || back(n).starts_with("whatever"))
        || matches!((back(2), back(1)), ("which", "ever"));
    let better = next == "the" && heard.word(at + 2) == "better";
    if soonest && (whichever || better) {
        return soonest_of(offers);
    }
    let index = match word {
        "first" | "former" | "1st" => 0,
        "earlier" | "earliest" | "soonest" | "sooner" => soonest_of(offers)?,
        "early" if next == "one" => 0,
        "second" | "2nd" if the || matches!(next, "one" | "slot" | "option") => 1,
        "late" if next == "one" => offers.len() - 1,
        "latter" | "later" | "latest" | "last" => offers.len() - 1,
        "third" | "3rd" => 2,
        "other" if the && next == "one" && offers.len() == 2 => 1,
        _ => return None,
    };
    (one || the && next != "thing").then_some(index)
}

/// The offer that comes before the others.
fn soonest_of(offers: &[Slot]) -> Option<usize> {
    let when = |o: &Slot| (o.day.map(|d| d.start), o.clock.map(|c| c.start));
    (0..offers.len()).min_by_key(|i| offers.get(*i).map(when))
}

/// "Not the first one", "the last one I can't do".
fn refused(heard: &Heard, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|i| heard.tokens[i].any(words!["not", "no", "nor", "except"]))
        || heard
            .hits
            .cue(Cue::Cannot)
            .any(|h| h.start > at && h.start <= at + 4 || h.end <= at && at - h.end <= 2)
}
