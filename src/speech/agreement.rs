//! Which words of a partial are stable: LocalAgreement-2 (Macháček et al., arXiv 2307.14743) on number-normalised words.
//!
//! A prefix that two consecutive hypotheses share is stable. The last word and a trailing group of digits or letters are held back: they
//! grow and change until the pause. Once stable, words stay as they were written until two consecutive hypotheses agree on others.

use super::Word;
use super::numerals::{self, Unit};

/// The stable prefix of one utterance's hypotheses.
#[derive(Debug, Default)]
pub struct Agreement {
    last: Vec<Unit>,
    stable: Vec<Word>,
    stable_units: Vec<Unit>,
}

/// A hypothesis split in two.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Agreed on by two consecutive hypotheses.
    pub stable: Vec<Word>,
    /// May still change.
    pub unstable: Vec<Word>,
}

impl Agreement {
    /// Takes the next hypothesis of the utterance.
    pub fn update(&mut self, words: Vec<Word>) -> Split {
        let units = numerals::units(words.iter().map(|w| w.w.as_str()));
        let agreed = common_prefix(&self.last, &units).min(settled(&units));
        let agreed_words = whole_words(&units, agreed, words.len());
        // Units of the words that are agreed as a whole.
        let agreed = units.iter().take_while(|u| u.word < agreed_words).count();

        let kept = common_prefix(&self.stable_units, &units);
        let contradicted = kept < self.stable_units.len();
        if contradicted && agreed <= kept {
            // One deviating hypothesis does not revoke anything: show the stable words and what this one has behind them.
            let from = units
                .get(self.stable_units.len())
                .map_or(words.len(), |u| u.word);
            self.last = units;
            return Split {
                stable: self.stable.clone(),
                unstable: words.into_iter().skip(from).collect(),
            };
        }
        if contradicted || agreed > self.stable_units.len() {
            self.stable_units = units.iter().take(agreed).cloned().collect();
            self.stable = words.iter().take(agreed_words).cloned().collect();
        }
        let from = whole_words(&units, self.stable_units.len(), words.len());
        self.last = units;
        Split {
            stable: self.stable.clone(),
            unstable: words.into_iter().skip(from).collect(),
        }
    }
}

/// How many units may count as settled: all but the last word's and a trailing group of digits or letters.
fn settled(units: &[Unit]) -> usize {
    let spelled = numerals::trailing_spelled(units);
    let last_word = units.last().map_or(0, |last| {
        units
            .iter()
            .rev()
            .take_while(|u| u.word == last.word)
            .count()
    });
    units.len() - spelled.max(last_word)
}

fn common_prefix(a: &[Unit], b: &[Unit]) -> usize {
    a.iter()
        .zip(b)
        .take_while(|(a, b)| a.text == b.text)
        .count()
}

/// How many words lie completely within the first `count` units. "twenty" and "five" are one number: its units belong to the latter.
fn whole_words(units: &[Unit], count: usize, words: usize) -> usize {
    if count == 0 {
        return 0;
    }
    units.get(count).map_or(words, |next| {
        // A word cut by the border is not whole.
        let before = units
            .iter()
            .take(count)
            .rev()
            .find(|unit| unit.word != next.word);
        before.map_or(0, |unit| unit.word + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .map(|w| Word {
                w: w.to_owned(),
                start_ms: 0,
                end_ms: 0,
                p: 1.0,
            })
            .collect()
    }

    fn text(words: &[Word]) -> String {
        words
            .iter()
            .map(|w| w.w.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn run(hypotheses: &[&str]) -> Vec<(String, String)> {
        let mut agreement = Agreement::default();
        hypotheses
            .iter()
            .map(|h| {
                let split = agreement.update(words(h));
                (text(&split.stable), text(&split.unstable))
            })
            .collect()
    }

    fn pair(stable: &str, unstable: &str) -> (String, String) {
        (stable.to_owned(), unstable.to_owned())
    }

    #[test]
    fn two_hypotheses_make_a_prefix_stable_and_the_last_word_waits() {
        assert_eq!(
            run(&[
                "my kitchen",
                "my kitchen sink",
                "my kitchen sink is",
                "my kitchen sink is leaking"
            ]),
            [
                pair("", "my kitchen"),
                pair("my kitchen", "sink"),
                pair("my kitchen sink", "is"),
                pair("my kitchen sink is", "leaking")
            ]
        );
    }

    #[test]
    fn a_growing_number_is_held_back_whatever_its_spelling() {
        let runs = run(&[
            "my number is 555",
            "my number is five five five oh",
            "my number is 5550199 thanks",
            "my number is 555-0199 thanks a lot",
        ]);
        assert_eq!(runs[1], pair("my number is", "five five five oh"));
        assert_eq!(runs[2], pair("my number is", "5550199 thanks"));
        assert_eq!(runs[3], pair("my number is 555-0199 thanks", "a lot"));
    }

    #[test]
    fn one_deviating_hypothesis_revokes_nothing_and_two_do() {
        let runs = run(&[
            "call me at home please",
            "call me at home please now",
            "tall knee",
            "call me at home please now sir",
        ]);
        assert_eq!(runs[1].0, "call me at home please");
        assert_eq!(runs[2].0, "call me at home please");
        assert_eq!(runs[3].0, "call me at home please");
        let runs = run(&[
            "call me at home",
            "call me at home now",
            "call him at home now",
            "call him at home now sir",
        ]);
        assert_eq!(runs[3], pair("call him at home now", "sir"));
    }

    #[test]
    fn empty_hypotheses_do_no_harm() {
        assert_eq!(
            run(&["", "", "yes", ""]),
            [pair("", ""), pair("", ""), pair("", "yes"), pair("", "")]
        );
    }

    proptest::proptest! {
        /// Nothing is lost: without a contradiction stable and unstable are together the hypothesis.
        #[test]
        fn growing_hypotheses_are_split_without_loss(all in proptest::collection::vec("(five|oh|my|twenty|a|12-3|,|double|x)", 0..12), steps in 1usize..6) {
            let mut agreement = Agreement::default();
            let mut stable = 0;
            for step in 1..=steps {
                let now: Vec<Word> = words(&all[..all.len() * step / steps].join(" "));
                let split = agreement.update(now.clone());
                // "twenty" turns into another digit when "five" follows, so only the tail's text is compared by word count.
                proptest::prop_assert!(split.stable.len() >= stable, "stable words shrank");
                stable = split.stable.len();
                let whole: Vec<Word> = split.stable.into_iter().chain(split.unstable).collect();
                proptest::prop_assert_eq!(whole, now);
            }
        }
    }
}
