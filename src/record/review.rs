//! What a person's review makes of a record: acts in, the next version out.
//!
//! Pure: the same record and the same acts give the same result. A person's value is final for the engine; every step keeps what was there
//! before. Whoever stores the result does so against the version it was made from, so that of two reviewers one wins.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::policy;
use crate::fields::vertical::FieldSpec;
use crate::fields::{Code, Field, FieldType, Status, Value as FieldValue, Vertical};

/// What a reviewer does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReviewAct {
    /// Types a field's value.
    Set {
        /// The field.
        field: String,
        /// Its value in the contract's form.
        value: Value,
    },
    /// The value shown is right.
    Confirm {
        /// The field.
        field: String,
    },
    /// The value shown is wrong, and the right one is not known.
    RejectField {
        /// The field.
        field: String,
    },
    /// The caller would not tell.
    Decline {
        /// The field.
        field: String,
    },
    /// Says what came of the call.
    Outcome {
        /// A standard code.
        code: String,
    },
    /// Rewrites the summary.
    Summary {
        /// The new text.
        text: String,
    },
    /// Takes the record, or gives it to somebody.
    Assign {
        /// To whom; nobody puts it back.
        to: Option<String>,
    },
    /// Releases the record.
    Approve,
    /// Refuses the record: nothing of it leaves.
    Reject {
        /// Why, one of [`REJECT_REASONS`].
        reason: String,
        /// More, in words.
        #[serde(default)]
        note: String,
    },
    /// Takes an approval or a rejection back.
    Reopen {
        /// Why.
        #[serde(default)]
        note: String,
    },
}

/// Why a record may be rejected.
pub const REJECT_REASONS: [&str; 6] = [
    "spam",
    "wrong_number",
    "duplicate",
    "not_for_us",
    "unusable",
    "other",
];

/// Who acts and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The person's id.
    pub who: &'a str,
    /// Now, milliseconds since 1970 (UTC).
    pub at_ms: i64,
}

impl By<'_> {
    fn at(self) -> String {
        crate::call::rfc3339(self.at_ms * 1000)
    }
}

/// Whether the engine was right about a field, known once a person has released or refused its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The field.
    pub field: String,
    /// The status the engine gave the value.
    pub status: String,
    /// How sure the engine was, 0..=1.
    pub confidence: f64,
    /// Whether its value was let stand.
    pub right: bool,
}

/// Why an act cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The record has no such field.
    #[error("this record has no field \"{field}\"{}", hint.as_ref().map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)")))]
    UnknownField {
        /// What was asked for.
        field: String,
        /// The nearest name.
        hint: Option<String>,
    },
    /// The value does not fit.
    #[error("{what} {wants}")]
    BadValue {
        /// The field, or `outcome`.
        what: String,
        /// What it wants.
        wants: String,
    },
    /// There is nothing to confirm or reject.
    #[error("\"{field}\" has no value to {act}")]
    NoValue {
        /// The field.
        field: String,
        /// What was tried.
        act: &'static str,
    },
    /// The record's state does not allow it.
    #[error("the record is {state}: it cannot be {act}{}", if *reopen { "; reopen it first" } else { "" })]
    WrongState {
        /// The state it is in.
        state: String,
        /// What was tried.
        act: &'static str,
        /// Whether reopening would help.
        reopen: bool,
    },
}

/// States in which people work on a record.
fn open(state: &str) -> bool {
    matches!(state, "draft" | "in_review" | "reopened")
}

/// Does one act on a record. The version is not touched: it belongs to whoever stores the result.
///
/// # Errors
/// When the act does not fit the record; the record is unchanged then.
pub fn act(
    record: &Value,
    vertical: &Vertical,
    act: &ReviewAct,
    by: By<'_>,
) -> Result<Value, ReviewError> {
    let state = record["state"].as_str().unwrap_or("draft");
    let refused = |what, reopen| ReviewError::WrongState {
        state: state.to_owned(),
        act: what,
        reopen,
    };
    let mut next = record.clone();
    match act {
        ReviewAct::Reopen { note } => {
            if open(state) {
                return Err(refused("reopened", false));
            }
            next["state"] = json!("reopened");
            next["review"]["state"] = json!("pending");
            note_event(&mut next, by, "reopened", json!({ "note": note }));
        }
        _ if !open(state) => return Err(refused("changed", true)),
        ReviewAct::Approve => {
            settle(&mut next, "approved", by);
            for field in fields_mut(&mut next) {
                if field["review"]["state"] == "pending" && !field["value"].is_null() {
                    field["review"] = json!({ "state": "approved", "by": by.who, "at": by.at(), "edited": false });
                }
                field["needs_review"] = json!(false);
            }
            note_event(&mut next, by, "approved", json!({}));
        }
        ReviewAct::Reject { reason, note } => {
            if !REJECT_REASONS.contains(&reason.as_str()) {
                return Err(ReviewError::BadValue {
                    what: "reason".to_owned(),
                    wants: format!("wants one of {}", REJECT_REASONS.join(", ")),
                });
            }
            settle(&mut next, "rejected", by);
            note_event(
                &mut next,
                by,
                "rejected",
                json!({ "reason": reason, "note": note }),
            );
        }
        ReviewAct::Assign { to } => {
            begin(&mut next, by);
            next["review"]["assigned_to"] = json!(to);
            if to.is_none() && state == "draft" {
                next["state"] = json!("draft");
            }
        }
        ReviewAct::Outcome { code } => {
            let Some(known) = Code::ALL.into_iter().find(|c| c.as_str() == code) else {
                let all: Vec<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
                return Err(ReviewError::BadValue {
                    what: "outcome".to_owned(),
                    wants: format!("wants one of {}", all.join(", ")),
                });
            };
            begin(&mut next, by);
            let before = next["outcome"]["code"].clone();
            next["outcome"] = json!({
                "code": code, "group": crate::record::outcome_group(known), "local": null, "confidence": 1.0, "source": "operator", "set_by": by.who, "set_at": by.at(),
                "evidence": next["outcome"]["evidence"], "previous_code": before,
            });
            drop_reasons(&mut next, |r| {
                r == "unclassified" || r == "low_confidence:outcome"
            });
        }
        ReviewAct::Summary { text } => {
            begin(&mut next, by);
            next["summary"]["text"] = json!(text);
            next["summary"]["edited_by_operator"] = json!(true);
        }
        ReviewAct::Set { field, value } => {
            let (spec, before) = find(record, vertical, field)?;
            begin(&mut next, by);
            next["fields"][field] = set(spec, &before, &record["fields"][field], value, by)?;
            after_field(&mut next, field);
        }
        ReviewAct::Confirm { field } => {
            let (spec, before) = find(record, vertical, field)?;
            if before.value.is_none() {
                return Err(ReviewError::NoValue {
                    field: field.clone(),
                    act: "confirm",
                });
            }
            begin(&mut next, by);
            let review =
                json!({ "state": "approved", "by": by.who, "at": by.at(), "edited": false });
            let mut shown = with_history(&record["fields"][field], &before, "status_changed", by);
            shown["status"] = json!(Status::Confirmed);
            certain(&mut shown);
            next["fields"][field] = finish(spec, shown, &before, review);
            after_field(&mut next, field);
        }
        ReviewAct::RejectField { field } => {
            let (spec, before) = find(record, vertical, field)?;
            if before.value.is_none() {
                return Err(ReviewError::NoValue {
                    field: field.clone(),
                    act: "reject",
                });
            }
            begin(&mut next, by);
            let review = json!({ "state": "rejected", "by": by.who, "at": by.at(), "edited": true, "previous_value": before.value });
            let mut shown = with_history(&record["fields"][field], &before, "rejected", by);
            empty(&mut shown, Status::Missing);
            next["fields"][field] = finish(spec, shown, &before, review);
            after_field(&mut next, field);
        }
        ReviewAct::Decline { field } => {
            let (spec, before) = find(record, vertical, field)?;
            begin(&mut next, by);
            let review = json!({ "state": "edited", "by": by.who, "at": by.at(), "edited": true, "previous_value": before.value });
            let mut shown = with_history(&record["fields"][field], &before, "person_changed", by);
            empty(&mut shown, Status::Declined);
            next["fields"][field] = finish(spec, shown, &before, review);
            after_field(&mut next, field);
        }
    }
    Ok(next)
}

/// How the engine did, field by field, by what a person let stand. A field that an agent had filled in during the call says nothing.
pub fn verdicts(record: &Value) -> Vec<Verdict> {
    let Some(fields) = record["fields"].as_object() else {
        return Vec::new();
    };
    fields
        .iter()
        .filter_map(|(name, field)| {
            let review = &field["review"];
            if review["state"] == "pending" {
                return None;
            }
            let said = match &review["engine"] {
                Value::Null if field["source"] == "operator" => return None,
                Value::Null => field,
                said => said,
            };
            if said["value"].is_null() && field["value"].is_null() {
                return None;
            }
            Some(Verdict {
                field: name.clone(),
                status: said["status"].as_str().unwrap_or("missing").to_owned(),
                confidence: said["confidence"].as_f64().unwrap_or(0.0),
                right: said["value"] == field["value"],
            })
        })
        .collect()
}

fn find<'a>(
    record: &Value,
    vertical: &'a Vertical,
    name: &str,
) -> Result<(&'a FieldSpec, Field), ReviewError> {
    let unknown = || ReviewError::UnknownField {
        field: name.to_owned(),
        hint: crate::fields::vertical::nearest(
            name,
            vertical.fields.iter().map(|f| f.name.as_str()),
        ),
    };
    let spec = vertical
        .index(name)
        .map(|i| &vertical.fields[i])
        .ok_or_else(unknown)?;
    let field = serde_json::from_value(record["fields"][name].clone()).map_err(|_| unknown())?;
    Ok((spec, field))
}

fn set(
    spec: &FieldSpec,
    before: &Field,
    shown: &Value,
    typed: &Value,
    by: By<'_>,
) -> Result<Value, ReviewError> {
    let bad = |wants: String| ReviewError::BadValue {
        what: format!("\"{}\"", spec.name),
        wants,
    };
    let value = FieldValue::from_person(typed, spec.ty).map_err(|wants| bad(wants.to_owned()))?;
    if spec.ty == FieldType::Choice
        && !spec.choices.is_empty()
        && !spec
            .choices
            .iter()
            .any(|c| Some(c.id.as_str()) == value.text())
    {
        let ids: Vec<&str> = spec.choices.iter().map(|c| c.id.as_str()).collect();
        return Err(bad(format!("wants one of {}", ids.join(", "))));
    }
    let same = before.value.as_ref() == Some(&value);
    let review = if same {
        json!({ "state": "approved", "by": by.who, "at": by.at(), "edited": false })
    } else {
        json!({ "state": "edited", "by": by.who, "at": by.at(), "edited": true, "previous_value": before.value })
    };
    let mut next = with_history(shown, before, "person_changed", by);
    if !same {
        next["raw"] = Value::Null;
        next["evidence"] = json!([]);
    }
    next["display"] = json!(value.display(spec.ty));
    next["value"] = json!(value);
    next["status"] = json!(Status::Confirmed);
    certain(&mut next);
    Ok(finish(spec, next, before, review))
}

/// The field with its present value moved into the history.
fn with_history(shown: &Value, before: &Field, cause: &str, by: By<'_>) -> Value {
    let mut next = shown.clone();
    if before.value.is_some()
        && let Some(history) = next["history"].as_array_mut()
    {
        let whose = before.locked.as_ref().map(|l| &l.who);
        history.push(json!({
            "value": before.value, "status": before.status, "source": before.source, "confidence": before.confidence,
            "at_ms": before.evidence.last().map_or(0, |e| e.end_ms), "cause": cause, "by": whose, "until": by.at(),
        }));
    }
    next["locked"] =
        json!({ "who": by.who, "at_ms": before.evidence.last().map_or(0, |e| e.end_ms) });
    next
}

/// What a person says is certain.
fn certain(field: &mut Value) {
    field["source"] = json!("operator");
    field["confidence"] = json!(1.0);
    field["band"] = json!("high");
    if let Some(field) = field.as_object_mut() {
        field.remove("rival");
        field.remove("suggestion");
    }
}

fn empty(field: &mut Value, status: Status) {
    for key in ["value", "raw", "display", "source"] {
        field[key] = Value::Null;
    }
    field["status"] = json!(status);
    field["confidence"] = json!(0.0);
    field["band"] = json!("low");
    if let Some(field) = field.as_object_mut() {
        field.remove("rival");
        field.remove("suggestion");
    }
}

/// Puts the review's word on a field, and keeps beside it what the engine had said before the first person came.
fn finish(spec: &FieldSpec, mut shown: Value, before: &Field, mut review: Value) -> Value {
    review["engine"] = match &shown["review"]["engine"] {
        Value::Null if before.locked.is_some() => Value::Null,
        Value::Null => {
            json!({ "value": before.value, "status": before.status, "confidence": before.confidence })
        }
        said => said.clone(),
    };
    shown["review"] = review;
    shown["needs_review"] = json!(false);
    if let Ok(field) = serde_json::from_value::<Field>(shown.clone()) {
        shown["policy"] = json!(policy::applied(&field, spec, &[]));
    }
    shown
}

/// What the record says about itself follows a changed field.
fn after_field(record: &mut Value, name: &str) {
    drop_reasons(record, |r| {
        r.split_once(':').is_some_and(|(_, field)| field == name) && !r.starts_with("escalation:")
    });
    let field = &record["fields"][name];
    let missing = field["required"] == true && field["status"] == "missing";
    for list in [
        "missing_required",
        "unconfirmed_important",
        "contradictions",
    ] {
        if let Some(names) = record[list].as_array_mut() {
            names.retain(|n| n != name);
        }
    }
    if missing && let Some(names) = record["missing_required"].as_array_mut() {
        names.push(json!(name));
    }
    let edited = record["fields"].as_object().map_or(0, |fields| {
        fields
            .values()
            .filter(|f| f["review"]["edited"] == true)
            .count()
    });
    record["review"]["fields_edited"] = json!(edited);
}

fn drop_reasons(record: &mut Value, settled: impl Fn(&str) -> bool) {
    if let Some(reasons) = record["review"]["reason"].as_array_mut() {
        reasons.retain(|r| r.as_str().is_none_or(|r| !settled(r)));
    }
}

fn fields_mut(record: &mut Value) -> impl Iterator<Item = &mut Value> {
    record["fields"]
        .as_object_mut()
        .into_iter()
        .flat_map(|fields| fields.values_mut())
}

/// Somebody has begun to work on the record.
fn begin(record: &mut Value, by: By<'_>) {
    if record["state"] == "draft" {
        record["state"] = json!("in_review");
    }
    if record["review"]["opened_at_ms"].is_null() {
        record["review"]["opened_at_ms"] = json!(by.at_ms);
    }
    if record["review"]["assigned_to"].is_null() {
        record["review"]["assigned_to"] = json!(by.who);
    }
}

/// The review is over.
fn settle(record: &mut Value, state: &str, by: By<'_>) {
    record["state"] = json!(state);
    let review = &mut record["review"];
    review["state"] = json!(state);
    review["by"] = json!(by.who);
    review["at"] = json!(by.at());
    let opened = review["opened_at_ms"].as_i64().unwrap_or(by.at_ms);
    review["seconds_open"] = json!((by.at_ms - opened).max(0) / 1000);
}

/// What happened to the record as a whole, newest last.
fn note_event(record: &mut Value, by: By<'_>, what: &str, data: Value) {
    let entry = json!({ "at": by.at(), "by": by.who, "what": what, "data": data });
    match record["review"]["history"].as_array_mut() {
        Some(history) => history.push(entry),
        None => record["review"]["history"] = json!([entry]),
    }
}

#[cfg(test)]
mod tests;
