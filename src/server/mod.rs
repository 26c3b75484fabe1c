//! The edge: listener, one task a call, one task a socket, supervision, drain on SIGTERM.
//!
//! Owns the clock, the sockets and the tasks. It wires the other folders together and holds no logic of its own about calls or fields.

mod actor;
mod callers;
mod catch_up;
mod clock;
mod edge;
mod finalise;
mod mailbox;
mod meters;
pub mod privacy;
mod pulse;
mod recovery;
mod registry;
mod session;
pub mod shelve;
mod upgrade;
pub mod upkeep;
mod vitals;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

pub use clock::Clock;
pub use edge::{Busy, Edge, JoinError, Place, random, random_share};
pub use mailbox::{Mailbox, Refused};
pub use meters::{Meters, Stage};
pub use registry::Registry;
pub use upgrade::{NotAnUpgrade, Socket, upgrade};

use crate::config::Config;
use crate::delivery;
use crate::desk;
use crate::media::token::StreamTokens;
use crate::speech::{self, Speech, SpeechError};
use crate::store::{Store, StoreError};
use crate::telemetry;

/// Largest body of a provider's webhook, bytes.
const MAX_WEBHOOK_BYTES: usize = 64 * 1024;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be had.
    #[error(
        "cannot listen on {address}: {source}; is another server running there? choose another with --listen"
    )]
    Listen {
        /// The address wanted.
        address: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Journal or database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The speech model.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// Something that sends.
    #[error(transparent)]
    Delivery(#[from] delivery::webhook::SenderError),
    /// A task of the server died.
    #[error("the server stopped: {0}")]
    Stopped(String),
}

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where its data lies.
    pub data_dir: PathBuf,
    edge: Arc<Edge>,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    sending: JoinHandle<()>,
}

/// Starts a server: opens the store, finalises what an earlier run left unfinished, loads the model, listens.
///
/// # Errors
/// When the store, the model or the address cannot be had.
pub async fn start(config: Config) -> Result<Running, ServeError> {
    start_with(config, |config| {
        if config.speech.enabled {
            Speech::start(&config.speech).map(Some)
        } else {
            Ok(None)
        }
    })
    .await
}

/// The same with a recogniser that runs already.
///
/// # Errors
/// When the store or the address cannot be had.
pub async fn start_hearing(config: Config, speech: Speech) -> Result<Running, ServeError> {
    start_with(config, |_| Ok(Some(speech))).await
}

/// The recogniser comes last: a port or a folder that is taken is told before a model is loaded.
async fn start_with(
    config: Config,
    hear: impl FnOnce(&Config) -> Result<Option<Speech>, SpeechError>,
) -> Result<Running, ServeError> {
    telemetry::metrics::install();
    speech::measures::describe();
    let config = Arc::new(config);
    let address = config.server.listen.clone();
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|source| ServeError::Listen { address, source })?;
    let (store, recovery) = Store::open(&config.store)?;
    let speech = hear(&config)?;
    if speech.is_none() {
        warn!("speech recognition is off: calls are recorded and finalised without a transcript");
    }
    if config.media.auth_token.is_none() {
        warn!("no media.auth_token is configured: only requests from this machine are taken");
    }
    let data_dir = config.store.data_dir.clone();
    let tokens = StreamTokens::new(u64::from(config.media.stream_token_ttl_s) * 1000);
    let delivery = worker(&config, &store)?;
    let edge = Arc::new(Edge::new(config, store, delivery, speech, tokens));
    recovery::finalise_unfinished(&edge, recovery).await;
    let bound = listener.local_addr().map_err(|source| ServeError::Listen {
        address: "the bound address".to_owned(),
        source,
    })?;
    let (stop, stopped) = watch::channel(false);
    upkeep::note_configuration(&edge)
        .await
        .map_err(StoreError::from)?;
    tokio::spawn(privacy::keep(Arc::clone(&edge), stopped.clone()));
    tokio::spawn(upkeep::run(Arc::clone(&edge), stopped.clone()));
    if let Some(changes) = edge.delivery.changes() {
        tokio::spawn(desk::announce_deliveries(
            Arc::clone(&edge),
            changes,
            stopped.clone(),
        ));
    }
    let sending = tokio::spawn(edge.delivery.clone().run(stopped.clone()));
    let app = router(Arc::clone(&edge)).into_make_service_with_connect_info::<SocketAddr>();
    let task = tokio::spawn(async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(wait_for(stopped))
            .await
    });
    info!(address = %bound, "listening");
    Ok(Running {
        address: bound,
        data_dir,
        edge,
        stop,
        task,
        sending,
    })
}

/// The worker that sends, with this machine's clock and chance.
fn worker(config: &Config, store: &Store) -> Result<delivery::Worker, ServeError> {
    let clock = Clock::start();
    Ok(delivery::Worker::new(
        store.database.clone(),
        Arc::clone(config.delivery()),
        Arc::new(move || clock.now_us() / 1000),
        Arc::new(random_share),
    )?)
}

async fn wait_for(mut stopped: watch::Receiver<bool>) {
    // A dropped sender means that the owner is gone: stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn router(edge: Arc<Edge>) -> Router {
    let provider = Router::new()
        .route("/twilio/voice", post(webhooks::voice))
        .route("/twilio/consent", post(webhooks::consent))
        .route("/twilio/status", post(webhooks::status))
        .route("/twilio/stream-status", post(webhooks::stream_status))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_WEBHOOK_BYTES))
        .route("/twilio/media", get(upgrade::twilio))
        .route("/signalwire/media", get(upgrade::signalwire))
        .route("/telnyx/media", get(upgrade::telnyx));
    let desk = desk::routes(&edge);
    provider.merge(desk).with_state(edge)
}

impl Running {
    /// What the tasks share: for tests and for the demo.
    pub fn edge(&self) -> &Arc<Edge> {
        &self.edge
    }

    /// Stops: no new calls, then the calls that go on get until the drain deadline, then they are closed and finalised.
    ///
    /// # Errors
    /// When the server had stopped by itself.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.edge.drain();
        let deadline =
            tokio::time::Instant::now() + Duration::from_secs(self.edge.config.server.drain_s);
        while !self.edge.registry.is_empty() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.close().await
    }

    /// Stops without waiting for calls to end by themselves; each is closed and finalised.
    ///
    /// # Errors
    /// When the server had stopped by itself.
    pub async fn close(self) -> Result<(), ServeError> {
        self.edge.drain();
        for mailbox in self.edge.registry.mailboxes() {
            mailbox.drain().await;
        }
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        while !self.edge.registry.is_empty() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if !self.edge.registry.is_empty() {
            warn!(
                calls = self.edge.registry.len(),
                "calls are left to their journals; the next start finalises them"
            );
        }
        // Live feeds would keep a graceful shutdown waiting for ever: what is open now is cut off.
        let _ = self.stop.send(true);
        // It ends by itself after a moment; what it could not finish is sent again under its id.
        if let Err(error) = self.sending.await {
            warn!(%error, "the delivery worker died");
        }
        let abort = self.task.abort_handle();
        match tokio::time::timeout(Duration::from_secs(1), self.task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => return Err(ServeError::Stopped(error.to_string())),
            Ok(Err(error)) => return Err(ServeError::Stopped(error.to_string())),
            Err(_) => abort.abort(),
        }
        // Whoever still holds the edge (a reader's task that is being cut off) finds the journal closed and the disk in order.
        self.edge
            .store
            .journal
            .shut_down()
            .await
            .map_err(StoreError::from)?;
        Ok(())
    }
}

/// `offhook serve`: runs until SIGINT or SIGTERM, then drains.
///
/// # Errors
/// When the server does not start or dies.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let running = start(config).await?;
    println!(
        "Offhook listens on http://{}  (data in {})",
        running.address,
        running.data_dir.display()
    );
    if !running
        .edge
        .access
        .has_accounts(&running.edge)
        .await
        .unwrap_or(true)
        && let Ok(token) = running.edge.access.new_first_link()
    {
        println!(
            "Nobody has an account yet; this link, good once, makes the first: http://{}/first-run?token={token}",
            running.address
        );
    }
    wait_for_signal().await;
    info!(
        calls = running.edge.registry.len(),
        "shutting down: no new calls, waiting for those that go on"
    );
    running.stop().await
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            error!(%error, "SIGTERM cannot be watched; only Ctrl-C drains");
            // If this fails as well, the process stops at the signal itself.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
