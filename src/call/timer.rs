//! The call's timers. The core names moments; the edge sleeps until the nearest and hands back a [`Timer`] event.

use serde::{Deserialize, Serialize};

/// What a call can wait for. None of them runs on a wall clock of its own: a deadline is compared with the `now` of the next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// The call was announced but no stream came and no terminal status either.
    Unanswered,
    /// The socket dropped without `stop`: a new stream may still join.
    Rejoin,
    /// The call has ended: the last words must be heard by then.
    Flush,
    /// No call lasts for ever.
    MaxDuration,
    /// The recording was paused by itself, and nothing more was said that it should pause for.
    Unpause,
}

impl Timer {
    const ALL: [Timer; 5] = [
        Timer::Unanswered,
        Timer::Rejoin,
        Timer::Flush,
        Timer::MaxDuration,
        Timer::Unpause,
    ];
}

/// One deadline a timer, unix microseconds.
#[derive(Debug, Clone, Default)]
pub struct TimerTable([Option<i64>; 5]);

impl TimerTable {
    /// Arms `timer`, replacing an earlier deadline.
    pub fn set(&mut self, timer: Timer, deadline_us: i64) {
        self.0[timer as usize] = Some(deadline_us);
    }

    /// Disarms `timer`.
    pub fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    /// Disarms `timer` and says whether it was armed for `now_us` or earlier.
    pub fn take_expired(&mut self, timer: Timer, now_us: i64) -> bool {
        let expired = self.0[timer as usize].is_some_and(|deadline| deadline <= now_us);
        if expired {
            self.stop(timer);
        }
        expired
    }

    /// The nearest deadline and its timer.
    pub fn next(&self) -> Option<(i64, Timer)> {
        Timer::ALL
            .into_iter()
            .filter_map(|t| self.0[t as usize].map(|deadline| (deadline, t)))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_deadline_comes_first_and_fires_once() {
        let mut table = TimerTable::default();
        table.set(Timer::MaxDuration, 900);
        table.set(Timer::Flush, 300);
        assert_eq!(table.next(), Some((300, Timer::Flush)));
        assert!(!table.take_expired(Timer::Flush, 299));
        assert!(table.take_expired(Timer::Flush, 300));
        assert!(!table.take_expired(Timer::Flush, 300));
        assert_eq!(table.next(), Some((900, Timer::MaxDuration)));
    }
}
