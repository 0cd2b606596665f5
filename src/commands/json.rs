//! What `build`, `check`, `diff` and `list` print for other programs. `src/README.md` documents the shapes: keys are added, and
//! never renamed or removed.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Error, Result};
use serde_json::{Value, json};

use crate::advice::Advice;
use crate::console;
use crate::live::Finding;
use crate::output;
use crate::site::Site;
use crate::yaml::{Problems, Report};

/// A failure about which the printed document says everything.
#[derive(Debug)]
pub(crate) struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON document has the errors")
    }
}

impl std::error::Error for Told {}

/// Runs a command; if it is to print JSON, nothing else is printed, and its errors are part of the document.
///
/// # Errors
///
/// Those of the command, or [`Told`] in their place.
pub(crate) fn or_errors<T>(json: bool, run: impl FnOnce() -> Result<T>) -> Result<T> {
    if !json {
        return run();
    }
    console::be_quiet();
    run().map_err(|err| {
        if !err.is::<Told>() {
            print(&failed(&err));
        }
        Told.into()
    })
}

/// Prints a document.
pub(crate) fn print(document: &Value) {
    console::data(&format!("{document:#}"));
}

/// The document of a command that failed.
pub(super) fn failed(err: &Error) -> Value {
    json!({"ok": false, "errors": errors(err)})
}

/// The errors in the order of the files. Those without a place have `null` for it.
fn errors(err: &Error) -> Vec<Value> {
    let reports = match err.downcast_ref::<Problems>() {
        Some(problems) => problems.reports(None),
        None => vec![Report::of_error(err)],
    };
    let reports = reports.into_iter();
    reports
        .map(|report| {
            json!({
                "file": report.file,
                "line": report.line,
                "column": report.column,
                "message": report.message,
                "hint": report.help,
            })
        })
        .collect()
}

/// A site without errors, and what is left to do. `ok` tells whether that is enough.
pub(super) fn checked(site: &Site, advice: &[Advice], ok: bool) -> Value {
    let todos = advice.iter();
    let todos = todos.map(|Advice { subject, text }| json!({"subject": subject, "text": text}));
    json!({
        "ok": ok,
        "site": site.base_url.origin(),
        "widgets": names(site),
        "errors": [],
        "todos": todos.collect::<Vec<_>>(),
    })
}

/// What a visit to the deployed site has found. `ok` tells whether that is enough.
pub(super) fn visited(origin: &str, findings: &[Finding], ok: bool) -> Value {
    json!({"ok": ok, "site": origin, "errors": [], "findings": findings})
}

/// What `build` wrote to `dist` and to the folder of snippets.
pub(super) fn built<'a>(
    origin: &str,
    widgets: impl Iterator<Item = &'a str>,
    folders: [(&Path, &output::Report); 2],
    took: Duration,
) -> Value {
    let [dist, snippets] = folders.map(|(folder, report)| {
        json!({
            "folder": folder.display().to_string(),
            "written": report.written,
            "unchanged": report.unchanged,
            "removed": report.removed,
        })
    });
    json!({
        "ok": true,
        "site": origin,
        "widgets": widgets.collect::<Vec<_>>(),
        "errors": [],
        "dist": dist,
        "snippets": snippets,
        "function": null,
        "server": null,
        "pack": null,
        "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    })
}

/// A program or a pack that was written.
pub(super) fn program(path: &Path, bytes: u64) -> Value {
    json!({"file": path.display().to_string(), "bytes": bytes})
}

fn names(site: &Site) -> Vec<&str> {
    site.widgets.iter().map(|widget| &*widget.name).collect()
}
