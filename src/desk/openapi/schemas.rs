//! The shapes that operations take and answer. Objects may grow: readers ignore what they do not know.

use serde_json::{Value, json};

/// An object with these properties, of which the first `required` are always there.
fn object(required: usize, properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties
        .iter()
        .take(required)
        .map(|(name, _)| *name)
        .collect();
    let all: serde_json::Map<String, Value> = properties
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), kind.clone()))
        .collect();
    json!({ "type": "object", "required": names, "properties": all })
}

/// What a request takes: nothing but these.
fn closed(required: usize, properties: &[(&str, Value)]) -> Value {
    let mut shape = object(required, properties);
    shape["additionalProperties"] = json!(false);
    shape
}

/// Every named shape.
pub(super) fn all() -> Value {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let time = json!({ "type": "string", "format": "date-time" });
    let maybe_time = json!({ "type": ["string", "null"], "format": "date-time" });
    let whole = json!({ "type": "integer" });
    let flag = json!({ "type": "boolean" });
    let any = json!({});
    let list = json!({ "type": "array", "items": {} });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let maybe_texts = json!({ "type": ["array", "null"], "items": { "type": "string" } });
    let free = json!({ "type": "object" });
    let share = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    let named = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let one_of = |values: &[&str]| json!({ "type": "string", "enum": values });
    let roles = one_of(&["viewer", "agent", "operator", "admin", "auditor"]);
    let mut shapes = json!({
        "Problem": object(4, &[("title", text.clone()), ("status", whole.clone()), ("code", text.clone()), ("detail", text.clone()), ("type", text.clone())]),
        "Call": object(4, &[
            ("id", text.clone()), ("status", text.clone()), ("direction", text.clone()), ("start_time", time.clone()),
            ("provider", text.clone()), ("provider_call_id", maybe.clone()), ("from", maybe.clone()), ("to", maybe.clone()),
            ("answered_time", maybe_time.clone()), ("end_time", maybe_time.clone()), ("vertical", maybe.clone()), ("ownership", free.clone()),
            ("timing", free.clone()), ("consent", named("Consent")), ("recording", named("Recording")), ("end", json!({ "type": ["object", "null"] })), ("record_id", maybe.clone()), ("live", json!({ "type": ["object", "null"] })),
        ]),
        "Segment": object(6, &[
            ("id", text.clone()), ("seq", whole.clone()), ("speaker", one_of(&["caller", "agent"])), ("start_ms", whole.clone()),
            ("end_ms", whole.clone()), ("text", text.clone()), ("words", list.clone()),
        ]),
        "Moment": object(3, &[("at_ms", whole.clone()), ("at", text.clone()), ("name", text.clone()), ("data", any.clone())]),
        "Field": object(4, &[
            ("name", text.clone()), ("value", any.clone()), ("status", one_of(&["missing", "heard", "inferred", "conflicting", "confirmed", "declined", "not_applicable"])),
            ("confidence", share.clone()), ("type", text.clone()), ("label", text.clone()), ("display", maybe.clone()), ("raw", maybe.clone()),
            ("source", maybe.clone()), ("evidence", list.clone()), ("history", list.clone()), ("policy", free.clone()), ("needs_review", flag.clone()),
            ("review", free.clone()), ("sync", free.clone()),
        ]),
        "Record": object(6, &[
            ("id", text.clone()), ("call_id", text.clone()), ("state", one_of(&["draft", "in_review", "approved", "rejected", "reopened"])),
            ("version", whole.clone()), ("fields", json!({ "type": "object", "additionalProperties": named("Field") })), ("review", free.clone()),
            ("call", free.clone()), ("caller", free.clone()), ("ownership", free.clone()), ("summary", any.clone()), ("outcome", free.clone()),
            ("next_action", any.clone()), ("tasks", list.clone()), ("confirmation", any.clone()), ("escalations", list.clone()),
            ("missing_required", texts.clone()), ("unconfirmed_important", texts.clone()), ("contradictions", list.clone()),
            ("transcript", free.clone()), ("recording", free.clone()), ("latency", free.clone()), ("links", free.clone()),
        ]),
        "Waveform": object(4, &[
            ("duration_ms", whole.clone()), ("bucket_ms", json!({ "type": "number" })), ("caller", json!({ "type": "array", "items": { "type": ["integer", "null"] } })),
            ("agent", json!({ "type": "array", "items": { "type": ["integer", "null"] } })),
        ]),
        "PreviewedDelivery": object(5, &[
            ("destination_id", text.clone()), ("kind", text.clone()), ("event_type", text.clone()), ("fields_sent", texts.clone()), ("withheld", texts.clone()),
            ("action_id", maybe.clone()), ("to", maybe.clone()), ("refused", maybe.clone()), ("payload", any.clone()),
        ]),
        "NewValue": closed(1, &[("value", any.clone())]),
        "RecordChange": closed(0, &[("outcome", text.clone()), ("summary", text.clone())]),
        "Words": closed(0, &[("reason", text.clone()), ("note", text.clone()), ("to", maybe.clone())]),
        "Task": object(5, &[
            ("id", text.clone()), ("call_id", text.clone()), ("title", text.clone()), ("status", one_of(&["open", "in_progress", "done", "canceled"])),
            ("version", whole.clone()), ("kind", one_of(&["task", "next_action"])), ("owner", free.clone()), ("promised_by", maybe.clone()),
            ("overdue", flag.clone()), ("due", maybe_time.clone()), ("record_id", text.clone()), ("location_id", maybe.clone()),
        ]),
        "TaskChange": closed(0, &[("status", one_of(&["open", "in_progress", "done", "canceled"])), ("due", time.clone())]),
        "Report": object(3, &[("report", text.clone()), ("columns", list.clone()), ("rows", list.clone()), ("from", time.clone()), ("to", time.clone()), ("group_by", maybe.clone())]),
        "BehindNumber": object(6, &[
            ("report", text.clone()), ("number", text.clone()), ("total", whole.clone()), ("data", list.clone()), ("from", time.clone()), ("to", time.clone()),
            ("unit", maybe.clone()), ("group", maybe.clone()), ("outcome", maybe.clone()), ("next_cursor", maybe.clone()),
        ]),
        "RecordChanges": object(3, &[("approved", json!({ "type": ["object", "null"] })), ("sent", texts.clone()), ("data", list.clone())]),
        "AuditEvent": object(6, &[
            ("seq", whole.clone()), ("at", time.clone()), ("action", text.clone()), ("resource", text.clone()), ("prev_hash", text.clone()),
            ("hash", text.clone()), ("actor", free.clone()), ("before_hash", maybe.clone()), ("after_hash", maybe.clone()), ("reason", maybe.clone()),
        ]),
        "Verification": object(2, &[("ok", flag.clone()), ("events", whole.clone()), ("head_seq", whole.clone()), ("head_hash", text.clone()), ("broken", any.clone())]),
        "Me": object(3, &[("id", text.clone()), ("name", text.clone()), ("kind", one_of(&["user", "api_key", "local"])), ("role", maybe.clone()), ("location_ids", maybe_texts.clone())]),
        "SignIn": closed(2, &[("login", text.clone()), ("password", text.clone()), ("then", text.clone())]),
        "User": object(5, &[
            ("id", text.clone()), ("login", text.clone()), ("name", text.clone()), ("role", roles.clone()), ("disabled", flag.clone()),
            ("location_ids", maybe_texts.clone()), ("has_password", flag.clone()), ("created_at", time.clone()), ("version", whole.clone()), ("password_link", text.clone()),
        ]),
        "NewUser": closed(2, &[("login", text.clone()), ("role", roles.clone()), ("name", text.clone()), ("location_ids", maybe_texts.clone())]),
        "UserChange": closed(0, &[("name", text.clone()), ("role", roles.clone()), ("location_ids", maybe_texts.clone()), ("disabled", flag.clone())]),
        "PasswordLink": object(1, &[("password_link", text.clone())]),
        "ApiKey": object(4, &[
            ("id", text.clone()), ("name", text.clone()), ("start", text.clone()), ("scopes", texts.clone()), ("location_ids", maybe_texts.clone()),
            ("created_at", time.clone()), ("expires_at", maybe_time.clone()), ("used_at", maybe_time.clone()), ("revoked", flag.clone()), ("key", text.clone()),
        ]),
        "NewApiKey": closed(2, &[
            ("name", text.clone()), ("scopes", json!({ "type": "array", "minItems": 1, "items": one_of(&[
                "calls:read", "records:write", "deliveries:write", "audio:read", "transcript:raw", "audit:read", "config:write", "privacy:write",
            ]) })),
            ("location_ids", maybe_texts.clone()), ("expires_at", maybe_time.clone()),
        ]),
        "Vertical": object(3, &[("name", text.clone()), ("title", text.clone()), ("fields", list.clone()), ("escalations", list.clone()), ("outcomes", list.clone())]),
        "Location": object(2, &[("id", text.clone()), ("name", text.clone()), ("numbers", texts.clone()), ("departments", texts.clone())]),
        "System": free.clone(),
        "Contact": object(1, &[("id", text.clone()), ("name", maybe.clone()), ("phones", texts.clone()), ("contact_data", free.clone())]),
        "ContactChange": free.clone(),
        "Import": free.clone(),
        "Csv": text.clone(),
        "Erasure": object(2, &[("id", text.clone()), ("state", text.clone())]),
        "NewErasure": closed(0, &[("call_id", text.clone()), ("number", text.clone()), ("contact_id", text.clone()), ("reason", text.clone())]),
        "Hold": closed(1, &[("legal_hold", flag.clone()), ("reason", text.clone())]),
        "Delivery": object(4, &[("id", text.clone()), ("event_id", text.clone()), ("destination_id", text.clone()), ("state", text.clone()), ("attempts", any.clone())]),
        "Replay": closed(2, &[("destination", text.clone()), ("since", time.clone()), ("until", time.clone()), ("state", text.clone())]),
        "Destination": object(2, &[("id", text.clone()), ("kind", text.clone())]),
        "Free": free,
    });
    // By themselves: the macro above is as deep as it may be.
    for (name, shape) in [
        (
            "Consent",
            object(
                5,
                &[
                    ("mode", one_of(&["off", "announce", "press_1"])),
                    ("announced_at", maybe_time.clone()),
                    ("completed", flag.clone()),
                    ("completed_at", maybe_time.clone()),
                    ("caller_objected", flag.clone()),
                ],
            ),
        ),
        (
            "Recording",
            object(
                6,
                &[
                    ("state", one_of(&["on", "paused", "off"])),
                    ("reason", maybe.clone()),
                    ("by", maybe.clone()),
                    ("since_ms", json!({ "type": ["integer", "null"] })),
                    ("available", flag.clone()),
                    (
                        "paused_ranges",
                        json!({ "type": "array", "items": named("Unrecorded") }),
                    ),
                ],
            ),
        ),
        (
            "Unrecorded",
            object(
                4,
                &[
                    ("start_ms", whole.clone()),
                    ("end_ms", json!({ "type": ["integer", "null"] })),
                    (
                        "reason",
                        one_of(&[
                            "no_consent",
                            "objection",
                            "person",
                            "card_number",
                            "card_cvv",
                            "us_ssn",
                        ]),
                    ),
                    ("by", text.clone()),
                ],
            ),
        ),
        ("Note", closed(0, &[("note", text.clone())])),
    ] {
        shapes[name] = shape;
    }
    shapes
}
