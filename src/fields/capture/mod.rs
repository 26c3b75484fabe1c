//! From what a turn says to claims in the ledgers: one file a kind of value. Each takes the turn, the dialogue state and what was read
//! back, decides which field is meant, and appends claims; none keeps state of its own.

pub(super) mod act;
pub(super) mod address;
pub(super) mod clause;
pub(super) mod code;
pub(super) mod constraint;
pub(super) mod date;
pub(super) mod deed;
pub(super) mod direction;
pub(super) mod email;
pub(super) mod errand;
pub(super) mod flow;
pub(super) mod horizon;
pub(super) mod hours;
pub(super) mod item;
pub(super) mod machine;
pub(super) mod name;
pub(super) mod note;
pub(super) mod offer;
pub(super) mod other;
pub(super) mod owed;
pub(super) mod party;
pub(super) mod peril;
pub(super) mod phone;
pub(super) mod problem;
pub(super) mod promise;
pub(super) mod question;
pub(super) mod refusal;
pub(super) mod settle;
pub(super) mod signs;
pub(super) mod text;
pub(super) mod thing;
pub(super) mod time;
pub(super) mod urgency;
pub(super) mod whose;
