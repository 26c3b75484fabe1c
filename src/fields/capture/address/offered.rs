//! Parts of a place that the agent offers: the town ("is that in Hutto?"), the state ("Michigan?"), the type of the street ("Boulevard?").
//! A yes takes them.

use crate::fields::address;
use crate::fields::cue::Cue;
use crate::fields::dialogue::{Asked, Part};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, Value, title_case};
use crate::fields::word_set::words;

/// A place is spoken of for this long after it came to be.
const TALK_MS: u64 = 60_000;

impl State {
    /// Takes a part of the place held as offered, if the turn offers one.
    pub(super) fn offer_parts(&mut self, heard: &Heard) {
        if !is_offer(heard) {
            return;
        }
        let Some(field) = self.last_address_field() else {
            return;
        };
        let Some(held) = self.value(field).and_then(Value::address) else {
            return;
        };
        let old = self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| self.last_end_ms.saturating_sub(h.at_ms) > TALK_MS);
        if old {
            return;
        }
        let offered = self
            .offered_town(heard, 0, held)
            .or_else(|| offered_state(heard, held))
            .or_else(|| offered_type(heard, held))
            .or_else(|| offered_street(heard, held));
        if let Some((value, from, to)) = offered {
            let typed = held.street.is_some() && value.street != held.street;
            let evidence = heard.evidence(Role::ReadsBack, from, to);
            // "Street?" "Street, yeah": the answer may say the type again.
            if typed {
                self.asked.push(Asked {
                    field,
                    age: 0,
                    at: from,
                    spelling: false,
                    part: Part::Type,
                });
            }
            self.await_yes(field, Value::Address(value), true, evidence);
        }
    }

    /// A town said at or after `from`, for a place that has none.
    pub(super) fn offered_town(
        &self,
        heard: &Heard,
        from: usize,
        held: &Address,
    ) -> Option<(Address, usize, usize)> {
        if held.city.is_some() || held.street.is_none() && held.number.is_some() {
            return None;
        }
        let n = heard.tokens.len();
        (from..n).find_map(|at| {
            let led = at == 0
                || at == from
                || heard.tokens[at - 1].any(words!["in", "that's", "here", "is", "also", "still"]);
            let used = self.town_words(heard, at)?;
            // "Burnet Road" names a street.
            if address::street_type(heard.word(at + used)).is_some() {
                return None;
            }
            // "Two guys finishing up in Brookline, they could ..." tells of somebody else.
            let edge = at <= 4 || n - (at + used).min(n) <= 3;
            if !led || !edge {
                return None;
            }
            let state = tables().state(&heard.tokens, at + used, false);
            let end = at + used + state.as_ref().map_or(0, |s| s.1);
            let value = Address {
                city: Some(title_case(&heard.text(at, at + used)).replace("St ", "Saint ")),
                state: state.map(|s| s.0).or_else(|| held.state.clone()),
                ..held.clone()
            };
            Some((value, at, end))
        })
    }

    /// How many words at `at` are a town: the business's own, a known one, or any name that the agent asks about and nothing else.
    fn town_words(&self, heard: &Heard, at: usize) -> Option<usize> {
        let own = self.ctx.business.city.as_deref().filter(|c| {
            c.split(' ')
                .enumerate()
                .all(|(i, w)| heard.word(at + i).eq_ignore_ascii_case(w))
        });
        if let Some(city) = own {
            return Some(city.split(' ').count());
        }
        tables().city(&heard.tokens, at).or_else(|| {
            let n = heard.tokens.len();
            let tail = (at..n)
                .rev()
                .take_while(|i| {
                    heard.tokens[*i].any(words!["right", "correct", "then", "sir", "ma'am", "okay"])
                })
                .count();
            let used = n - tail - at;
            let asked = n <= 8
                && heard.word(at.wrapping_sub(1)) == "in"
                && (at..at + used).all(|i| {
                    let word = heard.word(i);
                    word.len() > 2
                        && word.chars().all(char::is_alphabetic)
                        && !tables().is_closed(word)
                });
            let strange =
                (at..at + used).any(|i| !tables().is_word(heard.word(i)) || heard.tokens[i].upper);
            (asked && strange && (1..=3).contains(&used)).then_some(used)
        })
    }
}

/// Whether the agent puts something to the caller rather than telling it.
fn is_offer(heard: &Heard) -> bool {
    heard.hits.has(Cue::ConfirmAsk)
        || heard.tokens.iter().any(|t| t.stop == Stop::Question)
        || heard
            .tokens
            .iter()
            .take(2)
            .any(|t| t.any(words!["is", "that's", "in", "so"]))
        // "Terre Haute" alone, after the street.
        || heard.tokens.len() <= 3
}

/// "Michigan", after the town.
fn offered_state(heard: &Heard, held: &Address) -> Option<(Address, usize, usize)> {
    if held.city.is_none() || held.state.is_some() || heard.tokens.len() > 4 {
        return None;
    }
    let (at, (code, used)) = (0..heard.tokens.len())
        .find_map(|i| tables().state(&heard.tokens, i, false).map(|s| (i, s)))?;
    let value = Address {
        state: Some(code),
        ..held.clone()
    };
    Some((value, at, at + used))
}

/// "Farmington Lane?", or "Boulevard?" alone, for a street without its type.
pub(super) fn offered_type(heard: &Heard, held: &Address) -> Option<(Address, usize, usize)> {
    let street = held.street.as_ref()?;
    let last = street.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let kind_of = |at: usize| address::street_type(heard.word(at));
    if address::street_type(&last).is_some() || heard.says(words!["or"]) {
        return None;
    }
    let n = heard.tokens.len();
    let named = (0..n).find(|at| last == heard.word(*at) && kind_of(at + 1).is_some());
    // "Boulevard", "that's a street, right": a type and no name.
    let alone = || (0..n).find(|at| n <= 5 && kind_of(*at).is_some());
    let (from, at) = match named {
        Some(at) => (at, at + 1),
        None => alone().map(|at| (at, at))?,
    };
    let value = Address {
        street: Some(format!("{street} {}", title_case(kind_of(at)?))),
        ..held.clone()
    };
    Some((value, from, at + 1))
}

/// "West Hopkins?", for a place of which only the town is known.
fn offered_street(heard: &Heard, held: &Address) -> Option<(Address, usize, usize)> {
    let n = heard.tokens.len();
    if held.street.is_some() || held.city.is_none() || n > 4 {
        return None;
    }
    let (street, from, to) = address::street_asked(heard)?;
    let value = Address {
        street: Some(street),
        ..held.clone()
    };
    Some((value, from, to))
}
