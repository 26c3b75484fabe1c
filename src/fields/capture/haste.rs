//! What the caller's words say of danger, haste and calm, and what they only name: the emergency room, a stroke of last year, the haste of
//! somebody's own errand.

use super::horizon::horizon;
use super::peril::peril;
use super::pressing::{Trade, pressing, sweltering};
use super::stake::at_stake_soon;
use super::urgency::{EMERGENCY, ROUTINE, SOON, URGENT};
use crate::fields::cue::{Cue, Mark};
use crate::fields::lexicon::Hit;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Words that put what is told into this hour.
const NOW: &WordSet = words!["now", "minute", "second", "tonight"];

/// What runs out at a pharmacy.
const MEDICINE: &WordSet = words![
    "medicine",
    "medication",
    "medications",
    "meds",
    "pills",
    "pill",
    "pill's",
    "insulin",
    "inhaler",
    "refill",
    "refills",
    "refilled",
    "prescription",
    "drops",
    "patches",
    "milligrams",
    "antidepressant",
    "antibiotic",
    "antibiotics",
    "steroids",
    "tablets",
    "dose",
];

impl State {
    /// Whether lawyers are called here, doctors, or movers.
    pub(super) fn trade(&self) -> (bool, bool, bool) {
        let has = |name| self.field(name).is_some();
        (
            has("opposing_party"),
            has("date_of_birth"),
            has("inventory"),
        )
    }

    /// What presses in the turn though no word of haste is said. It makes a call more urgent, never less.
    pub(super) fn pressed(&self, heard: &Heard) -> Option<(usize, usize, usize)> {
        let (legal, clinic, moving) = self.trade();
        let trade = match (clinic, legal, moving) {
            (true, ..) => Trade::Body(self.about_medicine(heard)),
            (_, true, _) => Trade::Law,
            (.., true) => Trade::Moves,
            _ => Trade::House,
        };
        let settling = self.signs.turns[0] > 5 || !self.agenda.offers.is_empty();
        let by_then = (!settling)
            .then(|| at_stake_soon(heard, legal, moving, self.today()))
            .flatten();
        [pressing(heard, trade), by_then]
            .into_iter()
            .flatten()
            .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)))
    }

    /// "Any time after two", "any time", to "what time?": the hour does not matter, the day may.
    fn about_hour(&self, heard: &Heard, hit: &Hit<Mark>) -> bool {
        let any = heard.word(hit.start) == "anytime"
            || heard.word(hit.start) == "any" && heard.word(hit.end.wrapping_sub(1)) == "time";
        let bounded = heard.any(
            hit.end,
            words![
                "after", "before", "between", "today", "tonight", "tomorrow", "until", "till",
                "past", "from",
            ],
        );
        let asked = self
            .last_agent
            .windows(2)
            .any(|w| w[0] == "what" && w[1] == "time");
        any && (bounded || asked)
    }

    /// The highest level that the turn's words say to be so, and the words.
    pub(super) fn said_level(&self, heard: &Heard) -> Option<(usize, usize, usize)> {
        let (legal, clinic, _) = self.trade();
        // In an office dangers are mostly told of, unless it is now.
        let present = !legal || happens_now(heard);
        if let Some((from, to)) = peril(heard, !legal && !clinic, present, clinic)
            .filter(|(from, to)| !long_ago(heard, *from, *to))
        {
            return Some((EMERGENCY, from, to));
        }
        // Once a time is being settled, days and hours are those of the visit.
        let mut level = horizon(heard, legal)
            .filter(|_| self.signs.turns[0] <= 5 && self.agenda.offers.is_empty());
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
                let other = rank == 0
                    && (is_calm(heard, hit)
                        || asks_whether(heard, hit)
                        || self.about_hour(heard, hit))
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
                            || !clinic && of_a_body(heard, hit)
                            || heard.word(hit.end) == "care");
                if !covered
                    && !other
                    && (rank == 0
                        || !heard.unreal(hit.start)
                        || rank == EMERGENCY && begins_anew(heard, hit.start))
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
                .any(|t| t.any(words!["hurry", "rush"]))
        });
        level.map(|(rank, from, to)| (if rank == 1 && unhurried { 0 } else { rank }, from, to))
    }

    /// Whether the talk is of medicine, so far or in this turn.
    fn about_medicine(&self, heard: &Heard) -> bool {
        self.choice("problem_category") == Some("refill") || heard.says(MEDICINE)
    }

    /// Somebody frail makes no heat an emergency, and no cooling or an illness urgent; late in the call other people are spoken of.
    pub(super) fn raised(
        &self,
        heard: &Heard,
        level: Option<(usize, usize, usize)>,
    ) -> Option<(usize, usize, usize)> {
        if self.signs.turns[0] > 6 {
            return level;
        }
        let category = self.choice("problem_category");
        let frail = heard.hits.has(Cue::Vulnerable);
        let rank = match category {
            Some("no_cooling") if frail || sweltering(heard) => URGENT,
            _ if !frail => return level,
            Some("no_heat" | "gas_smell") => EMERGENCY,
            Some("leak" | "electrical") => URGENT,
            // A baby of weeks with a fever, and an older one with a high fever.
            _ if self.trade().1 && heard.says(words!["fever", "temperature"]) => {
                let baby = heard.says(words!["baby", "babys", "baby's", "infant", "newborn"]);
                match level {
                    Some((URGENT, ..)) if baby => EMERGENCY,
                    Some((SOON, ..)) if baby && heard.says(words!["weeks"]) => EMERGENCY,
                    Some((SOON, ..)) => URGENT,
                    _ => return level,
                }
            }
            _ => return level,
        };
        if level.is_none_or(|l| rank > l.0) {
            return Some((rank, 0, heard.tokens.len()));
        }
        level
    }
}

/// "It's not an emergency", "nothing urgent", "I wouldn't call it urgent": the level is denied, none is given.
pub(super) fn no_emergency(heard: &Heard) -> Option<(usize, usize)> {
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
                        .any(|t| t.any(words!["emergency", "emergencies", "urgent"]))
                        && denied(heard, h.start)
                })
        })
        .map(|h| (h.start, h.end))
}

/// "Right now", "she's gasping": it goes on while the caller speaks.
fn happens_now(heard: &Heard) -> bool {
    heard.says(NOW)
        || heard.tokens.windows(2).any(|w| {
            w[0].any(words!["he's", "she's", "they're", "i'm", "it's"])
                && w[1].text.ends_with("ing")
        })
}

/// "It doesn't have to be tonight", "not today": a later day will do.
pub(super) fn not_today(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len())
        .find(|at| {
            let day = matches!(heard.word(*at), "today" | "tonight")
                || heard.word(*at) == "this"
                    && matches!(heard.word(at + 1), "afternoon" | "evening" | "minute");
            day && (heard.word(at.wrapping_sub(1)) == "not"
                || heard.word(at.wrapping_sub(1)) == "be"
                    && (at.saturating_sub(5)..*at).any(|i| {
                        heard.any(i, words!["doesn't", "don't", "needn't", "not", "didn't"])
                    }))
        })
        .map(|at| (at, at + 1))
}

/// Whether a calming phrase only denies an emergency.
fn is_calm(heard: &Heard, hit: &Hit<Mark>) -> bool {
    heard.tokens[hit.start..hit.end]
        .iter()
        .any(|t| t.any(words!["emergency", "emergencies", "urgent"]))
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
            || heard.word(i) == "used" && heard.word(i + 1) == "to"
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

/// "I don't know if that can wait": asked, not said.
fn asks_whether(heard: &Heard, hit: &Hit<Mark>) -> bool {
    heard.word(hit.end - 1) == "wait"
        && (hit.start.saturating_sub(3)..hit.start).any(|i| heard.any(i, words!["if", "whether"]))
}

/// "Can't walk", "won't keep anything down": a clinic's affair; elsewhere the floor is wet, or it is an old wound.
fn of_a_body(heard: &Heard, hit: &Hit<Mark>) -> bool {
    heard.tokens[hit.start..hit.end].iter().any(|t| {
        t.any(words![
            "walk",
            "swallow",
            "pee",
            "urinate",
            "straighten",
            "stand",
            "weight",
        ])
    })
}

/// "I won't be around, I took the whole bottle": what denies belongs to the thought before, since somebody begins another.
fn begins_anew(heard: &Heard, at: usize) -> bool {
    let subject = |i: usize| {
        heard.any(
            i,
            words![
                "i", "he", "she", "it", "they", "we", "i'm", "he's", "she's", "it's", "they're",
                "there's",
            ],
        )
    };
    let from = at.saturating_sub(4).max(heard.clause_start(at));
    (subject(at) || subject(at.wrapping_sub(1)))
        && !(from..at).any(|i| {
            heard.any(
                i,
                words![
                    "think", "believe", "say", "said", "know", "guess", "if", "that", "like",
                    "sure", "mean", "not", "isn't", "never",
                ],
            )
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

/// "I have to hold the button to shut it": to be done, not done.
fn only_meant(heard: &Heard, at: usize) -> bool {
    heard.word(at.wrapping_sub(1)) == "to"
        && !heard.any(
            at.wrapping_sub(2),
            words!["had", "able", "managed", "got", "went", "how"],
        )
}

/// Words that say it is under control, unless an emergency follows: "I turned the valve and it just keeps coming".
pub(super) fn lowered(heard: &Heard) -> Option<(usize, usize)> {
    heard
        .hits
        .cue(Cue::Lowered)
        .find(|h| {
            !heard.unreal(h.start)
                && !only_meant(heard, h.start)
                && !heard
                    .hits
                    .cue(Cue::Emergency)
                    .chain(heard.hits.cue(Cue::HouseEmergency))
                    .any(|e| {
                        e.start >= h.end
                            && !heard.unreal(e.start)
                            && !heard.any(e.start.wrapping_sub(1), words!["was", "were"])
                    })
                // "I flipped it off and on": tried, and nothing came of it.
                && !(h.end..h.end + 3).any(|i| {
                    matches!(heard.word(i), "on" | "back" | "again") && heard.word(i + 1) != "it"
                })
        })
        .map(|h| (h.start, h.end))
}
