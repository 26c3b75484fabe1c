//! Which way a time is meant: bounded ("after five"), or excluded ("not Tuesday", "Friday's no good").

use super::Bound;
use crate::fields::cue::Cue;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// The bound that the words before `at` set.
pub(super) fn bound_before(heard: &Heard, at: usize) -> Bound {
    // "Before, like, the fifteenth"
    let vague = heard.any(at.wrapping_sub(1), words!["like", "about", "around"])
        && heard.any(at.wrapping_sub(2), words!["before", "after", "by"]);
    let at = if vague { at - 1 } else { at };
    let w1 = heard.word(at.wrapping_sub(1));
    let w2 = heard.word(at.wrapping_sub(2));
    match w1 {
        "after" | "past" => Bound::After,
        "before" => Bound::Before,
        // "Come by tomorrow" is no deadline.
        "by" if matches!(
            w2,
            "come" | "coming" | "came" | "swing" | "stop" | "drop" | "run"
        ) || w2 == "be" && heard.word(at.wrapping_sub(3)) != "to" =>
        {
            Bound::At
        }
        "by" => Bound::By,
        "until" | "till" | "til" => Bound::Before,
        "than" if matches!(w2, "later") => Bound::Before,
        "than" if matches!(w2, "earlier" | "sooner" | "before") => Bound::After,
        // "So buy the 22nd": recognisers know more things to buy than days.
        "the" if matches!(w2, "by" | "buy") => Bound::By,
        "the" if w2 == "before" => Bound::Before,
        _ => Bound::At,
    }
}

/// Words that judge the time before them unfit: "Monday's out", "Friday is booked solid".
const UNFIT: &WordSet = words![
    "out",
    "bad",
    "no",
    "not",
    "tough",
    "hard",
    "full",
    "booked",
    "taken",
    "gone",
    "impossible",
    "packed",
    "closed",
    "slammed",
    "rough",
    "tricky",
    "doesn't",
    "don't",
    "won't",
    "isn't",
    "can't",
    "wouldn't",
    "cannot",
    "too",
];

/// Whether the time at `at..end` is said not to do.
pub(super) fn excluded(heard: &Heard, at: usize, end: usize) -> bool {
    // "Would seven thirty be too early?" asks.
    let asks = matches!(
        heard.word(at.wrapping_sub(1)),
        "would" | "is" | "will" | "does" | "are" | "would's"
    );
    before(heard, at) || !asks && after(heard, end)
}

fn before(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at).max(at.saturating_sub(7));
    let cannot = heard
        .hits
        .cue(Cue::Cannot)
        .filter(|h| h.start >= from && h.start < at.max(from + 1))
        .filter(|h| !judges_back(heard, h.start))
        .map(|h| h.end)
        .max();
    // A new thought between the refusal and the time takes the refusal off it.
    let turned = |refusal: usize| {
        (refusal.min(at)..at).any(|i| {
            heard.tokens[i].any(words![
                "but", "so", "how", "what", "maybe", "could", "let's", "can"
            ])
        })
    };
    let back = |n: usize| heard.word(at.wrapping_sub(n));
    cannot.is_some_and(|c| !turned(c))
        || matches!(back(1), "not" | "can't" | "cannot" | "couldn't")
            && !judges_back(heard, at.saturating_sub(1))
        || matches!(back(2), "can't" | "cannot") && matches!(back(1), "between" | "on" | "at")
        || back(2) == "not" && matches!(back(1), "on" | "a" | "the")
        || back(3) == "not" && back(2) == "on"
        || matches!((back(2), back(1)), ("instead", "of") | ("rather", "than"))
        || matches!(back(1), "except" | "besides")
        || matches!(back(2), "except" | "besides") && matches!(back(1), "for" | "on" | "maybe")
}

/// "Ten I can't, eleven I can": whether the refusal is of a time before it.
fn judges_back(heard: &Heard, refusal: usize) -> bool {
    let own = |i: usize| matches!(heard.word(i), "i" | "we" | "he" | "she" | "they");
    let subject = if own(refusal) {
        refusal
    } else {
        refusal.wrapping_sub(1)
    };
    own(subject)
        && heard
            .tokens
            .get(subject.wrapping_sub(1))
            .is_some_and(|t| t.num != Num::None || super::names_time(&t.text))
}

fn after(heard: &Heard, end: usize) -> bool {
    if end > 0 && heard.tokens[end - 1].ends_clause() {
        return false;
    }
    let w = |i: usize| heard.word(end + i);
    match (w(0), w(1), w(2)) {
        (
            "i'm" | "we're",
            "not" | "out" | "busy" | "working" | "booked" | "full" | "away" | "gone" | "tied",
            _,
        )
        | ("i'm" | "we're", "at", "work")
        | ("i" | "we", "can't" | "cannot" | "won't" | "work" | "couldn't", _) => return true,
        _ => {}
    }
    // "Ten just got taken", "Friday is already all booked up": a verb, then the judgement.
    let short = end > 0 && heard.tokens[end - 1].text.ends_with("'s");
    let verbs = (0..MOST_VERBS).take_while(|i| VERBS.has(w(*i))).count();
    let i = verbs
        + (verbs..verbs + MOST_VERBS)
            .take_while(|i| HEDGES.has(w(*i)) || VERBS.has(w(*i)))
            .count();
    // "September third, two thirty, don't eat that morning": told what not to do.
    let told = w(i) == "don't"
        && !matches!(
            w(i + 1),
            "work" | "do" | "suit" | "fit" | "look" | "sound" | "really" | "seem" | "help" | ""
        );
    (i > 0 || short || NEGATIONS.has(w(0)))
        && !told
        && UNFIT.has(w(i))
        && !(w(i) == "no" && w(i + 1) == "problem")
        && !(w(i) == "not" && matches!(w(i + 1), "bad" | "a"))
}

/// Verbs between a time and its judgement, and how many of each kind are looked over.
const MOST_VERBS: usize = 4;
const VERBS: &WordSet = words![
    "is", "are", "was", "would", "will", "looks", "got", "gets", "has", "be", "been", "seems",
];
const HEDGES: &WordSet = words![
    "kinda",
    "really",
    "just",
    "pretty",
    "probably",
    "already",
    "all",
    "completely",
    "totally",
    "a",
    "little",
    "bit",
    "now",
    "actually",
    "going",
    "gonna",
    "to",
    "kind",
    "of",
];
const NEGATIONS: &WordSet = words!["doesn't", "don't", "won't", "isn't", "wouldn't", "aren't"];
