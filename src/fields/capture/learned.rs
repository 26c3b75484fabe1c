//! The learned weights of words at work in a call: what the words of both sides, all together, say for each option of a choice, and in
//! which turn they said most of it. What that is worth beside words that were foreseen, the rules of the field decide.

use std::sync::Arc;

use crate::fields::evidence::{Evidence, Role};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::vertical::Vertical;
use crate::fields::weigh::{self, Tally};

/// Until so many turns are heard, the words say little against what was said outright.
pub(super) const FEW_TURNS: u32 = 8;

/// A choice whose options are weighed.
#[derive(Debug, Clone)]
pub struct Learned {
    tally: Tally,
    /// By option: the most that one turn added to it, and the turn.
    loudest: Vec<(f32, Option<Arc<Evidence>>)>,
}

impl Learned {
    fn new(weights: &'static weigh::Weights) -> Learned {
        Learned {
            tally: Tally::new(weights),
            loudest: vec![(0.0, None); weights.options().len()],
        }
    }

    /// The weighing of how urgent it is.
    pub fn urgency(vertical: &Vertical) -> Option<Learned> {
        Self::of(vertical, "urgency", weigh::urgency())
    }

    /// The weighing of what kind of trouble it is, for a vertical that ships.
    pub fn category(vertical: &Vertical) -> Option<Learned> {
        Self::of(
            vertical,
            "problem_category",
            weigh::category(&vertical.name)?,
        )
    }

    /// The weighing of what the call came to: calls end alike in every business.
    pub fn ending() -> Learned {
        Learned::new(weigh::outcome())
    }

    /// Only where the vertical has that field with all the options of the table.
    fn of(vertical: &Vertical, field: &str, weights: &'static weigh::Weights) -> Option<Learned> {
        let spec = vertical.fields.iter().find(|f| f.name == field)?;
        weights
            .options()
            .iter()
            .all(|o| spec.choices.iter().any(|c| c.id == *o))
            .then(|| Learned::new(weights))
    }

    /// Adds the words of a turn.
    fn hear(&mut self, heard: &Heard) {
        let before = self.tally.scores().to_vec();
        self.tally.hear(heard.speaker, &heard.tokens);
        let mut words = None;
        for ((loudest, now), before) in self.loudest.iter_mut().zip(self.tally.scores()).zip(before)
        {
            let gain = now - before;
            if gain > loudest.0 {
                let words = words.get_or_insert_with(|| Arc::new(heard.whole(Role::States)));
                *loudest = (gain, Some(words.clone()));
            }
        }
    }

    /// The options with their scores, the natural logarithms of their odds up to a constant.
    pub fn scores(&self) -> impl Iterator<Item = (&'static str, f32)> {
        self.tally
            .options()
            .iter()
            .map(String::as_str)
            .zip(self.tally.scores().iter().copied())
    }

    /// The words that spoke loudest for an option.
    pub fn words_for(&self, option: &str) -> Option<&Evidence> {
        let at = self.tally.options().iter().position(|o| o == option)?;
        self.loudest.get(at)?.1.as_deref()
    }
}

impl State {
    /// Weighs the words of a turn.
    pub(super) fn weigh(&mut self, heard: &Heard) {
        for learned in [&mut self.haste, &mut self.trouble].into_iter().flatten() {
            learned.hear(heard);
        }
        self.ending.hear(heard);
    }

    /// Notes whether all words together speak for the choices held: that tells how sure those are.
    pub fn compare(&mut self) {
        for (name, borne_out) in [
            ("urgency", self.level_borne_out()),
            ("problem_category", self.category_borne_out()),
        ] {
            if let Some(field) = self.field(name) {
                self.ledger_mut(field).borne_out = borne_out;
            }
        }
    }
}
