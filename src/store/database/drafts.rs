//! Storing what a call leaves behind, and what a person makes of its record. Each function is part of its caller's transaction.

use super::error::DatabaseError;
use super::rows::{CallRow, Draft, JournalMark, RecordRow, Saved, SegmentRow, TimelineRow};
use super::search;
use super::sql::{Sql, params};

/// Stores a call that has no record yet, or what has changed of one that has; returns its version.
pub(crate) fn upsert_call(sql: &mut dyn Sql, call: &CallRow) -> Result<i64, DatabaseError> {
    // A record, once there, stays; a row that says nothing new keeps its version.
    let row = sql.query_first(
        "INSERT INTO calls (id, provider, provider_call_id, status, started_at_ms, ended_at_ms, from_number, to_number, vertical,
            location_id, direction, record_id, version, call)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?13)
        ON CONFLICT (id) DO UPDATE SET
            provider = excluded.provider, provider_call_id = coalesce(excluded.provider_call_id, calls.provider_call_id),
            status = excluded.status, started_at_ms = excluded.started_at_ms, ended_at_ms = excluded.ended_at_ms,
            from_number = excluded.from_number, to_number = excluded.to_number, vertical = excluded.vertical,
            location_id = excluded.location_id, direction = excluded.direction,
            record_id = coalesce(excluded.record_id, calls.record_id), call = excluded.call,
            version = calls.version + CASE WHEN
                (calls.provider, calls.provider_call_id, calls.status, calls.started_at_ms, calls.ended_at_ms, calls.from_number,
                    calls.to_number, calls.vertical, calls.location_id, calls.direction, calls.record_id, calls.call)
                IS DISTINCT FROM
                (excluded.provider, coalesce(excluded.provider_call_id, calls.provider_call_id), excluded.status,
                    excluded.started_at_ms, excluded.ended_at_ms, excluded.from_number, excluded.to_number, excluded.vertical,
                    excluded.location_id, excluded.direction, coalesce(excluded.record_id, calls.record_id), excluded.call)
                THEN 1 ELSE 0 END
        RETURNING version",
        params![
            &call.id, &call.provider, &call.provider_call_id, &call.status, call.started_at_ms, call.ended_at_ms, &call.from_number,
            &call.to_number, &call.vertical, &call.location_id, &call.direction, &call.record_id, &call.call,
        ],
    )?;
    row.map_or(Err(DatabaseError::Closed), |row| row.get(0))
}

/// Stores what a call has left behind: see [`super::Database::save_draft`].
pub(crate) fn save_draft(sql: &mut dyn Sql, draft: &Draft) -> Result<Saved, DatabaseError> {
    let Draft {
        call,
        record,
        segments,
        timeline,
        mark,
    } = draft;
    let before = sql
        .query_first(
            "SELECT id, version, edited, state, record FROM records WHERE call_id = ?1",
            params![&call.id],
        )?
        .map(|row| {
            Ok::<_, DatabaseError>((
                row.get::<String>(0)?,
                row.get::<i64>(1)?,
                row.get::<bool>(2)?,
                row.get::<String>(3)?,
                row.get::<String>(4)?,
            ))
        })
        .transpose()?;
    // A kept record keeps its id, whatever the draft calls it.
    let record_id = before
        .as_ref()
        .filter(|before| before.2)
        .map_or(&record.id, |before| &before.0);
    let call = CallRow {
        record_id: Some(record_id.clone()),
        ..call.clone()
    };
    upsert_call(sql, &call)?;
    let saved = match before {
        Some((_, version, true, ..)) => Saved::KeptEdited(version),
        Some((id, version, false, state, text))
            if (&id, &state, &text) == (&record.id, &record.state, &record.record) =>
        {
            Saved::Unchanged(version)
        }
        Some((_, version, false, ..)) => {
            sql.execute("DELETE FROM records WHERE call_id = ?1", params![&call.id])?;
            insert_record(sql, &call.id, record, version + 1)?;
            Saved::Replaced(version + 1)
        }
        None => {
            insert_record(sql, &call.id, record, 1)?;
            Saved::Created
        }
    };
    replace_segments(sql, &call.id, segments)?;
    search::index(sql, &call.id, segments)?;
    replace_timeline(sql, &call.id, timeline)?;
    if let Some(mark) = mark {
        upsert_mark(sql, &call.id, mark)?;
    }
    Ok(saved)
}

fn insert_record(
    sql: &mut dyn Sql,
    call_id: &str,
    record: &RecordRow,
    version: i64,
) -> Result<(), DatabaseError> {
    sql.execute(
        "INSERT INTO records (id, call_id, state, version, created_at_ms, updated_at_ms, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![&record.id, call_id, &record.state, version, record.created_at_ms, record.updated_at_ms, &record.record],
    )?;
    Ok(())
}

fn replace_segments(
    sql: &mut dyn Sql,
    call_id: &str,
    segments: &[SegmentRow],
) -> Result<(), DatabaseError> {
    sql.execute("DELETE FROM segments WHERE call_id = ?1", params![call_id])?;
    for segment in segments {
        sql.execute(
            "INSERT INTO segments (call_id, seq, track, speaker, start_ms, end_ms, text, segment) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                call_id, segment.seq, &segment.track, &segment.speaker, segment.start_ms, segment.end_ms, &segment.text,
                &segment.segment,
            ],
        )?;
    }
    Ok(())
}

fn replace_timeline(
    sql: &mut dyn Sql,
    call_id: &str,
    timeline: &[TimelineRow],
) -> Result<(), DatabaseError> {
    sql.execute("DELETE FROM timeline WHERE call_id = ?1", params![call_id])?;
    for moment in timeline {
        sql.execute(
            "INSERT INTO timeline (call_id, seq, at_ms, at, name, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![call_id, moment.seq, moment.at_ms, &moment.at, &moment.name, &moment.data],
        )?;
    }
    Ok(())
}

/// Stores which journal a call's draft was made of.
pub(crate) fn upsert_mark(
    sql: &mut dyn Sql,
    call_id: &str,
    mark: &JournalMark,
) -> Result<(), DatabaseError> {
    // A file's length and number of entries never come near what a signed number can hold.
    sql.execute(
        "INSERT INTO journal_marks (call_id, path, seal, bytes, entries) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (call_id) DO UPDATE SET path = excluded.path, seal = excluded.seal, bytes = excluded.bytes, entries = excluded.entries",
        params![call_id, &mark.path, &mark.seal, mark.bytes as i64, mark.entries as i64],
    )?;
    Ok(())
}

/// Stores a person's change of a record: see [`super::Database::update_record`].
pub(crate) fn update_record(
    sql: &mut dyn Sql,
    id: &str,
    expected_version: i64,
    state: &str,
    updated_at_ms: i64,
    record: &str,
) -> Result<i64, DatabaseError> {
    let current = sql
        .query_first("SELECT version FROM records WHERE id = ?1", params![id])?
        .map(|row| row.get::<i64>(0))
        .transpose()?;
    match current {
        None => Err(DatabaseError::NotFound { id: id.to_owned() }),
        Some(current) if current != expected_version => Err(DatabaseError::Conflict {
            id: id.to_owned(),
            expected: expected_version,
            current,
        }),
        Some(current) => {
            sql.execute(
                "UPDATE records SET version = ?2, edited = 1, state = ?3, updated_at_ms = ?4, record = ?5 WHERE id = ?1",
                params![id, current + 1, state, updated_at_ms, record],
            )?;
            Ok(current + 1)
        }
    }
}
