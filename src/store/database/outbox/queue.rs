//! The queue itself: in, leased, settled.

use super::super::error::DatabaseError;
use super::super::sql::{Sql, params};
use super::rows::{AttemptRow, DELIVERY_COLUMNS, DeliveryRow, EventRow};

/// Takes an event in and numbers it within its subject. One that is there already stays as it is; returns its number, and whether it is
/// new.
pub(crate) fn insert_event(
    sql: &mut dyn Sql,
    event: &EventRow,
) -> Result<(i64, bool), DatabaseError> {
    let known = sql.query_first(
        "SELECT sequence FROM events WHERE id = ?1",
        params![&event.id],
    )?;
    if let Some(row) = known {
        return Ok((row.get(0)?, false));
    }
    let last: i64 = sql
        .query_first(
            "SELECT coalesce(max(sequence), 0) FROM events WHERE subject = ?1",
            params![&event.subject],
        )?
        .map_or(Ok(0), |row| row.get(0))?;
    sql.execute(
        "INSERT INTO events (id, type, subject, sequence, call_id, record_id, vertical, location_id, at_ms, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            &event.id, &event.kind, &event.subject, last + 1, &event.call_id, &event.record_id, &event.vertical, &event.location_id,
            event.at_ms, &event.data,
        ],
    )?;
    Ok((last + 1, true))
}

/// Takes a delivery in; one that is there already stays as it is.
pub(crate) fn insert_delivery(sql: &mut dyn Sql, row: &DeliveryRow) -> Result<bool, DatabaseError> {
    let inserted = sql.execute(
        "INSERT INTO deliveries (id, event_id, event_type, destination_id, action_id, kind, recipient, call_id, record_id, location_id,
            order_key, sequence, state, attempts, attempts_before, next_attempt_at_ms, hold_until_ms, lease_until_ms, last_error,
            created_at_ms, updated_at_ms, finished_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0, ?14, ?15, 0, ?16, ?17, ?17, ?18)
        ON CONFLICT (id) DO NOTHING",
        params![
            &row.id, &row.event_id, &row.event_type, &row.destination_id, &row.action_id, &row.kind, &row.recipient, &row.call_id,
            &row.record_id, &row.location_id, &row.order_key, row.sequence, &row.state, row.next_attempt_at_ms, row.hold_until_ms,
            &row.last_error, row.created_at_ms, row.finished_at_ms,
        ],
    )?;
    Ok(inserted > 0)
}

/// Deliveries to a destination that may be sent now, those that are due longest first: due or with a lease that ran out, none before it in its
/// order, and not held for the event's messages.
pub(crate) fn due(
    sql: &mut dyn Sql,
    destination_id: &str,
    now_ms: i64,
    limit: i64,
) -> Result<Vec<DeliveryRow>, DatabaseError> {
    let mut found: Vec<DeliveryRow> = Vec::new();
    // One state at a time, so that an index gives them in order and stops at the limit, however many wait behind.
    for (state, since) in [
        ("queued", "next_attempt_at_ms"),
        ("retrying", "next_attempt_at_ms"),
        ("sending", "lease_until_ms"),
    ] {
        let statement = format!(
            "SELECT {DELIVERY_COLUMNS} FROM deliveries
            WHERE destination_id = ?1 AND state = '{state}' AND {since} <= ?2
                AND (order_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM deliveries AS earlier
                    WHERE earlier.destination_id = deliveries.destination_id AND earlier.order_key = deliveries.order_key
                        AND earlier.sequence < deliveries.sequence AND earlier.state IN ('queued', 'sending', 'retrying')))
                AND (hold_until_ms <= ?2 OR NOT EXISTS (
                    SELECT 1 FROM deliveries AS message
                    WHERE message.event_id = deliveries.event_id AND message.kind <> 'webhook'
                        AND (message.state = 'sending' OR (message.state = 'queued' AND message.next_attempt_at_ms <= ?2))))
            ORDER BY next_attempt_at_ms LIMIT ?3"
        );
        for row in sql.query(&statement, params![destination_id, now_ms, limit])? {
            found.push(DeliveryRow::read(&row)?);
        }
    }
    found.sort_by(|a, b| {
        (a.next_attempt_at_ms, a.created_at_ms, a.sequence).cmp(&(
            b.next_attempt_at_ms,
            b.created_at_ms,
            b.sequence,
        ))
    });
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// Gives a delivery to whoever sends it, until `until_ms`.
pub(crate) fn lease(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
    until_ms: i64,
) -> Result<(), DatabaseError> {
    sql.execute(
        "UPDATE deliveries SET state = 'sending', lease_until_ms = ?3, updated_at_ms = ?2 WHERE id = ?1",
        params![id, now_ms, until_ms],
    )?;
    Ok(())
}

/// Gives every lease back: for the start of a process that alone uses the database, after a crash of the one before it.
pub(crate) fn release_leases(sql: &mut dyn Sql) -> Result<u64, DatabaseError> {
    sql.execute(
        "UPDATE deliveries SET lease_until_ms = 0 WHERE state = 'sending'",
        params![],
    )
}

/// Keeps what is sent, before it is sent for the first time.
pub(crate) fn seal(
    sql: &mut dyn Sql,
    id: &str,
    payload: &str,
    sha256: &str,
    fields_sent: &str,
) -> Result<(), DatabaseError> {
    sql.execute(
        "UPDATE deliveries SET payload = ?2, payload_sha256 = ?3, fields_sent = ?4 WHERE id = ?1 AND payload IS NULL",
        params![id, payload, sha256, fields_sent],
    )?;
    Ok(())
}

/// How an attempt leaves a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The new state.
    pub state: &'static str,
    /// When it is tried next, where it is.
    pub next_attempt_at_ms: i64,
    /// The attempt, if there was one: what could not even be tried has none. Its number is given here.
    pub attempt: Option<AttemptRow>,
    /// Why it goes on like this.
    pub error: Option<String>,
    /// The receiver's name for it.
    pub ack_ref: Option<String>,
}

/// Writes down how an attempt went. A delivery that was canceled meanwhile stays so, unless the receiver has taken it.
pub(crate) fn settle(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
    settled: &Settled,
) -> Result<(), DatabaseError> {
    let finished = matches!(settled.state, "delivered" | "dead" | "canceled");
    let status = settled.attempt.as_ref().and_then(|a| a.status_code);
    if let Some(attempt) = &settled.attempt {
        sql.execute(
            "INSERT INTO delivery_attempts (delivery_id, n, at_ms, status_code, error, latency_ms, response_excerpt)
            SELECT id, attempts + 1, ?2, ?3, ?4, ?5, ?6 FROM deliveries WHERE id = ?1",
            params![id, attempt.at_ms, status, &attempt.error, attempt.latency_ms, &attempt.response_excerpt],
        )?;
    }
    sql.execute(
        "UPDATE deliveries SET
            state = CASE WHEN state = 'sending' OR ?2 = 'delivered' THEN ?2 ELSE state END,
            attempts = attempts + ?3, next_attempt_at_ms = ?4, lease_until_ms = 0, last_status = ?5, last_error = ?6,
            ack_ref = coalesce(?7, ack_ref), updated_at_ms = ?8, finished_at_ms = ?9
        WHERE id = ?1",
        params![
            id, settled.state, i64::from(settled.attempt.is_some()), settled.next_attempt_at_ms, status, &settled.error,
            &settled.ack_ref, now_ms, finished.then_some(now_ms),
        ],
    )?;
    Ok(())
}

/// A destination works again: what waits for its next attempt is tried now.
pub(crate) fn pull_forward(
    sql: &mut dyn Sql,
    destination_id: &str,
    now_ms: i64,
) -> Result<u64, DatabaseError> {
    sql.execute(
        "UPDATE deliveries SET next_attempt_at_ms = ?2
        WHERE destination_id = ?1 AND state = 'retrying' AND next_attempt_at_ms > ?2",
        params![destination_id, now_ms],
    )
}

/// The next moment after `now_ms` at which something can become due by itself.
pub(crate) fn next_due_ms(sql: &mut dyn Sql, now_ms: i64) -> Result<Option<i64>, DatabaseError> {
    let mut next: Option<i64> = None;
    for statement in [
        "SELECT min(next_attempt_at_ms) FROM deliveries WHERE state = 'queued' AND next_attempt_at_ms > ?1",
        "SELECT min(next_attempt_at_ms) FROM deliveries WHERE state = 'retrying' AND next_attempt_at_ms > ?1",
        "SELECT min(hold_until_ms) FROM deliveries WHERE state = 'queued' AND hold_until_ms > ?1",
        "SELECT min(lease_until_ms) FROM deliveries WHERE state = 'sending' AND lease_until_ms > ?1",
        "SELECT min(paused_until_ms) FROM destinations_state WHERE paused_until_ms > ?1",
    ] {
        let found: Option<i64> = sql
            .query_first(statement, params![now_ms])?
            .map_or(Ok(None), |row| row.get(0))?;
        next = [next, found].into_iter().flatten().min();
    }
    Ok(next)
}
