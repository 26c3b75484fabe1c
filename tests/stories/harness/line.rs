//! A stream on the media socket, spoken message by message, well or badly.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Desk, soon};

static CALLS: AtomicU64 = AtomicU64::new(1);

/// A CallSid that no other call of this run has.
pub fn call_sid() -> String {
    format!(
        "CA{:016x}{:016x}",
        std::process::id(),
        CALLS.fetch_add(1, Ordering::Relaxed)
    )
}

/// The mu-law byte at a position of a track, different enough everywhere that a shift by one sample shows.
pub fn sound(track: usize, sample: usize) -> u8 {
    ((sample * 37 + sample / 160 * 11 + track * 101) % 251) as u8
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A stream on the media socket, message by message.
pub struct Line {
    pub call: String,
    pub stream: String,
    socket: Socket,
    sequence: u64,
    /// Frames spoken so far on each track.
    pub frames: usize,
}

impl Line {
    /// Connects; nothing is said yet.
    pub async fn connect(desk: &Desk, call: &str) -> Line {
        Line::try_connect(desk, call, None).await.unwrap()
    }

    pub async fn try_connect(
        desk: &Desk,
        call: &str,
        signature: Option<&str>,
    ) -> Result<Line, WsError> {
        let mut request = desk.media().into_client_request()?;
        if let Some(signature) = signature {
            let value = HeaderValue::from_str(signature).unwrap();
            request.headers_mut().insert("x-twilio-signature", value);
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Line {
            call: call.to_owned(),
            stream: call_sid().replacen("CA", "MZ", 1),
            socket,
            sequence: 0,
            frames: 0,
        })
    }

    /// Connects and starts the stream of a call.
    pub async fn open(desk: &Desk, call: &str) -> Line {
        let mut line = Line::connect(desk, call).await;
        line.start(&[]).await;
        line
    }

    /// Says anything, as text.
    pub async fn say(&mut self, text: impl Into<String>) {
        // A peer that has closed does not hear it; what became of that is asked elsewhere.
        let _ = self.socket.send(Message::text(text.into())).await;
    }

    pub async fn send(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    pub async fn start(&mut self, parameters: &[(&str, &str)]) {
        self.start_with("audio/x-mulaw", 8000, parameters).await;
    }

    pub async fn start_with(&mut self, encoding: &str, rate_hz: u32, parameters: &[(&str, &str)]) {
        self.sequence += 1;
        let parameters: serde_json::Map<String, Value> = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let start = json!({
            "event": "start", "sequenceNumber": self.sequence.to_string(), "streamSid": self.stream,
            "start": {
                "accountSid": "AC00000000000000000000000000000000", "streamSid": self.stream, "callSid": self.call,
                "tracks": ["inbound", "outbound"],
                "mediaFormat": { "encoding": encoding, "sampleRate": rate_hz, "channels": 1 },
                "customParameters": parameters,
            },
        });
        self.say(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#)
            .await;
        self.say(start.to_string()).await;
    }

    /// One media message with these values, whatever they are.
    pub async fn media(&mut self, track: &str, timestamp_ms: i64, payload: &[u8]) {
        self.sequence += 1;
        let message = json!({
            "event": "media", "sequenceNumber": self.sequence.to_string(), "streamSid": self.stream,
            "media": { "track": track, "chunk": "1", "timestamp": timestamp_ms.to_string(), "payload": STANDARD.encode(payload) },
        });
        self.say(message.to_string()).await;
    }

    /// The next frames of both tracks, as fast as they are taken.
    pub async fn speak(&mut self, frames: usize) {
        for _ in 0..frames {
            let at = self.frames * 160;
            for (track, name) in ["inbound", "outbound"].into_iter().enumerate() {
                let payload: Vec<u8> = (at..at + 160).map(|sample| sound(track, sample)).collect();
                self.media(name, 100 + self.frames as i64 * 20, &payload)
                    .await;
            }
            self.frames += 1;
        }
    }

    /// The next frames of both tracks at the pace of a telephone.
    pub async fn speak_in_time(&mut self, frames: usize) {
        let begun = tokio::time::Instant::now();
        for frame in 0..frames {
            tokio::time::sleep_until(begun + Duration::from_millis(20) * frame as u32).await;
            self.speak(1).await;
        }
        tokio::time::sleep_until(begun + Duration::from_millis(20) * frames as u32).await;
    }

    pub async fn key(&mut self, digit: char) {
        self.sequence += 1;
        let message = json!({
            "event": "dtmf", "streamSid": self.stream, "sequenceNumber": self.sequence.to_string(),
            "dtmf": { "track": "inbound_track", "digit": digit.to_string() },
        });
        self.say(message.to_string()).await;
    }

    /// Stops the stream, as at the end of a call.
    pub async fn stop(mut self) {
        self.sequence += 1;
        let message = json!({
            "event": "stop", "sequenceNumber": self.sequence.to_string(), "streamSid": self.stream,
            "stop": { "accountSid": "AC00000000000000000000000000000000", "callSid": self.call },
        });
        self.say(message.to_string()).await;
        self.closed().await;
    }

    /// Waits for the engine to close; its code and reason, if it gave any.
    pub async fn closed(&mut self) -> Option<(u16, String)> {
        soon("the engine to close the stream", async {
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|f| (f.code.into(), f.reason.as_str().to_owned()));
                }
            }
            None
        })
        .await
    }
}
