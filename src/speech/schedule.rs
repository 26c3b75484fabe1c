//! Who is decoded next: finals first by deadline, then partials by deadline, at most one queued partial a track.
//!
//! Pure: a time is an argument (µs since any start). First-come first-served collapses under load, for stale partials stand before
//! finals; here partials are what gives way. Finals are never dropped.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Number of a track within the recogniser.
pub type TrackId = u64;

/// A queued job.
#[derive(Debug, Clone)]
pub struct Entry<J> {
    /// Whose.
    pub track: TrackId,
    /// The track's number of the job.
    pub ticket: u64,
    /// Finals go before everything else.
    pub is_final: bool,
    /// When it should be decoded, µs.
    pub deadline_us: u64,
    /// What to do.
    pub job: J,
}

type Key = (u64, u64);

/// The waiting jobs.
#[derive(Debug)]
pub struct Queue<J> {
    finals: BTreeMap<Key, Entry<J>>,
    partials: BTreeMap<Key, Entry<J>>,
    partial_of: HashMap<TrackId, Key>,
    busy: HashSet<TrackId>,
    pushed: u64,
    shed: u64,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Self {
            finals: BTreeMap::new(),
            partials: BTreeMap::new(),
            partial_of: HashMap::new(),
            busy: HashSet::new(),
            pushed: 0,
            shed: 0,
        }
    }
}

impl<J> Queue<J> {
    /// Queues a job. A partial replaces the track's waiting one; a final makes it pointless and removes it.
    pub fn push(&mut self, entry: Entry<J>) {
        if self.drop_partial(entry.track) {
            self.shed += 1;
        }
        self.pushed += 1;
        let key = (entry.deadline_us, self.pushed);
        if entry.is_final {
            self.finals.insert(key, entry);
        } else {
            self.partial_of.insert(entry.track, key);
            self.partials.insert(key, entry);
        }
    }

    /// The next job, which is then running; see [`Self::partial_done`]. A partial waits while its track has another one running.
    pub fn pop(&mut self) -> Option<Entry<J>> {
        if let Some((_, entry)) = self.finals.pop_first() {
            return Some(entry);
        }
        let key = self
            .partials
            .iter()
            .find(|(_, entry)| !self.busy.contains(&entry.track))
            .map(|(key, _)| *key)?;
        let entry = self.partials.remove(&key)?;
        self.partial_of.remove(&entry.track);
        self.busy.insert(entry.track);
        Some(entry)
    }

    /// A popped partial has ended, however it did.
    pub fn partial_done(&mut self, track: TrackId) {
        self.busy.remove(&track);
    }

    /// The first final in line.
    pub fn first_final(&self) -> Option<&Entry<J>> {
        self.finals.first_key_value().map(|(_, entry)| entry)
    }

    /// Takes a waiting final out of the line if `take` agrees.
    pub fn take_final(
        &mut self,
        track: TrackId,
        ticket: u64,
        take: impl FnOnce(&Entry<J>) -> bool,
    ) -> Option<Entry<J>> {
        let (key, entry) = self
            .finals
            .iter()
            .find(|(_, e)| e.track == track && e.ticket == ticket)?;
        let key = *key;
        if take(entry) {
            self.finals.remove(&key)
        } else {
            None
        }
    }

    /// Speech went on behind a speculative final: if it still waits, it is only a partial.
    pub fn demote(&mut self, track: TrackId, ticket: u64) {
        let key = self
            .finals
            .iter()
            .find(|(_, e)| e.track == track && e.ticket == ticket)
            .map(|(key, _)| *key);
        if let Some(mut entry) = key.and_then(|key| self.finals.remove(&key)) {
            entry.is_final = false;
            self.push(entry);
        }
    }

    /// The track's call has ended: its finals are wanted now.
    pub fn hurry(&mut self, track: TrackId, now_us: u64) {
        let keys: Vec<Key> = self
            .finals
            .iter()
            .filter(|(key, e)| e.track == track && key.0 > now_us)
            .map(|(key, _)| *key)
            .collect();
        for (nth, key) in keys.into_iter().enumerate() {
            if let Some(mut entry) = self.finals.remove(&key) {
                // Their order among each other stays.
                entry.deadline_us = now_us + nth as u64;
                self.finals.insert((entry.deadline_us, key.1), entry);
            }
        }
    }

    /// Removes everything of a track.
    pub fn forget(&mut self, track: TrackId) {
        self.drop_partial(track);
        self.busy.remove(&track);
        self.finals.retain(|_, entry| entry.track != track);
    }

    /// Removes and returns everything.
    pub fn drain(&mut self) -> Vec<Entry<J>> {
        self.partial_of.clear();
        std::mem::take(&mut self.finals)
            .into_values()
            .chain(std::mem::take(&mut self.partials).into_values())
            .collect()
    }

    /// Waiting finals.
    pub fn finals(&self) -> usize {
        self.finals.len()
    }

    /// Waiting partials.
    pub fn partials(&self) -> usize {
        self.partials.len()
    }

    /// Partials that were replaced or made pointless before they ran, since the last call of this.
    pub fn take_shed(&mut self) -> u64 {
        std::mem::take(&mut self.shed)
    }

    fn drop_partial(&mut self, track: TrackId) -> bool {
        self.partial_of
            .remove(&track)
            .and_then(|key| self.partials.remove(&key))
            .is_some()
    }
}

#[cfg(test)]
mod tests;
