//! `build`: from `site.yaml` to files that can be deployed.

mod args;
mod built;
mod programs;
mod remembered;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use anyhow::{Result, ensure};

pub(crate) use self::args::BuildArgs;
use self::built::{About, Built};
use self::programs::Programs;
use super::json;
use super::project::Project;
use super::sites::{self, Done};
use crate::console::Progress;
use crate::fs;
use crate::hint::Hinted;
use crate::output::{Destination, Part, Report, Sink};
use crate::render::site_parts;
use crate::site::Purpose;

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
    let skipped = programs.skipped;
    if let Some((last, files)) = remembered::unchanged(args, &programs, &out, &snippets)? {
        let [in_dist, in_snippets] = files.map(Report::unchanged);
        return Ok(Built {
            about: last.about,
            site: None,
            dist: (out, in_dist),
            snippets: (snippets, in_snippets),
            programs: last.programs,
            left_out: Vec::new(),
            skipped,
            took: started.elapsed(),
        });
    }
    let loaded = args.project.load(Purpose::Deploy)?;
    let Folders {
        dist: folder,
        snippets: copies,
        ..
    } = render(&loaded, &out, &snippets, started)?;
    // What it says would be wrong as soon as the first file changes, and stay so if this build ends early.
    remembered::forget(&out)?;
    let (dist, copied) = (folder.write()?, copies.write()?);
    // The program may be written to the folder of snippets. That of `dist` stays locked, so that what is remembered
    // is what this build wrote.
    drop(copies);
    let left_out = match &programs.server {
        Some(_) => session::links_left_out(&out)?,
        None => Vec::new(),
    };
    let written = programs.write(&site_parts(&loaded.site), &out)?;
    remembered::remember(args, &out, &loaded, (&programs, &written), now)?;
    drop(folder);
    Ok(Built {
        about: About::from(&loaded.site),
        site: Some(loaded.site),
        dist: (out, dist),
        snippets: (snippets, copied),
        programs: written,
        left_out,
        skipped,
        took: started.elapsed(),
    })
}

/// Renders a site for its folders, in which nothing changes yet.
fn render(loaded: &Project, out: &Path, snippets: &Path, started: Instant) -> Result<Folders> {
    // Every destination is opened, and everything is rendered, before the first file of `dist` changes: an error
    // leaves the last build as it was.
    let mut folders = Folders {
        dist: Destination::open(out)?,
        snippets: Destination::open(snippets)?,
        progress: Progress::new(loaded.site.served().count(), "widgets", started),
    };
    loaded.render(&mut folders)?;
    Ok(folders)
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
