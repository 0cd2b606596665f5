//! The files that a build produces, and how they reach the disk.
//!
//! Rendering hands over one file after the other, and none is kept in memory: what differs from the last build is
//! written to a hidden folder next to it, and moved into place once everything has been rendered. So a site with an
//! error changes nothing, however late it is found.
//!
//! Three things hold at any moment, even in a crash: every file is complete, no page refers to a missing asset, and
//! nothing that somebody else put there is removed. So assets are put in place before the pages that refer to them;
//! obsolete files are removed last, pages before assets; and a list in the folder says which files are ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::fs::{self, Staging};
use crate::hint::Hinted;
use crate::yaml::holds_key;

/// The list of written files, in the folder itself. It holds nothing that is not published next to it.
const LIST: &str = ".chatkit-embed";

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
fn refuse_secrets(path: &str, bytes: &[u8]) -> Result<()> {
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

/// Returns whether browsers keep the file forever, because its name changes with its content.
fn is_asset(path: &str) -> bool {
    path.starts_with("assets/")
}

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

/// The names of the widgets whose loaders the last build wrote to this folder; none if there was no build.
///
/// # Errors
///
/// A list that cannot be read.
pub(crate) fn loaders_in(folder: &Path) -> Result<Vec<String>> {
    let paths = listed(folder)?;
    let names = paths.iter().filter_map(|path| loader_of(path));
    Ok(names.map(str::to_owned).collect())
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
    /// Files of the previous build.
    earlier: BTreeSet<String>,
    /// Files of this build, each with its place in the staging folder if it is new or changed.
    files: BTreeMap<String, Option<PathBuf>>,
    staging: Staging,
}

impl Destination {
    /// Creates the folder if it is missing, and makes sure that it is writable. Changes no file.
    ///
    /// # Errors
    ///
    /// A folder that is not writable.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            staging: Staging::open(folder)?,
            earlier: listed(folder)?,
            files: BTreeMap::new(),
        })
    }

    /// Adds a file, unless it is there already. Nothing changes in the folder before [`Destination::write`].
    ///
    /// # Errors
    ///
    /// A file that contains what looks like an API key, and a full disk.
    pub(crate) fn add(&mut self, path: String, bytes: &[u8]) -> Result<()> {
        if self.files.contains_key(&path) {
            return Ok(());
        }
        refuse_secrets(&path, bytes)?;
        let staged = match fs::holds(&self.folder.join(&path), bytes)? {
            true => None,
            false => Some(self.staging.write(bytes)?),
        };
        self.files.insert(path, staged);
        Ok(())
    }

    /// Puts changed files in place and removes obsolete ones.
    ///
    /// # Errors
    ///
    /// The first file that cannot be written or removed.
    pub(crate) fn write(mut self) -> Result<Report> {
        let mut report = Report::default();
        // The disk had room for everything. The list comes before the first file, so that after a crash the next
        // build still knows which files are ours.
        let both = self.earlier.iter().chain(self.files.keys());
        let both = both.map(String::as_str).collect();
        write_list(&mut self.staging, &self.folder, &both)?;
        let (assets, pages): (Vec<_>, Vec<_>) =
            self.files.iter().partition(|(path, _)| is_asset(path));
        for (path, staged) in assets.into_iter().chain(pages) {
            match staged {
                Some(staged) => {
                    fs::put_in_place(staged, &self.folder.join(path))?;
                    report.written += 1;
                }
                None => report.unchanged += 1,
            }
        }
        report.removed = self.remove_what_is_gone()?;
        let ours = self.files.keys().map(String::as_str).collect();
        write_list(&mut self.staging, &self.folder, &ours)?;
        Ok(report)
    }

    fn remove_what_is_gone(&self) -> Result<Vec<String>> {
        let gone = self
            .earlier
            .iter()
            .filter(|path| !self.files.contains_key(*path));
        // A page is removed before the assets that it refers to.
        let (assets, pages): (Vec<_>, Vec<_>) = gone.partition(|path| is_asset(path));
        let mut removed = Vec::new();
        for gone in pages.into_iter().chain(assets) {
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

fn write_list(staging: &mut Staging, folder: &Path, paths: &BTreeSet<&str>) -> Result<()> {
    let mut text = paths.iter().copied().collect::<Vec<_>>().join("\n");
    text.push('\n');
    write_staged(staging, &folder.join(LIST), text.as_bytes())
}

fn write_staged(staging: &mut Staging, path: &Path, bytes: &[u8]) -> Result<()> {
    if !fs::holds(path, bytes)? {
        fs::put_in_place(&staging.write(bytes)?, path)?;
    }
    Ok(())
}

fn listed(folder: &Path) -> Result<BTreeSet<String>> {
    let path = folder.join(LIST);
    let Some(bytes) = fs::read_if_exists(&path)? else {
        return Ok(BTreeSet::new());
    };
    let text =
        String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8", path.display()))?;
    // Somebody may have edited the list: nothing outside the folder is ever removed.
    let is_below = |line: &&str| {
        let mut parts = Path::new(line).components();
        !line.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    Ok(text.lines().filter(is_below).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Files<'a> = &'a [(&'a str, &'a str)];

    fn write(folder: &Path, files: Files<'_>) -> Result<(usize, usize, usize)> {
        let mut destination = Destination::open(folder)?;
        for (path, text) in files {
            destination.add((*path).to_owned(), text.as_bytes())?;
        }
        let report = destination.write()?;
        Ok((report.written, report.unchanged, report.removed.len()))
    }

    #[test]
    fn only_what_changed_is_written_and_only_what_was_ours_is_removed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        assert_eq!(
            write(root, &[("w/a.js", "1"), ("w/b/index.html", "1")])?,
            (2, 0, 0)
        );
        std::fs::write(root.join("w/mine.txt"), "mine")?;
        assert_eq!(write(root, &[("w/a.js", "1")])?, (0, 1, 1));
        assert!(!root.join("w/b").exists());
        assert!(root.join("w/mine.txt").exists());
        Ok(())
    }

    #[test]
    fn an_unchanged_file_keeps_its_time() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a");
        write(folder.path(), &[("a", "1")])?;
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(long_ago)?;
        write(folder.path(), &[("a", "1")])?;
        assert_eq!(std::fs::metadata(&path)?.modified()?, long_ago);
        Ok(())
    }

    #[test]
    fn a_list_that_points_outside_removes_nothing() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("dist");
        let outside = folder.path().join("outside");
        std::fs::create_dir(&root)?;
        std::fs::write(&outside, "")?;
        std::fs::write(
            root.join(LIST),
            format!("../outside\n{}\n", outside.display()),
        )?;
        assert_eq!(write(&root, &[])?, (0, 0, 0));
        assert!(outside.exists());
        Ok(())
    }

    #[test]
    fn after_a_crash_the_next_build_still_knows_what_is_ours() -> Result<()> {
        let folder = tempfile::tempdir()?;
        // A crash after the list and one file were written.
        let paths = BTreeSet::from(["a", "b"]);
        write_list(&mut Staging::open(folder.path())?, folder.path(), &paths)?;
        std::fs::write(folder.path().join("b"), "1")?;
        assert_eq!(write(folder.path(), &[("a", "1")])?, (1, 0, 1));
        assert!(!folder.path().join("b").exists());
        Ok(())
    }

    #[test]
    fn a_build_that_ends_early_changes_nothing() -> Result<()> {
        let folder = tempfile::tempdir()?;
        write(folder.path(), &[("a", "1"), ("b", "1")])?;
        let mut destination = Destination::open(folder.path())?;
        destination.add("a".to_owned(), b"2")?;
        let key = destination.add("c".to_owned(), b"sk-proj-0123456789abcdef");
        assert!(key.is_err());
        drop(destination);
        assert_eq!(write(folder.path(), &[("a", "1"), ("b", "1")])?, (0, 2, 0));
        Ok(())
    }

    /// A file that cannot be removed shows the order: everything after it is still there.
    #[test]
    fn a_page_is_removed_before_the_assets_that_it_refers_to() -> Result<()> {
        let folder = tempfile::tempdir()?;
        write(
            folder.path(),
            &[("assets/a.1.css", "1"), ("w/a/index.html", "a.1.css")],
        )?;
        std::fs::remove_file(folder.path().join("w/a/index.html"))?;
        std::fs::create_dir(folder.path().join("w/a/index.html"))?;
        assert!(write(folder.path(), &[("assets/a.2.css", "2")]).is_err());
        assert!(folder.path().join("assets/a.1.css").exists());
        Ok(())
    }
}
