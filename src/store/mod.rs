//! What stays: the journal of every call and the database of what came of it.
//!
//! Owns the data directory (`offhook.lock`, `offhook.db` unless a server holds the database, `journal/`). The journal is the truth and comes first; the database holds
//! what is derived from it and what people decide. Neither knows what a call or a record means: bodies are bytes to the one and JSON
//! text to the other. It may not use anything of the folders above it.

pub mod audit;
pub mod contacts;
pub mod database;
pub mod journal;
mod lock;
pub mod privacy;

use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use database::{Database, DatabaseError};
pub use journal::{CallId, Journal, JournalError, Recovery};

use crate::secret::Secret;
use journal::JournalSettings;
use lock::DataDirLock;

/// Where and how things are stored: `[store]` in `offhook.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder everything is kept in.
    pub data_dir: PathBuf,
    /// The PostgreSQL database to use, `postgres://user:password@host/name`; without one, a file in the data directory.
    pub database: Option<Secret>,
    /// Longest time, in milliseconds, until a media frame or another entry that nobody waits for is safe from a power loss.
    pub commit_interval_ms: u64,
    /// Whether to wait for the disk. Without, a power loss may take what was acknowledged.
    pub fsync: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "offhook-data".into(),
            database: None,
            commit_interval_ms: 200,
            fsync: true,
        }
    }
}

impl Settings {
    /// Whether the address of the database can be one.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right. The address itself may hold a password and is not repeated.
    pub fn validate(&self) -> Result<(), String> {
        let known = |url: &Secret| {
            let schemes = ["postgres://", "postgresql://"];
            schemes
                .iter()
                .any(|scheme| url.expose().starts_with(scheme))
        };
        if self.database.as_ref().is_none_or(known) {
            return Ok(());
        }
        Err("store.database: write it like \"postgres://user:password@host/name\", or leave it out for a file in the data directory".to_owned())
    }
}

/// The journal and the database of one data directory.
pub struct Store {
    /// The journal.
    pub journal: Journal,
    /// The database.
    pub database: Database,
    _lock: DataDirLock,
}

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("data directory {} is in use by {}", dir.display(), process.map_or_else(|| "another process".to_owned(), |process| format!("process {process}")))]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// The other process's number, if it could be read.
        process: Option<u32>,
    },
    /// The folder cannot be made or written to.
    #[error("cannot use {}: {error}", path.display())]
    Dir {
        /// What of it.
        path: PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Store {
    /// Opens the data directory, making it if there is none, and says which calls the last run left unfinished. Blocks on the disk.
    pub fn open(settings: &Settings) -> Result<(Self, Recovery), StoreError> {
        let dir = &settings.data_dir;
        // What callers say is nobody else's business on this machine.
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir);
        made.map_err(|error| StoreError::Dir {
            path: dir.clone(),
            error,
        })?;
        let lock = DataDirLock::take(dir)?;
        let database = match &settings.database {
            Some(url) => Database::connect(url)?,
            None => Database::open(&dir.join("offhook.db"))?,
        };
        let journal_settings = JournalSettings {
            commit_interval: Duration::from_millis(settings.commit_interval_ms),
            fsync: settings.fsync,
            ..JournalSettings::default()
        };
        let (journal, recovery) = Journal::open(&dir.join("journal"), &journal_settings)?;
        Ok((
            Self {
                journal,
                database,
                _lock: lock,
            },
            recovery,
        ))
    }
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_has_one_user_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: dir.path().join("data"),
            ..Settings::default()
        };
        let (store, recovery) = Store::open(&settings).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&settings.data_dir).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(recovery, Recovery::default());
        let error = Store::open(&settings).err().unwrap().to_string();
        assert!(
            error.ends_with(&format!("is in use by process {}", std::process::id())),
            "{error}"
        );
        drop(store);
        Store::open(&settings).unwrap();
    }

    #[test]
    fn a_database_is_a_servers_address_and_its_password_is_never_shown() {
        let settings = |url: &str| toml::from_str::<Settings>(&format!("database = {url:?}"));
        let good = settings("postgres://me:hunter2@host/name").unwrap();
        good.validate().unwrap();
        assert!(!format!("{good:?}").contains("hunter2"));
        let wrong = settings("mysql://me:hunter2@host/name").unwrap();
        let error = wrong.validate().unwrap_err();
        assert!(error.contains("postgres://") && !error.contains("hunter2"));
    }

    #[test]
    fn settings_refuse_what_they_do_not_know() {
        assert_eq!(toml::from_str::<Settings>("").unwrap(), Settings::default());
        assert!(
            toml::from_str::<Settings>("commit_interval = 3")
                .unwrap_err()
                .to_string()
                .contains("commit_interval_ms")
        );
    }
}
