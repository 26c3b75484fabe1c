//! How urgent it is: what the caller says of danger, haste and calm, and where no word bears on it, what the kind of trouble, the day
//! agreed and a deadline say.

use super::haste::{lowered, no_emergency, not_today};
use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::Value;
use crate::fields::word_set::{WordSet, words};
use jiff::civil::Date;

/// Levels of urgency, lowest first.
const LEVELS: [&str; 4] = ["routine", "soon", "urgent", "emergency"];

/// Their ranks.
pub(super) const ROUTINE: usize = 0;
pub(super) const SOON: usize = 1;
pub(super) const URGENT: usize = 2;
pub(super) const EMERGENCY: usize = 3;

/// What a level said in so many words is worth beside the weights of all words, in the logarithm of odds, in a call and in a few turns; and
/// what one is worth that only facts infer. Chosen on calls that no rule had been tuned to.
const SAID: f32 = 1.5;
const SAID_BRIEFLY: f32 = 2.5;
const FACTS: f32 = 1.0;
/// Samples hold more haste than calls do: what that adds for routine.
const ORDINARY: f32 = 0.8;

/// Words that take haste back: "no hurry", "whenever"; "next year" may be of something else.
const UNHURRIED: &WordSet = words![
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
const FAULTS: &WordSet = words![
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

/// Those of them that grow worse by the day.
const WORSENS: &WordSet = words![
    "leak",
    "no_heat",
    "no_cooling",
    "roof",
    "garage_door",
    "sick_visit",
];

impl State {
    /// Words in the caller's turn that say how urgent it is.
    pub(super) fn urgency(&mut self, heard: &Heard) {
        let Some(field) = self.field("urgency") else {
            return;
        };
        let turn = self.signs.heard();
        let held = self
            .choice("urgency")
            .and_then(|v| LEVELS.iter().position(|l| *l == v));
        let inferred = self.ledger(field).held.as_ref().is_some_and(|h| h.inferred);
        let said = self.said_level(heard);
        let pressed = self
            .pressed(heard)
            .filter(|p| said.is_none_or(|s| p.0 > s.0))
            // Whoever says "whenever" is in no hurry for what comes next week either.
            .filter(|p| p.0 > SOON || !self.unhurried(heard, said));
        let mut level = self.raised(heard, pressed.or(said));
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
        if let Some((from, to)) = lowered(heard) {
            let words = heard.evidence(Role::States, from, to);
            self.signs.contained.see(turn, words);
            let worst = level.map_or(0, |l| l.0).max(held.unwrap_or(0));
            let calm = no_emergency.is_some()
                || heard.hits.cue(Cue::Routine).any(|h| {
                    heard.tokens[h.start..h.end]
                        .iter()
                        .any(|t| t.any(UNHURRIED))
                });
            let category = self.choice("problem_category");
            let rank = match worst {
                // Gas stays dangerous.
                EMERGENCY if category == Some("gas_smell") => URGENT,
                ROUTINE | SOON if calm => ROUTINE,
                // With the main shut off the whole house is without water, and a wound that bleeds no more is one still.
                _ if !calm && heard.says(words!["main", "street", "meter", "curb"]) => URGENT,
                URGENT | EMERGENCY if self.trade().1 => URGENT,
                _ => SOON,
            };
            self.claim_level(field, heard, (from, to), rank);
            return;
        }
        if let Some((rank, from, to)) = level {
            let calmed = pressed.is_none_or(|p| p.0 != rank)
                && (rank > ROUTINE || heard.tokens[from..to].iter().any(|t| t.any(UNHURRIED)));
            let lower = held.is_some_and(|h| {
                calmed && rank < h && (h == URGENT || rank == ROUTINE && h < EMERGENCY)
            });
            if held.is_none_or(|h| rank > h) || lower || inferred {
                self.claim_level(field, heard, (from, to), rank);
            }
        }
    }

    /// Whether the caller said to be in no hurry, before or in this turn.
    fn unhurried(&self, heard: &Heard, said: Option<(usize, usize, usize)>) -> bool {
        self.signs.told_urgency == Some(ROUTINE)
            || said.is_some_and(|(rank, from, to)| {
                rank == ROUTINE && heard.tokens[from..to].iter().any(|t| t.any(UNHURRIED))
            })
    }

    fn claim_level(&mut self, field: u8, heard: &Heard, span: (usize, usize), rank: usize) {
        self.signs.told_urgency = Some(rank);
        let level = Value::Text(LEVELS[rank.min(EMERGENCY)].to_owned());
        self.claim(field, heard, span, Role::States, level, Strength::Repair);
    }

    /// What the kind of problem, the agreed day and the nearest deadline say about urgency where no word did.
    pub fn infer_urgency(&mut self) {
        let Some(field) = self.field("urgency") else {
            return;
        };
        let ahead = |d: Date| self.today().until(d).map_or(99, |s| s.get_days());
        let until = |slot: &Slot| slot.day.filter(|d| d.end.is_none()).map(|d| ahead(d.start));
        let agreed = self.agenda.agreed.as_ref().and_then(until);
        let soonest = self
            .agenda
            .agreed
            .as_ref()
            .or(self.agenda.current.as_ref())
            .and_then(until);
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
            // Told to call 911 or to get out, whatever was said before.
            Some(_) if self.endangered(soonest) => EMERGENCY,
            // What waits for days after all, waits: nobody leaves a house on fire till Thursday.
            Some(URGENT | EMERGENCY) if self.sees_to_faults() && agreed >= Some(2) => SOON,
            Some(EMERGENCY) if self.sees_to_faults() && agreed == Some(1) => URGENT,
            // "The sooner the better", or under control, yet somebody comes today: it could not wait after all.
            Some(SOON) if !calm && soonest == Some(0) => {
                let could = self.signs.contained.seen() || FAULTS.has(category);
                if could { facts.max(SOON) } else { SOON }
            }
            // Somebody more than the desk was brought in, or it is seen to at once.
            Some(SOON) if !calm && self.acts_at_once(category, soonest) => facts.max(SOON),
            Some(rank) => rank,
        };
        // What the agent's side does at once says as much as words.
        let shown = level >= URGENT && self.acts_at_once(category, soonest);
        let weighed = self.weighed(level, said.is_some() || shown);
        if self.value(field).and_then(Value::text) == Some(LEVELS[weighed]) {
            return;
        }
        let loudest = self
            .haste
            .as_ref()
            .and_then(|h| h.words_for(LEVELS[weighed]))
            .filter(|_| weighed != level);
        let evidence = match loudest {
            Some(words) => vec![words.clone()],
            None => self
                .field("problem_category")
                .and_then(|f| self.ledger(f).held.as_ref())
                .map(|h| h.evidence.clone())
                .unwrap_or_default(),
        };
        let claim = Claim {
            value: Value::Text(LEVELS[weighed].to_owned()),
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

    /// The level that all words together make the likeliest, `rules` being what phrases and facts say; `said` in so many words.
    fn weighed(&self, rules: usize, said: bool) -> usize {
        // Told to call 911 or to get out: no weighing undoes that.
        let danger =
            rules == EMERGENCY && (self.signs.call_911.seen() || self.signs.alarmed.seen());
        if danger {
            return rules;
        }
        let worth = match said {
            true if self.hardly_heard() => SAID_BRIEFLY,
            true => SAID,
            false => FACTS,
        };
        self.likeliest_level(Some((rules, worth))).unwrap_or(rules)
    }

    /// The level that all words together make the likeliest, beside one that is worth something by itself.
    fn likeliest_level(&self, told: Option<(usize, f32)>) -> Option<usize> {
        let rank = |option: &str| LEVELS.iter().position(|l| *l == option);
        let likeliest = self.haste.as_ref()?.likeliest(|option| {
            let rank = rank(option)?;
            let ordinary = if rank == ROUTINE { ORDINARY } else { 0.0 };
            Some(ordinary + told.filter(|t| t.0 == rank).map_or(0.0, |t| t.1))
        });
        rank(likeliest?)
    }

    /// Whether all words together speak for the level held.
    pub fn level_borne_out(&self) -> Option<bool> {
        let level = LEVELS[self.likeliest_level(None)?];
        Some(self.choice("urgency")? == level)
    }

    /// Whether the agent's side took it for danger: whoever is in danger has no appointment for another day.
    fn endangered(&self, soonest: Option<i32>) -> bool {
        let s = &self.signs;
        let alarmed =
            s.alarmed.seen() && !(s.contained.seen() && s.contained.turn > s.alarmed.turn);
        let legal = self.trade().0;
        s.call_911.seen() || alarmed && !legal && soonest.is_none_or(|d| d <= 0)
    }

    /// Whether the agent's side does something about it that waits for no calendar.
    fn acts_at_once(&self, category: &str, soonest: Option<i32>) -> bool {
        let s = &self.signs;
        // "He'll call when he's on his way" is said of Wednesday too.
        let now = soonest.is_none_or(|d| d <= 0);
        s.escalate.seen()
            || s.warned.seen()
            || now && self.sees_to_faults() && s.dispatch.seen()
            || now && s.hurried.seen() && FAULTS.has(category)
    }

    /// "I've got plenty for now": of medicine.
    fn well_stocked(&self) -> bool {
        self.held_text("problem_text").is_some_and(|told| {
            told.split(' ')
                .any(|w| words!["plenty", "weeks", "month", "months"].has(w))
        })
    }

    /// Whether houses or bodies are seen to here.
    fn sees_to_faults(&self) -> bool {
        self.field("opposing_party").is_none() && self.field("inventory").is_none()
    }

    /// "He was arrested ten years ago and wants it off his record": the matter is an old one.
    fn long_past(&self) -> bool {
        self.held_text("problem_text").is_some_and(|told| {
            told.split(' ')
                .any(|w| words!["years", "expunge", "expunged", "record", "records"].has(w))
        })
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
        let gas = category == "gas_smell" && soonest.is_none_or(|d| d <= 0);
        if self.endangered(soonest) || watched || gas {
            return EMERGENCY;
        }
        let faults = self.sees_to_faults();
        let house = faults && self.field("date_of_birth").is_none();
        // Whoever is on call is got out of bed for no drip.
        if house && s.escalate.seen() && soonest.is_none() {
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
            (None, _) if category == "criminal_defense" && !self.long_past() => return URGENT,
            _ => {}
        }
        // What can be put off to another day is in no hurry.
        if self.agenda.moving && soonest.is_some() {
            return ROUTINE;
        }
        if self.acts_at_once(category, soonest) {
            return URGENT;
        }
        let put_off = matches!(category, "maintenance" | "followup");
        if soonest.is_some_and(|d| d <= 0) && !put_off || soonest.is_none() && category == "no_heat"
        {
            return URGENT;
        }
        // What is no tune-up and is seen to tomorrow, or within days where it grows worse, was wanted soon; so is medicine.
        let calm = s.told_urgency == Some(ROUTINE);
        let worsens = WORSENS.has(category);
        let waits = match soonest {
            Some(1) => faults && FAULTS.has(category),
            Some(2..=3) => faults && worsens,
            None => category == "refill" && !self.well_stocked(),
            _ => false,
        };
        if waits && !calm {
            return SOON;
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
