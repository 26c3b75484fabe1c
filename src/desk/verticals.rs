//! `/v1/verticals`: the business kinds as loaded: which fields there are, and which values a choice has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

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
