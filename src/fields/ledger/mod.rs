//! The ledger of one field: what was claimed, on what evidence, and what follows. Claims are appended, never overwritten; what is shown
//! is a function of them. All fields, of every type, go through this one mechanism.

mod claims;

use serde::{Deserialize, Serialize};

use super::confidence;
use super::evidence::Evidence;
use super::turn::Speaker;
use super::value::{FieldType, Value};

/// How far a value can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Wanted and not obtained.
    Missing,
    /// Said once.
    Heard,
    /// Concluded from something else than the caller's words.
    Inferred,
    /// Two sources disagree.
    Conflicting,
    /// Said and agreed by both sides, or said twice, or clicked.
    Confirmed,
    /// The caller would not tell.
    Declined,
    /// Does not matter in this call.
    NotApplicable,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The caller's words or keys.
    CallerSaid,
    /// The agent's words.
    AgentSaid,
    /// Caller ID.
    CallerId,
    /// Concluded by a rule.
    Rule,
    /// A person at the desk.
    Operator,
}

/// How much stands behind a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// The shape alone.
    Shape,
    /// The answer to a question.
    Answer,
    /// Said to be that very thing ("my number is").
    Explicit,
    /// Said to replace what was held.
    Repair,
}

/// A claim that a field has a value.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The value.
    pub value: Value,
    /// Where from.
    pub source: Source,
    /// What stands behind it.
    pub strength: Strength,
    /// Concluded rather than said.
    pub inferred: bool,
    /// Mean probability of the words.
    pub p: f32,
    /// The words, as said.
    pub raw: String,
    /// Evidence.
    pub evidence: Vec<Evidence>,
}

impl Claim {
    /// The claim that nobody said, drawn from what another field holds: with its evidence, and inferred.
    pub fn drawn_from(held: &Held, value: Value, strength: Strength) -> Claim {
        Claim {
            value,
            source: held.source,
            strength,
            inferred: true,
            p: held.p,
            raw: held.raw.clone(),
            evidence: held.evidence.clone(),
        }
    }

    /// The claim of a value that the whole call speaks for, with where it was said and the mean probability of its words.
    pub fn concluded(value: Value, said: Option<&Evidence>, p: f32) -> Claim {
        Claim {
            value,
            source: match said.is_some_and(|e| e.speaker == Speaker::Agent) {
                true => Source::AgentSaid,
                false => Source::CallerSaid,
            },
            strength: Strength::Shape,
            inferred: false,
            p,
            raw: said.map(|e| e.text.clone()).unwrap_or_default(),
            evidence: said.into_iter().cloned().collect(),
        }
    }
}

/// An earlier hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Its value.
    pub value: Value,
    /// Its status.
    pub status: Status,
    /// Where it came from.
    pub source: Source,
    /// How sure it was.
    pub confidence: f64,
    /// When it came to be, ms in the call.
    pub at_ms: u64,
    /// Why it is not the value any more.
    pub cause: Cause,
}

/// Why a hypothesis gave way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The caller corrected it.
    CallerCorrected,
    /// A better known form of the same.
    Refined,
    /// Another statement was preferred to it: a later one, or one that all words together bear out.
    Superseded,
    /// Its status rose or fell.
    StatusChanged,
    /// A person changed it.
    PersonChanged,
    /// A person said it was wrong.
    Rejected,
    /// It was withdrawn.
    Withdrawn,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A first value.
    New,
    /// A better known form of the same value, or more evidence.
    Refined,
    /// Another value.
    Corrected,
    /// Now confirmed.
    Confirmed,
    /// Two sources disagree.
    Conflict,
    /// The caller would not tell.
    Declined,
    /// The value is withdrawn.
    Withdrawn,
}

/// A person's hand on a field: the engine may suggest, never overwrite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Who.
    pub who: String,
    /// When, ms in the call.
    pub at_ms: u64,
}

/// History entries, and pieces of evidence, kept per field. A call that says a number forty times needs no forty proofs.
const MAX_HISTORY: usize = 24;
const MAX_EVIDENCE: usize = 12;

/// What is held now.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The value.
    pub value: Value,
    /// Where from.
    pub source: Source,
    /// What stands behind it.
    pub strength: Strength,
    /// Concluded rather than said.
    pub inferred: bool,
    /// Agreed by both sides, said twice, clicked.
    pub confirmed: bool,
    /// A value somebody else insists on.
    pub rival: Option<Value>,
    /// Corrected at least once.
    pub corrected: bool,
    /// It replaced, or withstood, a read-back that the caller denied: the agent's repeating it settles it.
    pub disputed: bool,
    /// Rests on audio that was lost.
    pub gap: bool,
    /// Mean probability of the words.
    pub p: f32,
    /// The words.
    pub raw: String,
    /// Evidence, oldest first.
    pub evidence: Vec<Evidence>,
    /// When it came to be.
    pub at_ms: u64,
}

/// The ledger of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Kind of value.
    pub ty: FieldType,
    /// What is held.
    pub held: Option<Held>,
    /// The refusal, if the caller refused.
    pub declined: Option<Evidence>,
    /// A person's hand on it.
    pub lock: Option<Lock>,
    /// What the engine would set if it were not locked.
    pub suggestion: Option<Value>,
    /// Earlier hypotheses, oldest first.
    pub history: Vec<Past>,
    /// Whether a read-back of this field was refused; the next one goes slower.
    pub refused: u8,
    /// Whether all words of the call, weighed together, speak for the value too; `None` where none are weighed.
    pub borne_out: Option<bool>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(ty: FieldType) -> Ledger {
        Ledger {
            ty,
            held: None,
            declined: None,
            lock: None,
            suggestion: None,
            history: Vec::new(),
            refused: 0,
            borne_out: None,
        }
    }

    /// The value shown.
    pub fn value(&self) -> Option<&Value> {
        self.held.as_ref().map(|h| &h.value)
    }

    /// Whether weights may move its value: no person has set it, and the two sides have neither agreed nor quarrelled on it.
    pub fn is_open(&self) -> bool {
        self.lock.is_none()
            && matches!(
                self.status(),
                Status::Missing | Status::Heard | Status::Inferred
            )
    }

    /// The status shown.
    pub fn status(&self) -> Status {
        match &self.held {
            None if self.declined.is_some() => Status::Declined,
            None => Status::Missing,
            Some(h) if h.rival.is_some() => Status::Conflicting,
            Some(h) if h.confirmed && !h.gap && !self.doubted(h) => Status::Confirmed,
            Some(h) if h.inferred => Status::Inferred,
            Some(_) => Status::Heard,
        }
    }

    /// A yes to the digits is no word on whose they are or what for.
    fn doubted(&self, held: &Held) -> bool {
        self.ty == FieldType::Phone
            && self.borne_out == Some(false)
            && held.source != Source::Operator
    }

    /// The confidence shown.
    pub fn confidence(&self) -> f64 {
        self.held.as_ref().map_or(0.0, |h| {
            confidence::of(self.ty, self.status(), h, self.borne_out)
        })
    }

    /// The present hypothesis as history.
    pub fn past(&self, status: Status, cause: Cause) -> Option<Past> {
        let held = self.held.as_ref()?;
        Some(Past {
            value: held.value.clone(),
            status,
            source: held.source,
            confidence: confidence::of(self.ty, status, held, self.borne_out),
            at_ms: held.at_ms,
            cause,
        })
    }

    /// Appends to the history, which is bounded: the first entry and the latest stay.
    pub fn remember(&mut self, past: Option<Past>) {
        let Some(past) = past else { return };
        if self.history.len() >= MAX_HISTORY {
            self.history.remove(1);
        }
        self.history.push(past);
    }
}
