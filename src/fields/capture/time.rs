//! Times.

use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Times in the caller's turn.
    pub fn caller_times(&mut self, _heard: &mut Heard, _reply: &Reply) {}
    /// Times in the agent's turn.
    pub fn agent_times(&mut self, _heard: &mut Heard) {}
    /// Conditions in the caller's turn.
    pub fn caller_constraints(&mut self, _heard: &mut Heard) {}
}
