//! `/v1/verticals` and `/v1/locations`: what the configuration declares: business kinds with their fields and choices, and places with names.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::desk::access::Principal;
use crate::fields::Vertical;
use crate::server::Edge;

fn shown(name: &str, vertical: &Vertical) -> Value {
    let fields: Vec<Value> = vertical
        .fields
        .iter()
        .map(|f| {
            let choices: Vec<Value> = f
                .choices
                .iter()
                .map(|c| json!({ "id": c.id, "label": c.label }))
                .collect();
            json!({
                "name": f.name, "label": f.label, "type": f.ty, "required": f.required, "importance": f.importance,
                "confirm": f.confirm, "policy": f.policy, "min_confidence": f.min_confidence, "sensitive": f.sensitive,
                "choices": choices,
            })
        })
        .collect();
    json!({ "name": name, "title": vertical.title, "fields": fields })
}

/// `GET /v1/verticals`.
pub(super) async fn list(State(edge): State<Arc<Edge>>) -> Response {
    let data: Vec<Value> = edge
        .config
        .verticals()
        .iter()
        .map(|(name, vertical)| shown(name, vertical))
        .collect();
    Json(json!({ "data": data, "next_cursor": null })).into_response()
}

/// `GET /v1/locations`: those that the principal sees.
pub(super) async fn locations(State(edge): State<Arc<Edge>>, principal: Principal) -> Response {
    let data: Vec<Value> = edge
        .config
        .locations
        .iter()
        .filter(|l| principal.sight.sees(Some(&l.id)))
        .map(|l| {
            let name = if l.name.is_empty() { &l.id } else { &l.name };
            json!({
                "id": l.id, "name": name, "client_id": l.client, "numbers": l.numbers, "departments": l.departments,
                "vertical": l.vertical.as_ref().unwrap_or(&edge.config.defaults.vertical),
                "timezone": l.timezone.as_ref().unwrap_or(&edge.config.defaults.timezone),
            })
        })
        .collect();
    Json(json!({ "data": data, "next_cursor": null })).into_response()
}
