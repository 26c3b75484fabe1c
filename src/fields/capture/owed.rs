//! Calls that are owed: promised in whatever words, offered, or asked about.

use super::errand::is_role;
use super::signs::in_question;
use crate::fields::name::word::{Nameness, nameness};
use crate::fields::temporal;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// "Can she call you back?", "would it be okay if he called you tomorrow?": a call that a yes makes owed.
pub(super) fn offers_to_call(heard: &Heard) -> bool {
    let asked_for = heard.says(words!["number", "where", "what", "which", "best", "how"]);
    !asked_for
        && (1..heard.tokens.len()).any(|i| {
            let verb = heard.tokens[i].any(words!["call", "called", "calls", "ring", "phone"])
                && matches!(heard.word(i + 1), "you" | "back" | "him" | "her" | "them");
            let gives = heard.word(i) == "give"
                && heard.word(i + 1) == "you"
                && heard.tokens.get(i + 3).is_some_and(|t| t.any(CALLS));
            (verb || gives)
                && (i.saturating_sub(5)..i).any(|j| {
                    matches!(
                        heard.word(j),
                        "can" | "could" | "should" | "shall" | "may" | "if" | "want" | "like"
                    ) && (j + 1..i).any(|k| {
                        matches!(
                            heard.word(k),
                            "she"
                                | "he"
                                | "they"
                                | "i"
                                | "we"
                                | "us"
                                | "me"
                                | "him"
                                | "her"
                                | "someone"
                                | "somebody"
                                | "them"
                        )
                    })
                })
        })
}

/// "I'll leave it on her desk and she can call you": nothing is promised, but the message wants an answer.
pub(super) fn may_call(heard: &Heard) -> bool {
    (2..heard.tokens.len()).any(|at| {
        // "And he should call this number?"
        let number = heard.any(at, words!["call", "ring", "phone", "use", "reach"])
            && heard.any(at - 1, words!["should", "would"])
            && heard.any(at - 2, words!["he", "she", "they", "and"])
            && heard.any(at + 1, words!["this", "that", "the", "you"]);
        if number {
            return true;
        }
        heard.any(at, words!["call", "ring", "phone"])
            && heard.any(at + 1, words!["you", "back"])
            && heard.any(at - 1, words!["can", "could"])
            && heard.any(at - 2, words!["he", "she", "they"])
            && !heard.in_question(at)
            && !(at >= 3 && heard.any(at - 3, words!["so", "where", "number"]))
    })
}

/// "What number should he call?": whoever is asked so is called.
pub(super) fn asks_where_to_call(heard: &Heard) -> bool {
    let wh = heard
        .tokens
        .iter()
        .position(|t| t.any(words!["what", "which", "where", "what's", "number"]));
    wh.is_some_and(|wh| {
        (wh..heard.tokens.len()).any(|i| {
            (matches!(
                heard.word(i),
                "he" | "she" | "they" | "him" | "her" | "them"
            ) || is_role(heard.word(i)))
                && heard.tokens[i + 1..]
                    .iter()
                    .take(3)
                    .any(|t| t.any(words!["call", "reach", "phone", "use", "ring"]))
        })
    })
}

/// What is given when a call is.
pub(super) const CALLS: &WordSet = words![
    "call", "ring", "buzz", "shout", "holler", "jingle", "callback", "ding", "tinkle",
];

/// A call that somebody promises.
pub(super) struct CallOwed {
    pub(super) span: (usize, usize),
    /// By somebody who is not of the business: a pharmacy, a lab.
    pub(super) elsewhere: bool,
}

/// Words that make a call promised: "I'll have the nurse call you", "somebody will reach out".
const PROMISING: &WordSet = words![
    "will", "gonna", "have", "going", "getting", "get", "ask", "ill", "hell", "shell", "he'd",
    "she'd", "they'd", "to",
];

/// "I'll", "somebody'll", "one of the lawyers'll": whoever it is, it is promised.
fn somebody_will(word: &str) -> bool {
    word.ends_with("'ll")
        && !matches!(
            word,
            "you'll" | "it'll" | "that'll" | "there'll" | "what'll"
        )
}

/// The call promised in the agent's turn, in whatever words: a promise, and within the same thought somebody calling the caller or one
/// of the `people` named in the call.
pub(super) fn call_owed(heard: &Heard, people: &[String]) -> Option<CallOwed> {
    let you = |i: usize| {
        matches!(
            heard.word(i),
            "you" | "him" | "her" | "ya" | "back"
        ) || people.iter().any(|p| p == heard.word(i))
            || heard
                .tokens
                .get(i)
                .is_some_and(|t| nameness(t) == Nameness::Name && t.text.len() > 2)
            // "I'll text that number."
            || matches!(heard.word(i), "that" | "this") && heard.word(i + 1) == "number"
    };
    for at in 0..heard.tokens.len() {
        let word = heard.word(at);
        let end = match word {
            // "So the planner calls you tomorrow": said as a fact, it is as good as promised.
            "calls" | "rings" | "phones"
                if heard.any(at + 1, words!["you", "ya"])
                    && timed(heard, at + 2)
                    && !in_question(heard, at)
                    && !(heard.clause_start(at)..at).any(|i| {
                        heard.any(
                            i,
                            words!["if", "when", "before", "until", "once", "unless", "who"],
                        )
                    }) =>
            {
                return Some(CallOwed {
                    span: (at, (at + 3).min(heard.tokens.len())),
                    elsewhere: false,
                });
            }
            "call" | "calls" | "phone" | "ring" | "contact" | "reach" if you(at + 1) => at + 2,
            // "She'll try you later today", "he'll probably call Thursday."
            "try"
                if heard.any(at + 1, words!["you", "that", "this", "your"])
                    && heard.word(at + 2) != "to" =>
            {
                at + 2
            }
            "call" | "ring" | "phone" if third_will(heard, at) && timed(heard, at + 1) => at + 1,
            // "Our coordinator will text you": somebody else's word, not a link that is sent.
            "text" | "email"
                if heard.word(at + 1) == "you"
                    && heard.word(at.wrapping_sub(1)) == "will"
                    && at >= 2
                    && !matches!(heard.word(at - 2), "i" | "we" | "system" | "it") =>
            {
                at + 2
            }
            "text"
                if matches!(heard.word(at + 1), "that" | "this")
                    && heard.word(at + 2) == "number" =>
            {
                at + 3
            }
            "holler" if heard.word(at + 1) == "at" => at + 3,
            _ if CALLS.has(word) && heard.word(at.wrapping_sub(1)) == "a" => at + 1,
            // "You'll hear from us."
            "hear" | "here"
                if heard.word(at + 1) == "from" && heard.word(at.wrapping_sub(1)) == "you'll" =>
            {
                return Some(CallOwed {
                    span: (at - 1, (at + 3).min(heard.tokens.len())),
                    elsewhere: false,
                });
            }
            "touch" | "out" if matches!(heard.word(at.wrapping_sub(1)), "in" | "reach") => at + 1,
            "get"
                if heard.word(at + 1) == "back" && matches!(heard.word(at + 2), "to" | "with") =>
            {
                at + 4
            }
            "let" if heard.word(at + 1) == "you" && heard.word(at + 2) == "know" => at + 3,
            _ => continue,
        };
        let from = heard.clause_start(at).max(at.saturating_sub(10));
        let marker = (from..at).rev().find(|i| {
            somebody_will(heard.word(*i))
                || heard.word(*i) == "let" && heard.word(i + 1) == "me"
                || heard.tokens[*i].any(PROMISING)
                    && (heard.word(*i) != "to"
                        || matches!(
                            heard.word(i.wrapping_sub(1)),
                            "nurse"
                                | "going"
                                | "someone"
                                | "somebody"
                                | "manager"
                                | "him"
                                | "her"
                                | "has"
                                | "have"
                                | "needs"
                                | "need"
                                | "wants"
                        ))
        });
        let Some(marker) = marker else { continue };
        // "The number to call you back on", "you can call", "if you call": nobody promises.
        let given =
            heard.word(at.wrapping_sub(1)) == "a" && heard.word(at.wrapping_sub(3)) == "give";
        let idle = (marker..at).any(|i| {
            heard.tokens[i].any(words!["number", "can", "could", "should", "need"])
                || heard.word(i) == "you" && !given
        }) || heard.word(marker) == "have"
            && matches!(
                heard.word(marker.wrapping_sub(1)),
                "you" | "you'll" | "i" | "we" | "do"
            )
            || heard.word(at) == "call"
                && matches!(heard.word(at + 1), "back")
                && heard.tokens[from..at].iter().any(|t| t.is("you"));
        // "He'll call you when he pulls up", "half an hour ahead": whoever comes announces himself.
        let announces = (at..heard.clause_end(at).min(at + 10)).any(|i| {
            matches!(
                heard.word(i),
                "ahead" | "beforehand" | "truck" | "road" | "van"
            ) || matches!(heard.word(i), "when" | "before" | "once" | "as")
                && matches!(
                    heard.word(i + 1),
                    "he" | "he's" | "she" | "she's" | "they" | "they're" | "soon" | "it's" | "it"
                )
                && (i + 2..i + 7).any(|j| {
                    matches!(
                        heard.word(j),
                        "way"
                            | "pulls"
                            | "pull"
                            | "close"
                            | "arrive"
                            | "arrives"
                            | "leaves"
                            | "leaving"
                            | "heading"
                            | "headed"
                            | "outside"
                            | "coming"
                            | "comes"
                            | "heads"
                            | "nearby"
                            | "ready"
                            | "get"
                    )
                })
        });
        // "She'll decide if we can take it, then I'll call you": what comes after "then" is promised.
        let after = heard.word(marker.wrapping_sub(1)) == "then"
            && heard
                .tokens
                .get(marker.wrapping_sub(2))
                .is_some_and(|t| t.stop >= Stop::Comma);
        // "And she'll call you on this number?" asks about the number, not about the call.
        let asks = in_question(heard, at)
            && !heard.word(marker).ends_with("'ll")
            && heard.word(marker) != "let";
        // "Not right now, no, I'll call you": what was denied before is not what is promised.
        let firm =
            somebody_will(heard.word(marker)) || somebody_will(heard.word(marker.wrapping_sub(1)));
        let unreal = if firm {
            heard.supposed(marker)
        } else {
            heard.unreal(marker)
        };
        if idle || announces || unreal && !after || asks {
            continue;
        }
        return Some(CallOwed {
            span: (marker, end.min(heard.tokens.len())),
            elsewhere: heard.word(marker) == "they'll"
                || heard.word(marker) == "will" && heard.word(marker.wrapping_sub(1)) == "they",
        });
    }
    None
}

/// "She'll", "Mr. Brandt will", "somebody will probably": whoever is to do what stands at `at`.
fn third_will(heard: &Heard, at: usize) -> bool {
    (at.saturating_sub(2)..at).any(|i| {
        let word = heard.word(i);
        word.ends_with("'ll") && !matches!(word, "i'll" | "you'll" | "we'll" | "that'll" | "it'll")
            || word == "will"
                && !matches!(
                    heard.word(i.wrapping_sub(1)),
                    "i" | "you" | "we" | "it" | "that"
                )
    })
}

/// Whether a time, or nothing at all, stands at `at`: what is called there is the caller.
fn timed(heard: &Heard, at: usize) -> bool {
    at >= heard.tokens.len()
        || heard.tokens[at - 1].ends_clause()
        || temporal::names_time(heard.word(at))
        || heard.any(
            at,
            words![
                "today", "tonight", "tomorrow", "later", "soon", "shortly", "first", "in",
                "within", "by", "as", "around", "sometime", "this", "next", "right", "before",
                "after",
            ],
        )
}

/// "Who's going to call me?", "so somebody will call me?": an answer that is no "no" makes the call owed.
pub(super) fn asks_who_calls(heard: &Heard) -> bool {
    (1..heard.tokens.len()).any(|at| {
        let me = matches!(
            heard.word(at),
            "call" | "calling" | "contact" | "phone" | "ring"
        ) && matches!(heard.word(at + 1), "me" | "us" | "him" | "her");
        me && (at.saturating_sub(5)..at).any(|i| {
            matches!(heard.word(i), "who" | "who's" | "when")
                || matches!(heard.word(i), "somebody" | "someone") && heard.word(i + 1) == "will"
                || matches!(heard.word(i), "will" | "is")
                    && matches!(
                        heard.word(i + 1),
                        "somebody" | "someone" | "anybody" | "she" | "he" | "they"
                    )
        })
    })
}

/// "I'll call to confirm one way or the other", "he'll ring you with a figure": the call decides what was spoken of before.
pub(super) fn call_decides(heard: &Heard, owed: &CallOwed) -> bool {
    let to = heard
        .clause_end(owed.span.1.saturating_sub(1))
        .min(owed.span.1 + 12);
    let from = heard
        .clause_start(owed.span.0)
        .max(owed.span.0.saturating_sub(12));
    let ahead = (from..to).any(|i| {
        matches!(heard.word(i), "day" | "night" | "morning")
            && matches!(heard.word(i + 1), "before" | "of")
    });
    let open = (owed.span.0..to).any(|i| match heard.word(i) {
        "confirm" | "whether" | "either" => true,
        "figure" | "price" | "quote" | "estimate" | "number" => {
            (i.saturating_sub(3)..i).any(|j| heard.word(j) == "with")
        }
        // "She'll have to ring you and see if she has the crew."
        "see" => heard.any(i + 1, words!["if", "whether", "what"]),
        "one" => heard.word(i + 1) == "way",
        "let" => heard.word(i + 1) == "you" && heard.word(i + 2) == "know",
        _ => false,
    });
    open && !ahead
}
