//! `build`: from `site.yaml` to files that can be deployed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use super::known;
use super::project::ProjectArgs;
use crate::console::{self, Progress};
use crate::fs;
use crate::hint::Hinted;
use crate::output::{Destination, Part, Report, Sink};
use crate::render::function_settings;
use crate::site::{Purpose, Site};

/// The function's crate, relative to the folder of `site.yaml`.
const FUNCTION: &str = "netlify/functions/session";

/// The paths in that crate of what is compiled into it.
const FUNCTION_SETTINGS: &str = "settings/site.jsonl";
const FUNCTION_KNOWLEDGE: &str = "settings/knowledge.bin";

/// Notes on an agent's files that are shown; `check` shows all.
const MOST_NOTES: usize = 10;

/// Renders every page, loader and snippet, and writes the files that changed.
///
/// If the site has an error, nothing is written. Files of removed widgets are deleted; files that this command did
/// not write are never touched.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Output folder for the files to deploy [default: `dist` next to FILE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Output folder for the snippets to copy [default: `snippets` next to FILE]
    #[arg(long, value_name = "DIR")]
    snippets: Option<PathBuf>,

    /// Folder of the session function, which receives its settings [default: `netlify/functions/session` next to
    /// FILE, if it exists]
    #[arg(long, value_name = "DIR")]
    function: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed build
  chatkit-embed build --base-url http://localhost:8080 --out /tmp/dist

Variables are read from the environment, then from `.env` next to FILE.";

/// Runs the command.
///
/// # Errors
///
/// Any error in the site, its theme or the folders. Nothing is written then.
pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    let started = Instant::now();
    let project = args.project.folder();
    let loaded = args.project.load(Purpose::Deploy)?;
    let out = folder(&args.out, project, "dist");
    let snippets = folder(&args.snippets, project, "snippets");
    let function = function_folder(args.function.as_deref(), project)?;

    refuse_overlap(&out, &snippets)?;
    // Every destination is opened, and everything is rendered, before the first file of `dist` changes: an error
    // leaves the last build as it was.
    let mut folders = Folders {
        dist: Destination::open(&out)?,
        snippets: Destination::open(&snippets)?,
        progress: Progress::new(loaded.site.widgets.len(), "widgets", started),
    };
    loaded.render(&mut folders)?;
    let Folders {
        dist,
        snippets: copies,
        progress,
    } = folders;
    if let Some(function) = &function {
        let settings = function_settings(&loaded.site);
        fs::write_if_changed(&function.join(FUNCTION_SETTINGS), &settings.site)?;
        fs::write_if_changed(&function.join(FUNCTION_KNOWLEDGE), &settings.knowledge)?;
    }
    let dist = dist.write()?;
    let copies = copies.write()?;
    drop(progress);

    console::status("site", &loaded.site.base_url);
    console::status("widgets", Names(&loaded.site));
    known::report(&loaded.site, MOST_NOTES);
    console::status("dist", Written(&out, &dist));
    for name in dist.removed.iter().filter_map(|path| loader_of(path)) {
        console::note(name, SNIPPET_LEFT_BEHIND);
    }
    console::status("snippets", Written(&snippets, &copies));
    match &function {
        Some(function) => console::status(
            "function",
            format_args!("settings for {}", function.display()),
        ),
        None => console::status("function", format_args!("skipped: `{FUNCTION}` not found")),
    }
    console::status("done", format_args!("in {:.0?}", started.elapsed()));
    Ok(())
}

/// The folders of the output, and how far the build is.
struct Folders {
    dist: Destination,
    snippets: Destination,
    progress: Progress,
}

impl Sink for Folders {
    fn take(&mut self, part: Part, path: String, bytes: Vec<u8>) -> Result<()> {
        let folder = match part {
            Part::Dist => &mut self.dist,
            Part::Snippets => &mut self.snippets,
        };
        folder.add(path, &bytes)
    }

    fn end_of_widget(&mut self) {
        self.progress.advance();
    }
}

/// For the owner of a widget that was removed or renamed.
const SNIPPET_LEFT_BEHIND: &str = "its page and loader are removed: after the next deploy, pages that still hold its snippet \
                                   show nothing; remove the snippet there, or keep the name";

/// The widget whose loader is at this path of `dist`.
fn loader_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("w/")?.strip_suffix(".js")?;
    // The scripts of its page are in their own folder.
    (!name.contains('/')).then_some(name)
}

fn folder(given: &Option<PathBuf>, project: &Path, default: &str) -> PathBuf {
    given.clone().unwrap_or_else(|| project.join(default))
}

/// Two lists of our files in one folder would remove each other's files.
fn refuse_overlap(out: &Path, snippets: &Path) -> Result<()> {
    // A path that does not exist yet is not a link either.
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let (Ok(one), Ok(other)) = (whole(out), whole(snippets)) else {
        return Ok(());
    };
    ensure!(
        !one.starts_with(&other) && !other.starts_with(&one),
        Hinted::new(
            format!("`{}` and `{}` overlap", out.display(), snippets.display()),
            "snippets are copied by hand and never deployed: give them their own folder"
        )
    );
    Ok(())
}

/// The function's crate: the one that was named, or the one next to `site.yaml` if it exists.
fn function_folder(named: Option<&Path>, project: &Path) -> Result<Option<PathBuf>> {
    let Some(named) = named else {
        let beside = project.join(FUNCTION);
        return Ok(beside.is_dir().then_some(beside));
    };
    ensure!(
        named.join("Cargo.toml").is_file(),
        Hinted::new(
            format!("`{}` is not the session function", named.display()),
            "name the folder that contains its Cargo.toml"
        )
    );
    Ok(Some(named.to_owned()))
}

/// The number of widgets and the first of their names.
struct Names<'a>(&'a Site);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widgets = &self.0.widgets;
        let names = widgets.iter();
        let names =
            names.map(|widget| format!("{} ({})", widget.name, widget.backend.kind().name()));
        write!(f, "{}: {}", widgets.len(), console::first(names))
    }
}

/// A folder and the result of writing to it.
struct Written<'a>(&'a Path, &'a Report);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            written,
            unchanged,
            removed,
        } = self.1;
        write!(
            f,
            "{written} written, {unchanged} unchanged, {} removed in `{}`",
            removed.len(),
            self.0.display()
        )
    }
}
