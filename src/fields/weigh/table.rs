//! A table of weights as it is written: `@` and the options, a line of biases without a word, then a word or a pair of words a line with
//! its weight for each option in hundredths, all parted by tabs. A line that begins with [`AGENT`] is of the agent's words, one that ends with
//! [`STEM`] of all words that begin so.

use rustc_hash::FxHashMap;

use crate::fields::turn::Speaker;

/// Begins the lines of what the agent says: the same word in the other mouth means another thing.
pub const AGENT: char = '>';
/// Ends the line of a beginning of words.
pub const STEM: char = '*';

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
    /// Of each side, by [`Speaker::index`].
    rows: [Rows; 2],
    /// Row after row.
    weights: Vec<f32>,
}

/// Words, beginnings of words and pairs by number, for all tables that are read with it: those of a turn are looked up once.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: FxHashMap<String, u32>,
    stems: FxHashMap<String, u32>,
    /// By the numbers of two neighbours.
    pairs: FxHashMap<(u32, u32), u32>,
}

/// The beginning that words of one family share; none of a short word, which is its own.
pub fn stem(word: &str) -> Option<&str> {
    word.get(..STEM_LETTERS)
        .filter(|stem| stem.len() < word.len())
}

/// So many letters tell families of words apart: with four or six calls were told apart no better.
const STEM_LETTERS: usize = 5;

impl Vocabulary {
    fn fresh(&self) -> u32 {
        (self.words.len() + self.stems.len() + self.pairs.len()) as u32
    }

    fn learn(&mut self, word: &str) -> u32 {
        let fresh = self.fresh();
        *self.words.entry(word.to_owned()).or_insert(fresh)
    }

    /// What a line of a table is of.
    fn learn_line(&mut self, words: &str) -> u32 {
        if let Some(stem) = words.strip_suffix(STEM) {
            let fresh = self.fresh();
            return *self.stems.entry(stem.to_owned()).or_insert(fresh);
        }
        let Some((first, second)) = words.split_once(' ') else {
            return self.learn(words);
        };
        let pair = (self.learn(first), self.learn(second));
        let fresh = self.fresh();
        *self.pairs.entry(pair).or_insert(fresh)
    }

    /// The number of a word, none where no table knows it.
    pub fn id(&self, word: &str) -> Option<u32> {
        self.words.get(word).copied()
    }

    /// The numbers of words that stood together, of their beginnings and pairs, in order, but for those that no table knows.
    pub fn ids<'a>(&self, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let mut ids = Vec::with_capacity(3 * words.size_hint().0);
        let mut before = None;
        for word in words {
            let id = self.id(word);
            ids.extend(id);
            ids.extend(stem(word).and_then(|s| self.stems.get(s)));
            if let (Some(before), Some(id)) = (before, id) {
                ids.extend(self.pairs.get(&(before, id)));
            }
            before = id;
        }
        ids
    }
}

/// The rows of what one side says, by its number.
#[derive(Debug, Clone, Default)]
struct Rows(Vec<Option<u32>>);

impl Rows {
    fn learn(&mut self, id: u32, row: u32) {
        let at = id as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        self.0[at] = Some(row);
    }
}

impl Weights {
    /// Reads a table, its words into the vocabulary.
    ///
    /// # Errors
    /// The first line that is none, by number.
    pub fn parse(text: &str, vocabulary: &mut Vocabulary) -> Result<Weights, TableError> {
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
            let id = vocabulary.learn_line(words);
            out.rows[speaker.index()].learn(id, row);
            out.weights.extend(weights);
        }
        Ok(out)
    }

    /// The options, in order.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// The place of an option among them.
    pub fn column(&self, option: &str) -> Option<usize> {
        self.options.iter().position(|o| o == option)
    }

    /// What each option starts with.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// How many words and pairs there are.
    pub fn rows(&self) -> usize {
        self.weights.len() / self.options.len().max(1)
    }

    /// The row of a word or pair in that side's mouth.
    pub(super) fn row_of(&self, speaker: Speaker, id: u32) -> Option<u32> {
        let rows = &self.rows[speaker.index()].0;
        rows.get(id as usize).copied().flatten()
    }

    pub(super) fn row(&self, row: u32) -> &[f32] {
        let (row, n) = (row as usize, self.options.len());
        self.weights.get(row * n..(row + 1) * n).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_beginnings_and_pairs_have_numbers_of_their_own() {
        let mut vocabulary = Vocabulary::default();
        let table = Weights::parse(
            "@ a\tb\nplumb*\t1\t2\nno water\t3\t4\nwater\t5\t6\n",
            &mut vocabulary,
        )
        .unwrap();
        let rows = |text: &str| -> Vec<u32> {
            vocabulary
                .ids(text.split(' '))
                .into_iter()
                .filter_map(|id| table.row_of(Speaker::Caller, id))
                .collect()
        };
        assert_eq!(rows("plumb plumber plumbing"), [0, 0]);
        assert_eq!(rows("no water"), [2, 1]);
        assert_eq!(rows("no hot water"), [2]);
    }

    #[test]
    fn what_is_no_table_is_named_by_its_line() {
        for (text, line) in [
            ("", 1),
            ("routine", 1),
            ("@ a\tb\nnow", 2),
            ("@ a\tb\nnow\t1\t2\nlater\t1", 3),
            ("@ a\tb\nnow\tx\t2", 2),
        ] {
            let error = Weights::parse(text, &mut Vocabulary::default()).unwrap_err();
            assert_eq!(error.line, line, "{text}");
        }
    }
}
