//! Files and parts of files that widgets share. Each is reported once.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::cost::Size;
use super::read::without_hashes;
use crate::fs;

/// A shared file, or all of one name, that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shared {
    /// Without hash: `assets/page.css`. The parts of loaders have the names of the theme's files.
    pub(crate) file: String,
    /// The number of files of this name that disappear.
    pub(crate) gone: usize,
    /// The number that is new.
    pub(crate) new: usize,
    /// The number of widgets whose loaders hold the part; `None` for a file of its own.
    pub(crate) widgets: Option<usize>,
    /// Of those that disappear.
    pub(crate) before: Size,
    /// Of those that are new.
    pub(crate) after: Size,
}

impl Shared {
    fn new(file: String) -> Self {
        Self {
            file,
            gone: 0,
            new: 0,
            widgets: None,
            before: Size::default(),
            after: Size::default(),
        }
    }
}

/// Shared files as they come.
#[derive(Default)]
pub(super) struct SharedFiles {
    /// By name.
    changes: BTreeMap<String, Shared>,
    /// Parts of loaders, by the hashes of both versions: thousands of loaders have the same.
    parts: BTreeMap<(String, u64, u64), Shared>,
    /// Sizes of assets by name, of those that are new or were asked for.
    sizes: BTreeMap<String, Size>,
    taken: BTreeSet<String>,
}

impl SharedFiles {
    /// Compares a file of the next build with that of the last.
    pub(super) fn take(&mut self, folder: &Path, path: &str, bytes: &[u8]) -> Result<()> {
        let before = fs::read_if_exists(&folder.join(path))?;
        let is_same = before.as_ref().is_some_and(|before| {
            let [before, after] = [before, bytes].map(String::from_utf8_lossy);
            // A page that refers to a changed style does not change itself.
            before == after || without_hashes(&before) == without_hashes(&after)
        });
        if is_same || !self.taken.insert(path.to_owned()) {
            return Ok(());
        }
        let size = Size::of(bytes);
        if let Some(name) = path.strip_prefix("assets/") {
            self.sizes.insert(name.to_owned(), size);
        }
        let change = self.change(path);
        change.new += 1;
        change.after = change.after + size;
        if let Some(before) = before {
            change.gone += 1;
            change.before = change.before + Size::of(&before);
        }
        Ok(())
    }

    /// Adds a file that is not part of the next build.
    pub(super) fn lose(&mut self, folder: &Path, path: &str) -> Result<()> {
        if let Some(bytes) = fs::read_if_exists(&folder.join(path))? {
            let change = self.change(path);
            change.gone += 1;
            change.before = change.before + Size::of(&bytes);
        }
        Ok(())
    }

    /// Compares a part of a widget's loader that comes from the theme.
    pub(super) fn part(&mut self, file: &str, before: &str, after: &str) {
        if before == after {
            return;
        }
        let key = (file.to_owned(), hash(before), hash(after));
        let part = self.parts.entry(key).or_insert_with(|| Shared {
            gone: 1,
            new: 1,
            before: Size::of(before.as_bytes()),
            after: Size::of(after.as_bytes()),
            ..Shared::new(file.to_owned())
        });
        *part.widgets.get_or_insert(0) += 1;
    }

    /// The size of an asset. Those that both builds have are on the disk.
    pub(super) fn size_of(&mut self, folder: &Path, name: &str) -> Result<Size> {
        if let Some(size) = self.sizes.get(name) {
            return Ok(*size);
        }
        let bytes = fs::read_if_exists(&folder.join("assets").join(name))?;
        let size = bytes.map_or(Size::default(), |bytes| Size::of(&bytes));
        self.sizes.insert(name.to_owned(), size);
        Ok(size)
    }

    fn change(&mut self, path: &str) -> &mut Shared {
        let name = without_hashes(path);
        let change = self.changes.entry(name.clone());
        change.or_insert_with(|| Shared::new(name))
    }

    pub(super) fn into_changes(self) -> Vec<Shared> {
        let parts = self.parts.into_values();
        self.changes.into_values().chain(parts).collect()
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
