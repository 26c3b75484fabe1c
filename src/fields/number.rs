//! Spoken numbers. A run of number words has several readings ("twenty five" is 25 or 20 5, "eight hundred fifty" 850 or 800 50); they
//! are kept side by side until the kind of value that wants the run (a phone, a house number, a year) picks one.

mod cardinal;

use crate::fields::word_set::words;
use std::borrow::Cow;

use super::token::{Num, Stop, Token};
use cardinal::{Digits, Group, cardinal_from, single, spoken};

/// Readings kept for one run; more are never needed to tell a phone number.
const MAX_READINGS: usize = 12;

/// A digit string longer than any number people say is noise; it is kept from growing without bound.
const MAX_DIGITS: usize = 64;

/// One way to read a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The digits one after the other.
    pub digits: String,
    /// How unusual the reading is; 0 is the plain one.
    pub cost: u8,
}

/// A maximal stretch of number words.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Readings, the plainest first.
    pub readings: Vec<Reading>,
    /// The value as one counting number ("three hundred and eighty two"), where it is one.
    pub cardinal: Option<u64>,
    /// Spoken or written groups of the plain reading, in order.
    pub groups: Vec<Digits>,
}

impl Run {
    /// A number of one word that is no number word ("27B").
    pub fn written(at: usize, text: String) -> Run {
        Run {
            start: at,
            end: at + 1,
            readings: vec![Reading {
                digits: text.clone(),
                cost: 0,
            }],
            cardinal: None,
            groups: vec![Cow::Owned(text)],
        }
    }

    /// The plain reading.
    pub fn digits(&self) -> &str {
        self.readings.first().map_or("", |r| r.digits.as_str())
    }

    /// The cheapest reading with exactly `len` digits.
    pub fn with_len(&self, len: usize) -> Option<&Reading> {
        self.readings.iter().find(|r| r.digits.len() == len)
    }
}

/// Whether a token can only be part of a number.
pub fn is_firm(token: &Token) -> bool {
    matches!(
        token.num,
        Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Literal
    )
}

fn joins(token: &Token) -> bool {
    is_firm(token)
        || matches!(
            token.num,
            Num::Hundred | Num::Thousand | Num::Repeat(_) | Num::Oh
        )
}

/// Whether a number goes on at `at`: with a digit, or with up to `most` more words that sound like digits and then one.
fn leads_on(tokens: &[Token], at: usize, most: u8) -> bool {
    tokens.get(at).is_some_and(|t| match t.num {
        Num::Homophone(_) => most > 0 && t.stop == Stop::None && leads_on(tokens, at + 1, most - 1),
        Num::Hundred => true,
        _ => is_firm(t) || matches!(t.num, Num::Oh | Num::Repeat(_)),
    })
}

/// The runs of a turn, left to right.
pub fn runs(tokens: &[Token]) -> Vec<Run> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match run_at(tokens, at) {
            Some(run) => {
                at = run.end;
                match split(tokens, &run) {
                    Some((head, tail)) => out.extend([head, tail]),
                    None => out.push(run),
                }
            }
            None => at += 1,
        }
    }
    out
}

/// A telephone number and the house number that follows it in one breath, apart: "... oh one four four | twelve oak street".
fn split(tokens: &[Token], run: &Run) -> Option<(Run, Run)> {
    if !(12..=16).contains(&run.digits().len()) {
        return None;
    }
    let whole = |from: usize, to: usize| {
        build(tokens, from, to)
            .filter(|r| r.digits().len() == 10 && super::value::nanp(r.digits()).is_some())
    };
    // "It ends in forty four, two oh seven ... oh one four four", "919 ... 919 555 0164": its end first, or its beginning.
    let ends = |cut: usize| {
        build(tokens, run.start, cut)
            .zip(whole(cut, run.end))
            .is_some_and(|(part, all)| {
                all.digits().ends_with(part.digits())
                    || part.digits().len() >= 3 && all.digits().starts_with(part.digits())
            })
    };
    let cut = (run.start + 1..run.end)
        .find(|cut| ends(*cut))
        .or_else(|| (run.start + 3..run.end).find(|cut| whole(run.start, *cut).is_some()))?;
    Some((build(tokens, run.start, cut)?, build(tokens, cut, run.end)?))
}

/// "Oh oh oh one", "oh oh oh oh": zeros, because a digit follows them or because nobody sighs four times in a row.
fn begins_with_zeros(tokens: &[Token], start: usize) -> bool {
    let rest = tokens.get(start..).unwrap_or_default();
    let zeros = rest.iter().take_while(|t| matches!(t.num, Num::Oh)).count();
    let unbroken = rest
        .iter()
        .take(zeros.saturating_sub(1))
        .all(|t| t.stop == Stop::None);
    zeros >= 2 && unbroken && (zeros >= 4 || rest.get(zeros).is_some_and(is_firm))
}

/// The run that starts at `start`, if one does.
pub fn run_at(tokens: &[Token], start: usize) -> Option<Run> {
    let first = tokens.get(start).filter(|t| t.num != Num::None)?;
    let starts = is_firm(first)
        || matches!(first.num, Num::Oh | Num::Repeat(_))
            && tokens
                .get(start + 1)
                .is_some_and(|t| is_firm(t) || matches!(t.num, Num::Oh) && first.num != Num::Oh)
            && (first.num != Num::Oh || first.stop == Stop::None)
        || begins_with_zeros(tokens, start)
        || matches!(first.num, Num::Hundred | Num::Thousand)
            && start > 0
            && tokens[start - 1].is("a");
    if !starts {
        return None;
    }
    // "My old one oh one eight six": a pronoun before a whole group.
    if first.text == "one"
        && start > 0
        && tokens[start - 1].any(words![
            "old", "new", "wrong", "other", "right", "good", "correct", "same", "long", "short",
            "top", "bottom", "whole", "better", "best", "main",
        ])
        && matches!(
            tokens[start + 1..].iter().take_while(|t| joins(t)).count(),
            3 | 4 | 7 | 10
        )
    {
        return None;
    }
    // "That's the one, fourteen twenty one Cypress Mill": a pronoun before a number of its own.
    if first.text == "one"
        && start > 1
        && tokens[start - 1].is("the")
        && tokens[start - 2].any(words!["that's", "is"])
        && tokens
            .get(start + 1)
            .is_some_and(|t| matches!(t.num, Num::Teen(_) | Num::Tens(_)))
    {
        return None;
    }
    // "The new one's 5809", "that one's going away": a pronoun with its verb.
    if first.text == "one's" {
        return None;
    }
    // "the one", "this one", "one of them": a pronoun.
    if first.num == Num::Digit(1)
        && first.text == "one"
        && (start > 0
            && tokens[start - 1].any(words![
                "the", "this", "that", "which", "another", "other", "last", "new", "old", "big",
                "little", "any", "every", "no", "same", "right", "good", "only", "each", "wrong",
                "some", "better", "best", "main", "first", "second",
            ])
            && tokens[start - 1].stop == Stop::None
            && !tokens.get(start + 1).is_some_and(joins)
            || tokens.get(start + 1).is_some_and(|t| {
                t.any(words![
                    "of", "moment", "second", "sec", "minute", "more", "that", "i'm",
                ])
            }))
    {
        return None;
    }
    let mut end = start + 1;
    while let Some(token) = tokens.get(end) {
        let prev = &tokens[end - 1];
        if prev.stop >= Stop::Sentence
            && token.glue.is_none()
            && !(token.num == Num::Literal && prev.num == Num::Literal)
        {
            break;
        }
        // "Start with the main one: 415 Barton Springs": a word, and then a number of its own in figures.
        if prev.stop >= Stop::Comma
            && prev.num != Num::Literal
            && token.num == Num::Literal
            && token.text.len() >= 2
        {
            break;
        }
        let next_firm = tokens.get(end + 1).is_some_and(is_firm);
        let belongs = match token.num {
            _ if token.glue == Some('$') || token.text == "one's" => false,
            Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Literal => true,
            Num::Hundred | Num::Thousand => matches!(
                prev.num,
                Num::Homophone(_)
                    | Num::Digit(_)
                    | Num::Teen(_)
                    | Num::Tens(_)
                    | Num::Literal
                    | Num::Hundred
            ),
            Num::Repeat(_) => tokens.get(end + 1).is_some_and(joins),
            Num::Oh => prev.stop < Stop::Sentence,
            // "five five five for one two" and a last "oh one nine for": a digit that the recogniser spelt as a word.
            Num::Homophone(_) => {
                prev.stop == Stop::None
                    && (end - start >= 2 || token.any(words!["won", "ate"]) && next_firm)
                    && (leads_on(tokens, end + 1, 3) || tokens.get(end + 1).is_none())
                    || prev.stop == Stop::None && matches!(prev.num, Num::Repeat(_))
            }
            // "three hundred and eighty two"
            _ if token.is("and") => {
                matches!(prev.num, Num::Hundred | Num::Thousand)
                    && next_firm
                    && prev.stop == Stop::None
            }
            _ => false,
        };
        if !belongs {
            break;
        }
        end += 1;
    }
    build(tokens, start, end)
}

fn build(tokens: &[Token], start: usize, end: usize) -> Option<Run> {
    let mut readings = vec![Reading {
        digits: String::with_capacity(16),
        cost: 0,
    }];
    let mut groups = Vec::with_capacity(end - start);
    let mut cardinal = None;
    let mut at = start;
    while at < end {
        let (group, next) = group_at(tokens, at, end);
        at = next.max(at + 1);
        let Some(group) = group else {
            continue;
        };
        if readings[0].digits.len() <= MAX_DIGITS {
            extend(&mut readings, &group);
        }
        cardinal = group.cardinal;
        groups.push(group.plain.0);
    }
    let cardinal = cardinal.filter(|_| groups.len() == 1);
    (!groups.is_empty()).then_some(Run {
        start,
        end,
        readings,
        cardinal,
        groups,
    })
}

/// Every reading so far with a group behind it in every way that the group can be read.
fn extend(readings: &mut Vec<Reading>, group: &Group) {
    let Some(other) = &group.other else {
        // Most groups read one way.
        for reading in readings {
            reading.digits.push_str(&group.plain.0);
            reading.cost = reading.cost.saturating_add(group.plain.1);
        }
        return;
    };
    let mut next = Vec::with_capacity(readings.len() * 2);
    for reading in &*readings {
        for (digits, cost) in [&group.plain, other] {
            next.push(Reading {
                digits: [reading.digits.as_str(), digits].concat(),
                cost: reading.cost.saturating_add(*cost),
            });
        }
    }
    next.sort_by_key(|r| r.cost);
    next.truncate(MAX_READINGS);
    *readings = next;
}

fn group_at(tokens: &[Token], at: usize, end: usize) -> (Option<Group>, usize) {
    let token = &tokens[at];
    let value = |i: usize| tokens.get(i).filter(|_| i < end).map(|t| t.num);
    match token.num {
        Num::Repeat(n) => match value(at + 1) {
            Some(next) => {
                let digit = match next {
                    Num::Digit(d) | Num::Homophone(d) => Some(spoken(d.into())),
                    Num::Oh => Some(spoken(0)),
                    Num::Literal => tokens[at + 1].text.get(..1).map(|d| d.to_owned().into()),
                    _ => None,
                };
                match digit {
                    Some(d) => {
                        let rest = if next == Num::Literal {
                            tokens[at + 1].text.get(1..).unwrap_or("")
                        } else {
                            ""
                        };
                        (
                            Some(single((d.repeat(n.into()) + rest).into(), None)),
                            at + 2,
                        )
                    }
                    None => (None, at + 1),
                }
            }
            None => (None, at + 1),
        },
        Num::Oh => (Some(single(spoken(0), None)), at + 1),
        Num::Homophone(d) if value(at + 1) == Some(Num::Hundred) => {
            (Some(single(format!("{d}00").into(), None)), at + 2)
        }
        Num::Homophone(d) => (
            Some(Group {
                plain: (spoken(d.into()), 0),
                other: Some((Cow::Borrowed(""), 2)),
                cardinal: None,
            }),
            at + 1,
        ),
        Num::Literal => {
            // "630" then "hundred" is rare; written digits stand for themselves.
            let n = token.text.parse().ok();
            match value(at + 1) {
                Some(Num::Hundred) if token.text.len() <= 2 => cardinal_from(tokens, at, end),
                _ => (Some(single(token.text.clone().into(), n)), at + 1),
            }
        }
        Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Hundred | Num::Thousand => {
            cardinal_from(tokens, at, end)
        }
        _ => (None, at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::of;
    use super::*;

    fn first(text: &str) -> Run {
        runs(&of(text)).into_iter().next().unwrap_or(Run {
            start: 0,
            end: 0,
            readings: vec![],
            cardinal: None,
            groups: vec![],
        })
    }

    #[test]
    fn digits_in_every_spoken_form() {
        for (said, digits) in [
            ("five oh three five five five oh one four six", "5035550146"),
            ("double four", "44"),
            ("triple five", "555"),
            ("treble nine", "999"),
            ("double oh", "00"),
            ("eighty three sixteen", "8316"),
            ("eight three one six", "8316"),
            (
                "eight hundred five five five oh one nine nine",
                "8005550199",
            ),
            ("ninety four hundred", "9400"),
            ("ninety one oh eight", "9108"),
            ("thirty oh seven", "3007"),
            ("three nineteen", "319"),
            ("one eighty", "180"),
            ("twelve hundred", "1200"),
            ("forty-two", "42"),
            ("four two", "42"),
            ("twenty two fourteen", "2214"),
            ("eleven twenty", "1120"),
            ("two thousand five", "2005"),
            ("a hundred and twelve", "112"),
            ("six one two five five five oh one nine for", "6125550194"),
            ("630 555 oh 132", "6305550132"),
            ("one hundred and five", "105"),
        ] {
            assert_eq!(first(said).digits(), digits, "{said}");
        }
    }

    #[test]
    fn oh_alone_is_a_sigh() {
        assert!(runs(&of("oh it leaks")).is_empty());
        assert!(runs(&of("oh hi for you to go")).is_empty());
        assert_eq!(first("five hundred thousand").cardinal, Some(500_000));
        assert_eq!(
            first("three hundred and eighty two dollars").cardinal,
            Some(382)
        );
    }

    #[test]
    fn readings_offer_the_other_way() {
        let run = first("twenty five");
        assert_eq!(run.with_len(2).map(|r| r.digits.as_str()), Some("25"));
        assert_eq!(run.with_len(3).map(|r| r.digits.as_str()), Some("205"));
        assert!(first("eight hundred fifty").with_len(5).is_some());
    }
}
