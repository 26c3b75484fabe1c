//! What the agent should still say: missing and unsafe fields, ranked, each with its sentence; empties itself as evidence arrives.

use serde::{Deserialize, Serialize};

use super::extractor::Extractor;
use super::field::Field;
use super::ledger::Status;
use super::value::{FieldType, Value};
use super::vertical::{Confirm, FieldSpec, Importance};

/// Why a field is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The two sides disagree.
    Conflict,
    /// Nothing is known.
    Missing,
    /// A part is missing.
    Incomplete,
    /// Nobody has confirmed it.
    Unconfirmed,
    /// It may be wrong.
    LowConfidence,
}

/// A sentence to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// The field.
    pub field: String,
    /// Why.
    pub reason: Reason,
    /// The sentence.
    pub say: String,
    /// Rung of the read-back ladder: 1 natural, 2 in groups, 3 one by one.
    pub level: u8,
    /// 1 is the most pressing.
    pub rank: u8,
    /// The call is about to end.
    pub urgent: bool,
}

/// Shown at a time; a longer list is not read.
const MAX_PROMPTS: usize = 3;

impl Extractor {
    /// The most pressing sentences, at most three.
    pub fn prompts(&self) -> Vec<Prompt> {
        let urgent = self.saying_goodbye();
        let mut found: Vec<(i32, Prompt)> = Vec::new();
        if matches!(
            self.outcome().code,
            super::outcome::Code::Spam | super::outcome::Code::WrongNumber
        ) {
            return Vec::new();
        }
        for (index, spec) in self.state.vertical.fields.iter().enumerate() {
            let ledger = &self.state.ledgers[index];
            let field = Field::of(spec, ledger);
            if field.locked.is_some() {
                continue;
            }
            let Some(reason) = reason(spec, &field) else {
                continue;
            };
            let level = (ledger.refused + 1).min(3);
            let say = sentence(spec, &field, reason, level);
            if say.is_empty() {
                continue;
            }
            let weight = match spec.importance {
                Importance::Critical => 30,
                Importance::Important => 20,
                Importance::Normal => 10,
            } + if spec.required { 5 } else { 0 };
            let doubt = match reason {
                Reason::Conflict => 10,
                Reason::Missing => 8,
                Reason::Incomplete => 5,
                Reason::Unconfirmed => 4,
                Reason::LowConfidence => 3,
            };
            found.push((
                weight + doubt,
                Prompt {
                    field: spec.name.clone(),
                    reason,
                    say,
                    level,
                    rank: 0,
                    urgent,
                },
            ));
        }
        found.sort_by_key(|(score, p)| (std::cmp::Reverse(*score), p.field.clone()));
        found
            .into_iter()
            .take(MAX_PROMPTS)
            .enumerate()
            .map(|(i, (_, mut p))| {
                p.rank = i as u8 + 1;
                p
            })
            .collect()
    }
}

fn reason(spec: &FieldSpec, field: &Field) -> Option<Reason> {
    match field.status {
        Status::Conflicting => Some(Reason::Conflict),
        Status::Missing => spec.required.then_some(Reason::Missing),
        Status::Declined | Status::NotApplicable | Status::Confirmed => {
            incomplete(spec, field).then_some(Reason::Incomplete)
        }
        Status::Heard | Status::Inferred => {
            if incomplete(spec, field) {
                return Some(Reason::Incomplete);
            }
            let low = field.confidence < spec.min_confidence;
            match spec.confirm {
                Confirm::Always => Some(if low {
                    Reason::LowConfidence
                } else {
                    Reason::Unconfirmed
                }),
                Confirm::WhenUncertain
                    if low
                        && (spec.required || spec.importance > Importance::Normal)
                        && !matches!(spec.ty, FieldType::Choice | FieldType::Text) =>
                {
                    Some(Reason::LowConfidence)
                }
                _ => None,
            }
        }
    }
}

fn incomplete(spec: &FieldSpec, field: &Field) -> bool {
    let Some(Value::Address(address)) = &field.value else {
        return false;
    };
    spec.parts_required.iter().any(|part| match part.as_str() {
        "line1" => {
            address.street.is_none()
                || address.number.is_none()
                    && !address
                        .street
                        .as_deref()
                        .is_some_and(|s| s.contains(" and "))
        }
        "number" => address.number.is_none(),
        "street" => address.street.is_none(),
        "unit" => address.unit.is_none(),
        "locality" | "city" => address.city.is_none() && address.postal_code.is_none(),
        "state" => address.state.is_none(),
        "postal_code" => address.postal_code.is_none(),
        _ => false,
    })
}

fn sentence(spec: &FieldSpec, field: &Field, reason: Reason, level: u8) -> String {
    match reason {
        Reason::Missing => spec.ask.clone(),
        Reason::Incomplete => match &field.value {
            Some(Value::Address(a)) if a.street.is_some() && a.number.is_none() => format!(
                "What is the house number on {}?",
                a.street.clone().unwrap_or_default()
            ),
            Some(Value::Address(a)) if a.street.is_none() => {
                "What is the street address?".to_owned()
            }
            Some(Value::Address(_)) => "Which city is that in?".to_owned(),
            _ => spec.ask.clone(),
        },
        Reason::Conflict => match (&field.value, &field.rival) {
            (Some(a), Some(b)) => format!(
                "I have both {} and {}. Which is right?",
                a.display(spec.ty),
                b.display(spec.ty)
            ),
            _ => spec.ask.clone(),
        },
        Reason::Unconfirmed | Reason::LowConfidence => {
            let template = if level >= 2 && !spec.read_back_again.is_empty() {
                &spec.read_back_again
            } else {
                &spec.read_back
            };
            if template.is_empty() {
                return field.display.as_ref().map_or_else(
                    || spec.ask.clone(),
                    |d| format!("I have {d}. Is that right?"),
                );
            }
            field
                .value
                .as_ref()
                .map(|v| fill(template, v, spec.ty, level))
                .unwrap_or_default()
        }
    }
}

/// Puts a value into a template's `{value}` and its forms.
pub fn fill(template: &str, value: &Value, ty: FieldType, level: u8) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            out.push_str(&rest[open..]);
            return out;
        };
        let key = &rest[open + 1..open + close];
        let form = key.split_once(':').map_or("", |(_, f)| f);
        out.push_str(&form_of(value, ty, form, level));
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// A value in one of the forms that templates name.
pub fn form_of(value: &Value, ty: FieldType, form: &str, level: u8) -> String {
    let text = value.display(ty);
    match (form, value) {
        ("grouped", Value::Text(t)) => {
            let d = t.trim_start_matches("+1");
            if d.len() == 10 && d.is_ascii() {
                format!("{}, {}, {}", &d[..3], &d[3..6], &d[6..])
            } else {
                text
            }
        }
        ("digits", Value::Text(t)) => t
            .trim_start_matches("+1")
            .chars()
            .map(|c| c.to_string())
            .collect::<Vec<_>>()
            .join(" "),
        ("spelled", Value::Text(t)) => t
            .chars()
            .map(|c| {
                if c == ' ' {
                    ",".to_owned()
                } else {
                    c.to_uppercase().to_string()
                }
            })
            .collect::<Vec<_>>()
            .join(if level >= 3 { ", " } else { "-" })
            .replace("-,-", ", "),
        ("when", Value::Window(w)) => w.spoken(),
        ("first", Value::Text(t)) => t.split(' ').next().unwrap_or_default().to_owned(),
        ("line1", Value::Address(a)) => {
            let mut line = a.line1();
            if let Some(unit) = &a.unit {
                line.push_str(", unit ");
                line.push_str(unit);
            }
            line
        }
        ("locality", Value::Address(a)) => [&a.city, &a.state]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        ("month_day_year", Value::Text(t)) => t
            .parse::<jiff::civil::Date>()
            .map_or(text, |d| d.strftime("%B %-d, %Y").to_string()),
        ("label", Value::Text(t)) => super::value::sentence_case(&t.replace('_', " ")),
        _ => text,
    }
}
