//! Fuzzes the parser of a gateway's events.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::event(bytes));

/// Without `--cfg fuzzing`, the crates have no door for this.
#[cfg(not(fuzzing))]
fn main() {}
