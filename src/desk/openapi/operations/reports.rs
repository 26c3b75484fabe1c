//! Reports, and what stands behind their numbers.

use super::operation::Answer::One;
use super::operation::Kind::{OneOf, Text, Time};
use super::operation::{Kind, Operation, must, op, p};
use super::{CURSOR, LIMIT, READ};
use crate::desk::reports::NAMES;

/// The reports there are.
const REPORTS: &[(&str, &[&str])] = &[("name", &NAMES)];
/// By what their rows are told apart.
const GROUPS: Kind = OneOf(&[
    "nothing",
    "location",
    "department",
    "agent",
    "hour",
    "vertical",
    "day",
]);

pub(super) const OPERATIONS: &[Operation] = &[
    op(
        "GET",
        "/v1/reports/{name}",
        "What the calls of a time came to",
        READ,
        One("Report"),
    )
    .values(REPORTS)
    .query(&[
        p("from", Time),
        p("to", Time),
        p("group_by", GROUPS),
        p("location_id", Text),
        p("format", OneOf(&["json", "csv"])),
    ]),
    op(
        "GET",
        "/v1/reports/{name}/calls",
        "What a number of a report was counted of, with the report's span and filters",
        READ,
        One("BehindNumber"),
    )
    .values(REPORTS)
    .query(&[
        must("number", Text),
        p("from", Time),
        p("to", Time),
        p("group_by", GROUPS),
        p("group", Text),
        p("outcome", Text),
        p("location_id", Text),
        LIMIT,
        CURSOR,
    ]),
];
