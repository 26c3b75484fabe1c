//! What can go wrong in the journal, each said so that a person can act on it.

use std::io;
use std::path::{Path, PathBuf};

use super::format::{Kind, MAX_BODY_BYTES};
use super::id::CallId;

/// An operation of the journal that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The disk refused something.
    #[error("cannot {doing} {}: {error}", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's words.
        error: String,
        /// The system's kind of error.
        kind: io::ErrorKind,
    },
    /// The journal cannot write at the moment; the entry may or may not survive. It resumes by itself.
    #[error("the journal cannot write to disk: {error}; calls are refused until it can")]
    Failing {
        /// What the last attempt ran into.
        error: String,
    },
    /// The journal cannot write and its memory for what is unwritten is full: the entry is lost.
    #[error("the journal cannot write to disk and its buffer is full; an entry of {key} is lost")]
    BufferFull {
        /// Whose entry it was.
        key: CallId,
    },
    /// The call has a file of its own already: nothing can be added.
    #[error("{key} is over and its journal is closed")]
    AlreadySplit {
        /// The call.
        key: CallId,
    },
    /// No entry of this call is known.
    #[error("no journal holds {key}")]
    UnknownCall {
        /// The call.
        key: CallId,
    },
    /// An entry too long to be written.
    #[error(
        "an entry of {bytes} bytes is longer than the {MAX_BODY_BYTES} a journal entry may have"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A kind that only the journal itself writes.
    #[error("entries of kind `{}` are written by the journal itself", kind.name())]
    ReservedKind {
        /// The kind.
        kind: Kind,
    },
    /// A file that a later version of Offhook wrote.
    #[error("{} has journal version {version}, which a newer Offhook wrote; this one reads up to version {}", path.display(), super::format::VERSION)]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The journal has been shut down.
    #[error("the journal is shut down")]
    Stopped,
}

impl JournalError {
    /// What the disk refused, and where.
    pub(super) fn io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        Self::Io {
            doing,
            path: path.to_owned(),
            error: error.to_string(),
            kind: error.kind(),
        }
    }
}
