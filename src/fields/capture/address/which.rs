//! Which of a vertical's places an address is: where the service is wanted, where a move begins, where it ends.

use crate::fields::address::{AddressMention, related_street};
use crate::fields::cue::Cue;
use crate::fields::dialogue::{Part, ReadBack};
use crate::fields::gazetteer::tables;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, same_text};
use crate::fields::word_set::{WordSet, words};

/// Words of letters and neighbours: the place named after them is not where the service is wanted, if another follows.
const NOT_HERE: &WordSet = words![
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
const PLACE_ASKED: &WordSet = words![
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
const STORY_ASKED: &WordSet = words![
    "did", "was", "were", "happen", "happened", "accident", "crash", "wreck", "fall", "fell",
    "hurt", "hit", "incident", "work", "works", "worked", "store", "employer",
];

/// Somebody else, whose place a question may be for.
const ANOTHER: &WordSet = words!["his", "their", "he", "they"];

/// Words of what the crew has brought.
const DELIVERED: &WordSet = words!["delivered", "delivery", "dropped"];

/// Words of an agent who looks up what the crew has done.
const LOOKED_UP: &WordSet = words![
    "find", "pull", "look", "file", "job", "claim", "claims", "order",
];

/// Words of a question for how the caller came to call.
const REFERRED: &WordSet = words![
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
        // What the agent has just said back is being put right: the place on that street, or else one that nobody has given.
        let places = || (self.pending.iter()).filter(|p| self.ty(p.field) == FieldType::Address);
        let street_open = |p: &&ReadBack| {
            let held = self.value(p.field).and_then(Value::address);
            held.is_none_or(|a| a.street.is_none())
        };
        let first = places().find(|p| self.value(p.field).is_none());
        let same = places().filter(street_open).find(|p| {
            let street = |a: Option<&Address>| a.and_then(|a| a.street.clone());
            let (a, b) = (street(p.value.address()), street(Some(&mention.address)));
            a.zip(b)
                .is_some_and(|(a, b)| related_street(&a, &b) || same_text(&a, &b))
        });
        // "From Rosewood to 2300 Enfield." "From 1150 Rosewood Avenue to ...": the other end, as its word says.
        let led = |cue| heard.hits.before(cue, mention.start, 0).is_some();
        let other_end = |p: &&ReadBack| {
            led(Cue::Origin) && Some(p.field) == destination
                || led(Cue::Destination) && Some(p.field) == origin
        };
        if let Some(p) = same.or(first.filter(|p| !other_end(p))) {
            return Some(p.field);
        }
        // In a law office and at a doctor's places belong to the story unless the caller's own address was asked for.
        // "My new address is 44 Sunset Trail" is told to be written down.
        let told = || {
            heard
                .hits
                .before(Cue::AddressLead, mention.start, 1)
                .is_some()
                && heard.says(words!["address"])
                && heard.says(words!["my", "our", "new", "mailing", "home"])
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
                        // "He came to my mother's house" tells of a visit.
                        && !heard.any(h.start.wrapping_sub(1), words!["came", "been"])
                        && (h.end - h.start > 1
                            || mention.start - h.end <= 1
                            || heard.any(h.end, words!["my", "our", "his", "her", "their"])
                            // "Home to us at 14 Quail Run"
                            || mention.start - h.end <= 2
                                && heard.any(h.end, words!["us", "me", "them", "him"])
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
                // "In Sun City. 118 Dove Hollow Trail, Georgetown.": where only one end was asked for, the quarter and then the place.
                let quarter = || {
                    let street = self.value(field).and_then(Value::address);
                    street.is_some_and(|a| a.street.is_none())
                        && asked == Some(field)
                        && !self.both_ends_asked()
                        && !(end..mention.start).any(|i| heard.any(i, words!["and", "to", "then"]))
                };
                if mention.address.street.is_some() && (town_only || quarter()) {
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
            // "We're moving to Beaumont." "Bellaire, near Houston?" "Yes. 4915 Holly Street, Bellaire.": the house in the town just spoken of.
            let town_in_talk = destination.filter(|f| {
                let held = self.value(*f).and_then(Value::address);
                held.is_some_and(|a| a.street.is_none())
                    && asked.is_none()
                    && self.agent_named(mention.address.city.as_deref())
            });
            if town_in_talk.is_some() {
                return town_in_talk;
            }
            // What has been delivered went to where the caller is now.
            let open = destination.is_some_and(|f| self.ledger(f).held.is_none());
            if open && self.is_delivered(heard) && origin.is_some_and(|f| self.value(f).is_none()) {
                return destination;
            }
            if asked.is_some() {
                let both = self.both_ends_asked();
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
                .any(|i| {
                    // "Wait, it's on the mail" is where it is read.
                    let read = heard.word(i) == "mail"
                        && heard.any(i.wrapping_sub(1), words!["the", "this"]);
                    heard.tokens[i].any(NOT_HERE) && !read
                });
        // "How did you hear about us?" "My brother in law over at 311 Swallow Lane": somebody else's house.
        let referred = asked.is_none()
            && self.last_agent.len() <= 14
            && self.last_agent.iter().any(|w| REFERRED.has(w))
            && self
                .last_agent
                .iter()
                .any(|w| words!["us", "you", "our"].has(w));
        if sent || referred || elsewhere && asked.is_none() {
            return None;
        }
        asked
            .or_else(|| self.field("service_address"))
            .or_else(|| self.vertical.first_of(FieldType::Address).map(|i| i as u8))
    }

    /// Whether both ends of the move were asked for.
    fn both_ends_asked(&self) -> bool {
        let ends = [
            self.field("origin_address"),
            self.field("destination_address"),
        ];
        let asked = |f: &Option<u8>| f.is_some_and(|f| self.was_asked(f, 1));
        ends.iter().all(asked)
    }

    /// Whether the agent's last turn named the town.
    fn agent_named(&self, city: Option<&str>) -> bool {
        city.is_some_and(|city| {
            city.split(' ')
                .all(|w| self.last_agent.iter().any(|a| a.eq_ignore_ascii_case(w)))
        })
    }

    /// Whether what is spoken of has been brought: a delivery named in this turn or the question before it, or damage to claim.
    fn is_delivered(&self, heard: &Heard) -> bool {
        let asked = |words: &WordSet| self.last_agent.iter().any(|w| words.has(w));
        let named = heard.says(DELIVERED)
            || asked(DELIVERED)
            || self.choice("problem_category") == Some("claim_damage") && asked(LOOKED_UP);
        // "Where did we pick it up from?"
        named && !asked(words!["from", "pick", "picked", "old"])
    }

    /// Whether the agent's last turn asked for what happened.
    pub(super) fn story_asked(&self) -> bool {
        self.last_agent.iter().any(|w| STORY_ASKED.has(w))
    }

    /// Whether a house and its street are all that is said in answer to a question for a place: "where is she?", "and the place you're
    /// renting?", but not "where did it happen?".
    fn answers_where(&self, heard: &Heard, mention: &AddressMention) -> bool {
        let asked = |words: &WordSet| self.last_agent.iter().any(|w| words.has(w));
        let plain = |i: usize| tables().is_closed(heard.word(i));
        mention.address.number.is_some()
            && mention.address.street.is_some()
            && asked(PLACE_ASKED)
            && !asked(STORY_ASKED)
            && !asked(ANOTHER)
            && (0..mention.start).all(plain)
            && (mention.end..heard.tokens.len()).count() <= 6
    }

    /// Whether what is told of places is part of a story rather than where somebody is wanted.
    pub(super) fn places_are_story(&self) -> bool {
        self.field("opposing_party").is_some() || self.field("patient_name").is_some()
    }
}
