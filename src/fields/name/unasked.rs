//! A name that nobody asked for and no words introduce: at the head of a sentence, said surname first and then in full, or spelled
//! out at once.

use super::lead::written;
use super::span::{Level, name_at};
use super::word::{Nameness, nameness};
use super::{Lead, NameMention, Setting, Whose};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::spell;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// Adds the name by which a caller whose name is not known introduces themselves without a word.
pub(super) fn unasked(heard: &Heard, setting: Setting<'_>, out: &mut Vec<NameMention>) {
    if setting.opening {
        head(heard, setting, out);
    }
    if setting.unnamed && out.is_empty() && !heard.hits.has(Cue::Other) {
        out.extend(in_full(heard).or_else(|| spelled_out(heard)));
    }
}

/// "Burgess, Alvin Burgess": nothing but the surname and then the name.
fn in_full(heard: &Heard) -> Option<NameMention> {
    let n = heard.tokens.len();
    let at = n.checked_sub(3)?;
    if at > 4 || heard.word(at) != heard.word(n - 1) {
        return None;
    }
    name_at(heard, at, Level::Introduced)
        .or_else(|| name_at(heard, at + 1, Level::Introduced))
        .filter(|s| s.end == n && s.words.len() == 2 && s.is_given())
        .map(|s| NameMention::of(&s, Lead::Weak, Whose::Own))
}

/// "Couple years ago, Ignacio Barraza, B-A-R-R-A-Z-A": a name and the letters of its surname.
fn spelled_out(heard: &Heard) -> Option<NameMention> {
    spell::spelled(heard).iter().find_map(|s| {
        (s.start.saturating_sub(3)..s.start)
            .filter_map(|at| name_at(heard, at, Level::Introduced))
            .find(|span| {
                span.end == s.start
                    && span.words.len() >= 2
                    && span.is_given()
                    && span
                        .words
                        .last()
                        .is_some_and(|w| strsim::jaro_winkler(w, &s.word) >= 0.8)
            })
            .map(|span| NameMention::of(&span, Lead::Weak, Whose::Own))
    })
}

/// A name at the head of a sentence while nobody has asked: "Hey Wade, Yolanda Teehee over in Broken Arrow".
fn head(heard: &Heard, setting: Setting<'_>, out: &mut Vec<NameMention>) {
    if out
        .iter()
        .any(|m| m.whose == Whose::Own || m.whose == Whose::Open && m.lead < Lead::Strong)
    {
        return;
    }
    let greeted = |words: &[String]| {
        setting.addressed.is_some_and(|a| {
            words.len() == 1 && a.split(' ').any(|p| p.eq_ignore_ascii_case(&words[0]))
        })
    };
    let is_addressed = |at: usize| {
        setting
            .addressed
            .is_some_and(|a| a.split(' ').any(|p| p.eq_ignore_ascii_case(heard.word(at))))
    };
    for at in 0..heard.tokens.len().min(10) {
        let head = at == 0
            || heard.tokens[at - 1].stop >= Stop::Comma
            || (0..at).all(|i| {
                matches!(
                    heard.word(i),
                    "hi" | "hello"
                        | "hey"
                        | "yes"
                        | "yeah"
                        | "good"
                        | "morning"
                        | "afternoon"
                        | "evening"
                        | "there"
                        | "oh"
                        | "well"
                ) || is_addressed(i)
            });
        // "My neighbor, Phil Garrison": somebody else's name.
        let of_another = (at.saturating_sub(3)..at).any(|i| heard.hits.covers(Cue::Other, i))
            || heard.tokens[..at]
                .iter()
                .any(|t| t.any(words!["he", "she", "he's", "she's", "his", "her"]));
        // "Morning, Marlys, Gretchen Haugen": the agent's name before the caller's.
        let greeting = is_addressed(at)
            && heard
                .tokens
                .get(at + 1)
                .is_some_and(|t| nameness(t) >= Nameness::Unknown);
        if !head || of_another || greeting {
            continue;
        }
        let addressed = at > 0 && is_addressed(at - 1);
        let level = if addressed {
            Level::Introduced
        } else {
            Level::Open
        };
        // "Rob Castillo with Castillo Homes": where they are from makes sure.
        let from = || {
            name_at(heard, at, Level::Introduced).filter(|s| {
                heard.any(s.end, words!["from", "over", "with", "here"])
                    && s.is_given()
                    && s.words.last().is_some_and(|w| tables().is_surname(w))
            })
        };
        let Some(span) = name_at(heard, at, level).or_else(from) else {
            continue;
        };
        let next = heard.word(span.end);
        let placed = matches!(
            next,
            "from" | "over" | "with" | "here" | "at" | "in" | "calling" | "again" | "out"
        );
        let stops =
            heard.tokens[span.end - 1].stop >= Stop::Comma || span.end == heard.tokens.len();
        let strange = heard.tokens[span.start..span.end]
            .iter()
            .all(|t| nameness(t) >= Nameness::Unknown);
        let full = span.words.len() >= 2
            && (span.is_given() || strange && (addressed || written(heard, &span)));
        if !greeted(&span.words)
            && full
            && (placed || stops || addressed && strange)
            && (written(heard, &span) || placed || addressed)
        {
            out.push(NameMention::of(&span, Lead::Weak, Whose::Own));
            return;
        }
    }
}
