use super::*;
use crate::record::facts::Facts;
use crate::store::database::review::{FieldVerdict, RecordVerdict};

fn record(location: &str, state: &str, facts: Facts) -> Counted {
    Counted {
        record_id: format!("rec_{location}_{state}_{}", facts.outcome),
        call_id: format!("call_{location}_{state}_{}", facts.outcome),
        created_at_ms: 1_774_345_920_000,
        state: state.to_owned(),
        location_id: Some(location.to_owned()),
        department_id: None,
        facts,
    }
}

fn facts(outcome: &str, group: &str) -> Facts {
    Facts {
        outcome: outcome.to_owned(),
        group: group.to_owned(),
        required: 2,
        required_present: 1,
        critical: 1,
        critical_confirmed: 1,
        audio_ms: 60_000,
        transcribed_ms: 60_000,
        gaps: 1,
        hangup_to_draft_ms: Some(300),
        ..Facts::default()
    }
}

fn material() -> Material {
    Material {
        records: vec![
            record("austin", "approved", facts("booked", "won")),
            record("austin", "draft", facts("callback_needed", "open")),
            record("dallas", "approved", facts("spam", "excluded")),
        ],
        budgets_ms: (1200.0, 200.0),
        ..Material::default()
    }
}

/// The cell of a row, by the names of both.
fn cell<'a>(table: &'a Table, group: &str, name: &str) -> &'a Cell {
    let at = table.columns.iter().position(|c| c.name == name).unwrap();
    let row = table
        .rows
        .iter()
        .find(|r| r[0] == Cell::Text(group.to_owned()))
        .unwrap();
    &row[at]
}

#[test]
fn what_is_still_owed_stands_first_and_spam_is_no_part_of_a_share() {
    let summary = table("summary", GroupBy::Location, &material());
    assert_eq!(summary.columns[1].name, "awaiting_review");
    assert_eq!(cell(&summary, "austin", "awaiting_review"), &Cell::Count(1));
    assert_eq!(cell(&summary, "dallas", "calls"), &Cell::Count(1));
    let outcomes = table("outcomes", GroupBy::Nothing, &material());
    let shares: Vec<_> = outcomes
        .rows
        .iter()
        .map(|r| (r[1].clone(), r[4].clone()))
        .collect();
    let text = |t: &str| Cell::Text(t.to_owned());
    assert!(shares.contains(&(text("booked"), Cell::Number(Some(0.5)))));
    assert!(shares.contains(&(text("spam"), Cell::Number(None))));
}

#[test]
fn capture_and_coverage_and_latency_add_up() {
    let capture = table("capture", GroupBy::Nothing, &material());
    assert_eq!(cell(&capture, "all", "calls"), &Cell::Count(2));
    assert_eq!(
        cell(&capture, "all", "required_present"),
        &Cell::Number(Some(0.5))
    );
    let coverage = table("coverage", GroupBy::Nothing, &material());
    assert_eq!(
        cell(&coverage, "all", "gaps_per_1000_min"),
        &Cell::Number(Some(1000.0))
    );
    let latency = table("latency", GroupBy::Nothing, &material());
    assert_eq!(
        cell(&latency, "all", "hangup_to_draft_p95_ms"),
        &Cell::Count(300)
    );
    assert_eq!(
        cell(&latency, "all", "hangup_to_draft_over_budget"),
        &Cell::Count(3)
    );
}

#[test]
fn accuracy_says_whether_nine_in_ten_are_right_at_nine_tenths() {
    let verdict = |confidence, correct| RecordVerdict {
        record_id: "rec_1".to_owned(),
        call_id: "call_1".to_owned(),
        at_ms: 0,
        verdict: FieldVerdict {
            field: "callback_number".to_owned(),
            status: "heard".to_owned(),
            confidence,
            correct,
        },
    };
    let mut all: Vec<_> = (0..9).map(|_| verdict(0.95, true)).collect();
    all.extend([verdict(0.95, false), verdict(0.0, false)]);
    let table = table(
        "accuracy",
        GroupBy::Nothing,
        &Material {
            verdicts: all,
            ..Material::default()
        },
    );
    assert_eq!(
        cell(&table, "callback_number", "right_at_0.9"),
        &Cell::Number(Some(0.9))
    );
    assert_eq!(
        cell(&table, "callback_number", "filled_in_by_hand"),
        &Cell::Count(1)
    );
}

#[test]
fn a_time_without_calls_is_a_report_too() {
    for name in super::super::NAMES {
        for by in [GroupBy::Nothing, GroupBy::Hour, GroupBy::Location] {
            let table = table(name, by, &Material::default());
            assert!(
                table.rows.iter().all(|r| r.len() == table.columns.len()),
                "{name}"
            );
        }
    }
}

/// A time in which everything happened that reports count.
fn busy() -> Material {
    let mut material = material();
    for (n, state) in ["draft", "approved", "rejected", "reopened"]
        .into_iter()
        .enumerate()
    {
        let n = n as u32;
        material.records.push(record(
            "austin",
            state,
            Facts {
                reviewed: n.is_multiple_of(2),
                fields_edited: n,
                seconds_open: Some(20 + u64::from(n)),
                declined: n,
                conflicting: n % 2,
                present: 3 + n,
                talk_ms: 1_000,
                lost_ms: 500 * u64::from(n),
                stt_final_p95_ms: Some(900 + 200 * u64::from(n)),
                wrong_location: n == 2,
                end_reason: if n == 3 {
                    "engine_restart"
                } else {
                    "caller_hangup"
                }
                .to_owned(),
                ..facts("escalated", "open")
            },
        ));
    }
    material.now_ms = 1_000_000;
    let task = |kind: &str, due_at_ms| TaskRow {
        id: format!("tsk_{kind}_{due_at_ms:?}"),
        record_id: "rec_1".to_owned(),
        call_id: "call_1".to_owned(),
        location_id: Some("austin".to_owned()),
        department_id: None,
        kind: kind.to_owned(),
        title: "call back".to_owned(),
        promised_by: None,
        status: "open".to_owned(),
        due_at_ms,
        done_at_ms: None,
        done_by: None,
        created_at_ms: 0,
        version: 1,
        task: String::new(),
    };
    material.owed = vec![
        task("task", None),
        task("next_action", Some(400_000)),
        task("next_action", Some(4_000_000)),
    ];
    let verdict = |field: &str, confidence, correct| RecordVerdict {
        record_id: "rec_1".to_owned(),
        call_id: "call_1".to_owned(),
        at_ms: 5,
        verdict: FieldVerdict {
            field: field.to_owned(),
            status: "heard".to_owned(),
            confidence,
            correct,
        },
    };
    material.verdicts = vec![
        verdict("caller_name", 0.95, true),
        verdict("caller_name", 0.92, false),
        verdict("caller_name", 0.4, true),
        verdict("email", 0.0, false),
    ];
    let delivery = |state: &str, attempts, finished_at_ms| CountedDelivery {
        destination_id: "crm".to_owned(),
        event_type: "record.approved".to_owned(),
        state: state.to_owned(),
        attempts,
        call_id: Some("call_1".to_owned()),
        record_id: Some("rec_1".to_owned()),
        created_at_ms: 100,
        finished_at_ms,
    };
    material.deliveries = vec![
        delivery("delivered", 1, Some(180)),
        delivery("delivered", 3, Some(9_000)),
        delivery("retrying", 2, None),
        delivery("dead", 10, Some(70_000)),
    ];
    material
}

/// What a number says, and what its list must therefore be like.
fn agrees(cell: &Cell, unit: &str, found: &[Behind]) -> bool {
    let sum = || -> u64 {
        found
            .iter()
            .map(|b| if let Cell::Count(n) = b.value { n } else { 0 })
            .sum()
    };
    match (cell, unit) {
        // What is measured is among what it was taken from, or is their sum.
        (Cell::Count(n), "ms" | "s") => {
            found.iter().any(|b| b.value == Cell::Count(*n)) || sum() == *n
        }
        (Cell::Count(n), "fields" | "gaps") => sum() == *n,
        (Cell::Count(n), _) => found.len() as u64 == *n,
        // A share or a mean of nothing has nothing behind it.
        (Cell::Number(number), _) => number.is_some() != found.is_empty() || unit == "gaps",
        (Cell::Text(_), _) => true,
    }
}

#[test]
fn every_number_opens_just_what_it_was_counted_of() {
    let material = busy();
    let mut opened = 0;
    for name in super::super::NAMES {
        for by in [
            GroupBy::Nothing,
            GroupBy::Location,
            GroupBy::Day,
            GroupBy::Vertical,
        ] {
            let table = table(name, by, &material);
            assert!(!table.rows.is_empty(), "{name}");
            for row in &table.rows {
                let Cell::Text(group) = &row[0] else {
                    panic!("{name}: a row without a group")
                };
                let outcome = table
                    .columns
                    .iter()
                    .position(|c| c.name == "outcome")
                    .and_then(|at| {
                        if let Cell::Text(code) = &row[at] {
                            Some(code.clone())
                        } else {
                            None
                        }
                    });
                for (column, cell) in table.columns.iter().zip(row) {
                    if column.unit == "text" {
                        continue;
                    }
                    let which = Which {
                        number: column.name.to_owned(),
                        by,
                        group: Some(group.clone()),
                        outcome: outcome.clone(),
                    };
                    let found = behind(name, &which, &material).unwrap();
                    if column.name == "share" {
                        assert!(!found.is_empty());
                    } else {
                        assert!(
                            agrees(cell, column.unit, &found),
                            "{name} by {by:?}, {group}: {} is {cell:?}, and behind it are {found:?}",
                            column.name
                        );
                    }
                    opened += found.len();
                }
            }
        }
        assert!(
            behind(
                name,
                &Which {
                    number: "no_such".to_owned(),
                    ..Which::default()
                },
                &material
            )
            .is_none()
        );
    }
    assert!(opened > 300, "{opened}");
}

#[test]
fn what_needs_a_look_comes_first() {
    let which = |number: &str| Which {
        number: number.to_owned(),
        ..Which::default()
    };
    let slowest = behind("latency", &which("stt_final_p95_ms"), &busy()).unwrap();
    assert_eq!(slowest[0].value, Cell::Count(1_500));
    let wrong = behind("accuracy", &which("right_at_0.9"), &busy()).unwrap();
    assert_eq!(wrong[0].note.as_deref(), Some("caller_name: wrong"));
    let late = behind("unresolved", &which("open"), &busy()).unwrap();
    assert_eq!(late[0].value, Cell::Count(600_000));
    assert_eq!(late[0].note.as_deref(), Some("call back"));
}
