//! Compiles the site into the function: `settings/site.jsonl`, or nothing where it is not written yet.

use std::path::Path;
use std::{env, fs, io};

/// Written by the generator, never committed.
const SETTINGS: &str = "settings/site.jsonl";

fn main() -> io::Result<()> {
    // The folder, not the file: cargo takes a missing file for changed, on every build.
    println!("cargo::rerun-if-changed=settings");
    let out = env::var_os("OUT_DIR").expect("cargo sets `OUT_DIR` for build scripts");
    let site = match fs::read(SETTINGS) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    fs::write(Path::new(&out).join("site.jsonl"), site)
}
