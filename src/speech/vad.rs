//! Is somebody speaking? An energy gate that makes silence free, then a small neural detector ([`earshot`]), per track.
//!
//! Works on frames of 256 samples (16 ms at 16 kHz), whatever the sizes that come in. A frame becomes voiced after three of four frames
//! at p >= 0.5 and stays so until p < 0.35, or until it is as quiet as the line's noise: the detector itself notices an end 150 to 400 ms
//! late, and every final would wait that much longer.

use earshot::Detector;

/// Samples of one detector frame: 16 ms.
pub const VAD_FRAME: usize = 256;
/// Frames that an onset may lie back: the width of the start rule.
pub const ONSET_FRAMES: usize = 4;

const START_P: f32 = 0.5;
const STOP_P: f32 = 0.35;
const START_OF: u32 = 3;
/// Nothing below this is speech on a telephone line: mu-law's smallest step is at -72 dBFS.
const GATE_FLOOR_DBFS: f32 = -64.0;
/// A steady noise this far below the usual level of speech may raise the gate, never a louder one.
const GATE_CEILING_DBFS: f32 = -50.0;
/// How far above the noise floor a frame must be for the detector to look at it.
const GATE_MARGIN_DB: f32 = 2.0;
/// The floor falls at once and rises this fast, dB a frame (3 dB a second).
const FLOOR_RISE_DB: f32 = 0.048;
/// The detector keeps listening this many frames after the last loud one: it sees the end of the word.
const HANGOVER_FRAMES: u32 = 20;

/// Up to this far above the noise floor a frame is quiet. The floor is the least of the last seconds, some 2 dB below the noise's mean.
const QUIET_MARGIN_DB: f32 = 6.0;
/// And this far below the loudest of late: a floor that rose under long speech cuts no soft words.
const QUIET_BELOW_PEAK_DB: f32 = 20.0;
/// So many quiet frames in a row end the voice: longer than the closure of a `t` or a `k`.
const QUIET_FRAMES: u32 = 4;
/// How fast the loudest fades, dB a frame (3 dB a second).
const PEAK_FALL_DB: f32 = 0.048;

/// One judged frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadFrame {
    /// Position of its first sample on the track's clock.
    pub start: u64,
    /// Probability of speech, 0..=1; 0 where the gate was closed.
    pub p: f32,
    /// Part of speech by the start and stop rules.
    pub voiced: bool,
}

impl VadFrame {
    /// Position after its last sample.
    pub fn end(&self) -> u64 {
        self.start + VAD_FRAME as u64
    }
}

/// Voice activity of one track.
pub struct Vad {
    detector: Box<Detector>,
    gate: Gate,
    pending: [f32; VAD_FRAME],
    filled: usize,
    position: u64,
    recent: u32,
    voiced: bool,
}

impl Default for Vad {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Vad {
    /// A detector whose first sample lies at `position`.
    pub fn new(position: u64) -> Self {
        Self {
            detector: Detector::default_boxed(),
            gate: Gate::default(),
            pending: [0.0; VAD_FRAME],
            filled: 0,
            position,
            recent: 0,
            voiced: false,
        }
    }

    /// Takes the samples that follow and judges every frame that they complete.
    pub fn push(&mut self, mut samples: &[f32], mut judged: impl FnMut(VadFrame)) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(VAD_FRAME - self.filled));
            for (slot, sample) in self.pending[self.filled..].iter_mut().zip(now) {
                // A resampler overshoots a little and a broken sender may send anything.
                *slot = if sample.is_finite() {
                    sample.clamp(-1.0, 1.0)
                } else {
                    0.0
                };
            }
            self.filled += now.len();
            samples = later;
            if self.filled == VAD_FRAME {
                judged(self.judge());
            }
        }
    }

    /// Judges an unfinished frame as if silence followed; for the end of the audio.
    pub fn flush(&mut self, mut judged: impl FnMut(VadFrame)) {
        if self.filled > 0 {
            self.pending[self.filled..].fill(0.0);
            judged(self.judge());
        }
    }

    /// Goes on at `position` after a hole in the audio; what was learnt about the noise stays, the rest is forgotten.
    pub fn jump(&mut self, position: u64) {
        self.filled = 0;
        self.position = position;
        self.recent = 0;
        self.voiced = false;
        self.gate.open_for = 0;
    }

    fn judge(&mut self) -> VadFrame {
        let look = self.gate.look(&self.pending);
        let heard = match look {
            Look::Closed => 0.0,
            Look::Opening => {
                self.detector.reset();
                self.detector.predict_f32(&self.pending)
            }
            Look::Open => self.detector.predict_f32(&self.pending),
        };
        let p = if self.gate.quiet_for >= QUIET_FRAMES {
            0.0
        } else {
            heard
        };
        self.recent = (self.recent << 1 | u32::from(p >= START_P)) & ((1 << ONSET_FRAMES) - 1);
        self.voiced = if self.voiced {
            p >= STOP_P
        } else {
            self.recent.count_ones() >= START_OF && p >= STOP_P
        };
        let frame = VadFrame {
            start: self.position,
            p,
            voiced: self.voiced,
        };
        self.position = frame.end();
        self.filled = 0;
        frame
    }
}

enum Look {
    Closed,
    Opening,
    Open,
}

/// Lets the detector sleep through silence and steady faint noise.
struct Gate {
    floor_dbfs: f32,
    peak_dbfs: f32,
    open_for: u32,
    /// Frames in a row that were no louder than the line's noise.
    quiet_for: u32,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            floor_dbfs: GATE_CEILING_DBFS - GATE_MARGIN_DB,
            peak_dbfs: GATE_CEILING_DBFS,
            open_for: 0,
            quiet_for: 0,
        }
    }
}

impl Gate {
    fn look(&mut self, frame: &[f32; VAD_FRAME]) -> Look {
        let power = frame.iter().map(|s| s * s).sum::<f32>() / VAD_FRAME as f32;
        let level_dbfs = 10.0 * power.max(1e-12).log10();
        self.floor_dbfs = level_dbfs.min(self.floor_dbfs + FLOOR_RISE_DB);
        self.peak_dbfs = level_dbfs.max(self.peak_dbfs - PEAK_FALL_DB);
        let quiet_dbfs = (self.floor_dbfs + QUIET_MARGIN_DB)
            .min(self.peak_dbfs - QUIET_BELOW_PEAK_DB)
            .max(GATE_FLOOR_DBFS);
        self.quiet_for = if level_dbfs <= quiet_dbfs {
            self.quiet_for + 1
        } else {
            0
        };
        let threshold =
            (self.floor_dbfs + GATE_MARGIN_DB).clamp(GATE_FLOOR_DBFS, GATE_CEILING_DBFS);
        let was_open = self.open_for > 0;
        if level_dbfs > threshold {
            self.open_for = HANGOVER_FRAMES;
        } else {
            self.open_for = self.open_for.saturating_sub(1);
        }
        match (was_open, self.open_for > 0) {
            (_, false) => Look::Closed,
            (false, true) => Look::Opening,
            (true, true) => Look::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(vad: &mut Vad, samples: &[f32], block: usize) -> Vec<VadFrame> {
        let mut frames = Vec::new();
        for part in samples.chunks(block) {
            vad.push(part, |f| frames.push(f));
        }
        frames
    }

    /// A cheap stand-in for noise that needs no random number generator.
    fn noise(amplitude: f32, len: usize) -> Vec<f32> {
        let mut state = 1u32;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                amplitude * (state as f32 / u32::MAX as f32 * 2.0 - 1.0)
            })
            .collect()
    }

    #[test]
    fn frames_do_not_depend_on_the_sizes_that_come_in() {
        let samples = noise(0.3, 16_000);
        let whole = judge(&mut Vad::new(7), &samples, samples.len());
        for block in [1, 160, 255, 256, 257, 320, 4_000] {
            assert_eq!(judge(&mut Vad::new(7), &samples, block), whole);
        }
        assert_eq!(whole[0].start, 7);
        assert!(whole.windows(2).all(|w| w[0].end() == w[1].start));
    }

    #[test]
    fn silence_is_not_voice_and_never_reaches_the_detector() {
        let mut vad = Vad::new(0);
        let frames = judge(&mut vad, &vec![0.0; 16_000], 320);
        assert!(frames.iter().all(|f| !f.voiced && f.p == 0.0));
        // The line's idle noise: a few mu-law steps.
        let frames = judge(&mut vad, &noise(0.000_5, 32_000), 320);
        assert!(frames.iter().all(|f| !f.voiced && f.p == 0.0));
    }

    #[test]
    fn steady_noise_is_not_voice() {
        for amplitude in [0.005, 0.02, 0.1] {
            let frames = judge(&mut Vad::new(0), &noise(amplitude, 160_000), 320);
            let voiced = frames.iter().filter(|f| f.voiced).count();
            assert!(
                voiced * 20 < frames.len(),
                "{voiced} of {} frames voiced at {amplitude}",
                frames.len()
            );
        }
    }

    #[test]
    fn a_jump_moves_the_clock_and_flush_completes_the_last_frame() {
        let mut vad = Vad::new(0);
        assert_eq!(judge(&mut vad, &[0.1; 300], 300).len(), 1);
        vad.jump(10_000);
        let mut frames = Vec::new();
        vad.push(&[0.1; 10], |f| frames.push(f));
        vad.flush(|f| frames.push(f));
        vad.flush(|f| frames.push(f));
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].start, 10_000);
    }
}
