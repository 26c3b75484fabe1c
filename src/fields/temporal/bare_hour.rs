//! When a bare number is an hour: where times are talked about, and not where it counts, costs or numbers something.

use super::calendar::weekday;
use super::clock::hour_minute;
use super::price::priced;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// "That one, in the morning", "the early one": something chosen, no hour, unless minutes or the like make it one.
pub(super) fn chosen_one(heard: &Heard, at: usize) -> bool {
    let determined = at > 0
        && heard.tokens[at - 1].any(words![
            "that", "this", "which", "first", "second", "last", "early", "earlier", "late",
            "later", "other", "another", "any", "each", "every", "no", "either", "same",
        ]);
    // "The Monday one", "the nine fifteen one".
    let the = (1..=4).any(|n| heard.word(at.wrapping_sub(n)) == "the");
    let determined = determined
        || the
            && at > 0
            && (super::names_time(heard.word(at - 1))
                // "The 11th, nine to one": no figure but what leads to the end.
                || !matches!(heard.tokens[at - 1].num, Num::None | Num::Homophone(_)));
    let clock = heard.tokens.get(at + 1).is_some_and(|t| {
        t.num != Num::None || t.any(words!["o'clock", "oclock", "pm", "am", "p", "a"])
    });
    possessor(heard.word(at)) == "one" && determined && !clock
}

/// Words that may stand beside a bare hour that is the whole answer.
const AROUND_HOUR: &WordSet = words![
    "like", "maybe", "around", "about", "yeah", "yes", "okay", "ok", "sure", "please", "at", "is",
    "good", "works", "fine", "it's", "that's", "would", "be", "better", "great", "let's", "do",
    "say", "the", "oh", "well", "i'd", "i", "guess", "think", "so", "then", "and", "or", "how",
    "what", "perfect", "sounds", "just", "we", "can", "could", "make", "it", "no", "probably",
    "go", "with", "take",
];

/// Where times are talked about: a bare hour that is the whole answer ("um like ten"), or that stands where a time stands ("could we
/// do one", "one is fine").
pub(super) fn bare_ok(heard: &Heard, at: usize) -> bool {
    let used = hour_minute(heard, at).map_or(1, |(_, _, used, _)| used);
    let end = at + used;
    let one = heard.word(at) == "one";
    let before = if at > 0 { heard.word(at - 1) } else { "" };
    let timelike = |i: usize| {
        let t = &heard.tokens[i];
        AROUND_HOUR.has(&t.text)
            || weekday(&t.text).is_some()
            || matches!(t.num, Num::Digit(_) | Num::Teen(_) | Num::Tens(_))
            || t.any(words!["tomorrow", "today"])
    };
    if heard.tokens.len() <= if one { 2 } else { 8 }
        && (0..heard.tokens.len()).all(|i| (at..end).contains(&i) || timelike(i))
    {
        return true;
    }
    let chosen = matches!(
        before,
        "that"
            | "this"
            | "the"
            | "which"
            | "first"
            | "second"
            | "later"
            | "earlier"
            | "other"
            | "last"
            | "no"
            | "any"
            | "each"
            | "every"
            | "number"
            | "for"
            | "of"
            | "than"
    );
    let after = (heard.word(end), heard.word(end + 1));
    let judged = matches!(
        after,
        ("works" | "sounds", _)
            | (
                "is" | "would" | "will",
                "fine"
                    | "good"
                    | "great"
                    | "perfect"
                    | "okay"
                    | "ok"
                    | "work"
                    | "be"
                    | "better"
                    | "open"
            )
            | ("on" | "tomorrow" | "today", _)
            | ("it", "is")
    ) || weekday(after.0).is_some();
    // "Ten I can't, eleven I can"
    let able = matches!(after.0, "i" | "we" | "he" | "she")
        && matches!(after.1, "can" | "can't" | "cannot")
        && heard
            .tokens
            .get(end + 2)
            .is_none_or(|t| t.num != Num::None || t.any(words!["do", "make", "but", "or"]));
    // "If you got one" asks for a thing.
    let thing = one && matches!(before, "take" | "has" | "have" | "got" | "with");
    let asked_for = !thing
        && matches!(
            before,
            "how's"
                | "about"
                | "do"
                | "make"
                | "it"
                | "take"
                | "say"
                | "says"
                | "okay"
                | "or"
                | "has"
                | "have"
                | "got"
                | "with"
                | "so"
        );
    // "Eleven fifteen then, same as I had"
    let head = (0..at).all(|i| heard.tokens[i].num == Num::None && timelike(i));
    let ends = heard.tokens[end - 1].stop > Stop::None
        || matches!(
            after.0,
            "" | "if" | "please" | "instead" | "then" | "or" | "okay" | "is" | "work"
        );
    // "Eleven, I have to drop the kids off first": the answer, and why.
    let reason = matches!(
        after.0,
        "i" | "i'm"
            | "i'll"
            | "i've"
            | "i'd"
            | "we"
            | "we'll"
            | "because"
            | "cause"
            | "since"
            | "so"
            | "my"
    ) && !one;
    !chosen && (judged || able || asked_for && ends || head && (ends || reason || used > 1))
}

/// The number counts something: "two bedrooms", "three days".
pub(super) fn counts_something(heard: &Heard, at: usize, used: usize) -> bool {
    let next = heard.word(at + used);
    let rate = matches!(
        (next, heard.word(at + used + 1)),
        ("an" | "a" | "per", "hour" | "day" | "visit" | "month")
    );
    let thing = rate
        || matches!(
            next,
            "days"
                | "day"
                | "weeks"
                | "week"
                | "hours"
                | "hour"
                | "minutes"
                | "minute"
                | "months"
                | "years"
                | "times"
                | "people"
                | "kids"
                | "bedroom"
                | "bedrooms"
                | "guys"
                | "dollars"
                | "bucks"
                | "hundred"
                | "thousand"
                | "percent"
                | "miles"
                | "of"
                | "more"
                | "feet"
                | "foot"
                | "blocks"
                | "floors"
                | "pills"
                | "month"
                | "year"
                | "units"
                | "milligrams"
                | "boxes"
                | "story"
        );
    // "Ten with Dr Ames": no street is called "with".
    let named = (at + used..at + used + 4).take_while(|i| {
        !heard.any(
            *i,
            words!["with", "at", "on", "for", "and", "or", "is", "in", "to"],
        )
    });
    let address = { named }.any(|i| {
        heard.tokens.get(i).is_some_and(|t| {
            matches!(
                crate::fields::gazetteer::tables().suffix(&t.text),
                Some(
                    "street"
                        | "avenue"
                        | "road"
                        | "drive"
                        | "lane"
                        | "boulevard"
                        | "court"
                        | "highway"
                )
            )
        })
    });
    // "One ten West Elliott"
    let compass = heard.any(at + used, words!["north", "south", "east", "west"]);
    thing
        || address
        || compass
        || priced(heard, at, used)
        || matches!(
            heard.word(at.wrapping_sub(1)),
            "unit" | "apartment" | "number" | "code" | "chapter" | "route" | "highway" | "level"
        )
}
