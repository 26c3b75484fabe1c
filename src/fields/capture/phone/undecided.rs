//! Two numbers between which the caller does not choose: "either one, I guess", "I honestly don't know, try both". The last one said is
//! held, and the other stays its rival.

use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::Value;

/// How many turns ago the second number may have been said.
const TURNS: u32 = 3;

impl State {
    /// Leaves the callback number open between the two numbers last given, where the caller says that it is.
    pub(super) fn leave_undecided(&mut self, heard: &Heard) {
        let asked = self
            .last_agent
            .iter()
            .any(|w| matches!(w.as_str(), "which" | "better" | "prefer" | "rather" | "or"));
        if !is_undecided(heard, asked) {
            return;
        }
        let said = |field: u8| {
            self.ledger(field)
                .held
                .as_ref()
                .filter(|h| h.source == Source::CallerSaid && !h.confirmed)
                .and_then(|h| h.evidence.first())
                .map(|e| e.turn)
        };
        let Some(callback) = self.field("callback_number") else {
            return;
        };
        let Some(first) = said(callback) else {
            return;
        };
        let second = ["alternate_number", "third_party_number"]
            .into_iter()
            .filter_map(|name| self.field(name))
            .find(|f| said(*f).is_some_and(|turn| turn >= first && turn + TURNS >= heard.segment));
        let Some(second) = second else {
            return;
        };
        let (Some(old), Some(new)) = (
            self.value(callback).cloned(),
            self.ledger(second).held.clone(),
        ) else {
            return;
        };
        let kind = self.ledger_mut(second).withdraw();
        self.note(second, kind);
        self.pending.retain(|p| p.field != second);
        self.unsettle(callback, old, new, heard);
    }

    fn unsettle(
        &mut self,
        callback: u8,
        old: Value,
        new: crate::fields::ledger::Held,
        heard: &Heard,
    ) {
        let kind = self.ledger_mut(callback).claim(Claim {
            value: new.value,
            source: new.source,
            strength: Strength::Repair,
            inferred: new.inferred,
            p: new.p,
            raw: new.raw,
            evidence: new.evidence,
        });
        self.note(callback, kind);
        let kind = self
            .ledger_mut(callback)
            .contradict(old, heard.whole(Role::Contradicts));
        self.note(callback, kind);
    }
}

/// Whether the turn leaves a choice open. After the question which of them it is, more words do.
fn is_undecided(heard: &Heard, asked: bool) -> bool {
    let word = |at: usize| heard.word(at);
    (0..heard.tokens.len()).any(|i| match word(i) {
        "either" => {
            matches!(
                word(i + 1),
                "one" | "or" | "way" | "number" | "is" | "works" | "of" | "will" | ""
            ) && word(i.wrapping_sub(1)) != "not"
        }
        "whichever" => true,
        "both" => asked && word(i.wrapping_sub(1)) != "to",
        "depends" | "whatever" => asked,
        "know" | "sure" | "no" | "tell" | "say" => {
            asked && (i.saturating_sub(3)..i).any(|j| matches!(word(j), "don't" | "not" | "can't"))
        }
        "matter" => matches!(word(i.wrapping_sub(1)), "doesn't" | "don't"),
        // "Or it might be ..."
        "might" | "maybe" => {
            (i.saturating_sub(3)..i).any(|j| word(j) == "or")
                && heard.runs.iter().any(|r| r.start > i && r.start <= i + 3)
        }
        _ => false,
    })
}
