//! Conditions: hours that do not suit, money limits, how to get in, notes.

use crate::fields::cue::Cue;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::number::Run;
use crate::fields::state::State;
use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::value::{Constraint, ConstraintKind, Value};
use crate::fields::word_set::words;

/// Conditions kept; a caller has not more that matter.
const MAX_CONSTRAINTS: usize = 16;

impl State {
    /// Adds a condition, unless it is known.
    pub fn add_constraint(
        &mut self,
        heard: &Heard,
        span: (usize, usize),
        kind: ConstraintKind,
        value: String,
    ) {
        let Some(field) = self.field("constraints") else {
            return;
        };
        let mut all = match self.value(field) {
            Some(Value::Constraints(c)) => c.clone(),
            _ => Vec::new(),
        };
        // A second limit, code or hour of the same kind replaces the first; notes and days add up.
        let replaces = matches!(
            kind,
            ConstraintKind::GateCode
                | ConstraintKind::BudgetMax
                | ConstraintKind::NotBefore
                | ConstraintKind::NotAfter
        );
        if replaces {
            all.retain(|c| c.kind != kind);
        }
        let new = Constraint { kind, value };
        if all.contains(&new) || all.len() >= MAX_CONSTRAINTS {
            return;
        }
        all.push(new);
        all.sort_by_key(|c| c.kind);
        self.replace_list(field, heard, span, Value::Constraints(all));
    }

    /// Adds a note.
    pub fn add_note(&mut self, heard: &Heard, span: (usize, usize), text: String) {
        self.add_constraint(heard, span, ConstraintKind::Note, text);
    }

    /// Puts a grown list in place of the one held.
    pub fn replace_list(&mut self, field: u8, heard: &Heard, span: (usize, usize), value: Value) {
        let claim = Claim {
            value,
            source: if heard.speaker == crate::fields::turn::Speaker::Caller {
                Source::CallerSaid
            } else {
                Source::AgentSaid
            },
            strength: Strength::Repair,
            inferred: false,
            p: word_probability(&heard.tokens, span.0, span.1),
            raw: heard.text(span.0, span.1),
            evidence: vec![heard.evidence(Role::States, span.0, span.1)],
        };
        let kind = self.ledger_mut(field).grow(claim);
        self.note(field, kind);
    }

    /// Limits, codes and notes in the caller's turn. Hours and days come with the times.
    pub fn caller_constraints(&mut self, heard: &mut Heard) {
        self.budget(heard);
        self.gate_code(heard);
        self.site_notes(heard);
        self.runs_out(heard);
        self.filled_days(heard);
    }

    fn budget(&mut self, heard: &mut Heard) {
        if !heard.hits.has(Cue::Budget) {
            return;
        }
        let asked = self
            .field("constraints")
            .is_some_and(|f| self.asked.iter().any(|a| a.field == f && a.age == 0));
        let mut best: Option<(usize, Run, (usize, usize), String)> = None;
        for at in 0..heard.runs.len() {
            let run = heard.runs[at].clone();
            if heard.is_taken(run.start, run.end) {
                continue;
            }
            let dollars = heard.tokens[run.start].glue == Some('$')
                || heard
                    .tokens
                    .get(run.end)
                    .is_some_and(|t| t.any(words!["dollars", "bucks"]));
            let near = |h: &&crate::fields::lexicon::Hit<crate::fields::cue::Mark>| {
                let between = if h.start < run.start {
                    h.end.min(run.start)..run.start
                } else {
                    run.end.saturating_sub(1)..h.start
                };
                // Behind a sum only what limits it: "six fifty tops"; "... Cherokee 2740, going over to" does not.
                let limits = h.start < run.start
                    || heard.tokens[h.start..h.end].iter().any(|t| {
                        t.any(words![
                            "tops", "max", "maximum", "most", "limit", "budget", "cap", "ceiling",
                            "afford", "all", "it", "penny", "dime", "cent", "nickel", "spend",
                        ])
                    });
                limits
                    && h.start >= run.start.saturating_sub(8)
                    && h.end <= run.end + 6
                    && !between.into_iter().any(|i| heard.tokens[i].ends_clause())
            };
            let limit = heard.hits.cue(Cue::Budget).find(near);
            let Some(limit) = limit.map(|h| (h.start, h.end)) else {
                continue;
            };
            let firm = heard.tokens[limit.0..limit.1].iter().any(|t| {
                t.any(words![
                    "tops", "max", "maximum", "most", "budget", "limit", "cap", "spend", "afford",
                    "over", "above", "past", "ceiling", "all", "up", "more",
                ])
            }) || limit.1 - limit.0 >= 2
                || heard.tokens[limit.0.saturating_sub(3)..limit.0]
                    .iter()
                    .any(|t| t.any(words!["keep", "stay", "stays", "be", "come", "get"]));
            if !(dollars || firm || asked) {
                continue;
            }
            // "six fifty tops" is 650; "twelve hundred" is 1200.
            let amount = run
                .cardinal
                .map_or_else(|| run.digits().to_owned(), |n| n.to_string());
            // A sum quoted elsewhere is no limit.
            let quoted = heard
                .hits
                .cue(Cue::Quoted)
                .any(|h| h.end <= run.start && run.start - h.end <= 3)
                && !firm;
            if quoted || amount.len() > 6 || amount.len() < 2 {
                continue;
            }
            // "They told me 780, I need to stay under 800": the sum right behind the limit is the limit.
            let distance = if limit.1 <= run.start {
                run.start - limit.1
            } else {
                limit.0.saturating_sub(run.end) + 1
            };
            if best.as_ref().is_none_or(|b| distance < b.0) {
                best = Some((distance, run, limit, amount));
            }
        }
        if let Some((_, run, limit, amount)) = best {
            heard.take(run.start, run.end);
            self.add_constraint(
                heard,
                (limit.0.min(run.start), limit.1.max(run.end)),
                ConstraintKind::BudgetMax,
                amount,
            );
            return;
        }
        // "Someone quoted me 450, can you match that": their figure is the limit.
        let matched = heard
            .tokens
            .iter()
            .position(|t| t.any(words!["match", "beat"]));
        if let Some(word) = matched
            && let Some(run) = heard
                .runs
                .iter()
                .filter(|r| r.digits().len() >= 2 && r.digits().len() <= 5)
                .min_by_key(|r| r.start.abs_diff(word))
                .cloned()
        {
            heard.take(run.start, run.end);
            let amount = run
                .cardinal
                .map_or_else(|| run.digits().to_owned(), |n| n.to_string());
            self.add_constraint(
                heard,
                (run.start, run.end),
                ConstraintKind::BudgetMax,
                amount,
            );
        }
    }

    fn gate_code(&mut self, heard: &mut Heard) {
        // "Gate code?" "Hash one nine eight four."
        let asked = self
            .last_agent
            .last()
            .is_some_and(|w| w.starts_with("code"))
            || self.last_agent.windows(2).any(|w| {
                matches!(
                    w[0].as_str(),
                    "gate" | "door" | "lockbox" | "entry" | "access"
                ) && w[1].starts_with("code")
            });
        let answer = asked && self.digits.digits.is_empty() && heard.tokens.len() <= 12;
        // "It's behind a gate, you press 0662"
        let pressed = heard
            .says(words![
                "gate", "gated", "keypad", "lockbox", "callbox", "door", "lobby",
            ])
            .then(|| {
                heard.tokens.iter().position(|t| {
                    t.any(words![
                        "press", "punch", "enter", "dial", "hit", "push", "type"
                    ])
                })
            })
            .flatten();
        let Some(cue) = heard
            .hits
            .cue(Cue::GateCode)
            .map(|h| h.end)
            .max()
            .or(pressed)
            .or_else(|| named_door(heard))
            .or(answer.then_some(0))
        else {
            return;
        };
        let run = heard
            .runs
            .iter()
            .find(|r| {
                r.end > cue
                    && r.start <= cue + 5
                    && !heard.is_taken(r.start, r.end)
                    && (2..=8).contains(&r.digits().len())
            })
            .cloned();
        if let Some(run) = run {
            let mut digits = run.digits().to_owned();
            // "Pound for four seven one": the first digit written as a word.
            if let Some(before) = run.start.checked_sub(1)
                && let crate::fields::token::Num::Homophone(d) = heard.tokens[before].num
                && matches!(
                    heard.word(before.wrapping_sub(1)),
                    "pound" | "star" | "hash" | "hashtag" | "is" | "it's" | "code"
                )
            {
                digits.insert_str(0, &d.to_string());
            }
            // "6 oh for too": the last ones so.
            let mut end = run.end;
            while digits.len() < 6
                && let Some(crate::fields::token::Num::Homophone(d)) =
                    heard.tokens.get(end).map(|t| t.num)
                && (heard.tokens.len() <= end + 2 || digits.len() < 4)
            {
                digits.push_str(&d.to_string());
                end += 1;
            }
            heard.take(run.start, end);
            self.add_constraint(heard, (run.start, end), ConstraintKind::GateCode, digits);
        }
    }
}

/// "The lobby door's 4117, then pound", "front gate is star 2290": what is opened, and its digits.
fn named_door(heard: &Heard) -> Option<usize> {
    let at = (0..heard.tokens.len()).find(|i| {
        let word = possessor(heard.word(*i));
        let is = heard.word(*i).ends_with("'s") || heard.any(i + 1, words!["is", "takes", "wants"]);
        is && matches!(
            word,
            "gate"
                | "door"
                | "lobby"
                | "keypad"
                | "entrance"
                | "entry"
                | "lockbox"
                | "callbox"
                | "buzzer"
        )
    })?;
    let keyed = heard.says(words!["pound", "star", "hash", "hashtag", "asterisk"]);
    keyed.then_some(at + 1)
}
