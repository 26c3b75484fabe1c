//! One reader of the feed: what it wants, what it may see, and which events it has had.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::call::{CallId, LiveState, rfc3339};
use crate::desk::access::Principal;
use crate::desk::feed::{Delta, Feed, Notice};
use crate::server::Edge;

/// What a reader wants.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscription {
    /// `"all"` or a list of call ids.
    pub(super) calls: Wanted,
    /// Locations; all where absent.
    pub(super) locations: Option<BTreeSet<String>>,
    /// Whether partial transcripts come too.
    pub(super) partials: bool,
    /// Whether delay and sound come too, each second of each call.
    pub(super) measures: bool,
}

impl Default for Subscription {
    fn default() -> Self {
        Subscription {
            calls: Wanted::All(All::All),
            locations: None,
            partials: true,
            measures: true,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Wanted {
    All(All),
    Some(BTreeSet<CallId>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum All {
    All,
}

impl Subscription {
    fn wants(&self, call_id: CallId) -> bool {
        match &self.calls {
            Wanted::All(_) => true,
            Wanted::Some(ids) => ids.contains(&call_id),
        }
    }

    /// Whether events of this kind come.
    fn wants_kind(&self, kind: &str) -> bool {
        match kind {
            "transcript.partial" => self.partials,
            "latency" | "media.quality" => self.measures,
            _ => true,
        }
    }

    fn wants_place(&self, place: Option<&str>) -> bool {
        self.locations
            .as_ref()
            .is_none_or(|wanted| place.is_some_and(|p| wanted.contains(p)))
    }

    fn wants_state(&self, state: &LiveState) -> bool {
        let place = state.call["ownership"]["location_id"].as_str();
        self.wants(state.call_id) && self.wants_place(place)
    }

    fn wants_notice(&self, notice: &Notice) -> bool {
        let whose = match notice.call_id {
            Some(call_id) => self.wants(call_id),
            None => matches!(self.calls, Wanted::All(_)),
        };
        whose && self.wants_place(notice.location_id.as_deref())
    }
}

/// One reader's place in the feed: which events of which call it has had.
pub(super) struct Reader {
    feed_events: broadcast::Receiver<Arc<Delta>>,
    notices: broadcast::Receiver<Arc<Notice>>,
    /// Who reads: calls that it may not see are not there for it.
    pub(super) principal: Principal,
    subscription: Subscription,
    /// The last event sent of each call that the reader follows.
    seen: HashMap<CallId, u64>,
}

impl Reader {
    pub(super) fn new(feed: &Feed, principal: Principal) -> Self {
        metrics::gauge!("offhook_feed_readers").increment(1.0);
        Reader {
            feed_events: feed.subscribe(),
            notices: feed.notices(),
            principal,
            subscription: Subscription::default(),
            seen: HashMap::new(),
        }
    }

    /// What a reader gets first: for each call the missed deltas where they are still known, else a snapshot.
    pub(super) fn begin(
        &mut self,
        feed: &Feed,
        subscription: Subscription,
        resume_after: &HashMap<CallId, u64>,
        now_us: i64,
    ) -> Vec<Arc<str>> {
        self.subscription = subscription;
        self.seen.clear();
        let mut messages = Vec::new();
        for state in feed.states() {
            if !self.gets(&state) {
                continue;
            }
            let missed = resume_after
                .get(&state.call_id)
                .and_then(|seq| feed.since(state.call_id, *seq));
            match missed {
                Some(missed) => {
                    self.seen.insert(
                        state.call_id,
                        missed
                            .last()
                            .map_or(resume_after[&state.call_id], |d| d.seq),
                    );
                    messages.extend(missed.iter().map(|d| Arc::clone(&d.json)));
                }
                None => messages.push(self.snapshot(&state, now_us)),
            }
        }
        if messages.is_empty() {
            // A reader shall know that it is connected, even when nobody calls.
            messages.push(ping(now_us));
        }
        messages
    }

    /// Whether this reader gets a call: it wants it and may see it.
    fn gets(&self, state: &LiveState) -> bool {
        let place = state.call["ownership"]["location_id"].as_str();
        self.subscription.wants_state(state) && self.principal.sight.sees(place)
    }

    fn snapshot(&mut self, state: &LiveState, now_us: i64) -> Arc<str> {
        self.seen.insert(state.call_id, state.seq);
        let at_ms = state.timeline.last().map_or(0, |m| m.at_ms);
        json!({ "type": "snapshot", "seq": state.seq, "call_id": state.call_id, "at": rfc3339(now_us), "at_ms": at_ms, "data": state })
            .to_string()
            .into()
    }

    /// What a delta means for this reader, if anything.
    fn take(&mut self, feed: &Feed, delta: &Delta, now_us: i64) -> Option<Arc<str>> {
        match self.seen.get_mut(&delta.call_id) {
            Some(seen) if delta.seq <= *seen => None,
            Some(seen) => {
                *seen = delta.seq;
                // Left out by the reader's own wish: `seq` then has holes for it, and it knows why.
                let wanted = self.subscription.wants_kind(delta.kind);
                wanted.then(|| Arc::clone(&delta.json))
            }
            // A call that began after this reader: its first message is a snapshot, as for every other.
            None if self.subscription.wants(delta.call_id) => {
                let state = feed.state(delta.call_id).filter(|s| self.gets(s))?;
                Some(self.snapshot(&state, now_us))
            }
            None => None,
        }
    }

    /// Whether this reader hears of a notice: it wants it and may see whose it is.
    fn hears(&self, notice: &Notice) -> bool {
        self.subscription.wants_notice(notice)
            && self.principal.sight.sees(notice.location_id.as_deref())
    }

    /// The next messages. Never returns nothing but at the end of the server.
    pub(super) async fn next(&mut self, edge: &Edge) -> Option<Vec<Arc<str>>> {
        loop {
            let lost = tokio::select! {
                delta = self.feed_events.recv() => match delta {
                    Ok(delta) => match self.take(&edge.feed, &delta, edge.clock.now_us()) {
                        Some(message) => return Some(vec![message]),
                        None => continue,
                    },
                    Err(lost) => lost,
                },
                notice = self.notices.recv() => match notice {
                    Ok(notice) if self.hears(&notice) => return Some(vec![Arc::clone(&notice.json)]),
                    Ok(_) => continue,
                    Err(lost) => lost,
                },
            };
            return match lost {
                RecvError::Lagged(skipped) => Some(self.again(edge, skipped)),
                RecvError::Closed => None,
            };
        }
    }

    /// What a reader gets that has lost its place: the word that it did, and how things stand now.
    fn again(&mut self, edge: &Edge, skipped: u64) -> Vec<Arc<str>> {
        metrics::counter!("offhook_feed_lagged_total").increment(1);
        let now_us = edge.clock.now_us();
        // What is in the queues now is older than the snapshots that follow.
        self.feed_events = edge.feed.subscribe();
        self.notices = edge.feed.notices();
        let lagged =
            json!({ "type": "feed.lagged", "at": rfc3339(now_us), "data": { "skipped": skipped } })
                .to_string();
        let subscription = self.subscription.clone();
        let mut messages = vec![lagged.into()];
        messages.extend(self.begin(&edge.feed, subscription, &HashMap::new(), now_us));
        messages
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        metrics::gauge!("offhook_feed_readers").decrement(1.0);
    }
}

pub(super) fn ping(now_us: i64) -> Arc<str> {
    json!({ "type": "ping", "at": rfc3339(now_us), "data": {} })
        .to_string()
        .into()
}
