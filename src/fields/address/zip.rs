//! ZIP codes: behind a place, alone, put right, and told from the figures of a house.

use super::street::street;
use super::town::is_townlike;
use crate::fields::gazetteer::tables;
use crate::fields::number;
use crate::fields::token::{Num, Stop, Token};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// The first token from `start` on that is none of the words which lead to a ZIP.
pub(super) fn after_zip_words(heard: &Heard, start: usize) -> usize {
    const LEADS: &WordSet = words![
        "zip", "code", "zipcode", "postal", "is", "it's", "that's", "the", "and", "my", "yeah",
        "yes", "yep",
    ];
    // "Leander, oh, and it's 78641"
    let sigh = |at: usize| heard.word(at) == "oh" && heard.any(at + 1, LEADS);
    let leads = |at: &usize| heard.any(*at, LEADS) || sigh(*at);
    start + (start..start + 5).take_while(leads).count()
}

/// Five digits that close what is said from `start` on: "84-17 Lefferts, 5F. 11415?"
pub(in crate::fields) fn closing_zip(heard: &Heard, start: usize) -> Option<(String, usize)> {
    let run = number::run_at(&heard.tokens, after_zip_words(heard, start))?;
    let closes = run.end == heard.tokens.len() || heard.tokens[run.end - 1].ends_clause();
    (closes && run.digits().len() == 5).then(|| (run.digits().to_owned(), run.end))
}

/// The ZIP that a turn comes to: "78664. No. 65. 78665.", "77302, no, 304".
pub(in crate::fields) fn zip_said(heard: &Heard) -> Option<(String, usize)> {
    let mut said: Option<(String, usize)> = None;
    for run in &heard.runs {
        let digits = run.digits();
        match &mut said {
            _ if digits.len() == 5 && !is_house(heard, run.end) => {
                said = Some((digits.to_owned(), run.end))
            }
            // "65. 78665.": its end, and then all of it.
            Some(_)
                if (6..=9).contains(&digits.len())
                    && digits.ends_with(&digits[..digits.len() - 5]) =>
            {
                said = Some((digits[digits.len() - 5..].to_owned(), run.end));
            }
            Some((zip, end))
                if (2..5).contains(&digits.len())
                    && crate::fields::phone::is_repair(heard, *end, run.start) =>
            {
                zip.replace_range(5 - digits.len().., digits);
                *end = run.end;
            }
            _ => {}
        }
    }
    said
}

/// Whether a town that no list knows may stand at `at`, of so many words, with its ZIP behind it: "Thrall. 76578."
pub(super) fn town_with_zip(heard: &Heard, at: usize) -> Option<usize> {
    const LEADS: &WordSet = words![
        "no", "it's", "in", "put", "says", "is", "that's", "we're", "town", "city", "actually",
        "well", "just", "yeah", "yes", "near", "outside", "by",
    ];
    let led = heard.clause_start(at) == at || heard.any(at - 1, LEADS);
    let name = |i: usize| {
        is_townlike(heard.word(i))
            && heard.tokens[i].num == Num::None
            && (!tables().is_word(heard.word(i)) || heard.cased && heard.tokens[i].upper)
    };
    (1..=2).find(|used| {
        let whole = (at..at + used).all(|i| i < heard.tokens.len() && name(i));
        led && whole && zip(heard, at + used, true).is_some()
    })
}

/// The ZIP at `start`, behind the words that lead to it; without such a word only where one `follows` what was said.
pub(super) fn zip(heard: &Heard, start: usize, follows: bool) -> Option<(String, usize)> {
    let at = after_zip_words(heard, start);
    let said =
        follows || (start..at).any(|i| matches!(heard.word(i), "zip" | "zipcode" | "postal"));
    let run = number::run_at(&heard.tokens, at).filter(|_| said)?;
    // "It's one one three oh five, I'm sorry, one one five three oh North ...": a house number that is put right.
    if crate::fields::phone::is_repair(heard, run.end, (run.end + 3).min(heard.tokens.len())) {
        return None;
    }
    run.with_len(5)
        .filter(|_| !is_house(heard, run.end))
        .map(|r| (r.digits.clone(), run.end))
}

/// "Sunset Park, five eleven forty ninth street": whether figures that end there are a house's, for its street follows.
fn is_house(heard: &Heard, end: usize) -> bool {
    let ordinal = |t: &Token| matches!(t.num, Num::Ordinal(_));
    heard.tokens.get(end).is_some_and(ordinal)
        || heard
            .tokens
            .get(end - 1)
            .is_some_and(|t| t.stop == Stop::None)
            && street(heard, end, false).is_some_and(|s| s.typed)
}
