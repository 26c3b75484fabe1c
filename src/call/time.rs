//! The two clocks of a call: unix microseconds for "when", and milliseconds from the first media sample for "where in the call".

use jiff::Timestamp;

/// RFC 3339 in UTC with milliseconds, the form of every time in our JSON.
///
/// ```
/// assert_eq!(offhook::call::rfc3339(1_774_345_920_123_456), "2026-03-24T09:52:00.123Z");
/// ```
pub fn rfc3339(unix_us: i64) -> String {
    timestamp(unix_us)
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// The instant; moments beyond what a calendar holds become its ends.
pub fn timestamp(unix_us: i64) -> Timestamp {
    Timestamp::from_microsecond(unix_us).unwrap_or(if unix_us < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// Whole milliseconds from `from_us` to `to_us`, 0 where that is negative.
pub fn ms_between(from_us: i64, to_us: i64) -> u64 {
    u64::try_from(to_us.saturating_sub(from_us) / 1000).unwrap_or(0)
}
