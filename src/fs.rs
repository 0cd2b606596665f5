//! `std::fs` with the path in every error, and writes that are whole or not there at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hint::Hinted;

/// The whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// The whole file, or `None` if there is none.
pub(crate) fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(err) if is_missing(&err) => Ok(None),
        Err(err) => Err(err).with_context(|| format!("failed to read `{}`", path.display())),
    }
}

/// A path that leads through a file leads to nothing, as one through a missing folder does.
fn is_missing(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether the file holds exactly these bytes. A length that differs is told without reading.
pub(crate) fn holds(path: &Path, bytes: &[u8]) -> Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == bytes.len() as u64 => {
            Ok(read(path)? == bytes)
        }
        _ => Ok(false),
    }
}

/// Puts a file in place in one step: a reader, or a crash, meets the old bytes or the new ones.
///
/// Makes the folder if it is missing. The folder must exist on the same file system as the file.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    try_write_atomic(path, folder, bytes).map_err(|err| not_writable(err, path, folder))
}

/// Makes the folder and makes sure that a file can be put there.
pub(crate) fn probe(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder))
        .map_err(|err| not_writable(err, folder, folder))?;
    Ok(())
}

fn not_writable(err: io::Error, path: &Path, folder: &Path) -> anyhow::Error {
    anyhow::Error::new(err).context(Hinted::new(
        format!("failed to write `{}`", path.display()),
        format!(
            "check that `{}` is a folder that you may write to, on a disk with room",
            folder.display()
        ),
    ))
}

fn try_write_atomic(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // tempfile makes files for the owner alone; what is published is for everybody.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.prefix(".chatkit-embed-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Removes a file that may be gone already.
pub(crate) fn remove_if_exists(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(err) => Err(err).with_context(|| format!("failed to remove `{}`", path.display())),
    }
}

/// Removes `folder` and its parents up to `root`, as far as they are empty.
pub(crate) fn remove_empty_folders(root: &Path, folder: &Path) {
    let mut folder = folder;
    // A folder that is not empty refuses, which is the answer that is wanted.
    while folder != root && fs::remove_dir(folder).is_ok() {
        match folder.parent() {
            Some(parent) => folder = parent,
            None => break,
        }
    }
}

/// All files below `root`, sorted, as paths relative to it. None if there is no such folder.
///
/// Names that begin with a dot are passed over: editors and file managers leave them behind.
pub(crate) fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(err) if err.kind() == io::ErrorKind::NotFound && folder.as_os_str().is_empty() => {
                return Ok(found);
            }
            Err(err) => {
                return Err(err).with_context(|| format!("failed to read `{}`", path.display()));
            }
        };
        for entry in entries {
            let name = entry
                .with_context(|| format!("failed to read `{}`", path.display()))?
                .file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let relative = folder.join(&name);
            if root.join(&relative).is_dir() {
                folders.push(relative);
            } else {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b.txt");
        write_atomic(&path, b"one")?;
        write_atomic(&path, b"two")?;
        assert_eq!(read(&path)?, b"two");
        assert_eq!(files_below(folder.path())?, [PathBuf::from("a/b.txt")]);
        Ok(())
    }

    #[test]
    fn a_failed_read_names_the_path() {
        let err = read(Path::new("no/such/file")).unwrap_err();
        assert_eq!(err.to_string(), "failed to read `no/such/file`");
    }

    #[test]
    fn empty_folders_go_and_the_root_stays() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b/c.txt");
        write_atomic(&path, b"")?;
        remove_if_exists(&path)?;
        remove_empty_folders(folder.path(), &folder.path().join("a/b"));
        assert!(!folder.path().join("a").exists());
        assert!(folder.path().exists());
        Ok(())
    }
}
