//! The agent's questions for a place, in words of the agent's own: "whereabouts on Oak Hill?", "what number is the house?", "is that Drive
//! or Court?", and which of the places is asked for.

use crate::fields::dialogue::{Asked, Part};
use crate::fields::gazetteer::tables;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, title_case};
use crate::fields::word_set::{WordSet, words};

use super::home::is_home;
use crate::fields::address::is_townlike;

/// What is asked for where else than at the place: a story, a part of the house, an advertisement.
const OTHER_WHERE: &WordSet = words![
    "did", "were", "was", "hear", "heard", "find", "hurt", "hurts", "calling", "work", "put",
    "leaking", "leak", "pain", "sore", "shutoff", "dripping", "smell", "noise", "sure",
];

/// Words of a question for the place itself.
const HERE: &WordSet = words![
    "you",
    "you're",
    "y'all",
    "located",
    "staying",
    "stay",
    "live",
    "she",
    "he",
    "house",
    "home",
    "place",
    "property",
    "apartment",
    "building",
    "shop",
    "store",
    "restaurant",
    "office",
    "rental",
    "duplex",
    "condo",
    "trailer",
    "farm",
    "barn",
    "job",
    "site",
    "unit",
    "go",
    "going",
    "come",
    "coming",
    "send",
    "sending",
    "headed",
    "heading",
    "meet",
    "be",
    "they",
    "we",
    "i",
    "technician",
    "tech",
    "truck",
    "plumber",
    "electrician",
    "crew",
    "guys",
    "is",
    "location",
];

/// Words of a question for where a move ends.
const TOWARDS: &WordSet = words![
    "going",
    "goes",
    "go",
    "headed",
    "heading",
    "taking",
    "take",
    "to",
    "deliver",
    "delivering",
    "unload",
    "unloading",
    "drop",
    "dropping",
    "new",
    "end",
    "ending",
    "bringing",
    "took",
    "taken",
    "brought",
    "delivered",
];

/// "And that's Chicago. Zip?": the town that the agent takes for granted.
fn town_guessed(heard: &Heard) -> Option<Address> {
    let at = (1..heard.tokens.len()).find(|at| heard.any(at - 1, words!["that's", "thats"]))?;
    let used = tables().city(&heard.tokens, at)?;
    let closes = at + used == heard.tokens.len() || heard.tokens[at + used - 1].stop > Stop::None;
    closes.then(|| Address {
        city: Some(title_case(&heard.text(at, at + used))),
        ..Address::default()
    })
}

/// The town or the state behind "in" in a question.
fn town_in(heard: &Heard) -> Option<Address> {
    (1..heard.tokens.len()).find_map(|at| {
        // "I've got a crew finishing in Lakeway" is where others are.
        let others = at > 1
            && heard.any(
                at - 2,
                words!["finishing", "crew", "truck", "driver", "wrapping"],
            );
        if !heard.any(at - 1, words!["in"]) || others {
            return None;
        }
        // A town that no table knows ends the question; behind a house it may be a word of the language, too.
        let strange = || {
            let last = at + 1 == heard.tokens.len() || heard.tokens[at].ends_clause();
            let house = at > 1
                && is_home(heard.word(at - 2))
                && is_townlike(heard.word(at))
                && (heard.tokens[at].upper || !heard.cased);
            (last && (house || !tables().is_word(heard.word(at)))).then_some(1)
        };
        let known = tables().city(&heard.tokens, at);
        let state_alone = || tables().state(&heard.tokens, at, false).is_some();
        let used = known.or_else(|| strange().filter(|_| !state_alone()));
        let state = tables().state(&heard.tokens, at + used.unwrap_or(0), false);
        let city = used.map(|n| title_case(&heard.text(at, at + n)).replace("St ", "Saint "));
        (city.is_some() || state.is_some()).then(|| Address {
            city,
            state: state.map(|(code, _)| code),
            ..Address::default()
        })
    })
}

/// "And the place in San Marcos?", "and the house in Manor": a home asked for by its town.
fn home_in_town(heard: &Heard) -> bool {
    let n = heard.tokens.len();
    let Some(at) = (n.saturating_sub(4)..n).find(|at| {
        heard.any(*at, words!["in"]) && is_home(heard.word(at.wrapping_sub(1))) && at + 1 < n
    }) else {
        return false;
    };
    (at.saturating_sub(5)..at).any(|i| heard.any(i, words!["and", "what", "what's", "which"]))
        && is_townlike(heard.word(at + 1))
}

impl State {
    /// "And the house number?", "what's the number on Avenue G?": asked of the house, not of the telephone.
    fn house_number(&self, heard: &Heard) -> Option<u8> {
        let at = heard
            .tokens
            .iter()
            .position(|t| t.any(words!["number", "numbers"]))?;
        let near = heard
            .tokens
            .get(at.saturating_sub(3)..heard.tokens.len().min(at + 8))
            .unwrap_or_default();
        let is = |words: &WordSet| near.iter().any(|t| t.any(words));
        let named = is(words![
            "house", "street", "building", "door", "mailbox", "avenue", "road",
        ]);
        let phone = is(words![
            "phone",
            "cell",
            "call",
            "reach",
            "callback",
            "contact",
            "best",
            "good",
            "telephone",
            "mobile",
            "your",
            "account",
            "unit",
            "apartment",
            "another",
            "claim",
            "order",
            "line",
        ]);
        let field = self
            .last_address_field()
            .or_else(|| self.field("service_address"))
            .or_else(|| self.field("origin_address"))?;
        let lacking = self.spoken_within(field, heard, 4)
            && self
                .value(field)
                .and_then(Value::address)
                .is_some_and(|a| a.number.is_none() && a.street.is_some());
        // "What number on Congress?"
        let on = heard.any(at + 1, words!["on"])
            && !is(words!["file", "screen", "account", "card", "record"]);
        (named || lacking && !phone || on && !phone).then_some(field)
    }

    /// "Is he still over on Liberty Heights Avenue?", "are you here in Tulsa?": a street or a town put to the caller asks where it is.
    fn still_there(&self, heard: &Heard) -> Option<u8> {
        let field = self.field("service_address")?;
        let held = self.value(field).and_then(Value::address);
        if held.is_some_and(|a| a.street.is_some()) || heard.tokens.len() > 24 {
            return None;
        }
        let still = heard.says(words!["still", "same"]);
        let street = still && crate::fields::address::street_named(heard).is_some();
        let town = !self.places_are_story()
            && heard.tokens.windows(2).any(|w| {
                w[0].any(words!["are", "is"])
                    && w[1].any(words!["you", "y'all", "that", "this", "it"])
            })
            && (1..heard.tokens.len()).any(|at| {
                heard.tokens[at - 1].any(words!["in", "inside"])
                    && (matches!(heard.word(at), "town" | "city" | "the")
                        || tables().city(&heard.tokens, at).is_some()
                        || self.ctx.business.city.as_deref().is_some_and(|c| {
                            c.split(' ')
                                .next()
                                .is_some_and(|w| w.eq_ignore_ascii_case(heard.word(at)))
                        }))
            });
        (street || town).then_some(field)
    }

    /// "And where is she in Bethlehem?", "and down in Sarasota, do you have an address yet?": the town says which place is asked for.
    pub fn ask_place(&mut self, heard: &Heard) {
        self.ask_which_place(heard);
        self.town_asked = self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) == FieldType::Address)
            .then(|| town_in(heard).or_else(|| town_guessed(heard)))
            .flatten();
    }

    fn ask_which_place(&mut self, heard: &Heard) {
        self.ask_town(heard);
        // "Your address is still 900 Blanco?" asks for no telephone.
        let read = (self.pending.iter())
            .any(|p| p.evidence.turn == heard.segment && p.value.address().is_some());
        if read
            && !heard.says(words![
                "number", "phone", "cell", "call", "reach", "text", "digits"
            ])
        {
            let fields = &self.vertical.fields;
            self.asked
                .retain(|a| fields[usize::from(a.field)].ty != FieldType::Phone);
        }
        // "Whereabouts on Oak Hill Road?": the house on the street just named.
        let on_street = self.pending.iter().find(|p| {
            p.evidence.turn == heard.segment
                && (p.value.address()).is_some_and(|a| a.number.is_none() && a.street.is_some())
                && !p.matches
        });
        if let Some(field) = on_street.map(|p| p.field) {
            self.ask_address(field);
            return;
        }
        if let Some(field) = self.end_asked(heard) {
            self.ask_address(field);
            return;
        }
        if let Some(field) = self.house_number(heard).or_else(|| self.still_there(heard)) {
            self.ask_address(field);
            return;
        }
        let asks = heard.says(words![
            "where",
            "where's",
            "address",
            "street",
            "whereabouts",
            "part",
            "location",
            "located",
        ]);
        let in_town = home_in_town(heard);
        if !asks && !in_town {
            return;
        }
        let named = |city: &str| {
            let words: Vec<&str> = city.split(' ').collect();
            (0..heard.tokens.len()).any(|at| {
                words
                    .iter()
                    .enumerate()
                    .all(|(i, w)| heard.word(at + i).eq_ignore_ascii_case(w))
            })
        };
        let places: Vec<u8> = (self.vertical.all_of(FieldType::Address).iter().copied())
            .filter(|f| {
                self.value(*f)
                    .and_then(Value::address)
                    .is_some_and(|a| a.street.is_none() && a.city.as_deref().is_some_and(named))
            })
            .collect();
        let field = match places[..] {
            [field] => field,
            _ if in_town => match self.open_end() {
                Some(field) => field,
                None => return,
            },
            _ => match self.whereabouts(heard) {
                Some(field) => field,
                None => return,
            },
        };
        self.ask_address(field);
    }

    /// "330 Private Road 4021. City?", "left fork, got it, town would be", "and that's in", or a town that the agent guesses.
    fn asks_for_town(&self, field: u8, heard: &Heard) -> bool {
        let n = heard.tokens.len();
        let guessed = self.pending.iter().any(|p| {
            p.field == field
                && p.evidence.turn == heard.segment
                && p.value.address().is_some_and(|a| a.city.is_some())
        });
        let town = (0..n).find(|i| heard.any(*i, words!["town", "city"]));
        let named = town.is_some_and(|at| {
            let brief = heard.clause_end(at) - heard.clause_start(at) <= 3;
            brief
                || at + 1 == n
                || heard.any(at + 1, words!["would", "is", "please"])
                || heard.any(at.wrapping_sub(1), words!["what", "which", "what's"])
        });
        let open = n >= 2
            && heard.tokens[n - 1].is("in")
            && heard.any(n - 2, words!["that's", "that", "it", "it's", "is"]);
        guessed || named || open
    }

    /// The end of a move whose street is still to come, where the other has its own.
    fn open_end(&self) -> Option<u8> {
        let (origin, destination) = (
            self.field("origin_address")?,
            self.field("destination_address")?,
        );
        let told = |f: u8| {
            let held = self.value(f).and_then(Value::address);
            held.is_some_and(|a| a.street.is_some())
        };
        match (told(origin), told(destination)) {
            (true, false) => Some(destination),
            (false, true) => Some(origin),
            _ => None,
        }
    }

    /// "What town?", where a move has two ends: of the one spoken of last, or of where it begins.
    fn ask_town(&mut self, heard: &Heard) {
        let which = (1..heard.tokens.len()).any(|at| {
            heard.any(at, words!["town", "city"])
                && heard.any(at - 1, words!["what", "which", "what's"])
        });
        // "And the city?", but not "Motor City Movers".
        let alone = heard.tokens.len() <= 3
            && (heard.tokens.iter()).all(|t| t.any(words!["and", "the", "town", "city"]));
        if !which && !alone
            || heard.tokens.len() > 8
            || self.asked_of(FieldType::Address, 0).is_some()
        {
            return;
        }
        let last = self
            .last_address_field()
            .filter(|_| self.city_missing(heard));
        if let Some(field) = last.or_else(|| self.field("origin_address")) {
            self.ask_address(field);
            if let Some(asked) = self.asked.last_mut() {
                asked.part = Part::City;
            }
        }
    }

    /// While the agent only listens ("mm hm"), the place asked for is still being told.
    pub(super) fn keep_asking(&mut self) {
        let fields = &self.vertical.fields;
        for asked in &mut self.asked {
            let held = self.ledgers[usize::from(asked.field)].value();
            let whole = held
                .and_then(Value::address)
                .is_some_and(|a| a.street.is_some());
            if fields[usize::from(asked.field)].ty == FieldType::Address && !whole {
                asked.age = asked.age.saturating_sub(1);
            }
        }
    }

    /// The place is what is asked for now, and no telephone.
    fn ask_address(&mut self, field: u8) {
        let fields = &self.vertical.fields;
        self.asked.retain(|a| {
            !matches!(
                fields[usize::from(a.field)].ty,
                FieldType::Address | FieldType::Phone
            )
        });
        self.asked.push(Asked {
            field,
            age: 0,
            at: 0,
            spelling: false,
            part: Part::Whole,
        });
    }

    /// "Where do you stay at?", "where's the technician headed?", "where's it all going?": a place asked for in words of the agent's own.
    fn whereabouts(&self, heard: &Heard) -> Option<u8> {
        let (origin, destination) = (
            self.field("origin_address"),
            self.field("destination_address"),
        );
        // "Where's it all going?" may have been taken for "where is it?"; a question for both stands.
        let asked = self.asked.iter().any(|a| {
            a.age == 0 && (Some(a.field) != origin || self.was_asked_both(origin, destination))
        });
        // "310 Beal Street, unit 14?" names a street and asks for none.
        let named = self
            .pending
            .iter()
            .any(|p| self.ty(p.field) == FieldType::Address && p.evidence.turn == heard.segment);
        if asked || named || self.places_are_story() || heard.tokens.len() > 14 {
            return None;
        }
        let at = heard.tokens.iter().position(|t| {
            t.any(words![
                "where",
                "where's",
                "whereabouts",
                "street",
                "location",
                "located",
            ])
        })?;
        let near = heard
            .tokens
            .get(at.saturating_sub(2)..heard.tokens.len().min(at + 8))
            .unwrap_or_default();
        let is = |words: &WordSet| near.iter().any(|t| t.any(words));
        // "Where did you hear of us", "where were you", "where is it leaking" ask for something else.
        if is(OTHER_WHERE) || is(words!["coming"]) && is(words!["from"]) {
            return None;
        }
        let field = match (
            self.field("origin_address"),
            self.field("destination_address"),
        ) {
            (Some(origin), Some(destination)) => {
                let from = is(words![
                    "from", "now", "loading", "leaving", "live", "stay", "picking", "coming",
                    "come",
                ]);
                match is(TOWARDS) && !from {
                    true => destination,
                    false => origin,
                }
            }
            _ => {
                if !heard.tokens[at].is("street") && !is(HERE) {
                    return None;
                }
                self.field("service_address")?
            }
        };
        self.value(field)
            .and_then(Value::address)
            .is_none_or(|a| a.street.is_none() || a.number.is_none())
            .then_some(field)
    }

    fn was_asked_both(&self, origin: Option<u8>, destination: Option<u8>) -> bool {
        [origin, destination]
            .into_iter()
            .all(|f| f.is_some_and(|f| self.was_asked(f, 0)))
    }

    /// "Is that Drive or Court?", "is that Waco or China Spring?": the agent asks for the part that is missing.
    pub fn ask_parts(&mut self, heard: &Heard) {
        let Some(field) = self.last_address_field() else {
            return;
        };
        let Some(held) = self.value(field).and_then(Value::address) else {
            return;
        };
        if !self.spoken_within(field, heard, 8) {
            return;
        }
        if held.city.is_none() && held.street.is_some() && self.asks_for_town(field, heard) {
            self.asked.push(Asked {
                field,
                age: 0,
                at: heard.tokens.len(),
                spelling: false,
                part: Part::City,
            });
            return;
        }
        if !self.spoken_within(field, heard, 3) {
            return;
        }
        let tables = tables();
        let either = (1..heard.tokens.len()).find(|i| heard.tokens[*i].is("or"));
        let Some(or) = either else { return };
        let kind = |at: usize| tables.suffix(heard.word(at)).is_some();
        let own = |at: usize| {
            self.ctx
                .business
                .city
                .as_deref()
                .is_some_and(|c| c.eq_ignore_ascii_case(heard.word(at)))
        };
        let town = |at: usize| own(at) || tables.city(&heard.tokens, at).is_some();
        let part = if kind(or - 1) && (kind(or + 1) || kind(or + 2)) {
            Part::Type
        } else if held.city.is_none() && (town(or - 1) || or >= 2 && town(or - 2) || town(or + 1)) {
            Part::City
        } else {
            return;
        };
        let typed = held.street.as_deref().is_some_and(|s| {
            s.rsplit(' ')
                .next()
                .is_some_and(|w| tables.suffix(&w.to_lowercase()).is_some())
        });
        if part == Part::Type && (typed || held.street.is_none()) {
            return;
        }
        self.asked.push(Asked {
            field,
            age: 0,
            at: or,
            spelling: false,
            part,
        });
    }
}
