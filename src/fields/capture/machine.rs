//! An answering machine by its words: its greeting, and what it says when the caller is done.

use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// A machine's greeting: the caller is to leave, or say, something after a tone, or since nobody is there.
pub(super) fn leaves_word(heard: &Heard) -> bool {
    let has = |words: &WordSet| heard.says(words);
    let asked = has(words!["leave", "record", "tell", "say"]);
    let tone = has(words!["beep", "tone"]);
    let away = has(words![
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
    asked && (tone || away && has(words!["message"]))
}

/// "Message saved, goodbye", "press pound to send": the machine goes on.
pub(super) fn machine_speaks(heard: &Heard) -> bool {
    heard.tokens.len() <= 16
        && heard.says(words![
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
