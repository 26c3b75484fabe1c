//! What every task of the edge shares, and how a call is found or opened.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::call::{CallId, Opening, Rules};
use crate::config::Config;
use crate::delivery::Worker;
use crate::desk::access::Access;
use crate::desk::feed::Feed;
use crate::media::token::{StreamTokens, TokenError};
use crate::media::{Dialect, StreamStart};
use crate::server::actor;
use crate::server::clock::Clock;
use crate::server::mailbox::{Joined, Mailbox, Refused, StreamOrder};
use crate::server::meters::Meters;
use crate::server::registry::Registry;
use crate::speech::Speech;
use crate::store::Store;
use crate::store::journal::{Entry, Health, JournalError};

/// How long a call stays on the live feed after its draft is stored, so that readers see its end.
const LINGER: Duration = Duration::from_secs(60);

/// What every task of the edge shares.
pub struct Edge {
    /// The configuration in force.
    pub config: Arc<Config>,
    /// Journal and database.
    pub store: Store,
    /// What leaves.
    pub delivery: Worker,
    /// The recogniser; `None` where it is switched off.
    pub speech: Option<Speech>,
    /// The live feed.
    pub feed: Feed,
    /// Who may see and do what.
    pub access: Access,
    /// Calls that are going on.
    pub registry: Registry,
    /// One-use tokens of announced streams.
    tokens: Mutex<StreamTokens>,
    /// Time.
    pub clock: Clock,
    /// Metric handles.
    pub meters: Meters,
    draining: AtomicBool,
    /// Calls that were taken and whose stream is still to come, or to come back.
    awaiting_stream: AtomicUsize,
}

/// Why a stream cannot join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The stream's token is missing, unknown, used, too old or another call's.
    #[error("the stream's token is refused: {0}")]
    Token(#[from] TokenError),
    /// No new calls now.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The call does not take it.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// The configuration has no rules for it.
    #[error("{0}")]
    NoRules(String),
}

impl JoinError {
    /// The reason in one word, for metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            JoinError::Token(_) => "token",
            JoinError::Busy(busy) => busy.reason(),
            JoinError::Refused(_) => "refused",
            JoinError::NoRules(_) => "no_rules",
        }
    }
}

/// A place for a new call.
#[derive(Debug)]
pub struct Place(());

/// Why no new call is taken now. Calls that are going on are not touched by it.
#[derive(Debug, thiserror::Error)]
pub enum Busy {
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    Draining,
    /// As many calls as allowed are going on.
    #[error("{0} calls are going on, the most that [server] max_calls allows")]
    Calls(usize),
    /// The recogniser could not keep up.
    #[error("the recogniser cannot keep up with another call: {0}")]
    Speech(#[from] crate::speech::Refused),
    /// The journal cannot write.
    #[error("the journal cannot write: {0}")]
    Journal(String),
}

impl Busy {
    /// The reason in one word, for metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Busy::Draining => "draining",
            Busy::Calls(_) => "max_calls",
            Busy::Speech(_) => "speech",
            Busy::Journal(_) => "journal",
        }
    }
}

impl Edge {
    /// Ties the parts together.
    pub fn new(
        config: Arc<Config>,
        store: Store,
        delivery: Worker,
        speech: Option<Speech>,
        tokens: StreamTokens,
    ) -> Self {
        let meters = Meters::new(&config.latency_budget_ms);
        Edge {
            config,
            store,
            delivery,
            speech,
            feed: Feed::default(),
            access: Access::default(),
            registry: Registry::default(),
            tokens: Mutex::new(tokens),
            clock: Clock::start(),
            meters,
            draining: AtomicBool::new(false),
            awaiting_stream: AtomicUsize::new(0),
        }
    }

    /// Now, milliseconds since 1970 (UTC).
    pub fn now_ms(&self) -> i64 {
        self.clock.now_us() / 1000
    }

    /// No new calls from now on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the engine is shutting down.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether a new call would be taken now, the recogniser aside.
    ///
    /// # Errors
    /// Says why not.
    pub fn check(&self) -> Result<(), Busy> {
        if self.is_draining() {
            return Err(Busy::Draining);
        }
        if self.registry.len() >= self.config.server.max_calls {
            return Err(Busy::Calls(self.registry.len()));
        }
        if let Health::Failing { error, .. } = self.store.journal.health() {
            return Err(Busy::Journal(error));
        }
        Ok(())
    }

    /// Takes a place for a new call. The recogniser keeps it for a while; a call that comes later than that is heard all the same.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn admit(&self) -> Result<Place, Busy> {
        self.check()?;
        if let Some(speech) = &self.speech {
            speech.admit()?;
        }
        Ok(Place(()))
    }

    /// Whether another socket may be opened: a stream that a call waits for is never turned away for want of room, and which one it is
    /// shows only when it has started. So while a call waits, its place is taken at the start, if it turns out to be a new call.
    ///
    /// # Errors
    /// Says why not.
    pub fn admit_stream(&self) -> Result<Option<Place>, Busy> {
        if self.awaiting_stream.load(Ordering::Acquire) > 0 {
            return match self.check() {
                Ok(()) | Err(Busy::Calls(_)) => Ok(None),
                Err(other) => Err(other),
            };
        }
        self.admit().map(Some)
    }

    /// A call begins (`true`) or ceases to wait for a stream.
    pub fn awaits_stream(&self, waits: bool) {
        if waits {
            self.awaiting_stream.fetch_add(1, Ordering::AcqRel);
        } else {
            self.awaiting_stream.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// A one-use token for the stream of a call.
    pub fn issue_token(&self, provider_call_id: &str, random: [u8; 32]) -> String {
        let now_ms = (self.clock.now_us() / 1000).unsigned_abs();
        self.tokens.lock().unwrap_or_else(|e| e.into_inner()).issue(
            provider_call_id,
            random,
            now_ms,
        )
    }

    /// Joins a stream to its call, opening the call if need be.
    ///
    /// # Errors
    /// When the token is refused, no new call is taken, or the call cannot take the stream.
    pub async fn join(
        self: &Arc<Self>,
        dialect: Dialect,
        start: &StreamStart,
        text: String,
        orders: mpsc::UnboundedSender<StreamOrder>,
        mut place: Option<Place>,
    ) -> Result<(Joined, Mailbox), JoinError> {
        if self.config.media.auth_token.is_some() {
            let token = start.parameters.get("token").map_or("", String::as_str);
            let now_ms = (self.clock.now_us() / 1000).unsigned_abs();
            self.tokens
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .redeem(token, &start.call, now_ms)?;
        }
        let to = start
            .to
            .as_deref()
            .or_else(|| start.parameters.get("to").map(String::as_str));
        let vertical = start.parameters.get("vertical").map(String::as_str);
        // A call that ends between finding and joining is followed by a new one; that can happen once.
        for _ in 0..2 {
            let mailbox = self
                .find_or_open(dialect, &start.call, to, vertical, place.take())
                .await?;
            match mailbox.join(text.clone(), orders.clone()).await {
                Ok(joined) => return Ok((joined, mailbox)),
                Err(Refused::Ended) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Refused::Ended.into())
    }

    /// The mailbox of a provider's call; opens the call if it is not going on.
    ///
    /// # Errors
    /// When no new call is taken now.
    pub async fn find_or_open(
        self: &Arc<Self>,
        dialect: Dialect,
        provider_call_id: &str,
        to: Option<&str>,
        vertical: Option<&str>,
        place: Option<Place>,
    ) -> Result<Mailbox, JoinError> {
        if let Some(mailbox) = self.registry.find(dialect.name(), provider_call_id) {
            return Ok(mailbox);
        }
        let earlier = self
            .store
            .database
            .call(provider_call_id)
            .await
            .ok()
            .flatten();
        let parent = earlier.and_then(|c| c.id.parse::<CallId>().ok());
        let open = || -> Result<(CallId, Mailbox), JoinError> {
            if place.is_none() {
                self.admit()?;
            }
            let (vertical, location) = self.config.assign(to, vertical);
            let now_us = self.clock.now_us();
            let opening = Opening {
                call: CallId::new((now_us / 1000).unsigned_abs(), random()),
                provider: dialect.name().to_owned(),
                provider_call_id: provider_call_id.to_owned(),
                vertical,
                location,
                config_version: self.config.version.clone(),
                parent,
            };
            let rules = self.config.rules(&opening).map_err(JoinError::NoRules)?;
            Ok(actor::open(Arc::clone(self), opening, rules))
        };
        Ok(self
            .registry
            .find_or_open(dialect.name(), provider_call_id, open)?
            .1)
    }

    /// The whole entries of a call, live or over. Damaged stretches are passed over: opening the journal has reported them.
    ///
    /// # Errors
    /// When the call has no journal or the disk fails.
    pub async fn entries(&self, id: CallId) -> Result<Vec<Entry>, JournalError> {
        let reader = self.store.journal.read(id).await?;
        // Reading blocks on the disk.
        tokio::task::spawn_blocking(move || reader.filter_map(Result::ok).collect())
            .await
            .map_err(|_| JournalError::Stopped)
    }

    /// The rules the configuration holds for an opening.
    ///
    /// # Errors
    /// When its vertical is not configured.
    pub fn rules(&self, opening: &Opening) -> Result<Arc<Rules>, String> {
        self.config.rules(opening)
    }

    /// Takes an ended call off the feed after a while.
    pub fn forget_later(self: &Arc<Self>, id: CallId) {
        // A server that has stopped meanwhile is not kept alive, nor its data directory locked, for this.
        let edge = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(LINGER).await;
            if let Some(edge) = edge.upgrade() {
                edge.feed.forget(id);
            }
        });
    }
}

/// A random share, 0..1.
pub fn random_share() -> f64 {
    f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX)
}

/// Random bytes for ids and tokens.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        // Without the system's random source nothing can be kept apart or secret: better no engine than one with guessable tokens.
        tracing::error!("the system gives no random numbers; stopping");
        std::process::abort();
    }
    bytes
}
