//! Digits that one speaker has said so far of a number, over turns.

use super::{Owner, Sequence, repair};
use crate::fields::evidence::{Evidence, Role};
use crate::fields::turn::Heard;

/// Digits that one speaker has said so far of a number, over turns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DigitBuffer {
    /// The digits.
    pub digits: String,
    /// Where they were said.
    pub evidence: Vec<Evidence>,
    /// The words.
    pub raw: String,
    /// Mean word probability, the lowest part's.
    pub p: f32,
    /// The other side's turns since the last digits.
    pub age: u8,
    /// Somebody else's number, a second number ... as the words before the first digits said.
    pub owner: Owner,
}

impl DigitBuffer {
    /// Adds a sequence, as more digits or as a repair of those held.
    pub fn push(&mut self, heard: &Heard, sequence: &Sequence, p: f32, is_repair: bool) {
        self.digits = if is_repair || sequence.repaired && sequence.digits.len() >= 7 {
            repair::repair(&self.digits, &sequence.digits, false)
        } else {
            repair::append(&self.digits, &sequence.digits)
        };
        if self.evidence.len() < 8 {
            self.evidence
                .push(heard.evidence(Role::States, sequence.start, sequence.end));
        }
        if !self.raw.is_empty() {
            self.raw.push(' ');
        }
        if self.raw.len() < 300 {
            self.raw.push_str(&heard.text(sequence.start, sequence.end));
        }
        self.p = if self.evidence.len() <= 1 {
            p
        } else {
            self.p.min(p)
        };
        self.age = 0;
        // Nobody's number is longer; whatever this is, it need not grow.
        self.digits.truncate(32);
    }

    /// Whether digits are held.
    pub fn is_open(&self) -> bool {
        !self.digits.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = DigitBuffer::default();
    }
}
