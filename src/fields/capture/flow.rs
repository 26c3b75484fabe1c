//! One turn, start to end: what it does to what was said before, then what it says itself.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Reply};
use crate::fields::evidence::Role;
use crate::fields::ledger::Source;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};

/// A question is waited on for this many of the caller's turns.
const QUESTION_TURNS: u8 = 2;

impl State {
    /// Hears a finished turn.
    pub fn hear(&mut self, heard: &mut Heard) {
        self.last_end_ms = self.last_end_ms.max(heard.end_ms);
        self.signs.heard += 1;
        if !heard.tokens.is_empty() {
            self.signs.turns[heard.speaker.index()] += 1;
        }
        match heard.speaker {
            Speaker::Agent => self.hear_agent(heard),
            Speaker::Caller => self.hear_caller(heard),
        }
    }

    fn hear_agent(&mut self, heard: &mut Heard) {
        if heard.tokens.is_empty() {
            return;
        }
        let listening = dialogue::covered(heard, Cue::Backchannel);
        let asked = dialogue::asks(heard);
        self.agent_codes(heard);
        self.agent_emails(heard);
        self.agent_phones(heard);
        self.agent_addresses(heard);
        self.agent_names(heard);
        self.agent_dates(heard);
        self.agent_times(heard);
        self.agent_problem(heard);
        if listening && asked.is_empty() {
            return;
        }
        let spelling = heard.hits.has(Cue::SpellAsk);
        if spelling {
            for a in &mut self.asked {
                a.spelling = true;
            }
        }
        if !asked.is_empty() || heard.tokens.len() > 4 {
            // A read-back and another question in one breath: a bare "yes" may belong to the question.
            let fresh: Vec<u8> = self
                .pending
                .iter()
                .filter(|p| p.age == 0 && p.evidence.turn == heard.segment)
                .map(|p| p.field)
                .collect();
            let others = asked.iter().any(|a| !fresh.contains(&a.field));
            if others {
                for p in &mut self.pending {
                    let after = asked.iter().any(|a| {
                        a.field != p.field
                            && heard
                                .tokens
                                .get(a.at)
                                .is_some_and(|t| t.word >= p.evidence.word_to)
                    });
                    p.overtaken |= after && p.evidence.turn == heard.segment
                        || p.evidence.turn != heard.segment;
                }
            }
        }
        // A question of another kind ends the waiting for the last one's answer.
        let questions = heard.tokens.first().is_some_and(|t| {
            t.any(&[
                "who", "what", "what's", "which", "where", "when", "how", "do", "does", "did",
                "is", "are", "was", "have", "has", "can",
            ])
        }) || heard.tokens.iter().skip(1).take(4).any(|t| {
            t.any(&[
                "who", "what", "what's", "which", "where", "when", "how", "do", "does", "did",
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
        let asked: Vec<_> = asked
            .into_iter()
            .filter(|a| {
                !self
                    .pending
                    .iter()
                    .any(|p| p.field == a.field && p.evidence.turn == heard.segment && !p.overtaken)
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
        self.other_number_asked = heard.hits.cue(Cue::AskBlock).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(&["number", "numbers"]))
        }) && !self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) == FieldType::Phone);
        self.agent_signs(heard);
    }

    fn hear_caller(&mut self, heard: &mut Heard) {
        if heard.tokens.is_empty() {
            return;
        }
        let reply = dialogue::reply(heard);
        self.raise(heard);
        self.settle(heard, &reply);
        self.refuse(heard, &reply);
        self.caller_codes(heard, &reply);
        self.caller_emails(heard);
        self.caller_dates(heard);
        let times_first = self.times_come_first(heard);
        if times_first {
            self.caller_times(heard, &reply);
        }
        self.caller_phones(heard, &reply);
        self.caller_constraints(heard);
        if !times_first {
            self.caller_times(heard, &reply);
        }
        self.caller_addresses(heard, &reply);
        self.caller_parties(heard, &reply);
        self.caller_names(heard, &reply);
        self.caller_problem(heard);
        self.caller_items(heard);
        self.caller_texts(heard, &reply);
        self.caller_signs(heard, &reply);
        // What was answered is asked no more: the next digits belong to something else.
        let answered: Vec<u8> = self
            .asked
            .iter()
            .map(|a| a.field)
            .filter(|f| {
                matches!(
                    self.ty(*f),
                    FieldType::Date | FieldType::Phone | FieldType::Code | FieldType::Email
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
                || heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["hang", "hold", "second", "sec", "minute", "moment"])));
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
        }
        if !heard.tokens.is_empty() && !reply.backchannel {
            self.agent_digits.clear();
        }
        if !reply.affirm && !reply.accept && !reply.backchannel {
            self.this_number_asked = false;
        }
    }

    /// The answer to what was read back.
    fn settle(&mut self, heard: &Heard, reply: &Reply) {
        if self.pending.is_empty() {
            return;
        }
        let span = reply.rest.max(1).min(heard.tokens.len());
        if reply.affirm && !reply.deny {
            let evidence = heard.evidence(Role::Confirms, 0, span);
            let more = heard.tokens.len() > reply.rest + 2;
            let pending = std::mem::take(&mut self.pending);
            for p in pending {
                if p.overtaken && !reply.emphatic
                    || p.age > 0 && !reply.emphatic
                    || p.overtaken && more && p.age > 0
                {
                    self.pending.push(p);
                    continue;
                }
                // "Yeah, oh one six four": other digits than those read back are no yes to them.
                let other_digits = matches!(self.ty(p.field), FieldType::Phone | FieldType::Code)
                    && p.value.text().is_some_and(|v| {
                        heard.runs.iter().any(|r| {
                            r.digits().len() >= 3
                                && !v.contains(r.digits())
                                && !r.readings.iter().any(|x| v.contains(&x.digits))
                        })
                    });
                if other_digits {
                    self.pending.push(p);
                    continue;
                }
                // A yes followed by other digits or another name is no yes to this one.
                if more && reply.repair {
                    self.pending.push(p);
                    continue;
                }
                if p.matches {
                    let before = self.value(p.field).cloned();
                    let kind = self
                        .ledger_mut(p.field)
                        .confirm(Some(p.value), vec![p.evidence, evidence.clone()]);
                    if before.is_none()
                        && let Some(held) = self.ledger_mut(p.field).held.as_mut()
                    {
                        held.source = Source::AgentSaid;
                    }
                    self.note(p.field, kind);
                } else {
                    let kind = self.ledger_mut(p.field).contradict(p.value, p.evidence);
                    self.note(p.field, kind);
                }
            }
            self.known_number = None;
            return;
        }
        if reply.deny {
            let evidence = heard.evidence(Role::Contradicts, 0, span);
            for at in 0..self.pending.len() {
                let (field, overtaken) = (self.pending[at].field, self.pending[at].overtaken);
                if !overtaken {
                    let kind = self.ledger_mut(field).deny(evidence.clone());
                    self.note(field, kind);
                }
            }
        }
    }

    /// A refusal of what was asked for.
    fn refuse(&mut self, heard: &Heard, reply: &Reply) {
        if !reply.decline {
            return;
        }
        let Some(asked) = self
            .asked
            .iter()
            .rev()
            .find(|a| {
                a.age <= 1
                    && !matches!(self.ty(a.field), FieldType::TaskList | FieldType::QuoteList)
            })
            .cloned()
        else {
            return;
        };
        let evidence = heard.whole(Role::States);
        let kind = self.ledger_mut(asked.field).decline(evidence);
        self.note(asked.field, kind);
    }

    /// Alarms.
    fn raise(&mut self, heard: &Heard) {
        for at in 0..self.vertical.escalations.len() {
            let hit = heard.hits.0.iter().find(|h| {
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
