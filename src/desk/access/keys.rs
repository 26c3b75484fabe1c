//! `/v1/api-keys`: keys for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiScope, Permission, Principal, token, users};
use crate::call::rfc3339;
use crate::desk::{Given, Problem};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::access::{self, KeyRow};

/// How many of a key's letters are kept to recognise it by.
const START_CHARS: usize = 12;

fn shown(key: &KeyRow) -> Value {
    let at = |ms: Option<i64>| ms.map(|ms| rfc3339(ms * 1000));
    let list = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    json!({
        "id": key.id, "name": key.name, "start": key.start, "scopes": list(&key.scopes), "location_ids": key.locations.as_deref().map(list),
        "created_by": key.created_by, "created_at": at(Some(key.created_at_ms)), "expires_at": at(key.expires_at_ms),
        "used_at": at(key.used_at_ms), "revoked": key.revoked,
    })
}

/// `GET /v1/api-keys`.
pub(super) async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let keys = edge.store.database.read(|sql| access::keys(sql)).await?;
    Ok(
        Json(json!({ "data": keys.iter().map(shown).collect::<Vec<_>>(), "next_cursor": null }))
            .into_response(),
    )
}

/// A key to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    name: String,
    scopes: Vec<ApiScope>,
    #[serde(default)]
    location_ids: Option<Vec<String>>,
    #[serde(default)]
    expires_at: Option<jiff::Timestamp>,
}

/// `POST /v1/api-keys`: makes a key; the only time it is shown.
pub(super) async fn make(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Given(new): Given<NewKey>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    if new.name.trim().is_empty() || new.scopes.is_empty() {
        return Err(Problem::bad_request(
            "a key needs a name and at least one scope",
        ));
    }
    let locations = users::known_locations(&edge, new.location_ids.as_deref())?;
    let secret = token::fresh("ak_")?;
    let now_ms = edge.now_ms();
    let key = KeyRow {
        id: token::id("key_"),
        name: new.name.trim().to_owned(),
        start: secret.chars().take(START_CHARS).collect(),
        scopes: json!(new.scopes).to_string(),
        locations,
        created_by: principal.id.clone(),
        created_at_ms: now_ms,
        expires_at_ms: new.expires_at.map(|t| t.as_millisecond()),
        used_at_ms: None,
        revoked: false,
    };
    let (hash, row) = (token::hash(&secret), key.clone());
    edge.store
        .database
        .write(move |sql| {
            access::insert_key(sql, &row, &hash)?;
            audit::append(sql, &principal.did("api_key.created", &row.id, now_ms))
        })
        .await
        .map_err(|e: DatabaseError| Problem::from(e))?;
    let mut body = shown(&key);
    body["key"] = json!(secret);
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `DELETE /v1/api-keys/{id}`: from now on it is refused.
pub(super) async fn revoke(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Administer)?;
    let now_ms = edge.now_ms();
    let there = edge
        .store
        .database
        .write(move |sql| {
            let there = access::revoke_key(sql, &id)?;
            if there {
                audit::append(sql, &principal.did("api_key.revoked", &id, now_ms))?;
            }
            Ok::<_, DatabaseError>(there)
        })
        .await?;
    if there {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::not_found("key"))
    }
}
