//! Words of addresses: certain street types, words that no street is named by, compass words, ordinals.

use crate::fields::gazetteer::tables;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::title_word;
use crate::fields::word_set::{WordSet, words};

pub(super) const STRONG: &WordSet = words![
    "street",
    "avenue",
    "road",
    "drive",
    "lane",
    "court",
    "place",
    "boulevard",
    "way",
    "circle",
    "parkway",
    "highway",
    "terrace",
    "trail",
    "square",
    "loop",
    "alley",
    "crescent",
    "expressway",
    "freeway",
    "turnpike",
    "plaza",
    "trace",
    "cove",
    "pike",
    "path",
    "crossing",
    "causeway",
    "row",
    "walk",
    "bend",
    "point",
    "run",
    "pass",
    "landing",
    "skyway",
    "throughway",
    "motorway",
    "bypass",
    "mews",
    "viaduct",
    "passage",
    "spur",
];

/// Streets whose name is all there is to them: "2210 Broadway", "800 the Esplanade".
pub(super) const WHOLE: &WordSet = words![
    "broadway",
    "speedway",
    "embarcadero",
    "esplanade",
    "alameda",
    "bowery",
    "strand",
    "promenade",
    "boardwalk",
    "midway",
    "fenway",
    "riverway",
    "driftway",
    "tramway",
    "beltway",
    "ridgeway",
];

/// Words that lead to a place and are no part of it: "yeah, we're out in", "it's right here in".
pub(super) const LEAD: &WordSet = words![
    "it's", "that's", "this", "is", "in", "to", "from", "at", "yes", "yeah", "yep", "yup", "no",
    "nope", "sure", "oh", "um", "uh", "well", "so", "the", "we're", "were", "i'm", "i", "we", "am",
    "are", "he's", "she's", "they're", "live", "living", "lives", "stay", "staying", "located",
    "actually", "still", "also", "just", "now", "outside", "of", "out", "near", "over", "up",
    "down", "here", "there", "right", "way", "around", "about", "past", "like", "kind", "sir",
    "ma'am", "hon", "city", "town", "called", "maybe", "probably", "okay",
];

/// The type of a street that the word certainly is, written out.
pub(in crate::fields) fn street_type(word: &str) -> Option<&'static str> {
    tables().suffix(word).filter(|kind| STRONG.has(kind))
}

/// Words that no street name holds.
pub(super) const STOP: &WordSet = words![
    "depending",
    "and",
    "but",
    "so",
    "i",
    "i'm",
    "my",
    "is",
    "it's",
    "its",
    "it",
    "in",
    "at",
    "on",
    "for",
    "to",
    "from",
    "that",
    "that's",
    "this",
    "we",
    "you",
    "your",
    "he",
    "she",
    "they",
    "with",
    "because",
    "if",
    "or",
    "not",
    "no",
    "yes",
    "yeah",
    "okay",
    "ok",
    "um",
    "there",
    "here",
    "just",
    "like",
    "was",
    "were",
    "are",
    "have",
    "has",
    "had",
    "do",
    "does",
    "did",
    "can",
    "could",
    "would",
    "will",
    "please",
    "thanks",
    "thank",
    "sorry",
    "wait",
    "actually",
    "number",
    "phone",
    "call",
    "name",
    "dollars",
    "people",
    "minutes",
    "hours",
    "days",
    "weeks",
    "months",
    "years",
    "year",
    "o'clock",
    "am",
    "pm",
    "bedroom",
    "bedrooms",
    "bathroom",
    "boxes",
    "percent",
    "feet",
    "foot",
    "square",
    "pounds",
    "miles",
    "inch",
    "inches",
    "degrees",
    "then",
    "which",
    "what",
    "when",
    "who",
    "how",
    "about",
    "by",
    "until",
    "till",
    "before",
    "after",
    "between",
    "today",
    "tomorrow",
    "tonight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "morning",
    "afternoon",
    "evening",
    "unit",
    "apartment",
    "apt",
    "suite",
    "zip",
    "milligram",
    "milligrams",
    "times",
    "more",
    "guys",
    "kids",
    "stairs",
    "trucks",
    "men",
    "hundred",
    "thousand",
    "works",
    "work",
    "got",
    "it'll",
    "sounds",
    "good",
    "right",
    "a",
    "window",
    "our",
    "his",
    "her",
    "their",
    "some",
    "any",
    "another",
    "same",
    "other",
    "star",
    "pound",
    "there's",
    "he's",
    "she's",
    "we're",
    "they're",
    "you're",
    "i've",
    "i'll",
    "what's",
    "where's",
    "don't",
    "it'd",
    "people's",
    "extension",
    "something",
    "somewhere",
    "whatever",
    "floor",
    "floors",
    "story",
    "stories",
    "elevator",
    "block",
    "tops",
    "hang",
    "everybody",
    "everyone",
    "nobody",
    "max",
    "word",
    "words",
    "now",
    "anymore",
];

pub(super) fn direction(word: &str) -> Option<&'static str> {
    Some(match word {
        "north" | "n" => "North",
        "south" | "s" => "South",
        "east" | "e" => "East",
        "west" | "w" => "West",
        "northeast" | "ne" => "Northeast",
        "northwest" | "nw" => "Northwest",
        "southeast" | "se" => "Southeast",
        "southwest" | "sw" => "Southwest",
        _ => return None,
    })
}

/// A compass word at `at`, in one token or two ("north east"): the word and the tokens used.
pub(super) fn compass(heard: &Heard, at: usize) -> Option<(&'static str, usize)> {
    let one = direction(heard.word(at))?;
    match (one, heard.word(at + 1)) {
        ("North", "east" | "e") => Some(("Northeast", 2)),
        ("North", "west" | "w") => Some(("Northwest", 2)),
        ("South", "east" | "e") => Some(("Southeast", 2)),
        ("South", "west" | "w") => Some(("Southwest", 2)),
        _ => Some((one, 1)),
    }
}

/// What makes a number an ordinal, apart from it.
fn is_ending(text: &str) -> bool {
    matches!(text, "th" | "st" | "nd" | "rd")
}

fn after_compass(heard: &Heard, at: usize) -> bool {
    at > 0 && direction(heard.word(at - 1)).is_some()
}

/// An ordinal street at `at`: "fifth", "28th", "twenty eighth", "hundred and third".
pub(super) fn ordinal(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let token = heard.tokens.get(at)?;
    // "West a hundred and third street"
    if token.is("a")
        && after_compass(heard, at)
        && heard
            .tokens
            .get(at + 1)
            .is_some_and(|t| t.num == Num::Hundred)
    {
        return ordinal(heard, at + 1).map(|(text, used)| (text, used + 1));
    }
    let (n, used) = match token.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t) => match heard.tokens.get(at + 1)?.num {
            Num::Ordinal(n) if n < 10 => (u16::from(t) * 10 + n, 2),
            // "twenty seven th"
            Num::Digit(d) if is_ending(heard.word(at + 2)) => (u16::from(t) * 10 + u16::from(d), 3),
            _ => return None,
        },
        Num::Literal => match heard.tokens.get(at + 1) {
            // "North 26 Street"
            Some(next)
                if after_compass(heard, at)
                    && token.text.len() <= 3
                    && matches!(
                        next.text.as_str(),
                        "street" | "st" | "avenue" | "ave" | "place"
                    ) =>
            {
                (token.text.parse().ok()?, 1)
            }
            Some(next) if is_ending(&next.text) => (token.text.parse().ok()?, 2),
            _ => return None,
        },
        Num::Hundred | Num::Digit(_)
            if token.num == Num::Hundred
                || heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.num == Num::Hundred) =>
        {
            let base = if token.num == Num::Hundred {
                at
            } else {
                at + 1
            };
            if heard.tokens.get(base)?.num != Num::Hundred {
                return None;
            }
            let next = if heard.word(base + 1) == "and" {
                base + 2
            } else {
                base + 1
            };
            let (tail, used) = ordinal(heard, next)?;
            let n: u16 = tail
                .trim_end_matches(|c: char| c.is_alphabetic())
                .parse()
                .ok()?;
            let hundreds = match token.num {
                Num::Digit(d) => u16::from(d),
                _ => 1,
            };
            (hundreds * 100 + n % 100, next + used - at)
        }
        // "East one forty second": the hundred is left out.
        Num::Digit(d) if d > 0 && after_compass(heard, at) => {
            let (tail, used) = ordinal(heard, at + 1)?;
            let n: u16 = tail
                .trim_end_matches(|c: char| c.is_alphabetic())
                .parse()
                .ok()?;
            if !(10..100).contains(&n) {
                return None;
            }
            (u16::from(d) * 100 + n, used + 1)
        }
        _ => return None,
    };
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    Some((format!("{n}{suffix}"), used))
}

/// In title case but for the small words inside: "Avenue of the Americas", "Camino del Rio".
pub(super) fn title_of_street(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        match word {
            "to" | "by" | "and" | "on" | "of" | "the" | "de" | "del" if at > 0 => {
                out.push_str(word)
            }
            _ => out.push_str(&title_word(word)),
        }
    }
    out
}
