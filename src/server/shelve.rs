//! How documents become rows: what of a record is searched by, and which tasks it holds.

use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use crate::delivery::{Event, EventType};
use crate::record::facts::Facts;
use crate::store::database::review::Place;
use crate::store::database::tasks::TaskRow;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A moment as records write it, in milliseconds since 1970 (UTC): an instant, or local time with its zone.
fn moment_ms(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<Zoned>().map(|zoned| zoned.timestamp()))
        .ok()
        .map(|t| t.as_millisecond())
}

/// Where a record stands in the queue.
pub fn place(record: &Value) -> Place {
    let review = &record["review"];
    Place {
        risk: review["risk"].as_i64().unwrap_or(0),
        due_at_ms: moment_ms(&review["due"]),
        assigned_to: text(&review["assigned_to"]),
        location_id: text(&record["ownership"]["location_id"]),
        department_id: text(&record["ownership"]["department_id"]),
        outcome: text(&record["outcome"]["code"]),
        reasons: review["reason"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect(),
        facts: json!(Facts::of(record)).to_string(),
    }
}

/// What a drafted record says that somebody owes: each task, and the next action unless there is none.
pub fn tasks(record: &Value, drafted_at_ms: i64) -> Vec<TaskRow> {
    let record_id = text(&record["id"]).unwrap_or_default();
    let suffix = record_id
        .strip_prefix("rec_")
        .unwrap_or(&record_id)
        .to_owned();
    let ownership = &record["ownership"];
    let row = |id: String, kind: &str, title: String, source: &Value| TaskRow {
        id,
        record_id: record_id.clone(),
        call_id: text(&record["call_id"]).unwrap_or_default(),
        location_id: text(&ownership["location_id"]),
        department_id: text(&source["department"]).or_else(|| text(&ownership["department_id"])),
        kind: kind.to_owned(),
        title,
        promised_by: text(&source["owner"]).filter(|_| kind == "task"),
        status: "open".to_owned(),
        due_at_ms: moment_ms(&source["deadline"]),
        done_at_ms: None,
        done_by: None,
        created_at_ms: drafted_at_ms,
        version: 1,
        task: source.to_string(),
    };
    let promised = record["tasks"].as_array().into_iter().flatten();
    let mut rows: Vec<TaskRow> = (0..)
        .zip(promised)
        .map(|(n, task)| {
            row(
                format!("tsk_{suffix}-{n}"),
                "task",
                text(&task["text"]).unwrap_or_default(),
                task,
            )
        })
        .collect();
    let next = &record["next_action"];
    if next["kind"].as_str().is_some_and(|kind| kind != "none") {
        let mut source = next.clone();
        source["department"] = next["owner"].clone();
        let title = text(&next["description"])
            .filter(|d| !d.is_empty())
            .or_else(|| text(&next["kind"]))
            .unwrap_or_default();
        rows.push(row(
            format!("tsk_{suffix}-next"),
            "next_action",
            title,
            &source,
        ));
    }
    rows
}

/// A task as the API shows it.
pub fn task_json(row: &TaskRow, now_ms: i64) -> Value {
    let at = |ms: Option<i64>| ms.map(|ms| crate::call::rfc3339(ms * 1000));
    let task: Value = serde_json::from_str(&row.task).unwrap_or_default();
    let owed = matches!(row.status.as_str(), "open" | "in_progress");
    json!({
        "id": row.id, "record_id": row.record_id, "call_id": row.call_id, "location_id": row.location_id, "kind": row.kind,
        "title": row.title, "owner": { "department_id": row.department_id, "user_id": null }, "promised_by": row.promised_by,
        "status": row.status, "overdue": owed && row.due_at_ms.is_some_and(|due| due < now_ms), "due": at(row.due_at_ms),
        "evidence": task["evidence"], "completed_at": at(row.done_at_ms), "completed_by": row.done_by,
        "created_at": at(Some(row.created_at_ms)), "version": row.version,
    })
}

/// What others hear of a task.
pub fn task_event(kind: EventType, row: &TaskRow, now_ms: i64) -> Event {
    let mut data = task_json(row, now_ms);
    data["ownership"] =
        json!({ "location_id": row.location_id, "department_id": row.department_id });
    Event::new(
        kind,
        row.call_id.as_str(),
        &format!("{} {}", row.id, row.version),
        now_ms,
        data,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "id": "rec_1", "call_id": "call_1",
            "ownership": { "location_id": "austin", "department_id": "dispatch" },
            "outcome": { "code": "callback_needed" },
            "tasks": [{ "owner": "agent", "text": "send the quote", "evidence": [] }],
            "next_action": { "kind": "call_back", "description": "Call Maria back", "owner": "billing", "deadline": "2026-03-24T14:00:00-05:00" },
            "review": { "risk": 30, "due": "2026-03-24T10:22:12.000Z", "assigned_to": null, "reason": ["missing:caller_name", "media_gap"] },
        })
    }

    #[test]
    fn a_record_stands_where_its_review_says() {
        let place = place(&record());
        assert_eq!((place.risk, place.due_at_ms), (30, Some(1_774_347_732_000)));
        assert_eq!(place.reasons, ["missing:caller_name", "media_gap"]);
        assert_eq!(place.outcome.as_deref(), Some("callback_needed"));
    }

    #[test]
    fn promises_and_what_comes_next_become_tasks_with_owner_and_deadline() {
        let rows = tasks(&record(), 7);
        let seen: Vec<_> = rows
            .iter()
            .map(|t| {
                (
                    t.id.as_str(),
                    t.title.as_str(),
                    t.department_id.as_deref(),
                    t.due_at_ms,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("tsk_1-0", "send the quote", Some("dispatch"), None),
                (
                    "tsk_1-next",
                    "Call Maria back",
                    Some("billing"),
                    Some(1_774_378_800_000)
                ),
            ]
        );
        let shown = task_json(&rows[1], 1_774_378_800_001);
        assert_eq!(
            (&shown["overdue"], &shown["due"]),
            (&json!(true), &json!("2026-03-24T19:00:00.000Z"))
        );
    }
}
