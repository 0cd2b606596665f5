//! From the list of pages, or links, to files: what is fetched, and what is made of it.

use anyhow::Result;
use url::Url;

use super::fetch::{Ask, Document, Fetched};
use super::files::Files;
use super::journal::Journal;
use super::page::{self, Draft};
use super::queue::{Queue, Target};
use super::report::{Kind, Report};
use super::shelf::Known;
use super::site::{List, Site};
use crate::knowledge::LARGEST_FILE;

/// A site that fails this often in a row is left alone.
const MOST_FAILURES: usize = 5;

/// A pull that is running.
pub(super) struct Crawl {
    /// The most pages.
    limit: usize,
    site: Site,
    files: Files,
    /// Missing in a dry run.
    journal: Option<Journal>,
    queue: Queue,
    follows_links: bool,
    failures: usize,
}

impl Crawl {
    pub(super) fn new(limit: usize, site: Site, files: Files, journal: Option<Journal>) -> Crawl {
        Crawl {
            limit,
            site,
            files,
            journal,
            queue: Queue::default(),
            follows_links: false,
            failures: 0,
        }
    }

    /// Fetches everything, and looks for what is gone.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub(super) fn run(
        mut self,
        list: List,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Report> {
        self.follows_links = list.pages.is_empty() && !self.site.scope.is_sitemap;
        if self.follows_links {
            self.queue.add(self.site.scope.address.clone(), None);
        }
        for (url, lastmod) in list.pages {
            self.files.alive.insert(url.to_string());
            self.queue.add(url, lastmod);
        }
        self.resume();
        let mut done = 0;
        while let Some(target) = self.next() {
            if done >= self.limit {
                let more = self.queue.len() + 1;
                let text = format!(
                    "the limit of {done} pages is reached, and {more} more are known: pass a higher --limit"
                );
                self.files
                    .report
                    .add(Kind::Note, &self.site.scope.address, text);
                break;
            }
            self.visit(&target)?;
            done += 1;
            progress(done, (done + self.queue.len()).min(self.limit));
            if self.failures >= MOST_FAILURES {
                let text =
                    format!("{MOST_FAILURES} pages in a row failed, so the site is left alone");
                self.files.report.stopped = Some(text);
                break;
            }
        }
        self.notes();
        if let Some(journal) = self
            .journal
            .as_ref()
            .filter(|_| self.files.report.stopped.is_none())
        {
            journal.close()?;
        }
        self.files
            .clear_out(!self.follows_links && list.is_complete)?;
        Ok(self.files.report)
    }

    /// Says that an interrupted pull is continued.
    fn resume(&mut self) {
        let count = self.journal.as_ref().map_or(0, Journal::len);
        if count > 0 {
            let text =
                format!("continues the pull that was interrupted; pages it had done: {count}");
            self.files
                .report
                .add(Kind::Note, &self.site.scope.address, text);
        }
    }

    /// Whether an interrupted pull has done the page. Its links are followed all the same.
    fn was_done(&mut self, known: &Known) -> bool {
        let journal = self.journal.as_mut();
        let links = journal.and_then(|journal| journal.take(&known.record.url));
        let was_done = links.is_some();
        for link in links.into_iter().flatten() {
            self.queue.link(link);
        }
        was_done
    }

    /// The next page. Once all links have been followed, pages of an earlier pull that nothing links to.
    fn next(&mut self) -> Option<Target> {
        if let Some(target) = self.queue.next() {
            return Some(target);
        }
        if self.follows_links {
            for url in self.files.shelf.others(&self.files.alive) {
                if let Ok(url) = Url::parse(&url) {
                    self.queue.add(url, None);
                }
            }
        }
        self.queue.next()
    }

    fn visit(&mut self, target: &Target) -> Result<()> {
        let key = target.url.to_string();
        if !self.site.robots.is_url_allowed(&target.url) {
            self.files.alive.insert(key.clone());
            self.files
                .report
                .add(Kind::LeftOut, &key, "`robots.txt` asks not to fetch it");
            return Ok(());
        }
        let known = self.files.shelf.known.get(&key).cloned();
        if let Some(known) = &known
            && (is_current(known, target) || self.was_done(known))
        {
            self.files.unchanged(known);
            return Ok(());
        }
        let fetched = self.fetch(target, known.as_ref());
        self.failures = match &fetched {
            Fetched::Failed(_) => self.failures + 1,
            _ => 0,
        };
        match fetched {
            Fetched::Document(document) => return self.take(target, &document),
            Fetched::Unchanged => {
                if let Some(known) = &known {
                    self.files.unchanged(known);
                }
                return Ok(());
            }
            Fetched::Gone => {
                self.files.alive.remove(&key);
                self.files
                    .gone
                    .insert(key.clone(), "its page is gone".to_owned());
                if known.is_none() {
                    self.files
                        .report
                        .add(Kind::LeftOut, &key, "the page is missing");
                }
                return Ok(());
            }
            Fetched::LeftOut(reason) | Fetched::Elsewhere(reason) => {
                self.files.report.add(Kind::LeftOut, &key, reason)
            }
            Fetched::Failed(reason) => self.files.report.add(Kind::Failed, &key, reason),
        }
        self.files.alive.insert(key);
        Ok(())
    }

    /// Links are in the page itself, so a page that may have some is asked for in full.
    fn fetch(&mut self, target: &Target, known: Option<&Known>) -> Fetched {
        let (scope, robots) = (&self.site.scope, &self.site.robots);
        let may = |url: &Url| match scope.contains(url) {
            _ if !scope.is_same_origin(url) => Err(format!("which is not at {}", scope.origin())),
            false => Err(format!("which is not below {}", scope.address)),
            true if !robots.is_url_allowed(url) => {
                Err("which `robots.txt` asks not to fetch".to_owned())
            }
            true => Ok(()),
        };
        let etag = known.and_then(|known| known.record.etag.as_deref());
        let ask = Ask {
            limit: LARGEST_FILE,
            is_page: true,
            etag: etag.filter(|_| !self.follows_links),
            may: &may,
        };
        self.site.fetcher.get(&target.url, &ask)
    }

    /// Takes a page that was sent.
    fn take(&mut self, target: &Target, document: &Document) -> Result<()> {
        let found = page::read(document, &self.site.scope);
        let links = match self.follows_links {
            true => found.links,
            false => Vec::new(),
        };
        for link in &links {
            self.queue.link(link.clone());
        }
        if document.url != target.url {
            match document.is_for_good {
                true => self.files.moved(&target.url, &document.url),
                // All pages may lead to the same one for an hour.
                false => _ = self.files.alive.insert(target.url.to_string()),
            }
            let is_news = self.queue.see(&document.url);
            if !is_news {
                return Ok(());
            }
        }
        self.files.alive.insert(document.url.to_string());
        if let Some(note) = found.note {
            self.files.report.add(Kind::Note, &document.url, note);
        }
        let draft = match found.draft {
            Ok(draft) => draft,
            Err(reason) => {
                self.files.report.add(Kind::LeftOut, &document.url, reason);
                return Ok(());
            }
        };
        if draft.url != document.url && !self.files.gone.contains_key(draft.url.as_str()) {
            // The page says that it is another one, which is asked for under its own address.
            self.files.moved(&document.url, &draft.url);
            self.queue.add(draft.url, target.lastmod.clone());
            return Ok(());
        }
        let url = document.url.clone();
        // Without use, a tag would only change the file.
        let etag = draft.etag.clone().filter(|_| !self.follows_links);
        self.files
            .store(&Draft { url, etag, ..draft }, target.lastmod.as_deref())?;
        match &mut self.journal {
            Some(journal) => journal.note(&document.url, &links),
            None => Ok(()),
        }
    }

    fn notes(&mut self) {
        if let (count, Some(url)) = &self.queue.dropped {
            let text = format!("addresses with a query whose page is there without it: {count}");
            self.files.report.add(Kind::LeftOut, url, text);
        }
    }
}

/// Whether the sitemap's date is the one of the file. The day of the pull does not count: the page may have changed
/// later that day.
fn is_current(known: &Known, target: &Target) -> bool {
    let Some(lastmod) = target.lastmod.as_deref() else {
        return false;
    };
    let is_that_day = known.record.pulled.starts_with(lastmod);
    known.record.lastmod.as_deref() == Some(lastmod) && !is_that_day
}
