//! How loud a stretch of mu-law is, and whether it is cut off at the top.
//!
//! Measured on the frame path, so it does no more than it must: the peak and the clipped samples are found on the bytes themselves (in
//! mu-law, seven bits that count down from the loudest value), and the power is measured on every fourth sample.

use super::mulaw;

/// Every how many samples the power is measured.
const STRIDE: usize = 4;
/// The seven bits of a byte that hold its magnitude; 0 is the loudest.
const MAGNITUDE: u8 = 0x7f;

/// A level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// Samples looked at.
    pub samples: u64,
    /// Samples at the loudest value there is.
    pub clipped: u64,
    /// Samples of which the power was measured.
    pub measured: u64,
    /// Their squares, 16 bits each, added up.
    pub squares: u64,
    /// The loudest sample's magnitude, 16 bits.
    pub peak: u16,
}

impl Level {
    /// The level of these bytes.
    pub fn of(bytes: &[u8]) -> Level {
        let loudest = bytes
            .iter()
            .fold(MAGNITUDE, |least, byte| least.min(byte & MAGNITUDE));
        let clipped = bytes.iter().filter(|byte| **byte & MAGNITUDE == 0).count();
        let (mut squares, mut measured) = (0u64, 0u64);
        for byte in bytes.iter().step_by(STRIDE) {
            let sample = u64::from(mulaw::decode(*byte).unsigned_abs());
            squares += sample * sample;
            measured += 1;
        }
        Level {
            samples: bytes.len() as u64,
            clipped: clipped as u64,
            measured,
            squares,
            peak: mulaw::decode(loudest | !MAGNITUDE).unsigned_abs(),
        }
    }

    /// Mean power, dB below a full-scale square wave; none where there was nothing or only digital silence.
    pub fn rms_dbfs(&self) -> Option<f64> {
        if self.measured == 0 || self.squares == 0 {
            return None;
        }
        let full = f64::from(i16::MAX);
        Some(10.0 * (self.squares as f64 / self.measured as f64 / (full * full)).log10())
    }

    /// The peak, dB below full scale; none where there was nothing or only digital silence.
    pub fn peak_dbfs(&self) -> Option<f64> {
        (self.peak > 0).then(|| 20.0 * (f64::from(self.peak) / f64::from(i16::MAX)).log10())
    }

    /// Samples at the loudest value, of a hundred.
    pub fn clipping_pct(&self) -> f64 {
        if self.samples == 0 {
            return 0.0;
        }
        self.clipped as f64 * 100.0 / self.samples as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32) -> Vec<u8> {
        (0..8_000)
            .map(|n| (std::f32::consts::TAU * 440.0 * n as f32 / 8_000.0).sin() * amplitude)
            .map(|sample| mulaw::encode(sample as i16))
            .collect()
    }

    #[test]
    fn a_tone_has_the_level_it_was_made_with() {
        // A sine's power is 3 dB below its peak; mu-law's steps and the stride cost a few tenths.
        for (amplitude, peak_dbfs) in [(32_000.0, -0.2), (3_276.7, -20.0), (327.67, -40.0)] {
            let level = Level::of(&tone(amplitude));
            let (rms, peak) = (level.rms_dbfs().unwrap(), level.peak_dbfs().unwrap());
            assert!((peak - peak_dbfs).abs() < 0.4, "{amplitude}: {peak}");
            assert!((rms - peak_dbfs + 3.0).abs() < 0.4, "{amplitude}: {rms}");
        }
    }

    #[test]
    fn silence_has_no_level_and_what_is_cut_off_is_counted() {
        let silent = Level::of(&[mulaw::SILENCE; 160]);
        assert_eq!((silent.rms_dbfs(), silent.peak_dbfs()), (None, None));
        assert_eq!(Level::of(&[]), Level::default());
        let mut cut = vec![mulaw::SILENCE; 150];
        cut.extend([0x00, 0x80, 0x00, 0x80, 0x00]);
        cut.extend([0x01; 45]);
        let level = Level::of(&cut);
        assert_eq!((level.samples, level.clipped), (200, 5));
        assert_eq!(level.clipping_pct(), 2.5);
        assert_eq!(level.peak, mulaw::decode(0x80).unsigned_abs());
    }
}
