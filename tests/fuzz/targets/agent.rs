//! Fuzzes what an agent reads: requests of ChatKit, the states of threads, and streams of a Responses API.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| session::fuzz::agent(bytes));

/// Without `--cfg fuzzing`, the crates have no door for this.
#[cfg(not(fuzzing))]
fn main() {}
