use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn vertical() -> Arc<Vertical> {
    static ONCE: std::sync::LazyLock<Arc<Vertical>> =
        std::sync::LazyLock::new(|| Vertical::builtin("home_services").unwrap());
    Arc::clone(&ONCE)
}

/// A draft as the engine leaves it: a number that was heard, a name that is missing, a problem that is sure.
fn draft() -> Value {
    let vertical = vertical();
    let mut fields = serde_json::Map::new();
    for spec in &vertical.fields {
        let (value, status, confidence) = match spec.name.as_str() {
            "callback_number" => (json!("+15125550187"), "heard", 0.91),
            "problem_category" => (json!("leak"), "heard", 0.95),
            _ => (Value::Null, "missing", 0.0),
        };
        let band = if confidence >= 0.9 { "high" } else { "low" };
        fields.insert(spec.name.clone(), json!({
            "name": spec.name, "label": spec.label, "value": value, "type": spec.ty, "raw": null, "display": null, "status": status,
            "confidence": confidence, "band": band, "source": "caller_said", "importance": spec.importance, "required": spec.required,
            "sensitive": false, "evidence": [], "history": [], "locked": null, "needs_review": true, "review": { "state": "pending" },
        }));
    }
    json!({
        "state": "draft", "fields": fields, "summary": { "text": "A leak." }, "outcome": { "code": "unclassified", "evidence": [] },
        "missing_required": ["caller_name"], "unconfirmed_important": ["callback_number"], "contradictions": [],
        "review": { "state": "pending", "reason": ["unconfirmed:callback_number", "missing:caller_name", "unclassified", "media_gap"], "assigned_to": null },
    })
}

const DANA: By<'static> = By {
    who: "usr_dana",
    at_ms: 1_774_345_920_000,
};

fn doing(record: &Value, what: ReviewAct) -> Value {
    act(record, &vertical(), &what, DANA).unwrap()
}

fn field(name: &str) -> String {
    name.to_owned()
}

#[test]
fn an_edit_keeps_what_was_there_and_settles_the_field() {
    let set = ReviewAct::Set {
        field: field("callback_number"),
        value: json!("(512) 555-0188"),
    };
    let record = doing(&draft(), set);
    let number = &record["fields"]["callback_number"];
    assert_eq!(number["value"], "+15125550188");
    assert_eq!(number["status"], "confirmed");
    assert_eq!(number["source"], "operator");
    assert_eq!(number["review"]["previous_value"], "+15125550187");
    assert_eq!(number["history"][0]["value"], "+15125550187");
    assert_eq!(number["policy"]["applied"], "sync");
    assert_eq!(record["state"], "in_review");
    assert_eq!(record["review"]["fields_edited"], 1);
    assert_eq!(
        record["review"]["reason"],
        json!(["missing:caller_name", "unclassified", "media_gap"])
    );
    assert_eq!(record["unconfirmed_important"], json!([]));
}

#[test]
fn a_confirmed_value_is_the_engines_and_an_edited_one_is_not() {
    let mut record = doing(
        &draft(),
        ReviewAct::Confirm {
            field: field("callback_number"),
        },
    );
    record = doing(
        &record,
        ReviewAct::Set {
            field: field("caller_name"),
            value: json!("Maria Gonzalez"),
        },
    );
    record = doing(
        &record,
        ReviewAct::RejectField {
            field: field("problem_category"),
        },
    );
    record = doing(&record, ReviewAct::Approve);
    assert_eq!(record["state"], "approved");
    let all = verdicts(&record);
    let of = |name: &str| {
        all.iter()
            .find(|v| v.field == name)
            .map(|v| (v.status.as_str(), v.confidence, v.right))
    };
    assert_eq!(of("callback_number"), Some(("heard", 0.91, true)));
    assert_eq!(of("caller_name"), Some(("missing", 0.0, false)));
    assert_eq!(of("problem_category"), Some(("heard", 0.95, false)));
    assert_eq!(of("email"), None);
}

#[test]
fn an_edit_that_is_taken_back_leaves_the_engine_right() {
    let number = |value: &str| ReviewAct::Set {
        field: field("callback_number"),
        value: json!(value),
    };
    let mut record = doing(&draft(), number("+15125550188"));
    record = doing(&record, number("+15125550187"));
    record = doing(&record, ReviewAct::Approve);
    assert!(verdicts(&record).iter().all(|v| v.right));
}

#[test]
fn an_approved_record_changes_only_after_it_was_reopened() {
    let approved = doing(&draft(), ReviewAct::Approve);
    let confirm = ReviewAct::Confirm {
        field: field("callback_number"),
    };
    let refusal = act(&approved, &vertical(), &confirm, DANA).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the record is approved: it cannot be changed; reopen it first"
    );
    let twice = act(&approved, &vertical(), &ReviewAct::Approve, DANA);
    assert!(twice.is_err());
    let reopened = doing(
        &approved,
        ReviewAct::Reopen {
            note: String::new(),
        },
    );
    assert_eq!(reopened["state"], "reopened");
    assert_eq!(doing(&reopened, confirm)["state"], "reopened");
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let refuse = |what| {
        act(&draft(), &vertical(), &what, DANA)
            .unwrap_err()
            .to_string()
    };
    let set = |name: &str, value| ReviewAct::Set {
        field: field(name),
        value,
    };
    assert_eq!(
        refuse(set("callback_numbr", json!("x"))),
        "this record has no field \"callback_numbr\" (did you mean \"callback_number\"?)"
    );
    assert_eq!(
        refuse(set("callback_number", json!("555"))),
        "\"callback_number\" wants a phone number with area code"
    );
    assert!(
        refuse(set("problem_category", json!("volcano")))
            .starts_with("\"problem_category\" wants one of gas_smell, leak")
    );
    assert_eq!(
        refuse(ReviewAct::Confirm {
            field: field("email")
        }),
        "\"email\" has no value to confirm"
    );
    assert!(
        refuse(ReviewAct::Outcome {
            code: "great".to_owned()
        })
        .starts_with("outcome wants one of booked, callback_needed")
    );
    let reject = ReviewAct::Reject {
        reason: "because".to_owned(),
        note: String::new(),
    };
    assert!(refuse(reject).starts_with("reason wants one of spam"));
}

#[test]
fn the_time_a_record_was_open_is_counted_from_the_first_act() {
    let begun = doing(
        &draft(),
        ReviewAct::Assign {
            to: Some("usr_dana".to_owned()),
        },
    );
    let later = By {
        at_ms: DANA.at_ms + 22_400,
        ..DANA
    };
    let approved = act(&begun, &vertical(), &ReviewAct::Approve, later).unwrap();
    assert_eq!(approved["review"]["seconds_open"], 22);
}

fn acts() -> impl Strategy<Value = ReviewAct> {
    let name = prop::sample::select(vec![
        "callback_number",
        "caller_name",
        "problem_category",
        "urgency",
        "nonsense",
    ]);
    let value = prop::sample::select(vec![
        json!("+15125550187"),
        json!("leak"),
        json!("Ann Lee"),
        json!(7),
        Value::Null,
    ]);
    prop_oneof![
        (name.clone(), value).prop_map(|(f, value)| ReviewAct::Set {
            field: field(f),
            value
        }),
        name.clone()
            .prop_map(|f| ReviewAct::Confirm { field: field(f) }),
        name.clone()
            .prop_map(|f| ReviewAct::RejectField { field: field(f) }),
        name.prop_map(|f| ReviewAct::Decline { field: field(f) }),
        Just(ReviewAct::Outcome {
            code: "booked".to_owned()
        }),
        Just(ReviewAct::Assign { to: None }),
        Just(ReviewAct::Approve),
        Just(ReviewAct::Reject {
            reason: "spam".to_owned(),
            note: String::new()
        }),
        Just(ReviewAct::Reopen {
            note: String::new()
        }),
    ]
}

proptest! {
    #[test]
    fn any_acts_leave_a_record_that_reads_and_lose_no_earlier_value(all in prop::collection::vec(acts(), 0..24)) {
        let mut record = draft();
        for one in all {
            let Ok(next) = act(&record, &vertical(), &one, DANA) else { continue };
            for spec in &vertical().fields {
                let (before, after) = (&record["fields"][&spec.name], &next["fields"][&spec.name]);
                let read: Result<Field, _> = serde_json::from_value(after.clone());
                prop_assert!(read.is_ok(), "{}: {after}", spec.name);
                let kept = before["value"].is_null() || before["value"] == after["value"]
                    || after["history"].as_array().unwrap().iter().any(|p| p["value"] == before["value"]);
                prop_assert!(kept, "{} lost {}", spec.name, before["value"]);
            }
            let state = next["state"].as_str().unwrap();
            prop_assert!(["draft", "in_review", "approved", "rejected", "reopened"].contains(&state));
            record = next;
        }
    }
}
