//! Forgetting: what is past its time, and what somebody asked to be erased.
//!
//! Files go first and rows after them, each call by itself, so that a crash in between is made up for by the next round: what is not there
//! any more is erased again without harm. A call on legal hold is never touched.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;
use tracing::{error, info};

use crate::call::CallId;
use crate::delivery::{Event, EventType, worker};
use crate::server::edge::Edge;
use crate::store::audit::Actor;
use crate::store::database::JournalMark;
use crate::store::database::sql::Sql;
use crate::store::journal::Erased;
use crate::store::privacy::{self, Erasure, Part, Remains};
use crate::store::{DatabaseError, StoreError, contacts};

/// How often what is open is looked at again.
const ROUND: Duration = Duration::from_secs(60);
/// Rounds between two sweeps for what is past its time.
const SWEEP_ROUNDS: u32 = 60;

/// What a sweep deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Recordings.
    pub recordings: usize,
    /// Transcripts.
    pub transcripts: usize,
    /// Journals.
    pub journals: usize,
}

/// Sweeps and erases until the engine stops.
pub async fn keep(edge: Arc<Edge>, mut stopped: watch::Receiver<bool>) {
    for round in 0u32.. {
        if round.is_multiple_of(SWEEP_ROUNDS) {
            match sweep(&edge, edge.now_ms()).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(swept) => info!(?swept, "what was past its time was deleted"),
                Err(error) => {
                    error!(%error, "what is past its time could not be deleted; the next sweep tries again")
                }
            }
        }
        advance_all(&edge).await;
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Takes every open erasure as far as it goes now.
pub async fn advance_all(edge: &Edge) {
    let open = match edge.store.database.open_erasures().await {
        Ok(open) => open,
        Err(error) => return error!(%error, "the erasures could not be read"),
    };
    for erasure in open {
        let id = erasure.id.clone();
        if let Err(error) = advance(edge, erasure).await {
            error!(%error, erasure = %id, "an erasure did not come further; the next round tries again");
        }
    }
}

/// The moment before which a call is past its time; `None` where that lies before all calls.
fn cutoff_ms(now_ms: i64, months: u32) -> Option<i64> {
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    let then = now
        .to_zoned(TimeZone::UTC)
        .checked_sub(Span::new().try_months(i64::from(months)).ok()?)
        .ok()?;
    Some(then.timestamp().as_millisecond())
}

/// Deletes what is past its time at `now_ms`.
///
/// # Errors
/// When the disk or the database refuses; what was deleted until then is, and is noted.
pub async fn sweep(edge: &Edge, now_ms: i64) -> Result<Swept, StoreError> {
    let privacy = &edge.config.privacy;
    let mut swept = Swept::default();
    let parts = [
        (Part::Recording, privacy.recording_retention_months),
        (Part::Transcript, privacy.transcript_retention_months),
        (Part::Journal, privacy.journal_retention_months),
    ];
    for (part, months) in parts {
        let Some(cutoff_ms) = cutoff_ms(now_ms, months) else {
            continue;
        };
        let count = match part {
            Part::Recording => &mut swept.recordings,
            Part::Transcript => &mut swept.transcripts,
            Part::Journal => &mut swept.journals,
        };
        loop {
            let database = &edge.store.database;
            let past = database
                .read(move |sql| privacy::past(sql, part, cutoff_ms))
                .await?;
            let mut moved = false;
            for call_id in past {
                let done = forget(edge, &call_id, part, now_ms).await?;
                moved |= done;
                *count += usize::from(done);
            }
            if !moved {
                break;
            }
        }
    }
    if swept != Swept::default() {
        // Should somebody read at this moment, the next sweep's does it.
        edge.store.database.scrub().await?;
    }
    Ok(swept)
}

/// Deletes a part of a call; `false` when it has to wait.
async fn forget(edge: &Edge, call_id: &str, part: Part, now_ms: i64) -> Result<bool, StoreError> {
    let mut mark = None;
    if let Ok(key) = call_id.parse::<CallId>() {
        match part {
            Part::Recording => match edge.store.journal.strip_audio(key, now_ms * 1000).await {
                Ok(split) => mark = split.as_ref().map(JournalMark::from),
                // A journal that is gone has no audio.
                Err(crate::store::JournalError::UnknownCall { .. }) => {}
                Err(error) => return Err(error.into()),
            },
            Part::Transcript => {}
            Part::Journal => {
                if edge.store.journal.erase(key).await? == Erased::InUse {
                    return Ok(false);
                }
            }
        }
    }
    let rules = Arc::clone(edge.config.delivery());
    let call_id = call_id.to_owned();
    edge.store
        .database
        .write(move |sql| {
            privacy::forget_part(sql, &call_id, part, mark.as_ref(), now_ms)?;
            if part == Part::Recording {
                let data = json!({ "call_id": call_id, "reason": "retention" });
                let event = Event::new(EventType::RecordingDeleted, &call_id, "", now_ms, data);
                worker::tell(sql, &rules, &[event])?;
            }
            Ok::<_, DatabaseError>(())
        })
        .await?;
    Ok(true)
}

/// Takes an erasure as far as it goes now; returns how far that is.
///
/// # Errors
/// When the disk or the database refuses; what was erased until then is, and the next round goes on.
pub async fn advance(edge: &Edge, mut erasure: Erasure) -> Result<Erasure, StoreError> {
    let database = &edge.store.database;
    let now_ms = edge.now_ms();
    let (mut held, mut waiting) = (Vec::new(), Vec::new());
    for call_id in erasure.work.calls.clone() {
        let asked = call_id.clone();
        let kept = database.read(move |sql| privacy::kept(sql, &asked)).await?;
        if kept.legal_hold {
            held.push(call_id);
            continue;
        }
        // An id that is none has no journal; its rows, if there are any, go all the same.
        let key = call_id.parse::<CallId>().ok();
        if let Some(key) = key {
            let live = edge.registry.get(key).is_some();
            if live || edge.store.journal.erase(key).await? == Erased::InUse {
                waiting.push(json!({ "call_id": call_id, "why": "the call goes on" }));
                continue;
            }
        }
        erase_rows(edge, &erasure.id, &call_id, now_ms).await?;
        erasure.work.calls.remove(&call_id);
        erasure.work.settling.insert(call_id);
        erasure.work.scrub = true;
        count(&mut erasure.report, "calls_erased");
    }
    for contact_id in erasure.work.contacts.clone() {
        let id = contact_id.clone();
        let gone = database
            .write(move |sql| contacts::delete(sql, &id, &Actor::engine(), now_ms))
            .await?;
        erasure.work.contacts.remove(&contact_id);
        if gone {
            count(&mut erasure.report, "contacts_erased");
        }
    }
    for call_id in erasure.work.settling.clone() {
        let key = call_id.parse::<CallId>().ok();
        let left = match key {
            Some(key) => edge.store.journal.residue(key).await?,
            None => false,
        };
        if left {
            let why = "its bytes are still in the node log, between those of calls that go on; they go when those end";
            waiting.push(json!({ "call_id": call_id, "why": why }));
        } else {
            erasure.work.settling.remove(&call_id);
        }
    }
    if erasure.work.scrub {
        erasure.work.scrub = !database.scrub().await?;
        if erasure.work.scrub {
            waiting.push(
                json!({ "why": "the database's log is being read; it is emptied right after" }),
            );
        }
    }
    erasure.state = if !waiting.is_empty() {
        "pending"
    } else if !held.is_empty() {
        "blocked"
    } else {
        "done"
    }
    .to_owned();
    erasure.report["held"] = json!(held);
    erasure.report["waiting"] = json!(waiting);
    erasure.report["remains"] = remains(edge);
    let stored = erasure.clone();
    database
        .write(move |sql| privacy::progress(sql, &stored, now_ms))
        .await?;
    Ok(erasure)
}

fn count(report: &mut Value, name: &str) {
    report[name] = json!(report[name].as_u64().unwrap_or(0) + 1);
}

async fn erase_rows(
    edge: &Edge,
    erasure_id: &str,
    call_id: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let rules = Arc::clone(edge.config.delivery());
    let (erasure_id, call_id) = (erasure_id.to_owned(), call_id.to_owned());
    edge.store
        .database
        .write(move |sql| {
            let Some(erased) = privacy::erase_call(sql, &call_id, now_ms)? else {
                return Ok(());
            };
            worker::tell(
                sql,
                &rules,
                &[erased_event(&erasure_id, &call_id, &erased, now_ms)],
            )
        })
        .await?;
    Ok(())
}

/// What receivers hear, so that they erase their copy. It names the call and the record; nothing in it is about the caller.
fn erased_event(erasure_id: &str, call_id: &str, erased: &Remains, now_ms: i64) -> Event {
    let data = json!({
        "call_id": call_id, "record_id": erased.record_id, "erasure_id": erasure_id, "vertical": erased.vertical,
        "ownership": { "location_id": erased.location_id }, "copies_at": erased.copies,
    });
    Event::new(EventType::PrivacyErased, call_id, erasure_id, now_ms, data)
}

/// What stays, and why.
fn remains(edge: &Edge) -> Value {
    let mut remains = vec![
        json!({ "what": "that there was a call: its id, times, status and location, without numbers or anything that was said",
            "why": "counts and reports of the past stay right" }),
        json!({ "what": "the audit trail", "why": "proof of who did what; it holds ids and hashes, never values" }),
        json!({ "what": "which deliveries were made, when, with which fields, and the hash of what was sent",
            "why": "it can be told which receiver holds a copy; each was told to erase it by privacy.erased" }),
        json!({ "what": "backups of the data directory, and the telephone provider's own copy",
            "why": "out of reach of this program" }),
    ];
    if edge.config.store.database.is_some() {
        remains.push(
            json!({ "what": "the PostgreSQL server's write-ahead log and backups",
            "why": "the server's own; they go with its rotation" }),
        );
    }
    json!(remains)
}

/// Asks for an erasure and takes it as far as it goes now. Whether there was anything to erase is told by its report.
///
/// # Errors
/// When the disk or the database refuses.
pub async fn request(
    edge: &Edge,
    id: String,
    subject: privacy::Subject,
    reason: Option<String>,
    actor: Actor,
) -> Result<Erasure, StoreError> {
    let now_ms = edge.now_ms();
    let live: Vec<(String, String)> = edge
        .feed
        .states()
        .iter()
        .filter(|state| edge.registry.get(state.call_id).is_some())
        .filter_map(|state| {
            Some((
                state.call_id.to_string(),
                state.call["from"].as_str()?.to_owned(),
            ))
        })
        .collect();
    let ask = move |sql: &mut dyn Sql| {
        privacy::request(sql, &id, &subject, &live, reason.as_deref(), &actor, now_ms)
    };
    let erasure = edge.store.database.write(ask).await?;
    advance(edge, erasure).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_months() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let now = at("2026-08-31T10:00:00Z");
        assert_eq!(cutoff_ms(now, 6), Some(at("2026-02-28T10:00:00Z")));
        assert_eq!(cutoff_ms(now, 12), Some(at("2025-08-31T10:00:00Z")));
        assert_eq!(cutoff_ms(now, u32::MAX), None);
    }
}
