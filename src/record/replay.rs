//! A journal's entries back to the call they describe: the law made executable.

use std::sync::Arc;

use super::outward;
use crate::call::{Action, Call, Event, Opening, Rules, UnreadableEntry};
use crate::store::journal::Kind;

/// Why a journal gives no call.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The opening entry is missing: without it nobody knows whose call this is.
    #[error(
        "the journal does not begin with the call's opening; it was damaged or cut at the front"
    )]
    NoOpening,
    /// The configuration has no rules for the call.
    #[error("{0}")]
    NoRules(String),
    /// An entry cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableEntry),
}

/// Folds a call's entries, in journal order, into the call.
///
/// `entries` are kind, time (unix microseconds) and body; media, seals and the closing mark are passed over. `rules_for` gives the rules that
/// the configuration holds for an opening. The call may still be open at the end, if its journal is.
///
/// # Errors
/// When the opening is missing, has no rules, or an entry cannot be read.
pub fn replay<B: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = (Kind, i64, B)>,
    rules_for: impl Fn(&Opening) -> Result<Arc<Rules>, String>,
) -> Result<Call, ReplayError> {
    let mut call: Option<Call> = None;
    let mut last_us = i64::MIN;
    for (kind, at_us, body) in entries {
        let Some(event) = Event::from_entry(kind, body.as_ref())? else {
            continue;
        };
        last_us = last_us.max(at_us);
        match (&mut call, &event) {
            (None, Event::Opened(opening)) => {
                let rules = rules_for(opening).map_err(ReplayError::NoRules)?;
                call = Some(Call::open(opening, rules, last_us).0);
            }
            (None, _) => return Err(ReplayError::NoOpening),
            (Some(call), event) => {
                let _: Vec<Action> = call.handle(event, last_us);
                // What was told then is part of the record; nobody is told again.
                outward::notices(call, last_us);
            }
        }
    }
    call.ok_or(ReplayError::NoOpening)
}
