//! Twilio Media Streams: `connected start media dtmf mark stop`, camelCase, numbers written as strings.
//!
//! Shapes: <https://www.twilio.com/docs/voice/media-streams/websocket-messages>, and real logs where the pages are silent
//! (`fixtures/wire/README.md`).

use serde::Deserialize;

use super::Track;
use super::dialect::{WireError, digit, object};
use super::event::{Format, MediaEvent, StreamStart};
use super::lenient::{Field, Integer, OwnedText, Parameters, Part, Text, Words};
use super::part::{Mark, Media, rate};

// One flat struct and a match on `event`: serde's internally tagged enums buffer the message and cost twice the time.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    event: Field<Text<'a>>,
    #[serde(rename = "sequenceNumber")]
    sequence: Field<Integer>,
    #[serde(rename = "streamSid")]
    stream: Field<Text<'a>>,
    media: Field<Part<Media<'a>>>,
    start: Field<Part<Start>>,
    dtmf: Field<Part<Dtmf<'a>>>,
    mark: Field<Part<Mark<'a>>>,
    stop: Field<Part<Stop<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Start {
    account_sid: Field<OwnedText>,
    stream_sid: Field<OwnedText>,
    call_sid: Field<OwnedText>,
    tracks: Field<Words>,
    media_format: Field<Part<MediaFormat>>,
    custom_parameters: Field<Parameters>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct MediaFormat {
    encoding: Field<OwnedText>,
    sample_rate: Field<Integer>,
    channels: Field<Integer>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dtmf<'a> {
    #[serde(borrow)]
    track: Field<Text<'a>>,
    digit: Field<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Stop<'a> {
    #[serde(borrow)]
    call_sid: Field<Text<'a>>,
}

/// Parses one message.
pub(super) fn parse(text: &str) -> Result<MediaEvent<'_>, WireError> {
    let message: Message<'_> = object(text)?;
    let Text(event) = message.event.required("event")?;
    match event.as_ref() {
        "media" => {
            let Part(media) = message.media.required("media")?;
            media.chunk(message.sequence.count("sequenceNumber")?)
        }
        "start" => {
            let Part(start) = message.start.required("start")?;
            let stream = match start.stream_sid.optional("start.streamSid")? {
                Some(OwnedText(stream)) => stream,
                None => message.stream.required("streamSid")?.0.into_owned(),
            };
            let Part(format) = start.media_format.required("start.mediaFormat")?;
            let Words(tracks) = start
                .tracks
                .optional("start.tracks")?
                .unwrap_or(Words(Vec::new()));
            Ok(MediaEvent::Start(Box::new(StreamStart {
                account: start
                    .account_sid
                    .optional("start.accountSid")?
                    .map(|text| text.0),
                call: start.call_sid.required("start.callSid")?.0,
                stream,
                tracks: tracks
                    .iter()
                    .filter_map(|word| Track::from_wire(word))
                    .collect(),
                format: Format {
                    encoding: format.encoding.required("start.mediaFormat.encoding")?.0,
                    sample_rate_hz: rate(format.sample_rate, "start.mediaFormat.sampleRate")?,
                    channels: rate(format.channels, "start.mediaFormat.channels")?,
                },
                parameters: start
                    .custom_parameters
                    .optional("start.customParameters")?
                    .map(|p| p.0)
                    .unwrap_or_default(),
                from: None,
                to: None,
            })))
        }
        "dtmf" => {
            let Part(dtmf) = message.dtmf.required("dtmf")?;
            Ok(MediaEvent::Dtmf {
                track: dtmf
                    .track
                    .optional("dtmf.track")?
                    .and_then(|word| Track::from_wire(&word.0)),
                digit: digit(&dtmf.digit.required("dtmf.digit")?.0, "dtmf.digit")?,
                sequence: message.sequence.count("sequenceNumber")?,
            })
        }
        "mark" => {
            let Part(mark) = message.mark.required("mark")?;
            mark.event()
        }
        "stop" => {
            // A stop ends the stream whatever it carries.
            let call = match message.stop {
                Field::Given(Part(Stop {
                    call_sid: Field::Given(Text(call)),
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
    use std::borrow::Cow;

    const FIXTURE: &str = include_str!("../../fixtures/wire/twilio.jsonl");

    #[test]
    fn a_recorded_stream_reads_as_it_was() {
        let events: Vec<_> = FIXTURE.lines().map(|line| parse(line).unwrap()).collect();
        assert_eq!(events[0], MediaEvent::Connected);
        let MediaEvent::Start(start) = &events[1] else {
            panic!("{:?}", events[1])
        };
        assert_eq!(start.call, "CA00000000000000000000000000000001");
        assert_eq!(start.stream, "MZ00000000000000000000000000000001");
        assert_eq!(
            start.account.as_deref(),
            Some("AC00000000000000000000000000000001")
        );
        assert_eq!(start.tracks, Track::BOTH);
        assert_eq!(start.parameters["token"], "t0ken");
        assert_eq!(start.check_format(), Ok(()));
        let MediaEvent::Media(media) = &events[2] else {
            panic!("{:?}", events[2])
        };
        assert_eq!(
            (
                media.track,
                media.sequence,
                media.timestamp_ms,
                media.payload.len()
            ),
            (Track::Inbound, Some(2), 102, 216)
        );
        let MediaEvent::Media(media) = &events[3] else {
            panic!("{:?}", events[3])
        };
        assert_eq!(
            (media.track, media.sequence, media.timestamp_ms),
            (Track::Outbound, Some(3), 102)
        );
        assert_eq!(
            events[4],
            MediaEvent::Dtmf {
                track: Some(Track::Inbound),
                digit: '5',
                sequence: Some(4)
            }
        );
        assert_eq!(
            events[5],
            MediaEvent::Mark {
                name: "greeting".into()
            }
        );
        assert_eq!(
            events[6],
            MediaEvent::Stop {
                call: Some("CA00000000000000000000000000000001".into())
            }
        );
    }

    #[test]
    fn an_escaped_slash_in_the_payload_is_the_same_payload() {
        let text =
            r#"{"event":"media","media":{"track":"inbound","timestamp":5,"payload":"\/\/8="}}"#;
        let MediaEvent::Media(media) = parse(text).unwrap() else {
            panic!("not media")
        };
        assert_eq!(media.payload, "//8=");
        assert!(matches!(media.payload, Cow::Owned(_)));
    }

    #[test]
    fn nothing_of_the_caller_shows_in_debug() {
        for line in FIXTURE.lines() {
            let shown = format!("{:?}", parse(line).unwrap());
            assert!(
                !shown.contains("t0ken") && !shown.contains("f355") && !shown.contains('5'),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_stop_without_its_part_still_stops() {
        assert_eq!(
            parse(r#"{"event":"stop","sequenceNumber":"5"}"#).unwrap(),
            MediaEvent::Stop { call: None }
        );
    }
}
