//! Whose number the agent asks for: the caller's, to be used by the business's own people, or somebody else's.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Asked;
use crate::fields::gazetteer::tables;
use crate::fields::name::word::is_kin;
use crate::fields::phone::people::is_somebody;
use crate::fields::state::State;
use crate::fields::token::{Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// What one does to have somebody on the telephone, and with what.
const REACHES: &WordSet = words![
    "call",
    "reach",
    "text",
    "contact",
    "phone",
    "ring",
    "get",
    "call-back",
    "callback",
    "at",
    "number",
    "cell",
    "mobile",
    "line",
    "best",
];

/// The business's own people and papers: a number for them is one that they will call.
const STAFF: &WordSet = words![
    "technician",
    "tech",
    "techs",
    "plumber",
    "electrician",
    "roofer",
    "installer",
    "estimator",
    "inspector",
    "driver",
    "drivers",
    "crew",
    "guys",
    "guy",
    "boys",
    "mover",
    "movers",
    "foreman",
    "team",
    "dispatcher",
    "dispatch",
    "scheduler",
    "nurse",
    "nurses",
    "doctor",
    "doc",
    "midwife",
    "physician",
    "pharmacist",
    "specialist",
    "assistant",
    "receptionist",
    "coordinator",
    "manager",
    "supervisor",
    "office",
    "file",
    "record",
    "records",
    "chart",
    "account",
    "ticket",
    "order",
    "appointment",
    "visit",
    "estimate",
    "quote",
    "callback",
    "call",
    "text",
    "texts",
    "updates",
    "reminder",
    "reminders",
];

/// The same in a law office, where the driver and the supervisor are on the other side.
const COUNSEL: &WordSet = words![
    "attorney",
    "attorneys",
    "lawyer",
    "lawyers",
    "paralegal",
    "assistant",
    "secretary",
    "office",
    "file",
    "record",
    "records",
    "intake",
    "callback",
    "call",
    "text",
    "team",
];

impl State {
    /// "Do you have a number for the seller?" asks for somebody else's; "a cell for the technician?" asks for the caller's.
    pub(in crate::fields) fn whose_number(&self, heard: &Heard, asked: Asked) -> Option<Asked> {
        let n = heard.tokens.len();
        let noun = |at: usize| {
            matches!(
                heard.word(at),
                "number" | "phone" | "cell" | "contact" | "mobile" | "line" | "landline"
            )
        };
        // "Do you want their number?" gives it instead of asking for it.
        if is_offer(heard, asked.at) {
            return None;
        }
        let near = asked.at.saturating_sub(1)..n.min(asked.at + 5);
        let whom = near.clone().find(|i| {
            matches!(heard.word(*i), "for" | "of" | "on")
                && (asked.at.saturating_sub(1)..*i).any(noun)
        });
        // "Annette's number", "the other lawyers phone number"
        // "The adjuster's name and number"
        let named =
            |i: usize| heard.any(i + 1, words!["name", "contact"]) && heard.word(i + 2) == "and";
        let owned = (asked.at.saturating_sub(4)..n.min(asked.at + 5)).any(|i| {
            let word = heard.word(i);
            (noun(i + 1) && i + 1 >= asked.at || named(i))
                && (word
                    .strip_suffix("'s")
                    .is_some_and(|w| is_kin(w) || self.is_another(heard, i, w))
                    || word.ends_with('s') && is_person(heard, i) && !self.is_staff(heard, i))
        });
        let theirs = whom.map_or(owned, |at| self.is_theirs(heard, at + 1) || owned);
        let third = self.field("third_party_number");
        let callback = self.field("callback_number");
        match (theirs, third) {
            (true, Some(field)) => Some(Asked { field, ..asked }),
            (true, None) => None,
            // "The doctor's number" is another's, a number "for the doctor" is not.
            (false, _) => match callback {
                Some(field) if whom.is_some_and(|at| self.is_staff(heard, at + 1)) => {
                    Some(Asked { field, ..asked })
                }
                _ => Some(asked),
            },
        }
    }

    /// Notes whether the agent's turn is a question about somebody who is neither side of the call: a number told in answer, and nothing
    /// with it, is that one's.
    pub(super) fn note_another(&mut self, heard: &Heard) {
        let n = heard.tokens.len();
        let asks = n <= 4 && heard.word(0) == "and"
            || heard
                .tokens
                .last()
                .is_some_and(|t| t.stop == Stop::Question)
            || heard.says(words![
                "did", "has", "was", "who", "who's", "which", "what", "what's", "how", "is", "do",
                "does", "can", "could", "any",
            ]);
        let callers = (0..n).any(|i| {
            matches!(heard.word(i), "you" | "your" | "yours")
                && (REACHES.has(heard.word(i.wrapping_sub(1))) || REACHES.has(heard.word(i + 1)))
        });
        self.another_in_talk = asks
            && !callers
            && (0..n).any(|i| is_person(heard, i) && !self.is_staff(heard, i))
            && !heard.says(words!["i'm", "i'll", "we'll", "he'll", "she'll", "they'll"]);
    }

    /// "To him, please. Ken Hamada, 253 ...", "she's in personnel, it's Denise, 832 ...": whether somebody who is not the caller is named
    /// right before the number at `start`.
    pub(super) fn is_of_one_named(&self, heard: &Heard, start: usize) -> bool {
        if self.is_one_called(heard, start) {
            return true;
        }
        let from = heard.clause_start(start).max(start.saturating_sub(3));
        let name: Vec<&str> = (from..start).map(|i| heard.word(i)).collect();
        let [given, .., last] = name[..] else {
            return false;
        };
        let caller = self.held_text("caller_name").map(|n| n.to_lowercase());
        // Before the caller has given a name, whoever is named may be the caller, unless the answer began with another.
        let other = || {
            (0..from.min(4))
                .any(|i| heard.any(i, words!["him", "her", "them"]) || is_kin(heard.word(i)))
        };
        if caller.is_none() && !other() {
            return false;
        }
        let caller = caller.unwrap_or_default();
        let named = |i: usize| {
            let word = heard.word(i);
            heard.tokens[i].upper && heard.cased
                || tables().is_surname(word)
                || !tables().is_word(word)
        };
        tables().is_given(given)
            && (from..start).all(named)
            && !tables().is_closed(given)
            && !tables().is_closed(last)
            && !caller.split(' ').any(|w| w == given || w == last)
    }

    /// "It's Denise, 832 ...", of her who was spoken of before.
    fn is_one_called(&self, heard: &Heard, start: usize) -> bool {
        let Some(at) = start.checked_sub(1).filter(|at| *at > 0) else {
            return false;
        };
        let word = possessor(heard.word(at));
        let said = |i: usize| {
            matches!(
                heard.word(i),
                "she" | "she's" | "he" | "he's" | "her" | "him" | "they"
            ) || is_person(heard, i)
        };
        tables().is_given(word)
            && (!tables().is_word(word) || heard.tokens[at].upper)
            && matches!(
                heard.word(at - 1),
                "it's" | "its" | "is" | "name's" | "named" | "called" | "call"
            )
            && heard.word(at.wrapping_sub(2)) != "name"
            && self.is_another(heard, at, word)
            || self
                .asked
                .iter()
                .all(|a| self.name(a.field) != "caller_name")
                && tables().is_given(word)
                && !tables().is_word(word)
                && matches!(heard.word(at - 1), "it's" | "its" | "named" | "called")
                && (at.saturating_sub(14)..at - 1).any(said)
    }

    /// Whether those named at `at` belong to the business.
    fn is_staff(&self, heard: &Heard, at: usize) -> bool {
        let staff = match self.field("opposing_party") {
            Some(_) => COUNSEL,
            None => STAFF,
        };
        let own = matches!(
            heard.word(at),
            "the" | "our" | "my" | "a" | "this" | "on" | "that"
        );
        let from = at + usize::from(own);
        // "The on call nurse", "our lead driver": the noun may have a word or two before it.
        // "The other lawyer" is not.
        let others = heard.any(
            at.wrapping_sub(1),
            words!["other", "opposing", "their", "his", "her", "your"],
        );
        heard.word(at) != "your" && !others && (from..from + 3).any(|i| staff.has(heard.word(i)))
    }

    /// Whether the one named at `at`, behind "for", is neither the caller nor one of the business's people.
    fn is_theirs(&self, heard: &Heard, at: usize) -> bool {
        let word = heard.word(at);
        if matches!(word, "him" | "her" | "them") {
            return true;
        }
        if self.is_staff(heard, at) {
            return false;
        }
        let pointed = matches!(
            word,
            "the" | "your" | "that" | "this" | "his" | "her" | "their"
        );
        let person = matches!(
            heard.word(at + 1),
            "person"
                | "people"
                | "one"
                | "lady"
                | "guy"
                | "man"
                | "woman"
                | "patient"
                | "employee"
                | "contact"
        );
        pointed
            && (person
                || is_kin(heard.word(at + 1))
                || heard.hits.cue(Cue::Other).any(|h| h.start == at + 1))
            || self.is_another(heard, at, word)
    }

    /// Whether the word names a person who is not the caller.
    fn is_another(&self, heard: &Heard, at: usize, word: &str) -> bool {
        let named = tables().is_given(word) && (!tables().is_word(word) || heard.tokens[at].upper);
        let caller = self.held_text("caller_name").map(|n| n.to_lowercase());
        let own = caller
            .as_deref()
            .is_some_and(|n| n.split(' ').any(|w| w == word));
        // Before the caller has given a name, whoever is named may be the caller.
        let known = caller.is_some() || self.last_caller.iter().any(|w| w == word);
        named && known && !own
    }
}

/// Whether a person or a firm who is no side of the call is named at `at`: "the adjuster", "your sister", "Dr."
fn is_person(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    let plural = word.len() > 3 && word.ends_with('s') && !word.contains('\'');
    is_kin(word)
        || matches!(word, "dr" | "doctor") && heard.tokens.get(at + 1).is_some()
        || heard.hits.cue(Cue::Other).any(|h| {
            h.start == at
                && !matches!(
                    word,
                    "their"
                        | "there"
                        | "his"
                        | "her"
                        | "call"
                        | "reach"
                        | "text"
                        | "number"
                        | "he"
                        | "she"
                        | "they"
                )
        })
        || plural && is_somebody(word)
}

/// "Do you want their number?", "let me give you the number": the agent has it.
fn is_offer(heard: &Heard, at: usize) -> bool {
    (0..at.min(heard.tokens.len())).any(|i| match heard.word(i) {
        "do" | "did" | "would" | "if" => {
            heard.word(i + 1) == "you"
                && heard.any(i + 2, words!["want", "need", "like"])
                && !heard.any(i + 3, words!["us", "me", "to", "him", "her", "them", "the"])
        }
        "give" | "send" | "get" | "text" => {
            heard.word(i + 1) == "you"
                && (i.saturating_sub(3)..i)
                    .any(|j| heard.any(j, words!["me", "i", "i'll", "we", "we'll", "can"]))
                && !heard.any(i + 2, words!["at", "on", "back"])
                && heard.any(
                    i + 2,
                    words!["their", "his", "her", "the", "our", "a", "my"],
                )
        }
        _ => false,
    })
}
