//! What a provider says about a call, whoever the provider is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Track;

/// Longest audio payload of one message, bytes of mu-law: one second. Twilio sends 160 (20 ms).
pub const MAX_PAYLOAD_BYTES: usize = 8_000;

/// One message of a media stream. `Debug` shows neither audio nor anything a caller said, keyed or is called by.
#[derive(Clone, PartialEq)]
pub enum MediaEvent<'a> {
    /// The socket speaks; nothing is known of the call yet.
    Connected,
    /// The stream of a call begins.
    Start(Box<StreamStart>),
    /// Some milliseconds of one track.
    Media(MediaChunk<'a>),
    /// A key was pressed (Twilio: bidirectional streams only).
    Dtmf {
        /// Who pressed it, where the provider says so.
        track: Option<Track>,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// Position among the stream's messages.
        sequence: Option<u64>,
    },
    /// Playback reached a mark, or a `clear` dropped it: no proof that anybody heard the audio.
    Mark {
        /// The name given when the mark was sent.
        name: Cow<'a, str>,
    },
    /// The stream has ended. It may be missing when a connection drops.
    Stop {
        /// The provider's id of the call, where the message carries it.
        call: Option<Cow<'a, str>>,
    },
    /// An event this version does not know: to be counted, not refused.
    Unknown {
        /// Its name.
        event: Cow<'a, str>,
    },
}

impl MediaEvent<'_> {
    /// The event's name for metrics; every unknown one is `unknown`, so that a peer cannot invent label values.
    pub fn name(&self) -> &'static str {
        match self {
            MediaEvent::Connected => "connected",
            MediaEvent::Start(_) => "start",
            MediaEvent::Media(_) => "media",
            MediaEvent::Dtmf { .. } => "dtmf",
            MediaEvent::Mark { .. } => "mark",
            MediaEvent::Stop { .. } => "stop",
            MediaEvent::Unknown { .. } => "unknown",
        }
    }
}

impl fmt::Debug for MediaEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MediaEvent::Start(start) => f.debug_tuple("Start").field(start).finish(),
            MediaEvent::Media(media) => f.debug_tuple("Media").field(media).finish(),
            other => f.write_str(other.name()),
        }
    }
}

/// Some milliseconds of one track, still in base64.
#[derive(Clone, PartialEq)]
pub struct MediaChunk<'a> {
    /// Whose audio.
    pub track: Track,
    /// Position among the stream's messages (all kinds, both tracks), where the provider counts them.
    pub sequence: Option<u64>,
    /// The provider's clock at the first sample, ms. Its zero means nothing: only differences do.
    pub timestamp_ms: i64,
    /// Base64 of the samples. Borrowed from the message unless the sender escaped a character.
    pub payload: Cow<'a, str>,
}

impl fmt::Debug for MediaChunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaChunk")
            .field("track", &self.track)
            .field("sequence", &self.sequence)
            .field("timestamp_ms", &self.timestamp_ms)
            .field("payload_chars", &self.payload.len())
            .finish()
    }
}

/// What the first message of a stream says about the call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStart {
    /// The provider's account, where the message names it.
    pub account: Option<String>,
    /// The provider's id of the call (Twilio: CallSid). State is keyed by it: a call may have several streams.
    pub call: String,
    /// The provider's id of this stream.
    pub stream: String,
    /// The tracks announced; empty where the provider does not say.
    pub tracks: Vec<Track>,
    /// How the audio is coded.
    pub format: Format,
    /// What our own `<Parameter>` elements carried, the stream token among it.
    pub parameters: BTreeMap<String, String>,
    /// Caller, where the provider names it here (Twilio does not: it comes with the webhook).
    pub from: Option<String>,
    /// Called number, likewise.
    pub to: Option<String>,
}

impl StreamStart {
    /// Whether the announced audio is one this engine decodes: mu-law, 8000 Hz, one channel.
    ///
    /// # Errors
    /// Says which of the three differs and what to change at the provider.
    pub fn check_format(&self) -> Result<(), FormatError> {
        let encoding = self.format.encoding.to_ascii_lowercase();
        if !matches!(
            encoding.trim_start_matches("audio/"),
            "x-mulaw" | "mulaw" | "pcmu" | "basic"
        ) {
            return Err(FormatError::Encoding {
                encoding: printable(&self.format.encoding),
            });
        }
        if self.format.sample_rate_hz != 8_000 {
            return Err(FormatError::Rate {
                rate_hz: self.format.sample_rate_hz,
            });
        }
        if self.format.channels != 1 {
            return Err(FormatError::Channels {
                channels: self.format.channels,
            });
        }
        Ok(())
    }
}

impl fmt::Debug for StreamStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Numbers are callers' data and a parameter may be the token: neither belongs in a log.
        f.debug_struct("StreamStart")
            .field("call", &self.call)
            .field("stream", &self.stream)
            .field("tracks", &self.tracks)
            .field("format", &self.format)
            .field("parameters", &self.parameters.len())
            .finish_non_exhaustive()
    }
}

/// How a stream's audio is coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// The provider's name of the codec: `audio/x-mulaw`, `PCMU`, `audio/x-L16`, ...
    pub encoding: String,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// Interleaved channels.
    pub channels: u32,
}

/// Why a stream's audio cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// Another codec than mu-law.
    #[error(
        "the stream announces encoding '{encoding}'; only mu-law (audio/x-mulaw, PCMU) is decoded: set the provider's codec to PCMU at 8000 Hz"
    )]
    Encoding {
        /// What was announced.
        encoding: String,
    },
    /// Another rate than 8000 Hz.
    #[error(
        "the stream announces {rate_hz} Hz; only 8000 Hz is decoded: set the provider's codec to PCMU at 8000 Hz"
    )]
    Rate {
        /// What was announced.
        rate_hz: u32,
    },
    /// More or fewer than one channel a track.
    #[error("the stream announces {channels} channels in a track; only one is decoded")]
    Channels {
        /// What was announced.
        channels: u32,
    },
}

/// A name from the wire, short and printable enough for an error message.
fn printable(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_graphic())
        .take(32)
        .collect()
}
