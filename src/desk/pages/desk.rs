//! The pages of the desk: each a frame around one module.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::page;
use super::shell::Shell;
use crate::desk::access::Principal;
use crate::desk::{Problem, calls, records};
use crate::server::Edge;

#[derive(Template)]
#[template(path = "board.html")]
struct Board {
    shell: Shell,
}

/// `GET /`: the live board.
pub(super) async fn board(principal: Principal) -> Response {
    let shell = Shell::new(&principal, "/");
    page(StatusCode::OK, &Board { shell })
}

#[derive(Template)]
#[template(path = "calls.html")]
struct Calls {
    shell: Shell,
}

/// `GET /calls`: calls of the past.
pub(super) async fn calls(principal: Principal) -> Response {
    let shell = Shell::new(&principal, "/calls");
    page(StatusCode::OK, &Calls { shell })
}

#[derive(Template)]
#[template(path = "live.html")]
struct Live {
    shell: Shell,
    call_id: String,
}

#[derive(Template)]
#[template(path = "call.html")]
struct Ended {
    shell: Shell,
    call_id: String,
}

/// `GET /calls/{id}`: the agent's page while the call goes on, its record view afterwards. `{id}` may be the provider's.
pub(super) async fn call(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let place = calls::whereabouts(&edge, &principal, &id).await?;
    let call_id = place.call_id.to_string();
    Ok(if place.live {
        let shell = Shell::new(&principal, "/calls/live");
        page(StatusCode::OK, &Live { shell, call_id })
    } else {
        let shell = Shell::new(&principal, "/calls");
        page(StatusCode::OK, &Ended { shell, call_id })
    })
}

#[derive(Template)]
#[template(path = "review.html")]
struct Review {
    shell: Shell,
    record_id: String,
    outcomes: Vec<(&'static str, String)>,
    reasons: Vec<(&'static str, String)>,
}

fn in_words(code: &'static str) -> (&'static str, String) {
    let mut words = code.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (code, words)
}

fn review_page(principal: &Principal, record_id: String) -> Response {
    let template = Review {
        shell: Shell::new(principal, "/review"),
        record_id,
        outcomes: crate::fields::Code::ALL
            .iter()
            .map(|c| in_words(c.as_str()))
            .collect(),
        reasons: crate::record::review::REJECT_REASONS
            .iter()
            .map(|r| in_words(r))
            .collect(),
    };
    page(StatusCode::OK, &template)
}

/// `GET /review`: the queue, opened at its riskiest record.
pub(super) async fn review(principal: Principal) -> Response {
    review_page(&principal, String::new())
}

/// `GET /records/{id}`: the same, opened at this record.
pub(super) async fn record(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let record = records::seen(&edge, &principal, &id).await?;
    Ok(review_page(&principal, record.id))
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports {
    shell: Shell,
    /// Budgets of final text and draft, ms: drawn as lines that should not be crossed.
    final_ms: f64,
    draft_ms: f64,
}

/// `GET /reports`.
pub(super) async fn reports(State(edge): State<Arc<Edge>>, principal: Principal) -> Response {
    let budgets = &edge.config.latency_budget_ms;
    let template = Reports {
        shell: Shell::new(&principal, "/reports"),
        final_ms: budgets.stt_final,
        draft_ms: budgets.draft,
    };
    page(StatusCode::OK, &template)
}
