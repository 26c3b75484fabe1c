//! Names of firms and of persons on the other side, as they stand in running speech.

use crate::fields::gazetteer::tables;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::word::{Nameness, is_closed, nameness};
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::value::title_case;
use crate::fields::word_set::{WordSet, words};

/// What follows the name of a firm and belongs to it.
const FORMS: &WordSet = words![
    "incorporated",
    "inc",
    "llc",
    "corporation",
    "corp",
    "company",
    "co",
    "limited",
    "ltd",
    "lp",
    "l",
];

/// Nouns that go on after the one that makes a firm's name: "nursing home", "auto parts", "senior living".
const AFTER_NOUN: &WordSet = words![
    "home",
    "homes",
    "living",
    "care",
    "facility",
    "works",
    "parts",
    "sales",
    "repair",
    "yard",
    "authority",
    "office",
    "center",
];

/// What ends the names of departments.
const OFFICES: &WordSet = words![
    "services",
    "affairs",
    "transportation",
    "corrections",
    "education",
    "labor",
    "revenue",
    "works",
    "safety",
    "justice",
    "agriculture",
    "commission",
];

/// Everyday nouns that end the name of a firm where a strange word begins it: "Tavares Clam Bar".
const HOUSES: &WordSet = words![
    "bar",
    "pub",
    "hall",
    "plaza",
    "mall",
    "kitchen",
    "courts",
    "village",
    "terrace",
    "lanes",
    "tree",
    "tile",
    "home",
    "homes",
    "care",
    "house",
    "place",
    "ridge",
    "crossing",
    "lawn",
    "collision",
    "transmission",
    "transmissions",
    "personnel",
    "fences",
    "nails",
    "wings",
    "spirits",
    "tours",
    "decks",
    "barn",
    "pantry",
    "federal",
    "scaffolding",
    "asphalt",
    "drilling",
    "demolition",
    "pipeline",
    "rigging",
    "wrecking",
    "noodles",
    "burgers",
    "tacos",
    "patios",
    "stadium",
    "museum",
    "auction",
    "arena",
    "liquor",
    "garage",
    "outdoor",
    "living",
    "landing",
    "pointe",
    "heights",
    "woods",
    "meadows",
    "oaks",
    "pines",
    "springs",
    "run",
    "creek",
    "park",
    "station",
    "corner",
    "express",
];

/// Words that no firm's name goes on over.
const STOPS: &WordSet = words![
    "and",
    "but",
    "so",
    "because",
    "he",
    "she",
    "they",
    "it",
    "it's",
    "i",
    "i'm",
    "we",
    "who",
    "that",
    "which",
    "my",
    "the",
    "is",
    "was",
    "in",
    "on",
    "at",
    "for",
    "with",
    "from",
    "about",
    "when",
    "they're",
    "he's",
    "she's",
    "through",
    "to",
    "a",
    "an",
    "of",
    "out",
    "over",
    "down",
    "just",
    "like",
    "yeah",
    "yes",
    "no",
    "not",
    "if",
    "or",
    "do",
    "don't",
    "does",
    "have",
    "has",
    "had",
    "are",
    "were",
    "will",
    "would",
    "member",
    "policy",
    "right",
    "okay",
    "off",
    "since",
    "now",
    "then",
    "there",
    "here",
    "what",
    "how",
    "sure",
    "think",
    "know",
    "last",
    "this",
    "yesterday",
    "today",
    "ago",
    "said",
    "says",
    "hit",
    "fired",
    "let",
    "by",
    "being",
    "sued",
    "fell",
    "hurt",
    "money",
    "truck",
    "there's",
    "called",
    "named",
    "against",
    "versus",
    "only",
    "something",
    "me",
    "us",
    "him",
    "her",
    "his",
    "them",
    "their",
    "our",
    "you",
    "your",
    "hi",
    "hey",
    "put",
    "paid",
    "came",
    "cause",
    "'cause",
    "else",
    "instead",
    "told",
    "hired",
    "bought",
    "signed",
    "owes",
    "still",
    "doesn't",
    "didn't",
    "won't",
    "wouldn't",
    "you'd",
    "we'd",
    "we've",
    "i've",
    "i'd",
];

/// How sure it is that a party is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// Unknown words where a name is due.
    Likely,
    /// A title with a name, capitals.
    Marked,
    /// A given name with a surname, a firm's name with its noun.
    Named,
}

/// A party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party {
    pub start: usize,
    pub end: usize,
    pub sure: Sure,
    pub firm: bool,
}

/// Whether the word ends the names of firms.
pub(in crate::fields::capture) fn ends_firm(text: &str) -> bool {
    is_firm_word(text) || FORMS.has(text) || HOUSES.has(text)
}

pub(super) fn is_firm_word(text: &str) -> bool {
    tables().is_firm_word(text)
}

pub(super) fn is_stop(text: &str) -> bool {
    STOPS.has(text)
}

/// The stretch of words at `at` that may be a firm's name.
pub(super) fn stretch(heard: &Heard, at: usize, most: usize) -> usize {
    let cased = heard.cased;
    let mut end = at;
    while let Some(token) = heard.tokens.get(end).filter(|_| end - at < most) {
        let text = token.text.as_str();
        let joins = matches!(text, "and" | "of" | "the" | "for")
            && end > at
            && heard.tokens.get(end + 1).is_some_and(|t| {
                if cased {
                    t.upper
                } else {
                    text == "and"
                        && (is_firm_word(&t.text)
                            || t.text.chars().count() == 1
                            || last_of_firm(heard, at, end + 1))
                        || text == "of" && !is_closed(&t.text)
                }
            });
        // "Svetlana S-V-E-T ...": letters spell the name before them.
        let letter = |i: usize| heard.word(i).chars().count() == 1;
        let spells = end > at && letter(end) && letter(end + 1) && letter(end + 2) && {
            !(heard.word(end) == "l" && heard.word(end + 1) == "l")
        };
        if heard.taken[end]
            || spells
            || token.num != Num::None && !matches!(token.num, Num::Homophone(_))
            || !joins
                && (is_stop(text)
                    || text.chars().count() < 2 && !text.chars().all(char::is_alphabetic))
            || cased && !token.upper && !joins
        {
            break;
        }
        end += 1;
        if token.stop >= Stop::Comma {
            break;
        }
    }
    end
}

/// "Allegheny Plate and Rolling": the one word after the "and" ends the answer, which began like no person's name.
fn last_of_firm(heard: &Heard, at: usize, last: usize) -> bool {
    last + 1 == heard.tokens.len()
        && last >= at + 3
        && !tables().is_given(heard.word(at))
        && !tables().is_given(heard.word(last))
        && !is_closed(heard.word(last))
        && !is_stop(heard.word(last))
}

/// The party named at `at`, if one is.
pub(super) fn party_at(heard: &Heard, at: usize) -> Option<Party> {
    let first = heard.tokens.get(at)?;
    let letter = |i: usize| heard.word(i).chars().count() == 1;
    if heard.taken[at]
        || is_stop(&first.text)
        // "I S D, Pecan Hollow": not from the middle of letters.
        || letter(at) && at > 0 && letter(at - 1)
        || first.any(words!["ma'am", "sir", "miss", "hoa", "outfit"])
        // "My mother in law, Gladys Pruitt"
        || first.is("law") && heard.word(at.wrapping_sub(1)) == "in"
        || heard.word(at.wrapping_sub(1)) == "not"
    {
        return None;
    }
    // "The apartments, Oak Hollow Apartments"
    if is_firm_word(&first.text) && (at + 1..at + 5).any(|i| heard.word(i) == first.text) {
        return None;
    }
    let cased = heard.cased;
    // A well-known company needs no noun; "target" and "apple" do where nothing calls for one.
    if let Some(used) = tables().company(&heard.tokens, at) {
        let end = at + used;
        let strange = (at..end).any(|i| !tables().is_word(heard.word(i)) || heard.tokens[i].upper);
        let goes_on = stretch(heard, at, 6) > end;
        if !goes_on && !followed_by_place(heard, end) {
            return Some(Party {
                start: at,
                end,
                sure: if strange { Sure::Named } else { Sure::Marked },
                firm: true,
            });
        }
    }
    // "The city of Laredo", "the state of Texas", "the city of Round Rock".
    if matches!(
        heard.word(at),
        "city" | "county" | "state" | "town" | "university"
    ) && heard.word(at + 1) == "of"
        && heard
            .tokens
            .get(at + 2)
            .is_some_and(|t| !is_closed(&t.text))
    {
        let tables = tables();
        let used = (tables.city(&heard.tokens, at + 2))
            .or_else(|| tables.state(&heard.tokens, at + 2, false).map(|s| s.1));
        return Some(Party {
            start: at,
            end: at + 2 + used.unwrap_or(1),
            sure: Sure::Named,
            firm: true,
        });
    }
    // "The Department of Family and Protective Services"
    if matches!(
        heard.word(at),
        "department" | "bureau" | "division" | "office"
    ) && heard.word(at + 1) == "of"
        && let Some(last) =
            (at + 2..heard.tokens.len().min(at + 8)).find(|i| heard.any(*i, OFFICES))
        && !(at + 2..last)
            .any(|i| is_stop(heard.word(i)) && !heard.any(i, words!["and", "the", "of"]))
    {
        return Some(Party {
            start: at,
            end: last + 1,
            sure: Sure::Named,
            firm: true,
        });
    }
    let mut end = stretch(heard, at, 6);
    // "Shop N Carry", "Stop and Go" as a sign has it.
    if end >= at + 3 && heard.word(at + 1) == "n" {
        return Some(Party {
            start: at,
            end: at + 3,
            sure: Sure::Named,
            firm: true,
        });
    }
    // The name ends with its noun: "halvorsen logistics | last week".
    let noun = (at + 1..end).rev().find(|i| {
        is_firm_word(heard.word(*i))
            || heard.any(*i, FORMS)
            || HOUSES.has(heard.word(*i)) && !tables().is_word(&first.text)
    });
    // "The Bluebell Creamery plant": the firm's, and no part of its name.
    let noun = noun.map(|n| {
        let premises = heard.any(
            n,
            words!["plant", "warehouse", "store", "location", "branch", "mill"],
        ) && heard.word(at.wrapping_sub(1)) == "the"
            && n >= at + 2
            && is_firm_word(heard.word(n - 1))
            && !heard.tokens[n].upper;
        if premises { n - 1 } else { n }
    });
    if let Some(noun) = noun {
        if !cased {
            // "Bluebird Nursing Home"
            let two = is_firm_word(heard.word(noun)) && heard.any(noun + 1, AFTER_NOUN);
            end = noun + 1 + usize::from(two);
            // "residential l l c"
            while noun > at
                && heard.word(end - 1).chars().count() == 1
                && heard.word(end).chars().count() == 1
                && end - noun < 4
            {
                end += 1;
            }
        }
        // "A credit card company" is any.
        let common = matches!(
            heard.word(noun),
            "company" | "agency" | "office" | "store" | "service" | "machine" | "farm" | "mutual"
        ) && (at..noun)
            .all(|i| tables().is_word(heard.word(i)) && !heard.tokens[i].upper);
        let own = !common
            && (at..noun).any(|i| {
                !tables().is_word(heard.word(i))
                    || !is_closed(heard.word(i)) && !is_firm_word(heard.word(i))
            });
        if own && !is_closed(&first.text) {
            return Some(Party {
                start: at,
                end,
                sure: Sure::Named,
                firm: true,
            });
        }
    }
    // One everyday word in lower case is nobody's name.
    let plain = |from: usize, to: usize| {
        to - from == 1 && !heard.tokens[from].upper && tables().is_word(heard.word(from))
    };
    if let Some(span) =
        name_at(heard, at, Level::Introduced).filter(|s| s.titled || !plain(s.start, s.end))
    {
        let named =
            span.words.len() >= 2 && span.is_given() && span.start == at + usize::from(span.titled);
        if named || span.titled {
            return Some(Party {
                start: span.start,
                end: span.end,
                sure: if named { Sure::Named } else { Sure::Marked },
                firm: false,
            });
        }
    }
    if end == at {
        return None;
    }
    let words = &heard.tokens[at..end];
    let upper = cased
        && words.len() >= 2
        && words
            .iter()
            .all(|t| t.upper || matches!(t.text.as_str(), "and" | "of" | "the" | "for"));
    let strange = words
        .iter()
        .filter(|t| nameness(t) == Nameness::Unknown || nameness(t) == Nameness::Name)
        .count();
    if upper {
        return Some(Party {
            start: at,
            end,
            sure: Sure::Marked,
            firm: true,
        });
    }
    let most = if words.iter().any(|t| t.is("and")) {
        4
    } else {
        3
    };
    (strange >= 1 && words.len() <= most && nameness(first) >= Nameness::Unknown).then_some(Party {
        start: at,
        end,
        sure: Sure::Likely,
        firm: true,
    })
}

/// The party's name as a record has it. "Crestmont Property's" is how a recogniser writes Properties.
pub(super) fn written(heard: &Heard, party: &Party) -> String {
    let person = name_at(heard, party.start, Level::Introduced)
        .filter(|s| !party.firm && s.start == party.start && s.end == party.end);
    if let Some(span) = person {
        return span.name();
    }
    let text = heard.text(party.start, party.end);
    let Some(bare) = text.strip_suffix("'s") else {
        return title_case(&text);
    };
    let plural = party.firm && party.end - party.start >= 2;
    match bare.strip_suffix('y').filter(|_| plural) {
        Some(stem) if is_firm_word(possessor(heard.word(party.end - 1))) => {
            title_case(&format!("{stem}ies"))
        }
        _ => title_case(bare),
    }
}

/// The party's name with small words small and letters joined.
pub(super) fn recorded(heard: &Heard, party: &Party) -> String {
    let mut name = written(heard, party);
    for (from, to) in [
        (" Of ", " of "),
        (" And ", " and "),
        (" The ", " the "),
        (" For ", " for "),
        (" Llc", " LLC"),
        (" Isd", " ISD"),
    ] {
        name = name.replace(from, to);
    }
    joined_letters(&name)
}

/// "Ford Road", "Ross Avenue", "Sprouts County": a place named like a company.
fn followed_by_place(heard: &Heard, at: usize) -> bool {
    let next = heard.word(at);
    tables().suffix(next).is_some() || matches!(next, "county" | "city")
}

/// "Chesapeake Residential L L C": letters at the end are one word.
fn joined_letters(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let from = words
        .iter()
        .rposition(|w| w.chars().count() != 1)
        .map_or(0, |i| i + 1);
    if from == 0 || words.len() - from < 2 {
        return name.to_owned();
    }
    format!("{} {}", words[..from].join(" "), words[from..].concat())
}
