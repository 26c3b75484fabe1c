//! `/v1/tasks`: what somebody owes after a call.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::delivery::{self, EventType};
use crate::desk::access::{Permission, Principal};
use crate::desk::{Given, Problem, asked};
use crate::server::{Edge, shelve};
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::Cursor;
use crate::store::database::tasks::{self, TaskFilter};

/// The routes of tasks.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/tasks", get(list))
        .route("/v1/tasks/{id}", get(one).patch(change))
}

/// States of a task.
const STATUSES: [&str; 4] = ["open", "in_progress", "done", "canceled"];

/// Filters of the list of tasks.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TaskQuery {
    /// One state, or several with commas between.
    status: Option<String>,
    /// `task` or `next_action`.
    kind: Option<String>,
    call_id: Option<String>,
    department_id: Option<String>,
    location_id: Option<String>,
    /// Only those whose time has passed and that are still owed.
    #[serde(default)]
    overdue: bool,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/tasks`.
async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<TaskQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    let limit = super::page_size(query.limit)?;
    let now_ms = edge.now_ms();
    let statuses = match (query.status, query.overdue) {
        (Some(list), _) => Some(list.split(',').map(|s| s.trim().to_owned()).collect()),
        (None, true) => Some(vec!["open".to_owned(), "in_progress".to_owned()]),
        (None, false) => None,
    };
    let filter = TaskFilter {
        statuses,
        kind: query.kind,
        call_id: query.call_id,
        department_id: query.department_id,
        due_before_ms: query.overdue.then_some(now_ms),
        locations: super::within(&principal, query.location_id),
    };
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let page = edge
        .store
        .database
        .read(move |sql| tasks::tasks(sql, &filter, limit, after.as_ref()))
        .await?;
    let data: Vec<Value> = page
        .rows
        .iter()
        .map(|row| shelve::task_json(row, now_ms))
        .collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// `GET /v1/tasks/{id}`, with the version as `ETag`.
async fn one(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let locations = principal.sight.locations();
    let now_ms = edge.now_ms();
    let row = edge
        .store
        .database
        .read(move |sql| tasks::task(sql, &id, locations.as_deref()))
        .await?
        .ok_or_else(|| Problem::not_found("task"))?;
    let etag = format!("\"{}\"", row.version);
    Ok((
        [(header::ETAG, etag)],
        Json(shelve::task_json(&row, now_ms)),
    )
        .into_response())
}

/// What of a task changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskChange {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    due: Option<jiff::Timestamp>,
}

/// `PATCH /v1/tasks/{id}` with `status`, `due`, or both; `If-Match` where given must fit.
async fn change(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    Given(change): Given<TaskChange>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Review)?;
    if let Some(status) = change.status.as_deref().filter(|s| !STATUSES.contains(s)) {
        return Err(Problem::bad_request(format!(
            "status = {status}: must be one of {}",
            STATUSES.join(", ")
        )));
    }
    let expected = super::expected_version(&headers)?;
    let now_ms = edge.now_ms();
    let config = Arc::clone(&edge.config);
    let (status, due_ms) = (change.status, change.due.map(|t| t.as_millisecond()));
    let row = edge
        .store
        .database
        .write(move |sql| {
            let locations = principal.sight.locations();
            let Some(mut row) = tasks::task(sql, &id, locations.as_deref())? else {
                return Ok(None);
            };
            if let Some(expected) = expected.filter(|e| *e != row.version) {
                return Err(DatabaseError::Conflict {
                    id: id.clone(),
                    expected,
                    current: row.version,
                });
            }
            if let Some(status) = &status {
                row.status.clone_from(status);
                let over = matches!(status.as_str(), "done" | "canceled");
                row.done_at_ms = over.then_some(now_ms);
                row.done_by = over.then(|| principal.id.clone());
            }
            row.due_at_ms = due_ms.or(row.due_at_ms);
            if !tasks::update_task(sql, &row)? {
                return Err(DatabaseError::Conflict {
                    id: id.clone(),
                    expected: row.version,
                    current: row.version + 1,
                });
            }
            let mut event = principal.did("task.changed", &id, now_ms);
            event.reason.clone_from(&status);
            audit::append(sql, &event)?;
            row.version += 1;
            if row.kind == "next_action" && row.status == "done" {
                let done = shelve::task_event(EventType::NextActionDone, &row, now_ms);
                delivery::tell(sql, config.delivery(), &[done])?;
            }
            Ok::<_, DatabaseError>(Some(row))
        })
        .await?
        .ok_or_else(|| Problem::not_found("task"))?;
    let etag = format!("\"{}\"", row.version);
    Ok((
        StatusCode::OK,
        [(header::ETAG, etag)],
        Json(shelve::task_json(&row, now_ms)),
    )
        .into_response())
}
