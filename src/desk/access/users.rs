//! `/v1/users`: accounts. A new one gets a one-time link by which its person sets a password; nobody else ever knows it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Permission, Principal, Role, token};
use crate::call::rfc3339;
use crate::desk::{Given, Problem};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::access::{self, UserRow};

/// How long a link for a password is good, milliseconds.
const LINK_LASTS_MS: i64 = 72 * 3_600_000;

pub(super) fn shown(user: &UserRow) -> Value {
    json!({
        "id": user.id, "login": user.login, "name": user.name, "role": user.role, "disabled": user.disabled,
        "location_ids": user.locations.as_deref().and_then(|l| serde_json::from_str::<Value>(l).ok()),
        "has_password": user.password_hash.is_some(), "created_at": rfc3339(user.created_at_ms * 1000), "version": user.version,
    })
}

/// Locations as an account or key keeps them.
///
/// # Errors
/// When one of them is not configured.
pub(super) fn known_locations(
    edge: &Edge,
    ids: Option<&[String]>,
) -> Result<Option<String>, Problem> {
    let Some(ids) = ids else { return Ok(None) };
    for id in ids {
        if !edge.config.locations.iter().any(|l| &l.id == id) {
            return Err(Problem::bad_request(format!(
                "location_ids: there is no location \"{id}\""
            )));
        }
    }
    Ok(Some(json!(ids).to_string()))
}

/// A login: what people type, so no spaces and no difference of case.
pub(super) fn login_of(text: &str) -> Result<String, Problem> {
    let login = text.trim().to_lowercase();
    if login.is_empty()
        || login.len() > 120
        || login.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(Problem::bad_request(
            "login: 1 to 120 characters without spaces, such as a mail address",
        ));
    }
    Ok(login)
}

/// `GET /v1/users`.
pub(super) async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let users = edge.store.database.read(|sql| access::users(sql)).await?;
    Ok(
        Json(json!({ "data": users.iter().map(shown).collect::<Vec<_>>(), "next_cursor": null }))
            .into_response(),
    )
}

/// An account to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    login: String,
    #[serde(default)]
    name: String,
    role: Role,
    #[serde(default)]
    location_ids: Option<Vec<String>>,
}

/// `POST /v1/users`: makes an account; the answer holds the link by which its person sets a password, shown this once.
pub(super) async fn make(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Given(new): Given<NewUser>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let login = login_of(&new.login)?;
    let now_ms = edge.now_ms();
    let user = UserRow {
        id: token::id("usr_"),
        name: if new.name.trim().is_empty() {
            login.clone()
        } else {
            new.name.trim().to_owned()
        },
        login,
        role: new.role.as_str().to_owned(),
        locations: known_locations(&edge, new.location_ids.as_deref())?,
        password_hash: None,
        disabled: false,
        created_at_ms: now_ms,
        version: 1,
    };
    let secret = token::fresh("set_")?;
    let (row, hash) = (user.clone(), token::hash(&secret));
    let taken = edge
        .store
        .database
        .write(move |sql| {
            if access::user_by_login(sql, &row.login)?.is_some() {
                return Ok(true);
            }
            access::insert_user(sql, &row)?;
            access::insert_link(sql, &hash, &row.id, now_ms + LINK_LASTS_MS)?;
            audit::append(sql, &principal.did("user.created", &row.id, now_ms))?;
            Ok::<_, DatabaseError>(false)
        })
        .await?;
    if taken {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "login_taken",
            format!("there is an account \"{}\" already", user.login),
        ));
    }
    let mut body = shown(&user);
    body["password_link"] = json!(format!("/set-password?token={secret}"));
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// What of an account changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    location_ids: Option<Option<Vec<String>>>,
    #[serde(default)]
    disabled: Option<bool>,
}

/// `PATCH /v1/users/{id}`. The last admin cannot be taken away.
pub(super) async fn change(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    Given(change): Given<UserChange>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let locations = match &change.location_ids {
        None => None,
        Some(ids) => Some(known_locations(&edge, ids.as_deref())?),
    };
    let (role, name, disabled) = (change.role, change.name.clone(), change.disabled);
    let now_ms = edge.now_ms();
    let outcome = edge
        .store
        .database
        .write(move |sql| {
            let Some(mut user) = access::user(sql, &id)? else {
                return Ok(Err(Problem::not_found("user")));
            };
            let was_admin = user.role == "admin" && !user.disabled;
            if let Some(name) = &name {
                user.name.clone_from(name);
            }
            if let Some(role) = role {
                user.role = role.as_str().to_owned();
            }
            if let Some(locations) = &locations {
                user.locations.clone_from(locations);
            }
            user.disabled = disabled.unwrap_or(user.disabled);
            let is_admin = user.role == "admin" && !user.disabled;
            if was_admin && !is_admin && access::admins(sql)? <= 1 {
                return Ok(Err(Problem::new(
                    StatusCode::CONFLICT,
                    "last_admin",
                    "this is the last admin; make another one first",
                )));
            }
            access::update_user(sql, &user)?;
            audit::append(sql, &principal.did("user.changed", &user.id, now_ms))?;
            user.version += 1;
            Ok::<_, DatabaseError>(Ok(user))
        })
        .await?;
    Ok(Json(shown(&outcome?)).into_response())
}

/// `POST /v1/users/{id}/password-link`: a new link for somebody who forgot.
pub(super) async fn new_link(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let secret = token::fresh("set_")?;
    let hash = token::hash(&secret);
    let now_ms = edge.now_ms();
    let there = edge
        .store
        .database
        .write(move |sql| {
            if access::user(sql, &id)?.is_none() {
                return Ok(false);
            }
            access::insert_link(sql, &hash, &id, now_ms + LINK_LASTS_MS)?;
            audit::append(sql, &principal.did("user.password_link", &id, now_ms))?;
            Ok::<_, DatabaseError>(true)
        })
        .await?;
    if !there {
        return Err(Problem::not_found("user"));
    }
    Ok(Json(json!({ "password_link": format!("/set-password?token={secret}") })).into_response())
}
