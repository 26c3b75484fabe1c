//! Whose name the agent asks for: the caller's, the patient's, the other side's, nobody's on the record.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Asked};
use crate::fields::name::word::{is_kin, is_title};
use crate::fields::state::State;
use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::value::Value;
use crate::fields::word_set::words;

impl State {
    /// Notes of whom the caller speaks: "my brother", "the other driver". A pronoun in the agent's next question means that person.
    pub(super) fn note_kin(&mut self, heard: &Heard) {
        let kin = (1..heard.tokens.len())
            .rev()
            .find(|i| is_kin(heard.word(*i)) && matches!(heard.word(i - 1), "my" | "our"));
        let Some(field) = self.field("opposing_party") else {
            if let Some(at) = kin {
                self.last_kin = Some(possessor(heard.word(at)).to_owned());
            }
            return;
        };
        let against = heard.hits.cue(Cue::Adversary).last().map(|h| h.start);
        let quarrel = || self.last_agent.iter().map(String::as_str).any(is_quarrel);
        if against > kin || self.was_asked(field, 0) || quarrel() {
            self.last_kin = None;
        } else if let Some(at) = kin {
            self.last_kin = Some(possessor(heard.word(at)).to_owned());
        }
    }

    /// Whether the person spoken of last is one of the caller's own whom no quarrel is with.
    pub(super) fn speaks_of_family(&self) -> bool {
        self.last_kin.as_deref().is_some_and(|k| self.is_family(k))
    }

    /// Whether the word means a relation by blood and no quarrel is spoken of: a brother is nobody's adversary by himself.
    pub(super) fn is_family(&self, word: &str) -> bool {
        let noun = possessor(word);
        // A spouse may be the other side wherever the matter is not plainly about something else.
        let elsewhere = matches!(
            self.choice("problem_category"),
            Some(
                "auto_accident"
                    | "slip_fall"
                    | "workers_comp"
                    | "employment"
                    | "dui"
                    | "immigration"
                    | "landlord_tenant"
                    | "bankruptcy"
            )
        );
        is_kin(noun)
            // In a quarrel about the children the other parent is the other side.
            && self.choice("problem_category") != Some("custody")
            && (elsewhere || !matches!(
                noun,
                "husband"
                    | "wife"
                    | "spouse"
                    | "partner"
                    | "boyfriend"
                    | "girlfriend"
                    | "fiance"
                    | "fiancee"
                    | "roommate"
            ))
            && !self
                .held_text("problem_text")
                .iter()
                .flat_map(|t| t.split(' '))
                .chain(self.last_caller.iter().map(String::as_str))
                .any(is_quarrel)
    }

    /// Whether the caller's last turn gave a number.
    fn told_number_last(&self, heard: &Heard) -> bool {
        ["alternate_number", "third_party_number"]
            .iter()
            .any(|name| {
                self.field(name)
                    .and_then(|f| self.ledger(f).held.as_ref()?.evidence.last())
                    .is_some_and(|e| e.turn + 1 >= heard.segment)
            })
    }

    /// "Do you have a number for the seller?" asks for somebody else's.
    pub(super) fn whose_is_asked(&self, heard: &Heard, asked: Asked) -> Option<Asked> {
        if self.name(asked.field) == "caller_name" {
            // "And you're in Austin?" is about a place.
            let at = asked.at;
            if heard.word(at) == "and"
                && heard.word(at + 1) == "you're"
                && at + 2 < heard.tokens.len()
                && !is_title(heard.word(at + 2))
                && heard.word(at + 2) != "who"
                && !heard.word(at + 2).starts_with("name")
            {
                return None;
            }
            // "Congratulations to her. Your name?" asks for nobody else's.
            let owner = match heard.word(asked.at) {
                // "Can I tell her who's calling?" is no question about her.
                "your" | "you're" | "who" | "who's" | "whom" => "",
                _ => heard.word(asked.at.wrapping_sub(1)),
            };
            let ask = (asked.at..heard.tokens.len().min(asked.at + 4))
                .find(|i| heard.word(*i).starts_with("name"))
                .map_or("", |i| heard.word(i.wrapping_sub(1)));
            let theirs = |w: &str| {
                matches!(w, "his" | "her" | "their" | "hers" | "theirs")
                    || is_kin(w)
                    || w.ends_with("'s")
                        && !matches!(
                            w,
                            "what's"
                                | "who's"
                                | "that's"
                                | "it's"
                                | "where's"
                                | "how's"
                                | "there's"
                                | "let's"
                        )
            };
            // "Go ahead with the name", once the caller's own is known: of whoever the call is for.
            let of_patient = ask == "the"
                && asked.part == dialogue::Part::Whole
                && self
                    .field("patient_name")
                    .is_some_and(|f| self.ledger(f).held.is_none())
                && self.held_text("caller_name").is_some()
                && self.held_text("problem_text").is_some_and(|t| {
                    t.split(' ')
                        .any(|w| matches!(w, "patient" | "client" | "resident"))
                });
            // "And the last name, can you spell it?", of the child just named.
            let part_of = (asked.part != dialogue::Part::Whole
                && !heard.says(words!["your", "you're", "yours"]))
            .then_some(self.last_name_field)
            .flatten()
            .filter(|f| {
                *f != asked.field
                    && self.value(*f).and_then(Value::text).is_some_and(|t| {
                        !t.contains(' ')
                            || heard
                                .tokens
                                .iter()
                                .any(|w| t.to_lowercase().contains(&w.text) && w.text.len() > 2)
                            || heard.hits.has(Cue::SpellAsk)
                    })
            });
            if let Some(field) = part_of {
                return Some(Asked { field, ..asked });
            }
            // "What's the claimant's name?", of an adjuster: a client's.
            if matches!(
                possessor(ask).trim_end_matches('s'),
                "claimant" | "insured" | "client" | "decedent" | "debtor"
            ) {
                return None;
            }
            if self.field("patient_name").is_none() && self.is_family(ask) {
                return None;
            }
            if theirs(owner) || theirs(ask) || of_patient {
                // In a criminal matter or a will, "what's his name?" asks for the client's or the family's.
                let one_sided = matches!(
                    self.choice("problem_category"),
                    Some(
                        "dui"
                            | "criminal_defense"
                            | "estate_planning"
                            | "immigration"
                            | "bankruptcy"
                    )
                );
                let field = self.field("patient_name").or_else(|| {
                    self.field("opposing_party")
                        .filter(|_| !one_sided && (is_kin(ask) || !self.speaks_of_family()))
                })?;
                return Some(Asked { field, ..asked });
            }
            return Some(asked);
        }
        // "And what's your wife's name?", who will answer the telephone: the patient's is known.
        if self.name(asked.field) == "patient_name"
            && asked.part == dialogue::Part::Whole
            && self
                .held_text("patient_name")
                .is_some_and(|t| t.contains(' '))
            && (asked.at..heard.tokens.len().min(asked.at + 3))
                .any(|i| heard.word(i).ends_with("'s") && is_kin(possessor(heard.word(i))))
        {
            return None;
        }
        // "0166. What's his name?", once the patient's is known: of whoever answers that number.
        if self.name(asked.field) == "patient_name"
            && self.value(asked.field).is_some()
            && asked.part == dialogue::Part::Whole
            && (0..heard.tokens.len()).any(|i| {
                heard.word(i).starts_with("name")
                    && heard.any(i.wrapping_sub(1), words!["his", "her", "their"])
            })
            && (!heard.runs.is_empty() || self.told_number_last(heard))
        {
            return None;
        }
        // "Cute, and mom's name?", once the child's is known: who calls.
        let of_child = || {
            self.last_caller.iter().any(|w| {
                matches!(
                    possessor(w),
                    "son" | "daughter" | "kid" | "kids" | "baby" | "twins" | "boys" | "girls"
                )
            })
        };
        if self.name(asked.field) == "patient_name"
            && (self.ledger(asked.field).held.is_some() || of_child())
            && self.held_text("caller_name").is_none()
            && (asked.at..heard.tokens.len().min(asked.at + 2)).any(|i| {
                matches!(
                    possessor(heard.word(i)),
                    "mom" | "mother" | "dad" | "father"
                )
            })
            && !matches!(heard.word(asked.at.wrapping_sub(1)), "your" | "his" | "her")
            && let Some(field) = self.field("caller_name")
        {
            return Some(Asked { field, ..asked });
        }
        // "What's his name?" of somebody in jail asks for no adversary.
        if self.name(asked.field) == "opposing_party" {
            let one_sided = matches!(
                self.choice("problem_category"),
                Some("dui" | "criminal_defense" | "estate_planning" | "immigration" | "bankruptcy")
            );
            let kin = (asked.at..heard.tokens.len().min(asked.at + 3))
                .any(|i| matches!(heard.word(i), "his" | "her" | "their") || is_kin(heard.word(i)));
            let pronoun = (asked.at..heard.tokens.len().min(asked.at + 3))
                .any(|i| matches!(heard.word(i), "his" | "her" | "their"));
            return Some(asked)
                .filter(|_| !(one_sided && kin || pronoun && self.speaks_of_family()));
        }
        if !matches!(
            self.name(asked.field),
            "callback_number" | "third_party_number"
        ) {
            return Some(asked);
        }
        self.whose_number(heard, asked)
    }
}

/// Words of a quarrel, even with one's own.
fn is_quarrel(word: &str) -> bool {
    matches!(
        word.to_lowercase()
            .trim_matches(|c: char| !c.is_alphabetic()),
        "against"
            | "sue"
            | "suing"
            | "sued"
            | "dispute"
            | "fight"
            | "fighting"
            | "owes"
            | "stole"
            | "filed"
            | "will"
            | "estate"
            | "inherited"
    )
}
