//! A recording as the recogniser's tracks.

use std::fs;
use std::path::Path;

use crate::audio::{SPEECH_RATE_HZ, wav};
use crate::media::Track;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// There is no such file, or it may not be read.
    #[error("cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// Not a WAV file, or not one that can be used.
    #[error(transparent)]
    Wav(#[from] wav::WavError),
    /// No samples.
    #[error("holds no audio")]
    Empty,
}

/// A recording at 16 kHz.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Mono samples in -1..=1 of each track: inbound, then outbound if there are two.
    channels: Vec<Vec<f32>>,
}

impl Recording {
    /// From samples at 16 kHz, one list a track (inbound first).
    pub fn new(channels: Vec<Vec<f32>>) -> Self {
        Self { channels }
    }

    /// Reads a WAV file: mono is the inbound track; stereo is inbound left and outbound right.
    ///
    /// # Errors
    /// Missing, not WAV, of an unknown coding, or empty.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        Self::parse(&fs::read(path)?)
    }

    /// Reads a WAV file's bytes.
    ///
    /// # Errors
    /// As [`Recording::read`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordingError> {
        let audio = wav::read(bytes)?;
        if audio.is_empty() {
            return Err(RecordingError::Empty);
        }
        let channels = audio.at_rate(SPEECH_RATE_HZ)?.channels;
        let samples = |channel: Vec<i16>| {
            channel
                .into_iter()
                .map(|s| f32::from(s) / 32_768.0)
                .collect()
        };
        Ok(Self::new(channels.into_iter().map(samples).collect()))
    }

    /// The tracks with their samples.
    pub fn tracks(&self) -> impl Iterator<Item = (Track, &[f32])> {
        Track::BOTH
            .into_iter()
            .zip(self.channels.iter().map(Vec::as_slice))
    }
}
