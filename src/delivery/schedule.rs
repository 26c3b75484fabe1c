//! When a delivery is tried again: the schedule of Standard Webhooks with jitter, and what a receiver may ask for.

/// Waits before each attempt, ms: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h (Standard Webhooks, "Retry schedule"):
/// ten attempts over 75 h 35 min.
pub const WAITS_MS: [i64; 10] = [
    0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000,
    86_400_000,
];
/// Largest part of a wait by which chance makes it shorter or longer, so that what failed together does not come back together.
const JITTER: f64 = 0.1;
/// Longest wait a receiver may ask for, ms: a wrong `Retry-After` must not park a delivery for ever.
pub const MAX_RETRY_AFTER_MS: i64 = 86_400_000;
/// How long a destination that throttles without saying for how long is left alone, ms.
pub const THROTTLE_MS: i64 = 30_000;

/// How long to wait after the `failed`th failed attempt (1 is the first), ms; `None` when it was the last one.
///
/// `random` is 0..1. `asked_ms` is what the receiver asked for with `Retry-After`; the longer wait holds.
pub fn wait_after(failed: u32, random: f64, asked_ms: Option<i64>) -> Option<i64> {
    let wait_ms = *WAITS_MS.get(failed as usize)?;
    let factor = 1.0 + JITTER * (2.0 * random.clamp(0.0, 1.0) - 1.0);
    let jittered_ms = (wait_ms as f64 * factor) as i64;
    Some(jittered_ms.max(asked_ms.unwrap_or(0).clamp(0, MAX_RETRY_AFTER_MS)))
}

/// A `Retry-After` header, ms from now: seconds, or an HTTP date (RFC 9110, section 10.2.3). `None` when it is neither.
pub fn retry_after_ms(header: &str, now_ms: i64) -> Option<i64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?;
    Some((at.timestamp().as_millisecond() - now_ms).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_attempts_over_75_hours_and_35_minutes() {
        let middle: Vec<i64> = (1..).map_while(|n| wait_after(n, 0.5, None)).collect();
        assert_eq!(middle, WAITS_MS[1..]);
        assert_eq!(middle.iter().sum::<i64>(), (75 * 60 + 35) * 60_000 + 5_000);
        assert_eq!(wait_after(10, 0.5, Some(5)), None);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less() {
        assert_eq!(wait_after(1, 0.5, Some(60_000)), Some(60_000));
        assert_eq!(wait_after(2, 0.5, Some(1_000)), Some(300_000));
        assert_eq!(wait_after(1, 0.5, Some(i64::MAX)), Some(MAX_RETRY_AFTER_MS));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now_ms = 1_763_683_200_000; // 2025-11-21T00:00:00Z, a Friday
        assert_eq!(retry_after_ms("120", now_ms), Some(120_000));
        assert_eq!(
            retry_after_ms("Fri, 21 Nov 2025 00:01:00 GMT", now_ms),
            Some(60_000)
        );
        assert_eq!(
            retry_after_ms("Fri, 21 Nov 2025 00:00:00 GMT", now_ms + 9),
            Some(0)
        );
        for bad in ["", "-1", "soon", "1.5"] {
            assert_eq!(retry_after_ms(bad, now_ms), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_tenth(failed in 1u32..10, random in 0.0..=1.0f64) {
            let middle = WAITS_MS[failed as usize] as f64;
            let wait = wait_after(failed, random, None).unwrap() as f64;
            prop_assert!((middle * 0.9 - 1.0..=middle * 1.1 + 1.0).contains(&wait));
        }
    }
}
