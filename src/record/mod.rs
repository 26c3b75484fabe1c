//! The draft record that a call leaves behind.
//!
//! Owns the shape of a record: a pure function of the finished call. It may not touch storage, delivery, a clock or a random number; ids in
//! it derive from the call's id.

mod coverage;
mod replay;

pub use replay::{ReplayError, replay};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::call::{Call, Moment, TranscriptSegment, rfc3339};
use crate::fields::Speaker;
use crate::speech::SpeechState;

/// Everything that is stored at hangup: the record, and beside it what people look up by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The call's id.
    pub call_id: String,
    /// The record's id.
    pub record_id: String,
    /// The flat call object.
    pub call: Value,
    /// The record, the `data` part of a webhook.
    pub record: Value,
    /// The transcript, a segment each.
    pub segments: Vec<Value>,
    /// What happened when.
    pub timeline: Vec<Value>,
}

/// Lead-in and lead-out around a value's words when they are played back, ms.
const CLIP_MARGIN_MS: u64 = 500;

/// Serialises a value of ours. They hold only strings, numbers and string-keyed maps, so this cannot fail.
fn value(from: impl serde::Serialize) -> Value {
    serde_json::to_value(from).unwrap_or_default()
}

/// The draft of a finished call.
pub fn draft(call: &Call) -> Draft {
    let record_id = call.id().derived("rec");
    let mut header = call.header_json();
    header["record_id"] = json!(record_id);
    if let (Some(timing), Value::Object(spoken)) = (
        header["timing"].as_object_mut(),
        coverage::speech_times(call),
    ) {
        timing.extend(spoken);
    }
    let segments: Vec<Value> = call.transcript().iter().map(value).collect();
    let timeline: Vec<Value> = moments(call).iter().map(value).collect();
    Draft {
        call_id: call.id().to_string(),
        record: record(call, &record_id, &header, &timeline),
        record_id,
        call: header,
        segments,
        timeline,
    }
}

/// SHA-256 of a record's JSON, hexadecimal: by it a replay is compared with what was stored.
pub fn digest(record: &Value) -> String {
    Sha256::digest(record.to_string().as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// The timeline in order of the call's clock; entries of one moment stay in the order in which they happened.
fn moments(call: &Call) -> Vec<Moment> {
    let mut moments = call.timeline().to_vec();
    moments.sort_by_key(|m| m.at_ms);
    moments
}

fn record(call: &Call, record_id: &str, header: &Value, timeline: &[Value]) -> Value {
    let heard = call.extractor();
    let call_id = call.id().to_string();
    let fields: serde_json::Map<String, Value> = heard
        .fields()
        .map(|f| (f.name.clone(), field(&call_id, value(f))))
        .collect();
    let needs_review: Vec<String> = fields
        .iter()
        .filter(|(_, f)| f["needs_review"] == true)
        .map(|(name, f)| format!("{}:{name}", reason(f)))
        .collect();
    let mut reasons = needs_review;
    if !call.gaps().is_empty() {
        reasons.push("media_gap".to_owned());
    }
    if call.speech_state() == SpeechState::Stopped {
        reasons.push("speech_stopped".to_owned());
    }
    let hangup_to_draft_ms = call
        .end()
        .map(|(_, end)| crate::call::ms_between(end, call.finalised_us()));
    json!({
        "id": record_id,
        "call_id": call_id,
        "state": "draft",
        "version": 1,
        "created_at": rfc3339(call.finalised_us()),
        "vertical": call.opening().vertical,
        "config_version": call.opening().config_version,
        "call": header,
        "ownership": call.rules().ownership,
        "caller": { "known": false, "contact_id": null, "contact_name": null, "contact_data": {} },
        "summary": heard.summary(),
        "outcome": heard.outcome(),
        "next_action": heard.next_action(),
        "fields": fields,
        "missing_required": heard.missing_required(),
        "unconfirmed_important": heard.unconfirmed_important(),
        "contradictions": heard.contradictions(),
        "tasks": heard.tasks(),
        "confirmation": heard.confirmation_copy(),
        "escalations": heard.escalations(),
        "transcript": transcript(call, &call_id),
        "recording": { "available": call.audio().iter().any(|track| track.audio_ms > 0), "recording_url": format!("/v1/calls/{call_id}/recording"), "channels": 2, "paused_ranges": [] },
        "conversation_timestamps": timeline.iter().map(|m| json!({ "name": m["name"], "at_ms": m["at_ms"] })).collect::<Vec<_>>(),
        "latency": {
            "stt_final_p50_ms": quantile(call.final_delays_ms(), 50),
            "stt_final_p95_ms": quantile(call.final_delays_ms(), 95),
            "hangup_to_draft_ms": hangup_to_draft_ms,
        },
        "review": { "state": "pending", "reason": reasons },
        "links": {
            "record": format!("/v1/records/{record_id}"), "journal": format!("/v1/calls/{call_id}/journal"), "ui": format!("/calls/{call_id}"),
        },
    })
}

/// The value that `percent` of 100 values do not exceed; null where there are none.
fn quantile(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// A field as a reviewer gets it: with the clips behind its evidence, and whether a person should look.
fn field(call_id: &str, mut field: Value) -> Value {
    if let Some(evidence) = field["evidence"].as_array_mut() {
        for item in evidence {
            let (Some(start), Some(end)) = (item["start_ms"].as_u64(), item["end_ms"].as_u64())
            else {
                continue;
            };
            let channel = if item["speaker"] == json!(Speaker::Agent) {
                "agent"
            } else {
                "caller"
            };
            let from_ms = start.saturating_sub(CLIP_MARGIN_MS);
            let to_ms = end + CLIP_MARGIN_MS;
            item["audio_url"] = json!(format!(
                "/v1/calls/{call_id}/audio?from_ms={from_ms}&to_ms={to_ms}&channel={channel}"
            ));
        }
    }
    let status = field["status"].as_str().unwrap_or("missing");
    let settled = matches!(status, "confirmed" | "declined" | "not_applicable");
    let important = field["importance"] == "critical" || field["required"] == true;
    let doubtful = field["band"] == "low" || status == "conflicting" || status == "inferred";
    let needs_review = !settled && (important || (status != "missing" && doubtful));
    field["needs_review"] = json!(needs_review);
    field["review"] = json!({ "state": "pending" });
    field
}

/// Why a person should look at a field, in the words of the review queue.
fn reason(field: &Value) -> &'static str {
    match field["status"].as_str() {
        Some("missing") => "missing",
        Some("conflicting") => "conflict",
        _ if field["band"] == "low" => "low_confidence",
        _ => "unconfirmed",
    }
}

fn transcript(call: &Call, call_id: &str) -> Value {
    let segments: &[std::sync::Arc<TranscriptSegment>] = call.transcript();
    let words: Vec<f64> = segments
        .iter()
        .flat_map(|s| &s.words)
        .map(|w| f64::from(w.p))
        .collect();
    let mean = (!words.is_empty())
        .then(|| (words.iter().sum::<f64>() / words.len() as f64 * 1000.0).round() / 1000.0);
    json!({
        "mode": "url",
        "url": format!("/v1/calls/{call_id}/transcript"),
        "segments": segments.len(),
        "words": words.len(),
        "mean_word_confidence": mean,
        "models": call.models(),
        "coverage": coverage::coverage(call),
    })
}
