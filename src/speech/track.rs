//! One track being listened to: the samples that may still be needed, voice activity, and the utterance machine over them.

use std::collections::VecDeque;

use super::utterance::{Heard, Job, Order, Said, Tuning, Utterances};
use super::vad::Vad;
use super::{Expectation, tones, utterance};
use crate::audio::AudioFrame;

/// Holes up to this length are filled with silence and speech goes on across them; longer ones end the utterance: 300 ms.
const BRIDGED: u64 = 4_800;
/// Audio that is no longer needed is let go in pieces of at least this size, so that letting go costs nothing per frame.
const TRIM: u64 = 16_000;

/// Ears of one track.
pub struct Listening {
    vad: Vad,
    utterances: Utterances,
    history: History,
    orders: VecDeque<(Order, Vec<f32>)>,
    missing: u64,
}

impl Listening {
    /// Nothing heard yet; the clock is at 0.
    pub fn new(tuning: Tuning) -> Self {
        Self {
            vad: Vad::default(),
            utterances: Utterances::new(tuning),
            history: History::default(),
            orders: VecDeque::new(),
            missing: 0,
        }
    }

    /// Takes the next frame of the track. Samples that came before are skipped, holes are bridged or end the utterance.
    pub fn frame(&mut self, frame: &AudioFrame) {
        let samples = frame
            .samples
            .get(..usize::from(frame.len))
            .unwrap_or(&frame.samples);
        let expected = self.history.end();
        if frame.start_sample > expected {
            self.hole(frame.start_sample);
        }
        // What lies before the end was heard already (a duplicate): only the rest is new.
        let known = usize::try_from(self.history.end().saturating_sub(frame.start_sample))
            .unwrap_or(usize::MAX);
        self.hear(samples.get(known..).unwrap_or_default());
    }

    /// No audio has come up to this position.
    pub fn idle(&mut self, now: u64) {
        self.utterances.idle(now);
        self.collect();
    }

    /// The audio has ended.
    pub fn end(&mut self) {
        let utterances = &mut self.utterances;
        self.vad.flush(|frame| utterances.frame(frame));
        self.utterances.end();
        self.collect();
    }

    /// The next order with the samples it needs (none for [`Order::Demote`]).
    pub fn poll_order(&mut self) -> Option<(Order, Vec<f32>)> {
        self.orders.pop_front()
    }

    /// See [`Utterances::poll_said`].
    pub fn poll_said(&mut self) -> Option<Said> {
        self.utterances.poll_said()
    }

    /// See [`Utterances::decoded`].
    pub fn decoded(&mut self, job: &Job, heard: Heard) {
        self.utterances.decoded(job, heard);
    }

    /// See [`Utterances::join`].
    pub fn join(&mut self, first: u64, second: u64) -> bool {
        self.utterances.join(first, second)
    }

    /// See [`Utterances::following`].
    pub fn following(&self, job: &Job) -> Option<(u64, u64)> {
        self.utterances.following(job)
    }

    /// See [`Utterances::set_cadence`]; ms.
    pub fn set_cadence(&mut self, cadence_ms: Option<u32>) {
        self.utterances
            .set_cadence(cadence_ms.map(|ms| u64::from(ms) * 16));
    }

    /// See [`Utterances::expect`].
    pub fn expect(&mut self, expectation: Expectation) {
        self.utterances.expect(expectation);
    }

    /// See [`Utterances::pending_end`].
    pub fn pending_end(&self) -> Option<u64> {
        self.utterances.pending_end()
    }

    /// See [`Utterances::is_done`].
    pub fn is_done(&self) -> bool {
        self.utterances.is_done()
    }

    /// Sample after the last one heard.
    pub fn position(&self) -> u64 {
        self.history.end()
    }

    /// Samples that were missing so far, bridged or not.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Samples held in memory.
    pub fn held(&self) -> usize {
        self.history.samples.len()
    }

    fn hole(&mut self, until: u64) {
        let mut missing = until - self.history.end();
        self.missing += missing;
        if missing > BRIDGED {
            self.utterances.gap(until);
            self.collect();
            self.vad.jump(until);
            self.history.restart(until);
            return;
        }
        const SILENCE: [f32; 320] = [0.0; 320];
        while missing > 0 {
            let now = missing.min(SILENCE.len() as u64);
            // At most 320: fits.
            self.hear(SILENCE.get(..now as usize).unwrap_or_default());
            missing -= now;
        }
    }

    fn hear(&mut self, samples: &[f32]) {
        let from = self.history.samples.len();
        // A resampler overshoots a little and a broken sender may send anything: the detector and the model want -1..=1.
        self.history.samples.extend(samples.iter().map(|s| {
            if s.is_finite() {
                s.clamp(-1.0, 1.0)
            } else {
                0.0
            }
        }));
        let utterances = &mut self.utterances;
        self.vad.push(
            self.history.samples.get(from..).unwrap_or_default(),
            |frame| utterances.frame(frame),
        );
        self.collect();
        self.history.forget_before(self.utterances.keep_from());
    }

    /// Gives new orders their samples at once: later the audio may be gone. Where only tones sound, nobody needs to decode.
    fn collect(&mut self) {
        while let Some(order) = self.utterances.poll_order() {
            match order {
                Order::Decode(job) => {
                    let mut samples = self.history.copy(job.start, job.end);
                    if tones::mute(&mut samples) {
                        self.orders.push_back((Order::Decode(job), samples));
                    } else {
                        self.utterances.decoded(&job, Heard::Nothing);
                    }
                }
                Order::Demote { .. } => self.orders.push_back((order, Vec::new())),
            }
        }
    }
}

/// The last samples of a track, addressed by position.
#[derive(Default)]
struct History {
    start: u64,
    samples: Vec<f32>,
}

impl History {
    fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }

    fn restart(&mut self, at: u64) {
        self.start = at;
        self.samples.clear();
    }

    /// The samples of `from..to` as far as they are there.
    fn copy(&self, from: u64, to: u64) -> Vec<f32> {
        let index = |position: u64| {
            usize::try_from(position.saturating_sub(self.start))
                .unwrap_or(usize::MAX)
                .min(self.samples.len())
        };
        self.samples
            .get(index(from)..index(to))
            .unwrap_or_default()
            .to_vec()
    }

    fn forget_before(&mut self, position: u64) {
        let known = position.saturating_sub(self.start);
        if known >= TRIM {
            let count = usize::try_from(known)
                .unwrap_or(usize::MAX)
                .min(self.samples.len());
            self.samples.drain(..count);
            self.start += count as u64;
            // After a long utterance the memory goes back.
            if self.samples.capacity() > 4 * self.samples.len() + 4 * TRIM as usize {
                self.samples.shrink_to(2 * TRIM as usize);
            }
        }
    }
}

/// Tuning of a track by the settings and the model.
pub fn tuning(settings: &super::Settings, max_job_ms: u64) -> Tuning {
    utterance::Tuning::new(
        settings.endpoint_ms,
        settings.number_endpoint_ms,
        max_job_ms,
    )
}
