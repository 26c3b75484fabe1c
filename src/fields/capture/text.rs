//! Fields of a business's own: texts, choices, numbers, yes or no.

use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// A business's own fields in the caller's turn.
    pub fn caller_texts(&mut self, _heard: &mut Heard, _reply: &Reply) {}
}
