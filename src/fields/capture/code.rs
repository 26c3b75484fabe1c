//! Account, member, claim numbers: letters and digits after the words that announce them.

use crate::fields::code::{codes, fits};
use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::phone::repair::with_its_end;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::{WordSet, words};

/// Nouns whose code is the account number's.
const PAPERS: &WordSet = words![
    "order",
    "invoice",
    "case",
    "claim",
    "account",
    "ticket",
    "reference",
    "confirmation",
    "policy",
    "job",
    "estimate",
    "incident",
    "booking",
    "contract",
    "report",
    "registration",
    "shipment",
    "tracking",
];

impl State {
    /// Codes in the caller's turn.
    pub fn caller_codes(&mut self, heard: &mut Heard, reply: &Reply) {
        if self.vertical.first_of(FieldType::Code).is_none() {
            return;
        }
        // What was announced comes next, unless the agent has asked for something else meanwhile.
        let elsewhere = self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) != FieldType::Code);
        let announced = self.code_announced.take().filter(|_| !elsewhere);
        let asked = self
            .asked_of(FieldType::Code, 1)
            .map(|a| a.field)
            .or(announced);
        let member = self
            .field("member_id")
            .filter(|f| self.insurance_in_talk(heard, *f));
        let mut last_end = None;
        let mut claimed = false;
        let gate = heard.hits.has(Cue::GateCode);
        let going = self.code_parts.as_ref().map(|(f, ..)| *f);
        for code in codes(
            heard,
            if asked.is_some() || going.is_some() {
                2
            } else {
                3
            },
        ) {
            // "I don't have it, can you look it up by phone, 512 ...": a telephone's.
            if nanp(&code.text).is_some()
                && (code.start.saturating_sub(3)..code.start).any(|i| {
                    heard.any(
                        i,
                        words![
                            "phone",
                            "cell",
                            "telephone",
                            "mobile",
                            "callback",
                            "cellphone",
                        ],
                    )
                })
            {
                continue;
            }
            // "In case I'm on a roof, it's 986 ...": no case has that number.
            if nanp(&code.text).is_some()
                && asked.is_none()
                && heard
                    .tokens
                    .windows(2)
                    .any(|w| w[0].is("in") && w[1].is("case"))
            {
                continue;
            }
            // "I paid fourteen hundred dollars"
            if heard.hits.at(Cue::NotPhone, code.end).is_some()
                || heard
                    .tokens
                    .get(code.start)
                    .is_some_and(|t| t.glue == Some('$'))
            {
                continue;
            }
            let near = heard
                .hits
                .all()
                .iter()
                .filter_map(|h| match h.mark {
                    Mark::Near(f)
                        if self.ty(f) == FieldType::Code
                            && h.end <= code.start
                            && code.start - h.end <= 3
                            // "I account for forty two units"
                            && (h.end > h.start + 1 || code.text.len() >= 4) =>
                    {
                        Some((h.end, h.end - h.start, f))
                    }
                    _ => None,
                })
                .max()
                .map(|(_, _, f)| f);
            let digits_only = code.text.bytes().all(|b| b.is_ascii_digit());
            // "The confirmation number you people gave me is ...", "an incident number, it's on the fridge, AC-1190".
            let far = near.is_none()
                && (!digits_only
                    || code.start - code.start.saturating_sub(1) > 0
                        && matches!(heard.word(code.start.wrapping_sub(1)), "is" | "it's"))
                && code.text.len() >= 4;
            let near = near.or_else(|| {
                if !far {
                    return None;
                }
                heard
                    .hits
                    .all()
                    .iter()
                    .filter_map(|h| match h.mark {
                        Mark::Near(f)
                            if self.ty(f) == FieldType::Code
                                && h.end <= code.start
                                && code.start - h.end <= 8
                                // "In case I'm out it's ...": no case has that number.
                                && !(heard.word(h.start) == "case"
                                    && heard.word(h.start.wrapping_sub(1)) == "in") =>
                        {
                            Some((h.end, f))
                        }
                        _ => None,
                    })
                    .max()
                    .map(|(_, f)| f)
            });
            let of_machine = (code.start.saturating_sub(4)..code.start)
                .any(|i| matches!(heard.word(i), "serial" | "model" | "permit" | "license"));
            if of_machine && near.is_none() && asked.is_none() {
                heard.take(code.start, code.end);
                continue;
            }
            let lead = heard.hits.before(Cue::CodeLead, code.start, 3).is_some()
                || code.text.len() >= 4 && heard.any(code.start.wrapping_sub(1), PAPERS)
                || !digits_only
                    && code.text.len() >= 5
                    && code.text.bytes().filter(u8::is_ascii_digit).count() >= 3
                    && heard.word(code.start.wrapping_sub(1)) == "is"
                    && heard.word(code.start.wrapping_sub(2)) == "number";
            let phone_cue =
                heard.hits.before(Cue::PhoneLead, code.start, 2).is_some() && near.is_none();
            // "Badgercare, yes, the number is ...": the number on the card.
            let card = member.filter(|_| {
                (code.start.saturating_sub(8)..code.start).any(|at| {
                    crate::fields::gazetteer::tables()
                        .insurer(&heard.tokens, at)
                        .is_some()
                }) && heard.says(words!["number"])
            });
            if phone_cue && digits_only && !lead && card.is_none()
                || gate && near.is_none() && asked.is_none()
            {
                continue;
            }
            let alone = heard.tokens.len() <= code.end - code.start + 3;
            let answers = asked
                .filter(|_| code.text.len() >= 4 || self.code_parts.is_some())
                .or(going.filter(|_| alone));
            let pending = self
                .pending
                .iter()
                .find(|p| self.ty(p.field) == FieldType::Code)
                .map(|p| p.field);
            let Some(field) = near
                .or(card)
                .or(answers)
                .or_else(|| pending.filter(|_| reply.deny || reply.repair))
                .or_else(|| lead.then(|| self.field("account_number")).flatten())
            else {
                continue;
            };
            // "Independence Blue Cross, the number is Q-X-R ...": the number on the card.
            let field = match member {
                Some(member)
                    if Some(field) == self.field("account_number")
                        && near.is_none()
                        && asked != Some(field) =>
                {
                    member
                }
                _ => field,
            };
            // A phone number in answer to a question for two things.
            if near.is_none()
                && digits_only
                && code.text.len() == 10
                && self.asked_of(FieldType::Phone, 0).is_some()
            {
                continue;
            }
            if !fits(
                &self.vertical.fields[usize::from(field)].pattern,
                &code.text,
            ) && near.is_none()
                && answers.is_none()
            {
                continue;
            }
            // "RX 7730418": what kind of number it is, no part of it.
            let mut text = match code.text.strip_prefix("RX") {
                Some(rest) if rest.len() >= 5 => rest.to_owned(),
                _ => code.text.clone(),
            };
            // "One is 60518, and the second time they came it's 61144": two of them.
            let apart = last_end
                .replace(code.end)
                .is_some_and(|end| code.start > end + 2);
            let continued = self.code_parts.take().filter(|(f, held, _)| {
                *f == field
                    && !apart
                    && !text.starts_with(held.as_str())
                    && near.is_none()
                    && !reply.repair
                    && !reply.deny
            });
            let mut evidence = vec![heard.evidence(Role::States, code.start, code.end)];
            let mut strength = if near.is_some() || lead {
                Strength::Explicit
            } else {
                Strength::Answer
            };
            if let Some((_, held, mut earlier)) = continued {
                text = format!("{held}{text}");
                earlier.append(&mut evidence);
                evidence = earlier;
                strength = Strength::Repair;
            } else if (reply.deny || reply.repair)
                && let Some(whole) = self
                    .pending
                    .iter()
                    .find(|p| p.field == field)
                    .and_then(|p| p.value.text())
                    .or_else(|| self.value(field).and_then(Value::text))
                    .and_then(|base| with_its_end(&text, base.len()))
            {
                // "No, three one one nine, seven oh three one one nine": its end, and then all of it.
                text = whole.to_owned();
                strength = Strength::Repair;
            } else if (reply.deny || reply.repair)
                && let Some(held) = self.value(field).and_then(Value::text)
                && says_again(&text, held)
            {
                text = held.to_owned();
                strength = Strength::Repair;
            } else if (reply.deny || reply.repair)
                && let Some(base) = self
                    .pending
                    .iter()
                    .find(|p| p.field == field)
                    .and_then(|p| p.value.text())
                    .or_else(|| self.value(field).and_then(Value::text))
                && text.len() < base.len()
            {
                // "I read you the wrong line, it's G M 7 ...": begun again from its head, it is all of it.
                let afresh = text.len() >= 4 && text.get(..2) == base.get(..2);
                if let Some(head) = base.get(..base.len() - text.len()).filter(|_| !afresh) {
                    text = format!("{head}{text}");
                }
                strength = Strength::Repair;
            }
            let disputed = self.pending.iter().any(|p| p.field == field);
            self.pending.retain(|p| p.field != field);
            heard.take(code.start, code.end);
            claimed = true;
            self.code_parts = Some((field, text.clone(), evidence.clone()));
            let claim = Claim {
                value: Value::Text(text),
                source: Source::CallerSaid,
                strength,
                inferred: false,
                p: word_probability(&heard.tokens, code.start, code.end),
                raw: heard.text(code.start, code.end),
                evidence,
            };
            let kind = self.ledger_mut(field).claim(claim);
            self.note(field, kind);
            self.dispute(field, disputed && (reply.deny || reply.repair));
        }
        if !claimed {
            self.announce_code(heard, asked, member);
        }
    }

    /// "They gave me a claim number, you need that?", "one moment, I have the card here": the code comes with the caller's next words.
    fn announce_code(&mut self, heard: &Heard, asked: Option<u8>, member: Option<u8>) {
        let named = heard.hits.all().iter().rev().find_map(|h| match h.mark {
            // "On our account" is said of much else.
            Mark::Near(f) if self.ty(f) == FieldType::Code && h.end > h.start + 1 => Some(f),
            _ => None,
        });
        let numbered = || heard.says(words!["number"]).then_some(member).flatten();
        let waits = heard.hits.has(Cue::DontKnow)
            || heard.says(words![
                "hold", "hang", "second", "moment", "minute", "got", "get", "need", "want", "have",
            ]);
        self.code_announced = named
            .or_else(numbered)
            .or(asked.filter(|_| waits))
            .filter(|f| waits && self.ledger(*f).held.is_none());
    }

    /// Whether the number of an insurance card is what a code would be: the insurer was named or asked for a moment ago.
    fn insurance_in_talk(&self, heard: &Heard, member: u8) -> bool {
        let Some(insurance) = self.field("insurance") else {
            return false;
        };
        let tables = crate::fields::gazetteer::tables();
        self.ledger(member).held.is_none()
            && (self.was_asked(insurance, 1)
                || (0..heard.tokens.len()).any(|at| tables.insurer(&heard.tokens, at).is_some())
                || self
                    .ledger(insurance)
                    .held
                    .as_ref()
                    .and_then(|h| h.evidence.last())
                    .is_some_and(|e| e.turn + 3 >= heard.segment))
    }

    /// A code read back by the agent.
    pub fn agent_codes(&mut self, heard: &mut Heard) {
        if !crate::fields::dialogue::covered(heard, Cue::Backchannel) {
            self.code_parts = None;
        }
        let codes_held = self.vertical.all_of(FieldType::Code).iter();
        let held: Vec<(u8, String)> = codes_held
            .filter_map(|f| Some((*f, self.value(*f)?.text()?.to_owned())))
            .collect();
        self.proposed_code(heard);
        if held.is_empty() {
            return;
        }
        for code in codes(heard, 3) {
            for (field, value) in &held {
                let same = *value == code.text;
                let tail = code.text.len() >= 4 && value.ends_with(code.text.as_str());
                let near =
                    code.text.len() == value.len() && strsim::osa_distance(value, &code.text) <= 2;
                // "3HZN 4417 ...", of 3HZN 4471 9026: the caller breaks in.
                let begun = value.get(..code.text.len()).filter(|head| {
                    code.text.len() >= 5
                        && !same
                        && *head != code.text
                        && strsim::osa_distance(head, &code.text) <= 2
                });
                if let Some(head) = begun {
                    let said = format!("{}{}", code.text, &value[head.len()..]);
                    let evidence = heard.evidence(Role::ReadsBack, code.start, code.end);
                    heard.take(code.start, code.end);
                    self.await_yes(*field, Value::Text(said), false, evidence);
                    break;
                }
                if same || tail || near {
                    let evidence = heard.evidence(Role::ReadsBack, code.start, code.end);
                    self.ledger_mut(*field).read_back(evidence.clone());
                    heard.take(code.start, code.end);
                    let said = if same || tail {
                        value.clone()
                    } else {
                        code.text.clone()
                    };
                    self.settle_or_await(*field, said, same || tail, evidence);
                    break;
                }
            }
        }
    }
}

impl State {
    /// "Is the bill under the same account, 33-0178?", "Found you. Job FL2093.": a code the agent has on file.
    fn proposed_code(&mut self, heard: &Heard) {
        let near = |mark: Mark| matches!(mark, Mark::Near(f) if self.ty(f) == FieldType::Code);
        if !heard.says(PAPERS) && !heard.hits.all().iter().any(|h| near(h.mark)) {
            return;
        }
        let found = codes(heard, 4).into_iter().find_map(|code| {
            heard
                .hits
                .all()
                .iter()
                .filter_map(|h| match h.mark {
                    Mark::Near(f)
                        if near(h.mark) && h.end <= code.start && code.start - h.end <= 4 =>
                    {
                        Some(f)
                    }
                    _ => None,
                })
                .next()
                .or_else(|| {
                    (code.start.saturating_sub(2)..code.start)
                        .any(|i| heard.any(i, PAPERS))
                        .then(|| self.field("account_number"))
                        .flatten()
                })
                .filter(|f| self.value(*f).is_none())
                .map(|f| (f, code))
        });
        let Some((field, code)) = found else {
            return;
        };
        if crate::fields::dialogue::confirm_asked(heard, code.end) {
            let evidence = heard.evidence(Role::ReadsBack, code.start, code.end);
            self.await_yes(field, Value::Text(code.text), true, evidence);
        } else if nanp(&code.text).is_none() && !self.asked.iter().any(|a| a.field == field) {
            self.claim_with(
                field,
                heard,
                (code.start, code.end),
                Role::States,
                Value::Text(code.text),
                Strength::Shape,
                Source::AgentSaid,
                false,
            );
        }
    }
}

/// Whether the end of what is said is the end of what is held, after no more than a group that was singled out: "no, 204. 881, 204, 56".
fn says_again(said: &str, held: &str) -> bool {
    let common = said
        .bytes()
        .rev()
        .zip(held.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    common >= 4 && common + 4 >= said.len()
}
