//! A call's audio out of its journal: the whole as Ogg-Opus, a stretch of it as WAV.
//!
//! The journal holds every frame as it came; here they are placed again by the same timeline that placed them live, so what is heard is
//! what the recogniser heard, but for what is masked and where the call was not recorded:
//! there is silence.

use std::collections::BTreeMap;

use crate::audio::recording::{Recording, RecordingError};
use crate::audio::{LINE_RATE_HZ, Timeline, mulaw, wav};
use crate::call::{Event, Observation};
use crate::desk::masked::{self, Hidden, Silence};
use crate::media::Track;
use crate::store::journal::{Entry, Kind};

/// Silence in mu-law.
const SILENT: u8 = 0xFF;
/// Serial number of the one logical stream in our Ogg files.
const OGG_SERIAL: u32 = 1;

/// Hands each frame that has a place to `take`: track, position of its first sample on the call's 8 kHz clock, mu-law bytes.
fn each_frame<E>(
    entries: &[Entry],
    silences: &[Silence],
    mut take: impl FnMut(Track, u64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let offsets: BTreeMap<u8, u64> = entries
        .iter()
        .filter(|e| e.kind == Kind::Observed)
        .filter_map(|e| match Event::from_entry(e.kind, &e.body) {
            Ok(Some(Event::Observed(Observation::StreamOrigin {
                stream, offset_ms, ..
            }))) => Some((stream, offset_ms)),
            _ => None,
        })
        .collect();
    let mut timelines: BTreeMap<u8, Timeline> = BTreeMap::new();
    for media in entries.iter().filter_map(Entry::media) {
        let Some(track) = Track::BOTH.get(usize::from(media.track)).copied() else {
            continue;
        };
        let offset_ms = offsets.get(&media.stream).copied().unwrap_or(0);
        let timeline = timelines
            .entry(media.stream)
            .or_insert_with(|| Timeline::new(offset_ms));
        let placed = timeline.place(
            track,
            media.timestamp_ms,
            media.provider_sequence(),
            media.payload.len(),
        );
        if placed.placement.is_placed() {
            let (start, bytes) = (placed.start_sample, placed.of(media.payload));
            match silenced(track, start, bytes, silences) {
                Some(bytes) => take(track, start, &bytes)?,
                None => take(track, start, bytes)?,
            }
        }
    }
    Ok(())
}

/// A frame with what is not to be heard taken out; `None` where there is nothing of it.
fn silenced(track: Track, start: u64, bytes: &[u8], silences: &[Silence]) -> Option<Vec<u8>> {
    let end = start + bytes.len() as u64;
    let mut own = silences
        .iter()
        .filter(|silence| silence.track == track && silence.from < end && start < silence.to)
        .peekable();
    own.peek()?;
    let mut frame = bytes.to_vec();
    for silence in own {
        for (at, byte) in (start..).zip(&mut frame) {
            if (silence.from..silence.to).contains(&at) {
                *byte = SILENT;
            }
        }
    }
    Some(frame)
}

/// The whole call as Ogg-Opus: caller left, agent right, gaps as silence.
///
/// # Errors
/// When the encoder fails.
pub(super) fn recording(entries: &[Entry], hidden: &Hidden) -> Result<Vec<u8>, RecordingError> {
    let mut recording = Recording::new(Vec::new(), OGG_SERIAL)?;
    let silences = masked::silences(entries, hidden);
    each_frame(entries, &silences, |track, start, bytes| {
        recording.put_at(track, start, bytes)
    })?;
    Ok(recording.finish(0)?.0)
}

/// Exactly the samples from `from_ms` to `to_ms` of the tracks asked for, as 16-bit WAV; what lies in a gap or past the end is silence.
pub(super) fn clip(
    entries: &[Entry],
    hidden: &Hidden,
    from_ms: u64,
    to_ms: u64,
    tracks: &[Track],
) -> Vec<u8> {
    let silences = masked::silences(entries, hidden);
    let sample = |ms: u64| ms * u64::from(LINE_RATE_HZ) / 1000;
    let (first, end) = (sample(from_ms), sample(to_ms));
    let mut channels = vec![vec![0i16; (end - first) as usize]; tracks.len()];
    let placed: Result<(), std::convert::Infallible> =
        each_frame(entries, &silences, |track, start, bytes| {
            if let Some(channel) = tracks.iter().position(|t| *t == track) {
                for (at, byte) in (start..)
                    .zip(bytes)
                    .filter(|(at, _)| (first..end).contains(at))
                {
                    channels[channel][(at - first) as usize] = mulaw::decode(*byte);
                }
            }
            Ok(())
        });
    // `Infallible` has no values.
    let Ok(()) = placed;
    let channels: Vec<&[i16]> = channels.iter().map(Vec::as_slice).collect();
    wav::write(LINE_RATE_HZ, &channels)
}

/// A call drawn: the loudest sample of each bucket of each track.
pub(super) struct Waveform {
    /// Up to the last sample of either track.
    pub(super) duration_ms: u64,
    /// What one bucket spans.
    pub(super) bucket_ms: f64,
    /// By track, inbound first: 0 to 100, `None` where no audio arrived.
    pub(super) peaks: [Vec<Option<u8>>; 2],
}

/// Draws both tracks on the call's clock in at most `buckets` steps.
pub(super) fn waveform(entries: &[Entry], hidden: &Hidden, buckets: usize) -> Waveform {
    /// One step before the steps are joined: 20 ms, a frame's length.
    const STEP_SAMPLES: u64 = LINE_RATE_HZ as u64 / 50;
    let silences = masked::silences(entries, hidden);
    let mut steps: [Vec<Option<u16>>; 2] = Default::default();
    let mut end_sample = 0;
    let placed: Result<(), std::convert::Infallible> =
        each_frame(entries, &silences, |track, start, bytes| {
            end_sample = end_sample.max(start + bytes.len() as u64);
            let track = &mut steps[track.index()];
            for (at, byte) in (start..).zip(bytes) {
                let step = (at / STEP_SAMPLES) as usize;
                if track.len() <= step {
                    track.resize(step + 1, None);
                }
                let loud = mulaw::decode(*byte).unsigned_abs();
                track[step] = Some(track[step].map_or(loud, |l| l.max(loud)));
            }
            Ok(())
        });
    // `Infallible` has no values.
    let Ok(()) = placed;
    let total = steps.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let joined = total.div_ceil(buckets.max(1));
    let peaks = steps.map(|track| {
        track
            .chunks(joined)
            .map(|chunk| {
                let loudest = chunk.iter().flatten().max()?;
                // By loudness as it is heard rather than by pressure: quiet speech is still seen.
                let share = (f64::from(*loudest) / f64::from(i16::MAX)).sqrt();
                Some((share * 100.0).round().min(100.0) as u8)
            })
            .collect()
    });
    Waveform {
        duration_ms: end_sample * 1000 / u64::from(LINE_RATE_HZ),
        bucket_ms: joined as f64 * 20.0,
        peaks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_silent_where_nobody_is_to_hear_it() {
        let silence = |track, from, to| Silence { track, from, to };
        let silences = [
            silence(Track::Inbound, 162, 164),
            silence(Track::Inbound, 315, 900),
            silence(Track::Outbound, 0, 900),
        ];
        let frame = silenced(Track::Inbound, 160, &[1; 160], &silences).unwrap();
        assert_eq!(frame[..5], [1, 1, SILENT, SILENT, 1]);
        assert_eq!(frame[154..], [1, SILENT, SILENT, SILENT, SILENT, SILENT]);
        assert_eq!(mulaw::decode(SILENT), 0);
        assert_eq!(silenced(Track::Inbound, 0, &[1; 160], &silences), None);
    }
}
