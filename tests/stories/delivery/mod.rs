//! What happened leaves: signed, once, in order, past whatever receivers do.

mod crash;
mod desk;
mod faults;
mod journey;
mod messages;
mod outage;
mod outbox;
