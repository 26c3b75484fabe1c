//! Signing in and out: a session is a random token in a cookie that scripts cannot read; what is stored is its hash.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{password, token};
use crate::desk::Problem;
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::database::access;

/// The cookie's name.
const COOKIE: &str = "offhook_session";

/// The session's token in a request's cookies.
pub(super) fn token_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// The header that hands a session to the browser, or takes it away where `max_age_s` is 0. `Strict`: no other site's link or form carries
/// it here.
fn cookie(edge: &Edge, token: &str, max_age_s: i64) -> HeaderValue {
    let secure = if edge.config.public_url().is_some_and(|url| url.is_https()) {
        "; Secure"
    } else {
        ""
    };
    HeaderValue::from_str(&format!(
        "{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}"
    ))
    // A token is letters, digits, `-` and `_`.
    .unwrap_or(HeaderValue::from_static(""))
}

/// The header that makes the browser forget its session.
pub(super) fn forget(edge: &Edge) -> HeaderValue {
    cookie(edge, "", 0)
}

/// Who tried to sign in, for the throttle.
fn tried(login: &str, ip: Option<IpAddr>) -> [String; 2] {
    [
        format!("login:{login}"),
        format!(
            "ip:{}",
            ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
        ),
    ]
}

/// Signs in with a password; the cookie.
///
/// # Errors
/// 401 for a wrong name or password (which of them is not said), 429 after too many.
pub(super) async fn sign_in(
    edge: &Arc<Edge>,
    login: &str,
    given: String,
    ip: Option<IpAddr>,
    headers: &HeaderMap,
) -> Result<HeaderValue, Problem> {
    let login = login.trim().to_lowercase();
    let now_ms = edge.now_ms();
    let tried = tried(&login, ip);
    if let Some(wait_s) = tried
        .iter()
        .filter_map(|who| edge.access.throttle.wait_s(who, now_ms))
        .max()
    {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            format!("too many wrong passwords; try again in {wait_s} seconds"),
        )
        .retry_after_s(wait_s));
    }
    let wanted = login.clone();
    let user = edge
        .store
        .database
        .read(move |sql| access::user_by_login(sql, &wanted))
        .await?
        .filter(|user| !user.disabled);
    let stored = user.as_ref().and_then(|u| u.password_hash.clone());
    let right = password::matches(given, stored).await;
    let Some(user) = user.filter(|_| right) else {
        for who in &tried {
            edge.access.throttle.wrong(who, now_ms);
        }
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_password",
            "there is no such name with this password",
        ));
    };
    edge.access.throttle.right(&tried[0]);
    begin(edge, user.id, ip, headers).await
}

/// Begins a session for an account; the cookie.
///
/// # Errors
/// When the system has no randomness or the database refuses.
pub(super) async fn begin(
    edge: &Arc<Edge>,
    user_id: String,
    ip: Option<IpAddr>,
    headers: &HeaderMap,
) -> Result<HeaderValue, Problem> {
    let token = token::fresh("ses_")?;
    let hash = token::hash(&token);
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .map(|v| v.chars().take(200).collect::<String>());
    let now_ms = edge.now_ms();
    let lasts_ms = edge.config.access.session_ms();
    let ip = ip.map(|ip| ip.to_string());
    edge.store
        .database
        .write(move |sql| {
            access::insert_session(
                sql,
                &hash,
                &user_id,
                now_ms,
                now_ms + lasts_ms,
                ip.as_deref(),
                agent.as_deref(),
            )
        })
        .await
        .map_err(|error: DatabaseError| Problem::from(error))?;
    Ok(cookie(edge, &token, lasts_ms / 1000))
}
