//! Requests and offers: "can you email us the notice?", "can I text you the link?", "please email the invoice" become tasks once the
//! other side says yes.

use crate::fields::dialogue;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::Owner;

use super::promise::phrase_end;

/// Something asked for or offered that a yes makes a task.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fields) struct Proposal {
    /// Who would do it.
    owner: Owner,
    /// Who said so; the other side accepts.
    by: Speaker,
    /// What.
    text: String,
}

/// What a business asks a caller to do, and a caller a business.
const ASKED: &[&str] = &[
    "email", "send", "bring", "text", "fax", "upload", "fill", "sign", "drop", "attach", "forward",
    "mail", "scan",
];

/// What a business offers to do.
const OFFERED: &[&str] = &["text", "email", "send", "mail", "fax"];

/// Words between the one asked and the verb.
const SOFT: &[&str] = &[
    "please", "just", "also", "maybe", "go", "ahead", "and", "then",
];

impl State {
    /// What was asked or offered before is settled by this turn; what it asks or offers waits for the next.
    pub(super) fn requests(&mut self, heard: &Heard) {
        let before = self.proposed.take();
        let reply = dialogue::reply(heard);
        if let Some(before) = before {
            let taken = before.by != heard.speaker
                && (reply.affirm || reply.accept || promises_so(heard))
                && !reply.deny;
            if taken {
                self.add_task(heard, (0, heard.tokens.len()), before.owner, before.text);
            } else if before.by == heard.speaker {
                // The same side goes on talking.
                self.proposed = Some(before);
            }
        }
        if let Some(proposal) = proposal(heard) {
            self.proposed = Some(proposal);
        }
    }
}

/// "Done", "I will", "I'll send it tonight", "we'll do that".
fn promises_so(heard: &Heard) -> bool {
    heard
        .tokens
        .iter()
        .take(4)
        .any(|t| t.any(&["done", "i'll", "we'll", "will", "sure", "yep"]))
}

fn proposal(heard: &Heard) -> Option<Proposal> {
    let n = heard.tokens.len();
    let agent = heard.speaker == Speaker::Agent;
    let verb_after = |mut at: usize| {
        while heard.tokens.get(at).is_some_and(|t| t.any(SOFT)) {
            at += 1;
        }
        at
    };
    (0..n).find_map(|at| {
        let asks = heard.tokens[at].any(&["can", "could", "would", "will", "should", "may"]);
        let (owner, verb) = match heard.word(at + 1) {
            "you" | "y'all" if asks => (
                if agent { Owner::Caller } else { Owner::Agent },
                verb_after(at + 2),
            ),
            "i" | "we" if asks && agent => (Owner::Agent, verb_after(at + 2)),
            // "Is it okay to text this number?"
            "to" if agent && heard.tokens[at].any(&["ok", "okay", "alright", "fine"]) => {
                (Owner::Agent, at + 2)
            }
            // "And please email the invoice."
            _ if !agent && heard.word(at) == "please" => (Owner::Agent, at + 1),
            _ => return None,
        };
        let word = heard.word(verb);
        let fits = match (owner, agent) {
            (Owner::Caller, _) => ASKED.contains(&word),
            (Owner::Agent, true) => OFFERED.contains(&word),
            (Owner::Agent, false) => {
                OFFERED.contains(&word)
                    || word == "call" && matches!(heard.word(verb + 1), "me" | "us")
            }
        };
        let end = phrase_end(heard, verb);
        (fits && end >= verb + 2).then(|| Proposal {
            owner,
            by: heard.speaker,
            text: heard.text(verb, end),
        })
    })
}
