//! How numbers and spellings look in recognised words: enough to compare two hypotheses and to see that one is being said.
//!
//! A recogniser switches between "555", "five five five" and "5-5-5" for the same sound; compared as digits they agree. What a number
//! *means* (a telephone number, a time) is the business of `fields`.

/// One comparable unit of a hypothesis: a digit, a letter or a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `"5"`, `"x"` or a lower-case word without punctuation.
    pub text: String,
    /// Index of the word that it comes from; of several, the last.
    pub word: usize,
}

impl Unit {
    /// A digit or a single letter.
    pub fn is_spelled(&self) -> bool {
        self.text.len() == 1
    }

    fn is_digit(&self) -> bool {
        self.text.len() == 1 && self.text.as_bytes().iter().all(u8::is_ascii_digit)
    }
}

/// Breaks words into comparable units: number words, digit groups, "double five", spelled letters and NATO letters.
pub fn units<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut state = State::default();
    for (index, word) in words.into_iter().enumerate() {
        for part in word.split(['-', '/']) {
            let part: String = part
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            if !part.is_empty() {
                state.part(&part, index, &mut units);
            }
        }
    }
    state.settle(&mut units);
    units
}

/// Words whose meaning waits for the next one.
#[derive(Default)]
struct State {
    /// "twenty" before "five".
    tens: Option<(char, usize)>,
    /// "double" or "triple" before "five".
    times: Option<(usize, usize, &'static str)>,
}

impl State {
    fn part(&mut self, part: &str, word: usize, units: &mut Vec<Unit>) {
        let mut push = |text: &str, count: usize| {
            for _ in 0..count {
                units.push(Unit {
                    text: text.to_owned(),
                    word,
                });
            }
        };
        let digit = digit(part);
        if let Some((tens, at)) = self.tens.take() {
            match digit {
                Some(digit) if digit != "0" => {
                    push(&tens.to_string(), 1);
                    return push(digit, 1);
                }
                _ => {
                    units.push(Unit {
                        text: tens.to_string(),
                        word: at,
                    });
                    units.push(Unit {
                        text: "0".to_owned(),
                        word: at,
                    });
                }
            }
        }
        let mut push = |text: &str, count: usize| {
            for _ in 0..count {
                units.push(Unit {
                    text: text.to_owned(),
                    word,
                });
            }
        };
        let single = digit.map(str::to_owned).or_else(|| letter(part));
        if let Some((count, at, name)) = self.times.take() {
            match single {
                Some(single) => return push(&single, count),
                None => units.push(Unit {
                    text: name.to_owned(),
                    word: at,
                }),
            }
        }
        let mut push = |text: &str| {
            units.push(Unit {
                text: text.to_owned(),
                word,
            })
        };
        match part {
            "double" => self.times = Some((2, word, "double")),
            "triple" | "treble" => self.times = Some((3, word, "triple")),
            _ => {
                if let Some(single) = single {
                    push(&single);
                } else if let Some(teen) = teen(part) {
                    push("1");
                    push(teen);
                } else if let Some(tens) = tens(part) {
                    self.tens = Some((tens, word));
                } else if part.bytes().all(|b| b.is_ascii_digit()) {
                    part.chars().for_each(|c| push(c.encode_utf8(&mut [0; 4])));
                } else {
                    push(part);
                }
            }
        }
    }

    fn settle(&mut self, units: &mut Vec<Unit>) {
        if let Some((tens, word)) = self.tens.take() {
            units.push(Unit {
                text: tens.to_string(),
                word,
            });
            units.push(Unit {
                text: "0".to_owned(),
                word,
            });
        }
        if let Some((_, word, name)) = self.times.take() {
            units.push(Unit {
                text: name.to_owned(),
                word,
            });
        }
    }
}

/// How many of the last units are digits or letters in a row. A lone "a" or "i" is a word, not a spelling.
pub fn trailing_spelled(units: &[Unit]) -> usize {
    let mut count = units.iter().rev().take_while(|u| u.is_spelled()).count();
    while count > 0
        && units
            .get(units.len() - count)
            .is_some_and(|u| u.text == "a" || u.text == "i")
    {
        count -= 1;
    }
    count
}

/// Is a number or a spelling being said at the end of these words, so that a pause may lie inside it? A whole North American telephone
/// number (ten digits, or eleven with the leading 1) is taken as said.
pub fn inside_number(words: &[Unit]) -> bool {
    let spelled = trailing_spelled(words);
    let tail = words.get(words.len() - spelled..).unwrap_or_default();
    let digits = tail.iter().filter(|u| u.is_digit()).count();
    let whole = digits == spelled
        && (digits == 10 || (digits == 11 && tail.first().is_some_and(|u| u.text == "1")));
    spelled > 0 && !whole
}

fn digit(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" | "oh" | "o" | "0" => "0",
        "one" | "1" => "1",
        "two" | "2" => "2",
        "three" | "3" => "3",
        "four" | "4" => "4",
        "five" | "5" => "5",
        "six" | "6" => "6",
        "seven" | "7" => "7",
        "eight" | "8" => "8",
        "nine" | "niner" | "9" => "9",
        _ => return None,
    })
}

fn teen(word: &str) -> Option<&'static str> {
    Some(match word {
        "ten" => "0",
        "eleven" => "1",
        "twelve" => "2",
        "thirteen" => "3",
        "fourteen" => "4",
        "fifteen" => "5",
        "sixteen" => "6",
        "seventeen" => "7",
        "eighteen" => "8",
        "nineteen" => "9",
        _ => return None,
    })
}

fn tens(word: &str) -> Option<char> {
    Some(match word {
        "twenty" => '2',
        "thirty" => '3',
        "forty" | "fourty" => '4',
        "fifty" => '5',
        "sixty" => '6',
        "seventy" => '7',
        "eighty" => '8',
        "ninety" => '9',
        _ => return None,
    })
}

/// NATO's alphabet. Words that callers also say as words (mike, victor, hotel, golf...) only matter here if both hypotheses have them.
const NATO: [&str; 26] = [
    "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett",
    "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "xray", "yankee", "zulu",
];

fn letter(word: &str) -> Option<String> {
    if word.len() == 1 && word.as_bytes().iter().all(u8::is_ascii_alphabetic) {
        return Some(word.to_owned());
    }
    let word = if word == "alpha" { "alfa" } else { word };
    NATO.contains(&word).then(|| word.chars().take(1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        units(text.split_whitespace())
            .iter()
            .map(|u| u.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ways_to_say_the_same_number_agree() {
        for text in [
            "555-0199",
            "five five five oh one nine nine",
            "5-5-5 0199",
            "triple five zero one double nine",
            "5 five 5 o 199",
        ] {
            assert_eq!(joined(text), "5 5 5 0 1 9 9", "{text}");
        }
        for text in ["twenty five sixteen", "25 16", "twenty-five 1-6"] {
            assert_eq!(joined(text), "2 5 1 6", "{text}");
        }
        assert_eq!(joined("twenty oh five"), "2 0 0 5");
        assert_eq!(joined("at forty"), "at 4 0");
        assert_eq!(
            joined("double the price, double"),
            "double the price double"
        );
        assert_eq!(joined("B as in bravo, tango double l"), "b as in b t l l");
    }

    #[test]
    fn units_know_their_words() {
        let units = units(["call", "twenty", "five", "double", "two", "now"]);
        assert_eq!(
            units.iter().map(|u| u.word).collect::<Vec<_>>(),
            [0, 2, 2, 4, 4, 5]
        );
    }

    #[test]
    fn a_pause_inside_a_number_is_seen() {
        let inside = |text: &str| inside_number(&units(text.split_whitespace()));
        assert!(inside("my number is five one two"));
        assert!(inside("it is spelled g o n"));
        assert!(inside("512 555 019"));
        assert!(!inside("512 555 0199"), "ten digits are a whole number");
        assert!(!inside("1 512 555 0199"));
        assert!(!inside("yes that is right"));
        assert!(!inside("this is a"));
        assert!(!inside(""));
    }
}
