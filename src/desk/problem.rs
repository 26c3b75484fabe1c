//! Errors of the API as `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::desk::access::{NoRandomness, PasswordError};
use crate::store::{DatabaseError, StoreError};

/// An error as the API tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after_s: Option<u64>,
}

impl Problem {
    /// An error with a stable code for programs and a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Problem {
            status,
            code,
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    /// With the time after which another try makes sense.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Nothing of that name.
    pub fn not_found(what: &str) -> Self {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no such {what}"),
        )
    }

    /// A parameter that cannot be.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store refused a request");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store",
            "the store cannot answer at the moment; the log says why",
        )
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::BadCursor => {
                Problem::bad_request("cursor: not one that this server gave; ask without it")
            }
            DatabaseError::Conflict { current, .. } => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "version_conflict",
                format!("somebody else changed it: it has version {current} by now; read it again"),
            ),
            other => StoreError::from(other).into(),
        }
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(%error, "no secret could be made");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_randomness",
            "the system gives no random bytes; try again",
        )
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "password",
            error.to_string(),
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let mut response = (
            self.status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            Json(body).into_response().into_body(),
        )
            .into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        // For those who asked for a page: it is shown as one.
        response.extensions_mut().insert(self);
        response
    }
}
