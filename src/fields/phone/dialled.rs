//! Numbers that the caller knows and is not reached at: called from, dialled, told to call.

use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// "I got a call from ...", "I called ...", "is this ...": a number the caller knows, not one to be reached at.
pub(super) fn dialled(heard: &Heard, from: usize, start: usize) -> bool {
    let near = from.max(start.saturating_sub(5));
    let before = heard.tokens.get(near..start).unwrap_or_default();
    let word = |back: usize| {
        before
            .len()
            .checked_sub(back)
            .and_then(|i| before.get(i))
            .map_or("", |t| t.text.as_str())
    };
    // "You called me from ..."
    let to_me = before
        .windows(3)
        .any(|w| w[0].any(words!["called", "texted", "call"]) && w[1].is("me") && w[2].is("from"));
    let left = before
        .windows(2)
        .any(|w| w[0].any(words!["left", "sent", "gave"]) && w[1].is("me"));
    let own = !to_me && !left && before.iter().any(|t| t.any(words!["my", "me", "mine"]));
    let called_from = word(1) == "from"
        && before.iter().any(|t| {
            t.any(words![
                "call",
                "calls",
                "text",
                "texts",
                "voicemail",
                "message",
                "called",
            ])
        })
        && !before.iter().any(|t| t.any(words!["i'm", "calling"]));
    let dialled = matches!(word(1), "dialed" | "dialled" | "called" | "rang" | "tried")
        && matches!(word(2), "i" | "just" | "i've" | "we" | "and" | "you");
    let trying = before
        .windows(2)
        .any(|w| w[0].any(words!["trying", "tried"]) && w[1].is("to"))
        && before.iter().any(|t| t.any(words!["reach", "call"]));
    let asking = matches!((word(2), word(1)), ("is", "this" | "that"));
    // "It says call ...", "they told me to call ..."
    let told = matches!(word(1), "call" | "dial")
        && (matches!(word(2), "says" | "said" | "saying")
            || word(2) == "to" && before.iter().any(|t| t.any(words!["told", "says", "said"])));
    told || !own && (called_from || dialled || trying || asking)
}
