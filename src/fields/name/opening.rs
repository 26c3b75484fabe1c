//! Where a name may begin, by the words before it: "my name is", "I'm her husband", "my daughter", "put down", "a man named", "she's".

use super::span::{Level, Span, name_at};
use super::word::{Nameness, is_bidding, is_closed, is_kin, nameness};
use super::{Lead, Setting, Whose};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Where a name may begin, and what says so.
pub(super) struct Opening {
    pub at: usize,
    pub lead: Lead,
    pub whose: Whose,
}

/// The places of the turn after which a name is due.
pub(super) fn openings(heard: &Heard, setting: Setting<'_>) -> Vec<Opening> {
    let mut out = Vec::new();
    for hit in heard.hits.cue(Cue::SelfName) {
        let words = heard.tokens.get(hit.start..hit.end).unwrap_or_default();
        let strong = words.iter().any(|t| {
            t.any(words![
                "name",
                "names",
                "name's",
                "under",
                "everybody",
                "everyone",
                "people",
                "folks",
                "friends",
                "they",
            ])
        });
        let mut at = hit.end;
        if strong && heard.word(at) == "is" {
            at += 1;
        }
        while matches!(
            heard.word(at),
            "just" | "actually" | "me" | "only" | "also" | "really" | "legally" | "officially"
        ) || is_bidding(heard.word(at))
        {
            at += 1;
        }
        let named = after_role(heard, at);
        // "It's me, Danny Ruiz"
        let whose = match heard.word(at.wrapping_sub(1)) {
            "me" if at > hit.end => Whose::Own,
            _ => whose(heard, hit.start, hit.end),
        };
        // "I'm her husband Frank": who says what they are says a name next.
        let role = named > at && words.iter().any(|t| t.any(words!["i'm", "am", "this"]));
        out.push(Opening {
            at: named,
            lead: if strong || role {
                Lead::Strong
            } else {
                Lead::Weak
            },
            whose,
        });
    }
    if setting.expected {
        answers(heard, setting, &mut out);
    }
    // "My daughter Ellie", "my neighbor, Phil Garrison", "my mother's name is".
    for hit in heard.hits.cue(Cue::Other) {
        let before = hit.start.saturating_sub(2)..hit.start;
        let of_speaker = before
            .clone()
            .any(|i| matches!(heard.word(i), "my" | "our"));
        if !of_speaker {
            continue;
        }
        let mut at = hit.end;
        while matches!(
            heard.word(at),
            "name" | "names" | "name's" | "is" | "named" | "called"
        ) && at < hit.end + 3
        {
            at += 1;
        }
        let named = at > hit.end;
        out.push(Opening {
            at,
            lead: if named && heard.word(at - 1) != "is" || at > hit.end + 1 {
                Lead::Strong
            } else {
                Lead::Weak
            },
            whose: Whose::Other,
        });
    }
    // "Calling for Jalen Deveaux, his birthday is", "an appointment for Tyrell, Tyrell Benally, he's got a rash": one whom more is
    // said of.
    for at in 2..heard.tokens.len() {
        let on_behalf = matches!(heard.word(at - 1), "for" | "about")
            && (heard.any(at - 2, ON_BEHALF)
                || name_at(heard, at, Level::Introduced).is_some_and(|s| is_full(heard, &s)));
        let spoken_of = || {
            (at + 1..heard.tokens.len().min(at + 8)).any(|i| {
                heard.tokens[i].any(words![
                    "his", "her", "he", "she", "he's", "she's", "birthday"
                ])
            })
        };
        if on_behalf && spoken_of() {
            out.push(Opening {
                at,
                lead: Lead::Strong,
                whose: Whose::Other,
            });
        }
    }
    // "A man named Kurt".
    for at in 0..heard.tokens.len() {
        // "Hi this Joanne Begay": the verb is lost.
        // "Me, Ruben Soto"
        let me = heard.word(at) == "me"
            && (at == 0
                || heard.any(
                    at - 1,
                    words!["it's", "just", "yeah", "yes", "oh", "well", "um"],
                ));
        if at <= 3
            && (heard.word(at) == "this" || me)
            && name_at(heard, at + 1, Level::Introduced)
                .is_some_and(|s| s.start == at + 1 && is_full(heard, &s))
        {
            out.push(Opening {
                at: at + 1,
                lead: Lead::Weak,
                whose: Whose::Own,
            });
        }
        // "She's Destiny Marie Crump."
        if matches!(heard.word(at), "he's" | "she's" | "they're")
            && name_at(heard, at + 1, Level::Introduced).is_some_and(|s| is_full(heard, &s))
        {
            out.push(Opening {
                at: at + 1,
                lead: Lead::Strong,
                whose: Whose::Other,
            });
        }
        // "A patient of yours, Miguel Santos"
        if heard.word(at) == "patient"
            && let Some(from) = (at + 1..=at + 3)
                .find(|i| name_at(heard, *i, Level::Introduced).is_some_and(|s| is_full(heard, &s)))
            && heard.tokens[at + 1..from]
                .iter()
                .all(|t| is_closed(&t.text))
        {
            out.push(Opening {
                at: from,
                lead: Lead::Strong,
                whose: Whose::Other,
            });
        }
        if heard.tokens[at].any(words!["named"]) {
            out.push(Opening {
                at: at + 1,
                lead: Lead::Strong,
                whose: Whose::Other,
            });
        }
        // "Mai Vang is my name", "put down Quinn", "so put me, Gail Moretti".
        let put = |i: usize| matches!(heard.word(i), "put" | "write" | "have" | "list");
        if heard.tokens[at].any(words!["down", "as", "under"])
            && (at.saturating_sub(4)..at).any(put)
            || heard.word(at) == "me"
                && at > 0
                && put(at - 1)
                && name_at(heard, at + 1, Level::Introduced).is_some_and(|s| is_full(heard, &s))
        {
            let mut from = at + 1;
            while matches!(
                heard.word(from),
                "as" | "mine" | "my" | "me" | "the" | "name" | "of"
            ) {
                from += 1;
            }
            out.push(Opening {
                at: from,
                lead: Lead::Weak,
                whose: Whose::Open,
            });
        }
    }
    out
}

/// Words before the "for" of somebody's behalf.
const ON_BEHALF: &WordSet = words![
    "calling",
    "call",
    "called",
    "this's",
    "is",
    "it's",
    "appointment",
    "refill",
    "prescription",
    "results",
    "checkup",
    "visit",
    "physical",
];

/// A given name and more, none of it an everyday word.
pub(in crate::fields) fn is_full(heard: &Heard, span: &Span) -> bool {
    span.words.len() >= 2
        && span.is_given()
        && heard.tokens[span.start..span.end]
            .iter()
            .all(|t| nameness(t) >= Nameness::Unknown)
}

/// What friends put before a given name.
pub(super) const SIZES: &WordSet = words!["big", "little", "old", "ole", "young"];

/// Where the name begins after what its bearer is: "I'm her mother Rubina", "I'm mom, Gina Marchetti", "I'm the new tenant Greg Foss",
/// "this is big Mike".
fn after_role(heard: &Heard, at: usize) -> usize {
    let is = |i: usize, least: Nameness| heard.tokens.get(i).is_some_and(|t| nameness(t) >= least);
    let given = |i: usize| tables().is_given(heard.word(i)) && is(i, Nameness::Both);
    if matches!(heard.word(at), "her" | "his" | "their" | "the" | "your") {
        // The role itself, with a word before it or without.
        return (at + 1..at + 3)
            .find_map(|role| {
                let kin = is_kin(heard.word(role)) && !heard.word(role).ends_with("'s");
                let trade =
                    is(role, Nameness::Word) && !is(role, Nameness::Both) && given(role + 1);
                match heard.hits.at(Cue::Other, role) {
                    Some(end) if is(end, Nameness::Unknown) => Some(Some(end)),
                    Some(end) => Some(after_post(heard, at).or(Some(end))),
                    None if kin || trade => {
                        Some(is(role + 1, Nameness::Unknown).then_some(role + 1))
                    }
                    None => None,
                }
            })
            .flatten()
            .or_else(|| after_post(heard, at))
            .unwrap_or(at);
    }
    if matches!(heard.word(at), "a" | "an" | "one") {
        return after_post(heard, at).unwrap_or(at);
    }
    let kin = is_kin(heard.word(at)) && !heard.word(at).ends_with("'s");
    let by_size =
        matches!(heard.word(at), "big" | "little" | "old" | "ole" | "young") && given(at + 1);
    if kin && is(at + 1, Nameness::Unknown) || by_size {
        return at + 1;
    }
    at
}

/// "The charge nurse at Maple Court Denise Ruiz", "a driver for you guys Hank Dorsey": the full name that closes what its bearer does,
/// and where.
fn after_post(heard: &Heard, at: usize) -> Option<usize> {
    let runs_on = |i: usize| {
        !is_closed(heard.word(i))
            || heard.any(i, WITHIN_POST)
            || heard.hits.covers(Cue::Other, i)
            || heard.tokens[i].num != Num::None
    };
    let to = (at + 1..heard.tokens.len().min(at + 10)).find(|i| !runs_on(*i));
    let to = to.unwrap_or(heard.tokens.len().min(at + 10));
    (at + 2..to).find(|i| {
        // "The nurse for Harold Beasley": somebody else's.
        (!is_closed(heard.word(i - 1))
            || heard.any(i - 1, words!["yours", "calling", "here", "tenant"]))
            && !heard.any(
                i - 1,
                words!["time", "named", "called", "number", "account"],
            )
            && name_at(heard, *i, Level::Introduced)
                .is_some_and(|s| s.start == *i && is_full(heard, &s))
    })
}

/// Grammar inside what somebody does for a living.
const WITHIN_POST: &WordSet = words![
    "at", "from", "of", "in", "out", "over", "down", "up", "on", "the", "your", "you", "guys",
    "here", "with", "for", "yours", "one", "calling", "home", "house", "office", "patient",
];

/// Words that introduce a name only where one was asked for: "change that to", "mine's", "he's", "the one who's sick is".
fn answers(heard: &Heard, setting: Setting<'_>, out: &mut Vec<Opening>) {
    for at in 1..heard.tokens.len() {
        let back = |n: usize| at.checked_sub(n).map_or("", |i| heard.word(i));
        let put = back(1) == "to"
            && (2..=4).any(|n| matches!(back(n), "change" | "switch" | "changed" | "correct"))
            || matches!(back(1), "it" | "that") && back(2) == "make"
            || back(1) == "be" && matches!(back(2), "should" | "would" | "supposed" | "to");
        let mine = matches!(back(1), "mine" | "mine's") || back(1) == "is" && back(2) == "mine";
        let theirs = !setting.own
            && (matches!(back(1), "he's" | "she's" | "they're")
                || back(1) == "is"
                    && (2..=5).any(|n| {
                        matches!(back(n), "he" | "she" | "one" | "patient" | "who" | "who's")
                    }));
        if put || mine || theirs {
            out.push(Opening {
                at,
                lead: Lead::Weak,
                whose: match back(1) {
                    _ if mine => Whose::Own,
                    "he's" | "she's" => Whose::Other,
                    _ => Whose::Open,
                },
            });
        }
    }
}

/// Whose name the words from `from` to `to` introduce.
fn whose(heard: &Heard, from: usize, to: usize) -> Whose {
    let start = heard.clause_start(from).max(from.saturating_sub(4));
    let near = |i: usize| heard.word(i);
    for i in (start..to).rev() {
        let word = near(i);
        // "Tell her it's Will Grant"
        let told = matches!(word, "her" | "him" | "them")
            && i > 0
            && matches!(near(i - 1), "tell" | "let" | "ask" | "have" | "give");
        if told {
            continue;
        }
        if matches!(
            word,
            "his" | "her" | "their" | "he's" | "she's" | "hers" | "theirs" | "he" | "she" | "they"
        ) {
            return Whose::Other;
        }
        if i < from
            && word.ends_with("'s")
            && (heard.hits.covers(Cue::Other, i) || is_kin(word) || word == "patient's")
        {
            return Whose::Other;
        }
        // "It's my dad, so it's George": what "my" belongs to is somebody else, and the name is whoever's was asked for.
        if word == "my" && i < from && is_kin(near(i + 1)) {
            continue;
        }
        if matches!(word, "my" | "i'm" | "am") || i >= from && matches!(word, "me" | "i") {
            return Whose::Own;
        }
        if word == "this" && near(i + 1) == "is" {
            return Whose::Own;
        }
    }
    Whose::Open
}
