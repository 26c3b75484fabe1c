//! What the words of a call, taken together, say of a choice: who calls, how urgent it is, what kind of trouble, how the call ended; of the
//! words around each number ([`Roll`]), what that number is for ([`Uses`]); of those around each place ([`Places`]), which it is; of those
//! around each name ([`Parties`]), who that is; of those around each day gone by ([`DaysGone`]), whether it happened then. Phrases know what they were told; the thousand other ways to say it are learned. One table a
//! choice: every word of either side, every pair of neighbours and, where that tells more, every beginning of a word adds its weight to each
//! option, once a call. `make weights` makes the tables from the labelled calls and samples under `fixtures`.
//!
//! Owns the tables and the running sums. Knows no ledger and no rule; those decide what its sums are worth.

mod around;
mod days;
mod entry;
mod heading;
mod parties;
mod places;
mod roll;
mod table;
mod uses;

use std::sync::LazyLock;

use super::token::{Num, Token};
use super::turn::Speaker;
pub use around::{Before, Phrase};
pub use days::{Day, DaySpot, DaysGone};
pub use entry::Entry;
pub use parties::{Known, Parties, Party, Spot};
pub use places::{Near, Places, Street, Town};
pub use roll::{Candidate, Roll};
pub use table::{AGENT, STEM, TableError, Vocabulary, Weights, stem};
pub use uses::Uses;

/// The tables that ship, over one vocabulary.
struct Shipped {
    vocabulary: Vocabulary,
    /// How urgent it is.
    urgency: Weights,
    /// What the call came to.
    outcome: Weights,
    /// Who calls.
    caller: Weights,
    /// What a number is for.
    numbers: Weights,
    /// Which end of a move a place is.
    ends: Weights,
    /// Whether a place is where somebody is to come.
    sites: Weights,
    /// Who is on the other side.
    against: Weights,
    /// Who is the patient.
    patient: Weights,
    /// On which day it happened.
    days: Weights,
    /// What kind of trouble, by vertical.
    categories: [(&'static str, Weights); 4],
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary::default();
    // A test reads them all strictly, so that none is left empty here.
    let mut table = |text| Weights::parse(text, &mut vocabulary).unwrap_or_default();
    Shipped {
        urgency: table(include_str!("../data/weights/urgency.txt")),
        outcome: table(include_str!("../data/weights/outcome.txt")),
        caller: table(include_str!("../data/weights/caller.txt")),
        numbers: table(include_str!("../data/weights/numbers.txt")),
        ends: table(include_str!("../data/weights/ends.txt")),
        sites: table(include_str!("../data/weights/sites.txt")),
        against: table(include_str!("../data/weights/against.txt")),
        patient: table(include_str!("../data/weights/patient.txt")),
        days: table(include_str!("../data/weights/days.txt")),
        categories: [
            (
                "home_services",
                table(include_str!("../data/weights/home_services-category.txt")),
            ),
            (
                "clinic",
                table(include_str!("../data/weights/clinic-category.txt")),
            ),
            (
                "law_office",
                table(include_str!("../data/weights/law_office-category.txt")),
            ),
            (
                "moving",
                table(include_str!("../data/weights/moving-category.txt")),
            ),
        ],
        vocabulary,
    }
});

/// The table of how urgent a call is.
pub fn urgency() -> &'static Weights {
    &SHIPPED.urgency
}

/// The table of what calls come to.
pub fn outcome() -> &'static Weights {
    &SHIPPED.outcome
}

/// The table of who calls: a customer, somebody who sells, nobody who meant to.
pub fn caller() -> &'static Weights {
    &SHIPPED.caller
}

/// The table of what the numbers of a call are for.
pub fn numbers() -> &'static Weights {
    &SHIPPED.numbers
}

/// The table of which end of a move a place is.
pub fn ends() -> &'static Weights {
    &SHIPPED.ends
}

/// The table of whether a place is where somebody is to come.
pub fn sites() -> &'static Weights {
    &SHIPPED.sites
}

/// The table of whether a name is the other side's.
pub fn against() -> &'static Weights {
    &SHIPPED.against
}

/// The table of whether a name is the patient's.
pub fn patient() -> &'static Weights {
    &SHIPPED.patient
}

/// The table of whether it happened on a day.
pub fn days() -> &'static Weights {
    &SHIPPED.days
}

/// The table of the kinds of trouble of a vertical that ships.
pub fn category(vertical: &str) -> Option<&'static Weights> {
    SHIPPED
        .categories
        .iter()
        .find(|(name, _)| *name == vertical)
        .map(|(_, table)| table)
}

/// The words that the tables which ship know.
pub fn vocabulary() -> &'static Vocabulary {
    &SHIPPED.vocabulary
}

/// The words and pairs of a turn by the numbers that the tables which ship know them by.
pub fn ids(tokens: &[Token]) -> Vec<u32> {
    vocabulary().ids(words(tokens))
}

/// The words of a turn as the tables know them: a number is a number, whichever.
pub fn words(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().map(|t| match is_number(t) {
        true => NUMBER,
        false => t.text.as_str(),
    })
}

fn is_number(token: &Token) -> bool {
    matches!(
        token.num,
        Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Hundred | Num::Thousand | Num::Literal
    )
}

/// Whether a turn mostly gives figures or letters: a number, a date, a name spelled say nothing of the matter.
pub fn dictates(tokens: &[Token]) -> bool {
    let told = |t: &&Token| t.is_single() || is_number(t);
    tokens.iter().filter(told).count() * 2 >= tokens.len()
}

/// Stands for any number.
pub const NUMBER: &str = "#";

/// The sums of one call for one table.
#[derive(Debug, Clone)]
pub struct Tally {
    weights: &'static Weights,
    /// By option.
    sums: Vec<f32>,
    /// A bit for every row that has counted already.
    counted: Vec<u64>,
    /// Those rows, in the order in which they counted.
    rows: Vec<u32>,
}

impl Tally {
    /// Nothing heard yet.
    pub fn new(weights: &'static Weights) -> Tally {
        Tally {
            weights,
            sums: weights.bias().to_vec(),
            counted: vec![0; weights.rows().div_ceil(64)],
            rows: Vec::new(),
        }
    }

    /// Adds the words and pairs, by number, of a turn that does not only dictate, or that stood together.
    pub fn hear(&mut self, speaker: Speaker, ids: &[u32]) {
        for id in ids {
            if let Some(row) = self.weights.row_of(speaker, *id) {
                self.count(row);
            }
        }
    }

    /// Adds what another one of the same table was told.
    fn add(&mut self, other: &Tally) {
        for row in &other.rows {
            self.count(*row);
        }
    }

    fn count(&mut self, row: u32) {
        if !self.has(row) {
            self.counted[row as usize / 64] |= 1 << (row % 64);
            self.rows.push(row);
            add(&mut self.sums, self.weights.row(row));
        }
    }

    /// Whether a row has counted already.
    fn has(&self, row: u32) -> bool {
        self.counted[row as usize / 64] & 1 << (row % 64) != 0
    }

    /// The scores that it would have if these words of the caller's, each different and alone, were said as well.
    fn scores_with(&self, ids: impl Iterator<Item = u32>) -> Vec<f32> {
        let mut sums = self.sums.clone();
        for row in ids.filter_map(|id| self.weights.row_of(Speaker::Caller, id)) {
            if !self.has(row) {
                add(&mut sums, self.weights.row(row));
            }
        }
        sums
    }

    /// The natural logarithm of each option's probability, up to a constant, in the table's order.
    pub fn scores(&self) -> &[f32] {
        &self.sums
    }

    /// The options of the table, in its order.
    pub fn options(&self) -> &'static [String] {
        self.weights.options()
    }
}

fn add(sums: &mut [f32], row: &[f32]) {
    for (sum, weight) in sums.iter_mut().zip(row) {
        *sum += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::of;
    use super::*;

    #[test]
    fn a_word_and_a_pair_count_once_and_numbers_are_alike() {
        let mut vocabulary = Vocabulary::default();
        let table: &'static Weights = Box::leak(Box::new(
            Weights::parse("@ calm\tpressing\n\t10\t-10\nnow\t0\t100\nright now\t0\t50\n#\t25\t0\nright\t0\t0\n>now\t100\t0\n", &mut vocabulary)
                .unwrap(),
        ));
        let mut tally = Tally::new(table);
        assert_eq!(tally.scores(), [0.1, -0.1]);
        let ids = |text: &str| vocabulary.ids(words(&of(text)));
        tally.hear(Speaker::Caller, &ids("right now, now! at 5 or six"));
        let rounded: Vec<i32> = tally
            .scores()
            .iter()
            .map(|s| (s * 100.0).round() as i32)
            .collect();
        assert_eq!(rounded, [35, 140]);
        tally.hear(Speaker::Caller, &ids("now"));
        assert_eq!((tally.scores()[1] * 100.0).round() as i32, 140);
        tally.hear(Speaker::Agent, &ids("now"));
        assert_eq!((tally.scores()[0] * 100.0).round() as i32, 135);
        assert_eq!(tally.options(), ["calm", "pressing"]);
    }
}
