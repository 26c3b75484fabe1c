//! 8 to 16 kHz for the recogniser, in frames of any length, placed to the sample.
//!
//! rubato's FFT resampler in blocks of 160: flat to 3.4 kHz, images below -150 dB, 10 ms of delay, which is taken out of the positions
//! (the first 160 samples of each run are the filter filling up). A polynomial one would be faster and leave images above 4 kHz.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use thiserror::Error;

use super::{AudioFrame, FRAME_SAMPLES, LINE_RATE_HZ, SPEECH_RATE_HZ};

/// Input samples of a block.
const BLOCK: usize = 160;
/// Added to a sample and taken away again, it rounds the sample to a multiple of 1/32768: the last binary place of an `f32` between 256
/// and 512 is 2^-15.
const SIXTEEN_BIT: f32 = 384.0;

/// The resampler could not be set up (a fixed configuration: only a changed library can cause it).
#[derive(Debug, Error)]
#[error("the 8 to 16 kHz resampler cannot be set up: {0}")]
pub struct ResampleError(#[from] rubato::ResamplerConstructionError);

/// One track's resampler. All memory is allocated at construction.
pub struct Upsampler {
    fft: Fft<f32>,
    pending: [f32; BLOCK],
    filled: usize,
    output: [f32; 2 * BLOCK],
    /// Output samples still to be thrown away: the filter's delay at the start of a run.
    skip: usize,
    /// Output samples owed for the input of this run.
    owed: u64,
    /// Position of the next output sample, 16 kHz.
    position: u64,
    /// Blocks the library refused; with fixed sizes there are none.
    failed_blocks: u64,
}

impl std::fmt::Debug for Upsampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upsampler")
            .field("position", &self.position)
            .field("filled", &self.filled)
            .finish_non_exhaustive()
    }
}

impl Upsampler {
    /// A resampler whose first sample will be placed at 0.
    ///
    /// # Errors
    /// When rubato refuses the rates or the block size.
    pub fn new() -> Result<Upsampler, ResampleError> {
        let fft = Fft::new(
            LINE_RATE_HZ as usize,
            SPEECH_RATE_HZ as usize,
            BLOCK,
            1,
            FixedSync::Input,
        )?;
        let skip = fft.output_delay();
        Ok(Upsampler {
            fft,
            pending: [0.0; BLOCK],
            filled: 0,
            output: [0.0; 2 * BLOCK],
            skip,
            owed: 0,
            position: 0,
            failed_blocks: 0,
        })
    }

    /// Begins a run: the next sample pushed is number `start_sample` of the track's 8 kHz clock. What the last run owes must have been
    /// flushed; what has not is forgotten.
    pub fn restart(&mut self, start_sample: u64) {
        self.fft.reset();
        self.filled = 0;
        self.skip = self.fft.output_delay();
        self.owed = 0;
        self.position = start_sample.saturating_mul(2);
    }

    /// Takes samples at 8 kHz and emits what is ready at 16 kHz.
    pub fn push(&mut self, mut samples: &[f32], mut emit: impl FnMut(AudioFrame)) {
        self.owed += 2 * samples.len() as u64;
        while !samples.is_empty() {
            let n = samples.len().min(BLOCK - self.filled);
            let (now, later) = samples.split_at(n);
            self.pending[self.filled..self.filled + n].copy_from_slice(now);
            self.filled += n;
            samples = later;
            if self.filled == BLOCK {
                self.block(&mut emit);
            }
        }
    }

    /// Emits what the run still owes, so that it comes out exactly twice as long as it went in.
    pub fn flush(&mut self, mut emit: impl FnMut(AudioFrame)) {
        while self.owed > 0 {
            self.pending[self.filled..].fill(0.0);
            self.block(&mut emit);
        }
    }

    /// Blocks that were lost because the library refused them.
    pub fn failed_blocks(&self) -> u64 {
        self.failed_blocks
    }

    fn block(&mut self, emit: &mut impl FnMut(AudioFrame)) {
        self.filled = 0;
        let done = match (
            InterleavedSlice::new(&self.pending, 1, BLOCK),
            InterleavedSlice::new_mut(&mut self.output, 1, 2 * BLOCK),
        ) {
            (Ok(input), Ok(mut output)) => self
                .fft
                .process_into_buffer(&input, &mut output, None)
                .is_ok(),
            _ => false,
        };
        if !done {
            // Positions must stay true whatever happens: silence takes the block's place.
            self.output.fill(0.0);
            self.failed_blocks += 1;
        }
        // Sixteen bits, as a recorder would give them: the voice detector was trained on such audio, and in the empty upper band of an exact
        // upsampling it takes quiet line noise for speech.
        for sample in &mut self.output {
            *sample = (*sample + SIXTEEN_BIT) - SIXTEEN_BIT;
        }
        let skip = self.skip.min(2 * BLOCK);
        self.skip -= skip;
        let ready = &self.output[skip..];
        let take = usize::try_from(self.owed).map_or(ready.len(), |owed| owed.min(ready.len()));
        if take == 0 {
            return;
        }
        // A block is as long as a frame, so what it yields fits into one.
        let mut frame = AudioFrame {
            start_sample: self.position,
            len: take as u16,
            samples: [0.0; FRAME_SAMPLES],
        };
        frame.samples[..take].copy_from_slice(&ready[..take]);
        self.owed -= take as u64;
        self.position += take as u64;
        emit(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(upsampler: &mut Upsampler, input: &[f32], cuts: &[usize]) -> (Vec<f32>, u64) {
        let mut output = Vec::new();
        let mut first = None;
        let mut expected = None;
        let mut emit = |frame: AudioFrame| {
            first.get_or_insert(frame.start_sample);
            assert_eq!(
                frame.start_sample,
                *expected.get_or_insert(frame.start_sample),
                "output has a hole"
            );
            expected = Some(frame.start_sample + u64::from(frame.len));
            output.extend_from_slice(frame.filled());
        };
        let mut rest = input;
        for cut in cuts {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            upsampler.push(now, &mut emit);
            rest = later;
        }
        upsampler.push(rest, &mut emit);
        upsampler.flush(&mut emit);
        (output, first.unwrap_or(0))
    }

    #[test]
    fn a_tone_comes_out_in_place_and_at_its_level() {
        let tone = |rate: f32, n: usize| {
            (0..n)
                .map(|i| (std::f32::consts::TAU * 1_000.0 * i as f32 / rate).sin() * 0.5)
                .collect::<Vec<_>>()
        };
        let mut upsampler = Upsampler::new().unwrap();
        upsampler.restart(1_000);
        let (output, first) = run(&mut upsampler, &tone(8_000.0, 4_000), &[]);
        assert_eq!((first, output.len()), (2_000, 8_000));
        // Away from the edges every sample is where the same tone at 16 kHz has it: no delay is left.
        let worst = output
            .iter()
            .zip(tone(16_000.0, 8_000))
            .skip(400)
            .take(7_200)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 1e-3, "{worst}");
    }

    #[test]
    fn a_restart_forgets_the_run_before() {
        let mut upsampler = Upsampler::new().unwrap();
        let (_, _) = run(&mut upsampler, &[0.9; 333], &[]);
        upsampler.restart(10);
        let (output, first) = run(&mut upsampler, &[0.0; 160], &[]);
        assert_eq!((first, output), (20, vec![0.0; 320]));
    }

    proptest! {
        #[test]
        fn output_is_twice_as_long_as_input_however_it_is_cut(length in 0usize..2_000, cuts in proptest::collection::vec(0usize..400, 0..12)) {
            let input: Vec<f32> = (0..length).map(|i| ((i * 37 % 101) as f32 - 50.0) / 100.0).collect();
            let (whole, _) = run(&mut Upsampler::new().unwrap(), &input, &[]);
            let (cut, _) = run(&mut Upsampler::new().unwrap(), &input, &cuts);
            prop_assert_eq!(whole.len(), 2 * length);
            prop_assert_eq!(whole, cut);
        }
    }
}
