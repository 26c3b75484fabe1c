//! Offhook: a phone call becomes a finished piece of work while it is still going on.
//!
//! # The law
//! **A call's record is a pure function of its journal and its configuration.** The journal holds what the provider sent, what the
//! recogniser heard, what people did, and when; replaying it gives the byte-identical record. So the core takes time as an argument
//! and holds no clock, socket, lock, thread or random number; the edges hold nothing else.
//!
//! # Layout, in the order data flows
//! - [`config`]: `offhook.toml` becomes one validated tree.
//! - [`secret`]: a configured value that is never shown.
//! - [`media`]: what arrives: provider dialects, signatures, stream tokens.
//! - [`audio`]: samples: mu-law, the track's sample clock, resampling, the ring to the recogniser, the recording.
//! - [`speech`]: 16 kHz samples become segments: engine, utterance machine, agreement, guards, scheduler.
//! - [`fields`]: segments become values with evidence, confidence and status.
//! - [`call`]: the sans-IO core: events and time in, actions out; the live state; finalisation.
//! - [`record`]: the draft record that a call leaves behind.
//! - [`store`]: the journal and the database.
//! - [`delivery`]: what happened leaves: outbox, signed webhooks, mail, SMS.
//! - [`desk`]: what people see: JSON API, live feed, pages.
//! - [`server`]: the edge: listener, one task a call, supervision.
//! - [`dial`]: a caller that speaks Twilio's wire exactly; also the load generator.
//! - [`demo`]: bundled calls placed over a real socket, shown in the terminal.
//! - [`commands`]: the small commands.
//! - [`models`]: speech model files: which are here, which can be had, and how they come here.
//! - [`bundled`]: where the files that come with Offhook lie.
//! - [`telemetry`]: tracing with redaction; every metric with unit and buckets.
#![deny(unsafe_code, missing_docs)]

pub mod audio;
pub mod bundled;
pub mod call;
pub mod commands;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod desk;
pub mod dial;
pub mod fields;
pub mod media;
pub mod models;
pub mod record;
pub mod secret;
pub mod server;
pub mod speech;
pub mod store;
pub mod telemetry;
