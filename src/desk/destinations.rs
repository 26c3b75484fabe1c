//! `/v1/destinations`: where data may go, and how each does. What they are is said in the configuration; their secrets are never shown.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::call::rfc3339;
use crate::delivery::settings::Channel;
use crate::delivery::worker::OLD_SECRET_MS;
use crate::delivery::{Destination, Event, due, enqueue, signature};
use crate::desk::Problem;
use crate::desk::access::{Permission, Principal};
use crate::server::{Edge, random};
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::outbox::{self, DestinationRow};

/// The routes of destinations.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/destinations", get(list))
        .route("/v1/destinations/{id}", get(one))
        .route("/v1/destinations/{id}/test", post(test))
        .route("/v1/destinations/{id}/enable", post(enable))
        .route("/v1/destinations/{id}/rotate-secret", post(rotate_secret))
}

/// `GET /v1/destinations`.
async fn list(State(edge): State<Arc<Edge>>, principal: Principal) -> Result<Response, Problem> {
    principal.needs(Permission::ManageDeliveries)?;
    let (states, backlog) = edge
        .store
        .database
        .read(|sql| Ok::<_, DatabaseError>((outbox::destinations(sql)?, outbox::backlog(sql)?)))
        .await?;
    let data: Vec<Value> = edge
        .delivery
        .rules()
        .receivers()
        .map(|receiver| {
            let destination = &receiver.destination;
            let state = states.iter().find(|s| s.id == destination.id);
            shown(destination, &state.cloned().unwrap_or_default(), &backlog)
        })
        .collect();
    Ok(Json(json!({ "data": data, "next_cursor": null })).into_response())
}

/// `GET /v1/destinations/{id}`.
async fn one(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ManageDeliveries)?;
    let destination = declared(&edge, &id)?;
    let (state, backlog) = edge
        .store
        .database
        .read(move |sql| {
            Ok::<_, DatabaseError>((outbox::destination(sql, &id)?, outbox::backlog(sql)?))
        })
        .await?;
    Ok(Json(shown(&destination, &state, &backlog)).into_response())
}

fn declared(edge: &Edge, id: &str) -> Result<Destination, Problem> {
    edge.delivery
        .rules()
        .receiver(id)
        .map(|receiver| receiver.destination.clone())
        .ok_or_else(|| Problem::not_found("destination"))
}

/// `POST /v1/destinations/{id}/test`: sends a `test.ping`, seen in `/v1/deliveries`.
async fn test(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ManageDeliveries)?;
    declared(&edge, &id)?;
    let now_ms = edge.now_ms();
    let event = Event::test_ping(&id, u64::from_le_bytes(random()), now_ms);
    let planned = due(edge.delivery.rules(), &event);
    let answer = json!({ "event_id": event.id });
    let act = principal.did("destination.tested", &id, now_ms);
    edge.store
        .database
        .write(move |sql| {
            audit::append(sql, &act)?;
            enqueue(sql, &event, &planned)
        })
        .await?;
    edge.delivery.wake();
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// `POST /v1/destinations/{id}/enable`: after a 410 has disabled it. What waits is sent.
async fn enable(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let destination = declared(&edge, &id)?;
    let now_ms = edge.now_ms();
    let act = principal.did("destination.enabled", &id, now_ms);
    let (state, backlog) = edge
        .store
        .database
        .write(move |sql| {
            outbox::enable(sql, &id)?;
            outbox::pull_forward(sql, &id, now_ms)?;
            audit::append(sql, &act)?;
            Ok::<_, DatabaseError>((outbox::destination(sql, &id)?, outbox::backlog(sql)?))
        })
        .await?;
    edge.delivery.wake();
    Ok(Json(shown(&destination, &state, &backlog)).into_response())
}

/// `POST /v1/destinations/{id}/rotate-secret`: makes a new signing secret and shows it this once. The configured one signs as well for a day;
/// the new one is kept in the database, in clear, under the rights of its file or server.
async fn rotate_secret(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    if declared(&edge, &id)?.kind != Channel::Webhook {
        return Err(Problem::bad_request("only webhooks are signed"));
    }
    let now_ms = edge.now_ms();
    let secret = signature::new_secret(random());
    let act = principal.did("destination.secret_rotated", &id, now_ms);
    let answer = json!({
        "id": id, "secret": secret.expose(), "old_secret_valid_until": rfc3339((now_ms + OLD_SECRET_MS) * 1000),
    });
    edge.store
        .database
        .write(move |sql| {
            outbox::set_secret(sql, &id, &secret, now_ms, now_ms + OLD_SECRET_MS)?;
            audit::append(sql, &act)
        })
        .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// A destination as the API shows it.
fn shown(
    destination: &Destination,
    state: &DestinationRow,
    backlog: &[(String, String, i64, i64)],
) -> Value {
    let at = |ms: Option<i64>| ms.map(|ms| rfc3339(ms * 1000));
    let own = backlog.iter().filter(|(id, ..)| *id == destination.id);
    let counts: Map<String, Value> = own
        .clone()
        .map(|(_, state, count, _)| (state.clone(), json!(count)))
        .collect();
    let oldest = own
        .filter(|(_, state, ..)| state != "dead")
        .map(|(.., at)| *at)
        .min();
    // The rest of the address may be a secret of its own.
    let host = destination
        .url
        .as_deref()
        .and_then(|url| reqwest::Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization());
    json!({
        "id": destination.id, "kind": destination.kind, "host": host, "to": destination.to,
        "events": destination.events, "allow_fields": destination.allow_fields, "locations": destination.locations,
        "enabled": state.disabled_reason.is_none(), "disabled_reason": state.disabled_reason, "disabled_at": at(state.disabled_at_ms),
        "paused_until": at(Some(state.paused_until_ms).filter(|ms| *ms > 0)), "failures": state.failures,
        "last_success_at": at(state.last_success_at_ms), "last_failure_at": at(state.last_failure_at_ms), "last_error": state.last_error,
        "backlog": counts, "oldest_undelivered_at": at(oldest),
        "secret": (destination.kind == Channel::Webhook).then(|| json!({
            "source": if state.secret.is_some() { "rotated" } else { "configuration" }, "rotated_at": at(state.secret_made_at_ms),
            "old_secret_valid_until": at(state.old_secret_until_ms),
        })),
    })
}
