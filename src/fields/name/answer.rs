//! A name said in answer to a question and nothing else: at the head of the turn, or as a sentence of its own.

use super::span::{Level, Span, name_at};
use super::word::{Nameness, is_closed, is_word_given, nameness};
use super::{Lead, NameMention, Setting, Whose};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::spell;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Ordinary words that stand before a name in an answer beside the closed ones.
const LEAD_IN: &WordSet = words![
    "tell",
    "ask",
    "everybody",
    "mom",
    "grandmother",
    "grandfather",
    "grandma",
    "grandpa",
    "put",
    "use",
    "write",
    "list",
    "absolutely",
    "problem",
    "course",
    "account",
    "patient",
    "sister",
    "brother",
    "aunt",
    "uncle",
    "mother",
    "father",
    "spell",
    "mine's",
    "missus",
    "mister",
];

/// Adds the bare answer, if the turn has one.
pub(super) fn bare(heard: &Heard, setting: Setting<'_>, out: &mut Vec<NameMention>) {
    let introduced = out.iter().position(|m| {
        m.lead >= Lead::Weak
            && m.start <= 12
            && (m.whose == Whose::Open || m.whose == Whose::Own && setting.own)
    });
    // "Tobias Lindqvist, but it's not me paying, it's the landlord, Walt Arsenault": the answer comes first.
    if let Some(later) = introduced.and_then(|i| out.get_mut(i))
        && let Some(first) = head(heard, setting).filter(|s| answers_before(heard, s, later))
    {
        later.whose = Whose::Other;
        out.push(NameMention::of(&first, Lead::Bare, Whose::Open));
        return;
    }
    if introduced.is_some() {
        return;
    }
    let span = head(heard, setting).or_else(|| sentence(heard, out));
    let span = span.map(|s| last_words(heard, &s).unwrap_or(s));
    if let Some(span) = span
        && !out
            .iter()
            .any(|m| m.start <= span.start && span.start < m.end)
    {
        // Asked for the patient's: "it's for me, Vera Lindqvist".
        let own = heard.tokens[..span.start]
            .iter()
            .any(|t| t.any(words!["me", "myself", "mine"]));
        let whose = if own { Whose::Own } else { Whose::Open };
        out.push(NameMention::of(&span, Lead::Bare, whose));
    }
}

/// Whether the name at the head of the answer is whole, and the one introduced after it somebody else's.
fn answers_before(heard: &Heard, first: &Span, later: &NameMention) -> bool {
    first.start <= 2
        && first.end < later.start
        // "Peggy Ostrander, but the account's under Margaret"
        && (later.lead == Lead::Weak || heard.word(later.start.wrapping_sub(1)) == "under")
        && later.whose == Whose::Open
        && first.words.len() >= 2
        && first.is_given()
        && !later
            .name
            .split(' ')
            .any(|w| first.words.iter().any(|x| x.eq_ignore_ascii_case(w)))
}

/// The name at the head of the turn, after the words that lead in to an answer.
fn head(heard: &Heard, setting: Setting<'_>) -> Option<Span> {
    // "J-A-N-E-T, Janet Little": the letters come first.
    let mut at = spell::spelled(heard)
        .first()
        .filter(|s| s.end < heard.tokens.len() && (0..s.start).all(|i| is_closed(heard.word(i))))
        .map_or(0, |s| s.end);
    while at < heard.tokens.len().min(at.max(9))
        && (is_closed(heard.word(at))
            || heard.any(at, LEAD_IN)
            || is_role(heard, at)
            || heard.hits.at(Cue::Other, at).is_some())
        && !heard.taken[at]
        && !lone_name(heard, at)
        && !is_word_name(heard, at)
        // "Two Crow": asked for the surname, a number word may begin it.
        && !(setting.surname && is_counted_surname(heard, at))
    {
        // "With a V, actually, Steven Marsh"
        let letter = heard.word(at) == "with"
            && matches!(heard.word(at + 1), "a" | "an")
            && heard.word(at + 2).chars().count() == 1;
        at = match heard.hits.at(Cue::Other, at) {
            // "Her daughter in law Carmen"
            Some(end) => end,
            None => at + if letter { 3 } else { 1 },
        };
    }
    // "My folks are Walt and Joanne": somebody else's names.
    let before = heard.tokens.get(..at).unwrap_or_default();
    // "Calling for a price", "at work": what follows is no name.
    let led = before.last().is_some_and(|t| {
        t.any(words![
            "a", "an", "some", "any", "about", "at", "in", "on", "to", "from", "of",
        ])
    });
    // "Before that, do you do gutters?": asked in return.
    let asks = before.windows(2).any(|w| {
        w[0].any(words![
            "do", "did", "can", "could", "are", "will", "would", "does"
        ]) && w[1].any(words!["you", "y'all", "they", "he", "she"])
    });
    if led
        || asks
        || before
            .iter()
            .any(|t| t.any(words!["are", "company", "business", "office"]))
        || before.iter().any(|t| t.any(words!["my", "our"]))
            && !before
                .iter()
                .any(|t| t.text.starts_with("name") || t.any(words!["first", "last"]))
    {
        return None;
    }
    if lone_name(heard, at) {
        return Some(Span {
            start: at,
            end: at + 1,
            words: vec![heard.word(at).to_owned()],
            titled: false,
        });
    }
    if setting.surname && at < heard.tokens.len() && is_counted_surname(heard, at) {
        return Some(Span {
            start: at,
            end: at + 2,
            words: vec![heard.word(at).to_owned(), heard.word(at + 1).to_owned()],
            titled: false,
        });
    }
    let span = name_at(heard, at, Level::Named).or_else(|| surname(heard, at, setting))?;
    // "Ain't no rush"; "Emma's her sister", "Glenn is my husband": nobody tells a name so.
    let told_of = heard.tokens[span.end - 1]
        .text
        .ends_with("'s")
        .then_some(span.end);
    let told_of = told_of.or((heard.word(span.end) == "is").then_some(span.end + 1));
    let label = heard.any(
        span.end + 2,
        words!["first", "last", "full", "name", "surname", "maiden"],
    );
    if negated(heard, span.start)
        || told_of.is_some_and(|at| {
            matches!(
                heard.word(at),
                "her"
                    | "his"
                    | "my"
                    | "our"
                    | "their"
                    | "your"
                    | "a"
                    | "an"
                    | "at"
                    | "in"
                    | "on"
                    | "out"
                    | "not"
                    | "with"
                    | "just"
                    | "already"
                    | "also"
            ) && !label
        })
    {
        return None;
    }
    let scores: Vec<Nameness> = heard.tokens[span.start..span.end]
        .iter()
        .map(nameness)
        .collect();
    let known = scores.iter().any(|s| *s >= Nameness::Both);
    let letters = spell::spelled(heard)
        .iter()
        .any(|s| s.start >= span.end && s.start <= span.end + 3);
    let whole = span.end >= heard.tokens.len()
        || heard.tokens[span.end - 1].stop >= Stop::Comma
        || heard
            .tokens
            .get(span.end)
            .is_some_and(|t| is_closed(&t.text) || t.num != Num::None);
    // An ordinary word alone ("plumber") needs to be a name too; unknown words count when they fill the answer.
    let strange = scores.iter().all(|s| *s >= Nameness::Unknown);
    (known && (whole || scores[0] >= Nameness::Name)
        || letters
        || whole && strange
        || whole && setting.surname
        // "Juniper Ashgrove": an ordinary word and a name, and nothing else.
        || span.start <= 3
            && span.words.len() >= 2
            && span.end == heard.tokens.len()
            && scores.iter().any(|s| *s >= Nameness::Unknown))
    .then_some(span)
}

/// "Two Bears", "Four Horns": a number in words and one word that fill the rest of the answer.
fn is_counted_surname(heard: &Heard, at: usize) -> bool {
    heard.tokens[at].num != Num::None
        && heard.tokens[at].text.chars().all(char::is_alphabetic)
        && at + 2 == heard.tokens.len()
        && heard.tokens[at + 1].num == Num::None
        && heard.word(at + 1).len() > 2
}

/// "Will", "May": the whole answer is a word that is a name elsewhere.
fn lone_name(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    at + 1 == heard.tokens.len()
        && at <= 2
        && word.len() > 2
        && is_closed(word)
        && tables().is_given(word)
        && !matches!(
            word,
            "so" | "my"
                | "an"
                | "see"
                | "you"
                | "son"
                | "one"
                | "man"
                | "much"
                | "young"
                | "long"
                | "in"
                | "sure"
                | "hey"
                | "ok"
                | "love"
                | "yes"
                | "no"
                | "okay"
                | "please"
                | "sorry"
                | "hi"
                | "good"
                | "here"
                | "miss"
                | "little"
                | "early"
                | "mm"
                | "ma"
                | "do"
                | "can"
        )
}

/// "His client Sherri": what somebody is, with the name after it.
fn is_role(heard: &Heard, at: usize) -> bool {
    let is = |i: usize| heard.tokens.get(i).map(nameness);
    heard.any(
        at.wrapping_sub(1),
        words!["his", "her", "their", "your", "the"],
    ) && is(at) == Some(Nameness::Word)
        && is(at + 1) >= Some(Nameness::Both)
}

/// Whether what stands at `at` is said not to be. A "no" at the head is the answer to something before.
fn negated(heard: &Heard, at: usize) -> bool {
    let answer = heard.word(at.wrapping_sub(1)) == "no"
        && (at == 1
            || matches!(
                heard.word(at.wrapping_sub(2)),
                "oh" | "well" | "yeah" | "um"
            ));
    !answer && heard.hits.cue(Cue::Negation).any(|h| h.end == at)
}

/// "Sunday Adeyemi", "Will Grant": a word that begins a name here.
fn is_word_name(heard: &Heard, at: usize) -> bool {
    is_word_given(heard.word(at))
        && name_at(heard, at, Level::Named).is_some_and(|s| s.start == at && s.words.len() >= 2)
}

/// Asked for the surname, any word or two that fill the answer are it: "two bears", "carpenter".
fn surname(heard: &Heard, at: usize, setting: Setting<'_>) -> Option<Span> {
    if !setting.surname {
        return None;
    }
    let n = heard.tokens.len();
    let mut end = at;
    while end < n
        && end < at + 2
        && heard.word(end).chars().count() > 1
        && !is_closed(heard.word(end))
        && heard.tokens[end].num != Num::Literal
    {
        end += 1;
        if heard.tokens[end - 1].stop >= Stop::Comma {
            break;
        }
    }
    let filled = end == n
        || heard.tokens.get(end).is_some_and(|t| is_closed(&t.text))
        || end > at && heard.tokens[end - 1].stop >= Stop::Comma;
    (end > at && filled && end + 4 > n).then(|| Span {
        start: at,
        end,
        words: heard.tokens[at..end]
            .iter()
            .map(|t| t.text.clone())
            .collect(),
        titled: false,
    })
}

/// "... Farrell, Ferrell with an e, Jackie Ferrell": a lone word no table knows gives way to the full name that closes the answer.
fn last_words(heard: &Heard, first: &Span) -> Option<Span> {
    let n = heard.tokens.len();
    let spelled = spell::spelled(heard)
        .iter()
        .any(|s| s.start >= first.end && s.start <= first.end + 3);
    let alone = first.words.len() == 1
        && !spelled
        && heard.tokens[first.start..first.end]
            .iter()
            .all(|t| nameness(t) == Nameness::Unknown);
    if !alone || first.end + 3 > n {
        return None;
    }
    name_at(heard, n - 2, Level::Introduced)
        .filter(|s| s.start == n - 2 && s.end == n && s.words.len() == 2 && s.is_given())
}

/// A sentence that is nothing but a name: "I'm the one who's paying. Corinne Pruett-Adeyemi."
fn sentence(heard: &Heard, out: &[NameMention]) -> Option<Span> {
    let n = heard.tokens.len();
    (1..n)
        // "Is that a problem, Kelly Moe": the last words of the turn, too.
        .filter(|at| {
            let stop = heard.tokens[at - 1].stop;
            stop >= Stop::Sentence || stop == Stop::Comma && n - at <= 3
        })
        .filter_map(|at| name_at(heard, at, Level::Introduced))
        .find(|s| {
            !out.iter().any(|m| m.start <= s.start && s.start < m.end)
                && s.words.len() >= 2
                && (s.end == heard.tokens.len() || heard.tokens[s.end - 1].stop >= Stop::Sentence)
                && (s.is_given()
                    || heard.cased
                        && heard.tokens[s.start - 1].stop >= Stop::Sentence
                        && heard.tokens[s.start..s.end]
                            .iter()
                            .all(|t| nameness(t) >= Nameness::Unknown))
        })
}
