//! What arrives on the wire: provider dialects become one [`MediaEvent`]; signatures and stream tokens.
//!
//! Owns parsing and authentication of what a telephone provider sends, and the instructions (TwiML) it is answered with. Pure: bytes in,
//! typed events out; it knows no socket, no clock and no async runtime (time and randomness are arguments), so it may not touch
//! `audio`, `call` or anything below them.
//!
//! - [`Dialect`] parses one WebSocket message of a provider: `twilio`, `signalwire`, `telnyx`, a small file each.
//! - [`signature`] checks `X-Twilio-Signature`; [`token`] ties a stream to the call it was announced for.
//! - [`ConsentSettings`] say how a caller is asked before the recording.
//! - [`webhook`] reads the form posts about a call; [`twiml`] writes the answer.

mod consent;
mod dialect;
mod event;
mod lenient;
mod part;
mod settings;
mod signalwire;
pub mod signature;
mod telnyx;
pub mod token;
mod twilio;
pub mod twiml;
pub mod webhook;

use serde::{Deserialize, Serialize};

pub use crate::secret::Secret;
pub use consent::{ConsentMode, ConsentSettings};
pub use dialect::{Dialect, WireError};
pub use event::{Format, FormatError, MAX_PAYLOAD_BYTES, MediaChunk, MediaEvent, StreamStart};
pub use settings::Settings;

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

    /// Reads the providers' spellings: `inbound`, `outbound`, and with the `_track` that Twilio's `dtmf` message adds.
    pub fn from_wire(word: &str) -> Option<Track> {
        match word {
            "inbound" | "inbound_track" => Some(Track::Inbound),
            "outbound" | "outbound_track" => Some(Track::Outbound),
            _ => None,
        }
    }

    /// `inbound` or `outbound`.
    pub fn as_str(self) -> &'static str {
        match self {
            Track::Inbound => "inbound",
            Track::Outbound => "outbound",
        }
    }
}
