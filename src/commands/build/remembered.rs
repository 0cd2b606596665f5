//! The last build, so that nothing is read again if nothing has changed.
//!
//! A build remembers everything that its result depends on: this program, its arguments, the variables that it asked for,
//! and size and time of every file. If all of that is the same, and so are the files that it wrote, there is nothing to do. Whatever
//! is in doubt makes the next build a full one.

use std::collections::BTreeMap;
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
use crate::config::WIDGETS;
use crate::environment::Environment;
use crate::fs::{self, Stamp};
use crate::function;
use crate::output::{beside_list_of, files_as_written, hash};
use crate::site::Backend;

/// The end of the file's name, after that of the output folder.
const ENDING: &str = ".build.json";

/// A file that was changed less than this before a build began may change again without a trace in its time.
const UNSETTLED: Duration = Duration::from_millis(50);

/// A build, as it was done.
#[derive(Deserialize, Serialize)]
pub(super) struct Remembered {
    request: Request,
    /// Hashes of the variables' values.
    variables: BTreeMap<String, u64>,
    /// Hashes of the names of all files below these folders.
    folders: BTreeMap<PathBuf, u64>,
    /// What was read, and the programs that were written. Some files were missing.
    files: BTreeMap<PathBuf, Option<Stamp>>,
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

/// The last build, if doing it again would change nothing. With it, how many files are in `out` and in `snippets`.
///
/// # Errors
///
/// A list of files or an `.env` that cannot be read.
pub(super) fn unchanged(
    args: &BuildArgs,
    programs: &Programs<'_>,
    out: &Path,
    snippets: &Path,
) -> Result<Option<(Remembered, [usize; 2])>> {
    if args.programs.server.is_some() || args.programs.pack.is_some() {
        return Ok(None);
    }
    let Some(bytes) = fs::read_if_exists(&beside_list_of(out, ENDING)?)? else {
        return Ok(None);
    };
    // One of another version of this program may be anything.
    let Ok(last) = serde_json::from_slice::<Remembered>(&bytes) else {
        return Ok(None);
    };
    let environment = Environment::load(args.project.folder())?;
    if last.request != Request::of(args, programs) || !last.has_same_inputs(&environment)? {
        return Ok(None);
    }
    let (Some(out), Some(snippets)) = (files_as_written(out)?, files_as_written(snippets)?) else {
        return Ok(None);
    };
    Ok(Some((last, [out, snippets])))
}

impl Remembered {
    fn has_same_inputs(&self, environment: &Environment) -> Result<bool> {
        let same_variables = self
            .variables
            .iter()
            .all(|(name, known)| hash(&environment.get(name)) == *known);
        if !same_variables {
            return Ok(false);
        }
        for (folder, known) in &self.folders {
            if names_below(folder)? != *known {
                return Ok(false);
            }
        }
        let is_same = |(path, known): (&PathBuf, &Option<Stamp>)| fs::stamp(path).ok() == *known;
        Ok(self.files.par_iter().all(is_same))
    }
}

/// Remembers a build that began at `started`, or forgets the last one.
///
/// # Errors
///
/// A file that cannot be written or removed.
pub(super) fn remember(
    args: &BuildArgs,
    out: &Path,
    project: &Project,
    programs: (&Programs<'_>, &[WrittenProgram]),
    started: SystemTime,
) -> Result<()> {
    let path = beside_list_of(out, ENDING)?;
    let build = of(args, project, programs, started)?;
    // Paths that are not UTF-8 are not worth an error.
    match build.and_then(|build| serde_json::to_vec(&build).ok()) {
        Some(bytes) => fs::replace_alone(&path, &bytes),
        None => forget(out),
    }
}

/// Forgets the last build, so that the next one is a full one.
///
/// # Errors
///
/// A file that cannot be removed.
pub(super) fn forget(out: &Path) -> Result<()> {
    fs::remove_if_exists(&beside_list_of(out, ENDING)?).map(drop)
}

fn of(
    args: &BuildArgs,
    project: &Project,
    (programs, written): (&Programs<'_>, &[WrittenProgram]),
    started: SystemTime,
) -> Result<Option<Remembered>> {
    let agents = project
        .site
        .widgets
        .iter()
        .filter_map(|widget| match &widget.backend {
            Backend::Agent(agent) => Some(agent),
            _ => None,
        });
    // Which pages a glob finds is not remembered.
    let knows_pages = agents.into_iter().any(|agent| agent.knowledge.is_some());
    if knows_pages || args.programs.server.is_some() || args.programs.pack.is_some() {
        return Ok(None);
    }
    let folder = args.project.folder();
    let themes = folder.join("themes");
    let read = [args.project.config.clone(), folder.join(".env")];
    let read = read.into_iter().chain(programs.source());
    let read = read.chain(
        project
            .documents
            .sources
            .iter()
            .map(|source| source.path.clone()),
    );
    let read = read.chain(project.texts.iter().map(|name| folder.join(name)));
    let of_themes = fs::files_below(&themes)?.into_iter();
    let read = read.chain(of_themes.map(|path| themes.join(path)));
    let mut files: BTreeMap<_, _> = read
        .map(|path| (path.clone(), fs::stamp(&path).ok()))
        .collect();
    let settled = started - UNSETTLED;
    if files
        .values()
        .flatten()
        .any(|stamp| stamp.changed > settled)
    {
        return Ok(None);
    }
    for program in written {
        for path in [
            program.path.clone(),
            function::streaming_beside(&program.path),
        ] {
            files.insert(path.clone(), fs::stamp(&path).ok());
        }
    }
    let asked = project.environment.asked().into_iter();
    let folders = [folder.join(WIDGETS), themes].into_iter();
    let folders = folders.map(|folder| Ok((folder.clone(), names_below(&folder)?)));
    Ok(Some(Remembered {
        request: Request::of(args, programs),
        variables: asked.map(|(name, value)| (name, hash(&value))).collect(),
        folders: folders.collect::<Result<_>>()?,
        files,
        about: About::from(&project.site),
        programs: written.to_vec(),
    }))
}

fn names_below(folder: &Path) -> Result<u64> {
    Ok(hash(&fs::files_below(folder)?))
}
