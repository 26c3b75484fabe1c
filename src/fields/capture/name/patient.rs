//! The patient, named without being introduced: "getting my husband in this morning, Lyle Schroeder", "one of your patients, Mila
//! Petersen", "this is Connor's mom".

use crate::fields::cue::Cue;
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::name::is_full;
use crate::fields::name::span::{Level, Span, name_at};
use crate::fields::name::word::{Nameness, is_kin, nameness};
use crate::fields::state::State;
use crate::fields::token::{Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::value::same_text;
use crate::fields::word_set::{WordSet, words};

use super::in_care::Patient;
use super::value_of;

/// Who is in somebody's care.
const IN_CARE: &WordSet = words![
    "patient",
    "patients",
    "resident",
    "residents",
    "client",
    "clients",
    "member",
    "members",
    "student",
    "students",
    "camper",
    "inmate",
];

/// Who may be ill without being of the caller's family.
const SOMEBODY: &WordSet = words![
    "guy",
    "man",
    "lady",
    "woman",
    "gentleman",
    "friend",
    "neighbor",
    "coworker",
    "employee",
    "roommate",
    "buddy",
    "kid",
    "girl",
    "boy",
    "worker",
    "tenant",
];

/// Who treats patients or speaks for a place that does.
const TREATS: &WordSet = words![
    "practitioner",
    "physician",
    "assistant",
    "specialist",
    "surgeon",
    "therapist",
    "midwife",
    "dentist",
    "hygienist",
    "cardiologist",
    "dermatologist",
    "neurologist",
    "oncologist",
    "pediatrician",
    "pharmacist",
    "counselor",
    "saint",
    "st",
];

/// Who looks after somebody.
const CARERS: &WordSet = words![
    "caregiver",
    "carer",
    "caretaker",
    "aide",
    "nurse",
    "sitter",
    "attendant",
    "companion",
    "guardian",
    "provider",
    "helper",
    "worker",
];

/// What is made out for a patient.
const PAPERS: &WordSet = words![
    "appointment",
    "checking",
    "script",
    "scripts",
    "prescription",
    "prescriptions",
    "refill",
    "refills",
    "referral",
    "order",
    "orders",
    "results",
    "labs",
    "chart",
    "records",
    "bill",
    "statement",
    "form",
    "forms",
    "authorization",
    "visit",
    "checkup",
    "physical",
];

/// Titles of those who are treated, not of those who treat.
const LAY_TITLES: &WordSet = words!["mr", "mrs", "ms", "miss", "mister", "missus", "master"];

/// Before a name: a place, somebody else than the one spoken of, or a doctor.
const BEFORE_OTHERS: &WordSet = words![
    "from", "at", "in", "to", "by", "than", "see", "sees", "saw", "seen", "near", "doctor", "dr",
    "nurse", "and", "or", "named", "called", "with", "tell", "ask", "told", "asked", "like",
    "street", "on", "of", "under", "i'm", "am",
];

/// After a name: somebody who does something about the patient.
const AFTER_OTHERS: &WordSet = words![
    "said",
    "says",
    "told",
    "referred",
    "recommended",
    "prescribed",
    "wants",
    "wanted",
    "called",
    "drives",
    "office",
    "street",
    "road",
    "clinic",
    "hospital",
    "school",
    "pharmacy",
];

impl State {
    /// Takes the one the caller speaks of for the patient, where a name of theirs stands by itself.
    pub(super) fn patient_spoken_of(&mut self, heard: &mut Heard) {
        let Some(field) = self
            .field("patient_name")
            .filter(|f| self.ledger(*f).held.is_none() && self.patient != Patient::Caller)
        else {
            return;
        };
        let Some((span, name)) = child_of(heard).or_else(|| self.one_in_care(heard)) else {
            return;
        };
        let value = value_of(&name);
        self.claim(field, heard, span, Role::States, value, Strength::Answer);
        self.last_name_field = Some(field);
        heard.take(span.0, span.1);
    }

    /// The name in a turn that speaks of somebody who is ill.
    fn one_in_care(&self, heard: &Heard) -> Option<((usize, usize), String)> {
        let n = heard.tokens.len();
        let kin = (1..n).find(|i| is_kin(heard.word(*i)) && heard.any(i - 1, words!["my", "our"]));
        let cared = (0..n).find(|i| {
            IN_CARE.has(heard.word(*i))
                // "It's about a guy that works for me"
                || SOMEBODY.has(heard.word(*i))
                    && heard.any(i.wrapping_sub(2), words!["about", "for", "got", "have"])
        });
        // "I'm with Mister Beasley", "calling on Missus Farrow", "I'm at Mister Eubanks's house".
        let attends = |at: usize| {
            let back = |n: usize| at.checked_sub(n).map_or("", |i| heard.word(i));
            match back(1) {
                "with" => matches!(back(2), "i'm" | "am" | "here" | "sitting"),
                "after" => back(2).starts_with("look"),
                "on" | "for" | "about" if back(2).starts_with("call") || PAPERS.has(back(2)) => {
                    true
                }
                // "I'm the caregiver for Miss Winifred"
                "for" | "to" | "of" => CARERS.has(back(2)) || back(2) == "care",
                "have" | "got" | "i've" => true,
                _ => false,
            }
        };
        let third = heard.any(0, words!["he", "she", "he's", "she's", "his", "her"]);
        if kin.is_none()
            && cared.is_none()
            && !third
            && !heard.says(words![
                "with", "on", "for", "about", "have", "got", "i've", "at", "care", "after",
            ])
        {
            return None;
        }
        let known = [self.held_text("caller_name"), self.agent_name.clone()];
        (0..n).find_map(|at| {
            let span = name_at(heard, at, Level::Introduced)?;
            let from = at.min(span.start);
            let title = at
                .checked_sub(usize::from(!span.titled))
                .map_or("", |i| heard.word(i));
            let lay = span.titled && LAY_TITLES.has(title);
            let housed = heard.word(from.wrapping_sub(1)) == "at"
                && heard.any(span.end, words!["house", "place", "home"]);
            let attended = attends(from) || housed;
            // "Called in", "get him in": no place.
            let came_in = heard.word(from.wrapping_sub(1)) == "in"
                && heard.any(
                    from.wrapping_sub(2),
                    words!["called", "call", "phoned", "sent", "come"],
                );
            let free = from == 0 || attended || came_in || !BEFORE_OTHERS.has(heard.word(from - 1));
            // "She just turned four. Malia Tafuna.": of whom the talk is.
            let closes = span.end == n || heard.tokens[span.end - 1].stop >= Stop::Sentence;
            let talked_of = closes && third;
            let whole = lay || !span.titled && is_full(heard, &span);
            let spoken_of = attended && whole
                || talked_of
                || kin.is_some_and(|k| k < from)
                || cared.is_some_and(|c| c < from);
            let called = kin.is_some_and(|k| k < from) && is_called(heard, &span);
            // "The nurse practitioner Kelly Price": who treats.
            let treats = from.checked_sub(1).is_some_and(|i| {
                TREATS.has(heard.word(i))
                    || heard.hits.covers(Cue::Other, i)
                        && !is_kin(heard.word(i))
                        && !SOMEBODY.has(heard.word(i))
                        && !IN_CARE.has(heard.word(i))
                        && !heard.any(i, words!["one", "baby", "child", "toddler", "newborn"])
            });
            let other = treats
                || heard.is_taken(span.start, span.end)
                || AFTER_OTHERS.has(heard.word(span.end)) && !housed
                || of_another(heard, from)
                || known.iter().flatten().any(|k| same_text(k, &span.name()));
            (free && spoken_of && (whole || called) && !other)
                .then(|| ((span.start, span.end), span.name()))
        })
    }
}

/// "My son, he cut his foot open, Tyler, he's seven": a given name alone that more is said of at once.
fn is_called(heard: &Heard, span: &Span) -> bool {
    let token = &heard.tokens[span.start];
    span.words.len() == 1
        && !span.titled
        && span.is_given()
        && nameness(token) == Nameness::Name
        && heard.any(span.end, words!["he's", "she's", "he", "she", "his", "her"])
}

/// "Her mom's name is Kaitlyn", "my doctor is": said to be somebody else's.
fn of_another(heard: &Heard, at: usize) -> bool {
    let from = at.saturating_sub(4);
    (from..at).any(|i| {
        is_kin(heard.word(i)) && heard.any(i.wrapping_sub(1), words!["her", "his", "their"])
            || matches!(possessor(heard.word(i)), "doctor" | "teacher" | "nurse")
    })
}

/// "This is Connor's mom", "it's Sophie's grandmother, Sophie Lindgren": whose parent calls.
fn child_of(heard: &Heard) -> Option<((usize, usize), String)> {
    let at = (1..heard.tokens.len().min(10)).find(|at| {
        let word = heard.word(*at);
        word.ends_with("'s")
            && tables().is_given(possessor(word))
            && is_kin(heard.word(at + 1))
            && !heard.word(at + 1).ends_with("'s")
            && heard.any(
                at - 1,
                words!["is", "it's", "i'm", "am", "this", "hi", "hello", "hey"],
            )
    })?;
    let given = possessor(heard.word(at));
    let full = (at + 2..heard.tokens.len())
        .filter(|i| heard.word(*i) == given)
        .find_map(|i| name_at(heard, i, Level::Named).filter(|s| s.words.len() >= 2));
    Some(match full {
        Some(span) => ((span.start, span.end), span.name()),
        None => ((at, at + 1), crate::fields::value::title_case(given)),
    })
}
