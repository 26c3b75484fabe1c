//! Records and their review, tasks, contacts.

use super::operation::Answer::{List, Nothing, One};
use super::operation::Kind::{Flag, OneOf, Text, Time};
use super::operation::{Operation, op, p};
use super::{CURSOR, LIMIT, READ, REVIEW};

pub(super) const OPERATIONS: &[Operation] = &[
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
];
