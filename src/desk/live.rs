//! The live feed on the wire: a WebSocket that also takes people's acts, and the same stream as server-sent events.
//!
//! Both begin with a snapshot of each call (or, on resuming, with what was missed), then send deltas. A reader that falls behind gets
//! `feed.lagged` and new snapshots; it costs nobody else anything. Between them come notices (`delivery.updated`): they carry no `seq`, reach
//! readers of calls that are long over, and are not repeated to one who resumes.

mod reader;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::call::{CallId, NotACallId};
use crate::desk::access::Principal;
use crate::desk::acts;
use crate::desk::problem::Problem;
use crate::server::{Edge, Socket, upgrade};
pub use reader::Subscription;
use reader::{All, Reader, Wanted, ping};

/// Between two pings. A page calls itself stale after twenty seconds without a message.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Longest message a client may send, bytes.
const MAX_CLIENT_MESSAGE_BYTES: usize = 64 * 1024;
/// Messages waiting for one reader's socket. When they do not drain, the reader's place in the broadcast is lost, not its socket.
const OUTGOING: usize = 64;

/// A message of a client.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ClientMessage {
    Subscribe {
        subscribe: Subscription,
        #[serde(default)]
        resume_after: HashMap<CallId, u64>,
    },
    Act {
        client_id: Value,
        call_id: CallId,
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        field: String,
        #[serde(default)]
        value: Option<Value>,
        #[serde(default)]
        note: String,
    },
}

/// Query of the WebSocket: what a reader wants from its first message on, so that one who resumes gets no snapshot first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SocketQuery {
    /// Call ids with commas between; all calls where absent.
    calls: Option<String>,
    /// The last `seq` the reader has had of each call: `call_...:12`, with commas between.
    resume_after: Option<String>,
    /// `false` leaves partial transcripts out.
    partials: Option<bool>,
    /// `false` leaves delay and sound (`latency`, `media.quality`) out.
    measures: Option<bool>,
}

impl SocketQuery {
    fn read(&self) -> Result<(Subscription, HashMap<CallId, u64>), Problem> {
        let id = |key: &str, text: &str| {
            text.trim()
                .parse::<CallId>()
                .map_err(|error| Problem::bad_request(format!("{key}: {error}")))
        };
        let calls = match &self.calls {
            None => Wanted::All(All::All),
            Some(ids) => Wanted::Some(
                ids.split(',')
                    .map(|one| id("calls", one))
                    .collect::<Result<_, _>>()?,
            ),
        };
        let resume = self
            .resume_after
            .iter()
            .flat_map(|all| all.split(','))
            .map(|one| {
                let (call, seq) = one.split_once(':').unwrap_or((one, ""));
                let seq = seq.parse().map_err(|_| {
                    Problem::bad_request(format!(
                        "resume_after = {one}: must be a call's id, a colon and a number"
                    ))
                })?;
                Ok((id("resume_after", call)?, seq))
            })
            .collect::<Result<_, Problem>>()?;
        let subscription = Subscription {
            calls,
            partials: self.partials.unwrap_or(true),
            measures: self.measures.unwrap_or(true),
            ..Subscription::default()
        };
        Ok((subscription, resume))
    }
}

/// `WS /v1/live`.
///
/// # Errors
/// When the query names no call.
pub async fn socket(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Query(query): Query<SocketQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let (subscription, resume) = query.read()?;
    Ok(upgrade(request, MAX_CLIENT_MESSAGE_BYTES, move |socket| {
        run_socket(edge, principal, socket, subscription, resume)
    })
    .into_response())
}

async fn run_socket(
    edge: Arc<Edge>,
    principal: Principal,
    socket: Socket,
    subscription: Subscription,
    resume: HashMap<CallId, u64>,
) {
    let (mut sink, mut stream) = socket.split();
    let (outgoing, mut queue) = mpsc::channel::<Arc<str>>(OUTGOING);
    let sender = tokio::spawn(async move {
        while let Some(message) = queue.recv().await {
            if sink.send(Message::text(&*message)).await.is_err() {
                break;
            }
        }
        // The peer may be gone: then there is nobody to take leave of.
        let _ = sink.close().await;
    });
    let mut reader = Reader::new(&edge.feed, principal);
    let mut ping_every =
        tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
    let first = reader.begin(&edge.feed, subscription, &resume, edge.clock.now_us());
    let mut alive = send_all(&outgoing, first).await;
    while alive {
        tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let answers = on_client(&edge, &mut reader, &text).await;
                    alive = send_all(&outgoing, answers).await;
                }
                Some(Ok(Message::Close(_))) | Some(Err(_)) | None => alive = false,
                Some(Ok(_)) => {}
            },
            messages = reader.next(&edge) => match messages {
                Some(messages) => alive = send_all(&outgoing, messages).await,
                None => alive = false,
            },
            _ = ping_every.tick() => alive = send_all(&outgoing, vec![ping(edge.clock.now_us())]).await,
        }
    }
    drop(outgoing);
    // A socket whose peer no longer reads would keep its writer for ever.
    if tokio::time::timeout(Duration::from_secs(1), sender)
        .await
        .is_err()
    {
        tracing::debug!("a live reader stopped reading");
    }
}

async fn send_all(outgoing: &mpsc::Sender<Arc<str>>, messages: Vec<Arc<str>>) -> bool {
    for message in messages {
        if outgoing.send(message).await.is_err() {
            return false;
        }
    }
    true
}

async fn on_client(edge: &Arc<Edge>, reader: &mut Reader, text: &str) -> Vec<Arc<str>> {
    let answer = |message: Value| vec![message.to_string().into()];
    let nack = |client_id: &Value, reason: String| {
        answer(json!({ "type": "nack", "client_id": client_id, "reason": reason }))
    };
    match serde_json::from_str(text) {
        Ok(ClientMessage::Subscribe {
            subscribe,
            resume_after,
        }) => reader.begin(&edge.feed, subscribe, &resume_after, edge.clock.now_us()),
        Ok(ClientMessage::Act {
            client_id,
            call_id,
            kind,
            field,
            value,
            note,
        }) => match acts::named(&kind, field, value, note) {
            None => nack(&client_id, format!("type: must be {}", acts::NAMES)),
            Some(act) => match acts::perform(edge, &reader.principal, call_id, act).await {
                Ok(()) => answer(json!({ "type": "ack", "client_id": client_id })),
                Err(reason) => nack(&client_id, reason.to_string()),
            },
        },
        Err(_) => {
            let example = r#"{"subscribe":{"calls":"all"}} or {"client_id":1,"call_id":"call_...","type":"flag","note":"..."}"#;
            nack(&Value::Null, format!("not understood; send {example}"))
        }
    }
}

/// Query of the event stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SseQuery {
    /// One call's id; all calls where absent.
    call: Option<String>,
    /// With `call`: the last `seq` the reader has had.
    resume_after: Option<u64>,
    /// `false` leaves partial transcripts out.
    partials: Option<bool>,
    /// `false` leaves delay and sound out.
    measures: Option<bool>,
}

/// `GET /v1/live/sse`. A browser that reconnects sends `Last-Event-ID` (`<call id>:<seq>`), which resumes that call.
///
/// # Errors
/// When `call` is no call id.
pub async fn sse(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Query(query): Query<SseQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut subscription = Subscription {
        partials: query.partials.unwrap_or(true),
        measures: query.measures.unwrap_or(true),
        ..Subscription::default()
    };
    let mut resume = HashMap::new();
    let last = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(':'));
    if let Some((id, seq)) = last.and_then(|(id, seq)| Some((id.parse().ok()?, seq.parse().ok()?)))
    {
        resume.insert(id, seq);
    }
    if let Some(call) = &query.call {
        let id: CallId = call
            .parse()
            .map_err(|error: NotACallId| Problem::bad_request(format!("call: {error}")))?;
        subscription.calls = Wanted::Some([id].into());
        resume.extend(query.resume_after.map(|seq| (id, seq)));
    }
    let mut reader = Reader::new(&edge.feed, principal);
    let first = reader.begin(&edge.feed, subscription, &resume, edge.clock.now_us());
    let (sender, receiver) = mpsc::channel::<Bytes>(OUTGOING);
    tokio::spawn(async move {
        let mut pending = first;
        loop {
            for message in pending.drain(..) {
                if sender.send(sse_event(&message)).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                messages = reader.next(&edge) => match messages {
                    Some(messages) => pending = messages,
                    None => return,
                },
                () = tokio::time::sleep(PING_EVERY) => pending.push(ping(edge.clock.now_us())),
                () = sender.closed() => return,
            }
        }
    });
    let body = axum::body::Body::from_stream(futures_util::stream::unfold(
        receiver,
        |mut receiver| async move {
            let bytes = receiver.recv().await?;
            Some((Ok::<_, std::convert::Infallible>(bytes), receiver))
        },
    ));
    Ok((
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        body,
    )
        .into_response())
}

/// A feed message as a server-sent event; its id lets a browser resume.
fn sse_event(message: &str) -> Bytes {
    #[derive(Deserialize)]
    struct Place {
        call_id: Option<String>,
        seq: Option<u64>,
    }
    let id = match serde_json::from_str(message) {
        Ok(Place {
            call_id: Some(call),
            seq: Some(seq),
        }) => format!("id: {call}:{seq}\n"),
        _ => String::new(),
    };
    format!("{id}data: {message}\n\n").into()
}
