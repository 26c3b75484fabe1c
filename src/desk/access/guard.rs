//! Finds out who a request is from, and turns away those who may not be here.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::principal::{PrincipalKind, Role, Sight};
use super::throttle::Throttle;
use super::{Principal, sessions, token};
use crate::desk::Problem;
use crate::server::Edge;
use crate::store::database::access::{self, KeyRow, UserRow};

/// How people and programs get in: `[access]` in `offhook.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a session lasts without use, hours.
    pub session_hours: u32,
    /// Whether somebody at this very machine needs no account as long as there is none.
    pub open_until_first_account: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            session_hours: 12,
            open_until_first_account: true,
        }
    }
}

impl Settings {
    /// How long a session lasts without use, milliseconds.
    pub(super) fn session_ms(&self) -> i64 {
        i64::from(self.session_hours.max(1)) * 3_600_000
    }
}

/// What the guard remembers.
#[derive(Debug, Default)]
pub struct Access {
    /// Wrong passwords.
    pub throttle: Throttle,
    /// Somebody has an account; never false again.
    accounts: AtomicBool,
    /// The hash of the link by which the first account is made.
    first_link: Mutex<Option<String>>,
}

impl Access {
    /// Whether anybody has an account.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn has_accounts(&self, edge: &Edge) -> Result<bool, Problem> {
        if self.accounts.load(Ordering::Acquire) {
            return Ok(true);
        }
        let any = edge
            .store
            .database
            .read(|sql| access::any_user(sql))
            .await?;
        self.accounts.store(any, Ordering::Release);
        Ok(any)
    }

    /// Somebody has an account from now on.
    pub(super) fn first_account_made(&self) {
        self.accounts.store(true, Ordering::Release);
        *self
            .first_link
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A fresh one-time link's token for the first account; earlier ones are void.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_first_link(&self) -> Result<String, token::NoRandomness> {
        let token = token::fresh("first_")?;
        *self
            .first_link
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(token::hash(&token));
        Ok(token)
    }

    /// Whether this is the token of the first link that is in force.
    pub(super) fn is_first_link(&self, token: &str) -> bool {
        let kept = self
            .first_link
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.as_deref() == Some(token::hash(token).as_str())
    }
}

/// Finds out who a request is from and puts the [`Principal`] beside it; without one it goes no further.
pub async fn identify(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    // The body is not read here, and must not be held over an await.
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match principal(&edge, peer.ip().to_canonical(), &method, &headers).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal.actor());
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(refusal) if wants_page(&request) && refusal.status() == StatusCode::UNAUTHORIZED => {
            let to = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("then", to)
                .finish();
            Redirect::to(&format!("/sign-in?{query}")).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn wants_page(request: &Request) -> bool {
    request.method() == Method::GET
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("text/html"))
}

async fn principal(
    edge: &Arc<Edge>,
    ip: IpAddr,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Principal, Problem> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    if let Some(key) = bearer {
        return of_key(edge, key.trim(), ip).await;
    }
    // Whoever has no key comes with a browser, which other sites' pages can make speak for its user.
    if !same_origin(headers, method) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "this request comes from another site's page; only Offhook's own pages, or a key, may make it",
        ));
    }
    if let Some(session) = sessions::token_of(headers)
        && let Some(principal) = of_session(edge, session, ip).await?
    {
        return Ok(principal);
    }
    if edge.config.access.open_until_first_account
        && is_this_machine(ip, headers)
        && !edge.access.has_accounts(edge).await?
    {
        return Ok(Principal {
            id: "this_machine".to_owned(),
            name: "this machine".to_owned(),
            kind: PrincipalKind::ThisMachine,
            sight: Sight::Everything,
            ip: Some(ip),
        });
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign_in",
        "sign in at /sign-in, or send a key as `Authorization: Bearer ak_...`",
    ))
}

async fn of_key(edge: &Arc<Edge>, key: &str, ip: IpAddr) -> Result<Principal, Problem> {
    let hash = token::hash(key);
    let now_ms = edge.now_ms();
    let row = edge
        .store
        .database
        .read(move |sql| access::key_by_hash(sql, &hash, now_ms))
        .await?
        .ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "unknown_key",
                "this key is unknown, revoked or expired",
            )
        })?;
    if access::seen_is_old(row.used_at_ms.unwrap_or(0), now_ms) {
        let id = row.id.clone();
        edge.store
            .database
            .write(move |sql| access::touch_key(sql, &id, now_ms))
            .await?;
    }
    Ok(key_principal(row, ip))
}

fn key_principal(row: KeyRow, ip: IpAddr) -> Principal {
    Principal {
        id: row.id,
        name: row.name,
        // Written by us; a scope that this version does not know grants nothing.
        kind: PrincipalKind::Key(
            serde_json::from_str::<Vec<serde_json::Value>>(&row.scopes)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|scope| serde_json::from_value(scope).ok())
                .collect(),
        ),
        sight: sight(row.locations.as_deref()),
        ip: Some(ip),
    }
}

/// The locations of an account or key. A list that cannot be read shows nothing rather than everything.
pub(super) fn sight(locations: Option<&str>) -> Sight {
    locations.map_or(Sight::Everything, |list| {
        Sight::Locations(serde_json::from_str(list).unwrap_or_default())
    })
}

async fn of_session(
    edge: &Arc<Edge>,
    session: &str,
    ip: IpAddr,
) -> Result<Option<Principal>, Problem> {
    let hash = token::hash(session);
    let now_ms = edge.now_ms();
    let wanted = hash.clone();
    let found = edge
        .store
        .database
        .read(move |sql| access::session_user(sql, &wanted, now_ms))
        .await?;
    let Some((user, seen_at_ms)) = found else {
        return Ok(None);
    };
    if access::seen_is_old(seen_at_ms, now_ms) {
        let expires_at_ms = now_ms + edge.config.access.session_ms();
        edge.store
            .database
            .write(move |sql| access::touch_session(sql, &hash, now_ms, expires_at_ms))
            .await?;
    }
    Ok(user_principal(user, ip))
}

fn user_principal(user: UserRow, ip: IpAddr) -> Option<Principal> {
    Some(Principal {
        kind: PrincipalKind::User(Role::of(&user.role)?),
        sight: sight(user.locations.as_deref()),
        id: user.id,
        name: user.name,
        ip: Some(ip),
    })
}

/// Whether a browser says that the request comes from a page of ours. What only reads may come from anywhere, save from another site's
/// script, which the browser marks with an `Origin` even then.
fn same_origin(headers: &HeaderMap, method: &Method) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &header::HeaderValue| v.to_str().ok())
    };
    let host = text(header::HOST).unwrap_or("");
    let by_origin = text(header::ORIGIN).map(|o| {
        o.split_once("://")
            .is_some_and(|(_, authority)| authority == host)
    });
    let by_fetch = headers
        .get("sec-fetch-site")
        .and_then(|v| v.to_str().ok())
        .map(|site| matches!(site, "same-origin" | "none"));
    if method.is_safe() {
        by_origin.unwrap_or(true)
    } else {
        by_origin.unwrap_or(true) && by_fetch.unwrap_or(true)
    }
}

/// Whether a request comes from this machine and calls it by a name of its own.
///
/// The name matters as much as the address: a tunnel or proxy that makes `/twilio` public connects from this machine too, but under its
/// public name; and a page elsewhere that points its own name here (DNS rebinding) is not let in either.
fn is_this_machine(peer: IpAddr, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    peer.is_loopback() && is_loopback_name(host)
}

/// Whether a `Host` header names the loopback interface, with or without a port.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Every route that asks for one lies behind `identify`.
        parts
            .extensions
            .get::<Principal>()
            .cloned()
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "sign_in", "sign in at /sign-in"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "LocalHost",
        ] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in [
            "",
            "offhook.example",
            "localhost.example:80",
            "127.0.0.1.example",
            "10.0.0.1:8080",
            "[::2]",
        ] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }

    #[test]
    fn another_sites_page_cannot_act() {
        let headers = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            headers
        };
        let host = ("host", "desk.example");
        let own = headers(&[
            host,
            ("origin", "https://desk.example"),
            ("sec-fetch-site", "same-origin"),
        ]);
        assert!(same_origin(&own, &Method::POST));
        let foreign = headers(&[host, ("origin", "https://evil.example")]);
        assert!(!same_origin(&foreign, &Method::POST) && !same_origin(&foreign, &Method::GET));
        let fetched = headers(&[host, ("sec-fetch-site", "cross-site")]);
        assert!(!same_origin(&fetched, &Method::POST) && same_origin(&fetched, &Method::GET));
        assert!(
            same_origin(&headers(&[host]), &Method::POST),
            "a program that is no browser"
        );
        let opaque = headers(&[host, ("origin", "null")]);
        assert!(!same_origin(&opaque, &Method::POST));
    }
}
