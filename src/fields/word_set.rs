//! Long lists of words, looked up by hash: walking twenty and more for every word of a call costs more than all else that is asked of it.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

/// Words told apart from all others; the table is made when it is first asked.
pub struct WordSet {
    words: &'static [&'static str],
    table: OnceLock<Table>,
}

struct Table {
    /// A bit for each first letter and length that there is: most words go no further.
    shapes: [u64; 8],
    words: FxHashSet<&'static str>,
}

/// The place of a word's bit: its first letter and its length.
fn shape(word: &str) -> (usize, u64) {
    let first = usize::from(word.as_bytes().first().copied().unwrap_or_default() & 31);
    let at = first * 16 + word.len().min(15);
    (at / 64, 1 << (at % 64))
}

impl WordSet {
    /// A set of these words.
    pub const fn new(words: &'static [&'static str]) -> WordSet {
        WordSet {
            words,
            table: OnceLock::new(),
        }
    }

    /// Whether the word is in the set.
    pub fn has(&self, word: &str) -> bool {
        self.get(word).is_some()
    }

    /// The word of the set that is this one.
    pub fn get(&self, word: &str) -> Option<&'static str> {
        let table = self.table.get_or_init(|| {
            let mut shapes = [0; 8];
            for word in self.words {
                let (place, bit) = shape(word);
                shapes[place] |= bit;
            }
            Table {
                shapes,
                words: self.words.iter().copied().collect(),
            }
        });
        let (place, bit) = shape(word);
        if table.shapes[place] & bit == 0 {
            return None;
        }
        table.words.get(word).copied()
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
        for word in ["lead", "lefts", "extraordinary", "b", "é"] {
            assert!(!SET.has(word), "{word}");
        }
    }
}
