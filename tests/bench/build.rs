//! How long each step of a build takes, in milliseconds: the median of several rounds.
//!
//! ```sh
//! node tests/bench/widgets/site.mjs 1000 target/shops
//! cargo bench --bench build -- target/shops/site.yaml
//! ```

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot go on ends"
)]

use std::path::Path;

use chatkit_embed::phases::{PHASES, phases};

const ROUNDS: usize = 11;

fn main() {
    // `cargo bench` adds `--bench`.
    let Some(site) = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"))
    else {
        println!("usage: cargo bench --bench build -- SITE.YAML");
        return;
    };
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let folder = tempfile::tempdir().unwrap();
            phases(Path::new(&site), &folder.path().join("dist")).unwrap()
        })
        .collect();
    for (step, name) in PHASES.iter().enumerate() {
        let mut times: Vec<_> = rounds.iter().map(|round| round[step]).collect();
        times.sort();
        println!("{name:8}{:8.1} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
    }
}
