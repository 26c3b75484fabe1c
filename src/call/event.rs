//! What can happen to a call. Each event is one journal entry, in the order in which the call sees it; partials alone are not kept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audio::{LINE_RATE_HZ, TrackReport};
use crate::call::latency::Latencies;
use crate::call::{CallId, Timer};
use crate::fields::PersonAction;
use crate::media::{ConsentMode, Track};
use crate::speech::{Segment, SpeechState};
use crate::store::journal::Kind;

/// One thing that happened to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The engine opened the call. Always the first event.
    Opened(Box<Opening>),
    /// Something the provider sent, word for word.
    Provider(ProviderEvent),
    /// Something the engine saw at the edge.
    Observed(Observation),
    /// Something the recogniser heard.
    Heard(Heard),
    /// Something a person did.
    Person(PersonAct),
    /// A timer that the call had asked for ran out.
    Timer(TimerFired),
}

/// The facts under which a call was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Our id.
    pub call: CallId,
    /// The telephone provider: `twilio`, `signalwire`, `telnyx`.
    pub provider: String,
    /// The provider's id (Twilio: CallSid).
    pub provider_call_id: String,
    /// The vertical by whose fields the call is read.
    pub vertical: String,
    /// The location that owns the dialled number, where the configuration knows it.
    pub location: Option<String>,
    /// SHA-256 of the configuration in force.
    pub config_version: String,
    /// An earlier call under the same provider id that had ended already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CallId>,
}

/// Where a provider event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The media socket: a JSON message.
    Media,
    /// The voice webhook: a form.
    Voice,
    /// The call's status callback: a form.
    Status,
    /// The stream's status callback: a form.
    StreamStatus,
    /// What comes after the announcement is asked for, with the caller's key if there was one: a form.
    Consent,
}

/// Something the provider sent, word for word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderEvent {
    /// Where it came in.
    pub source: Source,
    /// For `media`: which stream of the call, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<u8>,
    /// The message or form as received.
    pub text: String,
}

/// Something the engine saw at the edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Observation {
    /// A stream's first media sample arrived; it lies `offset_ms` after the call's first one.
    StreamOrigin {
        /// Which stream of the call.
        stream: u8,
        /// The provider's timestamp of that sample, ms.
        timestamp_ms: i64,
        /// Where the sample lies on the call's clock, ms.
        offset_ms: u64,
    },
    /// Audio is missing by the provider's timestamps.
    Gap {
        /// The track with the hole.
        track: Track,
        /// Start on the call's clock, ms.
        start_ms: u64,
        /// End on the call's clock, ms.
        end_ms: u64,
    },
    /// A stream's socket is closed and its audio is counted.
    StreamClosed {
        /// Which stream of the call.
        stream: u8,
        /// Why.
        reason: StreamEnd,
        /// Audio of both tracks, inbound first.
        audio: [TrackAudio; 2],
    },
    /// Who calls, by what the business has loaded: looked up when the caller's number becomes known, and journalled before it does, so
    /// that a replay does not depend on what is loaded then.
    Caller(Box<Caller>),
    /// The provider was told to announce the recording to the caller.
    ConsentAsked {
        /// How.
        mode: ConsentMode,
        /// Whether the recording may begin before the caller has heard it.
        record_before: bool,
    },
    /// How long the stages of the call have taken so far.
    Measured(Box<Latencies>),
    /// The engine came up again and found the call unfinished.
    EngineRestart,
}

/// Who calls, as far as the business knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The number that was looked up.
    pub number: String,
    /// Whether there is one contact with it.
    pub known: bool,
    /// The contact.
    pub contact_id: Option<String>,
    /// Its name.
    pub contact_name: Option<String>,
    /// Its ids in other systems.
    #[serde(default)]
    pub external_ids: BTreeMap<String, String>,
    /// How many calls came from the number before.
    pub previous_calls: u64,
    /// What the business has loaded about it: apart from what is captured, which never changes it.
    #[serde(default)]
    pub contact_data: serde_json::Map<String, serde_json::Value>,
}

/// Why a stream's socket closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamEnd {
    /// The provider said `stop`.
    Stop,
    /// The socket closed or broke without `stop`.
    Dropped,
    /// A newer stream of the same call took over.
    Replaced,
    /// No message for longer than the limit.
    Silent,
    /// The call had ended, or the engine shuts down.
    Drained,
}

/// The audio of one track of a stream, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackAudio {
    /// Frames accepted.
    pub frames: u64,
    /// Audio received, ms.
    pub audio_ms: u64,
    /// End of the last sample on the call's clock, ms.
    pub end_ms: u64,
    /// Audio missing, ms.
    pub gap_ms: u64,
    /// Holes.
    pub gaps: u64,
    /// Frames that came twice.
    pub duplicates: u64,
    /// Frames that came late or out of order.
    pub reordered: u64,
    /// Messages without usable audio.
    pub rejected: u64,
    /// Frames that the recogniser was too slow to take; they are in the journal.
    pub dropped: u64,
}

impl From<&TrackReport> for TrackAudio {
    fn from(report: &TrackReport) -> Self {
        let ms = |samples: u64| samples * 1000 / u64::from(LINE_RATE_HZ);
        let counts = &report.counts;
        TrackAudio {
            frames: counts.frames,
            audio_ms: ms(counts.samples),
            end_ms: ms(report.end_sample),
            gap_ms: ms(counts.gap_samples),
            gaps: counts.gaps,
            duplicates: counts.duplicates,
            reordered: counts.reordered + counts.late + counts.implausible,
            rejected: report.invalid_payloads,
            dropped: report.dropped_frames,
        }
    }
}

/// Something the recogniser heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Heard {
    /// A finished utterance.
    Final(Segment),
    /// How well the recogniser keeps up. `Stopped` means that no `Done` will come for the stream.
    State {
        /// Which stream of the call.
        stream: u8,
        /// The new state.
        state: SpeechState,
    },
    /// A track's audio has ended and all of it has been heard.
    Done {
        /// Which stream of the call.
        stream: u8,
        /// The track.
        track: Track,
    },
}

/// Something a person did to the call while it lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonAct {
    /// Who: a user's id, or `agent`.
    pub who: String,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

/// What a person can do to a live call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// Sets, confirms, rejects or declines a field.
    Field(PersonAction),
    /// Marks this moment on the timeline.
    Flag {
        /// Why, in the person's words.
        #[serde(default)]
        note: String,
    },
    /// Stops recording for a while.
    PauseRecording {
        /// End of the audio that had come by then, ms on the call's clock; filled in by the edge.
        #[serde(default)]
        at_ms: u64,
        /// Why, in the person's words.
        #[serde(default)]
        note: String,
    },
    /// Goes on recording.
    ResumeRecording {
        /// End of the audio that had come by then, ms on the call's clock; filled in by the edge.
        #[serde(default)]
        at_ms: u64,
        /// Why, in the person's words.
        #[serde(default)]
        note: String,
    },
}

/// A timer that ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerFired {
    /// Which one.
    pub timer: Timer,
}

/// A journal entry is no event that this version knows.
#[derive(Debug, thiserror::Error)]
#[error("journal entry of kind {kind:?} cannot be read: {source}")]
pub struct UnreadableEntry {
    kind: Kind,
    source: serde_json::Error,
}

impl Event {
    /// The journal kind and body of this event.
    pub fn to_entry(&self) -> (Kind, Vec<u8>) {
        let (kind, body) = match self {
            Event::Opened(e) => (Kind::Opened, serde_json::to_vec(e)),
            Event::Provider(e) => (Kind::Provider, serde_json::to_vec(e)),
            Event::Observed(e) => (Kind::Observed, serde_json::to_vec(e)),
            Event::Heard(e) => (Kind::Heard, serde_json::to_vec(e)),
            Event::Person(e) => (Kind::Person, serde_json::to_vec(e)),
            Event::Timer(e) => (Kind::Timer, serde_json::to_vec(e)),
        };
        // These types hold only strings, numbers and maps with string keys: writing them to memory cannot fail.
        (kind, body.unwrap_or_default())
    }

    /// The event in a journal entry; `None` for entries that are no events (media, seals, the closing mark).
    ///
    /// # Errors
    /// When the body is not what its kind promises.
    pub fn from_entry(kind: Kind, body: &[u8]) -> Result<Option<Event>, UnreadableEntry> {
        let wrap = |source| UnreadableEntry { kind, source };
        Ok(Some(match kind {
            Kind::Opened => Event::Opened(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Provider => Event::Provider(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Observed => Event::Observed(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Heard => Event::Heard(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Person => Event::Person(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Timer => Event::Timer(serde_json::from_slice(body).map_err(wrap)?),
            Kind::Media
            | Kind::Closed
            | Kind::Seal
            | Kind::Split
            | Kind::Stripped
            | Kind::Other(_) => {
                return Ok(None);
            }
        }))
    }
}

/// An event for the live feed: one delta of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveEvent {
    /// Event type as in the feed's contract (`call.started`, `transcript.final`, `field.updated`, ...).
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// Number within the call, without holes, from 1.
    pub seq: u64,
    /// The call.
    pub call_id: CallId,
    /// When, RFC 3339 with milliseconds, UTC.
    pub at: String,
    /// When, ms from the call's first media sample.
    pub at_ms: u64,
    /// What, by type.
    pub data: serde_json::Value,
}
