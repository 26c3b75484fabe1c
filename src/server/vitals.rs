//! What a call's streams look like at this moment: written by the sockets' tasks for every frame, read by the call's task once a second.
//!
//! Only relaxed atomics: a reader may see a frame's count and not yet its level, and nobody is the worse for it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use metrics::HistogramFn as _;
use serde_json::{Value, json};

use crate::audio::level::Level;
use crate::audio::{LINE_RATE_HZ, TrackReport};
use crate::call::Delay;
use crate::media::Track;
use crate::telemetry::metrics::Buckets;

/// For how long the fastest message counts as the fastest, microseconds: the clocks of both ends drift apart.
const FASTEST_FOR_US: i64 = 30_000_000;
/// A message later than this did not travel: the sender's clock was set anew, microseconds.
const BELIEVED_US: i64 = 10_000_000;

/// Delays of one stage.
#[derive(Debug, Default)]
pub struct Delays {
    buckets: Buckets,
    last_us: AtomicU64,
}

impl Delays {
    /// Takes one, in seconds.
    pub fn record(&self, seconds: f64) {
        self.buckets.record(seconds);
        self.last_us.store((seconds * 1e6) as u64, Relaxed);
    }

    /// What is known of them.
    pub fn read(&self) -> Delay {
        let count = self.buckets.count();
        let us = |q| self.buckets.quantile(q).map(|s| (s * 1e6).round() as u64);
        Delay {
            count,
            last_us: (count > 0).then(|| self.last_us.load(Relaxed)),
            p50_us: us(0.5),
            p95_us: us(0.95),
        }
    }
}

/// How late messages come, by the difference of their arrival and their timestamp to that of the fastest one.
#[derive(Debug, Clone, Copy)]
pub struct Transit {
    fastest_us: i64,
    before_us: i64,
    since_us: i64,
}

impl Default for Transit {
    fn default() -> Self {
        Transit {
            fastest_us: i64::MAX,
            before_us: i64::MAX,
            since_us: 0,
        }
    }
}

impl Transit {
    /// How much later than the fastest one a message comes that arrives at `arrival_us` and is stamped `timestamp_ms`.
    pub fn late_us(&mut self, arrival_us: i64, timestamp_ms: i64) -> u64 {
        if arrival_us - self.since_us > FASTEST_FOR_US {
            self.before_us = self.fastest_us;
            self.fastest_us = i64::MAX;
            self.since_us = arrival_us;
        }
        let transit_us = arrival_us.saturating_sub(timestamp_ms.saturating_mul(1_000));
        self.fastest_us = self.fastest_us.min(transit_us);
        let late_us = transit_us.saturating_sub(self.fastest_us.min(self.before_us));
        if late_us > BELIEVED_US {
            (self.fastest_us, self.before_us) = (transit_us, i64::MAX);
            return 0;
        }
        late_us.unsigned_abs()
    }
}

/// One track's counts since the stream began, and its level since it was asked last.
#[derive(Debug, Default)]
struct TrackVitals {
    frames: AtomicU64,
    gap_samples: AtomicU64,
    gaps: AtomicU64,
    late: AtomicU64,
    duplicates: AtomicU64,
    rejected: AtomicU64,
    end_sample: AtomicU64,
    samples: AtomicU64,
    clipped: AtomicU64,
    measured: AtomicU64,
    squares: AtomicU64,
    peak: AtomicU64,
}

/// One stream.
#[derive(Debug, Default)]
pub struct StreamVitals {
    /// Media message to samples in the ring.
    pub decode: Delays,
    /// How much later than the fastest one a message came.
    pub network: Delays,
    tracks: [TrackVitals; 2],
}

impl StreamVitals {
    /// Takes a frame's level and what has come of its track so far.
    pub fn frame(&self, track: Track, report: &TrackReport, level: Level) {
        let vitals = &self.tracks[track.index()];
        let counts = &report.counts;
        for (place, value) in [
            (&vitals.frames, counts.frames),
            (&vitals.gap_samples, counts.gap_samples),
            (&vitals.gaps, counts.gaps),
            (
                &vitals.late,
                counts.reordered + counts.late + counts.implausible,
            ),
            (&vitals.duplicates, counts.duplicates),
            (&vitals.rejected, report.invalid_payloads),
            (&vitals.end_sample, report.end_sample),
        ] {
            place.store(value, Relaxed);
        }
        for (place, value) in [
            (&vitals.samples, level.samples),
            (&vitals.clipped, level.clipped),
            (&vitals.measured, level.measured),
            (&vitals.squares, level.squares),
        ] {
            place.fetch_add(value, Relaxed);
        }
        vitals.peak.fetch_max(u64::from(level.peak), Relaxed);
    }

    /// End of the audio that has come, ms on the call's clock.
    pub fn end_ms(&self) -> u64 {
        let ends = self.tracks.iter().map(|t| t.end_sample.load(Relaxed));
        ends.max().unwrap_or(0) * 1_000 / u64::from(LINE_RATE_HZ)
    }

    /// Counts of both tracks, and their levels since this was asked last.
    pub fn read(&self) -> [Heard; 2] {
        [&self.tracks[0], &self.tracks[1]].map(|track| Heard {
            frames: track.frames.load(Relaxed),
            lost_ms: track.gap_samples.load(Relaxed) * 1_000 / u64::from(LINE_RATE_HZ),
            gaps: track.gaps.load(Relaxed),
            late: track.late.load(Relaxed),
            duplicates: track.duplicates.load(Relaxed),
            rejected: track.rejected.load(Relaxed),
            end_ms: track.end_sample.load(Relaxed) * 1_000 / u64::from(LINE_RATE_HZ),
            level: Level {
                samples: track.samples.swap(0, Relaxed),
                clipped: track.clipped.swap(0, Relaxed),
                measured: track.measured.swap(0, Relaxed),
                squares: track.squares.swap(0, Relaxed),
                // A magnitude of 16 bits.
                peak: track.peak.swap(0, Relaxed) as u16,
            },
        })
    }
}

/// A track as it was heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    frames: u64,
    lost_ms: u64,
    gaps: u64,
    late: u64,
    duplicates: u64,
    rejected: u64,
    end_ms: u64,
    level: Level,
}

/// Of a hundred milliseconds, how many are missing.
fn loss_pct(now: &[Heard; 2], before: &[Heard; 2]) -> f64 {
    let over = |of: fn(&Heard) -> u64| {
        let each = now.iter().zip(before);
        each.map(|(now, before)| of(now).saturating_sub(of(before)))
            .sum::<u64>()
    };
    let (lost, passed) = (over(|h| h.lost_ms), over(|h| h.end_ms));
    if passed == 0 {
        return 0.0;
    }
    (lost as f64 * 100.0 / passed as f64).min(100.0)
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl Heard {
    fn json(&self) -> Value {
        // Whole decibels: nobody hears less, and a line that has not changed need not be sent.
        let whole = |dbfs: Option<f64>| dbfs.map(|db| db.round() as i64);
        json!({
            "frames": self.frames, "lost_ms": self.lost_ms, "gaps": self.gaps, "late": self.late,
            "duplicates": self.duplicates, "rejected": self.rejected,
            "level_dbfs": whole(self.level.rms_dbfs()), "peak_dbfs": whole(self.level.peak_dbfs()),
            "clipping_pct": rounded(self.level.clipping_pct()),
        })
    }
}

/// The feed's `media.quality` for the time between two readings.
pub fn quality(now: &[Heard; 2], before: &[Heard; 2], window_ms: u64) -> Value {
    let loss = loss_pct(now, before);
    let (samples, clipped) = now.iter().fold((0, 0), |(samples, clipped), heard| {
        (samples + heard.level.samples, clipped + heard.level.clipped)
    });
    let clipping = clipped as f64 * 100.0 / samples.max(1) as f64;
    let [caller, agent] = now.map(|heard| heard.json());
    let verdict = match (loss.max(clipping), samples) {
        (_, 0) => "silent",
        (bad, _) if bad >= 5.0 => "bad",
        (weak, _) if weak >= 1.0 => "weak",
        _ => "ok",
    };
    json!({
        "window_ms": window_ms, "verdict": verdict,
        "loss_pct": rounded(loss), "clipping_pct": rounded(clipping),
        "gap_ms": now.iter().map(|heard| heard.lost_ms).sum::<u64>(),
        "level_dbfs": { "caller": caller["level_dbfs"], "agent": agent["level_dbfs"] },
        "caller": caller, "agent": agent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Counts;

    #[test]
    fn a_message_is_as_late_as_it_is_behind_the_fastest() {
        let mut transit = Transit::default();
        assert_eq!(transit.late_us(1_000_000, 0), 0);
        assert_eq!(transit.late_us(1_035_000, 20), 15_000);
        assert_eq!(transit.late_us(1_038_000, 40), 0, "the fastest so far");
        assert_eq!(transit.late_us(1_062_000, 60), 4_000);
        // The sender's clock was set anew.
        assert_eq!(transit.late_us(2_000_000, -50_000), 0);
        assert_eq!(transit.late_us(2_021_000, -49_980), 1_000);
    }

    #[test]
    fn a_clock_that_drifts_is_no_lateness() {
        let mut transit = Transit::default();
        // 100 ppm for an hour: 360 ms in all.
        let late = (0..180_000i64).map(|n| transit.late_us(n * 20_002, n * 20));
        assert!(late.max().unwrap() <= 7_000);
    }

    #[test]
    fn a_second_of_a_stream_is_told_with_its_loss_and_its_level() {
        let vitals = StreamVitals::default();
        let report = |frames: u64, gap_samples: u64, end_sample: u64| TrackReport {
            counts: Counts {
                frames,
                gap_samples,
                gaps: u64::from(gap_samples > 0),
                ..Counts::default()
            },
            end_sample,
            ..TrackReport::default()
        };
        let loud = Level::of(&[0x20; 160]);
        vitals.frame(Track::Inbound, &report(50, 0, 8_000), loud);
        let first = vitals.read();
        assert_eq!(vitals.end_ms(), 1_000);
        vitals.frame(Track::Inbound, &report(90, 1_600, 16_000), loud);
        let told = quality(&vitals.read(), &first, 1_000);
        assert_eq!(told["loss_pct"], 20.0);
        assert_eq!(told["verdict"], "bad");
        assert_eq!(
            (&told["gap_ms"], &told["caller"]["gaps"]),
            (&json!(200), &json!(1))
        );
        assert!(told["level_dbfs"]["caller"].as_i64().unwrap() < 0);
        assert_eq!(told["level_dbfs"]["agent"], Value::Null);
        // Nothing since: no level, and nothing lost in no time.
        let silent = quality(&vitals.read(), &vitals.read(), 1_000);
        assert_eq!(silent["verdict"], "silent");
        assert_eq!(silent["loss_pct"], 0.0);
    }

    #[test]
    fn delays_are_known_by_their_median_and_their_last() {
        let delays = Delays::default();
        assert_eq!(delays.read(), Delay::default());
        for ms in 1..=100 {
            delays.record(f64::from(ms) / 1_000.0);
        }
        let known = delays.read();
        assert_eq!((known.count, known.last_us), (100, Some(100_000)));
        assert!(
            (45_000..=55_000).contains(&known.p50_us.unwrap()),
            "{known:?}"
        );
        assert!(known.p95_us.unwrap() > 85_000, "{known:?}");
    }
}
