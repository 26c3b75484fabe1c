//! What people ask of the outbox: lists, one delivery, again, no more.

use super::super::cursor::Cursor;
use super::super::error::DatabaseError;
use super::super::lists::List;
use super::super::rows::Page;
use super::super::sql::{Conditions, Sql, params};
use super::rows::{AttemptRow, DELIVERY_COLUMNS, DeliveryFilter, DeliveryRow, EventRow};

fn conditions(filter: &DeliveryFilter) -> Conditions<'_> {
    let mut wanted = Conditions::default();
    wanted
        .add_if("state = ?", filter.state.as_deref())
        .add_if("destination_id = ?", filter.destination_id.as_deref())
        .add_if("kind = ?", filter.kind.as_deref())
        .add_if("event_type = ?", filter.event_type.as_deref())
        .add_if("event_id = ?", filter.event_id.as_deref())
        .add_if("call_id = ?", filter.call_id.as_deref())
        .add_if("record_id = ?", filter.record_id.as_deref())
        .add_if("created_at_ms >= ?", filter.since_ms)
        .add_if("created_at_ms < ?", filter.until_ms);
    if let Some(locations) = &filter.locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    wanted
}

/// Deliveries, newest first.
pub(crate) fn deliveries(
    sql: &mut dyn Sql,
    filter: &DeliveryFilter,
    limit: usize,
    after: Option<&Cursor>,
) -> Result<Page<DeliveryRow>, DatabaseError> {
    let list = List {
        table: "deliveries",
        columns: DELIVERY_COLUMNS,
        at: "created_at_ms",
    };
    list.page(
        sql,
        conditions(filter),
        limit,
        after,
        DeliveryRow::read,
        |row| Cursor {
            at_ms: row.created_at_ms,
            id: row.id.clone(),
        },
    )
}

/// What reports count of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDelivery {
    /// Where it goes.
    pub destination_id: String,
    /// What it tells.
    pub event_type: String,
    /// `queued`, `sending`, `retrying`, `delivered`, `dead`, `canceled`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The call it is about.
    pub call_id: Option<String>,
    /// The record it is about.
    pub record_id: Option<String>,
    /// When it came to be, milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// When it arrived or was given up.
    pub finished_at_ms: Option<i64>,
}

/// The deliveries that came to be between two moments; what was never to be sent is none.
pub(crate) fn counted(
    sql: &mut dyn Sql,
    from_ms: i64,
    before_ms: i64,
    locations: Option<&[String]>,
) -> Result<Vec<CountedDelivery>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted
        .add("created_at_ms >= ?", from_ms)
        .add("created_at_ms < ?", before_ms)
        .add("state <> ?", "canceled");
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    sql.query(
        &format!(
            "SELECT destination_id, event_type, state, attempts, call_id, record_id, created_at_ms, finished_at_ms FROM deliveries{}
            ORDER BY created_at_ms",
            wanted.sql()
        ),
        wanted.params(),
    )?
    .iter()
    .map(|row| {
        Ok(CountedDelivery {
            destination_id: row.get(0)?,
            event_type: row.get(1)?,
            state: row.get(2)?,
            attempts: row.get(3)?,
            call_id: row.get(4)?,
            record_id: row.get(5)?,
            created_at_ms: row.get(6)?,
            finished_at_ms: row.get(7)?,
        })
    })
    .collect()
}

/// A call's record as it was approved last, with the moment (milliseconds since 1970, UTC); `None` if it never was.
pub(crate) fn last_approval(
    sql: &mut dyn Sql,
    call_id: &str,
) -> Result<Option<(String, i64)>, DatabaseError> {
    let row = sql.query_first(
        "SELECT data, at_ms FROM events WHERE call_id = ?1 AND type = 'record.approved' ORDER BY sequence DESC LIMIT 1",
        params![call_id],
    )?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// One delivery, unless it belongs to a location outside of `locations`.
pub(crate) fn delivery(
    sql: &mut dyn Sql,
    id: &str,
    locations: Option<&[String]>,
) -> Result<Option<DeliveryRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted.add("id = ?", id);
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    let statement = format!("SELECT {DELIVERY_COLUMNS} FROM deliveries{}", wanted.sql());
    sql.query_first(&statement, wanted.params())?
        .as_ref()
        .map(DeliveryRow::read)
        .transpose()
}

/// A delivery's attempts, in order.
pub(crate) fn attempts(sql: &mut dyn Sql, id: &str) -> Result<Vec<AttemptRow>, DatabaseError> {
    sql.query(
        "SELECT n, at_ms, status_code, error, latency_ms, response_excerpt FROM delivery_attempts WHERE delivery_id = ?1 ORDER BY n",
        params![id],
    )?
    .iter()
    .map(AttemptRow::read)
    .collect()
}

/// An event.
pub(crate) fn event(sql: &mut dyn Sql, id: &str) -> Result<Option<EventRow>, DatabaseError> {
    sql.query_first(
        "SELECT id, type, subject, sequence, call_id, record_id, vertical, location_id, at_ms, data FROM events WHERE id = ?1",
        params![id],
    )?
    .as_ref()
    .map(EventRow::read)
    .transpose()
}

/// All deliveries of an event.
pub(crate) fn siblings(
    sql: &mut dyn Sql,
    event_id: &str,
) -> Result<Vec<DeliveryRow>, DatabaseError> {
    let statement = format!(
        "SELECT {DELIVERY_COLUMNS} FROM deliveries WHERE event_id = ?1 ORDER BY created_at_ms, id"
    );
    sql.query(&statement, params![event_id])?
        .iter()
        .map(DeliveryRow::read)
        .collect()
}

/// Puts a delivery at the head of the queue, with a whole schedule before it; false when there is none, or it is being sent.
pub(crate) fn retry(sql: &mut dyn Sql, id: &str, now_ms: i64) -> Result<bool, DatabaseError> {
    let changed = sql.execute(
        "UPDATE deliveries SET state = 'queued', attempts_before = attempts, next_attempt_at_ms = ?2, hold_until_ms = 0, finished_at_ms = NULL, updated_at_ms = ?2
        WHERE id = ?1 AND state <> 'sending'",
        params![id, now_ms],
    )?;
    Ok(changed > 0)
}

/// Gives a delivery up that has not come to its end; false when it has.
pub(crate) fn cancel(
    sql: &mut dyn Sql,
    id: &str,
    now_ms: i64,
    why: &str,
) -> Result<bool, DatabaseError> {
    let changed = sql.execute(
        "UPDATE deliveries SET state = 'canceled', last_error = ?3, finished_at_ms = ?2, updated_at_ms = ?2
        WHERE id = ?1 AND state IN ('queued', 'retrying', 'sending')",
        params![id, now_ms, why],
    )?;
    Ok(changed > 0)
}

/// Sends again what `filter` finds, in the old order, as the same events; returns how many.
pub(crate) fn replay(
    sql: &mut dyn Sql,
    filter: &DeliveryFilter,
    now_ms: i64,
) -> Result<u64, DatabaseError> {
    let mut wanted = conditions(filter);
    wanted.add_numbered("state <> 'sending'");
    let now = wanted.param(now_ms);
    let statement = format!(
        "UPDATE deliveries SET state = 'queued', attempts_before = attempts, next_attempt_at_ms = {now}, hold_until_ms = 0, finished_at_ms = NULL,
            updated_at_ms = {now}{}",
        wanted.sql()
    );
    sql.execute(&statement, wanted.params())
}

/// How many deliveries of each destination are in each state.
pub(crate) fn backlog(sql: &mut dyn Sql) -> Result<Vec<(String, String, i64, i64)>, DatabaseError> {
    sql.query(
        "SELECT destination_id, state, count(*), min(created_at_ms) FROM deliveries WHERE state <> 'delivered' AND state <> 'canceled'
        GROUP BY destination_id, state ORDER BY destination_id, state",
        params![],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
    .collect()
}

/// Takes what a call's events and deliveries say of the caller out: what is still to be sent is given up, what was sent keeps its hash and
/// the names of the fields, so that it can be told what moved where. Returns the destinations that hold a copy.
pub(crate) fn erase_call(
    sql: &mut dyn Sql,
    call_id: &str,
    now_ms: i64,
) -> Result<Vec<String>, DatabaseError> {
    sql.execute(
        "UPDATE deliveries SET state = 'canceled', last_error = 'erased', finished_at_ms = ?2, updated_at_ms = ?2
        WHERE call_id = ?1 AND state IN ('queued', 'retrying', 'sending')",
        params![call_id, now_ms],
    )?;
    sql.execute(
        "UPDATE delivery_attempts SET response_excerpt = NULL
        WHERE delivery_id IN (SELECT id FROM deliveries WHERE call_id = ?1)",
        params![call_id],
    )?;
    sql.execute(
        "UPDATE deliveries SET payload = NULL, recipient = NULL WHERE call_id = ?1",
        params![call_id],
    )?;
    sql.execute(
        "UPDATE events SET data = '{}' WHERE call_id = ?1",
        params![call_id],
    )?;
    sql.query(
        "SELECT DISTINCT destination_id FROM deliveries WHERE call_id = ?1 AND attempts > 0 ORDER BY destination_id",
        params![call_id],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}
