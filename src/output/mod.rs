//! The files that a build produces, and how they reach the disk.
//!
//! Rendering hands over one file after the other, and none is kept in memory: what differs from the last build is
//! written to a hidden folder next to it, and moved into place once everything has been rendered. So a site with an
//! error changes nothing, however late it is found.
//!
//! Three things hold at any moment, even in a crash: every file is complete, no page refers to a missing asset, and
//! nothing that somebody else put there is removed. So assets are put in place before the pages that refer to them;
//! obsolete files are removed last, pages before assets; and a list next to the folder says which files are ours.

mod record;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use rayon::prelude::*;

use crate::fs::{self, Staging, Stamp};
use crate::hint::Hinted;
use crate::yaml::holds_key;

pub(crate) use record::hash;
use record::{Files, Record, Written};

/// A folder of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The files to deploy.
    Dist,
    /// The files for people to copy.
    Snippets,
}

/// Receives the files of a build, in any order.
pub(crate) trait Sink {
    /// Takes a file. `path` is below the folder, with `/`. The same asset may come several times.
    ///
    /// # Errors
    ///
    /// A file that must not be published, or that cannot be kept.
    fn take(&mut self, part: Part, path: String, bytes: Vec<u8>) -> Result<()>;

    /// Called after the last file of each widget.
    fn end_of_widget(&mut self) {}
}

/// Checks files and keeps none.
pub(crate) struct Discard;

impl Sink for Discard {
    fn take(&mut self, _: Part, path: String, bytes: Vec<u8>) -> Result<()> {
        refuse_secrets(&path, &bytes)
    }
}

/// The last guard: no key is published, whether it came through a variable, a theme or a setting. The message never
/// shows it.
pub(crate) fn refuse_secrets(path: &str, bytes: &[u8]) -> Result<()> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        ensure!(
            !holds_key(text),
            Hinted::new(
                format!("`{path}` would contain what looks like an OpenAI API key"),
                "find it in the variables, the site's files or the theme, remove it, and create a new key"
            )
        );
    }
    Ok(())
}

/// The folder of files that browsers keep forever, because their names change with their content.
const ASSETS: &str = "assets";

/// The result of a write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Files that are new or changed.
    pub(crate) written: usize,
    /// Files that held the same bytes already and were not touched.
    pub(crate) unchanged: usize,
    /// Paths of files of an earlier build that are not part of this one.
    pub(crate) removed: Vec<String>,
}

impl Report {
    /// That of a build after which nothing had changed.
    pub(crate) fn unchanged(files: usize) -> Self {
        Self {
            unchanged: files,
            ..Self::default()
        }
    }
}

/// The names of the widgets whose loaders the last build wrote to this folder; none if there was no build.
///
/// # Errors
///
/// A list that cannot be read.
pub(crate) fn loaders_in(folder: &Path) -> Result<Vec<String>> {
    let names = listed(folder)?;
    let names = names.iter().filter_map(|path| loader_of(path));
    Ok(names.map(str::to_owned).collect())
}

/// The paths of the files that the last build wrote to this folder; none if there was no build.
///
/// # Errors
///
/// A list that cannot be read.
pub(crate) fn listed(folder: &Path) -> Result<BTreeSet<String>> {
    Ok(Record::of(folder)?.read()?.into_keys().collect())
}

/// How many files are in a folder, if it holds what the last build wrote to it.
///
/// # Errors
///
/// A list that cannot be read.
pub(crate) fn files_as_written(folder: &Path) -> Result<Option<usize>> {
    let files = Record::of(folder)?.read()?;
    let is_same = |(path, written): (&String, &Option<Written>)| {
        let stamp = fs::stamp_of_file(&folder.join(path));
        stamp.is_some() && stamp == written.map(|written| written.stamp)
    };
    Ok(files.par_iter().all(is_same).then_some(files.len()))
}

/// Where to remember something about the builds to a folder.
///
/// # Errors
///
/// A folder that has no place.
pub(crate) fn beside_list_of(folder: &Path, ending: &str) -> Result<PathBuf> {
    Ok(Record::of(folder)?.beside(ending))
}

/// The widget whose file is at this path of `dist`.
pub(crate) fn widget_of(path: &str) -> Option<&str> {
    let in_folder = || Some(path.strip_prefix("w/")?.split_once('/')?.0);
    loader_of(path).or_else(in_folder)
}

/// The asset at this path of `dist`.
pub(crate) fn asset_of(path: &str) -> Option<&str> {
    path.strip_prefix("assets/")
}

/// The widget whose loader is at this path of `dist`.
pub(crate) fn loader_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("w/")?.strip_suffix(".js")?;
    // The scripts of its page are in their own folder.
    (!name.contains('/')).then_some(name)
}

/// A folder that is known to be writable, and that no other build is writing to.
pub(crate) struct Destination {
    folder: PathBuf,
    record: Record,
    /// Files of the previous build.
    earlier: Files,
    /// Files of this build.
    files: BTreeMap<String, File>,
    /// Folders that are none of somebody else's.
    plain: HashSet<PathBuf>,
    staging: Staging,
}

/// A file of this build.
struct File {
    written: Written,
    state: State,
}

/// Where a file of this build is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the folder, and known from the last build.
    Kept,
    /// In the folder.
    Same,
    /// Staged: it differs from the one in the folder.
    New,
}

impl Destination {
    /// Creates the folder if it is missing, and makes sure that it is writable. Changes no file.
    ///
    /// # Errors
    ///
    /// A folder that is not writable.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let staging = Staging::open(folder)?;
        let record = Record::of(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            earlier: record.read()?,
            record,
            files: BTreeMap::new(),
            plain: HashSet::new(),
            staging,
        })
    }

    /// Takes the files of the last build that are still part of this one as they are. Nobody has touched them since.
    pub(crate) fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        let state = State::Kept;
        for (path, written) in std::mem::take(&mut self.earlier) {
            match written.filter(|_| is_kept(&path)) {
                Some(written) => _ = self.files.insert(path, File { written, state }),
                None => _ = self.earlier.insert(path, written),
            }
        }
    }

    /// Adds a file, unless it is there already. Nothing changes in the folder before [`Destination::write`].
    ///
    /// # Errors
    ///
    /// A file that contains what looks like an API key, one behind a link, and a full disk.
    pub(crate) fn add(&mut self, path: String, bytes: &[u8]) -> Result<()> {
        if self.files.contains_key(&path) {
            return Ok(());
        }
        refuse_secrets(&path, bytes)?;
        let hash = hash(bytes);
        let (stamp, state) = match self.unchanged(&path, bytes, hash)? {
            Some(stamp) => (stamp, State::Same),
            None => (self.staging.write_below(&path, bytes)?, State::New),
        };
        let written = Written { stamp, hash };
        self.files.insert(path, File { written, state });
        Ok(())
    }

    /// The state of the file at `path` if it holds these bytes.
    fn unchanged(&mut self, path: &str, bytes: &[u8], hash: u64) -> Result<Option<Stamp>> {
        self.refuse_links(path)?;
        let whole = self.folder.join(path);
        let Some(stamp) = fs::stamp_of_file(&whole) else {
            return Ok(None);
        };
        let known = self.earlier.get(path).copied().flatten();
        let is_same = known == Some(Written { stamp, hash }) || fs::holds(&whole, bytes)?;
        Ok(is_same.then_some(stamp))
    }

    /// A link in place of a folder leads to files that are not ours.
    fn refuse_links(&mut self, path: &str) -> Result<()> {
        for folder in folders_of(path) {
            if self.plain.contains(folder) {
                return Ok(());
            }
            let whole = self.folder.join(folder);
            if fs::is_link(&whole) {
                bail!(Hinted::new(
                    format!("`{}` is a link", whole.display()),
                    "a build writes to folders of its own only; remove the link, or link the whole output folder"
                ));
            }
        }
        self.plain.extend(folders_of(path).map(Path::to_owned));
        Ok(())
    }

    /// Puts changed files in place and removes obsolete ones. No other build can write to the folder before this is
    /// dropped.
    ///
    /// # Errors
    ///
    /// The first file that cannot be written or removed.
    pub(crate) fn write(&self) -> Result<Report> {
        // The disk had room for everything. The list comes before the first file, so that after a crash the next
        // build still knows which files are ours.
        let is_unlisted = |path: &String, file: &File| {
            file.state != State::Kept && !self.earlier.contains_key(path)
        };
        if self
            .files
            .iter()
            .any(|(path, file)| is_unlisted(path, file))
        {
            let ours = self.files.keys();
            let both = self.earlier.keys().chain(ours).map(|path| (path, None));
            self.record.write(both)?;
        }
        self.staging.put_tree_in_place(ASSETS, &self.folder)?;
        self.staging.put_tree_in_place("", &self.folder)?;
        let written = self.files.values();
        let written = written.filter(|file| file.state == State::New).count();
        let report = Report {
            written,
            unchanged: self.files.len() - written,
            removed: self.remove_what_is_gone()?,
        };
        let ours = self.files.iter();
        let ours = ours.map(|(path, file)| (path, Some(file.written)));
        self.record.write(ours)?;
        Ok(report)
    }

    fn remove_what_is_gone(&self) -> Result<Vec<String>> {
        let gone = self
            .earlier
            .keys()
            .filter(|path| !self.files.contains_key(*path));
        // A page is removed before the assets that it refers to.
        let (assets, pages): (Vec<_>, Vec<_>) = gone.partition(|path| asset_of(path).is_some());
        let mut removed = Vec::new();
        for gone in pages.into_iter().chain(assets) {
            // What is behind a link is not ours.
            if folders_of(gone).any(|folder| fs::is_link(&self.folder.join(folder))) {
                continue;
            }
            let path = self.folder.join(gone);
            if fs::remove_if_exists(&path)? {
                removed.push(gone.clone());
            }
            if let Some(parent) = path.parent() {
                fs::remove_empty_folders(&self.folder, parent);
            }
        }
        Ok(removed)
    }
}

/// The folders that a file is in, the innermost first, without the root.
fn folders_of(path: &str) -> impl Iterator<Item = &Path> {
    let folders = Path::new(path).ancestors().skip(1);
    folders.filter(|folder| *folder != Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder, and the one around it, which is removed at the end.
    fn output() -> Result<(tempfile::TempDir, PathBuf)> {
        let parent = tempfile::tempdir()?;
        let folder = parent.path().join("dist");
        Ok((parent, folder))
    }

    fn write(folder: &Path, files: &[(&str, &str)]) -> Result<(usize, usize, usize)> {
        let mut destination = Destination::open(folder)?;
        for (path, text) in files {
            destination.add((*path).to_owned(), text.as_bytes())?;
        }
        let report = destination.write()?;
        Ok((report.written, report.unchanged, report.removed.len()))
    }

    #[test]
    fn only_what_changed_is_written_and_only_what_was_ours_is_removed() -> Result<()> {
        let (_parent, root) = output()?;
        assert_eq!(
            write(&root, &[("w/a.js", "1"), ("w/b/index.html", "1")])?,
            (2, 0, 0)
        );
        std::fs::write(root.join("w/mine.txt"), "mine")?;
        assert_eq!(write(&root, &[("w/a.js", "1")])?, (0, 1, 1));
        assert!(!root.join("w/b").exists());
        assert!(root.join("w/mine.txt").exists());
        Ok(())
    }

    #[test]
    fn an_unchanged_file_keeps_its_time() -> Result<()> {
        let (_parent, root) = output()?;
        let path = root.join("a");
        write(&root, &[("a", "1")])?;
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(long_ago)?;
        write(&root, &[("a", "1")])?;
        assert_eq!(std::fs::metadata(&path)?.modified()?, long_ago);
        Ok(())
    }

    #[test]
    fn a_list_that_points_outside_removes_nothing() -> Result<()> {
        let (parent, root) = output()?;
        let outside = parent.path().join("outside");
        std::fs::create_dir(&root)?;
        std::fs::write(&outside, "")?;
        let record = parent.path().join(".chatkit-embed");
        std::fs::create_dir(&record)?;
        let list = format!("../outside\n{}\n1 1 1 ../outside\n", outside.display());
        std::fs::write(record.join("dist"), list)?;
        assert_eq!(write(&root, &[])?, (0, 0, 0));
        assert!(outside.exists());
        Ok(())
    }

    #[test]
    fn after_a_crash_the_next_build_still_knows_what_is_ours() -> Result<()> {
        let (_parent, root) = output()?;
        std::fs::create_dir(&root)?;
        // A crash after the list and one file were written.
        let paths = ["a", "b"].map(str::to_owned);
        Record::of(&root)?.write(paths.iter().map(|path| (path, None)))?;
        std::fs::write(root.join("b"), "1")?;
        assert_eq!(write(&root, &[("a", "1")])?, (1, 0, 1));
        assert!(!root.join("b").exists());
        Ok(())
    }

    #[test]
    fn a_build_that_ends_early_changes_nothing() -> Result<()> {
        let (_parent, root) = output()?;
        write(&root, &[("a", "1"), ("b", "1")])?;
        let mut destination = Destination::open(&root)?;
        destination.add("a".to_owned(), b"2")?;
        let key = destination.add("c".to_owned(), b"sk-proj-0123456789abcdef");
        assert!(key.is_err());
        drop(destination);
        assert_eq!(write(&root, &[("a", "1"), ("b", "1")])?, (0, 2, 0));
        Ok(())
    }

    /// A file that cannot be removed shows the order: everything after it is still there.
    #[test]
    fn a_page_is_removed_before_the_assets_that_it_refers_to() -> Result<()> {
        let (_parent, root) = output()?;
        write(
            &root,
            &[("assets/a.1.css", "1"), ("w/a/index.html", "a.1.css")],
        )?;
        std::fs::remove_file(root.join("w/a/index.html"))?;
        std::fs::create_dir(root.join("w/a/index.html"))?;
        assert!(write(&root, &[("assets/a.2.css", "2")]).is_err());
        assert!(root.join("assets/a.1.css").exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_removed_behind_a_link() -> Result<()> {
        let (parent, root) = output()?;
        let outside = parent.path().join("outside");
        write(&root, &[("w/a/index.html", "1"), ("w/a.js", "1")])?;
        std::fs::rename(root.join("w/a"), &outside)?;
        std::os::unix::fs::symlink(&outside, root.join("w/a"))?;
        let err = write(&root, &[("w/a/index.html", "2")]).unwrap_err();
        assert!(err.to_string().ends_with("is a link"), "{err}");
        assert_eq!(write(&root, &[("w/a.js", "1")])?, (0, 1, 0));
        assert_eq!(std::fs::read(outside.join("index.html"))?, b"1");
        // A link in place of a file is replaced, and its target stays.
        std::fs::rename(root.join("w/a.js"), outside.join("a.js"))?;
        std::os::unix::fs::symlink(outside.join("a.js"), root.join("w/a.js"))?;
        assert_eq!(write(&root, &[("w/a.js", "1")])?, (1, 0, 0));
        assert!(!fs::is_link(&root.join("w/a.js")) && outside.join("a.js").exists());
        Ok(())
    }

    #[test]
    fn a_file_that_somebody_changed_without_a_trace_in_its_length_is_written_again() -> Result<()> {
        let (_parent, root) = output()?;
        write(&root, &[("a", "1")])?;
        std::fs::write(root.join("a"), "2")?;
        assert_eq!(write(&root, &[("a", "1")])?, (1, 0, 0));
        assert_eq!(std::fs::read(root.join("a"))?, b"1");
        Ok(())
    }
}
