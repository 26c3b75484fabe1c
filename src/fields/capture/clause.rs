//! What stands around a promise or an imperative and belongs to it: the condition it hangs on, the deeds joined to it by "and".

use super::promise::phrase_end;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;

/// A condition is looked for this many tokens back.
const CONDITION: usize = 14;

/// "If somebody cancels, | I'll call you": the span of the condition right before the subject and verb at `at`.
pub(super) fn condition_before(heard: &Heard, at: usize) -> Option<(usize, usize)> {
    let start = heard.clause_start(at).max(at.saturating_sub(CONDITION));
    let from = (start..at)
        .rev()
        .find(|i| matches!(heard.word(*i), "if" | "once" | "when" | "unless"))?;
    // It begins a thought of its own; "I'll see if he can, and call you" has none.
    let opens = from == start
        || heard.tokens[from - 1].stop >= Stop::Comma
        || matches!(
            heard.word(from - 1),
            "and" | "but" | "so" | "okay" | "now" | "minutes"
        );
    // It ends where its own subject has had its verb: "if you see flame | you get out and call".
    let mut to = (from + 3..at)
        .find(|i| {
            heard.tokens[*i - 1].stop >= Stop::Comma
                || matches!(heard.word(*i), "you" | "i" | "hang")
                    && !matches!(heard.word(*i - 1), "to" | "and" | "or")
        })
        .unwrap_or(at);
    while to > from
        && matches!(
            heard.word(to - 1),
            "then" | "please" | "just" | "and" | "so" | "i'll" | "we'll" | "you" | "i" | "we"
        )
    {
        to -= 1;
    }
    let another = (from + 1..to).any(|i| {
        heard.word(i).ends_with("'ll") || matches!(heard.word(i), "will" | "okay" | "but")
    });
    (opens && !another && to >= from + 3).then_some((from, to))
}

/// Where the deed at `at` ends, with what "and" joins to it: "scan the contract and email it", "ask her and call you". What does not go
/// on from the first is a deed of its own. `deed` says whether one stands at a token.
pub(super) fn joined_end(heard: &Heard, at: usize, deed: impl Fn(usize) -> bool) -> usize {
    let mut end = phrase_end(heard, at);
    while heard.word(end) == "and" {
        let mut next = end + 1;
        while matches!(heard.word(next), "then" | "just" | "also" | "please") {
            next += 1;
        }
        let goes_on = heard.word(next) == "call"
            || matches!(
                heard.word(next + 1),
                "it" | "them" | "that" | "those" | "this"
            );
        if next - at > 16 || !goes_on || !deed(next) {
            break;
        }
        end = phrase_end(heard, next);
    }
    end
}
