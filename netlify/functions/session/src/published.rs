//! The files of a site: those of a folder that are published, and how they travel in a [pack](crate::pack): their names
//! are their paths in addresses, and their tags precede their bytes.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::pack::{Pack, PackError, Packer};

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

/// The place of a site's files. Each is read when it is asked for, so that a site with many starts at once, and is never
/// in memory as a whole.
pub(crate) enum Published {
    /// In a folder: its own path, without links.
    Folder(PathBuf),
    Pack(Arc<Pack>),
}

/// A file with its tag, which tells its versions apart.
pub(crate) struct File {
    pub(crate) etag: String,
    pub(crate) body: Arc<[u8]>,
}

impl Published {
    /// The files of a folder.
    pub(crate) fn of_folder(folder: &Path) -> Result<Published, FilesError> {
        let root = folder.canonicalize().map_err(failed(folder))?;
        // A file is none.
        fs::read_dir(&root).map_err(failed(folder))?;
        Ok(Published::Folder(root))
    }

    /// Those in a pack; `None` if there are none.
    pub(crate) fn of_pack(pack: &Arc<Pack>) -> Result<Option<Published>, PackError> {
        let is_empty = pack.places(PATHS)?.is_empty();
        Ok((!is_empty).then(|| Published::Pack(Arc::clone(pack))))
    }

    /// The file at a path in addresses, such as `/w/support/index.html`.
    pub(crate) fn read(&self, path: &str) -> Result<Option<File>, FilesError> {
        match self {
            Published::Folder(root) => {
                let Some(file) = find(root, path) else {
                    return Ok(None);
                };
                let body = fs::read(&file).map_err(failed(&file))?;
                Ok(Some(File {
                    etag: etag(&body),
                    body: body.into(),
                }))
            }
            Published::Pack(pack) if path.starts_with(PATHS) => {
                Ok(pack.get(path)?.map(unpacked).transpose()?)
            }
            Published::Pack(_) => Ok(None),
        }
    }

    /// The number of files, and a remark on each link that is not served.
    pub(crate) fn survey(&self) -> Result<(usize, Vec<String>), FilesError> {
        let mut notes = Vec::new();
        let count = match self {
            Published::Folder(root) => walk(root, &mut notes)?.len(),
            Published::Pack(pack) => pack.places(PATHS)?.len(),
        };
        Ok((count, notes))
    }
}

/// The beginning of the names of files in a pack, and of no other names.
const PATHS: &str = "/";

fn unpacked(bytes: Vec<u8>) -> Result<File, PackError> {
    let (etag, body) = bytes.split_at_checked(ETAG).ok_or(PackError::Damaged)?;
    Ok(File {
        etag: String::from_utf8(etag.to_owned()).map_err(|_| PackError::Damaged)?,
        body: body.into(),
    })
}

/// A file of a folder.
struct Found {
    /// In addresses, such as `/w/support/index.html`.
    path: String,
    file: PathBuf,
}

/// The files of a folder and of those below it, sorted by their paths. Links are followed inside the folder; `notes` gets
/// a remark on each other one. Hidden files are not part of a site.
fn walk(folder: &Path, notes: &mut Vec<String>) -> Result<Vec<Found>, FilesError> {
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
    found: &mut Vec<Found>,
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
            found.push(Found { path, file });
        }
    }
    Ok(())
}

/// The file in a folder at a path in addresses, if [`walk`] finds it under this path.
fn find(root: &Path, path: &str) -> Option<PathBuf> {
    let mut file = root.to_owned();
    let mut folders = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        folders.push(file.clone());
        file.push(decoded(segment)?);
        if file.symlink_metadata().ok()?.is_symlink() {
            file = followed(&file, &folders)?;
        }
    }
    file.is_file().then_some(file)
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

/// The name of a file whose address has this segment. No other spelling of a name leads to a file.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    let name = String::from_utf8(bytes).ok()?;
    let mut parts = Path::new(&name).components();
    let is_name = matches!(parts.next(), Some(Component::Normal(part)) if part == name.as_str());
    (is_name && is_public(&name) && encoded(&name) == segment).then_some(name)
}

/// The length of a tag.
const ETAG: usize = 34;

/// The tag that tells the versions of a file apart. Half of a hash is enough.
fn etag(body: &[u8]) -> String {
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
    for Found { path, file } in walk(folder, &mut Vec::new())? {
        let body = fs::read(&file).map_err(failed(&file))?;
        packer.add(path, &[etag(&body).as_bytes(), &body])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_of_a_folder_has_one_address() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a b.css", "ä.js", "50%.txt", "%41", "~x", ".well-known"];
        for name in names {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(name), name).unwrap();
        }
        let published = Published::of_folder(folder.path()).unwrap();
        let Published::Folder(root) = &published else {
            panic!("it is a folder");
        };
        let found = walk(root, &mut Vec::new()).unwrap();
        assert_eq!(found.len(), names.len());
        for Found { path, file } in found {
            assert_eq!(find(root, &path), Some(file), "{path}");
        }
        for path in [
            "",
            "a%20b.css/a%20b.css",
            "/",
            "/~x",
            "/~x/",
            "/~x/~x/",
            "//~x/~x",
            "/~x//~x",
            "/./~x/~x",
            "/~x/../~x/~x",
            "/~x/%2e%2e/~x/~x",
            "/%7Ex/%7Ex",
            "/%7ex/~x",
            "/~x%2F~x",
            "/~x/~x%00",
            "/~x/~x/~x",
            "/a b.css/a b.css",
            "/%c3%a4.js/%c3%a4.js",
            "/%C3/x",
            "/%4",
            "/%",
            "/%+1/x",
            "/50%.txt/50%.txt",
        ] {
            assert_eq!(find(root, path), None, "{path}");
        }
    }
}
