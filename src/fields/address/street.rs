//! Street names: compass word, name, type, in either order; highways and county roads; ordinals.

use crate::fields::word_set::words;
use std::borrow::Cow;

use crate::fields::gazetteer::tables;
use crate::fields::number::{self};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::title_case;

use super::unit::unit;
use super::words::{
    STOP, STRONG, WHOLE, compass, direction, ordinal, street_type, title_of_street,
};

/// A street parsed from `at`.
pub(super) struct Street {
    /// As written.
    pub text: String,
    /// One past the last token.
    pub end: usize,
    /// It has a street type, an ordinal with a compass word, or a road number: certain without a house number.
    pub typed: bool,
}

/// "county road 109", "us highway 290", "fm 1431", "interstate 35".
pub(super) fn highway(heard: &Heard, at: usize) -> Option<Street> {
    let w = |i: usize| heard.word(at + i);
    let (name, used) = match (w(0), w(1), w(2)) {
        ("county", "road", _) => ("County Road", 2),
        ("county", "highway", _) => ("County Highway", 2),
        ("county", "route", _) => ("County Route", 2),
        ("us", "highway", _) => ("US Highway", 2),
        ("us", "route", _) => ("US Route", 2),
        ("united", "states", "highway") => ("US Highway", 3),
        ("u", "s", "highway") => ("US Highway", 3),
        ("u", "s", "route") => ("US Route", 3),
        ("u", "s", _) => ("US", 2),
        ("state", "highway", _) => ("State Highway", 2),
        ("state", "road", _) => ("State Road", 2),
        ("state", "route", _) => ("State Route", 2),
        ("rural", "route", _) => ("Rural Route", 2),
        ("park", "road", _) => ("Park Road", 2),
        ("forest", "road", _) => ("Forest Road", 2),
        ("township", "road", _) => ("Township Road", 2),
        ("parish", "road", _) => ("Parish Road", 2),
        ("private", "road", _) => ("Private Road", 2),
        ("ranch", "road", _) => ("Ranch Road", 2),
        ("ranch", "to", "market") if w(3) == "road" => ("Ranch to Market Road", 4),
        ("farm", "to", "market") if w(3) == "road" => ("Farm to Market Road", 4),
        ("ranch", "to", "market") => ("RM", 3),
        ("farm", "to", "market") => ("FM", 3),
        ("farm", "road", _) => ("FM", 2),
        ("f", "m", _) => ("FM", 2),
        ("fm", "road", _) => ("FM", 2),
        ("fm", _, _) => ("FM", 1),
        ("cr", _, _) => ("County Road", 1),
        ("r", "r", _) | ("ranch", "route", _) => ("RR", 2),
        ("rr", _, _) => ("RR", 1),
        ("sr", _, _) => ("State Route", 1),
        ("interstate", _, _) | ("ih", _, _) => ("Interstate", 1),
        ("highway", _, _) | ("hwy", _, _) => ("Highway", 1),
        ("route", _, _) | ("rte", _, _) => ("Route", 1),
        ("loop", _, _) => ("Loop", 1),
        _ => return None,
    };
    // "County road to eighty one": the recogniser wrote the two as a word.
    let digit = match heard.tokens.get(at + used).map(|t| t.num) {
        Some(Num::Homophone(d)) if name.ends_with("Road") || name == "FM" => Some(d),
        _ => None,
    };
    if let Some(digit) = digit
        && let Some(run) = number::run_at(&heard.tokens, at + used + 1)
        && (1..=3).contains(&run.digits().len())
    {
        return Some(Street {
            text: format!("{name} {digit}{}", run.digits()),
            end: run.end,
            typed: true,
        });
    }
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
pub(super) fn lettered(heard: &Heard, at: usize) -> bool {
    let next = heard.word(at + 1);
    heard.word(at) == "avenue"
        && next.len() == 1
        && next.bytes().all(|b| b.is_ascii_lowercase())
        && direction(next).is_none()
}

pub(super) fn street(heard: &Heard, start: usize, loose: bool) -> Option<Street> {
    if let Some(road) = highway(heard, start) {
        return Some(road);
    }
    // "No, that was the first place."
    if heard.word(start + 1) == "place"
        && ordinal(heard, start).is_some()
        && heard.any(start.wrapping_sub(1), words!["the", "our", "my"])
    {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    let mut at = start;
    if let Some((way, used)) = compass(heard, at)
        && heard.tokens.get(at + used).is_some()
        && !initials_at(heard, at)
        // "West Street" is named West; "East Avenue D" is not.
        && (lettered(heard, at + used) || !heard.tokens.get(at + used).is_some_and(|t| tables().suffix(&t.text).is_some_and(|s| STRONG.has(s)) && heard.tokens.get(at + used + 1).is_none_or(|n| tables().suffix(&n.text).is_none())))
    {
        parts.push(way.to_owned());
        at += used;
    }
    // "South 300 East": a street of the Utah grid.
    if !parts.is_empty()
        && let Some(run) = number::run_at(&heard.tokens, at)
        && let Some((way, used)) = compass(heard, run.end)
    {
        let n = run
            .cardinal
            .map_or_else(|| run.digits().to_owned(), |n| n.to_string());
        parts.extend([n, way.to_owned()]);
        return Some(Street {
            text: parts.join(" "),
            end: run.end + used,
            typed: true,
        });
    }
    // "The Alameda", "the Green": a name with its article, which a type alone may be.
    let article = heard.word(at) == "the"
        && (WHOLE.has(heard.word(at + 1))
            || street_type(heard.word(at + 1)).is_some()
                && at > 0
                && heard.tokens[at - 1].num != Num::None)
        && closes(heard, at + 2);
    if article {
        parts.push("The".to_owned());
        at += 1;
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
        && token.any(words!["avenue", "calle", "camino", "via", "paseo", "rue"])
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
                text: title_of_street(&text),
                end,
                typed: true,
            });
        }
    }
    if let Some((text, end)) = spanish(heard, at) {
        parts.push(text);
        return Some(Street {
            text: parts.join(" "),
            end,
            typed: true,
        });
    }
    let mut names: Vec<(Cow<'_, str>, usize)> = Vec::new();
    let mut best: Option<(usize, &str, usize)> = None; // names used, type, end
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
            let strong = STRONG.has(kind);
            let better = match &best {
                None => true,
                Some((_, _, end)) => *end == i && strong || strong && names.len() <= 4,
            };
            if better && (strong || best.is_none()) {
                best = Some((names.len(), kind, i + 1));
                if strong
                    && !heard
                        .tokens
                        .get(i + 1)
                        .is_some_and(|t| tables().suffix(&t.text).is_some_and(|s| STRONG.has(s)))
                {
                    break;
                }
            }
        }
        let letters = (i..heard.tokens.len())
            .take_while(|j| {
                let word = heard.word(*j);
                word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase())
            })
            .count();
        if let Some((text, used)) = ordinal(heard, i) {
            i += used;
            // "East thirty eighth and a half street"
            let half =
                heard.word(i) == "and" && heard.word(i + 1) == "a" && heard.word(i + 2) == "half";
            let text = if half { format!("{text} 1/2") } else { text };
            names.push((text.into(), i - used));
            i += if half { 3 } else { 0 };
        } else if token.any(words!["that's", "spelled"])
            && !names.is_empty()
            && spelled_at(heard, i + 1)
        {
            // "Treadwell, that's T-R-E-A-D ..."
            i += 1;
        } else if letters >= 3 && names.is_empty() {
            // "M-E-T-Z Street": the letters are the name.
            let word: String = (i..i + letters).map(|j| heard.word(j)).collect();
            names.push((word.into(), i));
            i += letters;
        } else if letters >= 3 {
            // "Windoak, W-I-N-D-O-A-K, Drive": the letters spell the name just said.
            let word: String = (i..i + letters).map(|j| heard.word(j)).collect();
            let near = |from: usize| {
                let said: String = names[from..].iter().map(|(n, _)| &**n).collect();
                strsim::jaro_winkler(&said, &word) >= 0.75
            };
            if let Some(from) = (0..names.len()).rev().find(|from| near(*from)) {
                let at = names[from].1;
                names.truncate(from);
                names.push((word.into(), at));
            }
            i += letters;
        } else {
            let single = token.text.chars().count() == 1;
            let usable = !STOP.has(&token.text)
                && token.text.chars().all(|c| c.is_alphabetic() || c == '\'')
                && (!single
                    || i > at
                    || initials_at(heard, i)
                    || heard
                        .tokens
                        .get(i + 1)
                        .is_some_and(|t| t.any(words!["street", "avenue", "st", "ave", "road"])))
                // "Six Forks Road": a number word that only a name follows.
                // "Peach Tree Way", "Double Creek Road": words that are numbers elsewhere.
                && (matches!(token.num, Num::None | Num::Homophone(_) | Num::Repeat(_))
                    || matches!(token.num, Num::Digit(_))
                        && (i == start || !names.is_empty())
                        && heard.tokens.get(i + 1).is_some_and(|t| t.num == Num::None));
            // "of the" inside a name
            let linked = (token.is("of")
                || token.is("the") && names.last().is_some_and(|(n, _)| n == "of"))
                && !names.is_empty()
                && heard.tokens.get(i + 1).is_some();
            // "West Bay to Bay Boulevard": one name on both sides of a small word.
            let doubled = token.any(words!["to", "by", "and", "on"])
                && names.last().is_some_and(|(n, _)| n == heard.word(i + 1))
                && heard.tokens.get(i + 2).is_some();
            if !usable && !linked && !doubled || token.is("the") && !linked {
                break;
            }
            // "Lemay, uh, South Lemay Avenue": begun again.
            if let [(first, _), (way, _)] = names.as_slice()
                && *first == token.text
                && parts.is_empty()
                && let Some(way) = direction(way)
            {
                parts.push(way.to_owned());
                names.clear();
            }
            names.push((token.text.as_str().into(), i));
            i += 1;
        }
        if heard
            .tokens
            .get(i - 1)
            .is_some_and(|t| t.stop >= Stop::Comma)
            && !goes_on_spelled(heard, at, i)
        {
            break;
        }
    }
    // "27 Old Mill Pond": what may be a type is followed by one word more that ends the name.
    if let Some((count, kind, _)) = best
        && loose
        && !STRONG.has(kind)
        && names.len() == count + 2
        && names
            .last()
            .is_some_and(|(n, at)| tables().is_word(n) && *at + 1 == i)
        && (i >= heard.tokens.len() || heard.tokens[i - 1].ends_clause())
    {
        best = None;
    }
    let whole = names.first().is_some_and(|(n, _)| article || WHOLE.has(n));
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
            if names.is_empty() || !(loose || ordinal_name || whole) {
                return None;
            }
            let tables = tables();
            let lead = if initials_at(heard, at) { 3 } else { 1 };
            let city_at = names
                .iter()
                .skip(lead)
                .position(|(_, i)| tables.city(&heard.tokens, *i).is_some())
                .map(|p| p + lead);
            let count = city_at
                .unwrap_or(names.len())
                .min(if ordinal_name || whole { 1 } else { 3 });
            let end = names.get(count).map_or(i, |(_, i)| *i);
            // "Four drawers, six of those": a name ends with no small word.
            if names
                .get(count.wrapping_sub(1))
                .is_some_and(|(n, _)| matches!(&**n, "of" | "the"))
            {
                return None;
            }
            (count, None, end, by_ordinal || whole)
        }
    };
    let mut spoken = String::new();
    for (name, _) in names.iter().take(count) {
        if !spoken.is_empty() {
            spoken.push(' ');
        }
        if is_initials(name) {
            spoken.push_str(&name.to_uppercase());
        } else {
            spoken.push_str(name);
        }
    }
    if let Some(rest) = spoken.strip_prefix("st ") {
        spoken = format!("saint {rest}");
    }
    spoken = joined_words(&spoken);
    let named = title_of_street(&spoken);
    parts.push(named);
    if let Some(kind) = kind {
        parts.push(title_case(kind));
    }
    if let Some((way, used)) = compass(heard, end)
        // "Mary Street, West Mary": the way belongs to the name said again.
        && names.first().is_none_or(|(n, _)| heard.word(end + used) != n)
        && (typed || heard.word(end).len() > 1)
        && heard.tokens.get(end - 1).is_some_and(|t| t.stop < Stop::Comma)
        // "Westlake Pass, West Lake Hills": the way begins the town's name.
        && tables().city(&heard.tokens, end).is_none_or(|n| n <= used)
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

/// Whether at least three letters stand at `at`.
fn spelled_at(heard: &Heard, at: usize) -> bool {
    (at..at + 3).all(|i| {
        let word = heard.word(i).as_bytes();
        matches!(word, [letter] if letter.is_ascii_lowercase())
    })
}

/// Whether a name goes on behind a comma at `next`: with its letters, or behind them with its type.
fn goes_on_spelled(heard: &Heard, from: usize, next: usize) -> bool {
    let letters = spelled_at(heard, next)
        || heard.any(next, words!["that's", "spelled"]) && spelled_at(heard, next + 1);
    let kind = next >= from + 3
        && spelled_at(heard, next - 3)
        && tables()
            .suffix(heard.word(next))
            .is_some_and(|s| STRONG.has(s));
    letters || kind
}

/// Whether a name stops at `at`: at the end of what is said, behind a mark, or before a word that no name holds.
fn closes(heard: &Heard, at: usize) -> bool {
    at >= heard.tokens.len()
        || heard.tokens[at - 1].stop > Stop::None
        || STOP.has(heard.word(at))
        || unit(heard, at, false).is_some()
}

/// "E M Franklin Avenue": two letters, no compass word, and then a name.
fn initials_at(heard: &Heard, at: usize) -> bool {
    let letter = |i: usize| matches!(heard.word(i).as_bytes(), [b] if b.is_ascii_lowercase());
    letter(at)
        && letter(at + 1)
        && direction(heard.word(at + 1)).is_none()
        && heard.word(at + 2).len() > 2
        && street_type(heard.word(at + 2)).is_none()
}

/// Small words inside a Spanish street's name.
fn is_small(word: &str) -> bool {
    matches!(word, "del" | "de" | "la" | "las" | "los" | "el" | "y")
}

/// "Calle Bonita", "Paseo del Sol", "Camino de la Reina": the type first, then a name of one word or two.
fn spanish(heard: &Heard, at: usize) -> Option<(String, usize)> {
    let token = heard.tokens.get(at)?;
    let sure = token.any(words![
        "calle", "camino", "caminito", "avenida", "paseo", "vereda", "calzada", "circulo",
        "placita", "callejon",
    ]);
    // Words of other meanings lead a street's name only with a small word behind them.
    if !sure && !token.any(words!["via", "rue", "plaza", "corte"]) || token.stop > Stop::None {
        return None;
    }
    let first = (at + 1..heard.tokens.len()).find(|i| !is_small(heard.word(*i)))?;
    let is_name = |i: usize| {
        heard.tokens.get(i).is_some_and(|t| {
            t.num == Num::None
                && t.text.len() > 1
                && !STOP.has(&t.text)
                && !heard.is_taken(i, i + 1)
        })
    };
    if !is_name(first) || !sure && first == at + 1 {
        return None;
    }
    // "Camino Rio Grande", "Calle Vista", but "Calle Bonita Tucson".
    let second = first + 1;
    let goes_on = heard.tokens[first].stop == Stop::None
        && is_name(second)
        && (heard.tokens[second].upper || !tables().is_word(heard.word(second)))
        && !tables().is_closed(heard.word(second))
        && direction(heard.word(second)).is_none()
        && tables().city(&heard.tokens, second).is_none();
    let mut end = second + usize::from(goes_on);
    let mut text: Vec<String> = (at..end)
        .map(|i| match heard.word(i) {
            w if is_small(w) => w.to_owned(),
            w => title_case(w),
        })
        .collect();
    // "Camino Verde Drive"
    let kind = (tables().suffix(heard.word(end))).filter(|k| STRONG.has(k));
    if let Some(kind) = kind.filter(|_| heard.tokens[end - 1].stop == Stop::None) {
        text.push(title_case(kind));
        end += 1;
    }
    Some((text.join(" "), end))
}

/// "VFW", "MLK", "JFK": letters in place of a name.
fn is_initials(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() && !b"aeiouy".contains(&b))
        && !matches!(word, "st" | "mt" | "ft" | "dr" | "mr" | "mrs" | "ms")
        && direction(word).is_none()
}

/// A name that the recogniser split in two ordinary words ("high land") is put together where the whole is a known name.
pub(super) fn joined_words(name: &str) -> String {
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
