//! A call's journal with what nobody is to read or hear covered: which stretches of audio are silenced, and what its entries may show.

use serde_json::{Value, json};

use crate::audio::LINE_RATE_HZ;
use crate::call::{Event, Heard, ProviderEvent, Sensitive, Source};
use crate::fields::Speaker;
use crate::media::Track;
use crate::record::redact::{self, Line, Span};
use crate::speech::Segment;
use crate::store::journal::{Entry, Kind};

/// Silenced before the first and after the last word, ms: a recogniser's word times are not exact.
const MARGIN_MS: u64 = 200;

/// A stretch of a track that is not to be heard, in samples of the call's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The track.
    pub track: Track,
    /// First sample.
    pub from: u64,
    /// One past the last sample.
    pub to: u64,
}

/// What of a call nobody is to hear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// What is masked wherever it is said.
    pub kinds: Vec<Sensitive>,
    /// Where the call was not recorded, ms on its clock; no end where that lasts to the end of the call.
    pub unrecorded: Vec<(u64, Option<u64>)>,
}

impl Hidden {
    /// Of a call, by its call object: as it was when it was recorded, whatever the configuration says by now.
    pub fn of(call: &Value, kinds: &[Sensitive]) -> Hidden {
        let ranges = call["recording"]["paused_ranges"].as_array();
        Hidden {
            kinds: kinds.to_vec(),
            unrecorded: ranges
                .into_iter()
                .flatten()
                .filter_map(|range| Some((range["start_ms"].as_u64()?, range["end_ms"].as_u64())))
                .collect(),
        }
    }
}

/// The utterances in a journal, in order.
pub fn utterances(entries: &[Entry]) -> Vec<Segment> {
    entries
        .iter()
        .filter(|entry| entry.kind == Kind::Heard)
        .filter_map(|entry| match Event::from_entry(entry.kind, &entry.body) {
            Ok(Some(Event::Heard(Heard::Final(segment)))) => Some(segment),
            _ => None,
        })
        .collect()
}

fn speaker(track: Track) -> Speaker {
    match track {
        Track::Inbound => Speaker::Caller,
        Track::Outbound => Speaker::Agent,
    }
}

fn spans(heard: &[Segment], kinds: &[Sensitive]) -> Vec<Span> {
    let lines: Vec<Line<'_>> = (0..)
        .zip(heard)
        .map(|(segment, said)| Line {
            segment,
            speaker: speaker(said.track),
            words: &said.words,
        })
        .collect();
    redact::find(&lines, kinds)
}

/// What of a call is not to be heard: what is masked, and on both tracks what was not to be recorded.
pub fn silences(entries: &[Entry], hidden: &Hidden) -> Vec<Silence> {
    let heard = utterances(entries);
    let sample = |ms: u64| ms.saturating_mul(u64::from(LINE_RATE_HZ)) / 1000;
    let masked = spans(&heard, &hidden.kinds);
    let masked = masked.iter().map(|span| Silence {
        track: match span.speaker {
            Speaker::Caller => Track::Inbound,
            Speaker::Agent => Track::Outbound,
        },
        from: sample(span.start_ms.saturating_sub(MARGIN_MS)),
        to: sample(span.end_ms + MARGIN_MS),
    });
    let unrecorded = hidden.unrecorded.iter().flat_map(|&(start_ms, end_ms)| {
        Track::BOTH.map(|track| Silence {
            track,
            from: sample(start_ms),
            to: end_ms.map_or(u64::MAX, sample),
        })
    });
    masked.chain(unrecorded).collect()
}

/// The entries as they may be shown: utterances masked, pressed keys left out.
pub fn entries(entries: Vec<Entry>, kinds: &[Sensitive]) -> Vec<Entry> {
    if kinds.is_empty() {
        return entries;
    }
    let spans = spans(&utterances(&entries), kinds);
    let mut number = 0;
    let mut shown = entries;
    for entry in &mut shown {
        let covered = match Event::from_entry(entry.kind, &entry.body) {
            Ok(Some(Event::Heard(Heard::Final(said)))) => {
                number += 1;
                masked(&said, number - 1, &spans)
            }
            Ok(Some(Event::Provider(event))) => without_key(event),
            _ => None,
        };
        if let Some(body) = covered {
            entry.body = body.to_string().into_bytes();
        }
    }
    shown
}

fn masked(said: &Segment, number: u32, spans: &[Span]) -> Option<Value> {
    let mut body = serde_json::to_value(Heard::Final(said.clone())).ok()?;
    body["seq"] = json!(number);
    redact::mask_segment(&mut body, spans);
    body.as_object_mut()?.remove("seq");
    Some(body)
}

/// A pressed key may be a digit of a card.
fn without_key(event: ProviderEvent) -> Option<Value> {
    if event.source != Source::Media {
        return None;
    }
    let mut message: Value = serde_json::from_str(&event.text).ok()?;
    message["dtmf"]["digit"].as_str()?;
    message["dtmf"]["digit"] = json!("*");
    serde_json::to_value(ProviderEvent {
        text: message.to_string(),
        ..event
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::fields::words_of_text;

    const ALL: [Sensitive; 1] = [Sensitive::CardNumber];

    fn journal() -> Vec<Entry> {
        let text = "my card is 4111 1111 1111 1111 ok";
        let mut words = words_of_text(text, 0, 9_000);
        for (at, word) in (0..).zip(&mut words) {
            (word.start_ms, word.end_ms) = (1_000 * at, 1_000 * at + 900);
        }
        let said = Segment {
            track: Track::Inbound,
            utterance: 0,
            start_ms: 0,
            end_ms: 8_000,
            text: text.into(),
            words,
            suspect: false,
            model: "test".into(),
        };
        let key = ProviderEvent {
            source: Source::Media,
            stream: Some(0),
            text: r#"{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"7"}}"#.into(),
        };
        [Event::Heard(Heard::Final(said)), Event::Provider(key)]
            .iter()
            .map(|event| {
                let (kind, body) = event.to_entry();
                Entry {
                    key: CallId::new(1, [7; 10]),
                    sequence: 1,
                    at_us: 0,
                    kind,
                    body,
                }
            })
            .collect()
    }

    #[test]
    fn what_is_masked_is_silenced_with_a_margin() {
        let silence = Silence {
            track: Track::Inbound,
            from: 8 * 2_800,
            to: 8 * 7_100,
        };
        let hidden = Hidden::of(&json!({}), &ALL);
        assert_eq!(silences(&journal(), &hidden), [silence]);
        assert_eq!(silences(&journal(), &Hidden::default()), []);
    }

    #[test]
    fn what_was_not_recorded_is_silent_on_both_tracks() {
        let call = json!({ "recording": { "paused_ranges": [
            { "start_ms": 1_000, "end_ms": 2_000, "reason": "person" },
            { "start_ms": 5_000, "end_ms": null, "reason": "objection" },
        ] } });
        let silent = silences(&journal(), &Hidden::of(&call, &[]));
        let found: Vec<_> = silent.iter().map(|s| (s.track, s.from, s.to)).collect();
        assert_eq!(
            found,
            [
                (Track::Inbound, 8_000, 16_000),
                (Track::Outbound, 8_000, 16_000),
                (Track::Inbound, 40_000, u64::MAX),
                (Track::Outbound, 40_000, u64::MAX),
            ]
        );
    }

    #[test]
    fn entries_show_neither_the_number_nor_the_keys() {
        let shown = entries(journal(), &ALL);
        let text: String = shown
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.body))
            .collect();
        assert!(
            !text.contains("1111") && !text.contains("\\\"7\\\""),
            "{text}"
        );
        assert!(text.contains("my card is [card number] ok"), "{text}");
        assert_eq!(utterances(&shown).len(), 1, "still events");
        assert_eq!(entries(journal(), &[]), journal());
    }
}
