//! The site's files, of a folder or of a [pack](crate::pack), each read when a client asks for it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Weak};

use crate::http::content_type;
use crate::published::{File, FilesError, Published};
use crate::transport::web::parse::Head;
use crate::transport::web::reply::Content;
use crate::transport::web::rules::Rules;

/// Read by this server and by hosting providers, never served.
const HEADERS: &str = "/_headers";
/// Only read by hosting providers, never served.
const REDIRECTS: &str = "/_redirects";
/// Most files of which it is remembered that they are being sent.
const MOST_SENT: usize = 1024;

/// The files of a site.
#[derive(Default)]
pub struct Files {
    published: Option<Published>,
    rules: Rules,
    notes: Vec<String>,
    /// Those that clients still take, by path: each is in memory once, however many clients take it, and however slowly.
    sent: HashMap<String, (String, Weak<[u8]>)>,
}

impl Files {
    /// Those of the folder that the generator wrote. The rules of `_headers` are read now.
    pub fn load(folder: &Path) -> Result<Files, FilesError> {
        let published = Published::of_folder(folder)?;
        Files::of(published, &folder.display().to_string())
    }

    /// `place` is where they are, for notes.
    pub(super) fn of(published: Published, place: &str) -> Result<Files, FilesError> {
        let rules = published.read(HEADERS)?.map(|file| file.body);
        let rules = String::from_utf8_lossy(rules.as_deref().unwrap_or_default());
        let (rules, remarks) = Rules::parse(rules.trim_start_matches('\u{feff}'));
        let remarks = remarks.iter();
        let mut notes: Vec<_> = remarks
            .map(|remark| format!("`{place}{HEADERS}`: {remark}"))
            .collect();
        if published.read(REDIRECTS)?.is_some() {
            notes.push(format!(
                "`{place}{REDIRECTS}` is ignored: this server does not redirect; let the proxy in front of it do that"
            ));
        }
        Ok(Files {
            published: Some(published),
            rules,
            notes,
            sent: HashMap::new(),
        })
    }

    /// Remarks that the site's owner may want to know.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The reply to a request for a file; `None` if the function must answer.
    pub(super) fn answer(&mut self, asked: &Head) -> Option<Content> {
        let path = asked.path.as_str();
        let reads = matches!(asked.method.as_str(), "GET" | "HEAD");
        if !reads || path.starts_with("/api/") || path.starts_with("/.netlify/") {
            return None;
        }
        if path == "/healthz" {
            return Some(Content::text(200, "ok\n"));
        }
        match self.file_or_other(path, asked) {
            Ok(content) => content,
            Err(_) => Some(Content::text(500, UNREADABLE)),
        }
    }

    fn file_or_other(&mut self, path: &str, asked: &Head) -> Result<Option<Content>, FilesError> {
        let index = |folder: &str| format!("{folder}index.html");
        let file = match path.ends_with('/') {
            true => self.read(&index(path)),
            false => self.read(path),
        };
        if let Some(file) = file? {
            return Ok(Some(self.reply(path, file, asked)));
        }
        // Its page's relative addresses require the slash.
        let folder = format!("{path}/");
        if self.read(&index(&folder))?.is_some() {
            return Ok(Some(moved(&folder)));
        }
        if path == "/" {
            return Ok(Some(Content::text(403, FORBIDDEN)));
        }
        let missing = self.read(NOT_FOUND)?;
        Ok(missing.map(|file| self.content(404, NOT_FOUND, file)))
    }

    fn read(&mut self, path: &str) -> Result<Option<File>, FilesError> {
        let Some(published) = self.published.as_ref() else {
            return Ok(None);
        };
        if path == HEADERS || path == REDIRECTS {
            return Ok(None);
        }
        if let Some((etag, body)) = self.sent.get(path)
            && let Some(body) = body.upgrade()
        {
            let etag = etag.clone();
            return Ok(Some(File { etag, body }));
        }
        let file = published.read(path)?;
        if let Some(File { etag, body }) = &file {
            if self.sent.len() >= MOST_SENT {
                self.sent.retain(|_, (_, body)| body.strong_count() > 0);
            }
            let known = (etag.clone(), Arc::downgrade(body));
            self.sent.insert(path.to_owned(), known);
        }
        Ok(file)
    }

    fn reply(&self, path: &str, file: File, asked: &Head) -> Content {
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
                headers: self.headers(path, &file.etag),
                body: Arc::default(),
            },
            false => self.content(200, path, file),
        }
    }

    fn content(&self, status: u16, path: &str, file: File) -> Content {
        Content {
            status,
            headers: self.headers(path, &file.etag),
            body: file.body,
        }
    }

    /// The headers of a path, which may be that of a folder.
    fn headers(&self, path: &str, etag: &str) -> Vec<(String, String)> {
        let mut headers = self.rules.of(path);
        let name = if path.ends_with('/') {
            "index.html"
        } else {
            path
        };
        let defaults = [
            ("Content-Type", content_type(name)),
            ("Cache-Control", "public, max-age=0, must-revalidate"),
            ("ETag", etag),
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

/// Instead of a file that was damaged, or that the disk does not give.
const UNREADABLE: &str = "This file of the site cannot be read; build the site again.\n";

/// The page at the site's root unless the site has its own.
const FORBIDDEN: &str = "This server only runs chat widgets; there is no page here.\n";

fn moved(location: &str) -> Content {
    let mut content = Content::text(301, "");
    let location = ("Location".to_owned(), location.to_owned());
    content.headers.push(location);
    content
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::transport::web::parse::Framing;

    fn get(path: &str) -> Head {
        Head {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Framing::Length(0),
            keep_alive: true,
            takes_chunks: true,
            expects_continue: false,
        }
    }

    #[test]
    fn file_is_in_memory_once_while_clients_take_it_and_then_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let at = |number: usize| format!("/{number}.txt");
        for number in 0..MOST_SENT + 2 {
            fs::write(folder.path().join(format!("{number}.txt")), "a").unwrap();
        }
        let mut files = Files::load(folder.path()).unwrap();
        let mut body = |number: usize| {
            let answer = files.answer(&get(&at(number)));
            (answer.unwrap().body, files.sent.len())
        };
        let (one, _) = body(0);
        let (other, _) = body(0);
        assert!(Arc::ptr_eq(&one, &other));
        fs::write(folder.path().join("0.txt"), "b").unwrap();
        drop((one, other));
        let (kept, _) = body(0);
        assert_eq!(*kept, *b"b");
        for number in 1..MOST_SENT {
            body(number);
        }
        assert_eq!(body(MOST_SENT).1, 2, "this one, and the one that is kept");
    }
}
