//! "We can't take this one, I'd call the bar association": the business turns the caller away, a refusal of its service or a pointer to
//! somebody else's.

use crate::fields::temporal;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// What a business does for its callers.
const SERVICES: &WordSet = words![
    "help",
    "talk",
    "take",
    "represent",
    "do",
    "handle",
    "come",
    "go",
    "serve",
    "service",
    "cover",
    "see",
    "treat",
    "offer",
    "accept",
    "work",
    "move",
    "practice",
    "touch",
    "haul",
    "ship",
    "deliver",
    "repair",
    "fix",
    "install",
    "speak",
    "advise",
    "carry",
    "transport",
    "store",
    "pump",
    "travel",
    "get",
];

/// Words behind a service that name an hour or a part of it: that is refused, no more.
const ONLY_NOW: &WordSet = words![
    "today",
    "tonight",
    "tomorrow",
    "now",
    "morning",
    "afternoon",
    "evening",
    "week",
    "weekend",
    "until",
    "till",
    "before",
    "earlier",
    "sooner",
    "time",
    "phone",
    "calendar",
    "yet",
    "insurance",
    "cards",
    "there",
    "without",
    "unless",
    "any",
    "front",
];

/// Whether the agent says of the business that it does not do what is wanted: "we don't service Rockland", "so we can't talk with you
/// about this one". An hour that does not suit is no refusal.
pub(super) fn refuses(heard: &Heard) -> bool {
    // "No sir, service only."
    let no = heard
        .tokens
        .first()
        .is_some_and(|t| t.any(words!["no", "nope", "sorry", "unfortunately"]));
    if no && heard.tokens.iter().take(10).any(|t| t.is("only")) {
        return true;
    }
    (1..heard.tokens.len()).any(|at| {
        let cannot = matches!(heard.word(at), "can't" | "cannot" | "don't" | "won't")
            || matches!(heard.word(at), "can" | "do" | "will") && heard.word(at + 1) == "not"
            || matches!(heard.word(at), "not")
                && matches!(heard.word(at + 1), "able" | "licensed" | "allowed");
        if !cannot {
            return false;
        }
        let ours = (at.saturating_sub(2)..at).any(|i| {
            matches!(
                heard.word(i),
                "we" | "we're"
                    | "i'm"
                    | "i"
                    | "guys"
                    | "doctors"
                    | "attorneys"
                    | "trucks"
                    | "crews"
            )
        });
        if !ours {
            return false;
        }
        let doing = (at + 1..at + 5).find(|i| SERVICES.has(heard.word(*i)));
        // "I can't see it": a number on a screen, no patient.
        let looks = doing.is_some_and(|v| {
            heard.word(v) == "see"
                && matches!(
                    heard.word(v + 1),
                    "it" | "that" | "you" | "anything" | "your" | "an"
                )
        });
        !looks
            && doing.is_some_and(|verb| {
                let end = heard.clause_end(verb).min(verb + 8);
                !(verb..end).any(|i| {
                    heard.any(i, ONLY_NOW) && heard.word(i + 1) != "of"
                        || temporal::names_weekday(heard.word(i))
                })
            })
    })
}

/// "No ma'am, insurance made us quit those", to "y'all haul hot tubs?": a plain no to what was `asked` of the business.
pub(super) fn says_no(heard: &Heard, asked: &[String]) -> bool {
    // "We don't, but legal aid does."
    let bare = heard.word(0) == "we"
        && heard.any(1, words!["don't", "can't", "cannot", "won't"])
        && (heard.any(2, words!["but", "sorry", "unfortunately", "anymore", "no"])
            || heard.tokens.get(1).is_some_and(|t| t.ends_clause()));
    let no = bare
        || heard
            .tokens
            .first()
            .is_some_and(|t| t.any(words!["no", "nope", "nah"]));
    let of_us = || {
        asked
            .iter()
            .any(|w| matches!(w.as_str(), "you" | "y'all" | "yall" | "guys"))
    };
    let of_service = || asked.iter().any(|w| SERVICES.has(w));
    no && of_us()
        && of_service()
        && !asked
            .iter()
            .any(|w| ONLY_NOW.has(w) || temporal::names_time(w))
}

/// Whether the agent points to somebody else: "I'd call the bar association", "you'd want an electrician for that", "try Gold Country".
pub(super) fn sends_elsewhere(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|at| {
        // "But legal aid on Congress does."
        if heard.word(at) == "but" {
            return (at + 2..at + 8).any(|i| {
                heard.any(i, words!["does", "do", "might"]) && heard.clause_end(i) == i + 1
            }) && !heard.any(at + 1, words!["we", "i"]);
        }
        // "Try the supply house on Fifth."
        if heard.word(at) == "try" {
            let whom = at + 1;
            return matches!(heard.word(whom), "the" | "a" | "an" | "one" | "another")
                || heard.tokens.get(whom).is_some_and(|t| t.upper);
        }
        let advice = matches!(
            heard.word(at),
            "i'd"
                | "you'd"
                | "you'll"
                | "he'd"
                | "she'd"
                | "they'd"
                | "you"
                | "maybe"
                | "could"
                | "should"
                | "might"
                | "would"
        );
        let verb = (at + 1..at + 4)
            .find(|i| matches!(heard.word(*i), "call" | "try" | "contact" | "need" | "want"));
        advice
            && verb.is_some_and(|v| {
                let to = matches!(heard.word(v + 1), "to")
                    && matches!(heard.word(v + 2), "call" | "try" | "contact" | "find");
                let whom = if to { v + 3 } else { v + 1 };
                let others = matches!(
                    heard.word(whom),
                    "the"
                        | "a"
                        | "an"
                        | "another"
                        | "somebody"
                        | "someone"
                        | "them"
                        | "your"
                        | "one"
                ) || heard.tokens.get(whom).is_some_and(|t| t.upper);
                others
                    && (heard.word(v) != "need" && heard.word(v) != "want"
                        || to
                        || matches!(
                            heard.word(whom),
                            "another" | "somebody" | "someone" | "a" | "an"
                        ))
            })
    }) || heard.says(words!["referral"]) && heard.says(words!["line"])
}
