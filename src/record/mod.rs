//! The draft record that a call leaves behind.
//!
//! Owns the shape of a record: a pure function of the finished call; what may leave it by itself ([`policy`]), whether a person has to
//! look at it ([`triage`]), and what a person's review makes of it ([`review`]). It may not touch storage, delivery, a clock or a random
//! number; ids in it derive from the call's id.

mod coverage;
pub mod facts;
pub mod outward;
mod ownership;
pub mod policy;
pub mod redact;
mod replay;
pub mod review;
pub mod triage;
pub mod unheard;

pub use replay::{ReplayError, replay};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
pub use unheard::group as outcome_group;

use crate::call::{Call, EndReason, Moment, TranscriptSegment, rfc3339, timestamp};
use crate::fields::{Field, Outcome, Speaker};
use crate::speech::SpeechState;
use policy::{Applied, Doubtful};
use triage::Reason;

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
    let lines: Vec<redact::Line> = call.transcript().iter().map(|s| (&**s).into()).collect();
    let kinds = &call.rules().redact;
    let masked = redact::find(&lines, kinds);
    let mut segments: Vec<Value> = call.transcript().iter().map(value).collect();
    segments
        .iter_mut()
        .for_each(|segment| redact::mask_segment(segment, &masked));
    let timeline: Vec<Value> = moments(call).iter().map(value).collect();
    let mut record = record(call, &record_id, &header, &timeline, &masked);
    redact::mask_record(&mut record, &lines, &masked, kinds);
    Draft {
        call_id: call.id().to_string(),
        record,
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

fn record(
    call: &Call,
    record_id: &str,
    header: &Value,
    timeline: &[Value],
    masked: &[redact::Span],
) -> Value {
    let heard = call.extractor();
    let call_id = call.id().to_string();
    let outcome = unheard::outcome(call);
    let next_action = unheard::next_action(call);
    let mut shown_outcome = value(&outcome);
    shown_outcome["group"] = json!(unheard::group(outcome.code));
    shown_outcome["source"] = json!("rule");
    let doubtful: Vec<Doubtful> = call
        .gaps()
        .iter()
        .map(|&(track, start_ms, end_ms)| Doubtful {
            speaker: call.speaker(track),
            start_ms,
            end_ms,
        })
        .chain(masked.iter().map(|span| Doubtful {
            speaker: span.speaker,
            start_ms: span.start_ms,
            end_ms: span.end_ms,
        }))
        .collect();
    let owed = !triage::nothing_owed(outcome.code) && !unheard::was_missed(call);
    let mut reasons = Vec::new();
    let mut fields = serde_json::Map::new();
    for (one, spec) in heard.fields().zip(&heard.vertical().fields) {
        let policy = policy::applied(&one, spec, &doubtful);
        let reason = triage::of_field(&one, &policy).filter(|_| owed);
        let shown = field(call, &one, &policy, reason.is_some());
        fields.insert(one.name.clone(), shown);
        reasons.extend(reason);
    }
    reasons.extend(of_call(call, &outcome));
    let sampled = triage::sampled(record_id, call.rules().review.sample_percent);
    let (state, review) = triage::opening(
        &reasons,
        sampled,
        timestamp(call.finalised_us()),
        call.rules().review,
    );
    json!({
        "id": record_id,
        "call_id": call_id,
        "state": state,
        "version": 1,
        "created_at": rfc3339(call.finalised_us()),
        "vertical": call.opening().vertical,
        "timezone": call.rules().context.zone_name(),
        "config_version": call.opening().config_version,
        "call": header,
        "ownership": ownership::ownership(call),
        "caller": call.caller_json(),
        "summary": heard.summary(),
        "outcome": shown_outcome,
        "next_action": next_action,
        "fields": fields,
        "missing_required": heard.missing_required(),
        "unconfirmed_important": heard.unconfirmed_important(),
        "contradictions": heard.contradictions(),
        "tasks": heard.tasks(),
        "confirmation": heard.confirmation_copy(),
        "escalations": heard.escalations(),
        "transcript": transcript(call, &call_id, !masked.is_empty()),
        "recording": recording(call, &call_id),
        "conversation_timestamps": timeline.iter().map(|m| json!({ "name": m["name"], "at_ms": m["at_ms"] })).collect::<Vec<_>>(),
        "latency": latency(call),
        "routing_history": ownership::routing_history(call, &next_action),
        "review": review,
        "links": {
            "record": format!("/v1/records/{record_id}"), "journal": format!("/v1/calls/{call_id}/journal"), "ui": format!("/calls/{call_id}"),
        },
    })
}

/// The recording as others get to know of it; where it was paused, there is silence in it.
fn recording(call: &Call, call_id: &str) -> Value {
    let end_ms = call.audio().iter().map(|track| track.end_ms).max();
    json!({
        "available": call.has_recording(),
        "recording_url": format!("/v1/calls/{call_id}/recording"),
        "channels": 2,
        "duration_ms": end_ms,
        "paused_ranges": call.recording().ranges(),
    })
}

/// How long the stages took: those that the journal's times tell, and those that only the edge could measure.
fn latency(call: &Call) -> Value {
    let mut latency = call.latencies().summary();
    latency["stt_final_p50_ms"] = json!(quantile(call.final_delays_ms(), 50));
    latency["stt_final_p95_ms"] = json!(quantile(call.final_delays_ms(), 95));
    let to_draft = |(_, end)| crate::call::ms_between(end, call.finalised_us());
    latency["hangup_to_draft_ms"] = json!(call.end().map(to_draft));
    latency
}

/// The value that `percent` of 100 values do not exceed; null where there are none.
fn quantile(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// What about the whole call wants a person.
fn of_call(call: &Call, outcome: &Outcome) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = triage::of_outcome(outcome).into_iter().collect();
    for escalation in call.extractor().escalations() {
        let risk = if escalation.severity == "critical" {
            100
        } else {
            40
        };
        reasons.push(Reason::of(
            format!("escalation:{}", escalation.trigger),
            risk,
        ));
    }
    if ownership::elsewhere(call).is_some() {
        reasons.push(Reason::of("wrong_location", 15));
    }
    if !call.gaps().is_empty() {
        reasons.push(Reason::of("media_gap", 10));
    }
    if call.speech_state() == SpeechState::Stopped {
        reasons.push(Reason::of("speech_stopped", 30));
    }
    if matches!(call.end(), Some((EndReason::EngineRestart, _))) {
        reasons.push(Reason::of("engine_restart", 30));
    }
    reasons
}

/// A field as a reviewer gets it: with the clips behind its evidence, the policy in force, and whether a person should look.
fn field(call: &Call, field: &Field, policy: &Applied, needs_review: bool) -> Value {
    let call_id = call.id();
    let mut shown = value(field);
    for (item, evidence) in shown["evidence"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&field.evidence)
    {
        let channel = match evidence.speaker {
            Speaker::Agent => "agent",
            Speaker::Caller => "caller",
        };
        let from_ms = evidence.start_ms.saturating_sub(CLIP_MARGIN_MS);
        let to_ms = evidence.end_ms + CLIP_MARGIN_MS;
        item["audio_url"] = json!(format!(
            "/v1/calls/{call_id}/audio?from_ms={from_ms}&to_ms={to_ms}&channel={channel}"
        ));
    }
    shown["policy"] = value(policy);
    shown["needs_review"] = json!(needs_review);
    shown["review"] = json!({ "state": "pending" });
    shown["sync"] = outward::sync_state(call, &field.name, &shown["value"]);
    shown
}

fn transcript(call: &Call, call_id: &str, redacted: bool) -> Value {
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
        "redacted": redacted,
        "coverage": coverage::coverage(call),
    })
}
