//! Companies and persons that are not the caller: insurers, the other side.

use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Other parties in the caller's turn.
    pub fn caller_parties(&mut self, _heard: &mut Heard, _reply: &Reply) {}
}
