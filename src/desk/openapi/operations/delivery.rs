//! Deliveries and destinations.

use super::operation::Answer::{List, One};
use super::operation::Kind::{OneOf, Text, Time};
use super::operation::{Operation, op, p};
use super::{CURSOR, LIMIT, READ, RUN, SEND};

pub(super) const OPERATIONS: &[Operation] = &[
    op(
        "GET",
        "/v1/deliveries",
        "What was sent, newest first",
        READ,
        List("Delivery"),
    )
    .query(&[
        p(
            "state",
            OneOf(&[
                "queued",
                "sending",
                "delivered",
                "retrying",
                "dead",
                "canceled",
            ]),
        ),
        p("destination", Text),
        p("kind", Text),
        p("event_type", Text),
        p("event_id", Text),
        p("call_id", Text),
        p("record_id", Text),
        p("location_id", Text),
        p("since", Time),
        p("until", Time),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/deliveries/{id}",
        "A delivery with its attempts",
        READ,
        One("Delivery"),
    ),
    op(
        "POST",
        "/v1/deliveries/{id}/{act}",
        "Send again, or give up",
        SEND,
        One("Delivery"),
    )
    .values(&[("act", &["retry", "cancel"])]),
    op(
        "POST",
        "/v1/deliveries/replay",
        "Send a range of time again, under the old ids",
        SEND,
        One("Free"),
    )
    .body("Replay")
    .status("202"),
    op(
        "GET",
        "/v1/dead-letters",
        "What was given up, newest first",
        READ,
        List("Delivery"),
    )
    .query(&[
        p("destination", Text),
        p("location_id", Text),
        p("since", Time),
        p("until", Time),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/destinations",
        "Where data may go",
        RUN,
        List("Destination"),
    ),
    op(
        "GET",
        "/v1/destinations/{id}",
        "A destination and how it does",
        RUN,
        One("Destination"),
    ),
    op(
        "POST",
        "/v1/destinations/{id}/test",
        "Send it a test",
        RUN,
        One("Free"),
    )
    .status("202"),
    op(
        "POST",
        "/v1/destinations/{id}/enable",
        "Send to it again after it was disabled",
        RUN,
        One("Destination"),
    ),
    op(
        "POST",
        "/v1/destinations/{id}/rotate-secret",
        "A new signing secret, shown this once",
        RUN,
        One("Free"),
    ),
];
