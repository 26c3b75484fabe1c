//! What happens to one media message: base64, journal, place, 8 to 16 kHz, ring. No lock, no allocation, no waiting.

use base64::engine::general_purpose::{GeneralPurpose, PAD_INDIFFERENT};
use base64::{Engine as _, alphabet};
use thiserror::Error;

use super::dtmf::{Detector, KeyPress};
use super::resample::{ResampleError, Upsampler};
use super::timeline::{Counts, Placed, Placement, Timeline};
use super::{mulaw, ring};
use crate::media::{MAX_PAYLOAD_BYTES, MediaChunk, Track};

/// Padding or none, stray bits at the end or none: what was meant is clear either way.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    PAD_INDIFFERENT.with_decode_allow_trailing_bits(true),
);

/// Base64 characters of the longest payload.
const MAX_CHARS: usize = MAX_PAYLOAD_BYTES.div_ceil(3) * 4;

/// Keys that fit into the longest payload: Q.24 allows one in 80 ms.
const MAX_KEYS: usize = 16;

/// Samples converted at a time; a frame of 20 ms is one step.
const STEP: usize = 160;

/// Why a media message holds no audio. The call goes on without it, and the timeline shows the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Nothing in it.
    #[error("the media payload is empty")]
    Empty,
    /// Not base64.
    #[error("the media payload is not base64")]
    NotBase64,
    /// More than a message may hold.
    #[error("the media payload holds more than {MAX_PAYLOAD_BYTES} bytes of audio")]
    TooLarge,
}

impl FrameError {
    /// The error in one word, for metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            FrameError::Empty => "empty",
            FrameError::NotBase64 => "not_base64",
            FrameError::TooLarge => "too_large",
        }
    }
}

/// What became of a media message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Bytes of audio it held.
    pub bytes: usize,
    /// Where they belong; [`Placed::gap`] is the gap they ended.
    pub placed: Placed,
}

/// What came of a track on the frame path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct TrackReport {
    /// The timeline's counts, 8 kHz samples.
    #[serde(flatten)]
    pub counts: Counts,
    /// Position after the track's last sample, 8 kHz.
    pub end_sample: u64,
    /// Messages without usable audio.
    pub invalid_payloads: u64,
    /// Frames of 20 ms that the recogniser was too slow to take. They are in the journal.
    pub dropped_frames: u64,
}

/// The frame path of one call: both tracks, from message to ring. It lives as long as the call; each further stream of the call is
/// announced with [`FramePath::begin_stream`].
#[derive(Debug)]
pub struct FramePath {
    timeline: Timeline,
    lanes: [Lane; 2],
    payload: Box<[u8]>,
    keys: Option<Keys>,
}

/// The caller's keys, heard in the audio and not yet asked for.
#[derive(Debug, Default)]
struct Keys {
    detector: Detector,
    heard: [Option<KeyPress>; MAX_KEYS],
    count: usize,
}

impl Keys {
    fn listen(&mut self, placed: &Placed, bytes: &[u8]) {
        let Keys {
            detector,
            heard,
            count,
        } = self;
        detector.push(placed.start_sample, placed.of(bytes), |key| {
            if let Some(free) = heard.get_mut(*count) {
                *free = Some(key);
                *count += 1;
            }
        });
    }
}

#[derive(Debug)]
struct Lane {
    speech: Option<(Upsampler, ring::Writer)>,
    invalid_payloads: u64,
}

impl FramePath {
    /// A path whose first stream begins at `offset_ms` on the call's clock. A track without a writer is placed and counted, not resampled.
    ///
    /// # Errors
    /// When the resampler cannot be set up.
    pub fn new(
        offset_ms: u64,
        speech: [Option<ring::Writer>; 2],
    ) -> Result<FramePath, ResampleError> {
        let lane = |writer: Option<ring::Writer>| {
            let speech = writer
                .map(|writer| Upsampler::new().map(|upsampler| (upsampler, writer)))
                .transpose()?;
            Ok::<_, ResampleError>(Lane {
                speech,
                invalid_payloads: 0,
            })
        };
        let [inbound, outbound] = speech;
        Ok(FramePath {
            timeline: Timeline::new(offset_ms),
            lanes: [lane(inbound)?, lane(outbound)?],
            payload: vec![0; MAX_PAYLOAD_BYTES.div_ceil(3) * 3].into_boxed_slice(),
            keys: None,
        })
    }

    /// A further stream of the same call begins; its first frame belongs at `offset_ms` on the call's clock.
    pub fn begin_stream(&mut self, offset_ms: u64) {
        self.timeline.begin_stream(offset_ms);
    }

    /// Listens for the caller's keys in the audio from now on: for streams that bring no `dtmf` messages. See [`FramePath::next_key`].
    pub fn listen_for_keys(&mut self) {
        self.keys = Some(Keys::default());
    }

    /// The next key heard in the audio, oldest first; to be asked after each message until there is none.
    pub fn next_key(&mut self) -> Option<KeyPress> {
        let keys = self.keys.as_mut()?;
        let key = keys.heard.first_mut()?.take()?;
        keys.heard.rotate_left(1);
        keys.count -= 1;
        Some(key)
    }

    /// Takes a media message. `journal` gets the decoded bytes before anything interprets them.
    ///
    /// # Errors
    /// When there is no audio in the message; it is counted.
    pub fn accept(
        &mut self,
        media: &MediaChunk<'_>,
        journal: impl FnOnce(&[u8]),
    ) -> Result<Accepted, FrameError> {
        // The buffer steps aside while the rest of the path is borrowed; an empty box needs no allocation.
        let mut buffer = std::mem::take(&mut self.payload);
        let accepted = decode(&media.payload, &mut buffer).map(|bytes| {
            journal(bytes);
            let placed = self.accept_audio(media.track, media.timestamp_ms, media.sequence, bytes);
            Accepted {
                bytes: bytes.len(),
                placed,
            }
        });
        self.payload = buffer;
        if accepted.is_err() {
            self.lanes[media.track.index()].invalid_payloads += 1;
        }
        accepted
    }

    /// Takes audio that was decoded before: from a journal that is played back.
    pub fn accept_audio(
        &mut self,
        track: Track,
        timestamp_ms: i64,
        sequence: Option<u64>,
        bytes: &[u8],
    ) -> Placed {
        let placed = self
            .timeline
            .place(track, timestamp_ms, sequence, bytes.len());
        self.lanes[track.index()].hear(&placed, bytes);
        if let Some(keys) = self
            .keys
            .as_mut()
            .filter(|_| track == Track::Inbound && placed.placement.is_live())
        {
            keys.listen(&placed, bytes);
        }
        placed
    }

    /// What has come of a track so far.
    pub fn report(&self, track: Track) -> TrackReport {
        let lane = &self.lanes[track.index()];
        TrackReport {
            counts: self.timeline.counts(track),
            end_sample: self.timeline.end_sample(track),
            invalid_payloads: lane.invalid_payloads,
            dropped_frames: lane
                .speech
                .as_ref()
                .map_or(0, |(_, writer)| writer.dropped_frames()),
        }
    }

    /// The end of the call's audio: the last samples go out and the rings' writers are dropped, which is how their readers learn of it.
    pub fn finish(mut self) -> [TrackReport; 2] {
        for lane in &mut self.lanes {
            if let Some((upsampler, writer)) = &mut lane.speech {
                upsampler.flush(|frame| writer.push(frame));
            }
        }
        Track::BOTH.map(|track| self.report(track))
    }
}

impl Lane {
    /// Hands the placed samples to the recogniser, if there is one and they come in time.
    fn hear(&mut self, placed: &Placed, bytes: &[u8]) {
        let Some((upsampler, writer)) = &mut self.speech else {
            return;
        };
        if !placed.placement.is_live() {
            return;
        }
        if placed.placement == Placement::AfterGap {
            upsampler.flush(|frame| writer.push(frame));
            upsampler.restart(placed.start_sample);
        }
        let mut linear = [0.0; STEP];
        for step in placed.of(bytes).chunks(STEP) {
            let samples = &mut linear[..step.len()];
            mulaw::decode_into(step, samples);
            upsampler.push(samples, |frame| writer.push(frame));
        }
    }
}

fn decode<'a>(text: &str, buffer: &'a mut [u8]) -> Result<&'a [u8], FrameError> {
    if text.is_empty() {
        return Err(FrameError::Empty);
    }
    if text.len() > MAX_CHARS {
        return Err(FrameError::TooLarge);
    }
    match BASE64.decode_slice(text, buffer) {
        Ok(0) => Err(FrameError::Empty),
        Ok(n) if n > MAX_PAYLOAD_BYTES => Err(FrameError::TooLarge),
        Ok(n) => Ok(&buffer[..n]),
        Err(_) => Err(FrameError::NotBase64),
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::audio::AudioFrame;
    use crate::media::{Dialect, MediaEvent};

    fn message(track: Track, sequence: u64, timestamp_ms: i64, bytes: &[u8]) -> String {
        format!(
            r#"{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"{}","chunk":"1","timestamp":"{timestamp_ms}","payload":"{}"}},"streamSid":"MZ1"}}"#,
            track.as_str(),
            STANDARD.encode(bytes)
        )
    }

    fn accept(path: &mut FramePath, text: &str) -> Result<Accepted, FrameError> {
        let Ok(MediaEvent::Media(media)) = Dialect::Twilio.parse(text) else {
            panic!("not media: {text}")
        };
        path.accept(&media, |_| {})
    }

    fn drain(reader: &mut rtrb::Consumer<AudioFrame>) -> Vec<AudioFrame> {
        std::iter::from_fn(|| reader.pop().ok()).collect()
    }

    #[test]
    fn a_message_becomes_samples_in_the_ring_at_their_place() {
        let (writer, mut reader) = ring::channel();
        let mut path = FramePath::new(0, [Some(writer), None]).unwrap();
        let mut journalled = Vec::new();
        for n in 0..5u8 {
            let text = message(
                Track::Inbound,
                u64::from(n) + 1,
                102 + 20 * i64::from(n),
                &[n; 160],
            );
            let Ok(MediaEvent::Media(media)) = Dialect::Twilio.parse(&text) else {
                panic!("not media")
            };
            let accepted = path
                .accept(&media, |bytes| journalled.extend_from_slice(bytes))
                .unwrap();
            assert_eq!(
                (accepted.bytes, accepted.placed.start_sample),
                (160, u64::from(n) * 160)
            );
        }
        assert_eq!(journalled.len(), 800);
        let [inbound, outbound] = path.finish();
        assert_eq!(
            (
                inbound.counts.frames,
                inbound.counts.samples,
                inbound.end_sample,
                inbound.dropped_frames
            ),
            (5, 800, 800, 0)
        );
        assert_eq!(outbound, TrackReport::default());
        let frames = drain(&mut reader);
        assert_eq!(
            frames.iter().map(|frame| u64::from(frame.len)).sum::<u64>(),
            1_600
        );
        assert_eq!(frames[0].start_sample, 0);
        assert!(reader.is_abandoned());
    }

    #[test]
    fn a_gap_is_a_jump_and_not_silence() {
        let (writer, mut reader) = ring::channel();
        let mut path = FramePath::new(0, [Some(writer), None]).unwrap();
        accept(&mut path, &message(Track::Inbound, 1, 0, &[0x20; 160])).unwrap();
        let accepted = accept(&mut path, &message(Track::Inbound, 4, 60, &[0x20; 160])).unwrap();
        let gap = accepted.placed.gap.unwrap();
        assert_eq!((gap.start_ms(), gap.end_ms()), (20, 60));
        path.finish();
        let frames = drain(&mut reader);
        let ends: Vec<_> = frames
            .iter()
            .map(|frame| {
                (
                    frame.start_sample,
                    frame.start_sample + u64::from(frame.len),
                )
            })
            .collect();
        assert_eq!(ends.first(), Some(&(0, 160)));
        assert!(
            ends.iter().all(|&(start, end)| end <= 320 || start >= 960),
            "{ends:?}"
        );
        assert_eq!(ends.last().map(|end| end.1), Some(1_280));
    }

    #[test]
    fn what_is_no_audio_is_counted_and_the_rest_goes_on() {
        let mut path = FramePath::new(0, [None, None]).unwrap();
        let chunk = |payload: String| MediaChunk {
            track: Track::Outbound,
            sequence: None,
            timestamp_ms: 0,
            payload: payload.into(),
        };
        assert_eq!(
            path.accept(&chunk(String::new()), |_| panic!("journalled")),
            Err(FrameError::Empty)
        );
        assert_eq!(
            path.accept(&chunk("====".into()), |_| panic!("journalled")),
            Err(FrameError::NotBase64)
        );
        assert_eq!(
            path.accept(&chunk("a b".into()), |_| panic!("journalled")),
            Err(FrameError::NotBase64)
        );
        assert_eq!(
            path.accept(&chunk("A".repeat(MAX_CHARS + 1)), |_| panic!("journalled")),
            Err(FrameError::TooLarge)
        );
        assert_eq!(
            path.accept(
                &chunk(STANDARD.encode([1; MAX_PAYLOAD_BYTES + 1])),
                |_| panic!("journalled")
            ),
            Err(FrameError::TooLarge)
        );
        assert_eq!(
            path.accept(&chunk(STANDARD.encode([1; MAX_PAYLOAD_BYTES])), |_| ())
                .unwrap()
                .bytes,
            MAX_PAYLOAD_BYTES
        );
        let report = path.report(Track::Outbound);
        assert_eq!((report.invalid_payloads, report.counts.frames), (5, 1));
    }

    #[test]
    fn a_stalled_recogniser_costs_frames_and_never_time() {
        let (writer, _reader) = ring::channel();
        let mut path = FramePath::new(0, [Some(writer), None]).unwrap();
        for n in 0..200 {
            path.accept_audio(Track::Inbound, 20 * n, None, &[0xff; 160]);
        }
        let [inbound, _] = path.finish();
        assert_eq!(inbound.counts.frames, 200);
        assert_eq!(
            inbound.dropped_frames,
            201 - ring::FRAMES as u64,
            "200 frames and the filter's last 10 ms"
        );
    }

    #[test]
    fn keys_are_heard_on_request() {
        let tone = |i: usize, hz: f32| (std::f32::consts::TAU * hz * i as f32 / 8_000.0).sin();
        let five: Vec<u8> = (0..800)
            .map(|i| mulaw::encode(((tone(i, 770.0) + tone(i, 1_336.0)) * 6_000.0) as i16))
            .collect();
        let mut path = FramePath::new(0, [None, None]).unwrap();
        path.listen_for_keys();
        for n in 0..20 {
            let bytes = if n % 10 < 5 {
                &five[160 * (n % 10)..][..160]
            } else {
                &[0xff; 160]
            };
            path.accept_audio(Track::Inbound, 20 * n as i64, None, bytes);
            path.accept_audio(Track::Outbound, 20 * n as i64, None, bytes);
        }
        let keys: Vec<_> = std::iter::from_fn(|| path.next_key()).collect();
        assert_eq!(keys.iter().map(|key| key.digit).collect::<String>(), "55");
        assert!(
            keys[0].start_sample <= 102 && keys[1].start_sample.abs_diff(1_600) <= 102,
            "{keys:?}"
        );
        assert_eq!(path.next_key(), None);
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(text in ".{0,200}", timestamp_ms in any::<i64>(), sequence in any::<Option<u64>>()) {
            let (writer, _reader) = ring::channel();
            let mut path = FramePath::new(0, [Some(writer), None]).unwrap();
            let media = MediaChunk { track: Track::Inbound, sequence, timestamp_ms, payload: text.into() };
            for _ in 0..3 { let _ = path.accept(&media, |_| {}); }
        }

        #[test]
        fn unpadded_base64_is_taken(bytes in proptest::collection::vec(any::<u8>(), 1..400)) {
            let encoded = STANDARD.encode(&bytes);
            let mut buffer = [0; 600];
            prop_assert_eq!(decode(encoded.trim_end_matches('='), &mut buffer).unwrap(), &bytes[..]);
        }
    }
}
