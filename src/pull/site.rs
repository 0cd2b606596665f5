//! A website before its pages: what it allows, and what it lists.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, bail};
use robotxt::Robots;
use url::Url;

use super::fetch::{Ask, Document, Fetched, Fetcher};
use super::report::{Kind, Report};
use super::scope::{Scope, plain};
use super::sitemap::{self, LARGEST, Sitemap};
use crate::hint::Hinted;

/// More of a `robots.txt` is not read.
const LARGEST_ROBOTS: u64 = 512 * 1024;
/// A longer pause between two requests is taken for this one.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// A sitemap in a sitemap in a sitemap.
const DEEPEST: usize = 3;
/// The most sitemaps of a site, and the most pages in them.
const MOST_SITEMAPS: usize = 500;
const MOST_PAGES: usize = 100_000;

/// A website that has been reached.
pub(super) struct Site {
    pub(super) scope: Scope,
    pub(super) robots: Robots,
    pub(super) fetcher: Fetcher,
}

/// The pages that a site lists.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Each with its `lastmod`. Without any, links are followed.
    pub(super) pages: Vec<(Url, Option<String>)>,
    /// Whether every sitemap could be read, so that a page that is missing is gone.
    pub(super) is_complete: bool,
}

impl Site {
    /// Reads `robots.txt`.
    ///
    /// # Errors
    ///
    /// A site that does not answer, and one that forbids everything that is asked for.
    pub(super) fn reach(scope: Scope, delay: Duration) -> Result<Site> {
        let mut fetcher = Fetcher::new(delay);
        let url = scope.at("/robots.txt");
        let fetched = fetcher.get(
            &url,
            &ask(LARGEST_ROBOTS, &|target| at_origin(&scope, target)),
        );
        let robots = match fetched {
            Fetched::Document(document) => Robots::parse(&document.bytes, env!("CARGO_PKG_NAME")),
            Fetched::Failed(reason) => bail!(Hinted::new(
                format!("failed to read {url}: {reason}"),
                "without `robots.txt`, it is not known what the site allows; try again later"
            )),
            Fetched::Elsewhere(reason) => bail!(Hinted::new(
                format!("{url} is elsewhere: {reason}"),
                "pull the address that the site redirects to"
            )),
            _ => Robots::allow_all(),
        };
        let asked = robots.crawl_delay().unwrap_or_default();
        fetcher.delay = asked.min(LONGEST_DELAY).max(delay);
        Ok(Site {
            scope,
            robots,
            fetcher,
        })
    }

    /// Finds the pages that the site lists: in the sitemap that was asked for, in those that `robots.txt` names, or in
    /// `/sitemap.xml`.
    ///
    /// # Errors
    ///
    /// A sitemap that was asked for and cannot be read.
    pub(super) fn list(&mut self, report: &mut Report) -> Result<List> {
        let asked = self.scope.address.clone();
        let mut listing = Listing::new(report);
        report_source(self.scope.is_sitemap, listing.report);
        if self.scope.is_sitemap {
            if let Err(reason) = listing.read(self, &asked, 1) {
                bail!(Hinted::new(
                    format!("the sitemap {asked} {reason}"),
                    "pass the address of the website instead, and its links are followed"
                ));
            }
            if listing.list.pages.is_empty() {
                bail!(Hinted::new(
                    format!("the sitemap {asked} lists no page below it"),
                    "pass a sitemap that is not below the pages, or the address of the website"
                ));
            }
            return Ok(listing.list);
        }
        let named = self.robots.sitemaps().to_vec();
        let is_guess = named.is_empty();
        let all = if is_guess {
            vec![self.scope.at("/sitemap.xml")]
        } else {
            named
        };
        for url in all {
            match listing.read(self, &url, 1) {
                // Many sites have none.
                Err(reason) if is_guess && reason == MISSING => listing.list.is_complete = false,
                Err(reason) => listing.trouble(&url, &reason),
                Ok(()) => {}
            }
        }
        let list = listing.list;
        report_source(!list.pages.is_empty(), report);
        Ok(list)
    }

    /// Asks for something that is no page.
    fn get(&mut self, url: &Url) -> Result<Document, String> {
        let scope = self.scope.clone();
        if !scope.is_same_origin(url) {
            return Err(format!(
                "is not at {}, and nothing else is asked",
                scope.origin()
            ));
        }
        match self
            .fetcher
            .get(url, &ask(LARGEST, &|target| at_origin(&scope, target)))
        {
            Fetched::Document(document) => Ok(*document),
            Fetched::Gone => Err(MISSING.to_owned()),
            Fetched::Unchanged => Err("was not sent".to_owned()),
            Fetched::LeftOut(reason) | Fetched::Elsewhere(reason) | Fetched::Failed(reason) => {
                Err(format!("cannot be read: {reason}"))
            }
        }
    }
}

const MISSING: &str = "does not exist";

fn report_source(is_sitemap: bool, report: &mut Report) {
    report.source = if is_sitemap {
        "its sitemap"
    } else {
        "its links"
    };
}

fn ask<'a>(limit: u64, may: &'a dyn Fn(&Url) -> Result<(), String>) -> Ask<'a> {
    Ask {
        limit,
        is_page: false,
        etag: None,
        may,
    }
}

fn at_origin(scope: &Scope, target: &Url) -> Result<(), String> {
    match scope.is_same_origin(target) {
        true => Ok(()),
        false => Err(format!("which is not at {}", scope.origin())),
    }
}

/// Reads sitemaps, and sitemaps of sitemaps.
struct Listing<'a> {
    list: List,
    seen: HashSet<Url>,
    report: &'a mut Report,
}

impl<'a> Listing<'a> {
    fn new(report: &'a mut Report) -> Listing<'a> {
        Listing {
            list: List {
                pages: Vec::new(),
                is_complete: true,
            },
            seen: HashSet::new(),
            report,
        }
    }

    /// # Errors
    ///
    /// Why this sitemap cannot be read. What is wrong with those in it is only noted.
    fn read(&mut self, site: &mut Site, url: &Url, depth: usize) -> Result<(), String> {
        if !self.seen.insert(url.clone()) {
            return Ok(());
        }
        if depth > DEEPEST || self.seen.len() > MOST_SITEMAPS {
            return Err(format!(
                "is left out: sitemaps are nested deeper than {DEEPEST}, or more than {MOST_SITEMAPS}"
            ));
        }
        let document = site.get(url)?;
        let Sitemap { pages, sitemaps } = sitemap::parse(&document.bytes)?;
        for (loc, lastmod) in pages {
            let page = url.join(&loc).map(plain);
            let page = page.ok().filter(|page| site.scope.contains(page));
            if let Some(page) = page.filter(|_| self.list.pages.len() < MOST_PAGES) {
                self.list.pages.push((page, lastmod));
            }
        }
        for loc in sitemaps {
            let read = match url.join(&loc) {
                Ok(below) => self.read(site, &below, depth + 1),
                Err(_) => Err("is no address".to_owned()),
            };
            if let Err(reason) = read {
                self.trouble(&loc, &reason);
            }
        }
        Ok(())
    }

    fn trouble(&mut self, place: &impl ToString, reason: &str) {
        self.list.is_complete = false;
        let text = format!("the sitemap {reason}");
        self.report.add(Kind::Note, place.to_string(), text);
    }
}
