//! Which policy a field is really under: the strictest of what the vertical declares and of what the call calls for.
//!
//! A value may leave by itself only where it was declared so *and* nothing about it is doubtful. Every step towards a person has a reason
//! in words, so that a reviewer sees why a field waits.

use serde::{Deserialize, Serialize};

use crate::fields::vertical::{Confirm, FieldSpec, Policy};
use crate::fields::{Band, Field, Source, Speaker, Status};

/// A stretch of one speaker's audio that nobody should rely on: a hole in the recording, or something masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubtful {
    /// Whose words would have been there.
    pub speaker: Speaker,
    /// Start, ms in the call.
    pub start_ms: u64,
    /// End, ms in the call.
    pub end_ms: u64,
}

impl Doubtful {
    /// Whether a piece of a field's evidence lies in it.
    fn touches(&self, field: &Field) -> bool {
        field.evidence.iter().any(|e| {
            e.speaker == self.speaker && e.start_ms < self.end_ms && self.start_ms < e.end_ms
        })
    }
}

/// Why a field is under a stricter policy than it was declared with, or why it is under the declared one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// There is nothing that could leave.
    NoValue,
    /// Nothing is doubtful: the declared policy holds.
    Declared,
    /// A person has set or confirmed the value.
    Operator,
    /// Confidence is below the least that the field asks for.
    LowConfidence,
    /// The vertical wants it confirmed, and nobody has.
    Unconfirmed,
    /// It rests on lost or masked audio.
    MediaGap,
    /// Two sources disagree.
    Conflict,
}

/// The policy in force for one field of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// What the vertical says.
    pub declared: Policy,
    /// What holds; never looser.
    pub applied: Policy,
    /// Why.
    pub cause: Cause,
    /// Why, for people.
    pub reason: String,
}

impl Applied {
    /// Whether there is a value that may leave without anybody having looked at it.
    pub fn may_sync(&self) -> bool {
        self.applied == Policy::Sync && self.cause != Cause::NoValue
    }
}

/// The policy of a field: the strictest of the declared one and of each doubt about the value.
pub fn applied(field: &Field, spec: &FieldSpec, doubtful: &[Doubtful]) -> Applied {
    let declared = spec.policy;
    let verdict = |at_least: Policy, cause, reason: String| Applied {
        declared,
        applied: declared.max(at_least),
        cause,
        reason,
    };
    if field.value.is_none() {
        return verdict(Policy::Sync, Cause::NoValue, "no value".to_owned());
    }
    // What a person has put their hand on is as sure as it gets; the declared policy still decides who releases it.
    if field.locked.is_some() || field.source == Some(Source::Operator) {
        return verdict(
            Policy::Sync,
            Cause::Operator,
            "set or confirmed by a person".to_owned(),
        );
    }
    if field.status == Status::Conflicting {
        return verdict(
            Policy::Draft,
            Cause::Conflict,
            "two sources disagree".to_owned(),
        );
    }
    if doubtful.iter().any(|d| d.touches(field)) {
        return verdict(
            Policy::Approve,
            Cause::MediaGap,
            "rests on words beside lost or masked audio".to_owned(),
        );
    }
    if field.confidence < spec.min_confidence {
        return verdict(
            Policy::Approve,
            Cause::LowConfidence,
            format!(
                "{:.2} is below the least, {:.2}",
                field.confidence, spec.min_confidence
            ),
        );
    }
    let wants_confirmation = match spec.confirm {
        Confirm::Always => true,
        Confirm::WhenUncertain => field.band != Band::High,
        Confirm::Never => false,
    };
    if wants_confirmation && field.status != Status::Confirmed {
        return verdict(
            Policy::Approve,
            Cause::Unconfirmed,
            "nobody has confirmed it".to_owned(),
        );
    }
    verdict(
        Policy::Sync,
        Cause::Declared,
        match field.status {
            Status::Confirmed => format!(
                "confirmed, and {:.2} is at least {:.2}",
                field.confidence, spec.min_confidence
            ),
            _ => format!(
                "{:.2} is at least {:.2}",
                field.confidence, spec.min_confidence
            ),
        },
    )
}

#[cfg(test)]
mod tests;
