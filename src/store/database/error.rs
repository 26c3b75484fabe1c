//! What can go wrong in the database, each said so that a person can act on it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// An operation of the database that failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Another process writes to it.
    #[error("the database {} is locked by another process; stop that one first", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// A later version of Offhook made it.
    #[error("the database {} has schema version {found}, which a newer Offhook made; this one knows up to version {known}", path.display())]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version this build knows.
        known: i64,
    },
    /// It is damaged, or no database at all.
    #[error("the database {} is damaged or not a database ({detail}); put a backup in its place, or move it away: records can be replayed from the journals", path.display())]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// No room is left.
    #[error("the disk under {} is full; nothing was changed", path.display())]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// Somebody else was faster.
    #[error("{id} has version {current} by now, not {expected}; read it again")]
    Conflict {
        /// What was to be changed.
        id: String,
        /// The version the change was made on.
        expected: i64,
        /// The version there is.
        current: i64,
    },
    /// What was to be changed is not there.
    #[error("there is no {id}")]
    NotFound {
        /// What was to be changed.
        id: String,
    },
    /// A cursor that no list gave out.
    #[error("this cursor does not come from this list")]
    BadCursor,
    /// The database has been closed.
    #[error("the database is closed")]
    Closed,
    /// Anything else that SQLite says.
    #[error("the database {}: {source}", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// SQLite's words.
        source: rusqlite::Error,
    },
}

impl DatabaseError {
    /// What SQLite's error means for a user.
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt {
                path,
                detail: source.to_string(),
            },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            _ => Self::Sqlite { path, source },
        }
    }
}
