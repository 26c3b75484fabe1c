//! Keys heard in the audio itself: a stream that only listens (`<Start><Stream>`) gets no `dtmf` messages.
//!
//! Goertzel's algorithm at the eight frequencies of ITU-T Q.23, in blocks of 102 samples (12.75 ms), with the usual tests that keep voices
//! from being taken for keys: level, twist (how much louder one tone is), both tones well above their neighbours, hardly anything beside
//! the two. A key is two blocks in a row, its end three without it (Q.24: at least 40 ms of tone and of pause). Quiet blocks cost nothing.

use super::mulaw;

/// Samples of a block.
const BLOCK: usize = 102;
/// Rows, then columns, Hz.
const FREQUENCIES_HZ: [f32; 8] = [
    697.0, 770.0, 852.0, 941.0, 1_209.0, 1_336.0, 1_477.0, 1_633.0,
];
const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];
/// Least power of a block: -36 dB of full scale. Q.24 asks for -25 dBm a tone, which is -25 dB for the pair.
const LEAST_POWER: f32 = 2.5e-4;
/// The high tone may be 4 dB louder than the low one, the low one 8 dB louder than the high one (Q.24).
const HIGH_OVER_LOW: f32 = 2.5;
const LOW_OVER_HIGH: f32 = 6.3;
/// A tone stands 8 dB above the others of its group.
const ABOVE_NEIGHBOURS: f32 = 6.3;
/// Share of the block's energy that is in the two tones.
const PURITY: f32 = 0.82;
/// Blocks without the key that end it.
const MISSES: u32 = 3;

/// A key that was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPress {
    /// `0`-`9`, `*`, `#`, `A`-`D`.
    pub digit: char,
    /// About where it began on the call's 8 kHz clock, good to 13 ms.
    pub start_sample: u64,
}

/// Listens to one track.
#[derive(Debug, Clone)]
pub struct Detector {
    coefficients: [f32; 8],
    block: [f32; BLOCK],
    filled: usize,
    /// Position of the next sample.
    position: u64,
    last_hit: Option<char>,
    held: Option<char>,
    misses: u32,
}

impl Default for Detector {
    fn default() -> Detector {
        Detector {
            coefficients: FREQUENCIES_HZ
                .map(|hz| 2.0 * (std::f32::consts::TAU * hz / super::LINE_RATE_HZ as f32).cos()),
            block: [0.0; BLOCK],
            filled: 0,
            position: 0,
            last_hit: None,
            held: None,
            misses: 0,
        }
    }
}

impl Detector {
    /// Takes mu-law samples that begin at `start_sample` of the call's clock and tells of each key as soon as it is certain.
    pub fn push(&mut self, start_sample: u64, bytes: &[u8], mut heard: impl FnMut(KeyPress)) {
        if start_sample != self.position {
            // What was lost is as many blocks without the key: a key held across a lost frame is still one key.
            let lost = start_sample.saturating_sub(self.position) / BLOCK as u64;
            self.miss(u32::try_from(lost).unwrap_or(MISSES));
            self.filled = 0;
            self.last_hit = None;
            self.position = start_sample;
        }
        for byte in bytes {
            self.block[self.filled] = mulaw::TO_F32[usize::from(*byte)];
            self.filled += 1;
            self.position += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                let hit = self.hear();
                if hit.is_some() && hit == self.last_hit && hit != self.held {
                    self.held = hit;
                    if let Some(digit) = hit {
                        heard(KeyPress {
                            digit,
                            start_sample: self.position.saturating_sub(2 * BLOCK as u64),
                        });
                    }
                }
                if hit.is_some() && hit == self.held {
                    self.misses = 0;
                } else {
                    self.miss(1);
                }
                self.last_hit = hit;
            }
        }
    }

    fn miss(&mut self, blocks: u32) {
        self.misses = self.misses.saturating_add(blocks);
        if self.misses >= MISSES {
            self.held = None;
        }
    }

    /// The key in the block, if it is one.
    fn hear(&self) -> Option<char> {
        let energy: f32 = self.block.iter().map(|sample| sample * sample).sum();
        if energy < LEAST_POWER * BLOCK as f32 {
            return None;
        }
        let (mut one, mut two) = ([0.0f32; 8], [0.0f32; 8]);
        for sample in &self.block {
            for i in 0..8 {
                let now = sample + self.coefficients[i] * one[i] - two[i];
                two[i] = one[i];
                one[i] = now;
            }
        }
        let power: [f32; 8] = std::array::from_fn(|i| {
            one[i] * one[i] + two[i] * two[i] - self.coefficients[i] * one[i] * two[i]
        });
        let (row, low) = loudest(&power[..4])?;
        let (column, high) = loudest(&power[4..])?;
        let twisted = high > low * HIGH_OVER_LOW || low > high * LOW_OVER_HIGH;
        // A pure tone of that frequency would have the power energy * BLOCK / 2.
        let pure = low + high >= PURITY * energy * BLOCK as f32 / 2.0;
        if twisted || !pure {
            None
        } else {
            Some(KEYS[row][column])
        }
    }
}

/// The index and power of the tone that stands out of its group.
fn loudest(group: &[f32]) -> Option<(usize, f32)> {
    let (best, power) = group
        .iter()
        .copied()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    group
        .iter()
        .enumerate()
        .all(|(i, other)| i == best || power >= other * ABOVE_NEIGHBOURS)
        .then_some((best, power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A pair of tones as mu-law; `low` and `high` are amplitudes of full scale 1.
    fn tones(digit: char, ms: usize, low: f32, high: f32, off: f32) -> Vec<u8> {
        let row = KEYS.iter().position(|row| row.contains(&digit)).unwrap();
        let column = KEYS[row].iter().position(|&key| key == digit).unwrap();
        let wave =
            |hz: f32, i: usize| (std::f32::consts::TAU * hz * off * i as f32 / 8_000.0).sin();
        (0..ms * 8)
            .map(|i| {
                mulaw::encode(
                    ((low * wave(FREQUENCIES_HZ[row], i)
                        + high * wave(FREQUENCIES_HZ[4 + column], i))
                        * 32_767.0) as i16,
                )
            })
            .collect()
    }

    fn heard(bytes: &[u8]) -> String {
        let (mut detector, mut digits) = (Detector::default(), String::new());
        for (n, frame) in bytes.chunks(160).enumerate() {
            detector.push(160 * n as u64, frame, |key| digits.push(key.digit));
        }
        digits
    }

    #[test]
    fn every_key_is_heard_once_at_its_place() {
        let mut bytes = vec![0xff; 800];
        for digit in "1234567890*#ABCD55".chars() {
            bytes.extend(tones(digit, 50, 0.2, 0.2, 1.0));
            bytes.extend([0xff; 400]);
        }
        assert_eq!(heard(&bytes), "1234567890*#ABCD55");
        let mut first = None;
        Detector::default().push(0, &bytes, |key| _ = first.get_or_insert(key));
        assert!(
            first.unwrap().start_sample.abs_diff(800) <= 102,
            "{first:?}"
        );
    }

    #[test]
    fn quiet_twisted_and_slightly_wrong_tones_are_still_keys() {
        for (low, high) in [(0.06, 0.06), (0.3, 0.13), (0.15, 0.21)] {
            for off in [0.985, 1.0, 1.015] {
                assert_eq!(
                    heard(&tones('8', 100, low, high, off)),
                    "8",
                    "{low} {high} {off}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        assert_eq!(heard(&tones('8', 15, 0.2, 0.2, 1.0)), "", "too short");
        assert_eq!(heard(&tones('8', 100, 0.2, 0.0, 1.0)), "", "one tone only");
        assert_eq!(heard(&tones('8', 100, 0.02, 0.2, 1.0)), "", "twisted");
        assert_eq!(
            heard(&tones('8', 100, 0.2, 0.2, 1.06)),
            "",
            "other frequencies"
        );
        assert_eq!(heard(&[0x7f; 8_000]), "", "silence");
    }

    #[test]
    fn a_key_held_across_a_lost_frame_is_one_key() {
        let bytes = tones('3', 200, 0.2, 0.2, 1.0);
        let (mut detector, mut keys) = (Detector::default(), 0);
        for (n, frame) in bytes.chunks(160).enumerate().filter(|(n, _)| *n != 5) {
            detector.push(160 * n as u64, frame, |_| keys += 1);
        }
        assert_eq!(keys, 1);
    }

    proptest! {
        #[test]
        fn noise_is_no_key(seed in any::<u64>(), loud in 1i32..16_000) {
            let mut state = seed | 1;
            let bytes: Vec<u8> = (0..4_000).map(|_| {
                state ^= state << 13; state ^= state >> 7; state ^= state << 17;
                mulaw::encode(((state >> 32) as i32 % loud) as i16)
            }).collect();
            prop_assert_eq!(heard(&bytes), "");
        }
    }
}
