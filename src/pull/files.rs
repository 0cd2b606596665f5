//! What becomes of each page in the folder, and of files whose pages are gone.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use anyhow::Result;
use url::Url;

use super::page::Draft;
use super::record;
use super::report::{Kind, Report};
use super::shelf::{Known, Shelf};

/// The files of a pull that is running, and what is said of them.
pub(super) struct Files {
    pub(super) shelf: Shelf,
    pub(super) report: Report,
    /// Whether files whose pages are gone are removed.
    prunes: bool,
    /// Addresses of pages that are still on the site.
    pub(super) alive: HashSet<String>,
    /// Addresses that are not, and why.
    pub(super) gone: HashMap<String, String>,
    /// Pages by their text.
    bodies: HashMap<String, String>,
}

impl Files {
    pub(super) fn new(shelf: Shelf, report: Report, prunes: bool) -> Files {
        Files {
            shelf,
            report,
            prunes,
            alive: HashSet::new(),
            gone: HashMap::new(),
            bodies: HashMap::new(),
        }
    }

    /// Counts a page whose file is right.
    pub(super) fn unchanged(&mut self, known: &Known) {
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

    /// Notes that an address leads to another page.
    pub(super) fn moved(&mut self, from: &Url, to: &Url) {
        self.alive.remove(from.as_str());
        self.gone
            .insert(from.to_string(), format!("its page is now {to}"));
    }

    /// Writes a page, unless its file is right already or a person's.
    ///
    /// # Errors
    ///
    /// A file that cannot be written or removed.
    pub(super) fn store(&mut self, draft: &Draft, lastmod: Option<&str>) -> Result<()> {
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
                // The date and the tag are noted, so that the page is not asked for again.
                let knows_date = lastmod.is_none() || known.record.lastmod.as_deref() == lastmod;
                if !knows_date || known.record.etag != record.etag {
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

    /// Looks for files whose pages are gone, and removes them if that is asked for.
    ///
    /// # Errors
    ///
    /// A file that cannot be written or removed.
    pub(super) fn clear_out(&mut self, is_seen_in_full: bool) -> Result<()> {
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
            let kind = match (known.is_edited, self.prunes) {
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
