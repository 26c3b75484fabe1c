//! Which of a vertical's places an address is: where the service is wanted, where a move begins, where it ends.

use crate::fields::address::AddressMention;
use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::state::State;
use crate::fields::token::among;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, same_text};

use super::related_street;

/// Words of letters and neighbours: the place named after them is not where the service is wanted, if another follows.
const NOT_HERE: &[&str] = &[
    "bill",
    "bills",
    "billing",
    "invoice",
    "mail",
    "mailing",
    "send",
    "neighbor",
    "neighbors",
    "neighbor's",
    "live",
    "lives",
    "old",
    "used",
    "mother's",
    "box",
];

/// Words of a question for a place.
const PLACE_ASKED: &[&str] = &[
    "where",
    "where's",
    "whereabouts",
    "place",
    "street",
    "renting",
    "rent",
    "staying",
    "living",
    "live",
    "apartment",
    "house",
    "home",
    "property",
    "located",
    "room",
];

/// Words of a question for where something happened, or for somebody else's place.
const STORY_ASKED: &[&str] = &[
    "did", "was", "were", "happen", "happened", "accident", "crash", "wreck", "fall", "fell",
    "hurt", "hit", "incident", "work", "works", "worked", "store", "employer", "his", "their",
    "he", "they",
];

/// Words of a question for how the caller came to call.
const REFERRED: &[&str] = &[
    "hear",
    "heard",
    "refer",
    "referred",
    "referral",
    "recommend",
    "recommended",
    "found",
];

impl State {
    /// Which of the vertical's places is meant.
    pub(super) fn address_field(
        &self,
        heard: &Heard,
        mention: &AddressMention,
        previous: Option<(u8, usize)>,
        last: bool,
    ) -> Option<u8> {
        let origin = self.field("origin_address");
        let destination = self.field("destination_address");
        // What the agent has just said back is being put right.
        let mut said_back = self
            .pending
            .iter()
            .filter(|p| self.ty(p.field) == FieldType::Address && self.value(p.field).is_none());
        let first = said_back.clone().next();
        let same = said_back.find(|p| {
            let street = |a: Option<&Address>| a.and_then(|a| a.street.clone());
            let (a, b) = (street(p.value.address()), street(Some(&mention.address)));
            a.zip(b)
                .is_some_and(|(a, b)| related_street(&a, &b) || same_text(&a, &b))
        });
        if let Some(p) = same.or(first) {
            return Some(p.field);
        }
        // In a law office and at a doctor's places belong to the story unless the caller's own address was asked for.
        // "My new address is 44 Sunset Trail" is told to be written down.
        let told = || {
            heard
                .hits
                .before(Cue::AddressLead, mention.start, 1)
                .is_some()
                && heard.says(&["address"])
                && heard.says(&["my", "our", "new", "mailing", "home"])
        };
        if self.places_are_story()
            && !told()
            && self.asked_of(FieldType::Address, 1).is_none()
            && !self.answers_where(heard, mention)
        {
            return None;
        }
        if origin.is_some() || destination.is_some() {
            let from = previous
                .map_or(mention.start.saturating_sub(12), |p| p.1)
                .min(mention.start);
            let last = |cue: Cue| {
                heard
                    .hits
                    .cue(cue)
                    .filter(|h| h.start >= from && h.end <= mention.start)
                    .map(|h| h.end)
                    .max()
            };
            let o = last(Cue::Origin);
            // A bare "to" counts only right before the place.
            let d = heard
                .hits
                .cue(Cue::Destination)
                .filter(|h| {
                    h.start >= from
                        && h.end <= mention.start
                        && (h.end - h.start > 1
                            || mention.start - h.end <= 1
                            || heard.any(h.end, &["my", "our", "his", "her", "their"])
                            // "Home to us at 14 Quail Run"
                            || mention.start - h.end <= 2
                                && heard.any(h.end, &["us", "me", "them", "him"])
                            // "From her condo to the memory care over on Parker Road"
                            || o.is_some_and(|o| o <= h.start)
                                && matches!(heard.word(h.end), "the" | "a" | "an"))
                })
                .map(|h| h.end)
                .max();
            let asked = self.asked_of(FieldType::Address, 1).map(|a| a.field);
            let by_words = match (o, d) {
                (Some(a), Some(b)) => Some(if b > a { destination } else { origin }),
                (Some(_), None) => Some(origin),
                (None, Some(_)) => Some(destination),
                (None, None) => None,
            };
            // "It's in Somerville, and I'm in Jamaica Plain": of two places in one breath the second is where it goes.
            let here =
                o.is_some_and(|end| d.is_none_or(|d| d < end) && heard.word(end - 1) == "in");
            if let (Some(field), Some((first, _))) = (by_words, previous)
                && here
                && field == origin
                && Some(first) == origin
            {
                return destination;
            }
            // "From my church to my house. The church is 410 Ridge Road": which end it is came out before.
            let home = self.end_of_home(heard, o.max(d).unwrap_or(from), mention.start);
            if home.is_some() && mention.address.street.is_some() {
                return home;
            }
            if let Some(field) = by_words {
                return field;
            }
            if let Some((field, end)) = previous {
                // "53 Oakdale, no, sorry, 35 Oakdale": the same place again.
                if crate::fields::phone::is_repair(heard, end.min(mention.start), mention.start) {
                    return Some(field);
                }
                // "From Isla Vista, it's 6521 Del Playa Drive": the street of the town just named.
                let town_only = self
                    .value(field)
                    .and_then(Value::address)
                    .is_some_and(|a| a.street.is_none() && a.agrees(&mention.address));
                if town_only && mention.address.street.is_some() {
                    return Some(field);
                }
                return if Some(field) == origin {
                    destination
                } else {
                    origin
                };
            }
            // "Sorry, it's 1220 Park Avenue, apartment five": the same house again, whichever was asked for.
            let again = [origin, destination].into_iter().flatten().find(|f| {
                self.value(*f).and_then(Value::address).is_some_and(|a| {
                    a.street.is_some()
                        && (&a.number, &a.street)
                            == (&mention.address.number, &mention.address.street)
                })
            });
            if again.is_some() {
                return again;
            }
            // A unit, a city alone: the place last spoken of, unless one was asked for.
            if mention.address.street.is_none() {
                return asked.or_else(|| self.last_address_field());
            }
            if asked.is_some() {
                let both = self
                    .asked
                    .iter()
                    .filter(|a| {
                        a.age <= 1 && (Some(a.field) == origin || Some(a.field) == destination)
                    })
                    .count()
                    > 1;
                // "Which address did we deliver to?"
                let delivered = self.last_agent.iter().any(|w| {
                    matches!(w.as_str(), "deliver" | "delivered" | "delivery" | "dropped")
                });
                if both && delivered && destination.is_some_and(|f| self.ledger(f).held.is_none()) {
                    return destination;
                }
                if both {
                    return if origin.is_some_and(|f| self.ledger(f).held.is_none()) {
                        origin
                    } else {
                        destination
                    };
                }
                let elsewhere = |f: Option<u8>| {
                    f.and_then(|f| self.value(f))
                        .and_then(Value::address)
                        .is_some_and(|a| a.street.is_some())
                };
                if asked == origin
                    && elsewhere(origin)
                    && !elsewhere(destination)
                    && self
                        .asked
                        .iter()
                        .any(|a| a.age <= 1 && a.part == Part::Whole)
                {
                    return destination;
                }
                return asked;
            }
            let held = |f: Option<u8>| f.is_some_and(|f| self.ledger(f).held.is_some());
            return match (held(origin), held(destination)) {
                (false, _) => origin,
                (true, false) => destination,
                // A town alone still waits for its street; else the place last spoken of, if this is it.
                (true, true) => [self.last_address_field(), destination, origin]
                    .into_iter()
                    .flatten()
                    .find(|f| {
                        self.value(*f)
                            .and_then(Value::address)
                            .is_some_and(|a| a.agrees(&mention.address) && a.street.is_none())
                    })
                    .or_else(|| {
                        self.last_address_field().filter(|f| {
                            self.value(*f)
                                .and_then(Value::address)
                                .is_some_and(|a| a.agrees(&mention.address))
                        })
                    }),
            };
        }
        // A place that is not where the service is wanted: where something happened, a pharmacy, an office.
        let from = heard
            .clause_start(mention.start)
            .max(mention.start.saturating_sub(6));
        let asked = self.asked_of(FieldType::Address, 1).map(|a| a.field);
        let elsewhere = heard
            .hits
            .cue(Cue::OtherPlace)
            .any(|h| h.start >= from && h.end <= mention.start);
        // "Mail the invoice to me at home, 77 Dove Springs Court, but the heater is at ...": where something else goes.
        let behind = previous.map_or(0, |(_, end)| end).min(mention.start);
        let sent = (!last || previous.is_some())
            && (heard
                .clause_start(mention.start)
                .max(mention.start.saturating_sub(12))
                .max(behind)..mention.start)
                .any(|i| heard.tokens[i].any(NOT_HERE));
        // "How did you hear about us?" "My brother in law over at 311 Swallow Lane": somebody else's house.
        let referred = asked.is_none()
            && self.last_agent.len() <= 14
            && self.last_agent.iter().any(|w| among(w, REFERRED))
            && self
                .last_agent
                .iter()
                .any(|w| among(w, &["us", "you", "our"]));
        if sent || referred || elsewhere && asked.is_none() {
            return None;
        }
        asked
            .or_else(|| self.field("service_address"))
            .or_else(|| self.vertical.first_of(FieldType::Address).map(|i| i as u8))
    }

    /// Whether a house and its street are all that is said in answer to a question for a place: "where is she?", "and the place you're
    /// renting?", but not "where did it happen?".
    fn answers_where(&self, heard: &Heard, mention: &AddressMention) -> bool {
        let asked = |words: &[&str]| self.last_agent.iter().any(|w| among(w, words));
        let plain = |i: usize| tables().is_closed(heard.word(i));
        mention.address.number.is_some()
            && mention.address.street.is_some()
            && asked(PLACE_ASKED)
            && !asked(STORY_ASKED)
            && (0..mention.start).all(plain)
            && (mention.end..heard.tokens.len()).count() <= 6
    }

    /// Whether what is told of places is part of a story rather than where somebody is wanted.
    pub(super) fn places_are_story(&self) -> bool {
        self.field("opposing_party").is_some() || self.field("patient_name").is_some()
    }
}
