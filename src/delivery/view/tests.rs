use proptest::prelude::*;
use serde_json::json;

use super::*;

fn destination(allow: &[&str]) -> Destination {
    let mut destination: Destination =
        serde_json::from_value(json!({ "id": "crm", "kind": "webhook" })).unwrap();
    destination.allow_fields = allow.iter().map(|a| (*a).to_owned()).collect();
    destination
}

fn said(turn: u64, from: u64, to: u64, text: &str) -> Value {
    json!({ "turn": turn, "word_from": from, "word_to": to, "role": "states", "text": text })
}

fn record() -> Value {
    let field = |value: Value, policy: &str, evidence: Value| {
        json!({
            "value": value, "display": value, "type": "text", "status": "confirmed", "sensitive": false,
            "policy": { "declared": policy, "applied": policy, "reason": "" },
            "evidence": [evidence], "history": [], "sync": { "crm": { "version": 1 }, "erp": { "version": 1 } },
        })
    };
    let mut gate = field(
        json!("code 4711"),
        "approve",
        said(3, 2, 6, "four seven one one"),
    );
    gate["sensitive"] = json!(true);
    json!({
        "id": "rec_1", "call_id": "call_1", "vertical": "home_services",
        "call": { "id": "call_1", "from": "+15125550187" },
        "caller": { "contact_name": "Maria Alvarez", "contact_data": { "plan": "Gold" } },
        "fields": {
            "caller_name": field(json!("Maria Gonzalez"), "sync", said(1, 0, 2, "maria gonzalez")),
            "callback_number": field(json!("+15125550187"), "sync", said(2, 0, 9, "five one two ...")),
            "preferred_time": field(json!("2026-11-21"), "approve", said(4, 0, 1, "tomorrow")),
            "access_notes": gate,
            "inventory": field(json!(["piano"]), "draft", said(5, 0, 1, "piano")),
        },
        "summary": {
            "text": "Maria Gonzalez called. The gate has code 4711.",
            "sentences": [
                { "text": "Maria Gonzalez called.", "evidence": [said(1, 0, 2, "maria gonzalez")] },
                { "text": "The gate has code 4711.", "evidence": [said(3, 1, 4, "has four seven")] },
            ],
        },
        "tasks": [{ "text": "Bring keys for code 4711 and the Piano" }],
    })
}

fn view_of(kind: EventType, allow: &[&str]) -> View {
    let event = Event::of_record(kind, &record(), 1, 0);
    of(&event, &destination(allow), |_| false)
}

#[test]
fn a_wildcard_never_includes_what_is_sensitive() {
    let view = view_of(EventType::RecordApproved, &["*"]);
    assert_eq!(
        view.fields_sent,
        ["callback_number", "caller_name", "preferred_time"]
    );
    let gate = &view.data["fields"]["access_notes"];
    assert_eq!(
        (&gate["value"], &gate["status"]),
        (&Value::Null, &json!("withheld_from_destination"))
    );
    assert!(
        gate["policy"]["reason"]
            .as_str()
            .unwrap()
            .starts_with("sensitive field: crm allows")
    );
    let text = view.data.to_string();
    assert!(
        !text.contains("4711") && !text.contains("four seven"),
        "{text}"
    );
    assert_eq!(view.data["summary"]["text"], "Maria Gonzalez called.");
    let named = view_of(EventType::RecordApproved, &["*", "access_notes"]);
    assert_eq!(named.data["fields"]["access_notes"]["value"], "code 4711");
    assert_eq!(
        named.data["summary"]["sentences"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn what_stays_in_the_draft_never_leaves() {
    let view = view_of(EventType::RecordApproved, &["*", "inventory"]);
    assert_eq!(
        view.data["fields"]["inventory"]["policy"]["reason"],
        "stays in the draft"
    );
    assert_eq!(
        view.data["tasks"][0]["text"],
        "Bring keys for [withheld] and the [withheld]"
    );
}

#[test]
fn before_approval_only_what_may_sync_leaves() {
    for kind in [
        EventType::RecordDrafted,
        EventType::RecordReopened,
        EventType::CallEnded,
    ] {
        let view = view_of(kind, &["*"]);
        assert_eq!(
            view.fields_sent,
            ["callback_number", "caller_name"],
            "{kind}"
        );
        assert_eq!(
            view.data["fields"]["preferred_time"]["policy"]["reason"],
            "waits for a person's approval"
        );
    }
}

#[test]
fn a_doubtful_number_goes_with_an_escalation_and_nowhere_else() {
    let mut record = record();
    record["fields"]["callback_number"]["policy"]["applied"] = json!("approve");
    let sent = |kind| {
        of(
            &Event::of_record(kind, &record, 1, 0),
            &destination(&["*"]),
            |_| false,
        )
        .fields_sent
    };
    assert!(sent(EventType::EscalationRaised).contains(&"callback_number".to_owned()));
    assert!(!sent(EventType::EscalationRaised).contains(&"preferred_time".to_owned()));
    assert!(!sent(EventType::RecordDrafted).contains(&"callback_number".to_owned()));
}

#[test]
fn a_value_that_is_withheld_is_nowhere_else_either() {
    let view = view_of(EventType::RecordApproved, &["caller_name"]);
    assert_eq!(view.fields_sent, ["caller_name"]);
    assert_eq!(view.data["call"]["from"], "[withheld]");
    assert_eq!(view.data["caller"]["contact_data"], json!({}));
    assert_eq!(
        view.data["fields"]["caller_name"]["sync"],
        json!({ "crm": { "version": 1 } })
    );
    assert_eq!(view.data["id"], "rec_1");
}

#[test]
fn a_correction_takes_the_old_value_along_only_where_the_new_one_goes() {
    let mut data = record();
    data["previous"] = json!({ "field": "caller_name", "version": 1, "value": "Marta" });
    let event = Event::new(
        EventType::FieldCorrected,
        "call_1",
        "caller_name 2",
        0,
        data,
    );
    let previous = |allow: &[&str]| {
        of(&event, &destination(allow), |_| false).data["previous"]["value"].clone()
    };
    assert_eq!(previous(&["caller_name"]), "Marta");
    assert_eq!(previous(&["callback_number"]), Value::Null);
}

proptest! {
    /// Whatever the secret and the text around it: it is not in what leaves.
    #[test]
    fn a_withheld_text_never_leaks(secret in "[A-Za-z\u{130}ß]{3,12}", before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
        let mut record = record();
        record["fields"]["access_notes"]["value"] = json!(secret);
        record["tasks"][0]["text"] = json!(format!("{before} {secret} {after}"));
        let event = Event::of_record(EventType::RecordApproved, &record, 1, 0);
        let view = of(&event, &destination(&["*"]), |_| false);
        let words = format!(" {} ", view.data["tasks"][0]["text"].as_str().unwrap().to_lowercase());
        if !MASK.contains(&secret.to_lowercase()) {
            let needle = format!(" {} ", secret.to_lowercase());
            prop_assert!(!words.contains(&needle), "{words}");
        }
    }
}
