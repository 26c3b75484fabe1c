//! Errors for people: the API's problem, shown as a page to whoever asked for a page.

use askama::Template;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::page;
use crate::desk::Problem;

#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

/// Shows a problem as a page where a browser asked for one; what the API answers stays as it is.
pub(in crate::desk) async fn as_page(request: Request, next: Next) -> Response {
    let wanted = request.method() == Method::GET
        && !request.uri().path().starts_with("/v1/")
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"));
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if wanted => page(
            problem.status(),
            &Refusal {
                status: problem.status().as_u16(),
                title: problem.status().canonical_reason().unwrap_or("Error"),
                detail: problem.detail(),
            },
        ),
        _ => response,
    }
}
