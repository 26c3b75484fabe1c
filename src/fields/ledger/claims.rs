//! How claims, confirmations, denials and refusals change a ledger.

use super::{Cause, ChangeKind, Claim, Held, Ledger, MAX_EVIDENCE, Source, Status, Strength};
use crate::fields::evidence::{Evidence, Role};
use crate::fields::turn::Speaker;
use crate::fields::value::{FieldType, Relation, Value, same_text};

impl Ledger {
    /// Appends a claim.
    pub fn claim(&mut self, claim: Claim) -> Option<ChangeKind> {
        if self.lock.is_some() {
            if self.value() != Some(&claim.value) {
                self.suggestion = Some(claim.value);
            }
            return None;
        }
        let at_ms = claim.evidence.last().map_or(0, |e| e.end_ms);
        let Some(held) = self.held.as_mut() else {
            self.declined = None;
            self.held = Some(new_held(claim, at_ms));
            return Some(ChangeKind::New);
        };
        match held.value.relate(&claim.value, self.ty) {
            Relation::Same => {
                let before = (held.confirmed, held.inferred, held.rival.is_some());
                if held.source != Source::CallerSaid && claim.source == Source::CallerSaid {
                    held.source = claim.source;
                    held.inferred = claim.inferred;
                    held.raw = claim.raw;
                } else if repeats(held, &claim)
                    && whole(&held.value, &claim.value)
                    && confirmable(self.ty)
                {
                    // The same value in two turns of the caller's own.
                    held.confirmed = true;
                }
                if claim.source == Source::CallerSaid {
                    held.rival = None;
                    held.inferred &= claim.inferred;
                }
                held.strength = held.strength.max(claim.strength);
                extend(&mut held.evidence, claim.evidence);
                let after = (held.confirmed, held.inferred, held.rival.is_some());
                if after.0 && !before.0 {
                    Some(ChangeKind::Confirmed)
                } else if before != after {
                    Some(ChangeKind::Refined)
                } else {
                    None
                }
            }
            Relation::Refines(value) => {
                let status = self.status();
                let past = self.past(status, Cause::Refined);
                if let Some(held) = self.held.as_mut() {
                    held.value = value;
                    held.confirmed = false;
                    held.inferred &= claim.inferred;
                    if claim.source == Source::CallerSaid {
                        held.source = claim.source;
                    }
                    held.strength = held.strength.max(claim.strength);
                    held.p = held.p.min(claim.p);
                    held.raw = format!("{} {}", held.raw, claim.raw).trim().to_owned();
                    held.raw.truncate(floor(&held.raw, 400));
                    extend(&mut held.evidence, claim.evidence);
                }
                self.remember(past);
                Some(ChangeKind::Refined)
            }
            Relation::Differs => {
                // A weaker claim does not push out a stronger one; a confirmed value gives way only to a correction or a statement
                // made for this very field.
                let weaker = claim.strength < held.strength.min(Strength::Explicit)
                    && claim.source >= held.source;
                let guarded = held.confirmed && claim.strength < Strength::Answer;
                if (weaker || guarded) && !held.inferred {
                    return None;
                }
                let corrected = claim.strength == Strength::Repair || !held.inferred;
                let status = self.status();
                let past = self.past(
                    status,
                    if corrected {
                        Cause::CallerCorrected
                    } else {
                        Cause::Superseded
                    },
                );
                self.remember(past);
                let mut next = new_held(claim, at_ms);
                next.corrected = corrected;
                self.held = Some(next);
                Some(if corrected {
                    ChangeKind::Corrected
                } else {
                    ChangeKind::New
                })
            }
        }
    }

    /// Puts what all words together bear out in the place of the value held. Nobody corrected anything, and the history does not say so.
    pub fn outweigh(&mut self, claim: Claim) -> Option<ChangeKind> {
        // An address that lacks a part of the one held is another, too; so is what is completed without having been said.
        let other = |held: &Held| match held.value.relate(&claim.value, self.ty) {
            Relation::Differs => true,
            Relation::Same => held.value.address().is_some() && held.value != claim.value,
            Relation::Refines(whole) => {
                claim.inferred || whole.address().is_some() && whole != claim.value
            }
        };
        if self.lock.is_some() || !self.held.as_ref().is_some_and(other) {
            return self.claim(claim);
        }
        let past = self.past(self.status(), Cause::Superseded);
        self.remember(past);
        let at_ms = claim.evidence.last().map_or(0, |e| e.end_ms);
        self.held = Some(new_held(claim, at_ms));
        Some(ChangeKind::New)
    }

    /// A list grows: no correction, no history.
    pub fn grow(&mut self, claim: Claim) -> Option<ChangeKind> {
        if self.lock.is_some() || self.held.is_none() {
            return self.claim(claim);
        }
        let held = self.held.as_mut()?;
        held.value = claim.value;
        held.inferred &= claim.inferred;
        if held.raw.len() < 300 {
            held.raw = format!("{}; {}", held.raw, claim.raw);
        }
        held.p = held.p.min(claim.p);
        extend(&mut held.evidence, claim.evidence);
        Some(ChangeKind::Refined)
    }

    /// Both sides agree on the value held, or on `value` where given.
    pub fn confirm(&mut self, value: Option<Value>, evidence: Vec<Evidence>) -> Option<ChangeKind> {
        if self.lock.is_some() {
            return None;
        }
        let at_ms = evidence.last().map_or(0, |e| e.end_ms);
        if let Some(value) = value
            && self.value() != Some(&value)
        {
            let status = self.status();
            let past = self.past(status, Cause::Superseded);
            self.remember(past);
            match self.held.as_mut() {
                Some(held) => {
                    held.value = value;
                    held.corrected |= false;
                    held.at_ms = at_ms;
                }
                None => {
                    self.held = Some(Held {
                        value,
                        source: Source::AgentSaid,
                        strength: Strength::Answer,
                        inferred: false,
                        confirmed: true,
                        rival: None,
                        corrected: false,
                        disputed: false,
                        gap: false,
                        p: 1.0,
                        raw: evidence
                            .first()
                            .map_or_else(String::new, |e| e.text.clone()),
                        evidence: Vec::new(),
                        at_ms,
                    });
                }
            }
        }
        self.declined = None;
        let status = self.status();
        let was = self
            .held
            .as_ref()
            .is_some_and(|h| h.confirmed && h.rival.is_none());
        let past = if was {
            None
        } else {
            self.past(status, Cause::StatusChanged)
        };
        let held = self.held.as_mut()?;
        held.confirmed = true;
        held.inferred = false;
        held.rival = None;
        extend(&mut held.evidence, evidence);
        if was {
            return None;
        }
        self.remember(past);
        Some(ChangeKind::Confirmed)
    }

    /// The agent read the value back (evidence only).
    pub fn read_back(&mut self, evidence: Evidence) {
        if let Some(held) = self.held.as_mut() {
            extend(&mut held.evidence, vec![evidence]);
        }
    }

    /// The value is denied without another in its place.
    pub fn deny(&mut self, evidence: Evidence) -> Option<ChangeKind> {
        if self.lock.is_some() {
            return None;
        }
        self.refused = self.refused.saturating_add(1);
        let status = self.status();
        let held = self.held.as_mut()?;
        let was = held.confirmed;
        held.confirmed = false;
        extend(&mut held.evidence, vec![evidence]);
        (was && status == Status::Confirmed).then_some(ChangeKind::Refined)
    }

    /// Somebody insists on another value and nothing settles it.
    pub fn contradict(&mut self, rival: Value, evidence: Evidence) -> Option<ChangeKind> {
        if self.lock.is_some() {
            return None;
        }
        let held = self.held.as_mut()?;
        held.rival = Some(rival);
        held.confirmed = false;
        extend(&mut held.evidence, vec![evidence]);
        Some(ChangeKind::Conflict)
    }

    /// The caller will not tell.
    pub fn decline(&mut self, evidence: Evidence) -> Option<ChangeKind> {
        if self.lock.is_some()
            || self
                .held
                .as_ref()
                .is_some_and(|h| h.source == Source::CallerSaid)
        {
            return None;
        }
        let status = self.status();
        if let Some(past) = self.past(status, Cause::Withdrawn) {
            self.remember(Some(past));
        }
        self.held = None;
        let first = self.declined.is_none();
        self.declined = Some(evidence);
        first.then_some(ChangeKind::Declined)
    }

    /// The value was never one.
    pub fn withdraw(&mut self) -> Option<ChangeKind> {
        if self.lock.is_some() {
            return None;
        }
        let status = self.status();
        let past = self.past(status, Cause::Withdrawn)?;
        self.remember(Some(past));
        self.held = None;
        Some(ChangeKind::Withdrawn)
    }

    /// Audio between the two instants was lost: what rests on it cannot count as confirmed.
    pub fn gap(&mut self, start_ms: u64, end_ms: u64, speaker: Speaker) -> bool {
        let Some(held) = self.held.as_mut() else {
            return false;
        };
        let touches = held
            .evidence
            .iter()
            .any(|e| e.speaker == speaker && e.start_ms < end_ms && start_ms < e.end_ms);
        let fresh = touches && !held.gap;
        held.gap |= touches;
        fresh
    }
}

fn new_held(claim: Claim, at_ms: u64) -> Held {
    let mut evidence = Vec::new();
    extend(&mut evidence, claim.evidence);
    Held {
        value: claim.value,
        source: claim.source,
        strength: claim.strength,
        inferred: claim.inferred,
        confirmed: false,
        rival: None,
        corrected: false,
        disputed: false,
        gap: false,
        p: claim.p,
        raw: claim.raw,
        evidence,
        at_ms,
    }
}

/// A caller's claim repeats the value if an earlier turn of the caller's said it too. Letters say again only the word they spell.
fn repeats(held: &Held, claim: &Claim) -> bool {
    let states = |e: &&Evidence| {
        e.speaker == Speaker::Caller && matches!(e.role, Role::States | Role::Keyed)
    };
    claim.source == Source::CallerSaid
        && held.source == Source::CallerSaid
        && claim.evidence.iter().filter(states).any(|new| {
            held.evidence
                .iter()
                .filter(states)
                .all(|old| old.turn != new.turn)
        })
        && held.evidence.iter().any(|e| states(&e))
}

/// Whether the repetition names the whole value: a surname alone does not repeat a full name.
fn whole(held: &Value, claimed: &Value) -> bool {
    held == claimed
        || matches!((held, claimed), (Value::Text(a), Value::Text(b)) if same_text(a, b))
}

/// Types whose repetition proves something. A problem told twice is no more certain to be of that category.
fn confirmable(ty: FieldType) -> bool {
    matches!(
        ty,
        FieldType::Phone
            | FieldType::PersonName
            | FieldType::Address
            | FieldType::Email
            | FieldType::Date
            | FieldType::Code
            | FieldType::TimeWindow
            | FieldType::Time
            | FieldType::Integer
            | FieldType::Money
    )
}

fn extend(evidence: &mut Vec<Evidence>, more: Vec<Evidence>) {
    for e in more {
        if !evidence.contains(&e) {
            if evidence.len() >= MAX_EVIDENCE {
                evidence.remove(1);
            }
            evidence.push(e);
        }
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(number: &str, strength: Strength) -> Claim {
        Claim {
            value: Value::Text(number.to_owned()),
            source: Source::CallerSaid,
            strength,
            inferred: false,
            p: 1.0,
            raw: number.to_owned(),
            evidence: Vec::new(),
        }
    }

    #[test]
    fn what_is_outweighed_was_not_corrected() {
        let mut ledger = Ledger::new(FieldType::Phone);
        ledger.claim(claim("+15125550142", Strength::Explicit));
        // However strongly the value held was stated.
        let change = ledger.outweigh(claim("+15125550173", Strength::Shape));
        assert_eq!(change, Some(ChangeKind::New));
        assert_eq!(
            ledger.value(),
            Some(&Value::Text("+15125550173".to_owned()))
        );
        let causes: Vec<Cause> = ledger.history.iter().map(|p| p.cause).collect();
        assert_eq!(causes, [Cause::Superseded]);
        assert!(!ledger.held.as_ref().unwrap().corrected);
        // A value that nobody held yet has no past.
        let mut empty = Ledger::new(FieldType::Phone);
        empty.outweigh(claim("+15125550173", Strength::Shape));
        assert!(empty.history.is_empty() && empty.value().is_some());
    }
}
