//! Whether a record needs a person, why, and how soon: the reasons and the order of the review queue.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::policy::{Applied, Cause};
use crate::fields::vertical::{Importance, Policy};
use crate::fields::{Code, Field, Outcome, Status};

/// How records are handed to people: `[review]` in `offhook.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewSettings {
    /// How long a draft may wait for a person, minutes; after that it is overdue.
    pub due_min: u32,
    /// Of the records that need nobody, how many of a hundred are shown to a person all the same, so that their true accuracy is known.
    pub sample_percent: u8,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        ReviewSettings {
            due_min: 30,
            sample_percent: 5,
        }
    }
}

/// A reason to look at a record and what it weighs in the order of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `kind` or `kind:what`, as records carry it.
    pub code: String,
    /// Weight; the queue is ordered by the sum.
    pub risk: u32,
}

impl Reason {
    /// A reason of the whole call.
    pub fn of(code: impl Into<String>, risk: u32) -> Self {
        Reason {
            code: code.into(),
            risk,
        }
    }
}

/// How much more a field weighs by what a wrong value costs.
fn weight(field: &Field) -> u32 {
    match field.importance {
        Importance::Critical => 4,
        Importance::Important => 2,
        Importance::Normal => 1,
    }
}

/// Why a person should look at a field; nothing where it may leave by itself or is not meant to leave.
pub fn of_field(field: &Field, policy: &Applied) -> Option<Reason> {
    let reason = |kind: &str, risk: u32| {
        Some(Reason::of(
            format!("{kind}:{}", field.name),
            risk * weight(field),
        ))
    };
    match field.status {
        Status::Missing if field.required => return reason("missing", 10),
        Status::Missing | Status::Declined | Status::NotApplicable => return None,
        _ => {}
    }
    match policy.cause {
        Cause::Conflict => reason("conflict", 12),
        // A draft field stays here whatever is said of it.
        _ if policy.declared == Policy::Draft => None,
        Cause::LowConfidence => reason("low_confidence", 8),
        Cause::MediaGap => reason("gap", 8),
        Cause::Unconfirmed => reason("unconfirmed", 5),
        Cause::Declared | Cause::Operator if policy.applied == Policy::Approve => {
            reason("policy", 1)
        }
        Cause::NoValue | Cause::Declared | Cause::Operator => None,
    }
}

/// Outcomes after which nothing is owed to the caller, so that missing fields are nobody's homework.
pub fn nothing_owed(code: Code) -> bool {
    matches!(code, Code::Spam | Code::WrongNumber)
}

/// Below this an outcome is a guess that a person should see.
const SURE_OF_OUTCOME: f64 = 0.6;

/// Why a person should look at the outcome.
pub fn of_outcome(outcome: &Outcome) -> Option<Reason> {
    if outcome.code == Code::Unclassified {
        Some(Reason::of("unclassified", 6))
    } else if outcome.confidence < SURE_OF_OUTCOME {
        Some(Reason::of("low_confidence:outcome", 4))
    } else {
        None
    }
}

/// Whether this record is among those shown to a person although it needs none. Chosen by its id, so that a replay chooses the same.
pub fn sampled(record_id: &str, percent: u8) -> bool {
    let digest = Sha256::digest(record_id.as_bytes());
    let draw = u16::from_be_bytes([digest[0], digest[1]]) % 100;
    draw < u16::from(percent)
}

/// The record's `review` block at drafting, and the state the record starts in.
pub fn opening(
    reasons: &[Reason],
    sampled: bool,
    drafted_at: Timestamp,
    settings: ReviewSettings,
) -> (&'static str, Value) {
    let at = crate::call::rfc3339(drafted_at.as_microsecond());
    let due = drafted_at
        .checked_add(jiff::SignedDuration::from_mins(i64::from(settings.due_min)))
        .map(|due| crate::call::rfc3339(due.as_microsecond()))
        .ok();
    let risk: u32 = reasons.iter().map(|r| r.risk).sum();
    let codes: Vec<&str> = reasons.iter().map(|r| r.code.as_str()).collect();
    if codes.is_empty() && !sampled {
        let review = json!({
            "state": "approved", "reason": [], "risk": 0, "due": null, "assigned_to": null,
            "by": "engine", "at": at, "seconds_open": 0, "fields_edited": 0, "sampled": false,
        });
        return ("approved", review);
    }
    let review = json!({
        "state": "pending", "reason": codes, "risk": risk, "due": due, "assigned_to": null,
        "by": null, "at": null, "seconds_open": null, "fields_edited": 0, "sampled": codes.is_empty(),
    });
    ("draft", review)
}
