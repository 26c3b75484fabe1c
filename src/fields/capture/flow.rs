//! One turn, start to end: what it does to what was said before, then what it says itself.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Asked, Reply};
use crate::fields::evidence::Role;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::words;

/// A question is waited on for this many of the caller's turns.
const QUESTION_TURNS: u8 = 2;

impl State {
    /// Hears a finished turn.
    pub fn hear(&mut self, heard: Heard) {
        self.last_end_ms = self.last_end_ms.max(heard.end_ms);
        if heard.tokens.is_empty() {
            return;
        }
        self.signs.turns[heard.speaker.index()] += 1;
        self.weigh(&heard);
        self.tag_names(&heard);
        self.note_parties(&heard);
        self.note_days(&heard);
        self.note_patient(&heard);
        self.note_numbers(&heard);
        match heard.speaker {
            Speaker::Agent => self.hear_agent(heard),
            Speaker::Caller => self.hear_caller(heard),
        }
    }

    fn hear_agent(&mut self, mut heard: Heard) {
        let listening = dialogue::covered(&heard, Cue::Backchannel);
        let asked = dialogue::asks(&heard);
        self.agent_values(&mut heard);
        if asked.is_empty() {
            self.ask_as_offered(&heard);
        }
        let silent = listening && asked.is_empty();
        if !silent {
            self.agent_asks(&heard, asked);
            self.agent_signs(&heard);
        }
        // Signs of listening and machines say nothing that "it" could stand for.
        let telling = !silent && !heard.hits.has(Cue::Voicemail);
        self.note_places(&heard);
        self.last_agent = heard.into_first_words();
        if telling {
            self.last_agent_before = self.last_agent.clone();
        }
    }

    /// Values that the agent says.
    fn agent_values(&mut self, heard: &mut Heard) {
        self.agent_codes(heard);
        self.agent_emails(heard);
        self.agent_phones(heard);
        self.agent_addresses(heard);
        self.agent_parties(heard);
        self.agent_names(heard);
        self.agent_insurer(heard);
        self.agent_dates(heard);
        self.agent_times(heard);
        self.agent_problem(heard);
    }

    /// What the agent's turn asks for, beside or instead of what was asked before.
    fn agent_asks(&mut self, heard: &Heard, asked: Vec<Asked>) {
        let spelling = heard.hits.has(Cue::SpellAsk);
        if spelling {
            for a in &mut self.asked {
                a.spelling = true;
            }
        }
        self.overtake(heard, &asked);
        // A question of another kind ends the waiting for the last one's answer.
        let questions = heard.tokens.first().is_some_and(|t| {
            t.any(words![
                "who", "who's", "what", "what's", "which", "where", "where's", "when", "when's",
                "how", "how's", "do", "does", "did", "is", "are", "was", "have", "has", "can",
            ])
        }) || heard.tokens.iter().skip(1).take(4).any(|t| {
            t.any(words![
                "who", "who's", "what", "what's", "which", "where", "where's", "when", "when's",
                "how", "how's", "do", "does", "did",
            ])
        });
        let others_name =
            asked.is_empty() && heard.hits.has(Cue::AskBlock) && heard.tokens.len() <= 10;
        if others_name
            || asked.is_empty()
                && questions
                && heard.tokens.len() > 3
                && !spelling
                && !self.digits.is_open()
        {
            self.asked.clear();
        }
        let with_address = asked.iter().any(|a| self.ty(a.field) == FieldType::Address);
        let asked: Vec<_> = asked
            .into_iter()
            .filter_map(|a| self.whose_is_asked(heard, a))
            .filter(|a| {
                // "Last name, Chuck?" says one part back and asks for the other.
                matches!(a.part, dialogue::Part::First | dialogue::Part::Last)
                    // "Name and address, Dre?": for the record, of one who is called so.
                    || with_address && self.value(a.field).and_then(Value::text).is_some_and(|t| !t.contains(' '))
                    || !self.pending.iter().any(|p| {
                        p.field == a.field && p.evidence.turn == heard.segment && !p.overtaken
                    })
            })
            .collect();
        if !asked.is_empty() {
            self.asked = asked;
            if spelling {
                for a in &mut self.asked {
                    a.spelling = true;
                }
            }
        }
        self.ask_in_return(heard);
        self.ask_on(heard);
        self.ask_again(heard);
        self.ask_parts(heard);
        self.ask_place(heard);
        self.other_number_asked = heard.hits.cue(Cue::AskBlock).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(words!["number", "numbers"]))
        }) && !self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) == FieldType::Phone)
            && !self
                .pending
                .iter()
                .any(|p| self.ty(p.field) == FieldType::Phone && p.evidence.turn == heard.segment);
    }

    fn hear_caller(&mut self, mut heard: Heard) {
        let reply = dialogue::reply(&heard);
        self.raise(&heard);
        self.caller_values(&mut heard, &reply);
        self.caller_signs(&heard, &reply);
        self.note_places(&heard);
        self.pass_turn(&heard, &reply);
        if !heard.hits.has(Cue::Voicemail) {
            self.last_caller = heard.into_first_words();
        }
    }

    /// Values that the caller says.
    fn caller_values(&mut self, heard: &mut Heard, reply: &Reply) {
        self.note_told(heard);
        self.settle(heard, reply);
        self.refuse(heard, reply);
        self.caller_codes(heard, reply);
        self.caller_emails(heard);
        self.caller_dates(heard);
        let times_first = self.times_come_first(heard);
        if times_first {
            self.caller_times(heard, reply);
        }
        self.caller_phones(heard, reply);
        self.caller_constraints(heard);
        if !times_first {
            self.caller_times(heard, reply);
        }
        // Asked for a name, "Juniper Ashgrove" is no street.
        // Asked for name and address, people give them in that order.
        let asked_at = |ty| self.asked_of(ty, 0).map(|a| a.at);
        let name_asked = match (
            asked_at(FieldType::PersonName),
            asked_at(FieldType::Address),
        ) {
            (Some(name), Some(address)) => name < address,
            (name, _) => name.is_some(),
        };
        if !name_asked {
            self.caller_addresses(heard, reply);
        }
        self.note_kin(heard);
        self.caller_parties(heard, reply);
        self.caller_names(heard, reply);
        if name_asked {
            self.caller_addresses(heard, reply);
        }
        if !reply.backchannel {
            self.caller_problem(heard);
        }
        self.caller_items(heard);
        self.caller_texts(heard, reply);
    }

    /// What a turn of the caller's leaves of the questions and read-backs before it.
    fn pass_turn(&mut self, heard: &Heard, reply: &Reply) {
        // What was answered is asked no more: the next digits belong to something else.
        let answered: Vec<u8> = self
            .asked
            .iter()
            .map(|a| a.field)
            .filter(|f| {
                matches!(
                    self.ty(*f),
                    FieldType::Date
                        | FieldType::Phone
                        | FieldType::Code
                        | FieldType::Email
                        | FieldType::PersonName
                )
            })
            .filter(|f| {
                self.ledger(*f)
                    .held
                    .as_ref()
                    .and_then(|h| h.evidence.last())
                    .is_some_and(|e| e.turn == heard.segment && e.speaker == Speaker::Caller)
            })
            .collect();
        self.asked.retain(|a| !answered.contains(&a.field));
        let listening = reply.backchannel && heard.tokens.len() <= 3;
        let hold = heard.tokens.len() <= 6
            && (heard.hits.has(Cue::DontKnow)
                || heard.says(words!["hang", "hold", "second", "sec", "minute", "moment"]));
        if !hold {
            for a in &mut self.asked {
                a.age = a.age.saturating_add(1);
            }
            self.asked.retain(|a| a.age <= QUESTION_TURNS);
            if !listening {
                for p in &mut self.pending {
                    p.age = p.age.saturating_add(1);
                }
            }
            // A read-back is answered at once or not at all; a later yes belongs to something else.
            self.pending.retain(|p| p.age == 0);
            if !listening && !reply.affirm && !reply.deny {
                if let Some(read) = &mut self.read_out {
                    read.age = read.age.saturating_add(1);
                }
                self.read_out = self.read_out.take().filter(|r| r.age <= 1);
            }
        }
        if !heard.tokens.is_empty() && !reply.backchannel {
            self.agent_digits.clear();
        }
        // The question is answered by the next words or not at all: a later "uh-huh" is a yes to something else.
        if !hold {
            self.this_number_asked = false;
        }
    }

    /// Alarms.
    fn raise(&mut self, heard: &Heard) {
        for at in 0..self.vertical.escalations.len() {
            let hit = heard.hits.all().iter().find(|h| {
                h.mark == crate::fields::cue::Mark::Escalation(at as u8) && !heard.unreal(h.start)
            });
            let Some(hit) = hit else { continue };
            let spec = &self.vertical.escalations[at];
            if self.escalations.iter().any(|e| e.trigger == spec.id) {
                continue;
            }
            let evidence = vec![heard.evidence(Role::States, hit.start, hit.end)];
            self.escalations.push(crate::fields::state::Escalation {
                trigger: spec.id.clone(),
                severity: spec.severity.clone(),
                say: spec.say.clone(),
                at_ms: heard.end_ms,
                evidence,
            });
        }
    }

    /// The value of a choice field by id, for other rules.
    pub fn choice(&self, name: &str) -> Option<&str> {
        self.value(self.field(name)?).and_then(Value::text)
    }
}
