//! A field as records and pages show it.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::ledger::{Ledger, Lock, Past, Source, Status};
use super::value::{FieldType, Value};
use super::vertical::{FieldSpec, Importance};

/// Confidence in three steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 0.9 and more.
    High,
    /// Between.
    Medium,
    /// Below 0.6.
    Low,
}

/// A field of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name.
    pub name: String,
    /// For pages.
    pub label: String,
    /// The value in its contract form; null while missing or declined.
    pub value: Option<Value>,
    /// Kind of value.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// The words it was said in.
    pub raw: Option<String>,
    /// The value for people.
    pub display: Option<String>,
    /// How far it can be relied on.
    pub status: Status,
    /// Calibrated, 0..=1.
    pub confidence: f64,
    /// The same in three steps.
    pub band: Band,
    /// Where it comes from.
    pub source: Option<Source>,
    /// What a wrong value costs.
    pub importance: Importance,
    /// A record without it is incomplete.
    pub required: bool,
    /// Kept out of logs and messages.
    pub sensitive: bool,
    /// What the other side insists on, while that is not settled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rival: Option<Value>,
    /// Where it was said, read back, confirmed.
    pub evidence: Vec<Evidence>,
    /// Earlier hypotheses.
    pub history: Vec<Past>,
    /// A person's hand on it.
    pub locked: Option<Lock>,
    /// What was heard after a person set it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<Value>,
}

impl Field {
    /// The field of a ledger.
    pub(super) fn of(spec: &FieldSpec, ledger: &Ledger) -> Field {
        let held = ledger.held.as_ref();
        let confidence = ledger.confidence();
        Field {
            name: spec.name.clone(),
            label: spec.label.clone(),
            value: held.map(|h| h.value.clone()),
            ty: spec.ty,
            raw: held.map(|h| h.raw.clone()).filter(|r| !r.is_empty()),
            display: held.map(|h| h.value.display(spec.ty)),
            status: ledger.status(),
            confidence,
            band: if confidence >= 0.9 {
                Band::High
            } else if confidence >= 0.6 {
                Band::Medium
            } else {
                Band::Low
            },
            source: held.map(|h| h.source),
            importance: spec.importance,
            required: spec.required,
            sensitive: spec.sensitive,
            rival: held.and_then(|h| h.rival.clone()),
            evidence: held
                .map(|h| h.evidence.clone())
                .or_else(|| ledger.declined.clone().map(|e| vec![e]))
                .unwrap_or_default(),
            history: ledger.history.clone(),
            locked: ledger.lock.clone(),
            suggestion: ledger.suggestion.clone(),
        }
    }

    /// Does not matter in this call.
    pub(super) fn exclude(&mut self) {
        self.value = None;
        self.raw = None;
        self.display = None;
        self.rival = None;
        self.source = None;
        self.confidence = 0.0;
        self.band = Band::Low;
        self.status = Status::NotApplicable;
        self.evidence.clear();
    }
}
