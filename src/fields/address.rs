//! US addresses as people say them: house number in any spoken form, compass word, name, street type, unit, city, state, ZIP; also
//! intersections, highways, and the parts alone where they are asked for.

use super::cue::Cue;
use super::dialogue::Part;
use super::gazetteer::tables;
use super::number::{self, Run};
use super::spell;
use super::token::{Num, Stop};
use super::turn::Heard;
use super::value::{Address, title_case};

/// An address said, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The parts said.
    pub address: Address,
}

/// What the dialogue expects, which decides how much shape an address needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expect<'a> {
    /// An address, or that part of one, was asked for.
    pub asked: Option<Part>,
    /// An address is held already, so that a unit or a city alone adds to it.
    pub held: bool,
    /// The business's own city, known though it may be small.
    pub city: Option<&'a str>,
    /// The address held has no city yet and was spoken of a moment ago.
    pub city_missing: bool,
    /// The address held has a city and no state.
    pub city_missing_state: bool,
    /// Origins and destinations are wanted, so that a city after "from" or "to" is a place.
    pub places: bool,
}

const STRONG: &[&str] = &[
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
];

/// Words that no street name holds.
const STOP: &[&str] = &[
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
    "first thing",
    "people's",
    "extension",
    "tops",
    "max",
];

fn direction(word: &str) -> Option<&'static str> {
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
fn compass(heard: &Heard, at: usize) -> Option<(&'static str, usize)> {
    let one = direction(heard.word(at))?;
    match (one, heard.word(at + 1)) {
        ("North", "east") => Some(("Northeast", 2)),
        ("North", "west") => Some(("Northwest", 2)),
        ("South", "east") => Some(("Southeast", 2)),
        ("South", "west") => Some(("Southwest", 2)),
        _ => Some((one, 1)),
    }
}

/// An ordinal street at `at`: "fifth", "28th", "twenty eighth", "hundred and third".
fn ordinal(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let token = heard.tokens.get(at)?;
    let (n, used) = match token.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t) => match heard.tokens.get(at + 1)?.num {
            Num::Ordinal(n) if n < 10 => (u16::from(t) * 10 + n, 2),
            _ => return None,
        },
        Num::Literal => match heard.tokens.get(at + 1) {
            Some(next) if next.any(&["th", "st", "nd", "rd"]) => (token.text.parse().ok()?, 2),
            _ => return None,
        },
        Num::Hundred | Num::Digit(1) => {
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
            (100 + n % 100, next + used - at)
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

/// A street parsed from `at`.
struct Street {
    text: String,
    end: usize,
    /// It has a street type, an ordinal with a compass word, or a road number: certain without a house number.
    typed: bool,
}

/// "county road 109", "us highway 290", "fm 1431", "interstate 35".
fn highway(heard: &Heard, at: usize) -> Option<Street> {
    let w = |i: usize| heard.word(at + i);
    let (name, used) = match (w(0), w(1), w(2)) {
        ("county", "road", _) => ("County Road", 2),
        ("county", "highway", _) => ("County Highway", 2),
        ("us", "highway", _) | ("united", "states", "highway") => {
            ("US Highway", if w(0) == "us" { 2 } else { 3 })
        }
        ("u", "s", "highway") => ("US Highway", 3),
        ("u", "s", "route") => ("US Route", 3),
        ("state", "highway", _) => ("State Highway", 2),
        ("state", "road", _) => ("State Road", 2),
        ("state", "route", _) => ("State Route", 2),
        ("rural", "route", _) => ("Rural Route", 2),
        ("ranch", "road", _) => ("Ranch Road", 2),
        ("farm", "to", "market") => ("FM", if w(3) == "road" { 4 } else { 3 }),
        ("f", "m", _) => ("FM", 2),
        ("fm", _, _) => ("FM", 1),
        ("cr", _, _) => ("County Road", 1),
        ("interstate", _, _) => ("Interstate", 1),
        ("highway", _, _) | ("hwy", _, _) => ("Highway", 1),
        ("route", _, _) => ("Route", 1),
        _ => return None,
    };
    let Some(run) = number::run_at(&heard.tokens, at + used) else {
        // "2260 County Road": a road of that name.
        let road = matches!(name, "County Road" | "State Road" | "Ranch Road")
            && heard
                .tokens
                .get(at + used - 1)
                .is_some_and(|t| t.stop >= Stop::Comma);
        return road.then(|| Street {
            text: name.to_owned(),
            end: at + used,
            typed: true,
        });
    };
    let mut end = run.end;
    let mut text = format!("{name} {}", run.digits());
    if let Some((way, used)) = compass(heard, end)
        && heard
            .tokens
            .get(end - 1)
            .is_some_and(|t| t.stop < Stop::Comma)
    {
        text = format!("{text} {way}");
        end += used;
    }
    Some(Street {
        text,
        end,
        typed: true,
    })
}

/// "Avenue D" at `at`.
fn lettered(heard: &Heard, at: usize) -> bool {
    let next = heard.word(at + 1);
    heard.word(at) == "avenue"
        && next.len() == 1
        && next.bytes().all(|b| b.is_ascii_lowercase())
        && direction(next).is_none()
}

fn street(heard: &Heard, start: usize, loose: bool) -> Option<Street> {
    if let Some(road) = highway(heard, start) {
        return Some(road);
    }
    let mut parts: Vec<String> = Vec::new();
    let mut at = start;
    if let Some((way, used)) = compass(heard, at)
        && heard.tokens.get(at + used).is_some()
        // "West Street" is named West; "East Avenue D" is not.
        && (lettered(heard, at + used) || !heard.tokens.get(at + used).is_some_and(|t| tables().suffix(&t.text).is_some_and(|s| STRONG.contains(&s)) && heard.tokens.get(at + used + 1).is_none_or(|n| tables().suffix(&n.text).is_none())))
    {
        parts.push(way.to_owned());
        at += used;
    }
    if let Some(road) = highway(heard, at) {
        parts.push(road.text);
        return Some(Street {
            text: parts.join(" "),
            end: road.end,
            typed: true,
        });
    }
    // "Avenue B", "Calle 8", "Avenue of the Stars": the type first.
    if let Some(token) = heard.tokens.get(at)
        && token.any(&["avenue", "calle", "camino", "via", "paseo", "rue"])
    {
        let next = heard.word(at + 1);
        if next.chars().count() == 1 && next.chars().all(|c| c.is_ascii_lowercase()) && next != "i"
        {
            parts.push(title_case(&token.text));
            parts.push(next.to_uppercase());
            return Some(Street {
                text: parts.join(" "),
                end: at + 2,
                typed: true,
            });
        }
        if token.is("avenue") && next == "of" {
            let end = (at + 5).min(heard.clause_end(at)).min(heard.tokens.len());
            let text = heard.text(at, end);
            return Some(Street {
                text: title_case(&text)
                    .replace(" Of ", " of ")
                    .replace(" The ", " the "),
                end,
                typed: true,
            });
        }
    }
    // "Paseo del Sol", "Camino de la Reina".
    if let Some(token) = heard.tokens.get(at)
        && token.any(&[
            "paseo", "calle", "camino", "via", "avenida", "rue", "plaza", "circulo",
        ])
        && matches!(
            heard.word(at + 1),
            "del" | "de" | "la" | "las" | "los" | "el"
        )
    {
        let mut end = at + 2;
        while matches!(heard.word(end), "la" | "las" | "los" | "el") {
            end += 1;
        }
        if heard.tokens.get(end).is_some_and(|t| {
            t.num == Num::None && t.text.len() > 1 && !STOP.contains(&t.text.as_str())
        }) {
            end += 1;
            let small = |w: &str| matches!(w, "del" | "de" | "la" | "las" | "los" | "el");
            let text: Vec<String> = (at..end)
                .map(|i| match heard.word(i) {
                    w if small(w) => w.to_owned(),
                    w => title_case(w),
                })
                .collect();
            parts.push(text.join(" "));
            return Some(Street {
                text: parts.join(" "),
                end,
                typed: true,
            });
        }
    }
    let mut names: Vec<(String, usize)> = Vec::new();
    let mut best: Option<(usize, String, usize)> = None; // names used, type, end
    let mut i = at;
    while names.len() < 6 {
        let Some(token) = heard.tokens.get(i) else {
            break;
        };
        if heard.taken.get(i).copied().unwrap_or(false) {
            break;
        }
        // "Old Highway 49", "East County Road 12".
        if !names.is_empty()
            && names.len() <= 2
            && let Some(road) = highway(heard, i).filter(|r| r.end > i + 1)
        {
            parts.extend(names.iter().map(|(n, _)| title_case(n)));
            parts.push(road.text);
            return Some(Street {
                text: parts.join(" "),
                end: road.end,
                typed: true,
            });
        }
        if !names.is_empty()
            && let Some(kind) = tables().suffix(&token.text)
            && !(token.is("via")
                || token.text.len() <= 2
                    && !matches!(
                        token.text.as_str(),
                        "st" | "rd" | "dr" | "ln" | "ct" | "pl" | "wy"
                    ))
        {
            let strong = STRONG.contains(&kind);
            let better = match &best {
                None => true,
                Some((_, _, end)) => *end == i && strong || strong && names.len() <= 4,
            };
            if better && (strong || best.is_none()) {
                best = Some((names.len(), kind.to_owned(), i + 1));
                if strong
                    && !heard.tokens.get(i + 1).is_some_and(|t| {
                        tables()
                            .suffix(&t.text)
                            .is_some_and(|s| STRONG.contains(&s))
                    })
                {
                    break;
                }
            }
        }
        if let Some((text, used)) = ordinal(heard, i) {
            names.push((text, i));
            i += used;
        } else {
            let single = token.text.chars().count() == 1;
            let usable = !STOP.contains(&token.text.as_str())
                && token.text.chars().all(|c| c.is_alphabetic() || c == '\'')
                && (!single
                    || i > at
                    || heard
                        .tokens
                        .get(i + 1)
                        .is_some_and(|t| t.any(&["street", "avenue", "st", "ave", "road"])))
                && token.num == Num::None;
            // "of the" inside a name
            let linked =
                token.any(&["of", "the"]) && !names.is_empty() && heard.tokens.get(i + 1).is_some();
            let first_the = token.is("the") && names.is_empty();
            if !usable && !linked || first_the {
                break;
            }
            names.push((token.text.clone(), i));
            i += 1;
        }
        if heard
            .tokens
            .get(i - 1)
            .is_some_and(|t| t.stop >= Stop::Comma)
        {
            break;
        }
    }
    let by_ordinal = best.is_none()
        && parts.len() == 1
        && names
            .first()
            .is_some_and(|(n, _)| n.starts_with(|c: char| c.is_ascii_digit()));
    let (count, kind, mut end, typed) = match best {
        Some((count, kind, end)) => (count, Some(kind), end, true),
        None => {
            // No type said: an ordinal with or without a compass word, or one or two names where an address is expected.
            let ordinal_name = names
                .first()
                .is_some_and(|(n, _)| n.starts_with(|c: char| c.is_ascii_digit()));
            if names.is_empty() || !(loose || ordinal_name) {
                return None;
            }
            let tables = tables();
            let city_at = names
                .iter()
                .skip(1)
                .position(|(_, i)| tables.city(&heard.tokens, *i).is_some())
                .map(|p| p + 1);
            let count = city_at
                .unwrap_or(names.len())
                .min(if ordinal_name { 1 } else { 3 });
            let end = names.get(count).map_or(i, |(_, i)| *i);
            (count, None, end, by_ordinal)
        }
    };
    let mut spoken = names
        .iter()
        .take(count)
        .map(|(n, _)| n.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(rest) = spoken.strip_prefix("st ") {
        spoken = format!("saint {rest}");
    }
    spoken = joined_words(&spoken);
    let named = title_case(&spoken)
        .replace(" Of ", " of ")
        .replace(" The ", " the ")
        .replace(" De ", " de ")
        .replace(" Del ", " del ");
    parts.push(named);
    if let Some(kind) = kind {
        parts.push(title_case(&kind));
    }
    if let Some((way, used)) = compass(heard, end)
        && (typed || heard.word(end).len() > 1)
        && heard.tokens.get(end - 1).is_some_and(|t| t.stop < Stop::Comma)
        // "Colfax Avenue South" but not "Oak Street south of the mall".
        && !matches!(heard.word(end + used), "of" | "side")
        && !(heard.word(end).len() == 1 && heard.word(end + 1) == "as")
    {
        parts.push(way.to_owned());
        end += used;
    }
    Some(Street {
        text: parts.join(" "),
        end,
        typed,
    })
}

/// A name that the recogniser split in two ordinary words ("high land") is put together where the whole is a known name.
fn joined_words(name: &str) -> String {
    let tables = tables();
    if let Some((a, b)) = name.split_once(' ')
        && !b.contains(' ')
        && a.len() >= 3
        && b.len() >= 3
        && tables.is_word(a)
        && tables.is_word(b)
    {
        let whole = format!("{a}{b}");
        if tables.is_surname(&whole) || tables.is_word(&whole) {
            return whole;
        }
    }
    name.to_owned()
}

/// A unit at `at`: its id and the end.
fn unit(heard: &Heard, at: usize, bare: bool) -> Option<(String, usize)> {
    let word = heard.word(at);
    // "third floor", "fourth floor"
    if let Some((ord, used)) = ordinal(heard, at)
        && heard.word(at + used) == "floor"
    {
        return Some((
            ord.trim_end_matches(|c: char| c.is_alphabetic()).to_owned(),
            at + used + 1,
        ));
    }
    let designator = matches!(
        word,
        "unit"
            | "apartment"
            | "apt"
            | "suite"
            | "ste"
            | "lot"
            | "trailer"
            | "room"
            | "floor"
            | "building"
            | "bldg"
            | "space"
            | "number"
            | "condo"
            | "penthouse"
            | "slip"
    );
    let hash = heard.tokens.get(at).is_some_and(|t| t.glue == Some('#'));
    if !designator && !hash && !bare {
        return None;
    }
    let mut i = if designator { at + 1 } else { at };
    while matches!(heard.word(i), "number" | "num" | "is" | "it's" | "letter") {
        i += 1;
    }
    let (mut id, mut end) = unit_id(heard, i)?;
    // "unit seven no sorry eight"
    let mut j = end;
    let mut repaired = false;
    while j < heard.tokens.len() && j < end + 5 {
        if let Some(next) = heard.hits.at(Cue::Repair, j) {
            j = next;
            repaired = true;
        } else if matches!(
            heard.word(j),
            "no" | "it's" | "make" | "that" | "unit" | "apartment" | "is"
        ) {
            repaired |= heard.word(j) == "no";
            j += 1;
        } else {
            break;
        }
    }
    if repaired && let Some((other, other_end)) = unit_id(heard, j) {
        id = other;
        end = other_end;
    }
    Some((id, end))
}

fn unit_id(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let token = heard.tokens.get(at)?;
    let mut id = String::new();
    let mut end = at;
    if let Some(run) = number::run_at(&heard.tokens, at) {
        if run.digits().len() > 5 {
            return None;
        }
        id.push_str(run.digits());
        end = run.end;
        if heard.tokens[end - 1].stop >= Stop::Comma {
            return Some((id, end));
        }
    } else if token.text.len() <= 5
        && token.text.bytes().any(|b| b.is_ascii_digit())
        && token.text.bytes().all(|b| b.is_ascii_alphanumeric())
        && !matches!(token.num, Num::Ordinal(_))
    {
        return Some((token.text.to_uppercase(), at + 1));
    }
    // A letter after the number, or alone, or explained: "nine d", "f as in frank".
    let letter = heard.word(end);
    if letter.len() == 1
        && letter.bytes().all(|b| b.is_ascii_lowercase())
        && !(letter == "i" && !id.is_empty())
        && !(letter == "a"
            && heard.tokens.get(end + 1).is_some_and(|t| {
                t.stop == Stop::None
                    && t.text.len() > 1
                    && heard.tokens[end].stop == Stop::None
                    && !id.is_empty()
            }))
    {
        let mut after = end + 1;
        if heard.word(after) == "as" && heard.word(after + 1) == "in" {
            after = (after + 3).min(heard.tokens.len());
        }
        id.push_str(&letter.to_uppercase());
        if id.len() == 1
            && let Some(run) = number::run_at(&heard.tokens, after)
            && run.digits().len() <= 4
        {
            id.push_str(run.digits());
            after = run.end;
        }
        return Some((id, after));
    }
    (!id.is_empty()).then_some((id, end))
}

/// City, state and ZIP from `at`, as far as they are said there.
fn locality(
    heard: &Heard,
    start: usize,
    address: &mut Address,
    expect: Expect<'_>,
    asked: bool,
) -> usize {
    let tables = tables();
    let mut at = start;
    let mut end = start;
    while at < heard.tokens.len()
        && at < end + 3
        && matches!(
            heard.word(at),
            "in" | "here"
                | "over"
                | "and"
                | "that's"
                | "it's"
                | "the"
                | "city"
                | "of"
                | "down"
                | "up"
                | "out"
                | "town"
                | "right"
                | "near"
                | "is"
        )
    {
        at += 1;
    }
    let led = heard
        .tokens
        .get(start..at)
        .is_some_and(|w| w.iter().any(|t| t.is("in")));
    if at > start && !led && !asked && heard.word(start) != "here" && heard.word(start) != "that's"
    {
        at = start;
    }
    let own = expect.city.is_some_and(|c| {
        let words: Vec<&str> = c.split(' ').collect();
        words
            .iter()
            .enumerate()
            .all(|(i, w)| heard.word(at + i).eq_ignore_ascii_case(w))
    });
    let known = if own {
        expect.city.map(|c| c.split(' ').count())
    } else {
        tables.city(&heard.tokens, at)
    };
    let state_here = tables.state(&heard.tokens, at, false);
    let mut city: Option<usize> = known;
    if city.is_none() && state_here.is_none() {
        // A town no table knows: after "in", or before a state or ZIP.
        for used in 1..=3 {
            let word = heard.word(at + used - 1);
            if word.is_empty()
                || STOP.contains(&word)
                || !word.chars().all(|c| c.is_alphabetic() || c == '\'')
                || heard.tokens[at + used - 1].num != Num::None
                || word == "the"
            {
                break;
            }
            let after = at + used;
            let closes = after >= heard.tokens.len()
                || heard.tokens[after - 1].stop >= Stop::Comma
                || STOP.contains(&heard.word(after));
            let state = tables.state(&heard.tokens, after, true).is_some()
                && (heard.word(after).len() > 2
                    || heard.tokens[after].upper
                    || after + 1 >= heard.tokens.len());
            let upper = heard.tokens[at].upper || !super::name::is_cased(heard);
            // "3318 North Honeysuckle Drive, Post Falls."
            let appended = address.street.is_some()
                && start > 0
                && heard.tokens[start - 1].stop == Stop::Comma
                && (at..after).all(|i| heard.tokens[i].upper)
                && super::name::is_cased(heard)
                && heard
                    .tokens
                    .get(after - 1)
                    .is_some_and(|t| t.stop >= Stop::Comma)
                && !tables.is_given(word);
            // "312 seventh avenue southwest puyallup": a last word that is nothing else.
            let nothing_else = used == 1
                && address.street.is_some()
                && after >= heard.tokens.len()
                && word.len() >= 5
                && !tables.is_word(word)
                && !tables.is_given(word)
                && !tables.is_surname(word)
                && !super::name::is_cased(heard);
            let zipped = led && zip(heard, after, true).is_some();
            if appended || nothing_else || zipped {
                city = Some(used);
                break;
            }
            if state && upper
                || (led || asked)
                    && closes
                    && upper
                    && (!tables.is_word(word) || asked || heard.tokens[at].upper || used > 1 && led)
            {
                city = Some(used);
                break;
            }
        }
    }
    if let Some(used) = city {
        address.city = Some(
            title_case(&heard.text(at, at + used))
                .replace("St ", "Saint ")
                .replace(" De ", " de "),
        );
        at += used;
        end = at;
    } else {
        at = if state_here.is_some() { at } else { start };
    }
    if let Some((code, used)) = tables.state(
        &heard.tokens,
        at,
        city.is_some()
            && heard.tokens.get(at).is_some_and(|t| {
                !matches!(
                    t.text.as_str(),
                    "in" | "or" | "me" | "hi" | "ok" | "oh" | "so" | "la" | "pa" | "ma"
                ) || t.upper
            }),
    ) {
        address.state = Some(code);
        at += used;
        end = at;
    }
    if let Some((zip, after)) = zip(heard, at, address.city.is_some() || address.state.is_some()) {
        address.postal_code = Some(zip);
        end = after;
    }
    end
}

fn zip(heard: &Heard, start: usize, follows: bool) -> Option<(String, usize)> {
    let mut at = start;
    let mut said = follows;
    while at < heard.tokens.len()
        && at < start + 5
        && matches!(
            heard.word(at),
            "zip" | "code" | "zipcode" | "postal" | "is" | "it's" | "the" | "and" | "my"
        )
    {
        said |= matches!(heard.word(at), "zip" | "zipcode" | "postal");
        at += 1;
    }
    let run = number::run_at(&heard.tokens, at).filter(|_| said)?;
    run.with_len(5).map(|r| (r.digits.clone(), run.end))
}

/// The addresses in a turn.
pub fn mentions(heard: &Heard, expect: Expect<'_>) -> Vec<AddressMention> {
    let mut out: Vec<AddressMention> = Vec::new();
    let mut from = 0;
    let runs: Vec<Run> = heard.runs.clone();
    for run in &runs {
        if run.start < from || heard.is_taken(run.start, run.end) {
            continue;
        }
        if let Some(mention) = numbered(heard, run, expect) {
            from = mention.end;
            out.push(mention);
        }
    }
    if out.is_empty() {
        out.extend(intersection(heard, expect));
    }
    if out.is_empty() {
        out.extend(unnumbered(heard, expect));
    }
    if expect.places {
        cities(heard, expect, &mut out);
    }
    if out.is_empty() {
        out.extend(part(heard, expect));
    }
    out
}

fn expected(heard: &Heard, expect: Expect<'_>, at: usize) -> bool {
    expect.asked.is_some()
        || heard.hits.before(Cue::AddressLead, at, 2).is_some()
        || heard.hits.before(Cue::Origin, at, 1).is_some()
        || heard.hits.before(Cue::Destination, at, 1).is_some()
}

/// House number, street and what follows.
fn numbered(heard: &Heard, run: &Run, expect: Expect<'_>) -> Option<AddressMention> {
    if heard.tokens[run.start].glue == Some('$') {
        return None;
    }
    let mut end = run.end;
    let mut digits = run
        .cardinal
        .filter(|_| run.groups.len() == 1)
        .map_or_else(|| run.digits().to_owned(), |n| n.to_string());
    // "two eleven twenty eighth street": the twenty belongs to the street.
    if end - run.start >= 2
        && let Some(Num::Tens(_)) = heard.tokens.get(end - 1).map(|t| t.num)
        && heard
            .tokens
            .get(end)
            .is_some_and(|t| matches!(t.num, Num::Ordinal(n) if n < 10))
    {
        let shorter = number::runs(&heard.tokens[run.start..end - 1])
            .into_iter()
            .next()?;
        digits = shorter.digits().to_owned();
        end -= 1;
    }
    if heard
        .tokens
        .get(end - 1)
        .is_some_and(|t| t.stop >= Stop::Sentence)
    {
        return None;
    }
    let loose = expected(heard, expect, run.start);
    // A letter that belongs to the house number: "12b Oak Lane".
    let mut street_at = end;
    // "2214, uh, Barton Hills": a repair inside the number is joined by the caller of this function's sequences; here only skip "no".
    if let Some(next) = heard.hits.at(Cue::Repair, end)
        && let Some(again) = number::run_at(&heard.tokens, next)
    {
        digits = again.digits().to_owned();
        street_at = again.end;
    }
    if digits.is_empty() || digits.len() > 6 || digits.starts_with('0') && digits.len() < 2 {
        return None;
    }
    // "221 B Baker Street"
    let letter = heard.word(street_at);
    if letter.len() == 1
        && letter.bytes().all(|b| b.is_ascii_lowercase())
        && direction(letter).is_none()
        && heard.word(street_at + 1).len() > 2
        && street(heard, street_at + 1, false).is_some_and(|s| s.typed)
        && letter != "a"
        && letter != "i"
    {
        digits.push_str(&letter.to_uppercase());
        street_at += 1;
    }
    let street = street(heard, street_at, loose)?;
    if !street.typed && !loose {
        return None;
    }
    let tables = tables();
    // "two bedroom", "three guys": words, not streets, unless a street type or a question makes it one.
    if !street.typed {
        let first = heard.word(street_at);
        let ordinary = tables.is_word(first) && !tables.is_surname(first);
        let unit_next = unit(heard, street.end, false).is_some();
        let upper = heard.tokens.get(street_at).is_some_and(|t| t.upper);
        if ordinary && !unit_next && !upper && digits.len() < 3 {
            return None;
        }
        // "Two apartments into one house": counted things, whatever else they name.
        if digits.len() < 3 && expect.asked.is_none() && !upper && tables.is_word(first) {
            return None;
        }
        if matches!(heard.tokens[run.start].num, Num::Tens(_) | Num::Teen(_))
            && digits.len() <= 2
            && ordinary
        {
            return None;
        }
    }
    let mut address = Address {
        number: Some(digits),
        street: Some(street.text),
        ..Address::default()
    };
    let mut at = street.end;
    // Unit, then place; people say them in either order.
    for _ in 0..2 {
        // "It's the whole second floor", "it's the basement so apartment a"
        let skip = (0..=5)
            .take_while(|i| {
                *i == 0
                    || heard.tokens.get(at + i - 1).is_some_and(|t| {
                        t.any(&[
                            "and",
                            "it's",
                            "that's",
                            "in",
                            "the",
                            "also",
                            "whole",
                            "on",
                            "basement",
                            "so",
                            "upstairs",
                            "downstairs",
                            "is",
                            "which",
                        ])
                    })
            })
            .find(|i| unit(heard, at + i, false).is_some())
            .unwrap_or(0);
        if address.unit.is_none()
            && let Some((id, end)) = unit(heard, at + skip, false)
        {
            address.unit = Some(id);
            at = end;
        }
        if address.city.is_none() && address.state.is_none() {
            at = locality(heard, at, &mut address, expect, false).max(at);
        }
    }
    // "Towson. 722 Overbrook Road.": the town first.
    let before = heard.clause_start(run.start.saturating_sub(1));
    if address.city.is_none()
        && run.start > before
        && heard.tokens[run.start - 1].stop >= Stop::Comma
        && let Some(used) = tables.city(&heard.tokens, before).or_else(|| {
            (run.start - before == 1
                && heard.tokens[before].upper
                && super::name::is_cased(heard)
                && expect.asked.is_some()
                && !tables.is_word(heard.word(before))
                && !STOP.contains(&heard.word(before)))
            .then_some(1)
        })
        && before + used == run.start
    {
        address.city = Some(title_case(&heard.text(before, run.start)));
    }
    Some(AddressMention {
        start: run.start,
        end: at,
        address,
    })
}

/// "corner of vine and canal", "elm and third".
fn intersection(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    let n = heard.tokens.len();
    for and in 1..n {
        if !heard.tokens[and].any(&["and", "at"]) || heard.tokens[and - 1].stop >= Stop::Sentence {
            continue;
        }
        let lead = (0..and)
            .rev()
            .take(8)
            .find(|i| heard.tokens[*i].any(&["corner", "intersection"]));
        let asked = expect.asked == Some(Part::Whole)
            || heard
                .hits
                .cue(Cue::AddressLead)
                .any(|h| h.end < and && and - h.end <= 4);
        if lead.is_none() && !(asked && heard.tokens[and].is("and")) {
            continue;
        }
        let first_at = match lead {
            Some(i) => (i + 1..and).find(|j| !matches!(heard.word(*j), "of" | "at" | "the"))?,
            None => {
                let mut start = and;
                while start > 0
                    && and - start < 4
                    && !STOP.contains(&heard.word(start - 1))
                    && !heard.tokens[start - 1].ends_clause()
                    && !matches!(heard.word(start - 1), "the" | "near" | "by" | "of")
                {
                    start -= 1;
                }
                if start == and {
                    continue;
                }
                start
            }
        };
        let one = street(heard, first_at, true).filter(|s| s.end == and);
        let two = street(heard, and + 1, true);
        if let (Some(a), Some(b)) = (one, two) {
            let streetlike = |at: usize, s: &Street| {
                s.typed
                    || s.text.starts_with(|c: char| c.is_ascii_digit())
                    || !tables().is_word(heard.word(at))
                    || tables().is_surname(heard.word(at))
                    || lead.is_some()
            };
            if !(streetlike(first_at, &a) && streetlike(and + 1, &b))
                || lead.is_none()
                    && tables().is_given(heard.word(first_at))
                    && tables().is_given(heard.word(and + 1))
            {
                continue;
            }
            let mut address = Address {
                street: Some(format!("{} and {}", a.text, b.text)),
                ..Address::default()
            };
            let mut end = locality(heard, b.end, &mut address, expect, false).max(b.end);
            if let Some((id, after)) = unit(heard, end, false) {
                address.unit = Some(id);
                end = after;
            }
            return Some(AddressMention {
                start: lead.unwrap_or(first_at),
                end,
                address,
            });
        }
    }
    None
}

/// A street without a number, where an address is expected.
fn unnumbered(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    for at in 0..heard.tokens.len() {
        let led = heard.hits.before(Cue::AddressLead, at, 1).is_some()
            || heard.word(at.wrapping_sub(1)) == "on"
            || at == 0
            || expect.asked.is_some();
        if !led || STOP.contains(&heard.word(at)) || matches!(heard.word(at), "the" | "of") {
            continue;
        }
        if expect.asked.is_none() && heard.hits.before(Cue::AddressLead, at, 1).is_none() {
            continue;
        }
        if let Some(s) = street(heard, at, false).filter(|s| s.typed && s.end - at >= 2) {
            let strong_end = heard
                .tokens
                .get(s.end - 1)
                .and_then(|t| tables().suffix(&t.text))
                .is_some_and(|k| STRONG.contains(&k));
            if !strong_end
                && highway(heard, at).is_none()
                && direction(heard.word(s.end - 1)).is_none()
            {
                continue;
            }
            let mut address = Address {
                street: Some(s.text),
                ..Address::default()
            };
            let mut end = s.end;
            if let Some((id, after)) = unit(heard, end, false) {
                address.unit = Some(id);
                end = after;
            }
            end = locality(heard, end, &mut address, expect, false).max(end);
            return Some(AddressMention {
                start: at,
                end,
                address,
            });
        }
    }
    None
}

/// A unit, a city or a ZIP alone.
fn part(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    let mut address = Address::default();
    let n = heard.tokens.len();
    let mut span: Option<(usize, usize)> = None;
    let mut grow = |from: usize, to: usize| {
        span = Some(span.map_or((from, to), |(a, b)| (a.min(from), b.max(to))))
    };
    if expect.held || expect.asked.is_some() {
        for at in 0..n {
            if heard.is_taken(at, at + 1)
                || heard.tokens[at].is("number")
                || heard.tokens[at].is("space")
                    && (number::run_at(&heard.tokens, at + 1).is_none()
                        || matches!(
                            heard.word(at.wrapping_sub(1)),
                            "parking" | "crawl" | "office"
                        ))
                || heard.tokens[at].is("room")
                || heard.tokens[at].is("building")
            {
                continue;
            }
            if matches!(heard.word(at.wrapping_sub(1)), "storage") {
                continue;
            }
            if let Some((id, end)) = unit(heard, at, false) {
                let floor = heard.word(end - 1) == "floor" || heard.tokens[at].is("floor");
                if floor && expect.asked.is_none() && (!expect.held || at > 3) {
                    continue;
                }
                address.unit = Some(id);
                grow(at, end);
                break;
            }
        }
        // "Yeah, Michigan" after a city without a state.
        if expect.city_missing_state
            && address.unit.is_none()
            && n <= 4
            && let Some((at, (code, used))) =
                (0..n).find_map(|i| tables().state(&heard.tokens, i, false).map(|s| (i, s)))
        {
            address.state = Some(code);
            grow(at, at + used);
        }
        for at in 0..n {
            if heard.tokens[at].any(&["zip", "zipcode"])
                && let Some((zip, end)) = zip(heard, at, false)
            {
                address.postal_code = Some(zip);
                grow(at, end);
                break;
            }
        }
    }
    match expect.asked {
        Some(Part::Unit) if address.unit.is_none() => {
            let at = (0..n.min(6)).find(|i| {
                unit_id(heard, *i).is_some_and(|(id, _)| id != "A" && id != "I" || n <= 3)
            });
            if let Some((id, end)) = at.and_then(|i| unit(heard, i, true)) {
                address.unit = Some(id);
                grow(at.unwrap_or(0), end);
            }
        }
        Some(Part::Zip) if address.postal_code.is_none() => {
            if let Some((zip, end)) = heard
                .runs
                .iter()
                .find_map(|r| r.with_len(5).map(|d| (d.digits.clone(), r.end)))
            {
                address.postal_code = Some(zip);
                grow(0, end);
            }
        }
        None | Some(Part::Whole) if expect.city_missing && n <= 9 => {
            let skip = (0..n)
                .take_while(|i| {
                    matches!(
                        heard.word(*i),
                        "it's"
                            | "that's"
                            | "in"
                            | "yes"
                            | "yeah"
                            | "oh"
                            | "um"
                            | "the"
                            | "we're"
                            | "no"
                            | "this"
                            | "is"
                            | "actually"
                            | "still"
                    )
                })
                .count();
            let townlike = n - skip <= 3
                && n > skip + 1
                && heard.tokens[n - 1].any(&[
                    "city", "springs", "heights", "beach", "falls", "park", "hills", "lake",
                    "valley", "grove", "ridge", "creek", "village", "township", "island",
                ]);
            let known = tables().city(&heard.tokens, skip).is_some()
                || townlike
                || expect
                    .city
                    .is_some_and(|c| c.eq_ignore_ascii_case(heard.word(skip)));
            if known && address.unit.is_none() {
                let end = locality(heard, skip, &mut address, expect, true);
                if address.city.is_some() {
                    grow(skip, end);
                }
            }
        }
        Some(Part::City) => {
            let skip = (0..n)
                .take_while(|i| {
                    matches!(
                        heard.word(*i),
                        "it's"
                            | "that's"
                            | "in"
                            | "yes"
                            | "yeah"
                            | "oh"
                            | "um"
                            | "the"
                            | "we're"
                            | "i'm"
                            | "no"
                            | "this"
                            | "is"
                            | "sure"
                    )
                })
                .count();
            let end = locality(heard, skip, &mut address, expect, true);
            if address.city.is_some() || address.state.is_some() {
                grow(skip, end);
            }
        }
        _ => {}
    }
    let (start, end) = span?;
    (!address.is_empty()).then_some(AddressMention {
        start,
        end,
        address,
    })
}

/// Cities after "from" and "to", where places of departure and arrival are wanted.
fn cities(heard: &Heard, expect: Expect<'_>, out: &mut Vec<AddressMention>) {
    let tables = tables();
    let mut starts: Vec<usize> = heard
        .hits
        .0
        .iter()
        .filter(|h| {
            matches!(
                h.mark,
                super::cue::Mark::Cue(Cue::Origin | Cue::Destination)
            )
        })
        .map(|h| h.end)
        .collect();
    if expect.asked.is_some() {
        starts.push(
            (0..heard.tokens.len())
                .take_while(|i| {
                    matches!(
                        heard.word(*i),
                        "it's"
                            | "in"
                            | "yes"
                            | "yeah"
                            | "oh"
                            | "um"
                            | "the"
                            | "we're"
                            | "i'm"
                            | "to"
                            | "from"
                            | "just"
                            | "out"
                            | "over"
                            | "so"
                    )
                })
                .count(),
        );
    }
    starts.sort_unstable();
    starts.dedup();
    for start in starts {
        let bare = heard
            .tokens
            .get(start.wrapping_sub(1))
            .is_some_and(|t| t.any(&["to", "from", "in"]));
        let long_cue = heard.hits.0.iter().any(|h| {
            h.end == start
                && h.end - h.start > 1
                && matches!(
                    h.mark,
                    super::cue::Mark::Cue(Cue::Origin | Cue::Destination)
                )
        });
        let mut at = start;
        while matches!(
            heard.word(at),
            "in" | "near"
                | "over"
                | "the"
                | "a"
                | "my"
                | "new"
                | "place"
                | "house"
                | "apartment"
                | "outside"
                | "out"
                | "downtown"
                | "mom's"
                | "our"
                | "condo"
                | "one"
                | "to"
                | "up"
                | "here"
        ) && at < start + 5
        {
            at += 1;
        }
        if at >= heard.tokens.len()
            || heard.is_taken(at, at + 1)
            || out
                .iter()
                .any(|m| m.start <= at && at < m.end || m.start > at && m.start - at <= 1)
        {
            continue;
        }
        let word = heard.word(at);
        let mut address = Address::default();
        let known = tables.city(&heard.tokens, at).is_some()
            || expect.city.is_some_and(|c| c.eq_ignore_ascii_case(word));
        let plain = word.len() > 3
            && !tables.is_word(word)
            && !tables.is_given(word)
            && heard.tokens[at].num == Num::None
            && word.chars().all(char::is_alphabetic)
            && (heard.tokens[at].upper || !super::name::is_cased(heard));
        // A town no table knows needs the words around it, or a capital: "from undergrad" and "out of the dorm" name none.
        let article = (start..at).any(|i| {
            heard.tokens[i].any(&[
                "the",
                "a",
                "my",
                "our",
                "place",
                "house",
                "apartment",
                "condo",
                "one",
            ])
        });
        let upper = heard.tokens[at].upper && super::name::is_cased(heard);
        let capital = upper && !tables.is_word(word) && heard.tokens[at].num == Num::None;
        let plain = plain && !article && (expect.asked.is_some() || long_cue && bare || upper);
        if !known && !plain && !(capital && !article && bare) {
            continue;
        }
        let end = locality(heard, at, &mut address, expect, true);
        if address.city.is_some() && address.street.is_none() {
            out.push(AddressMention {
                start: at,
                end,
                address,
            });
        }
    }
    out.sort_by_key(|m| m.start);
}

/// The parts of `held` changed by a contrast: "maplewood not maple grove", "lane not road".
pub fn contrast(heard: &Heard, held: &Address) -> Option<Address> {
    let street = held.street.as_ref()?;
    let words: Vec<String> = street.split(' ').map(str::to_lowercase).collect();
    for at in 0..heard.tokens.len() {
        if !heard.tokens[at].is("not") {
            continue;
        }
        let denied = heard.word(at + 1);
        let kind = tables().suffix(denied).map(str::to_owned);
        let place = words
            .iter()
            .position(|w| w == denied || kind.as_deref() == Some(w))?;
        let wanted = heard.word(at.checked_sub(1)?);
        if wanted.is_empty() || STOP.contains(&wanted) {
            return None;
        }
        let wanted = tables()
            .suffix(wanted)
            .filter(|_| kind.is_some())
            .unwrap_or(wanted);
        let mut new: Vec<String> = words.clone();
        new[place] = wanted.to_owned();
        let mut out = held.clone();
        out.street = Some(title_case(&new.join(" ")));
        return Some(out);
    }
    None
}

/// Letters spelled for a street's name replace the word they resemble.
pub fn with_spelling(held: &Address, spelled: &spell::Spelled) -> Option<Address> {
    let street = held.street.as_ref()?;
    let words: Vec<&str> = street.split(' ').collect();
    let (at, score) = words
        .iter()
        .enumerate()
        .map(|(i, w)| (i, strsim::jaro_winkler(&w.to_lowercase(), &spelled.word)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    if score < 0.75 {
        return None;
    }
    let mut new: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
    new[at] = title_case(&spelled.word);
    let mut out = held.clone();
    out.street = Some(new.join(" "));
    Some(out)
}
