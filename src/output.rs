//! The files that a build produces, and how they reach the disk.
//!
//! Three things hold at any moment, even in a crash: every file is complete, no page refers to a missing asset, and
//! nothing that somebody else put there is removed. So assets are written before the pages that refer to them;
//! obsolete files are removed last, pages before assets; and a list in the folder says which files are ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::console::Progress;
use crate::fs::{self, Staging};
use crate::hint::Hinted;
use crate::yaml::holds_key;

/// The list of written files, in the folder itself. It holds nothing that is not published next to it.
const LIST: &str = ".chatkit-embed";

/// Everything that a build produces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// The files to deploy.
    pub(crate) dist: Tree,
    /// The files for people to copy.
    pub(crate) snippets: Tree,
    /// The settings that are compiled into the function.
    pub(crate) function: Vec<u8>,
}

impl Output {
    /// The last guard: no key is published, whether it came through a variable, a theme or a setting.
    ///
    /// # Errors
    ///
    /// A file that contains what looks like an API key. The message never shows it.
    pub(crate) fn refuse_secrets(&self) -> Result<()> {
        for (path, bytes) in self.dist.0.iter().chain(&self.snippets.0) {
            if let Ok(text) = std::str::from_utf8(bytes) {
                ensure!(
                    !holds_key(text),
                    Hinted::new(
                        format!("`{path}` would contain what looks like an OpenAI API key"),
                        "find it in the variables, the site's files or the theme, remove it, and create a new key"
                    )
                );
            }
        }
        Ok(())
    }

    /// Number of files in both trees.
    pub(crate) fn len(&self) -> usize {
        self.dist.0.len() + self.snippets.0.len()
    }
}

/// Files by their path below a folder, with `/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<String, Vec<u8>>);

impl Tree {
    /// Adds a file.
    pub(crate) fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }

    /// Returns whether browsers keep the file forever, because its name changes with its content.
    fn is_asset(path: &str) -> bool {
        path.starts_with("assets/")
    }
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

/// A folder that is known to be writable, and that no other build is writing to.
pub(crate) struct Destination<'a> {
    folder: PathBuf,
    tree: &'a Tree,
    /// Files of the previous build.
    earlier: BTreeSet<String>,
    staging: Staging,
}

impl<'a> Destination<'a> {
    /// Creates the folder if it is missing, and makes sure that it is writable. Changes no file.
    ///
    /// # Errors
    ///
    /// A folder that is not writable.
    pub(crate) fn open(folder: &Path, tree: &'a Tree) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            tree,
            staging: Staging::open(folder)?,
            earlier: listed(folder)?,
        })
    }

    /// Writes changed files and removes obsolete ones.
    ///
    /// # Errors
    ///
    /// The first file that cannot be written or removed.
    pub(crate) fn write(mut self, progress: &Progress) -> Result<Report> {
        let mut report = Report::default();
        let (assets, pages): (Vec<_>, Vec<_>) = self
            .tree
            .0
            .iter()
            .partition(|(path, _)| Tree::is_asset(path));
        let mut changed = Vec::new();
        for (path, bytes) in assets.into_iter().chain(pages) {
            let path = self.folder.join(path);
            if fs::holds(&path, bytes)? {
                report.unchanged += 1;
            } else {
                changed.push((self.staging.write(bytes)?, path));
            }
            progress.advance();
        }
        // The disk had room for everything. The list comes before the first file, so that after a crash the next
        // build still knows which files are ours.
        let both = self.earlier.iter().chain(self.tree.0.keys());
        let both = both.map(String::as_str).collect();
        write_list(&mut self.staging, &self.folder, &both)?;
        for (staged, path) in changed {
            fs::put_in_place(&staged, &path)?;
            report.written += 1;
        }
        report.removed = self.remove_what_is_gone()?;
        let ours = self.tree.0.keys().map(String::as_str).collect();
        write_list(&mut self.staging, &self.folder, &ours)?;
        Ok(report)
    }

    fn remove_what_is_gone(&self) -> Result<Vec<String>> {
        let gone = self
            .earlier
            .iter()
            .filter(|path| !self.tree.0.contains_key(*path));
        // A page is removed before the assets that it refers to.
        let (assets, pages): (Vec<_>, Vec<_>) = gone.partition(|path| Tree::is_asset(path));
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
    use std::time::Instant;

    use super::*;

    fn tree<const N: usize>(files: [(&str, &str); N]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.insert(path, text);
        }
        tree
    }

    fn write(folder: &Path, tree: &Tree) -> Result<(usize, usize, usize)> {
        let report = Destination::open(folder, tree)?.write(&Progress::new(0, Instant::now()))?;
        Ok((report.written, report.unchanged, report.removed.len()))
    }

    #[test]
    fn only_what_changed_is_written_and_only_what_was_ours_is_removed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        assert_eq!(
            write(root, &tree([("w/a.js", "1"), ("w/b/index.html", "1")]))?,
            (2, 0, 0)
        );
        std::fs::write(root.join("w/mine.txt"), "mine")?;
        assert_eq!(write(root, &tree([("w/a.js", "1")]))?, (0, 1, 1));
        assert!(!root.join("w/b").exists());
        assert!(root.join("w/mine.txt").exists());
        Ok(())
    }

    #[test]
    fn an_unchanged_file_keeps_its_time() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a");
        write(folder.path(), &tree([("a", "1")]))?;
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(long_ago)?;
        write(folder.path(), &tree([("a", "1")]))?;
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
        assert_eq!(write(&root, &tree([]))?, (0, 0, 0));
        assert!(outside.exists());
        Ok(())
    }

    #[test]
    fn after_a_crash_the_next_build_still_knows_what_is_ours() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let first = tree([("a", "1"), ("b", "1")]);
        // A crash after the list and one file were written.
        let paths = first.0.keys().map(String::as_str).collect();
        write_list(&mut Staging::open(folder.path())?, folder.path(), &paths)?;
        std::fs::write(folder.path().join("b"), "1")?;
        assert_eq!(write(folder.path(), &tree([("a", "1")]))?, (1, 0, 1));
        assert!(!folder.path().join("b").exists());
        Ok(())
    }

    /// A file that cannot be removed shows the order: everything after it is still there.
    #[test]
    fn a_page_is_removed_before_the_assets_that_it_refers_to() -> Result<()> {
        let folder = tempfile::tempdir()?;
        write(
            folder.path(),
            &tree([("assets/a.1.css", "1"), ("w/a/index.html", "a.1.css")]),
        )?;
        std::fs::remove_file(folder.path().join("w/a/index.html"))?;
        std::fs::create_dir(folder.path().join("w/a/index.html"))?;
        assert!(write(folder.path(), &tree([("assets/a.2.css", "2")])).is_err());
        assert!(folder.path().join("assets/a.1.css").exists());
        Ok(())
    }
}
