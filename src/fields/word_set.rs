//! Lists of words that the words of a call are looked up in: hundreds of them, each asked of nearly every word. So the compiler works
//! out what it can of a list, and most words are told to be in none by their [`shape`].

/// The place of a word's bit among 128, by its length and its first and last letters: what tells most words from those of a set at
/// once.
#[inline]
pub const fn shape(word: &str) -> u8 {
    let (first, last) = match word.as_bytes() {
        [first, .., last] => (*first, *last),
        [only] => (*only, *only),
        [] => (0, 0),
    };
    let all = first as u32 | (last as u32) << 8 | (word.len() as u32) << 16;
    // Fibonacci hashing: the upper bits of the product depend on all of the factor's.
    (all.wrapping_mul(0x9e37_79b9) >> 25) as u8
}

/// Bits of shapes: of the words of a set, of the words of a turn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shapes([u64; 2]);

impl Shapes {
    /// With one more shape.
    #[inline]
    pub const fn with(mut self, shape: u8) -> Shapes {
        self.0[(shape >> 6 & 1) as usize] |= 1 << (shape & 63);
        self
    }

    /// Whether the shape is among them.
    #[inline]
    pub const fn have(&self, shape: u8) -> bool {
        self.0[(shape >> 6 & 1) as usize] >> (shape & 63) & 1 != 0
    }

    /// Whether a shape is among both.
    #[inline]
    pub const fn meet(&self, other: &Shapes) -> bool {
        self.0[0] & other.0[0] | self.0[1] & other.0[1] != 0
    }
}

/// Words told apart from all others; `words!` makes one.
#[derive(Debug, Clone, Copy)]
pub struct WordSet {
    /// By shape.
    words: &'static [&'static str],
    /// The shape of each.
    each: &'static [u8],
    /// The shapes of all.
    shapes: Shapes,
}

/// A [`WordSet`] of the words named.
macro_rules! words {
    ($($word:expr),+ $(,)?) => {
        const {
            use $crate::fields::word_set::{WordSet, by_shape, shapes};
            const WORDS: &[&str] = &[$($word),+];
            const SORTED: &[&str] = &by_shape::<{ WORDS.len() }>(WORDS);
            const SET: WordSet = WordSet::of(SORTED, &shapes::<{ WORDS.len() }>(SORTED));
            &SET
        }
    };
}
pub(crate) use words;

/// The words in the order of their shapes.
pub const fn by_shape<const N: usize>(words: &[&'static str]) -> [&'static str; N] {
    let mut sorted = [""; N];
    let mut i = 0;
    while i < N {
        let mut at = i;
        while at > 0 && shape(sorted[at - 1]) > shape(words[i]) {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        sorted[at] = words[i];
        i += 1;
    }
    sorted
}

/// The shape of each word.
pub const fn shapes<const N: usize>(words: &[&str]) -> [u8; N] {
    let mut shapes = [0; N];
    let mut i = 0;
    while i < N {
        shapes[i] = shape(words[i]);
        i += 1;
    }
    shapes
}

impl WordSet {
    /// A set of words in the order of their shapes, each of which is given.
    pub const fn of(words: &'static [&'static str], each: &'static [u8]) -> WordSet {
        let mut shapes = Shapes([0; 2]);
        let mut i = 0;
        while i < each.len() {
            shapes = shapes.with(each[i]);
            i += 1;
        }
        WordSet {
            words,
            each,
            shapes,
        }
    }

    /// The words.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &'static str> + Clone {
        self.words.iter().copied()
    }

    /// The shapes of the words.
    #[inline]
    pub const fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Whether the word is in the set.
    #[inline]
    pub fn has(&self, word: &str) -> bool {
        self.position(word).is_some()
    }

    /// Whether the word of that shape is in the set.
    #[inline]
    pub fn has_of(&self, shape: u8, word: &str) -> bool {
        self.shapes.have(shape) && self.find(shape, word).is_some()
    }

    /// The word of the set that is this one.
    #[inline]
    pub fn get(&self, word: &str) -> Option<&'static str> {
        self.position(word).map(|at| self.words[at])
    }

    /// Where among the words this one is.
    #[inline]
    pub fn position(&self, word: &str) -> Option<usize> {
        let shape = shape(word);
        if !self.shapes.have(shape) {
            return None;
        }
        self.find(shape, word)
    }

    fn find(&self, shape: u8, word: &str) -> Option<usize> {
        let first = self.each.partition_point(|s| *s < shape);
        let alike = self.each[first..].iter().take_while(|s| **s == shape);
        let mut alike = (first..).zip(alike);
        alike
            .find(|(at, _)| self.words[*at] == word)
            .map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_its_words_and_no_others() {
        const FEW: &WordSet = words!["leak", "left", "extraordinarily", "a", ""];
        const MANY: &WordSet = words![
            "leak",
            "left",
            "extraordinarily",
            "a",
            "",
            "b",
            "c",
            "d",
            "e",
            "f",
            "g",
            "h",
            "i",
            "j",
            "k",
            "l",
            "m",
            "n",
            "o"
        ];
        for set in [FEW, MANY] {
            for word in ["leak", "left", "extraordinarily", "a", ""] {
                assert_eq!(set.get(word), Some(word));
            }
            for word in ["lead", "lefts", "extraordinary", "z", "é", "\0"] {
                assert!(!set.has(word), "{word}");
            }
        }
        let places: Vec<_> = MANY.words().map(|w| MANY.position(w)).collect();
        assert_eq!(
            places,
            (0..MANY.words().len()).map(Some).collect::<Vec<_>>()
        );
    }
}
