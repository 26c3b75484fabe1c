//! What is wrong, in the caller's words and as a category, and how urgent it is.

use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::Value;

/// Levels of urgency, lowest first.
const LEVELS: [&str; 4] = ["routine", "soon", "urgent", "emergency"];

impl State {
    /// Problem and urgency in the caller's turn.
    pub fn caller_problem(&mut self, heard: &Heard) {
        self.category(heard);
        self.urgency(heard);
    }

    fn category(&mut self, heard: &Heard) {
        let Some(field) = self.field("problem_category") else {
            return;
        };
        let mut best: Option<(usize, usize, u8)> = None;
        for hit in &heard.hits.0 {
            if let Mark::Choice(f, choice) = hit.mark
                && f == field
                && !heard.unreal(hit.start)
            {
                let length = hit.end - hit.start;
                let better = best
                    .is_none_or(|(l, c, _)| length > l || length == l && usize::from(choice) < c);
                if better {
                    best = Some((length, usize::from(choice), choice));
                }
            }
        }
        let Some((_, _, choice)) = best else { return };
        let id = self.vertical.fields[usize::from(field)].choices[usize::from(choice)]
            .id
            .clone();
        if self.ledger(field).held.is_none() {
            self.claim(
                field,
                heard,
                (0, heard.tokens.len()),
                Role::States,
                Value::Text(id),
                Strength::Answer,
            );
        }
        if let Some(text) = self.field("problem_text")
            && self.ledger(text).held.is_none()
        {
            let said = heard.text(0, heard.tokens.len());
            self.claim(
                text,
                heard,
                (0, heard.tokens.len()),
                Role::States,
                Value::Text(said),
                Strength::Answer,
            );
        }
    }

    fn urgency(&mut self, heard: &Heard) {
        let Some(field) = self.field("urgency") else {
            return;
        };
        let mut level: Option<(usize, usize, usize)> = None;
        for (cue, rank) in [
            (Cue::Routine, 0),
            (Cue::Soon, 1),
            (Cue::Urgent, 2),
            (Cue::Emergency, 3),
        ] {
            for hit in heard.hits.cue(cue) {
                let covered = rank > 0
                    && heard
                        .hits
                        .cue(Cue::Routine)
                        .any(|r| r.start <= hit.start && hit.end <= r.end);
                if !covered
                    && (rank == 0 || !heard.unreal(hit.start))
                    && level.is_none_or(|(r, _, _)| rank > r)
                {
                    level = Some((rank, hit.start, hit.end));
                }
            }
        }
        let held = self
            .choice("urgency")
            .and_then(|v| LEVELS.iter().position(|l| *l == v));
        if let Some((rank, from, to)) = level
            && held.is_none_or(|h| rank > h)
        {
            self.claim(
                field,
                heard,
                (from, to),
                Role::States,
                Value::Text(LEVELS[rank].to_owned()),
                Strength::Repair,
            );
        }
        if heard.hits.has(Cue::Lowered) && held.is_some_and(|h| h >= 2) {
            self.claim(
                field,
                heard,
                (0, heard.tokens.len()),
                Role::States,
                Value::Text(LEVELS[1].to_owned()),
                Strength::Repair,
            );
        }
    }
}
