//! How each destination does, and the signing secrets made here.

use super::super::error::DatabaseError;
use super::super::sql::{Row, Sql, params};
use crate::secret::Secret;

/// A destination's state. One that has never been used has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DestinationRow {
    /// Its id in the configuration.
    pub id: String,
    /// Why nothing is sent to it.
    pub disabled_reason: Option<String>,
    /// Since when, ms since 1970 (UTC).
    pub disabled_at_ms: Option<i64>,
    /// It asked to be left alone until then.
    pub paused_until_ms: i64,
    /// Failures since it last took something.
    pub failures: i64,
    /// When it last took something.
    pub last_success_at_ms: Option<i64>,
    /// When it last did not.
    pub last_failure_at_ms: Option<i64>,
    /// Why not.
    pub last_error: Option<String>,
    /// A signing secret that was made here and takes the place of the configured one.
    pub secret: Option<Secret>,
    /// When it was made.
    pub secret_made_at_ms: Option<i64>,
    /// Until when the configured secret signs as well.
    pub old_secret_until_ms: Option<i64>,
}

const COLUMNS: &str = "id, disabled_reason, disabled_at_ms, paused_until_ms, failures, last_success_at_ms, last_failure_at_ms, last_error, \
     secret, secret_made_at_ms, old_secret_until_ms";

fn read(row: &Row) -> Result<DestinationRow, DatabaseError> {
    Ok(DestinationRow {
        id: row.get(0)?,
        disabled_reason: row.get(1)?,
        disabled_at_ms: row.get(2)?,
        paused_until_ms: row.get(3)?,
        failures: row.get(4)?,
        last_success_at_ms: row.get(5)?,
        last_failure_at_ms: row.get(6)?,
        last_error: row.get(7)?,
        secret: row.get::<Option<String>>(8)?.map(Secret::new),
        secret_made_at_ms: row.get(9)?,
        old_secret_until_ms: row.get(10)?,
    })
}

/// A destination's state.
pub(crate) fn destination(sql: &mut dyn Sql, id: &str) -> Result<DestinationRow, DatabaseError> {
    let statement = format!("SELECT {COLUMNS} FROM destinations_state WHERE id = ?1");
    let found = sql.query_first(&statement, params![id])?;
    found.as_ref().map_or_else(
        || {
            Ok(DestinationRow {
                id: id.to_owned(),
                ..DestinationRow::default()
            })
        },
        read,
    )
}

/// All that have one.
pub(crate) fn destinations(sql: &mut dyn Sql) -> Result<Vec<DestinationRow>, DatabaseError> {
    let statement = format!("SELECT {COLUMNS} FROM destinations_state ORDER BY id");
    sql.query(&statement, params![])?.iter().map(read).collect()
}

fn ensure(sql: &mut dyn Sql, id: &str) -> Result<(), DatabaseError> {
    sql.execute(
        "INSERT INTO destinations_state (id, paused_until_ms, failures) VALUES (?1, 0, 0) ON CONFLICT (id) DO NOTHING",
        params![id],
    )?;
    Ok(())
}

/// It took something. Returns whether it had failed before.
pub(crate) fn note_success(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
) -> Result<bool, DatabaseError> {
    ensure(sql, id)?;
    let before = destination(sql, id)?;
    sql.execute(
        "UPDATE destinations_state SET failures = 0, last_success_at_ms = ?2, last_error = NULL, paused_until_ms = 0 WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(before.failures > 0)
}

/// It did not, and is left alone until `paused_until_ms` if that is later than now.
pub(crate) fn note_failure(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
    error: &str,
    paused_until_ms: i64,
) -> Result<(), DatabaseError> {
    ensure(sql, id)?;
    sql.execute(
        "UPDATE destinations_state SET failures = failures + 1, last_failure_at_ms = ?2, last_error = ?3,
            paused_until_ms = CASE WHEN ?4 > paused_until_ms THEN ?4 ELSE paused_until_ms END
        WHERE id = ?1",
        params![id, now_ms, error, paused_until_ms],
    )?;
    Ok(())
}

/// Nothing is sent to it any more.
pub(crate) fn disable(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
    reason: &str,
) -> Result<(), DatabaseError> {
    ensure(sql, id)?;
    sql.execute(
        "UPDATE destinations_state SET disabled_reason = ?3, disabled_at_ms = ?2 WHERE id = ?1",
        params![id, now_ms, reason],
    )?;
    Ok(())
}

/// Things are sent to it again.
pub(crate) fn enable(sql: &mut dyn Sql, id: &str) -> Result<(), DatabaseError> {
    ensure(sql, id)?;
    sql.execute(
        "UPDATE destinations_state SET disabled_reason = NULL, disabled_at_ms = NULL, paused_until_ms = 0, failures = 0 WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Puts a secret in place of the configured one, which signs as well until `old_until_ms`.
pub(crate) fn set_secret(
    sql: &mut dyn Sql,
    id: &str,
    secret: &Secret,
    now_ms: i64,
    old_until_ms: i64,
) -> Result<(), DatabaseError> {
    ensure(sql, id)?;
    sql.execute(
        "UPDATE destinations_state SET secret = ?2, secret_made_at_ms = ?3, old_secret_until_ms = ?4 WHERE id = ?1",
        params![id, secret.expose(), now_ms, old_until_ms],
    )?;
    Ok(())
}
