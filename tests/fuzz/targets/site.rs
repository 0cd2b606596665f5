//! Fuzzes the way from `site.yaml`, `widgets/*.yaml` and `theme.yaml` to a checked site.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chatkit_embed::fuzz::site(bytes));

/// Without `--cfg fuzzing`, the crates have no door for this.
#[cfg(not(fuzzing))]
fn main() {}
