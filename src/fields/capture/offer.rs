//! What one side offers or asks the other to do, and what a yes makes of it: a task.

use super::clause::phrase_end;
use super::errand::is_role;
use super::note::is_on_site;
use super::owing;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::name::word::{Nameness, nameness};
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::Owner;
use crate::fields::word_set::{WordSet, words};

impl State {
    /// "Can she call you back?", "is it okay to text you when he's close?", "please email the invoice": what a yes makes a task.
    pub(super) fn offer_task(&mut self, heard: &Heard) {
        let agent = heard.speaker == Speaker::Agent;
        self.offered_task = None;
        if !agent && let Some(message) = self.message_in(heard) {
            self.message = Some(message.clone());
            self.offered_task = Some((Owner::Agent, message));
            return;
        }
        for at in 1..heard.tokens.len() {
            let verb = heard.word(at);
            if !matches!(verb, "call" | "text" | "email" | "send" | "fax" | "mail") {
                continue;
            }
            let back = |n: usize| heard.word(at.wrapping_sub(n));
            let whose = if agent {
                matches!(
                    heard.word(at + 1),
                    "you" | "that" | "this" | "the" | "it" | "him" | "her"
                ) && (matches!(
                    back(1),
                    "we" | "i" | "she" | "he" | "they" | "somebody" | "someone"
                ) && (matches!(back(2), "can" | "could" | "should" | "may")
                    || back(2) == "if"
                        && matches!(back(3), "okay" | "ok" | "alright" | "fine" | "mind"))
                    // "I can email you our rate sheet"
                    || matches!(back(1), "can" | "could")
                        && matches!(back(2), "i" | "we")
                        && verb != "call"
                    || matches!(back(1), "him" | "her" | "them" | "somebody" | "someone")
                        && matches!(back(2), "have" | "get")
                    || is_role(back(1))
                        && (2..6).any(|n| matches!(back(n), "can" | "could" | "have"))
                    || back(1) == "to"
                        && matches!(
                            back(2),
                            "okay" | "ok" | "alright" | "fine" | "us" | "me" | "him" | "her"
                        ))
            } else {
                matches!(verb, "call" | "text")
                    && heard.word(at + 1) == "me"
                    && matches!(heard.word(at + 2), "before" | "if" | "when" | "first")
                    && !(at + 3..at + 6).any(|i| matches!(heard.word(i), "get" | "can" | "chance"))
                    || back(1) == "please"
                        && (at + 1..at + 4).any(|i| {
                            matches!(
                                heard.word(i),
                                "the" | "a" | "it" | "that" | "him" | "her" | "them"
                            )
                        })
                    || matches!(back(1), "you" | "y'all" | "ya")
                        && matches!(back(2), "can" | "could" | "would")
                        && verb != "call"
                        && matches!(
                            heard.word(at + 1),
                            "me" | "that" | "it" | "us" | "the" | "him" | "her"
                        )
            };
            // "What number can she call?" asks for the number, not whether to call.
            let from = heard.clause_start(at).max(at.saturating_sub(7));
            let where_to = heard.tokens[from..at].iter().any(|t| {
                t.any(words![
                    "what", "where", "which", "what's", "number", "best", "how"
                ])
            }) && !heard.tokens[from..at]
                .windows(2)
                .any(|w| w[0].is("number") && w[1].is("of"));
            if whose && !where_to {
                let end = phrase_end(heard, at);
                let from = if agent
                    && (is_role(back(1))
                        || matches!(back(1), "he" | "she" | "him" | "her" | "they"))
                {
                    at - 1
                } else {
                    at
                };
                if end > at + 1 {
                    self.offered_task = Some((Owner::Agent, self.in_full(heard, from, end)));
                }
                return;
            }
        }
    }

    /// "Just tell her I signed the papers", "have him call me before it goes to collections", or the answer to "what should I tell her?":
    /// what somebody is to be told.
    fn message_in(&self, heard: &Heard) -> Option<String> {
        let told = (0..heard.tokens.len()).find_map(|at| {
            if !matches!(heard.word(at), "tell" | "ask" | "have" | "let") {
                return None;
            }
            let back = heard.word(at.wrapping_sub(1));
            let asks = matches!(
                back,
                "please" | "just" | "and" | "you" | "could" | "" | "yes" | "so" | "then" | "but"
            ) || at > 0 && heard.tokens[at - 1].stop > Stop::None;
            let to = heard.word(at + 1);
            let someone = matches!(
                to,
                "him" | "her" | "them" | "mister" | "mr" | "ms" | "mrs" | "miss" | "doctor" | "dr"
            ) || heard
                .tokens
                .get(at + 1)
                .is_some_and(|t| t.upper && nameness(t) >= Nameness::Both);
            let end = phrase_end(heard, at);
            let calls_me = (at + 2..end).any(|i| {
                matches!(
                    heard.word(i),
                    "call" | "ring" | "email" | "text" | "reach" | "give"
                ) && matches!(heard.word(i + 1), "me" | "us")
            });
            let message = match heard.word(at) {
                // What the crew is told is a note.
                "tell" => {
                    !(at..end).any(|i| is_on_site(heard.word(i)))
                        && !matches!(heard.word(at + 2), "to" | "thanks" | "hi" | "hello")
                }
                "ask" | "have" => calls_me,
                "let" => heard.word(at + 2) == "know",
                _ => return None,
            };
            (asks && someone && (message || calls_me) && end >= at + 5)
                .then(|| self.in_full(heard, at, end))
        });
        told.or_else(|| {
            let asked = |w: &WordSet| self.last_agent.iter().any(|t| w.has(t));
            let content = heard.tokens.iter().position(|t| {
                !t.any(words![
                    "just", "that", "yes", "yeah", "um", "well", "okay", "please",
                ])
            })?;
            let end = heard.clause_end(content).min(content + 16);
            (asked(words!["what", "what's", "anything"])
                && asked(words!["tell", "message", "know"])
                && asked(words!["her", "him", "them", "message"])
                && end >= content + 5)
                .then(|| {
                    let who = self
                        .last_person
                        .clone()
                        .unwrap_or_else(|| "them".to_owned());
                    format!("tell {who} {}", heard.text(content, end))
                })
        })
    }

    /// The answer to what was offered or asked for.
    pub(super) fn answer_offer(&mut self, heard: &Heard, reply: &Reply) {
        let Some((owner, text)) = self.offered_task.take() else {
            return;
        };
        // The business says that it will; a caller has only not to mind.
        let yes = reply.affirm
            || reply.accept
            || heard.speaker == Speaker::Caller
                && !reply.decline
                && !reply.backchannel
                && heard.tokens.last().is_none_or(|t| t.stop != Stop::Question)
            || heard.speaker == Speaker::Agent
                && heard.says(words![
                    "okay",
                    "ok",
                    "sure",
                    "done",
                    "absolutely",
                    "yes",
                    "alright",
                    "got",
                    "will",
                ]);
        if yes && !reply.deny {
            // "I could email you our price sheet." "Please do."
            if owner == Owner::Agent && owing::is_sent(&text) && heard.speaker == Speaker::Caller {
                let turn = self.signs.heard();
                self.signs.send_info.see(turn, heard.whole(Role::Confirms));
            }
            self.add_task(heard, (0, heard.tokens.len()), owner, text);
        }
    }
}
