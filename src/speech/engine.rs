//! What the recogniser asks of an acoustic model: a stretch of samples in, words with probabilities out.

use std::sync::atomic::{AtomicBool, Ordering};

/// Turns one job's samples into words. One engine belongs to one worker thread.
pub trait Engine: Send {
    /// Decodes `job` (16 kHz mono, at most the model's `max_job_ms`) as one utterance. `stop` may end it early from another thread.
    ///
    /// # Errors
    /// [`EngineError::Aborted`] if `stop` was set, otherwise what failed.
    fn decode(&mut self, job: &[f32], stop: &Stop) -> Result<Decoded, EngineError>;
}

/// Makes an engine for each worker, and a new one after a failure.
pub trait MakeEngine: Send + Sync {
    /// A fresh engine.
    ///
    /// # Errors
    /// What failed, usually memory.
    fn make(&self) -> Result<Box<dyn Engine>, EngineError>;
}

/// What one job said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// The words in order; none for silence.
    pub words: Vec<HeardWord>,
    /// Mean log probability of all tokens, the end token excepted.
    pub avg_logprob: f32,
}

/// A word without its place.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardWord {
    /// As the model wrote it, without surrounding spaces.
    pub text: String,
    /// Geometric mean of its tokens' probabilities, 0..=1.
    pub p: f32,
}

/// Asks a running decode to end early.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was it asked?
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a job gave no words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// [`Stop`] was set.
    #[error("decoding was stopped")]
    Aborted,
    /// The job has more audio than the model takes at once.
    #[error("a job of {ms} ms is longer than the model's {max_ms} ms")]
    TooLong {
        /// Length of the job.
        ms: u64,
        /// What the model takes.
        max_ms: u64,
    },
    /// The model library failed.
    #[error("decoding failed: {0}")]
    Failed(String),
}
