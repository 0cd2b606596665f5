//! Fuzzes the parser of a gateway's events.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::event(bytes));
