//! Signs of where the call is going.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::outcome::Sign;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};

impl State {
    /// Signs in the agent's turn.
    pub fn agent_signs(&mut self, heard: &Heard) {
        if heard.hits.has(Cue::Goodbye) || heard.hits.has(Cue::AnythingElse) {
            self.signs.goodbye_ms = Some(heard.end_ms);
        }
        let turn = self.signs.heard;
        // A slot named in this turn is a visit to come, nobody sent now.
        let slot_named = self.agenda.age == 0 && self.agenda.last == Some(Speaker::Agent);
        let see = |cue: Cue, sign: &mut Sign, least: usize, asking: bool| {
            if let Some(hit) = heard
                .hits
                .cue(cue)
                .filter(|h| {
                    !(matches!(heard.word(h.start), "have" | "get")
                        && heard.word(h.start + 1) == "to")
                })
                .filter(|h| h.end - h.start >= least)
                // What denies by itself is not undone by the "no" before it.
                .filter(|h| {
                    matches!(cue, Cue::NotServed | Cue::WrongNumber) || !heard.unreal(h.start)
                })
                .filter(|h| asking || !in_question(heard, h.start))
                .max_by_key(|h| h.end - h.start)
            {
                sign.see(turn, heard.evidence(Role::States, hit.start, hit.end));
            }
        };
        let first = self.signs.turns[1] <= 1;
        let s = &mut self.signs;
        if !slot_named {
            see(Cue::Dispatch, &mut s.dispatch, 2, false);
        }
        see(Cue::Call911, &mut s.call_911, 2, true);
        see(Cue::Transfer, &mut s.transfer, 2, true);
        see(Cue::NotServed, &mut s.not_served, 3, true);
        see(Cue::WrongNumber, &mut s.wrong_number, 2, true);
        see(Cue::Escalate, &mut s.escalate, 2, false);
        see(Cue::Message, &mut s.message, 2, false);
        see(Cue::SendInfo, &mut s.send_info, 2, false);
        if first {
            see(Cue::Voicemail, &mut s.voicemail, 2, true);
        }
        // "Is this Rosa's Nails?" - "No, this is a plumbing company."
        let no_this_is = heard
            .tokens
            .first()
            .is_some_and(|t| t.any(&["no", "nope", "sorry"]))
            && heard.tokens.len() <= 14
            && heard.tokens.windows(2).take(6).any(|w| {
                w[0].any(&["this", "you've", "you", "we're"])
                    && w[1].any(&["is", "reached", "got", "have", "not", "a"])
            });
        if no_this_is && s.is_this_asked && s.turns[0] <= 2 {
            s.wrong_number.see(turn, heard.whole(Role::States));
        }
        if let Some(owed) = call_owed(heard) {
            let sign = if owed.elsewhere {
                &mut s.other_calls
            } else {
                &mut s.call_back
            };
            sign.see(turn, heard.evidence(Role::States, owed.span.0, owed.span.1));
        }
        let price = heard.tokens.iter().any(|t| {
            t.glue == Some('$')
                || t.any(&[
                    "dollars", "bucks", "hundred", "thousand", "fee", "percent", "free",
                ])
        });
        if price {
            s.priced.see(turn, heard.whole(Role::States));
        }
        s.asked_last = heard
            .tokens
            .last()
            .is_some_and(|t| t.stop == Stop::Question)
            || self.asked.iter().any(|a| a.age == 0)
                && heard.tokens.len() <= 10
                && heard.tokens.last().is_some_and(|t| t.stop == Stop::None);
        let s = &mut self.signs;
        if heard.tokens.iter().any(|t| t.any(&["interested", "scam"]))
            && heard.tokens.iter().any(|t| t.any(&["not", "no", "aren't"]))
            || heard
                .tokens
                .windows(2)
                .any(|w| w[0].is("take") && w[1].any(&["us", "me"]))
                && heard.tokens.iter().any(|t| t.is("off"))
            || heard
                .tokens
                .windows(2)
                .any(|w| w[0].is("nice") && w[1].is("try"))
            || heard
                .tokens
                .windows(2)
                .any(|w| w[0].is("hanging") && w[1].is("up"))
        {
            s.turned_away.see(turn, heard.whole(Role::States));
        }
        let into_silence = heard.tokens.len() <= 8
            && heard
                .tokens
                .iter()
                .any(|t| t.any(&["hello", "sir", "ma'am", "there"]))
            && (heard.tokens.len() <= 3
                || heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["hello", "you", "anybody"])))
            && !heard
                .tokens
                .iter()
                .any(|t| t.any(&["thanks", "thank", "okay", "yes", "no"]));
        let lost = heard.hits.cue(Cue::Abandon).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(&["lost", "disconnected"]))
        });
        if (into_silence || lost) && s.turns[1] > 1 {
            s.hello.see(turn, heard.whole(Role::States));
        }
        s.caller_last = false;
        self.promises(heard);
    }

    /// Signs in the caller's turn.
    pub fn caller_signs(&mut self, heard: &Heard, _reply: &Reply) {
        if heard.hits.has(Cue::Goodbye) {
            self.signs.goodbye_ms = Some(heard.end_ms);
        }
        let turn = self.signs.heard;
        let s = &mut self.signs;
        let mut spam: Vec<usize> = heard.hits.cue(Cue::Spam).map(|h| h.start).collect();
        spam.dedup();
        for at in spam.into_iter().take(3) {
            s.spam
                .see(turn, heard.evidence(Role::States, at, heard.tokens.len()));
        }
        if let Some(hit) = heard
            .hits
            .cue(Cue::WrongNumber)
            .filter(|h| !heard.word(h.start).starts_with("there"))
            .max_by_key(|h| h.end - h.start)
            .filter(|h| h.end - h.start >= 2)
        {
            s.wrong_number
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        s.asked_last = false;
        s.is_this_asked = heard.tokens.len() <= 9
            && heard.tokens.windows(2).any(|w| {
                w[0].any(&["is", "isn't"]) && w[1].is("this") || w[0].is("did") && w[1].is("i")
            });
        if let Some(hit) = heard.hits.cue(Cue::Abandon).find(|h| h.end - h.start >= 2) {
            s.breaks_off
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        // "Have her call me", "he should call me": a message that wants an answer.
        let wants_call = heard.tokens.iter().enumerate().any(|(i, t)| {
            t.any(&["call", "phone", "ring"])
                && matches!(heard.word(i + 1), "me" | "us")
                && heard.tokens[i.saturating_sub(5)..i].iter().any(|p| {
                    p.any(&[
                        "have", "should", "to", "tell", "ask", "can", "please", "could", "needs",
                    ])
                })
        });
        if wants_call && !heard.hits.has(Cue::Alternate) {
            s.call_wanted.see(turn, heard.whole(Role::States));
        }
        if let Some(hit) = heard.hits.cue(Cue::InfoAsk).max_by_key(|h| h.end - h.start) {
            s.info_asked
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        s.caller_last = true;
        self.promises(heard);
    }
}

/// Whether the clause that holds the token is a question by its mark.
fn in_question(heard: &Heard, at: usize) -> bool {
    heard
        .tokens
        .get(heard.clause_end(at).saturating_sub(1))
        .is_some_and(|t| t.stop == Stop::Question)
}

/// A call that somebody promises.
struct CallOwed {
    span: (usize, usize),
    /// By somebody who is not of the business: a pharmacy, a lab.
    elsewhere: bool,
}

/// Words that make a call promised: "I'll have the nurse call you", "somebody will reach out".
const PROMISING: &[&str] = &[
    "i'll",
    "we'll",
    "he'll",
    "she'll",
    "they'll",
    "will",
    "gonna",
    "have",
    "going",
    "getting",
    "get",
    "ask",
    "ill",
    "hell",
    "shell",
    "somebody'll",
    "someone'll",
    "to",
];

/// The call promised in the agent's turn, in whatever words: a promise, and within the same thought somebody calling the caller.
fn call_owed(heard: &Heard) -> Option<CallOwed> {
    let you = |i: usize| {
        matches!(
            heard.word(i),
            "you" | "him" | "her" | "ya" | "back" | "them"
        )
    };
    for at in 0..heard.tokens.len() {
        let word = heard.word(at);
        let end = match word {
            "call" | "calls" | "phone" | "ring" | "contact" | "reach" if you(at + 1) => at + 2,
            "holler" if heard.word(at + 1) == "at" => at + 3,
            "call" if heard.word(at.wrapping_sub(1)) == "a" => at + 1,
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
            heard.tokens[*i].any(PROMISING)
                && (heard.word(*i) != "to"
                    || matches!(
                        heard.word(i.wrapping_sub(1)),
                        "nurse" | "going" | "someone" | "somebody" | "manager" | "him" | "her"
                    ))
        });
        let Some(marker) = marker else { continue };
        // "The number to call you back on", "you can call", "if you call": nobody promises.
        let idle = (marker..at)
            .any(|i| heard.tokens[i].any(&["you", "number", "can", "could", "should", "need"]))
            || heard.word(marker) == "have"
                && matches!(
                    heard.word(marker.wrapping_sub(1)),
                    "you" | "you'll" | "i" | "we" | "do"
                )
            || heard.word(at) == "call"
                && matches!(heard.word(at + 1), "back")
                && heard.tokens[from..at].iter().any(|t| t.is("you"));
        if idle || heard.unreal(marker) || in_question(heard, at) {
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
