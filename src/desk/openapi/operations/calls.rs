//! Calls, their sound and words, and the live feed.

use super::operation::Answer::{Bytes, List, Nothing, One};
use super::operation::Kind::{Count, Flag, OneOf, Text, Time};
use super::operation::{Operation, must, op, p};
use super::{ACT, CURSOR, HEAR, LIMIT, READ, RUN};

pub(super) const OPERATIONS: &[Operation] = &[
    op(
        "GET",
        "/v1/live",
        "Live feed, as a WebSocket",
        READ,
        Nothing,
    )
    .query(&[
        p("calls", Text),
        p("resume_after", Text),
        p("partials", Flag),
        p("measures", Flag),
    ])
    .status("101"),
    op(
        "GET",
        "/v1/live/sse",
        "Live feed, as server-sent events",
        READ,
        Bytes("text/event-stream"),
    )
    .query(&[
        p("call", Text),
        p("resume_after", Count),
        p("partials", Flag),
        p("measures", Flag),
    ]),
    op(
        "GET",
        "/v1/calls",
        "Calls, those that go on first, then newest first",
        READ,
        List("Call"),
    )
    .query(&[
        p("status", Text),
        p("vertical", Text),
        p("location_id", Text),
        p("direction", Text),
        p("from", Text),
        p("to", Text),
        p("started_after", Time),
        p("started_before", Time),
        p("q", Text),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/calls/{id}",
        "A call, with its live state while it lasts",
        READ,
        One("Call"),
    ),
    op(
        "GET",
        "/v1/calls/{id}/transcript",
        "What was said",
        READ,
        List("Segment"),
    )
    .query(&[p("format", OneOf(&["json", "txt"])), p("raw", Flag)]),
    op(
        "GET",
        "/v1/calls/{id}/timeline",
        "What happened when",
        READ,
        List("Moment"),
    ),
    op(
        "GET",
        "/v1/calls/{id}/recording",
        "The recording, caller left, agent right",
        HEAR,
        Bytes("audio/ogg"),
    ),
    op(
        "POST",
        "/v1/calls/{id}/recording/{act}",
        "Pause the recording of a call that goes on, or go on recording",
        ACT,
        One("Recording"),
    )
    .values(&[("act", &["pause", "resume"])])
    .body_or_none("Note"),
    op(
        "GET",
        "/v1/calls/{id}/audio",
        "A stretch of the recording",
        HEAR,
        Bytes("audio/wav"),
    )
    .query(&[
        must("from_ms", Count),
        must("to_ms", Count),
        p("channel", OneOf(&["caller", "agent", "both"])),
    ]),
    op(
        "GET",
        "/v1/calls/{id}/waveform",
        "Both tracks' loudness in steps, for drawing",
        HEAR,
        One("Waveform"),
    )
    .query(&[p("buckets", Count)]),
    op(
        "GET",
        "/v1/calls/{id}/journal",
        "The journal, media summarised, as NDJSON",
        RUN,
        Bytes("application/x-ndjson"),
    ),
];
