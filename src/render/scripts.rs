//! The theme's own scripts and styles, as one minified file each.
//!
//! Every build minifies them, so files that a project has changed are treated like all others, and need no tool.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};
use rayon::prelude::*;

use super::modules;
use crate::site::Variables;
use crate::theme::Theme;

/// The scripts that browsers receive as one file each, with everything that they import.
pub(super) const ENTRIES: [&str; 8] = [
    "loader/loader.js",
    "static/js/agent.js",
    "static/js/cause.js",
    "static/js/direct.js",
    "static/js/page.js",
    "static/js/panel.js",
    "static/js/threads.js",
    "static/js/tone.js",
];

/// Style of the launcher.
const LAUNCHER: &str = "loader/loader.css";

/// Style of the panel.
const PANEL: &str = "loader/panel.css";

/// Style of the hosted page.
const PAGE: &str = "static/css/page.css";

/// A theme's scripts. Minifying them takes longer than everything else in a theme.
pub(crate) struct Scripts {
    bundles: BTreeMap<&'static str, String>,
    parts: BTreeSet<String>,
}

impl Scripts {
    /// # Errors
    ///
    /// A script that is missing or invalid.
    pub(crate) fn new(theme: &Theme) -> Result<Self> {
        let bundled = ENTRIES.into_par_iter().map(|entry| {
            let (script, made_of) = modules::bundle(theme, entry)?;
            Ok(((entry, script), made_of))
        });
        let bundled: Vec<Result<_>> = bundled.collect();
        let bundled: Vec<_> = bundled.into_iter().collect::<Result<_>>()?;
        let (bundles, parts): (_, Vec<_>) = bundled.into_iter().unzip();
        let parts = parts.into_iter().flatten().collect();
        Ok(Self { bundles, parts })
    }

    /// Returns whether the file is part of a script, and not served on its own.
    pub(super) fn has_part(&self, path: &str) -> bool {
        self.parts.contains(path)
    }

    /// One of the scripts, ready to be served.
    pub(super) fn script(&self, entry: &str) -> Option<&str> {
        self.bundles.get(entry).map(String::as_str)
    }
}

/// A theme's styles, with the site's values for the theme's variables.
pub(super) struct Styles<'a> {
    pub(super) theme: &'a Theme,
    pub(super) variables: &'a Variables,
}

impl Styles<'_> {
    /// One of the styles, ready to be served: the theme's variables that it mentions, then structure, then
    /// appearance.
    ///
    /// # Errors
    ///
    /// A style that is missing, not text or not CSS.
    pub(super) fn style(&self, path: &str) -> Result<String> {
        let mut style = self.minified(path)?;
        // The two styles of `loader/` share one shadow root, where the launcher's comes first.
        let (looks, selector, before) = match path {
            LAUNCHER => (Some("looks/launcher.css"), ".box", None),
            PANEL => (Some("looks/panel.css"), ".box", Some(LAUNCHER)),
            PAGE => (Some("looks/page.css"), ":root", None),
            _ => (None, ":root", None),
        };
        if let Some(looks) = looks {
            style += &self.minified(looks)?;
        }
        let before = before.map(|path| self.style(path)).transpose()?;
        let before = before.unwrap_or_default();
        Ok(
            match self.variables.declarations(&style, &before).as_str() {
                "" => style,
                declarations => format!("{selector}{{{declarations}}}{style}"),
            },
        )
    }

    /// The style of one file.
    ///
    /// # Errors
    ///
    /// A style that is missing, not text or not CSS.
    pub(super) fn minified(&self, path: &str) -> Result<String> {
        let style = minifier::css::minify(self.theme.text(path)?)
            .map_err(|err| anyhow!("invalid `{}`: {err}", self.theme.place(path)))?;
        // Browsers require a space in an empty custom property.
        Ok(style.to_string().trim().replace(":;", ": ;"))
    }
}
