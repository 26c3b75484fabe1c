//! `/v1/contacts`: who the business knows.

mod import;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::rfc3339;
use crate::desk::access::{Permission, Principal};
use crate::desk::{Given, Problem, asked, expected_version, page_size};
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::contacts::{self, Contact, ContactFilter, Content};
use crate::store::database::Cursor;

/// Longest table of contacts.
const MAX_IMPORT_BYTES: usize = 32 << 20;

pub(super) use import::e164;

type Reply = Result<Response, Problem>;

/// The routes of contacts.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/contacts", get(list).post(create))
        .route("/v1/contacts/{id}", get(one).patch(change).delete(remove))
        .route(
            "/v1/contacts/import",
            post(load).layer(DefaultBodyLimit::max(MAX_IMPORT_BYTES)),
        )
}

fn new_id() -> String {
    format!("con_{}", Uuid::now_v7().simple())
}

fn shown(contact: &Contact) -> Value {
    let mut shown = json!(contact.content);
    shown["id"] = json!(contact.id);
    shown["version"] = json!(contact.version);
    shown["created_at"] = json!(rfc3339(contact.created_at_ms * 1000));
    shown["updated_at"] = json!(rfc3339(contact.updated_at_ms * 1000));
    shown
}

fn answer(status: StatusCode, contact: &Contact) -> Response {
    let etag = format!("\"{}\"", contact.version);
    (status, [(header::ETAG, etag)], Json(shown(contact))).into_response()
}

/// Numbers as they are kept, and nothing that nobody could find again.
fn checked(mut content: Content, country: &str) -> Result<Content, Problem> {
    let refused =
        |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "contact", detail);
    for phone in &mut content.phones {
        *phone = import::e164(phone, country).ok_or_else(|| {
            refused(format!(
                "phones: \"{phone}\" is no telephone number; write it like +15125550142"
            ))
        })?;
    }
    if let Some(wrong) = content.emails.iter().find(|e| !import::is_address(e)) {
        return Err(refused(format!("emails: \"{wrong}\" is no mail address")));
    }
    import::check(&content).map_err(refused)?;
    Ok(content)
}

/// Filters of the list of contacts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ContactQuery {
    phone: Option<String>,
    /// Part of a name.
    q: Option<String>,
    client_id: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/contacts`, the one changed last first.
async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<ContactQuery>, QueryRejection>,
) -> Reply {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    let limit = page_size(query.limit)?;
    let country = &edge.config.defaults.country;
    let filter = ContactFilter {
        // A number that is none finds nobody.
        phone: query
            .phone
            .map(|phone| import::e164(&phone, country).unwrap_or(phone)),
        name: query.q,
        client_id: query.client_id,
    };
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let page = edge
        .store
        .database
        .read(move |sql| contacts::list(sql, &filter, limit, after.as_ref()))
        .await?;
    let data: Vec<Value> = page.rows.iter().map(shown).collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// `GET /v1/contacts/{id}`, with the version as `ETag`.
async fn one(State(edge): State<Arc<Edge>>, principal: Principal, Path(id): Path<String>) -> Reply {
    principal.needs(Permission::ReadCalls)?;
    let found = edge
        .store
        .database
        .read(move |sql| contacts::get(sql, &id))
        .await?
        .ok_or_else(|| Problem::not_found("contact"))?;
    Ok(answer(StatusCode::OK, &found))
}

/// `POST /v1/contacts`.
async fn create(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Given(content): Given<Content>,
) -> Reply {
    principal.needs(Permission::Review)?;
    let content = checked(content, &edge.config.defaults.country)?;
    let (id, actor, at_ms) = (new_id(), principal.actor(), edge.now_ms());
    let contact = edge
        .store
        .database
        .write(move |sql| contacts::create(sql, &id, &content, &actor, at_ms))
        .await?;
    Ok(answer(StatusCode::CREATED, &contact))
}

/// `PATCH /v1/contacts/{id}`: a JSON merge patch (RFC 7396); `If-Match` where given must fit.
async fn change(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    Given(patch): Given<Value>,
) -> Reply {
    principal.needs(Permission::Review)?;
    let expected = expected_version(&headers)?;
    let (actor, at_ms) = (principal.actor(), edge.now_ms());
    let country = edge.config.defaults.country.clone();
    let contact = edge
        .store
        .database
        .write(move |sql| {
            let before = contacts::get(sql, &id)?.ok_or_else(|| Problem::not_found("contact"))?;
            let mut document = json!(before.content);
            merge(&mut document, &patch);
            let content = serde_json::from_value(document).map_err(|error| {
                Problem::bad_request(format!("the contact would not be one any more: {error}"))
            })?;
            let content = checked(content, &country)?;
            // A patch without `If-Match` is for whatever is there; in between nobody can have changed it.
            Ok::<_, Problem>(contacts::change(
                sql, &id, expected, &content, &actor, at_ms,
            )?)
        })
        .await?;
    Ok(answer(StatusCode::OK, &contact))
}

/// JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in patch {
        match (value, target.as_object_mut()) {
            (Value::Null, Some(target)) => {
                target.remove(name);
            }
            _ => merge(&mut target[name], value),
        }
    }
}

/// `DELETE /v1/contacts/{id}`.
async fn remove(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    principal.needs(Permission::Review)?;
    let (actor, at_ms) = (principal.actor(), edge.now_ms());
    let gone: Result<bool, DatabaseError> = edge
        .store
        .database
        .write(move |sql| contacts::delete(sql, &id, &actor, at_ms))
        .await;
    if gone? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::not_found("contact"))
    }
}

/// How to load a table.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LoadQuery {
    /// The client whose contacts they are.
    client_id: Option<String>,
    /// Only say what would be wrong.
    dry_run: bool,
    /// Load the rows without a mistake, rather than none.
    skip_invalid: bool,
}

/// `POST /v1/contacts/import?client_id&dry_run&skip_invalid`: a CSV file. With a mistake in it nothing is loaded, unless that is asked for.
async fn load(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<LoadQuery>, QueryRejection>,
    body: Bytes,
) -> Reply {
    principal.needs(Permission::Review)?;
    let query = asked(query)?;
    let country = edge.config.defaults.country.clone();
    let client_id = query.client_id;
    let table =
        super::calls::blocking(move || import::read(&body, &country, client_id.as_deref())).await?;
    let (mistakes, rows, lines) = (table.mistakes, table.rows, table.lines);
    if !mistakes.is_empty() && !query.skip_invalid {
        let mut body = json!({
            "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "import",
            "detail": format!("{} rows have a mistake; nothing was loaded", mistakes.len()),
        });
        body["errors"] = json!(mistakes);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, kind, body.to_string()).into_response());
    }
    let read = rows.len();
    let mut done = contacts::Loaded::default();
    if !query.dry_run {
        let ids: Vec<String> = rows.iter().map(|_| new_id()).collect();
        let (actor, at_ms) = (principal.actor(), edge.now_ms());
        let id =
            move |ids: &[String], number: usize| ids.get(number).cloned().unwrap_or_else(new_id);
        done = edge
            .store
            .database
            .write(move |sql| contacts::load(sql, &rows, |number| id(&ids, number), &actor, at_ms))
            .await
            .map_err(|error: DatabaseError| Problem::from(error))?;
    }
    let ambiguous: Vec<_> = done
        .ambiguous
        .iter()
        .filter_map(|n| lines.get(*n))
        .collect();
    Ok(Json(json!({
        "read": read, "created": done.created, "updated": done.updated, "unchanged": done.unchanged,
        "ambiguous_lines": ambiguous, "errors": mistakes, "dry_run": query.dry_run,
    }))
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_patch_is_applied_as_its_standard_says() {
        // The examples of RFC 7396, appendix A.
        for (target, patch, expected) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            let mut document = target;
            merge(&mut document, &patch);
            assert_eq!(document, expected);
        }
    }
}
