//! `cargo +nightly fuzz run journal_reader`: any bytes as a journal file.
//!
//! The same body runs on the stable compiler in `tests/journal_reader.rs`.
#![no_main]

#[path = "../../tests/journal_reader/body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(body::read(data)));
