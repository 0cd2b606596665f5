//! A website → Markdown files, for agents to know.
//!
//! ```text
//! address ─▶ robots.txt ─▶ sitemaps, or else links ─▶ queue ─fetch─▶ page ─▶ Markdown ─▶ shelf (the folder)
//! ```
//!
//! Nothing but the address's own origin is asked for anything. A file that a person has edited is never changed.

mod charset;
mod crawl;
mod fetch;
mod files;
mod journal;
mod look;
mod names;
mod page;
mod queue;
mod record;
mod report;
mod scope;
mod shelf;
mod site;
mod sitemap;
mod unpack;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

pub(crate) use look::Look;
pub(crate) use report::{Change, Kind, Report};
pub(crate) use shelf::Mode;

use crawl::Crawl;
use files::Files;
use journal::Journal;
use scope::Scope;
use shelf::Shelf;
use site::Site;

/// What to pull, and how.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    /// A website, a part of one, or a sitemap.
    pub(crate) address: String,
    /// Where the files go.
    pub(crate) folder: PathBuf,
    pub(crate) mode: Mode,
    /// Whether files whose pages are gone are removed.
    pub(crate) prunes: bool,
    /// The most pages.
    pub(crate) limit: usize,
    /// The pause between two requests, if the site does not ask for a longer one.
    pub(crate) delay: Duration,
}

impl Pull {
    /// Pulls the pages. `progress` is told how many are done, and how many there are as far as is known.
    ///
    /// # Errors
    ///
    /// An address that is none, a site that does not answer or forbids it, and a folder that cannot be written.
    pub(crate) fn run(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<Report> {
        let scope = Scope::parse(&self.address)?;
        let mut site = Site::reach(scope, self.delay)?;
        let mut report = Report::new(site.scope.origin());
        let list = site.list(&mut report)?;
        let shelf = Shelf::open(&self.folder, &site.scope, self.mode)?;
        let journal = match self.mode {
            Mode::Write => Some(Journal::open(&self.folder, &site.scope.address)?),
            Mode::DryRun => None,
        };
        let files = Files::new(shelf, report, self.prunes);
        Crawl::new(self.limit, site, files, journal).run(list, progress)
    }
}
