//! The parts of a message in which the providers agree.

use serde::Deserialize;

use super::Track;
use super::dialect::{WireError, check_payload};
use super::event::{MediaChunk, MediaEvent};
use super::lenient::{Field, Integer, Text};

/// `media`: one frame of one track.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Media<'a> {
    #[serde(borrow)]
    track: Field<Text<'a>>,
    timestamp: Field<Integer>,
    payload: Field<Text<'a>>,
}

impl<'a> Media<'a> {
    /// The frame, with the sequence number that stands beside the part.
    pub(super) fn chunk(self, sequence: Option<u64>) -> Result<MediaEvent<'a>, WireError> {
        let Text(track) = self.track.required("media.track")?;
        let Text(payload) = self.payload.required("media.payload")?;
        check_payload(&payload, "media.payload")?;
        Ok(MediaEvent::Media(MediaChunk {
            track: Track::from_wire(&track).ok_or(WireError::UnknownTrack {
                field: "media.track",
            })?,
            sequence,
            timestamp_ms: self.timestamp.required("media.timestamp")?.0,
            payload,
        }))
    }
}

/// `mark`: what was sent to be played up to a name has been played.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Mark<'a> {
    #[serde(borrow)]
    name: Field<Text<'a>>,
}

impl<'a> Mark<'a> {
    /// The event.
    pub(super) fn event(self) -> Result<MediaEvent<'a>, WireError> {
        Ok(MediaEvent::Mark {
            name: self.name.required("mark.name")?.0,
        })
    }
}

/// A small count: a rate or a number of channels.
pub(super) fn rate(field: Field<Integer>, name: &'static str) -> Result<u32, WireError> {
    u32::try_from(field.required(name)?.0).map_err(|_| WireError::WrongType { field: name })
}
