//! Which provider's words are spoken on a socket, and what can be wrong with a message.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::{MAX_PAYLOAD_BYTES, MediaEvent};
use super::lenient::{Field, Part};
use super::{signalwire, telnyx, twilio};

/// A provider's way of writing media streams. Chosen by the path a stream connects to, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Twilio Media Streams.
    Twilio,
    /// SignalWire cXML `<Stream>`.
    SignalWire,
    /// Telnyx media streaming (TeXML and Call Control).
    Telnyx,
}

impl Dialect {
    /// The provider's name in journals and records.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Twilio => "twilio",
            Dialect::SignalWire => "signalwire",
            Dialect::Telnyx => "telnyx",
        }
    }

    /// The dialect of a provider's [`Dialect::name`].
    pub fn from_name(name: &str) -> Option<Dialect> {
        [Dialect::Twilio, Dialect::SignalWire, Dialect::Telnyx]
            .into_iter()
            .find(|d| d.name() == name)
    }

    /// Parses one text message. A media message is parsed without allocation (unless its sender escaped a character).
    ///
    /// # Errors
    /// [`WireError`] says which member is wrong and never repeats what the message held.
    pub fn parse<'a>(&self, text: &'a str) -> Result<MediaEvent<'a>, WireError> {
        match self {
            Dialect::Twilio => twilio::parse(text),
            Dialect::SignalWire => signalwire::parse(text),
            Dialect::Telnyx => telnyx::parse(text),
        }
    }
}

/// What is wrong with a message. It names members and positions, never values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireError {
    /// The text is not JSON.
    #[error("the message is not JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first bad character, from 1.
        line: usize,
        /// Its column.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("the message is JSON but not an object")]
    NotAnObject,
    /// A member appears twice in one object.
    #[error("the message has the same member twice in one object (line {line}, column {column})")]
    Repeated {
        /// Line of the second one, from 1.
        line: usize,
        /// Its column.
        column: usize,
    },
    /// A member that the event needs is not there.
    #[error("the message lacks '{field}'")]
    Missing {
        /// Its path in the message.
        field: &'static str,
    },
    /// A member is of a type or form that cannot be read.
    #[error("'{field}' of the message is of the wrong type or cannot be read")]
    WrongType {
        /// Its path in the message.
        field: &'static str,
    },
    /// The track is neither inbound nor outbound.
    #[error("'{field}' of the message is neither inbound nor outbound")]
    UnknownTrack {
        /// Its path in the message.
        field: &'static str,
    },
    /// More audio in one message than any provider sends.
    #[error(
        "'{field}' holds {chars} base64 characters; at most {MAX_PAYLOAD_BYTES} bytes of audio are taken in one message"
    )]
    PayloadTooLarge {
        /// Its path in the message.
        field: &'static str,
        /// How long it is.
        chars: usize,
    },
}

impl WireError {
    /// The error in one word, for metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            WireError::NotJson { .. } => "not_json",
            WireError::NotAnObject => "not_an_object",
            WireError::Repeated { .. } => "repeated_member",
            WireError::Missing { .. } => "missing_member",
            WireError::WrongType { .. } => "wrong_type",
            WireError::UnknownTrack { .. } => "unknown_track",
            WireError::PayloadTooLarge { .. } => "payload_too_large",
        }
    }
}

/// Parses the object `T` of a message.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, WireError> {
    match serde_json::from_str::<Field<Part<T>>>(text) {
        Ok(Field::Given(Part(message))) => Ok(message),
        Ok(Field::Missing | Field::Wrong) => Err(WireError::NotAnObject),
        // Members cannot have a wrong type (see `lenient`), so the only complaint about data is a repeated one.
        Err(e) if e.is_data() => Err(WireError::Repeated {
            line: e.line(),
            column: e.column(),
        }),
        Err(e) => Err(WireError::NotJson {
            line: e.line(),
            column: e.column(),
        }),
    }
}

/// Refuses a payload that cannot fit, before anything looks at it.
pub(super) fn check_payload(payload: &str, field: &'static str) -> Result<(), WireError> {
    if payload.len() > MAX_PAYLOAD_BYTES.div_ceil(3) * 4 {
        return Err(WireError::PayloadTooLarge {
            field,
            chars: payload.len(),
        });
    }
    Ok(())
}

/// The one key of a `dtmf` message.
pub(super) fn digit(word: &str, field: &'static str) -> Result<char, WireError> {
    let mut chars = word.chars();
    match (chars.next().map(|c| c.to_ascii_uppercase()), chars.next()) {
        (Some(c @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Ok(c),
        _ => Err(WireError::WrongType { field }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Track;
    use super::*;
    use proptest::prelude::*;

    const ALL: [Dialect; 3] = [Dialect::Twilio, Dialect::SignalWire, Dialect::Telnyx];

    #[test]
    fn errors_name_the_member_and_never_its_value() {
        let cases: [(&str, &str); 12] = [
            ("", "not JSON"),
            ("{\"event\":\"media\"", "not JSON"),
            ("[1,2]", "not an object"),
            ("\"secret\"", "not an object"),
            ("null", "not an object"),
            ("{\"event\":17}", "'event'"),
            ("{}", "lacks 'event'"),
            ("{\"event\":\"media\"}", "lacks 'media'"),
            ("{\"event\":\"media\",\"media\":\"secret\"}", "'media'"),
            (
                "{\"event\":\"media\",\"media\":{\"track\":\"secret\",\"timestamp\":\"1\",\"payload\":\"\"}}",
                "neither inbound nor outbound",
            ),
            (
                "{\"event\":\"media\",\"media\":{\"track\":\"inbound\",\"timestamp\":\"secret\",\"payload\":\"\"}}",
                "'media.timestamp'",
            ),
            (
                "{\"event\":\"media\",\"event\":\"secret\"}",
                "same member twice",
            ),
        ];
        for (text, says) in cases {
            let error = Dialect::Twilio.parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn unknown_events_and_members_are_tolerated() {
        for dialect in ALL {
            let event = dialect
                .parse(r#"{"event":"weather","x":[1,{"y":null}],"media":{"z":true}}"#)
                .unwrap();
            assert_eq!(
                event,
                MediaEvent::Unknown {
                    event: "weather".into()
                }
            );
            assert_eq!(event.name(), "unknown");
        }
    }

    #[test]
    fn a_payload_past_the_limit_is_refused_by_length_alone() {
        let payload = "A".repeat(MAX_PAYLOAD_BYTES * 4 / 3 + 8);
        let text = format!(
            r#"{{"event":"media","media":{{"track":"inbound","timestamp":"1","payload":"{payload}"}}}}"#
        );
        assert!(matches!(
            Dialect::Twilio.parse(&text),
            Err(WireError::PayloadTooLarge { .. })
        ));
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
        let text = format!("{{\"event\":{}", "[".repeat(100_000));
        assert!(matches!(
            Dialect::Twilio.parse(&text),
            Err(WireError::NotJson { .. })
        ));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in ".{0,300}") {
            for dialect in ALL { let _ = dialect.parse(&text); }
        }

        #[test]
        fn no_json_of_the_right_shape_makes_a_parser_panic(
            event in "(connected|start|media|dtmf|mark|stop|error|x)",
            part in "(connected|start|media|dtmf|mark|stop)",
            member in "(track|timestamp|payload|digit|name|callSid|call_control_id|mediaFormat|media_format|tracks|customParameters|custom_parameters)",
            value in "(null|true|-?[0-9]{1,25}|[0-9]\\.[0-9]e[0-9]{1,3}|\"[a-z0-9_\\-]{0,12}\"|\\[\\]|\\[\"inbound\",3\\]|\\{\\}|\\{\"a\":1\\})",
        ) {
            let text = format!(r#"{{"event":"{event}","sequenceNumber":{value},"sequence_number":{value},"{part}":{{"{member}":{value}}}}}"#);
            for dialect in ALL { let _ = dialect.parse(&text); }
        }

        #[test]
        fn numbers_are_read_as_strings_and_as_numbers(timestamp in any::<i64>(), sequence in 0..=i64::MAX) {
            let as_strings = format!(r#"{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"outbound","chunk":"1","timestamp":"{timestamp}","payload":"/w=="}},"streamSid":"MZ1"}}"#);
            let as_numbers = as_strings.replace(&format!("\"{timestamp}\""), &timestamp.to_string()).replace(&format!("\"{sequence}\""), &sequence.to_string());
            let event = Dialect::Twilio.parse(&as_strings).unwrap();
            prop_assert_eq!(&event, &Dialect::Twilio.parse(&as_numbers).unwrap());
            let MediaEvent::Media(media) = event else { panic!("not media") };
            prop_assert_eq!((media.track, media.timestamp_ms, media.sequence), (Track::Outbound, timestamp, Some(sequence as u64)));
            prop_assert!(matches!(media.payload, std::borrow::Cow::Borrowed("/w==")));
        }
    }
}
