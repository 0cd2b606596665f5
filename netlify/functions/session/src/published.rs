//! The files of a folder that are published, and how they travel in a [pack](crate::pack).
//!
//! The section of paths has a line for each file, in the order of the files: its tag, a space, and its path in addresses.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::pack::{Kind, Pack, PackError, Packer, Section};

/// The reason why the files of a site could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The disk failed.
    #[error("failed to read `{path}`", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The site pack is damaged.
    #[error("the files in the site pack cannot be used: {0}")]
    Pack(#[from] PackError),
}

/// The reason why a site cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackingError {
    /// A published file cannot be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The pack cannot be written.
    #[error("failed to write the site pack")]
    Write(#[from] io::Error),
}

/// A file of a folder.
pub(crate) struct Published {
    /// In addresses, such as `/w/support/index.html`.
    pub(crate) path: String,
    pub(crate) file: PathBuf,
}

impl Published {
    pub(crate) fn read(&self) -> Result<Vec<u8>, FilesError> {
        fs::read(&self.file).map_err(failed(&self.file))
    }
}

/// The files of a folder and of those below it, sorted by their paths. Links are followed inside the folder; `notes` gets
/// a remark on each other one. Hidden files are not part of a site.
pub(crate) fn walk(folder: &Path, notes: &mut Vec<String>) -> Result<Vec<Published>, FilesError> {
    let root = folder.canonicalize().map_err(failed(folder))?;
    let mut found = Vec::new();
    walk_below(&mut vec![root], "/", &mut found, notes)?;
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Walks the last of the folders on the path from the site's folder, which is the first. `at` is its path in addresses,
/// with a slash at its end.
fn walk_below(
    folders: &mut Vec<PathBuf>,
    at: &str,
    found: &mut Vec<Published>,
    notes: &mut Vec<String>,
) -> Result<(), FilesError> {
    let folder = folders.last().expect("the site's folder comes first");
    let folder = folder.clone();
    for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
        let entry = entry.map_err(failed(&folder))?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_public(name)) else {
            continue;
        };
        let path = format!("{at}{}", encoded(name));
        let mut file = entry.path();
        let kind = entry.file_type().map_err(failed(&file))?;
        if kind.is_symlink() {
            let Some(target) = followed(&file, folders) else {
                notes.push(format!(
                    "`{}` is not served: the link leads out of the folder, in a circle, or nowhere",
                    file.display()
                ));
                continue;
            };
            file = target;
        }
        if file.is_dir() {
            folders.push(file);
            walk_below(folders, &format!("{path}/"), found, notes)?;
            folders.pop();
        } else if file.is_file() {
            found.push(Published { path, file });
        }
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FilesError {
    let path = path.to_owned();
    |source| FilesError::Read { path, source }
}

/// The target of a link, if it is inside the site and not a folder that contains the link. Kubernetes mounts a site
/// as such links.
fn followed(link: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let target = link.canonicalize().ok()?;
    (target.starts_with(&folders[0]) && !folders.contains(&target)).then_some(target)
}

fn is_public(name: &str) -> bool {
    !name.starts_with('.') || name == ".well-known"
}

/// A file's name as browsers write it in addresses, so that no request needs decoding.
fn encoded(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

/// The tag that tells the versions of a file apart. Half of a hash is enough.
pub(crate) fn etag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let mut tag = "\"".to_owned();
    for byte in &hash[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

/// The links in a folder that are not served, in a sentence each.
///
/// # Errors
///
/// A folder that cannot be read.
pub fn links_left_out(folder: &Path) -> Result<Vec<String>, FilesError> {
    let mut notes = Vec::new();
    walk(folder, &mut notes)?;
    Ok(notes)
}

/// Adds the files of a folder to a pack. Whoever wants to know of links without a target in it asks [`links_left_out`].
pub(crate) fn pack<W: Write>(folder: &Path, packer: &mut Packer<W>) -> Result<(), PackingError> {
    let mut paths = String::new();
    for published in walk(folder, &mut Vec::new())? {
        let body = published.read()?;
        let _ = writeln!(paths, "{} {}", etag(&body), published.path);
        packer.add(Kind::File, &body)?;
    }
    packer.add(Kind::Paths, paths.as_bytes())?;
    Ok(())
}

/// A file in a pack.
pub(crate) struct Packed {
    /// In addresses.
    pub(crate) path: String,
    pub(crate) etag: String,
    pub(crate) section: Section,
}

/// The files in a pack; `None` if it has no published files.
pub(crate) fn in_pack(pack: &Pack) -> Result<Option<Vec<Packed>>, PackError> {
    let Some(paths) = pack.sections(Kind::Paths).next() else {
        return Ok(None);
    };
    let paths = String::from_utf8(pack.read(paths)?).map_err(|_| PackError::Damaged)?;
    let packed = paths.lines().zip(pack.sections(Kind::File));
    let packed = packed.map(|(line, section)| {
        let (etag, path) = line.split_once(' ').ok_or(PackError::Damaged)?;
        Ok(Packed {
            path: path.to_owned(),
            etag: etag.to_owned(),
            section,
        })
    });
    packed.collect::<Result<_, _>>().map(Some)
}
