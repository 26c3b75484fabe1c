//! Headers that every answer carries.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// What answers that are no pages may load and run: nothing. Pages bring their own.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Puts a request id and the browser's safeguards on every answer.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    default(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    default(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    default(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(NOTHING),
    );
    // What callers said stays out of caches on the way and out of the browser's.
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        default(HeaderName::from_static("x-request-id"), id);
    }
    response
}
