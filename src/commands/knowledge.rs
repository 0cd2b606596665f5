//! `knowledge`: pages of a website as files that agents know.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::config::{read_sources, written};
use crate::console::{self, Progress};
use crate::fs;
use crate::hint::Hinted;
use crate::pull::{Change, Kind, Mode, Pull, Report};

/// Brings pages of a website into the folder that an agent knows.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct KnowledgeArgs {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed knowledge pull https://www.example.com
  chatkit-embed knowledge pull https://www.example.com/help/ --dry-run";

#[derive(Subcommand)]
enum Command {
    Pull(PullArgs),
}

/// Writes one Markdown file for each page of a website.
///
/// Reads the sitemap that the site names, or follows the links below the address if it has none. Keeps to robots.txt,
/// and asks nothing but the address's own origin. Run it again to bring the files up to date: a file that you edited is
/// kept, and nothing is deleted without --prune. If it is interrupted, run it again.
#[derive(Args)]
#[command(after_help = PULL_HELP)]
struct PullArgs {
    /// A website, a part of one, or a sitemap, such as `https://www.example.com/help/`
    #[arg(value_name = "ADDRESS")]
    address: String,

    /// Folder for the files, from the folder of the site's file
    #[arg(long, value_name = "FOLDER", default_value = "knowledge")]
    into: PathBuf,

    /// Show what would change without writing anything
    #[arg(long)]
    dry_run: bool,

    /// Delete files of earlier pulls whose pages are gone, unless you edited them
    #[arg(long)]
    prune: bool,

    /// The most pages
    #[arg(long, value_name = "PAGES", default_value_t = 1000)]
    limit: usize,

    /// Pause between two requests, in milliseconds; a longer one that robots.txt asks for is kept
    #[arg(long, value_name = "MS", default_value_t = 250)]
    delay: u64,

    /// List every page, and not only the first of each kind
    #[arg(long)]
    all: bool,

    /// The site's file
    #[arg(long, value_name = "FILE", default_value = "site.yaml")]
    config: PathBuf,
}

const PULL_HELP: &str = "\
Examples:
  chatkit-embed knowledge pull https://www.example.com
  chatkit-embed knowledge pull https://www.example.com/help/ --dry-run
  chatkit-embed knowledge pull https://www.example.com/docs/sitemap.xml --into knowledge/docs
  chatkit-embed knowledge pull https://www.example.com --prune --delay 1000";

/// Pages of a kind that are listed before the rest is counted.
const MOST_LISTED: usize = 30;

/// Runs the command.
///
/// # Errors
///
/// An address that is none, a site that does not answer, pages that failed, and a folder that cannot be written.
pub(crate) fn run(args: &KnowledgeArgs) -> Result<()> {
    let Command::Pull(args) = &args.command;
    let project = args.config.parent().unwrap_or(Path::new(""));
    let pull = Pull {
        address: args.address.clone(),
        folder: project.join(&args.into),
        mode: match args.dry_run {
            true => Mode::DryRun,
            false => Mode::Write,
        },
        prunes: args.prune,
        limit: args.limit,
        delay: Duration::from_millis(args.delay),
    };
    let progress = Progress::new(1, "pages", Instant::now()).saying("pulling");
    let report = pull.run(&mut |done, total| progress.reach(done, total))?;
    drop(progress);
    list(&report, if args.all { usize::MAX } else { MOST_LISTED });
    console::status(
        if args.dry_run { "dry run" } else { "pulled" },
        summary(&report),
    );
    advise(args, &report)?;
    finished(args, &report)
}

fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new",
        Kind::Changed => "changed",
        Kind::Kept => "kept",
        Kind::Gone => "gone",
        Kind::Removed => "removed",
        Kind::LeftOut => "left out",
        Kind::Failed => "failed",
        Kind::Note => "note",
    }
}

const KINDS: [Kind; 8] = [
    Kind::New,
    Kind::Changed,
    Kind::Kept,
    Kind::Gone,
    Kind::Removed,
    Kind::LeftOut,
    Kind::Failed,
    Kind::Note,
];

fn list(report: &Report, most: usize) {
    for kind in KINDS {
        let changes = report.changes.iter().filter(|change| change.kind == kind);
        for Change { place, text, .. } in changes.take(most) {
            match kind {
                Kind::Note => console::note(place, text),
                kind => console::status(label(kind), format_args!("{place}: {text}")),
            }
        }
        let more = report.count(kind).saturating_sub(most);
        if more > 0 {
            console::status(label(kind), format_args!("{more} more; --all lists them"));
        }
    }
}

fn summary(report: &Report) -> String {
    let counts = KINDS.iter().filter(|kind| **kind != Kind::Note);
    let counts = counts.map(|kind| (report.count(*kind), label(*kind)));
    let counts = counts.chain([(report.unchanged, "unchanged")]);
    let counts = counts.filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, label)| format!("{label}: {count}"))
        .collect();
    let counts = match counts.is_empty() {
        true => "nothing".to_owned(),
        false => counts.join(", "),
    };
    format!("{counts} (from {})", report.source)
}

/// Says what is left to do: remove what is gone, and name the files in `site.yaml`.
fn advise(args: &PullArgs, report: &Report) -> Result<()> {
    if report.count(Kind::Gone) > 0 {
        console::advice("gone", "pass --prune to delete these files");
    }
    let into = args.into.to_string_lossy().replace('\\', "/");
    let into = into.trim_start_matches("./").trim_end_matches('/');
    let has_files = report.unchanged + report.count(Kind::New) + report.count(Kind::Kept) > 0;
    if has_files && !is_known(&args.config, into)? {
        console::advice("site.yaml", "give the files to an agent, in its `backend`:");
        console::data(&format!(
            "knowledge:\n  files: [\"{into}/**/*.md\"]\n  base_url: {}",
            report.origin
        ));
    }
    Ok(())
}

/// Whether an agent of the site knows files of this folder.
fn is_known(config: &Path, folder: &str) -> Result<bool> {
    if fs::read_if_exists(config)?.is_none() {
        return Ok(false);
    }
    let root = written(&read_sources(config)?).to_json();
    let widgets = root["widgets"].as_object().into_iter().flatten();
    let sections = widgets.map(|(_, widget)| widget).chain([&root["defaults"]]);
    let mut globs =
        sections.filter_map(|section| section["backend"]["knowledge"]["files"].as_array());
    let starts = format!("{folder}/");
    Ok(globs.any(|globs| {
        let mut globs = globs.iter().filter_map(|glob| glob.as_str());
        globs.any(|glob| {
            let glob = glob.trim_start_matches("./");
            glob.starts_with(&starts) || glob.starts_with("**")
        })
    }))
}

fn finished(args: &PullArgs, report: &Report) -> Result<()> {
    let hint = "run the same command again; what is there already stays";
    if let Some(reason) = &report.stopped {
        bail!(Hinted::new(reason, hint));
    }
    match report.count(Kind::Failed) {
        0 => {}
        1 => bail!(Hinted::new("one page could not be fetched", hint)),
        count => bail!(Hinted::new(
            format!("{count} pages could not be fetched"),
            hint
        )),
    }
    let count = report.unchanged
        + [Kind::New, Kind::Changed, Kind::Kept]
            .iter()
            .map(|kind| report.count(*kind))
            .sum::<usize>();
    if count == 0 {
        bail!(Hinted::new(
            format!("no page was found at {}", args.address),
            "pass the address of a page that links to others, or of a sitemap"
        ));
    }
    Ok(())
}
