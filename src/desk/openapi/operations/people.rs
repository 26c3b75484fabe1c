//! Who gets in, and who did what.

use super::operation::Answer::{List, Nothing, One};
use super::operation::Kind::{Count, Text, Time};
use super::operation::{Operation, op, p};
use super::{AUDIT, CURSOR, LIMIT, READ, RUN};

pub(super) const OPERATIONS: &[Operation] = &[
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
];
