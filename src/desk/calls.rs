//! `/v1/calls` and `/v1/records`: what was stored, and for calls that go on, what is known so far.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{CallId, rfc3339};
use crate::desk::access::{Permission, Principal};
use crate::desk::masked::Hidden;
use crate::desk::{Problem, document, listen, masked};
use crate::media::Track;
use crate::server::Edge;
use crate::store::database::{CallFilter, CallRow, Question};
use crate::store::journal::{Entry, JournalError, write_entries};
use crate::store::{StoreError, audit, privacy};

/// Longest clip, ms: a clip is for hearing a value's words, not for taking the recording in pieces.
const MAX_CLIP_MS: u64 = 10 * 60_000;

type Reply = Result<Response, Problem>;

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::UnknownCall { .. } => Problem::not_found("journal"),
            other => StoreError::from(other).into(),
        }
    }
}

/// Filters of the list of calls.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallQuery {
    status: Option<String>,
    vertical: Option<String>,
    location_id: Option<String>,
    direction: Option<String>,
    from: Option<String>,
    to: Option<String>,
    started_after: Option<jiff::Timestamp>,
    started_before: Option<jiff::Timestamp>,
    outcome: Option<String>,
    department_id: Option<String>,
    needs_review: Option<bool>,
    /// Words that were said.
    q: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/calls`: calls that go on first (on the first page), then the stored ones, newest first.
pub async fn list(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    query: Result<Query<CallQuery>, axum::extract::rejection::QueryRejection>,
) -> Reply {
    let Query(query) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    let limit = super::page_size(query.limit)?;
    let question = query
        .q
        .as_deref()
        .map(|q| Question::parse(q).ok_or_else(|| Problem::bad_request("q: no word to look for")))
        .transpose()?;
    // What is being said is not in the index yet.
    let live_wanted = query.cursor.is_none()
        && question.is_none()
        && query.outcome.is_none()
        && query.department_id.is_none()
        && query.needs_review.is_none()
        && query
            .status
            .as_deref()
            .is_none_or(|s| matches!(s, "queued" | "ringing" | "in_progress"));
    let filter = CallFilter {
        status: query.status,
        vertical: query.vertical,
        locations: super::within(&principal, query.location_id),
        direction: query.direction,
        from_number: query.from,
        to_number: query.to,
        started_from_ms: query.started_after.map(|t| t.as_millisecond()),
        started_before_ms: query.started_before.map(|t| t.as_millisecond()),
        has_record: None,
        outcome: query.outcome,
        department_id: query.department_id,
        needs_review: query.needs_review,
        question: question.clone(),
    };
    let mut data: Vec<Value> = Vec::new();
    if live_wanted {
        data.extend(live_calls(&edge, &filter));
    }
    let page = edge
        .store
        .database
        .calls(filter, limit, query.cursor.as_deref())
        .await?;
    for row in &page.rows {
        let mut call = stored_call(row);
        if let Some(question) = &question {
            call["match"] = first_match(&edge, &row.id, question).await?;
        }
        data.push(call);
    }
    Ok(Json(json!({ "data": data, "next_cursor": page.next_cursor })).into_response())
}

/// Where in a call something was said that a question looks for.
async fn first_match(edge: &Edge, call_id: &str, question: &Question) -> Result<Value, Problem> {
    let segments = edge.store.database.transcript(call_id).await?;
    let found = segments.iter().find(|s| question.touches(&s.text));
    Ok(found.map_or(Value::Null, |s| {
        json!({ "segment_id": format!("seg_{}", s.seq), "speaker": s.speaker, "start_ms": s.start_ms, "end_ms": s.end_ms, "text": s.text })
    }))
}

/// Calls that go on and fit the filter.
fn live_calls(edge: &Edge, filter: &CallFilter) -> Vec<Value> {
    let fits = |call: &Value, key: &str, wanted: &Option<String>| {
        wanted.as_deref().is_none_or(|w| call[key] == w)
    };
    let started_ms = |call: &Value| {
        call["start_time"]
            .as_str()
            .and_then(|t| t.parse::<jiff::Timestamp>().ok())
            .map(|t| t.as_millisecond())
    };
    edge.feed
        .states()
        .iter()
        .filter(|state| edge.registry.get(state.call_id).is_some())
        .map(|state| live_call(&state.call))
        .filter(|call| {
            fits(call, "status", &filter.status)
                && fits(call, "vertical", &filter.vertical)
                && fits(call, "direction", &filter.direction)
                && fits(call, "from", &filter.from_number)
                && fits(call, "to", &filter.to_number)
                && filter.locations.as_ref().is_none_or(|wanted| {
                    call["ownership"]["location_id"]
                        .as_str()
                        .is_some_and(|l| wanted.iter().any(|w| w == l))
                })
                && filter
                    .started_from_ms
                    .is_none_or(|from| started_ms(call).is_some_and(|ms| ms >= from))
                && filter
                    .started_before_ms
                    .is_none_or(|before| started_ms(call).is_some_and(|ms| ms < before))
        })
        .collect()
}

fn live_call(header: &Value) -> Value {
    let mut call = header.clone();
    call["record_id"] = Value::Null;
    call
}

pub(super) fn stored_call(row: &CallRow) -> Value {
    let mut call = document(&row.call);
    call["record_id"] = json!(row.record_id);
    call["version"] = json!(row.version);
    call["live"] = Value::Null;
    call
}

/// Where a call is to be found.
enum Found {
    /// It goes on (or ended this moment and is not stored yet).
    Live(Arc<crate::call::LiveState>),
    /// It is stored.
    Stored(Box<CallRow>),
}

/// Finds a call by our id or the provider's.
async fn find(edge: &Edge, principal: &Principal, id: &str) -> Result<(CallId, Found), Problem> {
    let ours = id
        .parse::<CallId>()
        .ok()
        .or_else(|| edge.registry.by_provider_id(id));
    if let Some(live) = ours
        .filter(|id| edge.registry.get(*id).is_some())
        .and_then(|id| edge.feed.state(id))
        .filter(|live| {
            principal
                .sight
                .sees(live.call["ownership"]["location_id"].as_str())
        })
    {
        return Ok((live.call_id, Found::Live(live)));
    }
    let row = edge
        .store
        .database
        .call(id)
        .await?
        .filter(|row| principal.sight.sees(row.location_id.as_deref()))
        .ok_or_else(|| Problem::not_found("call"))?;
    let call_id = row.id.parse().map_err(|_| Problem::not_found("call"))?;
    Ok((call_id, Found::Stored(Box::new(row))))
}

/// Where a call that somebody asks for stands.
pub(super) struct Whereabouts {
    pub(super) call_id: CallId,
    /// It goes on.
    pub(super) live: bool,
}

/// Finds a call for a page.
pub(super) async fn whereabouts(
    edge: &Edge,
    principal: &Principal,
    id: &str,
) -> Result<Whereabouts, Problem> {
    let (call_id, found) = find(edge, principal, id).await?;
    Ok(Whereabouts {
        call_id,
        live: matches!(found, Found::Live(_)),
    })
}

/// `GET /v1/calls/{id}`: the flat call object, with `live` (the whole state) while it lasts.
pub async fn one(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    let call = match find(&edge, &principal, &id).await?.1 {
        Found::Live(state) => {
            let mut call = live_call(&state.call);
            call["live"] = serde_json::to_value(&*state).unwrap_or_default();
            call
        }
        Found::Stored(row) => stored_call(&row),
    };
    Ok(Json(call).into_response())
}

/// Form of a transcript.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TranscriptQuery {
    format: Option<String>,
    raw: bool,
}

/// `GET /v1/calls/{id}/transcript?format=json|txt&raw`: masked, or with `raw` as it was heard, where the configuration allows that.
pub async fn transcript(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    Query(query): Query<TranscriptQuery>,
) -> Reply {
    let segments: Vec<Value> = match find(&edge, &principal, &id).await? {
        (call_id, _) if query.raw => {
            principal.needs(Permission::ReadRawTranscript)?;
            if !edge.config.privacy.raw_transcript {
                return Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "raw_transcript_off",
                    "raw: the configuration keeps transcripts masked ([privacy] raw_transcript)",
                ));
            }
            let entries = edge.entries(call_id).await?;
            heard(&edge, &principal, "transcript.seen_raw", call_id).await?;
            masked::utterances(&entries)
                .iter()
                .map(|said| json!(said))
                .collect()
        }
        (_, Found::Live(state)) => state
            .transcript
            .iter()
            .map(|s| serde_json::to_value(&**s).unwrap_or_default())
            .collect(),
        (_, Found::Stored(row)) => edge
            .store
            .database
            .transcript(&row.id)
            .await?
            .iter()
            .map(|s| document(&s.segment))
            .collect(),
    };
    match query.format.as_deref().unwrap_or("json") {
        "json" => Ok(Json(json!({ "data": segments, "next_cursor": null })).into_response()),
        "txt" => {
            let line = |s: &Value| {
                let seconds = s["start_ms"].as_u64().unwrap_or(0) / 1000;
                let (speaker, text) = (
                    s["speaker"].as_str().unwrap_or(""),
                    s["text"].as_str().unwrap_or(""),
                );
                format!(
                    "{:02}:{:02} {speaker}: {text}\n",
                    seconds / 60,
                    seconds % 60
                )
            };
            Ok((
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                segments.iter().map(line).collect::<String>(),
            )
                .into_response())
        }
        other => Err(Problem::bad_request(format!(
            "format = {other}: must be json or txt"
        ))),
    }
}

/// `GET /v1/calls/{id}/timeline`.
pub async fn timeline(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    let data: Vec<Value> = match find(&edge, &principal, &id).await? {
        (_, Found::Live(state)) => state
            .timeline
            .iter()
            .map(|m| serde_json::to_value(m).unwrap_or_default())
            .collect(),
        (_, Found::Stored(row)) => {
            let rows = edge.store.database.timeline(&row.id).await?;
            rows.iter().map(|m| json!({ "at_ms": m.at_ms, "at": m.at, "name": m.name, "data": document(&m.data) })).collect()
        }
    };
    Ok(Json(json!({ "data": data, "next_cursor": null })).into_response())
}

/// Runs work that takes the processor for a while away from the tasks that serve sockets.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the work was broken off; the log says why",
        )
    })
}

/// What of a call is not to be heard; or says that it has nothing to hear, and why.
async fn audible(
    edge: &Edge,
    call_id: CallId,
    found: &Found,
    entries: &[Entry],
) -> Result<Hidden, Problem> {
    if entries.iter().any(|e| e.media().is_some()) {
        let call = match found {
            Found::Live(state) => state.call.clone(),
            Found::Stored(row) => document(&row.call),
        };
        if call["recording"]["available"] == false {
            let why = if call["consent"]["caller_objected"] == true {
                "the caller objected"
            } else {
                "the caller's consent was not completed"
            };
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                "not_recorded",
                format!("recording: nothing of the call was recorded: {why}"),
            ));
        }
        return Ok(Hidden::of(&call, &edge.config.privacy.redact));
    }
    let id = call_id.to_string();
    let database = &edge.store.database;
    let kept = database.read(move |sql| privacy::kept(sql, &id)).await?;
    Err(match kept.recording_deleted_at_ms {
        Some(at_ms) => Problem::new(
            StatusCode::GONE,
            "deleted",
            format!("the recording was deleted at {}", rfc3339(at_ms * 1000)),
        ),
        None => Problem::not_found("recording: the call has no audio"),
    })
}

/// Writes down that somebody hears or sees what a caller said, before they do.
async fn heard(
    edge: &Edge,
    principal: &Principal,
    action: &'static str,
    call_id: CallId,
) -> Result<(), Problem> {
    let event = principal.did(action, &call_id.to_string(), edge.now_ms());
    edge.store
        .database
        .write(move |sql| audit::append(sql, &event))
        .await?;
    Ok(())
}

/// `GET /v1/calls/{id}/recording`: Ogg-Opus, caller left, agent right.
pub async fn recording(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    let (call_id, found) = find(&edge, &principal, &id).await?;
    let entries = edge.entries(call_id).await?;
    let hidden = audible(&edge, call_id, &found, &entries).await?;
    heard(&edge, &principal, "recording.heard", call_id).await?;
    let bytes = blocking(move || listen::recording(&entries, &hidden))
        .await?
        .map_err(|error| {
            tracing::error!(%error, call = %call_id, "the recording could not be encoded");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "encoder",
                "the recording could not be encoded; the log says why",
            )
        })?;
    let name = HeaderValue::from_str(&format!("inline; filename=\"{call_id}.ogg\""))
        .unwrap_or(HeaderValue::from_static("inline"));
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("audio/ogg")),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    )
        .into_response())
}

/// Which stretch of a call to hear.
#[derive(Debug, Deserialize)]
pub struct AudioQuery {
    from_ms: u64,
    to_ms: u64,
    channel: Option<String>,
}

/// `GET /v1/calls/{id}/audio?from_ms&to_ms&channel=caller|agent|both`: exactly those samples, 16-bit WAV at 8 kHz.
pub async fn audio(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    query: Result<Query<AudioQuery>, axum::extract::rejection::QueryRejection>,
) -> Reply {
    let Query(query) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    let AudioQuery { from_ms, to_ms, .. } = query;
    if from_ms >= to_ms || to_ms - from_ms > MAX_CLIP_MS {
        return Err(Problem::bad_request(format!(
            "from_ms = {from_ms}, to_ms = {to_ms}: to_ms must be later, by at most {MAX_CLIP_MS} ms"
        )));
    }
    let tracks: &'static [Track] = match query.channel.as_deref().unwrap_or("both") {
        "caller" | "inbound" => &[Track::Inbound],
        "agent" | "outbound" => &[Track::Outbound],
        "both" => &Track::BOTH,
        other => {
            return Err(Problem::bad_request(format!(
                "channel = {other}: must be caller, agent or both"
            )));
        }
    };
    let (call_id, found) = find(&edge, &principal, &id).await?;
    let entries = edge.entries(call_id).await?;
    let hidden = audible(&edge, call_id, &found, &entries).await?;
    heard(&edge, &principal, "recording.clip_heard", call_id).await?;
    let bytes = blocking(move || listen::clip(&entries, &hidden, from_ms, to_ms, tracks)).await?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], bytes).into_response())
}

/// How finely to draw a call.
#[derive(Debug, Deserialize)]
pub struct WaveformQuery {
    buckets: Option<usize>,
}

/// `GET /v1/calls/{id}/waveform?buckets=`: the loudest sample of each stretch, by track, 0 to 100; null where no audio arrived.
pub async fn waveform(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
    query: Result<Query<WaveformQuery>, axum::extract::rejection::QueryRejection>,
) -> Reply {
    let buckets = super::asked(query)?.buckets.unwrap_or(800);
    if !(1..=4_000).contains(&buckets) {
        return Err(Problem::bad_request(format!(
            "buckets = {buckets}: must be 1 to 4000"
        )));
    }
    let (call_id, found) = find(&edge, &principal, &id).await?;
    let entries = edge.entries(call_id).await?;
    let hidden = audible(&edge, call_id, &found, &entries).await?;
    let drawn = blocking(move || listen::waveform(&entries, &hidden, buckets)).await?;
    Ok(Json(json!({
        "duration_ms": drawn.duration_ms, "bucket_ms": drawn.bucket_ms,
        "caller": drawn.peaks[Track::Inbound.index()], "agent": drawn.peaks[Track::Outbound.index()],
    }))
    .into_response())
}

/// `GET /v1/calls/{id}/journal`: the call's journal as NDJSON, media summarised, masked as the transcript is.
pub async fn journal(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Reply {
    let call_id = find(&edge, &principal, &id).await?.0;
    let entries = edge.entries(call_id).await?;
    heard(&edge, &principal, "journal.seen", call_id).await?;
    let kinds = edge.config.privacy.redact.clone();
    let text = blocking(move || write_entries(&masked::entries(entries, &kinds))).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response())
}
