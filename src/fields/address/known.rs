//! A street known already and said again, shorter ("418 New Scotland") or with more ("South Dahlia" for "Dahlia Street").

use super::street::Street;
use super::words::{compass, direction, ordinal};
use crate::fields::gazetteer::tables;
use crate::fields::turn::Heard;

/// A street's name in its parts.
struct Parts {
    /// Compass words before the name.
    before: Vec<String>,
    /// The name itself.
    core: Vec<String>,
    /// The type and what follows it.
    after: Vec<String>,
}

fn parts(street: &str) -> Parts {
    let words: Vec<String> = street.split(' ').map(str::to_owned).collect();
    let lower = |w: &String| w.to_lowercase();
    let from = words
        .iter()
        .take_while(|w| direction(&lower(w)).is_some())
        .count();
    let from = if from < words.len() { from } else { 0 };
    let kind = words
        .iter()
        .enumerate()
        .skip(from + 1)
        .rev()
        .find(|(_, w)| tables().suffix(&lower(w)).is_some())
        .map_or(words.len(), |(i, _)| i);
    Parts {
        before: words[..from].to_vec(),
        core: words[from..kind].iter().map(lower).collect(),
        after: words[kind..].to_vec(),
    }
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
    let (a, b) = (parts(held), parts(said));
    if a.core != b.core || a.core.is_empty() {
        return None;
    }
    let name = said
        .split(' ')
        .skip(b.before.len())
        .take(b.core.len())
        .map(str::to_owned);
    let before = if b.before.is_empty() {
        a.before
    } else {
        b.before
    };
    let after = if b.after.is_empty() { a.after } else { b.after };
    Some(
        before
            .into_iter()
            .chain(name)
            .chain(after)
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// The known street at `at`, said without its type or with a compass word more.
pub(super) fn known_street(heard: &Heard, at: usize, known: &str) -> Option<Street> {
    if known.contains(" and ") {
        return None;
    }
    let told = parts(known);
    let (way, used) = match compass(heard, at) {
        Some((way, used)) if told.core.first().map(String::as_str) != Some(heard.word(at)) => {
            (Some(way), used)
        }
        _ => (None, 0),
    };
    // "Seventh" is the 7th.
    let same = |end: usize, word: &String| match ordinal(heard, end) {
        Some((text, used)) if text == *word => Some(end + used),
        _ => (heard.word(end) == word).then_some(end + 1),
    };
    let mut end = told.core.iter().try_fold(at + used, same)?;
    if told.core.is_empty() {
        return None;
    }
    if told.after.first().is_some_and(|k| {
        tables()
            .suffix(heard.word(end))
            .is_some_and(|s| s.eq_ignore_ascii_case(k))
    }) {
        end += 1;
    }
    let before: Vec<String> = way.map_or(told.before, |w| vec![w.to_owned()]);
    let name = known
        .split(' ')
        .filter(|w| told.core.contains(&w.to_lowercase()))
        .map(str::to_owned);
    let text = before
        .into_iter()
        .chain(name)
        .chain(told.after)
        .collect::<Vec<_>>()
        .join(" ");
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
