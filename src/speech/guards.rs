//! What a recogniser hears where nobody spoke: phantom phrases, loops, impossible speech rates. Dropped, or kept as suspect.
//!
//! Dropping needs strong evidence, for a dropped sentence is gone; a suspect one is shown, but no field is taken from it.
//! The voice activity detector is the first guard: these judge what came through it.

use std::collections::HashMap;

use super::engine::Decoded;

/// What becomes of a decoded utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was said.
    Keep,
    /// Perhaps: shown, but not used.
    Suspect(Doubt),
    /// It was not said.
    Drop(Doubt),
}

/// Why an utterance is doubted; also the label of the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No word.
    Silence,
    /// A phrase that models emit for noise, said quickly or doubtfully.
    Phantom,
    /// The model was unsure of nearly everything.
    Unsure,
    /// The same words over and over.
    Loop,
    /// More words than anybody can say in the time.
    TooFast,
}

impl Doubt {
    /// A stable lower-case label.
    pub fn label(self) -> &'static str {
        match self {
            Doubt::Silence => "silence",
            Doubt::Phantom => "phantom",
            Doubt::Unsure => "unsure",
            Doubt::Loop => "loop",
            Doubt::TooFast => "too_fast",
        }
    }
}

/// Whole texts that Whisper models emit for noise, music and silence (the head of the list in arXiv 2501.11378, and subtitle credits).
const PHANTOMS: [&str; 14] = [
    "thank you",
    "thank you very much",
    "thank you so much",
    "thanks",
    "thanks for watching",
    "thank you for watching",
    "thank you for watching this video",
    "please subscribe",
    "please subscribe to my channel",
    "subtitles by the amara org community",
    "transcribed by",
    "you",
    "bye",
    "bye bye",
];

/// Real callers say "thank you" too: a phantom must also be short or doubtful.
const PHANTOM_VOICED_MS: u64 = 600;
const PHANTOM_P: f32 = 0.5;
/// OpenAI's `logprob_threshold`.
const UNSURE_LOGPROB: f32 = -1.0;
/// So unsure that it is not worth showing.
const HOPELESS_LOGPROB: f32 = -2.0;
/// Little voice, doubtfully heard: a noise's beginning sounds like a syllable.
const SHORT_VOICED_MS: u64 = 400;
const SHORT_LOGPROB: f32 = -0.9;
/// Music is heard as letters. Of 949 spellings and numbers said by people none came below -0.67.
const SPELLED_WORDS: usize = 6;
const SPELLED_SUSPECT_LOGPROB: f32 = -0.75;
const SPELLED_DROP_LOGPROB: f32 = -0.95;
/// The fastest spelling on the phone is about six letters a second.
const WORDS_PER_SECOND: f32 = 8.0;
/// A group of up to four words that comes this often in a row is a loop; single digits and letters are often repeated by people.
const LOOP_TIMES: usize = 4;
const LOOP_TIMES_SPELLED: usize = 7;

/// Judges what was decoded from `voiced_ms` of voice.
pub fn judge(decoded: &Decoded, voiced_ms: u64) -> Verdict {
    let words: Vec<String> = decoded
        .words
        .iter()
        .map(|w| plain(&w.text))
        .filter(|w| !w.is_empty())
        .collect();
    if words.is_empty() {
        return Verdict::Drop(Doubt::Silence);
    }
    let mean_p = decoded.words.iter().map(|w| w.p).sum::<f32>() / decoded.words.len() as f32;
    if PHANTOMS.contains(&words.join(" ").as_str())
        && (voiced_ms < PHANTOM_VOICED_MS || mean_p < PHANTOM_P)
    {
        return if voiced_ms < PHANTOM_VOICED_MS && mean_p < PHANTOM_P {
            Verdict::Drop(Doubt::Phantom)
        } else {
            Verdict::Suspect(Doubt::Phantom)
        };
    }
    if decoded.avg_logprob < SHORT_LOGPROB && voiced_ms < SHORT_VOICED_MS {
        return Verdict::Drop(Doubt::Unsure);
    }
    if words.len() >= SPELLED_WORDS && words.iter().all(|w| is_spelled(w)) {
        match decoded.avg_logprob {
            p if p < SPELLED_DROP_LOGPROB => return Verdict::Drop(Doubt::Unsure),
            p if p < SPELLED_SUSPECT_LOGPROB => return Verdict::Suspect(Doubt::Unsure),
            _ => {}
        }
    }
    if loops(&words) {
        return Verdict::Suspect(Doubt::Loop);
    }
    if words.len() > 3 && words.len() as f32 * 1_000.0 > WORDS_PER_SECOND * voiced_ms as f32 {
        return Verdict::Suspect(Doubt::TooFast);
    }
    match decoded.avg_logprob {
        p if p < HOPELESS_LOGPROB => Verdict::Drop(Doubt::Unsure),
        p if p < UNSURE_LOGPROB => Verdict::Suspect(Doubt::Unsure),
        _ => Verdict::Keep,
    }
}

fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn loops(words: &[String]) -> bool {
    for n in 1..=4 {
        let mut run = 1;
        let mut runs: HashMap<usize, usize> = HashMap::new();
        for at in n..words.len() {
            // `run` counts words that equal the one n places before; n of them make one repetition.
            run = if words.get(at) == words.get(at - n) {
                run + 1
            } else {
                1
            };
            runs.insert(at, run);
        }
        let longest = runs.iter().max_by_key(|(_, run)| **run);
        if let Some((at, run)) = longest {
            let spelled = words
                .get((at + 1).saturating_sub(n)..=*at)
                .unwrap_or_default()
                .iter()
                .all(|w| is_spelled(w));
            let limit = if spelled {
                LOOP_TIMES_SPELLED
            } else {
                LOOP_TIMES
            };
            if 1 + (run - 1) / n >= limit {
                return true;
            }
        }
    }
    false
}

/// A letter or a digit.
fn is_spelled(word: &str) -> bool {
    word.len() == 1
        || matches!(
            word,
            "zero"
                | "oh"
                | "one"
                | "two"
                | "three"
                | "four"
                | "five"
                | "six"
                | "seven"
                | "eight"
                | "nine"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::engine::HeardWord;

    fn decoded(text: &str, p: f32) -> Decoded {
        Decoded {
            words: text
                .split_whitespace()
                .map(|w| HeardWord {
                    text: w.to_owned(),
                    p,
                })
                .collect(),
            avg_logprob: p.ln(),
        }
    }

    #[test]
    fn ordinary_speech_is_kept() {
        for text in [
            "my kitchen sink is leaking",
            "Thank you.",
            "five five five oh one nine nine",
            "no no no",
            "nine nine nine nine nine",
        ] {
            assert_eq!(judge(&decoded(text, 0.9), 2_500), Verdict::Keep, "{text}");
        }
    }

    #[test]
    fn silence_and_quick_phantoms_are_dropped() {
        assert_eq!(
            judge(&decoded("", 0.9), 2_500),
            Verdict::Drop(Doubt::Silence)
        );
        assert_eq!(
            judge(&decoded("Thank you!", 0.3), 250),
            Verdict::Drop(Doubt::Phantom)
        );
        assert_eq!(
            judge(&decoded("Thanks for watching!", 0.9), 400),
            Verdict::Suspect(Doubt::Phantom)
        );
        assert_eq!(
            judge(&decoded("you", 0.4), 900),
            Verdict::Suspect(Doubt::Phantom)
        );
    }

    #[test]
    fn loops_are_suspect_but_repeated_digits_are_not() {
        assert_eq!(
            judge(&decoded("the sink the sink the sink the sink", 0.9), 9_000),
            Verdict::Suspect(Doubt::Loop)
        );
        assert_eq!(
            judge(&decoded("yes yes yes yes", 0.9), 9_000),
            Verdict::Suspect(Doubt::Loop)
        );
        assert_eq!(
            judge(&decoded("five five five five five five", 0.9), 9_000),
            Verdict::Keep
        );
        assert_eq!(
            judge(&decoded(&"five ".repeat(9), 0.9), 9_000),
            Verdict::Suspect(Doubt::Loop)
        );
        assert_eq!(
            judge(&decoded("one two one two one two one two", 0.9), 9_000),
            Verdict::Keep
        );
    }

    #[test]
    fn impossible_rates_and_unsure_models_are_suspect() {
        assert_eq!(
            judge(&decoded("a b c d e f g h i j", 0.9), 500),
            Verdict::Suspect(Doubt::TooFast)
        );
        assert_eq!(
            judge(&decoded("r e r e e o r", 0.36), 8_000),
            Verdict::Drop(Doubt::Unsure)
        );
        assert_eq!(
            judge(&decoded("r e r e e o r", 0.42), 8_000),
            Verdict::Suspect(Doubt::Unsure)
        );
        assert_eq!(judge(&decoded("r e r e e o r", 0.6), 8_000), Verdict::Keep);
        assert_eq!(
            judge(&decoded("maybe something else", 0.3), 2_000),
            Verdict::Suspect(Doubt::Unsure)
        );
        assert_eq!(
            judge(&decoded("maybe something else", 0.05), 2_000),
            Verdict::Drop(Doubt::Unsure)
        );
    }
}
