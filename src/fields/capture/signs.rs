//! Signs of where the call is going.

use super::act::{
    brings_in, goes_out, names_itself, offers_to_put_through, passes_word, puts_through, sets_out,
};
use super::attend::hurries;
use super::inquiry::{asks_what, awaits};
use super::machine::{leaves_word, machine_speaks};
use super::owed::{
    CallOwed, asks_where_to_call, asks_who_calls, call_decides, call_owed, may_call, offers_to_call,
};
use super::pitch::{calls_into_silence, turns_away};
use super::refusal::{refuses, says_no, sends_elsewhere};
use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Reply};
use crate::fields::evidence::Role;
use crate::fields::outcome::Sign;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::FieldType;
use crate::fields::word_set::words;

/// A turn of so many words that says no goodbye goes on with the call.
const GOES_ON: usize = 10;

impl State {
    /// Signs in the agent's turn.
    pub fn agent_signs(&mut self, heard: &Heard) {
        self.goodbye(heard);
        let turn = self.signs.heard();
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
                // "Send them to the office": the caller is to send, nobody is sent.
                .filter(|h| {
                    cue != Cue::Dispatch
                        || heard.word(h.start) != "send"
                        || (h.start.saturating_sub(3)..h.start).any(|i| {
                            matches!(
                                heard.word(i),
                                "i" | "we"
                                    | "i'll"
                                    | "we'll"
                                    | "i'm"
                                    | "we're"
                                    | "gonna"
                                    | "they'll"
                            )
                        }) && !heard.word(h.start - 1).ends_with("you")
                })
                // What denies by itself is not undone by the "no" before it.
                .filter(|h| {
                    matches!(cue, Cue::NotServed | Cue::WrongNumber) || !heard.unreal(h.start)
                })
                .filter(|h| asking || !heard.in_question(h.start))
                .filter(|h| !(cue == Cue::NotServed && writes_down(heard, (h.start, h.end))))
                .filter(|h| {
                    !matches!(cue, Cue::SendInfo | Cue::Dispatch)
                        || !announced(heard, (h.start, h.end))
                })
                .max_by_key(|h| h.end - h.start)
            {
                sign.see(turn, heard.evidence(Role::States, hit.start, hit.end));
            }
        };
        // A machine may go on for more than one turn before the caller speaks.
        let first = self.signs.turns[1] <= 1 || self.signs.turns[0] == 0;
        // Nobody is sent by an office.
        let sends = self.field("opposing_party").is_none() && self.field("date_of_birth").is_none();
        let owed = call_owed(heard, &self.people());
        let turned_down = refuses(heard) || says_no(heard, &self.last_caller);
        let wants_something = self.asked.iter().any(|a| {
            a.age == 0
                && matches!(
                    self.ty(a.field),
                    FieldType::PersonName | FieldType::Address | FieldType::TimeWindow
                )
        });
        let s = &mut self.signs;
        let promised = s.call_back.seen();
        if !slot_named
            && owed.as_ref().is_none_or(|o| !only_within(heard, o))
            && !(promised && hurries_a_call(heard))
        {
            see(Cue::Dispatch, &mut s.dispatch, 2, false);
        }
        if !heard
            .hits
            .cue(Cue::Call911)
            .all(|h| told_of(heard, h.start))
        {
            see(Cue::Call911, &mut s.call_911, 2, true);
        } else if heard
            .hits
            .cue(Cue::Call911)
            .any(|h| h.end - h.start >= 2 && supposed(heard, h.start))
            // A machine tells everybody so.
            && !first
        {
            s.warned.see(turn, heard.whole(Role::States));
        }
        see(Cue::Alarm, &mut s.alarmed, 2, true);
        see(Cue::Transfer, &mut s.transfer, 2, true);
        see(Cue::NotServed, &mut s.not_served, 3, true);
        // "Is this a house or a condo?"
        let wrong_before = s.wrong_number.seen();
        see(Cue::WrongNumber, &mut s.wrong_number, 2, false);
        s.asked_after_wrong |= wrong_before
            && wants_something
            && heard.says(words!["name", "address", "where", "what's", "when", "your"]);
        see(Cue::Escalate, &mut s.escalate, 2, false);
        if !heard
            .hits
            .cue(Cue::Message)
            .all(|h| offered(heard, h.start))
        {
            see(Cue::Message, &mut s.message, 2, false);
        }
        see(Cue::SendInfo, &mut s.send_info, 2, false);
        if first {
            see(Cue::Voicemail, &mut s.voicemail, 2, true);
            if leaves_word(heard) {
                s.voicemail.see(turn, heard.whole(Role::States));
            }
        } else {
            s.answered |= !machine_speaks(heard);
            let message_turn = s.message.turn;
            let note = |sign: &mut Sign, span: Option<(usize, usize)>| {
                if let Some((from, to)) = span {
                    sign.see(turn, heard.evidence(Role::States, from, to));
                }
            };
            note(
                &mut s.dispatch,
                sets_out(heard).filter(|_| sends && !slot_named),
            );
            note(&mut s.escalate, brings_in(heard));
            note(&mut s.hurried, hurries(heard));
            note(&mut s.transfer, puts_through(heard));
            note(&mut s.send_info, goes_out(heard));
            note(
                &mut s.message,
                passes_word(heard).filter(|_| message_turn != turn),
            );
            note(&mut s.booked, on_the_books(heard));
        }
        if names_itself(heard) && s.turns[1] > 1 && s.turns[0] <= 3 {
            s.named_itself = Some(s.turns[0]);
        }
        // "Is this Rosa's Nails?" - "No, this is a plumbing company."
        let no_this_is = heard
            .tokens
            .first()
            .is_some_and(|t| t.any(words!["no", "nope", "sorry"]))
            && heard.tokens.len() <= 14
            && heard.tokens.windows(2).take(6).any(|w| {
                w[0].any(words!["this", "you've", "you", "we're"])
                    && w[1].any(words!["is", "reached", "got", "have", "not", "a"])
            });
        if no_this_is && s.is_this_asked && s.turns[0] <= 2 {
            s.wrong_number.see(turn, heard.whole(Role::States));
        }
        s.after_hours |= heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("after") && w[1].is("hours") || w[0].is("on") && w[1].is("call"));
        // "Who's going to call me?" "Our claims person, within two days."
        let negative = heard
            .tokens
            .iter()
            .take(2)
            .any(|t| t.any(words!["no", "nobody"]));
        if std::mem::take(&mut s.call_asked) && !negative {
            s.call_back.see(turn, heard.whole(Role::States));
        }
        if turned_down {
            let sorry = heard.says(words!["sorry", "unfortunately", "afraid", "apologize"])
                // Told twice, it is meant.
                || s.refused.seen() && s.refused.turn + 6 > turn;
            s.refused.see(turn, heard.whole(Role::States));
            if sorry || sends_elsewhere(heard) {
                s.not_served.see(turn, heard.whole(Role::States));
            }
        } else if s.refused.seen() && s.refused.turn + 6 > turn && sends_elsewhere(heard) {
            s.not_served.see(turn, heard.whole(Role::States));
        }
        s.call_offered = offers_to_call(heard);
        s.transfer_offered = offers_to_put_through(heard);
        if asks_where_to_call(heard) || may_call(heard) {
            s.call_wanted.see(turn, heard.whole(Role::States));
        }
        if let Some(owed) = owed {
            let sign = if owed.elsewhere {
                &mut s.other_calls
            } else {
                &mut s.call_back
            };
            let words = heard.evidence(Role::States, owed.span.0, owed.span.1);
            if call_decides(heard, &owed) {
                s.call_decides.see(turn, words.clone());
            }
            sign.see(turn, words);
        }
        let price = heard.tokens.iter().any(|t| {
            t.glue == Some('$')
                || t.any(words![
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
        if turns_away(heard, s.spam.seen(), s.turns) {
            s.turned_away.see(turn, heard.whole(Role::States));
            // "Take us off your list": said to nobody else.
            if heard.says(words!["off"]) && heard.says(words!["list", "lists"]) {
                s.turned_away.see(turn, heard.whole(Role::States));
            }
        }
        let into_silence = calls_into_silence(heard);
        let lost = heard.hits.cue(Cue::Abandon).any(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(words!["lost", "disconnected"]))
        });
        if (into_silence || lost) && s.turns[1] > 1 {
            s.hello.see(turn, heard.whole(Role::States));
        }
        s.caller_last = false;
        self.promises(heard, &dialogue::reply(heard));
    }

    /// Signs in the caller's turn.
    pub fn caller_signs(&mut self, heard: &Heard, reply: &Reply) {
        self.goodbye(heard);
        let turn = self.signs.heard();
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
            // "They sent it to the wrong person": no number was dialed.
            .filter(|h| {
                let from = h.start.saturating_sub(4);
                !(from..h.end).any(|i| heard.word(i).starts_with("they"))
            })
            .max_by_key(|h| h.end - h.start)
            .filter(|h| h.end - h.start >= 2)
        {
            s.wrong_number
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        // "Can she call you back?" "Yeah, that's fine."
        let offered = std::mem::take(&mut s.call_offered);
        let suits = heard.tokens.len() <= 8
            && heard.says(words![
                "fine", "works", "good", "great", "perfect", "okay", "ok"
            ]);
        if std::mem::take(&mut s.transfer_offered) && reply.affirm && !reply.deny {
            s.transfer.see(turn, heard.whole(Role::Confirms));
        }
        if offered && (reply.affirm || reply.accept || suits) && !reply.deny {
            s.call_back.see(turn, heard.whole(Role::Confirms));
        }
        s.asked_last = false;
        s.is_this_asked = heard.tokens.len() <= 9
            && heard.tokens.windows(2).any(|w| {
                w[0].any(words!["is", "isn't"]) && w[1].is("this") || w[0].is("did") && w[1].is("i")
            });
        // "Oh my, I am so embarrassed", to "this is a law firm".
        let wrong = s.named_itself.is_some_and(|t| s.turns[0] <= t + 2)
            && heard.says(words![
                "sorry",
                "oops",
                "whoops",
                "pardon",
                "embarrassed",
                "apologize",
                "apologies",
                "mistake",
                "wrong",
                "misdialed",
                "dialed",
                "darned",
                "bad",
            ]);
        if wrong {
            s.wrong_number.see(turn, heard.whole(Role::States));
        }
        if let Some(hit) = heard.hits.cue(Cue::Abandon).find(|h| h.end - h.start >= 2) {
            s.breaks_off
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        // "Have her call me", "he should call me": a message that wants an answer.
        let wants_call = heard.tokens.iter().enumerate().any(|(i, t)| {
            t.any(words!["call", "phone", "ring"])
                && matches!(heard.word(i + 1), "me" | "us")
                && heard.tokens[i.saturating_sub(5)..i].iter().any(|p| {
                    p.any(words![
                        "have", "should", "to", "tell", "ask", "can", "please", "could", "needs",
                        "gonna", "he'll", "she'll", "will",
                    ])
                })
        });
        let gives_me = (0..heard.tokens.len()).any(|i| {
            heard.word(i) == "give"
                && matches!(heard.word(i + 1), "me" | "us")
                && matches!(
                    heard.word(i + 3),
                    "call" | "ring" | "shout" | "buzz" | "holler"
                )
        });
        // "She doesn't even have to call me."
        let need_not = heard.tokens.windows(4).any(|w| {
            w[0].any(words!["doesn't", "don't", "needn't", "not"])
                && w[1..].iter().any(|t| t.any(words!["have", "need", "to"]))
        });
        if (wants_call && !need_not || gives_me) && !heard.hits.has(Cue::Alternate) {
            s.call_wanted.see(turn, heard.whole(Role::States));
        }
        s.awaits |= awaits(heard);
        s.call_asked = asks_who_calls(heard);
        if let Some(hit) = heard.hits.cue(Cue::ThinkOver).next() {
            s.thinks
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        }
        if let Some(hit) = heard.hits.cue(Cue::InfoAsk).max_by_key(|h| h.end - h.start) {
            s.info_asked
                .see(turn, heard.evidence(Role::States, hit.start, hit.end));
        } else if asks_what(heard) {
            s.info_asked.see(turn, heard.whole(Role::States));
        }
        s.caller_last = true;
        self.promises(heard, reply);
    }
}

impl State {
    /// Whether the turn begins to close the call; one that asks on, or tells more, opens it again.
    fn goodbye(&mut self, heard: &Heard) {
        let agent = heard.speaker == Speaker::Agent;
        let last = heard.tokens.len();
        // Thanks close a call where nothing follows them: the agent's for the call, the caller's unless they come with an answer.
        let thanks = heard.hits.cue(Cue::Thanks).any(|h| {
            h.end + 2 >= last
                && (h.start..last).all(|i| heard.tokens[i].stop != Stop::Question)
                && if agent {
                    self.signs.turns[1] > 1
                        && heard.tokens[h.start..h.end].iter().any(|t| t.is("calling"))
                } else {
                    !self.signs.asked_last && self.asked.is_empty()
                }
        });
        let closes = heard.hits.has(Cue::Goodbye)
            || agent && heard.hits.has(Cue::AnythingElse) && self.signs.turns[1] > 1
            || thanks;
        if closes {
            self.signs.goodbye_ms = Some(heard.end_ms);
        } else if agent && self.asked.iter().any(|a| a.age == 0) || last >= GOES_ON {
            self.signs.goodbye_ms = None;
        }
    }

    /// The words of the names known so far, lower case.
    pub(super) fn people(&self) -> Vec<String> {
        let persons = self.vertical.all_of(FieldType::PersonName).iter();
        persons
            .filter_map(|f| self.value(*f)?.text())
            .flat_map(|n| n.split(' ').map(str::to_lowercase).collect::<Vec<_>>())
            .collect()
    }
}

/// "I won't take that down", "we can't take the number": what is not written down is no service refused.
fn writes_down(heard: &Heard, (from, to): (usize, usize)) -> bool {
    (from..to).any(|i| heard.word(i) == "take")
        && (from..to + 4).any(|i| heard.any(i, words!["down", "message", "number"]))
}

/// "He'll text you when he's an hour out": whoever comes announces himself; nothing is sent, and nobody sets out.
fn announced(heard: &Heard, (from, to): (usize, usize)) -> bool {
    heard.any(to, words!["when", "once"])
        || (from.saturating_sub(4)..from).any(|i| heard.any(i, words!["when", "once"]))
}

/// "He'll call you within the hour": the hour is the call's, nobody is sent.
fn only_within(heard: &Heard, owed: &CallOwed) -> bool {
    heard
        .hits
        .cue(Cue::Dispatch)
        .all(|h| heard.word(h.start) == "within" && h.start >= owed.span.0)
}

/// "Within the hour, I promise", once a call is owed: when it will be made.
fn hurries_a_call(heard: &Heard) -> bool {
    heard
        .hits
        .cue(Cue::Dispatch)
        .all(|h| heard.word(h.start) == "within")
}

/// "If you see smoke at all, you get out and call 911": only in that case.
fn supposed(heard: &Heard, at: usize) -> bool {
    (heard.clause_start(at)..at).any(|i| heard.tokens[i].any(words!["if", "unless"]))
}

/// "Did you go to the hospital?": told of, not told to.
fn told_of(heard: &Heard, at: usize) -> bool {
    supposed(heard, at)
        || (at.saturating_sub(3)..at).any(|i| {
            matches!(
                heard.word(i),
                "did" | "have" | "has" | "had" | "already" | "were" | "when" | "anybody" | "anyone"
            )
        })
}

/// "Can I take a message?", "a number where it's safe to leave a message": offered, not taken.
fn offered(heard: &Heard, at: usize) -> bool {
    let safe = heard.word(at.wrapping_sub(1)) == "to"
        && heard.any(
            at.wrapping_sub(2),
            words!["safe", "okay", "ok", "alright", "fine"],
        );
    safe || matches!(heard.word(at.wrapping_sub(1)), "i" | "we")
        && matches!(
            heard.word(at.wrapping_sub(2)),
            "can" | "could" | "may" | "shall" | "should"
        )
}

/// Whether the clause that holds the token is a question by its mark.
pub(super) fn in_question(heard: &Heard, at: usize) -> bool {
    heard
        .tokens
        .get(heard.clause_end(at).saturating_sub(1))
        .is_some_and(|t| t.stop == Stop::Question)
}

/// "We'll see you Friday", "I've put you on the books", "you're down for Monday": the agent holds it booked.
fn on_the_books(heard: &Heard) -> Option<(usize, usize)> {
    heard
        .hits
        .cue(Cue::Booked)
        .filter(|h| h.end - h.start >= 3 && !heard.unreal(h.start) && !heard.in_question(h.start))
        // "See you in a bit": whoever walks in is on no book.
        .filter(|h| heard.word(h.end - 1) != "in" || heard.word(h.end) != "a")
        .find(|h| {
            heard.tokens[h.start..h.end].iter().any(|t| {
                t.any(words![
                    "down",
                    "moved",
                    "switched",
                    "changed",
                    "rescheduled",
                    "bumped",
                    "booked",
                    "scheduled",
                    "see",
                    "books",
                    "schedule",
                    "calendar",
                ])
            })
        })
        .map(|h| (h.start, h.end))
}
