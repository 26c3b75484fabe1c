//! SQLite connections: one that writes, on a thread of its own, and a few that read.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, oneshot};

use super::error::DatabaseError;

/// The schema's changes, in order: the first makes version 1 of an empty file.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];
/// How many queries may read at once.
const READERS: usize = 4;
/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The connections to one database file.
pub struct Connections {
    path: PathBuf,
    writer: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    reading: Arc<Semaphore>,
}

impl Connections {
    /// Opens the file at `path`, making or migrating it if need be.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let failed = |error| DatabaseError::of(path, error);
        let mut connection = Connection::open(path).map_err(failed)?;
        prepare(&connection).map_err(failed)?;
        migrate(&mut connection, path)?;
        let readers = (0..READERS)
            .map(|_| {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let reader = Connection::open_with_flags(path, flags).map_err(failed)?;
                reader.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
                Ok(reader)
            })
            .collect::<Result<_, DatabaseError>>()?;
        let (writer, jobs) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("database-writer".into())
            .spawn(move || jobs.into_iter().for_each(|job| job(&mut connection)))
            .map_err(|error| failed(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Some(writer),
            thread: Some(thread),
            readers: Arc::new(Mutex::new(readers)),
            reading: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Runs `change` in one transaction, which is durable when this returns and undone when it fails.
    pub async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let (done, answer) = oneshot::channel();
        let path = self.path.clone();
        let job: Job = Box::new(move |connection| {
            let changed = connection
                .transaction()
                .map_err(Problem::from)
                .and_then(|transaction| {
                    let value = change(&transaction)?;
                    transaction.commit()?;
                    Ok(value)
                });
            let _ = done.send(changed.map_err(|problem| problem.at(&path)));
        });
        self.writer
            .as_ref()
            .and_then(|writer| writer.send(job).ok())
            .ok_or(DatabaseError::Closed)?;
        answer.await.map_err(|_| DatabaseError::Closed)?
    }

    /// Runs `query` on a connection that only reads, off the async threads.
    pub async fn read<T, F>(&self, query: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Problem> + Send + 'static,
    {
        let permit = self
            .reading
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| DatabaseError::Closed)?;
        let (readers, path) = (self.readers.clone(), self.path.clone());
        let run = move || {
            // As many permits as connections, so there is one.
            let connection = readers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()
                .ok_or(DatabaseError::Closed)?;
            let found = query(&connection).map_err(|problem| problem.at(&path));
            readers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            drop(permit);
            found
        };
        tokio::task::spawn_blocking(run)
            .await
            .map_err(|_| DatabaseError::Closed)?
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a query ran into: SQLite's error, or one of ours.
pub enum Problem {
    /// SQLite's.
    Sqlite(rusqlite::Error),
    /// Ours.
    Ours(DatabaseError),
}

impl Problem {
    fn at(self, path: &Path) -> DatabaseError {
        match self {
            Problem::Sqlite(error) => DatabaseError::of(path, error),
            Problem::Ours(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        Self::Ours(error)
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Anything less may lose the last commits in a power loss.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Brings the schema to this build's version, each step in a transaction of its own.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), DatabaseError> {
    let failed = |error| DatabaseError::of(path, error);
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed)?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(DatabaseError::NewerSchema {
            path: path.to_owned(),
            found,
            known,
        });
    }
    for (version, migration) in (1..)
        .zip(MIGRATIONS)
        .skip_while(|(version, _)| *version <= found)
    {
        let migrated = connection.transaction().and_then(|transaction| {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()
        });
        migrated.map_err(failed)?;
    }
    Ok(())
}
