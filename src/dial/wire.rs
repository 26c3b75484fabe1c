//! Twilio's messages, byte for byte: compact, keys in the order real logs show, numbers as strings except in `mediaFormat`.

use std::fmt::Write as _;

use crate::media::Track;

/// The first message on a socket.
pub(super) const CONNECTED: &str = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;

/// The ids of a call, as they stand in its messages.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    pub account: String,
    pub call: String,
    pub stream: String,
}

/// The message that begins the stream: always number 1.
pub(super) fn start(ids: &Ids, tracks: &[Track], parameters: &[(String, String)]) -> String {
    let tracks: Vec<_> = tracks
        .iter()
        .map(|track| format!("\"{}\"", track.as_str()))
        .collect();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
        .collect();
    format!(
        "{{\"event\":\"start\",\"sequenceNumber\":\"1\",\"start\":{{\"accountSid\":{},\"streamSid\":{stream},\"callSid\":{},\"tracks\":[{}],\
         \"mediaFormat\":{{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000,\"channels\":1}},\"customParameters\":{{{}}}}},\"streamSid\":{stream}}}",
        quoted(&ids.account),
        quoted(&ids.call),
        tracks.join(","),
        parameters.join(","),
        stream = quoted(&ids.stream),
    )
}

/// One frame of one track.
pub(super) fn media(
    ids: &Ids,
    sequence: u64,
    track: Track,
    chunk: u64,
    timestamp_ms: u64,
    payload: &str,
) -> String {
    let mut text = String::with_capacity(220 + payload.len());
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{{\"event\":\"media\",\"sequenceNumber\":\"{sequence}\",\"media\":{{\"track\":\"{}\",\"chunk\":\"{chunk}\",\"timestamp\":\"{timestamp_ms}\",\
         \"payload\":\"{payload}\"}},\"streamSid\":\"{}\"}}",
        track.as_str(),
        ids.stream,
    );
    text
}

/// A key pressed by the caller.
pub(super) fn dtmf(ids: &Ids, sequence: u64, digit: char) -> String {
    format!(
        "{{\"event\":\"dtmf\",\"streamSid\":\"{}\",\"sequenceNumber\":\"{sequence}\",\"dtmf\":{{\"track\":\"inbound_track\",\"digit\":\"{digit}\"}}}}",
        ids.stream
    )
}

/// The message that ends the stream.
pub(super) fn stop(ids: &Ids, sequence: u64) -> String {
    format!(
        "{{\"event\":\"stop\",\"sequenceNumber\":\"{sequence}\",\"stop\":{{\"accountSid\":{},\"callSid\":{}}},\"streamSid\":\"{}\"}}",
        quoted(&ids.account),
        quoted(&ids.call),
        ids.stream
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Dialect, MediaEvent};
    use proptest::prelude::*;

    fn ids() -> Ids {
        Ids {
            account: "AC00000000000000000000000000000001".into(),
            call: "CA00000000000000000000000000000001".into(),
            stream: "MZ00000000000000000000000000000001".into(),
        }
    }

    /// The recorded stream can be made again, byte for byte.
    #[test]
    fn every_message_is_the_recorded_one() {
        let recorded: Vec<&str> = include_str!("../../fixtures/wire/twilio.jsonl")
            .lines()
            .collect();
        let payload = |line: &str| {
            line.split("\"payload\":\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap()
                .to_owned()
        };
        assert_eq!(CONNECTED, recorded[0]);
        assert_eq!(
            start(&ids(), &Track::BOTH, &[("token".into(), "t0ken".into())]),
            recorded[1]
        );
        assert_eq!(
            media(&ids(), 2, Track::Inbound, 1, 102, &payload(recorded[2])),
            recorded[2]
        );
        assert_eq!(
            media(&ids(), 3, Track::Outbound, 2, 102, &payload(recorded[3])),
            recorded[3]
        );
        assert_eq!(dtmf(&ids(), 4, '5'), recorded[4]);
        assert_eq!(stop(&ids(), 6), recorded[6]);
    }

    proptest! {
        #[test]
        fn what_is_sent_parses_to_what_was_meant(name in ".{1,20}", value in ".{0,40}", call in "[A-Za-z0-9\"\\\\]{1,34}", sequence in any::<i64>().prop_map(i64::unsigned_abs), timestamp in 0u64..=i64::MAX as u64) {
            let ids = Ids { call: call.clone(), ..ids() };
            let text = start(&ids, &[Track::Inbound], &[(name.clone(), value.clone())]);
            let MediaEvent::Start(begun) = Dialect::Twilio.parse(&text).unwrap() else { panic!("{text}") };
            prop_assert_eq!((&begun.call, begun.parameters.get(&name), &begun.tracks[..]), (&call, Some(&value), &[Track::Inbound][..]));
            begun.check_format().unwrap();
            let sequence = sequence.min(i64::MAX as u64);
            let text = media(&ids, sequence, Track::Outbound, 9, timestamp, "/w==");
            let MediaEvent::Media(sent) = Dialect::Twilio.parse(&text).unwrap() else { panic!("{text}") };
            prop_assert_eq!((sent.sequence, sent.track, sent.timestamp_ms as u64, sent.payload.as_ref()), (Some(sequence), Track::Outbound, timestamp, "/w=="));
            let text = stop(&ids, sequence);
            prop_assert_eq!(Dialect::Twilio.parse(&text).unwrap(), MediaEvent::Stop { call: Some(call.into()) });
        }
    }
}
