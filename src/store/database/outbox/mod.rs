//! The outbox's tables: events, the deliveries they call for, every attempt, and how each destination does.
//!
//! Each function is part of its caller's transaction: an event is written together with whatever happened, so neither is there without
//! the other. What a state means and when a delivery is tried again is decided by `delivery`; here it is only kept.

mod destinations;
mod queue;
mod rows;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use destinations::{
    DestinationRow, destination, destinations, disable, enable, note_failure, note_success,
    set_secret,
};
pub(crate) use queue::{
    Settled, due, insert_delivery, insert_event, lease, next_due_ms, pull_forward, release_leases,
    seal, settle,
};
pub use rows::{AttemptRow, DeliveryFilter, DeliveryRow, EventRow};
pub use views::CountedDelivery;
#[allow(unused_imports, reason = "for erasures")]
pub(crate) use views::erase_call;
pub(crate) use views::{
    attempts, backlog, cancel, counted, deliveries, delivery, event, last_approval, replay, retry,
    siblings,
};
