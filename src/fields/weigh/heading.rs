//! Words that name a direction: "from", "picking up", "the old one"; "to", "delivered", "the new one". What a place is for is said by the
//! nearest of them before it, perhaps turns before.
//!
//! Owns the words and which of them were said last. Knows no place; what they weigh, a table knows.

use crate::fields::word_set::{WordSet, words};
use std::collections::VecDeque;

use super::around::Phrase;
use crate::fields::turn::{Heard, Speaker};

/// Where one comes from, and where one is.
const FROM: &WordSet = words![
    "from", "out", "leaving", "leave", "now", "old", "live", "lives", "living", "coming",
    "selling", "sold", "origin",
];
/// Where one goes.
const TO: &WordSet = words![
    "to",
    "into",
    "going",
    "goes",
    "go",
    "headed",
    "heading",
    "destination",
    "bought",
    "buying",
    "closing",
    "closed",
    "new",
];
/// And by how a word begins, for all its forms.
const FROM_HEADS: [&str; 4] = ["pick", "load", "current", "vacat"];
const TO_HEADS: [&str; 3] = ["deliver", "drop", "unload"];

/// So many of them before a place tell of it.
const NEAREST: usize = 3;
/// Turns of anybody's through which they are remembered.
const TURNS: u32 = 5;
/// Further back than this it is no matter how far.
const MOST_TURNS: u32 = 4;

/// A direction named.
#[derive(Debug, Clone)]
struct Lead {
    word: String,
    /// `F` or `T`.
    side: char,
    turn: u32,
}

/// The directions named last.
#[derive(Debug, Clone, Default)]
pub(super) struct Headings {
    last: VecDeque<Lead>,
}

/// Which way a word points.
fn side(word: &str) -> Option<char> {
    let begins = |heads: &[&str]| heads.iter().any(|h| word.starts_with(h));
    if TO.has(word) || begins(&TO_HEADS) {
        Some('T')
    } else if FROM.has(word) || begins(&FROM_HEADS) {
        Some('F')
    } else {
        None
    }
}

impl Headings {
    /// What the directions named before a token say; `town`: of a town.
    pub fn before(&self, heard: &Heard, start: usize, town: bool) -> Vec<Phrase> {
        let here = (0..start.min(heard.tokens.len())).rev().filter_map(|at| {
            let word = heard.word(at);
            Some((word, side(word)?, 0))
        });
        let earlier = (self.last.iter().rev())
            .map(|l| {
                (
                    l.word.as_str(),
                    l.side,
                    heard.segment.saturating_sub(l.turn),
                )
            })
            .take_while(|(.., age)| *age <= TURNS);
        let mut out = Vec::with_capacity(NEAREST);
        for (n, (word, side, age)) in here.chain(earlier).take(NEAREST).enumerate() {
            let age = age.min(MOST_TURNS);
            let mark = if town { "~" } else { "" };
            // Each is a fact of its own: no pair of them is.
            for fact in [
                format!("{mark}@{n}{side}"),
                format!("{mark}@{n}{side}{age}"),
                format!("{mark}@{n}-{word}"),
            ] {
                out.push(Phrase {
                    speaker: Speaker::Caller,
                    words: fact.into(),
                });
            }
        }
        out
    }

    /// Notes the directions that a turn names.
    pub fn hear(&mut self, heard: &Heard) {
        for at in 0..heard.tokens.len() {
            let word = heard.word(at);
            if let Some(side) = side(word) {
                if self.last.len() == NEAREST {
                    self.last.pop_front();
                }
                self.last.push_back(Lead {
                    word: word.to_owned(),
                    side,
                    turn: heard.segment,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::turn::{Turn, words_of_text};
    use crate::fields::vertical::Vertical;

    fn heard(segment: u32, text: &str) -> Heard {
        let start_ms = u64::from(segment) * 1000;
        let words = words_of_text(text, start_ms, start_ms + 900);
        let turn = Turn {
            speaker: Speaker::Caller,
            segment,
            start_ms,
            end_ms: start_ms + 900,
            words: &words,
        };
        Heard::new(&turn, &Vertical::builtin("moving").unwrap())
    }

    #[test]
    fn the_nearest_directions_before_a_place_tell_of_it() {
        let mut headings = Headings::default();
        headings.hear(&heard(0, "I need to get out of my old place"));
        headings.hear(&heard(1, "and where is it all going"));
        let turn = heard(2, "to the storage on Metric");
        let said: Vec<String> = headings
            .before(&turn, 4, false)
            .iter()
            .map(|p| p.words().collect())
            .collect();
        assert_eq!(
            said,
            [
                "@0T", "@0T0", "@0-to", "@1T", "@1T1", "@1-going", "@2F", "@2F2", "@2-old"
            ]
        );
        // Too long ago.
        assert!(headings.before(&heard(9, "Metric"), 0, true).is_empty());
    }
}
