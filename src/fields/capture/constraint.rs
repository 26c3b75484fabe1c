//! Conditions: hours that do not suit, money limits, how to get in, notes.

use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Constraint, ConstraintKind, Value};

/// Conditions kept; a caller has not more that matter.
const MAX_CONSTRAINTS: usize = 16;

impl State {
    /// Adds a condition, unless it is known.
    pub fn add_constraint(
        &mut self,
        heard: &Heard,
        span: (usize, usize),
        kind: ConstraintKind,
        value: String,
    ) {
        let Some(field) = self.field("constraints") else {
            return;
        };
        let mut all = match self.value(field) {
            Some(Value::Constraints(c)) => c.clone(),
            _ => Vec::new(),
        };
        // A second limit, code or hour of the same kind replaces the first; notes and days add up.
        let replaces = matches!(
            kind,
            ConstraintKind::GateCode
                | ConstraintKind::BudgetMax
                | ConstraintKind::NotBefore
                | ConstraintKind::NotAfter
        );
        if replaces {
            all.retain(|c| c.kind != kind);
        }
        let new = Constraint { kind, value };
        if all.contains(&new) || all.len() >= MAX_CONSTRAINTS {
            return;
        }
        all.push(new);
        all.sort_by_key(|c| c.kind);
        self.replace_list(field, heard, span, Value::Constraints(all));
    }

    /// Adds a note.
    pub fn add_note(&mut self, heard: &Heard, span: (usize, usize), text: String) {
        self.add_constraint(heard, span, ConstraintKind::Note, text);
    }

    /// Puts a grown list in place of the one held.
    pub fn replace_list(&mut self, field: u8, heard: &Heard, span: (usize, usize), value: Value) {
        let claim = Claim {
            value,
            source: if heard.speaker == crate::fields::turn::Speaker::Caller {
                Source::CallerSaid
            } else {
                Source::AgentSaid
            },
            strength: Strength::Repair,
            inferred: false,
            p: word_probability(&heard.tokens, span.0, span.1),
            raw: heard.text(span.0, span.1),
            evidence: vec![heard.evidence(Role::States, span.0, span.1)],
        };
        let kind = self.ledger_mut(field).grow(claim);
        self.note(field, kind);
    }

    /// Digits of an unfinished number are kept as a note when the number will not be finished.
    pub fn leave_partial(&mut self, heard: &Heard) {
        let buffer = std::mem::take(&mut self.digits);
        if buffer.digits.len() < 3
            || self
                .field("callback_number")
                .and_then(|f| self.value(f))
                .is_some()
        {
            return;
        }
        let d = &buffer.digits;
        let groups: Vec<&str> = [
            d.get(..3.min(d.len())),
            d.get(3..6.min(d.len()).max(3)),
            d.get(6..),
        ]
        .into_iter()
        .flatten()
        .filter(|g| !g.is_empty())
        .collect();
        self.add_note(
            heard,
            (0, heard.tokens.len()),
            format!("partial number {}", groups.join(" ")),
        );
    }
}
