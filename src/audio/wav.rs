//! WAV files: what `dial` and `transcribe` read, and what an excerpt of a call is handed out as.
//!
//! Reads PCM (8, 16, 24, 32 bits), 32-bit float and mu-law, plain or `WAVE_FORMAT_EXTENSIBLE`, one or two channels, any rate; a header
//! that was never completed (sizes 0 or all ones, as pipes leave them) and a file cut short give what is there.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use thiserror::Error;

use super::mulaw;

/// Samples in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Samples a second.
    pub rate_hz: u32,
    /// One vector a channel, all of the same length; one or two of them.
    pub channels: Vec<Vec<i16>>,
}

/// Why a file is not audio that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WavError {
    /// Some other kind of file.
    #[error("not a WAV file; convert it first, for instance: ffmpeg -i FILE -ar 8000 out.wav")]
    NotWav,
    /// The header lacks a part.
    #[error("the WAV file has no '{0}' part")]
    Missing(&'static str),
    /// A coding that is not read.
    #[error(
        "the WAV file is coded as format {format} with {bits} bits; PCM, 32-bit float and mu-law are read"
    )]
    Coding {
        /// `wFormatTag`.
        format: u16,
        /// Bits a sample.
        bits: u16,
    },
    /// Neither mono nor stereo.
    #[error("the WAV file has {0} channels; one or two are read")]
    Channels(u16),
    /// A rate nobody records at.
    #[error("the WAV file's rate of {0} Hz is outside 1000 to 384000")]
    Rate(u32),
    /// The resampler does not take this pair of rates.
    #[error("{from_hz} Hz cannot be converted to {to_hz} Hz: {problem}")]
    Resample {
        /// The file's rate.
        from_hz: u32,
        /// The rate asked for.
        to_hz: u32,
        /// The library's words.
        problem: String,
    },
}

impl Audio {
    /// Samples of a channel.
    pub fn len(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Whether there is not a single sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length in ms, rounded down.
    pub fn duration_ms(&self) -> u64 {
        self.len() as u64 * 1_000 / u64::from(self.rate_hz.max(1))
    }

    /// The same audio at another rate (band-limited, without delay).
    ///
    /// # Errors
    /// When the resampler cannot do this pair of rates.
    pub fn at_rate(self, to_hz: u32) -> Result<Audio, WavError> {
        if self.rate_hz == to_hz {
            return Ok(self);
        }
        let from_hz = self.rate_hz;
        let channels = self
            .channels
            .iter()
            .map(|channel| convert(channel, from_hz, to_hz))
            .collect::<Result<_, _>>();
        channels
            .map(|channels| Audio {
                rate_hz: to_hz,
                channels,
            })
            .map_err(|problem| WavError::Resample {
                from_hz,
                to_hz,
                problem,
            })
    }
}

/// Samples converted at a time, input side.
const CHUNK: usize = 1_024;

fn convert(channel: &[i16], from_hz: u32, to_hz: u32) -> Result<Vec<i16>, String> {
    if channel.is_empty() {
        return Ok(Vec::new());
    }
    let input: Vec<f32> = channel.iter().map(|&sample| f32::from(sample)).collect();
    let mut fft = Fft::<f32>::new(from_hz as usize, to_hz as usize, CHUNK, 1, FixedSync::Input)
        .map_err(|e| e.to_string())?;
    let mut output = vec![0.0; fft.process_all_needed_output_len(input.len())];
    let room = output.len();
    let adapter_in = InterleavedSlice::new(&input, 1, input.len()).map_err(|e| e.to_string())?;
    let mut adapter_out =
        InterleavedSlice::new_mut(&mut output, 1, room).map_err(|e| e.to_string())?;
    let (_, produced) = fft
        .process_all_into_buffer(&adapter_in, &mut adapter_out, input.len(), None)
        .map_err(|e| e.to_string())?;
    output.truncate(produced);
    // A saturating cast: what overshoots clips.
    Ok(output
        .into_iter()
        .map(|sample| sample.round() as i16)
        .collect())
}

/// Reads a file's bytes.
///
/// # Errors
/// [`WavError`], in words for whoever chose the file.
pub fn read(bytes: &[u8]) -> Result<Audio, WavError> {
    let rest = bytes
        .strip_prefix(b"RIFF")
        .and_then(|rest| rest.get(4..))
        .and_then(|rest| rest.strip_prefix(b"WAVE"));
    let mut rest = rest.ok_or(WavError::NotWav)?;
    let mut format = None;
    while let Some((header, body)) = rest.split_at_checked(8) {
        let (id, size) = header.split_at(4);
        let size = size.try_into().map(u32::from_le_bytes).unwrap_or(0) as usize;
        if id == b"data" {
            let format: Format = format.ok_or(WavError::Missing("fmt "))?;
            let unfinished = size == 0 || size == u32::MAX as usize;
            let data = if unfinished {
                body
            } else {
                &body[..size.min(body.len())]
            };
            return format.decode(data);
        }
        let part = &body[..size.min(body.len())];
        if id == b"fmt " {
            format = Some(Format::read(part)?);
        }
        // Parts begin at even offsets.
        rest = body.get(size.saturating_add(size % 2)..).unwrap_or(&[]);
    }
    Err(WavError::Missing(if format.is_none() {
        "fmt "
    } else {
        "data"
    }))
}

#[derive(Debug, Clone, Copy)]
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    bits: u16,
}

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const MULAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

impl Format {
    fn read(part: &[u8]) -> Result<Format, WavError> {
        let short = |at: usize| {
            part.get(at..at + 2)
                .and_then(|b| b.try_into().ok())
                .map(u16::from_le_bytes)
                .ok_or(WavError::Missing("fmt "))
        };
        let mut tag = short(0)?;
        if tag == EXTENSIBLE {
            // The first two bytes of the sub-format's GUID are the tag.
            tag = short(24)?;
        }
        let rate_hz = u32::from(short(4)?) | u32::from(short(6)?) << 16;
        let format = Format {
            tag,
            channels: short(2)?,
            rate_hz,
            bits: short(14)?,
        };
        match (format.tag, format.bits) {
            (PCM, 8 | 16 | 24 | 32) | (FLOAT, 32) | (MULAW, 8) => {}
            (format, bits) => return Err(WavError::Coding { format, bits }),
        }
        if !(1..=2).contains(&format.channels) {
            return Err(WavError::Channels(format.channels));
        }
        if !(1_000..=384_000).contains(&format.rate_hz) {
            return Err(WavError::Rate(format.rate_hz));
        }
        Ok(format)
    }

    fn decode(self, data: &[u8]) -> Result<Audio, WavError> {
        let width = usize::from(self.bits / 8);
        let sample = |b: &[u8]| match (self.tag, b) {
            (MULAW, [byte]) => mulaw::decode(*byte),
            (PCM, [byte]) => (i16::from(*byte) - 128) << 8,
            (PCM, [low, high]) => i16::from_le_bytes([*low, *high]),
            (PCM, [.., low, high]) => i16::from_le_bytes([*low, *high]),
            (FLOAT, [a, b, c, d]) => (f32::from_le_bytes([*a, *b, *c, *d]) * 32_768.0) as i16,
            _ => 0,
        };
        let count = usize::from(self.channels);
        let mut channels = vec![Vec::with_capacity(data.len() / (width * count)); count];
        for frame in data.chunks_exact(width * count) {
            for (channel, bytes) in channels.iter_mut().zip(frame.chunks_exact(width)) {
                channel.push(sample(bytes));
            }
        }
        Ok(Audio {
            rate_hz: self.rate_hz,
            channels,
        })
    }
}

/// A WAV file of 16-bit PCM. Channels that are shorter than the longest end in silence.
pub fn write(rate_hz: u32, channels: &[&[i16]]) -> Vec<u8> {
    let count = channels.len().clamp(1, 2);
    let frames = channels
        .iter()
        .map(|channel| channel.len())
        .max()
        .unwrap_or(0);
    let data_bytes = frames * count * 2;
    let mut file = Vec::with_capacity(44 + data_bytes);
    // Sizes past 4 GiB (37 hours of stereo at 8 kHz) cannot be written down; readers then take what is there.
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&size(36 + data_bytes));
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16u32.to_le_bytes());
    file.extend_from_slice(&PCM.to_le_bytes());
    file.extend_from_slice(&(count as u16).to_le_bytes());
    file.extend_from_slice(&rate_hz.to_le_bytes());
    file.extend_from_slice(&(rate_hz * count as u32 * 2).to_le_bytes());
    file.extend_from_slice(&(count as u16 * 2).to_le_bytes());
    file.extend_from_slice(&16u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&size(data_bytes));
    for at in 0..frames {
        for channel in 0..count {
            let sample = channels
                .get(channel)
                .and_then(|channel| channel.get(at))
                .copied()
                .unwrap_or(0);
            file.extend_from_slice(&sample.to_le_bytes());
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend_from_slice(&tag.to_le_bytes());
        file.extend_from_slice(&channels.to_le_bytes());
        file.extend_from_slice(&rate_hz.to_le_bytes());
        file.extend_from_slice(&[0; 6]);
        file.extend_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(b"data");
        file.extend_from_slice(&(data.len() as u32).to_le_bytes());
        file.extend_from_slice(data);
        file
    }

    #[test]
    fn every_coding_gives_the_same_half_scale_sample() {
        for (tag, bits, data) in [
            (PCM, 8, vec![192]),
            (PCM, 16, vec![0, 0x40]),
            (PCM, 24, vec![0, 0, 0x40]),
            (PCM, 32, vec![0, 0, 0, 0x40]),
            (FLOAT, 32, 0.5f32.to_le_bytes().to_vec()),
        ] {
            let audio = read(&file(tag, 1, 8_000, bits, &data)).unwrap();
            assert_eq!(
                audio,
                Audio {
                    rate_hz: 8_000,
                    channels: vec![vec![16_384]]
                },
                "{tag} {bits}"
            );
        }
        assert_eq!(
            read(&file(MULAW, 1, 8_000, 8, &[0x8f])).unwrap().channels,
            vec![vec![mulaw::decode(0x8f)]]
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert_eq!(read(b"ID3"), Err(WavError::NotWav));
        assert_eq!(read(b"RIFF\0\0\0\0WAVE"), Err(WavError::Missing("fmt ")));
        assert_eq!(
            read(&file(PCM, 3, 8_000, 16, &[])),
            Err(WavError::Channels(3))
        );
        assert_eq!(read(&file(PCM, 1, 8, 16, &[])), Err(WavError::Rate(8)));
        assert_eq!(
            read(&file(2, 1, 8_000, 4, &[])),
            Err(WavError::Coding { format: 2, bits: 4 })
        );
    }

    #[test]
    fn an_unfinished_header_and_a_torn_end_give_what_is_there() {
        let mut bytes = write(8_000, &[&[1, 2, 3], &[4, 5, 6]]);
        bytes[40..44].copy_from_slice(&[0xff; 4]);
        bytes.pop();
        assert_eq!(read(&bytes).unwrap().channels, vec![vec![1, 2], vec![4, 5]]);
    }

    #[test]
    fn another_rate_keeps_length_level_and_place() {
        for from_hz in [11_025u32, 16_000, 22_050, 44_100, 48_000] {
            let tone = |rate: u32, n: usize| {
                (0..n)
                    .map(|i| {
                        ((std::f64::consts::TAU * 440.0 * i as f64 / f64::from(rate)).sin()
                            * 10_000.0) as i16
                    })
                    .collect::<Vec<_>>()
            };
            let audio = Audio {
                rate_hz: from_hz,
                channels: vec![tone(from_hz, from_hz as usize)],
            }
            .at_rate(8_000)
            .unwrap();
            assert!(
                audio.len().abs_diff(8_000) <= 1,
                "{from_hz}: {}",
                audio.len()
            );
            let worst = audio.channels[0]
                .iter()
                .zip(tone(8_000, 8_000))
                .skip(1_000)
                .take(6_000)
                .map(|(a, b)| (a - b).abs())
                .max();
            // The library's delay is whole samples: what it rounds away is at most half of one, 0.17 of a radian at this pitch.
            assert!(worst <= Some(1_750), "{from_hz}: {worst:?}");
            let peak = audio.channels[0][1_000..7_000].iter().max();
            assert!(
                peak.is_some_and(|peak| peak.abs_diff(10_000) < 100),
                "{from_hz}: {peak:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(left in proptest::collection::vec(any::<i16>(), 0..300), right in proptest::collection::vec(any::<i16>(), 0..300), stereo in any::<bool>()) {
            let frames = if stereo { left.len().max(right.len()) } else { left.len() };
            let pad = |mut channel: Vec<i16>| { channel.resize(frames, 0); channel };
            let (bytes, channels) = if stereo { (write(8_000, &[&left, &right]), vec![pad(left), pad(right)]) } else { (write(8_000, &[&left]), vec![left]) };
            prop_assert_eq!(read(&bytes).unwrap(), Audio { rate_hz: 8_000, channels });
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..60, byte in any::<u8>()) {
            let _ = read(&bytes);
            let mut file = write(8_000, &[&[1, 2, 3]]);
            if let Some(place) = file.get_mut(at) { *place = byte; }
            let _ = read(&file);
        }
    }
}
