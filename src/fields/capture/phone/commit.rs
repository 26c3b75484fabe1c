//! Under which field a number goes, and what becomes of the one that was there.

use crate::fields::cue::Cue;
use crate::fields::evidence::Evidence;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::phone::Owner;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

/// A number to be put under a field.
pub(super) struct Said {
    pub owner: Owner,
    pub number: String,
    /// Where the number before it in the turn ends.
    pub floor: usize,
    pub strength: Strength,
    /// The area code was not said.
    pub inferred: bool,
    pub evidence: Vec<Evidence>,
    pub raw: String,
    pub p: f32,
}

impl State {
    /// Puts a number under the field that its owner and the question say.
    pub(super) fn commit_phone(&mut self, heard: &Heard, mut said: Said) {
        // "Nine five two, five five five, oh", and no more: the beginning of the number that calls, not a local one.
        if said.inferred
            && let Some(calling) = &self.ctx.caller_id
            && let (Some(seven), Some(national)) = (said.number.get(5..), calling.get(2..))
            && national.starts_with(seven)
        {
            said.number.clone_from(calling);
        }
        let asked = self.asked_of(FieldType::Phone, 1).map(|a| a.field);
        let Some(mut field) = self.phone_field(heard, said.owner, asked) else {
            return;
        };
        let value = Value::Text(said.number);
        let mut strength = said.strength;
        let held = self.ledger(field).held.as_ref();
        let differs =
            held.is_some_and(|h| h.value != value && !h.inferred && h.source == Source::CallerSaid);
        // Nearly the same digits again are the same number said better, unless another was asked for.
        let near = differs
            && asked.is_none_or(|a| a == field)
            && said.owner != Owner::Kin
            && held
                .and_then(|h| h.value.text())
                .zip(value.text())
                .is_some_and(|(a, b)| strsim::osa_distance(a, b) <= 2);
        // "... use that", "but my cell is better": said of this number, not of one before it.
        let prefers = heard.hits.cue(Cue::Prefer).any(|h| h.start >= said.floor);
        let this_turn = held
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn == heard.segment);
        if near && !this_turn {
            strength = Strength::Repair;
        }
        let one_more = self.asked_for_more();
        // A second number of the caller's own that corrects nothing is another number, not a better one.
        if differs
            && self.name(field) == "callback_number"
            && strength < Strength::Repair
            && !prefers
            && (this_turn || one_more || !self.was_asked(field, 0))
            && let Some(other) = self.field("alternate_number")
        {
            field = other;
        } else if differs && this_turn && prefers && strength < Strength::Repair {
            self.demote(field);
        }
        // A number that an agent's read-back got wrong and the caller now says again in full.
        let disputed = self.pending.iter().any(|r| {
            r.field == field && (!r.matches || strength == Strength::Repair && !r.overtaken)
        });
        self.pending.retain(|r| r.field != field);
        self.read_out = None;
        if self.value(field).is_some_and(|v| *v != value) && self.was_asked(field, 1) {
            strength = strength.max(Strength::Explicit);
        }
        let kind = self.ledger_mut(field).claim(Claim {
            value,
            source: Source::CallerSaid,
            strength,
            inferred: said.inferred,
            p: said.p,
            raw: said.raw,
            evidence: said.evidence,
        });
        self.note(field, kind);
        self.dispute(field, disputed);
    }

    /// "And a cell just in case?", "is there somebody else?" asks for one more.
    fn asked_for_more(&self) -> bool {
        self.last_agent.iter().any(|w| {
            matches!(
                w.as_str(),
                "case" | "another" | "second" | "backup" | "other" | "alternate" | "also"
            )
        })
    }

    /// "If we can't get you, is there somebody else?": another to be called in the caller's place.
    fn asked_for_stand_in(&self) -> bool {
        let said = |words: &WordSet| self.last_agent.iter().any(|w| words.has(w));
        said(words!["you", "through"])
            && said(words![
                "can't", "cannot", "couldn't", "don't", "miss", "unable"
            ])
            && said(words![
                "get", "reach", "catch", "miss", "through", "raise", "answer", "ahold", "find",
                "pick",
            ])
    }

    /// The number held gives way to one preferred to it, and is the second one from now on.
    fn demote(&mut self, field: u8) {
        let (Some(other), Some(held)) = (
            self.field("alternate_number"),
            self.ledger(field).held.clone(),
        ) else {
            return;
        };
        let claim = Claim {
            value: held.value,
            source: held.source,
            strength: Strength::Answer,
            inferred: held.inferred,
            p: held.p,
            raw: held.raw,
            evidence: held.evidence,
        };
        let kind = self.ledger_mut(other).claim(claim);
        self.note(other, kind);
    }

    /// The field of a number of that owner.
    fn phone_field(&self, heard: &Heard, owner: Owner, asked: Option<u8>) -> Option<u8> {
        let callback = self
            .field("callback_number")
            .or_else(|| self.vertical.first_of(FieldType::Phone).map(|i| i as u8));
        let alternate = self.field("alternate_number");
        match owner {
            // The question says whose number it is.
            Owner::Unsaid => asked
                .or_else(|| {
                    self.field("third_party_number")
                        .filter(|_| self.another_in_talk)
                })
                .or(callback),
            Owner::Callback => asked.filter(|a| Some(*a) == alternate).or(callback),
            Owner::Alternate => alternate,
            // The number of somebody at home, given for the asking or put in the caller's own number's place, is where to call.
            Owner::Kin
                if asked.is_some() && asked == alternate
                    || asked.is_none() && self.asked_for_stand_in() =>
            {
                alternate
            }
            Owner::Kin => {
                let wanted =
                    heard.hits.has(Cue::Prefer) || heard.says(words!["instead", "use", "first"]);
                let free = callback
                    .and_then(|f| self.ledger(f).held.as_ref())
                    .is_none_or(|h| h.source == Source::CallerId);
                if wanted || free && (asked.is_some() && asked == callback || calls(heard)) {
                    callback
                } else {
                    self.field("third_party_number")
                }
            }
            Owner::Third if asked.is_none() && self.asked_for_stand_in() => alternate,
            Owner::Third => self.field("third_party_number"),
            Owner::Dialled => None,
        }
    }
}

/// "You can call my daughter": an invitation to.
fn calls(heard: &Heard) -> bool {
    heard.says(words!["call", "reach", "text", "contact"])
}
