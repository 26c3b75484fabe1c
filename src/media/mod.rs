//! What arrives on the wire: provider dialects become one [`MediaEvent`]; signatures and stream tokens.
//!
//! Owns parsing and authentication of what a telephone provider sends. Pure: bytes in, typed events out; it knows no socket, no clock and
//! no async runtime (time and randomness are arguments).

use serde::{Deserialize, Serialize};

/// Which leg of the call a sample belongs to, in the provider's words.
///
/// `Inbound` is what the provider receives from the leg on which the stream was started (the caller, on an inbound call); `Outbound` is
/// what it sends to that leg (the agent, prompts, hold music). It says nothing about the direction of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// Audio received from the leg the stream was started on.
    Inbound,
    /// Audio sent to that leg.
    Outbound,
}

impl Track {
    /// Both tracks, in index order.
    pub const BOTH: [Track; 2] = [Track::Inbound, Track::Outbound];

    /// 0 for inbound, 1 for outbound: the channel in recordings and the index into per-track arrays.
    pub fn index(self) -> usize {
        match self {
            Track::Inbound => 0,
            Track::Outbound => 1,
        }
    }
}
