//! One call: connect, start, frames by their deadlines, stop.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::wire::{self, Ids};
use super::{Announcement, CallAudio, DialError, Lateness};
use crate::media::Secret;
use crate::media::signature::{self, PublicUrl};

/// How long the server may take to answer, and to close after a stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call to be placed.
#[derive(Debug, Clone)]
pub struct Call {
    /// `ws://host[:port]/path`.
    pub to: String,
    /// What is said.
    pub audio: Arc<CallAudio>,
    /// 1 is real time, 2 twice as fast; 0 as fast as the server takes it.
    pub speed: f64,
    /// CallSid; State at the server is keyed by it.
    pub call_sid: String,
    /// StreamSid.
    pub stream_sid: String,
    /// AccountSid.
    pub account_sid: String,
    /// `customParameters`, in order: the token, From, To, ...
    pub parameters: Vec<(String, String)>,
    /// Keys the caller presses, at ms of the call.
    pub dtmf: Vec<(u64, char)>,
    /// Timestamp of the first frame, ms. Twilio's is not 0.
    pub first_timestamp_ms: u64,
    /// Length of the call, ms: shorter than the audio is a hang-up in mid-sentence, longer plays it again.
    pub length_ms: Option<u64>,
    /// Whether the stream ends with `stop`; a dropped connection does not.
    pub send_stop: bool,
    /// Share of frames that never arrive, 0..=1.
    pub loss: f64,
    /// The auth token that signs the upgrade, as Twilio does.
    pub auth_token: Option<Secret>,
    /// The server's public address, over which signatures are made, where it is not the one called (a proxy in between).
    pub public_url: Option<PublicUrl>,
    /// Announce the call at the server's webhooks first, take the stream's parameters from the answer, and report the end: what Twilio
    /// does around the stream.
    pub announcement: Option<Announcement>,
    /// Decides which frames are lost: two calls with the same seed lose the same ones. Not zero.
    pub seed: u64,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything was played and the stop was sent.
    Stopped,
    /// Everything was played and the connection dropped without a stop.
    Dropped,
}

/// What a call was like from the caller's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The call's CallSid.
    pub call_sid: String,
    /// Media messages sent, both tracks.
    pub frames_sent: u64,
    /// Frames that were lost on purpose.
    pub frames_lost: u64,
    /// Bytes of messages sent.
    pub bytes_sent: u64,
    /// From the first frame to the last.
    pub duration: Duration,
    /// From the request to the upgrade.
    pub connect: Duration,
    /// How late frames went out.
    pub lateness: Lateness,
    /// How it ended.
    pub ended: Ended,
}

impl Call {
    /// A call with random ids, at real time, that plays everything and stops.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(to: impl Into<String>, audio: Arc<CallAudio>) -> Result<Call, DialError> {
        let mut random = [0; 40];
        getrandom::fill(&mut random).map_err(DialError::Random)?;
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        Ok(Call {
            to: to.into(),
            audio,
            speed: 1.0,
            call_sid: format!("CA{}", hex(&random[..16])),
            stream_sid: format!("MZ{}", hex(&random[16..32])),
            account_sid: "AC00000000000000000000000000000000".into(),
            parameters: Vec::new(),
            dtmf: Vec::new(),
            first_timestamp_ms: 102,
            length_ms: None,
            send_stop: true,
            loss: 0.0,
            auth_token: None,
            public_url: None,
            announcement: None,
            seed: random[32..]
                .iter()
                .fold(1, |seed, &byte| seed << 8 | u64::from(byte))
                | 1,
        })
    }

    /// Places the call and speaks until the end.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the stream, or closes it early.
    pub async fn place(mut self) -> Result<Report, DialError> {
        if let Some(announcement) = &self.announcement {
            let mut given = within(&self, announcement.voice(&self)).await?;
            // What the caller of this function set stands: a forged token must be able to reach the server.
            given.retain(|(name, _)| self.parameters.iter().all(|(own, _)| own != name));
            self.parameters.splice(0..0, given);
        }
        let asked = Instant::now();
        let mut socket = within(&self, self.connect()).await?;
        let connect = asked.elapsed();
        let ids = Ids {
            account: self.account_sid.clone(),
            call: self.call_sid.clone(),
            stream: self.stream_sid.clone(),
        };
        let mut report = Report {
            call_sid: self.call_sid.clone(),
            frames_sent: 0,
            frames_lost: 0,
            bytes_sent: 0,
            duration: Duration::ZERO,
            connect,
            lateness: Lateness::default(),
            ended: if self.send_stop {
                Ended::Stopped
            } else {
                Ended::Dropped
            },
        };
        let spoken = self.speak(&mut socket, &ids, &mut report).await;
        if let Some(announcement) = &self.announcement {
            // The provider reports the end of the call whatever became of the stream.
            let reported = within(&self, announcement.completed(&self, asked.elapsed())).await;
            if spoken.is_ok() {
                reported?;
            }
        }
        match spoken {
            Ok(()) => Ok(report),
            Err(reason) => Err(DialError::Closed {
                frames: report.frames_sent,
                reason,
            }),
        }
    }

    async fn connect(&self) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, DialError> {
        let address = |problem: &str| DialError::Address {
            url: self.to.clone(),
            problem: problem.to_owned(),
        };
        let uri: Uri = self
            .to
            .parse()
            .map_err(|_| address("is not an address; write ws://HOST:PORT/twilio/media"))?;
        match uri.scheme_str() {
            Some("ws") => {}
            Some("wss") => {
                return Err(address(
                    "TLS is not spoken here; call the server behind the proxy with ws://",
                ));
            }
            _ => return Err(address("must begin with ws://")),
        }
        let mut request = uri
            .into_client_request()
            .map_err(|_| address("has no host"))?;
        if let Some(token) = &self.auth_token {
            let path = uri_path(&self.to);
            let signed = self
                .public_url
                .as_ref()
                .map_or_else(|| self.to.clone(), |public| public.ws(path));
            let signed = signature::sign(token, &signed, &[]);
            if let Ok(value) = HeaderValue::from_str(&signed) {
                request.headers_mut().insert(signature::HEADER, value);
            }
        }
        // No write buffer: each frame leaves in a write of its own, as it does at the provider. Hardly anything is read.
        let config = WebSocketConfig::default()
            .write_buffer_size(0)
            .read_buffer_size(4_096);
        match tokio_tungstenite::connect_async_with_config(request, Some(config), true).await {
            Ok((socket, _)) => Ok(socket),
            Err(WsError::Io(source)) => Err(DialError::Connect {
                url: self.to.clone(),
                source,
            }),
            Err(WsError::Http(response)) => {
                let body = response
                    .body()
                    .as_deref()
                    .map(String::from_utf8_lossy)
                    .unwrap_or_default();
                let body = body
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(200)
                    .collect();
                Err(DialError::Refused {
                    url: self.to.clone(),
                    status: response.status().as_u16(),
                    body,
                })
            }
            Err(error) => Err(DialError::Address {
                url: self.to.clone(),
                problem: error.to_string(),
            }),
        }
    }

    async fn speak(
        &self,
        socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>,
        ids: &Ids,
        report: &mut Report,
    ) -> Result<(), String> {
        let tracks = self.audio.tracks();
        send(socket, wire::CONNECTED.to_owned(), report).await?;
        send(socket, wire::start(ids, tracks, &self.parameters), report).await?;
        let frames = self
            .length_ms
            .unwrap_or(self.audio.duration_ms())
            .div_ceil(20);
        let (mut sequence, mut chunk, mut luck) = (1, 0, self.seed);
        let mut keys: Vec<_> = self.dtmf.clone();
        keys.sort_by_key(|&(ms, _)| std::cmp::Reverse(ms));
        let begun = Instant::now();
        for frame in 0..frames {
            let at_ms = frame * 20;
            if self.speed > 0.0 {
                let deadline = begun + Duration::from_secs_f64(at_ms as f64 / 1_000.0 / self.speed);
                wait(socket, deadline).await?;
                for _ in tracks {
                    report.lateness.record(deadline.elapsed());
                }
            }
            while let Some((_, digit)) = keys.pop_if(|&mut (ms, _)| ms <= at_ms) {
                sequence += 1;
                send(socket, wire::dtmf(ids, sequence, digit), report).await?;
            }
            for &track in tracks {
                // The provider numbers what it sends: a frame lost before that leaves a jump in time, not in the numbers.
                luck = next_random(luck);
                if ((luck >> 11) as f64 / (1u64 << 53) as f64) < self.loss {
                    report.frames_lost += 1;
                    continue;
                }
                let Some(payload) = self
                    .audio
                    .payload(track, usize::try_from(frame).unwrap_or(0))
                else {
                    continue;
                };
                (sequence, chunk) = (sequence + 1, chunk + 1);
                let text = wire::media(
                    ids,
                    sequence,
                    track,
                    chunk,
                    self.first_timestamp_ms + at_ms,
                    payload,
                );
                send(socket, text, report).await?;
                report.frames_sent += 1;
            }
        }
        if self.speed > 0.0 {
            // The last frame lasts, too.
            wait(
                socket,
                begun + Duration::from_secs_f64(frames as f64 * 0.02 / self.speed),
            )
            .await?;
        }
        report.duration = begun.elapsed();
        if self.send_stop {
            send(socket, wire::stop(ids, sequence + 1), report).await?;
            // The provider closes after its stop and does not insist on an answer.
            let _ = timeout(PATIENCE, async {
                let _ = socket.close(None).await;
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_close() {
                        break;
                    }
                }
            })
            .await;
        }
        Ok(())
    }
}

/// Gives the server [`PATIENCE`] for an answer.
async fn within<T>(
    call: &Call,
    answer: impl Future<Output = Result<T, DialError>>,
) -> Result<T, DialError> {
    match timeout(PATIENCE, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(DialError::Connect {
            url: call.to.clone(),
            source: std::io::ErrorKind::TimedOut.into(),
        }),
    }
}

/// The path of a `ws://host/path` address.
fn uri_path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

async fn send(
    socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>,
    text: String,
    report: &mut Report,
) -> Result<(), String> {
    let bytes = text.len() as u64;
    if let Err(error) = socket.send(Message::text(text)).await {
        // A write fails because the other side has gone; what it said before that is the better reason.
        return Err(
            match timeout(Duration::from_secs(1), goodbye(socket)).await {
                Ok(Some(reason)) => reason,
                _ => error.to_string(),
            },
        );
    }
    report.bytes_sent += bytes;
    Ok(())
}

/// Reads on to the close frame, if one has come.
async fn goodbye(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Option<String> {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            return Some(close_reason(frame));
        }
    }
    None
}

/// Waits for a deadline; answers pings and notices a close in the meantime.
async fn wait(
    socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>,
    deadline: Instant,
) -> Result<(), String> {
    loop {
        tokio::select! {
            biased;
            message = socket.next() => match message {
                Some(Ok(Message::Close(frame))) => return Err(close_reason(frame)),
                // The provider expects nothing on such a stream and complains once; what is said here is passed over.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.to_string()),
                None => return Err("the connection ended".into()),
            },
            () = sleep_until(deadline) => return Ok(()),
        }
    }
}

fn close_reason(frame: Option<tungstenite::protocol::CloseFrame>) -> String {
    match frame {
        Some(frame) if frame.reason.is_empty() => format!("code {}", u16::from(frame.code)),
        Some(frame) => format!("code {}, {}", u16::from(frame.code), frame.reason),
        None => "no reason given".into(),
    }
}

/// xorshift64 (Marsaglia 2003): which frames are lost needs no better one.
fn next_random(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
