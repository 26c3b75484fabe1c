//! `offhook transcribe`: recordings to segments, by the same engine, guards and placement as live calls.
//!
//! Whole recordings are split at pauses and each piece is decoded once ([`whole`]). With `--streaming` the live recogniser itself runs over
//! the recording with a virtual clock and workers that need no time, so both can be compared on the same files.

pub mod recording;
pub mod whole;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::engine::{Engine, EngineError, MakeEngine};
use super::model::{ModelFacts, ModelFile};
use super::recogniser::Recogniser;
use super::whisper::Whisper;
use super::{Segment, Settings, SpeechError, SpeechEvent, Word, track};
use crate::audio::{AudioFrame, FRAME_SAMPLES};
use crate::media::Track;
use recording::{Recording, RecordingError};

/// Arguments of `offhook transcribe`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// WAV files: mono, or stereo with the inbound track left and the outbound track right.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One JSON object a file and line.
    #[arg(long)]
    pub json: bool,
    /// Recognise as in a live call (utterances end by silence, partials, finals) instead of looking at the whole recording.
    #[arg(long)]
    pub streaming: bool,
    /// A whisper.cpp model file or the name of a pulled model [default: the bundled one]
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    segments: Vec<LineSegment<'a>>,
}

#[derive(Serialize)]
struct LineSegment<'a> {
    track: Track,
    start_ms: u64,
    end_ms: u64,
    text: &'a str,
    words: &'a [Word],
}

/// Transcribes every file; what cannot be read is reported to `err` and the others are still done. False if any file failed.
///
/// # Errors
/// The model does not load, or `out` cannot be written.
pub fn run(
    args: &Args,
    settings: &Settings,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<bool, TranscribeError> {
    settings.validate().map_err(SpeechError::Settings)?;
    let mut transcriber = Transcriber::new(settings)?;
    let mut all_done = true;
    for path in &args.files {
        let segments = Recording::read(path)
            .map_err(TranscribeError::from)
            .and_then(|recording| {
                if args.streaming {
                    transcriber.streaming(&recording)
                } else {
                    transcriber.whole(&recording)
                }
            });
        match segments {
            Ok(segments) if args.json => write_json(path, &segments, out)?,
            Ok(segments) => write_plain(path, &segments, args.files.len() > 1, out)?,
            Err(error) => {
                all_done = false;
                writeln!(err, "{}: {error}", path.display())?;
            }
        }
        out.flush()?;
    }
    Ok(all_done)
}

/// Why a transcription ends.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeError {
    /// The recogniser does not start.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// The recording cannot be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A decode failed.
    #[error("recognition failed: {0}")]
    Engine(#[from] EngineError),
    /// The output cannot be written.
    #[error("the transcript cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// A loaded model with one engine.
pub struct Transcriber {
    settings: Settings,
    facts: std::sync::Arc<ModelFacts>,
    engine: Box<dyn Engine>,
}

impl Transcriber {
    /// Loads the model.
    ///
    /// # Errors
    /// The model file, or no memory.
    pub fn new(settings: &Settings) -> Result<Self, TranscribeError> {
        let file = ModelFile::read(&settings.model).map_err(SpeechError::from)?;
        let whisper = Whisper::load(&file, &settings.language).map_err(SpeechError::from)?;
        Ok(Self {
            settings: settings.clone(),
            facts: std::sync::Arc::clone(whisper.facts()),
            engine: whisper.make()?,
        })
    }

    /// Splits each track at its pauses and decodes every piece once. Segments come in the order in which they begin.
    ///
    /// # Errors
    /// A decode failed.
    pub fn whole(&mut self, recording: &Recording) -> Result<Vec<Segment>, TranscribeError> {
        let mut segments = Vec::new();
        for (track, samples) in recording.tracks() {
            segments.extend(whole::transcribe(
                track,
                samples,
                &self.facts,
                self.engine.as_mut(),
            )?);
        }
        segments.sort_by_key(|segment| (segment.start_ms, segment.track));
        Ok(segments)
    }

    /// Plays the recording to the live recogniser.
    ///
    /// # Errors
    /// A decode failed.
    pub fn streaming(&mut self, recording: &Recording) -> Result<Vec<Segment>, TranscribeError> {
        let mut segments = Vec::new();
        self.events(recording, |event| {
            if let SpeechEvent::Final(segment) = event {
                segments.push(segment);
            }
        })?;
        segments.sort_by_key(|segment| (segment.start_ms, segment.track));
        Ok(segments)
    }

    /// The same with every event.
    ///
    /// # Errors
    /// A decode failed.
    pub fn events(
        &mut self,
        recording: &Recording,
        mut heard: impl FnMut(SpeechEvent),
    ) -> Result<(), TranscribeError> {
        let tuning = track::tuning(&self.settings, self.facts.max_job_ms);
        let model = std::sync::Arc::clone(&self.facts.name);
        let mut recogniser = Recogniser::new(tuning, model, 1, self.settings.cadence_ms, 0);
        for (id, (track, _)) in (0..).zip(recording.tracks()) {
            recogniser.add(id, track, 0);
        }
        recogniser.pair(0, 1);
        let longest = recording
            .tracks()
            .map(|(_, samples)| samples.len())
            .max()
            .unwrap_or(0);
        for from in (0..longest).step_by(FRAME_SAMPLES) {
            let now_us = (from + FRAME_SAMPLES) as u64 * 1_000 / 16;
            for (id, (_, samples)) in (0..).zip(recording.tracks()) {
                let part = samples
                    .get(from..samples.len().min(from + FRAME_SAMPLES))
                    .unwrap_or_default();
                if part.is_empty() {
                    continue;
                }
                let mut frame = AudioFrame {
                    start_sample: from as u64,
                    len: part.len() as u16,
                    samples: [0.0; FRAME_SAMPLES],
                };
                frame
                    .samples
                    .iter_mut()
                    .zip(part)
                    .for_each(|(slot, sample)| *slot = *sample);
                recogniser.frame(id, &frame, now_us);
            }
            recogniser.tick(now_us);
            self.work(&mut recogniser, now_us, &mut heard)?;
        }
        let end_us = longest as u64 * 1_000 / 16;
        for (id, _) in (0..).zip(recording.tracks()) {
            recogniser.end(id, end_us);
        }
        self.work(&mut recogniser, end_us, &mut heard)
    }

    /// Decodes everything that waits, in no virtual time.
    fn work(
        &mut self,
        recogniser: &mut Recogniser,
        now_us: u64,
        heard: &mut impl FnMut(SpeechEvent),
    ) -> Result<(), TranscribeError> {
        while let Some(assignment) = recogniser.assign(now_us) {
            let outcome = self.engine.decode(&assignment.audio, &assignment.stop);
            if let Err(error @ EngineError::Failed(_)) = outcome {
                return Err(error.into());
            }
            recogniser.finished(assignment.worker, outcome, 0, now_us);
        }
        while let Some((_, event)) = recogniser.poll_event() {
            heard(event);
        }
        Ok(())
    }
}

fn write_json(path: &Path, segments: &[Segment], out: &mut dyn Write) -> io::Result<()> {
    let segments = segments.iter().map(|s| LineSegment {
        track: s.track,
        start_ms: s.start_ms,
        end_ms: s.end_ms,
        text: &s.text,
        words: &s.words,
    });
    let line = Line {
        file: &path.to_string_lossy(),
        segments: segments.collect(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

fn write_plain(
    path: &Path,
    segments: &[Segment],
    with_name: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if with_name {
        writeln!(out, "{}", path.display())?;
    }
    if segments.is_empty() {
        writeln!(out, "  (no speech)")?;
    }
    let two_tracks = segments.iter().any(|s| s.track == Track::Outbound);
    for s in segments {
        let (minutes, seconds, tenths) = (
            s.start_ms / 60_000,
            s.start_ms / 1_000 % 60,
            s.start_ms / 100 % 10,
        );
        let track = match s.track {
            _ if !two_tracks => "",
            Track::Inbound => "  inbound ",
            Track::Outbound => "  outbound",
        };
        let doubt = if s.suspect { "  (uncertain)" } else { "" };
        writeln!(
            out,
            "{minutes:>3}:{seconds:02}.{tenths}{track}  {}{doubt}",
            s.text
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
