//! What happened, as receivers hear of it. An event's id is made of what happened alone, so that telling it twice tells the same thing.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::call::{CallId, Notice};

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What kind of thing happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $name)] $variant),+
        }

        impl EventType {
            /// Every type.
            pub const ALL: &'static [EventType] = &[$(EventType::$variant),+];

            /// The name on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(EventType::$variant => $name),+
                }
            }

            /// The type of a name on the wire.
            pub fn from_name(name: &str) -> Option<EventType> {
                match name {
                    $($name => Some(EventType::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

event_types! {
    /// A call was opened.
    CallStarted = "call.started",
    /// An answered call is over.
    CallEnded = "call.ended",
    /// Nobody answered, or the caller gave up first.
    CallMissed = "call.missed",
    /// A field left while the call goes on.
    FieldSynced = "field.synced",
    /// A field that had left has another value now.
    FieldCorrected = "field.corrected",
    /// Something that cannot wait was said.
    EscalationRaised = "escalation.raised",
    /// The draft of a call is there.
    RecordDrafted = "record.drafted",
    /// A record was released.
    RecordApproved = "record.approved",
    /// A record was refused: nothing of it leaves.
    RecordRejected = "record.rejected",
    /// An approval or rejection was taken back.
    RecordReopened = "record.reopened",
    /// Somebody has something to do.
    TaskCreated = "task.created",
    /// Something was not done in time.
    TaskOverdue = "task.overdue",
    /// What was to come next is done.
    NextActionDone = "next_action.done",
    /// The outcome was set to something else.
    OutcomeChanged = "outcome.changed",
    /// A recording can be heard.
    RecordingReady = "recording.ready",
    /// A recording is gone.
    RecordingDeleted = "recording.deleted",
    /// A delivery was given up.
    DeliveryDead = "delivery.dead",
    /// Data of a person were erased; receivers should erase their copy.
    PrivacyErased = "privacy.erased",
    /// Somebody tries a destination.
    TestPing = "test.ping",
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that happened.
///
/// [`Event::new`] makes the id from the type, the subject and what tells this happening from others of the kind. Emitting it again (after
/// a crash, by a replay) gives the same id, and the outbox takes it once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `evt_...`: the `webhook-id`, the same for ever.
    pub id: String,
    /// What kind of thing happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// What the events are numbered by: the call's id, or for events of no call what they are about.
    pub subject: String,
    /// The call.
    pub call_id: Option<String>,
    /// The record.
    pub record_id: Option<String>,
    /// The business kind, by whose actions it is handled.
    pub vertical: String,
    /// Where it happened; some destinations hear of some locations only.
    pub location_id: Option<String>,
    /// When it happened, ms since 1970 (UTC).
    pub at_ms: i64,
    /// Everything there is to say about it. What of it a destination gets is decided when its payload is made.
    pub data: Value,
}

impl Event {
    /// An event about `subject`. `occurrence` tells it from others of its type about the same subject: a version, a field and its
    /// version, a number; empty where there can be only one.
    pub fn new(
        kind: EventType,
        subject: impl Into<String>,
        occurrence: &str,
        at_ms: i64,
        data: Value,
    ) -> Event {
        let subject = subject.into();
        let text = |key: &str| data[key].as_str().map(str::to_owned);
        Event {
            id: derived_id("evt", &[kind.as_str(), &subject, occurrence]),
            kind,
            call_id: subject
                .starts_with("call_")
                .then(|| subject.clone())
                .or_else(|| text("call_id")),
            record_id: data["record_id"].as_str().map(str::to_owned),
            vertical: text("vertical").unwrap_or_default(),
            location_id: data["ownership"]["location_id"].as_str().map(str::to_owned),
            subject,
            at_ms,
            data,
        }
    }

    /// An event about a record at a version of it: `record.drafted`, `record.approved`, ... `record` is the record's JSON, whole.
    pub fn of_record(kind: EventType, record: &Value, version: i64, at_ms: i64) -> Event {
        let call_id = record["call_id"].as_str().unwrap_or_default();
        let mut event = Event::new(
            kind,
            call_id,
            &format!("version {version}"),
            at_ms,
            record.clone(),
        );
        event.record_id = record["id"].as_str().map(str::to_owned);
        event
    }

    /// What a call tells while it lasts; `None` for what is no event.
    pub fn of_notice(call: CallId, notice: &Notice) -> Option<Event> {
        Some(Event::new(
            EventType::from_name(notice.kind)?,
            call.to_string(),
            &notice.occurrence,
            notice.at_us / 1000,
            notice.data.clone(),
        ))
    }

    /// A test of a destination; `random` tells one test from the next.
    pub fn test_ping(destination_id: &str, random: u64, at_ms: i64) -> Event {
        let data = serde_json::json!({
            "destination_id": destination_id,
            "message": "This is a test. If you can read it, the destination works.",
        });
        Event::new(
            EventType::TestPing,
            format!("destination {destination_id}"),
            &format!("{random:016x}"),
            at_ms,
            data,
        )
    }
}

/// What has to leave because a person released a record: `field.corrected` for every field of which a destination has another value than
/// the one released, then `record.approved`. `record` is the record as approved, `version` its new version; what destinations are told now
/// is written into its fields' `sync`, so it must be stored after this.
pub fn on_approval(record: &mut Value, version: i64, at_ms: i64) -> Vec<Event> {
    let mut events = corrections(record, at_ms);
    events.push(Event::of_record(
        EventType::RecordApproved,
        record,
        version,
        at_ms,
    ));
    events
}

/// A `field.corrected` for each field that was synced during the call and has another value in `record` than receivers were told.
fn corrections(record: &mut Value, at_ms: i64) -> Vec<Event> {
    let mut frame = serde_json::json!({
        "call_id": record["call_id"], "record_id": record["id"], "vertical": record["vertical"], "ownership": record["ownership"],
        "call": record["call"], "caller": record["caller"], "links": record["links"],
    });
    let call_id = record["call_id"].as_str().unwrap_or_default().to_owned();
    let fields = record.get_mut("fields").and_then(Value::as_object_mut);
    let mut events = Vec::new();
    for (name, field) in fields.into_iter().flatten() {
        let value = field["value"].clone();
        let stale = field["sync"]
            .as_object()
            .into_iter()
            .flat_map(|told| told.values())
            .filter(|told| told["value"] != value)
            .max_by_key(|told| told["version"].as_i64())
            .map(|told| (told["version"].as_i64().unwrap_or(0), told["value"].clone()));
        let Some((before, was)) = stale else {
            continue;
        };
        let told = serde_json::json!({ "state": "sent", "version": before + 1, "value": value, "at": crate::call::rfc3339(at_ms * 1000) });
        for one in field["sync"]
            .as_object_mut()
            .into_iter()
            .flat_map(|s| s.values_mut())
        {
            *one = told.clone();
        }
        let mut shown = field.clone();
        shown["version"] = (before + 1).into();
        frame["fields"] = serde_json::json!({ name: shown });
        frame["previous"] = serde_json::json!({ "field": name, "version": before, "value": was });
        events.push(Event::new(
            EventType::FieldCorrected,
            call_id.clone(),
            &format!("{name} {}", before + 1),
            at_ms,
            frame.clone(),
        ));
    }
    events
}

/// An id made of what it names: `prefix_` and 128 bits of the SHA-256 of the parts, as a UUID of version 8 (RFC 9562, section 5.8).
pub fn derived_id(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ["ab", "c"] and ["a", "bc"] apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!(
        "{prefix}_{}",
        uuid::Builder::from_custom_bytes(bytes)
            .into_uuid()
            .hyphenated()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_one_name() {
        for kind in EventType::ALL {
            assert_eq!(json!(kind), json!(kind.as_str()));
            assert_eq!(EventType::from_name(kind.as_str()), Some(*kind));
        }
    }

    #[test]
    fn the_same_happening_has_the_same_id_and_another_has_another() {
        let record = json!({ "id": "rec_1", "call_id": "call_1", "vertical": "clinic" });
        let of = |kind, version, at_ms| Event::of_record(kind, &record, version, at_ms).id;
        let id = of(EventType::RecordApproved, 3, 1_000);
        assert_eq!(id, of(EventType::RecordApproved, 3, 2_000));
        assert_ne!(id, of(EventType::RecordApproved, 4, 1_000));
        assert_ne!(id, of(EventType::RecordRejected, 3, 1_000));
        assert!(id.starts_with("evt_") && !id.contains('.'), "{id}");
        assert_ne!(derived_id("x", &["ab", "c"]), derived_id("x", &["a", "bc"]));
    }

    #[test]
    fn an_approval_corrects_what_receivers_were_told_otherwise() {
        let mut record = json!({
            "id": "rec_1", "call_id": "call_1", "vertical": "clinic",
            "fields": {
                "caller_name": { "value": "Maria", "sync": { "crm": { "version": 1, "value": "Maria" } } },
                "callback_number": { "value": "+15125550188", "sync": { "crm": { "version": 2, "value": "+15125550187" } } },
                "urgency": { "value": "soon", "sync": {} },
            },
        });
        let events = on_approval(&mut record, 2, 5);
        let kinds: Vec<_> = events.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["field.corrected", "record.approved"]);
        assert_eq!(events[0].data["fields"]["callback_number"]["version"], 3);
        assert_eq!(events[0].data["previous"]["value"], "+15125550187");
        assert_eq!(events[1].record_id.as_deref(), Some("rec_1"));
        assert_eq!(events[0].call_id.as_deref(), Some("call_1"));
        // Told once: the next approval has nothing to correct, and a third value gets the next version.
        assert_eq!(on_approval(&mut record, 4, 6).len(), 1);
        record["fields"]["callback_number"]["value"] = json!("+15125550189");
        assert_eq!(
            on_approval(&mut record, 6, 7)[0].data["fields"]["callback_number"]["version"],
            4
        );
    }
}
