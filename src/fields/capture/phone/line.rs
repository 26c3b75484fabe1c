//! The number that the call itself comes from: "this number", "the one I'm calling from".

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::ledger::Source;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

impl State {
    /// The caller names the line, or agrees to it.
    pub(super) fn this_number(&mut self, heard: &Heard, reply: &Reply, digits_placed: bool) {
        let Some(field) = self.field("callback_number") else {
            return;
        };
        let asked = self.asked_of(FieldType::Phone, 2).is_some() || self.this_number_asked;
        let said = named(heard)
            .into_iter()
            .filter(|(start, end)| !is_denied(heard, *start, *end))
            .max_by_key(|h| h.1 - h.0)
            // "This is it", "same as this", in answer to the question.
            .or_else(|| {
                let short = heard.tokens.len() <= 5 && !reply.deny;
                let line =
                    heard.says(words!["this"]) && heard.says(words!["it", "same", "one", "here"]);
                (asked && short && line).then_some((0, heard.tokens.len()))
            });
        let wished = heard.says(words![
            "call", "reach", "use", "best", "good", "fine", "works", "contact", "text", "back",
            "okay", "great", "yes", "yeah", "sure", "this", "just",
        ]);
        // "He can use this number", "me, this number here": told to, whatever was asked.
        let told = said.is_some_and(|(s, e)| {
            (s.saturating_sub(3)..s).any(|i| {
                heard.any(
                    i,
                    words!["use", "call", "text", "ring", "reach", "try", "just", "at"],
                )
            }) || e - s + 2 >= heard.tokens.len()
        });
        let explicit = said.is_some_and(|(s, e)| {
            e - s >= 3 && wished || told || asked || heard.hits.has(Cue::PhoneLead)
        });
        let no = reply.deny && !told;
        // Another telephone named in the same breath makes the yes to this one no yes.
        let breath = heard.clause_end(0).min(12);
        let another = said.is_none()
            && !digits_placed
            && (0..breath).any(|i| {
                heard.any(
                    i,
                    words![
                        "but",
                        "better",
                        "instead",
                        "rather",
                        "except",
                        "different",
                        "actually",
                    ],
                )
            });
        // "Is there a better number than this?" "Nope."
        let none_better = reply.deny
            && said.is_none()
            && !turned_down(heard)
            && self
                .last_agent
                .iter()
                .any(|w| matches!(w.as_str(), "better" | "different" | "another" | "other"))
            && (heard.tokens.len() <= 2
                || (0..heard.tokens.len())
                    .any(|i| heard.word(i) == "this" && heard.word(i + 1) == "is"));
        let agreed = self.this_number_asked
            && (none_better
                || reply.affirm
                || reply.accept
                || heard.word(0) == "please"
                || heard.tokens.len() <= 3 && heard.says(words!["please", "can", "could", "may"]))
            && (!reply.deny || none_better)
            && !another
            && heard
                .hits
                .cue(Cue::Repair)
                .all(|h| said.is_some() || h.start >= breath.min(6));
        // "Don't call this number": what the provider showed is not to be used.
        let unwanted = said.is_none() && heard.hits.has(Cue::ThisNumber) && turned_down(heard);
        if unwanted {
            let kind = self
                .ledger_mut(field)
                .decline(heard.whole(Role::Contradicts));
            self.note(field, kind);
            return;
        }
        if !(said.is_some() && explicit && !no || agreed) {
            return;
        }
        let Some(number) = self.ctx.caller_id.clone() else {
            return;
        };
        let (from, to) = said.unwrap_or((0, heard.tokens.len()));
        let evidence = vec![heard.evidence(Role::Confirms, from, to)];
        let given = self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| h.source == Source::CallerSaid && h.value.text() != Some(&number));
        if given && !asked {
            return;
        }
        // "And the cell is this one?", of a caller who has just given the house's: a second line.
        let beside = given
            && said.is_none()
            && self.last_agent.first().is_some_and(|w| w == "and")
            && !self.last_agent.iter().any(|w| {
                matches!(
                    w.as_str(),
                    "or" | "better"
                        | "best"
                        | "good"
                        | "instead"
                        | "use"
                        | "call"
                        | "reach"
                        | "text"
                        | "you"
                )
            });
        let field = match self.field("alternate_number").filter(|_| beside) {
            Some(other) => other,
            None => field,
        };
        let kind = self
            .ledger_mut(field)
            .confirm(Some(Value::Text(number)), evidence);
        if let Some(held) = self.ledger_mut(field).held.as_mut() {
            held.source = Source::CallerSaid;
        }
        self.note(field, kind);
        self.this_number_asked = false;
        self.asked.retain(|a| a.field != field);
    }

    /// The agent asks whether the line will do, or names it by its end.
    pub(super) fn agent_names_the_line(&mut self, heard: &Heard, digits: bool) {
        let asks = named(heard).into_iter().any(|(start, end)| {
            !is_denied(heard, start, end)
                && !is_offered(heard, start)
                && !is_ours(heard, start, end)
        });
        // "Same number, 970 ...?": the digits are what is asked about.
        if asks && !digits {
            self.this_number_asked = true;
        }
        if let Some(known) = self.ending_in(heard)
            && let Some(field) = self.field("callback_number")
        {
            self.await_yes(
                field,
                Value::Text(known),
                true,
                heard.whole(Role::ReadsBack),
            );
        }
    }

    /// "The one ending 8812": the number known that ends so.
    fn ending_in(&self, heard: &Heard) -> Option<String> {
        let end = (0..heard.tokens.len())
            .find(|i| heard.any(*i, words!["ending", "ends", "end"]))
            .map(|i| i + 1 + usize::from(heard.any(i + 1, words!["in", "with"])))?;
        let run = heard
            .runs
            .iter()
            .find(|r| r.start >= end && r.start <= end + 2)?;
        let digits = run.digits();
        if digits.len() < 3 {
            return None;
        }
        let held = self
            .field("callback_number")
            .and_then(|f| self.value(f))
            .and_then(Value::text)
            .map(str::to_owned);
        [held, self.ctx.caller_id.clone()]
            .into_iter()
            .flatten()
            .find(|n| n.ends_with(digits))
    }
}

/// Where the turn names the line the call is on: by a phrase, or by "this" and a noun of telephones, "the number" and what makes it this one.
pub(super) fn named(heard: &Heard) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = heard
        .hits
        .cue(Cue::ThisNumber)
        .map(|h| (h.start, h.end))
        .collect();
    let noun = |at: usize| {
        matches!(
            heard.word(at),
            "number"
                | "phone"
                | "line"
                | "cell"
                | "mobile"
                | "one"
                | "callback"
                | "landline"
                | "cellphone"
                | "telephone"
        )
    };
    for at in 0..heard.tokens.len() {
        if matches!(heard.word(at), "this" | "same") {
            let mut end = at + 1;
            while matches!(
                heard.word(end),
                "a" | "the"
                    | "your"
                    | "my"
                    | "good"
                    | "best"
                    | "right"
                    | "still"
                    | "correct"
                    | "contact"
                    | "number"
                    | "phone"
                    | "cell"
                    | "current"
                    | "better"
                    | "okay"
            ) && end < at + 5
                && (!noun(end) || noun(end + 1))
            {
                end += 1;
            }
            if noun(end) && heard.word(end + 1) != "call" {
                out.push((at, end + 1));
            }
            // "This is my cell"
            if heard.speaker == Speaker::Caller
                && heard.word(at + 1) == "is"
                && heard.word(at + 2) == "my"
                && (heard.any(
                    at + 3,
                    words!["cell", "mobile", "cellphone", "number", "phone", "landline"],
                ) || heard.any(at + 3, words!["house", "home"])
                    && heard.any(at + 4, words!["phone", "number", "line"]))
            {
                out.push((at, at + 4));
            }
            if heard.word(at) == "this"
                && heard.word(at.wrapping_sub(1)) == "on"
                && heard.word(at.wrapping_sub(2)) == "back"
            {
                out.push((at - 1, at + 1));
            }
        }
        let what = matches!(heard.word(at), "what" | "whatever");
        let it = heard.speaker == Speaker::Caller
            && heard.any(at, words!["it's", "be", "got", "have", "it"]);
        if noun(at) || what || it {
            let mut next = at + 1;
            if matches!(heard.word(next), "that" | "which") {
                next += 1;
            }
            let who = matches!(
                heard.word(next),
                "you're" | "your" | "i'm" | "you" | "i" | "you've" | "he's" | "she's" | "we're"
            );
            let doing = matches!(
                heard.word(next + 1),
                "calling"
                    | "called"
                    | "on"
                    | "using"
                    | "have"
                    | "see"
                    | "got"
                    | "phoned"
                    | "dialed"
                    | "rang"
            );
            // "What I'm calling from", but not "what you're calling about".
            let from = matches!(heard.word(next + 2), "from" | "on" | "with" | "in");
            if who && doing && (noun(at) || what && from) {
                out.push((at, next + 2));
            }
            let shown = matches!(heard.word(at + 1), "on" | "in")
                && matches!(heard.word(at + 2), "my" | "your" | "the" | "our")
                && matches!(
                    heard.word(at + 3),
                    "screen" | "display" | "caller" | "end" | "computer" | "phone"
                );
            // "On my end", of a phone that is at hand.
            let own = matches!(heard.word(at + 2), "my") && heard.word(at + 3) == "phone";
            if shown && !own {
                out.push((at, at + 4));
            }
        }
    }
    // "Chew one. I'm calling them now", "the one I called about": nothing of the line.
    out.retain(|(start, end)| {
        heard
            .tokens
            .get(*start..end.saturating_sub(1))
            .is_some_and(|w| w.iter().all(|t| t.stop < Stop::Sentence))
            && !heard.any(*end, words!["them", "him", "her", "about"])
    });
    out
}

/// The agent gives the line away instead of asking for it: "you can call this number", "we call from this number". Whoever is to call the
/// caller has a subject that is not "you".
fn is_offered(heard: &Heard, at: usize) -> bool {
    let rings = |i: usize| {
        heard.any(
            i,
            words![
                "call", "dial", "text", "save", "calling", "reach", "try", "ring", "get", "phone",
                "contact",
            ],
        )
    };
    let through = |i: usize| heard.any(i, words!["at", "on", "back", "us", "me"]);
    let verb = (at.saturating_sub(4)..at)
        .rev()
        .find(|i| rings(*i) && (i + 1..at).all(through));
    if heard.word(at + 1) == "caller" {
        return false;
    }
    if heard.word(at.wrapping_sub(1)) == "from" {
        return true;
    }
    let Some(verb) = verb else {
        return false;
    };
    let asks = (0..verb).any(|i| {
        matches!(
            heard.word(i),
            "can"
                | "should"
                | "may"
                | "could"
                | "do"
                | "shall"
                | "does"
                | "will"
                | "okay"
                | "ok"
                | "fine"
                | "alright"
        ) && heard.word(i + 1) != "you"
            && !(i > 0 && heard.word(i - 1) == "you")
    });
    let subject = heard.word(verb.wrapping_sub(1));
    // "If you need to call this number", but "and you we call at this number".
    let you = (verb.saturating_sub(3)..verb).any(|i| heard.any(i, words!["you", "need", "want"]));
    let others = words![
        "we", "i", "they", "he", "she", "they'll", "we'll", "i'll", "he'll", "she'll", "will",
        "gonna",
    ]
    .has(subject)
        || !you && matches!(subject, "to" | "and");
    !asks && !others
}

/// "Our number", "reach us at this number": the business's own line.
fn is_ours(heard: &Heard, start: usize, end: usize) -> bool {
    (start.saturating_sub(5).max(heard.clause_start(start))..heard.tokens.len().min(end + 4)).any(
        |i| match heard.word(i) {
            "our" | "my" => {
                !heard.any(
                    i + 1,
                    words!["screen", "end", "display", "caller", "computer"],
                ) && i + 2 >= start
            }
            "us" | "me" => heard.any(
                i.wrapping_sub(1),
                words!["reach", "call", "text", "get", "contact", "back", "ring"],
            ),
            "recorded" | "monitored" | "emergencies" | "disconnected" => true,
            _ => false,
        },
    )
}

/// Whether the caller will not be called where the agent proposed to: "don't use that", "please don't call me there".
pub(in crate::fields::capture) fn turned_down(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|i| {
        let never = match heard.word(i) {
            "don't" | "never" => {
                !heard.any(i.wrapping_sub(1), words!["why", "i", "we", "you", "they"])
            }
            "not" => heard.any(i.wrapping_sub(1), words!["do", "please", "rather", "you"]),
            _ => false,
        };
        let there = |at: usize| {
            heard.any(at, words!["that", "this", "it", "there", "here"])
                && !heard.any(at + 1, TIMES)
        };
        // "Don't call me after nine" is no word against the number.
        let rings = |at: usize| {
            heard.any(at, words!["use", "call", "ring", "dial", "try"])
                && (there(at + 1)
                    || heard.any(at + 1, words!["me", "on", "at"]) && (at + 2..at + 4).any(there))
        };
        never && (rings(i + 1) || heard.any(i + 1, words!["ever", "you", "please"]) && rings(i + 2))
            || heard.word(i) == "not"
                && heard.any(i + 1, words!["that", "this"])
                && heard.any(i + 2, words!["one", "number"])
    })
}

/// Words that say when: a line not to be called then is a good one otherwise.
const TIMES: &WordSet = words![
    "before", "after", "until", "till", "at", "in", "during", "while", "when", "too", "late",
    "early", "on",
];

/// "Not this number", "the number I'm calling from is my neighbor's".
fn is_denied(heard: &Heard, start: usize, end: usize) -> bool {
    let from = heard.clause_start(start).max(start.saturating_sub(5));
    let not = (from..start)
        .any(|i| heard.tokens[i].any(words!["not", "isn't", "don't", "can't", "never"]));
    let after = heard.word(end);
    // Somebody else's, or a place the caller will not be at.
    let others = (end..heard.tokens.len().min(end + 4)).any(|i| {
        heard.hits.covers(Cue::Other, i) && heard.word(i).ends_with("'s")
            || heard.tokens[i].any(words![
                "work",
                "office",
                "borrowed",
                "somebody's",
                "someone's",
                "hotel",
                "payphone",
                "landline",
            ])
    });
    others && matches!(after, "is" | "belongs" | "it's" | "was" | "isn't")
        || not
        || matches!(after, "isn't" | "won't" | "doesn't")
        || after == "is" && heard.word(end + 1) == "not"
}
