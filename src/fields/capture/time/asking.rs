//! What a turn asks about times: whether one suits, when something else happens, how late they are open.

use crate::fields::cue::Cue;
use crate::fields::temporal::TimeMention;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::wording::OPENERS;

pub(super) fn ends_in_question(heard: &Heard) -> bool {
    heard
        .tokens
        .last()
        .is_some_and(|t| t.stop == Stop::Question)
}

/// "Thursday morning any good to you": whether the clause asks if the time suits.
pub(super) fn asks_if_fits(heard: &Heard, m: &TimeMention) -> bool {
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    heard.in_question(m.start)
        || (heard.clause_start(m.start)..to).any(|i| FITTING.has(heard.word(i)))
}

/// Words that judge whether a time suits.
const FITTING: &WordSet = words![
    "good",
    "okay",
    "ok",
    "work",
    "works",
    "suit",
    "suits",
    "alright",
    "fine",
    "best",
    "better",
    "convenient",
    "home",
    "free",
    "possible",
];

/// "Would 7:30 be too early?", "any problem with Friday?", "do you mind waiting?": a no takes the offer.
pub(super) fn no_takes(heard: &Heard) -> bool {
    let too = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].is("too")
            && heard.any(
                i + 1,
                words!["early", "late", "soon", "far", "long", "short", "much"],
            )
    });
    let asks = ends_in_question(heard)
        || (0..heard.tokens.len()).any(|i| {
            heard.any(
                i,
                words!["is", "would", "will", "does", "do", "any", "that", "it"],
            ) && (i == 0 || heard.any(i - 1, OPENERS) || heard.tokens[i - 1].ends_clause())
        });
    // "Friday at three thirty, and there's no rush on this, I take it?"
    let unhurried = (0..heard.tokens.len())
        .any(|i| heard.tokens[i].is("no") && heard.any(i + 1, words!["rush", "hurry"]));
    unhurried
        || asks
            && (too
                || heard.says(words![
                    "mind",
                    "problem",
                    "trouble",
                    "issue",
                    "conflict",
                    "inconvenient",
                    "objection",
                    "objections",
                ]))
}

/// "Is there a date to sign it by?", "by when do you need it?", "what's the deadline?"
pub(super) fn asks_deadline(heard: &Heard) -> bool {
    let stranded = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].is("by")
            && (i + 1 == heard.tokens.len()
                || heard.tokens[i].ends_clause()
                || heard.any(i + 1, words!["when", "what"]))
    });
    // "Any date you have to be gone?", "when do you have to be out?"
    let gone = heard.tokens.windows(4).any(|w| {
        w[0].any(words!["have", "need", "got", "supposed"])
            && w[1].is("to")
            && w[2].is("be")
            && w[3].any(words!["out", "gone", "done", "finished", "moved", "off"])
    });
    (stranded || gone) && heard.says(words!["when", "date", "day", "what"])
        || heard.says(words!["deadline"])
            && heard.says(words!["what's", "when's", "is", "any", "there"])
}

/// Whether the clause that holds the token asks something.
pub(super) fn asks_at(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at);
    let to = heard.clause_end(at);
    let first = (from..to).find(|i| !heard.tokens[*i].any(OPENERS));
    to > 0
        && heard
            .tokens
            .get(to - 1)
            .is_some_and(|t| t.stop == Stop::Question) || first.is_some_and(|i| {
        let subject = matches!(
            heard.word(i + 1),
            "you"
                | "i"
                | "we"
                | "he"
                | "she"
                | "they"
                | "it"
                | "that"
                | "this"
                | "there"
                | "the"
                | "any"
                | "anything"
                | "y'all"
                | "someone"
                | "somebody"
                | "your"
        ) || heard.word(i + 1).ends_with("day")
            || heard.word(i + 1).ends_with("morrow");
        heard.tokens[i].any(words!["what", "what's", "when", "which", "how", "how's", "is", "are"])
                // "Do Thursday morning" asks for nothing.
                || heard.tokens[i].any(words!["does", "can", "could", "would", "will"]) && subject
                || heard.tokens[i].is("do")
                    && matches!(heard.word(i + 1), "you" | "i" | "we" | "they" | "y'all")
    })
}

/// The caller asks about the time instead of answering: "okay what times", "do you have anything earlier?".
pub(super) fn asks_back(heard: &Heard) -> bool {
    let about_time = heard.hits.has(Cue::NotFit)
        || heard.says(words![
            "time",
            "times",
            "when",
            "day",
            "morning",
            "afternoon"
        ]);
    let asks = (0..heard.tokens.len())
        .filter(|i| *i == 0 || heard.tokens[i - 1].ends_clause())
        .any(|i| asks_at(heard, i));
    asks && (about_time || heard.tokens.len() <= 3)
}

/// "When did it quit?", "how long has it been doing that?": the times that answer this are the story's.
pub(super) fn asks_for_story(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|i| {
        let word = |n: usize| heard.word(i + n);
        // "What day were you thinking?" asks for a wish.
        let wished = (i + 1..i + 5).any(|j| {
            heard.any(
                j,
                words![
                    "thinking",
                    "hoping",
                    "looking",
                    "wanting",
                    "wanted",
                    "planning",
                    "want",
                    "aiming",
                    "shooting",
                    "considering",
                ],
            )
        });
        if wished {
            return false;
        }
        match word(0) {
            "when" | "when's" => matches!(word(1), "did" | "was" | "were" | "has" | "have"),
            "how" => {
                word(1) == "long"
                    && !matches!(word(2), "will" | "would" | "do" | "does" | "is" | "can")
            }
            "what" => {
                matches!(word(1), "time" | "day" | "date")
                    && matches!(word(2), "did" | "was" | "were")
            }
            "since" => word(1) == "when",
            _ => false,
        }
    })
}

/// "When does he run out?", "when's the rent due?": the day of something else than a visit.
pub(super) fn asks_of_others(heard: &Heard) -> bool {
    let asked = (0..heard.tokens.len()).any(|i| {
        let verb = match heard.word(i) {
            "when's" => i,
            "when" if heard.any(i + 1, words!["does", "is", "are", "do"]) => i + 1,
            _ => return false,
        };
        // "When is it?", of what the caller has just asked the price of.
        let bare = heard.word(verb + 1) == "it" && verb + 2 == heard.tokens.len();
        !bare
            && heard.any(
                verb + 1,
                words![
                    "he", "she", "it", "they", "his", "her", "their", "the", "your",
                ],
            )
    });
    asked
        && !heard.says(words![
            "move",
            "moving",
            "visit",
            "appointment",
            "pickup",
            "delivery",
            "good",
            "best",
            "better",
            "convenient",
            "time",
            "day",
            "work",
            "works",
            "suit",
            "come",
            "available",
            "free",
            "earliest",
            "soonest",
            "next",
        ])
}

/// "What's y'all's hours?"; "what hours would that be?" asks so, too, of what is on offer.
pub(super) fn asks_hours(heard: &Heard) -> bool {
    heard.says(words!["hours"]) && heard.says(words!["what", "what's", "your", "you", "guys"])
}

/// "Are you open Saturdays?", "what time do they open?": of nothing that is on offer.
pub(super) fn asks_opening(heard: &Heard) -> bool {
    heard.tokens.windows(2).any(|w| {
        w[0].any(words!["you", "y'all", "guys", "they", "when", "late"])
            && w[1].any(words!["open", "close", "closed"])
    })
}

/// "Could I put you at nine?": asked, not stated.
pub(super) fn asks_leave(heard: &Heard) -> bool {
    heard.says(words!["could", "can", "would", "how", "or", "maybe"])
}

/// "He is free Thursday at three, would that be okay": a question by its last words.
pub(super) fn asks_at_end(heard: &Heard) -> bool {
    let n = heard.tokens.len();
    (n.saturating_sub(5)..n).any(|i| {
        heard.any(i, words!["would", "will", "does", "is", "can", "could"])
            && heard.any(i + 1, words!["that", "it", "this", "you"])
    }) && n > 0
        && heard.any(
            n - 1,
            words![
                "okay", "ok", "alright", "work", "good", "suit", "do", "fine", "you", "possible",
            ],
        )
}

/// "We'll call Dale. Do you want to come in soon?": the talk is of a visit again.
pub(super) fn invites(heard: &Heard) -> bool {
    heard.says(words!["you"])
        && heard.tokens.windows(2).any(|w| {
            w[0].any(words!["come", "stop", "swing"])
                && w[1].any(words!["in", "by", "down", "over"])
        })
        && (ends_in_question(heard) || heard.says(words!["want", "like", "can", "could", "able"]))
}

/// "Is tomorrow okay", "does Friday work": a clause that begins by asking of a day and goes on to whether it suits.
pub(super) fn asks_of_day(heard: &Heard, m: &TimeMention) -> bool {
    let from = heard.clause_start(m.start);
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    let verb = (from..m.start).find(|i| !heard.any(*i, OPENERS));
    verb.is_some_and(|i| {
        i + 1 == m.start && heard.any(i, words!["is", "does", "would", "will", "do", "how's"])
    }) && (m.end..to).any(|i| FITTING.has(heard.word(i)))
}
