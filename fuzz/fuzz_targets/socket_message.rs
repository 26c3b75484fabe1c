//! `cargo +nightly fuzz run socket_message`: any text on the socket, through the whole frame path.
//!
//! The same body runs on the stable compiler in `tests/socket_messages.rs`.
#![no_main]

#[path = "../../tests/socket_messages/body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::socket(data));
