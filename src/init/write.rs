//! Writes the files of a new project: all of them, or none.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::files::File;
use crate::fs::{self, Staging};

/// What became of each file, by its path below the folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) created: Vec<&'static str>,
    /// Those that were there already, each with what it lacks, if anything.
    pub(crate) kept: Vec<(&'static str, Option<&'static str>)>,
}

/// Writes the files that are missing in `folder`, which is created. Existing files are kept, whatever they hold.
///
/// # Errors
///
/// A folder that is not writable, and a full disk. Nothing new is left there then.
pub(super) fn write(folder: &Path, files: &[File]) -> Result<Written> {
    let mut staging = Staging::open(folder)?;
    let mut written = Written::default();
    let mut staged = Vec::new();
    for File { path, text } in files {
        match fs::is_taken(&folder.join(path)) {
            true => written.kept.push((*path, lack(folder, path))),
            false => {
                staged.push((staging.write(text.as_bytes())?, folder.join(path)));
                written.created.push(*path);
            }
        }
    }
    // The site comes last: whoever is interrupted can run the command again.
    staged.reverse();
    put_all(folder, &staged)?;
    Ok(written)
}

/// What a file that somebody else wrote must have, if it does not.
fn lack(folder: &Path, path: &str) -> Option<&'static str> {
    let text = fs::read(&folder.join(path)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let has_line = |wanted: &str| {
        let mut lines = text.lines().map(|line| line.trim().trim_start_matches('/'));
        lines.any(|line| line == wanted)
    };
    match path {
        ".gitignore" if !has_line(".env") && !has_line(".env*") => {
            Some("add the line `/.env`: secrets must not be committed")
        }
        "netlify.toml" if !text.contains(session::SESSION_PATH) => Some(
            "no chat gets a session without the redirects of /api/chatkit/…: run `init` in an empty folder, and copy \
             `[build]`, `[functions.chat]` and `[[redirects]]` from there",
        ),
        _ => None,
    }
}

/// Puts each file in its place. Should one fail, the others are removed again.
fn put_all(folder: &Path, staged: &[(PathBuf, PathBuf)]) -> Result<()> {
    for (done, (from, to)) in staged.iter().enumerate() {
        let Err(err) = fs::put_in_place(from, to) else {
            continue;
        };
        // A file that stays nonetheless is named by the next run, which keeps it.
        for (_, path) in &staged[..done] {
            let _ = fs::remove_if_exists(path);
            fs::remove_empty_folders(folder, path.parent().unwrap_or(folder));
        }
        return Err(err);
    }
    Ok(())
}
