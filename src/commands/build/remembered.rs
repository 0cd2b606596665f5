//! The last build, so that a site is read again only where it has changed.
//!
//! A build remembers everything that its result depends on: this program, its arguments, the variables that it asked for,
//! and size and time of every file. If all of that is the same, and so are the files that it wrote, there is nothing to
//! do. If only files of widgets have changed, the other widgets need not be read. Whatever is in doubt makes the next
//! build read everything.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::env::{current_dir, current_exe};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

/// The end of the file's name, after that of the output folder.
const ENDING: &str = ".build.json";

/// A build, as it was done.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Remembered<'a> {
    request: Request,
    /// Hashes of the variables' values.
    variables: BTreeMap<String, u64>,
    /// A hash of the names of all files below the folder of themes.
    themes: u64,
    /// All files that were read but those of widgets, and the programs that were written. Some were missing.
    files: BTreeMap<PathBuf, Option<Stamp>>,
    /// The files of widgets. Nothing is known of one that was just being changed.
    widgets: BTreeMap<String, Option<Stamp>>,
    /// All widgets.
    pub(super) listed: Cow<'a, [Listed]>,
    pub(super) about: About,
    pub(super) programs: Vec<WrittenProgram>,
    /// Whether the same files may stand for something else next time.
    #[serde(skip)]
    is_doubtful: bool,
}

/// What somebody asked for, and whom.
#[derive(Default, PartialEq, Eq, Deserialize, Serialize)]
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

/// The changes since the last build.
pub(super) enum Since {
    /// Nothing. There are so many files in `out` and in `snippets`.
    Nothing(Remembered<'static>, [usize; 2]),
    /// These files of widgets are new or have changed, and others may be gone.
    Widgets(Remembered<'static>, Vec<PathBuf>),
    /// More than that, or nobody knows.
    Anything,
}

/// The changes since the last build to these folders.
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
    if !args.programs.are_remembered() {
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

impl Remembered<'_> {
    /// Keeps this for the next build to `out`, with what the build did, unless it may be wrong by then.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub(super) fn keep(
        mut self,
        out: &Path,
        listed: &[Listed],
        about: &About,
        programs: &[WrittenProgram],
    ) -> Result<()> {
        for program in programs {
            let beside = function::streaming_beside(&program.path);
            let written = [program.path.clone(), beside];
            self.files
                .extend(written.map(|path| (path.clone(), fs::stamp(&path).ok())));
        }
        let build = Remembered {
            listed: listed.into(),
            about: about.clone(),
            programs: programs.to_vec(),
            ..self
        };
        // Paths that are not UTF-8 are not worth an error.
        match serde_json::to_vec(&build) {
            Ok(bytes) if !build.is_doubtful => {
                fs::replace_alone(&beside_list_of(out, ENDING)?, &bytes)
            }
            _ => Ok(()),
        }
    }
}

impl Remembered<'static> {
    /// A build that began at `started` and has read nothing yet, but the program that it copies.
    pub(super) fn new(args: &BuildArgs, programs: &Programs<'_>, started: SystemTime) -> Self {
        let mut build = Self {
            request: Request::of(args, programs),
            ..Self::default()
        };
        build.files_read(programs.source(), started);
        build
    }

    /// Adds files that were read in a build that began at `started`.
    fn files_read(&mut self, paths: impl IntoIterator<Item = PathBuf>, started: SystemTime) {
        for path in paths {
            let stamp = fs::stamp(&path).ok();
            self.is_doubtful |= !stamp.is_none_or(|stamp| stamp.is_settled(started));
            self.files.insert(path, stamp);
        }
    }

    /// Adds what was read for a part of the site, in a build that began at `started`.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read.
    pub(super) fn add(
        &mut self,
        project: &Project,
        args: &BuildArgs,
        started: SystemTime,
    ) -> Result<()> {
        let folder = args.project.folder();
        let of_widgets = folder.join(WIDGETS);
        let themes = folder.join(THEMES);
        let of_themes = fs::files_below(&themes)?;
        self.themes = hash(&of_themes);
        let of_themes = of_themes.into_iter().map(|path| themes.join(path));
        let texts = project.texts.iter().map(|name| folder.join(name));
        let sources = project.documents.sources.iter();
        let sources = sources.map(|source| source.path.clone());
        let read = sources.chain(texts).chain(of_themes);
        let read = read.chain([folder.join(".env")]);
        let (of_widgets, read): (Vec<_>, Vec<_>) =
            read.partition(|path| path.starts_with(&of_widgets));
        self.files_read(read, started);
        for path in of_widgets {
            let stamp = fs::stamp(&path).ok();
            let stamp = stamp.filter(|stamp| stamp.is_settled(started));
            let path = path.into_os_string().into_string();
            // One that is not UTF-8 has no name that a widget can have.
            self.widgets.extend(path.map(|path| (path, stamp)));
        }
        let asked = project.environment.asked().into_iter();
        self.variables
            .extend(asked.map(|(name, value)| (name, hash(&value))));
        // Which pages a glob finds is not remembered.
        self.is_doubtful |= project.knows_pages();
        Ok(())
    }

    /// Whether all but the widgets' files is as it was.
    fn is_of_this_site(&self, folder: &Path, environment: &Environment) -> Result<bool> {
        let mut variables = self.variables.iter();
        let same_variables = variables.all(|(name, known)| hash(&environment.get(name)) == *known);
        let is_same = |(path, known): (&PathBuf, &Option<Stamp>)| fs::stamp(path).ok() == *known;
        Ok(same_variables
            && hash(&fs::files_below(&folder.join(THEMES))?) == self.themes
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

/// The folder of themes, next to `site.yaml`.
const THEMES: &str = "themes";

/// Forgets the last build, so that the next one reads everything.
///
/// # Errors
///
/// A file that cannot be removed.
pub(super) fn forget(out: &Path) -> Result<()> {
    fs::remove_if_exists(&beside_list_of(out, ENDING)?).map(drop)
}
