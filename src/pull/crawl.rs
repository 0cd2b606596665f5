//! From the list of pages, or links, to files: what is fetched, and what is made of it.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use anyhow::Result;
use url::Url;

use super::fetch::{Ask, Document, Fetched};
use super::journal::Journal;
use super::page::{self, Draft};
use super::queue::{Queue, Target};
use super::record;
use super::report::{Kind, Report};
use super::shelf::{Known, Shelf};
use super::site::{List, Site};

/// The most bytes of a page, like those that agents read.
const LARGEST_PAGE: u64 = 4 * 1024 * 1024;
/// A site that fails this often in a row is left alone.
const MOST_FAILURES: usize = 5;

/// How far a pull goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// The most pages.
    pub(super) limit: usize,
    /// Whether files whose pages are gone are removed.
    pub(super) prunes: bool,
}

/// A pull that is running.
pub(super) struct Crawl {
    reach: Reach,
    site: Site,
    shelf: Shelf,
    /// Missing in a dry run.
    journal: Option<Journal>,
    report: Report,
    queue: Queue,
    follows_links: bool,
    /// Addresses of pages that are still on the site.
    alive: HashSet<String>,
    /// Addresses that are not, and why.
    gone: HashMap<String, String>,
    /// Pages by their text.
    bodies: HashMap<String, String>,
    failures: usize,
}

impl Crawl {
    pub(super) fn new(
        reach: Reach,
        site: Site,
        (shelf, journal): (Shelf, Option<Journal>),
        report: Report,
    ) -> Crawl {
        Crawl {
            reach,
            site,
            shelf,
            journal,
            report,
            queue: Queue::default(),
            follows_links: false,
            alive: HashSet::new(),
            gone: HashMap::new(),
            bodies: HashMap::new(),
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
            self.alive.insert(url.to_string());
            self.queue.add(url, lastmod);
        }
        self.resume();
        let mut done = 0;
        while let Some(target) = self.next() {
            if done >= self.reach.limit {
                let more = self.queue.len() + 1;
                let text = format!(
                    "the limit of {done} pages is reached, and {more} more are known: pass a higher --limit"
                );
                self.report.add(Kind::Note, &self.site.scope.address, text);
                break;
            }
            self.visit(&target)?;
            done += 1;
            progress(done, (done + self.queue.len()).min(self.reach.limit));
            if self.failures >= MOST_FAILURES {
                let text =
                    format!("{MOST_FAILURES} pages in a row failed, so the site is left alone");
                self.report.stopped = Some(text);
                break;
            }
        }
        self.notes();
        if let Some(journal) = self
            .journal
            .as_ref()
            .filter(|_| self.report.stopped.is_none())
        {
            journal.close()?;
        }
        self.clear_out(!self.follows_links && list.is_complete)?;
        Ok(self.report)
    }

    /// Says that an interrupted pull is continued.
    fn resume(&mut self) {
        let count = self.journal.as_ref().map_or(0, Journal::len);
        if count > 0 {
            let text =
                format!("continues the pull that was interrupted; pages it had done: {count}");
            self.report.add(Kind::Note, &self.site.scope.address, text);
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
            for url in self.shelf.others(&self.alive) {
                if let Ok(url) = Url::parse(&url) {
                    self.queue.add(url, None);
                }
            }
        }
        self.queue.next()
    }

    fn visit(&mut self, target: &Target) -> Result<()> {
        let key = target.url.to_string();
        if !self.site.robots.allows(&target.url) {
            self.alive.insert(key.clone());
            self.report
                .add(Kind::LeftOut, &key, "`robots.txt` asks not to fetch it");
            return Ok(());
        }
        let known = self.shelf.known.get(&key).cloned();
        if let Some(known) = &known
            && (is_current(known, target) || self.was_done(known))
        {
            self.unchanged(known);
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
                    self.unchanged(known);
                }
                return Ok(());
            }
            Fetched::Gone => {
                self.alive.remove(&key);
                self.gone.insert(key.clone(), "its page is gone".to_owned());
                if known.is_none() {
                    self.report.add(Kind::LeftOut, &key, "the page is missing");
                }
                return Ok(());
            }
            Fetched::LeftOut(reason) => self.report.add(Kind::LeftOut, &key, reason),
            Fetched::Failed(reason) => self.report.add(Kind::Failed, &key, reason),
        }
        self.alive.insert(key);
        Ok(())
    }

    /// Links are in the page itself, so a page that may have some is asked for in full.
    fn fetch(&mut self, target: &Target, known: Option<&Known>) -> Fetched {
        let (scope, robots) = (&self.site.scope, &self.site.robots);
        let may = |url: &Url| match scope.contains(url) {
            _ if !scope.is_same_origin(url) => Err(format!("which is not at {}", scope.origin())),
            false => Err(format!("which is not below {}", scope.address)),
            true if !robots.allows(url) => Err("which `robots.txt` asks not to fetch".to_owned()),
            true => Ok(()),
        };
        let etag = known.and_then(|known| known.record.etag.as_deref());
        let ask = Ask {
            limit: LARGEST_PAGE,
            is_page: true,
            etag: etag.filter(|_| !self.follows_links),
            may: &may,
        };
        self.site.fetcher.get(&target.url, &ask)
    }

    fn unchanged(&mut self, known: &Known) {
        self.alive.insert(known.record.url.clone());
        self.bodies
            .entry(known.body.clone())
            .or_insert_with(|| known.record.url.clone());
        match known.is_edited {
            true => self.keep(known, "you edited it"),
            false => self.report.unchanged += 1,
        }
    }

    fn keep(&mut self, known: &Known, text: &str) {
        let place = self.shelf.shown(&known.path);
        self.report.add(Kind::Kept, place, text);
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
            self.moved(&target.url, &document.url);
            let is_news = self.queue.see(&document.url);
            if !is_news {
                return Ok(());
            }
        }
        self.alive.insert(document.url.to_string());
        if let Some(note) = found.note {
            self.report.add(Kind::Note, &document.url, note);
        }
        let draft = match found.draft {
            Ok(draft) => draft,
            Err(reason) => {
                self.report.add(Kind::LeftOut, &document.url, reason);
                return Ok(());
            }
        };
        if draft.url != document.url && !self.gone.contains_key(draft.url.as_str()) {
            // The page says that it is another one, which is asked for under its own address.
            self.moved(&document.url, &draft.url);
            self.queue.add(draft.url, target.lastmod.clone());
            return Ok(());
        }
        let url = document.url.clone();
        self.store(&Draft { url, ..draft }, target.lastmod.as_deref())?;
        match &mut self.journal {
            Some(journal) => journal.note(&document.url, &links),
            None => Ok(()),
        }
    }

    /// Notes that an address leads to another page.
    fn moved(&mut self, from: &Url, to: &Url) {
        self.alive.remove(from.as_str());
        self.gone
            .insert(from.to_string(), format!("its page is now {to}"));
    }

    /// Writes a page, unless its file is right already or a person's.
    fn store(&mut self, draft: &Draft, lastmod: Option<&str>) -> Result<()> {
        let key = draft.url.to_string();
        if let Some(other) = self.bodies.get(&draft.body).filter(|other| **other != key) {
            let text = format!("it has the same text as {other}");
            self.report.add(Kind::LeftOut, &key, text);
            return Ok(());
        }
        self.bodies.insert(draft.body.clone(), key.clone());
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let (text, record) = record::write(draft, &now, lastmod);
        let Some(known) = self.shelf.known.get(&key).cloned() else {
            return self.add(draft, &text);
        };
        let is_same = known.record.hash == record.hash;
        match (known.is_edited, is_same) {
            (true, true) => self.keep(&known, "you edited it"),
            (true, false) => self.keep(
                &known,
                "you edited it, and the page has changed as well: delete the file to get the page",
            ),
            (false, true) => {
                self.report.unchanged += 1;
                // The date is noted, so that the page is not asked for again.
                let knows_date = lastmod.is_none() || known.record.lastmod.as_deref() == lastmod;
                if !knows_date || known.record.etag != record.etag && !self.follows_links {
                    self.shelf.write(&known.path, &text)?;
                }
            }
            (false, false) => {
                self.shelf.write(&known.path, &text)?;
                let place = self.shelf.shown(&known.path);
                self.report.add(Kind::Changed, place, &key);
            }
        }
        Ok(())
    }

    fn add(&mut self, draft: &Draft, text: &str) -> Result<()> {
        match self.shelf.place(&draft.url) {
            Ok(path) => {
                self.shelf.write(&path, text)?;
                let place = self.shelf.shown(&path);
                self.report.add(Kind::New, place, draft.url.as_str());
            }
            Err(path) => {
                let place = self.shelf.shown(&path);
                let text = format!("it is your own file, in the place of {}", draft.url);
                self.report.add(Kind::Kept, place, text);
            }
        }
        Ok(())
    }

    fn notes(&mut self) {
        if let (count, Some(url)) = &self.queue.dropped {
            let text = format!("addresses with a query whose page is there without it: {count}");
            self.report.add(Kind::LeftOut, url, text);
        }
    }

    /// Looks for files whose pages are gone, and removes them if that is asked for.
    fn clear_out(&mut self, is_seen_in_full: bool) -> Result<()> {
        let known: Vec<Known> = self.shelf.known.values().cloned().collect();
        for known in known {
            let url = &known.record.url;
            let why = match self.gone.get(url) {
                _ if self.alive.contains(url) => continue,
                Some(why) => why.clone(),
                None if is_seen_in_full => "its page is no longer in the sitemap".to_owned(),
                None => continue,
            };
            let place = self.shelf.shown(&known.path);
            let kind = match (known.is_edited, self.reach.prunes) {
                (true, _) => Kind::Kept,
                (false, true) => Kind::Removed,
                (false, false) => Kind::Gone,
            };
            if kind == Kind::Removed {
                self.shelf.remove(&known.path)?;
            }
            let why = match kind {
                Kind::Kept => format!("you edited it, but {why}"),
                _ => why,
            };
            self.report.add(kind, place, why);
        }
        Ok(())
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
