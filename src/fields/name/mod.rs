//! Names of persons in a turn: who is introduced (`lead`) and by what words (`opening`), bare answers to "your name?" (`answer`), names said
//! unasked (`unasked`) or part by part (`parts`), how far a name goes (`span`), what stands of one said in pieces or twice (`repeat`),
//! what a word can be in one (`word`), spelled forms (`spelling`), which words are the caller's name by all that was learned (`tag`). Knows no field and no ledger.

mod answer;
mod lead;
mod opening;
mod parts;
mod repeat;
pub mod span;
mod spelling;
pub mod tag;
mod unasked;
pub mod word;

pub(in crate::fields) use opening::is_full;
pub(in crate::fields) use repeat::is_surname_first;
pub use spelling::with_spelling;

use super::cue::Cue;
use super::gazetteer::tables;
use super::token::Stop;
use super::turn::Heard;
use super::value::title_case;
use crate::fields::word_set::{WordSet, words};
use span::{Level, Span, name_at};
use word::Nameness;

/// A name said.
#[derive(Debug, Clone, PartialEq)]
pub struct NameMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The name as written in records.
    pub name: String,
    /// How it was introduced.
    pub lead: Lead,
    /// Whose it is, as far as the words around it say.
    pub whose: Whose,
    /// It was spelled out, in part or whole.
    pub spelled: bool,
}

/// How a name was introduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// Looks like one.
    Bare,
    /// "it's", "this is", "I'm".
    Weak,
    /// "my name is".
    Strong,
}

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The speaker's.
    Own,
    /// Somebody's whom the speaker speaks of: "my mother Ana", "his name is".
    Other,
    /// The words do not say.
    Open,
}

impl NameMention {
    fn of(span: &Span, lead: Lead, whose: Whose) -> NameMention {
        NameMention {
            start: span.start,
            end: span.end,
            name: span.name(),
            lead,
            whose,
            spelled: false,
        }
    }
}

/// What is known before the turn is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting<'a> {
    /// A name was asked for.
    pub expected: bool,
    /// The name asked for is the speaker's own.
    pub own: bool,
    /// A surname alone was asked for: any word may be one.
    pub surname: bool,
    /// The caller has not said who they are, and the call is young: a name at the head of a sentence is an introduction.
    pub opening: bool,
    /// The caller has not said who they are.
    pub unnamed: bool,
    /// The name of the one spoken to.
    pub addressed: Option<&'a str>,
}

/// The names in a turn.
pub fn mentions(heard: &Heard, setting: Setting<'_>) -> Vec<NameMention> {
    let mut out = lead::introduced(heard, setting);
    if setting.expected {
        answer::bare(heard, setting, &mut out);
    } else {
        unasked::unasked(heard, setting, &mut out);
    }
    for mention in &mut out {
        fuller(heard, mention);
        whole_after(heard, mention);
    }
    parts::assemble(heard, setting, &mut out);
    out.sort_by_key(|m| m.start);
    out
}

/// "It's just me Pete from last week, Pete Kowalczyk"; "Dunmore, Frances Dunmore": said again in full, the fuller form stands.
fn fuller(heard: &Heard, mention: &mut NameMention) {
    let words: Vec<&str> = mention.name.split(' ').collect();
    // "Jo Ann with two n's, Jo Ann Pickering"
    if words.len() == 2 {
        let said: Vec<String> = words.iter().map(|w| w.to_lowercase()).collect();
        let again = (mention.end..heard.tokens.len().min(mention.end + 8)).find_map(|at| {
            (said
                .iter()
                .enumerate()
                .all(|(i, w)| heard.word(at + i) == w))
            .then(|| name_at(heard, at, Level::Named))
            .flatten()
            .filter(|s| s.words.len() == 3)
        });
        if let Some(span) = again {
            mention.name = span.name();
            mention.end = span.end;
        }
        return;
    }
    if words.len() != 1 {
        return;
    }
    if let Some(given) = after_comma(heard, mention) {
        mention.name = format!("{} {}", given.name(), mention.name);
        mention.end = given.end;
        return;
    }
    let word = mention.name.to_lowercase();
    // "Mei-Ling, Mei-Ling Zhao"
    let first = word.split('-').next().unwrap_or_default();
    for at in mention.end..heard.tokens.len().min(mention.end + 8) {
        // "Joann, two words, Jo Ann Simmons"
        let pieces = heard.word(at).len() + heard.word(at + 1).len() == word.len()
            && word.starts_with(heard.word(at))
            && word.ends_with(heard.word(at + 1));
        let begins = heard.word(at) == first || pieces;
        let ends = heard.word(at + 1) == word && !heard.tokens[at].ends_clause();
        // "Frances, not Francis"; "Brandt, it's under my husband, Clyde Brandt"
        // The given name said again is the same person's: "Lorcan, her son. Lorcan Kavanagh."
        let others = !begins && heard.hits.covers(Cue::Other, at - 1);
        if !(begins || ends) || others || heard.word(at - 1) == "not" {
            continue;
        }
        if let Some(span) = name_at(heard, at, Level::Named)
            && span.words.len() >= 2
            && (span.words.first().is_some_and(|w| *w == word)
                || pieces && span.words.len() >= 3
                || span.words.last().is_some_and(|w| *w == word))
        {
            // "Augustin. Augustin Tremaine.": the part said alone comes first, whatever the lists make of it.
            let turned = span.words.len() == 2
                && span.words.last().is_some_and(|w| *w == word)
                && heard.word(at) == word;
            mention.name = match turned {
                true => title_case(&format!("{word} {}", span.words[0])),
                false => span.name(),
            };
            mention.end = span.end;
            return;
        }
    }
}

/// "Everybody calls me Skip, but put it under my real name, Raymond Tuttle", "her name is Junie but it's Juniper on everything, Juniper
/// Blackwood": the full name that closes what was begun with one word.
fn whole_after(heard: &Heard, part: &mut NameMention) {
    let n = heard.tokens.len();
    // "It's Tamika, his name's Otis Grandberry"
    let others = match part.whose {
        Whose::Other => words!["i'm", "i", "my", "me", "mine"],
        _ => words!["his", "her", "their", "he's", "she's", "he", "she"],
    };
    if part.name.contains(' ')
        || part.whose != Whose::Other && heard.hits.has(Cue::Other)
        || part.end + 2 > n
        || heard.tokens[part.end.min(n)..]
            .iter()
            .any(|t| t.any(others))
    {
        return;
    }
    let full = (part.end.max(n.saturating_sub(4))..n - 1)
        .filter(|at| {
            heard.tokens[at - 1].stop >= Stop::Comma
                || heard.any(at - 1, BEFORE_WHOLE)
                // "Ollie, short for Oliver, Oliver Banks"
                || heard.word(at - 1) == "for" && heard.word(at.wrapping_sub(2)) == "short"
        })
        .filter_map(|at| name_at(heard, at, Level::Introduced))
        .find(|s| s.end == n && s.words.len() >= 2 && s.is_given());
    if let Some(full) = full {
        part.name = full.name();
        part.end = full.end;
    }
}

/// Words after which a full name puts right what friends say.
const BEFORE_WHOLE: &WordSet = words![
    "name",
    "name's",
    "is",
    "it's",
    "its",
    "as",
    "me",
    "says",
    "say",
    "everything",
    "actually",
    "legally",
    "officially",
    "really",
    "though",
    "well",
    "sorry",
    "just",
    "put",
    "been",
    "be",
    "i'm",
    "am",
    "that's",
    "still",
    "always",
    "or",
    "full",
    "fully",
];

/// "Ortega, Luz.": the given name after the comma, where nothing else follows it.
fn after_comma(heard: &Heard, mention: &NameMention) -> Option<Span> {
    let last = heard.tokens.get(mention.end.checked_sub(1)?)?;
    if last.stop != Stop::Comma || word::nameness(last) < Nameness::Unknown {
        return None;
    }
    name_at(heard, mention.end, Level::Introduced).filter(|s| {
        s.start == mention.end
            && s.words.len() == 1
            && s.is_given()
            && !tables().is_given(&last.text)
            && (s.end == heard.tokens.len() || heard.tokens[s.end - 1].stop >= Stop::Comma)
    })
}

/// The name that stands after a repair cue, at `at`.
pub fn after_repair(heard: &Heard, at: usize) -> Option<NameMention> {
    name_at(heard, at, Level::Named).map(|s| NameMention::of(&s, Lead::Strong, Whose::Open))
}
