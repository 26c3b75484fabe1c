use serde_json::json;

use super::*;
use crate::delivery::rules::tests::{GOOD, compile};

fn record(status: &str) -> Value {
    json!({
        "id": "rec_1", "call_id": "call_1", "vertical": "plumber", "ownership": { "location_id": "austin" },
        "fields": { "callback_number": { "value": "+15125550187", "status": status }, "gate_code": { "value": "1" } },
    })
}

fn told(rules: &Rules, event: &Event) -> Vec<String> {
    due(rules, event)
        .into_iter()
        .map(|p| {
            format!(
                "{}/{}/{}",
                p.destination_id,
                p.action_id.unwrap_or_default(),
                p.recipient.unwrap_or_default()
            )
        })
        .collect()
}

fn approved(status: &str) -> Event {
    Event::of_record(EventType::RecordApproved, &record(status), 2, 0)
}

#[test]
fn actions_fire_under_their_condition_and_each_is_told_once() {
    let rules = compile(GOOD).unwrap();
    assert_eq!(
        told(&rules, &approved("confirmed")),
        ["crm/crm_record/", "caller_sms/confirm/+15125550187"]
    );
    assert_eq!(told(&rules, &approved("heard")), ["crm/crm_record/"]);
    let planned = due(&rules, &approved("confirmed"));
    assert!(planned[0].after_messages && !planned[1].after_messages);
    assert!(!due(&rules, &approved("heard"))[0].after_messages);
}

#[test]
fn without_a_number_the_message_is_kept_as_canceled() {
    let rules = compile(&GOOD.replace(
        "when = { field = \"callback_number\", status = \"confirmed\" }",
        "",
    ))
    .unwrap();
    let mut record = record("missing");
    record["fields"]["callback_number"]["value"] = Value::Null;
    let planned = due(
        &rules,
        &Event::of_record(EventType::RecordApproved, &record, 2, 0),
    );
    assert_eq!(
        planned[1].refused.as_deref(),
        Some("the call has no callback_number to send it to")
    );
    assert!(!planned[0].after_messages);
}

#[test]
fn an_escalation_tells_whom_it_names() {
    let rules = compile(GOOD).unwrap();
    let raised = |trigger: &str| {
        let data = json!({ "vertical": "plumber", "escalation": { "trigger": trigger, "severity": "critical" } });
        Event::new(EventType::EscalationRaised, "call_1", trigger, 0, data)
    };
    assert_eq!(told(&rules, &raised("gas")), ["on_call_sms//+15125550999"]);
    assert_eq!(told(&rules, &raised("other")), [""; 0]);
}

#[test]
fn a_synced_field_goes_only_where_it_may_be_seen() {
    let rules = compile(GOOD).unwrap();
    let synced = |kind, field: &str| {
        let data = json!({ "vertical": "plumber", "fields": { field: { "value": "x" } } });
        Event::new(kind, "call_1", field, 0, data)
    };
    assert_eq!(
        told(&rules, &synced(EventType::FieldSynced, "caller_name")),
        ["crm//"]
    );
    assert_eq!(
        told(&rules, &synced(EventType::FieldSynced, "gate_code")),
        [""; 0]
    );
    assert_eq!(
        told(&rules, &synced(EventType::FieldCorrected, "caller_name")),
        ["crm//"]
    );
}

#[test]
fn bad_news_goes_by_another_way() {
    let rules = compile(GOOD).unwrap();
    let dead = |id: &str| {
        let data = json!({ "delivery": { "destination_id": id } });
        Event::new(EventType::DeliveryDead, "delivery dlv_1", "", 0, data)
    };
    assert_eq!(
        told(&rules, &dead("crm")),
        ["mail//Front Desk <desk@example.com>"]
    );
    assert_eq!(told(&rules, &dead("mail")), [""; 0]);
}

#[test]
fn a_test_goes_to_the_one_it_is_about() {
    let rules = compile(GOOD).unwrap();
    assert_eq!(told(&rules, &Event::test_ping("crm", 1, 0)), ["crm//"]);
    assert_eq!(told(&rules, &Event::test_ping("nobody", 1, 0)), [""; 0]);
}

#[test]
fn a_destination_of_one_location_hears_of_no_other() {
    let rules = compile(&GOOD.replace(
        "events = [\"record.approved\", \"field.synced\"]",
        "locations = [\"austin\"]",
    ))
    .unwrap();
    let mut elsewhere = record("heard");
    assert_eq!(
        told(
            &rules,
            &Event::of_record(EventType::RecordApproved, &elsewhere, 1, 0)
        ),
        ["crm/crm_record/"]
    );
    elsewhere["ownership"]["location_id"] = json!("dallas");
    assert_eq!(
        told(
            &rules,
            &Event::of_record(EventType::RecordApproved, &elsewhere, 1, 0)
        ),
        [""; 0]
    );
}
