//! Who the patient of a clinic is: the caller, the caller's spouse or child, or somebody else; and what follows at the end of the call
//! for the names of both. Names themselves are found elsewhere ([`patient`](super::patient), [`caller`](super::caller)).

use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Status, Strength};
use crate::fields::name::word::is_kin;
use crate::fields::state::State;
use crate::fields::token::{Stop, possessor};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::same_text;
use crate::fields::word_set::{WordSet, words};

use super::value_of;

/// What is said of who is ill, or comes to be seen.
const AILS: &WordSet = words![
    "has", "is", "was", "needs", "need", "got", "gets", "had", "can't", "keeps", "fell", "woke",
    "started", "hurt", "just", "takes", "sees", "been", "says", "and", "broke", "cut", "cracked",
];

/// What of theirs a clinic asks for or sees.
const CHARTED: &WordSet = words![
    "name",
    "date",
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "appointment",
    "chart",
    "insurance",
    "medication",
    "medications",
    "meds",
    "prescription",
    "results",
    "labs",
    "blood",
    "doctor",
    "fever",
    "temperature",
    "symptoms",
    "surgery",
    "refill",
    "shot",
    "shots",
    "age",
    "checkup",
    "physical",
    "first",
    "last",
];

/// Who the patient is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::fields) enum Patient {
    /// Nothing has shown it; at the end of a call that is the caller.
    #[default]
    Open,
    /// The caller.
    Caller,
    /// The caller's spouse or child.
    Family,
    /// Somebody else the caller speaks of.
    Another,
}

/// Whose surname is mostly the caller's own.
const CLOSE_KIN: &WordSet = words![
    "husband", "wife", "son", "daughter", "kid", "kids", "boy", "girl", "baby", "child",
    "children", "toddler", "newborn",
];

/// What of theirs may be spoken of without their being ill: "my wife's job", "my mom's here".
const OF_THEIRS: &WordSet = words![
    "job",
    "work",
    "phone",
    "cell",
    "number",
    "plan",
    "car",
    "truck",
    "house",
    "place",
    "apartment",
    "name",
    "school",
    "here",
    "there",
    "driving",
    "coming",
    "home",
    "with",
    "outside",
    "waiting",
    "tired",
    "retired",
    "gonna",
    "going",
    "taking",
    "bringing",
    "picking",
    "birthday",
    "wedding",
    "email",
    "address",
    "account",
    "office",
    "company",
];

/// "My wife's job": something of theirs.
fn owns(heard: &Heard, kin: usize) -> bool {
    heard.word(kin).ends_with("'s") && heard.any(kin + 1, OF_THEIRS)
}

/// "My son's got a fever", "my mother fell", but not "my wife's job", "till my daughter gets off".
fn is_told_of(heard: &Heard, kin: usize) -> bool {
    if heard.word(kin).ends_with("'s") {
        return !owns(heard, kin);
    }
    heard.any(kin + 1, AILS)
        && !heard.any(
            kin + 2,
            words![
                "off", "home", "back", "here", "driving", "coming", "gonna", "going"
            ],
        )
}

impl State {
    /// Notes who the patient is: somebody else ("for my son", "my mother fell", "what's his date of birth"), or the caller, who is asked
    /// for a date of birth before anybody else was spoken of.
    pub(in crate::fields::capture) fn note_patient(&mut self, heard: &Heard) {
        if self.patient != Patient::Open || self.field("patient_name").is_none() {
            return;
        }
        let n = heard.tokens.len();
        let theirs = |i: usize| {
            heard.any(i, words!["his", "her", "their", "patient's", "child's"])
                && heard.any(i + 1, CHARTED)
                // "Our nurse, her name is Ruth"
                && !heard.any(i + 2, words!["is", "was"])
        };
        let spoken_of = |i: usize| {
            heard.any(i, words!["my", "our"])
                && is_kin(possessor(heard.word(i + 1)))
                && (is_told_of(heard, i + 1)
                    || heard.any(
                        i.wrapping_sub(1),
                        words!["for", "about", "get", "bring", "see", "it's"],
                    ) && !owns(heard, i + 1)
                    || heard.any(
                        i + 2,
                        words!["he", "she", "he's", "she's", "the", "him", "her"],
                    ) && heard.tokens[i + 1].stop >= Stop::Comma)
        };
        let kin = (0..n).find(|i| heard.speaker == Speaker::Caller && spoken_of(*i));
        let other = kin.is_some() || (0..n).any(theirs);
        let family = kin.is_some_and(|i| CLOSE_KIN.has(possessor(heard.word(i + 1))));
        let born = heard.speaker == Speaker::Caller
            && self.held_text("caller_name").is_some()
            && self.held_text("patient_name").is_none()
            && self
                .field("date_of_birth")
                .is_some_and(|f| self.was_asked(f, 0));
        if family {
            self.patient = Patient::Family;
        } else if other {
            self.patient = Patient::Another;
        } else if born {
            self.patient = Patient::Caller;
        }
    }

    /// The call is over, and nobody else's illness was spoken of: who calls a clinic is the patient.
    pub(in crate::fields) fn caller_is_patient(&mut self) {
        let fields = self.field("patient_name").zip(self.field("caller_name"));
        let Some((patient, caller)) = fields else {
            return;
        };
        let ledger = self.ledger(patient);
        let open = ledger.status() == Status::Missing && ledger.lock.is_none();
        let another = matches!(self.patient, Patient::Family | Patient::Another);
        if !open || !self.signs.ended || another || self.excluded() {
            return;
        }
        let Some(held) = self.ledger(caller).held.as_ref() else {
            return;
        };
        let claim = Claim::drawn_from(held, held.value.clone(), Strength::Shape);
        let kind = self.ledger_mut(patient).claim(claim);
        self.note(patient, kind);
    }

    /// The call is over, and of the caller only the given name is known, who called for a spouse or a child: the family's name.
    pub(in crate::fields) fn caller_is_family(&mut self) {
        let fields = self.field("patient_name").zip(self.field("caller_name"));
        let Some((patient, caller)) = fields else {
            return;
        };
        if self.patient != Patient::Family
            || !self.signs.ended
            || self.ledger(caller).lock.is_some()
        {
            return;
        }
        let given = self.held_text("caller_name").filter(|n| {
            let lower = n.to_lowercase();
            !n.contains(' ') && (tables().is_given(&lower) || !tables().is_surname(&lower))
        });
        let (Some(given), Some(theirs)) = (given, self.held_text("patient_name")) else {
            return;
        };
        let Some((_, surname)) = theirs
            .split_once(' ')
            .filter(|(first, _)| !same_text(first, &given))
        else {
            return;
        };
        let Some(held) = self.ledger(patient).held.as_ref() else {
            return;
        };
        let value = value_of(&format!("{given} {surname}"));
        let claim = Claim::drawn_from(held, value, Strength::Repair);
        let kind = self.ledger_mut(caller).outweigh(claim);
        self.note(caller, kind);
    }
}
