//! The review queue, answers already given, and how right the engine was. Each function is part of its caller's transaction.

use super::cursor::Cursor;
use super::error::DatabaseError;
use super::lists::List;
use super::rows::{CALL_COLUMNS, CallRow, Page, RECORD_COLUMNS, RecordRow};
use super::sql::{Conditions, Sql, params};

/// Where a record stands in the queue: what of its document is searched by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Weight of the reasons for review.
    pub risk: i64,
    /// When somebody should have looked at it, milliseconds since 1970 (UTC).
    pub due_at_ms: Option<i64>,
    /// Whose it is.
    pub assigned_to: Option<String>,
    /// The location.
    pub location_id: Option<String>,
    /// The department.
    pub department_id: Option<String>,
    /// What came of the call.
    pub outcome: Option<String>,
    /// Why somebody should look at it.
    pub reasons: Vec<String>,
    /// What reports count, a JSON document without anything that was said.
    pub facts: String,
}

/// Writes down where a record stands.
pub(crate) fn place(
    sql: &mut dyn Sql,
    record_id: &str,
    place: &Place,
) -> Result<(), DatabaseError> {
    let reasons: String = place.reasons.iter().map(|r| format!("\n{r}\n")).collect();
    sql.execute(
        "UPDATE records SET risk = ?2, due_at_ms = ?3, assigned_to = ?4, location_id = ?5, department_id = ?6, outcome = ?7, reasons = ?8, facts = ?9
        WHERE id = ?1",
        params![
            record_id, place.risk, place.due_at_ms, &place.assigned_to, &place.location_id, &place.department_id, &place.outcome,
            &reasons, &place.facts,
        ],
    )?;
    Ok(())
}

/// Which records to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Only in one of these states.
    pub states: Option<Vec<String>>,
    /// Only of this call.
    pub call_id: Option<String>,
    /// Only with this reason; `low_confidence` stands for all that begin so.
    pub reason: Option<String>,
    /// Only due before this moment.
    pub due_before_ms: Option<i64>,
    /// Only of this person.
    pub assigned_to: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<String>,
    /// Only of one of these locations.
    pub locations: Option<Vec<String>>,
    /// Riskiest first instead of newest first.
    pub by_risk: bool,
}

/// Records in the order of the queue.
pub(crate) fn queue(
    sql: &mut dyn Sql,
    filter: &QueueFilter,
    limit: usize,
    after: Option<&Cursor>,
) -> Result<Page<RecordRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    let like = filter.reason.as_ref().map(|reason| {
        let plain = reason.replace(['%', '\\'], "");
        if plain.contains(':') {
            format!("%\n{plain}\n%")
        } else {
            format!("%\n{plain}%")
        }
    });
    wanted
        .add_if("call_id = ?", filter.call_id.as_deref())
        .add_if("due_at_ms < ?", filter.due_before_ms)
        .add_if("assigned_to = ?", filter.assigned_to.as_deref())
        .add_if("outcome = ?", filter.outcome.as_deref())
        .add_if("reasons LIKE ?", like.as_deref());
    if let Some(states) = &filter.states {
        wanted.add_among("state", states.iter().map(String::as_str));
    }
    if let Some(locations) = &filter.locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    if filter.by_risk {
        // A page that is ordered by risk needs the risk of its last row; the list reads it beside the row.
        let list = List {
            table: "records",
            columns: "id, call_id, state, version, created_at_ms, updated_at_ms, record, risk",
            at: "risk",
        };
        let read = |row: &super::sql::Row| Ok((RecordRow::read(row)?, row.get::<i64>(7)?));
        let page = list.page(sql, wanted, limit, after, read, |(row, risk)| Cursor {
            at_ms: *risk,
            id: row.id.clone(),
        })?;
        return Ok(Page {
            rows: page.rows.into_iter().map(|(row, _)| row).collect(),
            next_cursor: page.next_cursor,
        });
    }
    let list = List {
        table: "records",
        columns: RECORD_COLUMNS,
        at: "created_at_ms",
    };
    list.page(sql, wanted, limit, after, RecordRow::read, |row| Cursor {
        at_ms: row.created_at_ms,
        id: row.id.clone(),
    })
}

/// A record, unless it belongs to a location outside of `locations`.
pub(crate) fn seen(
    sql: &mut dyn Sql,
    id: &str,
    locations: Option<&[String]>,
) -> Result<Option<RecordRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted.add("id = ?", id);
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    sql.query_first(
        &format!("SELECT {RECORD_COLUMNS} FROM records{}", wanted.sql()),
        wanted.params(),
    )?
    .as_ref()
    .map(RecordRow::read)
    .transpose()
}

/// The facts of records drafted between two moments.
pub(crate) fn facts(
    sql: &mut dyn Sql,
    from_ms: i64,
    before_ms: i64,
    locations: Option<&[String]>,
) -> Result<Vec<FactsRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted
        .add("created_at_ms >= ?", from_ms)
        .add("created_at_ms < ?", before_ms);
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    sql.query(
        &format!(
            "SELECT created_at_ms, state, location_id, department_id, facts, id, call_id FROM records{} ORDER BY created_at_ms",
            wanted.sql()
        ),
        wanted.params(),
    )?
    .iter()
    .map(|row| {
        Ok(FactsRow {
            created_at_ms: row.get(0)?,
            state: row.get(1)?,
            location_id: row.get(2)?,
            department_id: row.get(3)?,
            facts: row.get(4)?,
            record_id: row.get(5)?,
            call_id: row.get(6)?,
        })
    })
    .collect()
}

/// The facts of one record and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsRow {
    /// The record.
    pub record_id: String,
    /// Its call.
    pub call_id: String,
    /// When it was drafted, milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// State of the record.
    pub state: String,
    /// The location.
    pub location_id: Option<String>,
    /// The department.
    pub department_id: Option<String>,
    /// The facts, a JSON document.
    pub facts: String,
}

/// How right the engine was, for each field of each record released between two moments.
pub(crate) fn verdicts(
    sql: &mut dyn Sql,
    from_ms: i64,
    before_ms: i64,
    locations: Option<&[String]>,
) -> Result<Vec<RecordVerdict>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted
        .add("v.at_ms >= ?", from_ms)
        .add("v.at_ms < ?", before_ms);
    if let Some(locations) = locations {
        wanted.add_among("v.location_id", locations.iter().map(String::as_str));
    }
    sql.query(
        &format!(
            "SELECT v.field, v.status, v.confidence, v.correct, v.record_id, r.call_id, v.at_ms FROM field_verdicts v
            JOIN records r ON r.id = v.record_id{}",
            wanted.sql()
        ),
        wanted.params(),
    )?
    .iter()
    .map(|row| {
        Ok(RecordVerdict {
            verdict: FieldVerdict {
                field: row.get(0)?,
                status: row.get(1)?,
                confidence: row.get(2)?,
                correct: row.get(3)?,
            },
            record_id: row.get(4)?,
            call_id: row.get(5)?,
            at_ms: row.get(6)?,
        })
    })
    .collect()
}

/// A verdict and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordVerdict {
    /// The record.
    pub record_id: String,
    /// Its call.
    pub call_id: String,
    /// When it was released, milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// The verdict.
    pub verdict: FieldVerdict,
}

/// The calls of these ids, as far as there are any.
pub(crate) fn calls(sql: &mut dyn Sql, ids: &[String]) -> Result<Vec<CallRow>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted = Conditions::default();
    wanted.add_among("id", ids.iter().map(String::as_str));
    sql.query(
        &format!("SELECT {CALL_COLUMNS} FROM calls{}", wanted.sql()),
        wanted.params(),
    )?
    .iter()
    .map(CallRow::read)
    .collect()
}

/// How right the engine was about one field of a released record.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldVerdict {
    /// The field.
    pub field: String,
    /// The status the engine gave its value.
    pub status: String,
    /// How sure it was.
    pub confidence: f64,
    /// Whether it was right.
    pub correct: bool,
}

/// Writes down how right the engine was, in place of what an earlier approval said.
pub(crate) fn store_verdicts(
    sql: &mut dyn Sql,
    record_id: &str,
    location_id: Option<&str>,
    sampled: bool,
    at_ms: i64,
    verdicts: &[FieldVerdict],
) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM field_verdicts WHERE record_id = ?1",
        params![record_id],
    )?;
    for verdict in verdicts {
        sql.execute(
            "INSERT INTO field_verdicts (record_id, field, status, confidence, correct, sampled, location_id, at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                record_id, &verdict.field, &verdict.status, verdict.confidence, verdict.correct, sampled, location_id, at_ms,
            ],
        )?;
    }
    Ok(())
}

/// An answer that was given to a request with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAnswer {
    /// What was asked: method, path, version and body, hashed.
    pub request_hash: String,
    /// HTTP status.
    pub status: i64,
    /// The version it answered.
    pub etag: Option<String>,
    /// The body.
    pub body: String,
}

/// How long answers are kept, milliseconds.
const ANSWERS_LAST_MS: i64 = 24 * 3_600_000;

/// The answer that was given to this key, if it was used within a day.
pub(crate) fn given_answer(
    sql: &mut dyn Sql,
    principal_id: &str,
    key: &str,
    now_ms: i64,
) -> Result<Option<GivenAnswer>, DatabaseError> {
    let row = sql.query_first(
        "SELECT request_hash, status, etag, body FROM idempotency_keys WHERE principal_id = ?1 AND key = ?2 AND created_at_ms > ?3",
        params![principal_id, key, now_ms - ANSWERS_LAST_MS],
    )?;
    row.map(|row| {
        Ok(GivenAnswer {
            request_hash: row.get(0)?,
            status: row.get(1)?,
            etag: row.get(2)?,
            body: row.get(3)?,
        })
    })
    .transpose()
}

/// Keeps an answer; what is older than a day goes.
pub(crate) fn keep_answer(
    sql: &mut dyn Sql,
    principal_id: &str,
    key: &str,
    answer: &GivenAnswer,
    now_ms: i64,
) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM idempotency_keys WHERE created_at_ms <= ?1",
        params![now_ms - ANSWERS_LAST_MS],
    )?;
    sql.execute(
        "INSERT INTO idempotency_keys (principal_id, key, request_hash, status, etag, body, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![principal_id, key, &answer.request_hash, answer.status, &answer.etag, &answer.body, now_ms],
    )?;
    Ok(())
}
