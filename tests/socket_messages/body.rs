//! What the fuzz target and the property test share: a socket's worth of text, a message a line, through the frame path.

use offhook::audio::{FramePath, ring};
use offhook::media::{Dialect, MediaEvent, Track};

/// Feeds every line to every dialect and what is media to a frame path; whatever came in, the counts must agree.
pub fn socket(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for dialect in [Dialect::Twilio, Dialect::SignalWire, Dialect::Telnyx] {
        let ((inbound, mut hears_inbound), (outbound, mut hears_outbound)) =
            (ring::channel(), ring::channel());
        let mut path =
            FramePath::new(0, [Some(inbound), Some(outbound)]).expect("the resampler is set up");
        let (mut media_messages, mut accepted) = (0u64, 0u64);
        for line in text.lines() {
            match dialect.parse(line) {
                Ok(MediaEvent::Media(media)) => {
                    media_messages += 1;
                    accepted += u64::from(
                        path.accept(&media, |bytes| assert!(!bytes.is_empty()))
                            .is_ok(),
                    );
                }
                Ok(MediaEvent::Start(start)) => {
                    let _ = start.check_format();
                    path.begin_stream(path.report(Track::Inbound).end_sample / 8);
                }
                Ok(event) => drop(format!("{event:?}")),
                Err(error) => drop(error.to_string()),
            }
            for reader in [&mut hears_inbound, &mut hears_outbound] {
                let mut last = 0;
                while let Ok(frame) = reader.pop() {
                    assert!(
                        frame.start_sample >= last,
                        "the recogniser's audio went back in time"
                    );
                    last = frame.start_sample + u64::from(frame.len);
                }
            }
        }
        let reports = path.finish();
        let sum = |of: fn(&offhook::audio::TrackReport) -> u64| reports.iter().map(of).sum::<u64>();
        assert_eq!(
            sum(|r| r.counts.frames + r.counts.duplicates + r.counts.late + r.counts.implausible),
            accepted
        );
        assert_eq!(sum(|r| r.invalid_payloads), media_messages - accepted);
        assert!(sum(|r| r.counts.samples) <= sum(|r| r.end_sample));
    }
}
