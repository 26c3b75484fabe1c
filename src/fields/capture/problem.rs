//! What is wrong, in the caller's words and as a category, and how urgent it is.

use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::lexicon::Hit;
use crate::fields::outcome::Code;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{ConstraintKind, Value};
use jiff::civil::Date;

/// Levels of urgency, lowest first.
const LEVELS: [&str; 4] = ["routine", "soon", "urgent", "emergency"];

impl State {
    /// Problem and urgency in the caller's turn.
    pub fn caller_problem(&mut self, heard: &Heard) {
        self.category(heard);
        self.tell(heard);
        self.urgency(heard);
    }

    /// The agent names the trouble: "a garage door spring, okay". Questions do not count.
    pub fn agent_problem(&mut self, heard: &Heard) {
        let asks = heard
            .tokens
            .last()
            .is_some_and(|t| t.stop == Stop::Question)
            || heard.tokens.iter().take(3).any(|t| {
                t.any(&[
                    "is", "are", "do", "does", "did", "can", "could", "how", "what", "what's",
                    "was", "any", "have", "has", "which", "or",
                ])
            });
        if !asks && heard.tokens.len() <= 16 && self.signs.turns[0] > 0 {
            self.category(heard);
        }
    }

    /// Phrases of all turns speak for the categories, the caller's first turns loudest; the category is the one with most behind it.
    fn category(&mut self, heard: &Heard) {
        let Some(field) = self.field("problem_category") else {
            return;
        };
        let caller = heard.speaker == Speaker::Caller;
        let weight = match (self.signs.turns[0], caller) {
            (0..=3, true) => 3,
            (4..=6, true) => 2,
            (0..=4, false) | (7..=10, true) => 1,
            _ => return,
        };
        let choices = self.vertical.fields[usize::from(field)].choices.len();
        self.topics.resize(choices, 0);
        let mut best_here: Option<(usize, (usize, usize))> = None;
        for choice in 0..choices {
            let mut spans: Vec<(usize, usize)> = heard
                .hits
                .0
                .iter()
                .filter(|h| {
                    h.mark == Mark::Choice(field, choice as u8)
                        && !denied(heard, h.start)
                        && !in_letters(heard, h.start, h.end)
                })
                .map(|h| (h.start, h.end))
                .collect();
            // Of overlapping phrases of one choice the longest counts.
            spans.sort_by_key(|(s, e)| std::cmp::Reverse(e - s));
            let mut kept: Vec<(usize, usize)> = Vec::new();
            for span in spans {
                if !kept.iter().any(|k| k.0 < span.1 && span.0 < k.1) {
                    kept.push(span);
                }
            }
            let score: usize = kept.iter().map(|(s, e)| 1 + 2 * (e - s - 1).min(2)).sum();
            if score == 0 {
                continue;
            }
            self.topics[choice] += weight * score.min(9) as u32;
            if best_here.is_none_or(|(c, _)| self.topics[choice] > self.topics[c])
                && let Some(span) = kept.first()
            {
                best_here = Some((choice, *span));
            }
        }
        let Some((choice, span)) = best_here else {
            return;
        };
        // Only what this turn speaks for can take the lead, and only by leading.
        let held = self.choice("problem_category").and_then(|id| {
            self.vertical.fields[usize::from(field)]
                .choices
                .iter()
                .position(|c| c.id == id)
        });
        let leads = held.is_none_or(|h| {
            h != choice && self.topics[choice] > self.topics.get(h).copied().unwrap_or(0)
        });
        if !leads {
            return;
        }
        let id = self.vertical.fields[usize::from(field)].choices[choice]
            .id
            .clone();
        let source = if caller {
            Source::CallerSaid
        } else {
            Source::AgentSaid
        };
        let strength = if held.is_some() {
            Strength::Repair
        } else {
            Strength::Answer
        };
        self.claim_with(
            field,
            heard,
            span,
            Role::States,
            Value::Text(id),
            strength,
            source,
            false,
        );
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
            // Details in the next turns, while nothing else was asked and answered.
            Some(held)
                if !(words <= 16 && self.names_someone(heard))
                    && self.signs.turns[0] <= 3
                    && words >= 5
                    && !answering
                    && held.len() < 220 =>
            {
                let value = Value::Text(format!("{held}; {}", heard.text(0, words)));
                self.replace_list(field, heard, (0, words), value);
            }
            _ => {}
        }
    }

    /// Whether the turn gave a name.
    fn names_someone(&self, heard: &Heard) -> bool {
        (0..self.ledgers.len()).any(|i| {
            self.vertical.fields[i].ty == crate::fields::value::FieldType::PersonName
                && self.ledgers[i]
                    .held
                    .as_ref()
                    .is_some_and(|h| h.evidence.iter().any(|e| e.turn == heard.segment))
        })
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
                // "I'll send it tonight" promises, "I didn't do nothing wrong" pleads.
                let promised = rank == 2
                    && heard.tokens[hit.start..hit.end]
                        .iter()
                        .any(|t| t.any(&["tonight", "today"]))
                    && (heard.clause_start(hit.start)..hit.start)
                        .any(|i| matches!(heard.word(i), "i'll" | "we'll" | "will" | "i'm"));
                let pleads = rank == 0
                    && matches!(heard.word(hit.start.wrapping_sub(1)), "do" | "did" | "done");
                if promised || pleads {
                    continue;
                }
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
        // Somebody frail makes no heat an emergency, and no cooling or an illness urgent; late in the call other people are spoken of.
        if heard.hits.has(Cue::Vulnerable) && self.signs.turns[0] <= 6 {
            let raised = match self.choice("problem_category") {
                Some("no_heat" | "gas_smell") => Some(3),
                Some("no_cooling" | "leak" | "electrical") => Some(2),
                // A baby with a high fever.
                Some("sick_visit")
                    if (level.is_some_and(|l| l.0 == 2)
                        || heard.tokens.iter().any(|t| t.is("fever")))
                        && heard.tokens.iter().any(|t| {
                            matches!(t.text.trim_end_matches("'s"), "baby" | "infant" | "newborn")
                        }) =>
                {
                    Some(3)
                }
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
        // "I turned the valve and it just keeps coming": what comes after says that it did not help.
        let helped = |h: &Hit<Mark>| {
            !heard.unreal(h.start)
                && !heard
                    .hits
                    .cue(Cue::Emergency)
                    .any(|e| e.start >= h.end && !heard.unreal(e.start))
        };
        if heard.hits.cue(Cue::Lowered).any(helped) {
            // Under control: dangerous things stay urgent, others can wait days, and so can what the caller calls no emergency.
            let worst = level.map_or(0, |l| l.0).max(held.unwrap_or(0));
            let said_calm = heard.hits.has(Cue::Routine);
            let rank = match (worst, said_calm) {
                (3, false) => 2,
                (0 | 1, true) => 0,
                _ => 1,
            };
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

    /// The nearest day by which or before which something has to be done.
    fn deadline(&self) -> Option<Date> {
        let Some(Value::Constraints(all)) = self.value(self.field("constraints")?) else {
            return None;
        };
        all.iter()
            .filter(|c| c.kind == ConstraintKind::Deadline)
            .filter_map(|c| c.value.rsplit(' ').next()?.parse::<Date>().ok())
            .min()
    }

    /// Whether the call was about something that somebody may still have to see to.
    fn told_something(&self) -> bool {
        let told = self
            .held_text("problem_text")
            .is_some_and(|t| t.split(' ').count() >= 6);
        let code = self.outcome_code().0;
        told && code != Code::Unclassified
            && (code != Code::InformationGiven || self.held_text("caller_name").is_some())
    }

    /// A problem was told and nothing says of what kind: at the end of the call it is one of the others. A move between states is a
    /// long one.
    pub fn infer_category(&mut self) {
        let Some(field) = self.field("problem_category") else {
            return;
        };
        let has = |id: &str| {
            self.vertical.fields[usize::from(field)]
                .choices
                .iter()
                .any(|c| c.id == id)
        };
        let state = |name: &str| {
            self.field(name)
                .and_then(|f| self.value(f))
                .and_then(Value::address)
                .and_then(|a| a.state.clone())
        };
        let home = self.ctx.business.state.clone();
        let from = state("origin_address").or_else(|| home.clone());
        let away = state("destination_address")
            .or_else(|| state("origin_address").and(home))
            .is_some_and(|to| from.is_some_and(|f| !f.eq_ignore_ascii_case(&to)));
        // From one place to another is a move, whatever it was called about.
        let both = ["origin_address", "destination_address"]
            .iter()
            .all(|n| self.field(n).is_some_and(|f| self.ledger(f).held.is_some()));
        let held = self.choice("problem_category");
        let id = match held {
            None | Some("local_move") if away && has("long_distance") => "long_distance",
            None if both && has("local_move") => "local_move",
            None if self.signs.ended && has("other") && self.told_something() => "other",
            _ => return,
        };
        let evidence = self
            .field(if away {
                "destination_address"
            } else {
                "problem_text"
            })
            .and_then(|f| self.ledger(f).held.as_ref())
            .map(|h| h.evidence.clone())
            .unwrap_or_default();
        let claim = Claim {
            value: Value::Text(id.to_owned()),
            source: Source::Rule,
            strength: Strength::Repair,
            inferred: true,
            p: 1.0,
            raw: String::new(),
            evidence,
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
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
        let ahead = |d: Date| self.today().until(d).map_or(99, |s| s.get_days());
        let soonest = self
            .agenda
            .agreed
            .or(self.agenda.current)
            .and_then(|s| s.day)
            .filter(|d| d.end.is_none())
            .map(|d| ahead(d.start));
        let due = self.deadline().map(ahead);
        let legal = self.field("opposing_party").is_some();
        let court = self
            .field("court_date")
            .and_then(|f| self.value(f))
            .and_then(Value::text)
            .and_then(|t| t.parse::<Date>().ok())
            .map(ahead)
            .filter(|d| *d >= 0);
        let level = match (category, soonest) {
            _ if self.signs.call_911.seen() => "emergency",
            ("gas_smell", _) => "emergency",
            // What can be put off to another day is in no hurry.
            _ if self.agenda.moving && soonest.is_some() => "routine",
            // Whoever waits days for it can live without it so long.
            ("no_heat" | "no_cooling", Some(2..=7)) => "soon",
            ("no_heat" | "no_cooling", Some(8..)) => "routine",
            ("no_heat" | "no_cooling", _) => "urgent",
            // A hearing in days cannot wait, one in weeks not long; out on bail nobody hurries before it.
            _ if legal && court.is_some_and(|d| d <= 10) => "urgent",
            _ if legal && court.is_some_and(|d| d <= 15) => "soon",
            // The licence is lost in days, whenever the hearing is.
            ("dui", _) => "urgent",
            ("criminal_defense", _) if court.is_none_or(|d| d > 300) => "urgent",
            _ if self.signs.escalate.seen() || self.signs.dispatch.seen() && !legal => "urgent",
            (_, Some(0)) if category != "maintenance" => "urgent",
            _ if due.is_some_and(|d| d <= if legal { 10 } else { 1 }) => "urgent",
            ("status_check", _) if soonest.is_none() => "urgent",
            _ if due.is_some_and(|d| d <= if legal { 14 } else { 7 }) => "soon",
            ("sick_visit" | "leak" | "drain_clog" | "electrical" | "water_heater", Some(0..=1))
            | ("sick_visit", Some(2..=3)) => "soon",
            ("leak" | "drain_clog" | "refill", _) | ("electrical" | "water_heater", None) => "soon",
            (
                "custody" | "landlord_tenant" | "garage_door" | "pest" | "roof" | "appliance",
                Some(1),
            ) => "soon",
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

/// Whether the span is part of a spelling: the "d a" of "A-D-A-E-Z-E" is no district attorney.
fn in_letters(heard: &Heard, from: usize, to: usize) -> bool {
    let letter = |i: usize| heard.word(i).chars().count() == 1;
    // "I got a D U I": the article is no letter of it.
    let before = from > 0 && letter(from - 1) && !matches!(heard.word(from - 1), "a" | "i");
    (from..to).all(letter) && (before || letter(to))
}

/// Whether a phrase of a category is denied ("it's not the toilet", "no leak") or only supposed. "Haven't sent the referral" is
/// about the referral all the same.
fn denied(heard: &Heard, at: usize) -> bool {
    let near = at.saturating_sub(3).max(heard.clause_start(at));
    let no = (near..at).any(|i| {
        heard.tokens[i].any(&["not", "isn't", "ain't", "wasn't"])
            && !heard.tokens[i + 1..at]
                .iter()
                .any(|t| t.any(&["but", "just", "only", "sure"]))
    }) || at > 0 && matches!(heard.word(at - 1), "no" | "without");
    let supposed = heard.hits.cue(Cue::Hypothetical).any(|h| {
        h.end <= at
            && h.start >= heard.clause_start(at)
            && at - h.end <= 6
            && heard.word(h.start) == "if"
            // "I'm wondering if the results are back" asks about them.
            && !matches!(
                heard.word(h.start.wrapping_sub(1)),
                "wondering" | "see" | "know" | "check" | "checking" | "asking" | "sure" | "curious"
            )
    });
    // "Behind my washing machine" says where, not what.
    let mut before = at;
    while before > 0 && heard.tokens[before - 1].any(&["the", "my", "our", "his", "her", "a"]) {
        before -= 1;
    }
    let place = before < at
        && before > 0
        && heard.tokens[before - 1].any(&[
            "behind", "beside", "near", "above", "below", "by", "beneath",
        ]);
    no || supposed || place
}
