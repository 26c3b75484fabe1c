//! A table of weights as it is written: `@` and the options, a line of biases without a word, then a word or a pair of words a line with
//! its weight for each option in hundredths, all parted by tabs. A line that begins with [`AGENT`] is of the agent's words.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::fields::turn::Speaker;

/// Begins the lines of what the agent says: the same word in the other mouth means another thing.
pub const AGENT: char = '>';

/// A line that is no line of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the weights: {why}")]
pub struct TableError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

/// The weights of words and pairs for the options of one choice.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    options: Vec<String>,
    bias: Vec<f32>,
    /// The words of each side, by [`Speaker::index`].
    words: [Words; 2],
    /// Row after row.
    weights: Vec<f32>,
}

/// The words of one side that have weights.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    ids: FxHashMap<String, u32>,
    /// Row of a word alone, by the word's id.
    singles: Vec<Option<u32>>,
    /// Row of two neighbours, by their ids.
    pairs: FxHashMap<(u32, u32), u32>,
}

impl Words {
    fn learn(&mut self, word: &str) -> u32 {
        let fresh = self.singles.len() as u32;
        match self.ids.entry(word.to_owned()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                self.singles.push(None);
                *place.insert(fresh)
            }
        }
    }

    pub(super) fn id(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied()
    }

    pub(super) fn single(&self, id: u32) -> Option<u32> {
        self.singles.get(id as usize).copied().flatten()
    }

    pub(super) fn pair(&self, first: u32, second: u32) -> Option<u32> {
        self.pairs.get(&(first, second)).copied()
    }
}

impl Weights {
    /// Reads a table.
    ///
    /// # Errors
    /// The first line that is none, by number.
    pub fn parse(text: &str) -> Result<Weights, TableError> {
        let fail = |line: usize, why| TableError { line, why };
        let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l));
        let options: Vec<String> = lines
            .next()
            .and_then(|(_, l)| l.strip_prefix("@ "))
            .ok_or(fail(1, "it does not begin with \"@\" and the options"))?
            .split('\t')
            .map(str::to_owned)
            .collect();
        let mut out = Weights {
            bias: vec![0.0; options.len()],
            options,
            ..Weights::default()
        };
        for (number, line) in lines {
            let (words, weights) = line.split_once('\t').ok_or(fail(number, "no weights"))?;
            let weights = weights
                .split('\t')
                .map(|w| w.parse::<i16>().map(|w| f32::from(w) / 100.0))
                .collect::<Result<Vec<f32>, _>>()
                .map_err(|_| fail(number, "a weight is no whole number"))?;
            if weights.len() != out.options.len() {
                return Err(fail(number, "not one weight for each option"));
            }
            if words.is_empty() {
                out.bias = weights;
                continue;
            }
            let row = out.rows() as u32;
            let (speaker, words) = match words.strip_prefix(AGENT) {
                Some(words) => (Speaker::Agent, words),
                None => (Speaker::Caller, words),
            };
            let known = &mut out.words[speaker.index()];
            match words.split_once(' ') {
                None => {
                    let id = known.learn(words) as usize;
                    known.singles[id] = Some(row);
                }
                Some((first, second)) => {
                    let pair = (known.learn(first), known.learn(second));
                    known.pairs.insert(pair, row);
                }
            }
            out.weights.extend(weights);
        }
        Ok(out)
    }

    /// The options, in order.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// What each option starts with.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// How many words and pairs there are.
    pub fn rows(&self) -> usize {
        self.weights.len() / self.options.len().max(1)
    }

    pub(super) fn words(&self, speaker: Speaker) -> &Words {
        &self.words[speaker.index()]
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        let n = self.options.len();
        self.weights.get(row * n..(row + 1) * n).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_named_by_its_line() {
        for (text, line) in [
            ("", 1),
            ("routine", 1),
            ("@ a\tb\nnow", 2),
            ("@ a\tb\nnow\t1\t2\nlater\t1", 3),
            ("@ a\tb\nnow\tx\t2", 2),
        ] {
            assert_eq!(Weights::parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
