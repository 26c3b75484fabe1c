//! What can go wrong in the database, each said so that a person can act on it. No message quotes a value that was stored.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::postgres;

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
    #[error(
        "the database {place} has schema version {found}, which a newer Offhook made; this one knows up to version {known}"
    )]
    NewerSchema {
        /// The database.
        place: String,
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
    #[error("the disk under the database {place} is full; nothing was changed")]
    DiskFull {
        /// The database.
        place: String,
    },
    /// What was to be stored breaks a rule of the schema: not unique, not JSON, of something that is not there.
    #[error("the database {place} refuses this: {detail}")]
    Refused {
        /// The database.
        place: String,
        /// Its words.
        detail: String,
    },
    /// The server does not answer.
    #[error(
        "the database {place} cannot be reached ({detail}); start the server, or correct [store] database"
    )]
    Unreachable {
        /// The database.
        place: String,
        /// What was tried and failed.
        detail: String,
    },
    /// The address of the database cannot be read.
    #[error("[store] database: {detail}; write it like \"postgres://user:password@host/name\"")]
    BadUrl {
        /// What is wrong with it.
        detail: String,
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
    /// A column was read as what it is not: a mistake in a statement.
    #[error("column {column} of a row is no {wanted}")]
    Unfit {
        /// Its number, from 0.
        column: usize,
        /// What it was taken for.
        wanted: &'static str,
    },
    /// The database has been closed, or the query broke off.
    #[error("the database is closed")]
    Closed,
    /// The system gives no thread.
    #[error("no thread for the database: {error}")]
    NoThread {
        /// The system's words.
        error: std::io::Error,
    },
    /// Anything else that the database says.
    #[error("the database {place}: {detail}")]
    Failed {
        /// The database.
        place: String,
        /// Its words.
        detail: String,
    },
}

impl DatabaseError {
    /// What SQLite's error means for a user.
    pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let (place, detail) = (path.display().to_string(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse {
                path: path.to_owned(),
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt {
                path: path.to_owned(),
                detail,
            },
            Some(ErrorCode::DiskFull) => Self::DiskFull { place },
            Some(ErrorCode::ConstraintViolation) => Self::Refused { place, detail },
            _ => Self::Failed { place, detail },
        }
    }

    /// What PostgreSQL's error means for a user.
    pub(super) fn of_postgres(place: &str, error: &::postgres::Error) -> Self {
        let (place, detail) = (place.to_owned(), postgres::words(error));
        match error.code().map(|code| code.code()) {
            // Class 23: integrity constraint violation; 22P02: a text that is no JSON.
            Some(code) if code.starts_with("23") || code == "22P02" => {
                Self::Refused { place, detail }
            }
            Some("53100") => Self::DiskFull { place },
            // Class 57: the server goes away or is starting.
            Some(code) if code.starts_with("57P") => Self::Unreachable { place, detail },
            Some(_) => Self::Failed { place, detail },
            None => Self::Unreachable { place, detail },
        }
    }
}
