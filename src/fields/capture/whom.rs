//! Short questions of the agent's that go on about a name: "and your first?", "Lou who?", "Denny or Benny?", "hers.", "and you're mom?".

use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::name::word::{is_closed, is_kin};
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

/// What a caller may be to the place or the person a call is about.
const ROLES: &WordSet = words![
    "owner",
    "homeowner",
    "tenant",
    "renter",
    "landlord",
    "manager",
    "resident",
    "guardian",
    "caregiver",
    "caretaker",
    "super",
    "realtor",
];

/// What is asked, and whether that ends the waiting for older questions' answers.
pub(super) struct Further {
    pub field: u8,
    pub part: Part,
    pub ends: bool,
}

impl State {
    /// The name, or part of one, that the turn goes on asking for.
    pub(super) fn name_asked_on(&self, heard: &Heard) -> Option<Further> {
        self.other_part(heard)
            .or_else(|| self.spelling_unheard(heard))
            .or_else(|| self.rest_of_name(heard))
            .or_else(|| self.which_person(heard))
    }

    /// "And your first?", "last."
    fn other_part(&self, heard: &Heard) -> Option<Further> {
        let n = heard.tokens.len();
        let part = match heard.word(n.checked_sub(1)?) {
            "first" => Part::First,
            "last" => Part::Last,
            _ => return None,
        };
        let before = n.checked_sub(2).map_or("", |i| heard.word(i));
        if n > 8 || !matches!(before, "" | "and" | "your" | "the") {
            return None;
        }
        // "And the first?", of whose surname was given just before.
        let field = self
            .last_name_field
            .filter(|_| before != "your")
            .or_else(|| self.field("caller_name"))?;
        Some(Further {
            field,
            part,
            ends: false,
        })
    }

    /// "How do you spell that?", where no name is held: of whatever name was not heard.
    fn spelling_unheard(&self, heard: &Heard) -> Option<Further> {
        let unheard = heard.hits.has(Cue::SpellAsk)
            && heard.tokens.len() <= 8
            && heard.any(
                0,
                words![
                    "how", "how's", "can", "could", "would", "spell", "and", "please",
                ],
            )
            && self.asked.iter().all(|a| a.age > 0)
            && !self.last_was_street()
            && !heard.says(words!["street", "road"])
            && self.last_name_field.is_none();
        self.caller_asked(unheard)
    }

    /// "Lou who?", "Connor what?", "Velocity what?", "sorry, who?", "Denny or Benny?"
    fn rest_of_name(&self, heard: &Heard) -> Option<Further> {
        let n = heard.tokens.len();
        let last = heard.word(n.checked_sub(1)?);
        let fresh = self.asked.iter().all(|a| a.age > 0);
        let unnamed = self.held_text("caller_name").is_none();
        let either = || {
            let given = |at: usize| tables().is_given(heard.word(at));
            n <= 9 && (1..n).any(|i| heard.word(i) == "or" && given(i - 1) && given(i + 1))
        };
        let unheard = last == "who"
            && n <= 2
            && (n == 1 || heard.any(0, words!["sorry", "and", "wait", "okay"]));
        if unnamed && fresh && (unheard || either()) {
            return self.caller_asked(true);
        }
        if !matches!(last, "what" | "who") || n > 4 {
            return None;
        }
        let said = heard.word(n.checked_sub(2)?);
        // A person held by the given name alone.
        let persons = self.vertical.all_of(FieldType::PersonName);
        let alone = persons.iter().copied().find(|f| {
            let name = self.value(*f).and_then(Value::text);
            name.is_some_and(|t| t.eq_ignore_ascii_case(said))
        });
        if let Some(field) = alone {
            return Some(Further {
                field,
                part: Part::Last,
                ends: true,
            });
        }
        let patient = self.field("patient_name");
        let opposing = self.field("opposing_party");
        let whole = |field| Further {
            field,
            part: Part::Whole,
            ends: true,
        };
        let just_said = self.last_caller.iter().any(|w| w == said);
        if !tables().is_given(said) {
            // The firm whose name the caller began.
            return opposing
                .filter(|f| {
                    last == "what" && just_said && !is_closed(said) && self.value(*f).is_none()
                })
                .map(whole);
        }
        // Somebody the caller named, or the caller.
        let callers = self
            .held_text("caller_name")
            .is_some_and(|h| h.split(' ').any(|w| w.eq_ignore_ascii_case(said)));
        let named = patient
            .filter(|_| !unnamed)
            .or_else(|| opposing.filter(|f| self.value(*f).is_some()))
            .filter(|_| !callers);
        if let Some(field) = named {
            return Some(Further {
                part: match self.value(field) {
                    Some(_) => Part::Last,
                    None => Part::Whole,
                },
                ..whole(field)
            });
        }
        self.caller_asked(unnamed && just_said && patient.is_none() && opposing.is_none())
    }

    /// "Hers.": which of two names, asked in return; "and you're mom?", "are you the owner?": who calls, where nobody has said so yet.
    fn which_person(&self, heard: &Heard) -> Option<Further> {
        let n = heard.tokens.len();
        if n <= 2 && heard.any(n.checked_sub(1)?, words!["hers", "his", "theirs"]) {
            let field = self
                .field("patient_name")
                .or_else(|| self.field("opposing_party"))?;
            return Some(Further {
                field,
                part: Part::Whole,
                ends: true,
            });
        }
        // "Okay, who is it?", of "one of yours"; "and who is he?"
        let patient = self.field("patient_name").filter(|f| {
            let spoken_of = match heard.word(n - 1) {
                "he" | "she" => true,
                "it" => self.held_text("caller_name").is_some(),
                _ => false,
            };
            let who = heard.word(n.wrapping_sub(2)) == "is"
                && heard.word(n.wrapping_sub(3)) == "who"
                || heard.word(n.wrapping_sub(2)) == "who's";
            spoken_of && who && n <= 6 && self.value(*f).is_none()
        });
        if let Some(field) = patient {
            return Some(Further {
                field,
                part: Part::Whole,
                ends: true,
            });
        }
        let role = n <= 8
            && self.held_text("caller_name").is_none()
            && (0..n).any(|i| {
                let you = heard.word(i) == "you're"
                    || heard.word(i) == "you" && heard.any(i.wrapping_sub(1), words!["are"]);
                you && (i + 1..n.min(i + 4))
                    // "You're fine. Daughter's name?"
                    .take_while(|j| heard.tokens[j - 1].stop < Stop::Sentence)
                    .any(|j| {
                        is_kin(heard.word(j)) && !heard.word(j).ends_with("'s")
                            || heard.any(j, ROLES)
                    })
            });
        self.caller_asked(role)
    }

    fn caller_asked(&self, asked: bool) -> Option<Further> {
        let field = self.field("caller_name").filter(|_| asked)?;
        Some(Further {
            field,
            part: Part::Whole,
            ends: false,
        })
    }
}
