//! Recordings, and what is said in them, when.
//!
//! The rendered calls know where each line's sound begins and ends. A word's end is found by sharing the line's voiced time out among its
//! words by letters ([`placement`]), which against a synthesiser's own phone times is right to within 150 ms for nine words in ten.

use std::path::Path;

use serde::Deserialize;

use super::BenchError;
use crate::bundled;
use crate::media::Track;
use crate::speech::Word;
use crate::speech::engine::HeardWord;
use crate::speech::placement;
use crate::speech::transcribe::recording::Recording;
use crate::speech::vad::{Vad, VadFrame};

/// The bundled calls.
const BUNDLED: &str = "fixtures/speech/rendered";

/// One line of a call.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who speaks.
    pub track: Track,
    /// The words with their times.
    pub words: Vec<Word>,
    /// Where the sound begins, ms.
    pub start_ms: u64,
    /// Where it ends, ms.
    pub end_ms: u64,
}

/// A recorded call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its file's name.
    pub name: String,
    recording: Recording,
    /// What is said, in order.
    pub lines: Vec<Line>,
}

impl Call {
    /// The tracks with their samples at 16 kHz.
    pub fn tracks(&self) -> impl Iterator<Item = (Track, &[f32])> {
        self.recording.tracks()
    }

    /// Samples of the longest track.
    pub fn samples(&self) -> usize {
        self.tracks()
            .map(|(_, samples)| samples.len())
            .max()
            .unwrap_or(0)
    }

    /// What one track says.
    pub fn lines_of(&self, track: Track) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.track == track)
    }

    /// Time in which somebody speaks, ms: both tracks added up.
    pub fn speech_ms(&self) -> u64 {
        self.lines
            .iter()
            .map(|line| line.end_ms - line.start_ms)
            .sum()
    }
}

#[derive(Deserialize)]
struct Sheet {
    #[serde(default)]
    lines: Vec<SheetLine>,
}

#[derive(Deserialize)]
struct SheetLine {
    speaker: String,
    text: String,
    start_ms: u64,
    end_ms: u64,
}

/// Calls with words, and sounds without any.
///
/// # Errors
/// No folder, no recordings, or one that cannot be read.
pub fn load(dir: Option<&Path>, most: Option<usize>) -> Result<(Vec<Call>, Vec<Call>), BenchError> {
    let bundled = bundled::find(BUNDLED);
    let dir = dir.or(bundled.as_deref()).ok_or_else(|| {
        BenchError::Material(format!(
            "{BUNDLED} is nowhere; give recordings with --material DIR"
        ))
    })?;
    let wrong =
        |path: &Path, what: String| BenchError::Material(format!("{}: {what}", path.display()));
    let mut sheets: Vec<_> = std::fs::read_dir(dir)
        .map_err(|error| wrong(dir, error.to_string()))?
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    sheets.sort();
    let (mut calls, mut sounds) = (Vec::new(), Vec::new());
    for path in sheets {
        let text = std::fs::read_to_string(&path).map_err(|e| wrong(&path, e.to_string()))?;
        let sheet: Sheet = serde_json::from_str(&text).map_err(|e| wrong(&path, e.to_string()))?;
        let wav = path.with_extension("wav");
        let recording = Recording::read(&wav).map_err(|e| wrong(&wav, e.to_string()))?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let lines = place(&recording, &sheet);
        let call = Call {
            name,
            recording,
            lines,
        };
        if call.lines.is_empty() {
            sounds.push(call);
        } else if calls.len() < most.unwrap_or(usize::MAX) {
            calls.push(call);
        }
    }
    if calls.is_empty() {
        return Err(wrong(
            dir,
            "holds no recording (NAME.wav) with words (NAME.json)".to_owned(),
        ));
    }
    Ok((calls, sounds))
}

fn place(recording: &Recording, sheet: &Sheet) -> Vec<Line> {
    let mut lines = Vec::new();
    for (track, samples) in recording.tracks() {
        let mut frames: Vec<VadFrame> = Vec::new();
        let mut vad = Vad::default();
        vad.push(samples, |frame| frames.push(frame));
        vad.flush(|frame| frames.push(frame));
        let speaker = if track == Track::Inbound {
            "caller"
        } else {
            "agent"
        };
        for line in sheet.lines.iter().filter(|line| line.speaker == speaker) {
            let (from, to) = (line.start_ms * 16, line.end_ms * 16);
            let inside = frames
                .iter()
                .filter(|f| f.voiced && f.start >= from && f.end() <= to);
            let mut voiced: Vec<(u64, u64)> = Vec::new();
            for frame in inside {
                match voiced.last_mut() {
                    Some((_, end)) if *end == frame.start => *end = frame.end(),
                    _ => voiced.push((frame.start, frame.end())),
                }
            }
            // The detector opens late and closes early; the line's own ends are known exactly.
            match (voiced.first_mut(), line.start_ms) {
                (Some(first), _) => first.0 = from,
                (None, _) => voiced.push((from, to)),
            }
            if let Some(last) = voiced.last_mut() {
                last.1 = to;
            }
            let words: Vec<HeardWord> = line
                .text
                .split_whitespace()
                .map(|word| HeardWord {
                    text: word.to_owned(),
                    p: 1.0,
                })
                .collect();
            lines.push(Line {
                track,
                words: placement::place(&words, &voiced, to),
                start_ms: line.start_ms,
                end_ms: line.end_ms,
            });
        }
    }
    lines.sort_by_key(|line| line.start_ms);
    lines
}
