//! What people do to calls that go on: over the live socket, and the recording over HTTP as well.
//!
//! Every act goes to the call itself, which journals it or refuses it; here is only who may, and the audit trail of what concerns the
//! recording.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Act, CallId, PersonAct};
use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, calls};
use crate::fields;
use crate::server::{Edge, Refused};
use crate::store::audit;

/// The names of all acts, for people.
pub(super) const NAMES: &str = "field.set, field.confirm, field.reject, field.decline, flag, pause_recording or resume_recording";

/// The routes of acts that can be done by HTTP.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new().route("/v1/calls/{id}/recording/{act}", post(recording))
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDone {
    /// There is no such call, or none that one may see.
    #[error("the call is not going on")]
    NoCall,
    /// One may not.
    #[error("{0} may only watch")]
    MayNot(String),
    /// Somebody judges a value that no longer stands.
    #[error("the value has changed meanwhile: look at it again")]
    Outdated,
    /// The call refuses it.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// The act of a name. Who and when are the server's to say.
pub(super) fn named(kind: &str, field: String, value: Option<Value>, note: String) -> Option<Act> {
    let act = match kind {
        "field.set" => fields::PersonAct::Set,
        "field.confirm" => fields::PersonAct::Confirm,
        "field.reject" => fields::PersonAct::Reject,
        "field.decline" => fields::PersonAct::Decline,
        "flag" => return Some(Act::Flag { note }),
        "pause_recording" => return Some(Act::PauseRecording { at_ms: 0, note }),
        "resume_recording" => return Some(Act::ResumeRecording { at_ms: 0, note }),
        _ => return None,
    };
    Some(Act::Field(fields::PersonAction {
        act,
        field,
        value,
        who: String::new(),
        at_ms: 0,
    }))
}

/// Does something to a call for somebody. What is so already is done.
///
/// # Errors
/// When they may not, or the call does not go on, or does not take it.
pub(super) async fn perform(
    edge: &Edge,
    principal: &Principal,
    call_id: CallId,
    act: Act,
) -> Result<(), NotDone> {
    let mailbox = edge.registry.get(call_id).ok_or(NotDone::NoCall)?;
    let state = edge.feed.state(call_id);
    // A call that one may not see is as unknown as one that never was.
    if let Some(state) = &state
        && !principal
            .sight
            .sees(state.call["ownership"]["location_id"].as_str())
    {
        return Err(NotDone::NoCall);
    }
    if !principal.may(Permission::ActOnCalls) {
        return Err(NotDone::MayNot(principal.name.clone()));
    }
    if is_outdated(edge, call_id, &act) {
        return Err(NotDone::Outdated);
    }
    let audited = match &act {
        Act::PauseRecording { .. } => Some("recording.paused"),
        Act::ResumeRecording { .. } => Some("recording.resumed"),
        Act::Field(_) | Act::Flag { .. } => None,
    };
    let who = principal.signature().to_owned();
    let changed = mailbox.person(PersonAct { who, act }).await?;
    if let Some(action) = audited.filter(|_| changed) {
        let event = principal.did(action, &call_id.to_string(), edge.now_ms());
        let database = &edge.store.database;
        if let Err(error) = database.write(move |sql| audit::append(sql, &event)).await {
            // It is done, and the call's own journal says who did it.
            tracing::error!(%error, call = %call_id, action, "the audit trail could not be written");
        }
    }
    Ok(())
}

/// Whether somebody confirms or rejects another value than the one that stands: they name the value that they saw.
fn is_outdated(edge: &Edge, call_id: CallId, act: &Act) -> bool {
    let Act::Field(action) = act else {
        return false;
    };
    let judges = matches!(
        action.act,
        fields::PersonAct::Confirm | fields::PersonAct::Reject
    );
    let (Some(seen), true) = (&action.value, judges) else {
        return false;
    };
    edge.feed.state(call_id).is_some_and(|state| {
        let stands = state
            .fields
            .get(&action.field)
            .and_then(|f| f.value.as_ref());
        json!(stands) != *seen
    })
}

/// Why somebody acts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Note {
    note: String,
}

/// `POST /v1/calls/{id}/recording/pause` and `/resume`, with a `note` if need be: what the recording is then.
async fn recording(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path((id, act)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    principal.needs(Permission::ActOnCalls)?;
    let kind = match act.as_str() {
        "pause" => "pause_recording",
        "resume" => "resume_recording",
        _ => return Err(Problem::not_found("act: there are pause and resume")),
    };
    let Note { note } = if body.is_empty() {
        Note::default()
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Problem::bad_request(format!("body: {error}")))?
    };
    let over = || {
        Problem::new(
            StatusCode::CONFLICT,
            "call_over",
            "the call is over: its recording is what it is",
        )
    };
    let found = calls::whereabouts(&edge, &principal, &id).await?;
    if !found.live {
        return Err(over());
    }
    let act = named(kind, String::new(), None, note).ok_or_else(|| Problem::not_found("act"))?;
    perform(&edge, &principal, found.call_id, act)
        .await
        .map_err(|error| match error {
            NotDone::NoCall | NotDone::Refused(Refused::Ended) => over(),
            NotDone::MayNot(_) => {
                Problem::new(StatusCode::FORBIDDEN, "forbidden", error.to_string())
            }
            NotDone::Refused(Refused::NeedsNote(_)) => {
                Problem::new(StatusCode::CONFLICT, "needs_note", error.to_string())
            }
            other => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_taken",
                other.to_string(),
            ),
        })?;
    let state = edge.feed.state(found.call_id).ok_or_else(over)?;
    Ok(Json(&state.call["recording"]).into_response())
}
