//! Evidence: which words, whose, when, and what they do for a value.

use serde::{Deserialize, Serialize};

use super::token::Token;
use super::turn::Speaker;

/// What words do for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Say it.
    States,
    /// Spell it.
    Spells,
    /// The other side repeats it.
    ReadsBack,
    /// Say yes to it.
    Confirms,
    /// Deny or correct it.
    Contradicts,
    /// Pressed on the telephone's keys.
    Keyed,
}

/// Where a value rests in the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the words do.
    pub role: Role,
    /// Who said them.
    pub speaker: Speaker,
    /// Turn number.
    pub turn: u32,
    /// First word in the turn.
    pub word_from: u32,
    /// One past the last word.
    pub word_to: u32,
    /// Start, ms in the call.
    pub start_ms: u64,
    /// End, ms in the call.
    pub end_ms: u64,
    /// The words.
    pub text: String,
}

/// Longest text kept in a piece of evidence; the rest is in the transcript.
const MAX_TEXT_BYTES: usize = 400;

impl Evidence {
    /// Evidence of the tokens `from..to` of a turn.
    pub fn of(
        role: Role,
        speaker: Speaker,
        turn: u32,
        tokens: &[Token],
        from: usize,
        to: usize,
    ) -> Evidence {
        let slice = tokens.get(from..to.min(tokens.len())).unwrap_or_default();
        let bytes: usize = slice.iter().map(|t| t.text.len() + 1).sum();
        let mut text = String::with_capacity(bytes.min(MAX_TEXT_BYTES));
        for (i, token) in slice.iter().enumerate() {
            if i > 0 {
                text.push(if token.glue == Some('-') { '-' } else { ' ' });
            }
            if text.len() + token.text.len() > MAX_TEXT_BYTES {
                break;
            }
            text.push_str(&token.text);
        }
        Evidence {
            role,
            speaker,
            turn,
            word_from: slice.first().map_or(0, |t| t.word),
            word_to: slice.last().map_or(0, |t| t.word + 1),
            start_ms: slice.first().map_or(0, |t| t.start_ms),
            end_ms: slice.last().map_or(0, |t| t.end_ms),
            text,
        }
    }
}

/// The mean probability of the words of a span, 0..=1.
pub fn word_probability(tokens: &[Token], from: usize, to: usize) -> f32 {
    let slice = tokens.get(from..to.min(tokens.len())).unwrap_or_default();
    if slice.is_empty() {
        return 1.0;
    }
    slice.iter().map(|t| t.p.clamp(0.0, 1.0)).sum::<f32>() / slice.len() as f32
}
