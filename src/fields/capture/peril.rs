//! Danger told in whatever words: two words of certain classes close together, "breathing" and "barely", "lips" and "swelling", "water"
//! and "pouring", "he" who is "breaking" the "door" now. Single words that say it alone are cues.

use crate::fields::word_set::{WordSet, words};
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::perils::{FAILS, Needs, PERILS, Peril, Where};
use crate::fields::token::possessor;
use crate::fields::turn::Heard;

/// The dangers by their first words.
static BY_FIRST: LazyLock<FxHashMap<&str, Vec<&Peril>>> = LazyLock::new(|| {
    let mut all: FxHashMap<&str, Vec<&Peril>> = FxHashMap::default();
    for peril in PERILS {
        for first in peril.first.words() {
            all.entry(first).or_default().push(peril);
        }
    }
    all
});

/// Words that put a danger of people into this hour, where its own words could as well tell of another.
const NOW: &WordSet = words!["now", "outside", "downstairs", "coming", "tonight"];

/// Words that make a threat of what follows them.
const THREATS: &WordSet = words![
    "said",
    "says",
    "threatened",
    "threatening",
    "threatens",
    "gonna",
    "going",
    "trying",
    "tried",
    "wants",
];

/// The words of a danger in the turn. `houses`: the business goes to houses. `bodies`: its callers' trouble is no mere matter of papers.
pub(super) fn peril(
    heard: &Heard,
    houses: bool,
    bodies: bool,
    clinic: bool,
) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        BY_FIRST
            .get(possessor(heard.word(at)))?
            .iter()
            .filter(|p| match p.at {
                Where::Body => bodies,
                Where::House => houses,
                Where::Clinic => clinic,
                Where::Any => true,
            })
            .find_map(|p| beside(heard, at, p))
    })
}

/// The danger whose first word stands at `at`, said to be so.
fn beside(heard: &Heard, at: usize, p: &Peril) -> Option<(usize, usize)> {
    let from = heard.clause_start(at).max(at.saturating_sub(p.within));
    let to = heard.clause_end(at).min(at + p.within + 1);
    let other = (from..to).find(|i| *i != at && p.second.has(possessor(heard.word(*i))))?;
    let (start, end) = (at.min(other), at.max(other) + 1);
    // "Blood pressure", "blood work": no blood.
    let tested = heard.word(at) == "blood"
        && matches!(
            heard.word(at + 1),
            "pressure"
                | "work"
                | "test"
                | "tests"
                | "sugar"
                | "draw"
                | "thinner"
                | "thinners"
                | "type"
        );
    // "It's not hard to breathe", "no trouble breathing": the failing is denied.
    let denied = if heard.any(other, FAILS) {
        matches!(
            heard.word(other.wrapping_sub(1)),
            "no" | "not" | "isn't" | "without" | "never"
        ) && heard.word(other) != "not"
    } else {
        heard.unreal(start)
    };
    let as_needed = match p.needs {
        Needs::Nothing => true,
        Needs::Now => heard.says(NOW),
        Needs::Threat => heard.tokens[at.saturating_sub(6)..at]
            .iter()
            .any(|t| t.any(THREATS)),
    };
    // "I'm not moving", in traffic.
    let still = matches!(heard.word(at), "moving" | "move" | "moved")
        && !heard.says(words![
            "he's", "she's", "he", "she", "baby", "him", "her", "baby's"
        ]);
    // "A panel for a hot tub", "hot water".
    let tub = heard.word(other) == "hot" && heard.any(other + 1, words!["tub", "tubs", "water"]);
    (as_needed && !tested && !tub && !still && !denied).then_some((start, end))
}
