//! 16 kHz samples become segments: engine, utterance machine, agreement, guards, scheduler, model files.
//!
//! Owns the worker threads and the whisper states. It may not touch sockets, the journal or fields; what it hears leaves as [`SpeechEvent`]s.
//!
//! # From samples to words
//! - [`track`]: one track's ears: samples that may still be needed, [`vad`], the utterance machine, and [`tones`] that are no words.
//! - [`utterance`]: when an utterance begins and ends, what to decode when, partials and finals (pure). Its parts: [`agreement`] (which
//!   words of a partial are stable) and [`numerals`] (how numbers look in words).
//! - [`schedule`] and [`load`]: who is decoded next, how often partials may come, whether another call fits (pure).
//! - [`recogniser`]: all of it together without threads or clocks; [`guards`] judge and [`placement`] places what was decoded.
//! - [`engine`], [`whisper`], [`model`], [`catalogue`]: words from samples by whisper.cpp, which files it may load, which ones there are.
//! - `pool`, `listener`, [`service`]: the threads. [`transcribe`]: the same over recordings. [`measures`]: every metric.
//! - [`mod@bench`]: `offhook bench speech`: how well and how fast it hears, and how many calls at once.

pub mod agreement;
pub mod bench;
pub mod catalogue;
pub mod engine;
pub mod guards;
mod listener;
pub mod load;
pub mod measures;
pub mod model;
pub mod numerals;
pub mod placement;
mod pool;
pub mod recogniser;
pub mod schedule;
pub mod service;
mod settings;
pub mod tones;
pub mod track;
pub mod transcribe;
pub mod utterance;
pub mod vad;
pub mod whisper;

use std::sync::Arc;

pub use load::Refused;
pub use service::{Speech, SpeechError, TrackHandle};
pub use settings::Settings;
pub use utterance::Expectation;

use serde::{Deserialize, Serialize};

use crate::media::Track;

/// One recognised word with its place in the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word as the recogniser wrote it, without surrounding spaces.
    pub w: String,
    /// Start, ms from the call's first media sample.
    pub start_ms: u64,
    /// End, ms from the call's first media sample.
    pub end_ms: u64,
    /// Probability of the word's tokens (geometric mean), 0..=1.
    pub p: f32,
}

/// A finished utterance of one track. It comes exactly once, in order, and is never taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The track that spoke.
    pub track: Track,
    /// Utterance number on this track, from 0 without holes.
    pub utterance: u32,
    /// Start, ms from the call's first media sample.
    pub start_ms: u64,
    /// End, ms from the call's first media sample.
    pub end_ms: u64,
    /// The words joined by single spaces.
    pub text: String,
    /// The words with times and probabilities.
    pub words: Vec<Word>,
    /// A guard doubts that this was said (hallucination, noise): shown, but no field is taken from it.
    #[serde(default)]
    pub suspect: bool,
    /// Name of the model that heard it.
    pub model: Arc<str>,
}

/// A revisable view of the utterance that is being spoken. A later one with the same `utterance` replaces it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    /// The track that speaks.
    pub track: Track,
    /// Utterance number on this track; the same number its final will carry.
    pub utterance: u32,
    /// Revision within the utterance, from 0.
    pub revision: u32,
    /// Words that two consecutive decodings agree on.
    pub stable: Vec<Word>,
    /// Words that may still change.
    pub unstable: Vec<Word>,
    /// The audio covered, ms from the call's first media sample.
    pub audio_end_ms: u64,
}

/// What the recogniser tells a call.
#[derive(Debug, Clone, PartialEq)]
pub enum SpeechEvent {
    /// Replaces the earlier partial of the utterance.
    Partial(Partial),
    /// Exactly once per utterance, in order per track.
    Final(Segment),
    /// How well the recogniser keeps up, when it changes.
    State(SpeechState),
    /// The track's audio has ended and everything spoken on it has been sent as finals.
    Done(Track),
}

/// How well the recogniser keeps up with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeechState {
    /// Partials and finals as configured.
    Listening,
    /// Partials come more slowly or not at all; finals still come.
    Degraded,
    /// No speech recognition for this call: off, refused or failed. The audio is kept.
    Stopped,
}

/// How busy the recogniser is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Load {
    /// Tracks being listened to.
    pub tracks: usize,
    /// Jobs waiting for a worker.
    pub queued: usize,
    /// Smoothed share of busy workers, 0..=1.
    pub utilisation: f64,
    /// Speech between two partials, ms; none: finals only.
    pub cadence_ms: Option<u32>,
}
