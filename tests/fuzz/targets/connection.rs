//! Fuzzes the reader of connections: random bytes, in random pieces.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::connection(bytes));

/// Without `--cfg fuzzing`, the crates have no door for this.
#[cfg(not(fuzzing))]
fn main() {}
