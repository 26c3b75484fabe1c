//! `/v1/privacy/erasures`, and what is kept of a call: `/v1/calls/{id}/hold`.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{CallId, rfc3339};
use crate::desk::access::{Permission, Principal};
use crate::desk::{Given, Problem, asked, page_size};
use crate::server::{Edge, privacy};
use crate::store::database::sql::Sql;
use crate::store::privacy::{self as rows, Erasure, Kept, Subject};

type Reply = Result<Response, Problem>;

/// The routes of erasures and holds.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/privacy/erasures", get(list).post(request))
        .route("/v1/privacy/erasures/{id}", get(one))
        .route("/v1/calls/{id}", delete(erase_call))
        .route("/v1/calls/{id}/hold", get(held).put(hold))
}

fn shown(erasure: &Erasure) -> Value {
    let report = &erasure.report;
    json!({
        "id": erasure.id, "kind": erasure.kind, "subject": erasure.subject,
        "state": if erasure.state == "blocked" { "blocked(legal_hold)" } else { &erasure.state },
        "created_at": rfc3339(erasure.created_at_ms * 1000), "updated_at": rfc3339(erasure.updated_at_ms * 1000),
        "calls_erased": report["calls_erased"].as_u64().unwrap_or(0),
        "contacts_erased": report["contacts_erased"].as_u64().unwrap_or(0),
        "held": report["held"], "waiting": report["waiting"], "remains": report["remains"],
    })
}

/// What to erase: exactly one of the three.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErasureRequest {
    call_id: Option<String>,
    number: Option<String>,
    contact_id: Option<String>,
    /// Why: a case's number, not a person's words.
    reason: Option<String>,
}

/// `POST /v1/privacy/erasures` with `call_id`, `number` or `contact_id`. What can go at once is gone when this answers.
async fn request(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Given(asked): Given<ErasureRequest>,
) -> Reply {
    principal.needs(Permission::Privacy)?;
    let subject = match (asked.call_id, asked.number, asked.contact_id) {
        (Some(id), None, None) => Subject::CallId(call(&edge, &principal, &id).await?),
        (None, Some(number), None) => {
            let country = &edge.config.defaults.country;
            let number = super::contacts::e164(&number, country).ok_or_else(|| {
                Problem::bad_request("number: no telephone number; write it like +15125550142")
            })?;
            Subject::Number(number)
        }
        (None, None, Some(id)) => Subject::ContactId(id),
        _ => {
            return Err(Problem::bad_request(
                "call_id, number, contact_id: give exactly one",
            ));
        }
    };
    erase(&edge, &principal, subject, asked.reason).await
}

/// `DELETE /v1/calls/{id}`: the same for one call.
async fn erase_call(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    principal.needs(Permission::Privacy)?;
    let subject = Subject::CallId(call(&edge, &principal, &id).await?);
    erase(&edge, &principal, subject, None).await
}

async fn erase(
    edge: &Arc<Edge>,
    principal: &Principal,
    subject: Subject,
    reason: Option<String>,
) -> Reply {
    let id = format!("ers_{}", uuid::Uuid::now_v7().simple());
    let erasure = privacy::request(edge, id, subject, reason, principal.actor()).await?;
    let status = if erasure.state == "done" {
        StatusCode::CREATED
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Json(shown(&erasure))).into_response())
}

/// Our id of a call, by ours or the provider's: one that the principal may see.
async fn call(edge: &Edge, principal: &Principal, id: &str) -> Result<String, Problem> {
    let known = match edge.store.database.call(id).await? {
        Some(row) => Some((row.id, row.location_id)),
        None => {
            let ours = id.parse::<CallId>().ok();
            ours.or_else(|| edge.registry.by_provider_id(id))
                .and_then(|id| edge.feed.state(id))
                .map(|live| {
                    let location = live.call["ownership"]["location_id"].as_str();
                    (live.call_id.to_string(), location.map(str::to_owned))
                })
        }
    };
    known
        .filter(|(_, location)| principal.sight.sees(location.as_deref()))
        .map(|(id, _)| id)
        .ok_or_else(|| Problem::not_found("call"))
}

/// Filters of the list of erasures.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ErasureQuery {
    state: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/privacy/erasures`, newest first.
async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<ErasureQuery>, QueryRejection>,
) -> Reply {
    principal.needs(Permission::Privacy)?;
    let query = asked(query)?;
    let limit = page_size(query.limit)?;
    let page = edge
        .store
        .database
        .erasures(query.state, limit, query.cursor.as_deref())
        .await?;
    let data: Vec<Value> = page.rows.iter().map(shown).collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// `GET /v1/privacy/erasures/{id}`.
async fn one(State(edge): State<Arc<Edge>>, principal: Principal, Path(id): Path<String>) -> Reply {
    principal.needs(Permission::Privacy)?;
    let found = edge.store.database.erasure(&id).await?;
    let erasure = found.ok_or_else(|| Problem::not_found("erasure"))?;
    Ok(Json(shown(&erasure)).into_response())
}

fn kept_json(call_id: &str, kept: Kept) -> Value {
    let at = |ms: Option<i64>| ms.map(|ms| rfc3339(ms * 1000));
    json!({
        "call_id": call_id, "legal_hold": kept.legal_hold,
        "recording_deleted_at": at(kept.recording_deleted_at_ms),
        "transcript_deleted_at": at(kept.transcript_deleted_at_ms),
        "journal_deleted_at": at(kept.journal_deleted_at_ms),
    })
}

/// `GET /v1/calls/{id}/hold`: what is kept of a call.
async fn held(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    principal.needs(Permission::ReadCalls)?;
    let id = call(&edge, &principal, &id).await?;
    let asked = id.clone();
    let kept = edge
        .store
        .database
        .read(move |sql| rows::kept(sql, &asked))
        .await?;
    Ok(Json(kept_json(&id, kept)).into_response())
}

/// A hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    legal_hold: bool,
    reason: Option<String>,
}

/// `PUT /v1/calls/{id}/hold`: with `legal_hold` nothing of the call is deleted, neither by age nor by an erasure.
async fn hold(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    Given(wanted): Given<Hold>,
) -> Reply {
    principal.needs(Permission::Privacy)?;
    let id = call(&edge, &principal, &id).await?;
    if edge.store.database.call(&id).await?.is_none() {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "call_goes_on",
            "the call goes on: hold it when it is over",
        ));
    }
    let (asked, actor, at_ms) = (id.clone(), principal.actor(), edge.now_ms());
    let (held, reason) = (wanted.legal_hold, wanted.reason);
    let change = move |sql: &mut dyn Sql| {
        rows::hold(sql, &asked, held, reason.as_deref(), &actor, at_ms)?;
        rows::kept(sql, &asked)
    };
    let kept = edge.store.database.write(change).await?;
    if !held {
        // What it has held back goes now.
        let edge = Arc::clone(&edge);
        tokio::spawn(async move { privacy::advance_all(&edge).await });
    }
    Ok(Json(kept_json(&id, kept)).into_response())
}
