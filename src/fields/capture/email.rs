//! Mail addresses, written or spoken ("maria dot gomez at example dot com").

use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::number;
use crate::fields::spell;
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::words;

/// A mail address in a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The address, lower case.
    pub email: String,
}

/// The mail addresses of a turn.
pub fn mentions(heard: &Heard) -> Vec<EmailMention> {
    let mut out = Vec::new();
    let n = heard.tokens.len();
    for at in 0..n {
        let text = heard.word(at);
        if text.len() > 3
            && text.bytes().any(|b| b == b'@')
            && text.split('@').nth(1).is_some_and(|d| d.contains('.'))
        {
            out.push(EmailMention {
                start: at,
                end: at + 1,
                email: text.trim_end_matches('.').to_owned(),
            });
        }
        if text != "at" || at == 0 {
            continue;
        }
        // The domain first: words and "dot", ending in a top-level domain.
        let Some((domain, end)) = domain(heard, at + 1) else {
            continue;
        };
        let (local, start) = local(heard, at);
        // "My first name dot my last name": which they are is not said.
        let meant = heard.tokens[start..at].iter().any(|t| t.is("name"));
        if !local.is_empty() && !meant {
            out.push(EmailMention {
                start,
                end,
                email: format!("{local}@{domain}"),
            });
        }
    }
    out
}

fn domain(heard: &Heard, start: usize) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = start;
    while at < heard.tokens.len() && at < start + 12 {
        let word = heard.word(at);
        // "Bridger Hay, all one word, dot com"
        if let ("all" | "one", "one" | "word" | "lowercase" | "together") =
            (word, heard.word(at + 1))
            && !text.is_empty()
        {
            at += if heard.word(at + 1) == "one" { 3 } else { 2 };
            continue;
        }
        if matches!(word, "dot" | "period" | "point") {
            text.push('.');
        } else if matches!(word, "dash" | "hyphen") {
            text.push('-');
        } else if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
            if heard.tokens[at].glue == Some('.') && !text.ends_with('.') {
                text.push('.');
            }
            match number::run_at(&heard.tokens, at).filter(|_| heard.tokens[at].num != Num::Literal)
            {
                Some(run) => {
                    text.push_str(run.digits());
                    at = run.end;
                    continue;
                }
                None => text.push_str(word),
            }
        } else {
            return None;
        }
        at += 1;
        if matches!(
            text.rsplit('.').next(),
            Some(
                "com"
                    | "net"
                    | "org"
                    | "edu"
                    | "gov"
                    | "io"
                    | "co"
                    | "us"
                    | "biz"
                    | "info"
                    | "me"
                    | "law"
                    | "test"
                    | "example"
                    | "health"
                    | "legal"
                    | "app"
                    | "dev"
                    | "tv"
                    | "ca"
                    | "mil"
                    | "xyz"
                    | "online"
                    | "care"
            )
        ) && text.contains('.')
        {
            return Some((text, at));
        }
    }
    None
}

fn local(heard: &Heard, at: usize) -> (String, usize) {
    let mut parts: Vec<String> = Vec::new();
    let mut i = at;
    // "Ji Yeon Rivera, all one word, at": everything of the name belongs to it.
    while i > 0
        && (matches!(
            heard.word(i - 1),
            "word" | "together" | "spaces" | "lowercase" | "case"
        ) || i < at && heard.tokens[i - 1].any(words!["all", "one", "no", "lower"]))
    {
        i -= 1;
    }
    let one_word = i < at;
    let at = i;
    let mut joined = true;
    while i > 0 && at - i < 24 {
        let word = heard.word(i - 1);
        if one_word && i < at && word != "and" && crate::fields::name::word::is_closed(word) {
            break;
        }
        let token = &heard.tokens[i - 1];
        // "The letter K", "the number four": what follows says it.
        let announces = i < at
            && (matches!(word, "letter" | "number")
                || word == "the" && heard.any(i, words!["letter", "number"]));
        if announces {
            i -= 1;
            continue;
        }
        let sign = match word {
            "dot" | "period" | "point" => Some("."),
            "underscore" => Some("_"),
            "dash" | "hyphen" | "minus" => Some("-"),
            "plus" => Some("+"),
            _ => None,
        };
        if token.ends_clause() && i < at {
            break;
        }
        if let Some(sign) = sign {
            parts.push(sign.to_owned());
            joined = true;
            i -= 1;
            continue;
        }
        let number =
            token.num != Num::None && !matches!(token.num, Num::Homophone(_) | Num::Ordinal(_));
        let letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
        let plain = word.bytes().all(|b| b.is_ascii_alphanumeric()) && !word.is_empty();
        if !plain
            || matches!(
                word,
                "is" | "it"
                    | "its"
                    | "email"
                    | "address"
                    | "to"
                    | "and"
                    | "at"
                    | "my"
                    | "me"
                    | "sure"
                    | "yes"
                    | "yeah"
                    | "okay"
                    | "so"
                    | "that"
                    | "the"
                    | "um"
                    | "all"
                    | "lowercase"
                    | "lower"
                    | "case"
                    | "word"
            ) && !joined
        {
            break;
        }
        // Words side by side belong together only where a sign, a letter or a number joins them, or right before the "at".
        let named = crate::fields::gazetteer::tables().is_given(word)
            || crate::fields::gazetteer::tables().is_surname(word)
            || !crate::fields::gazetteer::tables().is_word(word);
        if !(joined || number || letter || named) {
            let next_letter =
                heard.word(i).len() == 1 || heard.tokens.get(i).is_some_and(|t| t.num != Num::None);
            if !(next_letter
                && i < at
                && !heard.tokens[i - 1].any(words![
                    "is", "it's", "email", "address", "it", "its", "to", "my"
                ]))
                && parts.iter().filter(|p| p.len() > 1).count() >= 1
            {
                break;
            }
            if matches!(word, "is" | "it's" | "its" | "email" | "address") {
                break;
            }
        }
        if matches!(word, "it's" | "its" | "is" | "email" | "address") {
            break;
        }
        parts.push(word.to_owned());
        joined = one_word;
        i -= 1;
    }
    parts.reverse();
    drop_spelling(&mut parts);
    // Number words in the middle become digits: "forty two" is 42, "oh two" 02.
    let mut text = String::new();
    let mut tens = false;
    for part in &parts {
        let num = super::super::token::classify(part);
        // Recognisers write "eighty ate".
        if let (true, Num::Digit(d) | Num::Homophone(d)) = (tens && text.ends_with('0'), num) {
            text.pop();
            text.push_str(&d.to_string());
            tens = false;
            continue;
        }
        tens = matches!(num, Num::Tens(_));
        text.push_str(&match num {
            Num::Digit(d) => d.to_string(),
            Num::Oh if text.ends_with(|c: char| c.is_ascii_digit()) => "0".to_owned(),
            Num::Teen(t) => t.to_string(),
            Num::Tens(t) => (u16::from(t) * 10).to_string(),
            _ => part.clone(),
        });
    }
    (text.trim_matches(['.', '-', '_', '+']).to_owned(), i)
}

/// "Jtillman, J-T-I-L-L-M-A-N, at": letters that spell the word before them once more.
fn drop_spelling(parts: &mut Vec<String>) {
    let mut at = 1;
    while at < parts.len() {
        let end = (at..parts.len())
            .find(|i| parts[*i].len() != 1)
            .unwrap_or(parts.len());
        let letters = parts[at..end].concat();
        if letters.len() >= 3 && parts[at - 1].ends_with(&letters) {
            parts.drain(at..end);
        }
        at = end.max(at + 1);
    }
}

impl State {
    /// Mail addresses in the caller's turn.
    pub fn caller_emails(&mut self, heard: &mut Heard) {
        let Some(field) = self.vertical.first_of(FieldType::Email).map(|i| i as u8) else {
            return;
        };
        for mention in mentions(heard) {
            let strength = if self.was_asked(field, 1) {
                Strength::Explicit
            } else {
                Strength::Answer
            };
            self.claim(
                field,
                heard,
                (mention.start, mention.end),
                Role::States,
                Value::Text(mention.email),
                strength,
            );
            heard.take(mention.start, mention.end);
        }
        self.local_part_again(field, heard);
    }

    /// "P-N-A-K-A-M-U-R-A?", after "p nakamura at umich dot edu": all letters of its first part read them back.
    fn spells_address(&mut self, field: u8, heard: &mut Heard) {
        let Some(held) = self.value(field).and_then(Value::text).map(str::to_owned) else {
            return;
        };
        let letters: String = held
            .split('@')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphabetic())
            .collect();
        let read = spell::spelled(heard)
            .into_iter()
            .find(|s| s.word == letters && !heard.is_taken(s.start, s.end))
            .filter(|s| !self.people().contains(&s.word));
        if let Some(s) = read {
            heard.take(s.start, s.end);
            let evidence = heard.evidence(Role::ReadsBack, s.start, s.end);
            self.ledger_mut(field).read_back(evidence.clone());
            self.settle_or_await(field, held, true, evidence);
        }
    }

    /// "All one word, obrien?" - "yes, hannah dot obrien": the part before the "at" said once more is nobody's name.
    fn local_part_again(&self, field: u8, heard: &mut Heard) {
        let Some(held) = self.value(field).and_then(Value::text) else {
            return;
        };
        let local = held.split('@').next().unwrap_or_default();
        for at in 0..heard.tokens.len() {
            let mut said = String::new();
            for end in at..heard.tokens.len().min(at + 8) {
                match heard.word(end) {
                    "dot" | "period" | "point" => said.push('.'),
                    "underscore" => said.push('_'),
                    "dash" | "hyphen" => said.push('-'),
                    word => said.push_str(word),
                }
                if !local.starts_with(&said) {
                    break;
                }
                if said == local && said.contains(['.', '_', '-']) {
                    heard.take(at, end + 1);
                    return;
                }
            }
        }
    }

    /// Mail addresses in the agent's turn.
    pub fn agent_emails(&mut self, heard: &mut Heard) {
        let Some(field) = self.vertical.first_of(FieldType::Email).map(|i| i as u8) else {
            return;
        };
        for mention in mentions(heard) {
            heard.take(mention.start, mention.end);
            let Some(held) = self.value(field).and_then(Value::text) else {
                continue;
            };
            let matches = held == mention.email;
            if matches || strsim::jaro_winkler(held, &mention.email) >= 0.8 {
                let evidence = heard.evidence(Role::ReadsBack, mention.start, mention.end);
                self.ledger_mut(field).read_back(evidence.clone());
                self.settle_or_await(field, mention.email, matches, evidence);
            }
        }
        self.spells_address(field, heard);
    }
}
