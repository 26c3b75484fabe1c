//! The list of what is owed. A promise made again is one promise, said better; a call that is owed to the caller reads "the nurse will
//! call back", whoever said it in which words.

use super::owed::CALLS;
use crate::fields::state::State;
use crate::fields::temporal;
use crate::fields::turn::Heard;
use crate::fields::value::{Owner, Promise, Value, same_text};
use crate::fields::word_set::{WordSet, words};

/// Promises kept.
const MAX_TASKS: usize = 12;

/// What a call owed reads as.
const CALL_BACK: &str = "call back";

/// Words of a call that only announces whoever comes.
const ANNOUNCES: &WordSet = words![
    "way",
    "pulls",
    "outside",
    "close",
    "ahead",
    "beforehand",
    "headed",
    "heading",
    "arrives",
    "leaves",
    "leaving",
    "street",
    "before",
    "out",
];

/// Ways of sending, those first that say how.
const SENT: [&str; 10] = [
    "email", "text", "fax", "mail", "send", "shoot", "forward", "resend", "get", "put",
];
const HOW: usize = 4;

/// Subjects that say no more than that somebody will.
const ANYBODY: &WordSet = words![
    "he'll",
    "she'll",
    "they'll",
    "somebody'll",
    "someone'll",
    "he",
    "she",
    "they",
    "somebody",
    "someone",
    "shell",
    "hell",
    "i'll",
    "we'll",
    "us",
    "have",
    "him",
    "her",
    "them",
    "will",
    "just",
];

impl State {
    /// Takes a promise off the list, for its longer form to take its place.
    pub(super) fn drop_task(&mut self, text: &str) {
        if let Some(field) = self.field("tasks")
            && let Some(Value::Tasks(all)) =
                self.ledger_mut(field).held.as_mut().map(|h| &mut h.value)
        {
            all.retain(|p| p.text != text);
        }
    }

    /// Puts a promise on the list, or into the one that it says again.
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
        let text = match owner {
            Owner::Agent => calling_back(&text),
            Owner::Caller => text,
        };
        let mut all = match self.value(field) {
            Some(Value::Tasks(t)) => t.clone(),
            _ => Vec::new(),
        };
        let known = all
            .iter_mut()
            .find(|p| p.owner == owner && is_same(&p.text, &text));
        if let Some(known) = known {
            let better = said_better(&known.text, text);
            if better == known.text {
                return;
            }
            known.text = better;
        } else if all.len() < MAX_TASKS {
            all.push(Promise { owner, text });
        } else {
            return;
        }
        self.replace_list(field, heard, span, Value::Tasks(all));
    }
}

/// "Call you back", "Mr. Lindgren will call you by Friday": the caller is called, however often that is said.
pub(super) fn calls_caller(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|w| {
        matches!(w[0], "call" | "calls" | "ring" | "phone" | "reach")
            && (matches!(w[1], "you" | "back" | "later" | "soon") || temporal::names_time(w[1]))
    })
}

/// "The nurse will give you a ring today" as "the nurse will call back today"; a call ahead of a visit stays what it is.
fn calling_back(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    if words.iter().any(|w| ANNOUNCES.has(w)) {
        return text.to_owned();
    }
    let at = |i: usize| words.get(i).copied().unwrap_or_default();
    let mut out = Vec::with_capacity(words.len());
    let mut next = 0;
    while next < words.len() {
        let caller = matches!(at(next + 1), "you" | "me" | "us");
        let used = match at(next) {
            "call" | "ring" | "phone" if caller => 2,
            // "Call this number": the number is the caller's.
            "call" | "ring" | "text"
                if matches!(at(next + 1), "this" | "that")
                    && matches!(at(next + 2), "number" | "phone" | "line" | "cell") =>
            {
                out.push("call back at");
                next += 1;
                continue;
            }
            "give" if caller && at(next + 2) == "a" && CALLS.has(at(next + 3)) => 4,
            _ => 0,
        };
        if used == 0 {
            out.push(at(next));
            next += 1;
            continue;
        }
        out.push(CALL_BACK);
        next += used + usize::from(at(next + used) == "back");
    }
    out.join(" ")
}

/// Whether both texts are of one promise.
fn is_same(old: &str, new: &str) -> bool {
    let words = |t: &str| -> Vec<String> {
        t.split(' ')
            .filter(|w| w.len() > 3 && !SENT.contains(w) && !temporal::names_time(w))
            .map(str::to_owned)
            .collect()
    };
    let (olds, news) = (words(old), words(new));
    let common = news.iter().filter(|w| olds.contains(w)).count();
    // "Ask her to renew the referral", "fax the referral": one word in common is not enough for two verbs.
    let least = if old.split(' ').next() == new.split(' ').next() {
        1
    } else {
        2
    };
    let both = |f: &dyn Fn(&str) -> bool| f(old) && f(new);
    // "Don't sign it, bring it": two things.
    if old.starts_with("don't") != new.starts_with("don't") {
        return false;
    }
    same_text(old, new)
        || both(&|t| t.contains("911"))
        || both(&calls_caller)
        || answers_message(old, new)
        || both(&|t| is_sent(t) || way_of_sending(t).is_some())
            && (common > 0 || olds.is_empty() || news.is_empty())
        || common * 2 > news.len().min(olds.len()).max(least)
}

/// Whether something goes out to somebody.
pub(super) fn is_sent(text: &str) -> bool {
    text.split(' ').any(|w| SENT[..=HOW].contains(&w))
}

/// "Give him the message: ...", then "he'll call back": whoever gets the message calls.
fn answers_message(old: &str, new: &str) -> bool {
    let passed = matches!(
        old.split(' ').next(),
        Some("give" | "tell" | "leave" | "let" | "pass" | "put" | "get" | "relay")
    );
    passed
        && (old.contains("message") || old.contains(':'))
        && new.split_once(CALL_BACK).is_some_and(|(who, _)| {
            !who.is_empty() && who.split(' ').all(|w| w.is_empty() || ANYBODY.has(w))
        })
}

/// How the thing is sent, where the promise is of sending: its place among [`SENT`].
fn way_of_sending(text: &str) -> Option<usize> {
    let verb = text.split(' ').next()?;
    SENT.iter().position(|s| *s == verb)
}

/// What two wordings of one promise come to: who calls by the one that names somebody, when by the one that says so; how a thing is sent
/// by the one that says how.
fn said_better(old: &str, new: String) -> String {
    if let (Some((who, when)), Some((new_who, new_when))) =
        (old.split_once(CALL_BACK), new.split_once(CALL_BACK))
    {
        let names = |w: &str| {
            w.split(' ')
                .filter(|w| !w.is_empty() && !ANYBODY.has(w))
                .count()
        };
        let who = if names(who) > names(new_who) {
            who
        } else {
            new_who
        };
        let told = |w: &str| {
            let time = w.split(' ').any(|w| {
                temporal::names_time(w)
                    || words![
                        "in", "by", "within", "after", "when", "once", "about", "with", "if",
                    ]
                    .has(w)
            });
            (time, w.split(' ').count())
        };
        let when = if told(when) > told(new_when) {
            when
        } else {
            new_when
        };
        return format!("{who}{CALL_BACK}{when}");
    }
    if answers_message(old, &new) {
        return format!("{old}, {new}");
    }
    // Said again with as much, it is said better: "nine o'clock is that ok", then "tomorrow she'll call you at ten".
    let enough =
        new.split(' ').count() >= 5 && new.len() * 3 >= old.len() * 2 && !old.contains(&new);
    let taken = if new.len() > old.len() || enough {
        &new
    } else {
        old
    };
    let how = [old, new.as_str()]
        .into_iter()
        .filter_map(way_of_sending)
        .min()
        .filter(|how| *how < HOW);
    match (how.and_then(|h| SENT.get(h)), way_of_sending(taken)) {
        (Some(how), Some(loose)) if loose >= HOW => {
            let rest = taken.split_once(' ').map_or("", |(_, rest)| rest);
            format!("{how} {rest}")
        }
        _ => taken.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_owed_reads_as_one() {
        for (text, wanted) in [
            (
                "the nurse will call you today",
                "the nurse will call back today",
            ),
            ("give you a ring back tomorrow", "call back tomorrow"),
            ("call you back", "call back"),
            (
                "call you when he's on the way",
                "call you when he's on the way",
            ),
        ] {
            assert_eq!(calling_back(text), wanted);
        }
    }

    #[test]
    fn two_wordings_make_one_promise() {
        for (old, new, wanted) in [
            (
                "an attorney call back",
                "somebody'll call back in the next day",
                "an attorney call back in the next day",
            ),
            (
                "call back at this number",
                "mister rocha will call back",
                "mister rocha will call back at this number",
            ),
            (
                "email the copy",
                "send the copy in the next hour",
                "email the copy in the next hour",
            ),
        ] {
            assert!(is_same(old, new), "{old}, {new}");
            assert_eq!(said_better(old, new.to_owned()), wanted);
        }
    }
}
