//! How far a name goes.

use super::repeat;
use super::word::{
    Nameness, is_bidding, is_closed, is_particle, is_title, is_word_given, is_word_surname,
    nameness,
};
use crate::fields::gazetteer::tables;
use crate::fields::token::{Num, Stop, Token};
use crate::fields::turn::Heard;
use crate::fields::value::title_case;
use crate::fields::word_set::{WordSet, words};

/// How much says that a name stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing but its looks.
    Open,
    /// "This is", "I'm", "it's".
    Introduced,
    /// "My name is", or the question.
    Named,
}

/// A name in a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First token, titles before it left out.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Its words, lower case.
    pub words: Vec<String>,
    /// A title stood before it.
    pub titled: bool,
}

impl Span {
    /// The name as written in records.
    pub fn name(&self) -> String {
        title_case(&self.words.join(" "))
    }

    /// Its given name is one by table.
    pub fn is_given(&self) -> bool {
        let given = |w: &str| tables().is_given(w);
        // "Mei-Ling"
        self.words
            .first()
            .is_some_and(|w| given(w) || w.split_once('-').is_some_and(|(first, _)| given(first)))
    }
}

/// Most words in a name, particles included.
const MOST: usize = 5;

/// The name at `start`, if one stands there.
pub fn name_at(heard: &Heard, start: usize, level: Level) -> Option<Span> {
    let cased = heard.cased;
    let mut first = start;
    while heard
        .tokens
        .get(first)
        // "sergeant first class dwayne pruitt"
        .is_some_and(|t| {
            first < start + 4
                && (is_title(&t.text)
                    || first > start
                        && t.any(words!["first", "second", "class", "general", "master"]))
        })
        && heard.tokens.get(first + 1).is_some()
    {
        first += 1;
    }
    // "L dot Arceneaux at Outlook dot com": a mail address.
    let dotted = heard.word(first) == "dot" || first > 0 && heard.word(first - 1) == "dot";
    if dotted && heard.says(words!["com", "net", "org", "edu", "gov"]) {
        return None;
    }
    let titled = first > start;
    let mut span = Span {
        start: first,
        end: first,
        words: Vec::new(),
        titled,
    };
    while span.words.len() < MOST {
        let at = span.end;
        let Some(token) = heard.tokens.get(at) else {
            break;
        };
        if heard.taken.get(at).copied().unwrap_or(false) {
            break;
        }
        // "lindqvist hyphen moreau", "lindqvist-moreau"
        let hyphen = token.any(words!["hyphen", "dash"]) && !span.words.is_empty();
        let glued = token.glue == Some('-') && !span.words.is_empty();
        if hyphen || glued {
            let part = if hyphen { at + 1 } else { at };
            let Some(next) = heard
                .tokens
                .get(part)
                .filter(|t| t.text.chars().count() > 1 && t.text.chars().all(char::is_alphabetic))
            else {
                break;
            };
            if let Some(last) = span.words.last_mut() {
                last.push('-');
                last.push_str(&next.text);
            }
            span.end = part + 1;
            if next.stop >= Stop::Comma {
                break;
            }
            continue;
        }
        // "anjelica with a j bustamante"
        if token.is("with")
            && !span.words.is_empty()
            && matches!(heard.word(at + 1), "a" | "an")
            && heard.word(at + 2).chars().count() == 1
            && heard
                .tokens
                .get(at + 3)
                .is_some_and(|t| nameness(t) >= Nameness::Unknown)
            && span.words.len() == 1
        {
            // "Geoff with a G, Geoff Lindahl"
            if heard.word(at + 3) == span.words[0] {
                span.words.clear();
            }
            span.end += 3;
            continue;
        }
        if is_initial(heard, at, &span) {
            span.words.push(token.text.clone());
            span.end += 1;
            continue;
        }
        if !fits(heard, at, &span, level, cased) {
            break;
        }
        // "Mc Cutchin", "Mac Donald": one name in two words.
        if token.any(words!["mc", "mac"])
            && token.stop == Stop::None
            && let Some(rest) = heard.tokens.get(at + 1).filter(|t| {
                t.text.chars().count() >= 3
                    && t.text.chars().all(char::is_alphabetic)
                    && !is_closed(&t.text)
                    && (token.is("mc") || !span.words.is_empty())
            })
        {
            span.words.push(format!("{}{}", token.text, rest.text));
            span.end += 2;
            if rest.stop >= Stop::Comma {
                break;
            }
            continue;
        }
        let mut text = token.text.clone();
        let possessive = text.ends_with("'s");
        // "Smith, Donald Smith, Smitty's what they call me": a new sentence.
        // "Royce Haggerty, Wendy's on the deed too": and so does what somebody else has, after a whole name.
        let of_another = span.words.len() >= 2 && span.is_given() && at + 1 < heard.tokens.len();
        if possessive
            && !span.words.is_empty()
            && (of_another
                || matches!(
                    heard.word(at + 1),
                    "what" | "how" | "just" | "short" | "not" | "only"
                ))
        {
            break;
        }
        if possessive {
            text.truncate(text.len() - 2);
        }
        // "The Garcias"
        let family = span.words.is_empty() && heard.word(at.wrapping_sub(1)) == "the";
        if family && let Some(one) = text.strip_suffix('s').filter(|w| tables().is_surname(w)) {
            text.truncate(one.len());
        }
        span.words.push(text);
        span.end += 1;
        let next_glued = heard
            .tokens
            .get(span.end)
            .is_some_and(|t| t.glue == Some('-'));
        if possessive || token.stop >= Stop::Comma && !next_glued {
            break;
        }
    }
    // "Bellamy, Bellamy Tremaine", of which the first was dropped as a stutter: who begins the name anew says it in the order it has.
    let begun_anew = heard
        .tokens
        .get(span.start + 1)
        .is_some_and(|t| span.words.len() == 2 && t.word > heard.tokens[span.start].word + 1);
    repeat::settle(&mut span.words, begun_anew);
    while span.words.last().is_some_and(|w| {
        w.chars().count() == 1 || span.words.len() > 1 && is_particle(w) && !tables().is_surname(w)
    }) {
        span.words.pop();
        span.end -= 1;
    }
    (!span.words.is_empty()).then_some(span)
}

/// A letter between a given name and a surname.
fn is_initial(heard: &Heard, at: usize, span: &Span) -> bool {
    span.words.len() == 1
        && heard.word(at).chars().count() == 1
        && !matches!(heard.word(at), "i" | "a")
        && heard
            .tokens
            .get(at + 1)
            .is_some_and(|t| nameness(t) >= Nameness::Both)
}

/// Particles that are nothing else: any word after them is a surname.
const NOBLE: &WordSet = words!["van", "von", "der", "den", "de", "del", "di", "du"];

/// Whether the word at `at` continues (or begins) the name.
fn fits(heard: &Heard, at: usize, span: &Span, level: Level, cased: bool) -> bool {
    let Some(token) = heard.tokens.get(at) else {
        return false;
    };
    let text = token.text.as_str();
    let next = heard.tokens.get(at + 1);
    let likely = |t: Option<&Token>| {
        t.is_some_and(|t| nameness(t) >= Nameness::Unknown && (!cased || t.upper))
    };
    // "de la Cruz": particles, one or two, with a name after them.
    if !span.words.is_empty() && is_particle(text) && token.stop < Stop::Comma {
        let after = heard.tokens.get(at + 2);
        // "van der meer": after a particle that is nothing else, an everyday word is a surname too.
        let surname = |t: Option<&Token>| {
            likely(t)
                || matches!(
                    text,
                    "van" | "von" | "der" | "den" | "de" | "del" | "di" | "du"
                ) && t.is_some_and(|t| nameness(t) == Nameness::Word && (!cased || t.upper))
        };
        if surname(next) || next.is_some_and(|t| is_particle(&t.text)) && surname(after) {
            return true;
        }
    }
    let score = nameness(token);
    if cased {
        let plain = token.num == Num::None && !is_closed(text) && text.chars().count() > 1;
        return token.upper
            && (score >= Nameness::Unknown
                || word_name(heard, at, span, level)
                || plain
                    && (level == Level::Named || !span.words.is_empty() && level > Level::Open));
    }
    let ends = token.stop >= Stop::Comma
        || next.is_none_or(|t| {
            is_closed(&t.text) || t.text.chars().count() == 1 || t.num != Num::None
        });
    if span.words.is_empty() {
        return match score {
            Nameness::Name => true,
            Nameness::Both | Nameness::Unknown => level > Level::Open,
            // "juniper lopez": an ordinary word and a name fill the answer.
            Nameness::Word => {
                level == Level::Named
                    && !is_bidding(text)
                    && (span.titled
                        || next.is_some_and(|t| t.any(words!["too", "also", "spelled", "with"]))
                        || ends && at + 1 >= heard.tokens.len()
                        || likely(next) && at + 2 >= heard.tokens.len() && at <= 8)
            }
            Nameness::None => word_name(heard, at, span, level),
        };
    }
    match score {
        Nameness::Name | Nameness::Unknown => true,
        // A name that is a word too: at the end of the clause, or between names.
        Nameness::Both => ends || likely(next) || level == Level::Named,
        // "jim shoemaker": nothing else is left of the clause.
        Nameness::Word => {
            let closes = |at: usize| {
                heard.tokens.get(at).is_some_and(|t| t.stop >= Stop::Comma)
                    || heard.tokens.get(at + 1).is_none_or(|t| t.num != Num::None)
            };
            // "wendell iron cloud"
            let pair = span.start <= 2
                && !text.ends_with("ing")
                && !text.ends_with("ed")
                && next.is_some_and(|t| matches!(nameness(t), Nameness::Word | Nameness::Both))
                && closes(at + 1);
            let second = span.words.len() == 2
                && matches!(
                    nameness(&heard.tokens[at - 1]),
                    Nameness::Word | Nameness::Both
                );
            level > Level::Open && span.words.last().is_some_and(|w| NOBLE.has(w.as_str()))
                || level == Level::Named
                    && span.is_given()
                    && (span.words.len() == 1 && (ends && closes(at) || pair)
                        || second && span.start <= 2 && closes(at))
        }
        // "tuan ha": grammar elsewhere, a surname as the last word of the answer.
        Nameness::None => {
            word_name(heard, at, span, level)
                || level == Level::Named
                    && span.words.len() == 1
                    && span.is_given()
                    && at + 1 == heard.tokens.len()
                    && token.num == Num::None
                    && tables().is_surname(text)
                    && !matches!(
                        text,
                        "so" | "no" | "yes" | "my" | "you" | "do" | "here" | "please" | "okay"
                    )
        }
    }
}

/// "Will Grant", "Sunday Adeyemi", "June May": a word of grammar or of the calendar that is one half of a name, the other half being
/// plainly a name.
fn word_name(heard: &Heard, at: usize, span: &Span, level: Level) -> bool {
    if level == Level::Open {
        return false;
    }
    let text = heard.word(at);
    let next = heard.tokens.get(at + 1);
    if span.words.is_empty() {
        return is_word_given(text)
            && heard.tokens[at].stop < Stop::Comma
            && next.is_some_and(|t| {
                nameness(t) >= Nameness::Unknown
                    && (!tables().is_word(&t.text) || tables().is_surname(&t.text))
            });
    }
    span.words.len() == 1
        && span.is_given()
        && is_word_surname(text)
        && (heard.tokens[at].stop >= Stop::Comma
            || next.is_none_or(|t| {
                t.any(words![
                    "calling", "speaking", "here", "again", "from", "over", "with", "and", "i",
                    "i'm",
                ])
            }))
}
