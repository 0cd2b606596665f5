//! `build`: from `site.yaml` to files that can be deployed.

mod args;
mod built;
mod programs;
mod remembered;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use anyhow::{Result, ensure};
use session::SiteParts;

pub(crate) use self::args::BuildArgs;
use self::built::{About, Built};
use self::programs::Programs;
use self::remembered::{Outcome, Remembered, Since};
use super::json;
use super::project::Project;
use super::sites::{self, Done};
use crate::config::read_some;
use crate::console::Progress;
use crate::fs;
use crate::hint::Hinted;
use crate::output::{Destination, Part, Report, Sink, asset_of, widget_of};
use crate::render::{Listed, site_parts, snippets_are_on_demand};
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
        Since::Widgets(last, changed) => match job.build_changed(last, changed)? {
            Some(built) => Ok(built),
            None => job.build_all(),
        },
        Since::Anything => job.build_all(),
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
    /// What the last build did.
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

    /// Reads and renders everything.
    fn build_all(self) -> Result<Built> {
        let project = self.args.project.load(Purpose::Deploy)?;
        let folders = self.folders(project.site.served().count())?;
        let (listed, written) = self.write(&project, folders, Vec::new())?;
        let parts = site_parts(&project.site, BTreeMap::new());
        let built = self.finish(&project, &parts, listed, written, None)?;
        Ok(Built {
            site: Some(project.site),
            ..built
        })
    }

    /// Reads and renders the widgets in these files, and keeps all others. `None` if that is not possible, be it because there is
    /// an error: a full build finds all of them.
    fn build_changed(
        &self,
        mut last: Remembered<'static>,
        mut changed: Vec<PathBuf>,
    ) -> Result<Option<Built>> {
        // There is no site without widgets.
        if changed.is_empty() {
            changed.extend(last.any_file());
        }
        let project = &self.args.project;
        let sources = read_some(&project.config, &changed)?;
        let Ok(project) = project.check(sources, Purpose::Deploy) else {
            return Ok(None);
        };
        let kept = last.take_others(&changed);
        let Some(parts) = self.parts(&project.site, &kept) else {
            return Ok(None);
        };
        if remembered::knows_pages(&project.site) || !fit_together(&project.site, &kept) {
            return Ok(None);
        }
        let mut folders = self.folders(project.site.served().count())?;
        folders.keep(&kept);
        let (listed, written) = self.write(&project, folders, kept)?;
        self.finish(&project, &parts, listed, written, Some(last))
            .map(Some)
    }

    /// All that the function has to know, if there is one. What it knows of widgets that stay as they are, it knows already.
    fn parts(&self, site: &Site, kept: &[Listed]) -> Option<SiteParts> {
        let mut known = BTreeMap::new();
        if let Some((function, _)) = &self.programs.function {
            known = session::Site::widgets_in(function)?;
            let kept: HashSet<_> = kept.iter().map(|listed| &listed.name).collect();
            known.retain(|name, _| kept.contains(name));
        }
        Some(site_parts(site, known))
    }

    /// Every destination is opened, and everything is rendered, before the first file of `dist` changes: an error leaves the
    /// last build as it was.
    fn folders(&self, widgets: usize) -> Result<Folders> {
        Ok(Folders {
            dist: Destination::open(&self.out)?,
            snippets: Destination::open(&self.snippets)?,
            progress: Progress::new(widgets, "widgets", self.started),
        })
    }

    /// Renders a site into its folders.
    fn write(
        &self,
        project: &Project,
        mut folders: Folders,
        kept: Vec<Listed>,
    ) -> Result<(Vec<Listed>, [Report; 2])> {
        let listed = project.render(kept, &mut folders)?;
        let Folders { dist, snippets, .. } = folders;
        Ok((listed, [dist.write()?, snippets.write()?]))
    }

    /// Writes the programs, and remembers everything.
    fn finish(
        &self,
        project: &Project,
        parts: &SiteParts,
        listed: Vec<Listed>,
        [dist, snippets]: [Report; 2],
        last: Option<Remembered<'static>>,
    ) -> Result<Built> {
        let Self {
            args,
            out,
            programs,
            ..
        } = self;
        let left_out = match &programs.server {
            Some(_) => session::links_left_out(out)?,
            None => Vec::new(),
        };
        let written = programs.write(parts, out)?;
        let outcome = Outcome {
            listed: &listed,
            programs,
            written: &written,
        };
        remembered::remember(args, out, project, outcome, last, self.now)?;
        Ok(Built {
            about: About::from(&project.site),
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

/// Whether widgets can be added to those that are kept: no two have one name, and snippets are made on demand, because there
/// are none of those that are kept.
fn fit_together(site: &Site, kept: &[Listed]) -> bool {
    let names: HashSet<_> = kept.iter().map(|listed| &listed.name).collect();
    let widgets = kept.iter().filter(|listed| listed.alias_of.is_none());
    let widgets = widgets.count() + site.widgets.len();
    snippets_are_on_demand(widgets) && site.served().all(|widget| !names.contains(&widget.name))
}

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
