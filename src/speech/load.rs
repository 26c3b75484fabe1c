//! How much the workers bear: what a decode costs, how often partials may come, whether another call fits.
//!
//! Pure: times are arguments. Costs are measured while running; the first ones come from the decodes at start-up.

use std::collections::VecDeque;

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Speech recognition is switched off.
    #[error("speech recognition is off (speech.enabled)")]
    Disabled,
    /// No worker can decode.
    #[error("speech recognition has stopped: no worker can decode")]
    Stopped,
    /// The finals of one more call would not be in time.
    #[error(
        "speech recognition is full: {tracks} tracks, and one more call would take {needed:.2} of {capacity:.2} workers for finals alone"
    )]
    Overloaded {
        /// Tracks being listened to, and those admitted but not begun.
        tracks: usize,
        /// Workers that the finals would take with one more call.
        needed: f64,
        /// Workers that may be taken.
        capacity: f64,
    },
    /// Finals are late right now.
    #[error("speech recognition is behind: the oldest waiting final is {late_ms} ms late")]
    Behind {
        /// How late.
        late_ms: u64,
    },
}

/// Share of the workers that finals may take. Beyond it waiting times grow without bound; partials live in the rest.
const FINALS_SHARE: f64 = 0.7;
/// A final this late stops admission at once.
const BEHIND_US: u64 = 1_500_000;
/// Tracks of a call.
const TRACKS_PER_CALL: usize = 2;
/// An admitted call that does not begin to stream within this time gives its place back.
const RESERVED_US: u64 = 10_000_000;
/// One turn of 2.6 s in 5.8 s: 45 % speech (telephone conversations; the model of the simulations).
const PRIOR_TURN_S: f64 = 5.8;
/// How much measured time weighs as much as the prior, track-seconds; and how fast measurements fade.
const PRIOR_WEIGHT_S: f64 = 120.0;
const HALF_LIFE_S: f64 = 60.0;

/// Decides whether one more call can be heard.
#[derive(Debug)]
pub struct Admission {
    workers: usize,
    tracks: usize,
    reserved: VecDeque<u64>,
    prior_rate: f64,
    spent_s: f64,
    track_s: f64,
    late_us: u64,
}

impl Admission {
    /// For `workers` workers, of which one takes `turn_cost_us` for the final of an average turn.
    pub fn new(workers: usize, turn_cost_us: u64) -> Self {
        Self {
            workers,
            tracks: 0,
            reserved: VecDeque::new(),
            prior_rate: turn_cost_us as f64 / 1e6 / PRIOR_TURN_S,
            spent_s: 0.0,
            track_s: 0.0,
            late_us: 0,
        }
    }

    /// Takes a call or says why not. A taken call holds its place for ten seconds, or until its tracks begin.
    ///
    /// # Errors
    /// The reason.
    pub fn admit(&mut self, now_us: u64) -> Result<(), Refused> {
        self.expire(now_us);
        if self.workers == 0 {
            return Err(Refused::Stopped);
        }
        let tracks = self.tracks + self.reserved.len();
        let capacity = self.workers as f64 * FINALS_SHARE;
        let needed = (tracks + TRACKS_PER_CALL) as f64 * self.rate();
        // The first call is always taken: a slow model is the user's choice.
        if tracks > 0 && needed > capacity {
            return Err(Refused::Overloaded {
                tracks,
                needed,
                capacity,
            });
        }
        if self.late_us > BEHIND_US {
            return Err(Refused::Behind {
                late_ms: self.late_us / 1_000,
            });
        }
        self.reserved
            .extend([now_us + RESERVED_US; TRACKS_PER_CALL]);
        Ok(())
    }

    /// A track begins.
    pub fn began(&mut self) {
        self.reserved.pop_front();
    }

    /// What the recogniser measured since the last time.
    pub fn observe(&mut self, seen: Seen) {
        self.workers = seen.workers;
        self.tracks = seen.tracks;
        self.late_us = seen.late_us;
        let fade = 0.5f64.powf(seen.elapsed_us as f64 / 1e6 / HALF_LIFE_S);
        self.spent_s = self.spent_s * fade + seen.finals_us as f64 / 1e6;
        self.track_s = self.track_s * fade + seen.elapsed_us as f64 / 1e6 * seen.tracks as f64;
        self.expire(seen.now_us);
    }

    /// Decoding seconds that the finals of one track take in a second.
    pub fn rate(&self) -> f64 {
        (self.spent_s + self.prior_rate * PRIOR_WEIGHT_S) / (self.track_s + PRIOR_WEIGHT_S)
    }

    fn expire(&mut self, now_us: u64) {
        while self.reserved.front().is_some_and(|until| *until <= now_us) {
            self.reserved.pop_front();
        }
    }
}

/// One measurement of the recogniser.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Now.
    pub now_us: u64,
    /// Since the last measurement.
    pub elapsed_us: u64,
    /// Workers that can decode.
    pub workers: usize,
    /// Tracks being listened to.
    pub tracks: usize,
    /// Decoding time spent on finals since the last measurement.
    pub finals_us: u64,
    /// How late the first waiting final is.
    pub late_us: u64,
}

/// Steps of the cadence as multiples of the configured one, in halves: 400, 600, 800, 1200, 1800 ms. Beyond the last: finals only.
const STEPS: [u32; 5] = [2, 3, 4, 6, 9];
/// Utilisation above which partials come more slowly, and below which they come faster again.
const SLOWER_ABOVE: f64 = 0.8;
const FASTER_BELOW: f64 = 0.55;
/// How long a step is held before the next one.
const HOLD_SLOWER_US: u64 = 1_000_000;
const HOLD_FASTER_US: u64 = 4_000_000;
/// Time constant of the utilisation.
const SMOOTH_US: f64 = 2_000_000.0;
/// A final this late means: no partials now.
const LATE_US: u64 = 300_000;

/// How often partials may come.
#[derive(Debug)]
pub struct Cadence {
    base_ms: u32,
    step: usize,
    utilisation: f64,
    changed_us: u64,
}

impl Cadence {
    /// Begins with the configured cadence.
    pub fn new(base_ms: u32) -> Self {
        Self {
            base_ms,
            step: 0,
            utilisation: 0.0,
            changed_us: 0,
        }
    }

    /// Takes the share of workers that were busy since the last time; answers whether the cadence changed.
    pub fn observe(&mut self, now_us: u64, elapsed_us: u64, busy_share: f64, late_us: u64) -> bool {
        let alpha = 1.0 - (-(elapsed_us as f64) / SMOOTH_US).exp();
        self.utilisation += alpha * (busy_share - self.utilisation);
        let held = now_us.saturating_sub(self.changed_us);
        let before = self.step;
        if (self.utilisation > SLOWER_ABOVE || late_us > LATE_US)
            && self.step < STEPS.len()
            && held >= HOLD_SLOWER_US
        {
            self.step += 1;
        } else if self.utilisation < FASTER_BELOW
            && late_us == 0
            && self.step > 0
            && held >= HOLD_FASTER_US
        {
            self.step -= 1;
        }
        if self.step != before {
            self.changed_us = now_us;
        }
        self.step != before
    }

    /// Speech between two partials, ms; `None`: finals only.
    pub fn ms(&self) -> Option<u32> {
        STEPS.get(self.step).map(|halves| self.base_ms * halves / 2)
    }

    /// Partials come noticeably more slowly than configured.
    pub fn degraded(&self) -> bool {
        self.step >= 3
    }

    /// Smoothed share of busy workers, 0..=1.
    pub fn utilisation(&self) -> f64 {
        self.utilisation
    }
}

/// What decodes cost, by length, learnt as they happen.
#[derive(Debug)]
pub struct Costs {
    /// Up to 2.5, 5, 10 and 30 s of audio.
    by_length_us: [f64; 4],
}

impl Costs {
    /// From the measured cost of a job of about 3 s.
    pub fn new(job_3s_us: u64) -> Self {
        let cost = job_3s_us as f64;
        Self {
            by_length_us: [cost, cost, 2.0 * cost, 4.0 * cost],
        }
    }

    /// A decode of `samples` took `took_us`.
    pub fn learn(&mut self, samples: usize, took_us: u64) {
        if let Some(cost) = self.by_length_us.get_mut(Self::class(samples)) {
            *cost += 0.1 * (took_us as f64 - *cost);
        }
    }

    /// What a decode of `samples` will probably take, µs.
    pub fn estimate_us(&self, samples: usize) -> u64 {
        self.by_length_us
            .get(Self::class(samples))
            .map_or(0, |cost| *cost as u64)
    }

    fn class(samples: usize) -> usize {
        match samples {
            0..=40_000 => 0,
            40_001..=80_000 => 1,
            80_001..=160_000 => 2,
            _ => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(now_us: u64, elapsed_us: u64, tracks: usize, finals_us: u64) -> Seen {
        Seen {
            now_us,
            elapsed_us,
            workers: 1,
            tracks,
            finals_us,
            late_us: 0,
        }
    }

    #[test]
    fn calls_are_admitted_up_to_the_wall_and_refused_above_it() {
        // 0.29 s a turn of 5.8 s: a track takes 5 % of a worker, so 14 tracks fit into 70 %.
        let mut admission = Admission::new(1, 290_000);
        let taken = (0..20).take_while(|_| admission.admit(0).is_ok()).count();
        assert_eq!(taken, 7);
        assert!(matches!(
            admission.admit(0),
            Err(Refused::Overloaded { tracks: 14, .. })
        ));
    }

    #[test]
    fn reserved_places_expire_and_begun_tracks_take_theirs() {
        let mut admission = Admission::new(1, 290_000);
        while admission.admit(0).is_ok() {}
        assert!(admission.admit(9_999_999).is_err());
        assert!(admission.admit(10_000_000).is_ok());
        admission.began();
        admission.began();
        admission.observe(seen(10_000_001, 1, 14, 0));
        assert!(admission.admit(10_000_002).is_err());
    }

    #[test]
    fn measured_costs_replace_the_prior() {
        let mut admission = Admission::new(1, 290_000);
        for second in 1..=600u64 {
            admission.observe(seen(second * 1_000_000, 1_000_000, 4, 40_000));
        }
        assert!(
            (admission.rate() - 0.01).abs() < 0.015,
            "{}",
            admission.rate()
        );
        assert!(admission.rate() < 0.03);
    }

    #[test]
    fn a_slow_model_still_gets_one_call_and_dead_workers_none() {
        let mut admission = Admission::new(1, 60_000_000);
        assert!(admission.admit(0).is_ok());
        assert!(admission.admit(0).is_err());
        admission.observe(Seen {
            workers: 0,
            ..seen(1, 1, 0, 0)
        });
        assert_eq!(admission.admit(2), Err(Refused::Stopped));
    }

    #[test]
    fn late_finals_refuse_calls() {
        let mut admission = Admission::new(4, 1_000);
        admission.observe(Seen {
            late_us: 2_000_000,
            ..seen(1, 1, 2, 0)
        });
        assert_eq!(admission.admit(1), Err(Refused::Behind { late_ms: 2_000 }));
    }

    #[test]
    fn cadence_stretches_under_load_down_to_finals_only_and_comes_back_slowly() {
        let mut cadence = Cadence::new(400);
        let mut seen = vec![cadence.ms()];
        let mut now = 0;
        let mut step = |cadence: &mut Cadence, seconds: u64, busy: f64| {
            for _ in 0..seconds * 50 {
                now += 20_000;
                if cadence.observe(now, 20_000, busy, 0) {
                    seen.push(cadence.ms());
                }
            }
        };
        step(&mut cadence, 20, 1.0);
        assert_eq!(cadence.ms(), None);
        step(&mut cadence, 1, 0.7);
        step(&mut cadence, 60, 0.7);
        assert_eq!(cadence.ms(), None, "between the thresholds nothing moves");
        step(&mut cadence, 60, 0.3);
        assert_eq!(
            seen,
            [
                Some(400),
                Some(600),
                Some(800),
                Some(1_200),
                Some(1_800),
                None,
                Some(1_800),
                Some(1_200),
                Some(800),
                Some(600),
                Some(400)
            ]
        );
    }

    #[test]
    fn costs_follow_what_was_measured() {
        let mut costs = Costs::new(100_000);
        assert_eq!(costs.estimate_us(32_000), 100_000);
        for _ in 0..100 {
            costs.learn(32_000, 50_000);
        }
        assert!(costs.estimate_us(32_000) < 51_000);
        assert_eq!(costs.estimate_us(60_000), 100_000);
    }
}
