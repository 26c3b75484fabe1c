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

/// What of a call is not to be heard.
pub fn silences(entries: &[Entry], kinds: &[Sensitive]) -> Vec<Silence> {
    let heard = utterances(entries);
    let sample = |ms: u64| ms * u64::from(LINE_RATE_HZ) / 1000;
    spans(&heard, kinds)
        .iter()
        .map(|span| Silence {
            track: match span.speaker {
                Speaker::Caller => Track::Inbound,
                Speaker::Agent => Track::Outbound,
            },
            from: sample(span.start_ms.saturating_sub(MARGIN_MS)),
            to: sample(span.end_ms + MARGIN_MS),
        })
        .collect()
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
        assert_eq!(silences(&journal(), &ALL), [silence]);
        assert_eq!(silences(&journal(), &[]), []);
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
