//! A move inside one house: "same building, from the second floor to the sixth", "from 118 to 304".

use crate::fields::address::{self, AddressMention};
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::number;
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, Value};
use crate::fields::word_set::{WordSet, words};

/// Words that put both ends of a move in one house.
const ONE_HOUSE: &WordSet = words!["same", "building", "complex", "tower", "floors", "hall"];

impl State {
    /// Takes both ends of a move that stays in one house, if that is what the turn tells: its street may be said with them or be held.
    pub(super) fn moves_within(&mut self, heard: &mut Heard, mentions: &[AddressMention]) -> bool {
        let (Some(origin), Some(destination)) = (
            self.field("origin_address"),
            self.field("destination_address"),
        ) else {
            return false;
        };
        if !heard.says(words!["to", "into"]) {
            return false;
        }
        let one_house = heard.says(ONE_HOUSE) || self.last_agent.iter().any(|w| ONE_HOUSE.has(w));
        let mut streets = mentions.iter().filter(|m| m.address.street.is_some());
        let said = streets.next().map(|m| m.address.clone());
        let held = || {
            [origin, destination]
                .into_iter()
                .find_map(|f| self.value(f)?.address().filter(|a| a.street.is_some()))
                .cloned()
        };
        let (Some(house), None) = (said.or_else(held), streets.next()) else {
            return false;
        };
        let Some((from, to, named)) = two_units(heard) else {
            return false;
        };
        if !one_house && !named {
            return false;
        }
        let all = (0, heard.tokens.len());
        for (field, unit) in [(origin, from), (destination, to)] {
            let place = Address {
                unit: Some(unit),
                ..house.clone()
            };
            self.claim(
                field,
                heard,
                all,
                Role::States,
                Value::Address(place),
                Strength::Explicit,
            );
        }
        heard.take(all.0, all.1);
        true
    }
}

/// The units that a way leads from and to, and whether both have their noun and nothing else stands between "to" and the second: "we're
/// in suite 310 and we go to suite 410".
fn two_units(heard: &Heard) -> Option<(String, String, bool)> {
    let mut found: Vec<(String, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < heard.tokens.len() && found.len() < 3 {
        let led = heard.any(at.wrapping_sub(1), words!["from", "to", "into"]);
        let bare = || {
            number::run_at(&heard.tokens, at)
                .filter(|r| led && (1..=4).contains(&r.digits().len()))
                .map(|r| (r.digits().to_owned(), r.end))
        };
        // "... to the sixth", behind a floor.
        let the = || {
            (!found.is_empty() && heard.any(at.wrapping_sub(2), words!["to", "into"]))
                .then(|| address::floor_at(heard, at))
                .flatten()
        };
        match address::housed_at(heard, at).or_else(bare).or_else(the) {
            Some((id, end)) => {
                found.push((id, at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    let [(a, first, end), (b, start, _)] = &found[..] else {
        return None;
    };
    let leads = (*end..*start).any(|i| heard.any(i, words!["to", "into"]));
    let led = heard.any(start.wrapping_sub(1), words!["to", "into"]);
    let named =
        led && heard.tokens[*start].num == Num::None && heard.tokens[*first].num == Num::None;
    (leads && a != b).then(|| (a.clone(), b.clone(), named))
}
