//! `build`: from `site.yaml` to files that can be deployed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Error, Result, ensure};
use clap::Args;
use serde_json::Value;
use session::SiteParts;

use super::json;
use super::known;
use super::project::ProjectArgs;
use super::sites::{self, Done};
use crate::console::{self, Progress};
use crate::function::{self, Program};
use crate::hint::Hinted;
use crate::output::{Destination, Part, Report, Sink, loader_of};
use crate::render::{site_parts, snippets_are_on_demand};
use crate::site::{Purpose, Site};

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

    #[command(flatten)]
    programs: ProgramArgs,

    /// Build every site below `sites/`: `sites/NAME/site.yaml`, each into its own folder
    #[arg(long, conflicts_with_all = ["config", "base_url", "out", "snippets", "function", "server", "pack"])]
    all: bool,

    /// Print one JSON document: what was written, or the errors
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is written for whoever runs the function.
#[derive(Args)]
struct ProgramArgs {
    /// Write the function for Netlify or AWS Lambda: a program that holds the site's settings [default, if
    /// `netlify.toml` is next to the site's file: `netlify/functions/session` there]
    #[arg(long, value_name = "FILE")]
    function: Option<PathBuf>,

    /// Write the whole deployment as one program for x86-64 Linux, with all published files: `PORT=8080 ./FILE` serves it
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,

    /// Write the site's settings alone, for a program that finds them by the variable `SITE_PACK`
    #[arg(long, value_name = "FILE")]
    pack: Option<PathBuf>,

    /// The function without a site, to write these programs from [default: the one inside this program, or in a checkout
    /// the one that cargo has built]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed build
  chatkit-embed build --base-url http://localhost:8080 --out /tmp/dist
  chatkit-embed build --server chat && PORT=8080 ./chat
  chatkit-embed build --json | jq .dist.written
  chatkit-embed build --all

Variables are read from the environment, then from `.env` next to FILE.";

/// Runs the command.
///
/// # Errors
///
/// Any error in the site, its theme or the folders. Nothing is written then.
pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    if args.all {
        return sites::each(args.json, |config| {
            let built = build(&args.at(config))?;
            built.note_removed();
            Ok(Done {
                summary: built.summary(),
                document: built.into_json(),
            })
        });
    }
    let built = build(args)?;
    built.tell();
    if args.json {
        json::print(&built.into_json());
    }
    Ok(())
}

impl BuildArgs {
    /// The same for another site, in its own folders.
    fn at(&self, config: PathBuf) -> Self {
        Self {
            project: ProjectArgs::at(config),
            out: None,
            snippets: None,
            programs: ProgramArgs {
                function: None,
                server: None,
                pack: None,
                program: self.programs.program.clone(),
            },
            all: false,
            json: self.json,
        }
    }
}

/// Builds one site.
fn build(args: &BuildArgs) -> Result<Built> {
    let started = Instant::now();
    let project = args.project.folder();
    let loaded = args.project.load(Purpose::Deploy)?;
    let out = folder(&args.out, project, "dist");
    let snippets = folder(&args.snippets, project, "snippets");
    refuse_overlap(&out, &snippets)?;
    let programs = Programs::of(&args.programs, project, &out)?;
    // Every destination is opened, and everything is rendered, before the first file of `dist` changes: an error
    // leaves the last build as it was.
    let mut folders = Folders {
        dist: Destination::open(&out)?,
        snippets: Destination::open(&snippets)?,
        progress: Progress::new(loaded.site.served().count(), "widgets", started),
    };
    loaded.render(&mut folders)?;
    let Folders {
        dist,
        snippets: copies,
        progress,
    } = folders;
    let dist = dist.write()?;
    let copies = copies.write()?;
    drop(progress);
    let skipped = programs.skipped;
    let left_out = match &programs.server {
        Some(_) => session::links_left_out(&out)?,
        None => Vec::new(),
    };
    let programs = programs.write(&site_parts(&loaded.site), &out)?;
    Ok(Built {
        site: loaded.site,
        dist: (out, dist),
        snippets: (snippets, copies),
        programs,
        left_out,
        skipped,
        took: started.elapsed(),
    })
}

/// What was built.
struct Built {
    site: Site,
    dist: (PathBuf, Report),
    snippets: (PathBuf, Report),
    programs: Vec<WrittenProgram>,
    /// The links in `dist` that the server does not have, in a sentence each.
    left_out: Vec<String>,
    /// Why there is no function.
    skipped: &'static str,
    took: Duration,
}

impl Built {
    /// Prints all of it.
    fn tell(&self) {
        console::status("site", &self.site.base_url);
        console::status("widgets", Names(&self.site));
        known::report(&self.site, MOST_NOTES);
        console::status("dist", Written(&self.dist.0, &self.dist.1));
        self.note_removed();
        console::status("snippets", Written(&self.snippets.0, &self.snippets.1));
        if snippets_are_on_demand(&self.site) {
            console::note("snippets", SNIPPETS_ON_DEMAND);
        }
        if !self.has_function() {
            console::status(FUNCTION, self.skipped);
        }
        for program in &self.programs {
            console::status(program.what, program);
        }
        for note in &self.left_out {
            console::note("server", note);
        }
        console::status("done", format_args!("in {:.0?}", self.took));
    }

    fn note_removed(&self) {
        let removed = self.dist.1.removed.iter();
        for name in removed.filter_map(|path| loader_of(path)) {
            console::note(name, SNIPPET_LEFT_BEHIND);
        }
    }

    fn has_function(&self) -> bool {
        self.programs.iter().any(|program| program.what == FUNCTION)
    }

    /// A line about it.
    fn summary(&self) -> String {
        let Self { site, dist, .. } = self;
        let function = if self.has_function() {
            ""
        } else {
            ", no function"
        };
        format!(
            "{}: widgets {}, {}{function}",
            site.base_url.origin(),
            site.widgets.len(),
            Written(&dist.0, &dist.1)
        )
    }

    fn into_json(self) -> Value {
        let [dist, snippets] = [&self.dist, &self.snippets];
        let folders = [(&*dist.0, &dist.1), (&*snippets.0, &snippets.1)];
        let mut document = json::built(&self.site, folders, self.took);
        for WrittenProgram { what, path, bytes } in &self.programs {
            document[*what] = json::program(path, *bytes);
        }
        document
    }
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

/// For the owner of many widgets.
const SNIPPETS_ON_DEMAND: &str =
    "the site has many widgets: `snippet WIDGET` prints those of one, and `index.html` shows them";

/// For the owner of a widget that was removed or renamed.
const SNIPPET_LEFT_BEHIND: &str = "its page and loader are removed: after the next deploy, pages that still hold its snippet \
                                   show nothing; remove the snippet there, or add the name to `aliases` of the widget that \
                                   takes its place";

fn folder(given: &Option<PathBuf>, project: &Path, default: &str) -> PathBuf {
    given.clone().unwrap_or_else(|| project.join(default))
}

/// Two lists of our files in one folder would remove each other's files.
fn refuse_overlap(out: &Path, snippets: &Path) -> Result<()> {
    let (one, other) = (whole(out), whole(snippets));
    ensure!(
        !one.starts_with(&other) && !other.starts_with(&one),
        Hinted::new(
            format!("`{}` and `{}` overlap", out.display(), snippets.display()),
            "snippets are copied by hand and never deployed: give them their own folder"
        )
    );
    Ok(())
}

/// A path without links, as far as it exists.
fn whole(path: &Path) -> PathBuf {
    let whole = match path.as_os_str().is_empty() {
        true => Path::new(".").canonicalize(),
        false => path.canonicalize(),
    };
    // A path that does not exist yet is not a link either.
    let whole = whole.or_else(|_| std::path::absolute(path));
    whole.unwrap_or_else(|_| path.to_owned())
}

/// The programs to write, each possible as far as anybody can know before.
struct Programs<'a> {
    function: Option<(PathBuf, Program)>,
    server: Option<(&'a Path, Program)>,
    pack: Option<&'a Path>,
    /// Why there is no function.
    skipped: &'static str,
}

impl<'a> Programs<'a> {
    fn of(args: &'a ProgramArgs, project: &Path, out: &Path) -> Result<Programs<'a>> {
        let files = [&args.function, &args.server, &args.pack];
        for file in files.into_iter().flatten() {
            refuse_inside(file, out)?;
        }
        let find = || function::program(args.program.as_deref(), project);
        let required = || function::required_program(args.program.as_deref(), project);
        let function = match &args.function {
            Some(path) => Some((path.clone(), required()?)),
            None => match function::default_path(project) {
                Some(path) => find()?.map(|program| (path, program)),
                None => None,
            },
        };
        let skipped = match function::default_path(project) {
            Some(_) => function::MISSING,
            None => "not written; `--function` or `--server` does it",
        };
        let server = args.server.as_deref();
        let server = server.map(|path| Ok::<_, Error>((path, required()?)));
        Ok(Programs {
            function,
            server: server.transpose()?,
            pack: args.pack.as_deref(),
            skipped,
        })
    }

    fn write(self, parts: &SiteParts, out: &Path) -> Result<Vec<WrittenProgram>> {
        let mut written = Vec::new();
        let mut add = |what, path: &Path, bytes| {
            let path = path.to_owned();
            written.push(WrittenProgram { what, path, bytes });
        };
        if let Some((path, program)) = &self.function {
            let bytes = function::write_program(path, program, parts, None)?;
            function::write_streaming(path)?;
            add(FUNCTION, path, bytes);
        }
        if let Some((path, program)) = &self.server {
            let bytes = function::write_program(path, program, parts, Some(out))?;
            add("server", path, bytes);
        }
        if let Some(path) = self.pack {
            add("pack", path, function::write_pack(path, parts)?);
        }
        Ok(written)
    }
}

/// A program or a pack that was written.
struct WrittenProgram {
    /// Its name in what is printed.
    what: &'static str,
    path: PathBuf,
    bytes: u64,
}

const FUNCTION: &str = "function";

impl fmt::Display for WrittenProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        write!(f, "`{}`, {megabytes:.1} MB", self.path.display())
    }
}

/// A program in the folder of published files would be published, and would hold itself.
fn refuse_inside(file: &Path, out: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    ensure!(
        !whole(folder).starts_with(whole(out)),
        Hinted::new(
            format!(
                "`{}` is in `{}`, which is published",
                file.display(),
                out.display()
            ),
            "write it somewhere else"
        )
    );
    Ok(())
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
