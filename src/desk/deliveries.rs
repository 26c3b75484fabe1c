//! `/v1/deliveries` and `/v1/dead-letters`: what left, what did not, and what people do about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::call::rfc3339;
use crate::delivery::outbox::State as DeliveryState;
use crate::desk::access::{Permission, Principal};
use crate::desk::feed::Notice;
use crate::desk::{Given, Problem, asked, document};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::Cursor;
use crate::store::database::outbox::{self, AttemptRow, DeliveryFilter, DeliveryRow};

/// The routes of deliveries.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/deliveries", get(list))
        .route("/v1/deliveries/replay", post(replay))
        .route("/v1/deliveries/{id}", get(one))
        .route("/v1/deliveries/{id}/{act}", post(act))
        .route("/v1/dead-letters", get(dead_letters))
}

/// Filters of the list of deliveries.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DeliveryQuery {
    state: Option<DeliveryState>,
    destination: Option<String>,
    kind: Option<String>,
    event_type: Option<String>,
    event_id: Option<String>,
    call_id: Option<String>,
    record_id: Option<String>,
    location_id: Option<String>,
    since: Option<jiff::Timestamp>,
    until: Option<jiff::Timestamp>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/deliveries`, newest first.
async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<DeliveryQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    page(&edge, &principal, asked(query)?).await
}

/// `GET /v1/dead-letters`: what was given up, newest first.
async fn dead_letters(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<DeliveryQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let query = DeliveryQuery {
        state: Some(DeliveryState::Dead),
        ..asked(query)?
    };
    page(&edge, &principal, query).await
}

async fn page(
    edge: &Edge,
    principal: &Principal,
    query: DeliveryQuery,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let limit = super::page_size(query.limit)?;
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let filter = DeliveryFilter {
        state: query.state.map(|s| s.as_str().to_owned()),
        destination_id: query.destination,
        kind: query.kind,
        event_type: query.event_type,
        event_id: query.event_id,
        call_id: query.call_id,
        record_id: query.record_id,
        since_ms: query.since.map(|t| t.as_millisecond()),
        until_ms: query.until.map(|t| t.as_millisecond()),
        locations: super::within(principal, query.location_id),
    };
    let page = edge
        .store
        .database
        .read(move |sql| outbox::deliveries(sql, &filter, limit, after.as_ref()))
        .await?;
    let data: Vec<Value> = page.rows.iter().map(shown).collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// `GET /v1/deliveries/{id}`: with its attempts, and what was sent for those who may send it again.
async fn one(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let locations = principal.sight.locations();
    let (row, attempts) = edge
        .store
        .database
        .read(move |sql| {
            let row = outbox::delivery(sql, &id, locations.as_deref())?;
            let attempts = outbox::attempts(sql, &id)?;
            Ok::<_, DatabaseError>(row.map(|row| (row, attempts)))
        })
        .await?
        .ok_or_else(|| Problem::not_found("delivery"))?;
    let mut delivery = shown(&row);
    delivery["attempts"] = attempts.iter().map(attempt).collect();
    if principal.may(Permission::ManageDeliveries) {
        delivery["payload"] = row.payload.as_deref().map_or(Value::Null, document);
    }
    Ok(Json(delivery).into_response())
}

/// `POST /v1/deliveries/{id}/retry|cancel`.
async fn act(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path((id, what)): Path<(String, String)>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ManageDeliveries)?;
    let retry = match what.as_str() {
        "retry" => true,
        "cancel" => false,
        _ => return Err(Problem::not_found("act: retry or cancel")),
    };
    let now_ms = edge.now_ms();
    let locations = principal.sight.locations();
    let who = principal.signature().to_owned();
    let event = principal.did(
        if retry {
            "delivery.retried"
        } else {
            "delivery.canceled"
        },
        &id,
        now_ms,
    );
    let row = edge
        .store
        .database
        .write(move |sql| {
            if outbox::delivery(sql, &id, locations.as_deref())?.is_none() {
                return Ok(None);
            }
            let done = if retry {
                outbox::retry(sql, &id, now_ms)?
            } else {
                outbox::cancel(sql, &id, now_ms, &format!("canceled by {who}"))?
            };
            if done {
                audit::append(sql, &event)?;
            }
            let row = outbox::delivery(sql, &id, locations.as_deref())?;
            Ok::<_, DatabaseError>(row.map(|row| (row, done)))
        })
        .await?;
    let (row, done) = row.ok_or_else(|| Problem::not_found("delivery"))?;
    if done {
        edge.delivery.changed(&row.id);
    } else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "wrong_state",
            format!(
                "the delivery is {}: it cannot be {}",
                row.state,
                if retry { "retried" } else { "canceled" }
            ),
        ));
    }
    edge.delivery.wake();
    Ok(Json(shown(&row)).into_response())
}

/// What is sent again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    destination: String,
    since: jiff::Timestamp,
    #[serde(default)]
    until: Option<jiff::Timestamp>,
    #[serde(default)]
    state: Option<DeliveryState>,
}

/// `POST /v1/deliveries/replay`: everything to one destination in a range of time, in the old order and under the old ids; what was given up,
/// where `state` does not say otherwise.
async fn replay(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Given(wanted): Given<Replay>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ManageDeliveries)?;
    if edge
        .delivery
        .rules()
        .receiver(&wanted.destination)
        .is_none()
    {
        return Err(Problem::not_found("destination"));
    }
    let now_ms = edge.now_ms();
    let state = wanted.state.unwrap_or(DeliveryState::Dead);
    let filter = DeliveryFilter {
        state: Some(state.as_str().to_owned()),
        destination_id: Some(wanted.destination.clone()),
        since_ms: Some(wanted.since.as_millisecond()),
        until_ms: wanted.until.map(|t| t.as_millisecond()),
        locations: principal.sight.locations(),
        ..DeliveryFilter::default()
    };
    let event = principal
        .did("delivery.replayed", &wanted.destination, now_ms)
        .because(format!("{} since {}", state.as_str(), wanted.since));
    let count = edge
        .store
        .database
        .write(move |sql| {
            let count = outbox::replay(sql, &filter, now_ms)?;
            audit::append(sql, &event)?;
            Ok::<_, DatabaseError>(count)
        })
        .await?;
    edge.delivery.wake();
    Ok((StatusCode::ACCEPTED, Json(json!({ "queued": count }))).into_response())
}

/// How many changes are read from the database at once.
const CHANGES_AT_ONCE: usize = 64;

/// Puts every change of a delivery on the live feed as `delivery.updated`, with the delivery as lists show it, until `stop` says so. Several
/// changes of one delivery that come at once are told once, as it is then.
pub async fn announce(
    edge: Arc<Edge>,
    mut changes: mpsc::UnboundedReceiver<String>,
    mut stop: watch::Receiver<bool>,
) {
    let mut changed = Vec::new();
    loop {
        tokio::select! {
            count = changes.recv_many(&mut changed, CHANGES_AT_ONCE) => if count == 0 { return },
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let ids: BTreeSet<String> = changed.drain(..).collect();
        if !edge.feed.has_readers() {
            continue;
        }
        let rows = edge
            .store
            .database
            .read(move |sql| {
                ids.iter()
                    .map(|id| outbox::delivery(sql, id, None))
                    .collect::<Result<Vec<_>, DatabaseError>>()
            })
            .await;
        match rows {
            Ok(rows) => rows
                .iter()
                .flatten()
                .for_each(|row| edge.feed.notify(notice(row, edge.clock.now_us()))),
            Err(reason) => {
                tracing::warn!(%reason, "pages are not told of changed deliveries; they ask again by themselves");
            }
        }
    }
}

fn notice(row: &DeliveryRow, now_us: i64) -> Notice {
    let kind = "delivery.updated";
    Notice {
        call_id: row.call_id.as_ref().and_then(|id| id.parse().ok()),
        location_id: row.location_id.clone(),
        kind,
        json: json!({ "type": kind, "call_id": row.call_id, "at": rfc3339(now_us), "data": shown(row) })
            .to_string()
            .into(),
    }
}

fn at(ms: i64) -> String {
    rfc3339(ms * 1000)
}

/// A delivery as lists show it.
fn shown(row: &DeliveryRow) -> Value {
    let waits = matches!(row.state.as_str(), "queued" | "retrying");
    json!({
        "id": row.id, "event_id": row.event_id, "event_type": row.event_type, "destination_id": row.destination_id,
        "action_id": row.action_id, "kind": row.kind, "call_id": row.call_id, "record_id": row.record_id, "sequence": row.sequence,
        "state": row.state, "attempt_count": row.attempts, "next_attempt_at": waits.then(|| at(row.next_attempt_at_ms)),
        "payload_sha256": row.payload_sha256, "fields_sent": row.fields_sent.as_deref().map(document),
        "last_status": row.last_status, "last_error": row.last_error, "ack_ref": row.ack_ref,
        "created_at": at(row.created_at_ms), "updated_at": at(row.updated_at_ms), "finished_at": row.finished_at_ms.map(at),
    })
}

fn attempt(row: &AttemptRow) -> Value {
    json!({
        "n": row.n, "at": at(row.at_ms), "status_code": row.status_code, "error": row.error, "latency_ms": row.latency_ms,
        "response_excerpt": row.response_excerpt,
    })
}
