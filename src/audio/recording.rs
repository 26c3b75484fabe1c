//! The recording of a call: Ogg-Opus, caller left and agent right, gaps as silence.
//!
//! A stream, not a buffer: three hours of call pass through the memory of [`WINDOW_MS`] of audio, which is how far behind the other a
//! track's frame may come. Opus in Ogg is RFC 7845, the packets RFC 6716.

use std::io::Write;

use audiopus::coder::Encoder;
use audiopus::{Application, Bitrate, Channels, SampleRate, Signal};
use ogg::{PacketWriteEndInfo, PacketWriter};
use thiserror::Error;

use super::timeline::Placed;
use super::{LINE_RATE_HZ, mulaw};
use crate::media::Track;

/// How far back, from the latest sample of either track, a frame still finds its place.
pub const WINDOW_MS: u64 = 10_000;
/// Bits a second. Below 32 kb/s libopus narrows the stereo image (`stereoWidth_Q14` in `opus_encoder.c`), which would let the caller be
/// heard on the agent's side; silence costs next to nothing at any rate.
pub const BITRATE: i32 = 36_000;

const PER_MS: u64 = (LINE_RATE_HZ / 1_000) as u64;
/// Samples of an Opus frame, a channel: 20 ms.
const FRAME: usize = 160;
/// Ogg counts in samples at 48 kHz whatever the codec's rate.
const GRANULE_PER_SAMPLE: u64 = 6;
/// Packets of a page: one second, so that players can seek.
const PACKETS_A_PAGE: u64 = 50;
/// Largest Opus packet worth having (RFC 6716, 3.2.1).
const MAX_PACKET_BYTES: usize = 1_275;

/// Why a recording cannot be written.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The file or socket it goes to.
    #[error("the recording cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The encoder.
    #[error("the recording cannot be encoded: {0}")]
    Encode(#[from] audiopus::Error),
}

/// What a finished recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingSummary {
    /// Its length, ms.
    pub duration_ms: u64,
    /// Samples that came more than [`WINDOW_MS`] too late to be written.
    pub late_samples: u64,
}

/// A recording that is being written.
pub struct Recording<W: Write> {
    encoder: Encoder,
    packets: PacketWriter<'static, W>,
    serial: u32,
    /// The window: mu-law of both tracks from `written` on, silence where nothing came. A ring.
    window: [Vec<u8>; 2],
    /// Position of the first sample not yet encoded, 8 kHz.
    written: u64,
    /// The end of the later track.
    end: u64,
    /// Packets handed out, the held one included.
    packets_made: u64,
    /// The last packet: whether it is the final one is known only afterwards.
    held: Option<Vec<u8>>,
    pre_skip: u64,
    late_samples: u64,
}

impl<W: Write> std::fmt::Debug for Recording<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording")
            .field("written", &self.written)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Recording<W> {
    /// Begins a recording. `serial` is Ogg's number of the stream; any will do, the same gives the same bytes.
    ///
    /// # Errors
    /// When the headers cannot be written or the encoder cannot be set up.
    pub fn new(to: W, serial: u32) -> Result<Recording<W>, RecordingError> {
        let mut encoder = Encoder::new(SampleRate::Hz8000, Channels::Stereo, Application::Voip)?;
        encoder.set_bitrate(Bitrate::BitsPerSecond(BITRATE))?;
        encoder.set_signal(Signal::Voice)?;
        encoder.set_force_channels(Channels::Stereo)?;
        // Two thirds of the time for the same ears: telephone audio leaves little to be found by a longer search.
        encoder.set_complexity(5)?;
        let pre_skip = u64::from(encoder.lookahead()?) * GRANULE_PER_SAMPLE;
        let mut packets = PacketWriter::new(to);
        packets.write_packet(head(pre_skip), serial, PacketWriteEndInfo::EndPage, 0)?;
        packets.write_packet(tags(), serial, PacketWriteEndInfo::EndPage, 0)?;
        let samples = (WINDOW_MS * PER_MS) as usize;
        Ok(Recording {
            encoder,
            packets,
            serial,
            window: [vec![mulaw::SILENCE; samples], vec![mulaw::SILENCE; samples]],
            written: 0,
            end: 0,
            packets_made: 0,
            held: None,
            pre_skip,
            late_samples: 0,
        })
    }

    /// Writes a frame that the timeline has placed; one without a place is passed over.
    ///
    /// # Errors
    /// When what became due cannot be encoded or written.
    pub fn put(
        &mut self,
        track: Track,
        placed: &Placed,
        payload: &[u8],
    ) -> Result<(), RecordingError> {
        if placed.placement.is_placed() {
            self.put_at(track, placed.start_sample, placed.of(payload))
        } else {
            Ok(())
        }
    }

    /// Writes mu-law samples at a position of the call's 8 kHz clock.
    ///
    /// # Errors
    /// As [`Recording::put`].
    pub fn put_at(
        &mut self,
        track: Track,
        start_sample: u64,
        bytes: &[u8],
    ) -> Result<(), RecordingError> {
        for (position, &byte) in (start_sample..).zip(bytes) {
            if position < self.written {
                self.late_samples += 1;
                continue;
            }
            let room = self.window[0].len() as u64;
            while position >= self.written + room {
                self.encode_frame()?;
            }
            let window = &mut self.window[track.index()];
            let at = (position % window.len() as u64) as usize;
            window[at] = byte;
            self.end = self.end.max(position + 1);
        }
        Ok(())
    }

    /// Ends the recording at `end_sample` (8 kHz) or at the last sample put, whichever is later, and gives back what it was written to.
    ///
    /// # Errors
    /// As [`Recording::put`].
    pub fn finish(mut self, end_sample: u64) -> Result<(W, RecordingSummary), RecordingError> {
        let end = self.end.max(end_sample);
        let last_granule = self.pre_skip + end * GRANULE_PER_SAMPLE;
        // The encoder is behind by its look-ahead: silence pushes the last samples out, and the last granule cuts it off again.
        while self.packets_made * FRAME as u64 * GRANULE_PER_SAMPLE < last_granule
            || self.held.is_none()
        {
            self.encode_frame()?;
        }
        if let Some(packet) = self.held.take() {
            self.packets.write_packet(
                packet,
                self.serial,
                PacketWriteEndInfo::EndStream,
                last_granule,
            )?;
        }
        let mut to = self.packets.into_inner();
        to.flush()?;
        Ok((
            to,
            RecordingSummary {
                duration_ms: end / PER_MS,
                late_samples: self.late_samples,
            },
        ))
    }

    /// Encodes the next 20 ms of the window and frees their room.
    fn encode_frame(&mut self) -> Result<(), RecordingError> {
        let mut linear = [0i16; 2 * FRAME];
        let start = (self.written % self.window[0].len() as u64) as usize;
        for (channel, window) in self.window.iter_mut().enumerate() {
            // The window is a whole number of frames long: a frame never wraps.
            let bytes = &mut window[start..start + FRAME];
            for (sample, byte) in linear.iter_mut().skip(channel).step_by(2).zip(bytes.iter()) {
                *sample = mulaw::decode(*byte);
            }
            bytes.fill(mulaw::SILENCE);
        }
        let mut packet = vec![0; MAX_PACKET_BYTES];
        let length = self.encoder.encode(&linear, &mut packet)?;
        packet.truncate(length);
        self.written += FRAME as u64;
        if let Some(before) = self.held.replace(packet) {
            let page = if self.packets_made.is_multiple_of(PACKETS_A_PAGE) {
                PacketWriteEndInfo::EndPage
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            self.packets.write_packet(
                before,
                self.serial,
                page,
                self.packets_made * FRAME as u64 * GRANULE_PER_SAMPLE,
            )?;
        }
        self.packets_made += 1;
        Ok(())
    }
}

/// The identification header, RFC 7845 section 5.1: version 1, two channels, mapping family 0 (stereo).
fn head(pre_skip: u64) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x02".to_vec();
    head.extend_from_slice(&(pre_skip as u16).to_le_bytes());
    head.extend_from_slice(&LINE_RATE_HZ.to_le_bytes());
    head.extend_from_slice(&[0, 0, 0]);
    head
}

/// The comment header, RFC 7845 section 5.2. No comments: a recording's metadata is the record's business.
fn tags() -> Vec<u8> {
    let vendor = concat!("offhook ", env!("CARGO_PKG_VERSION"));
    let mut tags = b"OpusTags".to_vec();
    tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
    tags.extend_from_slice(vendor.as_bytes());
    tags.extend_from_slice(&0u32.to_le_bytes());
    tags
}

#[cfg(test)]
mod tests {
    use audiopus::coder::Decoder;

    use super::*;

    struct Decoded {
        left: Vec<i16>,
        right: Vec<i16>,
        pages: usize,
    }

    /// Decodes as a player does: skips the pre-skip, ends at the last granule.
    fn decode(file: &[u8]) -> Decoded {
        let mut reader = ogg::PacketReader::new(std::io::Cursor::new(file));
        let head = reader.read_packet_expected().unwrap().data;
        assert_eq!((&head[..10], head.len()), (&b"OpusHead\x01\x02"[..], 19));
        let pre_skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
        assert!(
            reader
                .read_packet_expected()
                .unwrap()
                .data
                .starts_with(b"OpusTags")
        );
        let mut decoder = Decoder::new(SampleRate::Hz8000, Channels::Stereo).unwrap();
        let (mut samples, mut last, mut ended, mut pages) = (Vec::new(), 0, false, 0);
        while let Some(packet) = reader.read_packet().unwrap() {
            assert!(!ended);
            let mut frame = [0i16; 2 * FRAME];
            let n = decoder
                .decode(
                    Some((&packet.data[..]).try_into().unwrap()),
                    (&mut frame[..]).try_into().unwrap(),
                    false,
                )
                .unwrap();
            assert_eq!(n, FRAME);
            samples.extend_from_slice(&frame);
            assert!(packet.absgp_page() >= last);
            last = packet.absgp_page();
            pages += usize::from(packet.last_in_page());
            ended = packet.last_in_stream();
        }
        assert!(ended);
        let range = 2 * (pre_skip / 6)..2 * (last as usize / 6);
        let played = &samples[range];
        Decoded {
            left: played.iter().step_by(2).copied().collect(),
            right: played.iter().skip(1).step_by(2).copied().collect(),
            pages,
        }
    }

    /// Something speech-like: a gliding harmonic tone with a syllable's envelope, and never the same in two places.
    fn voice(samples: usize, pitch: f64) -> Vec<i16> {
        (0..samples)
            .map(|i| {
                let t = i as f64 / 8_000.0;
                let envelope = (t * std::f64::consts::TAU * 3.0).sin().abs();
                let tone: f64 = (1..8)
                    .map(|h| {
                        (std::f64::consts::TAU
                            * pitch
                            * f64::from(h)
                            * (t + 0.02 * (t * 5.0).sin()))
                        .sin()
                            / f64::from(h)
                    })
                    .sum();
                (tone * envelope * 6_000.0) as i16
            })
            .collect()
    }

    fn mulaw_of(samples: &[i16]) -> Vec<u8> {
        samples
            .iter()
            .map(|&sample| mulaw::encode(sample))
            .collect()
    }

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / samples.len() as f64
    }

    /// The shift at which two signals agree best, samples.
    fn shift(a: &[i16], b: &[i16]) -> i32 {
        let correlation = |shift: i32| -> f64 {
            (100..a.len() as i32 - 100)
                .map(|i| {
                    f64::from(a[i as usize])
                        * f64::from(b.get((i + shift) as usize).copied().unwrap_or(0))
                })
                .sum()
        };
        (-80..=80)
            .max_by(|&x, &y| correlation(x).total_cmp(&correlation(y)))
            .unwrap()
    }

    #[test]
    fn length_and_place_are_exact() {
        let spoken = voice(12_345, 140.0);
        let mut recording = Recording::new(Vec::new(), 1).unwrap();
        recording
            .put_at(Track::Inbound, 0, &mulaw_of(&spoken))
            .unwrap();
        let (file, summary) = recording.finish(0).unwrap();
        assert_eq!(
            summary,
            RecordingSummary {
                duration_ms: 1_543,
                late_samples: 0
            }
        );
        let decoded = decode(&file);
        assert_eq!(decoded.left.len(), 12_345);
        assert!(
            shift(&spoken, &decoded.left).abs() <= 1,
            "{}",
            shift(&spoken, &decoded.left)
        );
    }

    #[test]
    fn neither_side_is_heard_on_the_other() {
        let mut recording = Recording::new(Vec::new(), 1).unwrap();
        recording
            .put_at(Track::Inbound, 0, &mulaw_of(&voice(80_000, 140.0)))
            .unwrap();
        recording
            .put_at(Track::Outbound, 40_000, &mulaw_of(&voice(40_000, 210.0)))
            .unwrap();
        let (file, _) = recording.finish(0).unwrap();
        let decoded = decode(&file);
        let leak_db =
            10.0 * (power(&decoded.right[..40_000]) / power(&decoded.left[..40_000])).log10();
        println!("leak {leak_db:.1} dB, {} bytes for 10 s", file.len());
        assert!(leak_db < -30.0, "{leak_db}");
        assert!(power(&decoded.right[44_000..]) > 1e5);
        assert!(decoded.pages >= 10);
    }

    #[test]
    fn a_gap_is_silence_and_a_late_frame_fills_it() {
        let spoken = mulaw_of(&voice(8_000, 150.0));
        let mut recording = Recording::new(Vec::new(), 1).unwrap();
        recording.put_at(Track::Inbound, 0, &spoken).unwrap();
        recording.put_at(Track::Inbound, 40_000, &spoken).unwrap();
        recording.put_at(Track::Inbound, 20_000, &spoken).unwrap();
        let (file, summary) = recording.finish(56_000).unwrap();
        assert_eq!((summary.duration_ms, summary.late_samples), (7_000, 0));
        let left = decode(&file).left;
        assert_eq!(left.len(), 56_000);
        for (from, to, loud) in [
            (500, 7_500, true),
            (10_000, 19_000, false),
            (20_500, 27_500, true),
            (30_000, 39_000, false),
            (50_000, 56_000, false),
        ] {
            assert_eq!(power(&left[from..to]) > 1e4, loud, "{from}");
        }
    }

    #[test]
    fn a_long_hold_costs_no_memory_and_what_comes_after_the_window_is_counted() {
        let mut recording = Recording::new(Vec::new(), 1).unwrap();
        recording.put_at(Track::Inbound, 0, &[0x20; 160]).unwrap();
        recording
            .put_at(Track::Inbound, 8_000 * 60, &[0x20; 160])
            .unwrap();
        recording
            .put_at(Track::Outbound, 8_000, &[0x20; 160])
            .unwrap();
        assert_eq!(recording.window[0].len(), 80_000);
        let (file, summary) = recording.finish(0).unwrap();
        assert_eq!((summary.duration_ms, summary.late_samples), (60_020, 160));
        assert_eq!(decode(&file).left.len(), 8_000 * 60 + 160);
    }

    #[test]
    fn the_same_call_gives_the_same_bytes_and_an_empty_one_is_a_file_too() {
        let record = || {
            let mut recording = Recording::new(Vec::new(), 7).unwrap();
            recording
                .put_at(Track::Outbound, 100, &mulaw_of(&voice(4_000, 170.0)))
                .unwrap();
            recording.finish(0).unwrap().0
        };
        assert_eq!(record(), record());
        let (empty, summary) = Recording::new(Vec::new(), 1).unwrap().finish(0).unwrap();
        assert_eq!((decode(&empty).left.len(), summary.duration_ms), (0, 0));
    }
}
