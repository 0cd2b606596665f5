//! What a build did, and how it says so.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{brands, json, known};
use crate::console;
use crate::output::{Report, loader_of};
use crate::render::{Listed, snippets_are_on_demand, without_aliases};
use crate::site::Site;

/// Notes on an agent's files, and on brands, that are shown; `check` shows all.
const MOST_NOTES: usize = 10;

/// What was built.
pub(super) struct Built {
    pub(super) about: About,
    /// The site, unless it was not read as a whole.
    pub(super) site: Option<Site>,
    /// Its widgets.
    pub(super) listed: Vec<Listed>,
    pub(super) dist: (PathBuf, Report),
    pub(super) snippets: (PathBuf, Report),
    pub(super) programs: Vec<WrittenProgram>,
    /// The links in `dist` that the server does not have, in a sentence each.
    pub(super) left_out: Vec<String>,
    /// Why there is no function.
    pub(super) skipped: &'static str,
    pub(super) took: Duration,
}

/// What is said about a site.
#[derive(Clone, Default, Deserialize, Serialize)]
pub(super) struct About {
    /// Its address, and where that comes from.
    address: String,
    /// The address alone.
    origin: String,
}

impl From<&Site> for About {
    fn from(site: &Site) -> Self {
        Self {
            address: site.base_url.to_string(),
            origin: site.base_url.origin().to_owned(),
        }
    }
}

impl Built {
    /// Prints all of it.
    pub(super) fn tell(&self) {
        console::status("site", &self.about.address);
        console::status("widgets", Names(self));
        if let Some(site) = &self.site {
            known::report(site, MOST_NOTES);
            brands::report(site, MOST_NOTES);
        }
        console::status("dist", Written(&self.dist.0, &self.dist.1));
        self.note_removed();
        console::status("snippets", Written(&self.snippets.0, &self.snippets.1));
        if snippets_are_on_demand(self.widgets().len()) {
            console::note("snippets", SNIPPETS_ON_DEMAND);
        }
        if !self.has_function() {
            console::status(FUNCTION, self.skipped);
        }
        for program in &self.programs {
            console::status(&program.what, program);
        }
        for note in &self.left_out {
            console::note("server", note);
        }
        console::status("done", format_args!("in {:.0?}", self.took));
    }

    pub(super) fn note_removed(&self) {
        let removed = self.dist.1.removed.iter();
        for name in removed.filter_map(|path| loader_of(path)) {
            console::note(name, SNIPPET_LEFT_BEHIND);
        }
    }

    /// Its widgets, without their earlier names.
    fn widgets(&self) -> Vec<&Listed> {
        without_aliases(&self.listed).collect()
    }

    fn has_function(&self) -> bool {
        self.programs.iter().any(|program| program.what == FUNCTION)
    }

    /// A line about it.
    pub(super) fn summary(&self) -> String {
        let Self { about, dist, .. } = self;
        let function = if self.has_function() {
            ""
        } else {
            ", no function"
        };
        format!(
            "{}: widgets {}, {}{function}",
            about.origin,
            self.widgets().len(),
            Written(&dist.0, &dist.1)
        )
    }

    pub(super) fn into_json(self) -> Value {
        let [dist, snippets] = [&self.dist, &self.snippets];
        let folders = [(&*dist.0, &dist.1), (&*snippets.0, &snippets.1)];
        let names = self.widgets();
        let names = names.iter().map(|widget| &*widget.name);
        let mut document = json::built(&self.about.origin, names, folders, self.took);
        for WrittenProgram { what, path, bytes } in &self.programs {
            document[what] = json::program(path, *bytes);
        }
        document
    }
}

/// For the owner of many widgets.
const SNIPPETS_ON_DEMAND: &str =
    "the site has many widgets: `snippet WIDGET` prints those of one, and `index.html` shows them";

/// For the owner of a widget that was removed or renamed.
const SNIPPET_LEFT_BEHIND: &str = "its page and loader are removed: after the next deploy, pages that still hold its snippet \
                                   show nothing; remove the snippet there, or add the name to `aliases` of the widget that \
                                   takes its place";

/// A program or a pack that was written.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct WrittenProgram {
    /// Its name in what is printed.
    pub(super) what: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

pub(super) const FUNCTION: &str = "function";

impl fmt::Display for WrittenProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        write!(f, "`{}`, {megabytes:.1} MB", self.path.display())
    }
}

/// The number of widgets and the first of their names.
struct Names<'a>(&'a Built);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widgets = self.0.widgets();
        let names = widgets.iter();
        let names = names.map(|Listed { name, kind, .. }| format!("{name} ({})", kind.name()));
        write!(f, "{}: {}", widgets.len(), console::first(names))
    }
}

/// A folder and the result of writing to it.
struct Written<'a>(&'a Path, &'a Report);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            written,
            unchanged,
            removed,
        } = self.1;
        write!(
            f,
            "{written} written, {unchanged} unchanged, {} removed in `{}`",
            removed.len(),
            self.0.display()
        )
    }
}
