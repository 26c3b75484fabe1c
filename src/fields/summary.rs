//! The summary: sentences made from fields, each with the evidence it rests on; and the message to the caller.

use crate::fields::word_set::{WordSet, words};
use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::extractor::Extractor;
use super::prompt::form_of;
use super::turn::Speaker;
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
        let category = self.label_of("problem_category");
        match (show("problem_text"), category) {
            (Some(text), category) => {
                let about = category
                    .filter(|c| c != "Other")
                    .map_or_else(String::new, |c| format!(" about {c}"));
                add(
                    format!("{who} called{about}: \"{}\".", quoted(&text)),
                    &["problem_text", "problem_category", "caller_name"],
                );
            }
            (None, Some(category)) => add(
                format!("{who} called about {category}."),
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
                let field = self.field(name);
                let by_id = field
                    .as_ref()
                    .is_some_and(|f| f.source == Some(super::ledger::Source::CallerId));
                let mark = match field.map(|f| f.status) {
                    Some(super::ledger::Status::Confirmed) => "",
                    _ if by_id => " (from caller ID)",
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
            let told = task
                .evidence
                .first()
                .is_some_and(|e| e.speaker == Speaker::Agent);
            let text = match task.owner {
                super::value::Owner::Agent => format!("We promised: {}.", of_caller(&task.text)),
                super::value::Owner::Caller if told => {
                    format!("The caller was told: {}.", task.text)
                }
                super::value::Owner::Caller => format!("The caller promised: {}.", task.text),
            };
            sentences.push(Sentence {
                text,
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

    /// The label of the choice held, as the vertical writes it.
    fn label_of(&self, name: &str) -> Option<String> {
        let id = self.field(name)?.value?.text()?.to_owned();
        let spec = self.state.vertical.fields.iter().find(|f| f.name == name)?;
        let label = spec
            .choices
            .iter()
            .find(|c| c.id == id)
            .map(|c| c.label.clone())
            .filter(|l| !l.is_empty())
            .unwrap_or(id);
        // "Sick visit" inside a sentence; "DUI" stays.
        let acronym = label.chars().nth(1).is_some_and(char::is_uppercase);
        Some(if acronym || label == "Other" {
            label
        } else {
            let mut chars = label.chars();
            chars
                .next()
                .map(|c| c.to_lowercase().collect::<String>() + chars.as_str())
                .unwrap_or_default()
        })
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
                // Nothing is confirmed to a caller who has agreed to nothing.
                if field.ty == super::value::FieldType::TimeWindow
                    && field.status != super::ledger::Status::Confirmed
                {
                    return None;
                }
                let value: Value = field.value?;
                out.push_str(&form_of(&value, field.ty, form, 1));
            }
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Longest quotation of the caller's words, in characters.
const MOST_QUOTED: usize = 200;

/// The caller's words without the greeting before them, and not all of a long story.
fn quoted(text: &str) -> String {
    const GREETINGS: &WordSet = words![
        "hi",
        "hello",
        "hey",
        "yeah",
        "yes",
        "yep",
        "good",
        "morning",
        "afternoon",
        "evening",
        "um",
        "uh",
        "so",
        "okay",
        "ok",
        "well",
        "oh",
        "sure",
    ];
    let bare = |w: &str| {
        w.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    };
    let words: Vec<&str> = text.split(' ').collect();
    let from = words.iter().take_while(|w| GREETINGS.has(&bare(w))).count();
    let said = if from < words.len() {
        &words[from..]
    } else {
        &words[..]
    };
    let mut out = String::new();
    for word in said {
        if out.chars().count() + word.chars().count() > MOST_QUOTED {
            out.push_str(" ...");
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// "Call you at four", promised to the caller, as it is told to others.
fn of_caller(text: &str) -> String {
    text.split(' ')
        .map(|w| match w {
            "you" => "the caller",
            "your" => "the caller's",
            w => w,
        })
        .collect::<Vec<_>>()
        .join(" ")
}
