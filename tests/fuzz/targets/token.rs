//! Fuzzes the readers of visitors' tokens and of identities.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::token(bytes));

/// Without `--cfg fuzzing`, the crates have no door for this.
#[cfg(not(fuzzing))]
fn main() {}
