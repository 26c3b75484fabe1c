//! What the database holds, as values. The database looks at the columns only; the JSON texts are the caller's, byte for byte.

use super::error::DatabaseError;
use super::sql::Row;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// Our id, `call_<uuid>`.
    pub id: String,
    /// The provider, such as `twilio`.
    pub provider: String,
    /// The provider's id of the call (Twilio's CallSid), once known.
    pub provider_call_id: Option<String>,
    /// The telephony status.
    pub status: String,
    /// When it began, in milliseconds since 1970 (UTC).
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// The caller's number (E.164), unless withheld.
    pub from_number: Option<String>,
    /// The number called (E.164).
    pub to_number: Option<String>,
    /// The vertical.
    pub vertical: Option<String>,
    /// The location.
    pub location_id: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// The record it left behind, if it has.
    pub record_id: Option<String>,
    /// Counts the changes of this row, from 1. Ignored when a row is saved.
    pub version: i64,
    /// The call's JSON document.
    pub call: String,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its id, `rec_...`.
    pub id: String,
    /// The call it came of.
    pub call_id: String,
    /// `draft`, `in_review`, `approved`, `rejected`, `reopened`.
    pub state: String,
    /// Counts its changes, from 1. Ignored when a draft is saved.
    pub version: i64,
    /// When it was drafted, in milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// When it was changed last.
    pub updated_at_ms: i64,
    /// The record's JSON document.
    pub record: String,
}

/// A final piece of the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Its place in the transcript.
    pub seq: i64,
    /// `inbound` or `outbound`.
    pub track: String,
    /// `caller` or `agent`.
    pub speaker: String,
    /// Where it begins, from the first media sample.
    pub start_ms: i64,
    /// Where it ends.
    pub end_ms: i64,
    /// What was said.
    pub text: String,
    /// The segment's JSON document: words, times, probabilities.
    pub segment: String,
}

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// Its place in the timeline.
    pub seq: i64,
    /// When, from the first media sample.
    pub at_ms: i64,
    /// When, as RFC 3339 with milliseconds (UTC).
    pub at: String,
    /// What: `answered`, `hold_start`, `media_gap`, ...
    pub name: String,
    /// More about it, a JSON document.
    pub data: String,
}

/// Which journal a draft was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalMark {
    /// The call's journal file.
    pub path: String,
    /// The value of its last seal, in hexadecimal.
    pub seal: String,
    /// Its length.
    pub bytes: u64,
    /// How many entries it has.
    pub entries: u64,
}

impl From<&crate::store::journal::Split> for JournalMark {
    fn from(split: &crate::store::journal::Split) -> Self {
        Self {
            path: split.path.to_string_lossy().into_owned(),
            seal: crate::store::hex(&split.seal),
            bytes: split.bytes,
            entries: split.entries,
        }
    }
}

/// Everything a call leaves behind, stored in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The call.
    pub call: CallRow,
    /// Its record.
    pub record: RecordRow,
    /// Its transcript, in order.
    pub segments: Vec<SegmentRow>,
    /// Its timeline, in order.
    pub timeline: Vec<TimelineRow>,
    /// The journal all this was made of.
    pub mark: Option<JournalMark>,
}

/// What [`super::Database::save_draft`] did with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// There was none.
    Created,
    /// There was one that nobody had changed: it has been replaced, and this is its new version.
    Replaced(i64),
    /// The same record was there already.
    Unchanged(i64),
    /// A person has changed the record: it stays as it is.
    KeptEdited(i64),
}

/// Which calls to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only with this status.
    pub status: Option<String>,
    /// Only of this vertical.
    pub vertical: Option<String>,
    /// Only of one of these locations.
    pub locations: Option<Vec<String>>,
    /// Only in this direction.
    pub direction: Option<String>,
    /// Only from this number.
    pub from_number: Option<String>,
    /// Only to this number.
    pub to_number: Option<String>,
    /// Only begun at this moment or later.
    pub started_from_ms: Option<i64>,
    /// Only begun before this moment.
    pub started_before_ms: Option<i64>,
    /// Only with a record, or only without.
    pub has_record: Option<bool>,
    /// Only whose record has this outcome.
    pub outcome: Option<String>,
    /// Only whose record is this department's.
    pub department_id: Option<String>,
    /// Only whose record waits for a person, or only others.
    pub needs_review: Option<bool>,
    /// Only those in which this was said.
    pub question: Option<super::Question>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Asks for the rows after these; `None` when these are the last.
    pub next_cursor: Option<String>,
}

/// The columns of [`CallRow::read`], in its order.
pub(crate) const CALL_COLUMNS: &str = "id, provider, provider_call_id, status, started_at_ms, ended_at_ms, from_number, to_number, \
     vertical, location_id, direction, record_id, version, call";

/// The columns of [`RecordRow::read`], in its order.
pub(crate) const RECORD_COLUMNS: &str =
    "id, call_id, state, version, created_at_ms, updated_at_ms, record";

impl CallRow {
    pub(crate) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get(0)?,
            provider: row.get(1)?,
            provider_call_id: row.get(2)?,
            status: row.get(3)?,
            started_at_ms: row.get(4)?,
            ended_at_ms: row.get(5)?,
            from_number: row.get(6)?,
            to_number: row.get(7)?,
            vertical: row.get(8)?,
            location_id: row.get(9)?,
            direction: row.get(10)?,
            record_id: row.get(11)?,
            version: row.get(12)?,
            call: row.get(13)?,
        })
    }
}

impl RecordRow {
    pub(crate) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get(0)?,
            call_id: row.get(1)?,
            state: row.get(2)?,
            version: row.get(3)?,
            created_at_ms: row.get(4)?,
            updated_at_ms: row.get(5)?,
            record: row.get(6)?,
        })
    }
}

impl SegmentRow {
    pub(crate) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            seq: row.get(0)?,
            track: row.get(1)?,
            speaker: row.get(2)?,
            start_ms: row.get(3)?,
            end_ms: row.get(4)?,
            text: row.get(5)?,
            segment: row.get(6)?,
        })
    }
}

impl TimelineRow {
    pub(crate) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            at: row.get(2)?,
            name: row.get(3)?,
            data: row.get(4)?,
        })
    }
}

impl JournalMark {
    pub(crate) fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            path: row.get(0)?,
            seal: row.get(1)?,
            bytes: row.get(2)?,
            entries: row.get(3)?,
        })
    }
}
