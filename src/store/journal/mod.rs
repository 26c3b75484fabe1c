//! The journal: what happened to every call, in the order it happened, on disk before anything is made of it.
//!
//! Owns the files below its folder (`node/` and `calls/`) and the two threads that write them. All live calls share one *node log* and one
//! group commit: an entry that somebody waits for is durable after one sync that serves everybody who waits, every other entry within
//! the commit interval. When a call is over, its entries are *split* out into a file of its own, and log segments that no live call
//! needs are deleted. It knows nothing of what entries mean.
//!
//! What is promised: entries of one call keep the order in which they were caused; an entry that [`CallWriter::append_durable`] accepted
//! survives a power loss, every other one a crash of the process after 10 ms and a power loss after the commit interval; a damaged byte
//! costs one entry and is reported; a changed byte that checksums miss breaks the call's hash chain.

mod carrier;
mod chain;
mod command;
mod disk;
mod erase;
mod error;
mod format;
mod id;
mod live_call;
mod media_ring;
mod messages;
mod metric_names;
mod node_log;
mod paths;
mod reader;
mod recovery;
mod settings;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

pub use chain::SealValue;
pub use command::{JournalCommand, write_entries};
pub use erase::Erased;
pub use error::JournalError;
pub use format::{ENTRY_FRAME_BYTES, Entry, FILE_HEADER_BYTES, Kind, MAX_BODY_BYTES, Media};
pub use id::{CallId, NotACallId};
pub use media_ring::{MediaRefused, MediaWriter};
pub use messages::{Health, Split};
pub use metric_names::*;
pub use reader::{Damage, DamageReason, Reader, read_file};
pub use recovery::{Recovery, Unfinished};
pub use settings::JournalSettings;
pub use verify::{CallReport, Hole, Report, verify};

use disk::{Disk, RealDisk};
use live_call::Run;
use media_ring::{Tickets, media_ring};
use messages::{Command, Reply, Whereabouts};
use node_log::NodeLog;
use paths::Paths;
use writer::Writer;

/// The journal of this node. Clones are the same journal; it is shut down with the last of them.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    commands: Sender<Command>,
    tickets: Tickets,
    paths: Paths,
    health: watch::Receiver<Health>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Journal {
    /// Opens the journal below `dir`, making it if there is none, and says what the last run left unfinished. Reads the whole node log.
    pub fn open(dir: &Path, settings: &JournalSettings) -> Result<(Self, Recovery), JournalError> {
        Self::open_on(
            dir,
            settings,
            Box::new(RealDisk {
                fsync: settings.fsync,
            }),
        )
    }

    fn open_on(
        dir: &Path,
        settings: &JournalSettings,
        disk: Box<dyn Disk>,
    ) -> Result<(Self, Recovery), JournalError> {
        let paths = Paths::new(dir);
        let found = recovery::recover(&paths, settings.fsync)?;
        let log = NodeLog::open(
            paths.clone(),
            settings.clone(),
            disk,
            found.calls,
            found.segments,
            found.next_segment,
        )?;
        let (commands, inbox) = mpsc::channel();
        let (jobs, job_inbox) = mpsc::channel();
        let (health_sender, health) = watch::channel(Health::Ok);
        let tickets = Tickets::default();
        let started = |error| JournalError::io("start a thread for", dir, error);
        let (carried, carrier_paths, fsync) = (commands.clone(), paths.clone(), settings.fsync);
        let carrier = std::thread::Builder::new()
            .name("journal-carrier".into())
            .spawn(move || {
                for job in job_inbox {
                    if carried
                        .send(Command::Carried(carrier::carry(
                            &job,
                            &carrier_paths,
                            fsync,
                        )))
                        .is_err()
                    {
                        return;
                    }
                }
            })
            .map_err(started)?;
        let writer = Writer::new(
            log,
            inbox,
            jobs,
            health_sender,
            tickets.clone(),
            settings.clone(),
        );
        let writer = std::thread::Builder::new()
            .name("journal-writer".into())
            .spawn(move || writer.run())
            .map_err(started)?;
        let shared = Shared {
            commands,
            tickets,
            paths,
            health,
            threads: Mutex::new(vec![writer, carrier]),
        };
        Ok((Self(Arc::new(shared)), found.report))
    }

    /// A handle that adds entries to a call. The call begins with its first entry.
    pub fn call(&self, key: CallId) -> CallWriter {
        CallWriter {
            key,
            commands: self.0.commands.clone(),
            tickets: self.0.tickets.clone(),
        }
    }

    /// A handle for the media of one stream of a call.
    pub fn media(&self, key: CallId) -> MediaWriter {
        let (writer, input) = media_ring(self.0.tickets.clone());
        // After a shutdown the frames go nowhere, as every entry does then; `append` is what says so.
        let _ = self.0.commands.send(Command::Listen { key, input });
        writer
    }

    /// Gives a call that is over a file of its own, durable when this returns. Nothing can be added to the call afterwards. On an error
    /// the call is as before, and this can be called again.
    pub async fn split(&self, key: CallId) -> Result<Split, JournalError> {
        let ticket = self.0.tickets.take();
        ask(&self.0.commands, |done| Command::Split {
            ticket,
            key,
            done,
        })
        .await
    }

    /// The entries of a call so far, live or over, those that are not durable yet included. Reading blocks on the disk.
    pub async fn read(&self, key: CallId) -> Result<Reader<Box<dyn Read + Send>>, JournalError> {
        let ticket = self.0.tickets.take();
        let (done, answer) = oneshot::channel();
        self.0
            .commands
            .send(Command::Find { ticket, key, done })
            .map_err(|_| JournalError::Stopped)?;
        let path = self.0.paths.call_file(key);
        if let Some(whereabouts) = answer.await.map_err(|_| JournalError::Stopped)? {
            match live_reader(whereabouts) {
                // Its own file has just been given its final name.
                Err(_) if path.exists() => {}
                reader => return reader,
            }
        }
        match File::open(&path) {
            Ok(file) => Ok(Reader::new(Box::new(file))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(JournalError::UnknownCall { key })
            }
            Err(error) => Err(JournalError::io("open", &path, error)),
        }
    }

    /// Where the journal of a call is once it has been split.
    pub fn call_file(&self, key: CallId) -> PathBuf {
        self.0.paths.call_file(key)
    }

    /// Whether entries can be made durable at the moment.
    pub fn health(&self) -> Health {
        self.0.health.borrow().clone()
    }

    /// The same, to wait for changes.
    pub fn watch_health(&self) -> watch::Receiver<Health> {
        self.0.health.clone()
    }

    /// Makes everything durable and ends the writer; whatever is added later is refused.
    pub async fn shut_down(&self) -> Result<(), JournalError> {
        ask(&self.0.commands, |done| Command::Stop { done }).await
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let (done, _) = oneshot::channel();
        let _ = self.commands.send(Command::Stop { done });
        // The writer first: with it ends what the carrier waits for.
        for thread in self
            .threads
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            let _ = thread.join();
        }
    }
}

/// Adds entries to one call; they keep their order.
#[derive(Clone)]
pub struct CallWriter {
    key: CallId,
    commands: Sender<Command>,
    tickets: Tickets,
}

impl CallWriter {
    /// The call.
    pub fn key(&self) -> CallId {
        self.key
    }

    /// Adds an entry that happened at `at_us` (microseconds since 1970, UTC): durable within the commit interval.
    pub fn append(&self, kind: Kind, at_us: i64, body: Vec<u8>) -> Result<(), JournalError> {
        self.send(kind, at_us, body, None)
    }

    /// Adds an entry and returns once it is durable. After an error the entry may or may not survive; see [`Journal::health`].
    pub async fn append_durable(
        &self,
        kind: Kind,
        at_us: i64,
        body: Vec<u8>,
    ) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        self.send(kind, at_us, body, Some(done))?;
        answer.await.map_err(|_| JournalError::Stopped)?
    }

    fn send(
        &self,
        kind: Kind,
        at_us: i64,
        body: Vec<u8>,
        done: Option<Reply<()>>,
    ) -> Result<(), JournalError> {
        if matches!(kind, Kind::Seal | Kind::Split) {
            return Err(JournalError::ReservedKind { kind });
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(JournalError::TooLong { bytes: body.len() });
        }
        let append = Command::Append {
            ticket: self.tickets.take(),
            key: self.key,
            kind,
            at_us,
            body,
            done,
        };
        self.commands
            .send(append)
            .map_err(|_| JournalError::Stopped)
    }
}

/// Sends a command and waits for its answer.
async fn ask<T>(
    commands: &Sender<Command>,
    command: impl FnOnce(Reply<T>) -> Command,
) -> Result<T, JournalError> {
    let (done, answer) = oneshot::channel();
    commands
        .send(command(done))
        .map_err(|_| JournalError::Stopped)?;
    answer.await.map_err(|_| JournalError::Stopped)?
}

/// The entries of a live call: what was carried out of the log, its runs, what is not durable yet.
fn live_reader(found: Whereabouts) -> Result<Reader<Box<dyn Read + Send>>, JournalError> {
    let rest = Runs {
        runs: found.runs.into_iter(),
        current: None,
    }
    .chain(std::io::Cursor::new(found.tail));
    let Some((path, bytes)) = found.part else {
        return Ok(Reader::headless(Box::new(rest)));
    };
    let failed = |error| JournalError::io("open", &path, error);
    let mut part = File::open(&path).map_err(failed)?;
    let header = FILE_HEADER_BYTES as u64;
    part.seek(SeekFrom::Start(header)).map_err(failed)?;
    Ok(Reader::headless(Box::new(
        part.take(bytes.saturating_sub(header)).chain(rest),
    )))
}

/// Stretches of files, one after the other.
struct Runs {
    runs: std::vec::IntoIter<(Arc<File>, Run)>,
    current: Option<(Arc<File>, Run)>,
}

impl Read for Runs {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let Some((file, run)) = self.current.as_mut().filter(|(_, run)| run.bytes > 0) else {
                self.current = self.runs.next();
                if self.current.is_none() {
                    return Ok(0);
                }
                continue;
            };
            let wanted = out.len().min(run.bytes as usize);
            let Some(out) = out.get_mut(..wanted) else {
                return Ok(0);
            };
            let read = file.read_at(out, u64::from(run.offset))?;
            if read == 0 {
                // The segment is shorter than its index says: the reader reports what is missing.
                run.bytes = 0;
                continue;
            }
            run.offset += read as u32;
            run.bytes -= read as u32;
            return Ok(read);
        }
    }
}
