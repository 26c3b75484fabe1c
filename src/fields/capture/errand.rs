//! What a promise is about, in full: the verb that makes it one, the paper that "it" stands for, the person that "she" is.

use super::direction::is_911;
use crate::fields::name::word::{is_closed, is_title};
use crate::fields::state::State;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::word_set::{WordSet, words};

/// Things that are sent, brought and signed.
const PAPERS: &WordSet = words![
    "contract",
    "estimate",
    "quote",
    "bid",
    "bill",
    "invoice",
    "form",
    "forms",
    "paperwork",
    "picture",
    "pictures",
    "photo",
    "photos",
    "letter",
    "notice",
    "report",
    "card",
    "copy",
    "link",
    "lease",
    "deed",
    "policy",
    "order",
    "referral",
    "prescription",
    "refill",
    "records",
    "record",
    "results",
    "message",
    "request",
    "application",
    "check",
    "statement",
    "receipt",
    "receipts",
    "texts",
    "documents",
    "document",
    "papers",
    "paper",
    "title",
    "will",
    "ticket",
    "summons",
    "complaint",
    "questionnaire",
    "agreement",
    "certificate",
    "keys",
    "key",
    "video",
    "videos",
    "claim",
    "directions",
    "packet",
    "readings",
    "reminder",
    "confirmation",
    "labs",
    "sheet",
    "brochure",
];

/// Roles of people who do things for a business.
const ROLES: &WordSet = words![
    "nurse",
    "attorney",
    "lawyer",
    "paralegal",
    "adjuster",
    "manager",
    "supervisor",
    "doctor",
    "technician",
    "tech",
    "driver",
    "crew",
    "coordinator",
    "specialist",
    "estimator",
    "dispatcher",
    "owner",
    "scheduler",
    "billing",
    "assistant",
    "plumber",
    "electrician",
    "foreman",
    "partner",
    "pharmacist",
    "surveyor",
    "triage",
];

/// Whether the word names a person by office.
pub(super) fn is_role(word: &str) -> bool {
    ROLES.has(word)
}

/// "Ms. Whitlock", "the triage nurse", "our claims adjuster": the last person named in `words`, at or before `to`, whom `pronoun` can
/// mean and who is none of `callers`.
fn person_before<W: AsRef<str>>(
    words: &[W],
    to: usize,
    pronoun: &str,
    callers: impl Fn() -> Vec<String>,
) -> Option<String> {
    let at = |i: usize| words.get(i).map_or("", W::as_ref);
    (0..to.min(words.len())).rev().find_map(|i| {
        if is_title(at(i)) && fits(at(i), pronoun) && i + 1 < words.len() {
            let named = possessor(at(i + 1));
            if named.chars().count() > 2
                && !is_closed(named)
                && !named.contains('\'')
                && !is_role(named)
                && !callers().iter().any(|c| c == named)
                && is_name(named)
            {
                return Some(format!("{} {named}", at(i)));
            }
        }
        is_role(possessor(at(i))).then(|| {
            let from = (i.saturating_sub(2)..i)
                .find(|j| matches!(at(*j), "the" | "our" | "my" | "an" | "a" | "his" | "her"))
                .unwrap_or(i);
            possessor(&joined(&words[from..=i])).to_owned()
        })
    })
}

fn joined<W: AsRef<str>>(words: &[W]) -> String {
    let words: Vec<&str> = words.iter().map(W::as_ref).collect();
    words.join(" ")
}

/// "Doctor wants" names nobody.
fn is_name(word: &str) -> bool {
    let tables = crate::fields::gazetteer::tables();
    tables.is_surname(word) || tables.is_given(word) || !tables.is_word(word)
}

/// Whether a pronoun can stand for whoever bears the title, or is called by a word that begins with it.
fn fits(title: &str, pronoun: &str) -> bool {
    match pronoun {
        "he" | "he'll" | "him" | "his" | "he'd" => !matches!(title, "miss" | "ms" | "mrs"),
        "she" | "she'll" | "her" | "she'd" => !matches!(title, "mister" | "mr"),
        _ => true,
    }
}

/// The last paper named in `words` before `to`, with what stands between its article and it.
fn paper_before<W: AsRef<str>>(words: &[W], to: usize) -> Option<String> {
    let at = |i: usize| words.get(i).map_or("", W::as_ref);
    let is_paper = |i: usize| {
        let article = |j: usize| is_article(at(j));
        PAPERS.has(at(i))
            && match at(i) {
                // "The referral girl will": only what an article belongs to.
                "will" => {
                    i > 0
                        && (article(i - 1) || matches!(at(i - 1), "living" | "last"))
                        && (i.saturating_sub(3)..i).any(article)
                }
                // "Check", "order": things only with their article.
                "check" | "order" | "claim" | "title" | "copy" | "record" | "request" => {
                    (i.saturating_sub(3)..i).any(article)
                }
                _ => true,
            }
    };
    let paper = (0..to.min(words.len())).rev().find(|i| is_paper(*i))?;
    let from = (paper.saturating_sub(3)..paper)
        .rev()
        .find(|j| is_article(at(*j)));
    let from = from.map_or(paper, |article| article + 1);
    Some(format!("the {}", joined(&words[from..=paper])))
}

fn is_article(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "your"
            | "my"
            | "our"
            | "his"
            | "her"
            | "that"
            | "this"
            | "some"
            | "any"
            | "their"
    )
}

impl State {
    /// The words of a span, "it" said as the paper it stands for, "she" at its head as the person.
    pub(super) fn in_full(&self, heard: &Heard, from: usize, to: usize) -> String {
        let own = &heard.tokens;
        let (near, far) = match heard.speaker {
            Speaker::Caller => (&self.last_agent_before, &self.last_caller),
            Speaker::Agent => (&self.last_caller, &self.last_agent_before),
        };
        let paper = |at: usize| {
            paper_before(own, at)
                .or_else(|| paper_before(near, near.len()))
                .or_else(|| paper_before(far, far.len()))
                .or_else(|| self.last_paper.clone())
        };
        let mut out: Vec<String> = Vec::new();
        let mut skip = 0;
        for i in from..to {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let word = heard.word(i);
            let next = heard.word(i + 1);
            let last = i + 1 >= to || heard.tokens[i].stop > Stop::None;
            let object = i > from
                && match word {
                    // "Fax it to them": people.
                    "them" if heard.any(i - 1, words!["to", "for", "with", "from"]) => false,
                    "it" | "them" => true,
                    "that" | "this" | "those" => {
                        last || matches!(
                            next,
                            "to" | "over"
                                | "in"
                                | "tonight"
                                | "today"
                                | "by"
                                | "tomorrow"
                                | "on"
                                | "out"
                                | "along"
                                | "back"
                        )
                    }
                    _ => false,
                };
            let told = i == from + 1
                && matches!(word, "him" | "her" | "them")
                && matches!(
                    heard.word(from),
                    "tell" | "let" | "ask" | "give" | "remind" | "leave" | "page" | "call"
                );
            let person = told
                || i == from
                    && matches!(
                        word,
                        "he" | "she"
                            | "he'll"
                            | "she'll"
                            | "they'll"
                            | "him"
                            | "her"
                            | "they"
                            | "he'd"
                            | "she'd"
                    );
            let left = object
                && matches!(word, "it" | "this" | "that")
                && (i..to).any(|j| matches!(heard.word(j), "desk" | "box" | "inbox"));
            if left {
                out.push("the message".to_owned());
            } else if object && let Some(paper) = paper(i) {
                out.push(paper);
            } else if person
                && next != "and"
                && let Some(who) = person_before(own, i, word, || self.people()).or_else(|| {
                    self.last_person
                        .clone()
                        .filter(|p| fits(p.split(' ').next().unwrap_or_default(), word))
                })
            {
                out.push(if word.ends_with("'ll") || word.ends_with("'d") {
                    format!("{who} will")
                } else {
                    who
                });
            } else if i == from && matches!(word, "paging" | "messaging") {
                out.push(if word == "paging" { "page" } else { "message" }.to_owned());
            } else if is_911(heard, i) && (i == 0 || !is_911(heard, i - 1)) && word != "911" {
                out.push("911".to_owned());
                skip = if heard.word(i + 1).len() > 2 && heard.word(i + 1) != "one"
                    || heard.word(i + 1) == "11"
                {
                    1
                } else {
                    2
                };
            } else {
                out.push(heard.text(i, i + 1));
            }
        }
        out.join(" ")
    }

    /// Keeps who and what was spoken of last, for what "he" and "it" will stand for.
    pub(super) fn keep_referents(&mut self, heard: &Heard) {
        let words = heard.first_words();
        if let Some(person) = person_before(words, words.len(), "", || self.people()) {
            self.last_person = Some(person);
        }
        if let Some(paper) = paper_before(words, words.len()) {
            self.last_paper = Some(paper);
        }
    }
}

/// Where the subject of "will" at `will` begins: "one of the attorneys | will", "mr whitfield | will".
pub(super) fn subject_start(heard: &Heard, will: usize) -> usize {
    let from = heard.clause_start(will).max(will.saturating_sub(5));
    (from..will)
        .rev()
        .find(|i| {
            heard.tokens[*i].any(words![
                "and", "so", "okay", "ok", "alright", "then", "great", "but", "says", "of", "it's",
                "right", "good", "thanks", "perfect", "well", "back", "com", "once",
            ]) && !(heard.word(*i) == "of" && heard.word(i.wrapping_sub(1)) == "one")
                || heard.tokens[*i].num != Num::None && heard.word(*i) != "one"
        })
        .map_or(from, |i| i + 1)
}
