//! A turn as it comes in, and as the recognisers see it.

use crate::fields::word_set::words;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cue::{Cue, Hits};
use super::evidence::{Evidence, Role};
use super::number::{self, Run};
use super::phone::{self, Sequence};
use super::token::{self, Token};
use super::vertical::Vertical;
use super::word_set::{self, Shapes, WordSet};
use crate::speech::Word;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The one who called.
    Caller,
    /// The one who took the call.
    Agent,
}

impl Speaker {
    /// Index into per-speaker arrays.
    pub fn index(self) -> usize {
        match self {
            Speaker::Caller => 0,
            Speaker::Agent => 1,
        }
    }
}

/// One finished stretch of one speaker's words.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// Who spoke.
    pub speaker: Speaker,
    /// The turn's number in the call, as evidence will name it.
    pub segment: u32,
    /// Start, ms in the call.
    pub start_ms: u64,
    /// End, ms in the call.
    pub end_ms: u64,
    /// The words.
    pub words: &'a [Word],
}

/// The words of a text without times of their own: split on spaces, the time spread by length.
pub fn words_of_text(text: &str, start_ms: u64, end_ms: u64) -> Vec<Word> {
    token::words_of_text(text, start_ms, end_ms)
}

/// Words of a turn that are kept after it.
const MAX_TEXTS: usize = 60;

/// Start and end of the clause of every token, and of one more.
fn clauses(tokens: &[Token]) -> Vec<(u32, u32)> {
    let n = tokens.len() as u32;
    let mut out = vec![(0, n); tokens.len() + 1];
    let mut start = 0;
    for (at, clause) in (0u32..).zip(&mut out) {
        clause.0 = start;
        if tokens.get(at as usize).is_some_and(Token::ends_clause) {
            start = at + 1;
        }
    }
    let mut end = n;
    for (at, token) in tokens.iter().enumerate().rev() {
        if token.ends_clause() {
            end = at as u32 + 1;
        }
        out[at].1 = end;
    }
    out
}

/// A turn with everything recognisers share computed once.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Who spoke.
    pub speaker: Speaker,
    /// The turn's number.
    pub segment: u32,
    /// Start, ms.
    pub start_ms: u64,
    /// End, ms.
    pub end_ms: u64,
    /// Tokens.
    pub tokens: Vec<Token>,
    /// Phrases found.
    pub hits: Hits,
    /// Spoken numbers.
    pub runs: Vec<Run>,
    /// Those that are digits said in one go, as long as no token is taken.
    pub sequences: Vec<Sequence>,
    /// Written with capitals in the middle, so that a lower-case word is no name.
    pub cased: bool,
    /// The shapes of the words that are there.
    shapes: Shapes,
    /// Start and end of the clause of every token, and of what would come after the last.
    clauses: Vec<(u32, u32)>,
    /// Tokens some recogniser has taken: a digit run that is a phone is no house number.
    pub taken: Vec<bool>,
}

impl Heard {
    /// Prepares a turn.
    pub fn new(turn: &Turn<'_>, vertical: &Vertical) -> Heard {
        let tokens = token::tokenize(turn.words);
        let hits = Hits::new(vertical.lexicon.find(&tokens));
        let heard = Heard {
            speaker: turn.speaker,
            segment: turn.segment,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            hits,
            runs: number::runs(&tokens),
            sequences: Vec::new(),
            cased: token::is_cased(&tokens),
            shapes: token::shapes(&tokens),
            clauses: clauses(&tokens),
            taken: vec![false; tokens.len()],
            tokens,
        };
        heard.with_sequences()
    }

    /// The same turn with other words in it, in which no phrases are looked for.
    pub fn reworded(&self, tokens: Vec<Token>) -> Heard {
        let heard = Heard {
            speaker: self.speaker,
            segment: self.segment,
            start_ms: self.start_ms,
            end_ms: self.end_ms,
            hits: Hits::default(),
            runs: number::runs(&tokens),
            sequences: Vec::new(),
            cased: token::is_cased(&tokens),
            shapes: token::shapes(&tokens),
            clauses: clauses(&tokens),
            taken: vec![false; tokens.len()],
            tokens,
        };
        heard.with_sequences()
    }

    fn with_sequences(mut self) -> Heard {
        self.sequences = phone::untaken(&self);
        self
    }

    /// The text of a token, or nothing past the ends.
    pub fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| t.text.as_str())
    }

    /// The first words of the turn, for what looks back at it later.
    pub fn first_words(&self) -> &[Token] {
        self.tokens.get(..MAX_TEXTS).unwrap_or(&self.tokens)
    }

    /// The first words of a turn that is done with.
    pub fn into_first_words(mut self) -> Arc<[String]> {
        self.tokens.truncate(MAX_TEXTS);
        self.tokens.into_iter().map(|t| t.text).collect()
    }

    /// Whether the word at `at` is one of `words`.
    #[inline]
    pub fn any(&self, at: usize, words: &WordSet) -> bool {
        self.tokens.get(at).is_some_and(|t| t.any(words))
    }

    /// Whether that word is in the turn.
    pub fn has_word(&self, word: &str) -> bool {
        self.shapes.have(word_set::shape(word)) && self.tokens.iter().any(|t| t.is(word))
    }

    /// Whether any of `words` is in the turn.
    #[inline]
    pub fn says(&self, words: &WordSet) -> bool {
        self.shapes.meet(words.shapes()) && self.tokens.iter().any(|t| t.any(words))
    }

    /// Evidence of a span.
    pub fn evidence(&self, role: Role, from: usize, to: usize) -> Evidence {
        Evidence::of(role, self.speaker, self.segment, &self.tokens, from, to)
    }

    /// Evidence of the whole turn.
    pub fn whole(&self, role: Role) -> Evidence {
        self.evidence(role, 0, self.tokens.len())
    }

    /// The words of a span as said.
    pub fn text(&self, from: usize, to: usize) -> String {
        Evidence::of(
            Role::States,
            self.speaker,
            self.segment,
            &self.tokens,
            from,
            to,
        )
        .text
    }

    /// Marks a span as taken.
    pub fn take(&mut self, from: usize, to: usize) {
        let to = to.min(self.taken.len());
        if from < to {
            self.taken[from..to].fill(true);
        }
    }

    /// Whether any token of the span is taken.
    pub fn is_taken(&self, from: usize, to: usize) -> bool {
        self.taken
            .get(from..to.min(self.taken.len()))
            .is_some_and(|s| s.iter().any(|t| *t))
    }

    /// Start of the clause that holds the token: after a sentence end, or the turn's start.
    pub fn clause_start(&self, at: usize) -> usize {
        self.clauses[at.min(self.tokens.len())].0 as usize
    }

    /// One past the end of the clause that holds the token.
    pub fn clause_end(&self, at: usize) -> usize {
        self.clauses[at.min(self.tokens.len())].1 as usize
    }

    /// Whether the clause that holds the token is a question by its mark.
    pub fn in_question(&self, at: usize) -> bool {
        self.tokens
            .get(self.clause_end(at).saturating_sub(1))
            .is_some_and(|t| t.stop == token::Stop::Question)
    }

    /// Whether the span is said not to be so: negated, supposed, or told of another time.
    pub fn unreal(&self, from: usize) -> bool {
        let start = self.clause_start(from).max(from.saturating_sub(10));
        let barrier = self.barrier(start, from);
        let near = barrier.max(from.saturating_sub(4));
        let negated = self
            .hits
            .cue(Cue::Negation)
            // "Oh no, I can get somebody there": a sigh.
            .filter(|h| !(self.word(h.start) == "no" && self.word(h.start.wrapping_sub(1)) == "oh"))
            .any(|h| h.end <= from && h.start >= near);
        // "He'd have a stroke": would, but does not.
        let would = (from.saturating_sub(3).max(barrier)..from)
            .any(|i| self.word(i).ends_with("'d") && self.word(i + 1) == "have");
        negated || self.supposed(from) || would
    }

    /// Whether the span is only supposed: "if he has the part, ...".
    pub fn supposed(&self, from: usize) -> bool {
        let start = self.clause_start(from).max(from.saturating_sub(10));
        let barrier = self.barrier(start, from);
        self.hits
            .cue(Cue::Hypothetical)
            .any(|h| h.end <= from && h.start >= barrier && self.word(h.start) != "might")
    }

    /// One past the last word that starts a new thought ("but", "so", "because") between two tokens.
    fn barrier(&self, from: usize, to: usize) -> usize {
        (from..to)
            .rev()
            .find(|i| {
                self.tokens[*i].any(words![
                    "but", "so", "because", "cause", "though", "anyway", "however",
                ])
            })
            .map_or(from, |i| i + 1)
    }
}
