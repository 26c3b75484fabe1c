//! The places of a call, whoever spoke of them: every street and every town once, and of each the words that stood around it ([`around`])
//! and in the answer. Which end of a move a place is, or whether somebody is wanted there at all, is in those words more often than in any
//! phrase.
//!
//! Owns which places a turn speaks of and what is kept of the words around them. What a place is in a turn's words, the addresses' rules
//! say; what the words around it weigh, a table knows; what is made of that, again the rules.

use super::around::{Before, answering, around};
use super::entry::Entry;
use super::heading::Headings;
use super::{Weights, vocabulary};
use crate::fields::address::{
    AddressMention, is_townlike, related_street, same_street, street_type,
};
use crate::fields::gazetteer::tables;
use crate::fields::token::Token;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Address, same_text, title_case};

/// Streets kept, and towns: beyond them nobody asks which is which.
const MAX_PLACES: usize = 8;
/// Turns of anybody's after which a town is no longer the town of the street spoken of last.
const TOWN_TURNS: u32 = 3;
/// Words that may stand between a town and its street.
const BREATH_WORDS: usize = 2;

/// A street of the call, with the house where it was said.
#[derive(Debug, Clone)]
pub struct Street {
    /// Number, street, unit and ZIP, as they were said last; by the caller rather than by the agent.
    pub address: Address,
    /// And every other way in which they were said or heard.
    variants: Vec<Address>,
    /// How it was said.
    pub entry: Entry,
}

/// A town of the call.
#[derive(Debug, Clone)]
pub struct Town {
    /// Its name.
    pub name: String,
    /// The code of its state, where that was said.
    pub state: Option<String>,
    /// The streets with which it was said, and how near at the nearest.
    beside: Vec<(usize, Near)>,
    /// How it was said.
    pub entry: Entry,
}

/// How near a town and a street were said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// The town in a turn after the street.
    After,
    /// In one turn, or the street in answer to what was asked of the town.
    Asked,
    /// In one breath.
    Within,
}

/// What a turn speaks of.
enum Spot {
    Street(Address),
    Town(String, Option<String>),
}

/// Which place was spoken of.
#[derive(Debug, Clone, Copy)]
enum Which {
    Street(usize),
    Town(usize),
}

/// A place in a turn.
struct Placed {
    start: usize,
    end: usize,
    /// Which of the streets or towns it is.
    at: usize,
}

/// The places of a call.
#[derive(Debug, Clone)]
pub struct Places {
    weights: &'static Weights,
    headings: Headings,
    streets: Vec<Street>,
    towns: Vec<Town>,
    /// What the turn before spoke of last, and who did.
    last: Option<(Speaker, Which)>,
    /// The street spoken of last, and in which turn.
    street: Option<(usize, u32)>,
    /// The town that a turn spoke of without a street, and that turn.
    asked: Option<(usize, u32)>,
}

impl Places {
    /// No place yet; `weights`: the table that says what a place is.
    pub fn new(weights: &'static Weights) -> Places {
        Places {
            weights,
            headings: Headings::default(),
            streets: Vec::new(),
            towns: Vec::new(),
            last: None,
            street: None,
            asked: None,
        }
    }

    /// The streets, in the order in which they were first said.
    pub fn streets(&self) -> &[Street] {
        &self.streets
    }

    /// The towns, in the order in which they were first said.
    pub fn towns(&self) -> &[Town] {
        &self.towns
    }

    /// Notes the places that a turn speaks of; `mentions`: the addresses that the rules found in it.
    pub fn hear(&mut self, heard: &Heard, mentions: Vec<AddressMention>, before: Before) {
        let spots = spots(heard, apart(mentions));
        self.note_answer(heard, spots.is_empty());
        let spans: Vec<(usize, usize)> = spots.iter().map(|s| (s.0, s.1)).collect();
        let mut streets: Vec<Placed> = Vec::new();
        let mut towns: Vec<Placed> = Vec::new();
        for (start, end, spot) in spots {
            let (which, entry) = match spot {
                Spot::Street(address) => {
                    let Some(at) = self.street(address, heard.speaker) else {
                        continue;
                    };
                    streets.push(Placed { start, end, at });
                    (Which::Street(at), &mut self.streets[at].entry)
                }
                Spot::Town(name, state) => {
                    let Some(at) = self.town(name, state) else {
                        continue;
                    };
                    towns.push(Placed { start, end, at });
                    (Which::Town(at), &mut self.towns[at].entry)
                }
            };
            let town = matches!(which, Which::Town(_));
            // What leads to a place is said before it is named first.
            let fresh = entry.times[heard.speaker.index()] == 0
                && (heard.speaker == Speaker::Caller || entry.said() == 0);
            entry.hold(|| {
                let mut phrases = around(heard, &spans, (start, end), town, before);
                if fresh {
                    phrases.extend(self.headings.before(heard, start, town));
                }
                phrases
            });
            entry.count(heard, start, end);
            self.last = Some((heard.speaker, which));
        }
        self.headings.hear(heard);
        self.link(heard.segment, &streets, &towns);
    }

    /// Notes which towns and streets of a turn were said together, and with those of the turns before.
    fn link(&mut self, turn: u32, streets: &[Placed], towns: &[Placed]) {
        let gap = |a: &Placed, b: &Placed| {
            a.start
                .saturating_sub(b.end)
                .max(b.start.saturating_sub(a.end))
        };
        for town in towns {
            let nearest = streets.iter().min_by_key(|s| gap(s, town));
            let earlier = self.street.filter(|(_, at)| at + TOWN_TURNS >= turn);
            let beside = match nearest {
                Some(s) if gap(s, town) <= BREATH_WORDS => Some((s.at, Near::Within)),
                Some(s) => Some((s.at, Near::Asked)),
                None => earlier.map(|(at, _)| (at, Near::After)),
            };
            if let Some((street, near)) = beside {
                self.towns[town.at].note(street, near);
            }
        }
        if let (Some((town, at)), Some(street), true) =
            (self.asked, streets.first(), towns.is_empty())
            && at + 1 == turn
        {
            self.towns[town].note(street.at, Near::Asked);
        }
        if let Some(street) = streets.last() {
            self.street = Some((street.at, turn));
        }
        self.asked = towns
            .last()
            .filter(|_| streets.is_empty())
            .map(|t| (t.at, turn));
    }

    /// The entry of a street, made where there is room.
    fn street(&mut self, address: Address, speaker: Speaker) -> Option<usize> {
        let known = (self.streets.iter())
            .position(|s| s.is(&address))
            .or_else(|| self.streets.iter().position(|s| s.is_like(&address)));
        if let Some(at) = known {
            self.streets[at].say(address, speaker);
            return Some(at);
        }
        if self.streets.len() >= MAX_PLACES {
            return None;
        }
        self.streets.push(Street {
            variants: vec![address.clone()],
            address,
            entry: Entry::new(self.weights),
        });
        Some(self.streets.len() - 1)
    }

    /// The caller puts a place right that was said before: it stays the one it is.
    pub fn put_right(&mut self, said: &Address, right: Address) {
        if let Some(street) = self.streets.iter_mut().find(|s| s.is(said)) {
            street.say(right, Speaker::Caller);
        }
    }

    /// The entry of a town, made where there is room.
    fn town(&mut self, name: String, state: Option<String>) -> Option<usize> {
        if let Some(at) = self.towns.iter().position(|t| same_text(&t.name, &name)) {
            let known = &mut self.towns[at].state;
            if known.is_none() {
                *known = state;
            }
            return Some(at);
        }
        if self.towns.len() >= MAX_PLACES {
            return None;
        }
        self.towns.push(Town {
            name,
            state,
            beside: Vec::new(),
            entry: Entry::new(self.weights),
        });
        Some(self.towns.len() - 1)
    }

    /// The turn after one that spoke of a place says something of it.
    fn note_answer(&mut self, heard: &Heard, no_place: bool) {
        let Some((speaker, which)) = self.last.take() else {
            return;
        };
        if !no_place && speaker == heard.speaker {
            return;
        }
        let (entry, town) = match which {
            Which::Street(at) => (&mut self.streets[at].entry, false),
            Which::Town(at) => (&mut self.towns[at].entry, true),
        };
        entry.hold(|| answering(heard, speaker, town));
    }

    /// What is known of a street otherwise.
    pub fn street_facts(&self, at: usize) -> Vec<String> {
        let street = &self.streets[at];
        let (nth, of) = (at.min(2), self.streets.len().min(3));
        let mut out: Vec<String> = (street.entry.facts().into_iter())
            .map(str::to_owned)
            .chain([format!("=nth{nth}of{of}")])
            .collect();
        out.extend(shape(&street.address));
        out
    }

    /// What is known of a town otherwise; `own`: the business's.
    pub fn town_facts(&self, at: usize, own: Option<&str>) -> Vec<String> {
        let town = &self.towns[at];
        (town.entry.facts().into_iter())
            .chain((town.state.is_some()).then_some("=state"))
            .chain((self.towns.len() == 1).then_some("=only"))
            .chain((town.beside.is_empty()).then_some("=alone"))
            .chain((own.is_some_and(|own| same_text(own, &town.name))).then_some("=own"))
            .chain(["=town"])
            .map(|f| format!("~{f}"))
            .collect()
    }

    /// What the words around a street weigh for each option of the table.
    pub fn weigh_street(&self, at: usize) -> Vec<f32> {
        let facts = self.street_facts(at);
        let ids = facts.iter().filter_map(|f| vocabulary().id(f));
        self.streets[at].entry.tally.scores_with(ids)
    }

    /// What the words around a town weigh for each option of the table; `own`: the business's.
    pub fn weigh_town(&self, at: usize, own: Option<&str>) -> Vec<f32> {
        let facts = self.town_facts(at, own);
        let ids = facts.iter().filter_map(|f| vocabulary().id(f));
        self.towns[at].entry.tally.scores_with(ids)
    }

    /// The place of an option in the table.
    pub fn option(&self, name: &str) -> Option<usize> {
        self.weights.options().iter().position(|o| o == name)
    }
}

impl Street {
    /// Whether it is this street and house, in any way in which it was said.
    pub fn is(&self, address: &Address) -> bool {
        self.variants.iter().any(|v| same_street(v, address))
    }

    /// Whether it may be this one, misheard or put right.
    fn is_like(&self, address: &Address) -> bool {
        let near = |a: &Option<String>, b: &Option<String>, apart: usize| {
            let (Some(a), Some(b)) = (a, b) else {
                return false;
            };
            let plain = |s: &str| s.to_lowercase().replace(' ', "");
            strsim::osa_distance(&plain(a), &plain(b)) <= apart
        };
        (self.variants.iter()).any(|v| {
            near(&v.street, &address.street, 2) && v.number == address.number
                || near(&v.street, &address.street, 0) && near(&v.number, &address.number, 1)
        })
    }

    /// Another way in which it was said.
    fn say(&mut self, address: Address, speaker: Speaker) {
        let own = speaker == Speaker::Caller || self.entry.times[Speaker::Caller.index()] == 0;
        let known = self.address.clone();
        if !self.variants.contains(&address) && self.variants.len() < MAX_PLACES {
            self.variants.push(address.clone());
        }
        if !own {
            return;
        }
        // Said shorter, it is no other.
        let longer = |a: Option<String>, b: Option<String>| match (a, b) {
            (Some(a), Some(b)) if related_street(&a, &b) && a.len() > b.len() => Some(a),
            (a, b) => b.or(a),
        };
        self.address = Address {
            number: address.number.or(known.number),
            street: longer(known.street, address.street),
            unit: address.unit.or(known.unit),
            postal_code: address.postal_code.or(known.postal_code),
            ..Address::default()
        };
    }
}

impl Town {
    /// Notes a street with which it was said; of each, the nearest counts.
    fn note(&mut self, street: usize, near: Near) {
        match self.beside.iter_mut().find(|(at, _)| *at == street) {
            Some((_, known)) => *known = near.max(*known),
            None => self.beside.push((street, near)),
        }
    }

    /// How near it was said to that street, at its nearest; `None` where never.
    pub fn near(&self, street: usize) -> Option<Near> {
        let known = self.beside.iter().find(|(at, _)| *at == street)?;
        Some(known.1)
    }
}

/// What an address looks like: a street by its type, a name that is no word, a house number.
fn shape(address: &Address) -> Vec<String> {
    let name = address.street.as_deref().unwrap_or_default().to_lowercase();
    let mut words: Vec<&str> = name.split(' ').collect();
    let typed = words.len() > 1 && words[1..].iter().any(|w| street_type(w).is_some());
    words
        .retain(|w| street_type(w).is_none() && !matches!(*w, "north" | "south" | "east" | "west"));
    let plain = words.iter().filter(|w| tables().is_word(w)).count();
    let kind = if typed { "typed" } else { "bare" };
    let digits = address.number.as_ref().map_or(0, String::len);
    vec![
        format!("={kind}"),
        format!("=plain{}of{}", plain.min(3), words.len().min(3)),
        format!(
            "={kind}-{}",
            if plain == words.len() {
                "plain"
            } else {
                "name"
            }
        ),
        format!("=digits{digits}"),
        format!("={kind}-digits{}", digits.min(3)),
    ]
}

/// The mentions, of those that overlap only the longest.
fn apart(mut mentions: Vec<AddressMention>) -> Vec<AddressMention> {
    mentions.sort_by_key(|m| (m.start, std::cmp::Reverse(m.end)));
    let mut out: Vec<AddressMention> = Vec::with_capacity(mentions.len());
    for mention in mentions {
        match out.last_mut() {
            Some(last) if mention.start < last.end => {
                if mention.end - mention.start > last.end - last.start {
                    *last = mention;
                }
            }
            _ => out.push(mention),
        }
    }
    out
}

/// The streets and towns of a turn, in order.
fn spots(heard: &Heard, mentions: Vec<AddressMention>) -> Vec<(usize, usize, Spot)> {
    let mut out = Vec::new();
    let mut from = 0;
    let tokens = &heard.tokens;
    for mention in mentions {
        bare_towns(heard, from, mention.start, &mut out);
        from = mention.end;
        let AddressMention {
            start,
            end,
            mut address,
        } = mention;
        let (city, state) = (address.city.take(), address.state.take());
        let town = city.and_then(|city| {
            let (at, used) = find(tokens, start, end, &city)?;
            Some((at, used, city))
        });
        let street_end = town.as_ref().map_or(end, |t| t.0);
        if address.street.is_some() && street_end > start {
            out.push((start, street_end, Spot::Street(address)));
        }
        if let Some((at, used, city)) = town {
            let state = state.or_else(|| state_after(tokens, at + used));
            out.push((at, at + used, Spot::Town(city, state)));
        }
    }
    bare_towns(heard, from, tokens.len(), &mut out);
    out
}

/// Where the words of a town stand between two tokens, and how many they are. The rules write some towns otherwise than they were said
/// ("Saint" for "St"), but every word begins alike.
fn find(tokens: &[Token], start: usize, end: usize, name: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = name.split(' ').collect();
    let is = |token: &Token, word: &str| {
        token.text.eq_ignore_ascii_case(word)
            || word == "Saint" && token.is("st")
            || word.len() > 3
                && token
                    .text
                    .get(..3)
                    .is_some_and(|t| word.get(..3).is_some_and(|w| t.eq_ignore_ascii_case(w)))
    };
    (start..=end.saturating_sub(words.len()))
        .rev()
        .find(|at| {
            words
                .iter()
                .enumerate()
                .all(|(i, w)| tokens.get(at + i).is_some_and(|t| is(t, w)))
        })
        .map(|at| (at, words.len()))
}

fn state_after(tokens: &[Token], at: usize) -> Option<String> {
    tables().state(tokens, at, false).map(|(code, _)| code)
}

/// The towns between two tokens where no address stands: those that a table knows, and what stands before a state.
fn bare_towns(heard: &Heard, from: usize, to: usize, out: &mut Vec<(usize, usize, Spot)>) {
    let tokens = &heard.tokens;
    let mut at = from;
    while at < to {
        // "Off of Cherokee Road" is no place called Cherokee.
        let street = |used: usize| street_type(heard.word(at + used)).is_some();
        let known = (tables().city(tokens, at)).filter(|used| at + used <= to && !street(*used));
        let state = |at: usize| state_after(tokens, at);
        let before_state = || {
            state(at + 1)?;
            let town = is_townlike(&tokens[at].text) && state(at).is_none();
            town.then_some(1)
        };
        let Some(used) = known.or_else(before_state) else {
            at += 1;
            continue;
        };
        let name = title_case(&heard.text(at, at + used)).replace("St ", "Saint ");
        out.push((at, at + used, Spot::Town(name, state(at + used))));
        at += used;
    }
}
