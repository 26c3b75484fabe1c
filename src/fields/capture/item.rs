//! Things to be moved.

use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Things in the caller's turn.
    pub fn caller_items(&mut self, _heard: &Heard) {}
}
