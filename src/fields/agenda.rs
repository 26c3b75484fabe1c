//! Times offered, refused, countered and agreed.

/// The offers on the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agenda {}
