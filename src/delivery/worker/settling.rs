//! Outcomes are written down together: whoever comes first writes for all that have gathered, so that a burst of answers costs a few syncs
//! of the disk and not one each.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, oneshot};

use super::job::Outcome;
use crate::delivery::rules::Rules;
use crate::store::{Database, DatabaseError};

type Waiting = (Outcome, oneshot::Sender<Result<(), DatabaseError>>);

/// Outcomes that wait to be written down.
#[derive(Default)]
pub(super) struct Settling {
    waiting: Mutex<Vec<Waiting>>,
    turn: Turn<()>,
}

impl Settling {
    /// Writes an outcome down, with whatever else has gathered; comes back when it is on disk.
    pub(super) async fn settle(
        &self,
        database: &Database,
        rules: &Arc<Rules>,
        outcome: Outcome,
    ) -> Result<(), DatabaseError> {
        let (done, mut written) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((outcome, done));
        let _turn = self.turn.lock().await;
        // Somebody may have written it while this one waited for its turn.
        if let Ok(result) = written.try_recv() {
            return result;
        }
        let gathered =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let (outcomes, waiting): (Vec<Outcome>, Vec<_>) = gathered.into_iter().unzip();
        let outcomes = Arc::new(outcomes);
        let (all, rules_then) = (Arc::clone(&outcomes), Arc::clone(rules));
        let together = database
            .write(move |sql| all.iter().try_for_each(|one| one.write(sql, &rules_then)))
            .await;
        for (n, done) in waiting.into_iter().enumerate() {
            let result = match &together {
                Ok(()) => Ok(()),
                // One that cannot be written must not keep the others from it.
                Err(_) => {
                    let (all, rules_now) = (Arc::clone(&outcomes), Arc::clone(rules));
                    let one = move |sql: &mut dyn crate::store::database::sql::Sql| match all.get(n)
                    {
                        Some(one) => one.write(sql, &rules_now),
                        None => Ok(()),
                    };
                    database.write(one).await
                }
            };
            // Whoever was aborted meanwhile does not ask any more.
            let _ = done.send(result);
        }
        written.try_recv().unwrap_or(Err(DatabaseError::Closed))
    }
}
