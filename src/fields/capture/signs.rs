//! Signs of where the call is going.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Signs in the agent's turn.
    pub fn agent_signs(&mut self, heard: &Heard) {
        if heard.hits.has(Cue::Goodbye) || heard.hits.has(Cue::AnythingElse) {
            self.signs.goodbye_ms = Some(heard.end_ms);
        }
    }
    /// Signs in the caller's turn.
    pub fn caller_signs(&mut self, heard: &Heard, _reply: &Reply) {
        if heard.hits.has(Cue::Goodbye) {
            self.signs.goodbye_ms = Some(heard.end_ms);
        }
    }
}
