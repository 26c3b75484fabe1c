//! Lists, a page at a time, newest first.

use super::MAX_PAGE_ROWS;
use super::cursor::Cursor;
use super::error::DatabaseError;
use super::rows::{CALL_COLUMNS, CallFilter, CallRow, Page};
use super::search;
use super::sql::{Conditions, Row, Sql};

/// A table that is listed by a time (milliseconds) and an `id`.
pub(crate) struct List {
    /// The table.
    pub table: &'static str,
    /// The columns to read.
    pub columns: &'static str,
    /// The column with the time.
    pub at: &'static str,
}

impl List {
    /// A page of the rows that are `wanted`. `limit` is brought within 1 and [`MAX_PAGE_ROWS`].
    pub(crate) fn page<'a, T>(
        &self,
        sql: &mut dyn Sql,
        mut wanted: Conditions<'a>,
        limit: usize,
        after: Option<&'a Cursor>,
        read: impl Fn(&Row) -> Result<T, DatabaseError>,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Result<Page<T>, DatabaseError> {
        let Self { table, columns, at } = self;
        let limit = limit.clamp(1, MAX_PAGE_ROWS);
        if let Some(after) = after {
            let (at_ms, id) = (wanted.param(after.at_ms), wanted.param(&after.id));
            // The first condition alone finds the place in the index.
            wanted.add_numbered(&format!(
                "{at} <= {at_ms} AND ({at} < {at_ms} OR id > {id})"
            ));
        }
        // One row more says that there are more.
        let rows = wanted.param(limit as i64 + 1);
        let statement = format!(
            "SELECT {columns} FROM {table}{} ORDER BY {at} DESC, id LIMIT {rows}",
            wanted.sql()
        );
        let mut rows = sql
            .query(&statement, wanted.params())?
            .iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows
            .last()
            .filter(|_| more)
            .map(|last| cursor(last).encode());
        Ok(Page { rows, next_cursor })
    }
}

/// Calls, newest first.
pub fn calls(
    sql: &mut dyn Sql,
    filter: &CallFilter,
    limit: usize,
    after: Option<&Cursor>,
) -> Result<Page<CallRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted
        .add_if("status = ?", filter.status.as_deref())
        .add_if("vertical = ?", filter.vertical.as_deref())
        .add_if("direction = ?", filter.direction.as_deref())
        .add_if("from_number = ?", filter.from_number.as_deref())
        .add_if("to_number = ?", filter.to_number.as_deref())
        .add_if("started_at_ms >= ?", filter.started_from_ms)
        .add_if("started_at_ms < ?", filter.started_before_ms)
        .add_if(
            "CASE WHEN record_id IS NULL THEN 0 ELSE 1 END = ?",
            filter.has_record,
        );
    wanted
        .add_if(
            "id IN (SELECT call_id FROM records WHERE outcome = ?)",
            filter.outcome.as_deref(),
        )
        .add_if(
            "id IN (SELECT call_id FROM records WHERE department_id = ?)",
            filter.department_id.as_deref(),
        )
        .add_if(
            "CASE WHEN id IN (SELECT call_id FROM records WHERE state IN ('draft', 'in_review', 'reopened') AND reasons <> '') THEN 1 ELSE 0 END = ?",
            filter.needs_review,
        );
    let dialect = sql.dialect();
    let question = filter.question.as_ref().map(|q| q.in_dialect(dialect));
    wanted.add_if(search::condition(dialect), question.as_deref());
    if let Some(locations) = &filter.locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    let list = List {
        table: "calls",
        columns: CALL_COLUMNS,
        at: "started_at_ms",
    };
    list.page(sql, wanted, limit, after, CallRow::read, |row| Cursor {
        at_ms: row.started_at_ms,
        id: row.id.clone(),
    })
}
