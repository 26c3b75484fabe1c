//! Fields: from two speakers' words, as they come, to values a business can act on.
//!
//! Owns tokens, spoken numbers, recognisers, dialogue state, the evidence ledger, verticals. Pure and deterministic: it may not touch
//! sockets, files, clocks or threads, and the same turns give the same bytes everywhere.
//!
//! The way of a turn: [`token`] -> [`lexicon`] and [`number`] (shared by all) -> recognisers ([`phone`], [`name`], [`address`] ...) ->
//! [`dialogue`] (what was asked, what was read back, what the answer was) -> `capture` (whose value it is) -> [`ledger`] (claims,
//! confirmations, contradictions) -> [`field`]. Beside the phrases, [`weigh`] adds up what all words of both sides say of who calls,
//! how urgent it is, what it is about and how it ended, what each number and each place in it is for, and who of those it names is the
//! other side or the patient; [`name::tag`], which words are the caller's name.

// Conditions there are written in the order people think them.
#[allow(clippy::nonminimal_bool)]
pub mod address;
pub mod agenda;
mod capture;
mod code;
pub mod confidence;
pub mod context;
pub mod cue;
pub mod dialogue;
pub mod evidence;
pub mod extract;
pub mod extractor;
pub mod field;
pub mod gazetteer;
mod homophone;
pub mod ledger;
pub mod lexicon;
pub mod mention;
pub mod name;
mod next;
pub mod number;
pub mod outcome;
pub mod person;
pub mod phone;
pub mod prompt;
pub mod spell;
mod state;
pub mod summary;
#[allow(clippy::nonminimal_bool)]
pub mod temporal;
pub mod token;
pub mod turn;
pub mod value;
pub mod vertical;
pub mod weigh;
mod window;
pub mod word_set;

pub use context::{Business, Context};
pub use evidence::{Evidence, Role};
pub use extractor::{Expectation, Extractor};
pub use field::{Band, Field};
pub use ledger::{ChangeKind, Source, Status};
pub use outcome::{Code, NextAction, Outcome, Task};
pub use person::{PersonAct, PersonAction, PersonError};
pub use prompt::{Prompt, Reason};
pub use state::{Change, Escalation};
pub use summary::{Sentence, Summary};
pub use turn::{Speaker, Turn, words_of_text};
pub use value::{Address, Constraint, ConstraintKind, FieldType, Owner, Promise, Value, Window};
pub use vertical::{Vertical, VerticalError};

#[cfg(test)]
mod tests;
