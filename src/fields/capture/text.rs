//! Fields of a business's own: texts, choices, numbers, yes or no. They need no code: the question and the phrases in the vertical's file
//! say when they are meant, the type how the answer is read.

use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::number;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

/// Fields with rules of their own elsewhere.
const OWN_RULES: &WordSet = words![
    "problem_category",
    "problem_text",
    "urgency",
    "next_action",
    "constraints",
    "tasks",
    "insurance",
    "opposing_party",
];

/// Words that open an answer and are no part of it.
const LEAD_IN: &WordSet = words![
    "it's", "it", "is", "that's", "he's", "she's", "they're", "yeah", "yes", "sure", "um", "uh",
    "oh", "well", "so", "a", "an", "the", "his", "her", "my", "name", "name's", "okay", "i",
    "i've", "got", "have", "we", "we've", "that", "would", "be", "called", "just", "like", "ok",
    "he", "she", "they", "i'm", "this", "and",
];

/// Longest answer kept, in words.
const MAX_ANSWER: usize = 16;

impl State {
    /// A business's own fields in the caller's turn.
    pub fn caller_texts(&mut self, heard: &mut Heard, reply: &Reply) {
        for index in 0..self.vertical.fields.len() {
            let field = index as u8;
            if OWN_RULES.has(self.name(field)) {
                continue;
            }
            match self.ty(field) {
                FieldType::Choice => self.own_choice(field, heard),
                FieldType::MultiChoice => self.own_choices(field, heard),
                FieldType::Text => self.own_text(field, heard, reply),
                FieldType::Integer | FieldType::Money | FieldType::Decimal => {
                    self.own_number(field, heard)
                }
                FieldType::Boolean => self.own_boolean(field, heard, reply),
                _ => {}
            }
        }
    }

    /// Where the words that announce the field end, if it is announced in this turn.
    fn announced(&self, field: u8, heard: &Heard) -> Option<usize> {
        heard
            .hits
            .all()
            .iter()
            .filter(|h| h.mark == Mark::Near(field))
            .map(|h| h.end)
            .max()
    }

    fn own_choice(&mut self, field: u8, heard: &Heard) {
        let asked = self.was_asked(field, 1);
        let best = heard
            .hits
            .all()
            .iter()
            .filter_map(|h| match h.mark {
                Mark::Choice(f, c) if f == field && (asked || !heard.unreal(h.start)) => {
                    Some((h.end - h.start, std::cmp::Reverse(h.start), c, h.end))
                }
                _ => None,
            })
            .max();
        if let Some((length, start, choice, end)) = best {
            let _ = length;
            let id = self.vertical.fields[usize::from(field)].choices[usize::from(choice)]
                .id
                .clone();
            let strength = if asked {
                Strength::Explicit
            } else {
                Strength::Answer
            };
            if self.value(field).is_none()
                || asked
                || heard.hits.cue(Cue::Repair).any(|h| h.end <= start.0)
            {
                self.claim(
                    field,
                    heard,
                    (start.0, end),
                    Role::States,
                    Value::Text(id),
                    strength,
                );
            }
        }
    }

    fn own_choices(&mut self, field: u8, heard: &Heard) {
        let mut all = match self.value(field) {
            Some(Value::Items(i)) => i.clone(),
            _ => Vec::new(),
        };
        let mut span = None;
        for hit in heard.hits.all() {
            if let Mark::Choice(f, c) = hit.mark
                && f == field
                && !heard.unreal(hit.start)
            {
                let id = &self.vertical.fields[usize::from(field)].choices[usize::from(c)].id;
                if !all.contains(id) {
                    all.push(id.clone());
                    span = Some((hit.start, hit.end));
                }
            }
        }
        if let Some(span) = span {
            self.replace_list(field, heard, span, Value::Items(all));
        }
    }

    fn own_text(&mut self, field: u8, heard: &Heard, reply: &Reply) {
        if reply.decline || reply.dont_know || reply.backchannel {
            return;
        }
        let announced = self.announced(field, heard);
        let asked = self.was_asked(field, 0)
            && self
                .asked
                .iter()
                .rev()
                .find(|a| a.age == 0)
                .is_some_and(|a| a.field == field);
        let start = match announced {
            Some(end)
                if heard
                    .tokens
                    .get(end)
                    .is_some_and(|t| t.any(words!["is", "it's", "was", "named", "called"])) =>
            {
                end
            }
            _ if asked => 0,
            _ => return,
        };
        let from =
            (start..heard.tokens.len()).find(|i| !heard.any(*i, LEAD_IN) && !heard.taken[*i]);
        let Some(from) = from else { return };
        let mut to = from;
        while to < heard.tokens.len() && to - from < MAX_ANSWER && !heard.taken[to] {
            to += 1;
            if heard.tokens[to - 1].stop >= Stop::Sentence
                || announced.is_some()
                    && heard
                        .tokens
                        .get(to)
                        .is_some_and(|t| t.any(words!["and", "but", "so"]))
            {
                break;
            }
        }
        if to > from {
            let text = heard.text(from, to);
            self.claim(
                field,
                heard,
                (from, to),
                Role::States,
                Value::Text(text),
                if announced.is_some() {
                    Strength::Explicit
                } else {
                    Strength::Answer
                },
            );
        }
    }

    fn own_number(&mut self, field: u8, heard: &mut Heard) {
        let announced = self.announced(field, heard);
        let asked = self.was_asked(field, 0);
        if announced.is_none() && !asked {
            return;
        }
        let near = |start: usize| announced.is_none_or(|end| start >= end && start - end <= 4);
        let run = (0..heard.tokens.len())
            .filter(|i| !heard.taken[*i])
            .filter_map(|i| number::run_at(&heard.tokens, i))
            .find(|r| near(r.start) || asked);
        let Some(run) = run else { return };
        let amount = run.cardinal.map_or_else(
            || run.digits().parse::<i64>().ok(),
            |n| i64::try_from(n).ok(),
        );
        let Some(amount) = amount.filter(|n| *n < 1_000_000_000) else {
            return;
        };
        // "12.50" and "a hundred and three point four"
        let fraction = heard
            .tokens
            .get(run.end)
            .filter(|t| t.is("point"))
            .and_then(|_| number::run_at(&heard.tokens, run.end + 1))
            .map(|r| r.digits().to_owned());
        let value = match (self.ty(field), fraction) {
            (FieldType::Money, _) => Value::Integer(amount * 100),
            (FieldType::Decimal, Some(f)) => {
                Value::Decimal(format!("{amount}.{f}").parse().unwrap_or(amount as f64))
            }
            (FieldType::Decimal, None) => Value::Decimal(amount as f64),
            _ => Value::Integer(amount),
        };
        self.claim(
            field,
            heard,
            (run.start, run.end),
            Role::States,
            value,
            if announced.is_some() {
                Strength::Explicit
            } else {
                Strength::Answer
            },
        );
        heard.take(run.start, run.end);
    }

    fn own_boolean(&mut self, field: u8, heard: &Heard, reply: &Reply) {
        if !self.was_asked(field, 0) || reply.dont_know {
            return;
        }
        let negative = reply.deny || heard.hits.has(Cue::Negation) && !reply.affirm;
        if reply.affirm || negative {
            self.claim(
                field,
                heard,
                (0, heard.tokens.len()),
                Role::States,
                Value::Bool(!negative),
                Strength::Answer,
            );
        }
    }
}
