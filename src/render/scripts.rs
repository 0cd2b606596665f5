//! The theme's own scripts and styles, as one file each.
//!
//! `minified/` of a theme holds them small, and says of which sources they were made. It is taken for as
//! long as the theme has these very sources. Where a project has its own version of one, the sources are
//! put together here, without comments and indentation, so that it counts at once and needs no tool.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::assets::hex_digest;
use crate::theme::Theme;

/// Sources by their path, with the SHA-256 of their bytes.
type Listing = BTreeMap<String, String>;

/// A theme's scripts and styles.
pub(super) struct Scripts<'a> {
    theme: &'a Theme,
    made_of: Made,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Made(BTreeMap<String, Listing>);

impl<'a> Scripts<'a> {
    /// # Errors
    ///
    /// A list of sources that is missing or can not be read.
    pub(super) fn from_theme(theme: &'a Theme) -> Result<Self> {
        let list = theme.text("minified/sources.json")?;
        let made_of = serde_json::from_str(list).context("invalid `minified/sources.json`")?;
        Ok(Self { theme, made_of })
    }

    /// The files of `static/` that are a part of another one, and not served as they are.
    pub(super) fn parts(&self) -> BTreeSet<&str> {
        let lists = self.made_of.0.iter();
        lists
            .flat_map(|(entry, listing)| listing.keys().filter(move |file| *file != entry))
            .map(String::as_str)
            .collect()
    }

    /// Whether `path` is one of these scripts and styles.
    pub(super) fn has(&self, path: &str) -> bool {
        self.made_of.0.contains_key(path)
    }

    /// One of them, ready to be served.
    ///
    /// # Errors
    ///
    /// A source that is missing, not text, or imports in a way that is not understood.
    pub(super) fn text(&self, entry: &str) -> Result<String> {
        let listing = self.made_of.0.get(entry).into_iter().flatten();
        let is_current = self.has(entry)
            && listing.into_iter().all(|(file, hash)| {
                self.theme
                    .text(file)
                    .is_ok_and(|text| hex_digest(text.as_bytes()) == *hash)
            });
        if is_current {
            return Ok(self.theme.text(&format!("minified/{entry}"))?.to_owned());
        }
        let mut linker = Linker {
            theme: self.theme,
            seen: BTreeSet::new(),
            text: String::new(),
        };
        linker
            .add(entry, Exports::Kept)
            .with_context(|| format!("failed to put `{entry}` together"))?;
        Ok(linker.text)
    }
}

/// Whether a module can be imported by a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exports {
    Kept,
    Dropped,
}

/// Puts modules into one, each after those that it imports. Names at their top level must differ.
struct Linker<'a> {
    theme: &'a Theme,
    seen: BTreeSet<String>,
    text: String,
}

impl Linker<'_> {
    fn add(&mut self, path: &str, exports: Exports) -> Result<()> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        let source = self.theme.text(path)?;
        for line in compact(source).lines() {
            if let Some(rest) = line.strip_prefix("import ") {
                let Some(name) = rest.split('"').nth(1).filter(|_| !rest.contains(" as ")) else {
                    bail!("`{path}`: an import must stand on one line, without `as`: `{line}`");
                };
                self.add(&resolve(path, name)?, Exports::Dropped)?;
                continue;
            }
            let line = match exports {
                Exports::Kept => line,
                Exports::Dropped => line.strip_prefix("export ").unwrap_or(line),
            };
            self.text.push_str(line);
            self.text.push('\n');
        }
        Ok(())
    }
}

/// The path of what the module at `path` imports as `name`.
fn resolve(path: &str, name: &str) -> Result<String> {
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." if parts.pop().is_some() => {}
            ".." => bail!("`{path}` imports from outside of the theme: `{name}`"),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A script or a style without lines that are comments and without indentation. What may be inside of a
/// text over several lines stays as it is.
fn compact(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut in_comment = false;
    let mut in_template = false;
    for line in source.lines() {
        let trimmed = line.trim();
        if in_template {
            text.push_str(line);
            text.push('\n');
        } else if in_comment || trimmed.starts_with("/*") {
            in_comment = !trimmed.contains("*/");
            // A comment before code on its own line is left to the browser.
            let after = trimmed
                .split_once("*/")
                .map_or("", |(_, after)| after.trim());
            if !in_comment && !after.is_empty() {
                text.push_str(if trimmed.starts_with("/*") {
                    trimmed
                } else {
                    after
                });
                text.push('\n');
            }
            continue;
        } else if !trimmed.is_empty() && !trimmed.starts_with("//") {
            text.push_str(trimmed);
            text.push('\n');
        }
        let ticks = line.matches('`').count() - line.matches("\\`").count();
        in_template ^= ticks % 2 == 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_texts_stay() {
        let source =
            "/** One.\n * Two. */\nimport x;\n  // no\n  a(`\n  b // yes\n`);\n  /* c */ d();\n\n";
        assert_eq!(
            compact(source),
            "import x;\na(`\n  b // yes\n`);\n/* c */ d();\n"
        );
    }

    #[test]
    fn imports_are_found_beside_and_above() -> Result<()> {
        assert_eq!(resolve("static/js/a.js", "./b.js")?, "static/js/b.js");
        assert_eq!(
            resolve("static/js/a.js", "../../loader/c.js")?,
            "loader/c.js"
        );
        assert!(resolve("a.js", "../b.js").is_err());
        Ok(())
    }
}
