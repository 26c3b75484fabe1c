//! The days gone by that a call names, whoever spoke of them: each once, and of each the words that stood around it ([`around`]) and in the
//! answer. On which of them it happened is in those words more often than in any phrase.
//!
//! Owns which of the call's days are one and what is kept of the words around them. Where a day stands in a turn, the dates' rules say; what
//! the words around it weigh, a table knows; what is made of that, again the rules.

use jiff::civil::Date;

use super::Weights;
use super::around::{Before, Phrase, answering, around};
use super::entry::Entry;
use crate::fields::turn::{Heard, Speaker};

/// Days kept: beyond them nobody asks on which it was.
const MAX_DAYS: usize = 12;
/// The option of the table that is no field.
const NONE: &str = "none";

/// A day in a turn.
#[derive(Debug, Clone, Copy)]
pub struct DaySpot {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The day, as one gone by.
    pub date: Date,
    /// How exactly it was said, from 0, about when, to 2, by the figures of a calendar.
    pub exactness: u8,
    /// An appointment was being made, or had been.
    pub slot: bool,
}

/// A day of the call.
#[derive(Debug, Clone)]
pub struct Day {
    /// Which.
    pub date: Date,
    exactness: u8,
    /// It was first said while no appointment was being made.
    before_slots: bool,
    /// How it was said.
    pub entry: Entry,
}

/// The days of a call.
#[derive(Debug, Clone)]
pub struct DaysGone {
    weights: &'static Weights,
    today: Date,
    all: Vec<Day>,
    /// What the turn before spoke of last, and who did.
    last: Option<(Speaker, usize)>,
}

impl DaysGone {
    /// None yet; `weights`: the table that says what a day was.
    pub fn new(weights: &'static Weights, today: Date) -> DaysGone {
        DaysGone {
            weights,
            today,
            all: Vec::new(),
            last: None,
        }
    }

    /// The days, in the order in which they were first said.
    pub fn all(&self) -> &[Day] {
        &self.all
    }

    /// Notes the days that a turn speaks of.
    pub fn hear(&mut self, heard: &Heard, spots: &[DaySpot], before: Before) {
        self.note_answer(heard, spots.is_empty());
        let spans: Vec<(usize, usize)> = spots.iter().map(|s| (s.start, s.end)).collect();
        for spot in spots {
            let Some(at) = self.day(spot) else {
                continue;
            };
            let entry = &mut self.all[at].entry;
            entry.hold(|| around(heard, &spans, (spot.start, spot.end), false, before));
            entry.count(heard, spot.start, spot.end);
            self.last = Some((heard.speaker, at));
        }
    }

    /// The entry of a day, made where there is room.
    fn day(&mut self, spot: &DaySpot) -> Option<usize> {
        if let Some(at) = self.all.iter().position(|d| d.date == spot.date) {
            let day = &mut self.all[at];
            day.exactness = day.exactness.max(spot.exactness);
            return Some(at);
        }
        if self.all.len() >= MAX_DAYS {
            return None;
        }
        self.all.push(Day {
            date: spot.date,
            exactness: spot.exactness,
            before_slots: !spot.slot,
            entry: Entry::new(self.weights),
        });
        Some(self.all.len() - 1)
    }

    /// The turn after one that named a day says something of it.
    fn note_answer(&mut self, heard: &Heard, no_day: bool) {
        let Some((speaker, at)) = self.last.take() else {
            return;
        };
        if !no_day && speaker == heard.speaker {
            return;
        }
        (self.all[at].entry).hold(|| answering(heard, speaker, false));
    }

    /// What is known of a day besides the words around it; `matter`: what the call is about.
    pub fn facts(&self, at: usize, matter: Option<&str>) -> Vec<String> {
        let day = &self.all[at];
        let ago = day
            .date
            .until(self.today)
            .map_or(0, |span| span.get_days().max(0));
        let ago = match ago {
            0 => "today",
            1 => "yesterday",
            2..=7 => "week",
            8..=60 => "weeks",
            61..=400 => "months",
            _ => "years",
        };
        let mut out: Vec<String> = (day.entry.facts().into_iter()).map(str::to_owned).collect();
        out.push(format!("={ago}"));
        out.push(format!("=exact{}", day.exactness));
        out.push(format!("=nth{}of{}", at.min(3), self.all.len().min(4)));
        out.push(format!("=slots{}", u8::from(day.before_slots)));
        if let Some(matter) = matter {
            out.push(format!("={ago}-{matter}"));
            out.push(format!("={matter}"));
        }
        out
    }

    /// What each day weighs for that option of the table against being none, in the logarithm of odds; nothing where the table has no
    /// such option.
    pub fn scores(&self, option: &str, matter: Option<&str>) -> Vec<f32> {
        let columns = (self.weights.column(option)).zip(self.weights.column(NONE));
        let Some(columns) = columns else {
            return Vec::new();
        };
        let score = |at: usize| self.all[at].entry.odds(&self.facts(at, matter), columns);
        (0..self.all.len()).map(score).collect()
    }
}

impl Day {
    /// What was said around it.
    pub fn phrases(&self) -> &[Phrase] {
        &self.entry.phrases
    }
}
