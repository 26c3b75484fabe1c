//! The agent says back what the caller has just said: however it was heard, those words are the name that was asked for.

use crate::fields::cue::Cue;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::word::{Nameness, is_closed, is_particle, is_title, nameness};
use crate::fields::state::State;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value, same_text, title_case};
use crate::fields::word_set::{WordSet, words};

use super::super::party::ends_firm;
use super::value_of;

/// What an agent says before the words said back.
const LEAD_IN: &WordSet = words![
    "okay", "ok", "so", "alright", "right", "and", "got", "it", "that's", "thanks", "thank", "you",
    "the", "great", "perfect", "oh", "sure", "um", "well", "yes", "hi", "hey", "sorry", "it's",
    "then", "against", "for", "would", "be", "this", "i'm", "to", "hear",
];

/// Words said back.
struct Echo {
    start: usize,
    end: usize,
    name: String,
}

impl State {
    /// Takes the words said back for the name asked for, where something else or nothing was taken for it.
    pub(super) fn echoed_name(&mut self, heard: &Heard) {
        let Some(field) = self.echo_field(heard) else {
            return;
        };
        let held = self.value(field).and_then(Value::text).map(str::to_owned);
        let firm = self.name(field) == "opposing_party";
        let person = person_echo(heard, &self.last_caller, held.is_none());
        let business = firm_echo(heard, &self.last_caller)
            .filter(|f| firm && person.as_ref().is_none_or(|p| p.end < f.end));
        let Some(echo) = business.or(person) else {
            return;
        };
        let agents = self
            .agent_name
            .as_deref()
            .is_some_and(|a| same_text(a, &echo.name));
        // The whole is held, or more of it.
        let covered = held
            .as_deref()
            .is_some_and(|h| parts(&echo.name).all(|w| parts(h).any(|x| same_text(w, x))));
        // A full name gives way to one said in so many words only: "under my wife's name, Loretta" is no Loretta Shelton.
        let in_order = || {
            let words: Vec<&str> = (echo.start..echo.end).map(|i| heard.word(i)).collect();
            self.last_caller.windows(words.len()).any(|w| w == words)
        };
        let other = held.as_deref().is_some_and(|h| h.contains(' ')) && !in_order();
        // "Eleven thirty eight Wren Song Way." "Wren Song, one word or two?"
        let places = self.vertical.all_of(FieldType::Address).iter();
        let of_street = places
            .filter_map(|f| self.value(*f)?.address()?.street.as_deref())
            .any(|s| parts(&echo.name).all(|w| parts(s).any(|x| same_text(w, x))));
        if agents || covered || other || of_street {
            return;
        }
        let evidence = heard.evidence(Role::ReadsBack, echo.start, echo.end);
        let kind = self.ledger_mut(field).claim(Claim {
            value: value_of(&echo.name),
            source: Source::CallerSaid,
            strength: Strength::Repair,
            inferred: false,
            p: word_probability(&heard.tokens, echo.start, echo.end),
            raw: heard.text(echo.start, echo.end),
            evidence: vec![evidence.clone()],
        });
        self.note(field, kind);
        self.last_name_field = Some(field);
        if echo.name.contains(' ') {
            self.await_yes(field, value_of(&echo.name), true, evidence);
        }
    }

    /// The name that the caller's last turn was about: told just then, or asked for and not told in words that were understood.
    fn echo_field(&self, heard: &Heard) -> Option<u8> {
        if self.last_caller.is_empty() {
            return None;
        }
        if heard.says(words!["against", "versus"]) {
            return self.field("opposing_party");
        }
        let told_last = |f: u8| {
            self.ledger(f)
                .held
                .as_ref()
                .and_then(|h| h.evidence.iter().rfind(|e| e.speaker == Speaker::Caller))
                .is_some_and(|e| e.turn + 2 >= heard.segment)
        };
        let person = |f: &u8| self.ty(*f) == FieldType::PersonName;
        let fields = || (0..self.ledgers.len() as u8).filter(person);
        let asked = self
            .asked
            .iter()
            .rev()
            .find(|a| a.age == 1 && person(&a.field))
            .map(|a| a.field);
        // "Muller, and your first name?"
        let rest = heard.hits.has(Cue::FirstName) && heard.says(words!["your"]);
        let mut told = fields().filter(|f| told_last(*f));
        let one = told.next().filter(|_| told.next().is_none());
        one.or(asked)
            .or_else(|| self.field("caller_name").filter(|_| rest))
    }
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split([' ', '-'])
}

/// Past the words that lead in to an echo.
fn head(heard: &Heard) -> usize {
    let n = heard.tokens.len();
    (0..n)
        .find(|i| !heard.any(*i, LEAD_IN) && !is_title(heard.word(*i)))
        .unwrap_or(n)
}

/// A person's name at the head of the turn, all of whose words the caller has just said. One word alone only where `any` name will do
/// and the agent goes on to ask for the other part of it.
fn person_echo(heard: &Heard, caller: &[String], any: bool) -> Option<Echo> {
    let start = head(heard);
    let said = |at: usize| {
        caller
            .iter()
            .any(|w| possessor(w) == possessor(heard.word(at)))
    };
    if !said(start) {
        return None;
    }
    let span = name_at(heard, start, Level::Named).filter(|s| s.start == start)?;
    let end = (span.start..span.end)
        .find(|i| !said(*i))
        .unwrap_or(span.end);
    let part_asked = [Cue::FirstName, Cue::LastName]
        .iter()
        .any(|c| heard.hits.has(*c))
        || heard.word(heard.tokens.len() - 1) == "what"
        || matches!(heard.word(heard.tokens.len() - 1), "first" | "last");
    let name_like = |i: usize| nameness(&heard.tokens[i]) >= Nameness::Unknown;
    let all = (start..end).all(|i| name_like(i) || is_particle(heard.word(i)));
    let full = end - start >= 2 && end == span.end && (all || span.is_given());
    let single = end - start == 1 && any && part_asked && name_like(start);
    // "Hi Adaeze, Winifred who?": two people.
    if !single && (!full || heard.any(end, words!["who", "what"])) {
        return None;
    }
    // "Kristy Applegate's at work": told, not said back.
    let name = if full {
        span.name()
    } else {
        title_case(possessor(heard.word(start)))
    };
    Some(Echo { start, end, name })
}

/// A firm's name at the head of the turn: two words or more that the caller said in this order, and that are no grammar.
fn firm_echo(heard: &Heard, caller: &[String]) -> Option<Echo> {
    let start = (head(heard)..heard.tokens.len().min(8)).find(|i| !is_closed(heard.word(*i)))?;
    let from = caller.iter().position(|w| w == heard.word(start))?;
    let mut end = start;
    while let Some(token) = heard.tokens.get(end) {
        let joins = end > start && token.any(words!["and", "of", "the"]);
        if caller.get(from + end - start) != Some(&token.text)
            || token.num != Num::None
            || !joins && (is_closed(&token.text) || token.text.chars().count() < 2)
        {
            break;
        }
        end += 1;
        if token.stop >= Stop::Comma {
            break;
        }
    }
    while end > start && is_closed(heard.word(end - 1)) {
        end -= 1;
    }
    if end < start + 2 {
        return None;
    }
    let place = (start..end).any(|i| tables().suffix(heard.word(i)).is_some() && i + 1 == end);
    // "Police report, okay": everyday words are a firm's name only where they end like one.
    let like_firm = (start..end).any(|i| i + 1 == end && ends_firm(heard.word(i)))
        || (start..end).any(|i| !tables().is_word(heard.word(i)) && !is_closed(heard.word(i)));
    let told = heard.tokens.len() <= end + 1
        || heard.tokens[end - 1].stop >= Stop::Comma
        || is_closed(heard.word(end));
    (told && like_firm && !place).then(|| Echo {
        start,
        end,
        name: title_case(&heard.text(start, end)),
    })
}
