//! Everything the API does, a file a resource.

mod calls;
mod delivery;
mod operation;
mod people;
mod privacy;
mod records;
mod reports;
mod system;

use operation::p;
pub(super) use operation::{Answer, Kind, Operation, Param};

const READ: &str = "the role viewer or the scope calls:read";
const HEAR: &str = "the role agent or the scope audio:read";
const ACT: &str = "the role agent or the scope records:write";
const REVIEW: &str = "the role operator or the scope records:write";
const AUDIT: &str = "the role admin or auditor, or the scope audit:read";
const SEND: &str = "the role operator or the scope deliveries:write";
const ERASE: &str = "the role admin or the scope privacy:write";
const RUN: &str = "the role admin or the scope config:write";

const LIMIT: Param = p("limit", Kind::Limit);
const CURSOR: Param = p("cursor", Kind::Text);

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Operation> {
    [
        system::OPERATIONS,
        people::OPERATIONS,
        calls::OPERATIONS,
        records::OPERATIONS,
        reports::OPERATIONS,
        privacy::OPERATIONS,
        delivery::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}
