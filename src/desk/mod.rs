//! What people see: JSON API, live feed, pages.
//!
//! Owns every route but the provider's. It reads the feed and the store and hands people's acts to the call; it never changes a call itself.

pub mod access;
mod acts;
mod audit;
mod calls;
mod changes;
mod contacts;
mod deliveries;
mod destinations;
pub mod feed;
mod headers;
mod health;
mod listen;
mod live;
mod masked;
mod openapi;
mod pages;
mod preview;
mod privacy;
mod problem;
mod records;
mod reports;
mod settings;
mod tasks;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::routing::get;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::Value;

use access::{Permission, Principal};
pub use deliveries::announce as announce_deliveries;
pub use live::{SseQuery, Subscription};
pub use problem::Problem;

use crate::server::Edge;

/// Every route of the desk: those that need nobody, and behind the guard those that do, by what they need.
pub fn routes(edge: &Arc<Edge>) -> Router<Arc<Edge>> {
    let reading = Router::new()
        .merge(pages::routes())
        .route("/v1/records/{id}/preview", get(preview::preview))
        .route("/v1/live", get(live::socket))
        .route("/v1/live/sse", get(live::sse))
        .route("/v1/calls", get(calls::list))
        .route("/v1/calls/{id}", get(calls::one))
        .route("/v1/calls/{id}/transcript", get(calls::transcript))
        .route("/v1/calls/{id}/timeline", get(calls::timeline));
    let hearing = Router::new()
        .route("/v1/calls/{id}/recording", get(calls::recording))
        .route("/v1/calls/{id}/audio", get(calls::audio))
        .route("/v1/calls/{id}/waveform", get(calls::waveform));
    let running = Router::new()
        .route("/v1/calls/{id}/journal", get(calls::journal))
        .route("/metrics", get(health::show));
    let auditing = Router::new()
        .route("/v1/audit-events", get(audit::list))
        .route("/v1/audit-events/verify", get(audit::verify));
    needing(Permission::ReadCalls, reading)
        .merge(needing(Permission::ReadAudio, hearing))
        .merge(needing(Permission::Administer, running))
        .merge(needing(Permission::ReadAudit, auditing))
        .merge(contacts::routes())
        .merge(privacy::routes())
        .merge(acts::routes())
        .merge(records::routes())
        .merge(changes::routes())
        .merge(tasks::routes())
        .merge(deliveries::routes())
        .merge(destinations::routes())
        .merge(reports::routes())
        .merge(settings::routes())
        .merge(access::administration())
        .layer(middleware::from_fn_with_state(
            Arc::clone(edge),
            access::identify,
        ))
        .merge(access::routes())
        .merge(openapi::routes())
        .merge(pages::assets())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Problem::not_found("page"))
        .layer(middleware::from_fn(pages::as_page))
        .layer(middleware::from_fn(headers::secure))
}

/// Routes that all need the same permission.
fn needing(permission: Permission, routes: Router<Arc<Edge>>) -> Router<Arc<Edge>> {
    routes.route_layer(middleware::from_fn(
        move |principal: Principal, request: Request, next: Next| async move {
            principal.needs(permission)?;
            Ok::<_, Problem>(next.run(request).await)
        },
    ))
}

/// A JSON body, refused in the API's own form.
pub struct Given<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Json::<T>::from_request(request, state)
            .await
            .map(|Json(body)| Given(body))
            .map_err(|error| Problem::bad_request(error.body_text()))
    }
}

/// A query, refused in the API's own form.
fn asked<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query
        .map(|Query(query)| query)
        .map_err(|error| Problem::bad_request(error.body_text()))
}

/// The version that `If-Match` asks for, where it is given.
fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    headers
        .get(header::IF_MATCH)
        .map(|v| v.to_str().unwrap_or("").trim_matches('"').parse::<i64>())
        .transpose()
        .map_err(|_| Problem::bad_request("If-Match: no ETag of this; it looks like \"3\""))
}

/// The locations a list is confined to: those the principal sees, and of them the one that is asked for.
fn within(principal: &Principal, asked: Option<String>) -> Option<Vec<String>> {
    match asked {
        None => principal.sight.locations(),
        Some(one) => Some(if principal.sight.sees(Some(&one)) {
            vec![one]
        } else {
            Vec::new()
        }),
    }
}

/// A JSON text that the database holds. It was written by this program; a damaged one is shown as null rather than losing the rest.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// How many rows a list asks for: 1 to 200, else 50.
fn page_size(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(50);
    if (1..=200).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::bad_request(format!(
            "limit = {limit}: must be 1 to 200"
        )))
    }
}
