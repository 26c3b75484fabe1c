//! The engine as it is used: a real server or the real program, real sockets, real HTTP, a real disk. A file a behaviour.

mod draft;
mod feed;
mod harness;
mod provider;
mod purity;
mod rejoin;
mod replay;
