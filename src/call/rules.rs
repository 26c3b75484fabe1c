//! What the configuration says about one call.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fields::{Context, Vertical};

/// What the configuration says about one call: by which vertical it is read, in whose name, and how long it may take.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The fields to capture and how.
    pub vertical: Arc<Vertical>,
    /// Zone and business; the caller's number is filled in by the call.
    pub context: Context,
    /// Who owns the call.
    pub ownership: Ownership,
    /// Cities of the business's other locations, lower case: a caller who names one of them may have reached the wrong location.
    pub other_cities: BTreeMap<String, String>,
    /// How long things may take.
    pub limits: Limits,
    /// What is masked before anything is stored.
    pub redact: Vec<Sensitive>,
    /// What the recording pauses for by itself while it is spoken.
    pub pause_recording_on: Vec<Sensitive>,
    /// For each field, the destinations that hear of it while the call lasts.
    pub synced_to: BTreeMap<String, Vec<String>>,
    /// How the record is handed to people.
    pub review: crate::record::triage::ReviewSettings,
}

/// What callers say that nobody is to read or hear afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitive {
    /// The number of a payment card.
    CardNumber,
    /// The security code on its back.
    CardCvv,
    /// A US social-security number.
    UsSsn,
}

/// Who owns a call, decided from the dialled number.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Ownership {
    /// The client.
    pub client_id: Option<String>,
    /// The location.
    pub location_id: Option<String>,
    /// The department that receives new calls there.
    pub department_id: Option<String>,
}

/// How long a call may wait for what, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// A call that was announced, without stream and without a terminal status.
    pub unanswered_ms: u64,
    /// A dropped socket, for a new stream to join.
    pub rejoin_ms: u64,
    /// The end of the call, for the last words to be heard.
    pub flush_ms: u64,
    /// A whole call.
    pub max_duration_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            unanswered_ms: 300_000,
            rejoin_ms: 2_000,
            flush_ms: 8_000,
            max_duration_ms: 4 * 3_600_000,
        }
    }
}
