//! Things somebody owes: promised in a call, or what comes next after it. Each function is part of its caller's transaction.

use super::cursor::Cursor;
use super::error::DatabaseError;
use super::lists::List;
use super::rows::Page;
use super::sql::{Conditions, Row, Sql, params};

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// `tsk_...`.
    pub id: String,
    /// The record it came of.
    pub record_id: String,
    /// The call it came of.
    pub call_id: String,
    /// The location.
    pub location_id: Option<String>,
    /// Who owes it.
    pub department_id: Option<String>,
    /// `task` or `next_action`.
    pub kind: String,
    /// What is owed, in words.
    pub title: String,
    /// `caller` or `agent`.
    pub promised_by: Option<String>,
    /// `open`, `in_progress`, `done`, `canceled`.
    pub status: String,
    /// Until when, milliseconds since 1970 (UTC).
    pub due_at_ms: Option<i64>,
    /// When it was done or given up.
    pub done_at_ms: Option<i64>,
    /// By whom.
    pub done_by: Option<String>,
    /// When it came to be.
    pub created_at_ms: i64,
    /// Counts its changes, from 1.
    pub version: i64,
    /// More about it, a JSON document.
    pub task: String,
}

const COLUMNS: &str = "id, record_id, call_id, location_id, department_id, kind, title, promised_by, status, due_at_ms, done_at_ms, \
    done_by, created_at_ms, version, task";

impl TaskRow {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(TaskRow {
            id: row.get(0)?,
            record_id: row.get(1)?,
            call_id: row.get(2)?,
            location_id: row.get(3)?,
            department_id: row.get(4)?,
            kind: row.get(5)?,
            title: row.get(6)?,
            promised_by: row.get(7)?,
            status: row.get(8)?,
            due_at_ms: row.get(9)?,
            done_at_ms: row.get(10)?,
            done_by: row.get(11)?,
            created_at_ms: row.get(12)?,
            version: row.get(13)?,
            task: row.get(14)?,
        })
    }
}

/// Puts a drafted call's tasks in place of those of an earlier draft. What a person has touched stays as it is.
pub(crate) fn replace_tasks(
    sql: &mut dyn Sql,
    call_id: &str,
    tasks: &[TaskRow],
) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM tasks WHERE call_id = ?1 AND version = 1",
        params![call_id],
    )?;
    for task in tasks {
        sql.execute(
            "INSERT INTO tasks (id, record_id, call_id, location_id, department_id, kind, title, promised_by, status, due_at_ms,
                created_at_ms, version, task)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12) ON CONFLICT (id) DO NOTHING",
            params![
                &task.id, &task.record_id, &task.call_id, &task.location_id, &task.department_id, &task.kind, &task.title,
                &task.promised_by, &task.status, task.due_at_ms, task.created_at_ms, &task.task,
            ],
        )?;
    }
    Ok(())
}

/// Which tasks to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only in one of these states.
    pub statuses: Option<Vec<String>>,
    /// Only `task` or only `next_action`.
    pub kind: Option<String>,
    /// Only of this call.
    pub call_id: Option<String>,
    /// Only of this department.
    pub department_id: Option<String>,
    /// Only due before this moment.
    pub due_before_ms: Option<i64>,
    /// Only of one of these locations.
    pub locations: Option<Vec<String>>,
}

/// Tasks, newest first.
pub(crate) fn tasks(
    sql: &mut dyn Sql,
    filter: &TaskFilter,
    limit: usize,
    after: Option<&Cursor>,
) -> Result<Page<TaskRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted
        .add_if("kind = ?", filter.kind.as_deref())
        .add_if("call_id = ?", filter.call_id.as_deref())
        .add_if("department_id = ?", filter.department_id.as_deref())
        .add_if("due_at_ms < ?", filter.due_before_ms);
    if let Some(statuses) = &filter.statuses {
        wanted.add_among("status", statuses.iter().map(String::as_str));
    }
    if let Some(locations) = &filter.locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    let list = List {
        table: "tasks",
        columns: COLUMNS,
        at: "created_at_ms",
    };
    list.page(sql, wanted, limit, after, TaskRow::read, |row| Cursor {
        at_ms: row.created_at_ms,
        id: row.id.clone(),
    })
}

/// All that is still owed.
pub(crate) fn owed(
    sql: &mut dyn Sql,
    locations: Option<&[String]>,
) -> Result<Vec<TaskRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted.add_among("status", ["open", "in_progress"].into_iter());
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    sql.query(
        &format!("SELECT {COLUMNS} FROM tasks{}", wanted.sql()),
        wanted.params(),
    )?
    .iter()
    .map(TaskRow::read)
    .collect()
}

/// The task with this id, unless it belongs to a location outside of `locations`.
pub(crate) fn task(
    sql: &mut dyn Sql,
    id: &str,
    locations: Option<&[String]>,
) -> Result<Option<TaskRow>, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted.add("id = ?", id);
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    sql.query_first(
        &format!("SELECT {COLUMNS} FROM tasks{}", wanted.sql()),
        wanted.params(),
    )?
    .as_ref()
    .map(TaskRow::read)
    .transpose()
}

/// Changes a task's state and deadline, if it still has the version of `task`; whether it had.
pub(crate) fn update_task(sql: &mut dyn Sql, task: &TaskRow) -> Result<bool, DatabaseError> {
    let changed = sql.execute(
        "UPDATE tasks SET status = ?2, due_at_ms = ?3, done_at_ms = ?4, done_by = ?5, version = version + 1, overdue_told = 0
        WHERE id = ?1 AND version = ?6",
        params![&task.id, &task.status, task.due_at_ms, task.done_at_ms, &task.done_by, task.version],
    )?;
    Ok(changed == 1)
}

/// Tasks that became overdue and of which nobody was told yet; they count as told from now on.
pub(crate) fn newly_overdue(sql: &mut dyn Sql, now_ms: i64) -> Result<Vec<TaskRow>, DatabaseError> {
    sql.query(
        &format!(
            "UPDATE tasks SET overdue_told = 1 WHERE status IN ('open', 'in_progress') AND overdue_told = 0 AND due_at_ms < ?1 RETURNING {COLUMNS}"
        ),
        params![now_ms],
    )?
    .iter()
    .map(TaskRow::read)
    .collect()
}
