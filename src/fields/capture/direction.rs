//! What the agent tells the caller to do: imperatives that prepare the visit, document the matter or follow the call. What calms ("stay
//! bundled up"), what is done while both listen ("hold on", "shut the valve") and what is advice is no task: nobody would write it down.

use super::clause::{TELLS, condition_before, joined_end, phrase_end};
use super::signs::in_question;
use crate::fields::cue::Cue;
use crate::fields::name::word::{Nameness, nameness};
use crate::fields::state::State;
use crate::fields::temporal;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::Owner;
use crate::fields::word_set::{WordSet, words};

/// Words after which an imperative may begin where no mark of punctuation says so.
const OPENERS: &WordSet = words![
    "please", "and", "just", "then", "okay", "ok", "so", "now", "alright", "yes", "yeah", "sure",
    "great", "good", "perfect", "also", "first", "ahead", "go", "well", "must", "right",
];

/// Before "to": somebody has to.
const HAVING_TO: &WordSet = words![
    "need", "needs", "have", "has", "want", "going", "remember", "sure", "like", "love", "try",
    "supposed", "you", "forget", "best",
];

/// Words whose verb tells what somebody does, not what to do.
const SUBJECTS: &WordSet = words![
    "i", "we", "they", "he", "she", "who", "it", "that", "which", "will", "i'll", "we'll", "could",
    "would", "gonna", "help", "to", "not", "you", "you'd", "can", "or", "never", "they'll",
    "he'll", "she'll", "does", "do", "did",
];

/// What has to be at hand when somebody calls or comes.
const READY: &WordSet = words![
    "ready",
    "handy",
    "front",
    "hand",
    "next",
    "nearby",
    "available",
    "with",
    "taped",
    "clear",
    "out",
    "together",
    "packed",
    "unplugged",
    "cleared",
    "cleaned",
    "moved",
    "unlocked",
    "emptied",
    "drained",
];

/// Who is told to have somebody else do something: "have him bring the papers".
const DONE_BY_OTHERS: &WordSet = words![
    "bring", "come", "send", "wear", "arrive", "email", "text", "call", "fax", "sign", "empty",
    "clear", "move", "fill",
];

/// Verbs that hand something over.
const SENDS: &WordSet = words![
    "send", "email", "text", "fax", "mail", "forward", "upload", "scan", "attach", "shoot",
    "return",
];

/// Verbs that make a place ready.
const PREPARES: &WordSet = words![
    "clear",
    "empty",
    "drain",
    "unplug",
    "defrost",
    "disconnect",
    "pack",
    "label",
    "move",
];

/// Words that begin the thing a verb is about.
const THE: &WordSet = words![
    "the",
    "your",
    "a",
    "an",
    "any",
    "all",
    "that",
    "those",
    "these",
    "them",
    "it",
    "everything",
    "anything",
    "every",
    "some",
    "whatever",
    "both",
    "copies",
    "out",
    "his",
    "her",
    "their",
];

impl State {
    /// What the agent tells the caller to do.
    pub(super) fn directions(&mut self, heard: &Heard) {
        // "Leave your name and number after the tone" asks a machine's question.
        if heard.hits.has(Cue::Voicemail) {
            return;
        }
        let mut at = 0;
        while at < heard.tokens.len() {
            if self.goes_on_promising(heard, at) {
                let end = phrase_end(heard, at);
                if end - at >= 2 {
                    self.add_task(heard, (at, end), Owner::Agent, heard.text(at, end));
                    at = end;
                    continue;
                }
            }
            if !lasting(heard, at)
                || !begins(heard, at)
                || own(heard, at)
                || in_question(heard, at)
                || courtesy(heard, at)
            {
                at += 1;
                continue;
            }
            // "Have him bring all the papers": what he is to do.
            let other =
                heard.word(at) == "have" && matches!(heard.word(at + 1), "him" | "her" | "them");
            let from = if other { at + 2 } else { at };
            // "Have him call you" is what the agent will see to.
            if other && heard.word(from) == "call" && heard.word(from + 1) == "you" {
                at += 1;
                continue;
            }
            let end = joined_end(heard, from, |next| lasting(heard, next));
            if end - from < 2 {
                at += 1;
                continue;
            }
            let mut text = self.in_full(heard, from, end);
            if let Some((if_from, if_to)) = condition_before(heard, at) {
                text = format!("{text} {}", heard.text(if_from, if_to));
            }
            self.add_task(heard, (at, end), Owner::Caller, text);
            at = end;
        }
    }

    /// "I'll flag it for the doctor and have the nurse call you": the agent goes on promising.
    fn goes_on_promising(&self, heard: &Heard, at: usize) -> bool {
        let before = heard.clause_start(at)..at;
        heard.word(at.wrapping_sub(1)) == "and"
            && matches!(
                heard.word(at),
                "have" | "send" | "call" | "text" | "email" | "fax" | "put" | "bring" | "leave"
            )
            && before
                .clone()
                .any(|i| matches!(heard.word(i), "i'll" | "we'll"))
            && !before
                .into_iter()
                .any(|i| matches!(heard.word(i), "you" | "you'll"))
    }
}

/// Whether an imperative may stand at `at`.
fn begins(heard: &Heard, at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|b| heard.tokens.get(b)) else {
        return true;
    };
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    if before.stop >= Stop::Comma || before.any(OPENERS) {
        return true;
    }
    match back(1) {
        "to" => HAVING_TO.has(back(2)),
        "can" | "should" | "need" | "could" => back(2) == "you",
        // "If you'd fill that in and bring it along"
        "you'd" => back(2) == "if",
        // "If he gets blue you call 911"; not "when you come", "do you bring", "the number you call".
        "you" => {
            at >= 2
                && !matches!(
                    back(2),
                    "do" | "did"
                        | "can"
                        | "could"
                        | "would"
                        | "will"
                        | "where"
                        | "what"
                        | "when"
                        | "how"
                        | "who"
                        | "if"
                        | "that"
                        | "as"
                        | "before"
                        | "after"
                        | "until"
                        | "once"
                        | "while"
                        | "number"
                        | "one"
                        | "have"
                        | "are"
                        | "were"
                        | "should"
                        | "thing"
                        | "whatever"
                        | "time"
                        | "see"
                        | "let"
                        | "don't"
                )
        }
        _ => {
            let unmarked = heard.tokens.iter().all(|t| t.stop == Stop::None);
            let strong = heard.any(at, TELLS)
                || matches!(
                    heard.word(at),
                    "come" | "have" | "nothing" | "save" | "hang" | "take"
                )
                || matches!(heard.word(at), "call" | "dial") && is_911(heard, at + 1);
            // "Don't sign it bring it Monday": what "it" ends no "it" begins.
            let object = matches!(heard.word(at), "bring" | "sign" | "don't" | "keep" | "save")
                && (matches!(back(1), "it" | "that" | "them" | "over")
                    || temporal::names_time(back(1)));
            unmarked && (object || strong && !before.any(SUBJECTS))
        }
    }
}

/// "Call us if you need us", "if anything changes": said to everybody, and nobody's errand.
fn courtesy(heard: &Heard, at: usize) -> bool {
    matches!(heard.word(at), "call" | "ring" | "phone")
        && (at + 1..heard.clause_end(at)).any(|i| {
            heard.word(i) == "if"
                && (heard.any(i + 1, words!["anything", "something"])
                    || heard.word(i + 1) == "you"
                        && heard.any(i + 2, words!["need", "have", "change", "want", "think"]))
        })
}

/// Whether the words before the imperative say that somebody else than the caller does it.
fn own(heard: &Heard, at: usize) -> bool {
    let from = at.saturating_sub(4).max(heard.clause_start(at));
    let words = heard.tokens.get(from..at).unwrap_or_default();
    !words.iter().any(|t| t.any(words!["you", "you'll"]))
        && words.iter().any(|t| {
            t.any(words![
                "i", "we", "he", "she", "they", "him", "her", "i'm", "we're", "i'll", "we'll",
                "he'll", "they'll", "she'll", "could", "would", "number", "someone", "somebody",
                "did", "does", "do", "gonna",
            ])
        })
}

/// Whether the verb at `at`, with what follows it, is something to be done that outlasts the moment.
fn lasting(heard: &Heard, at: usize) -> bool {
    let next = heard.word(at + 1);
    let end = heard.clause_end(at).min(at + 10);
    let follows = |words: &WordSet| (at + 1..end).any(|i| words.has(heard.word(i)));
    let the = || THE.has(next);
    match heard.word(at) {
        "bring" => !matches!(next, "you" | "up" | "that's" | ""),
        "wear" | "fill" => !next.is_empty(),
        "have" => match next {
            "him" | "her" | "them" => heard.any(at + 2, DONE_BY_OTHERS),
            "somebody" | "someone" => follows(words!["there", "home", "here", "meet", "let"]),
            _ => the() && next != "a" && follows(READY),
        },
        word if SENDS.has(word) => {
            the() && next != "out" || matches!(next, "us" | "me" | "over" | "pictures" | "photos")
        }
        word if PREPARES.has(word) => the() && !matches!(next, "it" | "them" | "that"),
        "sign" | "print" => the(),
        "pay" => matches!(next, "the" | "your"),
        "call" | "dial" | "ring" | "phone" => {
            is_911(heard, at + 1)
                || matches!(next, "us" | "me" | "back")
                    && follows(words![
                        "if", "when", "once", "after", "before", "as", "right", "tomorrow",
                    ])
        }
        // Evidence is kept, and what keeps the harm small; "keep it close" is a word of the moment.
        "keep" | "save" => {
            matches!(next, "taking" | "pressure" | "copies")
                || the() && !matches!(next, "it" | "a" | "out")
        }
        "hang" | "hold" => {
            next == "on" && heard.word(at + 2) == "to"
                || next == "onto"
                || next == "up"
                    && heard.word(at + 2) == "and"
                    && matches!(heard.word(at + 3), "call" | "dial")
                    && is_911(heard, at + 4)
        }
        "come" | "arrive" => {
            follows(words!["early"]) || matches!(next, "with" | "hungry" | "fasting")
        }
        "don't" => matches!(
            next,
            "sign"
                | "talk"
                | "answer"
                | "speak"
                | "post"
                | "agree"
                | "discuss"
                | "eat"
                | "drink"
                | "throw"
                | "delete"
                | "pack"
                | "bring"
                | "wear"
        ),
        "stop" => the() || next == "taking",
        "stay" => next == "out" && heard.word(at + 2) == "of",
        "nothing" => next == "to" && matches!(heard.word(at + 2), "eat" | "drink"),
        "take" => {
            follows(words![
                "pictures", "picture", "photos", "photo", "video", "videos"
            ]) || the() && next != "a" && follows(words!["to"])
        }
        "get" => {
            the()
                && follows(words![
                    "copy",
                    "signed",
                    "report",
                    "records",
                    "form",
                    "letter",
                    "certificate",
                ])
        }
        "shut" | "turn" => {
            the() && follows(words!["off"]) || next == "off" && heard.any(at + 2, THE)
        }
        "put" => follows(words!["dog", "dogs", "cat", "cats", "pets", "animals"]),
        "leave" => follows(words!["key", "keys", "unlocked", "gate", "unopened"]),
        "drop" => follows(words!["off", "by"]),
        "pick" => next == "up" && heard.any(at + 2, THE),
        "go" => {
            next == "to"
                && (at + 2..at + 5).any(|i| {
                    matches!(
                        heard.word(i),
                        "er" | "e" | "emergency" | "hospital" | "pharmacy" | "lab" | "courthouse"
                    )
                })
        }
        "ask" => {
            matches!(next, "your" | "the" | "dr" | "doctor") && follows(words!["to", "for", "if"])
        }
        "find" | "gather" | "collect" => the() && !matches!(next, "out" | "it" | "a"),
        "check" => next == "with" && heard.any(at + 2, THE),
        // "Tell Brandon not to talk to anybody"; what to tell those who come now is no errand.
        "tell" => {
            let person = heard
                .tokens
                .get(at + 1)
                .is_some_and(|t| t.upper || nameness(t) >= Nameness::Both);
            (person || matches!(next, "your" | "the" | "him" | "her"))
                && end > at + 3
                && !heard.says(words!["911"])
                && !(0..at).any(|i| is_911(heard, i))
        }
        _ => false,
    }
}

/// Whether the emergency number stands at `at`: "911", "nine one one", "9 1 1", "9 11".
pub(super) fn is_911(heard: &Heard, at: usize) -> bool {
    match heard.word(at) {
        "911" => true,
        "nine" | "9" => {
            matches!(heard.word(at + 1), "11" | "eleven")
                || matches!(heard.word(at + 1), "one" | "1")
                    && matches!(heard.word(at + 2), "one" | "1")
        }
        _ => false,
    }
}
