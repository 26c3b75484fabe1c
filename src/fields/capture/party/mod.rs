//! Companies and persons that are not the caller: insurers ([`insurer`]), the other side ([`opposing`]), told in an [`answer`] or known
//! by its [`place`] or its [`role`].

mod answer;
mod firm;
mod insurer;
mod opposing;
mod place;
mod role;
mod sides;

pub(super) use answer::PLACES;
pub(super) use firm::ends_firm;
pub(super) use role::stands_against;
pub use sides::parties_of;

use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::Heard;

impl State {
    /// Other parties in the caller's turn.
    pub fn caller_parties(&mut self, heard: &mut Heard, reply: &Reply) {
        self.insurer(heard, reply);
        self.opposing(heard, reply);
    }
}
