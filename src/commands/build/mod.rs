//! `build`: from `site.yaml` to files that can be deployed.

mod args;
mod built;
mod programs;
mod remembered;

use std::collections::{BTreeMap, HashSet};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Instant, SystemTime};

use anyhow::{Result, ensure};
use session::{SiteParts, WidgetSettings};

pub(crate) use self::args::BuildArgs;
use self::built::{About, Built};
use self::programs::Programs;
use self::remembered::{Remembered, Since};
use super::json;
use super::project::Project;
use super::sites::{self, Done};
use crate::config::{read_some, widget_files};
use crate::console::Progress;
use crate::fs;
use crate::hint::Hinted;
use crate::output::{Destination, Part, Report, Sink, asset_of, widget_of};
use crate::render::{
    Listed, Workshop, render_shared, render_widgets, site_parts, snippets_are_on_demand,
    without_aliases,
};
use crate::site::{Purpose, Site};

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

/// Builds one site.
fn build(args: &BuildArgs) -> Result<Built> {
    let (started, now) = (Instant::now(), SystemTime::now());
    let project = args.project.folder();
    let out = folder(&args.out, project, "dist");
    let snippets = folder(&args.snippets, project, "snippets");
    refuse_overlap(&out, &snippets)?;
    let programs = Programs::of(&args.programs, project, &out)?;
    let job = Job {
        args,
        programs,
        out,
        snippets,
        started,
        now,
    };
    match remembered::since_last(args, &job.programs, &job.out, &job.snippets)? {
        Since::Nothing(last, files) => Ok(job.already_done(last, files)),
        Since::Widgets(last, changed) => job.build(last, changed),
        Since::Anything => {
            let nothing = Remembered::new(args, &job.programs, now);
            job.build(nothing, widget_files(project)?)
        }
    }
}

/// One build.
struct Job<'a> {
    args: &'a BuildArgs,
    programs: Programs<'a>,
    out: PathBuf,
    snippets: PathBuf,
    started: Instant,
    /// The time of files that change from now on.
    now: SystemTime,
}

impl Job<'_> {
    /// The last build, once more.
    fn already_done(self, last: Remembered<'static>, files: [usize; 2]) -> Built {
        let [in_dist, in_snippets] = files.map(Report::unchanged);
        Built {
            about: last.about,
            site: None,
            listed: last.listed.into_owned(),
            dist: (self.out, in_dist),
            snippets: (self.snippets, in_snippets),
            programs: last.programs,
            left_out: Vec::new(),
            skipped: self.programs.skipped,
            took: self.started.elapsed(),
        }
    }

    /// Reads and renders the widgets in these files, and keeps those that `memory` holds besides.
    fn build(self, memory: Remembered<'static>, files: Vec<PathBuf>) -> Result<Built> {
        let is_large = files.len() > PART || !memory.listed.is_empty();
        match is_large.then(|| self.build_in_parts(memory, files)) {
            Some(Ok(Some(built))) => Ok(built),
            Some(Err(err)) => Err(err),
            Some(Ok(None)) | None => self.build_whole(),
        }
    }

    /// Reads and renders everything at once.
    fn build_whole(self) -> Result<Built> {
        let project = self.args.project.load(Purpose::Deploy)?;
        let mut folders = self.folders(project.site.served().count())?;
        let listed = project.render(&mut folders)?;
        let parts = site_parts(&project.site, BTreeMap::new());
        let mut memory = Remembered::new(self.args, &self.programs, self.now);
        memory.add(&project, self.args, self.now)?;
        let built = self.finish(folders, &project.site, &parts, listed, memory)?;
        Ok(Built {
            site: Some(project.site),
            ..built
        })
    }

    /// Reads and renders one part after the other, so that no more than two are in memory: one is read while another is
    /// rendered. `None` if that is not possible, be it because of an error: a build of everything finds all of them.
    fn build_in_parts(
        &self,
        mut memory: Remembered<'static>,
        mut files: Vec<PathBuf>,
    ) -> Result<Option<Built>> {
        // There is no site without widgets.
        if files.is_empty() {
            files.extend(memory.any_file());
        }
        let listed = memory.take_others(&files);
        let Some(known) = self.known(&listed) else {
            return Ok(None);
        };
        let mut folders = self.folders(files.len())?;
        folders.keep(&listed);
        let names = listed.iter().map(|listed| listed.name.clone()).collect();
        let mut done = PartsDone {
            workshop: Workshop::default(),
            folders,
            memory,
            listed,
            names,
            known,
        };
        let Some(last) = self.each_part(&files, &mut done) else {
            return Ok(None);
        };
        let PartsDone {
            workshop,
            mut folders,
            memory,
            mut listed,
            known,
            names: _,
        } = done;
        // Nobody has made the snippets of a part.
        if !snippets_are_on_demand(without_aliases(&listed).count()) {
            return Ok(None);
        }
        let Project { site, themes, .. } = &last;
        render_shared(site, themes, &workshop, &mut listed, &mut folders)?;
        let parts = site_parts(site, known);
        self.finish(folders, site, &parts, listed, memory).map(Some)
    }

    /// Renders the parts with these widgets. Returns the last one, or `None` if one of them needs all others.
    fn each_part(&self, files: &[PathBuf], done: &mut PartsDone) -> Option<Project> {
        thread::scope(|scope| {
            let (sender, parts) = sync_channel(0);
            scope.spawn(move || self.read_parts(files, &sender));
            let mut last = None;
            for part in parts {
                let project = part.filter(|project| !project.knows_pages())?;
                self.add_part(&project, done)?;
                last = Some(project);
            }
            last
        })
    }

    fn add_part(&self, project: &Project, done: &mut PartsDone) -> Option<()> {
        let Project { site, themes, .. } = project;
        let listed = render_widgets(site, themes, &done.workshop, &mut done.folders).ok()?;
        for listed in &listed {
            // Of two widgets with one name, one may be in another part.
            if !done.names.insert(listed.name.clone()) {
                return None;
            }
        }
        done.listed.extend(listed);
        done.memory.add(project, self.args, self.now).ok()?;
        if self.programs.any() {
            done.known = site_parts(site, take(&mut done.known)).widgets;
        }
        Some(())
    }

    /// Reads parts of the site, with these widgets, until one has an error or nobody wants more.
    fn read_parts(&self, files: &[PathBuf], parts: &SyncSender<Option<Project>>) {
        let project = &self.args.project;
        for files in files.chunks(PART) {
            let sources = read_some(&project.config, files);
            let part = sources.and_then(|sources| project.check(sources, Purpose::Deploy));
            if parts.send(part.ok()).is_err() {
                return;
            }
        }
    }

    /// The function's settings for the widgets that are kept. `None` if the function cannot be read.
    fn known(&self, kept: &[Listed]) -> Option<BTreeMap<String, WidgetSettings>> {
        let (Some((function, _)), false) = (&self.programs.function, kept.is_empty()) else {
            return Some(BTreeMap::new());
        };
        let mut known = session::Site::widgets_in(function)?;
        let kept: HashSet<_> = kept.iter().map(|listed| &listed.name).collect();
        known.retain(|name, _| kept.contains(name));
        Some(known)
    }

    /// Every destination is opened, and everything is rendered, before the first file of `dist` changes: an error leaves
    /// the last build as it was.
    fn folders(&self, widgets: usize) -> Result<Folders> {
        Ok(Folders {
            dist: Destination::open(&self.out)?,
            snippets: Destination::open(&self.snippets)?,
            progress: Progress::new(widgets, "widgets", self.started),
        })
    }

    /// Puts everything in place, writes the programs, and remembers it.
    fn finish(
        &self,
        folders: Folders,
        site: &Site,
        parts: &SiteParts,
        listed: Vec<Listed>,
        memory: Remembered<'_>,
    ) -> Result<Built> {
        let Self {
            args,
            out,
            programs,
            ..
        } = self;
        // The last one is wrong as soon as the first file changes, and would stay if this build ends early.
        remembered::forget(out)?;
        let (dist, snippets) = (folders.dist.write()?, folders.snippets.write()?);
        // The program may be written to the folder of snippets. That of `dist` stays locked, so that what is remembered
        // is what this build wrote.
        drop(folders.snippets);
        let left_out = match &programs.server {
            Some(_) => session::links_left_out(out)?,
            None => Vec::new(),
        };
        let written = programs.write(parts, out)?;
        let about = About::from(site);
        if args.programs.are_remembered() {
            memory.keep(out, &listed, &about, &written)?;
        }
        Ok(Built {
            about,
            site: None,
            listed,
            dist: (out.clone(), dist),
            snippets: (self.snippets.clone(), snippets),
            programs: written,
            left_out,
            skipped: programs.skipped,
            took: self.started.elapsed(),
        })
    }
}

/// A build in parts, as far as it is done.
struct PartsDone {
    workshop: Workshop,
    folders: Folders,
    memory: Remembered<'static>,
    /// All widgets so far.
    listed: Vec<Listed>,
    /// Their names.
    names: HashSet<String>,
    /// The function's settings for them, if there are programs to write.
    known: BTreeMap<String, WidgetSettings>,
}

/// Files of widgets that are read and rendered together.
const PART: usize = 1000;

/// The folders of the output, and how far the build is.
struct Folders {
    dist: Destination,
    snippets: Destination,
    progress: Progress,
}

impl Folders {
    /// The files of these widgets stay.
    fn keep(&mut self, widgets: &[Listed]) {
        let names: HashSet<_> = widgets.iter().map(|listed| &*listed.name).collect();
        let assets = widgets.iter().flat_map(|listed| &listed.assets);
        let assets: HashSet<_> = assets.map(|asset| &**asset).collect();
        self.dist.keep(|path| {
            widget_of(path).is_some_and(|name| names.contains(name))
                || asset_of(path).is_some_and(|asset| assets.contains(asset))
        });
    }
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

fn folder(given: &Option<PathBuf>, project: &Path, default: &str) -> PathBuf {
    given.clone().unwrap_or_else(|| project.join(default))
}

/// Two lists of our files in one folder would remove each other's files.
fn refuse_overlap(out: &Path, snippets: &Path) -> Result<()> {
    let (one, other) = (fs::whole(out), fs::whole(snippets));
    ensure!(
        !one.starts_with(&other) && !other.starts_with(&one),
        Hinted::new(
            format!("`{}` and `{}` overlap", out.display(), snippets.display()),
            "snippets are copied by hand and never deployed: give them their own folder"
        )
    );
    Ok(())
}
