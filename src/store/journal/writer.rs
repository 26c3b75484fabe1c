//! The writer thread: takes entries from channel and rings, writes them every few milliseconds, commits when somebody waits or when the
//! commit interval is over, and hands calls that are over to the carrier thread.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use metrics::{counter, gauge, histogram};
use tokio::sync::watch;

use super::carrier::{Carried, Job};
use super::error::JournalError;
use super::format::Kind;
use super::id::CallId;
use super::media_ring::{MediaInput, Tickets};
use super::messages::{Command, Health, Reply, Split, Whereabouts};
use super::metric_names::{
    BYTES_TOTAL, COMMIT_SECONDS, ENTRIES_TOTAL, FRAME_TO_DURABLE_SECONDS, FRAME_TO_WRITTEN_SECONDS,
    LOST_FRAMES_TOTAL, SEGMENTS,
};
use super::node_log::NodeLog;
use super::settings::JournalSettings;

/// How often the rings are emptied and what came is written.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);
/// Wait before another attempt at carrying after one that failed.
const CARRY_RETRY: Duration = Duration::from_secs(10);

/// Who waits for the next commit.
enum Waiter {
    Append(Reply<()>),
    Split(CallId, Reply<Split>),
}

/// The state of the thread.
pub struct Writer {
    log: NodeLog,
    commands: Receiver<Command>,
    carrier: Sender<Job>,
    health: watch::Sender<Health>,
    tickets: Tickets,
    settings: JournalSettings,
    inputs: HashMap<CallId, Vec<MediaInput>>,
    waiters: Vec<Waiter>,
    splits: HashMap<CallId, Reply<Split>>,
    next_drain: Instant,
    next_commit: Instant,
    carry_after: Instant,
    /// Arrival of the oldest frame of each batch since the last write, and since the last commit.
    unwritten_batches: Vec<i64>,
    uncommitted_batches: Vec<i64>,
}

impl Writer {
    /// A writer that has nothing to do yet.
    pub fn new(
        log: NodeLog,
        commands: Receiver<Command>,
        carrier: Sender<Job>,
        health: watch::Sender<Health>,
        tickets: Tickets,
        settings: JournalSettings,
    ) -> Self {
        let now = Instant::now();
        Self {
            log,
            commands,
            carrier,
            health,
            tickets,
            settings,
            inputs: HashMap::new(),
            waiters: Vec::new(),
            splits: HashMap::new(),
            next_drain: now,
            next_commit: now,
            carry_after: now,
            unwritten_batches: Vec::new(),
            uncommitted_batches: Vec::new(),
        }
    }

    /// Works until told to stop or until nobody is left who could.
    pub fn run(mut self) {
        loop {
            let stop = match self.next_command() {
                Ok(Some(Command::Stop { done })) => Some(Some(done)),
                Ok(command) => {
                    // Frames up to here may be taken: whatever caused them has been sent, so the channel has it.
                    let bound = self.tickets.bound();
                    let mut stop = None;
                    for command in command.into_iter().chain(
                        std::iter::from_fn(|| self.commands.try_recv().ok()).collect::<Vec<_>>(),
                    ) {
                        match command {
                            Command::Stop { done } => stop = Some(Some(done)),
                            command => self.obey(command),
                        }
                    }
                    self.work(bound);
                    stop
                }
                Err(()) => Some(None),
            };
            if let Some(done) = stop {
                self.drain(u64::MAX);
                let result = self.commit(true);
                // First nobody can send any more, then the answer.
                drop(self);
                if let Some(done) = done {
                    let _ = done.send(result);
                }
                return;
            }
        }
    }

    /// Waits for a command until something is due.
    fn next_command(&mut self) -> Result<Option<Command>, ()> {
        let mut due = None;
        if !self.inputs.is_empty() || self.log.has_unwritten() {
            due = Some(self.next_drain);
        }
        if self.log.is_dirty() || self.log.failing().is_some() {
            let commit = self.log.retry_at().unwrap_or(self.next_commit);
            due = Some(due.map_or(commit, |due: Instant| due.min(commit)));
        }
        let Some(due) = due else {
            return self.commands.recv().map(Some).map_err(|_| ());
        };
        match self
            .commands
            .recv_timeout(due.saturating_duration_since(Instant::now()))
        {
            Ok(command) => Ok(Some(command)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(()),
        }
    }

    /// Drains, writes and commits what is due.
    fn work(&mut self, bound: u64) {
        let now = Instant::now();
        let waited_for = !self.waiters.is_empty();
        let commit_due = now >= self.next_commit;
        if now >= self.next_drain || waited_for || commit_due {
            self.next_drain = now + DRAIN_INTERVAL;
            self.drain(bound);
            match self.log.write(now) {
                Ok(()) => record_ages(FRAME_TO_WRITTEN_SECONDS, &mut self.unwritten_batches),
                Err(_) => self.publish_health(),
            }
        }
        let retry_due = self.log.retry_at().is_some_and(|at| now >= at);
        if waited_for
            || retry_due
            || (commit_due && (self.log.is_dirty() || self.log.failing().is_some()))
        {
            let _ = self.commit(commit_due || retry_due);
        }
        if commit_due {
            self.next_commit = Instant::now() + self.settings.commit_interval;
        }
        self.start_carrying();
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Append {
                ticket,
                key,
                kind,
                at_us,
                body,
                done,
            } => {
                self.drain_call(key, ticket);
                let staged = self.log.stage(key, at_us, kind, &[&body]);
                match (staged, done) {
                    (Ok(()), Some(done)) => self.waiters.push(Waiter::Append(done)),
                    (Ok(()), None) => {}
                    (Err(error), Some(done)) => {
                        let _ = done.send(Err(error));
                    }
                    (Err(error), None) => {
                        tracing::warn!(call = %key, kind = kind.name(), %error, "a journal entry is lost")
                    }
                }
            }
            Command::Listen { key, input } => self.inputs.entry(key).or_default().push(input),
            Command::Split { ticket, key, done } => {
                self.drain_call(key, ticket);
                match self.log.call_mut(key) {
                    Some(call) if !call.splitting => {
                        call.closed = true;
                        call.splitting = true;
                        self.waiters.push(Waiter::Split(key, done));
                    }
                    _ => {
                        let known = self.log.holds(key) || self.log.paths().call_file(key).exists();
                        let error = if known {
                            JournalError::AlreadySplit { key }
                        } else {
                            JournalError::UnknownCall { key }
                        };
                        let _ = done.send(Err(error));
                    }
                }
            }
            Command::Find { ticket, key, done } => {
                self.drain_call(key, ticket);
                let _ = done.send(self.find(key));
            }
            Command::Carried(carried) => self.carried(carried),
            // `run` keeps these to itself.
            Command::Stop { .. } => {}
        }
    }

    fn find(&mut self, key: CallId) -> Option<Whereabouts> {
        let part_bytes = self.log.call_mut(key)?.part_bytes;
        let part = (part_bytes > 0).then(|| (self.log.paths().part(key), part_bytes));
        Some(Whereabouts {
            part,
            runs: self.log.runs_of(key),
            tail: self.log.tail_of(key),
        })
    }

    /// Takes what has come on all streams.
    fn drain(&mut self, bound: u64) {
        let mut oldest_us = i64::MAX;
        let log = &mut self.log;
        self.inputs.retain(|key, inputs| {
            drain_inputs(log, *key, inputs, bound, &mut oldest_us);
            !inputs.is_empty()
        });
        self.note_batch(oldest_us);
    }

    /// Takes what came on one call's streams before `ticket` was taken.
    fn drain_call(&mut self, key: CallId, ticket: u64) {
        let Some(inputs) = self.inputs.get_mut(&key) else {
            return;
        };
        let mut oldest_us = i64::MAX;
        drain_inputs(&mut self.log, key, inputs, ticket, &mut oldest_us);
        if inputs.is_empty() {
            self.inputs.remove(&key);
        }
        self.note_batch(oldest_us);
    }

    fn note_batch(&mut self, oldest_us: i64) {
        // While the disk refuses, batches would only pile up; their ages say nothing then.
        if oldest_us < i64::MAX && self.log.failing().is_none() {
            self.unwritten_batches.push(oldest_us);
            self.uncommitted_batches.push(oldest_us);
        }
    }

    /// Makes everything staged durable and answers those who wait for that.
    fn commit(&mut self, seal_all: bool) -> Result<(), JournalError> {
        let started = Instant::now();
        let result = self.log.commit(seal_all, started);
        match &result {
            Ok(committed) => {
                if committed.entries > 0 {
                    histogram!(COMMIT_SECONDS).record(started.elapsed());
                    counter!(BYTES_TOTAL).increment(committed.bytes);
                    counter!(ENTRIES_TOTAL).increment(committed.entries);
                    gauge!(SEGMENTS).set(self.log.segment_count() as f64);
                }
                record_ages(FRAME_TO_WRITTEN_SECONDS, &mut self.unwritten_batches);
                record_ages(FRAME_TO_DURABLE_SECONDS, &mut self.uncommitted_batches);
            }
            Err(_) => {
                self.unwritten_batches.clear();
                self.uncommitted_batches.clear();
            }
        }
        self.publish_health();
        for waiter in std::mem::take(&mut self.waiters) {
            match (waiter, &result) {
                (Waiter::Append(done), result) => {
                    let _ = done.send(result.clone().map(|_| ()));
                }
                (Waiter::Split(key, done), Ok(_)) => {
                    self.splits.insert(key, done);
                    self.carry(key, true);
                }
                (Waiter::Split(key, done), Err(error)) => {
                    if let Some(call) = self.log.call_mut(key) {
                        call.splitting = false;
                    }
                    let _ = done.send(Err(error.clone()));
                }
            }
        }
        result.map(|_| ())
    }

    fn publish_health(&self) {
        let error = self.log.failing().map(|failing| failing.error.to_string());
        self.health
            .send_if_modified(|health| match (&*health, error) {
                (Health::Ok, None) => false,
                (Health::Failing { .. }, None) => {
                    tracing::info!("the journal can write to disk again");
                    *health = Health::Ok;
                    true
                }
                (Health::Ok, Some(error)) => {
                    tracing::error!(
                        error,
                        "the journal cannot write to disk; new calls are to be refused until it can"
                    );
                    *health = Health::Failing {
                        since: SystemTime::now(),
                        error,
                    };
                    true
                }
                (
                    Health::Failing {
                        since,
                        error: before,
                    },
                    Some(error),
                ) => {
                    let changed = *before != error;
                    *health = Health::Failing {
                        since: *since,
                        error,
                    };
                    changed
                }
            });
    }

    /// Lets the carrier move long calls out of the log.
    fn start_carrying(&mut self) {
        if Instant::now() < self.carry_after {
            return;
        }
        for key in self.log.calls_to_carry() {
            self.carry(key, false);
        }
    }

    /// Sends a call's runs to the carrier, unless it is at that call already: then `carried` goes on.
    fn carry(&mut self, key: CallId, finish: bool) {
        let runs = self.log.runs_of(key);
        let Some(call) = self.log.call_mut(key) else {
            return;
        };
        if call.carrying {
            return;
        }
        call.carrying = true;
        let job = Job {
            key,
            runs,
            part_bytes: call.part_bytes,
            finish,
        };
        if self.carrier.send(job).is_err() {
            call.carrying = false;
            if let Some(done) = self.splits.remove(&key) {
                let _ = done.send(Err(JournalError::Stopped));
            }
        }
    }

    fn carried(&mut self, carried: Carried) {
        let key = carried.key;
        let path = self.log.paths().call_file(key);
        let Some(call) = self.log.call_mut(key) else {
            return;
        };
        call.carrying = false;
        let bytes = match carried.result {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(call = %key, %error, "cannot move a call out of the node log");
                self.carry_after = Instant::now() + CARRY_RETRY;
                if let Some(done) = self.splits.remove(&key) {
                    call.splitting = false;
                    let _ = done.send(Err(error));
                }
                return;
            }
        };
        call.part_bytes = bytes;
        if !carried.finish {
            self.log.forget_runs(key, carried.runs);
            if self.splits.contains_key(&key) {
                self.carry(key, true);
            }
            return;
        }
        let split = Split {
            path,
            entries: call.entries,
            seal: call.last_seal,
            bytes,
            lost_frames: call.lost_frames,
        };
        self.log.forget_call(key);
        self.inputs.remove(&key);
        if let Some(done) = self.splits.remove(&key) {
            let _ = done.send(Ok(split));
        }
    }
}

/// Stages the frames that have come on a call's streams, in the order of their tickets, and drops the streams that have ended.
fn drain_inputs(
    log: &mut NodeLog,
    key: CallId,
    inputs: &mut Vec<MediaInput>,
    bound: u64,
    oldest_us: &mut i64,
) {
    loop {
        let first = match inputs.as_mut_slice() {
            [only] => Some(only),
            several => several
                .iter_mut()
                .filter_map(|input| Some((input.next_ticket()?, input)))
                .min_by_key(|(ticket, _)| *ticket)
                .map(|(_, input)| input),
        };
        let Some(frame) = first.and_then(|input| input.next_before(bound)) else {
            break;
        };
        *oldest_us = frame.at_us.min(*oldest_us);
        let staged = log.stage(
            key,
            frame.at_us,
            Kind::Media,
            &[&frame.media.head(), frame.media.payload],
        );
        // A frame that comes after its call was split out is no loss: the call was over.
        if let Err(JournalError::BufferFull { .. }) = staged {
            counter!(LOST_FRAMES_TOTAL).increment(1);
        }
    }
    for input in inputs.iter() {
        let lost = input.take_lost();
        if lost > 0 {
            counter!(LOST_FRAMES_TOTAL).increment(lost);
            if let Some(call) = log.call_mut(key) {
                call.lost_frames += lost;
            }
        }
    }
    inputs.retain_mut(|input| !input.is_finished());
}

/// Records how long ago each of these moments was.
fn record_ages(name: &'static str, moments_us: &mut Vec<i64>) {
    if moments_us.is_empty() {
        return;
    }
    let now_us = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as i64);
    let ages = histogram!(name);
    for at_us in moments_us.drain(..) {
        ages.record(now_us.saturating_sub(at_us).max(0) as f64 / 1e6);
    }
}
