//! The counting: records, tasks and verdicts in, tables out. Pure.

use std::collections::BTreeMap;

use super::table::share;
use super::{Cell, Column, Counted, GroupBy, Material, Table};
use crate::store::database::tasks::TaskRow;

/// The report of this name.
pub(super) fn table(name: &str, by: GroupBy, material: &Material) -> Table {
    match name {
        "outcomes" => outcomes(by, material),
        "unresolved" => unresolved(by, material),
        "capture" => per_group(by, material, CAPTURE, capture),
        "accuracy" => accuracy(material),
        "latency" => per_group(by, material, LATENCY, latency),
        "coverage" => per_group(by, material, COVERAGE, coverage),
        _ => per_group(by, material, SUMMARY, summary),
    }
}

/// The value by which a record is put into a group.
fn key(by: GroupBy, record: &Counted) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    match by {
        GroupBy::Nothing => "all".to_owned(),
        GroupBy::Location => or_none(&record.location_id),
        GroupBy::Department => or_none(&record.department_id),
        GroupBy::Agent => or_none(&record.facts.agent),
        GroupBy::Hour => format!("{:02}", record.facts.hour),
        GroupBy::Vertical => record.facts.vertical.clone(),
        GroupBy::Day => crate::call::rfc3339(record.created_at_ms * 1000)
            .chars()
            .take(10)
            .collect(),
    }
}

fn task_key(by: GroupBy, task: &TaskRow) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    match by {
        GroupBy::Location => or_none(&task.location_id),
        GroupBy::Department => or_none(&task.department_id),
        GroupBy::Day => crate::call::rfc3339(task.created_at_ms * 1000)
            .chars()
            .take(10)
            .collect(),
        _ => "all".to_owned(),
    }
}

fn grouped(by: GroupBy, material: &Material) -> BTreeMap<String, Vec<&Counted>> {
    let mut groups: BTreeMap<String, Vec<&Counted>> = BTreeMap::new();
    for record in &material.records {
        groups.entry(key(by, record)).or_default().push(record);
    }
    if groups.is_empty() && by == GroupBy::Nothing {
        groups.insert("all".to_owned(), Vec::new());
    }
    groups
}

/// Names and units of columns.
type Columns = &'static [(&'static str, &'static str)];

fn columns(names: Columns) -> Vec<Column> {
    std::iter::once(&("group", "text"))
        .chain(names)
        .map(|&(name, unit)| Column { name, unit })
        .collect()
}

/// A row a group.
fn per_group(
    by: GroupBy,
    material: &Material,
    names: Columns,
    row: fn(&[&Counted], &Material) -> Vec<Cell>,
) -> Table {
    let rows = grouped(by, material)
        .into_iter()
        .map(|(group, records)| {
            std::iter::once(Cell::Text(group))
                .chain(row(&records, material))
                .collect()
        })
        .collect();
    Table {
        columns: columns(names),
        rows,
    }
}

fn having(records: &[&Counted], fits: impl Fn(&Counted) -> bool) -> usize {
    records.iter().filter(|r| fits(r)).count()
}

/// The value that `percent` of 100 do not exceed.
fn quantile(values: impl Iterator<Item = u64>, percent: usize) -> Option<u64> {
    let mut sorted: Vec<u64> = values.collect();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

const SUMMARY: Columns = &[
    ("awaiting_review", "records"),
    ("callbacks_owed", "calls"),
    ("escalated", "calls"),
    ("unreached", "calls"),
    ("wrong_location_suspected", "calls"),
    ("calls", "calls"),
    ("booked", "calls"),
    ("approved", "records"),
    ("approved_untouched", "share"),
    ("rejected", "records"),
    ("talk_ms", "ms"),
];

fn summary(records: &[&Counted], _: &Material) -> Vec<Cell> {
    let approved = having(records, |r| r.state == "approved");
    let untouched = having(records, |r| {
        r.state == "approved" && r.facts.fields_edited == 0
    });
    vec![
        having(records, |r| {
            matches!(r.state.as_str(), "draft" | "in_review" | "reopened")
        })
        .into(),
        having(records, |r| r.facts.outcome == "callback_needed").into(),
        having(records, |r| r.facts.outcome == "escalated").into(),
        having(records, |r| r.facts.group == "unreached").into(),
        having(records, |r| r.facts.wrong_location).into(),
        records.len().into(),
        having(records, |r| r.facts.outcome == "booked").into(),
        approved.into(),
        share(untouched, approved),
        having(records, |r| r.state == "rejected").into(),
        records.iter().map(|r| r.facts.talk_ms).sum::<u64>().into(),
    ]
}

/// A row a group and outcome; `excluded` ones count in no share.
fn outcomes(by: GroupBy, material: &Material) -> Table {
    let mut rows = Vec::new();
    for (group, records) in grouped(by, material) {
        let counted = having(&records, |r| r.facts.group != "excluded");
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
    let names: Columns = &[
        ("outcome", "text"),
        ("outcome_group", "text"),
        ("calls", "calls"),
        ("share", "share"),
    ];
    Table {
        columns: columns(names),
        rows,
    }
}

/// What somebody still owes.
fn unresolved(by: GroupBy, material: &Material) -> Table {
    let mut groups: BTreeMap<String, Vec<&TaskRow>> = BTreeMap::new();
    for task in &material.owed {
        groups.entry(task_key(by, task)).or_default().push(task);
    }
    let rows = groups
        .into_iter()
        .map(|(group, tasks)| {
            let overdue = |t: &&&TaskRow| t.due_at_ms.is_some_and(|due| due < material.now_ms);
            let oldest = tasks
                .iter()
                .filter(overdue)
                .filter_map(|t| t.due_at_ms)
                .min();
            vec![
                Cell::Text(group),
                tasks.len().into(),
                tasks
                    .iter()
                    .filter(|t| t.kind == "next_action")
                    .count()
                    .into(),
                tasks.iter().filter(overdue).count().into(),
                oldest
                    .map(|due| (material.now_ms - due).unsigned_abs())
                    .into(),
            ]
        })
        .collect();
    let names: Columns = &[
        ("open", "tasks"),
        ("next_actions", "tasks"),
        ("overdue", "tasks"),
        ("longest_overdue_ms", "ms"),
    ];
    Table {
        columns: columns(names),
        rows,
    }
}

const CAPTURE: Columns = &[
    ("calls", "calls"),
    ("required_present", "share"),
    ("critical_confirmed", "share"),
    ("complete", "share"),
    ("fields_per_call", "fields"),
    ("declined", "fields"),
    ("conflicting", "fields"),
    ("edits_per_review", "fields"),
    ("review_median_s", "s"),
];

fn capture(records: &[&Counted], _: &Material) -> Vec<Cell> {
    // Calls in which nothing could be captured say nothing about capture.
    let answered: Vec<&Counted> = records
        .iter()
        .copied()
        .filter(|r| !matches!(r.facts.group.as_str(), "excluded" | "unreached"))
        .collect();
    let sum = |of: fn(&Counted) -> u32| answered.iter().map(|r| of(r) as usize).sum::<usize>();
    let reviewed: Vec<&&Counted> = answered.iter().filter(|r| r.facts.reviewed).collect();
    let mean = |part: usize, whole: usize| {
        Cell::Number((whole > 0).then(|| (part as f64 / whole as f64 * 100.0).round() / 100.0))
    };
    vec![
        answered.len().into(),
        share(sum(|r| r.facts.required_present), sum(|r| r.facts.required)),
        share(
            sum(|r| r.facts.critical_confirmed),
            sum(|r| r.facts.critical),
        ),
        share(
            having(&answered, |r| r.facts.required_present == r.facts.required),
            answered.len(),
        ),
        mean(sum(|r| r.facts.present), answered.len()),
        sum(|r| r.facts.declined).into(),
        sum(|r| r.facts.conflicting).into(),
        mean(
            reviewed
                .iter()
                .map(|r| r.facts.fields_edited as usize)
                .sum(),
            reviewed.len(),
        ),
        quantile(reviewed.iter().filter_map(|r| r.facts.seconds_open), 50).into(),
    ]
}

/// By field: how often its value was let stand, at which confidence; whether what is said at 0.9 is right nine times in ten.
fn accuracy(material: &Material) -> Table {
    let mut fields: BTreeMap<&str, Vec<(f64, bool)>> = BTreeMap::new();
    for verdict in &material.verdicts {
        for name in ["all", verdict.field.as_str()] {
            fields
                .entry(name)
                .or_default()
                .push((verdict.confidence, verdict.correct));
        }
    }
    let rows = fields
        .into_iter()
        .map(|(field, all)| {
            let said: Vec<&(f64, bool)> = all.iter().filter(|(c, _)| *c > 0.0).collect();
            let sure: Vec<&&(f64, bool)> = said.iter().filter(|(c, _)| *c >= 0.9).collect();
            let right = |v: &[&(f64, bool)]| v.iter().filter(|(_, right)| *right).count();
            vec![
                Cell::Text(field.to_owned()),
                all.len().into(),
                share(right(&said), said.len()),
                (all.len() - said.len()).into(),
                Cell::Number((!said.is_empty()).then(|| {
                    (said.iter().map(|(c, _)| c).sum::<f64>() / said.len() as f64 * 10_000.0)
                        .round()
                        / 10_000.0
                })),
                sure.len().into(),
                share(sure.iter().filter(|v| v.1).count(), sure.len()),
            ]
        })
        .collect();
    let names: Columns = &[
        ("values", "values"),
        ("right", "share"),
        ("filled_in_by_hand", "values"),
        ("mean_confidence", "share"),
        ("said_at_0.9", "values"),
        ("right_at_0.9", "share"),
    ];
    Table {
        columns: columns(names),
        rows,
    }
}

const LATENCY: Columns = &[
    ("calls", "calls"),
    ("stt_final_p50_ms", "ms"),
    ("stt_final_p95_ms", "ms"),
    ("stt_final_over_budget", "calls"),
    ("hangup_to_draft_p50_ms", "ms"),
    ("hangup_to_draft_p95_ms", "ms"),
    ("hangup_to_draft_over_budget", "calls"),
];

fn latency(records: &[&Counted], material: &Material) -> Vec<Cell> {
    let finals = || records.iter().filter_map(|r| r.facts.stt_final_p95_ms);
    let drafts = || records.iter().filter_map(|r| r.facts.hangup_to_draft_ms);
    let (final_ms, draft_ms) = material.budgets_ms;
    vec![
        records.len().into(),
        quantile(finals(), 50).into(),
        quantile(finals(), 95).into(),
        finals().filter(|ms| *ms as f64 > final_ms).count().into(),
        quantile(drafts(), 50).into(),
        quantile(drafts(), 95).into(),
        drafts().filter(|ms| *ms as f64 > draft_ms).count().into(),
    ]
}

const COVERAGE: Columns = &[
    ("calls", "calls"),
    ("audio_ms", "ms"),
    ("transcribed", "share"),
    ("lost_ms", "ms"),
    ("gaps", "gaps"),
    ("gaps_per_1000_min", "gaps"),
    ("calls_with_gaps", "calls"),
    ("engine_restarts", "calls"),
];

fn coverage(records: &[&Counted], _: &Material) -> Vec<Cell> {
    let sum = |of: fn(&Counted) -> u64| records.iter().map(|r| of(r)).sum::<u64>();
    let (audio, heard) = (sum(|r| r.facts.audio_ms), sum(|r| r.facts.transcribed_ms));
    let gaps = sum(|r| u64::from(r.facts.gaps));
    let per_1000_min =
        (audio > 0).then(|| (gaps as f64 * 60_000_000.0 / audio as f64 * 100.0).round() / 100.0);
    vec![
        records.len().into(),
        audio.into(),
        Cell::Number(
            (audio > 0).then(|| (heard as f64 / audio as f64 * 10_000.0).round() / 10_000.0),
        ),
        sum(|r| r.facts.lost_ms).into(),
        gaps.into(),
        Cell::Number(per_1000_min),
        having(records, |r| r.facts.gaps > 0).into(),
        having(records, |r| r.facts.end_reason == "engine_restart").into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::facts::Facts;
    use crate::store::database::review::FieldVerdict;

    fn record(location: &str, state: &str, facts: Facts) -> Counted {
        Counted {
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
        let verdict = |confidence, correct| FieldVerdict {
            field: "callback_number".to_owned(),
            status: "heard".to_owned(),
            confidence,
            correct,
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
}
