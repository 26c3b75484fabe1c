//! Signs of where the call is going, and what was promised on the way.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::outcome::Sign;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Owner, Promise, Value, same_text};

/// Promises kept.
const MAX_TASKS: usize = 12;

/// Verbs that promise nothing to be done after the call.
const IDLE: &[&str] = &[
    "see",
    "be",
    "check",
    "look",
    "read",
    "put",
    "get",
    "take",
    "need",
    "have",
    "just",
    "go",
    "say",
    "wait",
    "repeat",
    "confirm",
    "pull",
    "ask",
    "schedule",
    "book",
    "mark",
    "note",
    "do",
    "help",
    "try",
    "hold",
    "think",
    "know",
    "make",
    "grab",
    "write",
    "start",
    "add",
    "transfer",
    "connect",
    "guess",
    "bet",
    "show",
    "understand",
    "verify",
    "open",
];

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

    /// What this turn promises, or tells the other side to do.
    fn promises(&mut self, heard: &Heard) {
        let own = match heard.speaker {
            Speaker::Agent => Cue::AgentPromise,
            Speaker::Caller => Cue::CallerPromise,
        };
        let owner = match heard.speaker {
            Speaker::Agent => Owner::Agent,
            Speaker::Caller => Owner::Caller,
        };
        let mut done = 0;
        let spots: Vec<usize> = heard
            .hits
            .cue(own)
            .filter(|h| {
                !heard
                    .hits
                    .cue(own)
                    .any(|o| o.start == h.start && o.end > h.end)
            })
            .map(|h| h.end)
            .collect();
        for at in spots {
            let verb = heard.word(at);
            let busy = !IDLE.contains(&verb) && is_verb(verb)
                || matches!(verb, "get" | "have" | "put" | "make")
                    && heard.tokens.iter().skip(at).take(6).any(|t| {
                        t.any(&[
                            "call", "text", "email", "send", "reach", "together", "back",
                            "estimate", "quote", "list", "somebody", "someone", "ask",
                        ])
                    });
            let own_errand = heard.speaker == Speaker::Agent
                || matches!(
                    verb,
                    "bring" | "send" | "call" | "drop" | "email" | "pay" | "fax" | "text" | "mail"
                );
            if at < done || !busy || !own_errand || heard.unreal(at.saturating_sub(2)) {
                continue;
            }
            let end = phrase_end(heard, at);
            if end - at < 2 {
                continue;
            }
            done = end;
            self.add_task(heard, (at, end), owner, heard.text(at, end));
        }
        // Third persons of the business: "he'll call", "the attorney will call you tomorrow".
        if heard.speaker == Speaker::Agent {
            for at in 0..heard.tokens.len() {
                if heard.tokens[at].any(&["he'll", "she'll", "they'll", "somebody'll", "will"])
                    && matches!(
                        heard.word(at + 1),
                        "call"
                            | "text"
                            | "email"
                            | "reach"
                            | "give"
                            | "send"
                            | "contact"
                            | "phone"
                            | "ring"
                            | "follow"
                    )
                {
                    let from = if heard.tokens[at].is("will") {
                        at.saturating_sub(3).max(heard.clause_start(at))
                    } else {
                        at + 1
                    };
                    let end = phrase_end(heard, at + 1);
                    if at >= done {
                        self.add_task(heard, (from, end), Owner::Agent, heard.text(from, end));
                        done = end;
                    }
                }
            }
            self.directions(heard);
        }
    }

    /// What the agent tells the caller to do.
    fn directions(&mut self, heard: &Heard) {
        const DO: &[&str] = &[
            "bring", "keep", "shut", "turn", "leave", "unplug", "don't", "call", "go", "send",
            "come", "save", "write", "hang", "stay", "drop", "fill", "arrive", "take", "find",
            "tell", "cover", "hold",
        ];
        let mut at = 0;
        while at < heard.tokens.len() {
            let word = heard.word(at);
            let start = at == 0
                || heard.tokens[at - 1].stop >= Stop::Comma
                || heard.tokens[at - 1].any(&[
                    "please", "and", "just", "to", "can", "should", "okay", "go", "you", "then",
                    "ahead", "so", "now", "alright", "need", "must",
                ]);
            let you = heard
                .tokens
                .get(at.saturating_sub(4)..at)
                .unwrap_or_default();
            let own = you.iter().any(|t| {
                t.any(&[
                    "i", "we", "he", "she", "they", "him", "her", "i'm", "we're", "i'll", "we'll",
                    "he'll", "they'll", "she'll", "could", "would", "number", "someone",
                    "somebody", "did", "does", "do", "gonna", "sure",
                ])
            }) && !you.iter().any(|t| t.is("you"));
            let keeps = match word {
                "don't" => matches!(
                    heard.word(at + 1),
                    "use"
                        | "touch"
                        | "flip"
                        | "pay"
                        | "drive"
                        | "turn"
                        | "open"
                        | "flush"
                        | "run"
                        | "light"
                        | "eat"
                        | "sign"
                        | "talk"
                        | "move"
                        | "let"
                        | "go"
                ),
                "call" => matches!(heard.word(at + 1), "nine" | "911" | "us"),
                "go" => matches!(heard.word(at + 1), "outside" | "to" | "straight"),
                "hang" => heard.word(at + 1) == "up",
                "take" | "find" | "tell" | "come" | "hold" | "send" | "leave" | "turn" => {
                    heard.tokens.get(at + 1).is_some_and(|t| {
                        t.any(&[
                            "the", "your", "ten", "fifteen", "a", "off", "that", "us", "pictures",
                            "photos", "any", "those", "early",
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
                let end = phrase_end(heard, at);
                if end - at >= 2 {
                    self.add_task(heard, (at, end), Owner::Caller, heard.text(at, end));
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
    }

    fn add_task(&mut self, heard: &Heard, span: (usize, usize), owner: Owner, text: String) {
        let Some(field) = self.field("tasks") else {
            return;
        };
        let mut all = match self.value(field) {
            Some(Value::Tasks(t)) => t.clone(),
            _ => Vec::new(),
        };
        // The same promise again, perhaps longer.
        let words = |t: &str| {
            t.split(' ')
                .filter(|w| w.len() > 3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let new = words(&text);
        let known = all.iter().position(|p| {
            let old = words(&p.text);
            p.owner == owner
                && (same_text(&p.text, &text)
                    || !new.is_empty()
                        && new.iter().filter(|w| old.contains(w)).count() * 2
                            > new.len().min(old.len()).max(1))
        });
        match known {
            Some(at) => {
                if text.len() > all[at].text.len() {
                    all[at].text = text;
                } else {
                    return;
                }
            }
            None => {
                if all.len() >= MAX_TASKS {
                    return;
                }
                all.push(Promise { owner, text });
            }
        }
        self.replace_list(field, heard, span, Value::Tasks(all));
    }
}

fn is_verb(word: &str) -> bool {
    word.len() > 2
        && crate::fields::gazetteer::tables().is_word(word)
        && !matches!(
            word,
            "the"
                | "you"
                | "your"
                | "not"
                | "also"
                | "then"
                | "right"
                | "sure"
                | "sorry"
                | "glad"
                | "happy"
                | "here"
                | "there"
                | "all"
                | "calling"
                | "looking"
                | "trying"
                | "going"
                | "having"
                | "getting"
                | "afraid"
                | "fine"
                | "good"
                | "okay"
                | "and"
                | "with"
                | "from"
        )
}

/// Where a promise ends: at the clause, at a new subject, or after enough words.
fn phrase_end(heard: &Heard, at: usize) -> usize {
    let mut end = at + 1;
    let limit = heard.clause_end(at).min(at + 14);
    while end < limit {
        let word = heard.word(end);
        let subject = matches!(
            heard.word(end + 1),
            "i" | "i'll"
                | "we"
                | "we'll"
                | "he"
                | "he'll"
                | "she"
                | "she'll"
                | "they"
                | "they'll"
                | "you"
                | "you'll"
                | "what"
                | "can"
                | "is"
                | "your"
                | "that"
                | "it"
                | "i'm"
        );
        if matches!(word, "and" | "but" | "so" | "okay" | "because" | "or")
            && (subject || end + 1 >= limit)
            || matches!(
                word,
                "okay"
                    | "alright"
                    | "bye"
                    | "thanks"
                    | "i'm"
                    | "we're"
                    | "i'll"
                    | "we'll"
                    | "he'll"
                    | "she'll"
                    | "that's"
                    | "what's"
            )
        {
            break;
        }
        end += 1;
    }
    end
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
