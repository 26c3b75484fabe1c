//! Who owns a call: the location of the dialled number, whether the caller may have meant another one, and where the call was sent.

use serde_json::{Value, json};

use crate::call::{Call, rfc3339};
use crate::fields::NextAction;

/// The location that the caller's own words point to, where it is not the one that was dialled.
pub(super) fn elsewhere(call: &Call) -> Option<(String, String)> {
    let rules = call.rules();
    let own = rules.context.business.city.as_deref().unwrap_or("");
    call.extractor()
        .fields()
        .filter_map(|field| field.value?.address()?.city.clone())
        .filter(|city| !city.eq_ignore_ascii_case(own))
        .find_map(|city| {
            let location = rules.other_cities.get(&city.to_lowercase())?;
            Some((city, location.clone()))
        })
}

/// The record's `ownership`.
pub(super) fn ownership(call: &Call) -> Value {
    let rules = call.rules();
    let mut ownership = serde_json::to_value(&rules.ownership).unwrap_or_default();
    ownership["user_id"] = Value::Null;
    ownership["decided_by"] = json!("rule");
    ownership["rule_id"] = json!(rule(call));
    ownership["decided_at"] = json!(rfc3339(call.header().start_us));
    let elsewhere = elsewhere(call);
    ownership["mismatch_suspected"] = json!(elsewhere.is_some());
    ownership["mismatch_reason"] = json!(elsewhere.map(|(city, location)| {
        format!("the caller's address is in {city}, which {location} serves")
    }));
    ownership["history"] = json!([]);
    ownership
}

fn rule(call: &Call) -> String {
    call.rules().ownership.location_id.as_ref().map_or_else(
        || "defaults".to_owned(),
        |location| format!("locations.{location}.numbers"),
    )
}

/// Where the call was sent, and by which rule.
pub(super) fn routing_history(call: &Call, next: &NextAction) -> Value {
    let owner = &call.rules().ownership;
    let to = [&owner.location_id, &owner.department_id]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
        .join("/");
    let mut history = vec![json!({
        "at": rfc3339(call.header().start_us), "kind": "ownership", "from": null, "to": to, "rule": rule(call), "by": "engine",
    })];
    if next.owner.is_some() || next.destination.is_some() {
        history.push(json!({
            "at": rfc3339(call.finalised_us()), "kind": "next_action", "from": to,
            "to": next.destination.as_ref().or(next.owner.as_ref()), "rule": format!("{}.routes", call.opening().vertical), "by": "engine",
            "inputs": { "next_action": next.kind, "owner": next.owner, "deadline": next.deadline },
        }));
    }
    json!(history)
}
