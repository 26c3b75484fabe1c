//! An answering machine by its words: its greeting, and what it says when the caller is done.

use crate::fields::token::Stop;
use crate::fields::turn::Heard;

/// A machine's greeting: the caller is to leave, or say, something after a tone, or since nobody is there.
pub(super) fn leaves_word(heard: &Heard) -> bool {
    let has = |words: &[&str]| heard.says(words);
    let asked = has(&["leave", "record", "tell", "say"]);
    let tone = has(&["beep", "tone"]);
    let away = has(&[
        "closed",
        "reached",
        "unavailable",
        "away",
        "nobody",
        "can't",
        "cannot",
        "got",
        "out",
    ]);
    asked && (tone || away && has(&["message"]))
}

/// "Message saved, goodbye", "press pound to send": the machine goes on.
pub(super) fn machine_speaks(heard: &Heard) -> bool {
    heard.tokens.len() <= 16
        && heard.says(&[
            "message",
            "recorded",
            "saved",
            "press",
            "pound",
            "mailbox",
            "goodbye",
            "beep",
            "recording",
        ])
        && heard.tokens.last().is_none_or(|t| t.stop != Stop::Question)
}
