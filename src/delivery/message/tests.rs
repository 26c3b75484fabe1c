use super::*;
use crate::delivery::{Destination, EventType, view};

fn record() -> Json {
    let field = |value: &str, label: &str, ty: &str, status: &str| {
        json!({ "value": value, "display": value, "label": label, "type": ty, "status": status,
            "policy": { "declared": "sync", "applied": "sync" } })
    };
    json!({
        "id": "rec_1", "call_id": "call_1", "vertical": "home_services",
        "call": { "id": "call_1", "from": "+15125550142", "duration_seconds": 243 },
        "caller": { "contact_name": "Maria Alvarez", "contact_data": { "plan": "Gold" } },
        "fields": {
            "caller_name": field("Maria <Gonzalez>", "Name", "person_name", "confirmed"),
            "urgency": field("urgent", "Urgency", "choice", "heard"),
            "email": json!({ "value": null, "label": "E-mail", "type": "email", "status": "missing" }),
        },
        "summary": { "text": "Leak under the sink. \nShe wants someone tomorrow.", "sentences": [] },
        "outcome": { "code": "callback_needed" },
        "next_action": { "description": "Call back", "deadline": "2026-11-21T03:14:05Z" },
        "tasks": [{ "text": "Call when outside" }],
        "links": { "ui": "/calls/call_1" },
    })
}

fn with<T>(kind: EventType, data: Json, make: impl Fn(Scene<'_>) -> T) -> T {
    let destination: Destination =
        serde_json::from_value(json!({ "id": "desk", "kind": "email", "allow_fields": ["*"] }))
            .unwrap();
    let event = Event::of_record(kind, &data, 1, 0);
    let view = view::of(&event, &destination, |_| false);
    make(Scene {
        event: &event,
        view: &view,
        place: Some("Acme Austin"),
        base_url: Some("https://desk.example.com/"),
        summary_chars: usize::MAX,
    })
}

fn texts(text: &str) -> Texts {
    Texts {
        text: Some(Template::parse(text, false).unwrap()),
        ..Texts::default()
    }
}

#[test]
fn a_mail_of_ours_tells_the_whole_story_in_both_parts() {
    let none = Texts::default();
    let made = with(EventType::RecordApproved, record(), |s| {
        mail(s, "desk@example.com", [&none, &none]).unwrap()
    });
    insta::assert_snapshot!(format!(
        "Subject: {}\n\n{}\n{}",
        made.message.subject, made.message.text, made.message.html
    ));
    assert_eq!(made.fields_sent, ["caller_name", "urgency"]);
    assert!(!made.has_holes);
}

#[test]
fn an_sms_of_ours_is_short() {
    let none = Texts::default();
    let sent = |kind, data| {
        with(kind, data, |s| {
            sms(s, "+15125550999", [&none, &none]).unwrap().message.text
        })
    };
    assert_eq!(
        sent(EventType::RecordApproved, record()),
        "+15125550142 (Maria Alvarez), urgent. Leak under the sink. \nShe wants someone tomorrow. Next: Call back https://desk.example.com/calls/call_1"
    );
    let mut long = record();
    long["summary"]["text"] = json!("word ".repeat(100));
    assert!(sent(EventType::RecordApproved, long).chars().count() < 306);
    let mut raised = record();
    raised["escalation"] = json!({ "severity": "critical", "trigger": "life_safety" });
    assert!(
        sent(EventType::EscalationRaised, raised).starts_with("CRITICAL life safety: +15125550142")
    );
    let dead = json!({ "call_id": "call_1", "delivery": { "event_type": "record.approved", "destination_id": "crm", "attempts": 10 } });
    assert_eq!(
        sent(EventType::DeliveryDead, dead),
        "Not delivered: record.approved to crm, given up after 10 attempts"
    );
}

#[test]
fn a_text_of_the_user_comes_first_and_says_what_it_used() {
    let own =
        texts("Hi {caller_name:first}, {{ business }} ({{ contact.plan }}) mails {{ email }}");
    let none = Texts::default();
    let made = with(EventType::RecordApproved, record(), |s| {
        mail(s, "x@example.com", [&none, &own]).unwrap()
    });
    assert_eq!(
        made.message.text,
        "Hi Maria, Acme Austin (Gold) mails \u{2013}"
    );
    assert!(
        made.message
            .html
            .contains("<p>Hi Maria, Acme Austin (Gold)")
    );
    assert!(made.has_holes);
    assert_eq!(made.fields_sent, ["caller_name"]);
    let sms = with(EventType::RecordApproved, record(), |s| {
        sms(s, "+1", [&texts("one"), &own]).unwrap()
    });
    assert_eq!(sms.message.text, "one");
}

#[test]
fn a_subject_is_one_line_whatever_was_said() {
    let mut data = record();
    data["caller"]["contact_name"] = json!("Maria\r\nBcc: everybody@example.com");
    let none = Texts::default();
    let made = with(EventType::RecordApproved, data, |s| {
        mail(s, "x@example.com", [&none, &none]).unwrap()
    });
    assert_eq!(
        made.message.subject,
        "Call from Maria Bcc: everybody@example.com (callback needed)"
    );
}
