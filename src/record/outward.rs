//! What others hear of a call while it lasts: that it began, what cannot wait, and every field that may leave by itself.
//!
//! A field leaves when the policy in force is `sync` and some destination wants it. Once it has left, another value leaves as a correction
//! under a higher version, as soon as it may leave as well; until then what the destinations have is marked as stale.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{draft, policy};
use crate::call::{Call, Notice, Sent, rfc3339};

/// What is new for others since the call was asked last, in the order in which it is to be told. The call remembers that it was told.
pub fn notices(call: &mut Call, now_us: i64) -> Vec<Arc<Notice>> {
    if !call.has_news() {
        return Vec::new();
    }
    let field_may_leave = call
        .rules()
        .synced_to
        .keys()
        .any(|name| may_be_news(call, name));
    let escalations: Vec<Value> = call
        .extractor()
        .escalations()
        .iter()
        .filter(|e| !call.told().has("escalation.raised", &e.trigger))
        .map(|e| json!(e))
        .collect();
    let began = !call.told().has("call.started", "")
        && (call.header().to.is_some()
            || call.header().caller_id().is_some()
            || call.stream_ids().next().is_some());
    if !field_may_leave && escalations.is_empty() && !began {
        return Vec::new();
    }
    let record = draft(call).record;
    let mut new = Vec::new();
    if began {
        new.push(notice(
            "call.started",
            String::new(),
            now_us,
            frame(&record),
        ));
    }
    for escalation in escalations {
        let mut data = frame(&record);
        data["fields"] = record["fields"].clone();
        data["summary"] = record["summary"].clone();
        let shown = record["escalations"].as_array().into_iter().flatten();
        let masked = shown
            .into_iter()
            .find(|e| e["trigger"] == escalation["trigger"]);
        data["escalation"] = masked.cloned().unwrap_or_default();
        let trigger = escalation["trigger"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        new.push(notice("escalation.raised", trigger, now_us, data));
    }
    for name in call.rules().synced_to.clone().into_keys() {
        new.extend(field_notice(call, &name, &record, now_us));
    }
    call.told_mut().notices.extend(new.iter().cloned());
    new
}

/// Whether a field has a value that others do not know and that may leave, masked stretches aside: it saves making a whole record for
/// every word that changes nothing.
fn may_be_news(call: &Call, name: &str) -> bool {
    let vertical = call.extractor().vertical();
    let (Some(field), Some(spec)) = (
        call.extractor().field(name),
        vertical.index(name).and_then(|i| vertical.fields.get(i)),
    ) else {
        return false;
    };
    let value = json!(field.value);
    let is_news = match call.told().fields.get(name) {
        None => !value.is_null(),
        Some(sent) => sent.value != value,
    };
    is_news && policy::applied(&field, spec, &[]).may_sync()
}

fn notice(kind: &'static str, occurrence: String, at_us: i64, data: Value) -> Arc<Notice> {
    Arc::new(Notice {
        kind,
        occurrence,
        at_us,
        data,
    })
}

/// What every notice says of its call.
fn frame(record: &Value) -> Value {
    json!({
        "call_id": record["call_id"], "record_id": record["id"], "vertical": record["vertical"], "ownership": record["ownership"],
        "call": record["call"], "caller": record["caller"], "links": record["links"],
    })
}

/// A field that leaves now, for the first time or corrected.
fn field_notice(call: &mut Call, name: &str, record: &Value, now_us: i64) -> Option<Arc<Notice>> {
    let field = &record["fields"][name];
    let before = call.told().fields.get(name).cloned();
    let may_leave = field["policy"]["applied"] == "sync";
    let is_news = match &before {
        None => !field["value"].is_null(),
        Some(sent) => sent.value != field["value"],
    };
    if !may_leave || !is_news {
        return None;
    }
    let version = before.as_ref().map_or(1, |sent| sent.version + 1);
    let sent = Sent {
        version,
        value: field["value"].clone(),
        at_us: now_us,
    };
    call.told_mut().fields.insert(name.to_owned(), sent);
    let mut data = frame(record);
    let mut shown = field.clone();
    shown["version"] = json!(version);
    if let Some(shown) = shown.as_object_mut() {
        // Where else it went is not in what goes there.
        shown.remove("sync");
    }
    data["fields"] = json!({ name: shown });
    let kind = match before {
        None => "field.synced",
        Some(sent) => {
            data["previous"] =
                json!({ "field": name, "version": sent.version, "value": sent.value });
            "field.corrected"
        }
    };
    Some(notice(kind, format!("{name} {version}"), now_us, data))
}

/// The `sync` block of a field: what each destination was told, and whether that still holds.
pub(super) fn sync_state(call: &Call, name: &str, value: &Value) -> Value {
    let (Some(sent), Some(destinations)) = (
        call.told().fields.get(name),
        call.rules().synced_to.get(name),
    ) else {
        return json!({});
    };
    let state = if sent.value == *value {
        "sent"
    } else {
        "stale"
    };
    let told = json!({ "state": state, "version": sent.version, "value": sent.value, "at": rfc3339(sent.at_us) });
    let each: Map<String, Value> = destinations
        .iter()
        .map(|id| (id.clone(), told.clone()))
        .collect();
    Value::Object(each)
}
