//! The media socket's handshake: who may, whether there is room, then tokio-tungstenite on the raw connection.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tracing::warn;

use crate::media::Dialect;
use crate::server::edge::Edge;
use crate::server::session;
use crate::server::webhooks::{authenticate, signature_of};

/// A WebSocket over an upgraded HTTP connection.
pub type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Why an upgrade is not one.
#[derive(Debug, thiserror::Error)]
#[error("this address speaks WebSocket: send an upgrade request of version 13")]
pub struct NotAnUpgrade;

/// Answers an upgrade request and runs `then` on the socket once it is open.
///
/// # Errors
/// When the request asks for no WebSocket.
pub fn upgrade<F>(
    mut request: Request,
    max_message_bytes: usize,
    then: impl FnOnce(Socket) -> F + Send + 'static,
) -> Result<Response, NotAnUpgrade>
where
    F: Future<Output = ()> + Send,
{
    let headers = request.headers();
    let has = |name: header::HeaderName, word: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.split(',').any(|t| t.trim().eq_ignore_ascii_case(word)))
    };
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .cloned()
        .ok_or(NotAnUpgrade)?;
    if !has(header::CONNECTION, "upgrade")
        || !has(header::UPGRADE, "websocket")
        || !has(header::SEC_WEBSOCKET_VERSION, "13")
    {
        return Err(NotAnUpgrade);
    }
    let accept =
        HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| NotAnUpgrade)?;
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await {
            Ok(connection) => {
                let mut config = WebSocketConfig::default();
                config.max_message_size = Some(max_message_bytes);
                config.max_frame_size = Some(max_message_bytes);
                // A media message is under 400 bytes: the library's 128 KiB a socket would be most of a call's memory.
                config.read_buffer_size = 4 * 1024;
                config.write_buffer_size = 4 * 1024;
                let socket = WebSocketStream::from_raw_socket(
                    TokioIo::new(connection),
                    Role::Server,
                    Some(config),
                )
                .await;
                then(socket).await;
            }
            Err(error) => warn!(%error, "a WebSocket handshake was not completed"),
        }
    });
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

impl IntoResponse for NotAnUpgrade {
    fn into_response(self) -> Response {
        (
            StatusCode::UPGRADE_REQUIRED,
            [(header::UPGRADE, "websocket")],
            self.to_string(),
        )
            .into_response()
    }
}

/// `WS /twilio/media`.
pub async fn twilio(
    state: State<Arc<Edge>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    media(Dialect::Twilio, state, peer, headers, request)
}

/// `WS /signalwire/media`.
pub async fn signalwire(
    state: State<Arc<Edge>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    media(Dialect::SignalWire, state, peer, headers, request)
}

/// `WS /telnyx/media`.
pub async fn telnyx(
    state: State<Arc<Edge>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    media(Dialect::Telnyx, state, peer, headers, request)
}

fn media(
    dialect: Dialect,
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let path = request
        .uri()
        .path_and_query()
        .map_or("", |p| p.as_str())
        .to_owned();
    // Only Twilio signs its upgrades; the others are held to the one-use token of their stream.
    if dialect == Dialect::Twilio
        && let Err(error) = authenticate(&edge, peer, |verifier| {
            verifier.upgrade(&path, signature_of(&headers))
        })
    {
        return error.into_response();
    }
    let place = match edge.admit_stream() {
        Ok(place) => place,
        Err(busy) => {
            warn!(reason = %busy, "media stream refused");
            metrics::counter!("offhook_calls_refused_total", "reason" => busy.reason())
                .increment(1);
            return (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::RETRY_AFTER, "10")],
                busy.to_string(),
            )
                .into_response();
        }
    };
    let max_message_bytes = edge.config.media.max_message_bytes;
    upgrade(request, max_message_bytes, move |socket| {
        session::run(edge, dialect, socket, place)
    })
    .into_response()
}
