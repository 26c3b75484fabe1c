//! Reads a WAV recording as 16 kHz tracks: PCM of 16 bits or G.711 mu-law, any rate, one or two channels.

use std::fs;
use std::path::{Path, PathBuf};

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::audioadapter::Adapter;
use rubato::{Fft, FixedSync, Resampler};

use crate::audio::SPEECH_RATE_HZ;
use crate::media::Track;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// There is no such file, or it may not be read.
    #[error("cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// Something else than a WAV file.
    #[error("is not a WAV file")]
    NotWav,
    /// A WAV file that ends before its samples, or whose header makes no sense.
    #[error("is a damaged WAV file: {0}")]
    Damaged(&'static str),
    /// A WAV file of a kind that is not supported.
    #[error("holds {0}; convert it to 16-bit PCM or mu-law with one or two channels")]
    Unsupported(String),
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

    /// The tracks with their samples.
    pub fn tracks(&self) -> impl Iterator<Item = (Track, &[f32])> {
        Track::BOTH
            .into_iter()
            .zip(self.channels.iter().map(Vec::as_slice))
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.channels.iter().map(Vec::len).max().unwrap_or(0) as f64 / f64::from(SPEECH_RATE_HZ)
    }
}

/// Reads a file.
///
/// # Errors
/// Missing, not WAV, damaged, of another kind, or empty.
pub fn read(path: &Path) -> Result<Recording, WavError> {
    parse(&fs::read(PathBuf::from(path))?)
}

/// Reads a file's bytes.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8]) -> Result<Recording, WavError> {
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(WavError::NotWav);
    }
    let mut format = None;
    let mut at = 12;
    loop {
        let Some(head) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            return Err(WavError::Damaged("it has no samples"));
        };
        let [a, b, c, d, len @ ..] = *head;
        let len = u32::from_le_bytes(len) as usize;
        let rest = bytes.get(at + 8..).unwrap_or_default();
        // Recorders that were killed leave a length of 0 or of 4 GiB: what is there counts.
        let body = rest.get(..len).unwrap_or(rest);
        match &[a, b, c, d] {
            b"fmt " => format = Some(Format::parse(body)?),
            b"data" => {
                let format =
                    format.ok_or(WavError::Damaged("its samples come before their format"))?;
                return format.samples(if len == 0 { rest } else { body });
            }
            _ => {}
        }
        at = at.saturating_add(8 + len + len % 2);
    }
}

#[derive(Clone, Copy)]
struct Format {
    mulaw: bool,
    channels: usize,
    rate_hz: u32,
}

impl Format {
    fn parse(body: &[u8]) -> Result<Self, WavError> {
        let short = |at: usize| {
            body.get(at..)
                .and_then(|b| b.first_chunk::<2>())
                .map(|b| u16::from_le_bytes(*b))
        };
        let damaged = WavError::Damaged("its format is cut off");
        let (Some(mut kind), Some(channels), Some(bits)) = (short(0), short(2), short(14)) else {
            return Err(damaged);
        };
        let Some(rate) = body.get(4..).and_then(|b| b.first_chunk::<4>()) else {
            return Err(damaged);
        };
        let rate_hz = u32::from_le_bytes(*rate);
        // WAVE_FORMAT_EXTENSIBLE carries the real kind in its sub-format.
        if kind == 0xfffe {
            kind = short(24).unwrap_or(kind);
        }
        let mulaw = match (kind, bits) {
            (1, 16) => false,
            (7, 8) => true,
            (1, bits) => return Err(WavError::Unsupported(format!("PCM of {bits} bits"))),
            (kind, _) => {
                return Err(WavError::Unsupported(format!(
                    "samples of WAV format {kind}"
                )));
            }
        };
        if !(1..=2).contains(&channels) {
            return Err(WavError::Unsupported(format!("{channels} channels")));
        }
        if !(4_000..=192_000).contains(&rate_hz) {
            return Err(WavError::Unsupported(format!(
                "a sample rate of {rate_hz} Hz"
            )));
        }
        Ok(Self {
            mulaw,
            channels: usize::from(channels),
            rate_hz,
        })
    }

    fn samples(self, body: &[u8]) -> Result<Recording, WavError> {
        let values: Vec<f32> = if self.mulaw {
            body.iter().map(|code| expand(*code)).collect()
        } else {
            body.as_chunks::<2>()
                .0
                .iter()
                .map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0)
                .collect()
        };
        let frames = values.len() / self.channels;
        if frames == 0 {
            return Err(WavError::Empty);
        }
        let channels = (0..self.channels).map(|channel| {
            let samples: Vec<f32> = values
                .iter()
                .skip(channel)
                .step_by(self.channels)
                .take(frames)
                .copied()
                .collect();
            resample(samples, self.rate_hz)
        });
        Ok(Recording::new(channels.collect::<Result<_, _>>()?))
    }
}

/// G.711 mu-law: 8 segments of 16 steps, 14 bits.
fn expand(code: u8) -> f32 {
    let code = !code;
    let magnitude = ((i32::from(code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4);
    let sample = if code & 0x80 == 0 {
        magnitude - 0x84
    } else {
        0x84 - magnitude
    };
    // |sample| <= 32124.
    sample as f32 / 32_768.0
}

fn resample(samples: Vec<f32>, rate_hz: u32) -> Result<Vec<f32>, WavError> {
    if rate_hz == SPEECH_RATE_HZ {
        return Ok(samples);
    }
    let refused = |_| WavError::Unsupported(format!("a sample rate of {rate_hz} Hz"));
    let block = (rate_hz / 50) as usize;
    let mut fft = Fft::<f32>::new(
        rate_hz as usize,
        SPEECH_RATE_HZ as usize,
        block,
        1,
        FixedSync::Input,
    )
    .map_err(|e| refused(e.to_string()))?;
    let input =
        InterleavedSlice::new(&samples, 1, samples.len()).map_err(|e| refused(e.to_string()))?;
    let output = fft
        .process_all(&input, samples.len(), None)
        .map_err(|e| refused(e.to_string()))?;
    let mut resampled = vec![0.0; output.frames()];
    output.copy_from_channel_to_slice(0, 0, &mut resampled);
    Ok(resampled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend(channels.to_le_bytes());
        bytes.extend(rate_hz.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(bits.to_le_bytes());
        bytes.extend(b"LIST\x03\0\0\0abc\0data");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn channels_are_tracks_and_every_rate_becomes_16_khz() {
        let pcm: Vec<u8> = (0..32_000)
            .flat_map(|n| [1_000i16, if n % 2 == 0 { 0 } else { -2_000 }])
            .flat_map(i16::to_le_bytes)
            .collect();
        let recording = parse(&file(1, 2, 16_000, 16, &pcm)).unwrap();
        let tracks: Vec<_> = recording.tracks().collect();
        assert_eq!((tracks[0].0, tracks[0].1.len()), (Track::Inbound, 32_000));
        assert_eq!(
            (tracks[1].0, tracks[1].1[1]),
            (Track::Outbound, -2_000.0 / 32_768.0)
        );
        for rate_hz in [8_000, 11_025, 22_050, 44_100, 48_000] {
            let recording = parse(&file(1, 2, rate_hz, 16, &pcm)).unwrap();
            let len = recording.tracks().next().unwrap().1.len();
            let expected = 32_000 * 16_000 / rate_hz as usize;
            assert!(
                len.abs_diff(expected) <= 1,
                "{rate_hz}: {len} of {expected}"
            );
        }
    }

    #[test]
    fn mulaw_is_expanded_as_g711_says() {
        assert_eq!(
            [0x00, 0x80, 0x7f, 0xff, 0xf0, 0xe0].map(|c| (expand(c) * 32_768.0) as i32),
            [-32_124, 32_124, 0, 0, 120, 372]
        );
        assert_eq!(
            parse(&file(7, 1, 16_000, 8, &[0xff; 10]))
                .unwrap()
                .tracks()
                .next()
                .unwrap()
                .1,
            &[0.0; 10]
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert!(matches!(parse(b""), Err(WavError::NotWav)));
        assert!(matches!(
            parse(b"RIFF\0\0\0\0WAVE"),
            Err(WavError::Damaged(_))
        ));
        assert!(matches!(
            parse(&file(1, 1, 8_000, 16, &[])),
            Err(WavError::Empty)
        ));
        for (kind, channels, rate_hz, bits) in [
            (3, 1, 8_000, 32),
            (1, 1, 8_000, 24),
            (1, 6, 8_000, 16),
            (1, 1, 0, 16),
        ] {
            assert!(matches!(
                parse(&file(kind, channels, rate_hz, bits, &[0; 64])),
                Err(WavError::Unsupported(_))
            ));
        }
        // A length that promises more than there is.
        let mut cut = file(1, 1, 16_000, 16, &[1; 64]);
        cut.truncate(cut.len() - 10);
        assert_eq!(parse(&cut).unwrap().tracks().next().unwrap().1.len(), 27);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), real in proptest::bool::ANY) {
            if real {
                let mut whole = file(1, 1, 8_000, 16, &bytes);
                let at = bytes.first().map_or(0, |b| usize::from(*b)) % whole.len();
                whole[at] ^= 0x5a;
                bytes = whole;
            }
            let _ = parse(&bytes);
        }
    }
}
