//! The worker: leases what is due, sends it, and settles it in one transaction with everything that follows.
//!
//! Each destination has its own few places, so one that is slow or broken takes none from another. Whoever crashes between sending and
//! settling leaves a lease that runs out; what is sent then has the same id and the same bytes.

mod job;
mod senders;
mod settling;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tracing::{error, warn};

pub use job::OLD_SECRET_MS;
use senders::Senders;

use super::event::Event;
use super::intake;
use super::plan::due as planned;
use super::rules::Rules;
use super::webhook::SenderError;
use crate::store::database::outbox::{self, DeliveryRow, DestinationRow};
use crate::store::database::sql::{Dialect, Sql};
use crate::store::{Database, DatabaseError};

/// How long a delivery belongs to whoever leased it, ms: longer than any attempt takes.
const LEASE_MS: i64 = 120_000;
/// Longest the worker sleeps without a look: another node may have put something in.
const LONGEST_SLEEP_MS: i64 = 5_000;
/// How long deliveries that are under way may go on when the engine stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Time as the worker sees it: unix milliseconds.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Chance as the worker sees it: a number 0..1, another one each time.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Sends what is in the outbox. Clones are the same worker.
#[derive(Clone)]
pub struct Worker(Arc<Inner>);

struct Inner {
    database: Database,
    rules: Arc<Rules>,
    senders: Senders,
    now: Now,
    chance: Chance,
    wake: Notify,
    inbox: mpsc::UnboundedSender<Vec<Event>>,
    /// The other end, until the worker runs.
    submitted: Mutex<Option<mpsc::UnboundedReceiver<Vec<Event>>>>,
    in_flight: Mutex<BTreeMap<String, u32>>,
    /// Outcomes that wait to be written down.
    settling: settling::Settling,
    /// Who hears which deliveries have changed.
    watcher: OnceLock<mpsc::UnboundedSender<String>>,
}

impl Inner {
    fn changed(&self, delivery_id: &str) {
        if let Some(watcher) = self.watcher.get() {
            // One that is gone does not want to know any more.
            let _ = watcher.send(delivery_id.to_owned());
        }
    }
}

impl Worker {
    /// A worker for these rules. It does nothing until it is run.
    ///
    /// # Errors
    /// When a sender cannot be made: a file of certificates, for instance.
    pub fn new(
        database: Database,
        rules: Arc<Rules>,
        now: Now,
        chance: Chance,
    ) -> Result<Worker, SenderError> {
        let (inbox, submitted) = mpsc::unbounded_channel();
        Ok(Worker(Arc::new(Inner {
            inbox,
            submitted: Mutex::new(Some(submitted)),
            senders: Senders::new(&rules)?,
            database,
            rules,
            now,
            chance,
            wake: Notify::new(),
            in_flight: Mutex::new(BTreeMap::new()),
            settling: settling::Settling::default(),
            watcher: OnceLock::new(),
        })))
    }

    /// There is something new in the outbox.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// The ids of deliveries whose state has changed, each after the change is on disk, for the one who asks first; none for anybody after.
    pub fn changes(&self) -> Option<mpsc::UnboundedReceiver<String>> {
        let (watcher, changes) = mpsc::unbounded_channel();
        self.0.watcher.set(watcher).ok().map(|()| changes)
    }

    /// Somebody else has changed a delivery: taken it up again, or called it off.
    pub fn changed(&self, delivery_id: &str) {
        self.0.changed(delivery_id);
    }

    /// The rules it works by.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.0.rules
    }

    /// Puts events into the outbox in a transaction of their own and wakes the worker: for what is no part of another change.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tell(&self, events: Vec<Event>) -> Result<(), DatabaseError> {
        let rules = Arc::clone(&self.0.rules);
        self.0
            .database
            .write(move |sql| tell(sql, &rules, &events))
            .await?;
        self.wake();
        Ok(())
    }

    /// Hands events over to be put into the outbox soon, in this order, without waiting for it.
    pub fn submit(&self, events: Vec<Event>) {
        if !events.is_empty() {
            // The worker holds the other end for as long as there is one.
            let _ = self.0.inbox.send(events);
        }
    }

    /// Puts in what was submitted, until `stop` says so.
    async fn take_in(self, mut stop: watch::Receiver<bool>) {
        let submitted = self
            .0
            .submitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut submitted) = submitted else {
            return;
        };
        loop {
            let events = tokio::select! {
                biased;
                events = submitted.recv() => events,
                _ = stop.wait_for(|stop| *stop) => None,
            };
            let Some(mut events) = events else { return };
            // What has gathered meanwhile costs no transaction of its own.
            while let Ok(more) = submitted.try_recv() {
                events.extend(more);
            }
            if let Err(reason) = self.tell(events).await {
                error!(%reason, "news of a call could not be put into the outbox; they are when the call is over");
            }
        }
    }

    /// Works until `stop` says so.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        if let Err(reason) = self.take_over().await {
            error!(%reason, "the outbox cannot be read");
        }
        let taking_in = tokio::spawn(self.clone().take_in(stop.clone()));
        let mut under_way = JoinSet::new();
        while !*stop.borrow() {
            let sleep_ms = match self.start_due(&mut under_way).await {
                Ok(next_ms) => next_ms
                    .map_or(LONGEST_SLEEP_MS, |at| at - (self.0.now)())
                    .clamp(1, LONGEST_SLEEP_MS),
                Err(reason) => {
                    error!(%reason, "the outbox cannot be read; deliveries wait");
                    LONGEST_SLEEP_MS
                }
            };
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(sleep_ms.unsigned_abs())) => {}
                Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
                _ = stop.changed() => break,
            }
        }
        // It stops by the same signal, with everything submitted before it put in.
        let _ = taking_in.await;
        // What does not end in time is sent again at the next start, under the same id.
        let _ = tokio::time::timeout(STOP_TIMEOUT, async {
            while under_way.join_next().await.is_some() {}
        })
        .await;
    }

    /// Sends everything that is due until nothing is; returns when the next thing is due. For tests in which time is simulated.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run_due(&self) -> Result<Option<i64>, DatabaseError> {
        let mut under_way = JoinSet::new();
        loop {
            let next_ms = self.start_due(&mut under_way).await?;
            let is_over = next_ms.is_none_or(|at| at > (self.0.now)());
            if under_way.join_next().await.is_none() && is_over {
                return Ok(next_ms);
            }
        }
    }

    /// After a start: what another process of this machine had in hand is free again.
    async fn take_over(&self) -> Result<(), DatabaseError> {
        let freed = self
            .0
            .database
            .write(|sql| match sql.dialect() {
                // The data directory is locked, so nobody else is alive. On a server other nodes may be.
                Dialect::Sqlite => outbox::release_leases(sql),
                Dialect::Postgres => Ok::<_, DatabaseError>(0),
            })
            .await?;
        if freed > 0 {
            warn!(
                deliveries = freed,
                "deliveries of an earlier run are sent again under their ids"
            );
        }
        let waiting = self.0.database.read(outbox::backlog).await?;
        for (destination, state, count, _) in waiting {
            if state != "dead" && self.0.rules.receiver(&destination).is_none() {
                warn!(
                    destination,
                    state,
                    count,
                    "deliveries wait for a destination that is not configured any more"
                );
            }
        }
        Ok(())
    }

    /// Leases what is due and starts sending it; returns when the next thing is due.
    async fn start_due(&self, under_way: &mut JoinSet<()>) -> Result<Option<i64>, DatabaseError> {
        let now_ms = (self.0.now)();
        let free = self.free_places();
        let wanted = free.clone();
        let (anything, next_ms) = self
            .0
            .database
            .read(move |sql| {
                let anything = !sendable(sql, &wanted, now_ms)?.is_empty();
                Ok::<_, DatabaseError>((anything, outbox::next_due_ms(sql, now_ms)?))
            })
            .await?;
        if !anything {
            return Ok(next_ms);
        }
        let rules = Arc::clone(&self.0.rules);
        let (touched, leased, next_ms) = self
            .0
            .database
            .write(move |sql| {
                let (mut touched, mut jobs) = (Vec::new(), Vec::new());
                for (row, state) in sendable(sql, &free, now_ms)? {
                    touched.push(row.id.clone());
                    outbox::lease(sql, &row.id, now_ms, now_ms + LEASE_MS)?;
                    jobs.extend(job::seal(sql, &rules, row, &state, now_ms)?);
                }
                Ok::<_, DatabaseError>((touched, jobs, outbox::next_due_ms(sql, now_ms)?))
            })
            .await?;
        touched.iter().for_each(|id| self.0.changed(id));
        let called_off_only = leased.is_empty();
        for job in leased {
            let place = Place::take(&self.0, &job.row.destination_id);
            let worker = Arc::clone(&self.0);
            under_way.spawn(async move {
                let id = job.row.id.clone();
                match worker.deliver(job).await {
                    Ok(()) => worker.changed(&id),
                    Err(reason) => {
                        error!(delivery = id, %reason, "a delivery could not be settled; it is sent again under its id when its lease runs out");
                    }
                }
                drop(place);
                worker.wake.notify_one();
            });
        }
        // What was called off may have held something up that is free now.
        Ok(if called_off_only {
            Some(now_ms)
        } else {
            next_ms
        })
    }

    /// How many more deliveries each destination can take at once.
    fn free_places(&self) -> Vec<(String, u32)> {
        let taken = self
            .0
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let free = self.0.rules.receivers().map(|receiver| {
            let destination = &receiver.destination;
            let taken = taken.get(&destination.id).copied().unwrap_or(0);
            (
                destination.id.clone(),
                destination.max_in_flight.saturating_sub(taken),
            )
        });
        free.filter(|(_, places)| *places > 0).collect()
    }
}

/// Puts events into the outbox for whoever hears of them, as part of the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub fn tell(sql: &mut dyn Sql, rules: &Rules, events: &[Event]) -> Result<(), DatabaseError> {
    for event in events {
        intake::enqueue(sql, event, &planned(rules, event))?;
    }
    Ok(())
}

/// What can be sent now to those that have places free, and how each of them does.
fn sendable(
    sql: &mut dyn Sql,
    free: &[(String, u32)],
    now_ms: i64,
) -> Result<Vec<(DeliveryRow, DestinationRow)>, DatabaseError> {
    let mut found = Vec::new();
    for (id, places) in free {
        let rows = outbox::due(sql, id, now_ms, i64::from(*places))?;
        if rows.is_empty() {
            continue;
        }
        let state = outbox::destination(sql, id)?;
        if state.disabled_reason.is_none() && state.paused_until_ms <= now_ms {
            found.extend(rows.into_iter().map(|row| (row, state.clone())));
        }
    }
    Ok(found)
}

/// One of a destination's places, free again when dropped.
struct Place {
    worker: Arc<Inner>,
    destination: String,
}

impl Place {
    fn take(worker: &Arc<Inner>, destination: &str) -> Place {
        let mut taken = worker
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *taken.entry(destination.to_owned()).or_default() += 1;
        Place {
            worker: Arc::clone(worker),
            destination: destination.to_owned(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self
            .worker
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.destination) {
            *count = count.saturating_sub(1);
        }
    }
}
