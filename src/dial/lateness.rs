//! How late frames were sent: a histogram of fixed size, good to 1.6 %.

use std::time::Duration;

/// Buckets an octave.
const STEPS: usize = 64;
/// From 1 us to 2^26 us, about a minute.
const OCTAVES: usize = 26;

/// Send times against their deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lateness {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

impl Default for Lateness {
    fn default() -> Lateness {
        Lateness {
            buckets: vec![0; STEPS * OCTAVES],
            count: 0,
            max_us: 0,
        }
    }
}

impl Lateness {
    /// Notes one frame.
    pub fn record(&mut self, late: Duration) {
        let us = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        // One past the value, so that zero has a logarithm; half a step is the error.
        let index = ((us.saturating_add(1) as f64).log2() * STEPS as f64) as usize;
        if let Some(bucket) = self.buckets.get_mut(index.min(STEPS * OCTAVES - 1)) {
            *bucket += 1;
        }
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds what another call saw.
    pub fn merge(&mut self, other: &Lateness) {
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += more;
        }
        self.count += other.count;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Microseconds that the share `p` (0..=1) of the frames was not later than.
    pub fn quantile_us(&self, p: f64) -> u64 {
        let wanted = (self.count as f64 * p).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return (((index as f64 + 0.5) / STEPS as f64).exp2() - 1.0).round() as u64;
            }
        }
        self.max_us
    }

    /// The latest frame, us.
    pub fn max_us(&self) -> u64 {
        self.max_us
    }

    /// Frames noted.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_two_percent() {
        let mut lateness = Lateness::default();
        for us in 1..=10_000 {
            lateness.record(Duration::from_micros(us));
        }
        for (p, us) in [(0.5, 5_000.0), (0.99, 9_900.0), (1.0, 10_000.0)] {
            let error = (lateness.quantile_us(p) as f64 - us).abs() / us;
            assert!(error < 0.02, "{p}: {error}");
        }
        let mut both = lateness.clone();
        both.merge(&lateness);
        assert_eq!(
            (both.count(), both.max_us(), both.quantile_us(0.5)),
            (20_000, 10_000, lateness.quantile_us(0.5))
        );
        assert_eq!(Lateness::default().quantile_us(0.99), 0);
    }
}
