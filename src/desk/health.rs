//! `/healthz`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::server::Edge;
use crate::telemetry::metrics;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: a new call would be taken now. Asking takes no place.
pub async fn ready(State(edge): State<Arc<Edge>>) -> Response {
    let calls = edge.registry.len();
    let load = edge.speech.as_ref().map(crate::speech::Speech::load);
    match edge.check() {
        Ok(()) => Json(json!({ "ready": true, "calls": calls, "speech": load })).into_response(),
        Err(busy) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ready": false, "reason": busy.to_string(), "calls": calls, "speech": load })))
                .into_response()
        }
    }
}

/// `GET /metrics`: Prometheus text.
pub async fn show() -> Response {
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        metrics::render(),
    )
        .into_response()
}
