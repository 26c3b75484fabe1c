//! What is wrong, in the caller's words and as a category, and how urgent it is.

use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
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
        // The problem is told at the beginning; what comes up later is detail.
        let early = self.signs.turns[0] <= 4;
        let held = self.ledger(field).held.as_ref().map(|h| h.strength);
        if held.is_some_and(|s| s > Strength::Shape) || !early && held.is_some() {
            self.tell(heard);
            return;
        }
        let choices = self.vertical.fields[usize::from(field)].choices.len();
        let mut scores = vec![0usize; choices];
        let mut spans: Vec<Vec<(usize, usize)>> = vec![Vec::new(); choices];
        for hit in &heard.hits.0 {
            if let Mark::Choice(f, choice) = hit.mark
                && f == field
                && !heard.unreal(hit.start)
            {
                let choice = usize::from(choice);
                // Overlapping phrases of one choice count once, by the longest.
                if !spans[choice]
                    .iter()
                    .any(|(s, e)| *s <= hit.start && hit.end <= *e)
                {
                    scores[choice] += 1 + 2 * (hit.end - hit.start - 1);
                    spans[choice].push((hit.start, hit.end));
                }
            }
        }
        let best = (0..choices)
            .filter(|c| scores[*c] > 0)
            .max_by_key(|c| (scores[*c], std::cmp::Reverse(*c)));
        let Some(choice) = best else {
            self.tell(heard);
            return;
        };
        let id = self.vertical.fields[usize::from(field)].choices[choice]
            .id
            .clone();
        let (from, to) = spans[choice]
            .first()
            .copied()
            .unwrap_or((0, heard.tokens.len()));
        // One vague word may be bettered by the next turns.
        let strength = if scores[choice] >= 2 || self.signs.turns[0] > 1 {
            Strength::Answer
        } else {
            Strength::Shape
        };
        self.claim(
            field,
            heard,
            (from, to),
            Role::States,
            Value::Text(id),
            if held.is_some() {
                Strength::Repair
            } else {
                strength
            },
        );
        self.tell(heard);
    }

    /// The caller's own words about it: the first turn that says more than hello.
    fn tell(&mut self, heard: &Heard) {
        let Some(field) = self.field("problem_text") else {
            return;
        };
        let category = self.choice("problem_category").is_some();
        let words = heard.tokens.len();
        let told = heard.tokens.iter().any(|t| {
            t.any(&[
                "need", "want", "wanna", "my", "our", "calling", "looking", "trying", "got",
                "have", "i've", "broke", "help", "sue", "quit",
            ])
        });
        let answering = self.asked.iter().any(|a| {
            a.age == 0
                && !matches!(
                    self.name(a.field),
                    "problem_text" | "problem_category" | "caller_name"
                )
        });
        match self.value(field).and_then(Value::text).map(str::to_owned) {
            None if category || words >= 6 && told && self.signs.turns[0] <= 3 => {
                let said = heard.text(0, words);
                self.claim(
                    field,
                    heard,
                    (0, words),
                    Role::States,
                    Value::Text(said),
                    Strength::Answer,
                );
            }
            // Details in the next turns, while nothing else was asked.
            Some(held)
                if self.signs.turns[0] <= 3 && words >= 5 && !answering && held.len() < 220 =>
            {
                let value = Value::Text(format!("{held}; {}", heard.text(0, words)));
                self.replace_list(field, heard, (0, words), value);
            }
            _ => {}
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
        // Somebody frail makes no heat an emergency, and no cooling or an illness urgent.
        if heard.hits.has(Cue::Vulnerable) {
            let raised = match self.choice("problem_category") {
                Some("no_heat" | "gas_smell") => Some(3),
                Some("no_cooling" | "leak" | "electrical") => Some(2),
                _ => None,
            };
            if let Some(rank) = raised.filter(|r| level.is_none_or(|l| *r > l.0)) {
                level = Some((rank, 0, heard.tokens.len()));
            }
        }
        let held = self
            .choice("urgency")
            .and_then(|v| LEVELS.iter().position(|l| *l == v));
        let inferred = self.ledger(field).held.as_ref().is_some_and(|h| h.inferred);
        if heard.hits.has(Cue::Lowered)
            && !heard.hits.cue(Cue::Lowered).all(|h| heard.unreal(h.start))
        {
            // Under control: dangerous things stay urgent, others can wait days.
            let worst = level.map_or(0, |l| l.0).max(held.unwrap_or(0));
            let rank = if worst == 3 { 2 } else { 1 };
            let hit = heard
                .hits
                .cue(Cue::Lowered)
                .next()
                .map_or((0, heard.tokens.len()), |h| (h.start, h.end));
            self.claim(
                field,
                heard,
                hit,
                Role::States,
                Value::Text(LEVELS[rank].to_owned()),
                Strength::Repair,
            );
            return;
        }
        if let Some((rank, from, to)) = level {
            let lower = held.is_some_and(|h| rank < h && (h == 2 || rank == 0 && h < 3));
            if held.is_none_or(|h| rank > h) || lower || inferred {
                self.claim(
                    field,
                    heard,
                    (from, to),
                    Role::States,
                    Value::Text(LEVELS[rank].to_owned()),
                    Strength::Repair,
                );
            }
        }
    }

    /// What the kind of problem and the agreed day say about urgency where no word did.
    pub fn infer_urgency(&mut self) {
        let Some(field) = self.field("urgency") else {
            return;
        };
        if self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| !h.inferred)
        {
            return;
        }
        let Some(category) = self.choice("problem_category") else {
            return;
        };
        let soonest = self
            .agenda
            .agreed
            .and_then(|s| s.day)
            .map(|d| self.today().until(d.start).map_or(99, |s| s.get_days()));
        let level = match (category, soonest) {
            ("gas_smell", _) => "emergency",
            ("no_heat" | "no_cooling" | "dui" | "criminal_defense", _) => "urgent",
            (
                "sick_visit" | "pregnancy" | "leak" | "drain_clog" | "electrical" | "garage_door"
                | "status_check",
                Some(0),
            ) => "urgent",
            (
                "sick_visit" | "leak" | "drain_clog" | "electrical" | "water_heater" | "refill",
                Some(0..=2),
            ) => "soon",
            ("leak" | "drain_clog" | "electrical" | "refill" | "water_heater", _) => "soon",
            ("status_check", _) => "urgent",
            _ => "routine",
        };
        let value = Value::Text(level.to_owned());
        if self.value(field) == Some(&value) {
            return;
        }
        let evidence = self
            .field("problem_category")
            .and_then(|f| self.ledger(f).held.as_ref())
            .map(|h| h.evidence.clone())
            .unwrap_or_default();
        let claim = Claim {
            value,
            source: Source::Rule,
            strength: Strength::Shape,
            inferred: true,
            p: 1.0,
            raw: String::new(),
            evidence,
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }
}
