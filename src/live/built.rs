//! What this build would serve: the files of a few widgets, and the headers of all.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::target::Target;
use crate::output::{Part, Sink};

/// The files of the widgets that are tried.
pub(crate) struct Built {
    /// The origin that they are built for.
    pub(super) origin: String,
    widgets: BTreeSet<String>,
    /// Whether the files that come now belong to such a widget, or to all.
    keeps: bool,
    /// By path, such as `w/support.js`.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    rules: Vec<Rule>,
}

/// A section of `_headers`.
struct Rule {
    /// Such as `/w/support/index*`.
    path: String,
    headers: Vec<(String, String)>,
}

impl Built {
    /// Nothing yet.
    pub(crate) fn new(target: &Target) -> Built {
        let names = target.widgets.iter().map(|widget| widget.name.clone());
        Built {
            origin: target.origin.clone(),
            widgets: names.collect(),
            keeps: true,
            files: BTreeMap::new(),
            rules: Vec::new(),
        }
    }

    /// The headers of a path such as `/w/support/`, with what `_headers` says.
    pub(super) fn headers(&self, path: &str) -> BTreeMap<&str, &str> {
        let rules = self.rules.iter().filter(|rule| rule.is_for(path));
        let headers = rules.flat_map(|rule| &rule.headers);
        headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The assets, by path.
    pub(super) fn assets(&self) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        let assets = self.files.iter();
        // The one asset whose name does not change with its content is for people.
        assets.filter(|(path, _)| path.starts_with("assets/") && !path.ends_with(".d.ts"))
    }
}

impl Sink for Built {
    fn take(&mut self, part: Part, path: String, bytes: Vec<u8>) -> Result<()> {
        if part == Part::Snippets {
            return Ok(());
        }
        if path == "_headers" {
            self.rules = rules(&String::from_utf8_lossy(&bytes));
            return Ok(());
        }
        if let Some(below) = path.strip_prefix("w/") {
            let name = below.split('/').next().unwrap_or_default();
            self.keeps = self
                .widgets
                .contains(name.strip_suffix(".js").unwrap_or(name));
        }
        if self.keeps {
            self.files.insert(path, bytes);
        }
        Ok(())
    }

    fn end_of_widget(&mut self) {
        self.keeps = true;
    }
}

impl Rule {
    fn is_for(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => self.path == path,
        }
    }
}

/// The sections of a `_headers` of ours.
fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("  "), rules.last_mut()) {
            (Some(header), Some(rule)) => {
                let (name, value) = header.split_once(": ").unwrap_or((header, ""));
                rule.headers.push((name.to_owned(), value.to_owned()));
            }
            _ => rules.push(Rule {
                path: line.to_owned(),
                headers: Vec::new(),
            }),
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_for_a_path_or_for_all_that_begin_like_it() {
        let rules = rules("/*\n  A: 1\n\n/w/a/\n  B: 2: 3\n\n/w/a/index*\n  C: 4\n");
        let of = |path: &str| -> Vec<&str> {
            let rules = rules.iter().filter(|rule| rule.is_for(path));
            rules
                .flat_map(|rule| &rule.headers)
                .map(|(_, value)| value.as_str())
                .collect()
        };
        assert_eq!(of("/w/a/"), ["1", "2: 3"]);
        assert_eq!(of("/w/a/index.html"), ["1", "4"]);
        assert_eq!(of("/w/b/"), ["1"]);
    }
}
