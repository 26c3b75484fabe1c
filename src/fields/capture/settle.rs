//! The caller's answer to what was read back or asked: yes, no, and refusal.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::name::word::{Nameness, is_kin, nameness};
use crate::fields::phone::{Owner, is_time, owner::owner};
use crate::fields::state::State;
use crate::fields::token::Token;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::words;

impl State {
    /// The answer to what was read back.
    pub(super) fn settle(&mut self, heard: &Heard, reply: &Reply) {
        if self.pending.is_empty() {
            return;
        }
        // "Is this Mrs. Hayward?" "Yes, this is her husband": somebody else calls.
        if speaks_for_another(heard) {
            let caller = self.field("caller_name");
            self.pending.retain(|p| Some(p.field) != caller);
        }
        let span = reply.rest.max(1).min(heard.tokens.len());
        let both = heard.tokens.iter().take(5).any(|t| t.is("both"));
        // "That's my work line, don't use that": no number to call, yes or no.
        if super::phone::turned_down(heard) {
            self.pending
                .retain(|p| self.vertical.fields[usize::from(p.field)].ty != FieldType::Phone);
        }
        if !reply.deny && !reply.repair {
            self.take_additions();
        }
        if (reply.affirm || takes(heard, reply)) && !reply.deny {
            let evidence = heard.evidence(Role::Confirms, 0, span);
            let more = heard.tokens.len() > reply.rest + 2;
            let pending = std::mem::take(&mut self.pending);
            for p in pending {
                // A bare yes belongs to the last question.
                if (p.overtaken && !both || p.age > 0) && !reply.emphatic {
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
                // "Saturday the seventh?" "Yeah, well, technically Sunday": no yes to that day.
                if self.ty(p.field) == FieldType::Date && self.other_day_said(heard, &p) {
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

    /// "266 Pin Oak Place, unit A, and what city?" "Buda": what a read-back adds to a place is taken where the caller goes on without a word
    /// against it.
    fn take_additions(&mut self) {
        for at in 0..self.pending.len() {
            let p = &self.pending[at];
            let (Some(said), Some(held)) = (
                p.value.address(),
                self.value(p.field).and_then(Value::address),
            ) else {
                continue;
            };
            let adds = held != said && held.agrees(said) && held.updated(said) == *said;
            if !(p.matches && p.overtaken && p.age == 0 && adds) {
                continue;
            }
            let field = p.field;
            let claim = Claim {
                value: p.value.clone(),
                source: Source::AgentSaid,
                strength: Strength::Shape,
                inferred: false,
                p: 1.0,
                raw: p.evidence.text.clone(),
                evidence: vec![p.evidence.clone()],
            };
            let kind = self.ledger_mut(field).claim(claim);
            self.note(field, kind);
        }
    }

    /// A refusal of what was asked for.
    pub(super) fn refuse(&mut self, heard: &Heard, reply: &Reply) {
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
        // "Just Teresa. I'd rather not say the last name."
        let given = |t: &Token| tables().is_given(&t.text) && nameness(t) >= Nameness::Both;
        if self.ty(asked.field) == FieldType::PersonName
            && heard.says(words!["last", "surname"])
            && heard.tokens.iter().any(given)
        {
            return;
        }
        let evidence = heard.whole(Role::States);
        let kind = self.ledger_mut(asked.field).decline(evidence);
        self.note(asked.field, kind);
        // What follows a refused name is no name; a refused date may still be given.
        // "I'd rather not, well okay, it's Lakeview Cold Storage": given after all.
        let yields = heard.tokens.windows(2).any(|w| {
            w[0].any(words!["okay", "ok", "fine", "alright", "but"])
                && w[1].any(words!["it's", "its", "i'm", "it", "she's", "he's", "my"])
        });
        if self.ty(asked.field) == FieldType::PersonName && !yields {
            self.asked.retain(|a| a.field != asked.field);
        }
    }
}

/// "That'll work", "you do", "please", "very good": as good as a yes where the turn says nothing else.
fn takes(heard: &Heard, reply: &Reply) -> bool {
    let n = heard.tokens.len();
    let done = matches!(heard.word(0), "you" | "he" | "she" | "they" | "we")
        && matches!(
            heard.word(1),
            "do" | "does" | "are" | "is" | "can" | "may" | "have" | "did" | "got"
        );
    let well = heard.word(0) == "very" && heard.word(1) == "good";
    let offer = reply.accept && n >= 2 && reply.rest >= n;
    let please = n == 1 && heard.word(0) == "please";
    // "Is this Wendell?" "Speaking."
    let speaking = n <= 2 && heard.word(n.wrapping_sub(1)) == "speaking";
    n <= 4 && (n == 2 && (done || well) || offer || please || speaking)
}

/// Whether the turn has digits that are no part of `value`'s end or groups, or takes back a digit.
fn other_digits(heard: &Heard, rest: usize, value: &str) -> bool {
    let excepts = heard.says(words!["except", "but", "only", "not", "instead"]);
    let head = heard.tokens.len().min(rest + 5);
    // "Correct, and the address is eighty one hundred southwest tenth": a number of something else.
    let elsewhere = |at: usize| {
        (at + 1..heard.tokens.len().min(at + 8)).any(|i| {
            crate::fields::gazetteer::tables()
                .suffix(heard.word(i))
                .is_some()
        }) && (rest..at)
            .any(|i| matches!(heard.word(i), "address" | "and" | "at" | "i'm" | "we're"))
    };
    // "Correct, but if something changes call my wife ...", "that's right, not before ten though": another's number, a time.
    let apart: Vec<(usize, usize)> = crate::fields::phone::sequences(heard)
        .iter()
        .filter(|s| {
            nanp(&s.digits).is_some()
                && matches!(owner(heard, s, 0), Owner::Alternate | Owner::Third)
                || is_time(heard, s)
        })
        .map(|s| (s.start, s.end))
        .collect();
    heard
        .runs
        .iter()
        .filter(|r| (excepts || r.start <= head) && !elsewhere(r.start))
        .filter(|r| {
            !apart
                .iter()
                .any(|(from, to)| *from <= r.start && r.end <= *to)
        })
        .any(|r| {
            let said = |d: &str| d.len() >= 2 && value.contains(d);
            let same = said(r.digits()) || r.readings.iter().any(|x| said(&x.digits));
            !same && (r.digits().len() >= 3 || excepts)
        })
}

/// "This is her daughter", "it's his wife": who calls for another.
fn speaks_for_another(heard: &Heard) -> bool {
    heard.says(words!["her", "his", "their"])
        && (1..heard.tokens.len()).any(|at| {
            heard.any(at, words!["her", "his", "their"])
                && heard.any(at - 1, words!["is", "it's", "i'm", "am", "no", "just"])
                && (is_kin(heard.word(at + 1)) || heard.hits.at(Cue::Other, at + 1).is_some())
                && !heard.word(at + 1).ends_with("'s")
        })
}
