//! What the agent tells the caller to do: imperatives, at the head of a clause or where no mark of punctuation says that one begins.

use crate::fields::cue::Cue;
use crate::fields::name::word::{Nameness, nameness};
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::Owner;

use super::promise::{TELLS, phrase_end};

impl State {
    /// What the agent tells the caller to do.
    pub(super) fn directions(&mut self, heard: &Heard) {
        // "Leave your name and number after the tone" asks a machine's question.
        if heard.hits.has(Cue::Voicemail) {
            return;
        }
        const DO: &[&str] = &[
            "bring", "keep", "shut", "turn", "leave", "unplug", "call", "go", "send", "come",
            "save", "write", "hang", "stay", "drop", "fill", "arrive", "take", "find", "tell",
            "cover", "hold", "wear", "have", "clear", "email", "upload", "scan", "drain", "empty",
            "lock", "put",
        ];
        let mut at = 0;
        while at < heard.tokens.len() {
            let word = heard.word(at);
            let marked = heard.tokens.iter().any(|t| t.stop > Stop::None);
            let start = !marked
                && (TELLS.contains(&word)
                    || word == "come"
                        && heard.tokens.iter().skip(at).take(6).any(|t| t.is("early")))
                && !matches!(
                    heard.word(at.wrapping_sub(1)),
                    "i" | "we"
                        | "they"
                        | "he"
                        | "she"
                        | "who"
                        | "it"
                        | "that"
                        | "which"
                        | "will"
                        | "i'll"
                        | "we'll"
                        | "could"
                        | "would"
                        | "gonna"
                        | "help"
                )
                || at == 0
                || heard.tokens[at - 1].stop >= Stop::Comma
                || heard.tokens[at - 1].any(&[
                    "please", "and", "just", "to", "can", "should", "okay", "go", "you", "then",
                    "ahead", "so", "now", "alright", "need", "must",
                ]);
            let you = heard
                .tokens
                .get(at.saturating_sub(4).max(heard.clause_start(at))..at)
                .unwrap_or_default();
            let own = you.iter().any(|t| {
                t.any(&[
                    "i", "we", "he", "she", "they", "him", "her", "i'm", "we're", "i'll", "we'll",
                    "he'll", "they'll", "she'll", "could", "would", "number", "someone",
                    "somebody", "did", "does", "do", "gonna", "sure",
                ])
            }) && !you.iter().any(|t| t.is("you"));
            // "I'll flag it for the doctor and have the nurse call you": the agent goes on promising.
            let promised = heard.word(at.wrapping_sub(1)) == "and"
                && (heard.clause_start(at)..at).any(|i| matches!(heard.word(i), "i'll" | "we'll"))
                && !(heard.clause_start(at)..at).any(|i| matches!(heard.word(i), "you" | "you'll"));
            if promised
                && matches!(
                    word,
                    "have" | "send" | "call" | "text" | "email" | "fax" | "put" | "bring" | "leave"
                )
            {
                let end = phrase_end(heard, at);
                if end - at >= 2 {
                    self.add_task(heard, (at, end), Owner::Agent, heard.text(at, end));
                    at = end;
                    continue;
                }
            }
            let keeps = match word {
                "don't" => matches!(
                    heard.word(at + 1),
                    "sign" | "talk" | "answer" | "speak" | "post" | "agree"
                ),
                "call" => matches!(heard.word(at + 1), "nine" | "911" | "us"),
                "go" => matches!(heard.word(at + 1), "outside" | "to" | "straight"),
                "hang" => heard.word(at + 1) == "up" && heard.word(at + 2) != "and",
                // "Please have the paperwork handy", "have someone there"; "have a good day" asks for nothing.
                "have" if matches!(heard.word(at + 1), "him" | "her" | "them") => {
                    matches!(
                        heard.word(at + 2),
                        "bring" | "come" | "send" | "wear" | "arrive" | "email"
                    )
                }
                // "Come ten minutes early", "come in a little early", "come with a full bladder".
                "come" | "arrive" => {
                    let end = heard.clause_end(at).min(at + 7);
                    heard.tokens[at..end].iter().any(|t| t.is("early"))
                        || matches!(heard.word(at + 1), "with" | "hungry" | "fasting")
                }
                // "Take your time", "stay with me": said to calm, not to be done.
                "take" | "stay" | "keep" | "hold"
                    if matches!(
                        heard.word(at + 1),
                        "your" | "a" | "with" | "on" | "mister" | "one"
                    ) && (heard.word(at + 1) != "your" && heard.word(at + 1) != "a"
                        || matches!(
                            heard.word(at + 2),
                            "time"
                                | "breath"
                                | "look"
                                | "second"
                                | "deep"
                                | "minute"
                                | "seat"
                                | "up"
                        )) =>
                {
                    false
                }
                "have" => {
                    (at == 0
                        || heard.tokens[at - 1].stop >= Stop::Comma
                        || heard.tokens[at - 1].any(&["please", "just", "and", "to", "so"]))
                        && matches!(
                            heard.word(at + 1),
                            "the"
                                | "your"
                                | "somebody"
                                | "someone"
                                | "everything"
                                | "all"
                                | "that"
                                | "those"
                                | "it"
                        )
                        && !you.iter().any(|t| {
                            t.any(&["i", "we", "do", "does", "did", "have", "we'll", "i'll"])
                        })
                }
                // "Septic and Drain, this is Lyle."
                "drain" | "clear" | "empty" | "lock" => {
                    at > 0
                        && heard.tokens[at - 1].any(&["please", "to", "just", "you", "need", "can"])
                }
                "email" | "scan" | "upload" => matches!(
                    heard.word(at + 1),
                    "the"
                        | "your"
                        | "us"
                        | "me"
                        | "that"
                        | "it"
                        | "them"
                        | "pictures"
                        | "photos"
                        | "a"
                        | "some"
                        | "those"
                ),
                "put" => matches!(heard.word(at + 1), "your" | "the" | "any" | "dogs"),
                "take" | "find" | "tell" | "hold" | "send" | "leave" | "turn" => {
                    heard.tokens.get(at + 1).is_some_and(|t| {
                        // "Tell Brandon not to talk to anybody".
                        if word == "tell" && (t.upper || nameness(t) >= Nameness::Both) {
                            return true;
                        }
                        t.any(&[
                            "the", "your", "ten", "fifteen", "a", "off", "that", "us", "pictures",
                            "photos", "any", "those", "early", "twenty", "thirty",
                        ])
                    })
                }
                _ => DO.contains(&word),
            };
            if start
                && keeps
                && !own
                && heard
                    .tokens
                    .get(heard.clause_end(at).saturating_sub(1))
                    .is_none_or(|t| t.stop != Stop::Question)
            {
                // "Have him bring all the papers": what he is to do.
                let from = if word == "have" && matches!(heard.word(at + 1), "him" | "her" | "them")
                {
                    at + 2
                } else {
                    at
                };
                let end = phrase_end(heard, from);
                if end - from >= 2 {
                    let text = self.in_full(heard, from, end);
                    self.add_task(heard, (at, end), Owner::Caller, text);
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
    }
}
