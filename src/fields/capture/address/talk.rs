//! What of a place is still being talked about: the parts that are missing.

use crate::fields::dialogue::Part;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};

impl State {
    /// Whether the address spoken of a moment ago lacks its city.
    pub(super) fn city_missing(&self, heard: &Heard) -> bool {
        self.last_address_field().is_some_and(|f| {
            let recent = self
                .ledger(f)
                .held
                .as_ref()
                .and_then(|h| h.evidence.last())
                .is_some_and(|e| e.turn + 3 >= heard.segment);
            recent
                && self
                    .value(f)
                    .and_then(Value::address)
                    .is_some_and(|a| a.city.is_none() && a.street.is_some())
        })
    }

    /// Whether the town spoken of in the last turn lacks its state.
    pub(super) fn state_missing(&self, heard: &Heard) -> bool {
        self.last_address_field().is_some_and(|f| {
            let recent = self
                .ledger(f)
                .held
                .as_ref()
                .and_then(|h| h.evidence.last())
                .is_some_and(|e| e.turn + 2 >= heard.segment);
            recent
                && self
                    .value(f)
                    .and_then(Value::address)
                    .is_some_and(|a| a.city.is_some() && a.state.is_none())
        })
    }

    /// The street spoken of a moment ago.
    pub(super) fn street_in_talk(&self, heard: &Heard) -> Option<String> {
        let field = self.last_address_field()?;
        self.spoken_within(field, heard, 4)
            .then(|| self.value(field)?.address()?.street.clone())
            .flatten()
    }

    /// Whether the place spoken of in the last turns lacks its ZIP, and no other number is waited for.
    pub(super) fn zip_missing(&self, heard: &Heard) -> bool {
        let number_asked = self
            .asked
            .iter()
            .any(|a| a.age <= 1 && matches!(self.ty(a.field), FieldType::Phone | FieldType::Code));
        !number_asked
            && !self.digits.is_open()
            && self.last_address_field().is_some_and(|f| {
                self.spoken_within(f, heard, 2)
                    && self
                        .value(f)
                        .and_then(Value::address)
                        .is_some_and(|a| a.postal_code.is_none() && a.street.is_some())
            })
    }

    /// Whether the place asked for, or spoken of a moment ago, has its number and its street and no unit.
    pub(super) fn place_complete(&self, heard: &Heard) -> bool {
        let digits = self
            .asked
            .iter()
            .any(|a| matches!(self.ty(a.field), FieldType::Phone | FieldType::Code));
        let in_talk = || {
            self.last_address_field()
                .filter(|f| !digits && !self.digits.is_open() && self.spoken_within(*f, heard, 2))
        };
        let asked = self.asked_of(FieldType::Address, 1).map(|a| a.field);
        asked.or_else(in_talk).is_some_and(|field| {
            self.value(field)
                .and_then(Value::address)
                .is_some_and(|a| a.number.is_some() && a.street.is_some() && a.unit.is_none())
        })
    }

    /// Whether the number of the house is what was asked for, or all that is missing of what was asked for.
    pub(super) fn number_missing(&self, heard: &Heard) -> bool {
        let Some(asked) = self.asked_of(FieldType::Address, 0) else {
            return false;
        };
        let other = self
            .asked
            .iter()
            .any(|a| a.age == 0 && matches!(self.ty(a.field), FieldType::Phone | FieldType::Code));
        let held = self.value(asked.field).and_then(Value::address);
        !other
            && asked.part == Part::Whole
            && !self.digits.is_open()
            && held.is_none_or(|a| {
                a.number.is_none() && a.street.as_deref().is_none_or(|s| !s.contains(" and "))
                    || a.street.is_none()
            })
            && heard.tokens.len() <= 24
    }

    /// Whether a house number was said a moment ago and its street was not.
    pub(super) fn street_missing(&self, heard: &Heard) -> bool {
        self.last_address_field().is_some_and(|f| {
            self.spoken_within(f, heard, 3)
                && self
                    .value(f)
                    .and_then(Value::address)
                    .is_some_and(|a| a.number.is_some() && a.street.is_none())
        })
    }

    pub(super) fn spoken_within(&self, field: u8, heard: &Heard, turns: u32) -> bool {
        self.ledger(field)
            .held
            .as_ref()
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn + turns >= heard.segment)
    }

    /// Whether the place held was spoken of so lately that a unit alone adds to it.
    pub(super) fn place_in_talk(&self, heard: &Heard) -> bool {
        self.last_address_field()
            .and_then(|f| self.ledger(f).held.as_ref())
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn + 6 >= heard.segment)
    }
}
