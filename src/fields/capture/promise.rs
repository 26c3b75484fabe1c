//! What was promised on the way, by whom, and what the caller was told to do.

use super::clause::{condition_before, joined_end};
use super::deed::{is_deed, past_adverbs};
use super::other::{CONTACTS, hears};
use super::owing::calls_caller;
use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Owner, Value};
use crate::fields::word_set::{WordSet, words};

/// Words of the caller's matter that go into a message.
const MATTER_WORDS: usize = 24;

impl State {
    /// What this turn promises, asks for, or tells the other side to do.
    pub(super) fn promises(&mut self, heard: &Heard, reply: &Reply) {
        if heard.hits.has(Cue::Voicemail) {
            return;
        }
        self.answer_offer(heard, reply);
        let mut found = self.own_promises(heard);
        if heard.speaker == Speaker::Agent {
            found.extend(self.others_promises(heard));
        }
        found.sort_unstable();
        let owner = match heard.speaker {
            Speaker::Agent => Owner::Agent,
            Speaker::Caller => Owner::Caller,
        };
        let mut done = 0;
        for (from, act) in found {
            if act < done {
                continue;
            }
            let end = joined_end(heard, act, |next| is_deed(heard, next));
            if end - from < 2 {
                continue;
            }
            done = end;
            let mut text = self.in_full(heard, from, end);
            if matches!(text.split(' ').next(), Some("him" | "her" | "them")) {
                text = format!("have {text}");
            }
            let known =
                owner == Owner::Agent && self.message.is_some() && delivers(heard, act, end);
            let matter = if owner == Owner::Agent && !known && wordless(heard, act, end) {
                self.matter()
            } else {
                None
            };
            if empty(heard, act, end) && !known && matter.is_none()
                || owner == Owner::Caller && undecided(heard, act, end)
            {
                continue;
            }
            // "I'll leave it on her desk": what is left there is the message.
            if owner == Owner::Agent
                && delivers(heard, act, end)
                && let Some(message) = self.message.take()
            {
                let bare = matches!(heard.word(act), "tell" | "let")
                    || matches!(heard.word(act + 1), "it" | "this" | "that")
                        && !text.contains("the message");
                text = if bare {
                    message
                } else {
                    format!("{text}: {message}")
                };
            } else if let Some(matter) = matter {
                text = format!("{text}: {matter}");
            } else if let Some((if_from, if_to)) = condition_before(heard, from) {
                text = format!("{text} {}", heard.text(if_from, if_to));
            }
            if (matches!(heard.word(from), "have" | "get" | "receive") || hears(heard, from))
                && heard.word(from.wrapping_sub(1)) == "you'll"
            {
                self.due(heard, (from, end), &text);
            } else {
                self.add_task(heard, (from, end), owner, text);
            }
        }
        if heard.speaker == Speaker::Agent {
            self.directions(heard);
            self.told_to_bring(heard);
        }
        self.offer_task(heard);
        self.keep_referents(heard);
    }

    /// "Your lease and your rent receipts", to "what should I have with me?"
    fn told_to_bring(&mut self, heard: &Heard) {
        let asked = |words: &WordSet| self.last_caller.iter().any(|w| words.has(w));
        let with_me = self
            .last_caller
            .windows(2)
            .any(|w| w[0] == "with" && words!["me", "us"].has(&w[1]));
        let asks = asked(words!["what", "anything"])
            && (asked(words!["bring"]) || asked(words!["have"]) && with_me);
        let from = heard.tokens.iter().position(|t| {
            t.any(words![
                "your",
                "the",
                "a",
                "any",
                "all",
                "everything",
                "whatever"
            ])
        });
        if let Some(from) =
            from.filter(|_| asks && !heard.says(words!["bring", "no", "nothing", "not"]))
        {
            let end = heard.clause_end(from).min(from + 14);
            let text = format!("bring {}", heard.text(from, end));
            self.add_task(heard, (from, end), Owner::Caller, text);
        }
    }

    /// What the caller is calling about, for a message that nobody worded; one who has a slot leaves none.
    fn matter(&self) -> Option<String> {
        let worded = self
            .field("tasks")
            .and_then(|f| self.value(f))
            .is_some_and(|v| match v {
                Value::Tasks(all) => all
                    .iter()
                    .any(|p| p.text.contains(':') || calls_caller(&p.text)),
                _ => false,
            });
        if self.agenda.agreed.is_some() || worded {
            return None;
        }
        let told = self
            .value(self.field("problem_text")?)
            .and_then(Value::text)?;
        Some(
            told.split(' ')
                .take(MATTER_WORDS)
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    /// "I'll email the forms", "let me talk to my sister and call you back": where the words of the promise and its verb stand.
    fn own_promises(&self, heard: &Heard) -> Vec<(usize, usize)> {
        let agent = heard.speaker == Speaker::Agent;
        let cue = if agent {
            Cue::AgentPromise
        } else {
            Cue::CallerPromise
        };
        let mut out = Vec::new();
        for hit in heard.hits.cue(cue) {
            let head = heard.word(hit.start);
            // "Well, you're not alone" promises nothing.
            let well = head == "well"
                && (hit.start == 0
                    || heard.tokens[hit.start - 1].ends_clause()
                    || matches!(
                        heard.word(hit.start + 1),
                        "you"
                            | "you're"
                            | "i"
                            | "i'm"
                            | "that"
                            | "that's"
                            | "it's"
                            | "the"
                            | "okay"
                            | "if"
                    ));
            if well {
                continue;
            }
            let act = past_adverbs(heard, hit.start + lead_len(heard, hit.start));
            let now = head == "let"
                && agent
                && !matches!(heard.word(act), "send" | "email" | "text" | "have" | "get");
            // "I'm going to measure the gate and call you back": what comes before the deed belongs to it.
            let joined = leads_to_call(heard, act)
                .filter(|_| !agent || head == "let" || !is_deed(heard, act));
            if let Some(joined) = joined {
                out.push((act, joined));
                continue;
            }
            if now || !is_deed(heard, act) {
                continue;
            }
            // The caller's errands are those that somebody waits for.
            let errand = agent
                || matches!(
                    heard.word(act),
                    "bring"
                        | "send"
                        | "call"
                        | "drop"
                        | "email"
                        | "fax"
                        | "text"
                        | "mail"
                        | "ask"
                        | "talk"
                        | "tell"
                        | "let"
                        | "check"
                        | "save"
                        | "dig"
                        | "scan"
                        | "upload"
                        | "forward"
                        | "fill"
                        | "sign"
                        | "get"
                        | "give"
                        | "have"
                );
            // "I can do it", "I'll call nine one one", "I'll have to call around": no errand for the record.
            // "So I can send the forms to ...?" says what a question is for; who is told is told.
            let purpose =
                head == "so" && !matches!(heard.word(act), "let" | "tell" | "page" | "give");
            let idle = purpose
                || !agent
                    && (head == "i"
                        && heard.word(hit.start + 1) == "can"
                        && !matches!(heard.word(act), "bring" | "send" | "email" | "drop" | "fax")
                        || matches!(heard.word(act), "get" | "have" | "give")
                            && !matches!(
                                heard.word(act + 1),
                                "you" | "y'all" | "him" | "her" | "it" | "them"
                            )
                        || heard.word(act) == "call" && !call_with_purpose(heard, act));
            if !errand || idle {
                continue;
            }
            let from = if agent
                && matches!(heard.word(act), "have" | "get" | "ask")
                && person_called(heard, act)
            {
                act + 1
            } else {
                act
            };
            out.push((from, act));
        }
        out
    }
}

/// Tokens of "I'll", "I will", "I'm going to", "we're gonna", "let me", "I can" at `at`.
fn lead_len(heard: &Heard, at: usize) -> usize {
    let word = |n: usize| heard.word(at + n);
    match word(0) {
        "i'm" | "we're" | "i" | "we" if matches!(word(1), "gonna" | "will" | "can") => 2,
        "i'm" | "we're" if word(1) == "going" && word(2) == "to" => 3,
        "i" | "we" if matches!(word(1), "am" | "are") && word(2) == "gonna" => 3,
        "i" | "we" if matches!(word(1), "am" | "are") && word(2) == "going" => 4,
        "let" => 2,
        "so" => 3,
        _ => 1,
    }
}

/// "Leave it on her desk", "give him the message", "let her know": the message goes where it belongs.
fn delivers(heard: &Heard, act: usize, end: usize) -> bool {
    let words = heard.tokens.get(act..end).unwrap_or_default();
    match heard.word(act) {
        "tell" => matches!(heard.word(act + 1), "him" | "her" | "them"),
        "let" => words.iter().any(|t| t.is("know")) && heard.word(act + 1) != "you",
        "put" | "leave" | "give" | "pass" | "get" | "relay" | "shoot" | "drop" | "slip"
        | "send" | "stick" | "set" => words.iter().any(|t| {
            t.any(words![
                "desk", "box", "inbox", "message", "note", "word", "her", "him", "them",
            ])
        }),
        _ => false,
    }
}

/// "Measure the gate and call you back", "ask the scheduler and let you know": the verb that tells the other side what came of it.
fn leads_to_call(heard: &Heard, at: usize) -> Option<usize> {
    let end = heard.clause_end(at).min(at + 10);
    let idle = words!["be", "need", "want", "wait", "see", "go", "hang"];
    (at + 2..end).filter(|_| !heard.any(at, idle)).find(|i| {
        heard.word(i - 1) == "and"
            && match heard.word(*i) {
                "call" | "let" | "get" => heard.any(i + 1, words!["you", "back", "y'all"]),
                "text" | "email" | "send" | "fax" | "mail" => {
                    heard.any(i + 1, words!["you", "it", "them", "that", "those", "y'all"])
                }
                _ => false,
            }
    })
}

/// "Give him the message", "let her know", "tell him to call you": what the message says is left out.
fn wordless(heard: &Heard, act: usize, end: usize) -> bool {
    let told = match heard.word(act) {
        "tell" | "ask" => heard.any(act + 1, words!["him", "her", "them"]),
        _ => delivers(heard, act, end),
    };
    told && end <= act + 7
        && (act + 2..end).all(|i| {
            heard.any(
                i,
                words![
                    "to", "call", "you", "back", "know", "the", "message", "word", "your", "note",
                    "you", "called", "a", "that", "give", "ring", "and",
                ],
            )
        })
}

/// "Tell him", "email you": nothing says what.
fn empty(heard: &Heard, act: usize, end: usize) -> bool {
    end == act + 2
        && matches!(
            heard.word(act),
            "tell" | "ask" | "email" | "text" | "send" | "fax" | "mail" | "warn" | "inform"
        )
        && matches!(heard.word(act + 1), "him" | "her" | "them" | "you")
}

/// "Let me talk to my husband first", "I'll let you know": the caller puts off; only a call back is a promise.
fn undecided(heard: &Heard, act: usize, end: usize) -> bool {
    let asks = matches!(heard.word(act), "talk" | "ask" | "check")
        && heard.word(act + 1) != "back"
        && !(act + 1..end).any(|i| heard.word(i) == "call");
    asks || heard.word(act) == "let" && heard.word(act + 1) == "you"
}

/// "Have the nurse call you", "ask him to call Anya": somebody is to do it for the agent.
fn person_called(heard: &Heard, at: usize) -> bool {
    !matches!(heard.word(at + 1), "your" | "this" | "that" | "it" | "you")
        && (at + 2..at + 7)
            .take_while(|i| heard.word(*i) != "and")
            .any(|i| heard.any(i, CONTACTS) || matches!(heard.word(i), "sign" | "review" | "look"))
}

/// "Call you back", "call the city": somebody is called for something; "I'll call around" is nobody's business.
fn call_with_purpose(heard: &Heard, at: usize) -> bool {
    matches!(
        heard.word(at + 1),
        "you" | "the" | "my" | "him" | "her" | "them" | "back" | "tomorrow" | "y'all"
    ) && !(heard.word(at + 1) == "the" && matches!(heard.word(at + 2), "police" | "other"))
}
