//! The listener thread: drains every track's ring each 20 ms, drives the [`Recogniser`] with the real clock, and sends the events.
//!
//! It is the only thread that touches the recogniser's state; workers and callers talk to it through one channel.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::load::Admission;
use super::model::watch::Watch;
use super::pool::{Pool, Report, Work};
use super::recogniser::Recogniser;
use super::schedule::TrackId;
use super::{Expectation, Load, SpeechEvent};
use crate::audio::AudioFrame;
use crate::media::Track;

const TICK: Duration = Duration::from_millis(20);
/// At shutdown, what was spoken is still decoded for this long.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// How often the model's file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What the listener is told.
pub(super) enum Message {
    Listen(Feed),
    Worker(Report),
    Shutdown,
}

/// One track's ring and where its events go.
pub(super) struct Feed {
    pub track: Track,
    pub reader: rtrb::Consumer<AudioFrame>,
    pub events: UnboundedSender<SpeechEvent>,
    pub expectation: Arc<AtomicU8>,
}

/// What the service reads without asking the listener.
pub(super) struct Board {
    /// The zero of every µs time.
    pub began: Instant,
    pub admission: Mutex<Admission>,
    pub load: Mutex<Load>,
}

impl Board {
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

pub(super) struct Listener {
    pub recogniser: Recogniser,
    pub pool: Pool,
    pub messages: Receiver<Message>,
    pub board: Arc<Board>,
    feeds: HashMap<TrackId, Feed>,
    next_id: TrackId,
    watch: Option<Watch>,
    look_at: Instant,
}

impl Listener {
    pub fn new(
        recogniser: Recogniser,
        pool: Pool,
        messages: Receiver<Message>,
        board: Arc<Board>,
        watch: Option<Watch>,
    ) -> Self {
        Self {
            watch,
            look_at: Instant::now() + LOOK_EVERY,
            recogniser,
            pool,
            messages,
            board,
            feeds: HashMap::new(),
            next_id: 0,
        }
    }

    /// Runs until [`Message::Shutdown`], then decodes what was spoken, for a limited time.
    pub fn run(mut self) {
        let mut next_tick = Instant::now();
        let mut flush_until: Option<Instant> = None;
        loop {
            let wait = next_tick.saturating_duration_since(Instant::now());
            let mut message = self.messages.recv_timeout(wait);
            loop {
                match message {
                    Ok(Message::Listen(feed)) => self.listen(feed),
                    Ok(Message::Worker(report)) => self.report(report),
                    Ok(Message::Shutdown) | Err(RecvTimeoutError::Disconnected) => {
                        flush_until.get_or_insert_with(|| Instant::now() + FLUSH_WITHIN);
                        self.end_all();
                        break;
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                }
                message = self
                    .messages
                    .try_recv()
                    .map_err(|_| RecvTimeoutError::Timeout);
            }
            if Instant::now() >= next_tick {
                self.tick();
                // After a long stop the missed ticks are not made up: a tick drains everything anyway.
                next_tick = (next_tick + TICK).max(Instant::now());
            }
            self.pass_on();
            self.look_at_the_model();
            if flush_until.is_some_and(|until| self.feeds.is_empty() || Instant::now() >= until) {
                return;
            }
        }
    }

    fn listen(&mut self, feed: Feed) {
        let id = self.next_id;
        self.next_id += 1;
        self.recogniser.add(id, feed.track, self.board.now_us());
        // Tracks that tell the same channel are of one call.
        let partner = self.feeds.iter().find(|(_, other)| {
            other.track != feed.track && other.events.same_channel(&feed.events)
        });
        if let Some((partner, _)) = partner {
            self.recogniser.pair(id, *partner);
        }
        self.feeds.insert(id, feed);
        lock(&self.board.admission).began();
    }

    fn report(&mut self, report: Report) {
        let now_us = self.board.now_us();
        match report {
            Report::Finished {
                worker,
                outcome,
                took,
            } => {
                let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                self.recogniser.finished(worker, outcome, took_us, now_us);
            }
            Report::Down { worker } => self.recogniser.worker_down(worker, now_us),
            Report::Up { worker } => self.recogniser.worker_up(worker),
        }
    }

    fn tick(&mut self) {
        let now_us = self.board.now_us();
        for (id, feed) in &mut self.feeds {
            self.recogniser.expect(
                *id,
                Expectation::from_code(feed.expectation.load(Ordering::Relaxed)),
            );
            // Asked before draining: what was pushed before the producer went away is then still drained.
            let ended = feed.reader.is_abandoned();
            while let Ok(frame) = feed.reader.pop() {
                self.recogniser.frame(*id, &frame, now_us);
            }
            if ended {
                self.recogniser.end(*id, now_us);
            }
        }
        let seen = self.recogniser.tick(now_us);
        lock(&self.board.admission).observe(seen);
        *lock(&self.board.load) = self.recogniser.load();
    }

    /// Jobs to idle workers, events to their calls.
    fn pass_on(&mut self) {
        while let Some(assignment) = self.recogniser.assign(self.board.now_us()) {
            self.pool.give(
                assignment.worker,
                Work {
                    audio: assignment.audio,
                    stop: assignment.stop,
                },
            );
        }
        while let Some((id, event)) = self.recogniser.poll_event() {
            let Some(feed) = self.feeds.get(&id) else {
                continue;
            };
            let done = matches!(event, SpeechEvent::Done(_));
            let gone = feed.events.send(event).is_err();
            if done || gone {
                self.feeds.remove(&id);
                self.recogniser.remove(id);
            }
        }
    }

    fn look_at_the_model(&mut self) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        if let Some(path) = self.watch.as_mut().and_then(Watch::changed) {
            tracing::warn!(model = %path.display(), "the speech model has changed on disk; this server goes on with the one it loaded, a restart takes the new one");
        }
    }

    fn end_all(&mut self) {
        self.tick();
        let now_us = self.board.now_us();
        for id in self.feeds.keys() {
            self.recogniser.end(*id, now_us);
        }
    }
}

/// A poisoned lock means that its holder panicked between two plain assignments: the value is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
