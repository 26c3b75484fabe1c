//! The summary: sentences made from fields, each with the evidence it rests on; and the message to the caller.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::extractor::Extractor;
use super::prompt::form_of;
use super::value::Value;

/// A sentence and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The words it rests on. A sentence without any is marked by being so.
    pub evidence: Vec<Evidence>,
}

/// The summary of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// All sentences.
    pub text: String,
    /// One by one.
    pub sentences: Vec<Sentence>,
}

impl Extractor {
    /// The summary so far.
    pub fn summary(&self) -> Summary {
        let mut sentences = Vec::new();
        let mut add = |text: String, names: &[&str]| {
            let evidence = names
                .iter()
                .filter_map(|n| self.field(n))
                .flat_map(|f| f.evidence.into_iter().take(3))
                .collect();
            sentences.push(Sentence { text, evidence });
        };
        let show = |name: &str| {
            self.field(name)
                .and_then(|f| f.display)
                .filter(|d| !d.is_empty())
        };
        let who = show("caller_name").unwrap_or_else(|| "The caller".to_owned());
        let outcome = self.outcome();
        if outcome.code == super::outcome::Code::Spam {
            return Summary {
                text: "Unwanted call.".to_owned(),
                sentences: vec![Sentence {
                    text: "Unwanted call.".to_owned(),
                    evidence: outcome.evidence,
                }],
            };
        }
        if outcome.code == super::outcome::Code::WrongNumber {
            return Summary {
                text: "Wrong number.".to_owned(),
                sentences: vec![Sentence {
                    text: "Wrong number.".to_owned(),
                    evidence: outcome.evidence,
                }],
            };
        }
        match (show("problem_text"), show("problem_category")) {
            (Some(text), category) => {
                let about = category
                    .filter(|c| c != "Other")
                    .map_or_else(String::new, |c| format!(" ({})", c.to_lowercase()));
                add(
                    format!("{who} called{about}: \"{text}\"."),
                    &["problem_text", "problem_category", "caller_name"],
                );
            }
            (None, Some(category)) => add(
                format!("{who} called about: {}.", category.to_lowercase()),
                &["problem_category", "caller_name"],
            ),
            (None, None) if show("caller_name").is_some() => {
                add(format!("{who} called."), &["caller_name"])
            }
            (None, None) => {}
        }
        if let Some(urgency) = show("urgency").filter(|u| u != "Routine") {
            add(
                format!("Urgency: {}.", urgency.to_lowercase()),
                &["urgency"],
            );
        }
        for spec in &self.state.vertical.fields {
            let name = spec.name.as_str();
            if matches!(
                name,
                "caller_name"
                    | "problem_text"
                    | "problem_category"
                    | "urgency"
                    | "constraints"
                    | "tasks"
                    | "next_action"
            ) || spec.sensitive
            {
                continue;
            }
            if let Some(value) = show(name) {
                let status = self.field(name).map(|f| f.status);
                let mark = match status {
                    Some(super::ledger::Status::Confirmed) => "",
                    Some(super::ledger::Status::Conflicting) => " (disputed)",
                    Some(super::ledger::Status::Inferred) => " (inferred)",
                    _ => " (not confirmed)",
                };
                add(format!("{}: {value}{mark}.", spec.label), &[name]);
            }
        }
        if let Some(constraints) = show("constraints") {
            add(format!("Conditions: {constraints}."), &["constraints"]);
        }
        for task in self.tasks() {
            let who = match task.owner {
                super::value::Owner::Agent => "We",
                super::value::Owner::Caller => "The caller",
            };
            sentences.push(Sentence {
                text: format!("{who} promised: {}.", task.text),
                evidence: task.evidence,
            });
        }
        let next = self.next_action();
        if next.kind != "none" {
            sentences.push(Sentence {
                text: format!("Next: {}.", next.description),
                evidence: next.evidence,
            });
        }
        Summary {
            text: sentences
                .iter()
                .map(|s| s.text.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            sentences,
        }
    }

    /// The message to the caller after the call, where the vertical has one and everything it names is known.
    pub fn confirmation_copy(&self) -> Option<String> {
        let template = self.state.vertical.confirmation.as_str();
        if template.is_empty() {
            return None;
        }
        let mut out = String::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let close = rest[open..].find('}')?;
            let key = &rest[open + 1..open + close];
            let (name, form) = key.split_once(':').unwrap_or((key, ""));
            if name == "business" {
                out.push_str(&self.state.ctx.business.name);
            } else {
                let field = self.field(name)?;
                let value: Value = field.value?;
                out.push_str(&form_of(&value, field.ty, form, 1));
            }
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        Some(out)
    }
}
