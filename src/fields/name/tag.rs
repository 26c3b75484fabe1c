//! Which words of a call are the caller's own name, weighed word by word: what a word looks like, what stands beside it, what was asked
//! and who has said it before. Finds names that no phrase announces and no list knows. `make weights` makes the table from the labelled
//! calls and dialogues under `fixtures`.
//!
//! Owns the features, the table and what must be remembered of earlier turns; what a weighed name is worth beside one that was announced,
//! the rules of the field decide.

use crate::fields::word_set::{WordSet, words};
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

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
                let parts: Vec<Part<'_>> = feature.split(' ').map(Part::of).collect();
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

/// A part of a feature. Each is in several features, so it is hashed by itself, once.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// As the table writes it.
    pub text: &'a str,
    hash: u64,
}

impl<'a> Part<'a> {
    /// FNV-1a, which can be reckoned while compiling for the parts that are known then.
    const fn of(text: &'a str) -> Part<'a> {
        let (bytes, mut hash, mut at) = (text.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        Part { text, hash }
    }
}

/// A feature's place in the table, by its parts in their order.
fn key(parts: &[Part<'_>]) -> u64 {
    parts.iter().fold(0, |key, part| {
        (key ^ part.hash)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    })
}

/// The parts of a feature, the first of them its name.
macro_rules! parts {
    ($name:literal $(, $part:expr)+) => { &[const { Part::of($name) } $(, $part)+] };
}

/// The word of a name without the "'s" of a possessive.
pub fn bare(token: &Token) -> &str {
    token.text.strip_suffix("'s").unwrap_or(&token.text)
}

/// What a word looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Of grammar and talk.
    Closed,
    Number,
    /// In no list.
    Unknown,
    /// In the lists of words of the language, of given names, of surnames.
    Known {
        word: bool,
        given: bool,
        surname: bool,
    },
}

impl Look {
    const WORD: Look = Look::Known {
        word: true,
        given: false,
        surname: false,
    };

    fn of(token: &Token) -> Look {
        if token.num != Num::None && !matches!(token.num, Num::Homophone(_)) {
            return Look::Number;
        }
        let nameness = nameness(token);
        match nameness {
            Nameness::None => return Look::Closed,
            Nameness::Word => return Look::WORD,
            Nameness::Unknown => return Look::Unknown,
            Nameness::Name | Nameness::Both => {}
        }
        let base = bare(token);
        let kinds = if base.len() == token.text.len() {
            token.kinds()
        } else {
            tables().kinds(base)
        };
        Look::Known {
            word: nameness == Nameness::Both,
            given: kinds.given,
            surname: kinds.surname,
        }
    }

    /// As the features name it.
    const fn part(self) -> Part<'static> {
        match self {
            Look::Closed => const { Part::of("-") },
            Look::Number => const { Part::of("#") },
            Look::Unknown => const { Part::of("u") },
            Look::Known {
                word,
                given,
                surname,
            } => match (word, given, surname) {
                (true, false, false) => const { Part::of("w") },
                (false, true, false) => const { Part::of("g") },
                (false, false, true) => const { Part::of("s") },
                (false, ..) => const { Part::of("gs") },
                (true, true, false) => const { Part::of("wg") },
                (true, false, true) => const { Part::of("ws") },
                (true, true, true) => const { Part::of("wgs") },
            },
        }
    }

    /// Also a word of the language.
    fn is_word(self) -> bool {
        matches!(self, Look::Known { word: true, .. })
    }

    fn is_name(self) -> bool {
        !matches!(self, Look::Closed | Look::Number | Look::WORD)
    }

    fn is_given(self) -> bool {
        matches!(self, Look::Known { given: true, .. })
    }
}

/// Words of a question that bear on whose name the answer is.
const ASKING: &WordSet = words![
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

/// A small number, written.
fn digit(n: usize) -> Part<'static> {
    Part::of(["0", "1", "2", "3", "4", "5", "6", "7"][n.min(7)])
}

fn side(speaker: Speaker) -> Part<'static> {
    match speaker {
        Speaker::Agent => const { Part::of("a") },
        Speaker::Caller => const { Part::of("c") },
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
    fn symbol(&self, at: Option<usize>) -> Part<'_> {
        let Some((token, look)) = at.and_then(|at| Some((self.tokens.get(at)?, self.looks[at])))
        else {
            return const { Part::of("<>") };
        };
        match look {
            Look::Number => look.part(),
            _ if look.is_name() && !is_title(&token.text) && !is_kin(&token.text) => look.part(),
            _ => Part::of(&token.text),
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
                        .is_some_and(|l| l.is_name() && *l != Look::Unknown))
    }
}

impl Memory {
    /// The words of the turn that may be part of a name.
    pub fn candidates<'a>(&'a self, said: &'a Said<'_>) -> impl Iterator<Item = usize> + 'a {
        (0..said.tokens.len()).filter(|at| said.may_be(*at, self))
    }

    /// The features of the word at `at`, part by part.
    pub fn features(&self, said: &Said<'_>, at: usize, mut each: impl FnMut(&[Part<'_>])) {
        let (token, n) = (&said.tokens[at], said.tokens.len());
        let look = said.looks[at].part();
        let text = bare(token);
        let word = Part::of(text);
        let side = side(said.speaker);
        let long = digit(n);
        let [back3, back2, back1] = [3, 2, 1].map(|by| said.symbol(at.checked_sub(by)));
        let [on1, on2] = [1, 2].map(|by| said.symbol(Some(at + by)));
        each(parts!["look", side, look]);
        if said.looks[at].is_word() {
            each(parts!["word", word]);
        }
        let end = |count: usize| {
            let (from, _) = text.char_indices().rev().nth(count - 1)?;
            Some(Part::of(&text[from..]))
        };
        if let Some(end) = end(2) {
            each(parts!["end2", end]);
        }
        if let Some(end) = end(3) {
            each(parts!["end3", end]);
        }
        let before = at.checked_sub(1).map(|b| said.tokens[b].stop);
        let begins = before.is_none_or(|stop| stop >= Stop::Sentence);
        let cased = match (said.cased, begins) {
            (false, _) => const { Part::of("no") },
            (true, true) => const { Part::of("first") },
            (true, false) => const { Part::of("yes") },
        };
        each(parts!["cased", cased, look]);
        each(parts!["-1", back1]);
        each(parts!["-1", back1, look]);
        each(parts!["-2", back2]);
        each(parts!["-3", back3]);
        each(parts!["-21", back2, back1]);
        each(parts!["-321", back3, back2, back1]);
        each(parts!["+1", on1]);
        each(parts!["+1", on1, look]);
        each(parts!["+2", on2]);
        each(parts!["+12", on1, on2]);
        each(parts!["around", back1, on1]);
        each(parts!["stop", stop(Some(token.stop)), look]);
        each(parts!["break", stop(before), look]);
        if let Some(glue) = token.glue {
            each(parts![
                "glue",
                Part::of(if glue == '-' { "-" } else { "." })
            ]);
        }
        each(parts!["long", long, side, look]);
        each(parts!["turn", digit(usize::from(self.turns)), side]);
        if said.speaker == Speaker::Caller {
            let ages = const { [Part::of("asked"), Part::of("before")] };
            for (age, asked) in ages.into_iter().zip(self.asked) {
                let words = ASKING.words().enumerate();
                for (_, word) in words.filter(|(bit, _)| asked & 1 << bit != 0) {
                    let word = Part::of(word);
                    each(&[age, word, look]);
                    each(&[age, word, long]);
                }
            }
        }
        let was_said = |same: bool| {
            let same = |who: Speaker| (who == said.speaker) == same;
            let mut names = self.names.iter();
            names.any(|(who, name)| *name == word.hash && same(*who))
        };
        if was_said(true) {
            each(parts!["again", side, look]);
            each(parts!["again", back1]);
        }
        if was_said(false) {
            each(parts!["echo", side, look]);
            each(parts!["echo", back1]);
        }
    }

    /// Remembers a turn.
    pub fn hear(&mut self, said: &Said<'_>) {
        if said.tokens.is_empty() {
            return;
        }
        self.turns = (self.turns + 1).min(7);
        if said.speaker == Speaker::Agent {
            let words = said.tokens.iter().filter_map(|t| ASKING.position(&t.text));
            self.asked = [words.fold(0, |bits, bit| bits | 1 << bit), self.asked[0]];
        }
        for at in 0..said.tokens.len() {
            if said.looks[at].is_name() {
                let word = Part::of(bare(&said.tokens[at])).hash;
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
        self.features(said, at, |parts| {
            sum += weights.by_feature.get(&key(parts)).copied().unwrap_or(0.0);
        });
        1.0 / (1.0 + (-sum).exp())
    }
}

fn stop(stop: Option<Stop>) -> Part<'static> {
    match stop {
        None => const { Part::of("<>") },
        Some(Stop::None) => const { Part::of("none") },
        Some(Stop::Comma) => const { Part::of("comma") },
        Some(Stop::Sentence) => const { Part::of("end") },
        Some(Stop::Question) => const { Part::of("question") },
    }
}
