//! `/v1/audit-events`: who did what, and whether the trail is whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::rfc3339;
use crate::desk::Problem;
use crate::server::Edge;
use crate::store::audit::{AuditEvent, AuditFilter};

/// Filters of the list of events.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    actor_id: Option<String>,
    action: Option<String>,
    resource: Option<String>,
    since: Option<jiff::Timestamp>,
    until: Option<jiff::Timestamp>,
    limit: Option<usize>,
    cursor: Option<String>,
}

fn shown(event: &AuditEvent) -> Value {
    let mut shown = json!(event);
    shown["at"] = json!(rfc3339(event.at_ms * 1000));
    shown
}

/// `GET /v1/audit-events`, newest first.
pub async fn list(
    State(edge): State<Arc<Edge>>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    let limit = super::page_size(query.limit)?;
    let filter = AuditFilter {
        actor_id: query.actor_id,
        action: query.action,
        resource: query.resource,
        from_ms: query.since.map(|at| at.as_millisecond()),
        before_ms: query.until.map(|at| at.as_millisecond()),
    };
    let page = edge
        .store
        .database
        .audit_events(filter, limit, query.cursor.as_deref())
        .await?;
    let data: Vec<Value> = page.rows.iter().map(shown).collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// An event that was kept elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnchorQuery {
    seq: Option<i64>,
    hash: Option<String>,
}

/// `GET /v1/audit-events/verify?seq&hash`: walks the chain and names the first link that does not hold.
pub async fn verify(
    State(edge): State<Arc<Edge>>,
    query: Result<Query<AnchorQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    let anchor = match (query.seq, query.hash) {
        (None, None) => None,
        (Some(seq), Some(hash)) => Some((seq, hash)),
        _ => return Err(Problem::bad_request("seq and hash: give both or none")),
    };
    let found = edge.store.database.verify_audit(anchor).await?;
    Ok(Json(json!(found)).into_response())
}
