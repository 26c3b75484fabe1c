//! `/v1/verticals`, `/v1/locations`, `/v1/system`: the configuration as loaded, and how the engine stands. Secrets are in none of them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::desk::Problem;
use crate::desk::access::{Permission, Principal};
use crate::fields::Vertical;
use crate::server::Edge;

/// The routes of the configuration.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/verticals", get(verticals))
        .route("/v1/locations", get(locations))
        .route("/v1/system", get(system))
}

fn vertical(vertical: &Vertical) -> Value {
    let fields: Vec<Value> = vertical
        .fields
        .iter()
        .map(|f| {
            json!({
                "name": f.name, "label": f.label, "type": f.ty, "required": f.required, "importance": f.importance, "confirm": f.confirm,
                "policy": f.policy, "min_confidence": f.min_confidence, "sensitive": f.sensitive, "ask": f.ask,
                "choices": f.choices.iter().map(|c| json!({ "id": c.id, "label": c.label })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "name": vertical.name, "title": vertical.title, "fields": fields,
        "escalations": vertical.escalations.iter().map(|e| json!({ "id": e.id, "severity": e.severity, "say": e.say })).collect::<Vec<_>>(),
        "outcomes": vertical.outcomes.iter().map(|o| json!({ "id": o.id, "maps_to": o.maps_to })).collect::<Vec<_>>(),
    })
}

/// `GET /v1/verticals`: the business kinds and their fields.
async fn verticals(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let data: Vec<Value> = edge
        .config
        .verticals()
        .values()
        .map(|v| vertical(v))
        .collect();
    Ok(Json(json!({ "data": data, "next_cursor": null })).into_response())
}

/// `GET /v1/locations`: where calls come in, as far as one sees it.
async fn locations(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let data: Vec<Value> = edge
        .config
        .locations
        .iter()
        .filter(|l| principal.sight.sees(Some(&l.id)))
        .map(|l| {
            json!({
                "id": l.id, "client": l.client, "name": l.name, "timezone": l.timezone, "numbers": l.numbers,
                "departments": l.departments, "vertical": l.vertical,
            })
        })
        .collect();
    Ok(Json(json!({ "data": data, "next_cursor": null })).into_response())
}

/// `GET /v1/system`: version, load, model, configuration.
async fn system(State(edge): State<Arc<Edge>>, principal: Principal) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let config = &edge.config;
    let speech = edge.speech.as_ref();
    Ok(Json(json!({
        "version": env!("CARGO_PKG_VERSION"), "config_version": config.version, "draining": edge.is_draining(),
        "calls": edge.registry.len(), "max_calls": config.server.max_calls,
        "speech": { "enabled": speech.is_some(), "load": speech.map(crate::speech::Speech::load) },
        "review": config.review, "latency_budget_ms": config.latency_budget_ms, "has_accounts": edge.access.has_accounts(&edge).await?,
    }))
    .into_response())
}
