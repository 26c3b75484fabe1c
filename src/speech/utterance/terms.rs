//! What the utterance machine is told and what it says.

use crate::speech::Word;

/// Lengths that shape utterances, in samples at 16 kHz.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// Kept before the onset of voice: first consonants are quieter than the detector hears.
    pub pre_roll: u64,
    /// Kept behind the last voice; when that much silence has passed, the final is decoded in the hope that nothing follows.
    pub tail: u64,
    /// Silence that ends an utterance.
    pub endpoint: u64,
    /// The same while a number or a spelling is being said.
    pub number_endpoint: u64,
    /// Less voice than this is a click or a cough and is not decoded.
    pub min_voiced: u64,
    /// Voice before the first partial.
    pub first_partial: u64,
    /// From this length on the next dip ends the utterance.
    pub cut_after: u64,
    /// Silence that counts as such a dip.
    pub dip: u64,
    /// At this length the utterance is cut where voice was least probable within the last `cut_window`.
    pub longest: u64,
    /// See `longest`.
    pub cut_window: u64,
    /// Audio that both sides of a cut through voice share.
    pub overlap: u64,
}

impl Tuning {
    /// The usual lengths for a model that takes at most `max_job_ms` at once.
    pub fn new(endpoint_ms: u32, number_endpoint_ms: u32, max_job_ms: u64) -> Self {
        const MS: u64 = 16;
        let longest = max_job_ms.min(15_000) * MS;
        Self {
            pre_roll: 300 * MS,
            tail: 200 * MS,
            endpoint: u64::from(endpoint_ms) * MS,
            number_endpoint: u64::from(number_endpoint_ms) * MS,
            min_voiced: 200 * MS,
            first_partial: 400 * MS,
            cut_after: (8_000 * MS).min(longest * 4 / 5),
            dip: 96 * MS,
            longest,
            cut_window: 3_000 * MS,
            overlap: 200 * MS,
        }
    }
}

/// What the call expects to hear next on the track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Nothing in particular.
    #[default]
    None,
    /// A number: pauses lie inside it.
    Number,
    /// A spelling: the same.
    Spelling,
}

impl Expectation {
    /// As a number, for an atomic.
    pub fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Number => 1,
            Self::Spelling => 2,
        }
    }

    /// From its number; unknown ones mean nothing in particular.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Number,
            2 => Self::Spelling,
            _ => Self::None,
        }
    }
}

/// What a decode is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To show what is being said.
    Partial,
    /// The final, if no voice follows.
    Speculative,
    /// The final.
    Final,
}

/// A range of the track to decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Number of the job on this track; the result carries it.
    pub ticket: u64,
    /// The utterance it belongs to (internal numbering, not the published one).
    pub utterance: u64,
    /// What for.
    pub purpose: Purpose,
    /// First sample.
    pub start: u64,
    /// Sample after the last one.
    pub end: u64,
    /// Voiced stretches within, ascending.
    pub voiced: Vec<(u64, u64)>,
}

impl Job {
    /// Samples of voice.
    pub fn voiced_len(&self) -> u64 {
        self.voiced.iter().map(|(from, to)| to - from).sum()
    }

    /// Where the voice ends.
    pub fn voice_end(&self) -> u64 {
        self.voiced.last().map_or(self.end, |(_, to)| *to)
    }
}

/// What the owner shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Decode this range.
    Decode(Job),
    /// Speech went on: this speculative job is only a partial now.
    Demote {
        /// The job.
        ticket: u64,
    },
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Words.
    Words {
        /// In order, placed on the call's clock.
        words: Vec<Word>,
        /// A guard doubts them.
        suspect: bool,
    },
    /// Nobody said anything.
    Nothing,
    /// The job could not be done.
    Lost,
}

/// What the track says to the call.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Replaces the earlier partial.
    Partial {
        /// Published number.
        utterance: u32,
        /// From 0 within the number.
        revision: u32,
        /// Agreed words.
        stable: Vec<Word>,
        /// Words that may change.
        unstable: Vec<Word>,
        /// Sample after the last one heard.
        audio_end: u64,
    },
    /// Once per utterance, in order.
    Final {
        /// Published number.
        utterance: u32,
        /// Where the voice began.
        start: u64,
        /// Where the voice ended.
        end: u64,
        /// At least one.
        words: Vec<Word>,
        /// A guard doubts them.
        suspect: bool,
    },
}
