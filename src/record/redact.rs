//! Card numbers, their security codes and US social-security numbers: where they are said, so that they are masked before anything is
//! stored, and silenced where the call is played.
//!
//! A number is found by how it is said, not by a field: digits spoken one by one, in pairs or written, over several utterances of one
//! speaker, with fillers between. A card number must fit its brand's length and pass the Luhn check (ISO/IEC 7812-1, annex B); beside
//! words about cards, digits of a card's length are masked even where one of them was misheard. Nine digits are a social-security number
//! where somebody speaks of one, or where they are written the usual way (123-45-6789).

mod mask;
#[cfg(test)]
mod tests;

pub use mask::{mask_record, mask_segment, mask_text};

use crate::call::{Sensitive, TranscriptSegment};
use crate::fields::Speaker;
use crate::fields::token::{Num, Stop, Token, tokenize};
use crate::speech::Word;

/// Longest pause between two utterances that go on with the same number, ms.
const PAUSE_MS: u64 = 8_000;
/// Words between two digits of one number at most.
const MAX_FILLERS: usize = 2;
/// How many words before a number say what it is.
const CONTEXT_BEFORE: usize = 40;
/// How many words after it.
const CONTEXT_AFTER: usize = 8;

/// What people say between the digits of a number.
const FILLERS: [&str; 15] = [
    "and", "then", "um", "uh", "dash", "space", "okay", "ok", "so", "hyphen", "comma", "let's",
    "see", "again", "yeah",
];
/// Words about payment cards.
const CARD: [&str; 10] = [
    " card ",
    " cards ",
    " visa ",
    " mastercard ",
    " amex ",
    " american express ",
    " discover ",
    " credit ",
    " debit ",
    " sixteen digit ",
];
/// Words about a card's security code.
const CODE: [&str; 7] = [
    " cvv ",
    " cvc ",
    " cv v ",
    " c v v ",
    " security code ",
    " on the back ",
    " three digit ",
];
/// Words about social-security numbers.
const SOCIAL: [&str; 6] = [
    " social ",
    " social security ",
    " ssn ",
    " s s n ",
    " socials ",
    " tax id ",
];

/// An utterance to be searched.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its number in the transcript.
    pub segment: u32,
    /// Who speaks.
    pub speaker: Speaker,
    /// The words.
    pub words: &'a [Word],
}

impl<'a> From<&'a TranscriptSegment> for Line<'a> {
    fn from(segment: &'a TranscriptSegment) -> Self {
        Line {
            segment: segment.seq,
            speaker: segment.speaker,
            words: &segment.words,
        }
    }
}

/// A stretch of one utterance that nobody is to read or hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: Sensitive,
    /// The utterance.
    pub segment: u32,
    /// Who speaks.
    pub speaker: Speaker,
    /// Its first word.
    pub word_from: u32,
    /// One past its last word.
    pub word_to: u32,
    /// Start, ms in the call.
    pub start_ms: u64,
    /// End, ms in the call.
    pub end_ms: u64,
    /// The whole number that it is part of: never stored.
    digits: String,
}

/// Where in `lines`, which are in the order in which they were heard, something is said that `kinds` names.
pub fn find(lines: &[Line<'_>], kinds: &[Sensitive]) -> Vec<Span> {
    search(lines, kinds, false)
}

/// A token with its place.
struct Place {
    line: usize,
    token: Token,
    /// The digits it stands for in a number; empty for the second of two words that are one ("forty two", "double five").
    digits: Option<String>,
}

/// Digits of one number as one speaker said them: indices of places.
type Run = Vec<usize>;

fn search(lines: &[Line<'_>], kinds: &[Sensitive], spoken_of: bool) -> Vec<Span> {
    if kinds.is_empty() {
        return Vec::new();
    }
    let mut places: Vec<Place> = Vec::new();
    for (line, said) in lines.iter().enumerate() {
        let tokens = tokenize(said.words);
        let digits = read_digits(&tokens);
        places.extend(tokens.into_iter().zip(digits).map(|(token, digits)| Place {
            line,
            token,
            digits,
        }));
    }
    let mut spans = Vec::new();
    for speaker in [Speaker::Caller, Speaker::Agent] {
        for run in runs(lines, &places, speaker) {
            for (kind, part) in decide(&places, &run, kinds, spoken_of) {
                mark(lines, &places, kind, part, &mut spans);
            }
        }
    }
    spans.sort_by_key(|span| (span.segment, span.word_from));
    spans
}

/// The digits each token stands for.
fn read_digits(tokens: &[Token]) -> Vec<Option<String>> {
    let mut out: Vec<Option<String>> = Vec::with_capacity(tokens.len());
    let numeric = |at: Option<&Token>| {
        at.is_some_and(|token| {
            matches!(
                token.num,
                Num::Digit(_)
                    | Num::Teen(_)
                    | Num::Tens(_)
                    | Num::Literal
                    | Num::Repeat(_)
                    | Num::Oh
            )
        })
    };
    let mut taken = false;
    for (at, token) in tokens.iter().enumerate() {
        if std::mem::take(&mut taken) {
            out.push(Some(String::new()));
            continue;
        }
        let next = tokens.get(at + 1);
        let (before, after) = (
            numeric(at.checked_sub(1).and_then(|b| tokens.get(b))),
            numeric(next),
        );
        let digits = match token.num {
            Num::Literal => Some(token.text.clone()),
            Num::Digit(digit) => Some(digit.to_string()),
            Num::Teen(number) => Some(number.to_string()),
            Num::Tens(tens) => match next.map(|next| next.num) {
                Some(Num::Digit(unit)) if unit > 0 && token.stop == Stop::None => {
                    taken = true;
                    Some(format!("{tens}{unit}"))
                }
                _ => Some(format!("{tens}0")),
            },
            Num::Repeat(times) => match next.map(|next| next.num) {
                Some(Num::Digit(digit)) => {
                    taken = true;
                    Some(digit.to_string().repeat(usize::from(times)))
                }
                Some(Num::Oh) => {
                    taken = true;
                    Some("0".repeat(usize::from(times)))
                }
                _ => None,
            },
            Num::Oh if before || after => Some("0".to_owned()),
            Num::Hundred if before => Some("00".to_owned()),
            // "four one for one": a digit that the recogniser took for a word.
            Num::Homophone(digit) if before && (after || next.is_none()) => Some(digit.to_string()),
            _ => None,
        };
        out.push(digits);
    }
    out
}

/// The numbers that `speaker` says.
fn runs(lines: &[Line<'_>], places: &[Place], speaker: Speaker) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open: Run = Vec::new();
    let mut fillers = 0;
    for (at, place) in places.iter().enumerate() {
        if lines
            .get(place.line)
            .is_none_or(|line| line.speaker != speaker)
        {
            continue;
        }
        if let Some(last) = open.last().and_then(|last| places.get(*last))
            && place.line != last.line
            && place.token.start_ms > last.token.end_ms + PAUSE_MS
        {
            runs.push(std::mem::take(&mut open));
        }
        if place.digits.is_some() {
            open.push(at);
            fillers = 0;
        } else {
            fillers += 1;
            let filler = FILLERS.contains(&place.token.text.as_str());
            if !open.is_empty() && (!filler || fillers > MAX_FILLERS) {
                runs.push(std::mem::take(&mut open));
            }
        }
    }
    runs.push(open);
    runs.retain(|run| !run.is_empty());
    runs
}

fn digits_of(places: &[Place], run: &[usize]) -> String {
    run.iter()
        .filter_map(|at| places.get(*at)?.digits.as_deref())
        .collect()
}

/// What of a run is to be masked.
fn decide<'r>(
    places: &[Place],
    run: &'r [usize],
    kinds: &[Sensitive],
    spoken_of: bool,
) -> Vec<(Sensitive, &'r [usize])> {
    let digits = digits_of(places, run);
    let about = about(places, run);
    let speaks_of = |words: &[&str]| spoken_of || words.iter().any(|word| about.contains(word));
    let mut found = Vec::new();
    if kinds.contains(&Sensitive::CardNumber) {
        let card = speaks_of(&CARD);
        found.extend(
            cards(places, run, card)
                .into_iter()
                .map(|part| (Sensitive::CardNumber, part)),
        );
        // One digit misheard, and the check fails: most of a card number is still one.
        if found.is_empty() && card && !spoken_of && (13..=19).contains(&digits.len()) {
            found.push((Sensitive::CardNumber, run));
        }
    }
    if let Some((_, last)) = found.last() {
        // What follows a card number in one breath is its date and its code.
        let end = run.iter().position(|at| Some(at) == last.last());
        let rest = end.and_then(|end| run.get(end + 1..)).unwrap_or_default();
        let is_code = (3..=8).contains(&digits_of(places, rest).len());
        if is_code && kinds.contains(&Sensitive::CardCvv) {
            found.push((Sensitive::CardCvv, rest));
        }
        return found;
    }
    if kinds.contains(&Sensitive::UsSsn) {
        let social = speaks_of(&SOCIAL);
        let twice = digits.len() == 18 && digits.get(..9) == digits.get(9..);
        let last_four = digits.len() == 4 && !spoken_of && about.contains(" last four ");
        if social && (digits.len() == 9 || twice || last_four) {
            return vec![(Sensitive::UsSsn, run)];
        }
        let written = run
            .windows(3)
            .filter(|part| written_ssn(places, part))
            .map(|part| (Sensitive::UsSsn, part));
        found.extend(written);
    }
    let is_code = (3..=4).contains(&digits.len()) && speaks_of(&CARD) && speaks_of(&CODE);
    if kinds.contains(&Sensitive::CardCvv) && is_code && !spoken_of {
        found.push((Sensitive::CardCvv, run));
    }
    found
}

/// The words around a run, each between spaces: what was said by either side before it, and right after it.
fn about(places: &[Place], run: &[usize]) -> String {
    let (first, last) = (
        run.first().copied().unwrap_or(0),
        run.last().copied().unwrap_or(0),
    );
    let before = places.get(first.saturating_sub(CONTEXT_BEFORE)..first);
    let end = (last + 1 + CONTEXT_AFTER).min(places.len());
    let after = places.get(last + 1..end);
    let mut text = String::from(" ");
    for place in before.into_iter().chain(after).flatten() {
        text.push_str(&place.token.text);
        text.push(' ');
    }
    text
}

/// The card numbers in a run. Without a word about cards only a run that is nothing else, or a number written as one word.
fn cards<'r>(places: &[Place], run: &'r [usize], spoken_of: bool) -> Vec<&'r [usize]> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < run.len() {
        let longest = (from + 1..=run.len()).rev().find_map(|to| {
            let part = run.get(from..to)?;
            let whole = part.len() == run.len() || one_word(places, part);
            let card = (spoken_of || whole) && is_card(&digits_of(places, part));
            card.then_some((part, to))
        });
        match longest {
            Some((part, to)) => {
                found.push(part);
                from = to;
            }
            None => from += 1,
        }
    }
    found
}

fn one_word(places: &[Place], part: &[usize]) -> bool {
    let word = |at: &usize| places.get(*at).map(|p| (p.line, p.token.word));
    part.windows(2).all(|pair| word(&pair[0]) == word(&pair[1]))
}

/// Whether digits are a card's: a brand's first digits, its length, and the Luhn check.
fn is_card(digits: &str) -> bool {
    let lead = |n: usize| {
        digits
            .get(..n)
            .and_then(|d| d.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let fits = match digits.len() {
        13 | 19 => digits.starts_with('4') || (lead(2) == 62 && digits.len() == 19),
        14 => matches!(lead(2), 30 | 36 | 38 | 39),
        15 => matches!(lead(2), 34 | 37),
        16 => {
            digits.starts_with('4')
                || (51..=55).contains(&lead(2))
                || (2221..=2720).contains(&lead(4))
                || lead(4) == 6011
                || matches!(lead(2), 65 | 62 | 35)
                || (644..=649).contains(&lead(3))
        }
        17 | 18 => lead(2) == 62,
        _ => false,
    };
    fits && luhn(digits)
}

/// The check digit of ISO/IEC 7812-1, annex B.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match at % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// 123-45-6789, with an area, group and serial that the administration gives out.
fn written_ssn(places: &[Place], part: &[usize]) -> bool {
    let texts: Vec<&Token> = part
        .iter()
        .filter_map(|at| places.get(*at).map(|place| &place.token))
        .collect();
    let [area, group, serial] = texts.as_slice() else {
        return false;
    };
    let written = [area, group, serial]
        .iter()
        .all(|token| token.num == Num::Literal);
    written
        && one_word(places, part)
        && (area.text.len(), group.text.len(), serial.text.len()) == (3, 2, 4)
        && !matches!(area.text.as_str(), "000" | "666")
        && !area.text.starts_with('9')
        && group.text != "00"
        && serial.text != "0000"
}

/// Notes a part of a run, utterance by utterance.
fn mark(
    lines: &[Line<'_>],
    places: &[Place],
    kind: Sensitive,
    part: &[usize],
    spans: &mut Vec<Span>,
) {
    let digits = digits_of(places, part);
    let places: Vec<&Place> = part.iter().filter_map(|at| places.get(*at)).collect();
    for stretch in places.chunk_by(|one, next| one.line == next.line) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            continue;
        };
        let Some(line) = lines.get(first.line) else {
            continue;
        };
        spans.push(Span {
            kind,
            segment: line.segment,
            speaker: line.speaker,
            word_from: first.token.word,
            word_to: last.token.word + 1,
            start_ms: first.token.start_ms,
            end_ms: last.token.end_ms,
            digits: digits.clone(),
        });
    }
}
