//! Fuzzes the readers of visitors' tokens and of identities.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::token(bytes));
