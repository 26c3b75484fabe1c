//! One media socket: messages in, frames to the journal and the recogniser, everything else to the call.
//!
//! The reader waits for nobody but the journal's acknowledgement of control events: a reader that stalls makes the provider throw audio away.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tracing::{Instrument, debug, error, info, info_span, warn};

use crate::audio::level::Level;
use crate::audio::{FramePath, mulaw};
use crate::call::{Event, Observation, ProviderEvent, Source, StreamEnd, TrackAudio, ms_between};
use crate::media::{Dialect, MAX_PAYLOAD_BYTES, MediaChunk, MediaEvent, StreamStart};
use crate::server::Socket;
use crate::server::edge::{Edge, JoinError, Place};
use crate::server::mailbox::{Joined, Mailbox, StreamOrder};
use crate::server::vitals::Transit;
use crate::store::journal::Media;

/// A peer that connected must say `start` within this time.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// No message at all for this long: the peer is gone, whatever TCP thinks.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a peer may take to answer our close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Between our own pings, which find half-open sockets.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Runs a socket until it closes.
pub async fn run(edge: Arc<Edge>, dialect: Dialect, mut socket: Socket, place: Option<Place>) {
    metrics::gauge!("offhook_streams_open").increment(1.0);
    let refusal = match wait_for_start(dialect, &mut socket).await {
        Ok((start, text)) => {
            let span = info_span!("stream", provider_call = %start.call);
            match begin(&edge, dialect, start, text, place)
                .instrument(span.clone())
                .await
            {
                Ok((joined, mailbox, orders)) => {
                    let session = Session::new(Arc::clone(&edge), dialect, joined, mailbox);
                    session.run(&mut socket, orders).instrument(span).await;
                    None
                }
                Err(reason) => Some(Goodbye {
                    code: CloseCode::Policy,
                    reason,
                }),
            }
        }
        Err(refusal) => refusal,
    };
    if let Some(goodbye) = refusal {
        warn!(reason = %goodbye.reason, "media stream refused");
        close(&mut socket, goodbye).await;
    }
    metrics::gauge!("offhook_streams_open").decrement(1.0);
}

/// Why we close, as the peer is told.
struct Goodbye {
    code: CloseCode,
    reason: String,
}

/// Reads up to the `start` message. `Err(None)` when the peer closed by itself.
async fn wait_for_start(
    dialect: Dialect,
    socket: &mut Socket,
) -> Result<(StreamStart, String), Option<Goodbye>> {
    let deadline = tokio::time::sleep(START_TIMEOUT);
    tokio::pin!(deadline);
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            () = &mut deadline => {
                reject("no_start");
                let reason = format!("no start message within {} s", START_TIMEOUT.as_secs());
                return Err(Some(Goodbye { code: CloseCode::Policy, reason }));
            }
        };
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(_))) | None => return Err(None),
            Some(Ok(Message::Binary(_))) => {
                reject("binary");
                continue;
            }
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(Some(broken(&error))),
        };
        match dialect.parse(&text) {
            Ok(MediaEvent::Start(start)) => {
                let start = *start;
                return Ok((start, text.as_str().to_owned()));
            }
            Ok(MediaEvent::Connected) => {}
            Ok(MediaEvent::Unknown { .. }) => {
                metrics::counter!("offhook_messages_unknown_total").increment(1)
            }
            Ok(other) => {
                reject("before_start");
                debug!(event = other.name(), "message before start");
            }
            Err(error) => {
                reject(error.reason());
                debug!(%error, "unreadable message before start");
            }
        }
    }
}

/// Joins the stream to its call.
async fn begin(
    edge: &Arc<Edge>,
    dialect: Dialect,
    start: StreamStart,
    text: String,
    place: Option<Place>,
) -> Result<(Joined, Mailbox, mpsc::UnboundedReceiver<StreamOrder>), String> {
    start.check_format().map_err(|error| {
        metrics::counter!("offhook_calls_refused_total", "reason" => "format").increment(1);
        error.to_string()
    })?;
    let (sender, orders) = mpsc::unbounded_channel();
    let (joined, mailbox) = edge
        .join(dialect, &start, text, sender, place)
        .await
        .map_err(|error: JoinError| {
            metrics::counter!("offhook_calls_refused_total", "reason" => error.reason())
                .increment(1);
            error.to_string()
        })?;
    info!(call = %joined.call, stream = joined.stream, "stream joined");
    Ok((joined, mailbox, orders))
}

/// What a message means for the session.
enum Step {
    Go,
    End(StreamEnd),
}

struct Session {
    edge: Arc<Edge>,
    dialect: Dialect,
    mailbox: Mailbox,
    joined: Joined,
    /// Made at the first media sample, when the stream's place on the call's clock is known.
    path: Option<FramePath>,
    began: Instant,
    transit: Transit,
}

/// What the journal keeps in place of sound that is not to be recorded.
const UNRECORDED: [u8; MAX_PAYLOAD_BYTES] = [mulaw::SILENCE; MAX_PAYLOAD_BYTES];

impl Session {
    fn new(edge: Arc<Edge>, dialect: Dialect, joined: Joined, mailbox: Mailbox) -> Self {
        Session {
            edge,
            dialect,
            mailbox,
            joined,
            path: None,
            began: Instant::now(),
            transit: Transit::default(),
        }
    }

    async fn run(mut self, socket: &mut Socket, mut orders: mpsc::UnboundedReceiver<StreamOrder>) {
        let mut ping =
            tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
        let mut heard_at = Instant::now();
        let mut goodbye = None;
        let end = loop {
            tokio::select! {
                biased;
                message = socket.next() => {
                    let received = Instant::now();
                    heard_at = received;
                    match message {
                        Some(Ok(Message::Text(text))) => match self.on_message(&text, received).await {
                            Step::Go => {}
                            Step::End(end) => break end,
                        },
                        Some(Ok(Message::Binary(_))) => reject("binary"),
                        Some(Ok(Message::Close(_))) | None => break StreamEnd::Dropped,
                        Some(Ok(_)) => {}
                        Some(Err(error)) => {
                            let broke = broken(&error);
                            warn!(reason = %broke.reason, "media socket broke");
                            goodbye = Some(broke);
                            break StreamEnd::Dropped;
                        }
                    }
                }
                order = orders.recv() => break match order {
                    Some(StreamOrder::Replaced) => StreamEnd::Replaced,
                    Some(StreamOrder::Close) | None => StreamEnd::Drained,
                },
                _ = ping.tick() => {
                    if heard_at.elapsed() > SILENCE_TIMEOUT {
                        break StreamEnd::Silent;
                    }
                    if socket.send(Message::Ping(Default::default())).await.is_err() {
                        break StreamEnd::Dropped;
                    }
                }
            }
        };
        self.finish(end).await;
        let why = match end {
            StreamEnd::Replaced => "a newer stream of this call took over",
            StreamEnd::Silent => "no message for too long",
            StreamEnd::Stop | StreamEnd::Dropped | StreamEnd::Drained => "",
        };
        close(
            socket,
            goodbye.unwrap_or_else(|| Goodbye {
                code: CloseCode::Normal,
                reason: why.to_owned(),
            }),
        )
        .await;
    }

    async fn on_message(&mut self, text: &str, received: Instant) -> Step {
        match self.dialect.parse(text) {
            Ok(MediaEvent::Media(chunk)) => {
                self.on_media(&chunk, received).await;
                Step::Go
            }
            Ok(MediaEvent::Stop { .. }) => {
                self.control(text).await;
                Step::End(StreamEnd::Stop)
            }
            Ok(MediaEvent::Dtmf { .. } | MediaEvent::Mark { .. }) => {
                self.control(text).await;
                Step::Go
            }
            Ok(MediaEvent::Connected) => Step::Go,
            Ok(MediaEvent::Start(_)) => {
                // One socket is one stream: a second start is a peer's mistake, and the running stream must not suffer from it.
                reject("second_start");
                warn!("a second start on one socket is ignored");
                Step::Go
            }
            Ok(MediaEvent::Unknown { .. }) => {
                metrics::counter!("offhook_messages_unknown_total").increment(1);
                self.control(text).await;
                Step::Go
            }
            Err(error) => {
                reject(error.reason());
                debug!(%error, "unreadable message");
                Step::Go
            }
        }
    }

    /// A control message goes to disk before it is acted on.
    async fn control(&mut self, text: &str) {
        let event = ProviderEvent {
            source: Source::Media,
            stream: Some(self.joined.stream),
            text: text.to_owned(),
        };
        if let Err(reason) = self.mailbox.durable(Event::Provider(event)).await {
            warn!(%reason, "a control message was not taken");
        }
    }

    async fn on_media(&mut self, chunk: &MediaChunk<'_>, received: Instant) {
        if self.path.is_none() {
            self.place(chunk.timestamp_ms).await;
        }
        let Some(path) = self.path.as_mut() else {
            return;
        };
        let meters = &self.edge.meters;
        let now_us = self.edge.clock.now_us();
        let journal = &mut self.joined.journal;
        let stream = self.joined.stream;
        let recorded = self.joined.recorded.load(Ordering::Relaxed);
        let mut level = Level::default();
        let accepted = path.accept(chunk, |payload| {
            level = Level::of(payload);
            let kept = if recorded {
                payload
            } else {
                UNRECORDED.get(..payload.len()).unwrap_or(&UNRECORDED)
            };
            let media = Media {
                stream,
                track: chunk.track.index() as u8,
                sequence: chunk.sequence.unwrap_or(0),
                timestamp_ms: chunk.timestamp_ms,
                payload: kept,
            };
            // A frame that finds no room is counted by the journal; the call goes on.
            let _ = journal.push(now_us, media);
            meters
                .frame_to_journal
                .record(received.elapsed().as_secs_f64());
        });
        match accepted {
            Ok(accepted) => {
                let took = received.elapsed().as_secs_f64();
                meters.frame_to_ring.record(took);
                let vitals = &self.joined.vitals;
                vitals.decode.record(took);
                if accepted.placed.placement.is_live() {
                    let arrival = received.saturating_duration_since(self.began);
                    let arrival_us = i64::try_from(arrival.as_micros()).unwrap_or(i64::MAX);
                    let late_us = self.transit.late_us(arrival_us, chunk.timestamp_ms);
                    vitals.network.record(late_us as f64 / 1e6);
                }
                vitals.frame(chunk.track, &path.report(chunk.track), level);
                meters.frames[chunk.track.index()].increment(1);
                if let Some(gap) = accepted.placed.gap {
                    let (start_ms, end_ms) = (gap.start_ms(), gap.end_ms());
                    metrics::counter!("offhook_gaps_total").increment(1);
                    metrics::counter!("offhook_gap_ms_total").increment(end_ms - start_ms);
                    let seen = Observation::Gap {
                        track: chunk.track,
                        start_ms,
                        end_ms,
                    };
                    // The call ends only by its own mailbox: if it is gone, so is the need to tell it.
                    let _ = self.mailbox.send(Event::Observed(seen)).await;
                }
            }
            Err(error) => {
                metrics::counter!("offhook_frames_rejected_total", "reason" => error.reason())
                    .increment(1);
                debug!(%error, "media message without usable audio");
            }
        }
    }

    /// The stream's first sample: puts the stream on the call's clock.
    async fn place(&mut self, timestamp_ms: i64) {
        let now_us = self.edge.clock.now_us();
        let origin = &self.joined.origin_us;
        let first_us = match origin.compare_exchange(0, now_us, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => now_us,
            Err(earlier) => earlier,
        };
        let offset_ms = ms_between(first_us, now_us);
        let seen = Observation::StreamOrigin {
            stream: self.joined.stream,
            timestamp_ms,
            offset_ms,
        };
        let _ = self.mailbox.send(Event::Observed(seen)).await;
        let [inbound, outbound] = &mut self.joined.speech;
        match FramePath::new(offset_ms, [inbound.take(), outbound.take()]) {
            Ok(path) => self.path = Some(path),
            // Without a resampler nobody can listen; the audio is kept all the same.
            Err(error) => {
                error!(%error, "no resampler: the stream is kept but not heard");
                self.path = FramePath::new(offset_ms, [None, None]).ok();
            }
        }
    }

    async fn finish(&mut self, reason: StreamEnd) {
        let mut audio = [TrackAudio::default(); 2];
        if let Some(path) = self.path.take() {
            audio = path.finish().map(|report| TrackAudio::from(&report));
            let dropped = audio.iter().map(|a| a.dropped).sum();
            metrics::counter!("offhook_speech_ring_dropped_total").increment(dropped);
        }
        // Nobody can speak on a stream that is over, even if no frame ever came.
        self.joined.speech = [None, None];
        let seen = Observation::StreamClosed {
            stream: self.joined.stream,
            reason,
            audio,
        };
        if self.mailbox.durable(Event::Observed(seen)).await.is_err() {
            debug!("the call had ended before its stream closed");
        }
        info!(?reason, "stream closed");
    }
}

fn reject(reason: &'static str) {
    metrics::counter!("offhook_messages_rejected_total", "reason" => reason).increment(1);
}

/// What went wrong with a socket, counted, and told without anything the peer sent.
fn broken(error: &WsError) -> Goodbye {
    let (code, metric, reason) = match error {
        WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            let reason = format!(
                "a message of {size} bytes is larger than the limit of {max_size} bytes (media.max_message_bytes)"
            );
            (CloseCode::Size, "too_large", reason)
        }
        WsError::Capacity(_) => (
            CloseCode::Size,
            "too_large",
            "a message is larger than the limit".to_owned(),
        ),
        WsError::Utf8(_) => (
            CloseCode::Invalid,
            "not_utf8",
            "text that is not UTF-8".to_owned(),
        ),
        WsError::Protocol(error) => (
            CloseCode::Protocol,
            "protocol",
            format!("protocol error: {error}"),
        ),
        WsError::Io(error) => {
            return Goodbye {
                code: CloseCode::Error,
                reason: format!("connection: {error}"),
            };
        }
        _ => {
            return Goodbye {
                code: CloseCode::Error,
                reason: "connection closed".to_owned(),
            };
        }
    };
    reject(metric);
    Goodbye { code, reason }
}

/// Tells the peer why, then takes in what it still sends: a connection that is closed over unread bytes is reset, and the reason with it.
async fn close(socket: &mut Socket, goodbye: Goodbye) {
    // A close reason holds at most 123 bytes.
    let reason: String = goodbye
        .reason
        .chars()
        .filter(char::is_ascii)
        .take(120)
        .collect();
    let frame = CloseFrame {
        code: goodbye.code,
        reason: reason.into(),
    };
    // The peer may be gone already, or never answer: then there is nobody to tell.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, async {
        if socket.close(Some(frame)).await.is_err() {
            return;
        }
        loop {
            match socket.next().await {
                Some(Ok(_)) => {}
                // In the middle of a message that was too large there is no next one to read: only bytes.
                Some(Err(WsError::Capacity(_) | WsError::Protocol(_) | WsError::Utf8(_))) => break,
                Some(Err(_)) | None => return,
            }
        }
        let mut bytes = [0; 4096];
        while matches!(socket.get_mut().read(&mut bytes).await, Ok(1..)) {}
    })
    .await;
}
