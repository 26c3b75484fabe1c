//! Days: dates of birth, of incidents, in court.

use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Days in the caller's turn.
    pub fn caller_dates(&mut self, _heard: &mut Heard) {}
    /// Days in the agent's turn.
    pub fn agent_dates(&mut self, _heard: &mut Heard) {}
}
