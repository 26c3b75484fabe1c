//! What people see: JSON API, live feed, pages.
//!
//! Owns every route but the provider's. It reads the feed and the store and hands people's acts to the call; it never changes a call itself.

mod actor;
mod audit;
mod calls;
pub mod feed;
mod guard;
mod health;
mod listen;
mod live;
mod page;
mod problem;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;

pub use actor::Acting;
pub use live::{SseQuery, Subscription};
pub use problem::Problem;

use crate::server::Edge;

/// Every route of the desk.
pub fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/", get(page::live))
        .route("/calls/{id}", get(page::live))
        .route("/assets/live.css", get(page::style))
        .route("/assets/live.js", get(page::script))
        .route("/v1/live", get(live::socket))
        .route("/v1/live/sse", get(live::sse))
        .route("/v1/calls", get(calls::list))
        .route("/v1/calls/{id}", get(calls::one))
        .route("/v1/calls/{id}/transcript", get(calls::transcript))
        .route("/v1/calls/{id}/timeline", get(calls::timeline))
        .route("/v1/calls/{id}/recording", get(calls::recording))
        .route("/v1/calls/{id}/audio", get(calls::audio))
        .route("/v1/calls/{id}/journal", get(calls::journal))
        .route("/v1/records", get(calls::records))
        .route("/v1/records/{id}", get(calls::record))
        .route("/v1/audit-events", get(audit::list))
        .route("/v1/audit-events/verify", get(audit::verify))
        .route("/metrics", get(health::show))
        .layer(middleware::from_fn(guard::this_machine_only))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Problem::not_found("page"))
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
