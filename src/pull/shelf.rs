//! The folder that pages are pulled into: what is there already, and who wrote it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use url::Url;

use super::names::{numbered, path_of};
use super::record::{self, Record};
use super::scope::Scope;
use crate::fs::{self, Staging};

/// A file of an earlier pull.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Below the folder.
    pub(super) path: String,
    pub(super) record: Record,
    pub(super) body: String,
    /// Whether a person has changed it.
    pub(super) is_edited: bool,
}

/// The folder that pages are pulled into.
pub(super) struct Shelf {
    folder: PathBuf,
    /// The files of earlier pulls of the same pages, by the addresses of these.
    pub(super) known: BTreeMap<String, Known>,
    /// Paths that are taken by anything, in lower case, each with the address of its page.
    taken: HashMap<String, Option<String>>,
    /// Missing in a dry run.
    staging: Option<Staging>,
}

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    DryRun,
}

impl Shelf {
    /// Reads the files of the folder, which may be missing.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read or written, and one that another pull is writing to.
    pub(super) fn open(folder: &Path, scope: &Scope, mode: Mode) -> Result<Shelf> {
        let staging = match mode {
            Mode::Write => Some(Staging::open(folder)?),
            Mode::DryRun => None,
        };
        let mut shelf = Shelf {
            folder: folder.to_owned(),
            known: BTreeMap::new(),
            taken: HashMap::new(),
            staging,
        };
        for path in fs::files_below(folder)? {
            shelf.add(&path, scope)?;
        }
        Ok(shelf)
    }

    fn add(&mut self, path: &Path, scope: &Scope) -> Result<()> {
        let shown = slashed(path);
        let mut url = None;
        if shown.ends_with(".md") {
            let bytes = fs::read(&self.folder.join(path))?;
            let text = String::from_utf8_lossy(&bytes);
            if let Some((record, body)) = record::parse(&text) {
                let address = Url::parse(&record.url);
                url = Some(record.url.clone());
                let is_edited = record::hash_of(&text) != record.hash;
                let known = Known {
                    path: shown.clone(),
                    body: body.to_owned(),
                    is_edited,
                    record,
                };
                if address.is_ok_and(|address| scope.contains(&address)) {
                    self.known.entry(known.record.url.clone()).or_insert(known);
                }
            }
        }
        self.taken.insert(shown.to_lowercase(), url);
        Ok(())
    }

    /// The path for a page that is new here.
    ///
    /// # Errors
    ///
    /// The path of a file that no pull has written, and that would have to go.
    pub(super) fn place(&mut self, url: &Url) -> Result<String, String> {
        let wanted = path_of(url);
        let tries = (2..).map(|number| numbered(&wanted, number));
        for path in std::iter::once(wanted.clone()).chain(tries) {
            match self.taken.get(&path.to_lowercase()) {
                None => {
                    self.taken
                        .insert(path.to_lowercase(), Some(url.to_string()));
                    return Ok(path);
                }
                // The page of another address.
                Some(Some(_)) => {}
                Some(None) => return Err(path),
            }
        }
        unreachable!("there is always another number")
    }

    /// The path as people write it.
    pub(super) fn shown(&self, path: &str) -> String {
        self.folder.join(path).display().to_string()
    }

    /// Writes a whole file at once.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub(super) fn write(&mut self, path: &str, text: &str) -> Result<()> {
        let Some(staging) = &mut self.staging else {
            return Ok(());
        };
        let path = fs::behind_links(&self.folder.join(path));
        let staged = staging.write(text.as_bytes())?;
        fs::keep_permissions(&staged, &path)?;
        fs::put_in_place(&staged, &path)
    }

    /// Removes a file, and folders that are empty then.
    ///
    /// # Errors
    ///
    /// A file that cannot be removed.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        if self.staging.is_some() {
            let path = self.folder.join(path);
            fs::remove_if_exists(&path)?;
            fs::remove_empty_folders(&self.folder, path.parent().unwrap_or(&self.folder));
        }
        Ok(())
    }

    /// Files whose pages are not among these.
    pub(super) fn others(&self, urls: &HashSet<String>) -> Vec<String> {
        let others = self.known.keys().filter(|url| !urls.contains(*url));
        others.cloned().collect()
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_whose_paths_differ_only_in_case_get_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("own.md"), "# Mine").unwrap();
        let scope = Scope::parse("https://a.example").unwrap();
        let mut shelf = Shelf::open(folder.path(), &scope, Mode::DryRun).unwrap();
        let mut place = |path: &str| shelf.place(&scope.at(path));
        assert_eq!(place("/Returns").unwrap(), "Returns.md");
        assert_eq!(place("/returns").unwrap(), "returns-2.md");
        assert_eq!(place("/returns!").unwrap(), "returns-3.md");
        assert_eq!(place("/own").unwrap_err(), "own.md");
    }
}
