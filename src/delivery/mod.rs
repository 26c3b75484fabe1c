//! Delivery: what happened leaves for those it concerns, at least once, in order, and with proof.
//!
//! Owns events and their ids, the rules of who hears of what, what each destination may see, the outbox's states and schedule, and the
//! three ways out: signed webhooks, mail, SMS. Everything above `worker` is pure: no socket, no clock, no random number.
//!
//! Whoever changes something that others should hear of makes an [`Event`], asks [`due`] who hears of it, and calls [`enqueue`] in the
//! transaction of the change; after the commit it calls [`Worker::wake`]. What the event means for a destination (fields, texts) is made of
//! it when it is first sent, under the configuration then in force, and kept from there on.
//!
//! - [`event`]: what happened; [`settings`], [`rules`]: what a user says about it, checked; [`plan`]: who hears of an event.
//! - [`view`]: what of it a destination sees; [`template`], [`message`], [`payload`]: what is made of that; [`prepare`]: all of it in order.
//! - [`signature`], [`schedule`], [`outbox`]: Standard Webhooks, and what an attempt's outcome means.
//! - [`webhook`], [`email`], [`sms`], [`address`]: the edges; [`worker`]: leases, sends, settles.

pub mod address;
pub mod email;
pub mod event;
mod intake;
pub mod message;
pub mod outbox;
pub mod payload;
pub mod plan;
pub mod prepare;
pub mod rules;
pub mod schedule;
pub mod settings;
pub mod signature;
pub mod sms;
pub mod template;
pub mod view;
pub mod webhook;
pub mod worker;

pub use event::{Event, EventType, on_approval};
pub use intake::enqueue;
pub use plan::{Planned, due};
pub use rules::Rules;
pub use settings::{Action, Channel, Destination, Settings};
pub use worker::{Worker, tell};
