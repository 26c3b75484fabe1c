//! One turn, start to end: what it does to what was said before, then what it says itself.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Asked, ReadBack, Reply};
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
        self.last_agent = heard
            .tokens
            .iter()
            .take(60)
            .map(|t| t.text.clone())
            .collect();
        self.agent_codes(heard);
        self.agent_emails(heard);
        self.agent_phones(heard);
        self.agent_addresses(heard);
        self.agent_names(heard);
        self.agent_parties(heard);
        self.agent_insurer(heard);
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
        self.overtake(heard, &asked);
        // A question of another kind ends the waiting for the last one's answer.
        let questions = heard.tokens.first().is_some_and(|t| {
            t.any(&[
                "who", "who's", "what", "what's", "which", "where", "where's", "when", "when's",
                "how", "how's", "do", "does", "did", "is", "are", "was", "have", "has", "can",
            ])
        }) || heard.tokens.iter().skip(1).take(4).any(|t| {
            t.any(&[
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
        let asked: Vec<_> = asked
            .into_iter()
            .filter_map(|a| self.whose_is_asked(heard, a))
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
        self.ask_in_return(heard);
        self.ask_on(heard);
        self.ask_again(heard);
        self.other_number_asked = heard.hits.cue(Cue::AskBlock).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(&["number", "numbers"]))
        }) && !self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) == FieldType::Phone)
            && !self
                .pending
                .iter()
                .any(|p| self.ty(p.field) == FieldType::Phone && p.evidence.turn == heard.segment);
        self.agent_signs(heard);
    }

    /// "And your first?" goes on asking for the name; "who's garnishing you?", "and the landlord?" ask for the other side, in whatever
    /// words a law office has for it.
    fn ask_on(&mut self, heard: &Heard) {
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
        if n <= 8
            && matches!(last, "first" | "last")
            && matches!(heard.word(n.wrapping_sub(2)), "and" | "your" | "the")
            && let Some(field) = self.field("caller_name")
        {
            let part = if last == "first" {
                dialogue::Part::First
            } else {
                dialogue::Part::Last
            };
            push(&mut self.asked, field, part);
            return;
        }
        // "John what?"
        let held = self
            .held_text("caller_name")
            .unwrap_or_default()
            .to_lowercase();
        if n == 2
            && last == "what"
            && held == heard.word(0)
            && let Some(field) = self.field("caller_name")
        {
            push(&mut self.asked, field, dialogue::Part::Last);
            return;
        }
        let Some(field) = self.field("opposing_party") else {
            return;
        };
        let who = (0..n).any(|i| {
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
                && !(heard.word(i + 1) == "is" && matches!(heard.word(i + 2), "this" | "calling"))
        });
        let company = heard.tokens.windows(2).any(|w| {
            w[0].any(&["what", "which", "what's"])
                && w[1].any(&["company", "store", "employer", "business"])
                || w[0].any(&["company", "employer", "landlord", "store", "driver"])
                    && w[1].any(&["name", "name's", "called"])
        }) || heard.tokens.iter().any(|t| t.is("against"));
        // "And the landlord?", "did they get the driver?"
        let noun = n <= 7
            && heard.hits.0.iter().any(|h| {
                h.end == n
                    && (h.mark == crate::fields::cue::Mark::Near(field)
                        || h.mark == crate::fields::cue::Mark::Cue(Cue::Adversary)
                        || h.mark == crate::fields::cue::Mark::Cue(Cue::Other))
            });
        let others = self
            .asked
            .iter()
            .any(|a| a.age == 0 && a.field != field && self.ty(a.field) != FieldType::Text);
        if (who || company || noun) && !others {
            self.asked.retain(|a| a.age == 0);
            push(&mut self.asked, field, dialogue::Part::Whole);
        }
    }

    /// "And you?", "and yours?": the name and number of the caller, after somebody else's.
    fn ask_in_return(&mut self, heard: &Heard) {
        let n = heard.tokens.len();
        let returns = n <= 12
            && (0..n).any(|i| {
                heard.word(i) == "and"
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
    fn ask_again(&mut self, heard: &Heard) {
        let again = heard.tokens.iter().any(|t| {
            t.any(&[
                "repeat", "again", "missed", "missing", "slower", "slowly", "catch", "garbled",
            ])
        }) || heard.tokens.windows(2).any(|w| {
            w[0].any(&["more", "cut", "broke", "didn't"])
                && w[1].any(&["time", "out", "up", "get", "hear"])
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

    /// "Do you have a number for the seller?" asks for somebody else's.
    fn whose_is_asked(&self, heard: &Heard, asked: Asked) -> Option<Asked> {
        if self.name(asked.field) == "caller_name" {
            let owner = heard.word(asked.at.wrapping_sub(1));
            let ask = (asked.at..heard.tokens.len().min(asked.at + 4))
                .find(|i| heard.word(*i).starts_with("name"))
                .map_or("", |i| heard.word(i.wrapping_sub(1)));
            let theirs = |w: &str| {
                matches!(w, "his" | "her" | "their" | "hers" | "theirs")
                    || crate::fields::name::word::is_kin(w)
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
            if theirs(owner) || theirs(ask) {
                let field = self
                    .field("patient_name")
                    .or_else(|| self.field("opposing_party"))?;
                return Some(Asked { field, ..asked });
            }
            return Some(asked);
        }
        if self.name(asked.field) != "callback_number" {
            return Some(asked);
        }
        let after = (asked.at..heard.tokens.len().min(asked.at + 5)).find(|i| {
            matches!(heard.word(*i), "for" | "of" | "on")
                && heard.tokens[asked.at..*i]
                    .iter()
                    .any(|t| t.any(&["number", "phone", "cell", "contact"]))
        });
        let theirs = after.is_some_and(|at| {
            matches!(heard.word(at + 1), "the" | "your" | "that" | "this")
                && (heard.hits.cue(Cue::Other).any(|h| h.start == at + 2)
                    || matches!(
                        heard.word(at + 2),
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
                    ))
                || matches!(heard.word(at + 1), "him" | "her" | "them")
        });
        if !theirs {
            return Some(asked);
        }
        let field = self.field("third_party_number")?;
        Some(Asked { field, ..asked })
    }

    /// A read-back and another question in one breath: a bare "yes" may belong to the question.
    fn overtake(&mut self, heard: &Heard, asked: &[Asked]) {
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
                asked.iter().any(|a| a.field != p.field && a.at >= end)
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
        // Asked for a name, "Juniper Ashgrove" is no street.
        let name_asked = self.asked_of(FieldType::PersonName, 0).is_some()
            && self.asked_of(FieldType::Address, 0).is_none();
        if !name_asked {
            self.caller_addresses(heard, &reply);
        }
        self.caller_parties(heard, &reply);
        self.caller_names(heard, &reply);
        if name_asked {
            self.caller_addresses(heard, &reply);
        }
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
                // "Yeah, oh one six four", "yes except the last is a five": other digits than those read back are no yes to them.
                if matches!(self.ty(p.field), FieldType::Phone | FieldType::Code)
                    && other_digits(heard, reply.rest, p.value.text().unwrap_or_default())
                {
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
        self.asked.retain(|a| a.field != asked.field);
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

/// Whether the turn has digits that are no part of `value`'s end or groups, or takes back a digit.
fn other_digits(heard: &Heard, rest: usize, value: &str) -> bool {
    let excepts = heard
        .tokens
        .iter()
        .any(|t| t.any(&["except", "but", "only", "not", "instead"]));
    let head = heard.tokens.len().min(rest + 5);
    heard
        .runs
        .iter()
        .filter(|r| excepts || r.start <= head)
        .any(|r| {
            let said = |d: &str| d.len() >= 2 && value.contains(d);
            let same = said(r.digits()) || r.readings.iter().any(|x| said(&x.digits));
            !same && (r.digits().len() >= 3 || excepts)
        })
}
