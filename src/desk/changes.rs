//! `/v1/records/{id}/changes`: what is different in a record from what was approved, once it was reopened. The approved version is the one
//! that was told of: it stands in the outbox.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

use crate::call::rfc3339;
use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, document, records};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::database::outbox::{self, DeliveryFilter};
use crate::store::database::review as shelf;

/// The routes of changes.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new().route("/v1/records/{id}/changes", get(changes))
}

/// `GET /v1/records/{id}/changes`: `approved` is null where the record was never approved, or what was approved has been erased.
async fn changes(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let locations = principal.sight.locations();
    let read = edge
        .store
        .database
        .read(move |sql| {
            let Some(row) = shelf::seen(sql, &id, locations.as_deref())? else {
                return Ok(None);
            };
            let approved = outbox::last_approval(sql, &row.call_id)?;
            let filter = DeliveryFilter {
                record_id: Some(row.id.clone()),
                event_type: Some("record.approved".to_owned()),
                state: Some("delivered".to_owned()),
                ..DeliveryFilter::default()
            };
            let sent = outbox::deliveries(sql, &filter, 200, None)?;
            Ok::<_, DatabaseError>(Some((row, approved, sent.rows)))
        })
        .await?;
    let (row, approved, sent) = read.ok_or_else(|| Problem::not_found("record"))?;
    let now = records::shown(&row);
    let approved = approved
        .map(|(data, at_ms)| (document(&data), at_ms))
        .filter(|(data, _)| data["fields"].is_object());
    let Some((then, at_ms)) = approved else {
        return Ok(Json(json!({ "approved": null, "sent": [], "data": [] })).into_response());
    };
    let places: BTreeSet<&str> = sent.iter().map(|d| d.destination_id.as_str()).collect();
    Ok(Json(json!({
        "approved": { "at": rfc3339(at_ms * 1000), "by": then["review"]["by"], "version": then["version"] },
        "sent": places,
        "data": between(&then, &now),
    }))
    .into_response())
}

/// What differs between two versions of a record, in what people decide about: fields, outcome, summary, what comes next, tasks.
fn between(then: &Value, now: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let empty = serde_json::Map::new();
    let fields = |record: &Value| {
        record["fields"]
            .as_object()
            .cloned()
            .unwrap_or_else(|| empty.clone())
    };
    let (before, after) = (fields(then), fields(now));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let side = |fields: &serde_json::Map<String, Value>| {
            let field = fields.get(name).unwrap_or(&Value::Null);
            json!({ "value": field["value"], "display": field["display"], "status": field["status"] })
        };
        let (was, is) = (side(&before), side(&after));
        // A value that stands as it did and was only looked at again is no change.
        if was["value"] == is["value"] && (was["status"] == is["status"] || !is["value"].is_null())
        {
            continue;
        }
        let spec = after
            .get(name)
            .or_else(|| before.get(name))
            .unwrap_or(&Value::Null);
        found.push(json!({ "what": "field", "field": name, "label": spec["label"], "type": spec["type"], "before": was, "after": is }));
    }
    for (what, path) in [
        ("outcome", "/outcome/code"),
        ("summary", "/summary/text"),
        ("next_action", "/next_action/description"),
    ] {
        let of = |record: &Value| record.pointer(path).cloned().unwrap_or(Value::Null);
        if of(then) != of(now) {
            found.push(json!({ "what": what, "before": { "value": of(then) }, "after": { "value": of(now) } }));
        }
    }
    let tasks = |record: &Value| -> Vec<Value> {
        record["tasks"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|t| {
                if t["title"].is_null() {
                    t["text"].clone()
                } else {
                    t["title"].clone()
                }
            })
            .collect()
    };
    if tasks(then) != tasks(now) {
        found.push(json!({ "what": "tasks", "before": { "value": tasks(then) }, "after": { "value": tasks(now) } }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_decide_about_is_compared_and_nothing_else() {
        let field = |value: Value, status: &str| json!({ "value": value, "display": value, "status": status, "label": "Name", "type": "person_name" });
        let then = json!({
            "version": 2, "review": { "by": "usr_1" }, "outcome": { "code": "booked" }, "summary": { "text": "a" }, "tasks": [{ "text": "call" }],
            "fields": { "caller_name": field(json!("Ann"), "heard"), "email": field(Value::Null, "missing"), "same": field(json!("x"), "heard") },
        });
        let mut now = then.clone();
        now["version"] = json!(5);
        now["review"]["by"] = json!("usr_2");
        assert_eq!(between(&then, &now), Vec::<Value>::new());
        now["fields"]["caller_name"] = field(json!("Anna"), "confirmed");
        now["fields"]["email"] = field(Value::Null, "declined");
        now["fields"]["same"]["status"] = json!("confirmed");
        now["outcome"]["code"] = json!("spam");
        now["tasks"] = json!([]);
        let found = between(&then, &now);
        let what: Vec<_> = found
            .iter()
            .map(|c| c["field"].as_str().or(c["what"].as_str()).unwrap())
            .collect();
        assert_eq!(what, ["caller_name", "email", "outcome", "tasks"]);
        assert_eq!(found[0]["before"]["value"], "Ann");
        assert_eq!(found[0]["after"]["display"], "Anna");
    }
}
