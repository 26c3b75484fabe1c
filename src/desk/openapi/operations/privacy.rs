//! What must go, and what must stay.

use super::operation::Answer::{List, One};
use super::operation::Kind::OneOf;
use super::operation::{Operation, op, p};
use super::{CURSOR, ERASE, LIMIT, READ};

pub(super) const OPERATIONS: &[Operation] = &[
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
];
