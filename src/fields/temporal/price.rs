//! Prices that sound like an hour: "about three twenty for the pair", "no more than three fifty".

use super::Clock;
use super::clock::clock_at;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Words that speak of money wherever they stand in the turn.
const MONEY: &WordSet = words![
    "dollars", "bucks", "price", "cost", "costs", "quote", "quoted", "charge", "hundred",
    "thousand", "looking", "over", "under", "budget", "afford", "cheaper", "cash", "grand",
];

/// Words that stand between what costs and how much.
const ROUGHLY: &WordSet = words![
    "about",
    "around",
    "like",
    "roughly",
    "maybe",
    "usually",
    "be",
    "you",
    "just",
    "only",
    "probably",
    "somewhere",
];

/// An hour and minutes that are a price: money is spoken of, or the words right around say so.
pub(super) fn priced(heard: &Heard, at: usize, used: usize) -> bool {
    let tokens = heard
        .tokens
        .get(at..(at + used).min(heard.tokens.len()))
        .unwrap_or_default();
    // "Between five and seven, but that's $60 extra"
    let span = tokens
        .iter()
        .any(|t| t.glue == Some('-') || t.any(words!["to", "and", "till", "til", "until", "thru"]));
    let marked = tokens.iter().any(|t| {
        t.text.contains(':') || t.any(words!["am", "pm", "m", "o'clock", "noon", "midnight"])
    });
    if used < 2 || span || marked {
        return false;
    }
    // "Nine fifty" for a job; "nine thirty" is an hour whatever it costs.
    let quarter = tokens
        .iter()
        .any(|t| matches!(t.num, Num::Teen(15) | Num::Tens(3)));
    let money = || {
        heard
            .tokens
            .iter()
            .any(|t| t.glue == Some('$') || t.any(MONEY))
    };
    !quarter && money() || costs(heard, at) || paid(heard, at + used)
}

/// "Runs about", "it costs", "no more than", "under".
fn costs(heard: &Heard, at: usize) -> bool {
    let mut i = at;
    while i > 0 && heard.any(i - 1, ROUGHLY) && !heard.tokens[i - 1].ends_clause() {
        i -= 1;
    }
    let back = |n: usize| heard.word(i.wrapping_sub(n));
    match back(1) {
        "runs" | "run" | "costs" | "cost" | "charge" | "charges" | "charged" | "paid" | "pay"
        | "spend" | "quoted" | "total" | "totals" => true,
        "than" => matches!(back(2), "more" | "less"),
        "exceed" | "under" => true,
        _ => false,
    }
}

/// "Out the door", "for the pair", "tax included", "an hour".
fn paid(heard: &Heard, end: usize) -> bool {
    let word = |n: usize| heard.word(end + n);
    match (word(0), word(1)) {
        ("out", "the") => word(2) == "door",
        ("all", "in") | ("plus" | "with", "tax" | "parts") | ("tax", "included") => true,
        (
            "a" | "an" | "per" | "the",
            "pair" | "hour" | "man" | "mover" | "head" | "foot" | "piece",
        ) => true,
        ("flat" | "total" | "each" | "apiece", _) => true,
        ("for", "the" | "a" | "both") => matches!(
            word(2),
            "pair" | "job" | "part" | "parts" | "set" | "whole" | "repair"
        ),
        _ => false,
    }
}

/// The last price of a turn that sounds like an hour, so that its echo is not taken for one.
pub fn last_price(heard: &Heard) -> Option<Clock> {
    (0..heard.tokens.len()).rev().find_map(|at| {
        let (clock, used) = clock_at(heard, at, true, false)?;
        priced(heard, at, used).then_some(clock)
    })
}
