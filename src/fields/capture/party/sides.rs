//! Who of all that a call names is the other side of the matter, or the patient: the rules' choice, made turn by turn, weighed beside all
//! that was said around each name.
//!
//! Owns where a turn names somebody and what the weights are worth beside the rules.

use crate::fields::capture::name::value_of;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Claim;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::tag;
use crate::fields::name::word::{Nameness, is_closed, is_kin, is_title, nameness};
use crate::fields::phone::people::is_somebody;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, same_text};
use crate::fields::vertical::Vertical;
use crate::fields::weigh::{self, Before, Known, Parties, Party, Spot};

use super::firm::{party_at, recorded};

/// What the rules' choice is worth beside the words, in the logarithm of odds. Chosen, coarsely, as was the next, on sums over calls that
/// no rule had been looked at with.
const SEEN: f32 = 3.0;
/// What a name must weigh that the rules did not choose.
const FILLS: f32 = 1.0;

/// The field of the other side.
const AGAINST: &str = "opposing_party";
/// The field of the patient.
const PATIENT: &str = "patient_name";

/// The parties of a call of that vertical, none yet; `None` where nobody is wanted beside the caller.
pub fn parties_of(vertical: &Vertical) -> Option<Parties> {
    let named = |ty: FieldType| matches!(ty, FieldType::PersonName | FieldType::Text);
    let has = |name: &str| (vertical.fields.iter()).any(|f| f.name == name && named(f.ty));
    if has(AGAINST) {
        return Some(Parties::new(weigh::against()));
    }
    has(PATIENT).then(|| Parties::new(weigh::patient()))
}

/// The names in a turn, firms' where they are wanted.
fn spots(heard: &Heard, firms: bool) -> Vec<Spot> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < heard.tokens.len() {
        let spot = may_begin(heard, at).then(|| {
            let party = if firms {
                party(heard, at)
            } else {
                full(heard, at)
            };
            party.or_else(|| person(heard, at))
        });
        match spot.flatten() {
            Some(spot) => {
                at = spot.end.max(at + 1);
                out.push(spot);
            }
            None => at += 1,
        }
    }
    out
}

/// Whether a name may begin with the word. "My neighbor Phil Garrison", "she's on the lease Monique Desjardins": after the word.
fn may_begin(heard: &Heard, at: usize) -> bool {
    let first = &heard.tokens[at];
    if heard.cased && !first.upper || is_closed(&first.text) {
        return false;
    }
    let plain = |word: &str| tables().is_word(word) && !tables().is_given(word);
    let before_name =
        || !heard.cased && plain(&first.text) && tables().is_given(heard.word(at + 1));
    !is_kin(&first.text) && !is_somebody(&first.text) && !before_name()
}

/// A firm, or a person with a surname.
fn party(heard: &Heard, at: usize) -> Option<Spot> {
    let found = party_at(heard, at)?;
    Some(Spot {
        start: found.start,
        end: found.end,
        name: recorded(heard, &found),
        firm: found.firm,
    })
}

/// A person with a surname, or with a title.
fn full(heard: &Heard, at: usize) -> Option<Spot> {
    let span = name_at(heard, at, Level::Introduced)?;
    let whole = span.words.len() >= 2 && span.is_given();
    (span.titled || whole).then(|| Spot {
        start: span.start,
        end: span.end,
        name: span.name(),
        firm: false,
    })
}

/// A person by what the words look like, a given name alone as well.
fn person(heard: &Heard, at: usize) -> Option<Spot> {
    let first = heard.tokens.get(at)?;
    if nameness(first) < Nameness::Unknown {
        return None;
    }
    let titled = is_title(heard.word(at.wrapping_sub(1)));
    let given = tables().is_given(tag::bare(first)) && nameness(first) >= Nameness::Both;
    // "It's for tesfaye bekele": words that no table knows, side by side.
    let strange = |i: usize| {
        heard
            .tokens
            .get(i)
            .is_some_and(|t| nameness(t) == Nameness::Unknown)
    };
    let named = match heard.cased {
        true => at > 0 && !heard.tokens[at - 1].ends_clause(),
        false => strange(at) && (strange(at + 1) || tables().is_surname(heard.word(at + 1))),
    };
    if !(titled || given || named) {
        return None;
    }
    let span = name_at(heard, at, Level::Open)?;
    Some(Spot {
        start: span.start,
        end: span.end,
        name: span.name(),
        firm: false,
    })
}

impl State {
    /// Notes the names that a turn speaks of.
    pub(in crate::fields::capture) fn note_parties(&mut self, heard: &Heard) {
        let (asked, own) = self.turns_before(heard.speaker);
        let firms = self.field(AGAINST).is_some();
        let Some(parties) = self.parties.as_mut() else {
            return;
        };
        let before = Before {
            asked: &asked,
            own: &own,
            line: None,
        };
        parties.hear(heard, spots(heard, firms), before);
    }

    /// Each name of the call with what is known of it beside the words around it.
    pub(in crate::fields) fn party_facts(&self) -> Vec<Vec<String>> {
        self.with_parties(|p, known| (0..p.all().len()).map(|at| p.facts(at, known)).collect())
            .unwrap_or_default()
    }

    /// What each weighs for a field.
    pub(in crate::fields) fn party_scores(&self, field: &str) -> Vec<f32> {
        self.with_parties(|parties, known| parties.scores(field, known))
            .unwrap_or_default()
    }

    fn with_parties<T>(&self, of: impl FnOnce(&Parties, Known) -> T) -> Option<T> {
        let caller = self.held_text("caller_name");
        let known = Known {
            caller: caller.as_deref(),
            agent: self.agent_name.as_deref(),
            matter: self.choice("problem_category"),
        };
        Some(of(self.parties.as_ref()?, known))
    }

    /// The call is over: the field has the name that rules and words together make likeliest. What a person has set or the two sides have
    /// agreed on stays.
    pub(in crate::fields) fn allot_parties(&mut self) {
        let wanted = [AGAINST, PATIENT];
        let Some((name, field)) = wanted.iter().find_map(|n| Some((*n, self.field(n)?))) else {
            return;
        };
        if !self.ledger(field).is_open() {
            return;
        }
        let held = self.held_text(name);
        let Some(likeliest) = self.likeliest_party(name, held.as_deref()) else {
            return;
        };
        // That the caller is the patient nobody said.
        let caller = self.held_text("caller_name");
        let own = |party: &Party| name == PATIENT && caller.as_deref().is_some_and(|c| party.is(c));
        let claimed = likeliest.map(|party| Claim {
            inferred: own(party),
            ..claim(party)
        });
        let kind = match claimed {
            None => self.ledger_mut(field).withdraw(),
            Some(claim) => self.ledger_mut(field).outweigh(claim),
        };
        self.note(field, kind);
    }

    /// Who has the field by rules and words together, or nobody; `None` where that is who has it.
    fn likeliest_party(&self, name: &str, held: Option<&str>) -> Option<Option<&Party>> {
        let all = self.parties.as_ref()?.all();
        let position = |held| {
            let whole = all.iter().position(|p| same_text(p.name(), held));
            whole.or_else(|| all.iter().position(|p| p.is(held)))
        };
        let chosen = match held {
            None => None,
            // A name that was not noted cannot be weighed.
            Some(held) => Some(position(held)?),
        };
        let worth = |at: usize| if chosen == Some(at) { SEEN } else { -FILLS };
        // A table of another field knows nothing of this one.
        let scores = self.party_scores(name);
        if scores.len() != all.len() {
            return None;
        }
        let best = (scores.into_iter().enumerate())
            .map(|(at, score)| (at, score + worth(at)))
            .filter(|(_, score)| *score > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(at, _)| at);
        (best != chosen).then(|| best.map(|at| &all[at]))
    }
}

/// The claim of a name that was weighed.
fn claim(party: &Party) -> Claim {
    let value = match party.is_firm() {
        true => Value::Text(party.name().to_owned()),
        false => value_of(party.name()),
    };
    Claim::concluded(value, party.entry.evidence.as_ref(), party.entry.p)
}
