//! A place told in pieces: its number in several breaths, its street as the agent had it, its town as the agent's question named it; and of
//! several places said back together, those that nobody put right.

use crate::fields::address;
use crate::fields::dialogue::ReadBack;
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value};

/// The most digits of a house number.
const NUMBER: usize = 5;

impl State {
    /// The places that the agent has just said and that nobody else has given.
    pub(super) fn read_places(&self) -> Vec<ReadBack> {
        let open = |p: &&ReadBack| {
            self.ty(p.field) == FieldType::Address && p.matches && self.value(p.field).is_none()
        };
        self.pending.iter().filter(open).cloned().collect()
    }

    /// "From 4417 Mineral Point Road to 26 Fox Hollow Lane?" "It's 62.": what is put right is one of them, and the other stands.
    pub(super) fn accept_others(&mut self, heard: &Heard, read: &[ReadBack], put_right: u8) {
        if !read.iter().any(|p| p.field == put_right) {
            return;
        }
        for p in read.iter().filter(|p| p.field != put_right) {
            if self.value(p.field).is_some() {
                continue;
            }
            self.pending.retain(|q| q.field != p.field);
            let all = (0, heard.tokens.len());
            let value = p.value.clone();
            self.claim(p.field, heard, all, Role::Confirms, value, Strength::Answer);
        }
    }

    /// What the agent said of a place that nobody has given yet completes the part that the caller puts right: "Saddleback Circle" after
    /// "2240 Saddleback Court", "62 Fox Hollow" after "26 Fox Hollow Lane", "4302" after "the number on Avenue G?".
    pub(super) fn complete_from_agent(&self, field: u8, address: &mut Address) {
        let read = self.pending.iter().find(|p| p.field == field);
        let Some(known) = read.and_then(|p| p.value.address()) else {
            return;
        };
        if self.value(field).is_some() {
            return;
        }
        match (&known.street, &address.street) {
            (Some(a), Some(b)) => {
                if let Some(one) = address::merged(a, b) {
                    address.street = Some(one);
                    *address = known.updated(address);
                } else if address.number.is_none() && a.split(' ').next() == b.split(' ').next() {
                    *address = known.updated(address);
                }
            }
            // "Moving from Kyle to Bozeman?" "Yep, from 280 County Road 158": the house in the town that the agent named.
            (None, Some(_)) if known.number.is_none() && known.agrees(address) => {
                *address = known.updated(address)
            }
            (_, None) if address.number.is_some() || address.unit.is_some() => {
                *address = known.updated(address)
            }
            _ => {}
        }
    }

    /// "Twelve", "mm hm", "twelve fifty one"; "three", "uh huh", "seven two": a number that goes on while the agent listens.
    pub(super) fn join_number(&self, field: u8, address: &mut Address) {
        let held = self.value(field).and_then(Value::address);
        let Some(held) = held.filter(|a| a.street.is_none() && address.street.is_none()) else {
            return;
        };
        let (Some(first), Some(more)) = (&held.number, &address.number) else {
            return;
        };
        let joined = format!("{first}{more}");
        let half = joined.len() / 2;
        // "Three", "seven", "two two ... thirty seven twenty two": digit by digit, and then all of it.
        let twice = joined.len() > NUMBER && joined.get(..half) == joined.get(half..);
        let again = first.len() > 1
            && more.len() >= first.len()
            && more.starts_with(first.trim_end_matches('0'));
        address.number = Some(match (twice, again || joined.len() > NUMBER) {
            (true, _) => more.get(more.len() - half..).unwrap_or(more).to_owned(),
            (_, true) if more.len() > NUMBER => first.clone(),
            (_, true) => more.clone(),
            _ => joined,
        });
    }

    /// "And where in Gering?" "On Tenth Street": the town is the one that the agent asked about.
    pub(super) fn add_town_asked(&mut self, field: u8, address: &mut Address) {
        let Some(town) = self.town_asked.take() else {
            return;
        };
        if (address.street.is_some() || address.postal_code.is_some())
            && address.state.is_none()
            && (address.city.is_none() || town.city.is_none())
            && self.was_asked(field, 0)
        {
            let held = self.value(field).and_then(Value::address);
            if held.is_none_or(|a| a.city.is_none() && a.state.is_none()) {
                address.city = address.city.take().or(town.city);
                address.state = town.state;
            }
        }
    }
}
