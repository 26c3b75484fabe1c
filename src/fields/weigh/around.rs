//! The words around a number, a place or a name: before it and after it, in the question, in the speaker's own turn before, each marked with where it stood,
//! and once more with classes for the people among them.

use std::sync::Arc;

use crate::fields::gazetteer::tables;
use crate::fields::name::word::is_kin;
use crate::fields::phone::people::is_somebody;
use crate::fields::token::{Num, classify, possessor};
use crate::fields::turn::{Heard, Speaker};

/// Words kept on each side of it, of the question before it, of the speaker's own turn before, and of the answer.
const BESIDE: usize = 6;
const ASKED: usize = 14;
const EARLIER: usize = 10;
const ANSWERED: usize = 8;

/// Stands where the number or name itself stood, so that the words right beside it weigh as such.
const ITSELF: &str = "|";

/// Words that stood together somewhere around a number or place, each marked with where.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// Who spoke of it.
    pub speaker: Speaker,
    /// The words, in order, parted by spaces.
    pub(super) words: Arc<str>,
}

impl Phrase {
    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.split(' ')
    }
}

/// The turns before one.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The other side's last.
    pub asked: &'a [String],
    /// The speaker's own last.
    pub own: &'a [String],
    /// The number of the line, where known.
    pub line: Option<&'a str>,
}

/// The phrases around one of the `spans` of a turn that speak of numbers or of places; `other`: it is of the other sort of them, the line
/// among numbers or a town among streets, whose words weigh apart.
pub(super) fn around(
    heard: &Heard,
    spans: &[(usize, usize)],
    (start, end): (usize, usize),
    other: bool,
    before: Before,
) -> Vec<Phrase> {
    let n = heard.tokens.len();
    let from = spans
        .iter()
        .filter(|s| s.1 <= start)
        .map(|s| s.1)
        .fold(start.saturating_sub(BESIDE), usize::max);
    let to = spans
        .iter()
        .filter(|s| s.0 >= end)
        .map(|s| s.0)
        .fold(n.min(end + BESIDE), usize::min);
    let first = spans.iter().all(|s| s.0 >= start);
    // A word that is none stands for the edge of the turn.
    let edge = |there: bool| there.then_some("");
    let texts = |from: usize, to: usize| (from..to).map(|i| heard.word(i));
    let mut out = Vec::new();
    let mut hold =
        |mark: char, words: &[&str]| out.extend(marked(heard.speaker, other, mark, words));
    let head: Vec<&str> = edge(from == 0)
        .into_iter()
        .chain(texts(from, start))
        .chain([ITSELF])
        .collect();
    hold('-', &head);
    let tail: Vec<&str> = std::iter::once(ITSELF)
        .chain(texts(end, to))
        .chain(edge(to == n))
        .collect();
    hold('+', &tail);
    // What was asked is answered by the first number of the turn; of those after it the turn itself says more.
    let asked = plain(before.asked.iter().map(String::as_str));
    let last = |words: &'_ [&'_ str], count: usize| words.len().saturating_sub(count);
    hold(if first { '?' } else { '/' }, &asked[last(&asked, ASKED)..]);
    if first {
        let own = plain(before.own.iter().map(String::as_str));
        hold('^', &own[last(&own, EARLIER)..]);
    }
    out
}

/// The words of the span themselves.
pub(super) fn within(heard: &Heard, (start, end): (usize, usize), other: bool) -> Vec<Phrase> {
    let own: Vec<&str> = (start..end).map(|i| heard.word(i)).collect();
    marked(heard.speaker, other, '=', &own).collect()
}

/// The phrases of a turn that answers one which spoke of a number or place.
pub(super) fn answering(heard: &Heard, asker: Speaker, other: bool) -> Vec<Phrase> {
    let mut words = plain(heard.tokens.iter().map(|t| t.text.as_str()));
    words.truncate(ANSWERED);
    marked(asker, other, '!', &words).collect()
}

/// The words with their mark, and once more with classes for the people among them.
fn marked(
    speaker: Speaker,
    other: bool,
    mark: char,
    words: &[&str],
) -> impl Iterator<Item = Phrase> {
    let phrase = |words: &mut dyn Iterator<Item = &str>| {
        let mut text = String::with_capacity(256);
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            if other {
                text.push('~');
            }
            text.push(mark);
            text.push_str(word);
        }
        let words = text.into();
        Phrase { speaker, words }
    };
    let people: Vec<Option<&str>> = words.iter().map(|w| person(w)).collect();
    let said = (!words.is_empty()).then(|| phrase(&mut words.iter().copied()));
    let mut classed = words.iter().zip(&people).map(|(w, p)| p.unwrap_or(w));
    let classed = (people.iter().any(Option::is_some)).then(|| phrase(&mut classed));
    said.into_iter().chain(classed)
}

/// The words as the table knows them: a number is a number, whichever and however long.
pub(super) fn plain<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for word in words {
        let after = out.last() == Some(&super::NUMBER);
        let number = match classify(word) {
            // A word of its own more often, but not among digits.
            Num::Oh | Num::Repeat(_) => after,
            Num::Digit(1) => after || word != "one",
            Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Hundred | Num::Literal => true,
            _ => false,
        };
        if !number {
            out.push(word);
        } else if !after {
            out.push(super::NUMBER);
        }
    }
    out
}

/// The class of a word that names a person.
fn person(word: &str) -> Option<&'static str> {
    let noun = possessor(word);
    let own = noun.len() < word.len();
    if is_kin(noun) {
        return Some(if own { "KIN'S" } else { "KIN" });
    }
    if is_somebody(noun) {
        return Some(if own { "PERSON'S" } else { "PERSON" });
    }
    (tables().is_given(noun) && !tables().is_word(noun)).then_some(if own {
        "NAME'S"
    } else {
        "NAME"
    })
}
