//! Whole places: a house on a street, a corner, a street without its number, and the parts alone where they are asked for.

use super::street::{Street, highway, street};
use super::town::{locality, zip};
use super::unit::{unit, unit_id};
use super::words::{STOP, STRONG, direction};
use super::{AddressMention, Expect, expected};
use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::number::{self, Run};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{Address, title_case};

/// House number, street and what follows.
pub(super) fn numbered(heard: &Heard, run: &Run, expect: Expect<'_>) -> Option<AddressMention> {
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
                && crate::fields::name::is_cased(heard)
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
pub(super) fn intersection(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
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
pub(super) fn unnumbered(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
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
pub(super) fn part(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
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
