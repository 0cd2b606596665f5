//! The last build, so that a site is read again only where it has changed.
//!
//! A build remembers everything that its result depends on: this program, its arguments, the variables that it asked for,
//! and size and time of every file. If all of that is the same, and so are the files that it wrote, there is nothing to do.
//! If only files of widgets have changed, the other widgets need not be read. Whatever is in doubt makes the next build a full one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::env::{current_dir, current_exe};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Result;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::args::BuildArgs;
use super::built::{About, WrittenProgram};
use super::programs::Programs;
use crate::commands::project::Project;
use crate::config::{WIDGETS, widget_files};
use crate::environment::Environment;
use crate::fs::{self, Stamp};
use crate::function;
use crate::output::{beside_list_of, files_as_written, hash};
use crate::render::Listed;
use crate::site::{Backend, Site};

/// The end of the file's name, after that of the output folder.
const ENDING: &str = ".build.json";

/// A file that was changed less than this before a build began may change again without a trace in its time.
const UNSETTLED: Duration = Duration::from_millis(50);

/// A build, as it was outcome.
#[derive(Deserialize, Serialize)]
pub(super) struct Remembered<'a> {
    request: Request,
    /// Hashes of the variables' values.
    variables: BTreeMap<String, u64>,
    /// A hash of the names of all files below the folder of themes.
    themes: u64,
    /// What was read besides the files of widgets, and the programs that were written. Some files were missing.
    files: BTreeMap<PathBuf, Option<Stamp>>,
    /// The files of widgets. Nothing is known of one that was just being changed.
    widgets: BTreeMap<String, Option<Stamp>>,
    /// All widgets.
    pub(super) listed: Cow<'a, [Listed]>,
    pub(super) about: About,
    pub(super) programs: Vec<WrittenProgram>,
}

/// What somebody asked for, and whom.
#[derive(PartialEq, Eq, Deserialize, Serialize)]
struct Request {
    version: String,
    /// This program, which may be built anew without a new version.
    program: Option<Stamp>,
    /// The current folder, which paths are relative to.
    folder: Option<PathBuf>,
    arguments: Vec<Option<PathBuf>>,
}

impl Request {
    fn of(args: &BuildArgs, programs: &Programs<'_>) -> Self {
        let BuildArgs {
            project,
            out,
            snippets,
            programs: _,
            all: _,
            json: _,
        } = args;
        let program = current_exe().ok();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program: program.and_then(|path| fs::stamp(&path).ok()),
            folder: current_dir().ok(),
            arguments: vec![
                Some(project.config.clone()),
                project.base_url().map(PathBuf::from),
                out.clone(),
                snippets.clone(),
                // Not as it was asked for: a `netlify.toml` asks for one, too.
                programs.function.as_ref().map(|(path, _)| path.clone()),
                programs.source(),
            ],
        }
    }
}

/// What has changed since the last build.
pub(super) enum Since {
    /// Nothing. There are so many files in `out` and in `snippets`.
    Nothing(Remembered<'static>, [usize; 2]),
    /// These files of widgets are new or have changed, and others may be gone.
    Widgets(Remembered<'static>, Vec<PathBuf>),
    /// More than that, or nobody knows.
    Anything,
}

/// What has changed since the last build to these folders.
///
/// # Errors
///
/// A list of files, a folder or an `.env` that cannot be read.
pub(super) fn since_last(
    args: &BuildArgs,
    programs: &Programs<'_>,
    out: &Path,
    snippets: &Path,
) -> Result<Since> {
    if args.programs.server.is_some() || args.programs.pack.is_some() {
        return Ok(Since::Anything);
    }
    let Some(bytes) = fs::read_if_exists(&beside_list_of(out, ENDING)?)? else {
        return Ok(Since::Anything);
    };
    // One of another version of this program may be anything.
    let Ok(mut last) = serde_json::from_slice::<Remembered<'_>>(&bytes) else {
        return Ok(Since::Anything);
    };
    let folder = args.project.folder();
    let environment = Environment::load(folder)?;
    if last.request != Request::of(args, programs) || !last.is_of_this_site(folder, &environment)? {
        return Ok(Since::Anything);
    }
    let (Some(out), Some(snippets)) = (files_as_written(out)?, files_as_written(snippets)?) else {
        return Ok(Since::Anything);
    };
    let now = widget_files(folder)?;
    let changed = now.par_iter().filter(|path| {
        let known = path
            .to_str()
            .and_then(|path| last.widgets.get(path).copied());
        known
            .flatten()
            .is_none_or(|known| fs::stamp(path).ok() != Some(known))
    });
    let changed: Vec<_> = changed.cloned().collect();
    if changed.is_empty() && now.len() == last.widgets.len() {
        return Ok(Since::Nothing(last, [out, snippets]));
    }
    let now: HashSet<_> = now.iter().filter_map(|path| path.to_str()).collect();
    last.widgets.retain(|path, _| now.contains(&**path));
    Ok(Since::Widgets(last, changed))
}

impl Remembered<'static> {
    /// Whether all but the widgets' files is as it was.
    fn is_of_this_site(&self, folder: &Path, environment: &Environment) -> Result<bool> {
        let mut variables = self.variables.iter();
        let same_variables = variables.all(|(name, known)| hash(&environment.get(name)) == *known);
        let is_same = |(path, known): (&PathBuf, &Option<Stamp>)| fs::stamp(path).ok() == *known;
        Ok(same_variables
            && names_below(&folder.join(THEMES))? == self.themes
            && self.files.par_iter().all(is_same))
    }

    /// A widget's file.
    pub(super) fn any_file(&self) -> Option<PathBuf> {
        self.widgets.keys().next().map(PathBuf::from)
    }

    /// Takes the widgets that have files of their own, and not these.
    pub(super) fn take_others(&mut self, changed: &[PathBuf]) -> Vec<Listed> {
        let changed: HashSet<_> = changed.iter().map(|path| &**path).collect();
        let kept = self.widgets.keys().map(Path::new);
        let kept = kept.filter(|path| !changed.contains(path));
        let kept: HashSet<_> = kept.filter_map(|path| path.file_stem()?.to_str()).collect();
        let mut listed = std::mem::take(&mut self.listed).into_owned();
        listed.retain(|listed| kept.contains(listed.widget()));
        listed
    }
}

/// Remembers a build that began at `started`, or forgets the last one. `last` is the one before it, if it goes on from there.
///
/// # Errors
///
/// A file that cannot be written or removed.
pub(super) fn remember(
    args: &BuildArgs,
    out: &Path,
    project: &Project,
    outcome: Outcome<'_>,
    last: Option<Remembered<'static>>,
    started: SystemTime,
) -> Result<()> {
    let path = beside_list_of(out, ENDING)?;
    let build = of(args, project, outcome, last, started)?;
    // Paths that are not UTF-8 are not worth an error.
    match build.and_then(|build| serde_json::to_vec(&build).ok()) {
        Some(bytes) => fs::replace_alone(&path, &bytes),
        None => fs::remove_if_exists(&path).map(drop),
    }
}

/// What a build did.
#[derive(Clone, Copy)]
pub(super) struct Outcome<'a> {
    pub(super) listed: &'a [Listed],
    pub(super) programs: &'a Programs<'a>,
    pub(super) written: &'a [WrittenProgram],
}

fn of<'a>(
    args: &BuildArgs,
    project: &Project,
    outcome: Outcome<'a>,
    last: Option<Remembered<'static>>,
    started: SystemTime,
) -> Result<Option<Remembered<'a>>> {
    // Which pages a glob finds is not remembered.
    let is_forgotten = args.programs.server.is_some() || args.programs.pack.is_some();
    if is_forgotten || knows_pages(&project.site) {
        return Ok(None);
    }
    let folder = args.project.folder();
    let themes = folder.join(THEMES);
    let of_widgets = folder.join(WIDGETS);
    let sources = project.documents.sources.iter();
    let sources = sources.map(|source| source.path.clone());
    let (of_widgets, others): (Vec<_>, Vec<_>) =
        sources.partition(|path| path.starts_with(&of_widgets));
    let read = [args.project.config.clone(), folder.join(".env")];
    let read = read.into_iter().chain(outcome.programs.source());
    let read = read.chain(others);
    let read = read.chain(project.texts.iter().map(|name| folder.join(name)));
    let of_themes = fs::files_below(&themes)?.into_iter();
    let read = read.chain(of_themes.map(|path| themes.join(path)));
    let stamped = |path: PathBuf| (path.clone(), fs::stamp(&path).ok());
    let read: BTreeMap<_, _> = read.map(stamped).collect();
    let is_settled = |stamp: &Stamp| stamp.changed <= started - UNSETTLED;
    if !read.values().flatten().all(is_settled) {
        return Ok(None);
    }
    let asked = project.environment.asked().into_iter();
    let (mut files, mut variables, mut widgets) = last.map_or_else(Default::default, |last| {
        (last.files, last.variables, last.widgets)
    });
    files.extend(read);
    variables.extend(asked.map(|(name, value)| (name, hash(&value))));
    for (path, stamp) in of_widgets.into_iter().map(stamped) {
        let Some(path) = path.to_str() else {
            return Ok(None);
        };
        widgets.insert(path.to_owned(), stamp.filter(is_settled));
    }
    for program in outcome.written {
        let beside = function::streaming_beside(&program.path);
        files.extend([program.path.clone(), beside].map(stamped));
    }
    Ok(Some(Remembered {
        request: Request::of(args, outcome.programs),
        variables,
        themes: names_below(&themes)?,
        files,
        widgets,
        listed: outcome.listed.into(),
        about: About::from(&project.site),
        programs: outcome.written.to_vec(),
    }))
}

/// Whether an agent knows pages.
pub(super) fn knows_pages(site: &Site) -> bool {
    site.widgets.iter().any(|widget| match &widget.backend {
        Backend::Agent(agent) => agent.knowledge.is_some(),
        _ => false,
    })
}

/// The folder of themes, next to `site.yaml`.
const THEMES: &str = "themes";

fn names_below(folder: &Path) -> Result<u64> {
    Ok(hash(&fs::files_below(folder)?))
}
