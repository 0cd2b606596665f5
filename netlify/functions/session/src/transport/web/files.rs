//! The site's files, served from memory: a request's path is a key of a map and never a path on disk.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use sha2::{Digest as _, Sha256};

use crate::http::content_type;
use crate::transport::web::parse::Head;
use crate::transport::web::reply::Content;
use crate::transport::web::rules::Rules;

/// Read by this server and by hosting providers, never served.
const HEADERS: &str = "_headers";
/// Only read by hosting providers, never served.
const REDIRECTS: &str = "_redirects";

/// The files of a site, read once.
#[derive(Default)]
pub struct Files {
    by_path: HashMap<String, Entry>,
    notes: Vec<String>,
}

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
}

#[derive(Clone)]
enum Entry {
    File(Arc<File>),
    /// A folder was requested without the slash at its end, which its page's relative addresses require.
    Folder,
}

struct File {
    /// With `ETag` and `Content-Type`.
    headers: Vec<(String, String)>,
    etag: String,
    body: Arc<[u8]>,
}

impl Files {
    /// Reads the folder that the generator wrote.
    pub fn load(folder: &Path) -> Result<Files, FilesError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| FilesError::Read { path, source }
        };
        let root = folder.canonicalize().map_err(failed(folder))?;
        let path = folder.join(HEADERS);
        let text = match fs::read(&path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            text => text.map_err(failed(&path)),
        }?;
        let text = String::from_utf8_lossy(&text);
        let (rules, notes) = Rules::parse(text.trim_start_matches('\u{feff}'));
        let notes = notes
            .iter()
            .map(|note| format!("`{}`: {note}", path.display()));
        let mut files = Files {
            notes: notes.collect(),
            ..Files::default()
        };
        files.load_folder(&mut vec![root], "/", &rules)?;
        files.by_path.remove(&format!("/{HEADERS}"));
        if files.by_path.remove(&format!("/{REDIRECTS}")).is_some() {
            files.notes.push(format!(
                "`{}` is ignored: this server does not redirect; let the proxy in front of it do that",
                folder.join(REDIRECTS).display()
            ));
        }
        Ok(files)
    }

    /// Remarks on the folder that its owner may want to know.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Reads the last of the folders on the path from the site's folder, which is the first. `at` is its path in
    /// addresses, with a slash at its end. Hidden files are not part of a site.
    fn load_folder(
        &mut self,
        folders: &mut Vec<PathBuf>,
        at: &str,
        rules: &Rules,
    ) -> Result<(), FilesError> {
        let folder = folders
            .last()
            .expect("the site's folder comes first")
            .clone();
        let failed = |source| FilesError::Read {
            path: folder.clone(),
            source,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_public(name)) else {
                continue;
            };
            let path = format!("{at}{}", encoded(name));
            let failed = |source| FilesError::Read {
                path: entry.path(),
                source,
            };
            let mut file = entry.path();
            if entry.file_type().map_err(failed)?.is_symlink() {
                let Some(target) = followed(&file, folders) else {
                    self.notes.push(format!(
                        "`{}` is not served: the link leads out of the folder, in a circle, or nowhere",
                        file.display()
                    ));
                    continue;
                };
                file = target;
            }
            if file.is_dir() {
                folders.push(file);
                self.load_folder(folders, &format!("{path}/"), rules)?;
                folders.pop();
            } else if file.is_file() {
                let body = fs::read(&file).map_err(failed)?;
                if name == "index.html" {
                    self.insert(at, name, &body, rules);
                    let bare = at.trim_end_matches('/').to_owned();
                    self.by_path.insert(bare, Entry::Folder);
                }
                self.insert(&path, name, &body, rules);
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &str, name: &str, body: &[u8], rules: &Rules) {
        let etag = etag(body);
        let mut headers = rules.of(path);
        let is_set = |name: &str| {
            headers
                .iter()
                .any(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        let defaults = [
            ("Content-Type", content_type(name)),
            ("Cache-Control", "public, max-age=0, must-revalidate"),
            ("ETag", etag.as_str()),
        ];
        let missing = defaults.into_iter().filter(|(name, _)| !is_set(name));
        let missing: Vec<_> = missing
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        headers.extend(missing);
        let body = body.into();
        let file = File {
            headers,
            etag,
            body,
        };
        self.by_path
            .insert(path.to_owned(), Entry::File(Arc::new(file)));
    }

    /// The reply to a request for a file; `None` if the function must answer.
    pub(super) fn answer(&self, asked: &Head) -> Option<Content> {
        let path = asked.path.as_str();
        let reads = matches!(asked.method.as_str(), "GET" | "HEAD");
        if !reads || path.starts_with("/api/") || path.starts_with("/.netlify/") {
            return None;
        }
        if path == "/healthz" {
            return Some(Content::text(200, "ok\n"));
        }
        match self.by_path.get(path) {
            Some(Entry::File(file)) => Some(file.reply(asked)),
            Some(Entry::Folder) => Some(moved(&format!("{path}/"))),
            None if path == "/" => Some(Content::text(403, FORBIDDEN)),
            None => match self.by_path.get("/404.html")? {
                Entry::File(file) => Some(file.content(404)),
                Entry::Folder => None,
            },
        }
    }
}

/// The target of a link, if it is inside the site and not a folder that contains the link. Kubernetes mounts a site
/// as such links.
fn followed(link: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let target = link.canonicalize().ok()?;
    (target.starts_with(&folders[0]) && !folders.contains(&target)).then_some(target)
}

/// The page at the site's root unless the site has its own.
const FORBIDDEN: &str = "This server only runs chat widgets; there is no page here.\n";

impl File {
    fn reply(&self, asked: &Head) -> Content {
        let known = asked.headers.iter().any(|(name, value)| {
            let mut tags = value
                .split(',')
                .map(|tag| tag.trim().trim_start_matches("W/"));
            name.eq_ignore_ascii_case("if-none-match")
                && tags.any(|tag| tag == self.etag || tag == "*")
        });
        if known {
            Content {
                body: Arc::default(),
                ..self.content(304)
            }
        } else {
            self.content(200)
        }
    }

    fn content(&self, status: u16) -> Content {
        Content {
            status,
            headers: self.headers.clone(),
            body: Arc::clone(&self.body),
        }
    }
}

fn moved(location: &str) -> Content {
    let mut content = Content::text(301, "");
    let location = ("Location".to_owned(), location.to_owned());
    content.headers.push(location);
    content
}

/// Half of a hash is enough to tell the versions of a file apart.
fn etag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let mut tag = "\"".to_owned();
    for byte in &hash[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
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
