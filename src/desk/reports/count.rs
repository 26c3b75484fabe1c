//! The counting: records, tasks, verdicts and deliveries in, tables out, and for each number of a table what it was counted of. Pure.

use std::collections::BTreeMap;

use super::number::{CAPTURE, COVERAGE, LATENCY, Number, SUMMARY, could_capture, quantile};
use super::table::share;
use super::{Behind, Cell, Column, Counted, GroupBy, Material, Table, Which};
use crate::store::database::outbox::CountedDelivery;
use crate::store::database::review::RecordVerdict;
use crate::store::database::tasks::TaskRow;

/// The report of this name.
pub(super) fn table(name: &str, by: GroupBy, material: &Material) -> Table {
    match name {
        "outcomes" => outcomes(by, material),
        "unresolved" => unresolved(by, material),
        "accuracy" => accuracy(material),
        "deliveries" => deliveries(material),
        _ => over_records(name, by, material),
    }
}

/// What a number of a report was counted of, what one would want to look at first in front; `None` where the report has no such number.
pub(super) fn behind(name: &str, which: &Which, material: &Material) -> Option<Vec<Behind>> {
    let mut found = match name {
        "outcomes" => behind_outcome(which, material),
        "unresolved" => behind_unresolved(which, material),
        "accuracy" => behind_accuracy(which, material),
        "deliveries" => behind_deliveries(which, material),
        _ => {
            let (numbers, counts) = numbers(name);
            let number = numbers.iter().find(|n| n.name == which.number)?;
            Some(
                material
                    .records
                    .iter()
                    .filter(|r| counts(r) && which.takes(&key(which.by, r)))
                    .filter_map(|r| {
                        let (value, order) = number.of(r, material)?;
                        Some(Behind::of_record(r, value, order))
                    })
                    .collect(),
            )
        }
    }?;
    found.sort_by(|a, b| {
        b.order
            .total_cmp(&a.order)
            .then_with(|| b.at_ms.cmp(&a.at_ms))
            .then_with(|| a.record_id.cmp(&b.record_id))
    });
    Some(found)
}

/// The unit of a number of a report.
pub(super) fn unit(name: &str, number: &str) -> Option<&'static str> {
    table(name, GroupBy::Nothing, &Material::default())
        .columns
        .iter()
        .find(|c| c.name == number && c.unit != "text")
        .map(|c| c.unit)
}

fn or_none(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "none".to_owned())
}

/// The day of a moment, UTC.
fn day(at_ms: i64) -> String {
    crate::call::rfc3339(at_ms * 1000)
        .chars()
        .take(10)
        .collect()
}

/// The value by which a record is put into a group.
fn key(by: GroupBy, record: &Counted) -> String {
    match by {
        GroupBy::Nothing => "all".to_owned(),
        GroupBy::Location => or_none(record.location_id.as_ref()),
        GroupBy::Department => or_none(record.department_id.as_ref()),
        GroupBy::Agent => or_none(record.facts.agent.as_ref()),
        GroupBy::Hour => format!("{:02}", record.facts.hour),
        GroupBy::Vertical => record.facts.vertical.clone(),
        GroupBy::Day => day(record.created_at_ms),
    }
}

fn task_key(by: GroupBy, task: &TaskRow) -> String {
    match by {
        GroupBy::Location => or_none(task.location_id.as_ref()),
        GroupBy::Department => or_none(task.department_id.as_ref()),
        GroupBy::Day => day(task.created_at_ms),
        _ => "all".to_owned(),
    }
}

fn grouped<'a>(
    by: GroupBy,
    records: impl Iterator<Item = &'a Counted>,
) -> BTreeMap<String, Vec<&'a Counted>> {
    let mut groups: BTreeMap<String, Vec<&Counted>> = BTreeMap::new();
    if by == GroupBy::Nothing {
        groups.insert("all".to_owned(), Vec::new());
    }
    for record in records {
        groups.entry(key(by, record)).or_default().push(record);
    }
    groups
}

/// Names and units of columns.
/// A table of groups, each with these numbers: their names and units.
fn laid_out(
    numbers: impl IntoIterator<Item = (&'static str, &'static str)>,
    rows: Vec<Vec<Cell>>,
) -> Table {
    Table {
        columns: std::iter::once(("group", "text"))
            .chain(numbers)
            .map(|(name, unit)| Column { name, unit })
            .collect(),
        rows,
    }
}

/// The numbers of a report over records, and which records it counts.
fn numbers(name: &str) -> (&'static [Number], fn(&Counted) -> bool) {
    match name {
        "capture" => (CAPTURE, could_capture),
        "latency" => (LATENCY, |_| true),
        "coverage" => (COVERAGE, |_| true),
        _ => (SUMMARY, |_| true),
    }
}

/// A row a group, a column a number.
fn over_records(name: &str, by: GroupBy, material: &Material) -> Table {
    let (numbers, counts) = numbers(name);
    let rows = grouped(by, material.records.iter().filter(|r| counts(r)))
        .into_iter()
        .map(|(group, records)| {
            std::iter::once(Cell::Text(group))
                .chain(numbers.iter().map(|n| n.over(&records, material)))
                .collect()
        })
        .collect();
    laid_out(numbers.iter().map(|n| (n.name, n.unit)), rows)
}

/// A row a group and outcome; `excluded` ones count in no share.
fn outcomes(by: GroupBy, material: &Material) -> Table {
    let mut rows = Vec::new();
    for (group, records) in grouped(by, material.records.iter()) {
        let counted = records
            .iter()
            .filter(|r| r.facts.group != "excluded")
            .count();
        let mut codes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for record in &records {
            *codes
                .entry((&record.facts.group, &record.facts.outcome))
                .or_default() += 1;
        }
        for ((kind, code), n) in codes {
            let of = if kind == "excluded" {
                Cell::Number(None)
            } else {
                share(n, counted)
            };
            rows.push(vec![
                Cell::Text(group.clone()),
                Cell::Text(code.to_owned()),
                Cell::Text(kind.to_owned()),
                n.into(),
                of,
            ]);
        }
    }
    let names = [
        ("outcome", "text"),
        ("outcome_group", "text"),
        ("calls", "calls"),
        ("share", "share"),
    ];
    laid_out(names, rows)
}

fn behind_outcome(which: &Which, material: &Material) -> Option<Vec<Behind>> {
    if !matches!(which.number.as_str(), "calls" | "share") {
        return None;
    }
    let wanted = |r: &&Counted| {
        which.takes(&key(which.by, r))
            && which
                .outcome
                .as_ref()
                .is_none_or(|code| r.facts.outcome == *code)
    };
    Some(
        material
            .records
            .iter()
            .filter(wanted)
            .map(|r| Behind::of_record(r, Cell::Number(None), 0.0))
            .collect(),
    )
}

/// How late a task is, ms; `None` while it is not.
fn late_ms(task: &TaskRow, now_ms: i64) -> Option<u64> {
    task.due_at_ms
        .filter(|due| *due < now_ms)
        .map(|due| (now_ms - due).unsigned_abs())
}

/// What somebody still owes.
fn unresolved(by: GroupBy, material: &Material) -> Table {
    let mut groups: BTreeMap<String, Vec<&TaskRow>> = BTreeMap::new();
    if by == GroupBy::Nothing {
        groups.insert("all".to_owned(), Vec::new());
    }
    for task in &material.owed {
        groups.entry(task_key(by, task)).or_default().push(task);
    }
    let now_ms = material.now_ms;
    let rows = groups
        .into_iter()
        .map(|(group, tasks)| {
            let late = || tasks.iter().filter_map(|t| late_ms(t, now_ms));
            vec![
                Cell::Text(group),
                tasks.len().into(),
                tasks
                    .iter()
                    .filter(|t| t.kind == "next_action")
                    .count()
                    .into(),
                late().count().into(),
                late().max().into(),
            ]
        })
        .collect();
    let names = [
        ("open", "tasks"),
        ("next_actions", "tasks"),
        ("overdue", "tasks"),
        ("longest_overdue_ms", "ms"),
    ];
    laid_out(names, rows)
}

fn behind_unresolved(which: &Which, material: &Material) -> Option<Vec<Behind>> {
    let wants: fn(&TaskRow, Option<u64>) -> bool = match which.number.as_str() {
        "open" => |_, _| true,
        "next_actions" => |task, _| task.kind == "next_action",
        "overdue" | "longest_overdue_ms" => |_, late| late.is_some(),
        _ => return None,
    };
    Some(
        material
            .owed
            .iter()
            .filter(|task| which.takes(&task_key(which.by, task)))
            .filter_map(|task| {
                let late = late_ms(task, material.now_ms);
                wants(task, late).then(|| Behind {
                    call_id: Some(task.call_id.clone()),
                    record_id: Some(task.record_id.clone()),
                    at_ms: task.created_at_ms,
                    value: late.into(),
                    order: late.unwrap_or(0) as f64,
                    note: Some(task.title.clone()),
                })
            })
            .collect(),
    )
}

/// A number over verdicts: its name, its unit, and which verdicts it counts with what they say.
type OfVerdicts = (
    &'static str,
    &'static str,
    fn(&RecordVerdict) -> Option<bool>,
);

const ACCURACY: [OfVerdicts; 6] = [
    ("values", "values", |v| Some(v.verdict.correct)),
    ("right", "share", |v| {
        (v.verdict.confidence > 0.0).then_some(v.verdict.correct)
    }),
    ("filled_in_by_hand", "values", |v| {
        (v.verdict.confidence <= 0.0).then_some(v.verdict.correct)
    }),
    ("mean_confidence", "share", |v| {
        (v.verdict.confidence > 0.0).then_some(v.verdict.correct)
    }),
    ("said_at_0.9", "values", |v| {
        (v.verdict.confidence >= 0.9).then_some(v.verdict.correct)
    }),
    ("right_at_0.9", "share", |v| {
        (v.verdict.confidence >= 0.9).then_some(v.verdict.correct)
    }),
];

/// By field: how often its value was let stand, at which confidence; whether what is said at 0.9 is right nine times in ten.
fn accuracy(material: &Material) -> Table {
    let mut fields: BTreeMap<&str, Vec<&RecordVerdict>> = BTreeMap::new();
    for verdict in &material.verdicts {
        for name in ["all", verdict.verdict.field.as_str()] {
            fields.entry(name).or_default().push(verdict);
        }
    }
    let rows = fields
        .into_iter()
        .map(|(field, all)| {
            let numbers = ACCURACY.iter().map(|(name, unit, says)| {
                let counted: Vec<&&RecordVerdict> =
                    all.iter().filter(|v| says(v).is_some()).collect();
                let right = counted.iter().filter(|v| v.verdict.correct).count();
                if *name == "mean_confidence" {
                    let sum: f64 = counted.iter().map(|v| v.verdict.confidence).sum();
                    let mean = sum / counted.len().max(1) as f64;
                    Cell::Number(
                        (!counted.is_empty()).then(|| (mean * 10_000.0).round() / 10_000.0),
                    )
                } else if *unit == "share" {
                    share(right, counted.len())
                } else {
                    counted.len().into()
                }
            });
            std::iter::once(Cell::Text(field.to_owned()))
                .chain(numbers)
                .collect()
        })
        .collect();
    laid_out(ACCURACY.iter().map(|(name, unit, _)| (*name, *unit)), rows)
}

fn behind_accuracy(which: &Which, material: &Material) -> Option<Vec<Behind>> {
    let (_, _, says) = ACCURACY.iter().find(|(name, ..)| *name == which.number)?;
    let field = which.group.as_deref().filter(|g| *g != "all");
    Some(
        material
            .verdicts
            .iter()
            .filter(|v| field.is_none_or(|f| v.verdict.field == f))
            .filter_map(|v| {
                let right = says(v)?;
                Some(Behind {
                    call_id: Some(v.call_id.clone()),
                    record_id: Some(v.record_id.clone()),
                    at_ms: v.at_ms,
                    value: Cell::Number(Some((v.verdict.confidence * 10_000.0).round() / 10_000.0)),
                    // What was wrong first, and of that what was said most surely.
                    order: v.verdict.confidence + if right { 0.0 } else { 2.0 },
                    note: Some(format!(
                        "{}: {}",
                        v.verdict.field,
                        if right { "right" } else { "wrong" }
                    )),
                })
            })
            .collect(),
    )
}

/// A number over deliveries: which it counts.
type OfDeliveries = (&'static str, &'static str, fn(&CountedDelivery) -> bool);

const DELIVERIES: [OfDeliveries; 8] = [
    ("deliveries", "deliveries", |_| true),
    ("delivered", "deliveries", |d| d.state == "delivered"),
    ("first_try", "share", |d| d.state == "delivered"),
    ("retried", "deliveries", |d| d.attempts > 1),
    ("waiting", "deliveries", |d| {
        matches!(d.state.as_str(), "queued" | "sending" | "retrying")
    }),
    ("dead", "deliveries", |d| d.state == "dead"),
    ("delivered_p95_ms", "ms", |d| d.state == "delivered"),
    ("oldest_waiting_ms", "ms", |d| {
        matches!(d.state.as_str(), "queued" | "sending" | "retrying")
    }),
];

fn took_ms(d: &CountedDelivery) -> Option<u64> {
    Some((d.finished_at_ms? - d.created_at_ms).max(0).unsigned_abs())
}

/// By destination: what arrived, how soon, what waits and what was given up.
fn deliveries(material: &Material) -> Table {
    let mut places: BTreeMap<&str, Vec<&CountedDelivery>> = BTreeMap::new();
    for delivery in &material.deliveries {
        for name in ["all", delivery.destination_id.as_str()] {
            places.entry(name).or_default().push(delivery);
        }
    }
    let rows = places
        .into_iter()
        .map(|(place, all)| {
            let numbers = DELIVERIES.iter().map(|(name, _, counts)| {
                let counted = || all.iter().filter(|d| counts(d));
                let waits = |d: &&&CountedDelivery| {
                    (material.now_ms - d.created_at_ms).max(0).unsigned_abs()
                };
                match *name {
                    "first_try" => share(
                        counted().filter(|d| d.attempts <= 1).count(),
                        counted().count(),
                    ),
                    "delivered_p95_ms" => quantile(counted().filter_map(|d| took_ms(d)), 95).into(),
                    "oldest_waiting_ms" => counted().map(|d| waits(&d)).max().into(),
                    _ => counted().count().into(),
                }
            });
            std::iter::once(Cell::Text(place.to_owned()))
                .chain(numbers)
                .collect()
        })
        .collect();
    laid_out(
        DELIVERIES.iter().map(|(name, unit, _)| (*name, *unit)),
        rows,
    )
}

fn behind_deliveries(which: &Which, material: &Material) -> Option<Vec<Behind>> {
    let (name, _, counts) = DELIVERIES.iter().find(|(name, ..)| *name == which.number)?;
    let place = which.group.as_deref().filter(|g| *g != "all");
    Some(
        material
            .deliveries
            .iter()
            .filter(|d| place.is_none_or(|p| d.destination_id == p) && counts(d))
            .map(|d| {
                let (value, order) = match *name {
                    "first_try" | "retried" => {
                        (Cell::Count(d.attempts.unsigned_abs()), d.attempts as f64)
                    }
                    "delivered_p95_ms" => (took_ms(d).into(), took_ms(d).unwrap_or(0) as f64),
                    "oldest_waiting_ms" => {
                        let ms = (material.now_ms - d.created_at_ms).max(0).unsigned_abs();
                        (Cell::Count(ms), ms as f64)
                    }
                    _ => (Cell::Number(None), 0.0),
                };
                Behind {
                    call_id: d.call_id.clone(),
                    record_id: d.record_id.clone(),
                    at_ms: d.created_at_ms,
                    value,
                    order,
                    note: Some(format!(
                        "{}: {}, {}",
                        d.destination_id, d.event_type, d.state
                    )),
                }
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests;
