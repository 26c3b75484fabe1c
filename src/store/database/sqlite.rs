//! SQLite: one file, write-ahead log, every commit synced.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{OpenFlags, ToSql, TransactionBehavior};

use super::error::DatabaseError;
use super::migrate;
use super::pool::{Connection, Pool, READERS, Work};
use super::sql::{Cell, Dialect, Param, Row, Sql};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;

/// Opens the file at `path`, making or migrating it if need be. Blocks on the disk.
pub fn open(path: &Path) -> Result<Pool, DatabaseError> {
    let failed = |error| DatabaseError::of_sqlite(path, &error);
    let writer = rusqlite::Connection::open(path).map_err(failed)?;
    prepare(&writer).map_err(failed)?;
    let mut writer = SqliteConnection {
        connection: writer,
        path: path.to_owned(),
        access: TransactionBehavior::Immediate,
    };
    migrate::run(&mut writer, &path.display().to_string())?;
    let readers = (0..READERS)
        .map(|_| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(failed)?;
            connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            let reader = SqliteConnection {
                connection,
                path: path.to_owned(),
                access: TransactionBehavior::Deferred,
            };
            Ok(Box::new(reader) as Box<dyn Connection>)
        })
        .collect::<Result<_, DatabaseError>>()?;
    Pool::start(Box::new(writer), readers).map_err(|error| DatabaseError::NoThread { error })
}

fn prepare(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Anything less may lose the last commits in a power loss.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is deleted is overwritten, not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "foreign_keys", true)
}

struct SqliteConnection {
    connection: rusqlite::Connection,
    path: PathBuf,
    access: TransactionBehavior,
}

impl Connection for SqliteConnection {
    fn transaction(&mut self, work: Work<'_>) -> Result<(), DatabaseError> {
        let path = &self.path;
        let failed = |error| DatabaseError::of_sqlite(path, &error);
        let transaction = self
            .connection
            .transaction_with_behavior(self.access)
            .map_err(failed)?;
        let mut sql = SqliteTransaction { transaction, path };
        match work(&mut sql) {
            Ok(()) => sql.transaction.commit().map_err(failed),
            // Dropped, it is undone.
            Err(()) => Ok(()),
        }
    }

    fn scrub(&mut self) -> Result<bool, DatabaseError> {
        // The index keeps the words of deleted documents until it is written anew; the log keeps old pages until it is emptied.
        let scrubbed = self
            .connection
            .execute(
                "INSERT INTO transcript_index (transcript_index) VALUES ('optimize')",
                [],
            )
            .and_then(|_| {
                self.connection
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                        row.get::<_, i64>(0)
                    })
            });
        scrubbed
            .map(|busy| busy == 0)
            .map_err(|error| DatabaseError::of_sqlite(&self.path, &error))
    }
}

struct SqliteTransaction<'a> {
    transaction: rusqlite::Transaction<'a>,
    path: &'a Path,
}

impl SqliteTransaction<'_> {
    fn failed(&self, error: &rusqlite::Error) -> DatabaseError {
        DatabaseError::of_sqlite(self.path, error)
    }
}

impl Sql for SqliteTransaction<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, DatabaseError> {
        let changed = self
            .transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(&*bound(params)));
        changed
            .map(|rows| rows as u64)
            .map_err(|error| self.failed(&error))
    }

    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DatabaseError> {
        let rows = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = self.transaction.prepare_cached(sql)?;
            let columns = statement.column_count();
            statement
                .query_map(&*bound(params), |row| {
                    (0..columns)
                        .map(|column| row.get_ref(column).map(cell))
                        .collect::<rusqlite::Result<_>>()
                        .map(Row)
                })?
                .collect()
        };
        rows().map_err(|error| self.failed(&error))
    }

    fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.transaction
            .execute_batch(sql)
            .map_err(|error| self.failed(&error))
    }
}

fn bound<'a>(params: &'a [Param<'a>]) -> Vec<&'a dyn ToSql> {
    params
        .iter()
        .map(|param| match param {
            Param::Int(value) => value as &dyn ToSql,
            Param::Real(value) => value as &dyn ToSql,
            Param::Text(value) => value as &dyn ToSql,
            Param::Bytes(value) => value as &dyn ToSql,
        })
        .collect()
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Real(value),
        // SQLite is only ever given texts that are UTF-8.
        ValueRef::Text(value) => Cell::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Cell::Bytes(value.to_vec()),
    }
}
