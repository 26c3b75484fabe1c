//! The database: what came of the calls, and what people made of it.
//!
//! Owns one SQLite file (write-ahead log, every commit synced) or one schema of a PostgreSQL server; [`sql`] is the one way to speak to
//! either. One thread writes; a few connections read at the same time. Documents are JSON texts that come back byte for byte: only the
//! columns beside them are looked at here. Everything the engine stores can be made again from the journals; what people decide cannot,
//! so the engine never replaces a record that a person has changed.

pub mod access;
mod cursor;
mod drafts;
mod error;
mod lists;
mod migrate;
pub mod outbox;
mod pool;
mod postgres;
pub mod review;
mod rows;
pub(crate) mod search;
pub mod sql;
mod sqlite;
pub mod tasks;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use cursor::Cursor;
pub use error::DatabaseError;
pub use rows::{
    CallFilter, CallRow, Draft, JournalMark, Page, RecordRow, Saved, SegmentRow, TimelineRow,
};
pub use search::Question;

pub(crate) use drafts::{save_draft, update_record, upsert_call, upsert_mark};
pub(crate) use lists::List;
pub(crate) use rows::{CALL_COLUMNS, RECORD_COLUMNS};

use crate::secret::Secret;
use pool::Pool;
use sql::{Row, Sql, params};

/// The most rows a page may have.
pub const MAX_PAGE_ROWS: usize = 200;

/// The database of this node. Clones are the same database.
#[derive(Clone)]
pub struct Database(Arc<Pool>);

impl Database {
    /// Opens the database file at `path`, making or migrating it if need be. Blocks on the disk.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        sqlite::open(path).map(|pool| Self(Arc::new(pool)))
    }

    /// Connects to the PostgreSQL server at `url` (`postgres://user:password@host/name`), migrating its schema if need be. Blocks on the
    /// network.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub fn connect(url: &Secret) -> Result<Self, DatabaseError> {
        postgres::open(url).map(|pool| Self(Arc::new(pool)))
    }

    /// Runs `change` in one transaction, which is durable when this returns and undone when it fails. It may be run more than once,
    /// when a transaction of another node came between, and only the last run counts: it must do nothing but speak to the database.
    ///
    /// # Errors
    /// Those of `change`, and the database's own.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: Fn(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    {
        self.0.write(change).await
    }

    /// Runs `query`, all of whose statements see the same state of the database; it cannot change anything.
    ///
    /// # Errors
    /// Those of `query`, and the database's own.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: Fn(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    {
        self.0.read(query).await
    }

    /// Makes what was deleted unreadable in the database's own files as well. `false` when somebody reads what was there before: try
    /// again. PostgreSQL frees the room of deleted rows, but its write-ahead log and backups are the server's own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scrub(&self) -> Result<bool, DatabaseError> {
        self.0.scrub().await
    }

    /// Stores what a call has left behind, all or nothing. To do so again changes nothing; a different draft of the same call replaces
    /// the record, unless a person has changed it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_draft(&self, draft: Draft) -> Result<Saved, DatabaseError> {
        self.write(move |sql| save_draft(sql, &draft)).await
    }

    /// Stores a call that has no record yet, or what has changed of one that has; returns its version.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn upsert_call(&self, call: CallRow) -> Result<i64, DatabaseError> {
        self.write(move |sql| upsert_call(sql, &call)).await
    }

    /// The call with this id, ours or the provider's.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn call(&self, id: &str) -> Result<Option<CallRow>, DatabaseError> {
        let statement = format!(
            "SELECT {CALL_COLUMNS} FROM calls WHERE id = ?1 OR provider_call_id = ?1 ORDER BY started_at_ms DESC LIMIT 1"
        );
        self.first(statement, id, CallRow::read).await
    }

    /// Calls, newest first. `limit` is 1 to [`MAX_PAGE_ROWS`]; what is outside is brought inside.
    ///
    /// # Errors
    /// When the cursor is none, or the database refuses.
    pub async fn calls(
        &self,
        filter: CallFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<CallRow>, DatabaseError> {
        let after = cursor.map(Cursor::decode).transpose()?;
        self.read(move |sql| lists::calls(sql, &filter, limit, after.as_ref()))
            .await
    }

    /// The record with this id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn record(&self, id: &str) -> Result<Option<RecordRow>, DatabaseError> {
        let statement = format!("SELECT {RECORD_COLUMNS} FROM records WHERE id = ?1");
        self.first(statement, id, RecordRow::read).await
    }

    /// A call's transcript, in order, by our id of the call.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn transcript(&self, call_id: &str) -> Result<Vec<SegmentRow>, DatabaseError> {
        let call_id = call_id.to_owned();
        self.read(move |sql| transcript(sql, &call_id)).await
    }

    /// A call's timeline, in order, by our id of the call.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn timeline(&self, call_id: &str) -> Result<Vec<TimelineRow>, DatabaseError> {
        let statement =
            "SELECT seq, at_ms, at, name, data FROM timeline WHERE call_id = ?1 ORDER BY seq";
        self.all(statement, call_id, TimelineRow::read).await
    }

    /// Which journal a call's draft was made of, by our id of the call.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn journal_mark(&self, call_id: &str) -> Result<Option<JournalMark>, DatabaseError> {
        let statement = "SELECT path, seal, bytes, entries FROM journal_marks WHERE call_id = ?1";
        self.first(statement.to_owned(), call_id, JournalMark::read)
            .await
    }

    /// Stores a person's change of a record that had version `expected_version`; returns the new version. From then on the engine
    /// leaves the record alone.
    ///
    /// # Errors
    /// When there is no such record, somebody else was faster, or the database refuses.
    pub async fn update_record(
        &self,
        id: &str,
        expected_version: i64,
        state: &str,
        updated_at_ms: i64,
        record: String,
    ) -> Result<i64, DatabaseError> {
        let (id, state) = (id.to_owned(), state.to_owned());
        self.write(move |sql| {
            update_record(sql, &id, expected_version, &state, updated_at_ms, &record)
        })
        .await
    }

    async fn first<T: Send + 'static>(
        &self,
        statement: String,
        id: &str,
        of: fn(&Row) -> Result<T, DatabaseError>,
    ) -> Result<Option<T>, DatabaseError> {
        let id = id.to_owned();
        self.read(move |sql| {
            sql.query_first(&statement, params![&id])?
                .as_ref()
                .map(of)
                .transpose()
        })
        .await
    }

    async fn all<T: Send + 'static>(
        &self,
        statement: &'static str,
        id: &str,
        of: fn(&Row) -> Result<T, DatabaseError>,
    ) -> Result<Vec<T>, DatabaseError> {
        let id = id.to_owned();
        self.read(move |sql| sql.query(statement, params![&id])?.iter().map(of).collect())
            .await
    }
}

/// A call's transcript, in order, by our id of the call.
pub(crate) fn transcript(
    sql: &mut dyn Sql,
    call_id: &str,
) -> Result<Vec<SegmentRow>, DatabaseError> {
    sql.query(
        "SELECT seq, track, speaker, start_ms, end_ms, text, segment FROM segments WHERE call_id = ?1 ORDER BY seq",
        params![call_id],
    )?
    .iter()
    .map(SegmentRow::read)
    .collect()
}
