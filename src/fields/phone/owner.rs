//! Whose number it is, by the words before it in its clause: the nearest owner named decides.

use crate::fields::cue::Cue;
use crate::fields::name::word::{Nameness, is_kin, is_title, nameness};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::Sequence;
use super::dialled::dialled;
use super::people::is_somebody;

/// Whose number it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Owner {
    /// The words name nobody: it is the number of whom the question was about.
    #[default]
    Unsaid,
    /// The caller's, to be called back on.
    Callback,
    /// The caller's second one.
    Alternate,
    /// Of somebody in the caller's household, who may take the call.
    Kin,
    /// Somebody else's.
    Third,
    /// The caller was called from it, or dialled it.
    Dialled,
}

/// Places where the caller has a telephone too.
const PLACES: &WordSet = words!["office", "work", "home", "house", "company", "store"];

/// What has a number: "your fax is ..." is the business's, "for your reminder call" is not.
const LINES: &WordSet = words![
    "fax",
    "number",
    "line",
    "phone",
    "office",
    "cell",
    "main",
    "direct",
    "extension",
];

/// Words for a telephone or a line: behind "my sister's" they are no name.
const PHONES: &WordSet = words![
    "number",
    "phone",
    "telephone",
    "cell",
    "cellphone",
    "mobile",
    "landline",
    "line",
    "direct",
    "desk",
    "office",
    "house",
    "home",
    "work",
    "shop",
    "store",
    "place",
    "fax",
    "extension",
    "pager",
];

/// Words that make a place's number a second one.
const SECOND: &WordSet = words![
    "either",
    "both",
    "if",
    "or",
    "otherwise",
    "else",
    "backup",
    "alternate",
    "second",
    "other",
    "another",
    "also",
    "then",
    "miss",
];

/// Whose number the sequence is; `floor` is where the one before it in the turn ends.
pub fn owner(heard: &Heard, sequence: &Sequence, floor: usize) -> Owner {
    let start = sequence.start;
    // "The lady gave me their fax. It is ...", "take my wife's too. That's ...": the sentence before says whose.
    let clause = heard.clause_start(start);
    let bare = clause > 0
        && (clause..start).all(|i| {
            heard.tokens[i].any(words![
                "it", "it's", "is", "that's", "that", "the", "number", "so"
            ])
        })
        && (heard.clause_start(clause - 1)..clause).any(|i| {
            heard.tokens[i].any(words!["fax", "their"])
                || is_kin(heard.word(i)) && heard.word(i).ends_with('s')
                // "Her, to get in. It's ...": the one to be called, named at the head of the answer.
                || i == 0 && heard.any(i, words!["her", "him", "them"])
        });
    let clause = if bare {
        heard.clause_start(clause - 1)
    } else {
        clause
    };
    // "My brother. Alan. 919 ...": told in sentences of a word or two.
    let mut clause = clause;
    for _ in 0..2 {
        let before = clause.checked_sub(1).map(|at| heard.clause_start(at));
        if let Some(before) = before.filter(|b| clause - b <= 2) {
            clause = before;
        }
    }
    let from = clause.max(start.saturating_sub(12)).max(floor.min(start));
    // "It's Mr. Okoro, 202 ...": the number of the one named.
    let own = (from..start)
        .any(|i| heard.tokens[i].any(words!["i'm", "my", "me", "this", "name", "i", "mine"]));
    let titled = |i: usize| is_title(heard.word(i)) && !is_kin(heard.word(i));
    if !own && (from..start).any(|i| titled(i) && i + 4 >= start && i + 1 < start) {
        return if stands_in(heard, sequence) {
            Owner::Alternate
        } else {
            Owner::Third
        };
    }
    if dialled(heard, from, start) {
        return Owner::Dialled;
    }
    let last = |cue: Cue| {
        heard
            .hits
            .cue(cue)
            .filter(|h| h.start >= from && h.end <= start + 1)
            .map(|h| h.end)
            .max()
    };
    let prefer = last(Cue::Prefer);
    let alternate = last(Cue::Alternate);
    let possessor = possessor(heard, from, start);
    if possessor == Some(Owner::Dialled) {
        return Owner::Dialled;
    }
    if let Some(other @ (Owner::Kin | Owner::Third)) = possessor {
        // "My partner's Anselm, 401 ...": somebody with a name is a person of his own, no second line of the caller's.
        let named = (from..start).any(|i| {
            is_kin(heard.word(i))
                && heard.tokens.get(i + 1).is_some_and(|t| {
                    let sure =
                        t.upper || heard.word(i).ends_with("'s") || nameness(t) == Nameness::Name;
                    i + 1 < start && sure && nameness(t) >= Nameness::Unknown && !t.any(PHONES)
                })
        });
        return match other {
            // "The better one is my son Dale, he's at ...": preferred to the caller's own.
            Owner::Kin if prefer.is_some() && prefer >= alternate => Owner::Kin,
            // Whoever's it is: it is called in the caller's place.
            _ if stands_in(heard, sequence) => Owner::Alternate,
            Owner::Kin if named => Owner::Third,
            // "If I don't answer, my wife ...", "put my wife's too": beside the caller's own, not instead of it.
            Owner::Kin if besides(heard, sequence) => Owner::Alternate,
            Owner::Kin
                if alternate.is_some()
                    && prefer < alternate
                    && !by_place(heard, from, alternate) =>
            {
                Owner::Alternate
            }
            other => other,
        };
    }
    if prefer.is_some() && prefer >= alternate {
        return Owner::Callback;
    }
    // "The house is 555 0180, but I'm never there."
    let end = sequence.end;
    if heard.any(end, words!["but", "though"])
        && heard.any(end + 1, words!["i'm", "i", "we're", "nobody's"])
        && heard.any(
            end + 2,
            words!["never", "hardly", "rarely", "seldom", "not", "ever"],
        )
    {
        return Owner::Alternate;
    }
    // "My office is ...": the number given for the asking, unless another is preferred in the same breath.
    let another = heard
        .runs
        .iter()
        .any(|r| r.start > sequence.end && r.digits().len() >= 3)
        && heard.hits.cue(Cue::Prefer).any(|h| h.start >= sequence.end);
    let placed = by_place(heard, from, alternate) && !another;
    if !placed && (alternate.is_some() || said_after(heard, sequence)) {
        return Owner::Alternate;
    }
    match possessor {
        None if kin_after(heard, sequence) => Owner::Kin,
        found => found.unwrap_or_default(),
    }
}

/// The nearest word before the number that names an owner.
fn possessor(heard: &Heard, from: usize, start: usize) -> Option<Owner> {
    let denies = heard.hits.at(Cue::Deny, 0).is_some();
    for at in (from..start).rev() {
        let word = heard.word(at);
        let relation = heard
            .hits
            .cue(Cue::Other)
            .filter(|h| h.start <= at && at < h.end && !is_pronoun(heard.word(h.start)))
            .map(|h| h.start)
            .min();
        let noun = word.strip_suffix("'s").unwrap_or(word);
        // "No, that's my ex's number, it's ...": whose the other one is.
        if denies && is_person(word, relation.is_some()) && is_pointed(heard, at) {
            return None;
        }
        if is_kin(word) {
            return Some(Owner::Kin);
        }
        if PLACES.has(noun) {
            // "their office", "the pharmacy's store": the owner stands further left.
            if matches!(heard.word(at.wrapping_sub(1)), "their" | "his" | "her") {
                return Some(Owner::Third);
            }
            continue;
        }
        // Nobody is called on a fax, whoever owns it.
        if noun == "fax" {
            let own = matches!(heard.word(at.wrapping_sub(1)), "my" | "our" | "your");
            return Some(if own { Owner::Dialled } else { Owner::Third });
        }
        // "The lady gave me one": I am who it was given to.
        let given = matches!(word, "me" | "us") && !reached(heard, at);
        // "I'm sorry"
        let elsewhere = word == "i'm"
            && !heard.any(
                at + 1,
                words![
                    "at",
                    "on",
                    "reachable",
                    "available",
                    "usually",
                    "calling",
                    "always",
                ],
            );
        // "... in case I'm on a roof" says when, not whose.
        if matches!(
            word,
            "my" | "mine" | "mine's" | "mines" | "our" | "me" | "i'm"
        ) && !given
            && !elsewhere
            && !matches!(
                heard.word(at.wrapping_sub(1)),
                "if" | "case" | "when" | "because" | "cause" | "while" | "since" | "and"
            )
        {
            return Some(Owner::Callback);
        }
        // "This is my boss's phone, use ...": told what to dial instead.
        if word == "use" && start - at <= 3 {
            return Some(Owner::Callback);
        }
        // "Your fax is ...": the business's own.
        if word == "yours" || word == "your" && heard.any(at + 1, LINES) {
            return Some(Owner::Dialled);
        }
        if is_pronoun(word) && !answers_for(heard, at) {
            // "... my husband his number is": the pronoun stands for somebody named before it.
            let kin = (from..at).rev().take(8).any(|i| is_kin(heard.word(i)))
                // "Use her cell, it's ...": meant to be called.
                || heard.word(at.wrapping_sub(1)) == "use";
            return Some(if kin { Owner::Kin } else { Owner::Third });
        }
        if is_person(word, relation.is_some()) {
            return Some(Owner::Third);
        }
    }
    None
}

fn is_person(word: &str, related: bool) -> bool {
    related || is_kin(word) || is_somebody(word)
}

/// "That's my ex's", "this is her mother's".
fn is_pointed(heard: &Heard, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|i| {
        matches!(heard.word(i), "that's" | "that" | "this" | "it's")
            && !heard.any(i + 1, words!["number"])
    })
}

/// "..., that's my husband": whose it is said after it.
fn kin_after(heard: &Heard, sequence: &Sequence) -> bool {
    let at = sequence.end + usize::from(heard.any(sequence.end, words!["and", "but"]));
    heard.any(at, words!["that's", "it's", "that"])
        && (at + 1..at + 4)
            .any(|i| is_kin(heard.word(i)) && heard.any(i - 1, words!["my", "our", "is"]))
}

/// "Call me", "me at": the one to be reached.
fn reached(heard: &Heard, at: usize) -> bool {
    matches!(
        heard.word(at.wrapping_sub(1)),
        "call"
            | "reach"
            | "text"
            | "get"
            | "phone"
            | "ring"
            | "contact"
            | "try"
            | "page"
            | "catch"
            | "find"
            | "dial"
            | "for"
    ) || matches!(heard.word(at + 1), "at" | "on" | "is" | "its" | "it's")
}

/// "He should, but it's ...", "they have it", "not her, she doesn't hear": somebody is spoken of, but not as who has the number.
fn answers_for(heard: &Heard, at: usize) -> bool {
    let verb = heard.word(at + 1);
    heard.word(at.wrapping_sub(1)) == "not"
        || matches!(heard.word(at), "he" | "she" | "they")
            && (verb.ends_with("n't")
                || SPEAKS.has(verb)
                || matches!(verb, "can" | "could" | "will") && heard.word(at + 2) != "be"
                || matches!(verb, "has" | "have" | "had")
                    && heard.any(at + 2, words!["it", "that", "mine", "my", "this"]))
}

/// What people do in talk about a number that is not theirs.
const SPEAKS: &WordSet = words![
    "should", "does", "do", "did", "might", "must", "would", "may", "ought", "probably", "already",
    "wanted", "want", "wants", "needs", "need", "asked", "said", "told", "took", "knows", "know",
];

fn is_pronoun(word: &str) -> bool {
    matches!(
        word,
        "his"
            | "her"
            | "their"
            | "hers"
            | "theirs"
            | "him"
            | "them"
            | "he's"
            | "she's"
            | "they're"
            | "he"
            | "she"
            | "they"
    )
}

fn by_place(heard: &Heard, from: usize, alternate: Option<usize>) -> bool {
    alternate.is_some_and(|end| {
        !heard
            .tokens
            .get(from..end)
            .unwrap_or_default()
            .iter()
            .any(|t| t.any(SECOND))
    })
}

/// Words that put a number beside another.
const BESIDES: &WordSet = words![
    "also",
    "too",
    "backup",
    "otherwise",
    "second",
    "another",
    "either",
];

/// Whether the number is given beside the caller's own: in so many words, or for a case in which the caller cannot be had.
fn besides(heard: &Heard, sequence: &Sequence) -> bool {
    let from = sequence.start.saturating_sub(20);
    let to = heard.tokens.len().min(sequence.end + 8);
    (from..to)
        .filter(|i| !(sequence.start..sequence.end).contains(i))
        .any(|i| {
            let word = heard.word(i);
            BESIDES.has(word)
                || matches!(
                    word,
                    "case" | "if" | "when" | "because" | "cause" | "unless" | "since"
                ) && matches!(
                    heard.word(i + 1),
                    "i" | "i'm"
                        | "i'll"
                        | "my"
                        | "mine"
                        | "we"
                        | "we're"
                        | "that"
                        | "that's"
                        | "it"
                        | "it's"
                        | "this"
                        | "something"
                        | "some"
                        | "anything"
                        | "nobody"
                        | "not"
                        | "you"
                ) && !matches!(heard.word(i + 2), "need" | "want" | "like" | "have")
        })
}

/// "If I don't pick up, call Gus at ...", "... in case you can't get through to me", "when I'm in church try Lukas": who has the number
/// stands in for the caller. Where somebody else is the one not to be reached, it is another thing.
fn stands_in(heard: &Heard, sequence: &Sequence) -> bool {
    let from = sequence.start.saturating_sub(24);
    let to = heard.tokens.len().min(sequence.end + 8);
    let condition = |i: &usize| {
        heard.any(*i, words!["if", "case", "when", "unless"]) && heard.any(*i + 1, REACHED)
    };
    (from..to)
        .filter(|i| !(sequence.start..sequence.end).contains(i))
        .filter(condition)
        .any(|i| not_reached(heard, i + 1) || away(heard, i + 1, sequence.start))
}

/// "... I don't pick up", "... you can't get me", "... it goes to voicemail".
fn not_reached(heard: &Heard, subject: usize) -> bool {
    (subject + 1..subject + 6).any(|at| {
        let whom = heard.word(at + 1);
        let failed = heard.any(
            at,
            words!["answer", "pick", "reach", "catch", "hear", "ring"],
        ) || heard.any(at, words!["get", "through", "hold", "ahold"])
            && !matches!(whom, "in" | "there" | "home" | "it" | "a");
        let not = |i: usize| {
            heard.word(i).ends_with("n't")
                || heard.any(i, words!["not", "cannot", "nobody", "cant", "dont", "wont"])
        };
        (heard.any(at, words!["miss", "voicemail", "machine"]) || failed && (subject..at).any(not))
            && !matches!(whom, "her" | "him" | "them" | "to")
    })
}

/// "... I'm on the airplane, call my brother ...": where the caller is then, and what to do.
fn away(heard: &Heard, subject: usize, number: usize) -> bool {
    heard.any(subject, words!["i'm", "we're"])
        && (subject + 2..number)
            .any(|i| heard.any(i, words!["call", "try", "use", "ring", "phone", "text"]))
}

/// Who is not reached where another stands in: the caller.
const REACHED: &WordSet = words![
    "i", "i'm", "i'll", "you", "we", "nobody", "it", "that", "this", "my", "mine", "y'all",
    "you'all",
];

/// "..., my wife's cell if I don't answer": said after the number as well.
fn said_after(heard: &Heard, sequence: &Sequence) -> bool {
    let after = heard
        .tokens
        .get(sequence.end)
        .map_or(0, |_| heard.clause_end(sequence.end))
        .min(sequence.end + 8);
    heard.hits.cue(Cue::Alternate).any(|h| {
        h.start >= sequence.end
            && h.start < sequence.end + 3
            && h.end <= after
            && heard.word(h.start) == "if"
            && !heard.runs.iter().any(|r| r.start > h.end)
    })
}
