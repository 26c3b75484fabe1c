//! US addresses as people say them: house number in any spoken form, compass word, name, street type, unit, city, state, ZIP; also
//! intersections, highways, and the parts alone where they are asked for.

mod apart;
mod cities;
mod known;
mod part;
mod place;
mod repair;
mod rest;
mod street;
mod town;
mod unit;
mod words;
mod zip;

use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::number::{self, Run};
use crate::fields::spell;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, title_case};
use crate::fields::word_set::words;
use apart::{number_alone, street_alone, streets};
pub(in crate::fields) use apart::{street_asked, street_named, street_of_number};
use cities::cities;
pub use known::merged;
pub(in crate::fields) use known::{related_street, same_street};
use part::part;
use place::{intersection, numbered, unnumbered};
use repair::put_right;
pub(in crate::fields) use town::is_townlike;
use town::town_before;
pub(in crate::fields) use unit::{floor_at, housed_at};
use words::STOP;
pub(in crate::fields) use words::street_type;
pub(in crate::fields) use zip::{closing_zip, zip_said};

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
    /// The address held has no ZIP and was spoken of in the last turns, and no other number is waited for.
    pub zip_missing: bool,
    /// The number of the house is missing, and it is what was asked for.
    pub number_missing: bool,
    /// A number was asked for in so many words.
    pub number_asked: bool,
    /// A street was asked for in so many words.
    pub street_asked: bool,
    /// A house number is held whose street is still to come.
    pub street_missing: bool,
    /// Somebody's name was asked for too, so that a name before the house is no town.
    pub name_asked: bool,
    /// The place asked for has its house number and its street, so that "number 206" is a unit.
    pub complete: bool,
    /// The agent has just spoken of the house, so that "the upstairs unit" is a part of it and no machine.
    pub part_of_house: bool,
    /// The street of the address spoken of a moment ago.
    pub known: Option<&'a str>,
    /// Origins and destinations are wanted, so that a city after "from" or "to" is a place.
    pub places: bool,
}

/// The addresses in a turn.
pub fn mentions(heard: &Heard, expect: Expect<'_>) -> Vec<AddressMention> {
    let mut out: Vec<AddressMention> = Vec::new();
    let mut from = 0;
    let lettered = lettered_numbers(heard);
    let runs: &[Run] = match &lettered {
        Some(runs) => runs,
        None => &heard.runs,
    };
    // "A two bedroom on Cherokee Street, 2740 Cherokee": the street first, and its name again with the number.
    let named = if runs.is_empty() {
        Vec::new()
    } else {
        streets(heard)
    };
    for run in runs {
        let number = usize::from(heard.word(run.start.wrapping_sub(1)) == "number");
        let of_unit = (unit::is_housed(heard, run.start.wrapping_sub(1 + number))
            || heard.word(run.start.wrapping_sub(1)) == "room")
            && !heard.any(
                run.start.wrapping_sub(2),
                words!["a", "an", "the", "my", "our", "new", "old"],
            );
        // "Suite 120, 8500 Shoal Creek": the house behind its unit.
        let behind = || {
            let comma = (run.start..run.end - 1).find(|i| heard.tokens[*i].stop >= Stop::Comma)?;
            number::run_at(&heard.tokens, comma + 1)
        };
        // "Suite 402, to 8015 Shoal Creek": the second house, in one run with the unit of the first.
        let second = || {
            (from..run.end)
                .filter(|at| number::is_firm(&heard.tokens[*at]))
                .find_map(|at| number::run_at(&heard.tokens, at))
        };
        let tail = match run.start < from {
            true => second(),
            false => of_unit.then(behind).flatten(),
        };
        if (run.start < from || of_unit) && tail.is_none() || heard.is_taken(run.start, run.end) {
            continue;
        }
        let run = tail.as_ref().unwrap_or(run);
        // "One three six dash two oh Maple Avenue": its first part.
        let dashed = heard.any(run.end, words!["dash", "hyphen"])
            && runs.iter().any(|r| r.start == run.end + 1);
        if dashed {
            continue;
        }
        let known = out
            .last()
            .and_then(|m| m.address.street.as_deref())
            .or(named
                .iter()
                .rev()
                .find(|(_, s)| s.end <= run.start)
                .map(|(_, s)| s.text.as_str()))
            .or(expect.known);
        if let Some(mut mention) = numbered(heard, run, expect, known, from) {
            // "Forty five dash two oh five Kamehameha Highway": a house number in two parts.
            if let Some(first) = runs.iter().find(|r| {
                r.end + 1 == run.start
                    && heard.tokens[r.end].any(words!["dash", "hyphen"])
                    && r.digits().len() <= 3
            }) && let Some(number) = mention.address.number.take()
            {
                mention.address.number = Some(format!("{}-{number}", first.digits()));
                mention.start = first.start;
            }
            put_right(heard, &mut mention, expect);
            share_town(heard, &mut out, &mention);
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
    for mention in &mut out {
        town_before(heard, mention, expect);
    }
    // "78704, and it's 1302 Kinney": the ZIP that was asked for, beside the rest.
    if expect.asked == Some(Part::Zip)
        && let Some(mention) = out.first_mut().filter(|m| m.address.postal_code.is_none())
    {
        let apart = |r: &&Run| r.end <= mention.start && r.digits().len() == 5;
        mention.address.postal_code = runs.iter().find(apart).map(|r| r.digits().to_owned());
    }
    if expect.places {
        cities(heard, expect, &mut out);
    }
    if out.is_empty() {
        out.extend(
            number_alone(heard, expect)
                .or_else(|| part(heard, expect))
                .or_else(|| street_alone(heard, expect)),
        );
    }
    out
}

/// The turn's runs and the house numbers that end in a letter ("27B Larkin Street"), where there are any.
fn lettered_numbers(heard: &Heard) -> Option<Vec<Run>> {
    let is_lettered = |at: usize| {
        let text = heard.word(at).as_bytes();
        text.first().is_some_and(u8::is_ascii_digit)
            && matches!(text, [digits @ .., letter] if letter.is_ascii_lowercase() && digits.iter().all(u8::is_ascii_digit))
            && street::street(heard, at + 1, false).is_some_and(|s| s.typed)
    };
    let found: Vec<usize> = (0..heard.tokens.len())
        .filter(|at| is_lettered(*at))
        .collect();
    if found.is_empty() {
        return None;
    }
    let mut runs = heard.runs.clone();
    for at in found {
        let place = runs.partition_point(|r| r.start < at);
        runs.insert(place, Run::written(at, heard.word(at).to_uppercase()));
    }
    Some(runs)
}

/// "... to 3220 East 41st Street, both here in Tulsa": the town of the last place is that of the one before it, too.
fn share_town(heard: &Heard, before: &mut [AddressMention], last: &AddressMention) {
    let both = || (last.start..last.end).any(|i| heard.any(i, words!["both"]));
    if let Some(first) = before.last_mut()
        && first.address.city.is_none()
        && last.address.city.is_some()
        && both()
    {
        first.address.city.clone_from(&last.address.city);
        first.address.state.clone_from(&last.address.state);
    }
}

fn expected(heard: &Heard, expect: Expect<'_>, at: usize) -> bool {
    // "Three dash b": a short answer about a unit names no street without its type.
    (expect.asked.is_some() && !(expect.asked == Some(Part::Unit) && heard.tokens.len() <= 4))
        || heard.hits.before(Cue::AddressLead, at, 2).is_some()
        || heard.hits.before(Cue::Origin, at, 1).is_some()
        || heard.hits.before(Cue::Destination, at, 1).is_some()
}

/// The parts of `held` changed by a contrast: "maplewood not maple grove", "lane not road".
pub fn contrast(heard: &Heard, held: &Address) -> Option<Address> {
    let street = held.street.as_ref().filter(|_| heard.says(words!["not"]))?;
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
        if wanted.is_empty() || STOP.has(wanted) {
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
    // "B, as in boy" is a unit, and no numbered street is spelled.
    if spelled.word.len() < 3 {
        return None;
    }
    // "Rue de Lac, R-U-E-D-E-L-A-C": all of it, as it was written.
    if street.to_lowercase().replace(' ', "") == spelled.word {
        return None;
    }
    let words: Vec<&str> = street.split(' ').collect();
    let (at, score) = words
        .iter()
        .enumerate()
        .filter(|(_, w)| !w.starts_with(|c: char| c.is_ascii_digit()))
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
