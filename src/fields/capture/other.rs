//! Promises of third persons, and of things: "he'll call you", "somebody from claims has to call you", "you'll have it by Monday".

use super::clause::ACTIONS;
use super::deed::past_adverbs;
use super::errand::{is_role, subject_start};
use super::owing::calls_caller;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Owner, Value};
use crate::fields::word_set::{WordSet, words};

/// What somebody else is said to do: "she'll call you", "the crew calls the night before".
pub(super) const CONTACTS: &WordSet = words![
    "call", "text", "email", "reach", "give", "send", "contact", "phone", "ring", "follow", "fax",
    "mail", "shoot",
];

impl State {
    /// Third persons of the business: "he'll call", "the attorney will call you tomorrow", "you'll have it by Monday".
    pub(super) fn others_promises(&self, heard: &Heard) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for at in 0..heard.tokens.len() {
            if let Some((from, act)) = said_of_another(heard, at) {
                out.push((from.min(act), act));
            }
            let word = heard.word(at);
            // "The crew calls the night before"
            if matches!(word, "calls" | "texts" | "emails")
                && matches!(
                    heard.word(at + 1),
                    "you" | "the" | "a" | "when" | "half" | "before"
                )
                && at > 0
                && is_role(heard.word(at - 1))
            {
                out.push((subject_start(heard, at), at));
            }
            // "You'll have the bid by Thursday"
            let due = word == "you'll"
                && (matches!(heard.word(at + 1), "have" | "get" | "receive")
                    || hears(heard, at + 1))
                && heard.tokens[at + 2
                    ..heard
                        .clause_end(at)
                        .min(at + 9)
                        .max(at + 2)
                        .min(heard.tokens.len())]
                    .iter()
                    .any(|t| {
                        t.any(words![
                            "by", "today", "tonight", "tomorrow", "shortly", "within"
                        ])
                    });
            if due {
                out.push((at + 1, at + 1));
            }
        }
        out
    }

    /// "You'll have the bid by Thursday": when what was promised comes, or a promise of its own.
    pub(super) fn due(&mut self, heard: &Heard, span: (usize, usize), text: &str) {
        let by = text.split(' ').position(|w| {
            matches!(
                w,
                "by" | "today" | "tonight" | "tomorrow" | "shortly" | "within"
            )
        });
        let tail = by.map_or(String::new(), |at| {
            text.split(' ').skip(at).collect::<Vec<_>>().join(" ")
        });
        let sent = self.field("tasks").and_then(|f| match self.value(f) {
            Some(Value::Tasks(all)) => all.iter().rev().find(|p| {
                p.owner == Owner::Agent
                    && if hears(heard, span.0) {
                        calls_caller(&p.text)
                    } else {
                        p.text
                            .split(' ')
                            .next()
                            .is_some_and(|v| ACTIONS.has(v) || matches!(v, "put" | "work" | "draw"))
                    }
            }),
            _ => None,
        });
        let full = match sent {
            Some(promise) if promise.text.contains(&tail) => return,
            Some(promise) => format!("{} {tail}", promise.text),
            None if hears(heard, span.0) => format!("call you {tail}"),
            None => format!(
                "send {}",
                text.split(' ').skip(1).collect::<Vec<_>>().join(" ")
            ),
        };
        let old = sent.map(|p| p.text.clone());
        if let Some(old) = old {
            self.drop_task(&old);
        }
        self.add_task(heard, span, Owner::Agent, full);
    }
}

/// "They'll send the fire department": what others than the business do.
fn elsewhere(heard: &Heard, from: usize, act: usize) -> bool {
    heard.word(from) == "they'll"
        && heard.word(act) == "send"
        && heard.tokens[act..].iter().take(4).any(|t| {
            t.any(words![
                "fire",
                "police",
                "ambulance",
                "paramedics",
                "deputy",
                "sheriff",
                "officer",
            ])
        })
}

/// "Hear from me": recognisers write "here".
pub(super) fn hears(heard: &Heard, at: usize) -> bool {
    matches!(heard.word(at), "hear" | "here") && heard.word(at + 1) == "from"
}

/// "He'll call you", "the attorney will email it", "she'd call you later", "somebody from claims has to call you": where the words of a
/// third person's promise begin, and its verb.
fn said_of_another(heard: &Heard, at: usize) -> Option<(usize, usize)> {
    let word = heard.word(at);
    let back = heard.word(at.wrapping_sub(1));
    // Recognisers write "shell" and "hell" for "she'll" and "he'll".
    let pronoun = matches!(
        word,
        "he'll" | "she'll" | "they'll" | "he'd" | "she'd" | "they'd" | "shell" | "hell" | "theyll"
    );
    let short = pronoun
        || word.ends_with("'ll")
            && !matches!(
                word,
                "i'll" | "we'll" | "you'll" | "it'll" | "that'll" | "there'll"
            );
    let other = !matches!(back, "i" | "you" | "we" | "it" | "that" | "which" | "who");
    let firm =
        (word == "will" || short && !word.ends_with("'d") && !word.ends_with("ell")) && other;
    let loose = !firm
        && other
        && (short
            || word == "would"
            || matches!(word, "has" | "needs") && heard.word(at + 1) == "to"
            || matches!(word, "gonna" | "going")
                && (matches!(back, "is" | "are") || back.ends_with("'s")));
    if !(firm || loose) || back == "who" {
        return None;
    }
    let has_to = matches!(heard.word(at + 1), "have" | "need") && heard.word(at + 2) == "to";
    let act = past_adverbs(heard, if has_to { at + 3 } else { at + 1 });
    // "Our estimator will work up a number and shoot you an email."
    let act = (act + 2..heard.clause_end(act).min(act + 9))
        .find(|i| {
            heard.word(i - 1) == "and" && heard.any(*i, CONTACTS) && heard.word(i + 1) == "you"
        })
        .filter(|_| firm && !heard.any(act, CONTACTS))
        .unwrap_or(act);
    let touch =
        heard.word(act) == "be" && heard.word(act + 1) == "in" && heard.word(act + 2) == "touch";
    if touch && firm {
        return Some((
            if pronoun {
                at
            } else {
                subject_start(heard, at)
            },
            act,
        ));
    }
    let contact = heard.any(act, CONTACTS)
        && (firm
            || matches!(
                heard.word(act + 1),
                "you" | "him" | "her" | "them" | "back" | "by" | "y'all"
            ) && !heard.unreal(at));
    if !contact || elsewhere(heard, at, act) {
        return None;
    }
    let from = if pronoun {
        at
    } else {
        subject_start(heard, at)
    };
    Some((from, act))
}
