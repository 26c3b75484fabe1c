//! After a crash: every call that an earlier run left unfinished gets its draft from its journal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::audio::FramePath;
use crate::call::{Call, CallId, Event, Observation, StreamEnd, TrackAudio};
use crate::media::Track;
use crate::record::replay;
use crate::server::actor::restart_event;
use crate::server::catch_up;
use crate::server::edge::Edge;
use crate::server::finalise;
use crate::store::StoreError;
use crate::store::journal::{Entry, JournalError, Kind, Recovery};

/// First wait before a draft is tried again.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Longest wait.
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Why one call could not be finalised. Its journal stays where it is.
#[derive(Debug, thiserror::Error)]
enum RecoveryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Replay(#[from] crate::record::ReplayError),
    #[error("the call is still open after its journal was read to the end")]
    StillOpen,
}

impl From<JournalError> for RecoveryError {
    fn from(error: JournalError) -> Self {
        RecoveryError::Store(error.into())
    }
}

/// Finalises what an earlier run left unfinished. A call that cannot be finalised is reported and stays in its journal: it keeps nobody
/// from starting.
pub async fn finalise_unfinished(edge: &Arc<Edge>, recovery: Recovery) {
    for (path, damage) in &recovery.damage {
        warn!(file = %path.display(), offset = damage.offset, bytes = damage.bytes, reason = ?damage.reason, "a damaged stretch of the journal was passed over");
    }
    for unfinished in recovery.unfinished {
        let id = unfinished.key;
        match finalise_one(edge, id).await {
            Ok(()) => {
                metrics::counter!("offhook_recovered_calls_total").increment(1);
                info!(call = %id, "a call of an earlier run was finalised from its journal");
            }
            Err(reason) => {
                error!(call = %id, %reason, "a call of an earlier run could not be finalised; its journal is kept")
            }
        }
    }
}

/// Drafts a call again whose draft could not be stored, until it is or the engine stops: then the next start does it.
pub async fn retry(edge: Arc<Edge>, id: CallId) {
    let mut wait = FIRST_RETRY;
    while !edge.is_draining() {
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LAST_RETRY);
        match finalise_one(&edge, id).await {
            Ok(()) => return info!(call = %id, "the draft is stored"),
            Err(reason) => warn!(call = %id, %reason, "the draft still cannot be stored"),
        }
    }
}

async fn finalise_one(edge: &Arc<Edge>, id: CallId) -> Result<(), RecoveryError> {
    let entries = edge.entries(id).await?;
    let events = entries.iter().map(|e| (e.kind, e.at_us, e.body.as_slice()));
    let mut call = replay(events, |opening| edge.rules(opening))?;
    if call.finalised_us() == 0 {
        // The crash is the end: nothing is known of what came after the last entry.
        let last_us = entries.iter().map(|e| e.at_us).max().unwrap_or(0);
        let origins = origins(&entries);
        let mut events = catch_up::finals(edge, &call, &entries, &origins).await;
        events.extend(missing_events(&call, &entries, &origins));
        for event in events {
            let (kind, body) = event.to_entry();
            edge.store
                .journal
                .call(id)
                .append_durable(kind, last_us, body)
                .await?;
            call.handle(&event, last_us);
        }
    }
    if call.finalised_us() == 0 {
        return Err(RecoveryError::StillOpen);
    }
    Ok(finalise::store(edge, &mut call).await?)
}

/// Where each stream begins on the call's clock, ms.
pub(super) fn origins(entries: &[Entry]) -> BTreeMap<u8, u64> {
    let observed = entries.iter().filter(|e| e.kind == Kind::Observed);
    observed
        .filter_map(|entry| match Event::from_entry(entry.kind, &entry.body) {
            Ok(Some(Event::Observed(Observation::StreamOrigin {
                stream, offset_ms, ..
            }))) => Some((stream, offset_ms)),
            _ => None,
        })
        .collect()
}

/// What the engine would have journalled had it lived: the count of each open stream's audio, and that it is over.
fn missing_events(call: &Call, entries: &[Entry], origins: &BTreeMap<u8, u64>) -> Vec<Event> {
    let observed = entries.iter().filter(|e| e.kind == Kind::Observed);
    let closed: Vec<u8> = observed
        .filter_map(|entry| match Event::from_entry(entry.kind, &entry.body) {
            Ok(Some(Event::Observed(Observation::StreamClosed { stream, .. }))) => Some(stream),
            _ => None,
        })
        .collect();
    let streams = u8::try_from(call.stream_ids().count()).unwrap_or(u8::MAX);
    let mut events: Vec<Event> = (0..streams)
        .filter(|stream| !closed.contains(stream))
        .map(|stream| {
            let audio = count_audio(stream, origins.get(&stream).copied().unwrap_or(0), entries);
            Event::Observed(Observation::StreamClosed {
                stream,
                reason: StreamEnd::Dropped,
                audio,
            })
        })
        .collect();
    events.push(restart_event());
    events
}

/// Counts a stream's journalled frames as its session would have.
fn count_audio(stream: u8, offset_ms: u64, entries: &[Entry]) -> [TrackAudio; 2] {
    let Ok(mut path) = FramePath::new(offset_ms, [None, None]) else {
        return Default::default();
    };
    for media in entries
        .iter()
        .filter_map(Entry::media)
        .filter(|m| m.stream == stream)
    {
        if let Some(track) = Track::BOTH.get(usize::from(media.track)) {
            path.accept_audio(
                *track,
                media.timestamp_ms,
                media.provider_sequence(),
                media.payload,
            );
        }
    }
    path.finish().map(|report| TrackAudio::from(&report))
}
