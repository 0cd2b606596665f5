//! The site's files: those of a folder are served from memory, and those of a [pack](crate::pack) from there. A request's
//! path is a key of a map and never a path on disk.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::http::content_type;
use crate::pack::{Pack, PackError, Section};
use crate::published::{self, FilesError, etag};
use crate::transport::web::parse::Head;
use crate::transport::web::reply::Content;
use crate::transport::web::rules::Rules;

/// Read by this server and by hosting providers, never served.
const HEADERS: &str = "/_headers";
/// Only read by hosting providers, never served.
const REDIRECTS: &str = "/_redirects";

/// The files of a site.
#[derive(Default)]
pub struct Files {
    by_path: HashMap<String, File>,
    rules: Rules,
    notes: Vec<String>,
}

struct File {
    etag: String,
    body: Body,
}

/// Where the bytes of a file are.
enum Body {
    Memory(Arc<[u8]>),
    Packed(Arc<Pack>, Section),
}

impl Body {
    fn read(&self) -> Result<Arc<[u8]>, PackError> {
        match self {
            Body::Memory(bytes) => Ok(Arc::clone(bytes)),
            Body::Packed(pack, section) => Ok(pack.read(*section)?.into()),
        }
    }
}

impl Files {
    /// Reads the folder that the generator wrote.
    pub fn load(folder: &Path) -> Result<Files, FilesError> {
        let mut notes = Vec::new();
        let mut by_path = HashMap::new();
        for published in published::walk(folder, &mut notes)? {
            let bytes = published.read()?;
            let file = File {
                etag: etag(&bytes),
                body: Body::Memory(bytes.into()),
            };
            by_path.insert(published.path, file);
        }
        Files::new(by_path, notes, &folder.display().to_string())
    }

    /// The files in a pack, which are read when they are asked for; `None` if there are none.
    pub(super) fn in_pack(pack: &Arc<Pack>) -> Result<Option<Files>, FilesError> {
        let Some(packed) = published::in_pack(pack)? else {
            return Ok(None);
        };
        let packed = packed.into_iter().map(|packed| {
            let file = File {
                etag: packed.etag,
                body: Body::Packed(Arc::clone(pack), packed.section),
            };
            (packed.path, file)
        });
        Files::new(packed.collect(), Vec::new(), "the site pack").map(Some)
    }

    /// `place` is where they are, for notes.
    fn new(
        mut by_path: HashMap<String, File>,
        mut notes: Vec<String>,
        place: &str,
    ) -> Result<Files, FilesError> {
        let rules = by_path.remove(HEADERS).map(|file| file.body.read());
        let rules = rules.transpose()?.unwrap_or_default();
        let rules = String::from_utf8_lossy(&rules);
        let (rules, remarks) = Rules::parse(rules.trim_start_matches('\u{feff}'));
        let remarks = remarks.iter();
        notes.extend(remarks.map(|remark| format!("`{place}{HEADERS}`: {remark}")));
        if by_path.remove(REDIRECTS).is_some() {
            notes.push(format!(
                "`{place}{REDIRECTS}` is ignored: this server does not redirect; let the proxy in front of it do that"
            ));
        }
        Ok(Files {
            by_path,
            rules,
            notes,
        })
    }

    /// Remarks that the site's owner may want to know.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
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
        let index = |folder: &str| self.by_path.get(&format!("{folder}index.html"));
        let file = match path.ends_with('/') {
            true => index(path),
            false => self.by_path.get(path),
        };
        if let Some(file) = file {
            return Some(self.reply(path, file, asked));
        }
        // Its page's relative addresses require the slash.
        let folder = format!("{path}/");
        if index(&folder).is_some() {
            return Some(moved(&folder));
        }
        if path == "/" {
            return Some(Content::text(403, FORBIDDEN));
        }
        let missing = self.by_path.get(NOT_FOUND)?;
        Some(self.content(404, NOT_FOUND, missing))
    }

    fn reply(&self, path: &str, file: &File, asked: &Head) -> Content {
        let known = asked.headers.iter().any(|(name, value)| {
            let mut tags = value
                .split(',')
                .map(|tag| tag.trim().trim_start_matches("W/"));
            name.eq_ignore_ascii_case("if-none-match")
                && tags.any(|tag| tag == file.etag || tag == "*")
        });
        match known {
            true => Content {
                status: 304,
                headers: self.headers(path, file),
                body: Arc::default(),
            },
            false => self.content(200, path, file),
        }
    }

    fn content(&self, status: u16, path: &str, file: &File) -> Content {
        match file.body.read() {
            Ok(body) => Content {
                status,
                headers: self.headers(path, file),
                body,
            },
            Err(_) => Content::text(500, UNREADABLE),
        }
    }

    /// The headers of a path, which may be that of a folder.
    fn headers(&self, path: &str, file: &File) -> Vec<(String, String)> {
        let mut headers = self.rules.of(path);
        let name = if path.ends_with('/') {
            "index.html"
        } else {
            path
        };
        let defaults = [
            ("Content-Type", content_type(name)),
            ("Cache-Control", "public, max-age=0, must-revalidate"),
            ("ETag", &file.etag),
        ];
        for (name, value) in defaults {
            let is_set = headers
                .iter()
                .any(|(key, _)| key.eq_ignore_ascii_case(name));
            if !is_set {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        headers
    }
}

/// The page for addresses that do not exist.
const NOT_FOUND: &str = "/404.html";

/// Instead of a file of a pack that was damaged, or replaced while the server runs.
const UNREADABLE: &str =
    "This file of the site pack cannot be read; copy or build the pack again.\n";

/// The page at the site's root unless the site has its own.
const FORBIDDEN: &str = "This server only runs chat widgets; there is no page here.\n";

fn moved(location: &str) -> Content {
    let mut content = Content::text(301, "");
    let location = ("Location".to_owned(), location.to_owned());
    content.headers.push(location);
    content
}
