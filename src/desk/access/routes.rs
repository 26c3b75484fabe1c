//! Signing in, setting a password, the first account; and the routes of users and keys.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, patch, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::{Principal, Role, keys, password, sessions, token, users};
use crate::desk::pages::forms as page;
use crate::desk::{Given, Problem};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::access::{self, UserRow};

/// Routes for those who are not signed in yet.
pub fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/sign-in", get(page::sign_in).post(sign_in_form))
        .route("/first-run", get(page::first_run).post(first_run_form))
        .route(
            "/set-password",
            get(page::set_password).post(set_password_form),
        )
        .route("/sign-out", post(sign_out))
        .route("/v1/sessions", post(sign_in_json))
}

/// Routes of accounts and keys, behind the guard.
pub(in crate::desk) fn administration() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/me", get(me))
        .route("/v1/users", get(users::list).post(users::make))
        .route("/v1/users/{id}", patch(users::change))
        .route("/v1/users/{id}/password-link", post(users::new_link))
        .route("/v1/api-keys", get(keys::list).post(keys::make))
        .route("/v1/api-keys/{id}", axum::routing::delete(keys::revoke))
}

/// `GET /v1/me`: who one is.
async fn me(principal: Principal) -> Response {
    let role = match &principal.kind {
        super::PrincipalKind::User(role) => Some(role.as_str()),
        _ => None,
    };
    Json(json!({
        "id": principal.id, "name": principal.name, "kind": principal.kind_name(), "role": role,
        "location_ids": principal.sight.locations(),
    }))
    .into_response()
}

/// What a sign-in form sends.
#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: String,
    /// Where to go afterwards.
    #[serde(default)]
    then: Option<String>,
}

/// Where a page of ours may send somebody: a path of this site and nothing else.
fn local_path(then: Option<&str>) -> &str {
    then.filter(|t| t.starts_with('/') && !t.starts_with("//") && !t.contains('\\'))
        .unwrap_or("/")
}

fn with_cookie(cookie: HeaderValue, response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// Forms come from our own pages alone.
fn own_form(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let host = text("host").unwrap_or("");
    let own = text("origin").is_none_or(|o| o.split_once("://").is_some_and(|(_, a)| a == host))
        && text("sec-fetch-site").is_none_or(|s| matches!(s, "same-origin" | "none"));
    own.then_some(()).ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "this form was sent by another site's page",
        )
    })
}

async fn sign_in_form(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let done = async {
        own_form(&headers)?;
        sessions::sign_in(
            &edge,
            &form.login,
            form.password,
            Some(peer.ip().to_canonical()),
            &headers,
        )
        .await
    };
    match done.await {
        Ok(cookie) => with_cookie(cookie, Redirect::to(local_path(form.then.as_deref()))),
        Err(refusal) => {
            page::sign_in_again(&refusal, &form.login, local_path(form.then.as_deref()))
        }
    }
}

async fn sign_in_json(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Given(form): Given<SignIn>,
) -> Result<Response, Problem> {
    own_form(&headers)?;
    let ip = Some(peer.ip().to_canonical());
    let cookie = sessions::sign_in(&edge, &form.login, form.password, ip, &headers).await?;
    Ok(with_cookie(cookie, StatusCode::NO_CONTENT))
}

async fn sign_out(State(edge): State<Arc<Edge>>, headers: HeaderMap) -> Result<Response, Problem> {
    own_form(&headers)?;
    if let Some(session) = sessions::token_of(&headers) {
        let hash = token::hash(session);
        edge.store
            .database
            .write(move |sql| access::end_session(sql, &hash))
            .await?;
    }
    Ok(with_cookie(
        sessions::forget(&edge),
        Redirect::to("/sign-in"),
    ))
}

/// What the form of the first account sends.
#[derive(Deserialize)]
struct FirstRun {
    token: String,
    login: String,
    #[serde(default)]
    name: String,
    password: String,
}

/// `POST /first-run`: the first account, an admin, made by whoever holds the one-time link.
async fn first_run_form(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<FirstRun>,
) -> Response {
    let token = form.token.clone();
    let ip = peer.ip().to_canonical();
    let done = async {
        own_form(&headers)?;
        if edge.access.has_accounts(&edge).await? || !edge.access.is_first_link(&form.token) {
            return Err(link_is_void());
        }
        let login = users::login_of(&form.login)?;
        let now_ms = edge.now_ms();
        let name = form.name.trim();
        let user = UserRow {
            id: token::id("usr_"),
            name: if name.is_empty() {
                login.clone()
            } else {
                name.to_owned()
            },
            login,
            role: Role::Admin.as_str().to_owned(),
            locations: None,
            password_hash: Some(password::hash(form.password).await?),
            disabled: false,
            created_at_ms: now_ms,
            version: 1,
        };
        let row = user.clone();
        let made = edge
            .store
            .database
            .write(move |sql| {
                // Another node, or another tab, may have been first.
                if access::any_user(sql)? {
                    return Ok(false);
                }
                access::insert_user(sql, &row)?;
                audit::append(sql, &by_user(&row.id, ip, "user.created", now_ms))?;
                Ok::<_, DatabaseError>(true)
            })
            .await?;
        if !made {
            return Err(link_is_void());
        }
        edge.access.first_account_made();
        sessions::begin(&edge, user.id, Some(ip), &headers).await
    };
    match done.await {
        Ok(cookie) => with_cookie(cookie, Redirect::to("/")),
        Err(refusal) => page::first_run_again(&refusal, &token),
    }
}

fn link_is_void() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "link_is_void",
        "this link was used, is too old or never was one; the newest one is printed when the server starts, others come from an admin",
    )
}

/// What somebody who has just become known did to their own account.
fn by_user(user_id: &str, ip: IpAddr, action: &'static str, now_ms: i64) -> audit::Event {
    let actor = audit::Actor {
        kind: "user".to_owned(),
        id: Some(user_id.to_owned()),
        ip: Some(ip.to_string()),
    };
    audit::Event::new(now_ms, actor, action, user_id)
}

/// What the form of a one-time link sends.
#[derive(Deserialize)]
struct SetPassword {
    token: String,
    password: String,
}

/// `POST /set-password`: whoever holds the one-time link sets the account's password.
async fn set_password_form(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<SetPassword>,
) -> Response {
    let token = form.token.clone();
    let ip = peer.ip().to_canonical();
    let done = async {
        own_form(&headers)?;
        let hash = password::hash(form.password).await?;
        let link = token::hash(&form.token);
        let now_ms = edge.now_ms();
        let user_id = edge
            .store
            .database
            .write(move |sql| {
                let Some(user_id) = access::take_link(sql, &link, now_ms)? else {
                    return Ok(None);
                };
                access::set_password(sql, &user_id, &hash)?;
                audit::append(sql, &by_user(&user_id, ip, "user.password_set", now_ms))?;
                Ok::<_, DatabaseError>(Some(user_id))
            })
            .await?
            .ok_or_else(link_is_void)?;
        sessions::begin(&edge, user_id, Some(ip), &headers).await
    };
    match done.await {
        Ok(cookie) => with_cookie(cookie, Redirect::to("/")),
        Err(refusal) => page::set_password_again(&refusal, &token),
    }
}

/// The token in a one-time link's address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::desk) struct LinkQuery {
    pub(in crate::desk) token: String,
}

/// What the sign-in page is asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::desk) struct SignInQuery {
    pub(in crate::desk) then: Option<String>,
}

/// Where the sign-in page leads to.
pub(in crate::desk) fn destination(query: &Query<SignInQuery>) -> &str {
    local_path(query.then.as_deref())
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn signing_in_leads_to_this_site_alone() {
        assert_eq!(
            local_path(Some("/review?state=draft")),
            "/review?state=draft"
        );
        for other in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "evil",
            "",
        ] {
            assert_eq!(local_path(Some(other)), "/", "{other}");
        }
        assert_eq!(local_path(None), "/");
    }
}
