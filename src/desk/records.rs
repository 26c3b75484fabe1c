//! `/v1/records`: the review queue, and what people do to a record.
//!
//! A change names the version it was made from (`If-Match`), so of two reviewers one wins; a request that is sent twice with the same
//! `Idempotency-Key` is done once. The act, its audit event, the verdict on the engine and what is to be sent are one transaction.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::delivery::{self, Event, EventType};
use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, asked, document};
use crate::record::review::{self, By, ReviewAct, ReviewError};
use crate::server::{Edge, shelve};
use crate::store::DatabaseError;
use crate::store::audit;
use crate::store::database::review::{self as shelf, FieldVerdict, GivenAnswer, QueueFilter};
use crate::store::database::{Cursor, RecordRow, update_record};

/// The routes of records.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/records", get(list))
        .route("/v1/records/{id}", get(one).patch(patch))
        .route("/v1/records/{id}/fields/{name}", put(set_field))
        .route("/v1/records/{id}/fields/{name}/{act}", post(on_field))
        .route("/v1/records/{id}/{act}", post(on_record))
}

/// Filters of the list of records.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RecordQuery {
    /// One state, or several with commas between.
    state: Option<String>,
    call_id: Option<String>,
    reason: Option<String>,
    due_before: Option<jiff::Timestamp>,
    assigned_to: Option<String>,
    outcome: Option<String>,
    location_id: Option<String>,
    /// `risk` or `newest`.
    sort: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/records`.
async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<RecordQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    let limit = super::page_size(query.limit)?;
    let by_risk = match query.sort.as_deref() {
        None | Some("newest") => false,
        Some("risk") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "sort = {other}: must be risk or newest"
            )));
        }
    };
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let filter = QueueFilter {
        states: query
            .state
            .map(|s| s.split(',').map(|s| s.trim().to_owned()).collect()),
        call_id: query.call_id,
        reason: query.reason,
        due_before_ms: query.due_before.map(|t| t.as_millisecond()),
        assigned_to: query.assigned_to,
        outcome: query.outcome,
        locations: super::within(&principal, query.location_id),
        by_risk,
    };
    let page = edge
        .store
        .database
        .read(move |sql| shelf::queue(sql, &filter, limit, after.as_ref()))
        .await?;
    let data: Vec<Value> = page.rows.iter().map(shown).collect();
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// A stored record as the API shows it.
pub(super) fn shown(row: &RecordRow) -> Value {
    let mut record = document(&row.record);
    record["state"] = json!(row.state);
    record["version"] = json!(row.version);
    record
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// `GET /v1/records/{id}`, with the version as `ETag`.
async fn one(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let row = seen(&edge, &principal, &id).await?;
    Ok(([(header::ETAG, etag(row.version))], Json(shown(&row))).into_response())
}

/// A record that the principal sees; who may not see it learns no more than that it is not there.
pub(super) async fn seen(
    edge: &Edge,
    principal: &Principal,
    id: &str,
) -> Result<RecordRow, Problem> {
    let (locations, id) = (principal.sight.locations(), id.to_owned());
    edge.store
        .database
        .read(move |sql| shelf::seen(sql, &id, locations.as_deref()))
        .await?
        .ok_or_else(|| Problem::not_found("record"))
}

/// The body of a request, which may be left out where all of it may.
fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text: &[u8] = if bytes.trim_ascii().is_empty() {
        b"{}"
    } else {
        bytes
    };
    serde_json::from_slice(text).map_err(|error| Problem::bad_request(format!("the body: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewValue {
    value: Value,
}

/// `PUT /v1/records/{id}/fields/{name}` with `{"value": ...}`.
async fn set_field(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path((id, field)): Path<(String, String)>,
    request: Asked,
) -> Result<Response, Problem> {
    let NewValue { value } = body(&request.body)?;
    act(
        &edge,
        principal,
        id,
        request,
        vec![ReviewAct::Set { field, value }],
    )
    .await
}

/// `POST /v1/records/{id}/fields/{name}/confirm|reject|decline`.
async fn on_field(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path((id, field, what)): Path<(String, String, String)>,
    request: Asked,
) -> Result<Response, Problem> {
    let one = match what.as_str() {
        "confirm" => ReviewAct::Confirm { field },
        "reject" => ReviewAct::RejectField { field },
        "decline" => ReviewAct::Decline { field },
        _ => return Err(Problem::not_found("act: confirm, reject or decline")),
    };
    act(&edge, principal, id, request, vec![one]).await
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Words {
    reason: String,
    note: String,
    to: Option<String>,
}

/// `POST /v1/records/{id}/approve|reject|reopen|assign`.
async fn on_record(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path((id, what)): Path<(String, String)>,
    request: Asked,
) -> Result<Response, Problem> {
    let words: Words = body(&request.body)?;
    let one = match what.as_str() {
        "approve" => ReviewAct::Approve,
        "reject" => ReviewAct::Reject {
            reason: words.reason,
            note: words.note,
        },
        "reopen" => ReviewAct::Reopen { note: words.note },
        "assign" => ReviewAct::Assign { to: words.to },
        _ => return Err(Problem::not_found("act: approve, reject, reopen or assign")),
    };
    act(&edge, principal, id, request, vec![one]).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    outcome: Option<String>,
    #[serde(default)]
    summary: Option<String>,
}

/// `PATCH /v1/records/{id}` with `outcome` (a code), `summary` (a text), or both.
async fn patch(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    request: Asked,
) -> Result<Response, Problem> {
    let change: Change = body(&request.body)?;
    let acts: Vec<ReviewAct> = change
        .outcome
        .map(|code| ReviewAct::Outcome { code })
        .into_iter()
        .chain(change.summary.map(|text| ReviewAct::Summary { text }))
        .collect();
    if acts.is_empty() {
        return Err(Problem::bad_request(
            "the body names nothing to change: outcome or summary",
        ));
    }
    act(&edge, principal, id, request, acts).await
}

/// What of a request decides whether it is done.
struct Asked {
    method: Method,
    path: String,
    expected: Option<String>,
    key: Option<String>,
    body: Bytes,
}

/// Longest `Idempotency-Key`.
const MAX_KEY_CHARS: usize = 200;

impl axum::extract::FromRequest<Arc<Edge>> for Asked {
    type Rejection = Problem;

    async fn from_request(
        request: axum::extract::Request,
        edge: &Arc<Edge>,
    ) -> Result<Self, Problem> {
        let (method, uri): (Method, Uri) = (request.method().clone(), request.uri().clone());
        let headers: HeaderMap = request.headers().clone();
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
        };
        let key = text("idempotency-key");
        if key
            .as_ref()
            .is_some_and(|k| k.is_empty() || k.len() > MAX_KEY_CHARS)
        {
            return Err(Problem::bad_request(format!(
                "Idempotency-Key: 1 to {MAX_KEY_CHARS} characters"
            )));
        }
        let body = Bytes::from_request(request, edge)
            .await
            .map_err(|error| Problem::bad_request(error.body_text()))?;
        Ok(Asked {
            method,
            path: uri.path().to_owned(),
            expected: text("if-match"),
            key,
            body,
        })
    }
}

impl Asked {
    /// What makes two requests the same.
    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for part in [
            self.method.as_str(),
            &self.path,
            self.expected.as_deref().unwrap_or(""),
        ] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&self.body);
        hasher
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// The version that the change was made from.
    fn version(&self) -> Result<i64, Problem> {
        let Some(text) = &self.expected else {
            return Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "if_match_required",
                "send the record's ETag as If-Match, so that nobody's work is overwritten",
            ));
        };
        text.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map_err(|_| {
                Problem::bad_request(format!(
                    "If-Match: {text} is no ETag of a record; it looks like \"3\""
                ))
            })
    }
}

/// Why an act was not done, within the transaction.
enum Refused {
    Problem(Problem),
    Database(DatabaseError),
}

impl From<DatabaseError> for Refused {
    fn from(error: DatabaseError) -> Self {
        Refused::Database(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Refused::Problem(problem)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Problem(problem) => problem,
            Refused::Database(error) => error.into(),
        }
    }
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        let (status, code) = match &error {
            ReviewError::UnknownField { .. } => (StatusCode::NOT_FOUND, "no_such_field"),
            ReviewError::BadValue { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "bad_value"),
            ReviewError::NoValue { .. } => (StatusCode::CONFLICT, "no_value"),
            ReviewError::WrongState { .. } => (StatusCode::CONFLICT, "wrong_state"),
        };
        Problem::new(status, code, error.to_string())
    }
}

/// Does acts on a record: all of them or none.
async fn act(
    edge: &Arc<Edge>,
    principal: Principal,
    id: String,
    request: Asked,
    acts: Vec<ReviewAct>,
) -> Result<Response, Problem> {
    principal.needs(Permission::Review)?;
    let version = request.version()?;
    let now_ms = edge.now_ms();
    let hash = request.hash();
    let key = request.key;
    let config = Arc::clone(&edge.config);
    let answer = edge
        .store
        .database
        .write(move |sql| {
            if let Some(key) = &key
                && let Some(given) = shelf::given_answer(sql, &principal.id, key, now_ms)?
            {
                if given.request_hash == hash {
                    return Ok(given);
                }
                return Err(Refused::from(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "idempotency_key_reused",
                    "this Idempotency-Key came with another request before; take a new one",
                )));
            }
            let locations = principal.sight.locations();
            let row = shelf::seen(sql, &id, locations.as_deref())?
                .ok_or_else(|| Problem::not_found("record"))?;
            if row.version != version {
                return Err(DatabaseError::Conflict {
                    id: id.clone(),
                    expected: version,
                    current: row.version,
                }
                .into());
            }
            let before = shown(&row);
            let vertical = before["vertical"]
                .as_str()
                .and_then(|name| config.verticals().get(name))
                .ok_or_else(|| {
                    Problem::new(
                        StatusCode::CONFLICT,
                        "unknown_vertical",
                        format!(
                            "the vertical {} of this record is no longer configured",
                            before["vertical"]
                        ),
                    )
                })?;
            let by = By {
                who: principal.signature(),
                at_ms: now_ms,
            };
            let mut after = before.clone();
            for one in &acts {
                after = review::act(&after, vertical, one, by).map_err(Problem::from)?;
            }
            after["version"] = json!(version + 1);
            let events = told(&acts, &mut after, version + 1, now_ms);
            delivery::tell(sql, config.delivery(), &events)?;
            let state = after["state"].as_str().unwrap_or("in_review").to_owned();
            let text = after.to_string();
            let version = update_record(sql, &id, version, &state, now_ms, &text)?;
            let place = shelve::place(&after);
            shelf::place(sql, &id, &place)?;
            if state == "approved" {
                let verdicts: Vec<FieldVerdict> = review::verdicts(&after)
                    .into_iter()
                    .map(|v| FieldVerdict {
                        field: v.field,
                        status: v.status,
                        confidence: v.confidence,
                        correct: v.right,
                    })
                    .collect();
                let sampled = after["review"]["sampled"] == true;
                shelf::store_verdicts(
                    sql,
                    &id,
                    place.location_id.as_deref(),
                    sampled,
                    now_ms,
                    &verdicts,
                )?;
            }
            for one in &acts {
                let mut event = principal
                    .did(action(one), &id, now_ms)
                    .changing(Some(&row.record), Some(&text));
                event.reason = reason(one);
                audit::append(sql, &event)?;
            }
            let answer = GivenAnswer {
                request_hash: hash.clone(),
                status: 200,
                etag: Some(etag(version)),
                body: text,
            };
            if let Some(key) = &key {
                shelf::keep_answer(sql, &principal.id, key, &answer, now_ms)?;
            }
            Ok(answer)
        })
        .await
        .map_err(Problem::from)?;
    edge.delivery.wake();
    let status = u16::try_from(answer.status)
        .ok()
        .and_then(|s| StatusCode::from_u16(s).ok())
        .unwrap_or(StatusCode::OK);
    let mut response = (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        answer.body,
    )
        .into_response();
    if let Some(etag) = answer.etag.and_then(|e| e.parse().ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// What others hear of these acts.
fn told(acts: &[ReviewAct], after: &mut Value, version: i64, now_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    for act in acts {
        let kind = match act {
            ReviewAct::Approve => {
                events.extend(delivery::on_approval(after, version, now_ms));
                continue;
            }
            ReviewAct::Reject { .. } => EventType::RecordRejected,
            ReviewAct::Reopen { .. } => EventType::RecordReopened,
            ReviewAct::Outcome { .. } => EventType::OutcomeChanged,
            _ => continue,
        };
        events.push(Event::of_record(kind, after, version, now_ms));
    }
    events
}

/// An act's name in the audit trail. Values are never in it.
fn action(act: &ReviewAct) -> &'static str {
    match act {
        ReviewAct::Set { .. } => "record.field_set",
        ReviewAct::Confirm { .. } => "record.field_confirmed",
        ReviewAct::RejectField { .. } => "record.field_rejected",
        ReviewAct::Decline { .. } => "record.field_declined",
        ReviewAct::Outcome { .. } => "record.outcome_set",
        ReviewAct::Summary { .. } => "record.summary_set",
        ReviewAct::Assign { .. } => "record.assigned",
        ReviewAct::Approve => "record.approved",
        ReviewAct::Reject { .. } => "record.rejected",
        ReviewAct::Reopen { .. } => "record.reopened",
    }
}

/// What the audit trail says beside the act: which field, or why.
fn reason(act: &ReviewAct) -> Option<String> {
    match act {
        ReviewAct::Set { field, .. }
        | ReviewAct::Confirm { field }
        | ReviewAct::RejectField { field }
        | ReviewAct::Decline { field } => Some(field.clone()),
        ReviewAct::Outcome { code } => Some(code.clone()),
        ReviewAct::Reject { reason, .. } => Some(reason.clone()),
        ReviewAct::Assign { to } => to.clone(),
        ReviewAct::Summary { .. } | ReviewAct::Approve | ReviewAct::Reopen { .. } => None,
    }
}
