//! Apartments, suites, lots and floors.

use super::words::{direction, ordinal};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::number;
use crate::fields::spell;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// What a part of a house or of a yard is called, before its number or letter.
const NOUNS: &WordSet = words![
    "unit",
    "apartment",
    "apt",
    "suite",
    "ste",
    "lot",
    "trailer",
    "room",
    "floor",
    "building",
    "bldg",
    "space",
    "number",
    "condo",
    "penthouse",
    "slip",
    "side",
    "cabin",
    "cottage",
    "villa",
    "flat",
    "pad",
    "bay",
    "stall",
    "hangar",
    "door",
    "site",
    "locker",
    "berth",
    "pod",
    "studio",
];

/// The word at `at`, without the verb it may hold: "the apartment's 1B".
fn noun(heard: &Heard, at: usize) -> &str {
    let word = heard.word(at);
    // "A 4 bed room 3 bath place"
    if word == "room"
        && heard.any(
            at.wrapping_sub(1),
            words!["bed", "bath", "living", "dining", "family"],
        )
    {
        return "";
    }
    // "Sweet 402": as the recogniser writes it before a number.
    if word == "sweet" && heard.tokens.get(at + 1).is_some_and(number::is_firm) {
        return "suite";
    }
    word.strip_suffix("'s")
        .filter(|noun| is_dwelling(noun))
        .unwrap_or(word)
}

/// Whether the word at `at` names a unit, or its sign "#" stands there.
pub(super) fn is_unit_noun(heard: &Heard, at: usize) -> bool {
    NOUNS.has(noun(heard, at))
        || is_sign(heard, at)
        || heard.tokens.get(at).is_some_and(|t| t.glue == Some('#'))
}

/// Whether a "#" stands there by itself, before digits: "San Pablo Ave # 207".
fn is_sign(heard: &Heard, at: usize) -> bool {
    let sign = |t: &crate::fields::token::Token| t.is("pound") && t.glue == Some('*');
    heard.tokens.get(at).is_some_and(sign)
        && at > 0
        && number::run_at(&heard.tokens, at + 1).is_some()
}

/// Whether the word at `at` opens a unit wherever it stands: "lot eighteen", not "a lot".
pub(super) fn is_housed(heard: &Heard, at: usize) -> bool {
    if !may_open(heard, at) {
        return false;
    }
    let id = at + 1 + usize::from(heard.word(at + 1) == "number");
    is_dwelling(noun(heard, at))
        || number::run_at(&heard.tokens, id).is_some()
        || shaped(heard, id).is_some()
}

/// Whether a unit's id may follow the word at `at`.
fn may_open(heard: &Heard, at: usize) -> bool {
    match heard.word(at) {
        "lot" | "space" | "trailer" | "locker" | "slip" | "stall" | "pad" | "berth" => !matches!(
            heard.word(at.wrapping_sub(1)),
            "a" | "whole" | "parking" | "vacant" | "storage" | "crawl" | "office" | "the"
        ),
        _ => is_dwelling(noun(heard, at)),
    }
}

/// A word that is said of nothing else.
fn is_dwelling(word: &str) -> bool {
    matches!(word, "unit" | "apartment" | "apt" | "suite" | "ste")
}

/// The floor that an ordinal at `at` names, with its noun or without, unless it names a street.
pub(in crate::fields) fn floor_at(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let (text, used) = ordinal(heard, at)?;
    let end = at + used;
    let street = tables().suffix(heard.word(end)).is_some();
    let id = text.trim_end_matches(char::is_alphabetic).to_owned();
    (!street).then(|| (id, end + usize::from(heard.word(end) == "floor")))
}

/// A unit with its noun, or a floor, at `at`.
pub(in crate::fields) fn housed_at(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let floor = || floor_at(heard, at).filter(|(_, end)| heard.word(end - 1) == "floor");
    match is_housed(heard, at) {
        true => unit(heard, at, false),
        false => floor(),
    }
}

/// A unit at `at`: its id and the end.
pub(super) fn unit(heard: &Heard, at: usize, bare: bool) -> Option<(String, usize)> {
    // "third floor", "fourth floor"
    if let Some(floor) = floor_at(heard, at).filter(|(_, end)| heard.word(end - 1) == "floor") {
        // "Third floor rear, it's apartment three R", "the seventh floor, suite 710": the unit's own number.
        let own = (floor.1..floor.1 + 5)
            .take_while(|i| {
                heard.any(*i, words!["rear", "front", "it's", "that's", "in"])
                    || is_dwelling(heard.word(*i))
            })
            .find(|i| is_dwelling(heard.word(*i)));
        if let Some(own) = own.and_then(|i| unit(heard, i, false)) {
            return Some(own);
        }
        // "It's a house, first floor", "the first floor of a house", "we're on the first floor": how far to carry.
        let of_house = (at.saturating_sub(3)..at)
            .chain(floor.1..floor.1 + 4)
            .any(|i| {
                heard.word(i) == "house"
                    && heard.any(i.wrapping_sub(1), words!["a", "the", "our", "my"])
            });
        let low = floor.0 == "1"
            && heard.any(at.wrapping_sub(1), words!["the"])
            && heard.any(at.wrapping_sub(2), words!["on"]);
        return (!of_house && !low).then_some(floor);
    }
    // "It's just a studio. A futon": the noun ends its sentence.
    let ends = (heard.tokens.get(at)).is_some_and(|t| t.stop >= Stop::Sentence);
    let designator = (NOUNS.has(noun(heard, at)) || is_sign(heard, at)) && !ends;
    if let Some(found) = described(heard, at) {
        return Some(found);
    }
    let hash = heard.tokens.get(at).is_some_and(|t| t.glue == Some('#'));
    if !designator && !hash && !bare {
        return None;
    }
    let mut i = if designator { at + 1 } else { at };
    while matches!(heard.word(i), "number" | "num" | "is" | "it's" | "letter") {
        i += 1;
    }
    let (mut id, mut end) = unit_id(heard, i)?;
    // "No unit, it's a whole house": an article.
    let word_too = matches!(id.as_str(), "A" | "I") && !bare;
    if word_too
        && end < heard.tokens.len()
        && heard.tokens[end - 1].stop == Stop::None
        && i > at + 1
    {
        return None;
    }
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

/// "The upper", "rear house", "basement apartment": a part of a house that is named and not numbered.
fn described(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let article = usize::from(heard.word(at) == "the");
    let which = heard.word(at + article);
    let known = matches!(
        which,
        "upper"
            | "lower"
            | "upstairs"
            | "downstairs"
            | "front"
            | "rear"
            | "back"
            | "basement"
            | "garden"
            | "attic"
            | "main"
            | "carriage"
            | "guest"
            | "middle"
    );
    // "It's in the basement" tells where the trouble is.
    let inside = matches!(
        heard.word(at.wrapping_sub(1)),
        "in" | "at" | "from" | "on" | "by" | "near"
    );
    if !known || inside {
        return None;
    }
    let end = at + article + 1;
    if let Some(found) = closer(heard, end) {
        return Some(found);
    }
    match heard.word(end) {
        "unit" | "apartment" | "apt" | "flat" | "half" | "level" | "duplex" | "side" | "one"
            if !matches!(which, "main" | "guest") || heard.word(end) != "level" =>
        {
            // "Upper unit B" has its own letter.
            unit_id(heard, end + 1)
                .is_none_or(|(id, _)| id == "A" || id == "I")
                .then(|| (which.to_owned(), end + 1))
        }
        "house" | "cottage" | "building" => Some((format!("{which} {}", heard.word(end)), end + 1)),
        next => {
            let closes = end >= heard.tokens.len()
                || heard.tokens[end - 1].stop > Stop::None
                || matches!(
                    next,
                    "and" | "but" | "so" | "i" | "i'm" | "we" | "it's" | "in"
                );
            let alone = matches!(which, "upper" | "lower" | "rear" | "front");
            (closes && (alone || article == 1 && matches!(which, "upstairs" | "downstairs")))
                .then(|| (which.to_owned(), end))
        }
    }
}

/// Whether a part of a house with its noun stands at `at`: "the upstairs unit", "lower half".
pub(super) fn is_half(heard: &Heard, at: usize) -> bool {
    let which = at + usize::from(heard.word(at) == "the");
    described(heard, at).is_some()
        && heard.any(
            which + 1,
            words![
                "unit",
                "apartment",
                "apt",
                "flat",
                "half",
                "level",
                "duplex",
            ],
        )
}

/// "The upstairs unit, that's 2B", "the back house, unit B": the id of its own that a named part has.
fn closer(heard: &Heard, end: usize) -> Option<(String, usize)> {
    let noun = usize::from(heard.any(
        end,
        words!["unit", "apartment", "apt", "flat", "half", "house", "one"],
    ));
    let from = end + noun;
    let at = (from..from + 3)
        .find(|i| !heard.any(*i, words!["that's", "it's", "is", "which", "so", "that"]))?;
    let named = is_housed(heard, at);
    let id = at + usize::from(named);
    let (text, after) = unit_id(heard, id)?;
    let closes = after >= heard.tokens.len() || heard.tokens[after - 1].stop > Stop::None;
    // "2B" and "B" are ids wherever they stand; a number needs its noun.
    let sure = text.bytes().any(|b| b.is_ascii_uppercase()) && closes && (noun > 0 || at > from);
    (named || sure).then_some((text, after))
}

/// "5D", "b 2", "twelve c": letter and digits together, which name a unit without its noun.
pub(super) fn shaped(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let text = heard.word(at).trim_end_matches("'s");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mixed = text.len() <= 5
        && digits > 0
        && text.len() == digits + 1
        && (text.ends_with(|c: char| c.is_ascii_lowercase())
            || text.starts_with(|c: char| c.is_ascii_lowercase()));
    if mixed {
        return Some((text.to_uppercase(), at + 1));
    }
    let closes = |end: usize| {
        end >= heard.tokens.len()
            || heard.tokens[end - 1].stop > Stop::None
            || tables().is_closed(heard.word(end))
    };
    // "It's a three bedroom"
    if matches!(heard.word(at), "a" | "i") {
        return None;
    }
    let (id, end) = unit_id(heard, at)?;
    let both = id.bytes().any(|b| b.is_ascii_digit()) && id.bytes().any(|b| b.is_ascii_uppercase());
    // "At nine a", "twelve I": words that are letters too.
    let word = heard.word(end - 1);
    (both
        && id.len() <= 4
        && closes(end)
        && !matches!(word, "a" | "i")
        && direction(word).is_none())
    .then_some((id, end))
}

/// Whether the word before `at` announces a unit's id.
fn announced(heard: &Heard, at: usize) -> bool {
    at > 0
        && (may_open(heard, at - 1)
            || heard.any(at - 1, words!["letter", "flat", "studio", "number"]))
}

/// A dash that is said.
fn is_dash(heard: &Heard, at: usize) -> bool {
    matches!(heard.word(at), "dash" | "hyphen")
}

pub(super) fn unit_id(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let token = heard.tokens.get(at)?;
    let mut id = String::new();
    let mut end = at;
    if let Some(run) = number::run_at(&heard.tokens, at) {
        // "Suite 120, 8500 Shoal Creek": the house follows behind a comma.
        let comma =
            (at..run.end).find(|i| run.digits().len() > 5 && heard.tokens[*i].stop >= Stop::Comma);
        if let Some(end) = comma.map(|i| i + 1).filter(|end| *end < run.end) {
            let first = number::runs(&heard.tokens[at..end]).into_iter().next()?;
            return (first.digits().len() <= 5).then(|| (first.digits().to_owned(), end));
        }
        if run.digits().len() > 5 {
            return None;
        }
        id.push_str(run.digits());
        end = run.end;
        if heard.tokens[end - 1].stop >= Stop::Comma {
            return Some((id, end));
        }
        // "Three dash b"
        end += usize::from(is_dash(heard, end) && heard.word(end + 1).len() == 1);
    } else if token.text.len() <= 5
        && token.text.bytes().any(|b| b.is_ascii_digit())
        && token.text.bytes().all(|b| b.is_ascii_alphanumeric())
        && !matches!(token.num, Num::Ordinal(_))
    {
        return Some((token.text.to_uppercase(), at + 1));
    }
    // "Apartment for": the digit that the recogniser wrote as a word.
    if let Num::Homophone(digit) = token.num
        && announced(heard, at)
        && (at + 1 >= heard.tokens.len() || token.stop > Stop::None)
    {
        return Some((digit.to_string(), at + 1));
    }
    // "Apartment to fourteen", "unit for oh won": the first digit of several.
    if let Num::Homophone(digit) = token.num
        && announced(heard, at)
        && let Some(run) = number::run_at(&heard.tokens, at + 1)
        && run.digits().len() <= 3
        && (run.end >= heard.tokens.len() || heard.tokens[run.end - 1].stop > Stop::None)
    {
        return Some((format!("{digit}{}", run.digits()), run.end));
    }
    // A letter after the number, or alone, or explained: "nine d", "f as in frank"; "two bee", "unit be as in boy" by their sound.
    let word = heard.word(end);
    let closes = end + 1 >= heard.tokens.len()
        || heard.tokens[end].stop > Stop::None
        || heard.any(end + 1, words!["as", "like", "no"])
        || heard.hits.at(Cue::Repair, end + 1).is_some();
    let sounds = closes && (!id.is_empty() || announced(heard, end));
    let by_sound = spell::letter(word, sounds).map(String::from);
    let letter = by_sound.as_deref().unwrap_or(word);
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
        } else if heard.word(after) == "like" && heard.word(after + 1).starts_with(letter) {
            after += 2;
        }
        id.push_str(&letter.to_uppercase());
        after += usize::from(is_dash(heard, after));
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
