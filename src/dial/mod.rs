//! A caller that speaks Twilio's wire exactly: plays recordings as a media stream in real time, once or many times over.
//!
//! Owns the provider's side of a call: the messages in their order and key order, the cadence by absolute deadlines, the hang-up. It knows
//! nothing of what the server does with them. `offhook dial`, `offhook demo` and tests use it; with `--calls` it is the load generator.

mod announce;
mod args;
mod audio;
mod call;
mod lateness;
mod load;
mod wire;

use thiserror::Error;

pub use announce::Announcement;
pub use args::{Args, run};
pub use audio::CallAudio;
pub use call::{Call, Ended, Report};
pub use lateness::Lateness;
pub use load::{Load, LoadReport};

/// Why a call could not be made or kept.
#[derive(Debug, Error)]
pub enum DialError {
    /// A file could not be opened.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not audio.
    #[error("{path}: {source}")]
    Audio {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: crate::audio::wav::WavError,
    },
    /// There is nothing to play.
    #[error("{path}: the file holds no samples")]
    Silent {
        /// The file.
        path: String,
    },
    /// The address cannot be called.
    #[error("--to {url}: {problem}")]
    Address {
        /// As given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody listens there.
    #[error("cannot connect to {url}: {source}; is the server running there?")]
    Connect {
        /// Where to.
        url: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The server answered the upgrade with something else.
    #[error("{url} refused the stream with HTTP {status}{}{body}", if body.is_empty() { "" } else { ": " })]
    Refused {
        /// Where to.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The first line of what it said.
        body: String,
    },
    /// The voice webhook's answer asks for no stream.
    #[error("{url} answered without a <Stream>: the server does not take this call")]
    NoStream {
        /// The webhook.
        url: String,
    },
    /// The server ended the stream while the caller was still speaking.
    #[error("the server closed the stream after {frames} frames: {reason}")]
    Closed {
        /// Media messages sent until then.
        frames: u64,
        /// The close frame's code and words, or what broke.
        reason: String,
    },
    /// Randomness for ids is not to be had.
    #[error("the operating system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The load generator's calls did not all work.
    #[error("{failed} of {calls} calls failed; the first: {first}")]
    Load {
        /// Calls that failed.
        failed: u64,
        /// Calls tried.
        calls: u64,
        /// Why the first of them failed.
        first: String,
    },
}
