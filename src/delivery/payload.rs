//! The body of a webhook: Standard Webhooks' envelope around what the destination may see.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event::Event;
use super::settings::{Destination, TranscriptMode};
use super::view::View;

/// Version of the payload's form.
pub const API_VERSION: &str = "2026-11-01";
/// Largest body, bytes. What is left out to get there is named in `truncated`; it can be fetched by the links.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// What was made of an event for one destination: kept as sent, so that every attempt sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// What is sent: a webhook's body, or a message as JSON.
    pub body: String,
    /// SHA-256 of it, hexadecimal.
    pub sha256: String,
    /// Names of the fields whose values are in it.
    pub fields_sent: Vec<String>,
}

impl Payload {
    /// A payload of a body.
    pub fn new(body: String, fields_sent: Vec<String>) -> Payload {
        let sha256 = Sha256::digest(body.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        Payload {
            body,
            sha256,
            fields_sent,
        }
    }
}

/// What stands around a view in the body.
#[derive(Debug, Clone, Default)]
pub struct Around<'a> {
    /// The event's number within its call.
    pub sequence: i64,
    /// This delivery's id.
    pub delivery_id: &'a str,
    /// How the other actions of the event went, so far.
    pub results: Vec<Value>,
    /// The transcript's segments, where the destination wants them in the body.
    pub transcript: Option<Vec<Value>>,
    /// Put before the paths of links, so that they can be followed from elsewhere.
    pub base_url: Option<&'a str>,
}

/// The body of a webhook.
pub fn webhook(
    event: &Event,
    destination: &Destination,
    view: View,
    around: &Around<'_>,
) -> Payload {
    let mut data = view.data;
    match (destination.transcript, &around.transcript) {
        (TranscriptMode::Inline, Some(segments)) if data["transcript"].is_object() => {
            data["transcript"]["mode"] = json!("inline");
            data["transcript"]["text"] = json!(segments);
        }
        (TranscriptMode::None, _) if data["transcript"].is_object() => {
            data["transcript"] = json!({ "mode": "none" });
        }
        _ => {}
    }
    if !around.results.is_empty() {
        data["post_call_actions"] = json!(around.results);
    }
    if let Some(base) = around.base_url {
        absolute(&mut data, base.trim_end_matches('/'));
    }
    let mut envelope = json!({
        "type": event.kind,
        "timestamp": crate::call::rfc3339(event.at_ms * 1000),
        "id": event.id,
        "api_version": API_VERSION,
        "sequence": around.sequence,
        "livemode": data["call"]["is_test"] != true && event.kind != super::EventType::TestPing,
        "delivery_id": around.delivery_id,
        "data": data,
    });
    let body = shorten(&mut envelope);
    Payload::new(body, view.fields_sent)
}

/// Makes paths of ours addresses that can be followed.
fn absolute(value: &mut Value, base: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|v| absolute(v, base)),
        Value::Object(parts) => parts.values_mut().for_each(|v| absolute(v, base)),
        Value::String(text)
            if ["/v1/", "/calls/", "/records/"]
                .iter()
                .any(|p| text.starts_with(p)) =>
        {
            text.insert_str(0, base);
        }
        _ => {}
    }
}

/// The body, with as much left out as the size limit asks for: least needed first, values of fields never.
fn shorten(envelope: &mut Value) -> String {
    type Cut = (&'static str, fn(&mut Value));
    let cuts: [Cut; 5] = [
        ("transcript", |data| {
            if data["transcript"]["mode"] == "inline" {
                data["transcript"]["mode"] = json!("url");
                if let Some(transcript) = data["transcript"].as_object_mut() {
                    transcript.remove("text");
                }
            }
        }),
        ("history", |data| {
            each_field(data, |field| field["history"] = json!([]))
        }),
        ("evidence", |data| {
            each_field(data, |field| field["evidence"] = json!([]));
            let sentences = data.pointer_mut("/summary/sentences");
            for sentence in sentences
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                sentence["evidence"] = json!([]);
            }
        }),
        ("raw", |data| {
            each_field(data, |field| field["raw"] = Value::Null)
        }),
        ("details", |data| {
            if let Some(data) = data.as_object_mut() {
                for key in [
                    "conversation_timestamps",
                    "routing_history",
                    "quoted_constraints",
                    "escalations",
                    "tasks",
                    "summary",
                    "latency",
                ] {
                    data.remove(key);
                }
            }
        }),
    ];
    let mut body = envelope.to_string();
    let mut truncated = Vec::new();
    for (name, cut) in cuts {
        if body.len() <= MAX_BODY_BYTES {
            break;
        }
        cut(&mut envelope["data"]);
        truncated.push(name);
        envelope["truncated"] = json!(truncated);
        body = envelope.to_string();
    }
    body
}

fn each_field(data: &mut Value, change: impl Fn(&mut Value)) {
    if let Some(fields) = data.get_mut("fields").and_then(Value::as_object_mut) {
        fields.values_mut().for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::EventType;
    use crate::delivery::view;

    fn destination(more: Value) -> Destination {
        let mut all = json!({ "id": "crm", "kind": "webhook", "allow_fields": ["*"] });
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn record() -> Value {
        json!({
            "id": "rec_1", "call_id": "call_1", "vertical": "clinic", "call": { "is_test": false },
            "fields": { "caller_name": { "value": "Maria", "type": "person_name", "status": "heard", "history": [], "evidence": [] } },
            "transcript": { "mode": "url", "url": "/v1/calls/call_1/transcript" },
            "links": { "record": "/v1/records/rec_1" },
        })
    }

    fn made(record: &Value, destination: &Destination, around: &Around<'_>) -> (Value, Payload) {
        let event = Event::of_record(EventType::RecordApproved, record, 2, 1_763_683_200_000);
        let payload = webhook(
            &event,
            destination,
            view::of(&event, destination, |_| false),
            around,
        );
        (serde_json::from_str(&payload.body).unwrap(), payload)
    }

    #[test]
    fn the_envelope_of_standard_webhooks() {
        let around = Around {
            sequence: 7,
            delivery_id: "dlv_1",
            results: vec![json!({ "id": "confirm", "state": "delivered" })],
            base_url: Some("https://desk.example.com/"),
            ..Around::default()
        };
        let (body, payload) = made(&record(), &destination(json!({})), &around);
        insta::assert_json_snapshot!(body);
        assert_eq!(payload.fields_sent, ["caller_name"]);
        assert_eq!(payload.sha256.len(), 64);
    }

    #[test]
    fn the_transcript_goes_as_the_destination_wants_it() {
        let around = Around {
            transcript: Some(vec![json!({ "text": "hello" })]),
            ..Around::default()
        };
        let transcript = |mode: &str| {
            made(
                &record(),
                &destination(json!({ "transcript": mode })),
                &around,
            )
            .0["data"]["transcript"]
                .clone()
        };
        assert_eq!(
            transcript("url"),
            json!({ "mode": "url", "url": "/v1/calls/call_1/transcript" })
        );
        assert_eq!(transcript("none"), json!({ "mode": "none" }));
        assert_eq!(transcript("inline")["text"], json!([{ "text": "hello" }]));
    }

    #[test]
    fn too_large_a_body_loses_what_is_needed_least_and_says_so() {
        let mut record = record();
        record["fields"]["caller_name"]["history"] = json!(["x".repeat(MAX_BODY_BYTES)]);
        let around = Around {
            transcript: Some(vec![json!("y".repeat(MAX_BODY_BYTES))]),
            ..Around::default()
        };
        let (body, payload) = made(
            &record,
            &destination(json!({ "transcript": "inline" })),
            &around,
        );
        assert!(payload.body.len() <= MAX_BODY_BYTES);
        assert_eq!(body["truncated"], json!(["transcript", "history"]));
        assert_eq!(body["data"]["fields"]["caller_name"]["value"], "Maria");
        assert_eq!(body["data"]["transcript"]["mode"], "url");
    }
}
