//! The one place where time comes from.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Wall-clock time that never jumps: read once at start, then carried on by the monotonic clock, so that durations in a journal are true
/// even when somebody sets the machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    start_us: i64,
}

impl Clock {
    /// A clock set to the machine's wall clock.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Clock {
            start: Instant::now(),
            start_us: i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX),
        }
    }

    /// Now, unix microseconds.
    pub fn now_us(&self) -> i64 {
        self.start_us
            .saturating_add(i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    /// The monotonic instant of a moment given in unix microseconds; a moment before the start is the start.
    pub fn instant(&self, unix_us: i64) -> Instant {
        let after_us = u64::try_from(unix_us.saturating_sub(self.start_us)).unwrap_or(0);
        self.start + std::time::Duration::from_micros(after_us)
    }
}
