//! On which of all days that a call names it happened: the rules' choice, made turn by turn, weighed beside all that was said around each.
//!
//! Owns where a turn names a day gone by and what the weights are worth beside the rules.

use jiff::civil::Date;

use super::reading::{Direction, exactness, is_vague, read};
use crate::fields::ledger::Claim;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::vertical::Vertical;
use crate::fields::weigh::{self, Before, Day, DaySpot, DaysGone};
use crate::fields::word_set::words;

/// What the rules' choice is worth beside the words, in the logarithm of odds: this and the next as for the parties, not chosen anew.
const SEEN: f32 = 3.0;
/// What a day must weigh that the rules did not choose.
const FILLS: f32 = 1.0;

/// The field of the day on which it happened.
const HAPPENED: &str = "incident_date";

/// The days gone by of a call of that vertical, none yet; `None` where nobody asks on which it happened.
pub fn days_of(vertical: &Vertical, today: Date) -> Option<DaysGone> {
    let has =
        |f: &crate::fields::vertical::FieldSpec| f.name == HAPPENED && f.ty == FieldType::Date;
    (vertical.fields.iter().any(has)).then(|| DaysGone::new(weigh::days(), today))
}

/// The days gone by that a turn may speak of.
fn spots(heard: &Heard, today: Date, slot: bool) -> Vec<DaySpot> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < heard.tokens.len() {
        // "There's a bulldozer on my land right now."
        let now = heard.word(at) == "right" && heard.any(at + 1, words!["now", "this"]);
        let found = match now {
            true => Some((today, 2)),
            false => read(heard, at, Direction::Past, today),
        };
        let Some((date, used)) = found else {
            at += 1;
            continue;
        };
        let end = (at + used.max(1)).min(heard.tokens.len());
        if !is_vague(heard, at, end - at) {
            out.push(DaySpot {
                start: at,
                end,
                date,
                exactness: exactness(heard, at, end - at),
                slot,
            });
        }
        at = end;
    }
    out
}

impl State {
    /// Notes the days gone by that a turn speaks of.
    pub(in crate::fields::capture) fn note_days(&mut self, heard: &Heard) {
        let today = self.today();
        let slot = self.agenda.last.is_some();
        let (asked, own) = self.turns_before(heard.speaker);
        let Some(days) = self.days.as_mut() else {
            return;
        };
        let before = Before {
            asked: &asked,
            own: &own,
            line: None,
        };
        days.hear(heard, &spots(heard, today, slot), before);
    }

    /// Each day of the call with what is known of it beside the words around it.
    pub(in crate::fields) fn day_facts(&self) -> Vec<Vec<String>> {
        let matter = self.choice("problem_category");
        let facts = |d: &DaysGone| (0..d.all().len()).map(|at| d.facts(at, matter)).collect();
        self.days.as_ref().map(facts).unwrap_or_default()
    }

    /// What each weighs for the day on which it happened.
    pub(in crate::fields) fn day_scores(&self) -> Vec<f32> {
        let matter = self.choice("problem_category");
        let scores = |d: &DaysGone| d.scores(HAPPENED, matter);
        self.days.as_ref().map(scores).unwrap_or_default()
    }

    /// The call is over: the field has the day that rules and words together make likeliest. What a person has set or the two sides have
    /// agreed on stays.
    pub(in crate::fields) fn allot_days(&mut self) {
        let Some(field) = self.field(HAPPENED) else {
            return;
        };
        if !self.ledger(field).is_open() {
            return;
        }
        let held = self.value(field).and_then(Value::text);
        let held = held.map(|t| t.parse::<Date>().ok());
        let Some(claim) = self.likeliest_day(held).map(claim) else {
            return;
        };
        let kind = self.ledger_mut(field).outweigh(claim);
        self.note(field, kind);
    }

    /// The day that is likelier than the one that has the field. A day that the rules chose is never taken for none: calls whose labels
    /// name no day are too many for that.
    fn likeliest_day(&self, held: Option<Option<Date>>) -> Option<&Day> {
        let all = self.days.as_ref()?.all();
        let chosen = match held {
            None => None,
            // A day that was not noted cannot be weighed.
            Some(held) => Some(all.iter().position(|d| Some(d.date) == held)?),
        };
        let worth = |at: usize| if chosen == Some(at) { SEEN } else { -FILLS };
        let best = (self.day_scores().into_iter().enumerate())
            .map(|(at, score)| (at, score + worth(at)))
            .filter(|(_, score)| *score > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(at, _)| at);
        best.filter(|at| chosen != Some(*at)).map(|at| &all[at])
    }
}

/// The claim of a day that was weighed.
fn claim(day: &Day) -> Claim {
    let value = Value::Text(day.date.to_string());
    Claim::concluded(value, day.entry.evidence.as_ref(), day.entry.p)
}
