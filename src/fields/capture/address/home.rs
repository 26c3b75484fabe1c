//! The homes of a move: which end the condo, the locker, the new house is, as it came out in passing ("brought to the new condo"), for when
//! its address is told or asked for by that word alone ("the condo is 1420 Alki", "and the locker?").

use crate::fields::state::State;
use crate::fields::token::{Stop, among};
use crate::fields::turn::Heard;
use crate::fields::word_set::WordSet;

/// What people move out of and into.
static HOMES: WordSet = WordSet::new(&[
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
    "basement",
    "rental",
]);

/// What is left: "we gotta be out of our apartment".
const LEFT: &[&str] = &[
    "from", "of", "leaving", "selling", "sold", "vacating", "emptying", "old", "current",
    "clearing",
];

/// What is moved into: "we bought a house in Manor".
const ENTERED: &[&str] = &[
    "to", "into", "new", "bought", "buying", "rented", "renting", "closing", "closed",
];

/// Words between a home and what tells which end it is.
const BETWEEN: &[&str] = &[
    "a", "an", "the", "my", "our", "his", "her", "their", "on", "new", "old", "current", "little",
    "big", "bedroom", "mom's", "dad's", "storage", "two", "three", "one",
];

/// The words for both ends of a move, few of each.
#[derive(Debug, Clone, Default)]
pub struct Homes {
    left: Vec<String>,
    entered: Vec<String>,
}

impl Homes {
    /// Whether the word stands for where the move begins; none where it stands for neither or both.
    fn is_left(&self, word: &str) -> Option<bool> {
        let said = |words: &[String]| words.iter().any(|w| w == word);
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
            let word = heard.word(at);
            if !HOMES.has(word) || self.homes.left.len() + self.homes.entered.len() >= 8 {
                continue;
            }
            // The nearest word tells, as far as only small ones stand between.
            let near = (at.saturating_sub(5)..at)
                .rev()
                .take_while(|i| *i + 1 == at || heard.any(i + 1, BETWEEN) || heard.any(*i, BETWEEN))
                .find(|i| heard.any(*i, LEFT) || heard.any(*i, ENTERED));
            let emptied = heard.any(at + 1, &["emptied", "cleared", "sold"]);
            let ends = match near {
                _ if emptied => &mut self.homes.left,
                Some(i) if heard.any(i, LEFT) => &mut self.homes.left,
                Some(_) => &mut self.homes.entered,
                None => continue,
            };
            if !ends.iter().any(|w| w == word) {
                ends.push(word.to_owned());
            }
        }
    }

    /// The end that the last home named between two tokens is: "the condo is ...".
    pub(super) fn end_of_home(&self, heard: &Heard, from: usize, to: usize) -> Option<u8> {
        let named = (from.max(to.saturating_sub(6))..to)
            .rev()
            .find_map(|i| self.homes.is_left(heard.word(i)));
        let asked = || {
            let short = self.last_agent.len() <= 8;
            let mut words = self.last_agent.iter().filter(|_| short);
            words.find_map(|w| self.homes.is_left(w))
        };
        self.end(named.or_else(asked)?)
    }

    /// "And the locker?", "what's the condo": the home that the agent asks for by its name.
    pub(super) fn end_asked(&self, heard: &Heard) -> Option<u8> {
        let n = heard.tokens.len();
        let asks = n <= 7
            && !heard.says(&[
                "how", "when", "who", "floor", "big", "size", "stairs", "elevator", "much", "is",
            ])
            && (heard
                .tokens
                .last()
                .is_some_and(|t| t.stop == Stop::Question)
                || (heard.tokens.iter().take(2)).any(|t| {
                    among(
                        &t.text,
                        &["and", "where", "where's", "what", "what's", "which"],
                    )
                }));
        let field = (n.saturating_sub(2)..n)
            .filter(|_| asks)
            .find_map(|i| self.homes.is_left(heard.word(i)))
            .and_then(|left| self.end(left))?;
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
