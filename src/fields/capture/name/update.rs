//! What a name said does to the name held: a part that joins it, a part said better, a fuller form, a shorter one.

use crate::fields::dialogue::{Part, Reply};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::{Lead, NameMention, Whose, word};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, same_text, title_case};
use crate::fields::word_set::words;

use super::value_of;

impl State {
    /// The name held as the mention leaves it; `part` is the part that was asked for.
    pub(super) fn updated(
        &self,
        held: &str,
        mention: &NameMention,
        part: Part,
        reply: &Reply,
    ) -> String {
        let new = mention.name.as_str();
        let words = new.split(' ').count();
        let given = held.split(' ').next().unwrap_or_default();
        let said = held.split(' ').any(|w| same_text(w, new));
        let again = |w: &&str| same_text(w, given);
        match part {
            // "Grace", and then "Hunter, Grace Hunter".
            Part::Last
                if words >= 2 && !held.contains(' ') && new.split(' ').any(|w| again(&w)) =>
            {
                let mut last: Vec<&str> = new.split(' ').filter(|w| !again(w)).collect();
                last.dedup();
                format!("{given} {}", last.join(" "))
            }
            // "Adeyemi" after "Ifeoma": the surname joins, or replaces one misheard.
            Part::Last if words <= 2 && !said && !new.starts_with(given) && !is_full(new) => {
                // "What's your last name, Maria Elena?": both are given names.
                let both = are_given(held)
                    && held
                        .split(' ')
                        .all(|w| self.last_agent.iter().any(|a| same_text(a, w)));
                format!("{} {new}", if both { held } else { given })
            }
            Part::First
                // "Augustin Tremaine", of Mister Tremaine.
                if !said && !new.split(' ').any(|w| same_text(w, held)) && (words == 1 || words == 2 && !held.contains(' ') && are_given(new)) =>
            {
                // "De la Rosa", and then the first name.
                let particle = word::is_particle(&given.to_lowercase());
                match held.rsplit_once(' ').filter(|_| !particle) {
                    Some((_, last)) => format!("{new} {last}"),
                    // The surname came first.
                    None => format!("{new} {held}"),
                }
            }
            // "And are you Mr. Wilkes?" "I am. Preston."
            _ if words == 1 && !said && self.addressed_as(held) => format!("{new} {held}"),
            _ if words == 1 && !said => one_word_update(held, new, reply),
            _ => new.to_owned(),
        }
    }

    /// Whether the agent has just called the caller by that surname.
    fn addressed_as(&self, surname: &str) -> bool {
        let called = |w: &[String]| word::is_title(&w[0]) && same_text(&w[1], surname);
        self.last_agent.windows(2).any(called)
    }

    /// The whole name held, said once more in a later turn.
    pub(super) fn said_again(&mut self, heard: &mut Heard) {
        for field in 0..self.ledgers.len() as u8 {
            if self.ty(field) != FieldType::PersonName {
                continue;
            }
            let Some(name) = self
                .value(field)
                .and_then(Value::text)
                .filter(|n| n.contains(' '))
            else {
                continue;
            };
            let words: Vec<String> = name.split(' ').map(str::to_lowercase).collect();
            let first = words.first().map_or("", String::as_str);
            if !heard.has_word(first) {
                continue;
            }
            let whole = |at: &usize| {
                words
                    .iter()
                    .enumerate()
                    .all(|(i, w)| heard.word(at + i) == w)
            };
            let Some(at) = (0..heard.tokens.len()).find(whole) else {
                continue;
            };
            let (value, end) = (value_of(name), at + words.len());
            if !heard.is_taken(at, end) {
                self.claim(
                    field,
                    heard,
                    (at, end),
                    Role::States,
                    value,
                    Strength::Answer,
                );
            }
        }
    }

    /// "I'm Kirsten, same last name": the surname of the other person named in the call.
    pub(super) fn same_surname(&mut self, heard: &Heard) {
        // "Is it Stone as well?" "Same.", "yeah, Brandt": as good as a yes.
        let put = self
            .pending
            .iter()
            .position(|p| self.ty(p.field) == FieldType::PersonName && heard.tokens.len() <= 5);
        // "Alban, same last name": said of the one just named, not of the name read back.
        let named_now = || {
            self.last_name_field.is_some_and(|f| {
                put.is_some_and(|p| self.pending[p].field != f)
                    && self
                        .ledger(f)
                        .held
                        .as_ref()
                        .and_then(|h| h.evidence.last())
                        .is_some_and(|e| e.turn == heard.segment)
            })
        };
        if let Some(at) = put
            && !named_now()
            && heard.says(words!["same"])
            && !heard.says(words!["number", "address", "time", "day", "place"])
        {
            let p = self.pending.remove(at);
            let said = heard.whole(Role::Confirms);
            let kind = self
                .ledger_mut(p.field)
                .confirm(Some(p.value), vec![p.evidence, said]);
            self.note(p.field, kind);
            return;
        }
        if self.surname_too(heard) {
            return;
        }
        let Some(at) = (0..heard.tokens.len()).find(|i| {
            heard.word(*i) == "same"
                && (heard.word(i + 1) == "surname"
                    || matches!(heard.word(i + 1), "last" | "family")
                        && heard.word(i + 2).starts_with("name"))
        }) else {
            return;
        };
        let names: Vec<(u8, String)> = (0..self.ledgers.len() as u8)
            .filter(|f| self.ty(*f) == FieldType::PersonName)
            .filter_map(|f| {
                self.value(f)
                    .and_then(Value::text)
                    .map(|t| (f, t.to_owned()))
            })
            .collect();
        let person = |f: u8, n: &str| {
            let first = n.split(' ').next().unwrap_or_default().to_lowercase();
            n.contains(' ') && (self.name(f) != "opposing_party" || tables().is_given(&first))
        };
        // "Your father's name?" "Eusebio Archuleta." goes on no record and has the surname all the same.
        let just_said = || {
            let (first, last) = (self.last_caller.first()?, self.last_caller.last()?);
            let name = (2..=4).contains(&self.last_caller.len())
                && tables().is_given(first)
                && last.chars().all(char::is_alphabetic)
                && (tables().is_surname(last) || !tables().is_word(last));
            name.then(|| crate::fields::value::title_case(&format!("{first} {last}")))
        };
        let Some(full) = just_said().or_else(|| {
            names
                .iter()
                .find(|(f, n)| person(*f, n))
                .map(|(_, n)| n.clone())
        }) else {
            return;
        };
        let Some((field, given)) = names.iter().find(|(f, n)| {
            !n.contains(' ')
                && self
                    .ledger(*f)
                    .held
                    .as_ref()
                    .and_then(|h| h.evidence.last())
                    .is_some_and(|e| e.turn + 2 >= heard.segment)
        }) else {
            return;
        };
        let last = full.rsplit(' ').next().unwrap_or_default();
        let value = value_of(&format!("{given} {last}"));
        let end = heard.tokens.len().min(at + 3);
        self.claim(
            *field,
            heard,
            (at, end),
            Role::States,
            value,
            Strength::Repair,
        );
    }
}

impl State {
    /// "Imogen, also Delahunty", "her name's Ottilie, she's sixteen, Thibodeaux too": the surname of the other person named, and of the one
    /// of whom this turn told the given name.
    fn surname_too(&mut self, heard: &Heard) -> bool {
        let n = heard.tokens.len();
        let too = |i: usize| {
            heard.any(i + 1, words!["too", "also"])
                || heard.word(i + 1) == "as" && heard.word(i + 2) == "well"
                || heard.any(i.wrapping_sub(1), words!["also", "another"])
        };
        let mut family = None;
        let mut given = None;
        for field in 0..self.ledgers.len() as u8 {
            if self.ty(field) != FieldType::PersonName {
                continue;
            }
            let Some(name) = self.value(field).and_then(Value::text) else {
                continue;
            };
            match name.rsplit_once(' ') {
                Some((_, last)) => {
                    let again = |i: &usize| too(*i) && same_text(last, heard.word(*i));
                    family = family.or_else(|| (0..n).find(again));
                }
                None => {
                    let held = self.ledger(field).held.as_ref();
                    let now = held
                        .and_then(|h| h.evidence.last())
                        .is_some_and(|e| e.turn == heard.segment);
                    given = given.or_else(|| now.then(|| (field, name.to_owned())));
                }
            }
        }
        let (Some(at), Some((field, given))) = (family, given) else {
            return false;
        };
        let value = value_of(&title_case(&format!("{given} {}", heard.word(at))));
        self.claim(
            field,
            heard,
            (at, at + 1),
            Role::States,
            value,
            Strength::Repair,
        );
        true
    }
}

/// Whether every word is a given name: "Maria Elena".
fn are_given(name: &str) -> bool {
    name.to_lowercase().split(' ').all(|w| tables().is_given(w))
}

/// Whether two words are a given name and a surname that is no given name: a full name, asked for or not.
fn is_full(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower
        .split_once(' ')
        .is_some_and(|(a, b)| tables().is_given(a) && !tables().is_given(b))
}

/// One word where a name is held: a surname that completes it, or a part said better.
fn one_word_update(held: &str, new: &str, reply: &Reply) -> String {
    let parts: Vec<&str> = held.split(' ').collect();
    let like = |a: &str| strsim::jaro_winkler(&a.to_lowercase(), &new.to_lowercase());
    let (best, score) = parts
        .iter()
        .enumerate()
        .map(|(i, p)| (i, like(p)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0, 0.0));
    if score >= 0.75 {
        let mut out = parts.clone();
        out[best] = new;
        return out.join(" ");
    }
    if parts.len() == 1 && !reply.deny && !reply.repair && !tables().is_given(&new.to_lowercase()) {
        return format!("{held} {new}");
    }
    if parts.len() == 1 && !reply.deny && !reply.repair && tables().is_surname(&new.to_lowercase())
    {
        return format!("{held} {new}");
    }
    // "Under Stillwell", then "this is his wife Connie".
    if parts.len() == 1
        && tables().is_given(&new.to_lowercase())
        && !tables().is_given(&held.to_lowercase())
    {
        return format!("{new} {held}");
    }
    if parts.len() >= 2 && reply.deny {
        // "No, it's Brody": a surname by table replaces the surname, a given name the given name.
        let tables = tables();
        let lower = new.to_lowercase();
        if tables.is_given(&lower) && !tables.is_surname(&lower) {
            return format!("{new} {}", parts[1..].join(" "));
        }
        return format!("{} {new}", parts[0]);
    }
    new.to_owned()
}

/// Whether the words of `full` take up those of `held` in their order, each said again or begun before: "Abdi", then "Abdirahman
/// Warsame"; "Pike", then "Gerald Pike".
fn takes_up(full: &[String], held: &[String]) -> bool {
    let like = |a: &str, b: &str| {
        a == b
            || b.len() >= 3 && a.starts_with(b)
            || b.len() >= 4 && strsim::jaro_winkler(a, b) >= 0.88
    };
    let mut rest = full.iter();
    held.iter().all(|h| rest.any(|f| like(f, h)))
}

/// "Eun Ji", then "Eun Ji Paik"; "Abdi", then "Abdirahman Warsame"; "Yes, Sanjay Iyer" where the surname alone was held: the name held,
/// said again with more, at the end of the turn.
pub(super) fn continued(heard: &Heard, held: &str) -> Option<NameMention> {
    let parts: Vec<String> = held.to_lowercase().split(' ').map(str::to_owned).collect();
    let n = heard.tokens.len();
    (0..n.min(10))
        .filter(|at| n - at <= 6)
        .filter_map(|at| name_at(heard, at, Level::Named).filter(|s| s.start == at))
        .find(|s| s.end == n && s.words.len() > parts.len() && takes_up(&s.words, &parts))
        .map(|span| NameMention {
            start: span.start,
            end: span.end,
            name: span.name(),
            lead: Lead::Bare,
            whose: Whose::Own,
            spelled: false,
        })
}

/// Whether two names have a word in common.
pub(super) fn shares_word(a: &str, b: &str) -> bool {
    a.split([' ', '-']).any(|w| {
        b.split([' ', '-']).any(|x| {
            same_text(w, x) || strsim::jaro_winkler(&w.to_lowercase(), &x.to_lowercase()) > 0.85
        })
    })
}
