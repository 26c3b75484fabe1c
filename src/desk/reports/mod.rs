//! `/v1/reports/{name}`: what the calls of a stretch of time came to, as JSON and CSV; `/v1/reports/{name}/calls`: what stands behind one of
//! its numbers.
//!
//! Everything is counted from records' facts, tasks and verdicts; what was said is read by none of it. Volume is no success: what is
//! counted first is what somebody still owes.

mod count;
mod number;
mod table;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::rfc3339;
use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, asked, calls};
use crate::record::facts::Facts;
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::database::outbox::{self, CountedDelivery};
use crate::store::database::review::{self, RecordVerdict};
use crate::store::database::tasks::{self, TaskRow};

pub use table::{Cell, Column, Table};

/// The routes of reports.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new()
        .route("/v1/reports/{name}", get(report))
        .route("/v1/reports/{name}/calls", get(behind))
}

/// The reports there are.
pub(super) const NAMES: [&str; 8] = [
    "summary",
    "outcomes",
    "unresolved",
    "capture",
    "accuracy",
    "latency",
    "coverage",
    "deliveries",
];

/// How long a report looks back where nothing is said, hours.
const DEFAULT_HOURS: i64 = 30 * 24;

/// By what rows are told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// One row for everything.
    #[default]
    Nothing,
    /// Location.
    Location,
    /// Department.
    Department,
    /// Who took the call.
    Agent,
    /// Hour of the day, where the business is.
    Hour,
    /// Business kind.
    Vertical,
    /// Day (UTC).
    Day,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReportQuery {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    group_by: Option<GroupBy>,
    location_id: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// One record as a report sees it.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The record.
    pub record_id: String,
    /// Its call.
    pub call_id: String,
    /// When it was drafted, milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// State of the record.
    pub state: String,
    /// The location.
    pub location_id: Option<String>,
    /// The department.
    pub department_id: Option<String>,
    /// Its numbers.
    pub facts: Facts,
}

/// Everything a report is made of.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// Records drafted in the stretch of time.
    pub records: Vec<Counted>,
    /// What is owed, whenever it came to be.
    pub owed: Vec<TaskRow>,
    /// How right the engine was, by what people let stand.
    pub verdicts: Vec<RecordVerdict>,
    /// What was to be sent, by when it came to be.
    pub deliveries: Vec<CountedDelivery>,
    /// Now, milliseconds since 1970 (UTC).
    pub now_ms: i64,
    /// Latency budgets: final text and draft, ms.
    pub budgets_ms: (f64, f64),
}

/// Which number of a report.
#[derive(Debug, Clone, Default, PartialEq)]
struct Which {
    /// Its column.
    number: String,
    /// By what its rows are told apart.
    by: GroupBy,
    /// Its row; all rows where absent.
    group: Option<String>,
    /// Its outcome, in the report of that name.
    outcome: Option<String>,
}

impl Which {
    fn takes(&self, group: &str) -> bool {
        self.group.as_ref().is_none_or(|wanted| wanted == group)
    }
}

/// One thing that a number was counted of.
#[derive(Debug, Clone, PartialEq)]
struct Behind {
    call_id: Option<String>,
    record_id: Option<String>,
    at_ms: i64,
    /// What it has of the number, in the number's unit.
    value: Cell,
    /// What is listed first has the highest.
    order: f64,
    /// More about it, in words.
    note: Option<String>,
}

impl Behind {
    fn of_record(record: &Counted, value: Cell, order: f64) -> Behind {
        Behind {
            call_id: Some(record.call_id.clone()),
            record_id: Some(record.record_id.clone()),
            at_ms: record.created_at_ms,
            value,
            order,
            note: None,
        }
    }
}

/// A stretch of time, milliseconds since 1970 (UTC); its end is not part of it.
#[derive(Debug, Clone, Copy)]
struct Span {
    from_ms: i64,
    before_ms: i64,
}

impl Span {
    fn asked(from: Option<Timestamp>, to: Option<Timestamp>, now_ms: i64) -> Result<Span, Problem> {
        let before_ms = to.map_or(now_ms + 1, |t| t.as_millisecond());
        let from_ms = from.map_or(before_ms - DEFAULT_HOURS * 3_600_000, |t| {
            t.as_millisecond()
        });
        if from_ms >= before_ms {
            return Err(Problem::bad_request("from must be earlier than to"));
        }
        Ok(Span { from_ms, before_ms })
    }
}

fn known(name: &str) -> Result<(), Problem> {
    if NAMES.contains(&name) {
        Ok(())
    } else {
        Err(Problem::not_found(&format!(
            "report; there are {}",
            NAMES.join(", ")
        )))
    }
}

/// Reads what a report is made of.
async fn material(
    edge: &Edge,
    principal: &Principal,
    span: Span,
    location_id: Option<String>,
) -> Result<Material, Problem> {
    let locations = super::within(principal, location_id);
    let Span { from_ms, before_ms } = span;
    let (records, owed, verdicts, deliveries) = edge
        .store
        .database
        .read(move |sql| {
            Ok::<_, DatabaseError>((
                review::facts(sql, from_ms, before_ms, locations.as_deref())?,
                tasks::owed(sql, locations.as_deref())?,
                review::verdicts(sql, from_ms, before_ms, locations.as_deref())?,
                outbox::counted(sql, from_ms, before_ms, locations.as_deref())?,
            ))
        })
        .await?;
    Ok(Material {
        records: records
            .into_iter()
            .map(|row| Counted {
                record_id: row.record_id,
                call_id: row.call_id,
                facts: serde_json::from_str(&row.facts).unwrap_or_default(),
                created_at_ms: row.created_at_ms,
                state: row.state,
                location_id: row.location_id,
                department_id: row.department_id,
            })
            .collect(),
        owed,
        verdicts,
        deliveries,
        now_ms: edge.now_ms(),
        budgets_ms: (
            edge.config.latency_budget_ms.stt_final,
            edge.config.latency_budget_ms.draft,
        ),
    })
}

async fn report(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(name): Path<String>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    known(&name)?;
    let span = Span::asked(query.from, query.to, edge.now_ms())?;
    let material = material(&edge, &principal, span, query.location_id).await?;
    let by = query.group_by.unwrap_or_default();
    let table = count::table(&name, by, &material);
    match query.format.as_deref().unwrap_or("json") {
        "json" => Ok(Json(table.json(&name, span.from_ms, span.before_ms, by)).into_response()),
        "csv" => {
            let kind = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"offhook-{name}.csv\""),
                ),
            ];
            Ok((kind, table.csv()).into_response())
        }
        other => Err(Problem::bad_request(format!(
            "format = {other}: must be json or csv"
        ))),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BehindQuery {
    number: String,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    group_by: Option<GroupBy>,
    group: Option<String>,
    outcome: Option<String>,
    location_id: Option<String>,
    limit: Option<usize>,
    /// How many were listed before: the list is made anew each time, so its place is a count.
    cursor: Option<usize>,
}

/// `GET /v1/reports/{name}/calls?number=`: what a number was counted of, with the same span and filters as the report.
async fn behind(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(name): Path<String>,
    query: Result<Query<BehindQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    known(&name)?;
    let limit = super::page_size(query.limit)?;
    let span = Span::asked(query.from, query.to, edge.now_ms())?;
    let material = material(&edge, &principal, span, query.location_id).await?;
    let which = Which {
        number: query.number,
        by: query.group_by.unwrap_or_default(),
        group: query.group,
        outcome: query.outcome,
    };
    let found = count::behind(&name, &which, &material).ok_or_else(|| {
        Problem::bad_request(format!(
            "number = {}: the report {name} has none of that name",
            which.number
        ))
    })?;
    let total = found.len();
    let skipped = query.cursor.unwrap_or(0);
    let page: Vec<Behind> = found.into_iter().skip(skipped).take(limit).collect();
    let ids: Vec<String> = page.iter().filter_map(|b| b.call_id.clone()).collect();
    let rows = edge
        .store
        .database
        .read(move |sql| review::calls(sql, &ids))
        .await?;
    let data: Vec<Value> = page
        .iter()
        .map(|b| {
            let call = rows.iter().find(|row| Some(&row.id) == b.call_id.as_ref());
            json!({
                "call_id": b.call_id, "record_id": b.record_id, "at": rfc3339(b.at_ms * 1000), "value": b.value.json(), "note": b.note,
                "call": call.map(calls::stored_call),
            })
        })
        .collect();
    let next = skipped + data.len();
    Ok(Json(json!({
        "report": name, "number": which.number, "unit": count::unit(&name, &which.number), "group": which.group, "outcome": which.outcome,
        "from": rfc3339(span.from_ms * 1000), "to": rfc3339(span.before_ms * 1000), "total": total,
        "data": data, "next_cursor": (next < total).then(|| next.to_string()),
    }))
    .into_response())
}
