//! Which words of a call are the caller's own name, weighed word by word: what a word looks like, what stands beside it, what was asked
//! and who has said it before. Finds names that no phrase announces and no list knows. `make weights` makes the table from the labelled
//! calls and dialogues under `fixtures`.
//!
//! Owns the features, the table and what must be remembered of earlier turns; what a weighed name is worth beside one that was announced,
//! the rules of the field decide.

use std::hash::Hasher;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHasher};

use super::word::{Nameness, is_kin, is_title, nameness};
use crate::fields::gazetteer::tables;
use crate::fields::token::{Num, Stop, Token};
use crate::fields::turn::Speaker;

/// The table that ships; a test reads it strictly, so that it is not left empty here.
static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    Weights::parse(include_str!("../data/weights/caller_name.txt")).unwrap_or_default()
});

/// The weights that ship.
pub fn weights() -> &'static Weights {
    &WEIGHTS
}

/// A weight for every feature: one a line, the parts of the feature parted by spaces, a tab, the weight in hundredths of the logarithm of
/// odds. The line without a feature is the bias.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    bias: f32,
    by_feature: FxHashMap<u64, f32>,
}

impl Weights {
    /// Reads a table.
    ///
    /// # Errors
    /// The number of the first line that is none.
    pub fn parse(text: &str) -> Result<Weights, usize> {
        let mut out = Weights::default();
        for (number, line) in text.lines().enumerate() {
            let (feature, weight) = line
                .split_once('\t')
                .and_then(|(f, w)| Some((f, f32::from(w.parse::<i16>().ok()?) / 100.0)))
                .ok_or(number + 1)?;
            if feature.is_empty() {
                out.bias = weight;
            } else {
                let parts: Vec<&str> = feature.split(' ').collect();
                out.by_feature.insert(key(&parts), weight);
            }
        }
        Ok(out)
    }

    /// How many features have a weight.
    pub fn len(&self) -> usize {
        self.by_feature.len()
    }

    /// Whether no feature has a weight.
    pub fn is_empty(&self) -> bool {
        self.by_feature.is_empty()
    }
}

fn key(parts: &[&str]) -> u64 {
    let mut hasher = FxHasher::default();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The word of a name without the "'s" of a possessive.
pub fn bare(token: &Token) -> &str {
    token.text.strip_suffix("'s").unwrap_or(&token.text)
}

/// What a word looks like, as the features name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look(&'static str);

impl Look {
    const CLOSED: Look = Look("-");
    const NUMBER: Look = Look("#");
    const WORD: Look = Look("w");
    const UNKNOWN: Look = Look("u");

    fn of(token: &Token) -> Look {
        if token.num != Num::None && !matches!(token.num, Num::Homophone(_)) {
            return Look::NUMBER;
        }
        let nameness = nameness(token);
        match nameness {
            Nameness::None => return Look::CLOSED,
            Nameness::Word => return Look::WORD,
            Nameness::Unknown => return Look::UNKNOWN,
            Nameness::Name | Nameness::Both => {}
        }
        let base = bare(token);
        let word = nameness == Nameness::Both;
        Look(
            match (word, tables().is_given(base), tables().is_surname(base)) {
                (false, true, false) => "g",
                (false, false, true) => "s",
                (false, ..) => "gs",
                (true, true, false) => "wg",
                (true, false, true) => "ws",
                (true, ..) => "wgs",
            },
        )
    }

    fn is_name(self) -> bool {
        !matches!(self, Look::CLOSED | Look::NUMBER | Look::WORD)
    }

    fn is_given(self) -> bool {
        matches!(self.0, "g" | "gs" | "wg" | "wgs")
    }
}

/// Words of a question that bear on whose name the answer is.
const ASKING: &[&str] = &[
    "name",
    "who",
    "who's",
    "whom",
    "speaking",
    "this",
    "you",
    "your",
    "under",
    "spell",
    "last",
    "first",
    "patient",
    "patient's",
    "child",
    "child's",
    "his",
    "her",
    "he",
    "she",
    "party",
    "landlord",
    "against",
    "other",
    "full",
    "called",
    "help",
    "speak",
    "company",
];

/// A turn's words as the features see them.
#[derive(Debug)]
pub struct Said<'a> {
    speaker: Speaker,
    tokens: &'a [Token],
    cased: bool,
    looks: Vec<Look>,
}

/// What is remembered of earlier turns.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Turns heard, to seven.
    turns: u8,
    /// A bit for each word of [`ASKING`] in the agent's last turn, and in the one before.
    asked: [u32; 2],
    /// Words that may be names, by who said them, hashed, oldest first.
    names: Vec<(Speaker, u64)>,
}

/// So many words that may be names are remembered.
const MOST_NAMES: usize = 32;

/// Small numbers, written.
const DIGITS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

fn digit(n: usize) -> &'static str {
    DIGITS[n.min(7)]
}

fn side(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Agent => "a",
        Speaker::Caller => "c",
    }
}

impl<'a> Said<'a> {
    /// Looks at the words of a turn; `cased` where it is written with capitals in the middle.
    pub fn new(speaker: Speaker, tokens: &'a [Token], cased: bool) -> Said<'a> {
        Said {
            speaker,
            tokens,
            cased,
            looks: tokens.iter().map(Look::of).collect(),
        }
    }

    /// A word's look where it may be a name, else the word itself.
    fn symbol(&self, at: Option<usize>) -> &str {
        let Some(token) = at.and_then(|at| self.tokens.get(at)) else {
            return "<>";
        };
        match at.map_or(Look::CLOSED, |at| self.looks[at]) {
            Look::NUMBER => "#",
            look if look.is_name() && !is_title(&token.text) && !is_kin(&token.text) => look.0,
            _ => &token.text,
        }
    }

    /// Whether the word may be part of a name at all.
    fn may_be(&self, at: usize, memory: &Memory) -> bool {
        let look = self.looks[at];
        if self.cased && !self.tokens[at].upper {
            return false;
        }
        look.is_name()
            || look == Look::WORD
                && (self.speaker == Speaker::Caller
                    && self.tokens.len() <= 8
                    && memory.asked[0] & 1 != 0
                    || at > 0 && self.looks[at - 1].is_given()
                    || self
                        .looks
                        .get(at + 1)
                        .is_some_and(|l| l.is_name() && l.0 != "u"))
    }
}

impl Memory {
    /// The words of the turn that may be part of a name.
    pub fn candidates<'a>(&'a self, said: &'a Said<'_>) -> impl Iterator<Item = usize> + 'a {
        (0..said.tokens.len()).filter(|at| said.may_be(*at, self))
    }

    /// The features of the word at `at`, part by part.
    pub fn features(&self, said: &Said<'_>, at: usize, each: &mut dyn FnMut(&[&str])) {
        let (token, look, n) = (&said.tokens[at], said.looks[at].0, said.tokens.len());
        let text = bare(token);
        let side = side(said.speaker);
        let back = |by: usize| said.symbol(at.checked_sub(by));
        let on = |by: usize| said.symbol(Some(at + by));
        each(&["look", side, look]);
        if look.starts_with('w') {
            each(&["word", text]);
        }
        for (name, count) in [("end2", 2), ("end3", 3)] {
            if let Some((from, _)) = text.char_indices().rev().nth(count - 1) {
                each(&[name, &text[from..]]);
            }
        }
        let before = at.checked_sub(1).map(|b| said.tokens[b].stop);
        let begins = before.is_none_or(|stop| stop >= Stop::Sentence);
        each(&[
            "cased",
            if !said.cased {
                "no"
            } else if begins {
                "first"
            } else {
                "yes"
            },
            look,
        ]);
        each(&["-1", back(1)]);
        each(&["-1", back(1), look]);
        each(&["-2", back(2)]);
        each(&["-3", back(3)]);
        each(&["-21", back(2), back(1)]);
        each(&["-321", back(3), back(2), back(1)]);
        each(&["+1", on(1)]);
        each(&["+1", on(1), look]);
        each(&["+2", on(2)]);
        each(&["+12", on(1), on(2)]);
        each(&["around", back(1), on(1)]);
        each(&["stop", stop(Some(token.stop)), look]);
        each(&["break", stop(before), look]);
        if let Some(glue) = token.glue {
            each(&["glue", if glue == '-' { "-" } else { "." }]);
        }
        each(&["long", digit(n), side, look]);
        each(&["turn", digit(usize::from(self.turns)), side]);
        if said.speaker == Speaker::Caller {
            for (age, words) in ["asked", "before"].into_iter().zip(self.asked) {
                for (bit, word) in ASKING.iter().enumerate() {
                    if words & (1 << bit) != 0 {
                        each(&[age, word, look]);
                        each(&[age, word, digit(n)]);
                    }
                }
            }
        }
        let hashed = key(&[text]);
        for (name, same) in [("again", true), ("echo", false)] {
            if self
                .names
                .iter()
                .any(|(who, word)| *word == hashed && (*who == said.speaker) == same)
            {
                each(&[name, side, look]);
                each(&[name, back(1)]);
            }
        }
    }

    /// Remembers a turn.
    pub fn hear(&mut self, said: &Said<'_>) {
        if said.tokens.is_empty() {
            return;
        }
        self.turns = (self.turns + 1).min(7);
        if said.speaker == Speaker::Agent {
            let words = said
                .tokens
                .iter()
                .filter_map(|t| ASKING.iter().position(|w| t.is(w)));
            self.asked = [words.fold(0, |bits, bit| bits | 1 << bit), self.asked[0]];
        }
        for at in 0..said.tokens.len() {
            if said.looks[at].is_name() {
                let word = key(&[bare(&said.tokens[at])]);
                if !self.names.contains(&(said.speaker, word)) {
                    if self.names.len() == MOST_NAMES {
                        self.names.remove(0);
                    }
                    self.names.push((said.speaker, word));
                }
            }
        }
    }

    /// The probability that the word at `at` is part of the caller's name.
    pub fn probability(&self, weights: &Weights, said: &Said<'_>, at: usize) -> f32 {
        let mut sum = weights.bias;
        self.features(said, at, &mut |parts| {
            sum += weights.by_feature.get(&key(parts)).copied().unwrap_or(0.0);
        });
        1.0 / (1.0 + (-sum).exp())
    }
}

fn stop(stop: Option<Stop>) -> &'static str {
    match stop {
        None => "<>",
        Some(Stop::None) => "none",
        Some(Stop::Comma) => "comma",
        Some(Stop::Sentence) => "end",
        Some(Stop::Question) => "question",
    }
}
