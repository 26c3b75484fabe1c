//! What is forgotten: which calls are past their time, which are held, what was asked to be erased, and the erasing of rows.
//!
//! Files are the journal's; what is done to both, in which order, is the server's `privacy`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::audit::{self, Actor};
use super::contacts;
use super::database::sql::{Conditions, Row, Sql, params};
use super::database::{Cursor, Database, DatabaseError, JournalMark, List, Page};
use super::database::{outbox, search};

/// Calls that a sweep takes at a time.
const SWEEP_ROWS: i64 = 100;

/// A part of a call that has a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The audio.
    Recording,
    /// The transcript and its place in the index.
    Transcript,
    /// The journal.
    Journal,
}

impl Part {
    fn column(self) -> &'static str {
        match self {
            Part::Recording => "recording_deleted_at_ms",
            Part::Transcript => "transcript_deleted_at_ms",
            Part::Journal => "journal_deleted_at_ms",
        }
    }

    /// The act in the audit trail.
    pub fn action(self) -> &'static str {
        match self {
            Part::Recording => "recording.delete",
            Part::Transcript => "transcript.delete",
            Part::Journal => "journal.delete",
        }
    }
}

/// What is kept of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Whether a hold keeps all of it.
    pub legal_hold: bool,
    /// When the audio was deleted, in milliseconds since 1970 (UTC).
    pub recording_deleted_at_ms: Option<i64>,
    /// When the transcript was deleted.
    pub transcript_deleted_at_ms: Option<i64>,
    /// When the journal was deleted.
    pub journal_deleted_at_ms: Option<i64>,
}

/// What is kept of a call, by our id.
///
/// # Errors
/// When the database refuses.
pub fn kept(sql: &mut dyn Sql, call_id: &str) -> Result<Kept, DatabaseError> {
    let row = sql.query_first(
        "SELECT legal_hold, recording_deleted_at_ms, transcript_deleted_at_ms, journal_deleted_at_ms FROM call_retention
        WHERE call_id = ?1",
        params![call_id],
    )?;
    row.map_or_else(
        || Ok(Kept::default()),
        |row| {
            Ok(Kept {
                legal_hold: row.get(0)?,
                recording_deleted_at_ms: row.get(1)?,
                transcript_deleted_at_ms: row.get(2)?,
                journal_deleted_at_ms: row.get(3)?,
            })
        },
    )
}

/// Holds a call, or lets go of it.
///
/// # Errors
/// When the database refuses.
pub fn hold(
    sql: &mut dyn Sql,
    call_id: &str,
    held: bool,
    reason: Option<&str>,
    actor: &Actor,
    at_ms: i64,
) -> Result<(), DatabaseError> {
    if kept(sql, call_id)?.legal_hold == held {
        return Ok(());
    }
    sql.execute(
        "INSERT INTO call_retention (call_id, legal_hold) VALUES (?1, ?2) ON CONFLICT (call_id) DO UPDATE SET legal_hold = excluded.legal_hold",
        params![call_id, held],
    )?;
    let action = if held { "call.hold" } else { "call.release" };
    let mut event = audit::Event::new(at_ms, actor.clone(), action, call_id);
    event.reason = reason.map(str::to_owned);
    audit::append(sql, &event)?;
    Ok(())
}

/// Calls that began before `cutoff_ms` and still have `part`, oldest first; those on hold are left alone.
///
/// # Errors
/// When the database refuses.
pub fn past(sql: &mut dyn Sql, part: Part, cutoff_ms: i64) -> Result<Vec<String>, DatabaseError> {
    let statement = format!(
        "SELECT calls.id FROM calls LEFT JOIN call_retention ON call_retention.call_id = calls.id
        WHERE calls.started_at_ms < ?1 AND calls.ended_at_ms IS NOT NULL AND coalesce(call_retention.legal_hold, 0) = 0
            AND call_retention.{} IS NULL
        ORDER BY calls.started_at_ms, calls.id LIMIT ?2",
        part.column()
    );
    sql.query(&statement, params![cutoff_ms, SWEEP_ROWS])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Notes that a part of a call is gone, and removes the rows that hold it. `mark` is the journal as it is after its audio was taken out.
///
/// # Errors
/// When the database refuses.
pub fn forget_part(
    sql: &mut dyn Sql,
    call_id: &str,
    part: Part,
    mark: Option<&JournalMark>,
    at_ms: i64,
) -> Result<(), DatabaseError> {
    let statement = format!(
        "INSERT INTO call_retention (call_id, legal_hold, {column}) VALUES (?1, 0, ?2)
        ON CONFLICT (call_id) DO UPDATE SET {column} = excluded.{column}",
        column = part.column()
    );
    sql.execute(&statement, params![call_id, at_ms])?;
    let seal = sql
        .query_first(
            "SELECT seal FROM journal_marks WHERE call_id = ?1",
            params![call_id],
        )?
        .map(|row| row.get::<String>(0))
        .transpose()?;
    match part {
        Part::Recording => {
            if let Some(mark) = mark {
                super::database::upsert_mark(sql, call_id, mark)?;
            }
        }
        Part::Transcript => {
            search::forget(sql, call_id)?;
            sql.execute("DELETE FROM segments WHERE call_id = ?1", params![call_id])?;
        }
        Part::Journal => {
            sql.execute(
                "DELETE FROM journal_marks WHERE call_id = ?1",
                params![call_id],
            )?;
        }
    }
    let event = audit::Event {
        before: seal.filter(|_| part != Part::Transcript),
        after: mark.map(|mark| mark.seal.clone()),
        ..audit::Event::new(at_ms, Actor::engine(), part.action(), call_id)
    };
    audit::append(sql, &event.because("retention"))?;
    Ok(())
}

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A call, by our id.
    CallId(String),
    /// A telephone number: calls from or to it, records that hold it, contacts with it.
    Number(String),
    /// A contact: itself, and calls from or to its numbers.
    ContactId(String),
}

impl Subject {
    fn kind(&self) -> &'static str {
        match self {
            Subject::CallId(_) => "call",
            Subject::Number(_) => "number",
            Subject::ContactId(_) => "contact",
        }
    }

    /// As it may be kept for ever: a number only by its first and last digits.
    fn shown(&self) -> String {
        match self {
            Subject::CallId(id) | Subject::ContactId(id) => id.clone(),
            Subject::Number(number) => {
                let digits: Vec<char> = number.chars().collect();
                let (first, last) = (digits.iter().take(2), digits.iter().rev().take(2).rev());
                first.chain(&['*'; 6]).chain(last).collect()
            }
        }
    }
}

/// What of an erasure is still to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Calls whose files or rows are still there.
    pub calls: BTreeSet<String>,
    /// Calls that are gone, but may still have bytes in the node log.
    pub settling: BTreeSet<String>,
    /// Contacts that are still there.
    pub contacts: BTreeSet<String>,
    /// Whether the database's files still have to be cleaned of what was deleted.
    pub scrub: bool,
}

/// An erasure as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Erasure {
    /// `ers_...`
    pub id: String,
    /// `call`, `number` or `contact`.
    pub kind: String,
    /// What: an id, or a number's first and last digits.
    pub subject: String,
    /// `pending`, `done`, or `blocked` by a legal hold.
    pub state: String,
    /// When it was asked for, in milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// When it last came further.
    pub updated_at_ms: i64,
    /// What is still to be done.
    pub work: Work,
    /// What was done, what waits and why, what stays and why.
    pub report: Value,
}

const COLUMNS: &str = "id, kind, subject, state, created_at_ms, updated_at_ms, work, report";

impl Erasure {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        let (work, report): (Option<String>, String) = (row.get(6)?, row.get(7)?);
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            subject: row.get(2)?,
            state: row.get(3)?,
            created_at_ms: row.get(4)?,
            updated_at_ms: row.get(5)?,
            work: work
                .and_then(|work| serde_json::from_str(&work).ok())
                .unwrap_or_default(),
            report: serde_json::from_str(&report).unwrap_or_default(),
        })
    }
}

/// Asks for an erasure; returns it, with all it is about. `live` are the calls that go on, each with the number it comes from: they are
/// erased when they are over.
///
/// # Errors
/// When the database refuses.
pub fn request(
    sql: &mut dyn Sql,
    id: &str,
    subject: &Subject,
    live: &[(String, String)],
    reason: Option<&str>,
    actor: &Actor,
    at_ms: i64,
) -> Result<Erasure, DatabaseError> {
    let mut work = Work {
        scrub: true,
        ..Work::default()
    };
    let calling = |number: &str| {
        let own = live.iter().filter(|(_, from)| from == number);
        own.map(|(call, _)| call.clone()).collect::<Vec<_>>()
    };
    match subject {
        Subject::CallId(call_id) => {
            work.calls.insert(call_id.clone());
        }
        Subject::Number(number) => {
            work.calls.extend(calls_about(sql, number, true)?);
            work.calls.extend(calling(number));
            work.contacts.extend(contacts_with(sql, number)?);
        }
        Subject::ContactId(contact_id) => {
            work.contacts.insert(contact_id.clone());
            if let Some(contact) = contacts::get(sql, contact_id)? {
                for number in &contact.content.phones {
                    work.calls.extend(calls_about(sql, number, false)?);
                    work.calls.extend(calling(number));
                }
            }
            work.calls.extend(mentioning(sql, contact_id)?);
        }
    }
    let erasure = Erasure {
        id: id.to_owned(),
        kind: subject.kind().to_owned(),
        subject: subject.shown(),
        state: "pending".to_owned(),
        created_at_ms: at_ms,
        updated_at_ms: at_ms,
        work,
        report: json!({}),
    };
    sql.execute(
        "INSERT INTO erasures (id, kind, subject, state, created_at_ms, updated_at_ms, work, report) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)",
        params![
            &erasure.id, &erasure.kind, &erasure.subject, &erasure.state, at_ms, &json!(erasure.work).to_string(),
            &erasure.report.to_string(),
        ],
    )?;
    let mut event = audit::Event::new(at_ms, actor.clone(), "erasure.request", id);
    event.reason = reason.map(str::to_owned);
    audit::append(sql, &event)?;
    Ok(erasure)
}

/// Calls from or to a number; with `deep` also those whose record or call holds it.
fn calls_about(sql: &mut dyn Sql, number: &str, deep: bool) -> Result<Vec<String>, DatabaseError> {
    let mut found: Vec<String> = sql
        .query(
            "SELECT id FROM calls WHERE from_number = ?1 OR (to_number = ?1 AND direction <> 'inbound')",
            params![number],
        )?
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<_, _>>()?;
    if deep {
        found.extend(mentioning(sql, number)?);
    }
    Ok(found)
}

/// Calls whose record holds a text as a whole value.
fn mentioning(sql: &mut dyn Sql, text: &str) -> Result<Vec<String>, DatabaseError> {
    let wanted = format!("%\"{text}\"%");
    // The number that was dialled is the business's own.
    sql.query(
        "SELECT records.call_id FROM records JOIN calls ON calls.id = records.call_id
        WHERE records.record LIKE ?1 AND (calls.to_number IS NULL OR calls.to_number <> ?2 OR calls.direction <> 'inbound')",
        params![&wanted, text],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

fn contacts_with(sql: &mut dyn Sql, number: &str) -> Result<Vec<String>, DatabaseError> {
    sql.query(
        "SELECT contact_id FROM contact_keys WHERE kind = 'phone' AND value = ?1",
        params![number],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

/// What a call leaves when it is erased, for whoever has to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remains {
    /// The record there was.
    pub record_id: Option<String>,
    /// Where.
    pub location_id: Option<String>,
    /// The kind of business.
    pub vertical: Option<String>,
    /// The destinations that hold a copy.
    pub copies: Vec<String>,
}

/// Erases the rows of a call. What stays: that there was a call, when, where, and how it ended; the audit trail; which deliveries were
/// made, without what they said. `None` when there is no such call.
///
/// # Errors
/// When the database refuses.
pub fn erase_call(
    sql: &mut dyn Sql,
    call_id: &str,
    at_ms: i64,
) -> Result<Option<Remains>, DatabaseError> {
    let Some(row) = sql.query_first(
        "SELECT record_id, location_id, vertical, status, call FROM calls WHERE id = ?1",
        params![call_id],
    )?
    else {
        return Ok(None);
    };
    let mut remains = Remains {
        record_id: row.get(0)?,
        location_id: row.get(1)?,
        vertical: row.get(2)?,
        copies: Vec::new(),
    };
    let (status, document): (String, String) = (row.get(3)?, row.get(4)?);
    let document: Value = serde_json::from_str(&document).unwrap_or_default();
    let mut stub = json!({ "id": call_id, "status": status, "erased": true });
    for name in [
        "direction",
        "start_time",
        "answered_time",
        "end_time",
        "duration_seconds",
        "end",
        "timing",
        "ownership",
        "vertical",
        "provider",
        "config_version",
    ] {
        if let Some(part) = document.get(name) {
            stub[name] = part.clone();
        }
    }
    search::forget(sql, call_id)?;
    for statement in [
        "DELETE FROM segments WHERE call_id = ?1",
        "DELETE FROM timeline WHERE call_id = ?1",
        "DELETE FROM journal_marks WHERE call_id = ?1",
        "DELETE FROM tasks WHERE call_id = ?1",
        "DELETE FROM records WHERE call_id = ?1",
    ] {
        sql.execute(statement, params![call_id])?;
    }
    remains.copies = outbox::erase_call(sql, call_id, at_ms)?;
    // Answers that are kept for requests sent twice hold the record.
    for id in [Some(call_id), remains.record_id.as_deref()]
        .into_iter()
        .flatten()
    {
        sql.execute(
            "DELETE FROM idempotency_keys WHERE body LIKE ?1",
            params![&format!("%{id}%")],
        )?;
    }
    sql.execute(
        "UPDATE calls SET provider_call_id = NULL, from_number = NULL, to_number = NULL, record_id = NULL, version = version + 1, call = ?2
        WHERE id = ?1",
        params![call_id, &stub.to_string()],
    )?;
    sql.execute(
        "INSERT INTO call_retention (call_id, legal_hold, recording_deleted_at_ms, transcript_deleted_at_ms, journal_deleted_at_ms)
        VALUES (?1, 0, ?2, ?2, ?2) ON CONFLICT (call_id) DO UPDATE SET recording_deleted_at_ms = excluded.recording_deleted_at_ms,
            transcript_deleted_at_ms = excluded.transcript_deleted_at_ms, journal_deleted_at_ms = excluded.journal_deleted_at_ms",
        params![call_id, at_ms],
    )?;
    let event = audit::Event::new(at_ms, Actor::engine(), "call.erase", call_id);
    audit::append(sql, &event.because("erasure"))?;
    Ok(Some(remains))
}

/// Stores how far an erasure has come.
///
/// # Errors
/// When the database refuses.
pub fn progress(sql: &mut dyn Sql, erasure: &Erasure, at_ms: i64) -> Result<(), DatabaseError> {
    let work = (erasure.state != "done").then(|| json!(erasure.work).to_string());
    sql.execute(
        "UPDATE erasures SET state = ?2, updated_at_ms = ?3, work = ?4, report = ?5 WHERE id = ?1",
        params![
            &erasure.id,
            &erasure.state,
            at_ms,
            &work,
            &erasure.report.to_string()
        ],
    )?;
    if erasure.state == "done" {
        let event = audit::Event::new(at_ms, Actor::engine(), "erasure.done", erasure.id.clone());
        audit::append(sql, &event)?;
    }
    Ok(())
}

impl Database {
    /// An erasure.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn erasure(&self, id: &str) -> Result<Option<Erasure>, DatabaseError> {
        let id = id.to_owned();
        let statement = format!("SELECT {COLUMNS} FROM erasures WHERE id = ?1");
        self.read(move |sql| {
            sql.query_first(&statement, params![&id])?
                .as_ref()
                .map(Erasure::read)
                .transpose()
        })
        .await
    }

    /// Erasures, newest first, of one state or all.
    ///
    /// # Errors
    /// When the cursor is none, or the database refuses.
    pub async fn erasures(
        &self,
        state: Option<String>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Erasure>, DatabaseError> {
        let after = cursor.map(Cursor::decode).transpose()?;
        self.read(move |sql| {
            let mut wanted = Conditions::default();
            wanted.add_if("state = ?", state.as_deref());
            let list = List {
                table: "erasures",
                columns: COLUMNS,
                at: "created_at_ms",
            };
            list.page(sql, wanted, limit, after.as_ref(), Erasure::read, |row| {
                Cursor {
                    at_ms: row.created_at_ms,
                    id: row.id.clone(),
                }
            })
        })
        .await
    }

    /// Erasures that are not done.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_erasures(&self) -> Result<Vec<Erasure>, DatabaseError> {
        let statement =
            format!("SELECT {COLUMNS} FROM erasures WHERE state <> 'done' ORDER BY created_at_ms");
        self.read(move |sql| {
            sql.query(&statement, params![])?
                .iter()
                .map(Erasure::read)
                .collect()
        })
        .await
    }
}
