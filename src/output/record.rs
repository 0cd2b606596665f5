//! The list of the files of a build, next to the folder that they are in: `.chatkit-embed/dist`.
//!
//! It says which files are ours, so that no other is ever removed. It is not among them, because hosts publish whole
//! folders, and nobody needs the names of all widgets. With each file goes what it was like after it was written: if it still is,
//! it need not be read to know what it holds.
//!
//! ```text
//! 8802 1795841053731000000 9d3f0c6a51b2e874 w/docs.js
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Component, Path, PathBuf, absolute};

use anyhow::{Context as _, Result};

use crate::fs::{self, Stamp};

/// The folder of the lists.
const FOLDER: &str = ".chatkit-embed";

/// The list of earlier versions of this program, in the folder of the files.
const EARLIER_LIST: &str = ".chatkit-embed";

/// Keeps the lists out of everybody's repository.
const IGNORE: &str = ".gitignore";

/// A file as it was after a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) stamp: Stamp,
    pub(super) hash: u64,
}

/// The files of a build, by their paths below their folder, with `/`. Nothing is known of a file that was about to be
/// written.
pub(super) type Files = BTreeMap<String, Option<Written>>;

/// The list of one folder.
pub(super) struct Record {
    path: PathBuf,
    earlier: PathBuf,
}

impl Record {
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let whole = match folder.file_name() {
            Some(_) => absolute(folder),
            None => folder.canonicalize(),
        };
        let whole = whole.with_context(|| format!("`{}` is no folder", folder.display()))?;
        let parent = whole.parent().unwrap_or(&whole).join(FOLDER);
        Ok(Self {
            path: parent.join(whole.file_name().unwrap_or("root".as_ref())),
            earlier: folder.join(EARLIER_LIST),
        })
    }

    /// The files of the last build; none if there was no build.
    ///
    /// # Errors
    ///
    /// A list that cannot be read.
    pub(super) fn read(&self) -> Result<Files> {
        let bytes = match fs::read_if_exists(&self.path)? {
            Some(bytes) => bytes,
            None => fs::read_if_exists(&self.earlier)?.unwrap_or_default(),
        };
        let text = String::from_utf8(bytes)
            .with_context(|| format!("`{}` is not UTF-8", self.path.display()))?;
        let files = text.lines().map(parsed);
        // Somebody may have edited the list: nothing outside the folder is ever removed.
        Ok(files.filter(|(path, _)| is_below(path)).collect())
    }

    /// A file of the same name next to the list, with another ending.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// Replaces the list.
    ///
    /// # Errors
    ///
    /// A list that cannot be written.
    pub(super) fn write<'a>(
        &self,
        files: impl IntoIterator<Item = (&'a String, Option<Written>)>,
    ) -> Result<()> {
        let mut text = String::new();
        for (path, written) in files {
            match written {
                Some(Written { stamp, hash }) => {
                    let (changed, length) = stamp.into();
                    writeln!(text, "{length} {changed} {hash:016x} {path}")
                }
                None => writeln!(text, "{path}"),
            }
            .expect("a String takes every write");
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        if !fs::is_taken(&folder.join(IGNORE)) {
            fs::create_folder(folder)?;
            fs::replace_alone(&folder.join(IGNORE), b"*\n")?;
        }
        fs::replace_alone(&self.path, text.as_bytes())?;
        fs::remove_if_exists(&self.earlier).map(drop)
    }
}

/// A hash to remember something by, which other versions of this program may compute in another way.
pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A line of the list, or of one of an earlier version, which has paths alone.
fn parsed(line: &str) -> (String, Option<Written>) {
    let mut parts = line.splitn(4, ' ');
    let mut known = || {
        let length = parts.next()?.parse().ok()?;
        let changed = parts.next()?.parse().ok()?;
        let hash = u64::from_str_radix(parts.next()?, 16).ok()?;
        let stamp = Stamp::from((changed, length));
        Some((parts.next()?.to_owned(), Written { stamp, hash }))
    };
    match known() {
        Some((path, written)) => (path, Some(written)),
        None => (line.to_owned(), None),
    }
}

fn is_below(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() -> Result<()> {
        let parent = tempfile::tempdir()?;
        let record = Record::of(&parent.path().join("dist"))?;
        let stamp = Stamp::from((1_795_841_053_731_000_001, 7));
        let files = Files::from([
            ("w/a.js".to_owned(), Some(Written { stamp, hash: 12 })),
            ("w/with a space.js".to_owned(), None),
        ]);
        record.write(files.iter().map(|(path, written)| (path, *written)))?;
        assert_eq!(record.read()?, files);
        Ok(())
    }

    #[test]
    fn a_list_of_an_earlier_version_is_read_and_then_gone() -> Result<()> {
        let parent = tempfile::tempdir()?;
        let folder = parent.path().join("dist");
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join(EARLIER_LIST), "w/a.js\n")?;
        let record = Record::of(&folder)?;
        let files = Files::from([("w/a.js".to_owned(), None)]);
        assert_eq!(record.read()?, files);
        record.write(files.iter().map(|(path, written)| (path, *written)))?;
        assert!(!folder.join(EARLIER_LIST).exists());
        assert_eq!(record.read()?, files);
        Ok(())
    }
}
