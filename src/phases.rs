//! The steps of a build one by one, for `cargo bench --bench build` alone. A build does several of them at once.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::config::{Draft, read_sources};
use crate::environment::Environment;
use crate::output::{Destination, Part, Sink};
use crate::render;
use crate::site::{Purpose, Reading, Site};
use crate::theme::{DEFAULT, Theme, Themes};

/// The names of the steps.
pub const PHASES: [&str; 4] = ["parse", "check", "render", "write"];

/// Builds the site of this file, with the default theme, into a folder that does not exist. Returns how long each of the
/// [`PHASES`] took.
///
/// # Errors
///
/// Any error in the site, and a folder that cannot be written.
pub fn phases(config: &Path, out: &Path) -> Result<[Duration; 4]> {
    let environment = Environment::default();
    let theme = Arc::new(Theme::load(Path::new("no-such-folder"), DEFAULT)?);
    let themes = Themes::of(&theme);
    let mut began = Instant::now();
    let mut lap = || {
        let took = began.elapsed();
        began = Instant::now();
        took
    };
    let draft = Draft::parse(read_sources(config)?);
    let parse = lap();
    let reading = Reading::without_files(&environment, Purpose::Deploy);
    let (site, _documents) = Site::read(draft, &themes, &reading)?;
    let check = lap();
    let mut files = Files(Vec::new());
    render::render(&site, &themes, &mut files)?;
    let render = lap();
    let mut dist = Destination::open(out)?;
    for (path, bytes) in files.0 {
        dist.add(path, &bytes)?;
    }
    dist.write()?;
    let write = lap();
    Ok([parse, check, render, write])
}

/// Keeps the files of `dist`.
struct Files(Vec<(String, Vec<u8>)>);

impl Sink for Files {
    fn take(&mut self, part: Part, path: String, bytes: Vec<u8>) -> Result<()> {
        if part == Part::Dist {
            self.0.push((path, bytes));
        }
        Ok(())
    }
}
