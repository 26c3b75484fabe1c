//! What the journal's users and its threads say to each other.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::oneshot;

use super::carrier::Carried;
use super::chain::SealValue;
use super::error::JournalError;
use super::format::Kind;
use super::id::CallId;
use super::live_call::Run;
use super::media_ring::MediaInput;

/// Whether entries can be made durable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// They can.
    #[default]
    Ok,
    /// They cannot: new calls should be refused. The journal keeps trying, and says `Ok` again by itself.
    Failing {
        /// Since when.
        since: SystemTime,
        /// What the last attempt ran into.
        error: String,
    },
}

/// A call that is over, in its own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The file.
    pub path: PathBuf,
    /// How many entries it has, seals included.
    pub entries: u64,
    /// The value of its last seal: the mark by which the database knows the file.
    pub seal: SealValue,
    /// Its length.
    pub bytes: u64,
    /// Media frames that were lost because the disk did not keep up. They are not in the file.
    pub lost_frames: u64,
}

/// Where the entries of a live call lie.
pub struct Whereabouts {
    /// What has been carried out of the log, and how much of that file counts.
    pub part: Option<(PathBuf, u64)>,
    /// Stretches of the log.
    pub runs: Vec<(Arc<File>, Run)>,
    /// What is not durable yet.
    pub tail: Vec<u8>,
}

/// What the writer is told.
pub enum Command {
    /// Add an entry; `done` is answered once it is durable.
    Append {
        ticket: u64,
        key: CallId,
        kind: Kind,
        at_us: i64,
        body: Vec<u8>,
        done: Option<Reply<()>>,
    },
    /// Listen to a stream.
    Listen { key: CallId, input: MediaInput },
    /// Give a call a file of its own.
    Split {
        ticket: u64,
        key: CallId,
        done: Reply<Split>,
    },
    /// Say where a live call's entries are; `None` when it is not live.
    Find {
        ticket: u64,
        key: CallId,
        done: oneshot::Sender<Option<Whereabouts>>,
    },
    /// The carrier has done a job.
    Carried(Carried),
    /// Commit everything and end.
    Stop { done: Reply<()> },
}

/// Where an answer goes.
pub type Reply<T> = oneshot::Sender<Result<T, JournalError>>;
