//! SignalWire cXML `<Stream>`: Twilio's messages with UUIDs for ids, and other codecs behind `mediaFormat`.
//!
//! `codec` may be `L16@16000h` or `L16@24000h`; [`super::StreamStart::check_format`] turns those away with a clear word.
//! <https://developer.signalwire.com/compatibility-api/cxml/voice/stream>

use super::dialect::WireError;
use super::event::MediaEvent;
use super::twilio;

/// Parses one message.
pub(super) fn parse(text: &str) -> Result<MediaEvent<'_>, WireError> {
    twilio::parse(text)
}

#[cfg(test)]
mod tests {
    use super::super::Track;
    use super::super::event::FormatError;
    use super::*;

    const FIXTURE: &str = include_str!("../../fixtures/wire/signalwire.jsonl");

    #[test]
    fn a_recorded_stream_reads_as_it_was() {
        let events: Vec<_> = FIXTURE.lines().map(|line| parse(line).unwrap()).collect();
        let MediaEvent::Start(start) = &events[1] else {
            panic!("{:?}", events[1])
        };
        assert_eq!(start.call, "6f1b2a94-6f5e-4b9e-9d0c-0f7f2a3b4c5d");
        assert_eq!(start.check_format(), Ok(()));
        let MediaEvent::Media(media) = &events[2] else {
            panic!("{:?}", events[2])
        };
        assert_eq!(
            (media.track, media.sequence, media.timestamp_ms),
            (Track::Inbound, Some(2), 20)
        );
        let MediaEvent::Start(linear) = &events[4] else {
            panic!("{:?}", events[4])
        };
        assert_eq!(
            linear.check_format(),
            Err(FormatError::Encoding {
                encoding: "audio/x-L16".into()
            })
        );
        assert!(matches!(events[3], MediaEvent::Stop { .. }));
    }
}
