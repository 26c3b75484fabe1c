//! The provider's HTTP requests: a call comes in, moves on, its stream starts or fails.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tracing::{info, warn};

use crate::call::{Event, Observation, ProviderEvent, Source};
use crate::media::signature::{self, PublicUrl};
use crate::media::twiml::{self, TwimlError};
use crate::media::webhook::{
    Form, FormError, IncomingCall, StatusUpdate, StreamEvent, StreamUpdate,
};
use crate::media::{ConsentMode, ConsentSettings, Dialect};
use crate::server::edge::{Edge, random};

/// Why a provider's request is refused.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It does not come from the provider.
    #[error("{0}")]
    Forbidden(String),
    /// It cannot be read.
    #[error("{0}")]
    Form(#[from] FormError),
    /// The body is not text.
    #[error("the request's body is not text")]
    NotText,
}

impl IntoResponse for WebhookError {
    fn into_response(self) -> Response {
        let (status, reason) = match &self {
            WebhookError::Forbidden(_) => (StatusCode::FORBIDDEN, "signature"),
            WebhookError::Form(_) | WebhookError::NotText => (StatusCode::BAD_REQUEST, "form"),
        };
        metrics::counter!("offhook_requests_refused_total", "reason" => reason).increment(1);
        warn!(reason = %self, "provider request refused");
        (status, self.to_string()).into_response()
    }
}

/// Checks that a request comes from the provider: by its signature where an auth token is configured, else by its loopback address.
///
/// # Errors
/// Says what does not fit.
pub fn authenticate(
    edge: &Edge,
    peer: SocketAddr,
    check: impl FnOnce(&signature::Verifier) -> Result<String, signature::SignatureError>,
) -> Result<(), WebhookError> {
    match edge.config.verifier() {
        Some(verifier) => check(verifier).map(|_| ()).map_err(|error| WebhookError::Forbidden(error.to_string())),
        None if peer.ip().is_loopback() => Ok(()),
        None => Err(WebhookError::Forbidden(
            "no auth token is configured, so only requests from this machine are taken; set media.auth_token and media.public_url".to_owned(),
        )),
    }
}

/// The signature header's text; empty where there is none.
pub fn signature_of(headers: &HeaderMap) -> &str {
    headers
        .get(signature::HEADER)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("")
}

struct Request {
    form: Form,
    text: String,
}

fn read(
    edge: &Edge,
    peer: SocketAddr,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Request, WebhookError> {
    let form = Form::parse(body)?;
    let path = uri.path_and_query().map_or(uri.path(), |p| p.as_str());
    authenticate(edge, peer, |verifier| {
        verifier.webhook(path, form.parameters(), signature_of(headers))
    })?;
    let text = std::str::from_utf8(body)
        .map_err(|_| WebhookError::NotText)?
        .to_owned();
    Ok(Request { form, text })
}

fn xml(text: impl Into<String>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/xml; charset=utf-8")],
        text.into(),
    )
        .into_response()
}

/// `POST /twilio/voice`: a call comes in. The answer always lets the call go on: where we cannot listen, it is connected without a stream.
///
/// # Errors
/// When the request is not the provider's or cannot be read.
pub async fn voice(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebhookError> {
    let request = read(&edge, peer, &uri, &headers, &body)?;
    let incoming = IncomingCall::read(&request.form)?;
    let settings = &edge.config.consent;
    let mut events = vec![told(Source::Voice, request.text)];
    if settings.mode != ConsentMode::Off {
        // What the caller is asked must be known here, or a recording could not be answered for.
        events.push(consent_asked(settings));
    }
    let to = incoming.to.number.as_deref();
    if let Err(reason) = take(&edge, &incoming.call, to, events).await {
        return Ok(without_us(&edge, &headers, &reason));
    }
    let streams = twiml::streams_at_once(settings);
    let write = |url: &PublicUrl, parameters: &[(&str, &str)]| {
        twiml::answer(&edge.config.media, settings, url, parameters)
    };
    Ok(connected(&edge, &headers, &incoming, streams, write))
}

/// What the provider told of a call, as it came.
fn told(source: Source, text: String) -> Event {
    Event::Provider(ProviderEvent {
        source,
        stream: None,
        text,
    })
}

/// Hands events to their call, opened if need be, and waits until they are on disk.
async fn take(
    edge: &Arc<Edge>,
    call: &str,
    to: Option<&str>,
    events: Vec<Event>,
) -> Result<(), String> {
    let mailbox = edge
        .find_or_open(Dialect::Twilio, call, to, None, None)
        .await
        .map_err(|error| error.to_string())?;
    for event in events {
        mailbox
            .durable(event)
            .await
            .map_err(|refused| refused.to_string())?;
    }
    Ok(())
}

/// The phone call never depends on us: it goes on without a stream.
fn without_us(edge: &Edge, headers: &HeaderMap, reason: &str) -> Response {
    warn!(%reason, "a call goes on without us");
    metrics::counter!("offhook_calls_refused_total", "reason" => "voice").increment(1);
    xml(twiml::without_stream(
        &edge.config.media,
        &public_url(edge, headers),
    ))
}

/// That the caller is asked, for the call's journal.
fn consent_asked(settings: &ConsentSettings) -> Event {
    Event::Observed(Observation::ConsentAsked {
        mode: settings.mode,
        record_before: settings.record_before_consent,
    })
}

/// An answer that lets a call go on, with a stream's token in it where it starts one.
fn connected(
    edge: &Edge,
    headers: &HeaderMap,
    incoming: &IncomingCall,
    streams: bool,
    write: impl Fn(&PublicUrl, &[(&str, &str)]) -> Result<String, TwimlError>,
) -> Response {
    let url = public_url(edge, headers);
    let token = streams.then(|| edge.issue_token(&incoming.call, random()));
    let parameters: Vec<(&str, &str)> = [
        ("token", token.as_deref()),
        ("from", incoming.from.number.as_deref()),
        ("to", incoming.to.number.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    xml(write(&url, &parameters).unwrap_or_else(|error| {
        warn!(%error, "a call goes on without us");
        twiml::without_stream(&edge.config.media, &url)
    }))
}

/// `POST /twilio/consent`: the announcement is over; the form says which key the caller pressed, if any. The answer lets the call go on
/// whatever they chose: only the recording depends on it.
///
/// # Errors
/// When the request is not the provider's or cannot be read.
pub async fn consent(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebhookError> {
    let request = read(&edge, peer, &uri, &headers, &body)?;
    let incoming = IncomingCall::read(&request.form)?;
    let settings = &edge.config.consent;
    // A call that an earlier run of the engine answered was asked by that; here it is a new one.
    let events = vec![consent_asked(settings), told(Source::Consent, request.text)];
    let to = incoming.to.number.as_deref();
    if let Err(reason) = take(&edge, &incoming.call, to, events).await {
        return Ok(without_us(&edge, &headers, &reason));
    }
    let streams = !twiml::streams_at_once(settings);
    let write = |url: &PublicUrl, parameters: &[(&str, &str)]| {
        twiml::after_consent(&edge.config.media, settings, url, parameters)
    };
    Ok(connected(&edge, &headers, &incoming, streams, write))
}

/// The address the provider is told. Without a configured one (tests on one machine) it is the request's own host.
fn public_url(edge: &Edge, headers: &HeaderMap) -> PublicUrl {
    edge.config.public_url().cloned().unwrap_or_else(|| {
        let host = headers
            .get(header::HOST)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("127.0.0.1");
        PublicUrl::parse(&format!("http://{host}")).unwrap_or_else(|_| PublicUrl::loopback())
    })
}

/// `POST /twilio/status`: a call or a leg of it has moved on.
///
/// # Errors
/// When the request is not the provider's or cannot be read.
pub async fn status(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebhookError> {
    let request = read(&edge, peer, &uri, &headers, &body)?;
    let update = StatusUpdate::read(&request.form)?;
    let dial_action = update.dial.is_some();
    let call = update
        .parent_call
        .as_deref()
        .filter(|p| edge.registry.knows(Dialect::Twilio.name(), p))
        .unwrap_or(&update.call);
    let known = edge.registry.knows(Dialect::Twilio.name(), call);
    let stored = !known && matches!(edge.store.database.call(call).await, Ok(Some(_)));
    if stored {
        info!("a late status of a call that is closed");
    } else {
        // A call that we first hear of by its status was missed or failed: it gets its record too.
        let to = update.to.number.as_deref();
        let events = vec![told(Source::Status, request.text)];
        if let Err(reason) = take(&edge, call, to, events).await {
            warn!(%reason, "a status was not taken");
            // The provider repeats a callback that failed.
            return Ok((StatusCode::SERVICE_UNAVAILABLE, reason).into_response());
        }
    }
    Ok(if dial_action {
        xml(twiml::empty())
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}

/// `POST /twilio/stream-status`: the only place where a stream that failed to connect becomes visible.
///
/// # Errors
/// When the request is not the provider's or cannot be read.
pub async fn stream_status(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebhookError> {
    let request = read(&edge, peer, &uri, &headers, &body)?;
    let update = StreamUpdate::read(&request.form)?;
    if update.event == StreamEvent::Error {
        warn!(
            error = update.error.as_deref().unwrap_or("unnamed"),
            "the provider reports a stream error"
        );
    }
    if let Some(mailbox) = edge.registry.find(Dialect::Twilio.name(), &update.call) {
        let event = told(Source::StreamStatus, request.text);
        if let Err(reason) = mailbox.durable(event).await {
            info!(%reason, "a stream status came after the call's end");
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
