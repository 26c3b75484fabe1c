//! What the agent's turn asks for beyond the phrases of the fields: in return, once more, for somebody else's; and when a question
//! overtakes a read-back.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Asked, ReadBack};
use crate::fields::evidence::Role;
use crate::fields::ledger::Source;
use crate::fields::state::State;
use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::value::FieldType;
use crate::fields::word_set::{WordSet, words};

/// "Oh one seven two. And the dog's owner?", "and the roofer, so I know?", "what's the trucking company again?", "name, and the hotel?": a
/// turn that closes with what the other side is.
fn role_asked(heard: &Heard) -> bool {
    let n = heard.tokens.len();
    let asks = |i: usize| {
        heard.any(i, words!["the", "your", "other"])
            && (heard.any(i - 1, words!["and", "what's", "whats", "who's", "which"])
                || heard.word(i - 1) == "is" && heard.any(i.wrapping_sub(2), words!["what", "who"]))
    };
    let closes = |i: usize| {
        i + 1 == n
            || heard.any(
                i + 1,
                words!["again", "so", "sir", "ma'am", "please", "for"],
            )
            || i + 2 == n && heard.any(i + 1, words!["is", "was", "name", "called"])
    };
    (n.saturating_sub(11).max(1)..n).any(|i| {
        asks(i)
            && (i + 1..(i + 4).min(n))
                .find(|j| super::party::stands_against(heard.word(*j)) && closes(*j))
                .is_some_and(|j| !heard.any(j, words!["person", "kid", "home", "mover"]))
    })
}

impl State {
    /// "And your first?" goes on asking for the name; "who's garnishing you?", "and the landlord?" ask for the other side, in whatever
    /// words a law office has for it.
    pub(super) fn ask_on(&mut self, heard: &Heard) {
        let n = heard.tokens.len();
        let push = |asked: &mut Vec<Asked>, field: u8, part: dialogue::Part| {
            if !asked.iter().any(|a| a.field == field && a.age == 0) {
                asked.push(Asked {
                    field,
                    age: 0,
                    at: n.saturating_sub(1),
                    spelling: false,
                    part,
                });
            }
        };
        let last = heard.word(n.wrapping_sub(1));
        if let Some(further) = self.name_asked_on(heard) {
            self.asked.retain(|a| a.age == 0 || !further.ends);
            push(&mut self.asked, further.field, further.part);
            return;
        }
        // "Oh no, when?"
        if n <= 5
            && (last == "when"
                || matches!(last, "was" | "that" | "this")
                    && heard.word(n.wrapping_sub(2)) == "was"
                    && heard.word(n.wrapping_sub(3)) == "when")
            && let Some(field) = self
                .field("incident_date")
                .filter(|f| self.value(*f).is_none())
        {
            push(&mut self.asked, field, dialogue::Part::Whole);
            return;
        }
        let Some(field) = self.field("opposing_party") else {
            return;
        };
        // "And your husband's?", of a will: a client, no adversary.
        if matches!(
            self.choice("problem_category"),
            Some("estate_planning" | "immigration")
        ) && heard
            .tokens
            .iter()
            .any(|t| matches!(possessor(&t.text), "husband" | "wife" | "spouse"))
        {
            return;
        }
        // "And your husband's?", of a divorce.
        let spouse = n <= 4
            && heard.any(n.wrapping_sub(2), words!["your", "the"])
            && crate::fields::name::word::is_kin(last)
            && matches!(self.choice("problem_category"), Some("divorce" | "custody"))
            && self.value(field).is_none();
        if spouse {
            self.asked.retain(|a| a.age == 0);
            push(&mut self.asked, field, dialogue::Part::Whole);
            return;
        }
        if self.speaks_of_family() && heard.says(words!["his", "her", "him", "their", "them"]) {
            return;
        }
        let bystander = heard.says(words![
            "insurance",
            "carrier",
            "insurer",
            "adjuster",
            "witness",
            "witnesses",
            "judge",
            "officer",
            "attorney",
            "lawyer",
        ]);
        let who = !bystander
            && (0..n).any(|i| {
                matches!(heard.word(i), "who" | "who's" | "whose" | "whom")
                    && !matches!(
                        heard.word(i + 1),
                        "am" | "this"
                            | "calling"
                            | "do"
                            | "should"
                            | "referred"
                            | "told"
                            | "you"
                            | "are"
                            | "will"
                            | "can"
                            | "would"
                            | "we"
                    )
                    && !(heard.word(i + 1) == "is"
                        && matches!(heard.word(i + 2), "this" | "calling"))
            });
        let company = heard.tokens.windows(2).any(|w| {
            w[0].any(words!["what", "which", "what's"])
                && w[1].any(words![
                    "company",
                    "store",
                    "employer",
                    "business",
                    "restaurant",
                    "hotel",
                    "bar",
                ])
                || (w[0].any(words!["company", "employer", "landlord", "store", "driver"])
                    || super::party::PLACES.has(&w[0].text))
                    && w[1].any(words!["name", "name's", "called"])
                || w[0].any(words![
                    "tenant's",
                    "tenants",
                    "landlord's",
                    "driver's",
                    "company's",
                    "employer's",
                    "seller's",
                    "buyer's",
                    "neighbor's",
                    "ex's",
                    "roommate's",
                ]) && w[1].any(words!["name", "names"])
        }) || heard.says(words!["against"]);
        // "And the landlord?", "did they get the driver?"
        // The greeting names the house: "Delgado law office".
        let noun = n <= 7
            && self.signs.turns[1] > 1
            // "And the boss?", once the firm is known.
            && !(self.value(field).is_some()
                && matches!(last, "boss" | "manager" | "supervisor" | "foreman" | "owner"))
            // "636-555-0155, and that's your wife": told, not asked.
            && heard.runs.is_empty()
            && !heard.says(words!["that's"])
            && heard.hits.all().iter().any(|h| {
                h.end == n
                    && (h.mark == crate::fields::cue::Mark::Near(field)
                        || h.mark == crate::fields::cue::Mark::Cue(Cue::Adversary)
                        || h.mark == crate::fields::cue::Mark::Cue(Cue::Other))
            });
        // "What's dad's name?", "do you have a name for him?", "where do you work?", "which dealer?"
        let named = (0..n).any(|i| {
            let word = heard.word(i);
            let of = heard.word(i.wrapping_sub(1));
            word == "name" && of.ends_with('s') && super::party::stands_against(of)
                || word == "name"
                    && !self.is_family(heard.word(i.wrapping_sub(1)))
                    && (i > 0
                        && heard.word(i - 1).ends_with("'s")
                        && !matches!(
                            heard.word(i - 1),
                            "what's" | "that's" | "patient's" | "daughter's" | "son's" | "child's"
                        )
                        || heard.word(i + 1) == "for"
                            && matches!(heard.word(i + 2), "him" | "her" | "them" | "it"))
        });
        let place = (0..n).any(|i| {
            heard.word(i) == "where"
                && (i + 1..i + 5).any(|j| matches!(heard.word(j), "work" | "working" | "employed"))
                || matches!(heard.word(i), "which" | "what")
                    && matches!(
                        heard.word(i + 1),
                        "dealer"
                            | "dealership"
                            | "bank"
                            | "lender"
                            | "hospital"
                            | "school"
                            | "contractor"
                            | "airline"
                            | "nursing"
                            | "facility"
                            | "complex"
                            | "apartments"
                            | "shop"
                            | "grocery"
                            | "supermarket"
                            | "market"
                            | "mall"
                            | "store"
                            | "place"
                            | "restaurant"
                            | "club"
                            | "gym"
                            | "salon"
                            | "clinic"
                            | "daycare"
                            | "plant"
                            | "factory"
                            | "warehouse"
                            | "builder"
                            | "roofer"
                            | "mover"
                            | "landlord"
                            | "agency"
                            | "insurer"
                            | "park"
                            | "district"
                            | "county"
                            | "hoa"
                    )
        });
        // "And the company that fired you?"
        let place = place
            || (1..n.min(4)).any(|i| {
                super::party::PLACES.has(heard.word(i))
                    && heard.any(i - 1, words!["the", "your", "which", "what"])
                    && heard.any(i + 1, words!["that", "who", "you", "where"])
            });
        // "What's the trucking company?", "and the business?"
        let place = place
            || n <= 7
                && super::party::PLACES.has(last)
                && (heard.any(0, words!["what", "what's", "whats", "which"])
                    || n <= 4
                        && matches!(
                            heard.word(n.wrapping_sub(2)),
                            "the" | "your" | "what" | "which"
                        ));
        // "Dana is the mother. Same last name?": of the one spoken of, not of the caller.
        let told = (1..n).any(|i| {
            heard.word(i) == "is"
                && heard.any(i + 1, words!["the", "your"])
                && (super::party::stands_against(heard.word(i + 2))
                    || crate::fields::name::word::is_kin(heard.word(i + 2)))
                && crate::fields::gazetteer::tables().is_given(heard.word(i - 1))
        });
        if told
            && heard.hits.has(Cue::LastName)
            && !heard.says(words!["your"])
            && matches!(self.choice("problem_category"), Some("divorce" | "custody"))
            && self.value(field).is_none()
        {
            let caller = self.field("caller_name");
            self.asked.retain(|a| a.age == 0 && Some(a.field) != caller);
            push(&mut self.asked, field, dialogue::Part::Whole);
            return;
        }
        let one_sided = matches!(
            self.choice("problem_category"),
            Some("dui" | "criminal_defense" | "estate_planning" | "immigration")
        );
        let others = self.asked.iter().any(|a| {
            a.age == 0
                && a.field != field
                && self.ty(a.field) != FieldType::Text
                && self.name(a.field) != "caller_name"
        });
        let others = others
            || self
                .asked
                .iter()
                .any(|a| a.age == 0 && self.name(a.field) == "caller_name")
                && !named;
        // "And him?", after the caller's own name.
        let other = n <= 3
            && matches!(last, "him" | "his" | "hers" | "theirs" | "them" | "her")
            && matches!(heard.word(n.wrapping_sub(2)), "and" | "about");
        let against = heard.says(words!["against", "opposing"]);
        let role = self.value(field).is_none() && role_asked(heard);
        // "Name, and the hotel?": both.
        let callers = self.asked.iter().any(|a| {
            a.age == 0 && self.name(a.field) == "caller_name" && self.value(a.field).is_none()
        });
        let others = others && (!role || callers);
        if (who || company || noun || named || place || other || role)
            && (!one_sided || against)
            && !others
        {
            self.asked.retain(|a| a.age == 0);
            push(&mut self.asked, field, dialogue::Part::Whole);
        }
    }

    /// "You want the number?" "Yes, please": the caller's offer taken up is a question for it.
    pub(super) fn ask_as_offered(&mut self, heard: &Heard) {
        let yes = heard.tokens.iter().take(2).any(|t| {
            t.any(words![
                "yes", "please", "sure", "yeah", "go", "yep", "okay", "great",
            ])
        });
        let said = |w: &WordSet| self.last_caller.iter().any(|t| w.has(t));
        let offers = said(words!["number", "id", "numbers"])
            && said(words!["want", "need", "like", "give", "have", "read"]);
        if !yes || !offers || heard.tokens.len() > 8 {
            return;
        }
        const PAPERS: &WordSet = words![
            "receipt",
            "claim",
            "case",
            "account",
            "policy",
            "order",
            "job",
            "confirmation",
            "file",
            "invoice",
            "ticket",
            "letter",
        ];
        let member = self
            .field("member_id")
            .filter(|f| self.value(*f).is_none() && !said(PAPERS))
            .filter(|_| {
                said(words!["insurance", "card", "member", "plan"])
                    || self.held_text("insurance").is_some()
            });
        let field = member.or_else(|| self.field("account_number").filter(|_| said(PAPERS)));
        if let Some(field) = field {
            self.asked.push(Asked {
                field,
                age: 0,
                at: 0,
                spelling: false,
                part: dialogue::Part::Whole,
            });
        }
    }

    /// "And you?", "and yours?": the name and number of the caller, after somebody else's.
    pub(super) fn ask_in_return(&mut self, heard: &Heard) {
        let n = heard.tokens.len();
        let returns = n <= 12
            && (0..n).any(|i| {
                // "Okay, yours?", "and what is yours?"
                heard.word(i) == "yours"
                    && (i == 0
                        || heard.any(
                            i - 1,
                            words!["okay", "ok", "alright", "what's", "about", "and"],
                        )
                        || heard.word(i - 1) == "is"
                            && heard.any(i.wrapping_sub(2), words!["what"]))
                    || heard.word(i) == "and"
                        && matches!(heard.word(i + 1), "you" | "yours" | "yourself" | "who")
                        && (i + 2 == n
                            || heard.word(i + 1) == "yours"
                            || n <= 6 && heard.word(i + 2) == "are")
            });
        if !returns {
            return;
        }
        for name in ["callback_number", "caller_name"] {
            if let Some(field) = self.field(name)
                && self
                    .ledger(field)
                    .held
                    .as_ref()
                    .is_none_or(|h| h.source == Source::CallerId)
                && !self.asked.iter().any(|a| a.field == field && a.age == 0)
            {
                self.asked.push(Asked {
                    field,
                    age: 0,
                    at: 0,
                    spelling: false,
                    part: dialogue::Part::Whole,
                });
            }
        }
    }

    /// "One more time?", "I missed the last part": the value given just before is asked for again.
    pub(super) fn ask_again(&mut self, heard: &Heard) {
        let again = heard.says(words![
            "repeat", "again", "missed", "missing", "slower", "slowly", "catch", "garbled",
        ]) || heard.tokens.windows(2).any(|w| {
            w[0].any(words!["more", "cut", "broke", "didn't"])
                && w[1].any(words!["time", "out", "up", "get", "hear"])
        });
        if !again || !self.asked.iter().all(|a| a.age > 0) {
            return;
        }
        let field = (0..self.ledgers.len()).find(|i| {
            matches!(
                self.vertical.fields[*i].ty,
                FieldType::Phone | FieldType::Code | FieldType::Date | FieldType::Email
            ) && self.ledgers[*i].held.as_ref().is_some_and(|h| {
                h.source == Source::CallerSaid
                    && h.evidence
                        .last()
                        .is_some_and(|e| e.turn + 2 >= heard.segment)
            })
        });
        if let Some(field) = field {
            self.asked.push(Asked {
                field: field as u8,
                age: 0,
                at: 0,
                spelling: false,
                part: dialogue::Part::Whole,
            });
        }
    }

    /// A read-back and another question in one breath: a bare "yes" may belong to the question.
    pub(super) fn overtake(&mut self, heard: &Heard, asked: &[Asked]) {
        let token_of = |word: u32| {
            heard
                .tokens
                .iter()
                .position(|t| t.word >= word)
                .unwrap_or(heard.tokens.len())
        };
        let here = |p: &ReadBack| p.evidence.turn == heard.segment;
        let last = self
            .pending
            .iter()
            .filter(|p| here(p))
            .map(|p| token_of(p.evidence.word_to))
            .max();
        for p in &mut self.pending {
            let end = token_of(p.evidence.word_to);
            p.overtaken |= if p.evidence.turn == heard.segment {
                // "Is 919 ... the right number for him?" is one question.
                let same = |a: &Asked| {
                    a.field == p.field
                        || [a.field, p.field]
                            .iter()
                            .all(|f| self.vertical.fields[usize::from(*f)].ty == FieldType::Phone)
                };
                asked.iter().any(|a| !same(a) && a.at >= end)
                    || dialogue::question_after(heard, last.unwrap_or(end).max(end), Some(p.field))
            } else {
                !asked.is_empty()
                    || heard.tokens.len() > 4 && dialogue::question_after(heard, 0, None)
            };
        }
        let read = self
            .read_out
            .as_ref()
            .and_then(|r| self.ledger(r.field).held.as_ref())
            .and_then(|h| h.evidence.iter().rev().find(|e| e.role == Role::ReadsBack))
            .filter(|e| e.turn == heard.segment)
            .map_or(0, |e| token_of(e.word_to));
        self.question_elsewhere = asked
            .iter()
            .any(|a| self.ty(a.field) != FieldType::Phone && a.at >= read)
            || dialogue::question_after(heard, read, None)
                && !asked.iter().any(|a| self.ty(a.field) == FieldType::Phone);
        // Something else was said since: a few digits belong to the read-back no more.
        let elsewhere = self.question_elsewhere || read == 0 && heard.tokens.len() > 4;
        if elsewhere && let Some(out) = &mut self.read_out {
            out.age = out.age.saturating_add(1);
        }
    }
}
