//! Two lines of the caller's: the agent has one, and the caller says what it is and gives another. "That's the house phone, my cell is
//! ...", "that's my work number, but call it first".

use crate::fields::cue::Cue;
use crate::fields::dialogue::{ReadBack, Reply};
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::phone::Sequence;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::{WordSet, words};

use super::turned_down;

impl State {
    /// Settles the number that the agent named, where the caller names its kind beside another number. Which of the two is to be called
    /// is the one that is to be called first; else the new one, which is what was asked for.
    pub(super) fn second_line(&mut self, heard: &mut Heard, reply: &Reply, sequences: &[Sequence]) {
        let Some(at) = named_line(heard) else {
            return;
        };
        let Some(new) = sequences
            .iter()
            .find(|s| s.start > at)
            .and_then(|s| nanp(&s.digits))
        else {
            return;
        };
        let (Some(callback), Some(other)) = (
            self.field("callback_number"),
            self.field("alternate_number"),
        ) else {
            return;
        };
        // "This one's my desk": the line of the call.
        let line = || {
            Some(ReadBack {
                field: callback,
                value: Value::Text(self.ctx.caller_id.clone()?),
                matches: true,
                overtaken: false,
                evidence: heard.evidence(Role::States, at, at + 1),
                age: 0,
            })
            .filter(|_| heard.word(at).starts_with("this"))
        };
        let Some(read) = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::Phone && p.field == callback && !p.overtaken)
            .cloned()
            .or_else(line)
            .filter(|p| p.value.text() != Some(new.as_str()))
        else {
            return;
        };
        let first = heard.tokens.windows(2).any(|w| {
            w[0].any(words!["house", "home", "it", "that", "office", "one"]) && w[1].is("first")
        });
        self.pending.retain(|p| p.field != callback);
        self.known_number = None;
        // "No, that's the landline at my work": no number to call.
        if reply.deny || turned_down(heard) {
            return;
        }
        let evidence = vec![
            read.evidence.clone(),
            heard.evidence(Role::Confirms, at, at + 2),
        ];
        if first {
            let kind = self
                .ledger_mut(callback)
                .confirm(Some(read.value.clone()), evidence);
            if let Some(held) = self.ledger_mut(callback).held.as_mut() {
                held.source = Source::CallerSaid;
                held.strength = Strength::Explicit;
            }
            self.note(callback, kind);
            return;
        }
        let kind = self.ledger_mut(other).claim(Claim {
            value: Value::Text(read.value.text().unwrap_or_default().to_owned()),
            source: Source::CallerSaid,
            strength: Strength::Answer,
            inferred: false,
            p: 1.0,
            raw: read.evidence.text.clone(),
            evidence,
        });
        self.note(other, kind);
    }

    /// "Yeah, or at work, that's ...", "either one, but my work is ...": the line that the agent asked about will do, and another is given
    /// beside it.
    pub(super) fn line_and_another(
        &mut self,
        heard: &Heard,
        reply: &Reply,
        sequences: &[Sequence],
    ) {
        let Some(callback) = self.field("callback_number") else {
            return;
        };
        let both = heard.any(0, words!["either", "both"]);
        let asked = self
            .pending
            .iter()
            .find(|p| p.field == callback && (!p.overtaken || both) && p.matches)
            .and_then(|p| p.value.text().map(str::to_owned))
            .or_else(|| {
                self.ctx
                    .caller_id
                    .clone()
                    .filter(|_| self.this_number_asked)
            });
        let agrees = reply.affirm
            || reply.accept
            || both
            || heard.any(0, words!["that", "it"])
                && heard.says(words!["works", "fine", "okay", "good"]);
        let other = sequences
            .iter()
            .find_map(|s| nanp(&s.digits).map(|n| (n, s.start)));
        if let (Some(line), Some((number, start))) = (asked, other)
            && agrees
            && !reply.deny
            && !reply.repair
            && line != number
            && (0..start).any(|i| heard.any(i, BESIDE))
            && !prefers(heard)
        {
            let kind = self.ledger_mut(callback).confirm(
                Some(Value::Text(line)),
                vec![heard.evidence(Role::Confirms, 0, start)],
            );
            if let Some(held) = self.ledger_mut(callback).held.as_mut() {
                held.source = Source::CallerSaid;
            }
            self.note(callback, kind);
            self.pending.retain(|p| p.field != callback);
            self.this_number_asked = false;
            self.asked.retain(|a| a.field != callback);
        }
    }

    /// "Should we call your office, 970 ..., or your cell?" "The office.": of two lines the one that the agent had the number of.
    pub(super) fn line_chosen(&mut self, heard: &Heard) {
        let Some(field) = self
            .field("callback_number")
            .filter(|_| heard.tokens.len() <= 12)
        else {
            return;
        };
        let Some(at) = self.pending.iter().position(|p| p.field == field) else {
            return;
        };
        let said = |word: &str| self.last_agent.iter().any(|w| w == word);
        let chosen = (0..heard.tokens.len().min(4)).any(|i| {
            let kind = heard.word(i);
            KINDS.has(kind)
                && said(kind)
                // The agent may have named its number's kind last: "or your cell, 970 ...?"
                && !self.last_agent.iter().rev().take(2).any(|w| w == kind)
        });
        if !chosen || !said("or") {
            return;
        }
        let read = self.pending.remove(at);
        let evidence = vec![read.evidence, heard.whole(Role::Confirms)];
        let kind = self.ledger_mut(field).confirm(Some(read.value), evidence);
        if let Some(held) = self.ledger_mut(field).held.as_mut() {
            held.source = Source::CallerSaid;
        }
        self.note(field, kind);
    }

    /// Whether the callback number was just settled by [`second_line`](State::second_line), or by [`line_and_another`](State::line_and_another),
    /// so that the one that follows is another.
    pub(super) fn line_settled(&self, heard: &Heard) -> bool {
        (named_line(heard).is_some() || !prefers(heard) && heard.says(BESIDE))
            && self
                .field("callback_number")
                .and_then(|f| self.ledger(f).held.as_ref())
                .is_some_and(|h| {
                    h.confirmed && h.evidence.last().is_some_and(|e| e.turn == heard.segment)
                })
    }
}

/// Kinds of lines.
const KINDS: &WordSet = words![
    "office", "work", "home", "house", "cell", "mobile", "landline", "shop", "desk", "store",
];

/// Whether one of two numbers is to be used before the other: "but use my mom's".
fn prefers(heard: &Heard) -> bool {
    heard.hits.has(Cue::Prefer) || heard.says(words!["use", "instead", "rather"])
}

/// Words that put a number beside the one agreed to.
const BESIDE: &WordSet = words![
    "or", "also", "but", "and", "too", "either", "both", "another", "plus",
];

/// Where the caller says what kind of line it is: "that's the house phone", "that's my work number".
fn named_line(heard: &Heard) -> Option<usize> {
    let here = |i: usize| match heard.word(i) {
        "this" => heard.any(i + 1, words!["is", "one", "one's"]),
        word => matches!(word, "that's" | "that" | "it's"),
    };
    (0..heard.tokens.len().min(10)).find(|i| {
        (*i < 6 || heard.word(*i) == "this")
            && here(*i)
            && (i + 1..i + 4).any(|j| {
                matches!(
                    heard.word(j),
                    "house"
                        | "home"
                        | "work"
                        | "office"
                        | "landline"
                        | "desk"
                        | "wife's"
                        | "husband's"
                )
            })
    })
}
