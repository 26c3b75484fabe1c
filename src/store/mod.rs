//! What stays: the journal of every call and the database of what came of it.
//!
//! Owns the data directory. The journal is the truth and comes first; the database holds what is derived from it and what people
//! decide. Neither knows what a call or a record means: bodies are bytes to the one and JSON text to the other.

pub mod journal;
