//! What the agent's answer shows of how urgent it is, whatever the caller called it: who is told to get out or not to touch a switch is in
//! danger, and what is done before the day is over could not wait.

use crate::fields::temporal::names_weekday;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// So many tokens before a time may say what is done then.
const BEFORE: usize = 12;

/// What is done about trouble.
const DOES: &WordSet = words![
    "get", "getting", "see", "squeeze", "fit", "work", "put", "putting", "have", "take", "taking",
    "walk", "walking", "run", "running", "bring", "come", "coming", "be", "go", "tarp", "board",
    "send", "sending", "sign", "page", "paging", "flag", "start", "rush", "handle", "fax", "want",
    "stop", "swing", "drop", "rolling", "grab", "grabbing",
];

/// Words that make it the agent's doing, or what the caller is told to do.
const OURS: &WordSet = words![
    "i'll", "we'll", "i'm", "we're", "i", "we", "me", "let's", "lemme", "gonna", "he'll", "she'll",
    "they'll", "he", "she", "they", "you", "it", "has", "needs", "come",
];

/// Words of papers, calls, hours and other days: done today they hurry nobody.
const ELSE: &WordSet = words![
    "email", "mail", "mailing", "text", "estimate", "quote", "invoice", "bill", "payment", "call",
    "calls", "calling", "called", "ring", "phone", "booking", "booked", "open", "closed", "full",
    "tomorrow", "if", "not", "can't", "don't", "won't", "didn't", "no", "nothing", "link",
    "results", "form", "or", "could", "portal", "back",
];

/// The end of a time that is today, from `at`.
fn today(heard: &Heard, at: usize) -> Option<usize> {
    let next = heard.word(at + 1);
    match heard.word(at) {
        "today" | "tonight" => Some(at + 1),
        "this"
            if matches!(
                next,
                "morning" | "afternoon" | "evening" | "minute" | "second"
            ) =>
        {
            Some(at + 2)
        }
        "right" if matches!(next, "now" | "away" | "over") => Some(at + 2),
        "before" if matches!(next, "lunch" | "noon" | "dark" | "supper" | "bedtime") => {
            Some(at + 2)
        }
        "before" => (at + 1..at + 5)
            .find(|i| {
                heard.any(
                    *i,
                    words!["close", "leave", "leaves", "day's", "closing", "goes"],
                )
            })
            .map(|i| i + 1),
        "within" | "inside" if next == "the" && heard.word(at + 2) == "hour" => Some(at + 3),
        "immediately" => Some(at + 1),
        _ => None,
    }
}

/// "I'll walk it over right now", "we'll tarp it today", "it can't wait": done at once, not put on a calendar.
pub(super) fn hurries(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        if heard.word(at) == "wait" {
            let must = heard.any(
                at.wrapping_sub(1),
                words!["can't", "cannot", "don't", "shouldn't"],
            );
            return must.then(|| (at - 1, at + 1));
        }
        let end = today(heard, at)?;
        let from = heard.clause_start(at).max(at.saturating_sub(BEFORE));
        let clause = from..heard.clause_end(at).min(end + 3);
        let any = |set: &WordSet, to: usize| (from..to).any(|i| set.has(heard.word(i)));
        let other = clause
            .into_iter()
            .any(|i| ELSE.has(heard.word(i)) || names_weekday(heard.word(i)));
        (any(DOES, at) && any(OURS, at) && !other && !heard.in_question(at)).then_some((from, end))
    })
}
