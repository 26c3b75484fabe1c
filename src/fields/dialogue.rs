//! The dialogue state: what was asked, what was read back and awaits a yes, and what the answer to it was. Small and explicit; every
//! field goes through it, none has a machine of its own.

use super::cue::{Cue, Mark};
use super::evidence::Evidence;
use super::turn::{Heard, Speaker};
use super::value::Value;
use crate::fields::word_set::{WordSet, words};

/// A question waiting for its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The field asked for.
    pub field: u8,
    /// How many turns of the caller's have passed since.
    pub age: u8,
    /// Where in the agent's turn the question stood; the last one asked is answered first.
    pub at: usize,
    /// How it is spelled was asked.
    pub spelling: bool,
    /// Which part of an address or a name was asked for.
    pub part: Part,
}

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The whole.
    #[default]
    Whole,
    /// Surname.
    Last,
    /// Given name.
    First,
    /// Unit.
    Unit,
    /// City.
    City,
    /// ZIP.
    Zip,
    /// The type of a street.
    Type,
}

/// A value that the agent said back and that a yes would settle.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// The field.
    pub field: u8,
    /// The value as the agent said it.
    pub value: Value,
    /// Whether it is what is held (or what is held would be if agreed).
    pub matches: bool,
    /// The agent went on to another question after it: a bare yes may belong to that.
    pub overtaken: bool,
    /// The agent's words.
    pub evidence: Evidence,
    /// Turns of the caller's since.
    pub age: u8,
}

/// What a turn does to what was said before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reply {
    /// Yes.
    pub affirm: bool,
    /// No.
    pub deny: bool,
    /// Takes an offer (weaker than yes: "okay", "works").
    pub accept: bool,
    /// Will not tell.
    pub decline: bool,
    /// Cannot tell.
    pub dont_know: bool,
    /// Replaces something ("no wait", "actually").
    pub repair: bool,
    /// Only signs of listening.
    pub backchannel: bool,
    /// A yes that names what it is a yes to ("that's right", "correct").
    pub emphatic: bool,
    /// First token after the act.
    pub rest: usize,
}

/// Words that may stand before the act itself.
const LEAD_IN: &WordSet = words![
    "oh", "well", "so", "and", "um", "okay", "ok", "alright", "hm", "mm", "ya", "gosh", "hey",
    "actually", "i", "think", "believe", "guess", "sir", "ma'am", "please", "honestly", "great",
    "ooh", "now",
];

/// Reads the act at the head of a turn.
pub fn reply(heard: &Heard) -> Reply {
    let n = heard.tokens.len();
    let mut out = Reply {
        decline: false,
        ..Reply::default()
    };
    if n == 0 {
        out.backchannel = true;
        return out;
    }
    out.backchannel = covered(heard, Cue::Backchannel);
    out.decline = heard
        .hits
        .cue(Cue::Decline)
        .any(|h| !(heard.speaker == Speaker::Agent && heard.in_question(h.start)));
    out.dont_know = heard.hits.has(Cue::DontKnow);
    out.repair = heard.hits.cue(Cue::Repair).any(|h| h.start <= 3);
    let mut at = 0;
    while at < n.min(12) {
        if let Some(end) = heard.hits.at(Cue::NotDeny, at) {
            // "no that's right" affirms, "no problem" accepts, "no rush" is neither.
            if (at..end).any(|i| {
                heard
                    .hits
                    .at(Cue::Affirm, i)
                    .is_some_and(|_| heard.word(i) != "right" || i > at)
            }) {
                out.affirm = true;
            }
            if matches!(
                heard.word(at + 1),
                "problem" | "worries" | "thats" | "that's" | "that"
            ) {
                out.accept = true;
            }
            at = end;
            continue;
        }
        if let Some(end) = heard.hits.at(Cue::Deny, at) {
            out.deny = !out.affirm;
            if out.deny || heard.hits.at(Cue::Repair, at).is_some() {
                at = end;
                out.rest = at;
                break;
            }
            at = end;
            continue;
        }
        if let Some(end) = heard.hits.at(Cue::Affirm, at) {
            let single = end - at == 1;
            out.affirm = true;
            out.emphatic |= heard.tokens[at..end].iter().any(|t| {
                t.any(words![
                    "correct",
                    "exactly",
                    "right",
                    "perfect",
                    "precisely",
                    "accurate",
                    "true",
                    "one",
                    "spot",
                ])
            }) || !single && heard.word(end - 1) == "it";
            at = end;
            out.rest = at;
            continue;
        }
        if let Some(end) = heard.hits.at(Cue::Accept, at) {
            out.accept = true;
            at = end;
            out.rest = at;
            continue;
        }
        if heard.any(at, LEAD_IN) {
            at += 1;
            continue;
        }
        break;
    }
    // "That's my wife's but yeah that's good."
    let but_yes = heard
        .hits
        .cue(Cue::Affirm)
        .any(|h| h.start > 0 && h.start <= 10 && heard.word(h.start - 1) == "but");
    if but_yes && !out.deny {
        out.affirm = true;
        out.emphatic = true;
        out.rest = n;
    }
    if !out.affirm && !out.deny && n <= 8 {
        // "monday at one thirty yeah that works"
        let late_yes = heard
            .hits
            .cue(Cue::Affirm)
            .any(|h| h.end == n || h.end - h.start > 1);
        let late_no = heard
            .hits
            .cue(Cue::Deny)
            .any(|h| !heard.hits.covers(Cue::NotDeny, h.start));
        out.affirm = late_yes && !late_no;
    }
    out
}

/// Whether a question about something else stands at or after `from`: a wh-word, or a verb before its subject, at the head of a clause.
/// "Is that right?" is none.
/// Neither is a question for `field` itself.
pub fn question_after(heard: &Heard, from: usize, field: Option<u8>) -> bool {
    let n = heard.tokens.len();
    let same = |at: usize| {
        heard.hits.all().iter().any(|h| {
            field.is_some_and(|f| h.mark == Mark::Ask(f)) && h.start >= at && h.start <= at + 6
        })
    };
    let tag = |at: usize| heard.hits.covers(Cue::ConfirmAsk, at) || same(at);
    for at in from..n {
        let head = || {
            at == 0
                || heard.tokens[at - 1].stop >= super::token::Stop::Comma
                || heard.tokens[at - 1].num != super::token::Num::None
                || heard.any(at - 1, HEADS)
        };
        let wh = matches!(
            heard.word(at),
            "what"
                | "what's"
                | "which"
                | "who"
                | "who's"
                | "whose"
                | "when"
                | "when's"
                | "where"
                | "where's"
                | "how"
                | "how's"
                | "why"
        );
        let verb = matches!(
            heard.word(at),
            "are"
                | "do"
                | "did"
                | "have"
                | "were"
                | "can"
                | "could"
                | "would"
                | "will"
                | "is"
                | "was"
                | "does"
                | "has"
                | "should"
                | "may"
                | "any"
        ) && matches!(
            heard.word(at + 1),
            "you"
                | "i"
                | "we"
                | "it"
                | "this"
                | "there"
                | "they"
                | "he"
                | "she"
                | "someone"
                | "anyone"
                | "anybody"
                | "your"
                | "the"
                | "any"
                | "that"
        );
        if (wh || verb) && head() && !tag(at) {
            return true;
        }
    }
    // A written question after it.
    (from..n).any(|at| {
        heard.tokens[at].stop == super::token::Stop::Question
            && !(heard.clause_start(at)..=at).any(tag)
            && heard.clause_start(at) >= from
            && at > from + 1
    })
}

/// Whether the agent asks if what ends at `end` is right. A lone "okay" or "right" asks only behind it.
pub fn confirm_asked(heard: &Heard, end: usize) -> bool {
    heard.hits.cue(Cue::ConfirmAsk).any(|h| {
        h.end - h.start > 1
            || h.start >= end
                && (h.end == heard.tokens.len() || heard.tokens[h.end - 1].ends_clause())
    }) || heard
        .tokens
        .get(end.saturating_sub(1))
        .is_some_and(|t| t.stop == super::token::Stop::Question)
}

/// Words after which a new clause begins where no mark of punctuation says so.
const HEADS: &WordSet = words![
    "and",
    "so",
    "okay",
    "ok",
    "great",
    "perfect",
    "alright",
    "then",
    "now",
    "um",
    "well",
    "but",
    "also",
    "thanks",
    "you",
    "it",
    "or",
    "good",
    "thank",
    "right",
    "sir",
    "ma'am",
    "excellent",
    "wonderful",
    "awesome",
];

/// Whether every token belongs to some hit of the cue.
pub fn covered(heard: &Heard, cue: Cue) -> bool {
    let n = heard.tokens.len();
    let mut at = 0;
    while at < n {
        match heard.hits.at(cue, at) {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}

/// The fields that an agent's turn asks for, longest phrase first where phrases overlap, in order of place.
pub fn asks(heard: &Heard) -> Vec<Asked> {
    let mut found: Vec<(usize, usize, u8)> = Vec::new();
    for hit in heard.hits.all() {
        if let Mark::Ask(field) = hit.mark {
            let blocked = heard.hits.cue(Cue::AskBlock).any(|b| {
                b.start <= hit.start && hit.end <= b.end && b.end - b.start > hit.end - hit.start
            });
            if !blocked {
                found.push((hit.start, hit.end, field));
            }
        }
    }
    let mut out: Vec<Asked> = Vec::new();
    for &(start, end, field) in &found {
        let swallowed = found
            .iter()
            .any(|&(s, e, f)| f != field && s <= start && end <= e && e - s > end - start);
        if swallowed {
            continue;
        }
        let words = heard.tokens.get(start..end).unwrap_or_default();
        // "1408 Kinney, Unit B": said back, not asked for.
        let said = words
            .last()
            .is_some_and(|t| t.any(words!["unit", "apartment", "apt", "suite"]))
            && heard
                .tokens
                .get(end)
                .is_some_and(|t| t.num != super::token::Num::None || t.text.chars().count() == 1);
        // "Number 14. Is that Phoenix?": a door's, said back.
        let door = words.last().is_some_and(|t| t.is("number"))
            && (heard.runs.iter()).any(|r| r.start == end && r.digits().len() <= 4);
        if said || door {
            continue;
        }
        let part = if words
            .iter()
            .any(|t| t.any(words!["last", "surname", "family"]))
        {
            Part::Last
        } else if words.iter().any(|t| t.is("first")) {
            Part::First
        } else if words
            .iter()
            .any(|t| t.any(words!["unit", "apartment", "apt", "suite"]))
        {
            Part::Unit
        } else if words.iter().any(|t| t.any(words!["city", "town"])) {
            Part::City
        } else if words.iter().any(|t| t.any(words!["zip", "postal"])) {
            Part::Zip
        } else {
            Part::Whole
        };
        // "first and last name" asks for all of it.
        let part = if part == Part::Last
            && heard
                .tokens
                .get(start.saturating_sub(2)..end)
                .is_some_and(|w| w.iter().any(|t| t.is("first")))
        {
            Part::Whole
        } else {
            part
        };
        match out.iter_mut().find(|a| a.field == field) {
            Some(asked) => {
                if end - start > 1 {
                    asked.at = start;
                    if part != Part::Whole {
                        asked.part = part;
                    }
                }
            }
            None => out.push(Asked {
                field,
                age: 0,
                at: start,
                spelling: false,
                part,
            }),
        }
    }
    out.sort_by_key(|a| a.at);
    out
}
