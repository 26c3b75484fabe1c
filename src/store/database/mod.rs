//! The database: what came of the calls, and what people made of it.
//!
//! Owns one SQLite file (write-ahead log, every commit synced). One thread writes; a few connections read at the same time. Documents
//! are JSON texts that come back byte for byte: only the columns beside them are looked at here. Everything the engine stores can be
//! made again from the journals; what people decide cannot, so the engine never replaces a record that a person has changed.

mod connection;
mod cursor;
mod error;
mod rows;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

pub use error::DatabaseError;
pub use rows::{
    CallFilter, CallRow, Draft, JournalMark, Page, RecordFilter, RecordRow, Saved, SegmentRow,
    TimelineRow,
};

use connection::{Connections, Problem};
use cursor::Cursor;
use rows::{CALL_COLUMNS, RECORD_COLUMNS};

/// The most rows a page may have.
pub const MAX_PAGE_ROWS: usize = 200;

/// The database of this node. Clones are the same database.
#[derive(Clone)]
pub struct Database(Arc<Connections>);

impl Database {
    /// Opens the database file at `path`, making or migrating it if need be. Blocks on the disk.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        Connections::open(path).map(|connections| Self(Arc::new(connections)))
    }

    /// Stores what a call has left behind, all or nothing. To do so again changes nothing; a different draft of the same call replaces
    /// the record, unless a person has changed it.
    pub async fn save_draft(&self, draft: Draft) -> Result<Saved, DatabaseError> {
        self.0
            .write(move |transaction| save_draft(transaction, &draft))
            .await
    }

    /// Stores a call that has no record yet, or what has changed of one that has; returns its version.
    pub async fn upsert_call(&self, call: CallRow) -> Result<i64, DatabaseError> {
        self.0
            .write(move |transaction| Ok(upsert_call(transaction, &call)?))
            .await
    }

    /// The call with this id, ours or the provider's.
    pub async fn call(&self, id: &str) -> Result<Option<CallRow>, DatabaseError> {
        let id = id.to_owned();
        let sql = format!(
            "SELECT {CALL_COLUMNS} FROM calls WHERE id = ?1 OR provider_call_id = ?1 ORDER BY started_at_ms DESC LIMIT 1"
        );
        self.0
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(&sql)?
                    .query_row([id], CallRow::read)
                    .optional()?)
            })
            .await
    }

    /// Calls, newest first. `limit` is 1 to [`MAX_PAGE_ROWS`]; what is outside is brought inside.
    pub async fn calls(
        &self,
        filter: CallFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<CallRow>, DatabaseError> {
        let after = cursor.map(Cursor::decode).transpose()?;
        self.0
            .read(move |connection| Ok(calls(connection, &filter, limit, after)?))
            .await
    }

    /// The record with this id.
    pub async fn record(&self, id: &str) -> Result<Option<RecordRow>, DatabaseError> {
        let id = id.to_owned();
        let sql = format!("SELECT {RECORD_COLUMNS} FROM records WHERE id = ?1");
        self.0
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(&sql)?
                    .query_row([id], RecordRow::read)
                    .optional()?)
            })
            .await
    }

    /// Records, newest first. `limit` is 1 to [`MAX_PAGE_ROWS`]; what is outside is brought inside.
    pub async fn records(
        &self,
        filter: RecordFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<RecordRow>, DatabaseError> {
        let after = cursor.map(Cursor::decode).transpose()?;
        self.0
            .read(move |connection| Ok(records(connection, &filter, limit, after)?))
            .await
    }

    /// A call's transcript, in order, by our id of the call.
    pub async fn transcript(&self, call_id: &str) -> Result<Vec<SegmentRow>, DatabaseError> {
        let call_id = call_id.to_owned();
        let sql = "SELECT seq, track, speaker, start_ms, end_ms, text, segment FROM segments WHERE call_id = ?1 ORDER BY seq";
        self.0
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(sql)?
                    .query_map([call_id], SegmentRow::read)?
                    .collect::<Result<_, _>>()?)
            })
            .await
    }

    /// A call's timeline, in order, by our id of the call.
    pub async fn timeline(&self, call_id: &str) -> Result<Vec<TimelineRow>, DatabaseError> {
        let call_id = call_id.to_owned();
        let sql = "SELECT seq, at_ms, at, name, data FROM timeline WHERE call_id = ?1 ORDER BY seq";
        self.0
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(sql)?
                    .query_map([call_id], TimelineRow::read)?
                    .collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Which journal a call's draft was made of, by our id of the call.
    pub async fn journal_mark(&self, call_id: &str) -> Result<Option<JournalMark>, DatabaseError> {
        let call_id = call_id.to_owned();
        let sql = "SELECT path, seal, bytes, entries FROM journal_marks WHERE call_id = ?1";
        self.0
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(sql)?
                    .query_row([call_id], JournalMark::read)
                    .optional()?)
            })
            .await
    }

    /// Stores a person's change of a record that had version `expected_version`; returns the new version. From then on the engine
    /// leaves the record alone.
    pub async fn update_record(
        &self,
        id: &str,
        expected_version: i64,
        state: &str,
        updated_at_ms: i64,
        record: String,
    ) -> Result<i64, DatabaseError> {
        let (id, state) = (id.to_owned(), state.to_owned());
        self.0
            .write(move |transaction| {
                let current = transaction.query_row("SELECT version FROM records WHERE id = ?1", [&id], |row| row.get(0)).optional()?;
                match current {
                    None => Err(DatabaseError::NotFound { id }.into()),
                    Some(current) if current != expected_version => {
                        Err(DatabaseError::Conflict { id, expected: expected_version, current }.into())
                    }
                    Some(current) => {
                        transaction.execute(
                            "UPDATE records SET version = ?2, edited = 1, state = ?3, updated_at_ms = ?4, record = ?5 WHERE id = ?1",
                            params![id, current + 1, state, updated_at_ms, record],
                        )?;
                        Ok(current + 1)
                    }
                }
            })
            .await
    }
}

fn upsert_call(transaction: &Transaction<'_>, call: &CallRow) -> rusqlite::Result<i64> {
    // A record, once there, stays; a row that says nothing new keeps its version.
    transaction
        .prepare_cached(
            "INSERT INTO calls (id, provider, provider_call_id, status, started_at_ms, ended_at_ms, from_number, to_number, vertical,
                location_id, direction, record_id, version, call)
            VALUES (:id, :provider, :provider_call_id, :status, :started_at_ms, :ended_at_ms, :from_number, :to_number, :vertical,
                :location_id, :direction, :record_id, 1, :call)
            ON CONFLICT (id) DO UPDATE SET
                provider = :provider, provider_call_id = coalesce(:provider_call_id, provider_call_id), status = :status,
                started_at_ms = :started_at_ms, ended_at_ms = :ended_at_ms, from_number = :from_number, to_number = :to_number,
                vertical = :vertical, location_id = :location_id, direction = :direction, record_id = coalesce(:record_id, record_id),
                version = version + ((provider, coalesce(:provider_call_id, provider_call_id), status, started_at_ms, ended_at_ms,
                    from_number, to_number, vertical, location_id, direction, coalesce(:record_id, record_id), call)
                    IS NOT (:provider, provider_call_id, :status, :started_at_ms, :ended_at_ms,
                    :from_number, :to_number, :vertical, :location_id, :direction, record_id, :call)),
                call = :call
            RETURNING version",
        )?
        .query_row(
            named_params! {
                ":id": call.id, ":provider": call.provider, ":provider_call_id": call.provider_call_id, ":status": call.status,
                ":started_at_ms": call.started_at_ms, ":ended_at_ms": call.ended_at_ms, ":from_number": call.from_number,
                ":to_number": call.to_number, ":vertical": call.vertical, ":location_id": call.location_id,
                ":direction": call.direction, ":record_id": call.record_id, ":call": call.call,
            },
            |row| row.get(0),
        )
}

fn save_draft(transaction: &Transaction<'_>, draft: &Draft) -> Result<Saved, Problem> {
    let Draft {
        call,
        record,
        segments,
        timeline,
        mark,
    } = draft;
    let before = transaction
        .prepare_cached(
            "SELECT id, version, edited, state, record FROM records WHERE call_id = ?1",
        )?
        .query_row([&call.id], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let before: Option<(String, i64, bool, String, String)> = before;
    // A kept record keeps its id, whatever the draft calls it.
    let record_id = before
        .as_ref()
        .filter(|before| before.2)
        .map_or(&record.id, |before| &before.0);
    upsert_call(
        transaction,
        &CallRow {
            record_id: Some(record_id.clone()),
            ..call.clone()
        },
    )?;
    let saved = match before {
        Some((_, version, true, ..)) => Saved::KeptEdited(version),
        Some((id, version, false, state, text))
            if (&id, &state, &text) == (&record.id, &record.state, &record.record) =>
        {
            Saved::Unchanged(version)
        }
        Some((_, version, false, ..)) => {
            transaction.execute("DELETE FROM records WHERE call_id = ?1", [&call.id])?;
            insert_record(transaction, &call.id, record, version + 1)?;
            Saved::Replaced(version + 1)
        }
        None => {
            insert_record(transaction, &call.id, record, 1)?;
            Saved::Created
        }
    };
    transaction.execute("DELETE FROM segments WHERE call_id = ?1", [&call.id])?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for SegmentRow {
        seq,
        track,
        speaker,
        start_ms,
        end_ms,
        text,
        segment,
    } in segments
    {
        insert.execute(params![
            call.id, seq, track, speaker, start_ms, end_ms, text, segment
        ])?;
    }
    transaction.execute("DELETE FROM timeline WHERE call_id = ?1", [&call.id])?;
    let mut insert =
        transaction.prepare_cached("INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for TimelineRow {
        seq,
        at_ms,
        at,
        name,
        data,
    } in timeline
    {
        insert.execute(params![call.id, seq, at_ms, at, name, data])?;
    }
    if let Some(JournalMark {
        path,
        seal,
        bytes,
        entries,
    }) = mark
    {
        transaction.execute(
            "INSERT OR REPLACE INTO journal_marks VALUES (?1, ?2, ?3, ?4, ?5)",
            params![call.id, path, seal, *bytes as i64, *entries as i64],
        )?;
    }
    Ok(saved)
}

fn insert_record(
    transaction: &Transaction<'_>,
    call_id: &str,
    record: &RecordRow,
    version: i64,
) -> rusqlite::Result<()> {
    let RecordRow {
        id,
        state,
        created_at_ms,
        updated_at_ms,
        record,
        ..
    } = record;
    transaction
        .prepare_cached(
            "INSERT INTO records (id, call_id, state, version, created_at_ms, updated_at_ms, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![id, call_id, state, version, created_at_ms, updated_at_ms, record])?;
    Ok(())
}

fn calls(
    connection: &Connection,
    filter: &CallFilter,
    limit: usize,
    after: Option<Cursor>,
) -> rusqlite::Result<Page<CallRow>> {
    let sql = format!(
        "SELECT {CALL_COLUMNS} FROM calls
        WHERE (:status IS NULL OR status = :status) AND (:vertical IS NULL OR vertical = :vertical)
            AND (:location_id IS NULL OR location_id = :location_id) AND (:direction IS NULL OR direction = :direction)
            AND (:from_number IS NULL OR from_number = :from_number) AND (:to_number IS NULL OR to_number = :to_number)
            AND (:has_record IS NULL OR (record_id IS NOT NULL) = :has_record)
            AND started_at_ms >= :from_ms AND started_at_ms < :before_ms
            AND started_at_ms <= :after_ms AND (started_at_ms < :after_ms OR id > :after_id)
        ORDER BY started_at_ms DESC, id LIMIT :rows"
    );
    let limit = limit.clamp(1, MAX_PAGE_ROWS);
    let (after_ms, after_id) = after.map_or((i64::MAX, String::new()), |cursor| {
        (cursor.at_ms, cursor.id)
    });
    let rows = connection
        .prepare_cached(&sql)?
        .query_map(
            named_params! {
                ":status": filter.status, ":vertical": filter.vertical, ":location_id": filter.location_id,
                ":direction": filter.direction, ":from_number": filter.from_number, ":to_number": filter.to_number,
                ":has_record": filter.has_record, ":from_ms": filter.started_from_ms.unwrap_or(i64::MIN),
                ":before_ms": filter.started_before_ms.unwrap_or(i64::MAX), ":after_ms": after_ms, ":after_id": after_id,
                ":rows": limit as i64 + 1,
            },
            CallRow::read,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page(rows, limit, |row| Cursor {
        at_ms: row.started_at_ms,
        id: row.id.clone(),
    }))
}

fn records(
    connection: &Connection,
    filter: &RecordFilter,
    limit: usize,
    after: Option<Cursor>,
) -> rusqlite::Result<Page<RecordRow>> {
    let sql = format!(
        "SELECT {RECORD_COLUMNS} FROM records
        WHERE (:state IS NULL OR state = :state) AND (:call_id IS NULL OR call_id = :call_id)
            AND created_at_ms <= :after_ms AND (created_at_ms < :after_ms OR id > :after_id)
        ORDER BY created_at_ms DESC, id LIMIT :rows"
    );
    let limit = limit.clamp(1, MAX_PAGE_ROWS);
    let (after_ms, after_id) = after.map_or((i64::MAX, String::new()), |cursor| {
        (cursor.at_ms, cursor.id)
    });
    let rows = connection
        .prepare_cached(&sql)?
        .query_map(
            named_params! {
                ":state": filter.state, ":call_id": filter.call_id, ":after_ms": after_ms, ":after_id": after_id,
                ":rows": limit as i64 + 1,
            },
            RecordRow::read,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page(rows, limit, |row| Cursor {
        at_ms: row.created_at_ms,
        id: row.id.clone(),
    }))
}

/// A page of at most `limit` of `rows`, which hold one row more if there is one.
fn page<T>(mut rows: Vec<T>, limit: usize, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|last| cursor(last).encode());
    Page { rows, next_cursor }
}
