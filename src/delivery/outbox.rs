//! What an attempt's outcome means for a delivery and its destination.
//!
//! ```text
//! queued --lease--> sending --taken--> delivered
//!                      |--temporary--> retrying --lease--> sending ... after the last attempt: dead
//!                      |--final------> dead
//!                      `--crash------> sending, lease runs out: sent again under the same id
//! ```

use serde::{Deserialize, Serialize};

use super::schedule;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not tried yet.
    Queued,
    /// Somebody has it in hand.
    Sending,
    /// The receiver has it.
    Delivered,
    /// It failed and is tried again.
    Retrying,
    /// It was given up.
    Dead,
    /// A person, or its own content, stopped it.
    Canceled,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] = [
        State::Queued,
        State::Sending,
        State::Delivered,
        State::Retrying,
        State::Dead,
        State::Canceled,
    ];

    /// The name in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sending => "sending",
            State::Delivered => "delivered",
            State::Retrying => "retrying",
            State::Dead => "dead",
            State::Canceled => "canceled",
        }
    }
}

/// How an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Taken,
    /// Later perhaps.
    Temporary,
    /// Later perhaps, and everything else to this destination later too.
    Throttled,
    /// Never again: the receiver wants no more of anything.
    Gone,
    /// Never: this one cannot be delivered.
    Final,
}

/// One attempt and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How it went.
    pub verdict: Verdict,
    /// The receiver's HTTP status, if it came to one.
    pub status: Option<u16>,
    /// What went wrong, without secrets or callers' data.
    pub error: Option<String>,
    /// The wait the receiver asked for, ms.
    pub retry_after_ms: Option<i64>,
    /// The receiver's name for it.
    pub ack_ref: Option<String>,
    /// The beginning of the answer.
    pub excerpt: Option<String>,
}

impl Attempt {
    /// The receiver has it.
    pub fn taken(status: Option<u16>, ack_ref: Option<String>) -> Attempt {
        Attempt {
            verdict: Verdict::Taken,
            status,
            error: None,
            retry_after_ms: None,
            ack_ref,
            excerpt: None,
        }
    }

    /// It failed.
    pub fn failed(verdict: Verdict, status: Option<u16>, error: impl Into<String>) -> Attempt {
        Attempt {
            verdict,
            error: Some(error.into()),
            ..Attempt::taken(status, None)
        }
    }
}

/// What follows of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The delivery's state from now on.
    pub state: State,
    /// When it is tried again, where it is.
    pub at_ms: i64,
    /// Until when the destination is left alone.
    pub pause_until_ms: Option<i64>,
    /// Why nothing is sent to the destination any more.
    pub disable: Option<&'static str>,
}

/// What follows of an attempt. `failed_before` counts the failed attempts of this schedule before it; `random` is 0..1.
pub fn after(attempt: &Attempt, failed_before: u32, now_ms: i64, random: f64) -> Next {
    let ends = |state| Next {
        state,
        at_ms: now_ms,
        pause_until_ms: None,
        disable: None,
    };
    match attempt.verdict {
        Verdict::Taken => ends(State::Delivered),
        Verdict::Final => ends(State::Dead),
        Verdict::Gone => Next {
            disable: Some("it answered 410 Gone"),
            ..ends(State::Dead)
        },
        Verdict::Temporary | Verdict::Throttled => {
            let pause_ms = match attempt.verdict {
                Verdict::Throttled => Some(
                    attempt
                        .retry_after_ms
                        .unwrap_or(schedule::THROTTLE_MS)
                        .clamp(0, schedule::MAX_RETRY_AFTER_MS),
                ),
                _ => None,
            };
            let wait = schedule::wait_after(failed_before + 1, random, attempt.retry_after_ms);
            Next {
                state: if wait.is_some() {
                    State::Retrying
                } else {
                    State::Dead
                },
                at_ms: now_ms + wait.unwrap_or(0),
                pause_until_ms: pause_ms.map(|ms| now_ms + ms),
                disable: None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: i64 = 1_763_683_200_000;

    #[test]
    fn an_attempt_leaves_its_mark_on_the_destination() {
        let mut attempt = Attempt::failed(Verdict::Throttled, Some(429), "429");
        let next = after(&attempt, 0, NOW_MS, 0.5);
        assert_eq!(next.pause_until_ms, Some(NOW_MS + schedule::THROTTLE_MS));
        attempt.retry_after_ms = Some(120_000);
        let next = after(&attempt, 0, NOW_MS, 0.5);
        assert_eq!(
            (next.state, next.at_ms, next.pause_until_ms),
            (State::Retrying, NOW_MS + 120_000, Some(NOW_MS + 120_000))
        );
        let next = after(
            &Attempt::failed(Verdict::Gone, Some(410), "410"),
            0,
            NOW_MS,
            0.5,
        );
        assert_eq!((next.state, next.disable.is_some()), (State::Dead, true));
    }

    proptest! {
        /// Whatever fails how often: it ends after ten attempts at the latest, and time goes forward.
        #[test]
        fn every_delivery_comes_to_an_end(asked in proptest::collection::vec((0i64..=200_000_000, any::<bool>(), 0.0..1.0f64), 20)) {
            let (mut now_ms, mut failed) = (NOW_MS, 0);
            for (wait_ms, throttled, random) in asked {
                let verdict = if throttled { Verdict::Throttled } else { Verdict::Temporary };
                let mut attempt = Attempt::failed(verdict, Some(503), "503");
                attempt.retry_after_ms = Some(wait_ms);
                let next = after(&attempt, failed, now_ms, random);
                failed += 1;
                prop_assert!(next.at_ms >= now_ms);
                now_ms = next.at_ms;
                if next.state == State::Dead {
                    break;
                }
                prop_assert_eq!(next.state, State::Retrying);
            }
            prop_assert_eq!(failed, schedule::WAITS_MS.len() as u32);
        }
    }
}
