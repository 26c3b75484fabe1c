//! What a caller wants to know: something about the business or the matter, or where somebody is who should have come.

use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// "What size filter does my unit take?": a question that begins as one and is long enough to be about something.
pub(super) fn asks_what(heard: &Heard) -> bool {
    let first = heard.word(0);
    heard.tokens.len() >= 5
        && words!["what", "how", "when", "which", "where", "who", "why"].has(possessor(first))
        && (first.ends_with("'s")
            || (1..5).any(|i| {
                heard.any(
                    i,
                    words![
                        "do", "does", "did", "is", "are", "was", "can", "should", "would", "will",
                    ],
                )
            }))
}

/// "Are you guys on your way?", "I've been waiting since ten", "where's my guy?": somebody is under way, or should be, before this call.
pub(super) fn awaits(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|at| match heard.word(at) {
        "way" => {
            heard.word(at.wrapping_sub(1)) == "your"
                && matches!(heard.word(at.wrapping_sub(2)), "on")
        }
        "waiting" => matches!(heard.word(at + 1), "since" | "for" | "on" | "all"),
        "where's" | "where" | "when's" | "when" => (at + 1..at + 4).any(|i| {
            matches!(
                heard.word(i),
                "guy" | "guys" | "tech" | "technician" | "plumber" | "driver" | "crew"
            )
        }),
        "supposed" => {
            heard.word(at + 1) == "to" && heard.word(at + 2) == "be" && heard.word(at + 3) == "here"
        }
        _ => false,
    })
}
