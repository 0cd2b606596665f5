//! What a build would change for visitors: its files, as they are rendered, next to those of the last build.
//!
//! Neither build is kept in memory: each file is compared and dropped, and only what differs stays. A change of a shared
//! file changes its name, and so every page that refers to it; such pages count as unchanged, and the file is reported.

mod changes;
mod cost;
mod headers;
mod options;
mod read;
mod shared;
mod widget;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::fs;
use crate::output::{Part, Sink, listed, loader_of, refuse_secrets};

pub(crate) use changes::{Addresses, Changed, Changes};
pub(crate) use cost::{Costs, Size, Sizes};
use headers::Headers;
pub(crate) use headers::{Directive, Header};
pub(crate) use options::Setting;
use read::Kind;
pub(crate) use shared::Shared;
use shared::SharedFiles;
use widget::Found;

/// Compares the files of a build with those in a folder, and writes nothing.
pub(crate) struct Comparison<'a> {
    folder: &'a Path,
    is_first: bool,
    /// Files of the last build that have not been rendered so far.
    left: BTreeSet<String>,
    /// The names of the widgets that have been rendered.
    names: BTreeSet<String>,
    found: BTreeMap<String, Found>,
    shared: SharedFiles,
    headers: String,
}

impl<'a> Comparison<'a> {
    /// # Errors
    ///
    /// A list of files that cannot be read.
    pub(crate) fn new(folder: &'a Path) -> Result<Self> {
        let left = listed(folder)?;
        Ok(Self {
            folder,
            is_first: left.is_empty(),
            left,
            names: BTreeSet::new(),
            found: BTreeMap::new(),
            shared: SharedFiles::default(),
            headers: String::new(),
        })
    }

    fn compare(&mut self, path: String, bytes: Vec<u8>) -> Result<()> {
        refuse_secrets(&path, &bytes)?;
        self.left.remove(&path);
        if path == "_headers" {
            self.headers = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(());
        }
        let Some((name, kind)) = file_of_widget(&path) else {
            return self.shared.take(self.folder, &path, &bytes);
        };
        if kind == Kind::Loader {
            self.names.insert(name.to_owned());
        }
        let before = fs::read_if_exists(&self.folder.join(&path))?;
        if before.as_ref() == Some(&bytes) {
            return Ok(());
        }
        let found = self.found.entry(name.to_owned()).or_default();
        match before {
            Some(before) => {
                let texts = [&before, &bytes].map(|bytes| String::from_utf8_lossy(bytes));
                let texts = [&*texts[0], &*texts[1]];
                found.compare(kind, name, texts, &mut self.shared);
            }
            None => found.added.push(address_of(&path)),
        }
        Ok(())
    }

    /// Everything that differs, once all files have been rendered.
    ///
    /// # Errors
    ///
    /// A file of the last build that cannot be read.
    pub(crate) fn finish(mut self) -> Result<Changes> {
        let removed = self.find_what_is_gone()?;
        let headers = fs::read_if_exists(&self.folder.join("_headers"))?.unwrap_or_default();
        let headers = String::from_utf8_lossy(&headers).into_owned();
        let text = std::mem::take(&mut self.headers);
        let rules = [Headers::parse(&headers), Headers::parse(&text)];
        let mut changes = Changes {
            is_first: self.is_first,
            removed,
            headers: headers::shared_changes(&rules[0], &rules[1]),
            ..Changes::default()
        };
        for name in std::mem::take(&mut self.names) {
            let found = self.found.remove(&name).unwrap_or_default();
            let loader = format!("/w/{name}.js");
            if found.added.contains(&loader) {
                let addresses = found.added;
                changes.added.push(Addresses { name, addresses });
                continue;
            }
            let changed = found.finish(&name, &rules, self.folder, &mut self.shared)?;
            match changed {
                Some(changed) => changes.changed.push(changed),
                None => changes.unchanged += 1,
            }
        }
        changes.shared = self.shared.into_changes();
        Ok(changes)
    }

    /// Sorts the files that no build would write any more.
    fn find_what_is_gone(&mut self) -> Result<Vec<Addresses>> {
        let mut removed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in std::mem::take(&mut self.left) {
            let Some((name, _)) = file_of_widget(&path) else {
                self.shared.lose(self.folder, &path)?;
                continue;
            };
            if !fs::is_taken(&self.folder.join(&path)) {
                continue;
            }
            let addresses = match self.names.contains(name) {
                true => &mut self.found.entry(name.to_owned()).or_default().removed,
                false => removed.entry(name.to_owned()).or_default(),
            };
            addresses.push(address_of(&path));
        }
        let removed = removed.into_iter();
        Ok(removed
            .map(|(name, addresses)| Addresses { name, addresses })
            .collect())
    }
}

impl Sink for Comparison<'_> {
    fn take(&mut self, part: Part, path: String, bytes: Vec<u8>) -> Result<()> {
        match part {
            Part::Dist => self.compare(path, bytes),
            // People copy these; no visitor fetches them.
            Part::Snippets => refuse_secrets(&path, &bytes),
        }
    }
}

/// The widget that a file belongs to.
fn file_of_widget(path: &str) -> Option<(&str, Kind)> {
    if let Some(name) = loader_of(path) {
        return Some((name, Kind::Loader));
    }
    let (name, file) = path.strip_prefix("w/")?.split_once('/')?;
    let kind = match file {
        "index.html" => Kind::Page,
        "settings.js" => Kind::Settings,
        _ => Kind::Form,
    };
    Some((name, kind))
}

/// The path at which visitors find a file.
fn address_of(path: &str) -> String {
    format!("/{}", path.strip_suffix("index.html").unwrap_or(path))
}
