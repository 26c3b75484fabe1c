//! Account, member, claim numbers: letters and digits after the words that announce them.

use super::code_kind::fits;
use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::number;
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};

/// Characters of a code and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

/// The longest code made of letters and digits from `at`, skipping nothing but "dash" and the like.
fn code_at(heard: &Heard, start: usize) -> Option<Code> {
    let mut text = String::new();
    let mut at = start;
    while at < heard.tokens.len() && text.len() < 24 {
        let token = &heard.tokens[at];
        if at > start
            && heard.tokens[at - 1].ends_clause()
            && token.glue.is_none()
            && !heard.word(at - 1).chars().all(|c| c.is_ascii_digit())
        {
            break;
        }
        if let Some(run) = number::run_at(&heard.tokens, at) {
            text.push_str(run.digits());
            at = run.end;
            continue;
        }
        let word = token.text.as_str();
        if word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase()) {
            // "a" as an article, "i" as a pronoun: letters of a code have neighbours of their kind.
            let next = heard.word(at + 1);
            let kin = next.is_empty()
                || next.len() == 1
                || heard.tokens.get(at + 1).is_some_and(|t| t.num != Num::None)
                || next == "as";
            if matches!(word, "a" | "i")
                && !(kin
                    && (!text.is_empty()
                        || next.len() <= 1
                        || heard.tokens.get(at + 1).is_some_and(|t| {
                            number::is_firm(t) || t.num == Num::Literal || t.text.len() == 1
                        })))
            {
                break;
            }
            text.push_str(&word.to_uppercase());
            at += 1;
            if heard.word(at) == "as" && heard.word(at + 1) == "in" {
                at = (at + 3).min(heard.tokens.len());
            }
            continue;
        }
        match token.num {
            Num::Oh => {
                text.push('0');
                at += 1;
            }
            // "account for four seven ...": the announced code begins with a digit spelt as a word.
            Num::Homophone(d)
                if (!text.is_empty() || announced(heard, at))
                    && heard.tokens.get(at + 1).is_none_or(|t| {
                        number::is_firm(t)
                            || t.text.len() == 1
                            || matches!(t.num, Num::Hundred | Num::Oh)
                            || matches!(t.num, Num::Homophone(_)) && text.len() >= 3
                    }) =>
            {
                // "nine for hundred"
                if heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.num == Num::Hundred)
                {
                    text.push_str(&format!("{d}00"));
                    at += 2;
                } else {
                    text.push_str(&d.to_string());
                    at += 1;
                }
            }
            Num::Repeat(n) => {
                let Some(next) = heard.tokens.get(at + 1) else {
                    break;
                };
                let c = match next.num {
                    Num::Digit(d) | Num::Homophone(d) => d.to_string(),
                    Num::Oh => "0".to_owned(),
                    _ if next.text.len() == 1 => next.text.to_uppercase(),
                    _ => break,
                };
                text.push_str(&c.repeat(n.into()));
                at += 2;
            }
            _ if word.len() <= 16
                && word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().all(|b| b.is_ascii_alphanumeric())
                && !matches!(token.num, Num::Ordinal(_)) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            // Letters inside a written code: "26-CI-00418".
            _ if !text.is_empty()
                && token.glue == Some('-')
                && word.len() <= 4
                && word.bytes().all(|b| b.is_ascii_lowercase())
                && heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.glue == Some('-')) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            // Written capitals before digits: "BCX 44120".
            _ if token.upper
                && word.len() <= 4
                && word.bytes().all(|b| b.is_ascii_lowercase())
                && heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.num == Num::Literal) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            _ if !text.is_empty() && matches!(word, "dash" | "hyphen" | "then" | "space") => {
                at += 1
            }
            _ => break,
        }
    }
    (!text.is_empty()).then_some(Code {
        start,
        end: at,
        text,
    })
}

/// The words right before `at` announce a code, or nothing stands before it.
fn announced(heard: &Heard, at: usize) -> bool {
    heard
        .hits
        .0
        .iter()
        .any(|h| h.end == at && matches!(h.mark, Mark::Near(_) | Mark::Cue(Cue::CodeLead)))
        || matches!(
            heard.word(at.wrapping_sub(1)),
            "account" | "is" | "it's" | "number"
        )
}

/// Nouns whose code is the account number's.
pub(super) const PAPERS: &[&str] = &[
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
];

/// All codes of a turn with at least `least` characters, longest first where they overlap.
pub(super) fn codes(heard: &Heard, least: usize) -> Vec<Code> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < heard.tokens.len() {
        match code_at(heard, at).filter(|c| !heard.is_taken(c.start, c.end)) {
            Some(code) => {
                at = code.end.max(at + 1);
                if code.text.len() >= least && code.text.bytes().any(|b| b.is_ascii_digit()) {
                    out.push(code);
                }
            }
            None => at += 1,
        }
    }
    out
}

impl State {
    /// Codes in the caller's turn.
    pub fn caller_codes(&mut self, heard: &mut Heard, reply: &Reply) {
        if self.vertical.first_of(FieldType::Code).is_none() {
            return;
        }
        let asked = self.asked_of(FieldType::Code, 1).map(|a| a.field);
        let gate = heard.hits.has(Cue::GateCode);
        let going = self.code_parts.as_ref().map(|(f, ..)| *f);
        // Where the last code of this turn ended.
        let mut here: Option<usize> = None;
        for code in codes(
            heard,
            if asked.is_some() || going.is_some() {
                2
            } else {
                3
            },
        ) {
            let near = heard
                .hits
                .0
                .iter()
                .filter_map(|h| match h.mark {
                    Mark::Near(f)
                        if self.ty(f) == FieldType::Code
                            && h.end <= code.start
                            && code.start - h.end <= 3 =>
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
                    .0
                    .iter()
                    .filter_map(|h| match h.mark {
                        Mark::Near(f)
                            if self.ty(f) == FieldType::Code
                                && h.end <= code.start
                                && code.start - h.end <= 8 =>
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
                || code.text.len() >= 4 && PAPERS.contains(&heard.word(code.start.wrapping_sub(1)))
                || !digits_only
                    && code.text.len() >= 5
                    && code.text.bytes().filter(u8::is_ascii_digit).count() >= 3
                    && heard.word(code.start.wrapping_sub(1)) == "is"
                    && heard.word(code.start.wrapping_sub(2)) == "number";
            let phone_cue =
                heard.hits.before(Cue::PhoneLead, code.start, 2).is_some() && near.is_none();
            if phone_cue && digits_only && !lead || gate && near.is_none() && asked.is_none() {
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
            let Some(mut field) = near
                .or(answers)
                .or_else(|| pending.filter(|_| reply.deny || reply.repair))
                .or_else(|| lead.then(|| self.field("account_number")).flatten())
            else {
                continue;
            };
            // Said of an insurance card, an account number is the member's.
            if Some(field) == self.field("account_number")
                && !digits_only
                && self.of_insurance(heard, code.start)
                && let Some(member) = self.field("member_id").filter(|m| self.value(*m).is_none())
            {
                field = member;
            }
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
            let mut text = code.text.clone();
            // "... three three four seven, wait, three three four seven": said again; "the second one is 61144": another.
            let again = here.filter(|_| {
                self.code_parts
                    .as_ref()
                    .is_some_and(|(f, held, _)| *f == field && held.ends_with(text.as_str()))
            });
            if again.is_some() {
                heard.take(code.start, code.end);
                continue;
            }
            if here.is_some_and(|end| code.start > end + 2) {
                self.code_parts = None;
            }
            here = Some(code.end);
            let continued = self.code_parts.take().filter(|(f, held, _)| {
                *f == field
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
                && let Some(base) = self
                    .pending
                    .iter()
                    .find(|p| p.field == field)
                    .and_then(|p| p.value.text())
                    .or_else(|| self.value(field).and_then(Value::text))
                && text.len() < base.len()
            {
                text = format!("{}{text}", &base[..base.len() - text.len()]);
                strength = Strength::Repair;
            }
            let disputed = self.pending.iter().any(|p| p.field == field);
            self.pending.retain(|p| p.field != field);
            heard.take(code.start, code.end);
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
    }

    /// A code read back by the agent.
    pub fn agent_codes(&mut self, heard: &mut Heard) {
        if !crate::fields::dialogue::covered(heard, Cue::Backchannel) {
            self.code_parts = None;
        }
        let held: Vec<(u8, String)> = (0..self.ledgers.len())
            .filter(|i| self.vertical.fields[*i].ty == FieldType::Code)
            .filter_map(|i| {
                self.ledgers[i]
                    .value()
                    .and_then(Value::text)
                    .map(|t| (i as u8, t.to_owned()))
            })
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
