//! The live feed's hub: a snapshot a call, and one stream of deltas for all readers.
//!
//! Each call has a `watch` of its whole state and a short backlog of deltas; one `broadcast` carries every delta, written as JSON once. A
//! slow reader loses its place in the broadcast and gets new snapshots; nobody waits for it. What becomes known of a call that may long be
//! over (a delivery went out) has no place in that numbering and is a [`Notice`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use dashmap::DashMap;
use tokio::sync::{broadcast, watch};

use crate::call::{CallId, LiveEvent, LiveState};

/// Deltas a slow reader may be behind before it is given a snapshot instead.
const BROADCAST_DELTAS: usize = 4_096;
/// Notices a slow reader may be behind before it is told that it missed some.
const BROADCAST_NOTICES: usize = 1_024;
/// Deltas kept a call for readers that resume.
const BACKLOG_DELTAS: usize = 512;

/// One delta as it goes out.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The call.
    pub call_id: CallId,
    /// Number within the call.
    pub seq: u64,
    /// Event type.
    pub kind: &'static str,
    /// The event as JSON.
    pub json: Arc<str>,
}

/// Word of something that lies outside a call's own numbered events. Nobody keeps it: a reader that was away asks the API for how things
/// stand.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The call it is about, if any.
    pub call_id: Option<CallId>,
    /// That call's location: who may not see it hears nothing.
    pub location_id: Option<String>,
    /// Event type.
    pub kind: &'static str,
    /// The notice as JSON.
    pub json: Arc<str>,
}

struct Channel {
    state: watch::Sender<Arc<LiveState>>,
    backlog: Mutex<VecDeque<Arc<Delta>>>,
}

/// The hub.
pub struct Feed {
    calls: DashMap<CallId, Arc<Channel>>,
    deltas: broadcast::Sender<Arc<Delta>>,
    notices: broadcast::Sender<Arc<Notice>>,
}

impl Default for Feed {
    fn default() -> Self {
        Feed {
            calls: DashMap::new(),
            deltas: broadcast::channel(BROADCAST_DELTAS).0,
            notices: broadcast::channel(BROADCAST_NOTICES).0,
        }
    }
}

impl Feed {
    /// Puts events of one call on the feed, together with the state that includes them.
    pub fn publish(&self, events: Vec<LiveEvent>, state: LiveState) {
        let call_id = state.call_id;
        let state = Arc::new(state);
        let channel = self.calls.entry(call_id).or_insert_with(|| {
            Arc::new(Channel {
                state: watch::channel(Arc::clone(&state)).0,
                backlog: Mutex::new(VecDeque::new()),
            })
        });
        let channel = Arc::clone(channel.value());
        // The state goes first: a reader that takes a snapshot after a delta must not get an older state than the delta.
        channel.state.send_replace(state);
        let mut backlog = channel.backlog.lock().unwrap_or_else(|e| e.into_inner());
        metrics::counter!("offhook_feed_events_total").increment(events.len() as u64);
        for event in events {
            // An event holds only strings, numbers and string-keyed maps: writing it cannot fail.
            let json: Arc<str> = serde_json::to_string(&event).unwrap_or_default().into();
            let kind = match event.kind {
                std::borrow::Cow::Borrowed(kind) => kind,
                std::borrow::Cow::Owned(_) => "event",
            };
            let delta = Arc::new(Delta {
                call_id,
                seq: event.seq,
                kind,
                json,
            });
            if backlog.len() == BACKLOG_DELTAS {
                backlog.pop_front();
            }
            backlog.push_back(Arc::clone(&delta));
            // Nobody listening is no error.
            let _ = self.deltas.send(delta);
        }
    }

    /// Forgets a call that has ended; its readers have had its last event.
    pub fn forget(&self, call_id: CallId) {
        self.calls.remove(&call_id);
    }

    /// The state of a call that is going on (or has just ended).
    pub fn state(&self, call_id: CallId) -> Option<Arc<LiveState>> {
        self.calls
            .get(&call_id)
            .map(|c| Arc::clone(&c.state.borrow()))
    }

    /// A view of one call that wakes its holder at every change.
    pub fn watch(&self, call_id: CallId) -> Option<watch::Receiver<Arc<LiveState>>> {
        self.calls.get(&call_id).map(|c| c.state.subscribe())
    }

    /// The states of all calls, newest first.
    pub fn states(&self) -> Vec<Arc<LiveState>> {
        let mut states: Vec<_> = self
            .calls
            .iter()
            .map(|c| Arc::clone(&c.state.borrow()))
            .collect();
        states.sort_by_key(|s| std::cmp::Reverse(s.call_id));
        states
    }

    /// The deltas of a call after `seq`, if none of them has been forgotten and `seq` is not ahead of the call.
    pub fn since(&self, call_id: CallId, seq: u64) -> Option<Vec<Arc<Delta>>> {
        let channel = Arc::clone(self.calls.get(&call_id)?.value());
        let backlog = channel.backlog.lock().unwrap_or_else(|e| e.into_inner());
        let (oldest, newest) = (backlog.front()?.seq, backlog.back()?.seq);
        (oldest <= seq.saturating_add(1) && seq <= newest)
            .then(|| backlog.iter().filter(|d| d.seq > seq).cloned().collect())
    }

    /// Whether anybody reads the deltas.
    pub fn has_readers(&self) -> bool {
        self.deltas.receiver_count() > 0
    }

    /// Every delta from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Delta>> {
        self.deltas.subscribe()
    }

    /// Tells every reader that may know of it.
    pub fn notify(&self, notice: Notice) {
        // Nobody listening is no error.
        let _ = self.notices.send(Arc::new(notice));
    }

    /// Every notice from now on.
    pub fn notices(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.notices.subscribe()
    }
}
