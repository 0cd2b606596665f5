//! The log: one line of JSON per request. It holds no key, no token, no client secret and no user id.

use std::io::Write as _;
use std::time::Instant;

use serde::Serialize;

use crate::clock;

/// Where the lines go.
pub(crate) struct Log(Box<dyn Fn(&str) + Send + Sync>);

/// What the log says about one request.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// Unix time in milliseconds.
    time: u64,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    widget: Option<String>,
    /// Whether the browser came with a visitor's token; absent where that was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known_visitor: Option<bool>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    /// How long the request took, in milliseconds.
    ms: f64,
    /// Whether it is the first of this process.
    #[serde(skip_serializing_if = "is_false")]
    cold: bool,
    #[serde(flatten)]
    pub(crate) trace: Trace,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip)]
    started: Instant,
}

/// What the upstream did; empty where it was not asked.
#[derive(Default, Serialize)]
pub(crate) struct Trace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_status: Option<u16>,
    /// All tries and the pauses between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_ms: Option<f64>,
    /// How the upstream calls the request, so that its support can find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_id: Option<String>,
    /// Tries after the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
}

#[derive(Serialize)]
struct Note<'a> {
    time: u64,
    detail: &'a str,
}

impl Log {
    pub(crate) fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Log {
        Log(Box::new(write))
    }

    /// The only place that prints. A stderr that is closed is no reason to fail.
    pub(crate) fn stderr() -> Log {
        Log::new(|line| {
            let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
        })
    }

    pub(crate) fn write(&self, entry: &Entry) {
        self.line(entry);
    }

    pub(crate) fn note(&self, detail: &str) {
        self.line(&Note {
            time: clock::unix_millis(),
            detail,
        });
    }

    fn line(&self, record: &impl Serialize) {
        (self.0)(&serde_json::to_string(record).expect("strings and numbers can not fail"));
    }
}

impl Entry {
    pub(crate) fn new(id: &str, cold: bool) -> Entry {
        Entry {
            time: clock::unix_millis(),
            id: id.to_owned(),
            widget: None,
            known_visitor: None,
            status: 0,
            code: None,
            ms: 0.0,
            cold,
            trace: Trace::default(),
            detail: None,
            started: Instant::now(),
        }
    }

    /// A widget of the site. What else a stranger sends at that place is not logged: it may be a token.
    pub(crate) fn set_widget(&mut self, name: &str) {
        self.widget = Some(name.to_owned());
    }

    /// Takes the time.
    pub(crate) fn finish(&mut self, status: u16) {
        self.status = status;
        self.ms = clock::millis_since(self.started);
    }

    /// How long the request and its upstream took, in the words of the header `Server-Timing`.
    pub(crate) fn server_timing(&self) -> String {
        let total = clock::millis_since(self.started);
        match self.trace.upstream_ms {
            Some(upstream) => format!("total;dur={total}, upstream;dur={upstream}"),
            None => format!("total;dur={total}"),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}
