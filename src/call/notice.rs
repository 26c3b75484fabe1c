//! What others have been told of a call while it lasts. The call keeps it, so that a replay tells the same and nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::call::Call;

/// Something that others should hear of before the call is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What: `call.started`, `field.synced`, `field.corrected`, `escalation.raised`.
    pub kind: &'static str,
    /// Which of its kind in this call: a field and its version, an escalation's name.
    pub occurrence: String,
    /// When, unix microseconds.
    pub at_us: i64,
    /// All there is to say about it.
    pub data: Value,
}

/// A value that has left.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// How many values of the field have left, this one included.
    pub version: u64,
    /// The value in its contract form.
    pub value: Value,
    /// When, unix microseconds.
    pub at_us: i64,
}

/// What others have been told so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The last value of each field that left.
    pub fields: BTreeMap<String, Sent>,
    /// Everything, in order.
    pub notices: Vec<Arc<Notice>>,
    /// The number of the last event on the feed that was looked at.
    seen: u64,
}

impl Told {
    /// Whether something of this kind and occurrence was told.
    pub fn has(&self, kind: &str, occurrence: &str) -> bool {
        self.notices
            .iter()
            .any(|n| n.kind == kind && n.occurrence == occurrence)
    }
}

impl Call {
    /// What others have been told so far.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// The same, to be added to.
    pub fn told_mut(&mut self) -> &mut Told {
        &mut self.told
    }

    /// Whether anything has happened since this was asked last.
    pub fn has_news(&mut self) -> bool {
        std::mem::replace(&mut self.told.seen, self.seq) != self.seq
    }
}
