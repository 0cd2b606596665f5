//! `build`: from `site.yaml` to files that can be deployed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use super::project::ProjectArgs;
use crate::console::{self, Progress};
use crate::fs;
use crate::hint::Hinted;
use crate::output::{Destination, Report};
use crate::site::{Purpose, Site};

/// The function's crate, from the folder of `site.yaml`.
const FUNCTION: &str = "netlify/functions/session";

/// Where that crate looks for the settings that are compiled into it.
const FUNCTION_SETTINGS: &str = "settings/site.jsonl";

/// Renders every page, loader and snippet, and writes the files that changed.
///
/// A site with an error writes nothing. Files of widgets that are gone are removed; files that this
/// command did not write are never removed.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Folder for what is deployed [default: `dist` beside FILE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Folder for what people copy [default: `snippets` beside FILE]
    #[arg(long, value_name = "DIR")]
    snippets: Option<PathBuf>,

    /// Folder of the session function, which gets its settings
    /// [default: `netlify/functions/session` beside FILE, if it is there]
    #[arg(long, value_name = "DIR")]
    function: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed build
  chatkit-embed build --base-url http://localhost:8080 --out /tmp/dist

Variables are read from the environment, then from `.env` beside FILE.";

/// Runs the command.
///
/// # Errors
///
/// Anything that is wrong with the site, its theme or the folders. Nothing is written then.
pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    let started = Instant::now();
    let project = args.project.folder();
    let loaded = args.project.load(Purpose::Deploy)?;
    let output = loaded.render()?;
    output.refuse_secrets()?;

    let out = folder(&args.out, project, "dist");
    let snippets = folder(&args.snippets, project, "snippets");
    let function = function_folder(args.function.as_deref(), project)?;

    refuse_overlap(&out, &snippets)?;
    // Every destination is tried before the first file of `dist` is changed, so that one that can not be
    // written leaves the last build as it was.
    let dist = Destination::open(&out, &output.dist)?;
    let copies = Destination::open(&snippets, &output.snippets)?;
    if let Some(function) = &function {
        fs::write_if_changed(&function.join(FUNCTION_SETTINGS), &output.function)?;
    }
    let progress = Progress::new(output.len(), started);
    let dist = dist.write(&progress)?;
    let copies = copies.write(&progress)?;
    drop(progress);

    console::status("site", &loaded.site.base_url);
    console::status("widgets", Names(&loaded.site));
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
        None => console::status(
            "function",
            format_args!("there is none: no `{FUNCTION}` here"),
        ),
    }
    console::status("done", format_args!("in {:.0?}", started.elapsed()));
    Ok(())
}

/// For the owner of a widget that is gone, or that has another name.
const SNIPPET_LEFT_BEHIND: &str = "its page and loader are removed: pages that still hold its snippet show nothing \
                                   once this is deployed; remove the snippet there, or keep the name";

/// The widget whose loader is at this path of `dist`.
fn loader_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("w/")?.strip_suffix(".js")?;
    // Scripts of its page are in a folder of their own.
    (!name.contains('/')).then_some(name)
}

fn folder(given: &Option<PathBuf>, project: &Path, default: &str) -> PathBuf {
    given.clone().unwrap_or_else(|| project.join(default))
}

/// Two lists of what is ours in one folder would remove each other's files.
fn refuse_overlap(out: &Path, snippets: &Path) -> Result<()> {
    // What does not exist yet is no link either.
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let (Ok(one), Ok(other)) = (whole(out), whole(snippets)) else {
        return Ok(());
    };
    ensure!(
        !one.starts_with(&other) && !other.starts_with(&one),
        Hinted::new(
            format!("`{}` and `{}` overlap", out.display(), snippets.display()),
            "snippets are for people to copy and are not deployed: give them a folder of their own"
        )
    );
    Ok(())
}

/// The function's crate: the one that was named, or the one beside `site.yaml` if there is one.
fn function_folder(named: Option<&Path>, project: &Path) -> Result<Option<PathBuf>> {
    let Some(named) = named else {
        let beside = project.join(FUNCTION);
        return Ok(beside.is_dir().then_some(beside));
    };
    ensure!(
        named.join("Cargo.toml").is_file(),
        Hinted::new(
            format!("`{}` is not the session function", named.display()),
            "name the folder that holds its Cargo.toml"
        )
    );
    Ok(Some(named.to_owned()))
}

/// The number of widgets and the names of the first.
struct Names<'a>(&'a Site);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widgets = &self.0.widgets;
        let names = widgets.iter();
        let names = names.map(|widget| format!("{} ({})", widget.name, widget.backend.kind()));
        write!(f, "{}: {}", widgets.len(), console::first(names))
    }
}

/// A folder and what was done in it.
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
