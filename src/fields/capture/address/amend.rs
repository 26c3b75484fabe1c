//! What puts right a place just said or said back, without being a place itself: a number, a type, a contrast.

use crate::fields::address;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::phone::repair;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, same_text, title_case};
use crate::fields::word_set::words;

impl State {
    /// "No, 414", "lane not road", "maplewood not maple grove".
    pub(super) fn amend_address(&mut self, heard: &mut Heard, reply: &Reply) {
        let pending = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::Address)
            .map(|p| p.field);
        let Some(field) = pending.or_else(|| self.last_address_field()) else {
            return;
        };
        // What the agent has just said stands for what nobody has given yet.
        let said = self
            .pending
            .iter()
            .find(|p| p.field == field)
            .and_then(|p| p.value.address());
        let Some(held) = self.value(field).and_then(Value::address).or(said).cloned() else {
            return;
        };
        // "Sycamore Drive?" "Lane.": the type alone puts right what was said back, or completes it.
        let other_type = || {
            let kind = address::street_type(heard.word(0)).filter(|_| heard.tokens.len() == 1)?;
            let street = held.street.as_deref()?;
            let typed = |last: &str| address::street_type(&last.to_lowercase()).is_some();
            let name = match street.rsplit_once(' ').filter(|(_, last)| typed(last)) {
                Some((name, last)) => {
                    Some(name).filter(|_| pending.is_some() && !same_text(kind, last))
                }
                None => Some(street).filter(|_| self.spoken_within(field, heard, 3)),
            };
            Some(Address {
                street: Some(format!("{} {}", name?, title_case(kind))),
                ..held.clone()
            })
        };
        let fixed = address::contrast(heard, &held)
            .or_else(other_type)
            .or_else(|| {
                let run = heard.runs.iter().find(|r| {
                    !heard.is_taken(r.start, r.end) && (1..=10).contains(&r.digits().len())
                })?;
                let digits = corrected(heard, held.number.as_deref(), run.digits());
                let digits = digits.as_str();
                if digits.len() > 6 {
                    return None;
                }
                // "No, Leander, and it's 78641": five digits for a shorter house number are the ZIP.
                if digits.len() == 5
                    && held.postal_code.is_none()
                    && held.number.as_ref().is_some_and(|n| n.len() < 5)
                {
                    return None;
                }
                // Nearly the digits that the agent has just said, and nothing else: they are put right without a no.
                let near = held.number.as_deref().is_some_and(|n| {
                    n.len() == digits.len()
                        && digits.len() >= 3
                        && strsim::osa_distance(n, digits) <= 2
                        && heard.tokens.len() <= run.end - run.start + 2
                });
                // The caller's own number once more, where the agent said another.
                let insists = self
                    .value(field)
                    .and_then(Value::address)
                    .is_some_and(|a| a.number.as_deref() == Some(digits))
                    && self.pending.iter().any(|p| {
                        p.field == field
                            && p.value
                                .address()
                                .is_some_and(|a| a.number.as_deref() != Some(digits))
                    });
                let about = pending.is_some() && (reply.deny || reply.repair || near || insists);
                // "No, six zero, sixteen sixty": the number held, said again at the end.
                let digits = match &held.number {
                    Some(n)
                        if n.len() >= 3
                            && digits.len() > n.len() + 1
                            && digits.ends_with(n.as_str()) =>
                    {
                        n
                    }
                    _ => digits,
                };
                // "Unit 14?" "No, forty, four zero", "it's 41": as long as the unit and shorter than the house number.
                let unit = held.unit.as_ref().is_some_and(|u| {
                    u.len() == digits.len() && u.bytes().all(|b| b.is_ascii_digit())
                }) && held.number.as_ref().is_some_and(|n| n.len() > digits.len());
                let alone = pending.is_some() && heard.tokens.len() <= run.end - run.start + 2;
                // "No, no, two thirty. People always go to the wrong one."
                let at_once = reply.deny
                    && run.start <= 4
                    && heard.tokens[run.end - 1].ends_clause()
                    && held
                        .number
                        .as_ref()
                        .is_some_and(|n| n.len() == digits.len());
                let long = heard.tokens.len() > run.end - run.start + 8;
                if !(about || unit && alone) || long && !at_once {
                    return None;
                }
                let part = Some(digits.to_owned());
                Some(match unit {
                    true => Address {
                        unit: part,
                        ..held.clone()
                    },
                    false => Address {
                        number: part,
                        ..held.clone()
                    },
                })
            });
        if let Some(fixed) = fixed {
            self.pending.retain(|p| p.field != field);
            if let Some(places) = &mut self.places {
                places.put_right(&held, fixed.clone());
            }
            self.claim(
                field,
                heard,
                (0, heard.tokens.len()),
                Role::States,
                Value::Address(fixed),
                Strength::Repair,
            );
            self.dispute(field, true);
        }
    }
}

/// The house number that digits said against `held` make: said twice ("four eighteen, four one eight"), with its end once more ("6621,
/// two one at the end"), or its end alone ("no, two one at the end").
fn corrected(heard: &Heard, held: Option<&str>, digits: &str) -> String {
    let half = digits.len() / 2;
    if digits.len() >= 6
        && digits.len().is_multiple_of(2)
        && digits.get(..half) == digits.get(half..)
    {
        return digits.get(..half).unwrap_or(digits).to_owned();
    }
    let Some(held) = held else {
        return digits.to_owned();
    };
    if let Some(whole) = repair::with_its_end(digits, held.len()) {
        return whole.to_owned();
    }
    match held
        .len()
        .checked_sub(digits.len())
        .and_then(|n| held.get(..n))
    {
        Some(head) if heard.says(words!["end", "last"]) => format!("{head}{digits}"),
        _ => digits.to_owned(),
    }
}
