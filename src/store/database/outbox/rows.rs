//! The outbox's rows as values.

use super::super::error::DatabaseError;
use super::super::sql::Row;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// `evt_...`.
    pub id: String,
    /// `record.approved`, ...
    pub kind: String,
    /// What it is numbered by.
    pub subject: String,
    /// Its number; given when it is inserted.
    pub sequence: i64,
    /// The call.
    pub call_id: Option<String>,
    /// The record.
    pub record_id: Option<String>,
    /// The business kind; empty for none.
    pub vertical: String,
    /// The location.
    pub location_id: Option<String>,
    /// When, ms since 1970 (UTC).
    pub at_ms: i64,
    /// All there is to say about it, a JSON document.
    pub data: String,
}

/// An event on its way to one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryRow {
    /// `dlv_...`.
    pub id: String,
    /// The event: the `webhook-id`.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// To whom.
    pub destination_id: String,
    /// The action that asked for it; none where the destination hears of such events by itself.
    pub action_id: Option<String>,
    /// `webhook`, `email`, `sms`.
    pub kind: String,
    /// The number or address, where it is not the destination's own.
    pub recipient: Option<String>,
    /// The call.
    pub call_id: Option<String>,
    /// The record.
    pub record_id: Option<String>,
    /// The location.
    pub location_id: Option<String>,
    /// Deliveries of one key to one destination go one after the other.
    pub order_key: Option<String>,
    /// The event's number.
    pub sequence: i64,
    /// `queued`, `sending`, `delivered`, `retrying`, `dead`, `canceled`.
    pub state: String,
    /// Attempts whose result is known.
    pub attempts: i64,
    /// How many of them lie before a person asked for it again.
    pub attempts_before: i64,
    /// When it is tried next, ms since 1970 (UTC).
    pub next_attempt_at_ms: i64,
    /// Until when it waits for the event's messages.
    pub hold_until_ms: i64,
    /// Until when whoever sends it now has it.
    pub lease_until_ms: i64,
    /// What is sent; none before the first attempt.
    pub payload: Option<String>,
    /// SHA-256 of it.
    pub payload_sha256: Option<String>,
    /// Names of the fields whose values are in it, a JSON list.
    pub fields_sent: Option<String>,
    /// The last attempt's HTTP status.
    pub last_status: Option<i64>,
    /// Why it failed last, or was given up.
    pub last_error: Option<String>,
    /// The receiver's name for it.
    pub ack_ref: Option<String>,
    /// When it was asked for.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
    /// When it came to its end.
    pub finished_at_ms: Option<i64>,
}

/// The columns of [`DeliveryRow::read`], in its order.
pub(super) const DELIVERY_COLUMNS: &str = "id, event_id, event_type, destination_id, action_id, kind, recipient, call_id, record_id, \
     location_id, order_key, sequence, state, attempts, attempts_before, next_attempt_at_ms, hold_until_ms, lease_until_ms, payload, \
     payload_sha256, fields_sent, last_status, last_error, ack_ref, created_at_ms, updated_at_ms, finished_at_ms";

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Its number, from 1.
    pub n: i64,
    /// When, ms since 1970 (UTC).
    pub at_ms: i64,
    /// The receiver's HTTP status, if it came to one.
    pub status_code: Option<i64>,
    /// What went wrong; none when it was taken.
    pub error: Option<String>,
    /// How long it took.
    pub latency_ms: i64,
    /// The beginning of the answer.
    pub response_excerpt: Option<String>,
}

/// Which deliveries to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only in this state.
    pub state: Option<String>,
    /// Only to this destination.
    pub destination_id: Option<String>,
    /// Only by this channel.
    pub kind: Option<String>,
    /// Only of events of this type.
    pub event_type: Option<String>,
    /// Only of this event.
    pub event_id: Option<String>,
    /// Only of this call.
    pub call_id: Option<String>,
    /// Only of this record.
    pub record_id: Option<String>,
    /// Only asked for at this moment or later, ms since 1970 (UTC).
    pub since_ms: Option<i64>,
    /// Only asked for before this moment.
    pub until_ms: Option<i64>,
    /// Only of one of these locations.
    pub locations: Option<Vec<String>>,
}

impl EventRow {
    pub(super) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            subject: row.get(2)?,
            sequence: row.get(3)?,
            call_id: row.get(4)?,
            record_id: row.get(5)?,
            vertical: row.get(6)?,
            location_id: row.get(7)?,
            at_ms: row.get(8)?,
            data: row.get(9)?,
        })
    }
}

impl DeliveryRow {
    pub(super) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get(0)?,
            event_id: row.get(1)?,
            event_type: row.get(2)?,
            destination_id: row.get(3)?,
            action_id: row.get(4)?,
            kind: row.get(5)?,
            recipient: row.get(6)?,
            call_id: row.get(7)?,
            record_id: row.get(8)?,
            location_id: row.get(9)?,
            order_key: row.get(10)?,
            sequence: row.get(11)?,
            state: row.get(12)?,
            attempts: row.get(13)?,
            attempts_before: row.get(14)?,
            next_attempt_at_ms: row.get(15)?,
            hold_until_ms: row.get(16)?,
            lease_until_ms: row.get(17)?,
            payload: row.get(18)?,
            payload_sha256: row.get(19)?,
            fields_sent: row.get(20)?,
            last_status: row.get(21)?,
            last_error: row.get(22)?,
            ack_ref: row.get(23)?,
            created_at_ms: row.get(24)?,
            updated_at_ms: row.get(25)?,
            finished_at_ms: row.get(26)?,
        })
    }
}

impl AttemptRow {
    pub(super) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            n: row.get(0)?,
            at_ms: row.get(1)?,
            status_code: row.get(2)?,
            error: row.get(3)?,
            latency_ms: row.get(4)?,
            response_excerpt: row.get(5)?,
        })
    }
}
