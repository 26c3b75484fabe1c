//! The table of operations.

/// What a query parameter takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A moment, RFC 3339.
    Time,
    /// A number from 0.
    Count,
    /// How many rows.
    Limit,
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// A query parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// What is answered when all is well.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// Nothing.
    Nothing,
    /// One of these.
    One(&'static str),
    /// A page of these.
    List(&'static str),
    /// Bytes of this kind.
    Bytes(&'static str),
}

/// Something the API does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path with its variables.
    pub path: &'static str,
    /// In one line.
    pub summary: &'static str,
    /// What one must be allowed; nobody needs anything where absent.
    pub needs: Option<&'static str>,
    /// Query parameters.
    pub query: &'static [Param],
    /// Variables of the path that take one of a few values.
    pub path_values: &'static [(&'static str, &'static [&'static str])],
    /// Content type and shape of the body.
    pub body: Option<(&'static str, &'static str)>,
    /// Whether the body must be there.
    pub body_required: bool,
    /// Whether a change is made against a version.
    pub versioned: bool,
    /// Status when all is well.
    pub status: &'static str,
    /// What is answered then.
    pub answer: Answer,
}

const fn p(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: false,
    }
}

const fn must(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: true,
    }
}

const fn op(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    needs: &'static str,
    answer: Answer,
) -> Operation {
    Operation {
        method,
        path,
        summary,
        needs: Some(needs),
        query: &[],
        path_values: &[],
        body: None,
        body_required: true,
        versioned: false,
        status: "200",
        answer,
    }
}

impl Operation {
    const fn open(mut self) -> Self {
        self.needs = None;
        self
    }
    const fn query(mut self, query: &'static [Param]) -> Self {
        self.query = query;
        self
    }
    const fn values(mut self, values: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.path_values = values;
        self
    }
    const fn body(mut self, shape: &'static str) -> Self {
        self.body = Some(("application/json", shape));
        self
    }
    const fn body_or_none(mut self, shape: &'static str) -> Self {
        self.body = Some(("application/json", shape));
        self.body_required = false;
        self
    }
    /// A body of this content type.
    const fn text(mut self, kind: &'static str, shape: &'static str) -> Self {
        self.body = Some((kind, shape));
        self
    }
    const fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }
    const fn status(mut self, status: &'static str) -> Self {
        self.status = status;
        self
    }
}

use Answer::{Bytes, List, Nothing, One};
use Kind::{Count, Flag, Limit, OneOf, Text, Time};

const READ: &str = "the role viewer or the scope calls:read";
const HEAR: &str = "the role agent or the scope audio:read";
const ACT: &str = "the role agent or the scope records:write";
const REVIEW: &str = "the role operator or the scope records:write";
const AUDIT: &str = "the role admin or auditor, or the scope audit:read";
const SEND: &str = "the role operator or the scope deliveries:write";
const ERASE: &str = "the role admin or the scope privacy:write";
const RUN: &str = "the role admin or the scope config:write";

const LIMIT: Param = p("limit", Limit);
const CURSOR: Param = p("cursor", Text);

/// The reports there are.
const REPORTS: &[(&str, &[&str])] = &[(
    "name",
    &[
        "summary",
        "outcomes",
        "unresolved",
        "capture",
        "accuracy",
        "latency",
        "coverage",
        "deliveries",
    ],
)];
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

/// Everything the API does.
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
        "POST",
        "/v1/sessions",
        "Sign in; answers a cookie",
        READ,
        Nothing,
    )
    .open()
    .body("SignIn")
    .status("204"),
    op("GET", "/v1/me", "Who one is", READ, One("Me")),
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
    op("GET", "/v1/records", "Records", READ, List("Record")).query(&[
        p("state", Text),
        p("call_id", Text),
        p("reason", Text),
        p("due_before", Time),
        p("assigned_to", Text),
        p("outcome", Text),
        p("location_id", Text),
        p("sort", OneOf(&["newest", "risk"])),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/records/{id}",
        "A record, with its version as ETag",
        READ,
        One("Record"),
    ),
    op(
        "GET",
        "/v1/records/{id}/preview",
        "What would leave if the record were approved now",
        REVIEW,
        List("PreviewedDelivery"),
    ),
    op(
        "GET",
        "/v1/records/{id}/changes",
        "What is different from the version that was approved last",
        READ,
        One("RecordChanges"),
    ),
    op(
        "PATCH",
        "/v1/records/{id}",
        "Set the outcome, rewrite the summary",
        REVIEW,
        One("Record"),
    )
    .body("RecordChange")
    .versioned(),
    op(
        "PUT",
        "/v1/records/{id}/fields/{name}",
        "Type a field's value",
        REVIEW,
        One("Record"),
    )
    .body("NewValue")
    .versioned(),
    op(
        "POST",
        "/v1/records/{id}/fields/{name}/{act}",
        "Say that a value is right, wrong, or refused by the caller",
        REVIEW,
        One("Record"),
    )
    .values(&[("act", &["confirm", "reject", "decline"])])
    .versioned(),
    op(
        "POST",
        "/v1/records/{id}/{act}",
        "Release, refuse, take back or take on a record",
        REVIEW,
        One("Record"),
    )
    .values(&[("act", &["approve", "reject", "reopen", "assign"])])
    .body_or_none("Words")
    .versioned(),
    op("GET", "/v1/tasks", "What somebody owes", READ, List("Task")).query(&[
        p("status", Text),
        p("kind", OneOf(&["task", "next_action"])),
        p("call_id", Text),
        p("department_id", Text),
        p("location_id", Text),
        p("overdue", Flag),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/tasks/{id}",
        "A task, with its version as ETag",
        READ,
        One("Task"),
    ),
    op(
        "PATCH",
        "/v1/tasks/{id}",
        "Change a task's state or deadline",
        REVIEW,
        One("Task"),
    )
    .body("TaskChange"),
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
    op(
        "GET",
        "/v1/audit-events",
        "Who did what, newest first",
        AUDIT,
        List("AuditEvent"),
    )
    .query(&[
        p("actor_id", Text),
        p("action", Text),
        p("resource", Text),
        p("since", Time),
        p("until", Time),
        LIMIT,
        CURSOR,
    ]),
    op(
        "GET",
        "/v1/audit-events/verify",
        "Whether the chain of events is whole",
        AUDIT,
        One("Verification"),
    )
    .query(&[p("seq", Count), p("hash", Text)]),
    op("GET", "/v1/users", "Accounts", RUN, List("User")),
    op(
        "POST",
        "/v1/users",
        "Make an account; answers the link by which its person sets a password",
        RUN,
        One("User"),
    )
    .body("NewUser")
    .status("201"),
    op(
        "PATCH",
        "/v1/users/{id}",
        "Change an account",
        RUN,
        One("User"),
    )
    .body("UserChange"),
    op(
        "POST",
        "/v1/users/{id}/password-link",
        "A new link for a password",
        RUN,
        One("PasswordLink"),
    ),
    op("GET", "/v1/api-keys", "Keys", RUN, List("ApiKey")),
    op(
        "POST",
        "/v1/api-keys",
        "Make a key; the only time it is shown",
        RUN,
        One("ApiKey"),
    )
    .body("NewApiKey")
    .status("201"),
    op(
        "DELETE",
        "/v1/api-keys/{id}",
        "Take a key no more",
        RUN,
        Nothing,
    )
    .status("204"),
    op(
        "GET",
        "/v1/contacts",
        "Contacts, the one changed last first",
        READ,
        List("Contact"),
    )
    .query(&[
        p("phone", Text),
        p("q", Text),
        p("client_id", Text),
        LIMIT,
        CURSOR,
    ]),
    op(
        "POST",
        "/v1/contacts",
        "Make a contact",
        REVIEW,
        One("Contact"),
    )
    .body("ContactChange")
    .status("201"),
    op(
        "GET",
        "/v1/contacts/{id}",
        "A contact, with its version as ETag",
        READ,
        One("Contact"),
    ),
    op(
        "PATCH",
        "/v1/contacts/{id}",
        "Change a contact",
        REVIEW,
        One("Contact"),
    )
    .body("ContactChange"),
    op(
        "DELETE",
        "/v1/contacts/{id}",
        "Remove a contact",
        REVIEW,
        Nothing,
    )
    .status("204"),
    op(
        "POST",
        "/v1/contacts/import",
        "Load contacts from a CSV file",
        REVIEW,
        One("Import"),
    )
    .query(&[
        p("client_id", Text),
        p("dry_run", Flag),
        p("skip_invalid", Flag),
    ])
    .text("text/csv", "Csv"),
    op(
        "DELETE",
        "/v1/calls/{id}",
        "Erase a call and all that was made of it",
        ERASE,
        One("Erasure"),
    )
    .status("201"),
    op(
        "GET",
        "/v1/calls/{id}/hold",
        "What is kept of a call, and whether it must be",
        READ,
        One("Free"),
    ),
    op(
        "PUT",
        "/v1/calls/{id}/hold",
        "Hold a call against erasure and retention, or no longer",
        ERASE,
        One("Free"),
    )
    .body("Hold"),
    op(
        "GET",
        "/v1/privacy/erasures",
        "Erasures, newest first",
        ERASE,
        List("Erasure"),
    )
    .query(&[
        p("state", OneOf(&["pending", "done", "blocked"])),
        LIMIT,
        CURSOR,
    ]),
    op(
        "POST",
        "/v1/privacy/erasures",
        "Erase by call, number or contact",
        ERASE,
        One("Erasure"),
    )
    .body("NewErasure")
    .status("201"),
    op(
        "GET",
        "/v1/privacy/erasures/{id}",
        "An erasure: what went, what had to stay and why",
        ERASE,
        One("Erasure"),
    ),
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
