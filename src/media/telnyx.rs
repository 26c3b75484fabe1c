//! Telnyx media streaming: snake_case, `stream_id` beside the parts, `call_control_id` for the call, From and To in `start`.
//!
//! The order of media messages is not guaranteed; the timeline places a late one. `connected` carries no protocol, `error` is an event.
//! <https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket>

use serde::Deserialize;

use super::dialect::{WireError, digit, object};
use super::event::{Format, MediaEvent, StreamStart};
use super::lenient::{Field, Integer, OwnedText, Parameters, Part, Text};
use super::part::{Mark, Media, rate};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    event: Field<Text<'a>>,
    sequence_number: Field<Integer>,
    stream_id: Field<Text<'a>>,
    media: Field<Part<Media<'a>>>,
    start: Field<Part<Start>>,
    dtmf: Field<Part<Dtmf<'a>>>,
    mark: Field<Part<Mark<'a>>>,
    stop: Field<Part<Stop<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Start {
    user_id: Field<OwnedText>,
    call_control_id: Field<OwnedText>,
    from: Field<OwnedText>,
    to: Field<OwnedText>,
    media_format: Field<Part<MediaFormat>>,
    custom_parameters: Field<Parameters>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MediaFormat {
    encoding: Field<OwnedText>,
    sample_rate: Field<Integer>,
    channels: Field<Integer>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dtmf<'a> {
    #[serde(borrow)]
    digit: Field<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Stop<'a> {
    #[serde(borrow)]
    call_control_id: Field<Text<'a>>,
}

/// Parses one message.
pub(super) fn parse(text: &str) -> Result<MediaEvent<'_>, WireError> {
    let message: Message<'_> = object(text)?;
    let Text(event) = message.event.required("event")?;
    match event.as_ref() {
        "media" => {
            let Part(media) = message.media.required("media")?;
            media.chunk(message.sequence_number.count("sequence_number")?)
        }
        "start" => {
            let Part(start) = message.start.required("start")?;
            let Part(format) = start.media_format.required("start.media_format")?;
            Ok(MediaEvent::Start(Box::new(StreamStart {
                account: start.user_id.optional("start.user_id")?.map(|text| text.0),
                call: start.call_control_id.required("start.call_control_id")?.0,
                stream: message.stream_id.required("stream_id")?.0.into_owned(),
                tracks: Vec::new(),
                format: Format {
                    encoding: format.encoding.required("start.media_format.encoding")?.0,
                    sample_rate_hz: rate(format.sample_rate, "start.media_format.sample_rate")?,
                    channels: rate(format.channels, "start.media_format.channels")?,
                },
                parameters: start
                    .custom_parameters
                    .optional("start.custom_parameters")?
                    .map(|p| p.0)
                    .unwrap_or_default(),
                from: start.from.optional("start.from")?.map(|text| text.0),
                to: start.to.optional("start.to")?.map(|text| text.0),
            })))
        }
        "dtmf" => {
            let Part(dtmf) = message.dtmf.required("dtmf")?;
            Ok(MediaEvent::Dtmf {
                track: None,
                digit: digit(&dtmf.digit.required("dtmf.digit")?.0, "dtmf.digit")?,
                sequence: message.sequence_number.count("sequence_number")?,
            })
        }
        "mark" => {
            let Part(mark) = message.mark.required("mark")?;
            mark.event()
        }
        "stop" => {
            let call = match message.stop {
                Field::Given(Part(Stop {
                    call_control_id: Field::Given(Text(call)),
                })) => Some(call),
                _ => None,
            };
            Ok(MediaEvent::Stop { call })
        }
        "connected" => Ok(MediaEvent::Connected),
        _ => Ok(MediaEvent::Unknown { event }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Track;

    const FIXTURE: &str = include_str!("../../fixtures/wire/telnyx.jsonl");

    #[test]
    fn a_recorded_stream_reads_as_it_was() {
        let events: Vec<_> = FIXTURE.lines().map(|line| parse(line).unwrap()).collect();
        assert_eq!(events[0], MediaEvent::Connected);
        let MediaEvent::Start(start) = &events[1] else {
            panic!("{:?}", events[1])
        };
        assert_eq!(
            start.call,
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
        );
        assert_eq!(start.stream, "32DE0DEA-53CB-4B21-89A4-9E1819C043BC");
        assert_eq!(
            (start.from.as_deref(), start.to.as_deref()),
            (Some("+15125550142"), Some("+15125550100"))
        );
        assert_eq!(start.parameters["token"], "t0ken");
        assert_eq!(start.check_format(), Ok(()));
        let order: Vec<_> = events
            .iter()
            .filter_map(|event| {
                if let MediaEvent::Media(media) = event {
                    Some((media.track, media.sequence, media.timestamp_ms))
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(
            order,
            [
                (Track::Inbound, Some(3), 20),
                (Track::Inbound, Some(2), 0),
                (Track::Outbound, Some(4), 0)
            ]
        );
        assert_eq!(
            events[5],
            MediaEvent::Dtmf {
                track: None,
                digit: '1',
                sequence: Some(5)
            }
        );
        assert_eq!(
            events[6],
            MediaEvent::Unknown {
                event: "error".into()
            }
        );
        assert_eq!(
            events[7],
            MediaEvent::Stop {
                call: Some("v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ".into())
            }
        );
    }
}
