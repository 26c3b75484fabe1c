//! Codes in a turn: letters and digits of account, member and claim numbers, in any spoken or written form. Knows no field and no ledger.

use crate::fields::word_set::words;
use std::borrow::Cow;

use super::cue::{Cue, Mark};
use super::number;
use super::spell;
use super::token::{Num, Token};
use super::turn::Heard;

/// Characters of a code and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Its characters, upper case.
    pub text: String,
}

/// The longest code made of letters and digits from `at`, skipping nothing but "dash" and the like.
fn code_at(heard: &Heard, start: usize) -> Option<Code> {
    let mut text = String::new();
    let mut at = start;
    while at < heard.tokens.len() && text.len() < 24 {
        let token = &heard.tokens[at];
        if at > start
            && heard.tokens[at - 1].ends_clause()
            && token.glue.is_none()
            && !heard.word(at - 1).chars().all(|c| c.is_ascii_digit())
        {
            break;
        }
        // "W O four four one": a work order, not a zero.
        if token.text == "o" && matches!(text.as_str(), "W" | "P") {
            text.push('O');
            at += 1;
            continue;
        }
        if let Some((digits, end)) = digits_at(heard, at) {
            text.push_str(&digits);
            at = end;
            continue;
        }
        if let Some((letters, used)) = letter_at(heard, at, !text.is_empty()) {
            text.push_str(&letters);
            at += used;
            continue;
        }
        let word = token.text.as_str();
        if word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase()) {
            // "a" as an article, "i" as a pronoun: letters of a code have neighbours of their kind.
            let next = heard.word(at + 1);
            let kin = next.is_empty()
                || next.len() == 1
                || heard.tokens.get(at + 1).is_some_and(|t| t.num != Num::None)
                || next == "as";
            if matches!(word, "a" | "i")
                && !(kin
                    && (!text.is_empty()
                        || next.len() <= 1
                        || heard.tokens.get(at + 1).is_some_and(|t| {
                            number::is_firm(t) || t.num == Num::Literal || t.text.len() == 1
                        })))
            {
                break;
            }
            text.push_str(&word.to_uppercase());
            at += 1;
            if heard.word(at) == "as" && heard.word(at + 1) == "in" {
                at = (at + 3).min(heard.tokens.len());
                // "X as in x-ray"
                at += usize::from(heard.word(at - 1) == "x" && heard.word(at) == "ray");
            }
            continue;
        }
        match token.num {
            Num::Oh => {
                text.push('0');
                at += 1;
            }
            // "account for four seven ...": the announced code begins with a digit spelt as a word.
            Num::Homophone(d)
                if (!text.is_empty() || announced(heard, at))
                    && heard.tokens.get(at + 1).is_none_or(|t| {
                        number::is_firm(t)
                            || t.text.len() == 1
                            || matches!(t.num, Num::Hundred | Num::Oh)
                            || matches!(t.num, Num::Homophone(_)) && text.len() >= 3
                    }) =>
            {
                // "nine for hundred"
                if heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.num == Num::Hundred)
                {
                    text.push_str(&format!("{d}00"));
                    at += 2;
                } else {
                    text.push_str(&d.to_string());
                    at += 1;
                }
            }
            Num::Repeat(n) => {
                let Some(next) = heard.tokens.get(at + 1) else {
                    break;
                };
                let c = match next.num {
                    Num::Digit(d) | Num::Homophone(d) => d.to_string(),
                    Num::Oh => "0".to_owned(),
                    _ if next.text.len() == 1 => next.text.to_uppercase(),
                    _ => break,
                };
                text.push_str(&c.repeat(n.into()));
                at += 2;
            }
            _ if word.len() <= 16
                && word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().all(|b| b.is_ascii_alphanumeric())
                && !matches!(token.num, Num::Ordinal(_)) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            // Letters inside a written code: "26-CI-00418".
            _ if !text.is_empty()
                && token.glue == Some('-')
                && word.len() <= 4
                && word.bytes().all(|b| b.is_ascii_lowercase())
                && heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.glue == Some('-')) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            // Written capitals before digits: "BCX 44120".
            _ if token.upper
                && word.len() <= 4
                && word.bytes().all(|b| b.is_ascii_lowercase())
                && heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.num == Num::Literal) =>
            {
                text.push_str(&word.to_uppercase());
                at += 1;
            }
            // "It starts with R M P, and then it's 604412"
            _ if !text.is_empty() && word == "and" && heard.word(at + 1) == "then" => {
                at += 2 + usize::from(heard.any(at + 2, words!["it's", "its"]));
            }
            _ if !text.is_empty() && matches!(word, "dash" | "hyphen" | "then" | "space") => {
                at += 1
            }
            _ => break,
        }
    }
    (!text.is_empty()).then_some(Code {
        start,
        end: at,
        text,
    })
}

/// A letter that is explained ("tea as in Tom", "b like boy"), or written as it sounds beside others of a code ("bee 4 4 0", "double you").
fn letter_at(heard: &Heard, at: usize, inside: bool) -> Option<(String, usize)> {
    let word = heard.word(at);
    let next = at + 1;
    // Asked of every word of every turn: most are too long to be letters.
    if word.len() > 5 && word != "double" {
        return None;
    }
    if word == "double" && matches!(heard.word(next), "u" | "you") {
        return Some(("W".to_owned(), 2));
    }
    let sound = word.len() > 1;
    if !sound && !heard.any(next, words!["like", "for"]) || spell::letter(word, true).is_none() {
        return None;
    }
    let (letters, used, explained) = spell::item(heard, at, true)?;
    if explained {
        // "X as in x-ray"
        let ray = usize::from(heard.word(at + used - 1) == "x" && heard.word(at + used) == "ray");
        return Some((letters.to_uppercase(), used + ray));
    }
    let kin = |i: usize| {
        heard.tokens.get(i).is_some_and(|t| {
            number::is_firm(t)
                || t.num == Num::Oh
                || spell::letter(&t.text, true).is_some() && !is_talk(&t.text)
        })
    };
    let beside = kin(next) && (inside || at == 0 || announced(heard, at));
    let talk = is_talk(word);
    (sound && !talk && beside).then(|| (letters.to_uppercase(), used))
}

/// Words of the language that sound like letters: they are letters only where they are explained.
fn is_talk(word: &str) -> bool {
    word.len() > 1 && crate::fields::gazetteer::tables().is_closed(word)
        || matches!(
            word,
            "are" | "oh" | "eye" | "sea" | "es" | "en" | "el" | "ex" | "queue"
        )
}

/// The digits of the run of number words at `at`, and where it ends.
fn digits_at(heard: &Heard, at: usize) -> Option<(Cow<'_, str>, usize)> {
    // The turn's own runs, but for those that were cut in two.
    if let Ok(found) = heard.runs.binary_search_by_key(&at, |r| r.start)
        && let run = &heard.runs[found]
        && heard.runs.get(found + 1).is_none_or(|r| r.start > run.end)
    {
        return Some((run.digits().into(), run.end));
    }
    let run = number::run_at(&heard.tokens, at)?;
    Some((run.digits().to_owned().into(), run.end))
}

/// The words right before `at` announce a code, or nothing stands before it.
fn announced(heard: &Heard, at: usize) -> bool {
    heard
        .hits
        .all()
        .iter()
        .any(|h| h.end == at && matches!(h.mark, Mark::Near(_) | Mark::Cue(Cue::CodeLead)))
        || matches!(
            heard.word(at.wrapping_sub(1)),
            "account" | "is" | "it's" | "number"
        )
}

/// All codes of a turn with at least `least` characters, longest first where they overlap.
pub(super) fn codes(heard: &Heard, least: usize) -> Vec<Code> {
    let mut out = Vec::new();
    // Every code has a digit.
    let digits = |t: &Token| t.num != Num::None || t.text.bytes().any(|b| b.is_ascii_digit());
    if !heard.tokens.iter().any(digits) {
        return out;
    }
    let mut at = 0;
    while at < heard.tokens.len() {
        match code_at(heard, at).filter(|c| !heard.is_taken(c.start, c.end)) {
            Some(code) => {
                at = code.end.max(at + 1);
                if code.text.len() >= least && code.text.bytes().any(|b| b.is_ascii_digit()) {
                    out.push(code);
                }
            }
            None => at += 1,
        }
    }
    out
}

/// Whether a code fits a pattern of the form `^[A-Z0-9]{6,15}$`; an empty or unknown pattern fits everything.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some(body) = pattern
        .strip_prefix("^[")
        .and_then(|p| p.strip_suffix("}$"))
    else {
        return true;
    };
    let Some((class, count)) = body.split_once("]{") else {
        return true;
    };
    let (least, most) = match count.split_once(',') {
        Some((a, b)) => (a.parse().unwrap_or(0), b.parse().unwrap_or(usize::MAX)),
        None => (
            count.parse().unwrap_or(0),
            count.parse().unwrap_or(usize::MAX),
        ),
    };
    let class: Vec<char> = class.chars().collect();
    let allowed = |c: char| {
        let mut i = 0;
        while i < class.len() {
            if class.get(i + 1) == Some(&'-') && i + 2 < class.len() {
                if class[i] <= c && c <= class[i + 2] {
                    return true;
                }
                i += 3;
            } else {
                if class[i] == c {
                    return true;
                }
                i += 1;
            }
        }
        false
    };
    (least..=most).contains(&text.chars().count()) && text.chars().all(allowed)
}
