//! Times counted from the call: "in an hour", "in about forty five minutes".

use super::polarity::excluded;
use super::{Bound, Clock, Days, Frame, TimeMention};
use crate::fields::turn::Heard;

/// "in an hour", "in about two hours", "in forty five minutes".
pub(super) fn from_now(heard: &Heard, at: usize, frame: Frame) -> Option<TimeMention> {
    if heard.word(at) != "in" {
        return None;
    }
    let mut i = at + 1;
    while matches!(
        heard.word(i),
        "about" | "like" | "maybe" | "around" | "under"
    ) {
        i += 1;
    }
    let half = heard.word(i) == "half";
    let run = crate::fields::number::run_at(&heard.tokens, i);
    let (n, used) = match (heard.word(i), heard.word(i + 1), run) {
        ("half", "an", _) => (30, 2),
        ("an" | "a", "couple", _) => (2, 2 + usize::from(heard.word(i + 2) == "of")),
        ("an" | "a", _, _) => (1, 1),
        (_, _, Some(run)) => (u16::try_from(run.cardinal?).ok()?, run.end - i),
        _ => return None,
    };
    let minutes = match heard.word(i + used) {
        "hour" | "hours" if half => n,
        "hour" | "hours" if n <= 12 => n * 60,
        "minute" | "minutes" if n <= 600 => n,
        _ => return None,
    };
    let start = frame.minute + minutes;
    let end = i + used + 1;
    Some(TimeMention {
        start: at,
        end,
        day: Some(Days {
            start: frame.today,
            end: None,
            weekday: false,
            ambiguous: false,
        }),
        clock: Some(Clock {
            start,
            end: None,
            part: false,
        }),
        bound: Bound::At,
        negated: excluded(heard, at, end),
        past: false,
        relative: true,
    })
}
