//! What a pull has done so far, so that one that was interrupted is continued.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::fs;

/// Next to the pages. Hidden files are no knowledge.
const NAME: &str = ".chatkit-embed.pull";
/// A pull that was interrupted earlier is not continued, because the site may be another by now.
const OLDEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A line of the file: a page whose file is right.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// What is pulled, as the person wrote it.
    address: String,
    url: String,
    links: Vec<String>,
}

/// What a pull has done so far.
pub(super) struct Journal {
    path: PathBuf,
    address: String,
    /// Pages that an interrupted pull has done, with their links.
    done: HashMap<String, Vec<String>>,
}

impl Journal {
    /// Reads what an interrupted pull of the same address left.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub(super) fn open(folder: &Path, address: &Url) -> Result<Journal> {
        let mut journal = Journal {
            path: folder.join(NAME),
            address: address.to_string(),
            done: HashMap::new(),
        };
        let Some(bytes) = fs::read_if_exists(&journal.path)? else {
            return Ok(journal);
        };
        let age = fs::stamp(&journal.path)?
            .changed
            .elapsed()
            .unwrap_or_default();
        // The last line may have been cut off.
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        let lines: Vec<_> = lines.collect();
        if age < OLDEST && lines.iter().all(|line| line.address == journal.address) {
            let done = lines.into_iter();
            journal.done = done.map(|line| (line.url, line.links)).collect();
        } else {
            journal.close()?;
        }
        Ok(journal)
    }

    /// How many pages an interrupted pull has done.
    pub(super) fn len(&self) -> usize {
        self.done.len()
    }

    /// The links of a page, if an interrupted pull has done it.
    pub(super) fn take(&mut self, url: &str) -> Option<Vec<Url>> {
        let links = self.done.remove(url)?;
        let links = links.iter().filter_map(|link| Url::parse(link).ok());
        Some(links.collect())
    }

    /// Notes that a page is done.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub(super) fn note(&mut self, url: &Url, links: &[Url]) -> Result<()> {
        let line = Line {
            address: self.address.clone(),
            url: url.to_string(),
            links: links.iter().map(Url::to_string).collect(),
        };
        let line = serde_json::to_string(&line).expect("texts are valid JSON");
        fs::append(&self.path, &format!("{line}\n"))
    }

    /// Forgets everything: the pull is complete.
    ///
    /// # Errors
    ///
    /// A file that cannot be removed.
    pub(super) fn close(&self) -> Result<()> {
        fs::remove_if_exists(&self.path).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pull_of_the_same_address_is_continued_and_a_line_that_was_cut_off_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let url = |path: &str| Url::parse("https://a.example").unwrap().join(path).unwrap();
        let open = |path: &str| Journal::open(folder.path(), &url(path)).unwrap();
        let mut journal = open("/");
        journal.note(&url("/a"), &[url("/b")]).unwrap();
        fs::append(&journal.path, "{\"address\": \"https://a").unwrap();
        let mut again = open("/");
        assert_eq!(again.take(url("/a").as_str()), Some(vec![url("/b")]));
        assert_eq!(again.take(url("/a").as_str()), None);
        assert_eq!(open("/other").len(), 0);
        assert_eq!(open("/").len(), 0);
    }
}
