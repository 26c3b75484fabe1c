//! Long lists of words, looked up by hash: walking twenty and more for every word of a call costs more than all else that is asked of it.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

/// Words told apart from all others; the table is made when it is first asked.
pub struct WordSet {
    words: &'static [&'static str],
    table: OnceLock<FxHashSet<&'static str>>,
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
        self.table().contains(word)
    }

    /// The word of the set that is this one.
    pub fn get(&self, word: &str) -> Option<&'static str> {
        self.table().get(word).copied()
    }

    fn table(&self) -> &FxHashSet<&'static str> {
        self.table
            .get_or_init(|| self.words.iter().copied().collect())
    }
}
