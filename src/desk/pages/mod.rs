//! What people see in a browser: templates, one stylesheet and small ES modules, all embedded in the binary.
//!
//! A page is a frame that the server renders for the person who asks; what is in it comes from the same JSON API and live feed that programs
//! use, so a page shows nothing that its person could not ask for. Nothing runs or styles inline, no other host is asked, and what callers
//! said enters a page as text alone (`require-trusted-types-for` makes the browser refuse markup). Owns no state and changes none.

mod assets;
mod desk;
pub(super) mod forms;
mod refusal;
mod settings;
mod shell;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(super) use refusal::as_page;

use crate::server::Edge;

/// Everything comes from here, nothing runs inline, nothing becomes markup, nobody frames the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Pages of those who may read calls.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/", get(desk::board))
        .route("/calls", get(desk::calls))
        .route("/calls/{id}", get(desk::call))
        .route("/review", get(desk::review))
        .route("/records/{id}", get(desk::record))
        .route("/reports", get(desk::reports))
        .route("/settings", get(settings::show))
}

/// What pages are made of; it holds nothing of anybody's.
pub(super) fn assets() -> Router<Arc<Edge>> {
    Router::new().route("/assets/{name}", get(assets::serve))
}

/// A rendered template with the headers of a page.
fn page(status: StatusCode, template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(html) => {
            let headers: [(HeaderName, HeaderValue); 2] = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                ),
                (
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static(POLICY),
                ),
            ];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
