//! Slows down those who try passwords: after a few wrong ones, each further one costs a wait that doubles.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong passwords that cost nothing.
const FREE: u32 = 5;
/// The first wait, seconds; it doubles with each further wrong password.
const FIRST_WAIT_S: u64 = 2;
/// The longest wait, seconds.
const LONGEST_WAIT_S: u64 = 15 * 60;
/// After this long without a wrong one everything is forgiven, seconds.
const FORGIVEN_AFTER_S: i64 = 60 * 60;
/// Names and addresses remembered at once; when there are more, those forgiven soonest go first.
const MOST_KEPT: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last_ms: i64,
}

impl Tries {
    fn wait_s(self) -> u64 {
        let over = self.wrong.saturating_sub(FREE);
        if over == 0 {
            return 0;
        }
        FIRST_WAIT_S
            .saturating_mul(1_u64.checked_shl(over - 1).unwrap_or(u64::MAX))
            .min(LONGEST_WAIT_S)
    }
}

/// Who has tried how often. Counted by account and by address, so that neither many addresses nor many accounts help.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Tries>>);

impl Throttle {
    /// How many seconds this one has to wait before the next try; nothing if it may try now.
    pub fn wait_s(&self, who: &str, now_ms: i64) -> Option<u64> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = kept.get(who)?;
        let passed_ms = now_ms - tries.last_ms;
        let wait_ms = i64::try_from(tries.wait_s() * 1000).unwrap_or(i64::MAX);
        (passed_ms < wait_ms).then(|| ((wait_ms - passed_ms) as u64).div_ceil(1000))
    }

    /// A wrong password.
    pub fn wrong(&self, who: &str, now_ms: i64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, t| now_ms - t.last_ms < FORGIVEN_AFTER_S * 1000);
        }
        if kept.len() >= MOST_KEPT
            && let Some(oldest) = kept
                .iter()
                .min_by_key(|(_, t)| t.last_ms)
                .map(|(k, _)| k.clone())
        {
            kept.remove(&oldest);
        }
        let tries = kept.entry(who.to_owned()).or_insert(Tries {
            wrong: 0,
            last_ms: now_ms,
        });
        if now_ms - tries.last_ms >= FORGIVEN_AFTER_S * 1000 {
            tries.wrong = 0;
        }
        tries.wrong = tries.wrong.saturating_add(1);
        tries.last_ms = now_ms;
    }

    /// The right password: its account starts afresh.
    pub fn right(&self, who: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_slips_cost_nothing_and_guessing_gets_slow() {
        let throttle = Throttle::default();
        for _ in 0..FREE {
            throttle.wrong("dana", 0);
        }
        assert_eq!(throttle.wait_s("dana", 0), None);
        throttle.wrong("dana", 0);
        assert_eq!(throttle.wait_s("dana", 0), Some(2));
        assert_eq!(throttle.wait_s("dana", 1500), Some(1));
        assert_eq!(throttle.wait_s("dana", 2000), None);
        for _ in 0..40 {
            throttle.wrong("dana", 2000);
        }
        assert_eq!(throttle.wait_s("dana", 2000), Some(LONGEST_WAIT_S));
        assert_eq!(throttle.wait_s("lee", 2000), None);
    }

    #[test]
    fn the_right_password_and_an_hours_rest_wipe_the_slate() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.wrong("dana", 0);
        }
        throttle.right("dana");
        assert_eq!(throttle.wait_s("dana", 0), None);
        for _ in 0..10 {
            throttle.wrong("lee", 0);
        }
        throttle.wrong("lee", FORGIVEN_AFTER_S * 1000);
        assert_eq!(throttle.wait_s("lee", FORGIVEN_AFTER_S * 1000), None);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..MOST_KEPT + 500 {
            throttle.wrong(&n.to_string(), n as i64);
        }
        assert!(throttle.0.lock().unwrap().len() <= MOST_KEPT);
    }
}
