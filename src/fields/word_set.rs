//! Long lists of words, looked up by hash: walking twenty and more for every word of a call costs more than all else that is asked of it.
//! Most words are told by their first and last letters and their length to be in none.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Words told apart from all others; the table is made when it is first asked.
pub struct WordSet {
    words: &'static [&'static str],
    /// A bit for each first and last letter and length that there is: most words go no further.
    shapes: [u64; 16],
    table: OnceLock<FxHashMap<&'static str, usize>>,
}

/// The place of a word's bit: its first letter, and its last one with its length.
const fn shape(word: &str) -> (usize, u64) {
    let (first, last) = match word.as_bytes() {
        [first, .., last] => (*first as usize, *last as usize),
        [only] => (*only as usize, *only as usize),
        [] => (0, 0),
    };
    let at = first % 32 * 32 + (last + 3 * word.len()) % 32;
    (at / 64, 1 << (at % 64))
}

impl WordSet {
    /// A set of these words.
    pub const fn new(words: &'static [&'static str]) -> WordSet {
        let mut shapes = [0; 16];
        let mut i = 0;
        while i < words.len() {
            let (place, bit) = shape(words[i]);
            shapes[place] |= bit;
            i += 1;
        }
        WordSet {
            words,
            shapes,
            table: OnceLock::new(),
        }
    }

    /// The words, as they were given.
    pub fn words(&self) -> &'static [&'static str] {
        self.words
    }

    /// Whether the word is in the set.
    #[inline]
    pub fn has(&self, word: &str) -> bool {
        self.position(word).is_some()
    }

    /// The word of the set that is this one.
    #[inline]
    pub fn get(&self, word: &str) -> Option<&'static str> {
        self.position(word).map(|at| self.words[at])
    }

    /// Where among the words this one is.
    #[inline]
    pub fn position(&self, word: &str) -> Option<usize> {
        let (place, bit) = shape(word);
        if self.shapes[place] & bit == 0 {
            return None;
        }
        self.look_up(word)
    }

    fn look_up(&self, word: &str) -> Option<usize> {
        let table = self
            .table
            .get_or_init(|| (self.words.iter().copied()).zip(0..).collect());
        table.get(word).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_its_words_and_no_others() {
        static SET: WordSet = WordSet::new(&["leak", "left", "extraordinarily", "a", ""]);
        for word in ["leak", "left", "extraordinarily", "a", ""] {
            assert_eq!(SET.get(word), Some(word));
        }
        assert_eq!(SET.position("left"), Some(1));
        for word in ["lead", "lefts", "extraordinary", "b", "é"] {
            assert!(!SET.has(word), "{word}");
        }
    }
}
