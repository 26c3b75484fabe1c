//! The homes of a move: which end the condo, the locker, the new house is, as it came out in passing ("brought to the new condo"), for when
//! its address is told or asked for by that word alone ("the condo is 1420 Alki", "and the locker?").

use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// What people move out of and into.
const HOMES: &WordSet = words![
    "apartment",
    "condo",
    "house",
    "townhouse",
    "townhome",
    "duplex",
    "loft",
    "studio",
    "dorm",
    "trailer",
    "cabin",
    "bungalow",
    "ranch",
    "farm",
    "locker",
    "storage",
    "warehouse",
    "office",
    "shop",
    "store",
    "showroom",
    "facility",
    "garage",
    "church",
    "school",
    "clinic",
    "restaurant",
    "salon",
    "gallery",
    "basement",
    "rental",
];

/// What is left: "we gotta be out of our apartment".
const LEFT: &WordSet = words![
    "from", "of", "leaving", "selling", "sold", "vacating", "emptying", "old", "current",
    "clearing",
];

/// What is moved into: "we bought a house in Manor".
const ENTERED: &WordSet = words![
    "to", "into", "new", "bought", "buying", "rented", "renting", "closing", "closed",
];

/// Words between a home and what tells which end it is.
const BETWEEN: &WordSet = words![
    "a", "an", "the", "my", "our", "his", "her", "their", "on", "new", "old", "current", "little",
    "big", "bedroom", "mom's", "dad's", "storage", "two", "three", "one",
];

/// Whose a home may be: "his house" is not "my house".
const OWNERS: &WordSet = words!["my", "our", "his", "her", "their"];

/// Whether the word is what people live or keep things in.
pub(super) fn is_home(word: &str) -> bool {
    HOMES.has(word) || matches!(word, "place" | "home" | "one")
}

/// A home as it was spoken of.
#[derive(Debug, Clone, PartialEq)]
struct Home {
    owner: Option<String>,
    noun: String,
}

impl Home {
    fn at(heard: &Heard, at: usize) -> Option<Home> {
        let noun = heard.word(at);
        HOMES.has(noun).then(|| Home {
            owner: (at.saturating_sub(3)..at)
                .rev()
                .find(|i| heard.any(*i, OWNERS))
                .map(|i| heard.word(i).to_owned()),
            noun: noun.to_owned(),
        })
    }

    /// Whether both may be one home.
    fn is(&self, other: &Home) -> bool {
        let one_owner = self.owner.is_none() || other.owner.is_none() || self.owner == other.owner;
        self.noun == other.noun && one_owner
    }
}

/// What begins a question for a home: "and the condo?", "where's the locker".
const ASKS: &WordSet = words!["and", "where", "where's", "what", "what's", "which"];

/// What else may be asked of one.
const OTHER: &WordSet = words![
    "how", "when", "who", "floor", "big", "size", "stairs", "elevator", "much", "is", "in", "to",
];

/// The homes at both ends of a move, few of each.
#[derive(Debug, Clone, Default)]
pub struct Homes {
    left: Vec<Home>,
    entered: Vec<Home>,
}

impl Homes {
    /// Whether the home is where the move begins; none where it is neither end or may be both.
    fn is_left(&self, home: &Home) -> Option<bool> {
        let said = |homes: &[Home]| homes.iter().any(|h| h.is(home));
        match (said(&self.left), said(&self.entered)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }
}

impl State {
    /// Takes down which end of the move a home is, where the turn tells.
    pub(super) fn note_homes(&mut self, heard: &Heard) {
        if self.field("destination_address").is_none() {
            return;
        }
        for at in 1..heard.tokens.len() {
            let Some(home) = Home::at(heard, at) else {
                continue;
            };
            if self.homes.left.len() + self.homes.entered.len() >= 8 {
                return;
            }
            // The nearest word tells, as far as only small ones stand between, and perhaps somebody: "from my teacher's house".
            let tells = |i: usize| heard.any(i, LEFT) || heard.any(i, ENTERED);
            let somebody = |i: usize| i + 1 == at && heard.word(i).ends_with('s');
            let near = (at.saturating_sub(5)..at)
                .rev()
                .find(|i| tells(*i) || !(heard.any(*i, BETWEEN) || somebody(*i)))
                .filter(|i| tells(*i) && !heard.any(i.wrapping_sub(1), words!["came", "been"]));
            let emptied = heard.any(at + 1, words!["emptied", "cleared", "sold"]);
            let ends = match near {
                _ if emptied => &mut self.homes.left,
                Some(i) if heard.any(i, LEFT) => &mut self.homes.left,
                Some(_) => &mut self.homes.entered,
                None => continue,
            };
            if !ends.contains(&home) {
                ends.push(home);
            }
        }
    }

    /// The end that the last home named between two tokens is: "the condo is ...".
    pub(super) fn end_of_home(&self, heard: &Heard, from: usize, to: usize) -> Option<u8> {
        let named = (from.max(heard.clause_start(to)).max(to.saturating_sub(6))..to)
            .rev()
            // "A town house, 77 Sable Court": one that nobody has spoken of yet.
            .filter(|i| !(i.saturating_sub(2)..*i).any(|j| heard.any(j, words!["a", "an"])))
            .find_map(|i| self.homes.is_left(&Home::at(heard, i)?));
        self.end(named?)
    }

    /// "And the locker?", "what's the condo": the home that the agent asks for by its name, at the end of the turn.
    pub(super) fn end_asked(&self, heard: &Heard) -> Option<u8> {
        let n = heard.tokens.len();
        let home = (n.saturating_sub(2)..n).find_map(|i| Some((i, Home::at(heard, i)?)));
        let (at, home) = home?;
        let head = (at.saturating_sub(4)..at)
            .rev()
            .find(|i| heard.any(*i, ASKS))?;
        let other = (head..n).any(|i| heard.any(i, OTHER));
        let field = self.end(self.homes.is_left(&home).filter(|_| !other)?)?;
        let open = self.value(field).and_then(|v| v.address());
        open.is_none_or(|a| a.street.is_none()).then_some(field)
    }

    fn end(&self, left: bool) -> Option<u8> {
        self.field(if left {
            "origin_address"
        } else {
            "destination_address"
        })
    }
}
