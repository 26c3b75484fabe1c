//! How urgent it is: what the caller says of danger, haste and calm, and where no word bears on it, what the kind of trouble, the day
//! agreed and a deadline say.

use super::horizon::horizon;
use super::peril::peril;
use super::pressing::{Trade, pressing};
use super::stake::at_stake_soon;
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

/// Their ranks.
const ROUTINE: usize = 0;
const SOON: usize = 1;
const URGENT: usize = 2;
const EMERGENCY: usize = 3;

/// Words that take haste back: "no hurry", "whenever"; "next year" may be of something else.
const UNHURRIED: &[&str] = &[
    "hurry",
    "rush",
    "wait",
    "whenever",
    "wherever",
    "time",
    "anytime",
    "flexible",
    "convenience",
    "emergency",
    "urgent",
    "pressing",
    "critical",
    "panic",
    "deal",
    "convenient",
    "matter",
];

/// Faults of a house and of a body: left alone they get no better, so that a visit today means that they could not wait.
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

/// Words that put what is told into this hour.
const NOW: &[&str] = &["now", "minute", "second", "tonight"];

/// What runs out at a pharmacy.
const MEDICINE: &[&str] = &[
    "medicine",
    "medication",
    "medications",
    "meds",
    "pills",
    "pill",
    "insulin",
    "inhaler",
    "refill",
    "refills",
    "refilled",
    "prescription",
    "drops",
    "patches",
    "milligrams",
    "dose",
];

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
        let no_emergency = no_emergency(heard);
        let later = not_today(heard);
        if let Some((from, to)) = no_emergency.or(later) {
            let words = heard.evidence(Role::States, from, to);
            self.signs.no_emergency.see(turn, words);
        }
        // "No emergency, just sometime this week", after haste was heard: it can wait for days.
        if let Some((from, to)) = no_emergency
            .filter(|_| held == Some(URGENT))
            .or(later.filter(|_| matches!(held, None | Some(URGENT))))
            .filter(|_| level.is_none())
        {
            level = Some((SOON, from, to));
        }
        if let Some((from, to)) = lowered(heard)
            // "I shut the main off and now we have no water."
            && level.is_none_or(|l| l.0 != URGENT || l.1 < from)
        {
            let words = heard.evidence(Role::States, from, to);
            self.signs.contained.see(turn, words);
            let worst = level.map_or(0, |l| l.0).max(held.unwrap_or(0));
            let calm = no_emergency.is_some() || heard.hits.has(Cue::Routine);
            let category = self.choice("problem_category");
            let rank = match worst {
                // Gas stays dangerous.
                EMERGENCY if category == Some("gas_smell") => URGENT,
                ROUTINE | SOON if calm => ROUTINE,
                // A breaker flipped where nothing was wrong but the light brings nothing under control.
                ROUTINE if !matches!(category, None | Some("leak")) => return,
                _ => SOON,
            };
            self.claim_level(field, heard, (from, to), rank);
            return;
        }
        if let Some((rank, from, to)) = level {
            let calmed = rank > ROUTINE || heard.tokens[from..to].iter().any(|t| t.any(UNHURRIED));
            let lower = held.is_some_and(|h| {
                calmed && rank < h && (h == URGENT || rank == ROUTINE && h < EMERGENCY)
            });
            if held.is_none_or(|h| rank > h) || lower || inferred {
                self.claim_level(field, heard, (from, to), rank);
            }
        }
    }

    fn claim_level(&mut self, field: u8, heard: &Heard, span: (usize, usize), rank: usize) {
        self.signs.told_urgency = Some(rank);
        let level = Value::Text(LEVELS[rank.min(EMERGENCY)].to_owned());
        self.claim(field, heard, span, Role::States, level, Strength::Repair);
    }

    /// The highest level that the turn's words say to be so, and the words.
    fn said_level(&self, heard: &Heard) -> Option<(usize, usize, usize)> {
        let legal = self.field("opposing_party").is_some();
        let clinic = self.field("date_of_birth").is_some();
        let moving = self.field("inventory").is_some();
        // In an office dangers are mostly told of, unless it is now.
        let present = !legal || happens_now(heard);
        if let Some((from, to)) = peril(heard, !legal && !clinic, present)
            .filter(|(from, to)| !long_ago(heard, *from, *to))
        {
            return Some((EMERGENCY, from, to));
        }
        let trade = match (clinic, legal || moving) {
            (true, _) => Trade::Body(self.about_medicine(heard)),
            (_, true) => Trade::Other,
            _ => Trade::House,
        };
        let mut level = pressing(heard, trade);
        // Once a time is being settled, days and hours are those of the visit.
        if self.signs.turns[0] <= 5 && self.agenda.offers.is_empty() {
            let by_then = at_stake_soon(heard, legal, moving, self.today());
            level = [level, by_then, horizon(heard, legal)]
                .into_iter()
                .flatten()
                .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)));
        }
        for (cue, rank) in [
            (Cue::Routine, ROUTINE),
            (Cue::Soon, SOON),
            (Cue::Urgent, URGENT),
            (Cue::Emergency, EMERGENCY),
            (Cue::HouseEmergency, EMERGENCY),
        ] {
            if cue == Cue::HouseEmergency && (clinic || !present) {
                continue;
            }
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

    /// Whether the talk is of medicine, so far or in this turn.
    fn about_medicine(&self, heard: &Heard) -> bool {
        self.choice("problem_category") == Some("refill") || heard.says(MEDICINE)
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
            Some("no_heat" | "gas_smell") => EMERGENCY,
            Some("no_cooling" | "leak" | "electrical") => URGENT,
            // A baby of weeks with a fever, and an older one with a high fever.
            Some("sick_visit")
                if level
                    .is_some_and(|l| l.0 == URGENT || l.0 == SOON && heard.says(&["weeks"]))
                    && heard.says(&["baby", "babys", "baby's", "infant", "newborn"]) =>
            {
                EMERGENCY
            }
            Some("sick_visit") if level.is_some_and(|l| l.0 == SOON) && heard.says(&["fever"]) => {
                URGENT
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
        let said = self.signs.told_urgency;
        if said.is_none()
            && self
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
        let facts = self.level_by_facts(category, soonest, &ahead);
        let calm = self.signs.no_emergency.seen();
        let level = match said {
            // "It's not an emergency or anything": whatever the facts say, days can pass.
            None if calm => match facts {
                URGENT | EMERGENCY => SOON,
                SOON if soonest.is_none() && self.deadline().is_none() => ROUTINE,
                other => other,
            },
            None => facts,
            // Told to call 911, whatever was said before: danger.
            Some(_) if self.signs.call_911.seen() => EMERGENCY,
            // "The sooner the better", or under control, yet somebody comes today: it could not wait after all.
            Some(SOON) if !calm && soonest == Some(0) => {
                let could = self.signs.contained.seen() || among(category, FAULTS);
                if could { facts.max(SOON) } else { SOON }
            }
            // Somebody more than the desk was brought in.
            Some(SOON) if self.signs.escalate.seen() || self.signs.warned.seen() => facts.max(SOON),
            Some(rank) => rank,
        };
        let value = Value::Text(LEVELS[level].to_owned());
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
            strength: if said.is_some() {
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
    ) -> usize {
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
            return EMERGENCY;
        }
        // A hearing in days cannot wait, one in weeks not long; an answer that is due this week cannot either.
        match (court, due) {
            (Some(0..=10), _) => return URGENT,
            (_, Some(0..=7)) if legal => return URGENT,
            (Some(11..=17), _) => return SOON,
            (_, Some(8..=14)) if legal => return SOON,
            // A license is lost in days unless somebody asks for a hearing.
            _ if category == "dui" => return URGENT,
            // Out on bail nobody hurries before it.
            (None, _) if category == "criminal_defense" => return URGENT,
            _ => {}
        }
        // What can be put off to another day is in no hurry.
        if self.agenda.moving && soonest.is_some() {
            return ROUTINE;
        }
        if s.warned.seen()
            || s.escalate.seen()
            || s.dispatch.seen() && !legal && !reports_back(category)
        {
            return URGENT;
        }
        let put_off = matches!(category, "maintenance" | "followup");
        if soonest.is_some_and(|d| d <= 0) && !put_off || soonest.is_none() && category == "no_heat"
        {
            return URGENT;
        }
        // With a slot agreed before it, a deadline farther than that is met anyway.
        let near = if soonest.is_some() { 7 } else { 14 };
        if due.is_some_and(|d| d <= near) {
            return SOON;
        }
        ROUTINE
    }
}

/// Categories that ask about something already under way: whoever is on the road is not sent by this call.
pub(in crate::fields) fn reports_back(category: &str) -> bool {
    matches!(category, "status_check" | "claim_damage" | "billing")
}

/// "It's not an emergency", "nothing urgent", "I wouldn't call it urgent": the level is denied, none is given.
fn no_emergency(heard: &Heard) -> Option<(usize, usize)> {
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
        .map(|h| (h.start, h.end))
}

/// "Right now", "she's gasping": it goes on while the caller speaks.
fn happens_now(heard: &Heard) -> bool {
    heard.says(NOW)
        || heard.tokens.windows(2).any(|w| {
            w[0].any(&["he's", "she's", "they're", "i'm", "it's"]) && w[1].text.ends_with("ing")
        })
}

/// "It doesn't have to be tonight", "not today": a later day will do.
fn not_today(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len())
        .find(|at| {
            let day = matches!(heard.word(*at), "today" | "tonight")
                || heard.word(*at) == "this"
                    && matches!(heard.word(at + 1), "afternoon" | "evening" | "minute");
            day && (heard.word(at.wrapping_sub(1)) == "not"
                || heard.word(at.wrapping_sub(1)) == "be"
                    && (at.saturating_sub(5)..*at)
                        .any(|i| heard.any(i, &["doesn't", "don't", "needn't", "not", "didn't"])))
        })
        .map(|at| (at, at + 1))
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
                    .chain(heard.hits.cue(Cue::HouseEmergency))
                    .any(|e| e.start >= h.end && !heard.unreal(e.start))
        })
        .map(|h| (h.start, h.end))
}
