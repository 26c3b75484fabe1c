//! Names that the agent has before the caller gives one, from a list or by ear: put to the caller ("is this Mrs. Holloway?", "I have you
//! as Stephen"), or just used ("thank you, Mister Park"). Right or wrong, what the caller says next is about them.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Asked, Part};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::name::span::{Level, Span, name_at};
use crate::fields::name::word::is_title;
use crate::fields::spell;
use crate::fields::state::State;
use crate::fields::token::{Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::update::shares_word;
use super::value_of;

impl State {
    /// A name the agent knows or guesses, put to the caller before the caller gave one.
    pub(super) fn proposed_name(&mut self, heard: &Heard) -> bool {
        let free = |s: &State, name: &str| s.field(name).filter(|f| s.value(*f).is_none());
        let own = |span: &Span| {
            self.agent_name
                .as_deref()
                .is_some_and(|a| a.eq_ignore_ascii_case(&span.name()))
        };
        if let Some(field) = free(self, "patient_name")
            && let Some(span) = (0..heard.tokens.len())
                .find_map(|at| name_at(heard, after_patient(heard, at)?, Level::Introduced))
                .filter(|s| s.is_given() && !own(s))
        {
            let evidence = heard.evidence(Role::ReadsBack, span.start, span.end);
            self.await_yes(field, value_of(&span.name()), true, evidence);
            self.last_name_field = Some(field);
            return true;
        }
        // "I'm outside Mister Gutowski's." "Casimir Gutowski?": of whom a caller who has given their own name speaks.
        if let Some(field) = free(self, "patient_name")
            && self.value_of_caller()
            && let Some(span) = self.full_name_of_another(heard)
        {
            let evidence = heard.evidence(Role::ReadsBack, span.start, span.end);
            self.await_yes(field, value_of(&span.name()), true, evidence);
            self.last_name_field = Some(field);
            return true;
        }
        // The other side's, put to the caller in this very turn.
        let others = self
            .pending
            .iter()
            .any(|p| self.name(p.field) == "opposing_party" && p.evidence.turn == heard.segment);
        let Some(field) = free(self, "caller_name").filter(|_| !others) else {
            return false;
        };
        // "Ms. Larkin?"
        let alone = || {
            let lay = heard.any(0, words!["mr", "mrs", "ms", "miss", "mister", "missus"]);
            name_at(heard, 0, Level::Introduced)
                .filter(|s| lay && s.titled && s.end == heard.tokens.len())
        };
        let put = (0..heard.tokens.len()).find_map(|at| {
            let after = put_at(heard, at)?;
            name_at(heard, at + after, Level::Introduced).filter(|s| {
                s.titled || s.is_given() && (s.words.len() >= 2 || !tables().is_word(&s.words[0]))
            })
        });
        let known = || {
            (0..heard.tokens.len())
                .filter(|at| tables().is_given(heard.word(*at)))
                .filter_map(|at| name_at(heard, at, Level::Introduced))
                .find(|s| {
                    // "Is it okay if our guy Marcus calls?": somebody of the business.
                    let ours = s
                        .start
                        .checked_sub(1)
                        .is_some_and(|i| heard.any(i, OF_BUSINESS));
                    s.words.len() == 2
                        && !ours
                        && s.is_given()
                        && s.words
                            .iter()
                            .all(|w| tables().is_given(w) || tables().is_surname(w))
                        && dialogue::confirm_asked(heard, s.end)
                })
        };
        if let Some(span) = put.or_else(known).or_else(alone).filter(|s| !own(s)) {
            let evidence = heard.evidence(Role::ReadsBack, span.start, span.end);
            self.await_yes(field, value_of(&span.name()), true, evidence);
            return true;
        }
        false
    }

    fn value_of_caller(&self) -> bool {
        self.field("caller_name")
            .is_some_and(|f| self.value(f).is_some())
    }

    /// The full name, asked about, whose surname the caller has just said, and that is not the caller's.
    fn full_name_of_another(&self, heard: &Heard) -> Option<Span> {
        let said = |w: &String| self.last_caller.iter().any(|c| possessor(c) == w);
        let callers = self.held_text("caller_name")?;
        (0..heard.tokens.len())
            .filter(|at| tables().is_given(heard.word(*at)))
            .filter_map(|at| name_at(heard, at, Level::Introduced))
            .find(|s| {
                s.words.len() == 2
                    && s.words.last().is_some_and(said)
                    && !shares_word(&callers, &s.name())
                    && dialogue::confirm_asked(heard, s.end)
            })
    }

    /// "Thank you, Mister Park": the name the agent calls a caller by who has not given one.
    pub(super) fn call_caller(&mut self, heard: &Heard) {
        if self.held_text("caller_name").is_some() {
            self.called = None;
            return;
        }
        self.called = (0..heard.tokens.len())
            .filter(|at| {
                let titled = is_title(heard.word(*at));
                // A given name alone only where it ends the turn: "alright, Jeffrey".
                let given = at + 1 == heard.tokens.len()
                    && tables().is_given(heard.word(*at))
                    && !tables().is_word(heard.word(*at));
                let Some(before) = at.checked_sub(1).filter(|_| titled || given) else {
                    return titled;
                };
                let token = &heard.tokens[before];
                let addressed = heard.hits.covers(Cue::Backchannel, before)
                    || heard.hits.covers(Cue::Accept, before)
                    || token.any(words!["you", "thanks", "hi", "hello", "alright", "sorry"]);
                let told = token.stop >= Stop::Comma
                    || token.any(words!["so", "and", "was", "that's", "it's", "is"]);
                addressed || titled && told
            })
            .find_map(|at| {
                name_at(heard, at, Level::Introduced)
                    .filter(|s| s.titled || s.end == heard.tokens.len())
            })
            .map(|s| s.name());
    }

    /// The question that a name just used is, where the caller answers with one like it or says how it is spelled.
    pub(super) fn called_so(&self, heard: &Heard) -> Option<Asked> {
        let called = self.called.as_deref()?.to_lowercase();
        let field = self.field("caller_name")?;
        let alike = heard.tokens.iter().take(8).any(|t| {
            called
                .split(' ')
                .any(|w| t.text.len() >= 3 && strsim::jaro_winkler(w, &t.text) >= 0.8)
        });
        let spelled = spell::amend(&called, heard, 0, None).is_some();
        (alike || spelled).then_some(Asked {
            field,
            age: 0,
            at: 0,
            spelling: false,
            part: Part::Whole,
        })
    }
}

/// Before the name of somebody who is not the caller.
const OF_BUSINESS: &WordSet = words![
    "our", "with", "by", "from", "see", "doctor", "driver", "tech", "contact", "if", "guy",
];

/// How many words after `at` a name begins that is put to the caller as their own.
fn put_at(heard: &Heard, at: usize) -> Option<usize> {
    let word = |n: usize| heard.word(at + n);
    let head = at == 0
        || heard.tokens[at - 1].stop >= Stop::Comma
        || matches!(
            heard.word(at - 1),
            "and" | "so" | "hi" | "hello" | "okay" | "good" | "morning" | "oh" | "hey"
        );
    // "This is Noemi. How can I help?" asks for no name.
    let last = heard.clause_end(at).checked_sub(1);
    let asks = last.is_some_and(|i| heard.tokens[i].stop == Stop::Question);
    Some(match (word(0), word(1)) {
        ("is", "this" | "that" | "it") if head => {
            // "Is that your name, June May?"
            let named = matches!(word(2), "your" | "the") && word(3) == "name";
            if named { 4 } else { 2 }
        }
        ("speaking" | "talking" | "speak", "with" | "to") => 2,
        ("are", "you") if head => 2,
        ("you're" | "that's", _) if head => 1,
        ("this", "is") if head && asks => 2,
        ("must", "be") | ("still" | "listed" | "filed", "under") => 2,
        // "I have you down as Alex Porter", "I've got you under Hansen", "I'm not finding a Teresa Whitlock"
        ("have" | "got" | "see" | "show" | "showing", "you" | "it" | "that") => {
            let mut after = 2;
            while matches!(
                word(after),
                "down" | "listed" | "in" | "here" | "on" | "file" | "there"
            ) {
                after += 1;
            }
            matches!(word(after), "as" | "under").then_some(after + 1)?
        }
        // "So I have Shawn Smith": nothing else.
        ("i", "have" | "got") | ("i've", "got")
            if head
                && name_at(heard, at + 2, Level::Introduced)
                    .is_some_and(|s| s.end == heard.tokens.len()) =>
        {
            2
        }
        // "I have a reservation for Lee"
        (
            "reservation" | "booking" | "account" | "order" | "job" | "estimate" | "file",
            "for" | "under",
        ) => 2,
        ("finding" | "find" | "seeing" | "see", "a" | "any") => 2,
        _ => return None,
    })
}

/// Where a name begins that is put to the caller as the patient's: "so the patient is", "is the patient still".
fn after_patient(heard: &Heard, at: usize) -> Option<usize> {
    // "So the appointment is for Abigail"
    let asks = heard.says(words!["who", "who's", "whose"]);
    let for_whom = !asks
        && heard.word(at) == "for"
        && (1..=2).any(|n| heard.word(at.wrapping_sub(n)) == "appointment");
    if for_whom {
        return Some(at + 1);
    }
    // "Is Marcy the patient?"
    if heard.word(at) == "is"
        && (at + 2..at + 4).any(|i| heard.word(i) == "the" && heard.word(i + 1) == "patient")
    {
        return Some(at + 1);
    }
    let patient = heard.word(at) == "patient" && heard.word(at.wrapping_sub(1)) == "the";
    patient.then(|| match heard.word(at + 1) {
        "is" | "still" | "named" | "name" => at + 2,
        _ => at + 1,
    })
}
