//! What has to be looked at from time to time, because nothing happens by which it would be noticed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, warn};

use crate::delivery::{self, EventType};
use crate::server::edge::Edge;
use crate::server::shelve;
use crate::store::database::sql::params;
use crate::store::database::tasks;
use crate::store::{DatabaseError, audit};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Looks until `stopped` says so.
pub async fn run(edge: Arc<Edge>, mut stopped: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = tell_overdue(&edge, edge.now_ms()).await {
            error!(%error, "tasks cannot be looked through; tried again soon");
        }
    }
}

/// Writes down under which configuration the engine runs, if it is another one than before.
///
/// # Errors
/// When the database refuses.
pub async fn note_configuration(edge: &Edge) -> Result<(), DatabaseError> {
    let (now_ms, version) = (edge.now_ms(), edge.config.version.clone());
    edge.store
        .database
        .write(move |sql| {
            let last = sql.query_first(
                "SELECT resource FROM audit_events WHERE action = 'config.load' ORDER BY seq DESC LIMIT 1",
                params![],
            )?;
            let last = last.map(|row| row.get::<String>(0)).transpose()?;
            if last.as_deref() != Some(version.as_str()) {
                let event = audit::Event::new(now_ms, audit::Actor::engine(), "config.load", version.as_str());
                audit::append(sql, &event)?;
            }
            Ok::<_, DatabaseError>(())
        })
        .await
}

/// Tells of every task whose time has passed at `now_ms`, once each; how many.
///
/// # Errors
/// When the database refuses; nobody counts as told then.
pub async fn tell_overdue(edge: &Edge, now_ms: i64) -> Result<usize, DatabaseError> {
    let config = Arc::clone(&edge.config);
    let late = edge
        .store
        .database
        .write(move |sql| {
            let late = tasks::newly_overdue(sql, now_ms)?;
            let events: Vec<_> = late
                .iter()
                .map(|task| shelve::task_event(EventType::TaskOverdue, task, now_ms))
                .collect();
            delivery::tell(sql, config.delivery(), &events)?;
            Ok::<_, DatabaseError>(late.len())
        })
        .await?;
    if late > 0 {
        warn!(
            tasks = late,
            "tasks were not done in time; see /v1/tasks?overdue=true"
        );
    }
    Ok(late)
}
