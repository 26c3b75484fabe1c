//! What people at the desk do to a field. Their hand locks it: the engine may suggest, never overwrite.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Role};
use super::extractor::Extractor;
use super::ledger::{Cause, ChangeKind, Held, Lock, Source, Status, Strength};
use super::state::Change;
use super::turn::Speaker;
use super::value::{FieldType, Value};

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonAct {
    /// Types a value.
    Set,
    /// Says the value shown is right.
    Confirm,
    /// Says the value shown is wrong.
    Reject,
    /// Says the caller will not tell.
    Decline,
}

/// A person's act on a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonAction {
    /// What.
    pub act: PersonAct,
    /// Field.
    pub field: String,
    /// The value typed (for `set`).
    #[serde(default)]
    pub value: Option<serde_json::Value>,
    /// Who.
    pub who: String,
    /// When, ms in the call.
    pub at_ms: u64,
}

/// Why an act cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// There is no such field.
    #[error("this call has no field \"{field}\"{}", hint.as_ref().map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)")))]
    UnknownField {
        /// What was asked for.
        field: String,
        /// The nearest name.
        hint: Option<String>,
    },
    /// The value does not fit the field.
    #[error("\"{field}\" {wants}")]
    BadValue {
        /// Field.
        field: String,
        /// What it wants.
        wants: String,
    },
    /// There is nothing to confirm or reject.
    #[error("\"{field}\" has no value to {act}")]
    NoValue {
        /// Field.
        field: String,
        /// What was tried.
        act: &'static str,
    },
}

impl Extractor {
    /// A person's act.
    ///
    /// # Errors
    /// The field does not exist, the value does not fit it, or there is no value.
    pub fn person(&mut self, action: &PersonAction) -> Result<Vec<Change>, PersonError> {
        let vertical = self.state.vertical.clone();
        let Some(index) = vertical.index(&action.field) else {
            let hint = super::vertical::nearest(
                &action.field,
                vertical.fields.iter().map(|f| f.name.as_str()),
            );
            return Err(PersonError::UnknownField {
                field: action.field.clone(),
                hint,
            });
        };
        let spec = &vertical.fields[index];
        let field = index as u8;
        let lock = Lock {
            who: action.who.clone(),
            at_ms: action.at_ms,
        };
        let evidence = Evidence {
            role: Role::Confirms,
            speaker: Speaker::Agent,
            turn: 0,
            word_from: 0,
            word_to: 0,
            start_ms: action.at_ms,
            end_ms: action.at_ms,
            text: String::new(),
        };
        let ledger = self.state.ledger_mut(field);
        let status = ledger.status();
        let kind = match action.act {
            PersonAct::Set => {
                let json = action.value.as_ref().ok_or_else(|| PersonError::BadValue {
                    field: action.field.clone(),
                    wants: "wants a value".to_owned(),
                })?;
                let value =
                    Value::from_person(json, spec.ty).map_err(|wants| PersonError::BadValue {
                        field: action.field.clone(),
                        wants: wants.to_owned(),
                    })?;
                if matches!(spec.ty, FieldType::Choice)
                    && !spec.choices.is_empty()
                    && !spec
                        .choices
                        .iter()
                        .any(|c| Some(c.id.as_str()) == value.text())
                {
                    let ids = spec
                        .choices
                        .iter()
                        .map(|c| c.id.as_str())
                        .collect::<Vec<_>>()
                        .join(", ");
                    return Err(PersonError::BadValue {
                        field: action.field.clone(),
                        wants: format!("wants one of {ids}"),
                    });
                }
                let past = ledger.past(status, Cause::PersonChanged);
                ledger.remember(past);
                ledger.declined = None;
                ledger.held = Some(Held {
                    raw: String::new(),
                    value,
                    source: Source::Operator,
                    strength: Strength::Repair,
                    inferred: false,
                    confirmed: true,
                    rival: None,
                    corrected: false,
                    disputed: false,
                    gap: false,
                    p: 1.0,
                    evidence: Vec::new(),
                    at_ms: action.at_ms,
                });
                if status == Status::Missing {
                    ChangeKind::New
                } else {
                    ChangeKind::Corrected
                }
            }
            PersonAct::Confirm => {
                let past = ledger.past(status, Cause::StatusChanged);
                let Some(held) = ledger.held.as_mut() else {
                    return Err(PersonError::NoValue {
                        field: action.field.clone(),
                        act: "confirm",
                    });
                };
                held.confirmed = true;
                held.inferred = false;
                held.rival = None;
                held.gap = false;
                held.source = Source::Operator;
                held.evidence.push(evidence);
                if status != Status::Confirmed {
                    ledger.remember(past);
                }
                ChangeKind::Confirmed
            }
            PersonAct::Reject => {
                let Some(past) = ledger.past(status, Cause::Rejected) else {
                    return Err(PersonError::NoValue {
                        field: action.field.clone(),
                        act: "reject",
                    });
                };
                ledger.remember(Some(past));
                ledger.held = None;
                // A rejected value is asked for again: the field stays open to what the caller says next.
                ledger.lock = None;
                self.state.note(field, Some(ChangeKind::Withdrawn));
                return Ok(std::mem::take(&mut self.state.changes));
            }
            PersonAct::Decline => {
                let past = ledger.past(status, Cause::PersonChanged);
                ledger.remember(past);
                ledger.held = None;
                ledger.declined = Some(evidence);
                ChangeKind::Declined
            }
        };
        self.state.ledger_mut(field).lock = Some(lock);
        self.state.note(field, Some(kind));
        self.state.derive();
        Ok(std::mem::take(&mut self.state.changes))
    }
}
