//! Fuzzes the parser of HTTP requests.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::head(bytes));
