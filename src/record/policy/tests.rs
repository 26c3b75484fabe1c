use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fields::Vertical;

fn vertical() -> std::sync::Arc<Vertical> {
    static ONCE: std::sync::LazyLock<std::sync::Arc<Vertical>> =
        std::sync::LazyLock::new(|| Vertical::builtin("home_services").unwrap());
    std::sync::Arc::clone(&ONCE)
}

fn spec(name: &str) -> FieldSpec {
    let vertical = vertical();
    vertical.fields[vertical.index(name).unwrap()].clone()
}

fn field(status: &str, confidence: f64, source: &str) -> Field {
    let band = match confidence {
        c if c >= 0.9 => "high",
        c if c >= 0.6 => "medium",
        _ => "low",
    };
    serde_json::from_value(json!({
        "name": "callback_number", "label": "", "value": "+15125550187", "type": "phone", "raw": null, "display": null, "status": status,
        "confidence": confidence, "band": band, "source": source, "importance": "critical", "required": true, "sensitive": false,
        "evidence": [{ "role": "states", "speaker": "caller", "turn": 1, "word_from": 0, "word_to": 10, "start_ms": 1000, "end_ms": 4000, "text": "" }],
        "history": [], "locked": null,
    }))
    .unwrap()
}

#[test]
fn a_confirmed_number_leaves_by_itself_and_a_heard_one_does_not() {
    let spec = spec("callback_number");
    let confirmed = applied(&field("confirmed", 0.98, "caller_said"), &spec, &[]);
    assert_eq!(
        (confirmed.applied, confirmed.cause),
        (Policy::Sync, Cause::Declared)
    );
    let heard = applied(&field("heard", 0.97, "caller_said"), &spec, &[]);
    assert_eq!(
        (heard.applied, heard.cause),
        (Policy::Approve, Cause::Unconfirmed)
    );
}

#[test]
fn each_doubt_holds_a_value_back_and_says_why() {
    let spec = spec("callback_number");
    let unsure = applied(&field("confirmed", 0.9, "caller_said"), &spec, &[]);
    assert_eq!(
        (unsure.applied, unsure.cause),
        (Policy::Approve, Cause::LowConfidence)
    );
    let conflict = applied(&field("conflicting", 0.98, "caller_said"), &spec, &[]);
    assert_eq!(
        (conflict.applied, conflict.cause),
        (Policy::Draft, Cause::Conflict)
    );
    let hole = |speaker, start_ms, end_ms| {
        [Doubtful {
            speaker,
            start_ms,
            end_ms,
        }]
    };
    let sure = field("confirmed", 0.98, "caller_said");
    assert_eq!(
        applied(&sure, &spec, &hole(Speaker::Caller, 3900, 4100)).cause,
        Cause::MediaGap
    );
    assert_eq!(
        applied(&sure, &spec, &hole(Speaker::Caller, 4000, 4100)).cause,
        Cause::Declared
    );
    assert_eq!(
        applied(&sure, &spec, &hole(Speaker::Agent, 3900, 4100)).cause,
        Cause::Declared
    );
}

#[test]
fn a_persons_hand_clears_the_doubts_but_not_the_declared_policy() {
    let mut by_hand = field("confirmed", 1.0, "operator");
    by_hand.status = Status::Conflicting;
    assert_eq!(
        applied(&by_hand, &spec("callback_number"), &[]).applied,
        Policy::Sync
    );
    assert_eq!(
        applied(&by_hand, &spec("service_address"), &[]).applied,
        Policy::Approve
    );
}

proptest! {
    #[test]
    fn the_policy_in_force_is_never_looser_than_the_declared_one(
        status in prop::sample::select(vec!["heard", "inferred", "conflicting", "confirmed"]),
        confidence in 0.0..=1.0_f64,
        source in prop::sample::select(vec!["caller_said", "agent_said", "caller_id", "rule", "operator"]),
        start_ms in 0..6000_u64, length_ms in 1..3000_u64,
    ) {
        let vertical = vertical();
        let doubtful = [Doubtful { speaker: Speaker::Caller, start_ms, end_ms: start_ms + length_ms }];
        for spec in &vertical.fields {
            let verdict = applied(&field(status, confidence, source), spec, &doubtful);
            prop_assert!(verdict.applied >= verdict.declared);
            prop_assert!(!verdict.reason.is_empty());
        }
    }
}
