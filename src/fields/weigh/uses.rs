//! What the numbers of a call are for, all of them together: each is for one thing or for nothing, and each thing has one number at most.

use super::roll::Candidate;
use super::{Tally, Vocabulary, Weights};

/// Uses of a number that the table of numbers weighs; each is called like its field.
const COUNT: usize = 3;

/// What the words around each number of a call say for each use.
#[derive(Debug, Clone)]
pub struct Uses {
    numbers: Vec<String>,
    /// Which uses there are.
    has: [bool; COUNT],
    /// By number and use: the logarithm of the odds against being for nothing.
    scores: Vec<[f32; COUNT]>,
    /// By number and use: the share of the odds of all ways in which the number is for that.
    shares: Vec<[f32; COUNT]>,
}

/// Which number each use has.
pub type Way = [Option<usize>; COUNT];

impl Uses {
    /// The uses, in the order in which all that is said of them comes.
    pub const OF: [&str; COUNT] = ["callback_number", "alternate_number", "third_party_number"];

    /// The option of the table for a number that is for none of them.
    pub const NONE: &str = "none";

    /// From the scores that each number has in a table; `has`: which uses there are at all.
    pub(super) fn new(
        weights: &Weights,
        has: [bool; COUNT],
        numbers: impl Iterator<Item = (String, Vec<f32>)>,
    ) -> Uses {
        let option = |name: &str| weights.options().iter().position(|o| o == name);
        let (none, options) = (option(Uses::NONE), Uses::OF.map(option));
        let (numbers, scores) = numbers
            .map(|(number, scores)| {
                let score = |at: Option<usize>| at.map_or(0.0, |at| scores[at]);
                (number, options.map(|at| score(at) - score(none)))
            })
            .unzip();
        let mut uses = Uses {
            numbers,
            has,
            scores,
            shares: Vec::new(),
        };
        uses.shares = uses.shares();
        uses
    }

    /// Weighs the numbers of a call by a table that was read with that vocabulary.
    pub fn by(
        weights: &'static Weights,
        vocabulary: &Vocabulary,
        candidates: &[Candidate],
    ) -> Uses {
        let numbers = candidates.iter().map(|candidate| {
            let mut tally = Tally::new(weights);
            for phrase in &candidate.phrases {
                tally.hear(phrase.speaker, &vocabulary.ids(phrase.words()));
            }
            (candidate.number.clone(), tally.scores().to_vec())
        });
        Uses::new(weights, [true; COUNT], numbers)
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Which of the numbers this one is.
    pub fn position(&self, number: &str) -> Option<usize> {
        self.numbers.iter().position(|n| n == number)
    }

    /// The likeliest way; `worth`: what else speaks for a number and a use.
    pub fn likeliest(&self, worth: impl Fn(usize, usize) -> f32) -> Way {
        let mut best: (f32, Way) = (f32::MIN, [None; COUNT]);
        self.ways(worth, |way, score| {
            if score > best.0 {
                best = (score, way);
            }
        });
        best.1
    }

    /// The share of the odds of all ways in which `number` is for the use at `at`, 0..=1.
    pub fn share(&self, at: usize, number: usize) -> f32 {
        self.shares[number][at]
    }

    fn shares(&self) -> Vec<[f32; COUNT]> {
        let worth = |_: usize, _: usize| 0.0;
        let mut top = f32::MIN;
        self.ways(worth, |_, score| top = top.max(score));
        let mut all = 0.0;
        let mut shares = vec![[0.0; COUNT]; self.len()];
        self.ways(worth, |way, score| {
            let odds = (score - top).exp();
            all += odds;
            for (at, number) in way.into_iter().enumerate() {
                if let Some(number) = number {
                    shares[number][at] += odds;
                }
            }
        });
        for share in shares.iter_mut().flatten() {
            *share /= all;
        }
        shares
    }

    /// Every way there is, with its score.
    fn ways(&self, worth: impl Fn(usize, usize) -> f32, mut each: impl FnMut(Way, f32)) {
        let options = |at: usize| {
            let known = self.scores.iter().enumerate().filter(move |_| self.has[at]);
            let worth = &worth;
            std::iter::once((None, 0.0))
                .chain(known.map(move |(n, s)| (Some(n), s[at] + worth(n, at))))
        };
        for (first, a) in options(0) {
            for (second, b) in options(1) {
                if second.is_some() && second == first {
                    continue;
                }
                for (third, c) in options(2) {
                    if third.is_none() || third != first && third != second {
                        each([first, second, third], a + b + c);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::turn::Speaker;
    use crate::fields::weigh::Phrase;

    fn candidate(number: &str, words: &str) -> Candidate {
        Candidate {
            number: number.to_owned(),
            phrases: vec![Phrase {
                speaker: Speaker::Caller,
                words: words.into(),
            }],
            evidence: None,
            p: 1.0,
        }
    }

    #[test]
    fn each_use_has_one_number_and_each_number_one_use() {
        let mut vocabulary = Vocabulary::default();
        let table: &'static Weights = Box::leak(Box::new(
            Weights::parse(
                "@ alternate_number\tcallback_number\tnone\tthird_party_number\n\t0\t50\t0\t0\n\
                 -my\t0\t200\t0\t0\n-wife's\t0\t-100\t0\t150\n",
                &mut vocabulary,
            )
            .unwrap(),
        ));
        let mut uses = Uses::by(
            table,
            &vocabulary,
            &[
                candidate("+12", "-my -cell"),
                candidate("+13", "-my -wife's"),
            ],
        );
        assert_eq!((uses.len(), uses.position("+13")), (2, Some(1)));
        let free = |_: usize, _: usize| 0.0;
        // Either is likelier to be called than to be for nothing; only one can be.
        assert_eq!(uses.likeliest(free), [Some(0), None, Some(1)]);
        assert!(uses.share(0, 0) > 0.6 && uses.share(0, 1) < 0.4);
        let known = |number, at| if (number, at) == (1, 0) { 3.0 } else { 0.0 };
        assert_eq!(uses.likeliest(known)[0], Some(1));
        uses.has = [true, false, false];
        assert_eq!(uses.likeliest(free)[1..], [None, None]);
    }
}
