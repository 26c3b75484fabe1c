//! How urgent it is: what the caller says of danger, haste and calm, and where no word bears on it, what the kind of trouble, the day
//! agreed and a deadline say.

use super::horizon::horizon;
use super::peril::peril;
use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::lexicon::Hit;
use crate::fields::state::State;
use crate::fields::token::among;
use crate::fields::turn::Heard;
use crate::fields::value::{ConstraintKind, Value};
use jiff::civil::Date;

/// Levels of urgency, lowest first.
const LEVELS: [&str; 4] = ["routine", "soon", "urgent", "emergency"];

/// Faults of a house and of a body: left alone they get no better, so that the day agreed for them tells how long they can wait.
const FAULTS: &[&str] = &[
    "leak",
    "drain_clog",
    "water_heater",
    "no_heat",
    "no_cooling",
    "electrical",
    "roof",
    "garage_door",
    "appliance",
    "pest",
    "sick_visit",
];

/// Faults that do damage, or make a home hard to live in, for as long as they last.
const LASTING: &[&str] = &["leak", "drain_clog", "no_heat", "no_cooling"];

impl State {
    /// Words in the caller's turn that say how urgent it is.
    pub(super) fn urgency(&mut self, heard: &Heard) {
        let Some(field) = self.field("urgency") else {
            return;
        };
        let turn = self.signs.heard;
        let held = self
            .choice("urgency")
            .and_then(|v| LEVELS.iter().position(|l| *l == v));
        let inferred = self.ledger(field).held.as_ref().is_some_and(|h| h.inferred);
        let mut level = self.raised(heard, self.said_level(heard));
        let calm = no_emergency(heard);
        if let Some(hit) = calm {
            let words = heard.evidence(Role::States, hit.start, hit.end);
            self.signs.no_emergency.see(turn, words);
        }
        // "No emergency, just sometime this week", after haste was heard: it can wait for days.
        if let Some(hit) = calm.filter(|_| level.is_none() && held == Some(2)) {
            level = Some((1, hit.start, hit.end));
        }
        if let Some(hit) = lowered(heard) {
            // Under control: dangerous things stay urgent, others can wait days, and so can what the caller calls no emergency.
            let worst = level.map_or(0, |l| l.0).max(held.unwrap_or(0));
            let said_calm = calm.is_some() || heard.hits.has(Cue::Routine);
            let rank = match (worst, said_calm) {
                (3, false) => 2,
                (0 | 1, true) => 0,
                _ => 1,
            };
            let words = heard.evidence(Role::States, hit.0, hit.1);
            self.signs.contained.see(turn, words);
            self.claim_level(field, heard, hit, rank);
            return;
        }
        if let Some((rank, from, to)) = level {
            let lower = held.is_some_and(|h| rank < h && (h == 2 || rank == 0 && h < 3));
            if held.is_none_or(|h| rank > h) || lower || inferred {
                self.claim_level(field, heard, (from, to), rank);
            }
        }
    }

    fn claim_level(&mut self, field: u8, heard: &Heard, span: (usize, usize), rank: usize) {
        let level = Value::Text(LEVELS[rank.min(3)].to_owned());
        self.claim(field, heard, span, Role::States, level, Strength::Repair);
    }

    /// The highest level that the turn's words say to be so, and the words.
    fn said_level(&self, heard: &Heard) -> Option<(usize, usize, usize)> {
        let legal = self.field("opposing_party").is_some();
        let clinic = self.field("date_of_birth").is_some();
        if let Some((from, to)) = peril(heard, !legal && !clinic, !legal)
            .filter(|(from, to)| !long_ago(heard, *from, *to))
        {
            return Some((3, from, to));
        }
        // Once a time is being settled, days and hours are those of the visit.
        let mut level = horizon(heard, legal, self.today())
            .filter(|_| self.signs.turns[0] <= 5 && self.agenda.offers.is_empty());
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
                let other = rank == 0 && is_calm(heard, hit)
                    // "A couple weeks ago" tells when, not how soon.
                    || (hit.end..hit.end + 2).any(|i| matches!(heard.word(i), "ago" | "before"))
                        && rank < 2
                    || rank >= 2 && (long_ago(heard, hit.start, hit.end) || only_named(heard, hit))
                    // "She left me a voicemail an hour ago": in an office nothing bleeds.
                    || legal && heard.word(hit.end.saturating_sub(1)) == "ago"
                    || rank == 2
                        && (own_errand(heard, hit)
                            || asked_back(heard, hit)
                            || not_needed(heard, hit)
                            || heard.word(hit.end) == "care");
                if !covered
                    && !other
                    && (rank == 0 || !heard.unreal(hit.start))
                    && level.is_none_or(|(r, _, _)| rank > r)
                {
                    level = Some((rank, hit.start, hit.end));
                }
            }
        }
        // "No big hurry, whenever you get to it this week."
        let unhurried = heard.hits.cue(Cue::Routine).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(&["hurry", "rush"]))
        });
        level.map(|(rank, from, to)| (if rank == 1 && unhurried { 0 } else { rank }, from, to))
    }

    /// Somebody frail makes no heat an emergency, and no cooling or an illness urgent; late in the call other people are spoken of.
    fn raised(
        &self,
        heard: &Heard,
        level: Option<(usize, usize, usize)>,
    ) -> Option<(usize, usize, usize)> {
        if !heard.hits.has(Cue::Vulnerable) || self.signs.turns[0] > 6 {
            return level;
        }
        let rank = match self.choice("problem_category") {
            Some("no_heat" | "gas_smell") => 3,
            Some("no_cooling" | "leak" | "electrical") => 2,
            // A baby with a high fever.
            Some("sick_visit")
                if level.is_some_and(|l| l.0 == 2)
                    && heard.says(&["baby", "infant", "newborn"]) =>
            {
                3
            }
            _ => return level,
        };
        if level.is_none_or(|l| rank > l.0) {
            return Some((rank, 0, heard.tokens.len()));
        }
        level
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

    /// What the kind of problem, the agreed day and the nearest deadline say about urgency where no word did.
    pub fn infer_urgency(&mut self) {
        let Some(field) = self.field("urgency") else {
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
        let told = self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| !h.inferred);
        // Under control, yet somebody comes today: it could not wait after all.
        let after_all = self.signs.contained.seen()
            && !self.signs.no_emergency.seen()
            && self.choice("urgency") == Some("soon")
            && soonest == Some(0);
        // "The sooner the better", and seen today: that was today's haste.
        let after_all = after_all
            || self.choice("urgency") == Some("soon")
                && soonest == Some(0)
                && !self.signs.contained.seen()
                && !self.signs.no_emergency.seen()
                && self
                    .choice("problem_category")
                    .is_some_and(|c| among(c, FAULTS));
        // Told to call 911, whatever was said before: danger.
        let danger = self.signs.call_911.seen() && self.choice("urgency") != Some("emergency");
        if told && !after_all && !danger {
            return;
        }
        let Some(category) = self.choice("problem_category") else {
            return;
        };
        let mut level = self.level_by_facts(category, soonest, &ahead);
        // "It's not an emergency or anything": whatever the facts say, days can pass.
        if self.signs.no_emergency.seen() {
            level = match level {
                "urgent" | "emergency" => "soon",
                "soon" if soonest.is_none() && self.deadline().is_none() => "routine",
                other => other,
            };
        }
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
            strength: if told {
                Strength::Repair
            } else {
                Strength::Shape
            },
            inferred: true,
            p: 1.0,
            raw: String::new(),
            evidence,
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }

    /// The level by category, by the days until the slot (`soonest`), and by the days until a deadline or a hearing.
    fn level_by_facts(
        &self,
        category: &str,
        soonest: Option<i32>,
        ahead: &dyn Fn(Date) -> i32,
    ) -> &'static str {
        let s = &self.signs;
        let due = self.deadline().map(ahead).filter(|d| *d >= 0);
        let legal = self.field("opposing_party").is_some();
        let court = self
            .field("court_date")
            .and_then(|f| self.value(f))
            .and_then(Value::text)
            .and_then(|t| t.parse::<Date>().ok())
            .map(ahead)
            .filter(|d| *d >= 0 && legal);
        // Somebody is on the way, and told what to do should it get worse: danger.
        let watched = s.warned.seen() && s.dispatch.seen();
        if s.call_911.seen() || watched || category == "gas_smell" {
            return "emergency";
        }
        // What can be put off to another day is in no hurry.
        if self.agenda.moving && soonest.is_some() {
            return "routine";
        }
        // A hearing in days cannot wait, one in weeks not long; an answer that is due this week cannot either.
        match (court, due) {
            (Some(0..=10), _) => return "urgent",
            (_, Some(0..=7)) if legal => return "urgent",
            (Some(11..=17), _) => return "soon",
            (_, Some(8..=14)) if legal => return "soon",
            // Out on bail nobody hurries before it.
            (None, _) if matches!(category, "dui" | "criminal_defense") => return "urgent",
            _ => {}
        }
        if s.warned.seen()
            || s.escalate.seen()
            || s.dispatch.seen() && !legal && !reports_back(category)
        {
            return "urgent";
        }
        let fault = among(category, FAULTS);
        match soonest {
            Some(..=0) if category != "maintenance" => return "urgent",
            Some(1) if matches!(category, "no_heat" | "no_cooling") => return "urgent",
            // Who is ill now is seen within days.
            None | Some(1..=3) if category == "sick_visit" => return "soon",
            Some(1) if fault => return "soon",
            Some(2..=7) if among(category, LASTING) => return "soon",
            None if category == "no_heat" => return "urgent",
            None if among(category, LASTING) || matches!(category, "water_heater" | "refill") => {
                return "soon";
            }
            _ => {}
        }
        if due.is_some_and(|d| d <= 14) {
            return "soon";
        }
        "routine"
    }
}

/// Categories that ask about something already under way: whoever is on the road is not sent by this call.
pub(in crate::fields) fn reports_back(category: &str) -> bool {
    matches!(category, "status_check" | "claim_damage" | "billing")
}

/// "It's not an emergency", "nothing urgent", "I wouldn't call it urgent": the level is denied, none is given.
fn no_emergency(heard: &Heard) -> Option<&Hit<Mark>> {
    heard
        .hits
        .cue(Cue::Routine)
        .find(|h| is_calm(heard, h))
        .or_else(|| {
            heard
                .hits
                .cue(Cue::Emergency)
                .chain(heard.hits.cue(Cue::Urgent))
                .find(|h| {
                    heard.tokens[h.start..h.end]
                        .iter()
                        .any(|t| t.any(&["emergency", "emergencies", "urgent"]))
                        && denied(heard, h.start)
                })
        })
}

/// Whether a calming phrase only denies an emergency.
fn is_calm(heard: &Heard, hit: &Hit<Mark>) -> bool {
    heard.tokens[hit.start..hit.end]
        .iter()
        .any(|t| t.any(&["emergency", "emergencies", "urgent"]))
}

/// Whether the word is denied in its clause.
fn denied(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at).max(at.saturating_sub(5));
    heard
        .hits
        .cue(Cue::Negation)
        .any(|h| h.start >= from && h.end <= at)
}

/// "He had a stroke last year", "when I had the chest pains in the spring": of another time.
fn long_ago(heard: &Heard, start: usize, end: usize) -> bool {
    let from = heard.clause_start(start).max(start.saturating_sub(8));
    let to = heard.clause_end(end.saturating_sub(1)).min(end + 8);
    let years = (from..to).any(|i| {
        matches!(heard.word(i), "years" | "year" | "months")
            && matches!(heard.word(i + 1), "ago" | "back")
            || heard.word(i) == "last"
                && matches!(
                    heard.word(i + 1),
                    "year" | "spring" | "summer" | "fall" | "winter"
                )
            || matches!(heard.word(i), "back") && heard.word(i + 1) == "in"
    });
    years && heard.word(end) != "again"
}

/// "The emergency room", "it's not like the house is on fire": the word is there, the danger is not.
fn only_named(heard: &Heard, hit: &Hit<Mark>) -> bool {
    let place = heard.word(hit.end.saturating_sub(1)) == "emergency"
        && matches!(
            heard.word(hit.end),
            "room" | "contact" | "number" | "line" | "department" | "fund" | "exit" | "kit"
        );
    // "My seizure medicine", "stroke rehab": what was, and is seen to.
    let place = place
        || matches!(
            heard.word(hit.end),
            "detector"
                | "detectors"
                | "alarm"
                | "alarms"
                | "pit"
                | "place"
                | "extinguisher"
                | "wood"
                | "medicine"
                | "medication"
                | "meds"
                | "pills"
                | "disorder"
                | "doctor"
                | "clinic"
                | "follow"
        );
    let simile = (heard.clause_start(hit.start)..hit.start)
        .any(|i| matches!(heard.word(i), "not" | "isn't") && heard.word(i + 1) == "like");
    place || simile
}

/// "We don't need what's in it right away."
fn not_needed(heard: &Heard, hit: &Hit<Mark>) -> bool {
    (heard
        .clause_start(hit.start)
        .max(hit.start.saturating_sub(8))..hit.start)
        .any(|i| {
            matches!(heard.word(i), "don't" | "doesn't" | "didn't")
                && matches!(heard.word(i + 1), "need" | "have")
        })
}

/// "Do you need that right now?": of what the other side wants.
fn asked_back(heard: &Heard, hit: &Hit<Mark>) -> bool {
    heard.word(hit.start.wrapping_sub(1)) == "you"
        && matches!(heard.word(hit.start), "need" | "want")
}

/// "I'll send it tonight", "my wife can drop it off today": the haste is of the caller's own errand.
fn own_errand(heard: &Heard, hit: &Hit<Mark>) -> bool {
    let from = heard
        .clause_start(hit.start)
        .max(hit.start.saturating_sub(5));
    heard
        .hits
        .cue(Cue::CallerPromise)
        .any(|p| p.start >= from && p.end <= hit.start + 1)
}

/// Words that say it is under control, unless an emergency follows: "I turned the valve and it just keeps coming".
fn lowered(heard: &Heard) -> Option<(usize, usize)> {
    heard
        .hits
        .cue(Cue::Lowered)
        .find(|h| {
            !heard.unreal(h.start)
                && !heard
                    .hits
                    .cue(Cue::Emergency)
                    .any(|e| e.start >= h.end && !heard.unreal(e.start))
        })
        .map(|h| (h.start, h.end))
}
