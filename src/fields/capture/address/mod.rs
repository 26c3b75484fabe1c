//! Addresses: which place is meant, parts over turns, and what a read-back adds or denies.

mod agent;
mod amend;
mod asking;
mod echoed;
mod ends;
mod home;
mod offered;
mod piecemeal;
mod talk;
mod which;
mod within;

use crate::fields::address::{self, AddressMention, Expect, related_street};
use crate::fields::word_set::{WordSet, words};
pub use ends::places_of;
pub use home::Homes;

use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::{Part, Reply};
use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, same_text};

/// Compass words, as streets are written.
const COMPASS: &WordSet = words!["North", "South", "East", "West"];

impl State {
    /// Whether any place is held.
    fn any_address(&self) -> bool {
        let mut places = self.vertical.all_of(FieldType::Address).iter();
        places.any(|f| self.ledger(*f).held.is_some())
    }

    /// Addresses in the caller's turn.
    pub fn caller_addresses(&mut self, heard: &mut Heard, reply: &Reply) {
        if self.vertical.first_of(FieldType::Address).is_none() {
            return;
        }
        // "I'm in Raleigh today": where one is now is where one moves from only while nothing else is known.
        let from_known = self
            .field("origin_address")
            .is_some_and(|f| self.ledger(f).held.is_some());
        if from_known {
            let here: Vec<bool> = (heard.hits.all().iter())
                .map(|h| h.mark == Mark::Cue(Cue::Origin) && heard.word(h.end - 1) == "in")
                .collect();
            let mut here = here.into_iter();
            heard.hits.retain(|_| !here.next().unwrap_or(false));
        }
        let context = self.ctx.clone();
        let city = context.business.city.as_deref();
        let pending = self
            .pending
            .iter()
            .any(|p| self.ty(p.field) == FieldType::Address);
        // A unit or a town is told at once or not at all: the next number is a time.
        let asked = self
            .asked_of(FieldType::Address, 1)
            .filter(|a| !matches!(a.part, Part::Unit | Part::City) || a.age == 0)
            .map(|a| a.part);
        let asked = asked.or_else(|| {
            pending
                .then_some(Part::Whole)
                .filter(|_| reply.deny || reply.repair || heard.tokens.len() <= 8)
        });
        // "Where's the apartment?" asks for all of it.
        let asked = match asked {
            Some(Part::Unit)
                if !self.any_address()
                    && (self.last_agent.iter())
                        .any(|w| words!["where", "where's", "what's"].has(w)) =>
            {
                Some(Part::Whole)
            }
            asked => asked,
        };
        let held = self.any_address() && self.place_in_talk(heard);
        // Or the one that the agent's question named.
        let questioned = || {
            let read = self.pending.iter().filter_map(|p| p.value.address());
            read.filter(|a| a.number.is_none())
                .find_map(|a| a.street.clone())
        };
        let known = self.street_in_talk(heard).or_else(questioned);
        let mentions = address::mentions(
            heard,
            Expect {
                asked,
                held,
                city,
                city_missing: self.city_missing(heard),
                city_missing_state: self.state_missing(heard),
                zip_missing: self.zip_missing(heard),
                name_asked: self.asked_of(FieldType::PersonName, 1).is_some(),
                complete: self.place_complete(heard),
                number_missing: self.number_missing(heard),
                number_asked: self.last_agent.iter().any(|w| w.starts_with("number")),
                street_asked: self.asked_of(FieldType::Address, 0).is_some()
                    && self.last_agent.len() <= 6
                    && self.last_agent.iter().any(|w| w == "street"),
                street_missing: self.street_missing(heard),
                part_of_house: ["house", "apartment", "building", "duplex", "whole", "floor"]
                    .iter()
                    .any(|w| self.last_agent.iter().any(|a| a == w)),
                known: known.as_deref(),
                places: self.field("origin_address").is_some(),
            },
        );
        self.mentioned.extend_from_slice(&mentions);
        if self.moves_within(heard, &mentions) {
            return;
        }
        let found = !mentions.is_empty();
        let read = self.read_places();
        self.note_homes(heard);
        self.maybe_place = None;
        let mut previous: Option<(u8, usize)> = None;
        for (at, mention) in mentions.iter().enumerate() {
            // The caller repeats where the business is.
            if self
                .agent_places
                .iter()
                .any(|p| p.agrees(&mention.address) && mention.address.street.is_some())
            {
                heard.take(mention.start, mention.end);
                continue;
            }
            let field = self.address_field(heard, mention, previous, at + 1 == mentions.len());
            let Some(field) = field else {
                self.keep_told(heard, mention);
                continue;
            };
            previous = Some((field, mention.end));
            self.claim_address(heard, mention, field, reply);
            self.share_town(heard, mention, field);
        }
        if let Some((put_right, _)) = previous {
            self.accept_others(heard, &read, put_right);
        }
        if !found {
            self.amend_address(heard, reply);
        } else {
            self.accept_named(heard);
        }
    }

    /// Keeps a house that belongs to a story, as far as is known, for the agent to say back.
    fn keep_told(&mut self, heard: &Heard, mention: &AddressMention) {
        let whole = mention.address.number.is_some() && mention.address.street.is_some();
        if !whole
            || !self.places_are_story()
            || self.story_asked()
            || heard.hits.has(Cue::OtherPlace)
        {
            return;
        }
        let (from, to) = (mention.start, mention.end);
        self.maybe_place = Some(Claim {
            value: Value::Address(mention.address.clone()),
            source: Source::CallerSaid,
            strength: Strength::Shape,
            inferred: false,
            p: word_probability(&heard.tokens, from, to),
            raw: heard.text(from, to),
            evidence: vec![heard.evidence(Role::States, from, to)],
        });
    }

    /// "It's 4210 North Loop Drive. The Cobbler Lane one is fine.": of the places that the agent said the one named again as right.
    fn accept_named(&mut self, heard: &Heard) {
        if !heard.says(words!["fine", "right", "good", "correct", "same", "okay"]) {
            return;
        }
        let named = |a: &Address| {
            a.street.as_deref().is_some_and(|street| {
                let first = street.split(' ').find(|w| w.len() > 5 || !COMPASS.has(w));
                first.is_some_and(|w| heard.has_word(&w.to_lowercase()))
            })
        };
        let Some(at) = self
            .pending
            .iter()
            .position(|p| p.matches && !p.overtaken && p.value.address().is_some_and(named))
        else {
            return;
        };
        let read = self.pending.remove(at);
        if self.value(read.field).is_none() {
            let all = (0, heard.tokens.len());
            self.claim(
                read.field,
                heard,
                all,
                Role::Confirms,
                read.value,
                Strength::Answer,
            );
        }
    }

    /// "Both in Austin": a town alone that is said of both ends of a move.
    fn share_town(&mut self, heard: &Heard, mention: &AddressMention, field: u8) {
        let town = &mention.address;
        if town.street.is_some() || town.city.is_none() || !heard.says(words!["both"]) {
            return;
        }
        let ends = ["origin_address", "destination_address"].map(|f| self.field(f));
        for other in ends.into_iter().flatten().filter(|f| *f != field) {
            let held = self.value(other).and_then(Value::address);
            let Some(held) = held.filter(|a| a.street.is_some() && a.city.is_none()) else {
                continue;
            };
            let value = Value::Address(held.updated(town));
            let span = (mention.start, mention.end);
            self.claim(other, heard, span, Role::States, value, Strength::Answer);
        }
    }

    fn claim_address(
        &mut self,
        heard: &mut Heard,
        mention: &AddressMention,
        field: u8,
        reply: &Reply,
    ) {
        let mut address = mention.address.clone();
        // "Eight or A?" "Eight, thirteen oh eight": the house number again is no ZIP.
        if address.street.is_none()
            && let Some(zip) = &address.postal_code
            && let Some(number) = self.value(field).and_then(|v| v.address()?.number.as_ref())
            && number.len() >= 3
            && zip.ends_with(number.as_str())
        {
            return;
        }
        self.complete_from_agent(field, &mut address);
        self.spell_town_as_agent(field, &mut address);
        if !reply.deny && !reply.repair {
            self.join_number(field, &mut address);
        }
        // "South Dahlia" after "Dahlia Street": one street, said with more.
        if let Some(held) = self.value(field).and_then(Value::address)
            && let (Some(a), Some(b)) = (&held.street, &address.street)
            && held
                .number
                .as_ref()
                .is_none_or(|n| address.number.as_ref().is_none_or(|m| n == m))
        {
            address.street = address::merged(a, b).or(address.street);
        }
        self.add_town_asked(field, &mut address);
        let mut strength = if self.was_asked(field, 1) {
            Strength::Answer
        } else if heard
            .hits
            .before(Cue::AddressLead, mention.start, 2)
            .is_some()
        {
            Strength::Explicit
        } else {
            Strength::Shape
        };
        let repair = reply.deny
            || reply.repair
            || heard.hits.cue(Cue::Repair).any(|h| {
                // "286 Franklin, wait, no, Franklin's the shop, the house is 15 Passaic": everything behind the repair.
                h.end <= mention.start
                    && (mention.start - h.end <= 3 || self.said_in(field, heard, h.start))
            });
        if let Some(held) = self.value(field).and_then(Value::address) {
            let before = heard.tokens[mention.start.saturating_sub(8)..mention.start].iter();
            let elsewhere = before
                .clone()
                .any(|t| t.any(words!["live", "lives", "stop", "mail"]));
            // "Where do we send the bill?" "To my house, that's 91 Adams Street."
            let bill = |w: &str| words!["bill", "invoice", "receipt", "statement"].has(w);
            let billed = self.last_agent.iter().any(|w| bill(w))
                || heard.tokens[..mention.start].iter().any(|t| bill(&t.text));
            // "I live out at ..., but you don't need to come here", "we stop at my storage", "mail it to me at ...".
            if held.number.is_some()
                && (elsewhere && !self.was_asked(field, 0) || billed)
                && !held.agrees(&address)
            {
                return;
            }
            // "Yeah, third floor rear" says again what the unit is.
            if address.street.is_none()
                && held.unit.is_some()
                && heard.tokens[mention.start..mention.end.min(heard.tokens.len())]
                    .iter()
                    .any(|t| t.is("floor"))
            {
                return;
            }
            let same_street = match (&held.street, &address.street) {
                (Some(a), Some(b)) => same_text(a, b) || related_street(a, b),
                _ => true,
            };
            if let (Some(a), Some(b)) = (&held.street, &address.street)
                && held.number.is_none()
                && a.contains(" and ")
                && address.number.is_some()
                && !b.contains(" and ")
            {
                // A corner first, the address after: the address is the place, and the corner no part of it.
                strength = Strength::Repair;
            } else if address.number.is_none()
                && address
                    .street
                    .as_deref()
                    .is_some_and(|s| s.contains(" and "))
                && held.number.is_some()
            {
                // A corner named beside an address only helps to find it.
                return;
            } else if !held.agrees(&address) {
                // "864 Confederate, they renamed it, it's 864 United": the number said again in one breath.
                let renamed = held.number.is_some()
                    && held.number == address.number
                    && address.street.as_deref().is_some_and(|s| s.contains(' '))
                    && self
                        .ledger(field)
                        .held
                        .as_ref()
                        .and_then(|h| h.evidence.last())
                        .is_some_and(|e| e.turn == heard.segment);
                if repair || same_street || renamed {
                    // The parts said now replace theirs; the rest of the place stays.
                    let keep = same_street || address.street.is_none();
                    // Another house, and no other town: "3425 Bryant, no, I'm sorry, 2700 Fremont", in Minneapolis all the same.
                    let town = held
                        .city
                        .clone()
                        .filter(|_| address.city.is_none() && address.state.is_none());
                    let state = held.state.clone().filter(|_| town.is_some());
                    address = if keep {
                        held.updated(&address)
                    } else {
                        Address {
                            city: address.city.or(town),
                            state: address.state.or(state),
                            ..address
                        }
                    };
                    strength = Strength::Repair;
                } else if held.street.is_none()
                    && held.number.is_none()
                    && address.street.is_some()
                    && address.city.is_some()
                {
                    // A town alone gives way to a house that is told with its own.
                    strength = Strength::Repair;
                } else if self.was_asked(field, 0) && !heard.says(words!["live", "lives"]) {
                    strength = Strength::Explicit;
                } else if heard.hits.all().iter().any(|h| {
                    matches!(h.mark, Mark::Cue(Cue::Destination | Cue::Origin))
                        && h.end - h.start > 1
                        && h.end <= mention.start
                        && mention.start - h.end <= 1
                }) {
                    // "And it's all going to ..." settles which of several places it is.
                    strength = Strength::Repair;
                } else {
                    return;
                }
            }
        }
        let disputed = self.pending.iter().any(|p| p.field == field) && repair;
        self.pending.retain(|p| p.field != field || !disputed);
        self.claim(
            field,
            heard,
            (mention.start, mention.end),
            Role::States,
            Value::Address(address),
            strength,
        );
        self.dispute(field, disputed);
        heard.take(mention.start, mention.end);
    }

    /// Whether the place held was said in this very turn, before the token.
    fn said_in(&self, field: u8, heard: &Heard, before: usize) -> bool {
        let word = heard.tokens.get(before).map_or(0, |t| t.word);
        self.ledger(field)
            .held
            .as_ref()
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn == heard.segment && e.word_to <= word)
    }

    /// The address field that was last added to.
    pub fn last_address_field(&self) -> Option<u8> {
        let places = self.vertical.all_of(FieldType::Address).iter();
        places
            .filter_map(|f| {
                let held = self.ledger(*f).held.as_ref()?;
                Some((held.evidence.last().map_or(0, |e| e.end_ms), *f))
            })
            .max()
            .map(|(_, f)| f)
    }

    /// Whether the last thing said or read back was a place rather than a person.
    pub fn last_was_street(&self) -> bool {
        let time = |f: Option<u8>| {
            f.and_then(|f| self.ledger(f).held.as_ref())
                .and_then(|h| h.evidence.last())
                .map_or(0, |e| e.end_ms)
        };
        self.last_address_field().is_some()
            && time(self.last_address_field()) > time(self.last_name_field)
    }
}
