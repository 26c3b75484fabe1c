//! The one way to a call's task: what may be sent into it, what comes back, and why something is not taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use tokio::sync::{mpsc, oneshot};

use crate::audio::ring;
use crate::call::{CallId, Event, NeedsNote, PersonAct};
use crate::fields::PersonError;
use crate::server::vitals::StreamVitals;
use crate::speech::SpeechEvent;
use crate::store::journal::{JournalError, MediaWriter};

/// Mail a call can have waiting. A peer that sends more control messages than the call can journal waits with its own socket alone.
const MAILBOX: usize = 256;

/// Where events of a call are sent.
#[derive(Clone)]
pub struct Mailbox(mpsc::Sender<Mail>);

/// What a socket session gets when its stream has joined a call.
pub struct Joined {
    /// The call.
    pub call: CallId,
    /// The stream's number in the call.
    pub stream: u8,
    /// Takes the stream's frames to the journal.
    pub journal: MediaWriter,
    /// Unix microseconds of the call's first media sample, 0 before it: shared by all streams of the call.
    pub origin_us: Arc<AtomicI64>,
    /// Takes each track's samples to the recogniser; `None` where nobody listens.
    pub speech: [Option<ring::Writer>; 2],
    /// Whether what comes now is to be recorded.
    pub recorded: Arc<AtomicBool>,
    /// Takes what the stream looks like.
    pub vitals: Arc<StreamVitals>,
}

/// What the call tells a socket session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamOrder {
    /// Close: the call is over.
    Close,
    /// Close: a newer stream of the call took over.
    Replaced,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The call has ended meanwhile.
    #[error("the call has ended")]
    Ended,
    /// The journal cannot take it.
    #[error("the journal cannot take it: {0}")]
    Journal(#[from] JournalError),
    /// The act does not fit the call's state.
    #[error(transparent)]
    Act(#[from] PersonError),
    /// The caller has not agreed to it.
    #[error(transparent)]
    NeedsNote(#[from] NeedsNote),
}

/// What a call's task takes.
pub(super) enum Mail {
    /// A stream starts: its `start` message, and the way back to its session.
    Join {
        text: String,
        orders: mpsc::UnboundedSender<StreamOrder>,
        reply: oneshot::Sender<Result<Joined, Refused>>,
    },
    /// To be on disk before it counts.
    Durable {
        event: Event,
        reply: oneshot::Sender<Result<(), Refused>>,
    },
    /// To be on disk soon.
    Event(Event),
    /// A person's act, checked before it is journalled.
    Person {
        act: PersonAct,
        reply: oneshot::Sender<Result<bool, Refused>>,
    },
    /// Something was heard on a stream.
    Heard { stream: u8, event: SpeechEvent },
    /// The engine shuts down.
    Drain,
}

impl Mailbox {
    /// A mailbox, and its other end.
    pub(super) fn new() -> (Mailbox, mpsc::Receiver<Mail>) {
        let (sender, mail) = mpsc::channel(MAILBOX);
        (Mailbox(sender), mail)
    }

    /// The way into it for the call itself, which does not keep it open.
    pub(super) fn downgrade(&self) -> mpsc::WeakSender<Mail> {
        self.0.downgrade()
    }

    /// Joins a stream to the call.
    ///
    /// # Errors
    /// When the call has ended or the journal cannot take the stream.
    pub async fn join(
        &self,
        text: String,
        orders: mpsc::UnboundedSender<StreamOrder>,
    ) -> Result<Joined, Refused> {
        let (reply, answer) = oneshot::channel();
        self.0
            .send(Mail::Join {
                text,
                orders,
                reply,
            })
            .await
            .map_err(|_| Refused::Ended)?;
        answer.await.map_err(|_| Refused::Ended)?
    }

    /// Hands over an event and waits until it is on disk and has been acted on.
    ///
    /// # Errors
    /// When the call has ended or the journal cannot take it.
    pub async fn durable(&self, event: Event) -> Result<(), Refused> {
        let (reply, answer) = oneshot::channel();
        self.0
            .send(Mail::Durable { event, reply })
            .await
            .map_err(|_| Refused::Ended)?;
        answer.await.map_err(|_| Refused::Ended)?
    }

    /// Hands over an event that will be on disk within the group commit.
    ///
    /// # Errors
    /// When the call has ended.
    pub async fn send(&self, event: Event) -> Result<(), Refused> {
        self.0
            .send(Mail::Event(event))
            .await
            .map_err(|_| Refused::Ended)
    }

    /// A person's act on the live call. Whether it changed anything: what is so already is not done again.
    ///
    /// # Errors
    /// When the act does not fit, the call has ended, or the journal cannot take it.
    pub async fn person(&self, act: PersonAct) -> Result<bool, Refused> {
        let (reply, answer) = oneshot::channel();
        self.0
            .send(Mail::Person { act, reply })
            .await
            .map_err(|_| Refused::Ended)?;
        answer.await.map_err(|_| Refused::Ended)?
    }

    /// Ends the call because the engine shuts down.
    pub async fn drain(&self) {
        // A call that is gone already needs no draining.
        let _ = self.0.send(Mail::Drain).await;
    }
}
