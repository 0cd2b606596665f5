//! Compiles the site into the function: the files in `settings/`, or nothing where they are not written yet.

use std::path::Path;
use std::{env, fs, io};

/// Written by the generator, never committed.
const SETTINGS: [&str; 2] = ["site.jsonl", "knowledge.bin"];

fn main() -> io::Result<()> {
    // The folder, not the files: cargo takes a missing file for changed, on every build.
    println!("cargo::rerun-if-changed=settings");
    let out = env::var_os("OUT_DIR").expect("cargo sets `OUT_DIR` for build scripts");
    for name in SETTINGS {
        let bytes = match fs::read(Path::new("settings").join(name)) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        fs::write(Path::new(&out).join(name), bytes)?;
    }
    Ok(())
}
