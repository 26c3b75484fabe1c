//! The live page, the forms of those who are not signed in yet, and their assets, embedded in the binary; no request leaves this host.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::desk::Problem;
use crate::desk::access::{LinkQuery, SignInQuery, destination};

/// Everything comes from here, nothing runs inline, nobody frames the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn asset(kind: &'static str, body: impl IntoResponse) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, body).into_response()
}

/// `GET /` and `GET /calls/{id}`.
pub async fn live() -> Response {
    asset("text/html; charset=utf-8", include_str!("assets/live.html"))
}

/// `GET /assets/live.css`.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("assets/live.css"))
}

/// `GET /assets/live.js`.
pub async fn script() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("assets/live.js"),
    )
}

/// Text as it may stand in HTML, between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A field of a form: name, label, kind, what browsers fill in, value.
type Input<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// A page with one form.
fn form(
    title: &str,
    action: &str,
    hidden: &[(&str, &str)],
    inputs: &[Input<'_>],
    refusal: Option<&Problem>,
) -> Response {
    let message = refusal.map_or_else(String::new, |r| {
        format!("<p role=\"alert\">{}</p>", escaped(r.detail()))
    });
    let hidden: String = hidden
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escaped(value)
            )
        })
        .collect();
    let inputs: String = inputs
        .iter()
        .map(|(name, label, kind, fill, value)| {
            format!(
                "<p><label for=\"{name}\">{label}</label><br><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{fill}\" value=\"{}\" required></p>",
                escaped(value)
            )
        })
        .collect();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
        <title>{title} - Offhook</title><link rel=\"stylesheet\" href=\"/assets/live.css\"></head>\
        <body><header><h1>Offhook</h1></header><main><h2>{title}</h2>{message}<form method=\"post\" action=\"{action}\">{hidden}{inputs}\
        <p><button>{title}</button></p></form></main></body></html>"
    );
    let mut response = asset("text/html; charset=utf-8", html);
    *response.status_mut() = refusal.map_or(StatusCode::OK, Problem::status);
    response
}

/// `GET /sign-in`.
pub async fn sign_in(query: Query<SignInQuery>) -> Response {
    sign_in_form("", destination(&query), None)
}

/// The sign-in form after a refusal.
pub fn sign_in_again(refusal: &Problem, login: &str, then: &str) -> Response {
    sign_in_form(login, then, Some(refusal))
}

fn sign_in_form(login: &str, then: &str, refusal: Option<&Problem>) -> Response {
    let inputs = [
        ("login", "Name", "text", "username", login),
        ("password", "Password", "password", "current-password", ""),
    ];
    form("Sign in", "/sign-in", &[("then", then)], &inputs, refusal)
}

/// `GET /first-run?token=`.
pub async fn first_run(query: Query<LinkQuery>) -> Response {
    first_run_form(&query.token, None)
}

/// The form of the first account after a refusal.
pub fn first_run_again(refusal: &Problem, token: &str) -> Response {
    first_run_form(token, Some(refusal))
}

fn first_run_form(token: &str, refusal: Option<&Problem>) -> Response {
    let inputs = [
        ("login", "Name to sign in with", "text", "username", ""),
        ("name", "Your name", "text", "name", ""),
        (
            "password",
            "Password, at least 10 characters",
            "password",
            "new-password",
            "",
        ),
    ];
    form(
        "Make the first account",
        "/first-run",
        &[("token", token)],
        &inputs,
        refusal,
    )
}

/// `GET /set-password?token=`.
pub async fn set_password(query: Query<LinkQuery>) -> Response {
    set_password_form(&query.token, None)
}

/// The form of a new password after a refusal.
pub fn set_password_again(refusal: &Problem, token: &str) -> Response {
    set_password_form(token, Some(refusal))
}

fn set_password_form(token: &str, refusal: Option<&Problem>) -> Response {
    let inputs = [(
        "password",
        "New password, at least 10 characters",
        "password",
        "new-password",
        "",
    )];
    form(
        "Set your password",
        "/set-password",
        &[("token", token)],
        &inputs,
        refusal,
    )
}
