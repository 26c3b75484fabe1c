//! A street known already and said again, shorter ("418 New Scotland") or with more ("South Dahlia" for "Dahlia Street").

use super::street::Street;
use super::words::{compass, direction, ordinal};
use crate::fields::gazetteer::tables;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, same_text};

/// A street's name in its parts.
struct Parts<'a> {
    /// Compass words before the name.
    before: &'a [&'a str],
    /// The name itself.
    core: &'a [&'a str],
    /// The name itself, in small letters.
    low: &'a [&'a str],
    /// The type and what follows it.
    after: &'a [&'a str],
}

/// The parts of a street whose words, as written and in small letters, are these.
fn parts<'a>(words: &'a [&'a str], low: &'a [&'a str]) -> Parts<'a> {
    let from = low.iter().take_while(|w| direction(w).is_some()).count();
    let from = if from < low.len() { from } else { 0 };
    let kind = (from + 1..low.len())
        .rev()
        .find(|i| tables().suffix(low[*i]).is_some())
        .unwrap_or(low.len());
    Parts {
        before: &words[..from],
        core: &words[from..kind],
        low: &low[from..kind],
        after: &words[kind..],
    }
}

fn words(street: &str) -> Vec<&str> {
    street.split(' ').collect()
}

/// One street name contains the other's words ("Alder" in "Southeast Alder Street").
pub(in crate::fields) fn related_street(a: &str, b: &str) -> bool {
    let words = |s: &str| {
        s.to_lowercase()
            .split(' ')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (a, b) = (words(a), words(b));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() < long.len() && short.iter().all(|w| long.contains(w))
}

/// Whether the streets of two addresses are one, and their houses too where both have a number.
pub(in crate::fields) fn same_street(a: &Address, b: &Address) -> bool {
    let house = (a.number.as_ref().zip(b.number.as_ref())).is_none_or(|(a, b)| same_text(a, b));
    let streets = a.street.as_ref().zip(b.street.as_ref());
    house && streets.is_some_and(|(a, b)| same_text(a, b) || related_street(a, b))
}

/// Two ways of saying one street put together: the name must be the same, the newer compass words and type count. None where they are
/// different streets.
pub fn merged(held: &str, said: &str) -> Option<String> {
    if held.contains(" and ") || said.contains(" and ") {
        return None;
    }
    // "Fox Hollow" and "Fox Hollow Lane", though a hollow may be a type, too.
    let goes_on = |long: &str, short: &str| {
        long.get(short.len()..)
            .is_some_and(|rest| rest.starts_with(' '))
            && long
                .get(..short.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(short))
    };
    if goes_on(held, said) || goes_on(said, held) {
        return Some(if held.len() > said.len() { held } else { said }.to_owned());
    }
    let lower = (held.to_lowercase(), said.to_lowercase());
    let (a, b) = (words(held), words(said));
    let (low_a, low_b) = (words(&lower.0), words(&lower.1));
    let (a, b) = (parts(&a, &low_a), parts(&b, &low_b));
    if a.low != b.low || a.low.is_empty() {
        return None;
    }
    let before = if b.before.is_empty() {
        a.before
    } else {
        b.before
    };
    let after = if b.after.is_empty() { a.after } else { b.after };
    Some([before, b.core, after].concat().join(" "))
}

/// The known street at `at`, said without its type or with a compass word more.
pub(super) fn known_street(heard: &Heard, at: usize, known: &str) -> Option<Street> {
    if known.contains(" and ") {
        return None;
    }
    let lower = known.to_lowercase();
    let way = compass(heard, at);
    // Asked behind every number of a turn: most of what is there has no word of the street's.
    if way.is_none()
        && ordinal(heard, at).is_none()
        && lower.split(' ').all(|w| w != heard.word(at))
    {
        return None;
    }
    let (told, low) = (words(known), words(&lower));
    let told = parts(&told, &low);
    let (way, used) = match way {
        Some((way, used)) if told.low.first() != Some(&heard.word(at)) => (Some(way), used),
        _ => (None, 0),
    };
    // "Seventh" is the 7th.
    let same = |end: usize, word: &&str| match ordinal(heard, end) {
        Some((text, used)) if text == *word => Some(end + used),
        _ => (heard.word(end) == *word).then_some(end + 1),
    };
    let mut end = told.low.iter().try_fold(at + used, same)?;
    if told.low.is_empty() {
        return None;
    }
    if told.after.first().is_some_and(|k| {
        tables()
            .suffix(heard.word(end))
            .is_some_and(|s| s.eq_ignore_ascii_case(k))
    }) {
        end += 1;
    }
    let before = way.as_ref().map_or(told.before, std::slice::from_ref);
    let name = known
        .split(' ')
        .filter(|w| told.low.contains(&w.to_lowercase().as_str()));
    let name: Vec<&str> = name.collect();
    let text = [before, &name, told.after].concat().join(" ");
    Some(Street {
        text,
        end,
        typed: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_street_in_two_ways_is_put_together() {
        assert_eq!(
            merged("Dahlia Street", "South Dahlia").as_deref(),
            Some("South Dahlia Street")
        );
        assert_eq!(
            merged("New Scotland Avenue", "New Scotland").as_deref(),
            Some("New Scotland Avenue")
        );
        assert_eq!(merged("Oak Street", "Elm Street"), None);
        assert_eq!(
            merged("Maplewood", "Maplewood Court").as_deref(),
            Some("Maplewood Court")
        );
    }
}
