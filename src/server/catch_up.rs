//! What was said on a call and is in its journal, but was never heard, is transcribed before the call is finalised: after a crash, and
//! where the recogniser broke down in mid-call.
//!
//! The words are journalled as finals like any others, so the record stays a function of the journal. Heard are each track's last seconds:
//! what lies behind its last final. Earlier speech was heard while the call went on, or its loss was told then.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tracing::{info, warn};

use crate::audio::{FramePath, SPEECH_RATE_HZ, ring};
use crate::call::{Call, Event, Heard};
use crate::media::Track;
use crate::server::edge::Edge;
use crate::speech::Segment;
use crate::store::journal::Entry;

/// Samples of a millisecond.
const PER_MS: u64 = SPEECH_RATE_HZ as u64 / 1_000;
/// More than this is not made up for: a start must not take as long as the calls it follows.
const MOST_MS: u64 = 10 * 60 * 1_000;

/// Each takes an engine of its own: where a recogniser breaks down under many calls, they are made up for one after the other.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// One track's audio behind its last final.
#[derive(Default)]
struct Unheard {
    from_ms: u64,
    samples: Vec<f32>,
}

impl Unheard {
    /// Takes a frame; holes become silence, what was heard is passed over.
    fn add(&mut self, start_sample: u64, samples: &[f32]) {
        let begin = self.from_ms * PER_MS;
        let end = begin + self.samples.len() as u64;
        let most = (MOST_MS * PER_MS) as usize;
        let hole = usize::try_from(start_sample.saturating_sub(end)).unwrap_or(usize::MAX);
        if self.samples.len().saturating_add(hole) >= most {
            return;
        }
        self.samples.extend(std::iter::repeat_n(0.0, hole));
        let known = usize::try_from(end.saturating_sub(start_sample)).unwrap_or(usize::MAX);
        self.samples.extend(samples.iter().skip(known));
    }
}

/// The finals that are missing, in the order in which they were spoken. Empty where speech recognition is off.
pub async fn finals(
    edge: &Arc<Edge>,
    call: &Call,
    entries: &[Entry],
    origins: &BTreeMap<u8, u64>,
) -> Vec<Event> {
    if edge.speech.is_none() {
        return Vec::new();
    }
    // It is never closed: an error cannot come.
    let _turn = ONE_AT_A_TIME.acquire().await;
    let mut unheard = Track::BOTH.map(|track| {
        let last = call.transcript().iter().rev().find(|s| s.track == track);
        Unheard {
            from_ms: last.map_or(0, |segment| segment.end_ms),
            samples: Vec::new(),
        }
    });
    for stream in 0..u8::try_from(call.stream_ids().count()).unwrap_or(u8::MAX) {
        collect(
            stream,
            origins.get(&stream).copied().unwrap_or(0),
            entries,
            &mut unheard,
        );
    }
    let heard = Track::BOTH.map(|track| {
        let finals = call.transcript().iter().filter(|s| s.track == track);
        u32::try_from(finals.count()).unwrap_or(u32::MAX)
    });
    let speech = Arc::clone(edge);
    let decoded = tokio::task::spawn_blocking(move || {
        let Some(speech) = &speech.speech else {
            return Ok(Vec::new());
        };
        let mut segments: Vec<Segment> = Vec::new();
        for ((track, unheard), heard) in Track::BOTH.into_iter().zip(unheard).zip(heard) {
            segments.extend(speech.transcribe(track, &unheard.samples, unheard.from_ms, heard)?);
        }
        Ok::<_, crate::speech::SpeechError>(segments)
    });
    let mut segments = match decoded.await {
        Ok(Ok(segments)) => segments,
        Ok(Err(reason)) => {
            warn!(call = %call.id(), %reason, "what was not heard could not be transcribed; its audio is in the recording");
            return Vec::new();
        }
        // It panicked, which the hook has printed; the call is finalised without these words.
        Err(_) => return Vec::new(),
    };
    if !segments.is_empty() {
        info!(call = %call.id(), utterances = segments.len(), "what was said and not heard was transcribed");
    }
    segments.sort_by_key(|segment| (segment.end_ms, segment.track));
    let event = |segment| Event::Heard(Heard::Final(segment));
    segments.into_iter().map(event).collect()
}

/// Plays a stream's journalled audio through the frame path, as its session did.
fn collect(stream: u8, offset_ms: u64, entries: &[Entry], unheard: &mut [Unheard; 2]) {
    let [(inbound, mut heard_in), (outbound, mut heard_out)] = [ring::channel(), ring::channel()];
    let Ok(mut path) = FramePath::new(offset_ms, [Some(inbound), Some(outbound)]) else {
        return;
    };
    let mut drain = |unheard: &mut [Unheard; 2]| {
        for (reader, unheard) in [&mut heard_in, &mut heard_out].into_iter().zip(unheard) {
            while let Ok(frame) = reader.pop() {
                unheard.add(frame.start_sample, frame.filled());
            }
        }
    };
    let media = entries.iter().filter_map(Entry::media);
    for media in media.filter(|media| media.stream == stream) {
        if let Some(track) = Track::BOTH.get(usize::from(media.track)) {
            path.accept_audio(
                *track,
                media.timestamp_ms,
                media.provider_sequence(),
                media.payload,
            );
            drain(unheard);
        }
    }
    path.finish();
    drain(unheard);
}
