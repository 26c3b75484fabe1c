//! Names spelled: letters beside a name, letters alone, letters over several turns, and amendments ("with a k").

use crate::fields::address::street_type;
use crate::fields::cue::Cue;
use crate::fields::dialogue::{Part, Reply};
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::name;
use crate::fields::name::span::{Level, name_at};
use crate::fields::spell::{self, Spelled};
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::words;

use super::update::shares_word;
use super::value_of;

/// Letters said so far of a name that is spelled over several turns.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fields) struct Letters {
    /// The letters.
    word: String,
    /// The name as it was before they began.
    base: Option<String>,
    /// Whose name.
    field: Option<u8>,
}

/// "No second E. E-R-L-Y.": the letter that is one too many is not the first of those that follow.
fn drop_denied(heard: &Heard, spelled: &mut Spelled) {
    let before = |n: usize| heard.word(spelled.start.wrapping_sub(n));
    let denied = before(2) == "no" && matches!(before(1), "second" | "extra" | "other" | "third");
    if denied && spelled.word.len() > 3 && spelled.word.is_ascii() {
        spelled.word.remove(0);
    }
}

impl State {
    /// The spelled words of the caller's turn; a turn of nothing but letters goes on with those of the turn before.
    pub(super) fn letters_of(&mut self, heard: &Heard, reply: &Reply) -> Vec<Spelled> {
        let mut spelled: Vec<Spelled> = spell::spelled(heard)
            .into_iter()
            .filter(|s| !heard.is_taken(s.start, s.end))
            // "B-O-U-L-D-I-N, Bouldin Avenue": the letters are the street's.
            .filter(|s| heard.word(s.end) != s.word || street_type(heard.word(s.end + 1)).is_none())
            .collect();
        for s in &mut spelled {
            drop_denied(heard, s);
            self.drop_restart(&mut s.word);
            self.drop_stray(heard, &mut s.word);
        }
        let open = self.letters.take();
        let expected = open.is_some()
            || self.asked.iter().any(|a| a.spelling && a.age <= 1)
            || self.asked_of(FieldType::PersonName, 1).is_some()
            || self.last_name_field.is_some();
        // "Out of J-B-L-M": letters that cannot be spoken as a word spell no name, unless one was to be spelled.
        if !expected || open.is_none() && !self.asked.iter().any(|a| a.spelling && a.age <= 1) {
            spelled.retain(|s| s.word.len() > 5 || s.word.contains(['a', 'e', 'i', 'o', 'u', 'y']));
        }
        let only = spell::only_letters(heard).filter(|s| !heard.is_taken(s.start, s.end));
        let Some(only) = only.filter(|_| expected) else {
            if reply.backchannel {
                self.letters = open;
            }
            return spelled;
        };
        let field = open
            .as_ref()
            .and_then(|o| o.field)
            .or_else(|| self.asked_of(FieldType::PersonName, 1).map(|a| a.field))
            .or(self.last_name_field);
        let base = match &open {
            Some(open) => open.base.clone(),
            None => field
                .and_then(|f| self.value(f))
                .and_then(Value::text)
                .map(str::to_owned),
        };
        let word = match &open {
            Some(open) if !only.word.starts_with(open.word.as_str()) => {
                format!("{}{}", open.word, only.word)
            }
            _ => only.word.clone(),
        };
        // Nobody's name is longer.
        if word.len() <= 40 {
            self.letters = Some(Letters {
                word: word.clone(),
                base,
                field,
            });
        }
        if word.chars().count() >= 3 || only.explained {
            let mut word = word;
            self.drop_restart(&mut word);
            self.drop_stray(heard, &mut word);
            spelled = vec![Spelled { word, ..only }];
        }
        spelled
    }

    /// "Novak with a V?" "No, W. N-O-W-A-K."; "no E before the Y, W-I-M-B-E-R-L-Y": the letter that was spoken of does not begin the word,
    /// where without it the letters are more like what was just said.
    fn drop_stray(&self, heard: &Heard, word: &mut String) {
        let Some(rest) = word.get(1..).filter(|r| r.len() >= 3 && word.is_ascii()) else {
            return;
        };
        let here = heard.tokens.iter().map(|t| &t.text);
        let said = here
            .chain(self.last_agent.iter())
            .chain(self.last_caller.iter());
        let (mut whole, mut without) = (0.0_f64, 0.0_f64);
        for w in said.filter(|w| w.len() >= 3) {
            whole = whole.max(strsim::jaro_winkler(w, word));
            without = without.max(strsim::jaro_winkler(w, rest));
        }
        if without >= 0.85 && without > whole + 0.02 {
            word.remove(0);
        }
    }

    /// "No, A-R, G-U-N-N-A-R": the ending put right, and then the whole word, which alone is like the name held.
    fn drop_restart(&self, word: &mut String) {
        let held: Vec<String> = (0..self.ledgers.len() as u8)
            .filter(|f| self.ty(*f) == FieldType::PersonName)
            .filter_map(|f| self.value(f).and_then(Value::text))
            .flat_map(|name| name.split([' ', '-']).map(str::to_lowercase))
            .collect();
        let like = |w: &str| {
            held.iter()
                .map(|h| strsim::jaro_winkler(h, w))
                .fold(0.0, f64::max)
        };
        let rest = (2..=4)
            .filter_map(|n| word.split_at_checked(n))
            .find(|(ending, rest)| {
                rest.len() >= 4 && rest.ends_with(ending) && like(rest) > like(word)
            })
            .map(|(_, rest)| rest.to_owned());
        if let Some(rest) = rest {
            *word = rest;
        }
    }

    /// The agent's turn ends a spelling unless it only follows it.
    pub(super) fn agent_follows_letters(&mut self, heard: &Heard) {
        let follows = heard.speaker == Speaker::Agent
            && (heard.tokens.len() <= 3
                || crate::fields::dialogue::covered(heard, Cue::Backchannel)
                || heard
                    .tokens
                    .iter()
                    .filter(|t| t.text.chars().count() == 1)
                    .count()
                    * 2
                    >= heard.tokens.len());
        if !follows {
            self.letters = None;
        }
    }

    /// Letters with no name beside them.
    pub(super) fn spelling(
        &mut self,
        heard: &Heard,
        spelled: &Spelled,
        asked: Option<Part>,
        expected: bool,
    ) -> bool {
        // A street read back or just said may be what is spelled.
        if self.last_was_street()
            && let Some(field) = self.last_address_field()
            && let Some(address) = self.value(field).and_then(Value::address)
            && let Some(fixed) = crate::fields::address::with_spelling(address, spelled)
        {
            self.claim(
                field,
                heard,
                (spelled.start, spelled.end),
                Role::Spells,
                Value::Address(fixed),
                Strength::Repair,
            );
            return true;
        }
        let spell_asked = self.asked.iter().any(|a| a.spelling && a.age <= 1);
        let pending = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::PersonName)
            .map(|p| p.field);
        let recent = self.last_name_field.filter(|f| {
            self.ledger(*f)
                .held
                .as_ref()
                .is_some_and(|h| self.last_end_ms.saturating_sub(h.at_ms) < 30_000)
        });
        let field = if expected {
            self.asked_of(FieldType::PersonName, 1).map(|a| a.field)
        } else {
            None
        };
        let Some(field) = field.or(pending).or(recent).or(if spell_asked {
            self.last_name_field
        } else {
            None
        }) else {
            return false;
        };
        let held = match &self.letters {
            Some(letters) if letters.field == Some(field) => letters.base.clone(),
            _ => self.value(field).and_then(Value::text).map(str::to_owned),
        };
        // Once the caller's name was told in full, letters like none of it spell somebody else's.
        let like = |w: &str| strsim::jaro_winkler(&w.to_lowercase(), &spelled.word) >= 0.6;
        let another = held
            .as_deref()
            .is_some_and(|h| h.contains(' ') && !h.split([' ', '-']).any(like));
        if another
            && Some(field) == self.field("caller_name")
            && !(self.asked.iter()).any(|a| a.field == field && a.age <= 1 && !a.spelling)
            && pending != Some(field)
        {
            return false;
        }
        let surname = asked == Some(Part::Last)
            || heard.hits.before(Cue::LastName, spelled.start, 4).is_some()
            || spell_asked;
        let value = name::with_spelling(held.as_deref(), spelled, surname);
        self.claim(
            field,
            heard,
            (spelled.start, spelled.end),
            Role::Spells,
            value_of(&value),
            Strength::Repair,
        );
        let disputed = pending == Some(field);
        self.pending.retain(|p| p.field != field || !disputed);
        self.dispute(field, disputed);
        self.last_name_field = Some(field);
        true
    }

    /// "He's under his dad's last name. Milo Pruszynski, P-R-U-S ...": letters of a full name just before them that is not the caller's.
    pub(super) fn spelled_of_another(&mut self, heard: &mut Heard, spelled: &Spelled) -> bool {
        let Some(callers) = self.held_text("caller_name") else {
            return false;
        };
        let named = (spelled.start.saturating_sub(3)..spelled.start)
            .filter_map(|at| name_at(heard, at, Level::Introduced))
            .find(|s| {
                s.end == spelled.start
                    && s.words.len() >= 2
                    && s.is_given()
                    && s.words
                        .last()
                        .is_some_and(|w| strsim::jaro_winkler(w, &spelled.word) >= 0.8)
                    && !shares_word(&callers, &s.name())
            });
        let third = heard.says(words!["he", "she", "he's", "she's", "his", "her"]);
        let Some(span) = named.filter(|_| third) else {
            return false;
        };
        if let Some(field) = self
            .field("patient_name")
            .filter(|f| self.value(*f).is_none())
        {
            let value = name::with_spelling(Some(&span.name()), spelled, true);
            let words = (span.start, spelled.end);
            self.claim(
                field,
                heard,
                words,
                Role::Spells,
                value_of(&value),
                Strength::Answer,
            );
            self.last_name_field = Some(field);
        }
        true
    }

    /// "With a k", of the name held.
    pub(super) fn amended_alone(&mut self, heard: &Heard, reply: &Reply) {
        // Of the name held, or of the one the agent has just put to the caller.
        let proposed = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::PersonName && self.value(p.field).is_none());
        let called = || Some((self.field("caller_name")?, self.called.clone()?));
        let Some((field, held)) = self
            .last_name_field
            .and_then(|f| Some((f, self.value(f)?.text()?.to_owned())))
            .or_else(|| proposed.and_then(|p| Some((p.field, p.value.text()?.to_owned()))))
            .or_else(called)
        else {
            return;
        };
        let asked = self.asked.iter().any(|a| a.spelling && a.age <= 1);
        if heard.tokens.len() > 10 && !asked {
            return;
        }
        let Some((amended, from, to)) = spell::amend(&held, heard, 0, self.named_part) else {
            return;
        };
        let pending = self.pending.iter().any(|p| p.field == field);
        self.claim(
            field,
            heard,
            (from, to),
            Role::Spells,
            value_of(&amended),
            Strength::Repair,
        );
        if pending && reply.deny {
            self.pending.retain(|p| p.field != field);
            self.dispute(field, true);
        }
    }
}
