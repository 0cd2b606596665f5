//! The routes without a socket: requests as plain data, for the files of a temporary folder.

mod access;
mod chat;
mod drafts;
mod golive;
mod knowledge;
mod logo;
mod network;
mod pages;
mod saving;
mod start;
mod website;
mod widgets;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use serde_json::{Value, json};

use super::*;
use crate::preview::http::guard::Token;
use crate::preview::state::files::Themes;

/// Where the preview is, if anybody asks.
const ADDRESS: &str = "127.0.0.1:9";

/// The id of a draft.
const ID: &str = "abcdefgh";

const SITE: &str =
    "site: {url: 'https://chat.example.com'}\nwidgets: {a: {backend: {type: hosted}}}\n";

/// A preview of a site in a folder of its own. Nothing watches the folder: see [`Bench::write`].
struct Bench {
    folder: tempfile::TempDir,
    preview: Arc<Preview>,
}

impl Bench {
    /// A preview of these files that only this machine can reach.
    fn new(files: &[(&str, &str)]) -> Self {
        Self::of(files, false)
    }

    /// A preview that the network can reach.
    fn open(files: &[(&str, &str)]) -> Self {
        Self::of(files, true)
    }

    fn of(files: &[(&str, &str)], is_open: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            put(&folder.path().join(name), text);
        }
        let place = Place {
            config: folder.path().join("site.yaml"),
            origin: format!("http://{ADDRESS}"),
            stage: "http://127.0.0.1:3001".to_owned(),
            origins: Vec::new(),
            given_url: None,
            host_page: None,
            is_open,
            token: Token::new().unwrap(),
        };
        let preview = Preview::new(place, Themes::new(folder.path().join("themes")));
        preview.read(&[]);
        preview.set_demo(!preview.can_be_real());
        Self { folder, preview }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Changes a file as an editor does. The preview has not noticed yet.
    fn write(&self, name: &str, text: &str) {
        put(&self.path(name), text);
    }

    /// Tells the preview what its watcher would.
    fn notice(&self, name: &str) {
        self.preview.read(&[self.path(name)]);
    }

    /// A request of the studio's page.
    fn request(&self, method: &str, path: &str, body: &Value) -> Request {
        let headers = [
            ("host", ADDRESS),
            ("origin", &format!("http://{ADDRESS}")),
            ("content-type", "application/json"),
            ("x-preview-token", self.preview.place.token.as_str()),
        ];
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: serde_json::to_vec(body).unwrap(),
            ..Request::default()
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let address: SocketAddr = ADDRESS.parse().unwrap();
        main(&self.preview, &Guard::new("127.0.0.1", address), request)
    }

    fn reply(&self, request: &Request) -> Reply {
        match self.answer(request) {
            Answer::Reply(reply) => reply,
            Answer::Events(..) | Answer::Function(..) => panic!("not a reply"),
        }
    }

    /// The status and the JSON of a reply.
    fn ask(&self, request: &Request) -> (u16, Value) {
        let reply = self.reply(request);
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status, body)
    }

    /// A file as a browser gets it.
    fn get(&self, path: &str) -> (u16, String) {
        let reply = self.reply(&self.request("GET", path, &Value::Null));
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    /// A call of the API.
    fn call(&self, name: &str, body: &Value) -> (u16, Value) {
        self.ask(&self.request("POST", &format!("/_/api/{name}"), body))
    }

    fn state(&self) -> Value {
        self.ask(&self.request("GET", "/_/api/state", &Value::Null))
            .1
    }

    fn revision(&self) -> Value {
        self.state()["revision"].clone()
    }

    /// Saves edits to the files of a revision.
    fn save(&self, revision: &Value, edits: &Value) -> (u16, Value) {
        self.call("save", &json!({"revision": revision, "edits": edits}))
    }

    /// Shows edits to the current files as a draft.
    fn draft(&self, id: &str, edits: &Value) -> (u16, Value) {
        let revision = self.revision();
        self.call(
            "draft",
            &json!({"id": id, "revision": revision, "edits": edits}),
        )
    }

    /// The events that a page hears with this query, without the one at the start.
    fn events(&self, query: &str) -> Receiver<String> {
        let request = self.request("GET", &format!("{EVENTS}{query}"), &Value::Null);
        let Answer::Events(events, _) = self.answer(&request) else {
            panic!("not a stream of events");
        };
        assert!(events.recv().unwrap().starts_with("event: mode"));
        events
    }

    /// A request for a session of widget `a`, as its page below this prefix makes it.
    fn session(&self, prefix: &str) -> (u16, Value) {
        let request = self.request("POST", SESSION_PATH, &json!({"widget": "a"}));
        self.ask(&from_page(request, &format!("{prefix}/w/a/")))
    }
}

fn put(path: &std::path::Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The request with another value of a header, or without the header.
fn with_header(mut request: Request, name: &str, value: Option<&str>) -> Request {
    request.headers.retain(|(known, _)| known != name);
    let value = value.map(|value| (name.to_owned(), value.to_owned()));
    request.headers.extend(value);
    request
}

/// The request as a page of the preview makes it.
fn from_page(request: Request, path: &str) -> Request {
    let page = format!("http://{ADDRESS}{path}");
    with_header(request, "referer", Some(&page))
}

/// The edit that sets a value; `null` removes it. `way` is a path with dots.
fn edit(way: &str, value: Value) -> Value {
    let path: Vec<_> = way.split('.').collect();
    match value {
        Value::Null => json!({"path": path}),
        value => json!({"path": path, "value": value}),
    }
}

/// The messages of a reply's problems.
fn problems(reply: &Value) -> Vec<&str> {
    let problems = reply["problems"].as_array().into_iter().flatten();
    problems
        .map(|problem| problem["message"].as_str().unwrap())
        .collect()
}
