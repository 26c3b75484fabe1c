//! What was promised on the way, by whom, and what the caller was told to do.

use crate::fields::cue::Cue;
use crate::fields::state::State;
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
    "use",
    "move",
    "pencil",
    "flag",
    "flagging",
    "page",
    "paging",
    "transferring",
    "putting",
    "radio",
    "tip",
    "waive",
    "squeeze",
    "switch",
    "change",
    "cancel",
    "bump",
    "always",
    "probably",
    "definitely",
    "usually",
    "typically",
];

/// What one says to be doing and will have done soon.
const SENDING: &[&str] = &[
    "sending",
    "emailing",
    "texting",
    "faxing",
    "mailing",
    "calling",
    "forwarding",
    "notifying",
    "bringing",
    "going",
    "gonna",
];

/// Ways to get papers from one to the other.
const SENDING_VERBS: &[&str] = &[
    "send", "email", "text", "fax", "mail", "upload", "bring", "forward",
];

/// Verbs of promises, after "and" another promise: "call Brooke and send you the estimate".
const ACTIONS: &[&str] = &["send", "email", "text", "fax", "mail"];

/// Imperatives that begin another thought even where no mark of punctuation says so.
pub(super) const TELLS: &[&str] = &["keep", "bring", "tell", "don't", "wear", "please"];

impl State {
    /// What this turn promises, or tells the other side to do.
    pub(super) fn promises(&mut self, heard: &Heard) {
        let own = match heard.speaker {
            Speaker::Agent => Cue::AgentPromise,
            Speaker::Caller => Cue::CallerPromise,
        };
        let owner = match heard.speaker {
            Speaker::Agent => Owner::Agent,
            Speaker::Caller => Owner::Caller,
        };
        let mut done = 0;
        let spots: Vec<(usize, usize)> = heard
            .hits
            .cue(own)
            // "Well, you're not alone" promises nothing.
            .filter(|h| {
                heard.word(h.start) != "well"
                    || h.start > 0
                        && !heard.tokens[h.start - 1].ends_clause()
                        && !matches!(
                            heard.word(h.start + 1),
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
                        )
            })
            .filter(|h| {
                !heard
                    .hits
                    .cue(own)
                    .any(|o| o.start == h.start && o.end > h.end)
            })
            .map(|h| {
                // "I'll tell him to knock": the verb belongs to what is promised; "I'm gonna have to call" promises the call.
                let last = heard.word(h.end - 1);
                let verb = h.end - h.start > 1 && matches!(last, "tell" | "ask" | "have" | "get");
                let at = if verb { h.end - 1 } else { h.end };
                let must = heard.word(at) == "have" && heard.word(at + 1) == "to";
                (h.start, if must { at + 2 } else { at })
            })
            .collect();
        for (start, at) in spots {
            let verb = heard.word(at);
            // "I'm full on the thirtieth", "who am I talking to": what one is, or does now, unless it is a sending.
            if matches!(heard.word(at.wrapping_sub(1)), "i'm" | "we're") && !SENDING.contains(&verb)
            {
                continue;
            }
            let busy = !IDLE.contains(&verb) && is_verb(verb)
                || matches!(verb, "ask" | "tell")
                    && heard.speaker == Speaker::Agent
                    && heard.tokens.get(at + 1).is_some_and(|t| {
                        t.any(&["him", "her", "them", "the", "dr", "doctor"]) || t.upper
                    })
                || matches!(verb, "get" | "have" | "put" | "make")
                    && heard.tokens.iter().skip(at).take(6).any(|t| {
                        t.any(&[
                            "call", "text", "email", "send", "reach", "together", "back",
                            "estimate", "quote", "list", "somebody", "someone", "ask", "called",
                            "sent", "faxed", "signed", "note", "doctor", "dr",
                        ])
                    });
            let own_errand = heard.speaker == Speaker::Agent
                || matches!(
                    verb,
                    "bring"
                        | "send"
                        | "call"
                        | "drop"
                        | "email"
                        | "pay"
                        | "fax"
                        | "text"
                        | "mail"
                        | "drive"
                        | "dig"
                )
                || matches!(
                    (verb, heard.word(at + 1)),
                    ("put", "the" | "my") | ("talk", "to") | ("check", "with") | ("pick", "up")
                );
            let busy = busy || heard.speaker == Speaker::Caller && own_errand;
            if at < done
                || !busy
                || !own_errand
                || heard.unreal(start)
                || self.said_already(heard, at, owner)
            {
                continue;
            }
            let mut at = at;
            loop {
                let end = phrase_end(heard, at);
                // "I'll tell him" says nothing yet.
                let least = if matches!(verb, "tell" | "ask") { 3 } else { 2 };
                if end - at < least {
                    break;
                }
                done = end;
                self.add_task(heard, (at, end), owner, heard.text(at, end));
                if heard.word(end) != "and" || !ACTIONS.contains(&heard.word(end + 1)) {
                    break;
                }
                at = end + 1;
            }
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
                        let from = at.saturating_sub(3).max(heard.clause_start(at));
                        (from..at)
                            .find(|i| {
                                !heard.tokens[*i].any(&[
                                    "ok", "okay", "and", "so", "alright", "of", "then", "great",
                                    "one",
                                ])
                            })
                            .unwrap_or(at)
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

    /// "Okay, I'll bring it", of what the agent has just asked the caller to bring: no second promise.
    fn said_already(&self, heard: &Heard, at: usize, owner: Owner) -> bool {
        let verb = heard.word(at);
        let vague = matches!(
            heard.word(at + 1),
            "it" | "them" | "that" | "'em" | "em" | "those" | "everything" | "these"
        ) || heard.word(at + 2) == "whole";
        let Some(Value::Tasks(all)) = self.field("tasks").and_then(|f| self.value(f)) else {
            return false;
        };
        vague
            && all.iter().any(|p| {
                p.owner == owner
                    && (p.text.split(' ').next() == Some(verb)
                        || SENDING_VERBS.contains(&verb)
                            && p.text.split(' ').any(|w| SENDING_VERBS.contains(&w)))
            })
    }

    pub(super) fn add_task(
        &mut self,
        heard: &Heard,
        span: (usize, usize),
        owner: Owner,
        text: String,
    ) {
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
                // Said again with as much, it is said better: "nine o'clock is that ok", then "tomorrow she'll call you at ten".
                let enough =
                    text.split(' ').count() >= 5 && text.len() * 3 >= all[at].text.len() * 2;
                if text.len() > all[at].text.len() || enough {
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
                | "out"
                | "just"
                | "only"
                | "still"
                | "usually"
                | "about"
                | "over"
                | "back"
                | "off"
                | "down"
                | "some"
                | "any"
                | "our"
                | "one"
                | "two"
                | "probably"
                | "really"
        )
}

/// Where a promise ends: at the clause, at a new subject, or after enough words.
pub(super) fn phrase_end(heard: &Heard, at: usize) -> usize {
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
        // "Call her at home first | she gets upset": a new subject.
        let fresh = matches!(
            word,
            "she" | "he" | "they" | "she's" | "he's" | "they're" | "i've"
        ) && end > at + 1
            && !matches!(
                heard.word(end - 1),
                "if" | "when"
                    | "that"
                    | "as"
                    | "before"
                    | "until"
                    | "once"
                    | "after"
                    | "than"
                    | "because"
                    | "where"
                    | "who"
                    | "what"
                    | "how"
                    | "so"
                    | "while"
                    | "till"
                    | "whatever"
                    | "and"
                    | "or"
            );
        if fresh {
            break;
        }
        let action = word == "and" && ACTIONS.contains(&heard.word(end + 1));
        let tells = TELLS.contains(&word)
            && !matches!(
                heard.word(end - 1),
                "and" | "to" | "you" | "can" | "or" | "not" | "please" | "i" | "we" | "they"
            );
        if action
            || tells
            || matches!(word, "and" | "but" | "so" | "okay" | "because" | "or")
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
