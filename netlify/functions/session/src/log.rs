//! The log: one line of JSON per request. It holds no key, no token, no client secret and no user id.

use std::io::Write as _;

use serde::Serialize;

use crate::clock;
use crate::error::short;

/// Where the lines go.
pub(crate) struct Log(Box<dyn Fn(&str) + Send + Sync>);

/// What the log says about one request.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    /// Unix time in milliseconds.
    time: u64,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    widget: Option<String>,
    pub(crate) status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
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

    pub(crate) fn write(&self, entry: &Entry<'_>) {
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

impl<'a> Entry<'a> {
    pub(crate) fn new(id: &'a str) -> Entry<'a> {
        Entry {
            time: clock::unix_millis(),
            id,
            widget: None,
            status: 0,
            code: None,
            upstream_status: None,
            upstream_ms: None,
            detail: None,
        }
    }

    /// The name is what a stranger sent, so it may be anything.
    pub(crate) fn set_widget(&mut self, name: &str) {
        self.widget = Some(short(name).to_owned());
    }
}
