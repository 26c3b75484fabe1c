//! How the engine stands, and what it runs under.

use super::operation::Answer::{Bytes, List, One};
use super::operation::{Operation, op};
use super::{READ, RUN};

pub(super) const OPERATIONS: &[Operation] = &[
    op(
        "GET",
        "/healthz",
        "The process answers",
        READ,
        Bytes("text/plain"),
    )
    .open(),
    op(
        "GET",
        "/readyz",
        "A new call would be taken now",
        READ,
        One("Free"),
    )
    .open(),
    op(
        "GET",
        "/metrics",
        "Prometheus text",
        RUN,
        Bytes("text/plain"),
    ),
    op(
        "GET",
        "/v1/verticals",
        "Business kinds as loaded",
        READ,
        List("Vertical"),
    ),
    op(
        "GET",
        "/v1/locations",
        "Where calls come in",
        READ,
        List("Location"),
    ),
    op(
        "GET",
        "/v1/system",
        "How the engine stands",
        READ,
        One("System"),
    ),
];
