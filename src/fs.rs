//! `std::fs` with the path in every error, and atomic writes.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf, absolute};
use std::process;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::hint::Hinted;

/// Reads the whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|err| not_readable(err, path))
}

/// Opens a file to read it piece by piece.
pub(crate) fn open(path: &Path) -> Result<impl io::Read> {
    fs::File::open(path).map_err(|err| not_readable(err, path))
}

/// Reads standard input, up to one byte more than `limit`, which tells that there is more.
pub(crate) fn read_input(limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let input = io::stdin().lock().take(limit as u64 + 1);
    { input }
        .read_to_end(&mut bytes)
        .context("failed to read standard input")?;
    Ok(bytes)
}

/// Reads a text file in a project's folder or below it.
///
/// # Errors
///
/// A path that leads elsewhere, a file that is missing or unreadable, and one that is not UTF-8.
pub(crate) fn read_project_text(folder: &Path, name: &str) -> Result<String> {
    let bytes = read_if_exists(&project_file(folder, name)?)?;
    let bytes = bytes.with_context(|| format!("`{name}` not found"))?;
    String::from_utf8(bytes).map_err(|_| anyhow!("`{name}` is not UTF-8 text"))
}

/// The path of a file in a project's folder or below it. Hidden files are refused: secrets are there.
///
/// # Errors
///
/// A path that leads elsewhere.
pub(crate) fn project_file(folder: &Path, name: &str) -> Result<PathBuf> {
    let is_plain = |part: Component<'_>| match part {
        Component::Normal(part) => !part.as_encoded_bytes().starts_with(b"."),
        Component::CurDir => true,
        Component::Prefix(_) | Component::RootDir | Component::ParentDir => false,
    };
    let path = Path::new(name);
    if name.is_empty() || !path.components().all(is_plain) {
        bail!(Hinted::new(
            format!("`{name}` is not a file of this project"),
            "write a path from the folder of `site.yaml`, such as `support.md`"
        ));
    }
    Ok(folder.join(path))
}

/// Reads the whole file, or returns `None` if it is missing.
pub(crate) fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(err) if is_missing(&err) => Ok(None),
        Err(err) => Err(not_readable(err, path)),
    }
}

/// Counts a path that leads through a file as missing, like one through a missing folder.
fn is_missing(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Returns whether anything has this path, be it a link that leads nowhere.
pub(crate) fn is_taken(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Returns whether the file holds exactly these bytes. If the length differs, nothing is read.
pub(crate) fn holds(path: &Path, bytes: &[u8]) -> Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == bytes.len() as u64 => {
            Ok(read(path)? == bytes)
        }
        _ => Ok(false),
    }
}

/// The state of a file, as far as the file system tells without reading it. As data, it is a pair of nanoseconds since
/// 1970 and bytes: builds remember thousands of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub(crate) struct Stamp {
    /// When it was changed last.
    pub(crate) changed: SystemTime,
    /// In bytes.
    pub(crate) length: u64,
}

/// A file that was changed less than this ago may change again without a trace in its time.
const UNSETTLED: Duration = Duration::from_millis(50);

impl Stamp {
    /// Whether the file was left alone for some time before `then`.
    pub(crate) fn is_settled(self, then: SystemTime) -> bool {
        self.changed <= then - UNSETTLED
    }
}

impl From<(u64, u64)> for Stamp {
    fn from((nanoseconds, length): (u64, u64)) -> Self {
        let changed = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        Self { changed, length }
    }
}

impl From<Stamp> for (u64, u64) {
    fn from(Stamp { changed, length }: Stamp) -> Self {
        let since = changed.duration_since(SystemTime::UNIX_EPOCH);
        let nanoseconds = since.unwrap_or_default().as_nanos();
        // Times after the year 2554 are all alike.
        (u64::try_from(nanoseconds).unwrap_or(u64::MAX), length)
    }
}

impl From<fs::Metadata> for Stamp {
    fn from(metadata: fs::Metadata) -> Self {
        Self {
            changed: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            length: metadata.len(),
        }
    }
}

/// The state of a file.
///
/// # Errors
///
/// A file that is missing.
pub(crate) fn stamp(path: &Path) -> Result<Stamp> {
    let metadata = fs::metadata(path).map_err(|err| not_readable(err, path))?;
    Ok(metadata.into())
}

/// The state of a file, or `None` if it is missing, or is a link or a folder.
pub(crate) fn stamp_of_file(path: &Path) -> Option<Stamp> {
    let metadata = path.symlink_metadata().ok()?;
    metadata.is_file().then(|| metadata.into())
}

/// Returns whether a path is a link.
pub(crate) fn is_link(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink())
}

/// A hidden folder in which files are written before they are moved into place, so that the next process finds and
/// removes what a crash leaves behind. Only one process can hold it at a time.
pub(crate) struct Staging {
    folder: PathBuf,
    /// The closest folder around it that existed before.
    existed: PathBuf,
    next: u64,
    /// Locked until it is dropped, or the process ends.
    _lock: fs::File,
}

impl Staging {
    /// Creates `folder` if it is missing, and in it an empty staging folder. Changes no file. If `folder` is still
    /// empty at the end, it is removed again, unless it existed before.
    ///
    /// # Errors
    ///
    /// A folder that is not writable, or that another process is using.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let staging = folder.join(STAGING);
        let existed = folder.ancestors().find(|folder| folder.is_dir());
        let existed = existed.unwrap_or(Path::new("")).to_owned();
        let lock = lock(folder, &staging)?;
        let mut staging = Self {
            folder: staging,
            existed,
            next: 0,
            _lock: lock,
        };
        staging.clear()?;
        // The first file proves that files can be written.
        let probe = staging.write(b"")?;
        fs::remove_file(&probe).map_err(|err| not_writable(err, folder))?;
        Ok(staging)
    }

    /// Writes a file here and returns its path.
    ///
    /// # Errors
    ///
    /// A full disk.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.folder.join(self.next.to_string());
        self.next += 1;
        fs::write(&path, bytes).map_err(|err| not_writable(err, &self.folder))?;
        Ok(path)
    }

    /// Writes a file of a tree that takes its place with [`Staging::put_tree_in_place`]. `path` is below that place.
    ///
    /// # Errors
    ///
    /// A full disk.
    pub(crate) fn write_below(&self, path: &str, bytes: &[u8]) -> Result<Stamp> {
        let path = self.folder.join(TREE).join(path);
        let create = || match fs::File::create(&path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
                fs::File::create(&path)
            }
            file => file,
        };
        let write = |mut file: fs::File| {
            file.write_all(bytes)?;
            file.metadata()
        };
        let metadata = create().and_then(write);
        let metadata = metadata.map_err(|err| not_writable(err, &self.folder))?;
        Ok(metadata.into())
    }

    /// Moves the files below `path` of the tree into place, each in one step, and whole folders where there is none yet.
    ///
    /// # Errors
    ///
    /// The first file that cannot be moved, such as one behind a link.
    pub(crate) fn put_tree_in_place(&self, path: &str, root: &Path) -> Result<()> {
        let from = self.folder.join(TREE).join(path);
        match from.exists() {
            true => merge(&from, &root.join(path)),
            false => Ok(()),
        }
    }

    fn clear(&self) -> Result<()> {
        remove_if_exists_with_all(&self.folder.join(TREE))?;
        let entries = fs::read_dir(&self.folder).map_err(|err| not_writable(err, &self.folder))?;
        for entry in entries.flatten().filter(|entry| entry.file_name() != LOCK) {
            remove_if_exists(&entry.path())?;
        }
        Ok(())
    }
}

/// Locks the staging folder of `folder`, so that this process alone may empty it.
fn lock(folder: &Path, staging: &Path) -> Result<fs::File> {
    let path = staging.join(LOCK);
    loop {
        for path in [staging, &path] {
            refuse_link(path)?;
        }
        let mut options = fs::File::options();
        options.read(true).write(true).create(true).truncate(false);
        let open = || -> io::Result<fs::File> {
            fs::create_dir_all(staging)?;
            options.open(&path)
        };
        let mut file = open().map_err(|err| not_writable(err, folder))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(locked(folder, &path)),
            // Some network file systems do not support locks.
            Err(fs::TryLockError::Error(_)) => {}
        }
        // The process that held it may have removed it in the meantime, and another one created it again.
        if is_still_at(&file, &path) {
            // Only for the message above, so a disk that is full is for the first file to report.
            let _ = file.set_len(0);
            let _ = write!(file, "{}", process::id());
            return Ok(file);
        }
    }
}

fn locked(folder: &Path, lock: &Path) -> anyhow::Error {
    // On Windows, nobody else can read a file that is locked.
    let process = fs::read_to_string(lock).unwrap_or_default();
    let process = match process.parse::<u32>() {
        Ok(number) => format!(" (process {number})"),
        Err(_) => String::new(),
    };
    Hinted::new(
        format!(
            "another build{process} is writing to `{}`",
            folder.display()
        ),
        "wait until it is finished, or end it, or write to another folder",
    )
    .into()
}

/// Returns whether an open file is the one that has this path.
#[cfg(unix)]
fn is_still_at(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let numbers = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(file), Ok(path)) => numbers(file) == numbers(path),
        _ => false,
    }
}

/// Windows keeps a file as long as it is open.
#[cfg(not(unix))]
fn is_still_at(_: &fs::File, path: &Path) -> bool {
    path.exists()
}

/// Refuses a link in a place that is ours alone: what is behind it is not.
///
/// # Errors
///
/// A link, wherever it leads.
pub(crate) fn refuse_link(path: &Path) -> Result<()> {
    ensure!(
        !is_link(path),
        Hinted::new(
            format!("`{}` is a link", path.display()),
            "a build writes to files and folders of its own only; remove the link"
        )
    );
    Ok(())
}

/// Moves a file or a folder to where there may be one of the same kind.
fn merge(from: &Path, to: &Path) -> Result<()> {
    let failed = |err| not_writable(err, to);
    let is_folder = from.is_dir();
    match to.symlink_metadata() {
        Ok(there) if is_folder && there.is_dir() => {
            for entry in fs::read_dir(from).map_err(failed)? {
                let name = entry.map_err(failed)?.file_name();
                merge(&from.join(&name), &to.join(&name))?;
            }
            Ok(())
        }
        Ok(_) if is_folder => Err(failed(io::ErrorKind::NotADirectory.into())),
        _ => fs::rename(from, to).map_err(failed),
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The next build finds what is left; there is nobody to tell about it here.
        let _ = fs::remove_dir_all(&self.folder);
        if let Some(folder) = self.folder.parent() {
            remove_empty_folders(&self.existed, folder);
        }
    }
}

/// Name of the staging folder.
const STAGING: &str = ".chatkit-embed.tmp";

/// Name of the file in it that one process at a time locks. It holds the number of that process.
const LOCK: &str = "lock";

/// Name of the folder in it whose files have the paths that they will have.
const TREE: &str = "tree";

/// Gives a staged file the permissions of the file that it replaces.
///
/// # Errors
///
/// A disk that does not support permissions.
pub(crate) fn keep_permissions(staged: &Path, path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(old) => {
            fs::set_permissions(staged, old.permissions()).map_err(|err| not_writable(err, path))
        }
        Err(_) => Ok(()),
    }
}

/// Returns whether other users of this machine can read or change a file. Where files have no such permissions, nobody
/// knows.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// The file that a link leads to, or the path itself.
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A path without links, as far as it exists.
pub(crate) fn whole(path: &Path) -> PathBuf {
    let whole = match path.as_os_str().is_empty() {
        true => Path::new(".").canonicalize(),
        false => path.canonicalize(),
    };
    // A path that does not exist yet is not a link either.
    let whole = whole.or_else(|_| absolute(path));
    whole.unwrap_or_else(|_| path.to_owned())
}

/// Moves a staged file into place in one step: a reader, or a crash, sees the old bytes or the new ones. (A power cut
/// can still lose them: nothing waits for the disk.) Creates the folder if it is missing.
pub(crate) fn put_in_place(staged: &Path, path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::rename(staged, path))
        .map_err(|err| not_writable(err, path))
}

fn not_writable(err: io::Error, path: &Path) -> anyhow::Error {
    let hint = match err.kind() {
        io::ErrorKind::IsADirectory => "a folder is in the way; move or delete it",
        io::ErrorKind::NotADirectory => {
            "a file or a link is in the place of a folder; move or delete it"
        }
        io::ErrorKind::StorageFull => "the disk is full; free some space and try again",
        io::ErrorKind::QuotaExceeded => {
            "your share of the disk is used up; free some space and try again"
        }
        io::ErrorKind::FileTooLarge => {
            "the file is larger than this disk, or a limit such as `ulimit -f`, allows"
        }
        _ => {
            "check that you have permission to write there, and that no file is in the place of a folder"
        }
    };
    anyhow::Error::new(err).context(Hinted::new(
        format!("failed to write `{}`", path.display()),
        hint,
    ))
}

fn not_readable(err: io::Error, path: &Path) -> anyhow::Error {
    let hint = match err.kind() {
        io::ErrorKind::IsADirectory => "a folder is in the way; move or delete it",
        io::ErrorKind::NotFound => "if it is a link, its target is missing; remove or fix the link",
        _ => "check that it is a file, and that you have permission to read it",
    };
    anyhow::Error::new(err).context(Hinted::new(
        format!("failed to read `{}`", path.display()),
        hint,
    ))
}

/// Creates a folder, and those around it, if they are missing.
///
/// # Errors
///
/// A folder that cannot be created.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|err| not_writable(err, folder))
}

/// Adds a text to a file, which may be missing.
///
/// # Errors
///
/// A file that cannot be written.
pub(crate) fn append(path: &Path, text: &str) -> Result<()> {
    let file = fs::File::options().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|err| not_writable(err, path))
}

/// Removes a file, which may be gone already. Returns whether it existed.
pub(crate) fn remove_if_exists(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(err) => Err(not_removable(err, path)),
    }
}

fn not_removable(err: io::Error, path: &Path) -> anyhow::Error {
    anyhow::Error::new(err).context(Hinted::new(
        format!("failed to remove `{}`", path.display()),
        "check that you have permission to delete there, and that it is not open elsewhere",
    ))
}

/// Removes a folder with all that is in it, if it exists.
fn remove_if_exists_with_all(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(not_removable(err, folder)),
        _ => Ok(()),
    }
}

/// Removes `folder` and its parents up to `root`, as long as they are empty.
pub(crate) fn remove_empty_folders(root: &Path, folder: &Path) {
    let mut folder = folder;
    // Removing a folder that is not empty fails, which ends the loop.
    while folder != root && fs::remove_dir(folder).is_ok() {
        match folder.parent() {
            Some(parent) => folder = parent,
            None => break,
        }
    }
}

/// All files below `root`, sorted, as paths relative to it; empty if the folder is missing.
///
/// Names that start with a dot are skipped: editors and file managers leave them behind.
pub(crate) fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    // A link can lead back to its own folder.
    let mut seen = HashSet::new();
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(err) if err.kind() == io::ErrorKind::NotFound && folder.as_os_str().is_empty() => {
                return Ok(found);
            }
            Err(err) => return Err(not_readable(err, &path)),
        };
        for entry in entries {
            let entry = entry.map_err(|err| not_readable(err, &path))?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let relative = folder.join(&name);
            let is_folder = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => root.join(&relative).is_dir(),
            };
            if is_folder {
                folders.push(relative);
            } else {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files that a glob finds, sorted; `pattern` is relative to `folder`. Names that start with a dot are skipped.
///
/// # Errors
///
/// A pattern that is not a glob, and a folder that cannot be read.
pub(crate) fn matching(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let whole = match folder.to_str() {
        Some("") => pattern.to_owned(),
        Some(folder) => format!("{}/{pattern}", glob::Pattern::escape(folder)),
        None => bail!("`{}` is not UTF-8", folder.display()),
    };
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let found = glob::glob_with(&whole, options)
        .map_err(|err| anyhow!("`{pattern}` is not a glob: {}", err.msg))?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|err| {
            let path = err.path().to_owned();
            not_readable(err.into(), &path)
        })?;
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// The entries of a folder, in no order.
///
/// # Errors
///
/// A folder that cannot be read.
pub(crate) fn entries(folder: &Path) -> io::Result<impl Iterator<Item = fs::DirEntry> + use<>> {
    Ok(fs::read_dir(folder)?.flatten())
}

/// Writes one file unless it holds these bytes already. Links and permissions are kept, because the file may be the
/// owner's.
///
/// # Errors
///
/// A file that cannot be read or written.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if holds(path, bytes)? {
        return Ok(());
    }
    let path = behind_links(path);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut staging = Staging::open(folder)?;
    let staged = staging.write(bytes)?;
    keep_permissions(&staged, &path)?;
    put_in_place(&staged, &path)
}

/// Writes a file of our own in one step, unless it holds these bytes already. The caller makes sure that nobody else
/// writes it at the same time. What a crash left of an earlier attempt is removed, not written to: it may be a link.
///
/// # Errors
///
/// A file that cannot be read or written.
pub(crate) fn replace_alone(path: &Path, bytes: &[u8]) -> Result<()> {
    if holds(path, bytes)? {
        return Ok(());
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    remove_if_exists(&aside)?;
    let written = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    written.map_err(|err| {
        let _ = fs::remove_file(&aside);
        not_writable(err, path)
    })
}

/// Replaces a file in one step by what `fill` writes, which may be large. Returns its length in bytes.
///
/// # Errors
///
/// Those of `fill`, and a file that cannot be written. The old one stays then.
pub(crate) fn replace(
    path: &Path,
    is_executable: bool,
    fill: impl FnOnce(&mut io::BufWriter<fs::File>) -> Result<()>,
) -> Result<u64> {
    let path = behind_links(path);
    if path.is_dir() {
        return Err(not_writable(io::ErrorKind::IsADirectory.into(), &path));
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut staging = Staging::open(folder.unwrap_or(Path::new(".")))?;
    let staged = staging.write(b"")?;
    let file = fs::File::options().write(true).open(&staged);
    let mut out = io::BufWriter::new(file.map_err(|err| not_writable(err, &path))?);
    let failed = |err: anyhow::Error| match err.downcast::<io::Error>() {
        Ok(err) => not_writable(err, &path),
        Err(err) => err,
    };
    fill(&mut out).map_err(failed)?;
    let finish = || -> io::Result<u64> {
        out.flush()?;
        if is_executable {
            make_executable(&staged)?;
        }
        Ok(out.get_ref().metadata()?.len())
    };
    let length = { finish }().map_err(|err| not_writable(err, &path))?;
    drop(out);
    put_in_place(&staged, &path)?;
    Ok(length)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Windows knows no such permission.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, bytes: &[u8]) -> Result<()> {
        let staged = Staging::open(path.parent().unwrap())?.write(bytes)?;
        // The staging folder is gone by now: the file is created again where it was.
        fs::create_dir_all(staged.parent().unwrap())?;
        fs::write(&staged, bytes)?;
        put_in_place(&staged, path)
    }

    #[test]
    fn a_written_file_replaces_the_old_one() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b.txt");
        write(&path, b"one")?;
        write(&path, b"two")?;
        assert_eq!(read(&path)?, b"two");
        assert_eq!(files_below(folder.path())?, [PathBuf::from("a/b.txt")]);
        Ok(())
    }

    #[test]
    fn what_a_crash_left_in_the_staging_folder_is_removed_and_a_second_process_is_refused()
    -> Result<()> {
        let folder = tempfile::tempdir()?;
        let left = folder.path().join(STAGING).join("17");
        fs::create_dir_all(left.parent().unwrap())?;
        fs::write(&left, "")?;
        let staging = Staging::open(folder.path())?;
        assert!(!left.exists());
        let second = Staging::open(folder.path()).map(|_| ()).unwrap_err();
        let second = second.to_string();
        assert!(
            second.starts_with("another build") && second.contains("is writing to"),
            "{second}"
        );
        drop(staging);
        assert!(!folder.path().join(STAGING).exists());
        Ok(())
    }

    #[test]
    fn a_folder_that_was_created_for_nothing_is_removed_and_any_other_stays() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let [old, new] = [folder.path().join("old"), folder.path().join("new/a")];
        fs::create_dir(&old)?;
        for folder in [&old, &new] {
            Staging::open(folder)?.write(b"one")?;
        }
        assert!(old.exists() && !folder.path().join("new").exists());
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_as_such() {
        let err = append(Path::new("/dev/full"), "text").unwrap_err();
        assert_eq!(err.to_string(), "failed to write `/dev/full`");
        assert!(Hinted::find(&err).unwrap().starts_with("the disk is full"));
    }

    #[test]
    fn a_failed_read_names_the_path() {
        let err = read(Path::new("no/such/file")).unwrap_err();
        assert_eq!(err.to_string(), "failed to read `no/such/file`");
    }

    #[test]
    fn empty_folders_go_and_the_root_stays() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("a/b"))?;
        remove_empty_folders(folder.path(), &folder.path().join("a/b"));
        assert!(!folder.path().join("a").exists());
        assert!(folder.path().exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_do_not_keep_a_walk_going() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("a"), "")?;
        for name in ["one", "two"] {
            std::os::unix::fs::symlink(".", folder.path().join(name))?;
        }
        assert_eq!(files_below(folder.path())?, [PathBuf::from("a")]);
        Ok(())
    }
}
