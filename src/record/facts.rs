//! What of a record reports count: a handful of numbers, so that a report over ten thousand calls reads no transcript.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The numbers of one record. Nothing in it is what anybody said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Hour of the day at which the call began, where the business is.
    pub hour: u8,
    /// The business kind.
    pub vertical: String,
    /// Who took the call, where known.
    pub agent: Option<String>,
    /// Telephony status.
    pub status: String,
    /// Why the call ended.
    pub end_reason: String,
    /// What came of it.
    pub outcome: String,
    /// The outcome's group.
    pub group: String,
    /// Whether a person had to look at it.
    pub reviewed: bool,
    /// Fields that a complete record has.
    pub required: u32,
    /// Of these, how many have a value.
    pub required_present: u32,
    /// Fields that cost money if wrong.
    pub critical: u32,
    /// Of these, how many were confirmed before the call ended.
    pub critical_confirmed: u32,
    /// Fields with a value.
    pub present: u32,
    /// Fields the caller would not tell.
    pub declined: u32,
    /// Fields on which two sources disagree.
    pub conflicting: u32,
    /// Escalations.
    pub escalations: u32,
    /// Ringing, ms.
    pub ring_ms: u64,
    /// Talking, ms.
    pub talk_ms: u64,
    /// Audio received, ms.
    pub audio_ms: u64,
    /// Audio transcribed, ms.
    pub transcribed_ms: u64,
    /// Audio missing, ms.
    pub lost_ms: u64,
    /// Holes in the audio.
    pub gaps: u32,
    /// 95 of 100 utterances were final within this, ms.
    pub stt_final_p95_ms: Option<u64>,
    /// From hangup to draft, ms.
    pub hangup_to_draft_ms: Option<u64>,
    /// From first touch to decision, seconds.
    pub seconds_open: Option<u64>,
    /// Fields a reviewer changed.
    pub fields_edited: u32,
    /// Another location may have been meant.
    pub wrong_location: bool,
}

impl Facts {
    /// The facts of a record.
    pub fn of(record: &Value) -> Facts {
        let call = &record["call"];
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let coverage = &record["transcript"]["coverage"];
        let mut facts = Facts {
            hour: local_hour(record),
            vertical: text(&record["vertical"]),
            agent: call["agent"]["id"].as_str().map(str::to_owned),
            status: text(&call["status"]),
            end_reason: text(&call["end"]["reason"]),
            outcome: text(&record["outcome"]["code"]),
            group: text(&record["outcome"]["group"]),
            reviewed: record["review"]["by"]
                .as_str()
                .is_some_and(|by| by != "engine"),
            escalations: count(record["escalations"].as_array().map_or(0, Vec::len)),
            ring_ms: call["timing"]["ring_ms"].as_u64().unwrap_or(0),
            talk_ms: call["timing"]["talk_ms"].as_u64().unwrap_or(0),
            audio_ms: coverage["audio_ms"].as_u64().unwrap_or(0),
            transcribed_ms: coverage["transcribed_ms"].as_u64().unwrap_or(0),
            lost_ms: coverage["lost_ms"].as_u64().unwrap_or(0),
            gaps: count(coverage["gaps"].as_array().map_or(0, Vec::len)),
            stt_final_p95_ms: record["latency"]["stt_final_p95_ms"].as_u64(),
            hangup_to_draft_ms: record["latency"]["hangup_to_draft_ms"].as_u64(),
            seconds_open: record["review"]["seconds_open"].as_u64(),
            fields_edited: count(record["review"]["fields_edited"].as_u64().unwrap_or(0) as usize),
            wrong_location: record["ownership"]["mismatch_suspected"] == true,
            ..Facts::default()
        };
        for field in record["fields"]
            .as_object()
            .into_iter()
            .flat_map(|f| f.values())
        {
            let status = field["status"].as_str().unwrap_or("missing");
            let there = !matches!(status, "missing" | "not_applicable");
            // Of a reviewer's confirmation the call itself knows nothing.
            let confirmed = status == "confirmed" && field["review"]["engine"].is_null()
                || field["review"]["engine"]["status"] == "confirmed";
            if status == "not_applicable" {
                continue;
            }
            facts.required += u32::from(field["required"] == true);
            facts.required_present += u32::from(field["required"] == true && there);
            facts.critical += u32::from(field["importance"] == "critical");
            facts.critical_confirmed += u32::from(field["importance"] == "critical" && confirmed);
            facts.present += u32::from(!field["value"].is_null());
            facts.declined += u32::from(status == "declined");
            facts.conflicting += u32::from(status == "conflicting");
        }
        facts
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The hour at which the call began on the business's clock; the record says its zone.
fn local_hour(record: &Value) -> u8 {
    let zone = record["timezone"].as_str().unwrap_or("UTC");
    record["call"]["start_time"]
        .as_str()
        .and_then(|t| t.parse::<jiff::Timestamp>().ok())
        .and_then(|t| t.in_tz(zone).ok())
        .and_then(|local| u8::try_from(local.hour()).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_counts_is_taken_from_the_record_and_what_was_said_is_not() {
        let field = |status: &str, value: Value| json!({ "status": status, "value": value, "required": true, "importance": "critical" });
        let record = json!({
            "vertical": "clinic", "timezone": "America/Chicago", "outcome": { "code": "booked", "group": "won" },
            "call": { "start_time": "2026-03-24T14:52:00.000Z", "status": "completed", "timing": { "talk_ms": 8000 } },
            "fields": { "a": field("confirmed", json!("Maria")), "b": field("missing", Value::Null), "c": field("not_applicable", Value::Null) },
            "transcript": { "coverage": { "audio_ms": 9000, "gaps": [{}] } },
            "review": { "by": "usr_1", "seconds_open": 22 },
        });
        let facts = Facts::of(&record);
        assert_eq!(
            (
                facts.hour,
                facts.required,
                facts.required_present,
                facts.critical_confirmed
            ),
            (9, 2, 1, 1)
        );
        assert_eq!(
            (facts.gaps, facts.seconds_open, facts.reviewed),
            (1, Some(22), true)
        );
        assert!(!serde_json::to_string(&facts).unwrap().contains("Maria"));
    }
}
