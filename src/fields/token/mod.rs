//! Words of one turn become tokens: lower case, punctuation turned into marks, glued forms ("503-555", "3pm", "S-M-Y") split, number
//! words classified. Fillers and stuttered words are dropped, so that every rule downstream sees what was meant; the token keeps the
//! index of the word it came from, so that evidence still points at what was said.

mod num;

use super::gazetteer::{Kinds, tables};
use super::word_set::{self, Shapes, WordSet};
use crate::speech::Word;
pub use num::{Num, classify};

/// Words beyond this many in one turn are not looked at: nobody says that many between two pauses, and cost stays bounded.
pub const MAX_WORDS: usize = 3000;
/// A longer "word" is noise of some kind; its tail is cut.
const MAX_WORD_BYTES: usize = 64;

/// What ends after a token, where the text is punctuated. Recogniser text mostly is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Nothing.
    None,
    /// A comma, a dash between words.
    Comma,
    /// A full stop or exclamation mark.
    Sentence,
    /// A question mark.
    Question,
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Lower case, without punctuation; [`Token::reword`] changes it.
    pub text: String,
    /// The text's shape.
    shape: u8,
    /// The lists the text is in.
    kinds: Kinds,
    /// Index of the word in the turn.
    pub word: u32,
    /// Start, ms in the call.
    pub start_ms: u64,
    /// End, ms in the call.
    pub end_ms: u64,
    /// Probability of the word.
    pub p: f32,
    /// Written with a capital.
    pub upper: bool,
    /// What ends here.
    pub stop: Stop,
    /// The character that joins this token to the one before inside one written word, if any.
    pub glue: Option<char>,
    /// The part it can play in a number.
    pub num: Num,
}

impl Token {
    /// Whether the token is `text`.
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// Whether the token is one of `words`.
    #[inline]
    pub fn any(&self, words: &WordSet) -> bool {
        words.has_of(self.shape, &self.text)
    }

    /// The lists of names and words that the token is in.
    #[inline]
    pub fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Makes another word of it, in the same place.
    pub fn reword(&mut self, text: &str) {
        self.shape = word_set::shape(text);
        self.kinds = tables().kinds(text);
        text.clone_into(&mut self.text);
    }

    /// Whether the token is one letter or figure.
    pub fn is_single(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some() && chars.next().is_none()
    }

    /// Whether a clause may end after this token.
    pub fn ends_clause(&self) -> bool {
        self.stop >= Stop::Sentence
    }
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// The shapes of some tokens.
pub fn shapes(tokens: &[Token]) -> Shapes {
    let none = Shapes::default();
    tokens.iter().fold(none, |all, t| all.with(t.shape))
}

/// Whether a turn is written with capitals in the middle, so that a lower-case word is no name. Some write "I" so and nothing else,
/// which says nothing of a turn that begins with a small letter.
pub fn is_cased(tokens: &[Token]) -> bool {
    let mut sentence = true;
    let (mut capitals, mut selves) = (0, 0);
    for token in tokens {
        if token.upper {
            if matches!(token.text.as_str(), "i" | "i'm" | "i'll" | "i've" | "i'd") {
                selves += 1;
            } else if !sentence && !token.is_single() {
                // Letters spelled are capitals in any writing.
                capitals += 1;
            }
        }
        sentence = token.ends_clause();
    }
    let small = tokens
        .first()
        .is_some_and(|t| !t.upper && t.text.starts_with(|c: char| c.is_lowercase()));
    if small {
        return capitals > 0;
    }
    capitals + selves > 0
        || tokens.first().is_some_and(|t| t.upper) && tokens.iter().any(|t| t.stop >= Stop::Comma)
}

/// The word without the "'s" of a possessive, and without a verb cut short: "ten thirty'd", "Friday'll".
pub fn possessor(word: &str) -> &str {
    let cut = match word.as_bytes() {
        [.., b'\'', b's' | b'd'] => 2,
        [.., b'\'', b'l', b'l'] => 3,
        _ => 0,
    };
    &word[..word.len() - cut]
}

/// The tokens of one turn's words.
pub fn tokenize(words: &[Word]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(words.len().min(MAX_WORDS));
    for (index, word) in words.iter().take(MAX_WORDS).enumerate() {
        push_word(&mut out, word, index as u32);
    }
    drop_stutters(&mut out);
    super::homophone::settle(&mut out);
    out
}

fn push_word(out: &mut Vec<Token>, word: &Word, index: u32) {
    let mut raw = word.w.as_str();
    if raw.len() > MAX_WORD_BYTES {
        let mut end = MAX_WORD_BYTES;
        while !raw.is_char_boundary(end) {
            end -= 1;
        }
        raw = &raw[..end];
    }
    let make = |text: String, glue: Option<char>| {
        let num = classify(possessor(&text));
        Token {
            upper: false,
            num,
            shape: word_set::shape(&text),
            kinds: tables().kinds(&text),
            text,
            word: index,
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            p: word.p,
            stop: Stop::None,
            glue,
        }
    };
    // Recognisers write most words so.
    if is_plain(raw) {
        let text = contraction(raw).unwrap_or(raw);
        if !is_filler(text) {
            out.push(make(text.to_owned(), None));
        }
        return;
    }
    let trimmed = raw.trim_matches(|c: char| {
        !(c.is_alphanumeric() || c == '$' || c == '#' || c == '+' || c == '*' || c == '@')
    });
    if trimmed.is_empty() {
        // Bare punctuation: a dash or dots between words are a break for the word before.
        if let Some(last) = out.last_mut() {
            last.stop = last.stop.max(Stop::Comma);
        }
        return;
    }
    let tail = &raw[trimmed.as_ptr() as usize - raw.as_ptr() as usize + trimmed.len()..];
    let mut stop = stop_of(tail);
    let lower: String = if trimmed.is_ascii() {
        trimmed.to_ascii_lowercase()
    } else {
        trimmed
            .chars()
            .flat_map(char::to_lowercase)
            .map(|c| {
                if c == '\u{2019}' || c == '\u{2018}' {
                    '\''
                } else {
                    c
                }
            })
            .collect()
    };
    let lower = contraction(&lower).map_or(lower, str::to_owned);
    if is_filler(&lower) {
        if stop >= Stop::Comma
            && let Some(last) = out.last_mut()
        {
            last.stop = last.stop.max(stop);
        }
        return;
    }
    let upper = trimmed.chars().next().is_some_and(char::is_uppercase);
    let before = out.len();
    if lower.contains('@') && lower.len() > 2 {
        out.push(make(lower, None));
    } else if matches!(lower.as_str(), "a.m" | "p.m" | "a.m." | "p.m.") {
        out.push(make(lower.replace('.', ""), None));
    } else {
        split_word(out, lower, &make);
    }
    if let Some(first) = out.get_mut(before) {
        first.upper = upper;
    }
    // Parts of a hyphenated name are each capitalised; one capital at the front stands for all.
    for token in out.iter_mut().skip(before) {
        token.upper = upper;
    }
    if let Some(last) = out.last_mut() {
        if matches!(
            last.text.as_str(),
            "mr" | "mrs" | "ms" | "dr" | "st" | "apt"
        ) && stop == Stop::Sentence
            && tail == "."
        {
            stop = Stop::None;
        }
        last.stop = last.stop.max(stop);
    }
}

/// Whether a word is nothing but small letters, and apostrophes inside it.
fn is_plain(raw: &str) -> bool {
    let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_lowercase);
    let bytes = raw.as_bytes();
    letter(bytes.first())
        && letter(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || *b == b'\'')
}

fn stop_of(tail: &str) -> Stop {
    let mut stop = Stop::None;
    for c in tail.chars() {
        stop = stop.max(match c {
            '?' => Stop::Question,
            '.' | '!' | ';' | '\u{2026}' => Stop::Sentence,
            ',' | ':' | '-' | '\u{2014}' | '\u{2013}' => Stop::Comma,
            _ => Stop::None,
        });
    }
    stop
}

/// Splits at changes between letters and digits and at joining characters; ":" stays in clock times.
fn split_word(out: &mut Vec<Token>, lower: String, make: &impl Fn(String, Option<char>) -> Token) {
    // Most words are nothing but letters.
    if lower.bytes().all(|b| b.is_ascii_alphabetic() || b == b'\'') {
        out.push(make(lower, None));
        return;
    }
    let chars: Vec<char> = lower.chars().collect();
    let mut part = String::new();
    let mut glue: Option<char> = None;
    let mut flush = |part: &mut String, glue: &mut Option<char>, next: Option<char>| {
        if !part.is_empty() {
            out.push(make(std::mem::take(part), glue.take()));
        }
        if next.is_some() {
            *glue = next;
        }
    };
    for (at, &c) in chars.iter().enumerate() {
        let prev = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let next = chars.get(at + 1).copied();
        let between_digits =
            prev.is_some_and(|p| p.is_ascii_digit()) && next.is_some_and(|n| n.is_ascii_digit());
        match c {
            ',' if between_digits => {}
            ':' if between_digits => part.push(c),
            '-' | '/' | '(' | ')' | '+' | '$' | '#' | '*' | '.' | ':' | '_' | '&' | ',' => {
                flush(&mut part, &mut glue, Some(c))
            }
            _ => {
                let digit = c.is_ascii_digit();
                if let Some(p) = part.chars().last() {
                    // "3pm" and "mar3" split; "4b", "9d" and ordinals ("28th") stay whole.
                    let p_digit = p.is_ascii_digit();
                    if p_digit && !digit {
                        let rest: String = chars.iter().skip(at).collect();
                        if matches!(rest.as_str(), "am" | "pm" | "a.m" | "p.m" | "ish" | "k") {
                            flush(&mut part, &mut glue, Some('~'));
                        }
                    }
                }
                part.push(c);
            }
        }
    }
    let trailing = matches!(glue, Some('*' | '#')) && part.is_empty();
    flush(&mut part, &mut glue, None);
    if trailing {
        out.push(make(
            if lower.ends_with('*') {
                "star"
            } else {
                "pound"
            }
            .to_owned(),
            Some('*'),
        ));
    }
}

/// Recognisers often leave the apostrophe out.
fn contraction(text: &str) -> Option<&'static str> {
    Some(match text.as_bytes() {
        b"im" => "i'm",
        b"its" => "it's",
        b"dont" => "don't",
        b"cant" => "can't",
        b"wont" => "won't",
        b"thats" => "that's",
        b"whats" => "what's",
        b"hes" => "he's",
        b"shes" => "she's",
        b"theyre" => "they're",
        b"youre" => "you're",
        b"ive" => "i've",
        b"weve" => "we've",
        b"theres" => "there's",
        b"didnt" => "didn't",
        b"isnt" => "isn't",
        b"doesnt" => "doesn't",
        b"wasnt" => "wasn't",
        b"whos" => "who's",
        b"youve" => "you've",
        b"theyll" => "they'll",
        b"youll" => "you'll",
        b"hows" => "how's",
        b"couldnt" => "couldn't",
        b"wouldnt" => "wouldn't",
        b"havent" => "haven't",
        b"hasnt" => "hasn't",
        b"lets" => "let's",
        b"oclock" => "o'clock",
        _ => return None,
    })
}

fn is_filler(text: &str) -> bool {
    matches!(
        text,
        "um" | "uh" | "er" | "erm" | "umm" | "uhm" | "uhh" | "ah" | "eh" | "hmm"
    )
}

/// "it's it's" and "the the" count once. Numbers and letters do not: "five five" is two digits.
fn drop_stutters(tokens: &mut Vec<Token>) {
    // "uh huh" loses its "uh" as a filler; what is left, "huh", is the assent.
    tokens.dedup_by(|next, prev| {
        next.text == prev.text
            && next.num == Num::None
            && !next.is_single()
            && next.glue.is_none()
            && {
                prev.end_ms = next.end_ms;
                prev.stop = next.stop;
                true
            }
    });
    drop_restarts(tokens);
}

/// Longest run of words that is taken for a new start when it comes twice in a row.
const MAX_RESTART: usize = 4;

/// "Sun Valley Fruit, Sun Valley Fruit Packing": words said and at once said again count once. Numbers and letters do not.
fn drop_restarts(tokens: &mut Vec<Token>) {
    let plain = |t: &Token| t.num == Num::None && !t.is_single() && t.glue.is_none();
    let mut at = 0;
    while at < tokens.len() {
        let again = (2..=MAX_RESTART).rev().find(|n| {
            at + 2 * n <= tokens.len()
                && (at..at + n).all(|i| {
                    tokens[i].text == tokens[i + n].text
                        && plain(&tokens[i])
                        && tokens[i].stop < Stop::Sentence
                })
        });
        match again {
            Some(n) => drop(tokens.drain(at..at + n)),
            None => at += 1,
        }
    }
}

/// Words of a plain text, split on spaces, their times spread over the turn by length.
pub fn words_of_text(text: &str, start_ms: u64, end_ms: u64) -> Vec<Word> {
    let parts: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    let total: u64 = parts.iter().map(|w| w.len() as u64 + 1).sum::<u64>().max(1);
    let span = end_ms.saturating_sub(start_ms);
    let mut done = 0u64;
    parts
        .into_iter()
        .map(|w| {
            let from = start_ms + span * done / total;
            done += w.len() as u64 + 1;
            Word {
                w: w.to_owned(),
                start_ms: from,
                end_ms: start_ms + span * done / total,
                p: 1.0,
            }
        })
        .collect()
}

#[cfg(test)]
pub(crate) fn of(text: &str) -> Vec<Token> {
    tokenize(&words_of_text(text, 0, 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(s: &str) -> Vec<String> {
        of(s).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn glued_forms_are_split_and_keep_their_word() {
        assert_eq!(texts("503-555-0146, no."), ["503", "555", "0146", "no"]);
        assert_eq!(texts("S-M-Y-T-H-E"), ["s", "m", "y", "t", "h", "e"]);
        assert_eq!(
            texts("at 3pm or 9:30 a.m. (512)555-0100"),
            ["at", "3", "pm", "or", "9:30", "am", "512", "555", "0100"]
        );
        assert_eq!(
            texts("$1,200 unit 4B the 28th"),
            ["1200", "unit", "4b", "the", "28th"]
        );
        assert_eq!(of("503-555 ok")[1].word, 0);
    }

    #[test]
    fn fillers_and_stutters_go_digits_stay() {
        assert_eq!(
            texts("it's it's um five five uh five"),
            ["it's", "five", "five", "five"]
        );
        assert_eq!(
            texts("sun valley fruit sun valley fruit packing oh one oh one"),
            [
                "sun", "valley", "fruit", "packing", "oh", "one", "oh", "one"
            ]
        );
        assert_eq!(texts(""), Vec::<String>::new());
        assert_eq!(texts("... \u{4f60}\u{597d} ?"), ["\u{4f60}\u{597d}"]);
    }
}
