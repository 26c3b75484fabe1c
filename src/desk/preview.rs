//! `/v1/records/{id}/preview`: what would leave if the record were approved now, to whom, byte for byte but for the ids of the deliveries.
//!
//! Nothing is stored and nothing is sent: the same acts, rules and views that an approval goes through are asked, and their answer is shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::delivery::prepare::{self, Order};
use crate::delivery::{self, Event, Planned, Rules};
use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, records};
use crate::record::review::{self, By, ReviewAct};
use crate::server::Edge;

/// `GET /v1/records/{id}/preview`.
pub(super) async fn preview(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Review)?;
    let row = records::seen(&edge, &principal, &id).await?;
    let record = records::shown(&row);
    let vertical = record["vertical"]
        .as_str()
        .and_then(|name| edge.config.verticals().get(name))
        .ok_or_else(|| Problem::not_found("vertical any more: the configuration has changed"))?;
    let now_ms = edge.now_ms();
    let by = By {
        who: principal.signature(),
        at_ms: now_ms,
    };
    let mut approved = review::act(&record, vertical, &ReviewAct::Approve, by)?;
    let version = row.version + 1;
    approved["version"] = json!(version);
    let rules = edge.config.delivery();
    let mut data = Vec::new();
    for event in delivery::on_approval(&mut approved, version, now_ms) {
        for planned in delivery::due(rules, &event) {
            data.push(shown(rules, &event, &planned, &approved));
        }
    }
    Ok(Json(json!({ "data": data, "next_cursor": null })).into_response())
}

/// One delivery: what is in it, or why it would not be sent.
fn shown(rules: &Rules, event: &Event, planned: &Planned, record: &Value) -> Value {
    let mut shown = json!({
        "destination_id": planned.destination_id, "kind": planned.channel, "event_type": event.kind.as_str(),
        "action_id": planned.action_id, "to": planned.recipient, "refused": planned.refused,
        "fields_sent": [], "withheld": [], "payload": null,
    });
    let Some(receiver) = rules.receiver(&planned.destination_id) else {
        return shown;
    };
    if planned.refused.is_some() {
        return shown;
    }
    let order = Order {
        event,
        sequence: 0,
        delivery_id: "dlv_preview",
        receiver,
        action_id: planned.action_id.as_deref(),
        recipient: planned.recipient.as_deref(),
        results: Vec::new(),
        transcript: None,
    };
    match prepare::payload(rules, &order) {
        Ok(payload) => {
            let withheld: Vec<&str> = record["fields"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, field)| {
                    !field["value"].is_null() && !payload.fields_sent.contains(name)
                })
                .map(|(name, _)| name.as_str())
                .collect();
            shown["withheld"] = json!(withheld);
            shown["payload"] = crate::desk::document(&payload.body);
            shown["fields_sent"] = json!(payload.fields_sent);
        }
        Err(why) => shown["refused"] = json!(why),
    }
    shown
}
