//! What the last run left behind: which calls are unfinished, and where their entries lie.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::Chain;
use super::disk::sync_dir;
use super::error::JournalError;
use super::format::{FILE_HEADER_BYTES, Kind};
use super::id::CallId;
use super::live_call::{LiveCall, Run};
use super::node_log::Segment;
use super::paths::Paths;
use super::reader::{Damage, RawEntry, read_file};

/// What opening the journal found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Calls that were live when the last run ended, oldest id first. Each is to be finalised and split.
    pub unfinished: Vec<Unfinished>,
    /// What could not be read, and in which file.
    pub damage: Vec<(PathBuf, Damage)>,
}

/// A call that the last run did not split out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The call.
    pub key: CallId,
    /// How many entries it has; its last sequence number, if nothing of it is damaged.
    pub entries: u64,
    /// Time of its last entry, in microseconds since 1970 (UTC).
    pub last_at_us: i64,
    /// Whether its last word was [`Kind::Closed`]: only the split is missing.
    pub closed: bool,
}

/// The log's state as its files say it is.
#[derive(Default)]
pub struct Recovered {
    /// The unfinished calls.
    pub calls: HashMap<CallId, LiveCall>,
    /// The segments.
    pub segments: BTreeMap<u32, Segment>,
    /// The number of the next segment.
    pub next_segment: u32,
    /// What the caller is told.
    pub report: Recovery,
    finished: HashSet<CallId>,
}

/// Reads the node log below `paths`, making its folders, durably with `fsync`, if need be.
pub fn recover(paths: &Paths, fsync: bool) -> Result<Recovered, JournalError> {
    for dir in [paths.node_dir(), paths.calls_dir()] {
        std::fs::create_dir_all(dir).map_err(|error| JournalError::io("make", dir, error))?;
    }
    // A power loss must not take the folders' own names.
    for dir in paths
        .node_dir()
        .ancestors()
        .skip(1)
        .take(2)
        .filter(|_| fsync)
    {
        sync_dir(if dir == Path::new("") {
            Path::new(".")
        } else {
            dir
        })
        .map_err(|error| JournalError::io("sync", dir, error))?;
    }
    let mut found = Recovered {
        next_segment: 1,
        ..Recovered::default()
    };
    let (mut parts, mut segments) = (Vec::new(), BTreeMap::new());
    let listing = |error| JournalError::io("list", paths.node_dir(), error);
    for file in std::fs::read_dir(paths.node_dir()).map_err(listing)? {
        let path = file.map_err(listing)?.path();
        if let Some(number) = Paths::segment_number(&path) {
            segments.insert(number, path);
        } else if let Some(key) = Paths::part_key(&path) {
            parts.push((key, path));
        }
    }
    parts.sort();
    for (key, path) in parts {
        found.read_part(key, &path)?;
    }
    for (number, path) in segments {
        found.read_segment(number, path, paths)?;
    }
    let mut unfinished: Vec<_> = found
        .calls
        .iter()
        .map(|(key, call)| call.as_unfinished(*key))
        .collect();
    unfinished.sort_by_key(|call| call.key);
    found.report.unfinished = unfinished;
    Ok(found)
}

impl Recovered {
    /// Takes what was carried out of the log for one call. A torn end is cut off, so that more can be appended.
    fn read_part(&mut self, key: CallId, path: &Path) -> Result<(), JournalError> {
        let failed = |error| JournalError::io("read", path, error);
        let mut reader = read_file(path)?;
        let mut call = LiveCall::new();
        let mut sound_bytes = FILE_HEADER_BYTES as u64;
        while let Some(item) = reader.next_raw() {
            match item {
                Ok(raw) if raw.head.key == key => {
                    call.add(&raw);
                    sound_bytes = raw.offset + raw.bytes.len() as u64;
                }
                Ok(_) => {}
                Err(damage) => self.report.damage.push((path.to_owned(), damage)),
            }
        }
        if call.last_sequence == 0 {
            return std::fs::remove_file(path).map_err(failed);
        }
        let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        file.set_len(sound_bytes)
            .and_then(|()| file.sync_data())
            .map_err(failed)?;
        call.part_bytes = sound_bytes;
        self.calls.insert(key, call);
        Ok(())
    }

    fn read_segment(
        &mut self,
        number: u32,
        path: PathBuf,
        paths: &Paths,
    ) -> Result<(), JournalError> {
        self.next_segment = self.next_segment.max(number.saturating_add(1));
        let mut reader = read_file(&path)?;
        let file = File::open(&path).map_err(|error| JournalError::io("open", &path, error))?;
        self.segments.insert(
            number,
            Segment {
                file: Arc::new(file),
                path: path.clone(),
                live_runs: 0,
            },
        );
        while let Some(item) = reader.next_raw() {
            match item {
                Ok(raw) => self.take(number, &raw, paths),
                Err(damage) => self.report.damage.push((path.clone(), damage)),
            }
        }
        Ok(())
    }

    fn take(&mut self, number: u32, raw: &RawEntry<'_>, paths: &Paths) {
        let key = raw.head.key;
        if self.finished.contains(&key) {
            return;
        }
        let known = self.calls.contains_key(&key);
        if raw.head.kind == Kind::Split || (!known && paths.call_file(key).exists()) {
            self.finish(key);
            return;
        }
        let call = self.calls.entry(key).or_insert_with(LiveCall::new);
        // Written twice: to a segment that could not be synced and to the one after it, or carried into the call's own file.
        if raw.head.sequence <= call.last_sequence {
            return;
        }
        call.add(raw);
        let (offset, bytes) = (raw.offset as u32, raw.bytes.len() as u32);
        match call.runs.last_mut() {
            Some(last) if last.segment == number && last.offset + last.bytes == offset => {
                last.bytes += bytes
            }
            _ => {
                call.runs.push(Run {
                    segment: number,
                    offset,
                    bytes,
                });
                if let Some(segment) = self.segments.get_mut(&number) {
                    segment.live_runs += 1;
                }
            }
        }
    }

    /// The call has its own file: nothing of it in the log is needed.
    fn finish(&mut self, key: CallId) {
        self.finished.insert(key);
        for run in self
            .calls
            .remove(&key)
            .map(|call| call.runs)
            .unwrap_or_default()
        {
            if let Some(segment) = self.segments.get_mut(&run.segment) {
                segment.live_runs -= 1;
            }
        }
    }
}

impl LiveCall {
    /// Moves on by an entry that is in a file.
    fn add(&mut self, raw: &RawEntry<'_>) {
        self.last_sequence = raw.head.sequence;
        self.last_at_us = raw.head.at_us;
        self.bytes += raw.bytes.len() as u64;
        self.entries += 1;
        if raw.head.kind == Kind::Seal {
            // Also when it does not fit: the next stretch can still be checked from here, and `verify` will name this one.
            if let Ok(value) = raw.body().try_into() {
                (self.chain, self.last_seal) = (Chain::after(&value), value);
            }
        } else {
            self.chain.add(raw.bytes);
            self.closed = raw.head.kind == Kind::Closed;
        }
    }

    fn as_unfinished(&self, key: CallId) -> Unfinished {
        Unfinished {
            key,
            entries: self.entries,
            last_at_us: self.last_at_us,
            closed: self.closed,
        }
    }
}
