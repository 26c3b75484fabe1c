//! The log of this node: the live calls' entries, in segment files, behind one group commit.
//!
//! Bytes since the last successful commit (the *tail*) stay in memory until a later commit succeeds. If a write or a sync fails, the
//! segment is given up at its last synced byte and the whole tail is written again to a new one: a failed fsync tells nothing about
//! what is on disk, so nothing is ever assumed of it. Readers drop what they see twice by its sequence number.
//!
//! No thread, no clock, no channel here: see `writer`.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chain::Chain;
use super::disk::{Disk, LogFile};
use super::error::JournalError;
use super::format::{ENTRY_FRAME_BYTES, FILE_HEADER_BYTES, Head, Kind, encode_entry, file_header};
use super::id::CallId;
use super::live_call::{LiveCall, Run};
use super::paths::Paths;
use super::settings::JournalSettings;

/// First wait before another attempt on a failing disk; it doubles up to [`LAST_RETRY`].
const FIRST_RETRY: Duration = Duration::from_millis(100);
/// Longest wait before another attempt on a failing disk.
const LAST_RETRY: Duration = Duration::from_secs(2);
/// How many calls are carried at once: the list of a call's runs takes memory and time to make.
const CARRIED_AT_ONCE: usize = 4;
/// What entries other than media may use of memory once media is refused.
const CONTROL_RESERVE_BYTES: usize = 16 << 20;

/// A segment file.
pub struct Segment {
    /// For readers: stays readable after the file's name is gone.
    pub file: Arc<File>,
    /// Its path.
    pub path: PathBuf,
    /// How many runs of live calls lie in it.
    pub live_runs: u64,
}

/// The segment that is being written.
struct Current {
    number: u32,
    file: Box<dyn LogFile>,
    /// Bytes that are durable, the header included: where the tail begins.
    synced_bytes: u64,
}

/// A disk that refuses, and when it is tried again.
#[derive(Debug, Clone)]
pub struct Failing {
    /// Since when.
    pub since: Instant,
    /// What the last attempt ran into.
    pub error: JournalError,
    retry_at: Instant,
    wait: Duration,
}

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// Bytes made durable.
    pub bytes: u64,
    /// Entries made durable, seals included.
    pub entries: u64,
}

/// See the module.
pub struct NodeLog {
    paths: Paths,
    settings: JournalSettings,
    disk: Box<dyn Disk>,
    calls: HashMap<CallId, LiveCall>,
    segments: BTreeMap<u32, Segment>,
    next_segment: u32,
    current: Option<Current>,
    tail: Vec<u8>,
    /// Whose bytes lie where in the tail, in order.
    tail_runs: Vec<(CallId, Run)>,
    tail_entries: u64,
    /// How much of the tail has been handed to the current segment.
    written: usize,
    /// Calls with entries since their last seal.
    unsealed: Vec<CallId>,
    failing: Option<Failing>,
}

impl NodeLog {
    /// The log as recovery found it. Its first segment is made at once, so that a disk that cannot be written to is found out at once.
    pub fn open(
        paths: Paths,
        settings: JournalSettings,
        disk: Box<dyn Disk>,
        calls: HashMap<CallId, LiveCall>,
        segments: BTreeMap<u32, Segment>,
        next_segment: u32,
    ) -> Result<Self, JournalError> {
        let unsealed = calls
            .iter()
            .filter(|(_, call)| call.chain.unsealed_entries() > 0)
            .map(|(key, _)| *key)
            .collect();
        let mut log = Self {
            paths,
            settings,
            disk,
            calls,
            segments,
            next_segment,
            current: None,
            tail: Vec::new(),
            tail_runs: Vec::new(),
            tail_entries: 0,
            written: 0,
            unsealed,
            failing: None,
        };
        log.start_segment()?;
        log.drop_dead_segments();
        Ok(log)
    }

    /// Adds an entry to the tail. Its body is `parts` in order, checked for length by the caller.
    pub fn stage(
        &mut self,
        key: CallId,
        at_us: i64,
        kind: Kind,
        parts: &[&[u8]],
    ) -> Result<(), JournalError> {
        let body_bytes: usize = parts.iter().map(|part| part.len()).sum();
        let room = self.settings.buffer_bytes
            + if kind == Kind::Media {
                0
            } else {
                CONTROL_RESERVE_BYTES
            };
        let full = self.tail.len() + ENTRY_FRAME_BYTES + body_bytes > room;
        if !self.calls.contains_key(&key) {
            if self.paths.call_file(key).exists() {
                return Err(JournalError::AlreadySplit { key });
            }
            self.calls.insert(key, LiveCall::new());
        }
        let Some(call) = self.calls.get_mut(&key) else {
            return Err(JournalError::UnknownCall { key });
        };
        if call.splitting {
            return Err(JournalError::AlreadySplit { key });
        }
        if full {
            call.lost_frames += u64::from(kind == Kind::Media);
            return Err(JournalError::BufferFull { key });
        }
        call.last_at_us = at_us;
        call.closed |= kind == Kind::Closed;
        if call.chain.unsealed_entries() == 0 {
            self.unsealed.push(key);
        }
        self.encode(key, at_us, kind, parts);
        Ok(())
    }

    /// Encodes an entry at the end of the tail and moves its call on.
    fn encode(&mut self, key: CallId, at_us: i64, kind: Kind, parts: &[&[u8]]) {
        let start = self.tail.len();
        let sequence = match self.calls.get_mut(&key) {
            Some(call) if kind != Kind::Split => {
                call.last_sequence += 1;
                call.last_sequence
            }
            _ => 0,
        };
        encode_entry(
            &mut self.tail,
            &Head {
                key,
                sequence,
                at_us,
                kind,
                body_bytes: 0,
            },
            parts,
        );
        self.tail_entries += 1;
        if kind == Kind::Split {
            return;
        }
        // `start` was the tail's end a moment ago.
        let entry = &self.tail[start..];
        if let Some(call) = self.calls.get_mut(&key) {
            call.entries += 1;
            call.bytes += entry.len() as u64;
            if kind != Kind::Seal {
                call.chain.add(entry);
            }
        }
        match self.tail_runs.last_mut() {
            Some((last, run)) if *last == key && (run.offset + run.bytes) as usize == start => {
                run.bytes += entry.len() as u32
            }
            _ => self.tail_runs.push((
                key,
                Run {
                    segment: 0,
                    offset: start as u32,
                    bytes: entry.len() as u32,
                },
            )),
        }
    }

    /// Seals every call with entries since its last seal, or with `closed_only` those that are over.
    fn seal(&mut self, closed_only: bool) {
        for key in std::mem::take(&mut self.unsealed) {
            let Some(call) = self.calls.get_mut(&key) else {
                continue;
            };
            if closed_only && !call.closed {
                self.unsealed.push(key);
                continue;
            }
            let value = call.chain.value();
            let at_us = call.last_at_us;
            (call.chain, call.last_seal) = (Chain::after(&value), value);
            self.encode(key, at_us, Kind::Seal, &[&value]);
        }
    }

    /// Hands the tail to the operating system: from then on a crash of this process loses nothing of it.
    pub fn write(&mut self, now: Instant) -> Result<(), JournalError> {
        if self.written == self.tail.len() && self.current.is_some() {
            return Ok(());
        }
        if let Some(failing) = &self.failing
            && now < failing.retry_at
        {
            return Err(JournalError::Failing {
                error: failing.error.to_string(),
            });
        }
        match self.try_write() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.give_up_segment(error, now)),
        }
    }

    fn try_write(&mut self) -> Result<(), JournalError> {
        if self.current.is_none() {
            self.start_segment()?;
        }
        let Some(current) = &mut self.current else {
            return Err(JournalError::Stopped);
        };
        let path = self.paths.segment(current.number);
        current
            .file
            .append(&self.tail[self.written..])
            .map_err(|error| JournalError::io("write to", &path, error))?;
        self.written = self.tail.len();
        Ok(())
    }

    /// Makes the whole tail durable. `seal_all` seals every call touched since its last seal; calls that are over are always sealed.
    pub fn commit(&mut self, seal_all: bool, now: Instant) -> Result<Committed, JournalError> {
        // Not while waiting for the disk: seals would pile up that nobody asked for.
        if self
            .failing
            .as_ref()
            .is_none_or(|failing| now >= failing.retry_at)
        {
            self.seal(!seal_all);
        }
        self.write(now)?;
        let Some(current) = &mut self.current else {
            return Err(JournalError::Stopped);
        };
        if self.tail.is_empty() {
            self.failing = None;
            return Ok(Committed::default());
        }
        if let Err(error) = current.file.sync() {
            let error = JournalError::io("sync", &self.paths.segment(current.number), error);
            return Err(self.give_up_segment(error, now));
        }
        self.failing = None;
        let committed = Committed {
            bytes: self.tail.len() as u64,
            entries: self.tail_entries,
        };
        let (number, base) = (current.number, current.synced_bytes as u32);
        current.synced_bytes += committed.bytes;
        // With the last call gone nothing in this segment is needed: a new one lets it be deleted.
        let done_with =
            current.synced_bytes >= self.settings.segment_bytes || self.calls.is_empty();
        for (key, run) in self.tail_runs.drain(..) {
            let (Some(call), Some(segment)) =
                (self.calls.get_mut(&key), self.segments.get_mut(&number))
            else {
                continue;
            };
            match call.runs.last_mut() {
                Some(last)
                    if last.segment == number && last.offset + last.bytes == base + run.offset =>
                {
                    last.bytes += run.bytes
                }
                _ => {
                    call.runs.push(Run {
                        segment: number,
                        offset: base + run.offset,
                        bytes: run.bytes,
                    });
                    segment.live_runs += 1;
                }
            }
        }
        self.tail.clear();
        self.tail.shrink_to(self.settings.buffer_bytes / 16);
        (self.tail_entries, self.written) = (0, 0);
        if done_with {
            self.current = None;
            // If the next one cannot be made, the next commit will say so.
            match self.start_segment() {
                Ok(()) => self.drop_dead_segments(),
                Err(error) => {
                    self.give_up_segment(error, now);
                }
            }
        }
        Ok(committed)
    }

    /// Leaves the current segment at its last synced byte; the tail will go to a new one.
    fn give_up_segment(&mut self, error: JournalError, now: Instant) -> JournalError {
        if let Some(mut current) = self.current.take() {
            // Only tidiness: what cannot be cut off is dropped by readers as seen twice.
            let _ = current.file.truncate(current.synced_bytes);
            if current.synced_bytes == FILE_HEADER_BYTES as u64
                && let Some(empty) = self.segments.remove(&current.number)
            {
                let _ = std::fs::remove_file(&empty.path);
            }
        }
        self.written = 0;
        let wait = self
            .failing
            .as_ref()
            .map_or(FIRST_RETRY, |failing| (failing.wait * 2).min(LAST_RETRY));
        let since = self.failing.as_ref().map_or(now, |failing| failing.since);
        self.failing = Some(Failing {
            since,
            error: error.clone(),
            retry_at: now + wait,
            wait,
        });
        error
    }

    fn start_segment(&mut self) -> Result<(), JournalError> {
        let number = self.next_segment;
        let path = self.paths.segment(number);
        let made = self.disk.create(&path).and_then(|mut file| {
            file.append(&file_header())?;
            file.sync()?;
            self.disk.sync_dir(self.paths.node_dir())?;
            Ok((file, File::open(&path)?))
        });
        match made {
            Ok((file, reading)) => {
                self.segments.insert(
                    number,
                    Segment {
                        file: Arc::new(reading),
                        path,
                        live_runs: 0,
                    },
                );
                self.current = Some(Current {
                    number,
                    file,
                    synced_bytes: FILE_HEADER_BYTES as u64,
                });
                self.next_segment += 1;
                Ok(())
            }
            Err(error) => {
                // The same number is tried again; an empty file left behind is overwritten then.
                let _ = std::fs::remove_file(&path);
                Err(JournalError::io("start a new log file at", &path, error))
            }
        }
    }

    /// When a failing disk is to be tried again; `None` while it does not fail.
    pub fn retry_at(&self) -> Option<Instant> {
        self.failing.as_ref().map(|failing| failing.retry_at)
    }

    /// Why and since when nothing can be written; `None` while it can.
    pub fn failing(&self) -> Option<&Failing> {
        self.failing.as_ref()
    }

    /// Whether there is anything a commit would make durable or seal.
    pub fn is_dirty(&self) -> bool {
        !self.tail.is_empty() || !self.unsealed.is_empty()
    }

    /// Whether there is anything that a crash of this process would lose and a write could save.
    pub fn has_unwritten(&self) -> bool {
        self.written < self.tail.len() && self.failing.is_none()
    }

    /// A call that is in the log.
    pub fn call_mut(&mut self, key: CallId) -> Option<&mut LiveCall> {
        self.calls.get_mut(&key)
    }

    /// Whether a call is in the log.
    pub fn holds(&self, key: CallId) -> bool {
        self.calls.contains_key(&key)
    }

    /// The runs of a call together with the files they lie in.
    pub fn runs_of(&self, key: CallId) -> Vec<(Arc<File>, Run)> {
        let runs = self.calls.get(&key).map_or(&[][..], |call| &call.runs);
        runs.iter()
            .filter_map(|run| Some((self.segments.get(&run.segment)?.file.clone(), *run)))
            .collect()
    }

    /// Bytes of a call's entries that are not durable yet.
    pub fn tail_of(&self, key: CallId) -> Vec<u8> {
        let own = self.tail_runs.iter().filter(|(owner, _)| *owner == key);
        own.flat_map(|(_, run)| &self.tail[run.offset as usize..(run.offset + run.bytes) as usize])
            .copied()
            .collect()
    }

    /// A call's oldest `runs` runs are in a file of its own now.
    pub fn forget_runs(&mut self, key: CallId, runs: usize) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        for run in call.runs.drain(..runs.min(call.runs.len())) {
            if let Some(segment) = self.segments.get_mut(&run.segment) {
                segment.live_runs -= 1;
            }
        }
        call.runs.shrink_to_fit();
        self.drop_dead_segments();
    }

    /// The call is in its own file under its final name: notes that and forgets the call.
    pub fn forget_call(&mut self, key: CallId) {
        self.forget_runs(key, usize::MAX);
        if let Some(call) = self.calls.remove(&key) {
            self.encode(key, call.last_at_us, Kind::Split, &[&call.last_seal]);
        }
    }

    /// Deletes the oldest segments for as long as they hold nothing of a live call. Only from the oldest on: the note that a call was
    /// split out must not go before that call's entries.
    fn drop_dead_segments(&mut self) {
        while let Some(oldest) = self.segments.first_entry() {
            let current = self
                .current
                .as_ref()
                .is_some_and(|current| current.number == *oldest.key());
            if current || oldest.get().live_runs > 0 {
                break;
            }
            if let Err(error) = std::fs::remove_file(&oldest.get().path) {
                tracing::warn!(path = %oldest.get().path.display(), %error, "cannot delete a journal segment that is no longer needed");
            }
            oldest.remove();
        }
    }

    /// Calls whose entries should move to a file of their own: those that keep the oldest segments from being deleted while the log is
    /// larger than it may be, and those with more runs than memory should hold; a few at a time.
    pub fn calls_to_carry(&self) -> Vec<CallId> {
        if self.failing.is_some() {
            return Vec::new();
        }
        let oldest = self
            .segments
            .keys()
            .next()
            .filter(|_| self.segments.len() > self.settings.segments.max(1));
        let wanted = |call: &LiveCall| {
            let first = call.runs.first().map(|run| run.segment);
            !call.carrying
                && !call.splitting
                && (call.runs.len() > self.settings.runs
                    || (first.is_some() && first == oldest.copied()))
        };
        let busy = self.calls.values().filter(|call| call.carrying).count();
        self.calls
            .iter()
            .filter(|(_, call)| wanted(call))
            .map(|(key, _)| *key)
            .take(CARRIED_AT_ONCE.saturating_sub(busy))
            .collect()
    }

    /// Where the log's files are.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// How many segment files there are.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }
}
