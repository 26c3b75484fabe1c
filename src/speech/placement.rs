//! Where words lie in an utterance: its voiced stretches are shared out among the words by how long their letters take to say.
//!
//! The bundled model writes no times, and whisper's own are an energy heuristic. Sharing the voiced time out is monotone, never leaves the
//! voice and skips pauses; nine words in ten end within 0.19 s of where they are put (`models/training/word_times.py`). whisper.cpp's
//! aligner (DTW over the cross attention) is nearer, 0.13 s, and is not used: it runs a second pass of the decoder in every decode, partials
//! too, and in version 1.8.3 a stop that falls into that pass ends the process (`WHISPER_ASSERT` behind "DECODER FAILED").

use super::Word;
use super::engine::HeardWord;

/// Samples of one ms at 16 kHz.
const PER_MS: u64 = 16;

/// Places words on the voiced stretches (`start..end` in samples, ascending, disjoint). Without a stretch all lie at `at`.
pub fn place(words: &[HeardWord], voiced: &[(u64, u64)], at: u64) -> Vec<Word> {
    let total: u64 = voiced.iter().map(|(from, to)| to - from).sum();
    let mut weights: Vec<u64> = words.iter().map(|w| weight(&w.text)).collect();
    if let Some(last) = weights.last_mut() {
        *last += LAST;
    }
    let whole: u64 = weights.iter().sum();
    let mut before = 0;
    words
        .iter()
        .zip(&weights)
        .map(|(word, weight)| {
            let (from, to) = (before, before + weight);
            before = to;
            let (start, end) = if total == 0 || whole == 0 {
                (at, at)
            } else {
                stretch(voiced, share(total, from, whole), share(total, to, whole))
            };
            Word {
                w: word.text.clone(),
                start_ms: start / PER_MS,
                end_ms: end / PER_MS,
                p: word.p,
            }
        })
        .collect()
}

/// What every word takes beside its letters, a letter said alone (its name), and the last word of an utterance, which is drawn out. In
/// half letters, as [`weight`]; rounded from a least-squares fit of 1,200 utterances with known times (`word_times.py --fit`).
const WORD: u64 = 2;
const NAME_OF_A_LETTER: u64 = 2;
const LAST: u64 = 4;
/// A digit in writing is a word when it is said.
const DIGIT: u64 = 8;

/// How long a word takes to say, in half letters.
fn weight(word: &str) -> u64 {
    let mut letters = 0;
    let mut sum = WORD;
    for c in word.chars().filter(|c| c.is_alphanumeric()) {
        letters += u32::from(!c.is_ascii_digit());
        sum += match c.to_ascii_lowercase() {
            '0'..='9' => DIGIT,
            'j' | 'q' | 'x' | 'z' => 4,
            // Vowels come in groups that sound as one, and h and w are short or silent.
            'a' | 'e' | 'i' | 'o' | 'u' | 'h' | 'w' => 1,
            _ => 2,
        };
    }
    if letters == 1 {
        sum += NAME_OF_A_LETTER;
    }
    sum
}

fn share(total: u64, part: u64, whole: u64) -> u64 {
    // An utterance has fewer than 2^20 samples and a few hundred letters: no overflow.
    total * part / whole
}

/// The place of `from..to` of the voiced time. A word that would lie across a pause goes to the side where most of it is.
fn stretch(voiced: &[(u64, u64)], from: u64, to: u64) -> (u64, u64) {
    let mut passed = 0;
    let mut best: Option<(u64, u64)> = None;
    for (start, end) in voiced {
        let len = end - start;
        let inside_from = from.max(passed);
        let inside_to = to.min(passed + len);
        if inside_from < inside_to || (from == to && (passed..=passed + len).contains(&from)) {
            let here = (start + (inside_from - passed), start + (inside_to - passed));
            if best.is_none_or(|(s, e)| here.1 - here.0 > e - s) {
                best = Some(here);
            }
        }
        passed += len;
    }
    let last = voiced.last().map_or(0, |(_, end)| *end);
    best.unwrap_or((last, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heard(text: &str) -> Vec<HeardWord> {
        text.split_whitespace()
            .map(|w| HeardWord {
                text: w.to_owned(),
                p: 0.5,
            })
            .collect()
    }

    #[test]
    fn long_words_get_more_time_and_pauses_get_none() {
        // five: 2 + 2 1 2 1; kitchens: 2 + 2 1 2 2 1 1 2 2 + 4 for the last.
        let words = place(&heard("five kitchens"), &[(16_000, 16_000 + 27 * 1_600)], 0);
        assert_eq!((words[0].start_ms, words[0].end_ms), (1_000, 1_800));
        assert_eq!((words[1].start_ms, words[1].end_ms), (1_800, 3_700));
        let words = place(
            &heard("four nine yes"),
            &[(0, 16_000), (160_000, 192_000)],
            0,
        );
        assert_eq!((words[0].end_ms, words[1].start_ms), (888, 10_000));
    }

    proptest! {
        #[test]
        fn words_are_in_order_and_inside_the_voice(
            lens in proptest::collection::vec((1u64..50_000, 1u64..50_000), 1..6),
            text in "([a-z]{1,9} ){1,20}",
        ) {
            let mut at = 0;
            let voiced: Vec<(u64, u64)> = lens.iter().map(|(gap, len)| { let from = at + gap; at = from + len; (from, at) }).collect();
            let words = place(&heard(&text), &voiced, 0);
            prop_assert_eq!(words.len(), heard(&text).len());
            for pair in words.windows(2) {
                prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{:?}", pair);
            }
            for word in &words {
                prop_assert!(word.start_ms <= word.end_ms);
                prop_assert!(voiced.iter().any(|(from, to)| from / 16 <= word.start_ms && word.end_ms <= to / 16));
            }
        }
    }
}
