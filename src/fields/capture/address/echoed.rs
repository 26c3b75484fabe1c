//! The rest of a place, town and ZIP, that the agent says after the caller: what both have said stands, whatever lists know of it.

use crate::fields::address;
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::number::Run;
use crate::fields::state::State;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{Address, Value, same_text, title_case};
use crate::fields::word_set::words;

/// Longest name of a town, in words.
const TOWN_WORDS: usize = 3;

impl State {
    /// "Wimberley?" "Yes, wimberly.": the town that the agent has just named, however the recogniser wrote it of the caller.
    pub(super) fn spell_town_as_agent(&self, field: u8, address: &mut Address) {
        let read = self.pending.iter().find(|p| p.field == field);
        let named = read.and_then(|p| p.value.address()?.city.as_ref());
        if let (Some(named), Some(city)) = (named, &mut address.city)
            && strsim::jaro_winkler(&named.to_lowercase(), &city.to_lowercase()) >= 0.92
        {
            city.clone_from(named);
        }
    }

    /// "4120 Farm Road, or is it 4210?" "4210 Farm Road.", "for nineteen West Wilson" "Four nineteen West Wilson?": of the numbers that
    /// the caller's words can be, the one that the agent understood.
    pub(super) fn understood_number(&self, held: &Address, read: &Address) -> bool {
        let (Some(held), Some(read)) = (&held.number, &read.number) else {
            return false;
        };
        let led = read.strip_suffix(held.as_str()).is_some_and(|head| {
            let sounds = match head {
                "4" => words!["for", "fore"],
                "2" => words!["to", "too"],
                _ => return false,
            };
            self.last_caller.iter().any(|w| sounds.has(w))
        });
        held != read
            && (led
                || (self.told.repaired || self.told.short.len() > 1)
                    && self.told.short.contains(read))
    }

    /// "Buda, 78610. You're all set." after "Buda. 78610.": what the agent says back of it.
    pub(super) fn echoed_rest(&mut self, heard: &Heard) -> bool {
        let told = self.told.zip.take();
        let field = self.last_address_field();
        let Some(field) = field.filter(|f| self.spoken_within(*f, heard, 4)) else {
            return false;
        };
        let Some(held) =
            (self.value(field).and_then(Value::address)).filter(|a| a.street.is_some())
        else {
            return false;
        };
        let is_zip = |r: &&Run| {
            r.digits().len() == 5
                && Some(r.digits()) == told.as_deref()
                && Some(r.digits()) != held.number.as_deref()
        };
        let zip = heard.runs.iter().find(is_zip);
        let town = self.town_after_caller(heard, zip.map(|r| r.start));
        let mut value = held.clone();
        if let Some(run) = zip {
            value.postal_code = Some(run.digits().to_owned());
        }
        if let Some((from, to)) = town {
            let name = title_case(&heard.text(from, to)).replace("St ", "Saint ");
            let known = value.city.as_deref();
            if !known.is_some_and(|c| same_text(c, &name)) {
                value.city = Some(name);
            }
        }
        if value == *held {
            return false;
        }
        let spans = town.into_iter().chain(zip.map(|r| (r.start, r.end)));
        let (from, to) = spans.fold((usize::MAX, 0), |(a, b), s| (a.min(s.0), b.max(s.1)));
        let value = Value::Address(value);
        self.claim(
            field,
            heard,
            (from, to),
            Role::ReadsBack,
            value,
            Strength::Repair,
        );
        true
    }

    /// The town that ends before the ZIP at `zip`, or that heads the turn, in the words with which the caller has just told it.
    fn town_after_caller(&self, heard: &Heard, zip: Option<usize>) -> Option<(usize, usize)> {
        let told = self.last_caller.concat();
        let name = |i: usize| {
            address::is_townlike(heard.word(i))
                && heard.tokens[i].num == Num::None
                && !heard.taken[i]
        };
        let said = |from: usize, to: usize| {
            let joined: String = (from..to).map(|i| heard.word(i)).collect();
            joined.len() >= 4 && told.contains(&joined)
        };
        if let Some(zip) = zip {
            // "Tulsa, Oklahoma, 74104"
            let state = |n: &usize| {
                let at = zip.checked_sub(*n);
                let found = at.and_then(|at| tables().state(&heard.tokens, at, true));
                found.is_some_and(|s| s.1 == *n)
            };
            let to = zip - (1..=2).find(state).unwrap_or(0);
            let ends = |listed: bool| {
                let from = |n: usize| {
                    let from = to.checked_sub(n)?;
                    let known = tables().city(&heard.tokens, from) == Some(n);
                    let free = !(from..to).any(|i| heard.taken[i]);
                    let fits = if listed {
                        known && free
                    } else {
                        (from..to).all(name)
                    };
                    (fits && said(from, to)).then_some((from, to))
                };
                (1..=TOWN_WORDS).rev().find_map(from)
            };
            return ends(true).or_else(|| ends(false));
        }
        // "San Marcos, okay": a town by the list, however the recogniser wrote it when the caller said it.
        let at = usize::from(heard.any(0, words!["okay", "alright", "in", "oh"]));
        let used = tables().city(&heard.tokens, at)?;
        let closes = heard.tokens[at + used - 1].stop > Stop::None
            || heard.any(at + used, words!["is", "what's", "what", "zip"])
            || at + used == heard.tokens.len()
            || heard.any(
                at + used,
                words!["okay", "ok", "alright", "got", "and", "perfect"],
            );
        let joined: String = (at..at + used).map(|i| heard.word(i)).collect();
        let alike = (1..=TOWN_WORDS).any(|n| {
            let mut spans = self.last_caller.windows(n);
            spans
                .any(|w| w.concat().len() >= 5 && strsim::jaro_winkler(&w.concat(), &joined) >= 0.9)
        });
        (closes && alike).then_some((at, at + used))
    }

    /// "Right, in Taylor." "Taylor, okay. And your name?": a town no list knows, for the agent says it after the caller.
    pub(super) fn echoed_town(&mut self, heard: &Heard) -> bool {
        let Some(field) = (self.last_address_field()).filter(|f| self.spoken_within(*f, heard, 3))
        else {
            return false;
        };
        let Some(held) = self.value(field).and_then(Value::address) else {
            return false;
        };
        let told = self.last_caller.clone();
        let led = match &told[..] {
            [.., before, _] => matches!(before.as_str(), "in" | "no" | "it's"),
            _ => false,
        };
        let name = told
            .last()
            .filter(|w| led && told.len() <= 5 && heard.word(0) == *w);
        let closes = heard.tokens[0].stop > Stop::None
            || heard.any(
                1,
                words!["okay", "ok", "sorry", "alright", "got", "and", "perfect"],
            );
        let led_in = told.len() >= 2 && told[told.len() - 2] == "in";
        let town = |w: &&String| address::is_townlike(w) && (led_in || !tables().is_given(w));
        let Some(name) = name.filter(town) else {
            return false;
        };
        if !closes || held.city.is_some() || held.street.is_none() {
            return false;
        }
        let value = Address {
            city: Some(title_case(name)),
            ..held.clone()
        };
        let span = (0, 1);
        self.claim(
            field,
            heard,
            span,
            Role::ReadsBack,
            Value::Address(value),
            Strength::Answer,
        );
        true
    }
}
