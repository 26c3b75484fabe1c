//! `/v1/reports/{name}`: what the calls of a stretch of time came to, as JSON and CSV.
//!
//! Everything is counted from records' facts, tasks and verdicts; what was said is read by none of it. Volume is no success: what is
//! counted first is what somebody still owes.

mod count;
mod table;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use jiff::Timestamp;
use serde::Deserialize;

use crate::desk::access::{Permission, Principal};
use crate::desk::{Problem, asked};
use crate::record::facts::Facts;
use crate::server::Edge;
use crate::store::DatabaseError;
use crate::store::database::review::{self, FieldVerdict};
use crate::store::database::tasks::{self, TaskRow};

pub use table::{Cell, Column, Table};

/// The routes of reports.
pub(super) fn routes() -> Router<Arc<Edge>> {
    Router::new().route("/v1/reports/{name}", get(report))
}

/// The reports there are.
const NAMES: [&str; 7] = [
    "summary",
    "outcomes",
    "unresolved",
    "capture",
    "accuracy",
    "latency",
    "coverage",
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
    pub verdicts: Vec<FieldVerdict>,
    /// Now, milliseconds since 1970 (UTC).
    pub now_ms: i64,
    /// Latency budgets: final text and draft, ms.
    pub budgets_ms: (f64, f64),
}

async fn report(
    State(edge): State<Arc<Edge>>,
    principal: Principal,
    Path(name): Path<String>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    principal.needs(Permission::ReadCalls)?;
    let query = asked(query)?;
    if !NAMES.contains(&name.as_str()) {
        return Err(Problem::not_found(&format!(
            "report; there are {}",
            NAMES.join(", ")
        )));
    }
    let now_ms = edge.now_ms();
    let before_ms = query.to.map_or(now_ms + 1, |t| t.as_millisecond());
    let from_ms = query
        .from
        .map_or(before_ms - DEFAULT_HOURS * 3_600_000, |t| {
            t.as_millisecond()
        });
    if from_ms >= before_ms {
        return Err(Problem::bad_request("from must be earlier than to"));
    }
    let locations = super::within(&principal, query.location_id);
    let (records, owed, verdicts) = edge
        .store
        .database
        .read(move |sql| {
            Ok::<_, DatabaseError>((
                review::facts(sql, from_ms, before_ms, locations.as_deref())?,
                tasks::owed(sql, locations.as_deref())?,
                review::verdicts(sql, from_ms, before_ms, locations.as_deref())?,
            ))
        })
        .await?;
    let material = Material {
        records: records
            .into_iter()
            .map(|row| Counted {
                facts: serde_json::from_str(&row.facts).unwrap_or_default(),
                created_at_ms: row.created_at_ms,
                state: row.state,
                location_id: row.location_id,
                department_id: row.department_id,
            })
            .collect(),
        owed,
        verdicts,
        now_ms,
        budgets_ms: (
            edge.config.latency_budget_ms.stt_final,
            edge.config.latency_budget_ms.draft,
        ),
    };
    let by = query.group_by.unwrap_or_default();
    let table = count::table(&name, by, &material);
    match query.format.as_deref().unwrap_or("json") {
        "json" => Ok(Json(table.json(&name, from_ms, before_ms, by)).into_response()),
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
