//! Something that a call speaks of, a number or a place, with what stood around it each time.
//!
//! Owns what is kept of that and how much of it. Which number or place it is, those know who hold it.

use super::around::Phrase;
use super::{Tally, Weights, vocabulary};
use crate::fields::evidence::{Evidence, Role, word_probability};
use crate::fields::turn::{Heard, Speaker};

/// Phrases kept of each.
const MAX_PHRASES: usize = 40;
/// Nobody counts further how often it was said.
const MAX_TIMES: u8 = 3;

/// Something spoken of.
#[derive(Debug, Clone)]
pub struct Entry {
    /// How often either side said it, as far as that is counted.
    pub(super) times: [u8; 2],
    /// Who said it first.
    pub(super) first: Option<Speaker>,
    /// What was said around it.
    pub phrases: Vec<Phrase>,
    /// What that weighs.
    pub(super) tally: Tally,
    /// Where it was said, by the caller rather than by the agent.
    pub evidence: Option<Evidence>,
    /// Mean probability of its words.
    pub p: f32,
}

impl Entry {
    pub(super) fn new(weights: &'static Weights) -> Entry {
        Entry {
            times: [0; 2],
            first: None,
            phrases: Vec::new(),
            tally: Tally::new(weights),
            evidence: None,
            p: 1.0,
        }
    }

    /// Holds what was said around it, as far as there is room; whether there was any.
    pub(super) fn hold(&mut self, phrases: impl FnOnce() -> Vec<Phrase>) -> bool {
        let room = MAX_PHRASES.saturating_sub(self.phrases.len());
        if room == 0 {
            return false;
        }
        for phrase in phrases().into_iter().take(room) {
            self.tally
                .hear(phrase.speaker, &vocabulary().ids(phrase.words()));
            self.phrases.push(phrase);
        }
        true
    }

    /// Counts that it was said, from token `start` to `end`; whether anybody still counts that.
    pub(super) fn count(&mut self, heard: &Heard, start: usize, end: usize) -> bool {
        let side = heard.speaker.index();
        let once = self.times[side] == 0;
        let counts = self.times[side] < MAX_TIMES;
        if counts {
            self.times[side] += 1;
        }
        self.first.get_or_insert(heard.speaker);
        if self.evidence.is_none() || heard.speaker == Speaker::Caller && once {
            self.evidence = Some(heard.evidence(Role::States, start, end));
            self.p = word_probability(&heard.tokens, start, end);
        }
        counts
    }

    /// What it weighs for one option of its table against another, in the logarithm of odds, with facts that are known beside its words.
    pub(super) fn odds(&self, facts: &[String], (option, other): (usize, usize)) -> f32 {
        let ids = facts.iter().filter_map(|f| vocabulary().id(f));
        let scores = self.tally.scores_with(ids);
        scores[option] - scores[other]
    }

    /// How often anybody said it, as far as that is counted.
    pub(super) fn said(&self) -> usize {
        self.times.iter().map(|t| usize::from(*t)).sum()
    }

    /// Who said it, who first, and how often.
    pub(super) fn facts(&self) -> [&'static str; 3] {
        const TIMES: [&str; 4] = ["=times0", "=times1", "=times2", "=times3"];
        let by = |side: Speaker| self.times[side.index()] > 0;
        [
            match (by(Speaker::Caller), by(Speaker::Agent)) {
                (true, true) => "=by-both",
                (true, false) => "=by-caller",
                _ => "=by-agent",
            },
            match self.first {
                Some(Speaker::Agent) => "=first-agent",
                _ => "=first-caller",
            },
            TIMES[self.said().min(3)],
        ]
    }
}
