//! The learned weights of words at work in a call: what the words of both sides, all together, say for each option of a choice, and in
//! which turn they said most of it. What that is worth beside words that were foreseen, the rules of the field decide.

use std::sync::Arc;

use crate::fields::cue::Cue;
use crate::fields::dialogue;
use crate::fields::evidence::{Evidence, Role};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::vertical::Vertical;
use crate::fields::weigh::{self, Tally, Uses, dictates};

/// Fewer words than this say little against what was said outright.
const FEW_WORDS: usize = 40;

/// A choice whose options are weighed.
#[derive(Debug, Clone)]
pub struct Learned {
    tally: Tally,
    /// By option.
    loudest: Vec<Loudest>,
}

/// The turn that spoke most for an option.
#[derive(Debug, Clone)]
struct Loudest {
    /// The most that one turn added.
    gain: f32,
    /// The turn.
    words: Option<Arc<Evidence>>,
    /// The score before the turn.
    before: f32,
}

impl Learned {
    fn new(weights: &'static weigh::Weights) -> Learned {
        let tally = Tally::new(weights);
        let quiet = |before: &f32| Loudest {
            gain: 0.0,
            words: None,
            before: *before,
        };
        let loudest = tally.scores().iter().map(quiet).collect();
        Learned { tally, loudest }
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

    /// The weighing of who calls: alike in every business, too.
    pub fn caller() -> Learned {
        Learned::new(weigh::caller())
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

    /// Adds the words of a turn, by number; `words` are those as evidence, made once for all choices.
    fn hear(&mut self, heard: &Heard, ids: &[u32], words: &mut Option<Arc<Evidence>>) {
        self.tally.hear(heard.speaker, ids);
        for (loudest, now) in self.loudest.iter_mut().zip(self.tally.scores()) {
            let gain = now - loudest.before;
            loudest.before = *now;
            if gain > loudest.gain {
                loudest.gain = gain;
                loudest.words = Some(
                    words
                        .get_or_insert_with(|| Arc::new(heard.whole(Role::States)))
                        .clone(),
                );
            }
        }
    }

    /// The options that are open with their scores, the natural logarithms of their odds up to a constant: what all words add up to and
    /// what each is `worth` by itself, `None` where it is out of the question.
    fn scores(
        &self,
        worth: impl Fn(&str) -> Option<f32>,
    ) -> impl Iterator<Item = (&'static str, f32)> {
        self.tally
            .options()
            .iter()
            .zip(self.tally.scores())
            .filter_map(move |(option, score)| Some((option.as_str(), score + worth(option)?)))
    }

    /// The likeliest option.
    pub fn likeliest(&self, worth: impl Fn(&str) -> Option<f32>) -> Option<&'static str> {
        self.scores(worth)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(option, _)| option)
    }

    /// An option's share of the odds by the words alone, 0..=1.
    pub fn share_of(&self, option: &str) -> f32 {
        let scores = || self.scores(|_| Some(0.0));
        let own = scores().find(|s| s.0 == option).map(|s| s.1);
        own.map_or(0.0, |own| {
            1.0 / scores().map(|s| (s.1 - own).exp()).sum::<f32>()
        })
    }

    /// The likeliest option's share of the odds, 0..=1.
    pub fn share(&self, worth: impl Fn(&str) -> Option<f32>) -> f32 {
        let top = self.scores(&worth).map(|s| s.1).fold(f32::MIN, f32::max);
        1.0 / self.scores(&worth).map(|s| (s.1 - top).exp()).sum::<f32>()
    }

    /// The words that spoke loudest for an option.
    pub fn words_for(&self, option: &str) -> Option<&Evidence> {
        let at = self.tally.options().iter().position(|o| o == option)?;
        self.loudest.get(at)?.words.as_deref()
    }
}

impl State {
    /// Whether too few words were said to outweigh what was said outright.
    pub(super) fn hardly_heard(&self) -> bool {
        self.weighed < FEW_WORDS
    }

    /// Weighs the words of a turn.
    pub(super) fn weigh(&mut self, heard: &Heard) {
        if dictates(&heard.tokens) || dialogue::covered(heard, Cue::Backchannel) {
            return;
        }
        self.weighed += heard.tokens.len();
        let ids = weigh::ids(&heard.tokens);
        let words = &mut None;
        for learned in [&mut self.haste, &mut self.trouble].into_iter().flatten() {
            learned.hear(heard, &ids, words);
        }
        self.ending.hear(heard, &ids, words);
        self.caller.hear(heard, &ids, words);
    }

    /// Notes whether all words together speak for the choices and the name held: that tells how sure those are.
    pub fn compare(&mut self) {
        self.weigh_numbers();
        let numbers = self.numbers_borne_out();
        for (name, borne_out) in [
            ("urgency", self.level_borne_out()),
            ("problem_category", self.category_borne_out()),
            ("caller_name", self.name_borne_out()),
        ]
        .into_iter()
        .chain(Uses::OF.into_iter().zip(numbers))
        {
            if let Some(field) = self.field(name) {
                self.ledger_mut(field).borne_out = borne_out;
            }
        }
    }
}
