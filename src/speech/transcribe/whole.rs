//! Whole recordings: voice is found first, then grouped into the longest pieces that fit a job, cut at pauses.

use std::sync::Arc;

use crate::media::Track;
use crate::speech::Segment;
use crate::speech::engine::{Engine, EngineError, Stop};
use crate::speech::model::ModelFacts;
use crate::speech::recogniser::understand;
use crate::speech::tones;
use crate::speech::utterance::{Heard, Job, Purpose};
use crate::speech::vad::{ONSET_FRAMES, VAD_FRAME, Vad, VadFrame};

/// A pause this long always separates two pieces: 800 ms.
const PAUSE: u64 = 12_800;
/// Audio kept around the voice: 300 ms.
const MARGIN: u64 = 4_800;
/// Less voice is not decoded: 200 ms.
const MIN_VOICED: u64 = 3_200;
/// Endless voice is cut at the least probable frame of the last 3 s.
const CUT_WINDOW: u64 = 48_000;

/// Transcribes one track.
///
/// # Errors
/// A decode failed.
pub fn transcribe(
    track: Track,
    samples: &[f32],
    facts: &ModelFacts,
    engine: &mut dyn Engine,
) -> Result<Vec<Segment>, EngineError> {
    let mut frames = Vec::with_capacity(samples.len() / VAD_FRAME + 1);
    let mut vad = Vad::default();
    vad.push(samples, |frame| frames.push(frame));
    vad.flush(|frame| frames.push(frame));
    let mut segments = Vec::new();
    for job in jobs(&frames, samples.len() as u64, facts.max_job_ms * 16) {
        let audio = samples.get(job.start as usize..job.end as usize);
        let mut audio = audio.unwrap_or_default().to_vec();
        if !tones::mute(&mut audio) {
            continue;
        }
        let decoded = engine.decode(&audio, &Stop::default())?;
        let Heard::Words { words, suspect } = understand(&decoded, &job) else {
            continue;
        };
        let utterance = u32::try_from(segments.len()).unwrap_or(u32::MAX);
        segments.push(Segment {
            track,
            utterance,
            start_ms: job.voiced.first().map_or(job.start, |(start, _)| *start) / 16,
            end_ms: job.voice_end() / 16,
            text: words
                .iter()
                .map(|w| w.w.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            words,
            suspect,
            model: Arc::clone(&facts.name),
        });
    }
    Ok(segments)
}

/// The pieces to decode: each at most `longest` samples, margins included.
fn jobs(frames: &[VadFrame], len: u64, longest: u64) -> Vec<Job> {
    let room = longest.saturating_sub(2 * MARGIN);
    let mut groups: Vec<Vec<(u64, u64)>> = Vec::new();
    for stretch in stretches(frames, room) {
        match groups.last_mut() {
            Some(group)
                if group.last().is_some_and(|last| stretch.0 < last.1 + PAUSE)
                    && group
                        .first()
                        .is_some_and(|first| stretch.1 - first.0 <= room) =>
            {
                group.push(stretch);
            }
            _ => groups.push(vec![stretch]),
        }
    }
    let edge = |index: usize, first: bool| -> Option<u64> {
        let group = groups.get(index)?;
        if first {
            group.first().map(|s| s.0)
        } else {
            group.last().map(|s| s.1)
        }
    };
    let mut jobs = Vec::new();
    for (index, voiced) in groups.iter().enumerate() {
        let (Some(first), Some(last)) = (edge(index, true), edge(index, false)) else {
            continue;
        };
        // Margins meet in the middle of a short pause.
        let before = index
            .checked_sub(1)
            .and_then(|i| edge(i, false))
            .map_or(0, |end| (end + first) / 2);
        let after = edge(index + 1, true).map_or(len, |start| (last + start) / 2);
        let job = Job {
            ticket: 0,
            utterance: index as u64,
            purpose: Purpose::Final,
            start: first.saturating_sub(MARGIN).max(before),
            end: (last + MARGIN).min(after).min(len),
            voiced: voiced.clone(),
        };
        if job.voiced_len() >= MIN_VOICED {
            jobs.push(job);
        }
    }
    jobs
}

/// Voiced stretches, none longer than `room`.
fn stretches(frames: &[VadFrame], room: u64) -> Vec<(u64, u64)> {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for (index, frame) in frames.iter().enumerate().filter(|(_, frame)| frame.voiced) {
        match stretches.last_mut() {
            Some((start, end)) if *end == frame.start => {
                *end = frame.end();
                if *end - *start > room {
                    let from = index.saturating_sub(CUT_WINDOW as usize / VAD_FRAME);
                    let window = frames.get(from..index).unwrap_or_default();
                    let lowest = window
                        .iter()
                        .filter(|f| f.start > *start)
                        .min_by(|a, b| a.p.total_cmp(&b.p));
                    let (cut, whole) = (lowest.map_or(frame.start, |f| f.start), *end);
                    *end = cut;
                    stretches.push((cut, whole));
                }
            }
            last => {
                // The start rule needs several frames: the voice began up to that much earlier.
                let onset = frame
                    .end()
                    .saturating_sub((ONSET_FRAMES * VAD_FRAME) as u64);
                let onset = last.map_or(onset, |(_, end)| onset.max(*end));
                stretches.push((onset, frame.end()));
            }
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every stretch of voice that is long enough is in exactly one job, jobs fit the model and do not overlap.
        #[test]
        fn all_voice_is_decoded_once(turns in proptest::collection::vec((1u64..200, 1u64..900), 1..12)) {
            let mut frames = Vec::new();
            for (silent, voiced) in turns {
                for n in 0..silent + voiced {
                    frames.push(VadFrame { start: frames.len() as u64 * 256, p: if n < silent { 0.0 } else { 0.9 }, voiced: n >= silent });
                }
            }
            let len = frames.len() as u64 * 256;
            let jobs = jobs(&frames, len, 160_000);
            for job in &jobs {
                prop_assert!(job.end - job.start <= 160_000 && job.end <= len);
            }
            for pair in jobs.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            let mut run = 0;
            for (n, frame) in frames.iter().enumerate() {
                run = if frame.voiced { run + 1 } else { 0 };
                if run >= 13 {
                    let middle = frame.start;
                    let inside = jobs.iter().filter(|j| j.voiced.iter().any(|(a, b)| (*a..*b).contains(&middle))).count();
                    prop_assert_eq!(inside, 1, "frame {}", n);
                }
            }
        }
    }
}
