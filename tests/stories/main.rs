//! The engine as it is used: a real server or the real program, real sockets, real HTTP, a real disk. A file a behaviour.

mod access;
mod api;
mod bad_input;
mod bad_sound;
mod consent;
mod deaf;
mod delivery;
mod draft;
mod feed;
mod forget;
mod harness;
mod kill;
mod models;
mod outage;
mod privacy;
mod provider;
mod purity;
mod rejoin;
mod replay;
mod review;
mod room;
mod start_up;
