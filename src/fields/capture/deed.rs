//! What a verb must be, and have behind it, to promise something that is done after the call.

use super::act::third;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::word_set::{WordSet, words};

/// Verbs of things done after the call.
const DEEDS: &WordSet = words![
    "call",
    "text",
    "email",
    "mail",
    "fax",
    "send",
    "forward",
    "tell",
    "ask",
    "remind",
    "page",
    "bring",
    "drop",
    "submit",
    "resubmit",
    "process",
    "refund",
    "review",
    "order",
    "ship",
    "deliver",
    "print",
    "sign",
    "scan",
    "upload",
    "contact",
    "notify",
    "alert",
    "ring",
    "phone",
    "pass",
    "relay",
    "refax",
    "resend",
    "reach",
    "follow",
    "shoot",
    "double",
    "phone",
    "holler",
    "message",
    "work",
    "draw",
    "draft",
    "prepare",
    "find",
    "figure",
    "research",
    "pay",
    "save",
    "dig",
    "clear",
    "talk",
    "credit",
    "investigate",
    "file",
    "open",
    "pull",
    "measure",
    "paging",
    "messaging",
    "refile",
    "rebill",
    "rerun",
    "redo",
    "reissue",
    "reprint",
    "rewrite",
    "request",
    "arrange",
    "reserve",
    "replace",
    "reverse",
    "appeal",
    "trace",
    "track",
    "report",
    "escalate",
    "mention",
    "inform",
    "warn",
    "verify",
    "coordinate",
    "radio",
    "return",
    "waive",
    "dispute",
];

/// Verbs that promise by what follows them.
const LIGHT: &WordSet = words![
    "get", "have", "put", "give", "make", "let", "look", "check", "add", "leave", "be", "take",
    "walk", "run", "fill", "hand", "stick", "set", "slip", "tape", "pin", "pop",
];

/// Words that make a light verb's phrase a deed.
const WEIGHTY: &WordSet = words![
    "call",
    "calls",
    "text",
    "email",
    "send",
    "sent",
    "reach",
    "together",
    "back",
    "estimate",
    "quote",
    "list",
    "somebody",
    "someone",
    "ask",
    "know",
    "message",
    "note",
    "hold",
    "signed",
    "faxed",
    "approved",
    "refilled",
    "fix",
    "into",
    "copy",
    "review",
    "look",
    "sign",
    "fax",
    "mail",
    "over",
    "request",
    "touch",
    "contact",
    "paperwork",
    "report",
    "results",
    "desk",
    "bring",
    "box",
    "inbox",
    "tray",
    "folder",
    "ring",
];

/// Words between "I'll" and its verb.
const ADVERBS: &WordSet = words![
    "just",
    "also",
    "definitely",
    "personally",
    "probably",
    "go",
    "ahead",
    "and",
    "try",
    "to",
    "need",
    "then",
    "actually",
    "still",
    "gladly",
    "certainly",
    "first",
    "either",
    "always",
    "quickly",
];

/// One past the adverbs at `at`.
pub(super) fn past_adverbs(heard: &Heard, at: usize) -> usize {
    let mut at = at;
    while heard.any(at, ADVERBS) {
        at += 1;
    }
    // "Make sure to", "be sure and": no more than stress.
    if matches!(heard.word(at), "make" | "be") && heard.word(at + 1) == "sure" {
        at += 2;
        while matches!(heard.word(at), "to" | "and" | "that" | "i" | "we" | "you") {
            at += 1;
        }
    }
    at
}

/// Whether the verb at `at` says something that is done after the call.
pub(super) fn is_deed(heard: &Heard, at: usize) -> bool {
    let verb = heard.word(at);
    if DEEDS.has(verb) {
        return match verb {
            // "I'll call it in" is a deed, "we'll call it a day" none; "open up the file" is done at once.
            "pull" | "open" | "find" | "file" => heard.tokens.get(at + 1).is_some_and(|t| {
                t.any(words!["a", "the", "out"])
                    && !heard.tokens[at..].iter().take(5).any(|t| {
                        t.any(words![
                            "up", "file", "chart", "account", "calendar", "schedule"
                        ])
                    })
            }),
            "work" | "draw" => heard
                .tokens
                .iter()
                .skip(at + 1)
                .take(4)
                .any(|t| t.any(words!["up", "estimate", "quote", "price"])),
            "double" => heard.word(at + 1) == "check" && heard.word(at + 2) == "with",
            "drop" => matches!(
                heard.word(at + 1),
                "it" | "them" | "that" | "the" | "off" | "my"
            ),
            "talk" => matches!(heard.word(at + 1), "to" | "with"),
            "figure" => false,
            _ => true,
        };
    }
    LIGHT.has(verb)
        && match verb {
            // "I'll get you the report" is a caller's errand; the agent's "I'll get you in" is done.
            _ if heard.word(at + 1) == "you" && matches!(verb, "have" | "get") => {
                heard.speaker == Speaker::Caller && weighty(heard, at)
            }
            "let" => (at + 1..at + 6).any(|i| heard.word(i) == "know"),
            "look" => {
                heard.word(at + 1) == "into"
                    || heard.word(at + 2) == "up" && heard.word(at.wrapping_sub(1)) != "me"
            }
            "check" => matches!(heard.word(at + 1), "with" | "on" | "back"),
            "add" => matches!(heard.word(at + 1), "it" | "that" | "the" | "a"),
            "be" => heard.word(at + 1) == "in" && heard.word(at + 2) == "touch",
            "take" => {
                matches!(heard.word(at + 1), "it" | "that" | "this") && heard.word(at + 2) == "to"
            }
            "fill" => matches!(heard.word(at + 1), "it" | "that" | "them" | "out" | "the"),
            "put" => !matches!(heard.word(at + 1), "you" | "down" | "both") && weighty(heard, at),
            "make" => weighty(heard, at) && !matches!(heard.word(at + 1), "a" | "you"),
            // "I'll give this to Roger", "I'll get that out to you"; "get somebody out" sends a person.
            "give" | "hand" | "get" | "run" | "walk" | "have" => {
                weighty(heard, at) || handed_over(heard, at) || has_done(heard, at)
            }
            _ => weighty(heard, at),
        }
}

/// "Have Dr. Ruiz put it through", "have billing pull that off": somebody is to do something with a thing.
fn has_done(heard: &Heard, at: usize) -> bool {
    heard.word(at) == "have"
        && (at + 1..at + 4).any(|who| {
            // "Have her nurse phone you."
            let calls = heard.any(who + 1, words!["phone", "ring", "call", "text", "email"])
                && heard.any(who + 2, words!["you", "them", "him", "her"]);
            third(heard, who) && calls
                || third(heard, who)
                    && heard.any(
                        who + 2,
                        words![
                            "it", "that", "this", "them", "the", "your", "those", "these",
                        ],
                    )
                    && !heard.any(
                        who + 1,
                        words!["at", "on", "in", "by", "for", "and", "to", "of"],
                    )
        })
}

/// "This to Roger", "that out to you", "it down for him": a thing that goes to somebody.
fn handed_over(heard: &Heard, verb: usize) -> bool {
    matches!(
        heard.word(verb + 1),
        "it" | "this" | "that" | "these" | "them" | "the" | "your"
    ) && (verb + 2..verb + 6).any(|i| {
        matches!(heard.word(i), "to" | "for")
            && !matches!(heard.word(i + 1), "be" | "the" | "see" | "look" | "")
    })
}

fn weighty(heard: &Heard, at: usize) -> bool {
    let end = heard.clause_end(at).min(at + 8);
    heard.tokens[(at + 1).min(end)..end]
        .iter()
        .any(|t| WEIGHTY.has(&t.text))
}
