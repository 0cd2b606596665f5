//! The files that agents know, each read once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rayon::prelude::*;

use super::{Page, html, markdown, plain};
use crate::fs::{self, Stamp};
use crate::yaml::holds_key;

/// The largest file that is read, in bytes: no page for people is as large.
pub(crate) const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// The files of a project that agents know. A file is read again only if it has changed.
pub(crate) struct Library {
    /// What globs are relative to.
    folder: PathBuf,
    known: Mutex<HashMap<PathBuf, Known>>,
}

/// A file as it was read, and when it was changed last.
type Known = (Stamp, Result<Arc<Page>, &'static str>);

/// A file that a glob has found.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its path, as people know it.
    pub(crate) path: String,
    /// The part of the path that the glob leaves open, such as `shipping/returns.md`.
    pub(crate) below: String,
    /// The page, or why it was left out.
    pub(crate) page: Result<Arc<Page>, &'static str>,
}

impl Read {
    /// Returns whether this is the same file, unchanged.
    pub(crate) fn is_same(&self, other: &Read) -> bool {
        let is_same_page = match (&self.page, &other.page) {
            (Ok(one), Ok(two)) => Arc::ptr_eq(one, two),
            (Err(one), Err(two)) => one == two,
            _ => false,
        };
        self.path == other.path && is_same_page
    }
}

impl Library {
    /// `folder` is that of `site.yaml`.
    pub(crate) fn new(folder: &Path) -> Library {
        Library {
            folder: folder.to_owned(),
            known: Mutex::default(),
        }
    }

    /// The files that a glob finds, by their paths.
    ///
    /// # Errors
    ///
    /// A glob that is not one, and a file that cannot be read.
    pub(crate) fn read(&self, pattern: &str) -> Result<Vec<Read>> {
        let fixed = fixed_part(pattern);
        let files = fs::matching(&self.folder, pattern)?;
        let read = |path: &PathBuf| {
            let shown = path.strip_prefix(&self.folder).unwrap_or(path);
            let shown = shown.display().to_string();
            let below = shown.strip_prefix(fixed).unwrap_or(&shown).to_owned();
            let page = self.page(path)?;
            Ok(Read {
                path: shown,
                below,
                page,
            })
        };
        files.par_iter().map(read).collect()
    }

    fn page(&self, path: &Path) -> Result<Result<Arc<Page>, &'static str>> {
        let stamp = fs::stamp(path)?;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, page)) = lock().get(path).filter(|(known, _)| *known == stamp) {
            return Ok(page.clone());
        }
        let page = match stamp.length {
            length if length > LARGEST_FILE => Err("it has more than 4 MB"),
            _ => parse(path, fs::read(path)?).map(Arc::new),
        };
        lock().insert(path.to_owned(), (stamp, page.clone()));
        Ok(page)
    }
}

/// The folders of a glob before its first wildcard, with the last `/`.
fn fixed_part(pattern: &str) -> &str {
    let end = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    &pattern[..pattern[..end].rfind('/').map_or(0, |at| at + 1)]
}

/// A file as a page, or why it is none.
fn parse(path: &Path, bytes: Vec<u8>) -> Result<Page, &'static str> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let parse = match extension.unwrap_or_default().to_lowercase().as_str() {
        "md" | "markdown" | "mdx" => markdown::parse,
        "html" | "htm" | "xhtml" => html::parse,
        "txt" | "text" | "" => plain::parse,
        _ => return Err("it is not Markdown, HTML or plain text"),
    };
    if bytes.contains(&0) {
        return Err("it is not text");
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
    if holds_key(&text) {
        return Err("it holds what looks like an OpenAI API key");
    }
    let page = parse(&text);
    match page.blocks.is_empty() {
        true => Err("it holds no text"),
        false => Ok(page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_glob_finds_files_below_and_beside_the_project() {
        let folder = project(&[
            ("site/knowledge/a.md", b"# A\n\nx"),
            ("site/knowledge/b/c.md", b"# C\n\nx"),
            ("site/knowledge/.draft.md", b"x"),
            ("shop/public/d/index.html", b"<main><p>x"),
        ]);
        let library = Library::new(&folder.path().join("site"));
        let found = |glob: &str| {
            let read = library.read(glob).unwrap().into_iter();
            read.map(|read| read.below).collect::<Vec<_>>()
        };
        assert_eq!(found("knowledge/**/*.md"), ["a.md", "b/c.md"]);
        assert_eq!(found("../shop/public/**/*.html"), ["d/index.html"]);
        assert_eq!(found("knowledge/a.md"), ["a.md"]);
        assert!(found("nothing/*.md").is_empty());
        assert!(library.read("a***").is_err());
    }

    #[test]
    fn what_is_not_text_is_left_out() {
        let large = vec![b'x'; LARGEST_FILE as usize + 1];
        let folder = project(&[
            ("a.md", b"\x89PNG\0"),
            ("b.md", b"caf\xe9"),
            ("c.md", &large),
            ("d.png", b"x"),
            ("e.md", b"  \n"),
            ("f.md", b"sk-proj-0123456789abcdef0123456789abcdef"),
        ]);
        let read = Library::new(folder.path()).read("*").unwrap();
        let why: Vec<_> = read
            .iter()
            .map(|read| read.page.as_ref().unwrap_err())
            .collect();
        assert_eq!(
            why,
            [
                &"it is not text",
                &"it is not UTF-8 text",
                &"it has more than 4 MB",
                &"it is not Markdown, HTML or plain text",
                &"it holds no text",
                &"it holds what looks like an OpenAI API key",
            ]
        );
    }

    #[test]
    fn the_readme_has_our_limit() {
        let readme = include_str!("../README.md");
        let limit = format!("files over {} MB", LARGEST_FILE / 1024 / 1024);
        assert!(readme.contains(&limit), "{limit}");
    }

    #[test]
    fn a_file_is_read_again_only_if_it_has_changed() {
        let folder = project(&[("a.md", b"# One\n\nx")]);
        let library = Library::new(folder.path());
        let page = || library.read("*.md").unwrap().remove(0).page.unwrap();
        let first = page();
        assert!(Arc::ptr_eq(&first, &page()));
        std::fs::write(folder.path().join("a.md"), "# Another\n\nx").unwrap();
        assert_eq!(page().title, "Another");
    }
}
