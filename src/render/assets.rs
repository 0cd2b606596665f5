//! Files whose name changes with their content, so that browsers can keep them for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::scripts::Scripts;
use crate::output::Tree;
use crate::theme::Theme;

/// Bytes of the hash in a name. 2^64 names keep two versions apart for good.
const HASH_BYTES: usize = 8;

/// The theme's `static/` files under the names they are served by.
pub(super) struct Assets<'a> {
    /// From the path below `static/` to the name below `assets/` and the bytes.
    files: BTreeMap<&'a str, (String, Cow<'a, [u8]>)>,
    /// What is made for a widget, by its name: two widgets may have the same.
    made: BTreeMap<String, Vec<u8>>,
    panel_css: String,
    panel_js: String,
    /// Address of the script for direct mode, from that of a panel, as JSON.
    direct: String,
}

/// The script of the panel, which has the panel's style and settings, and knows the address of the next.
const PANEL: &str = "js/panel.js";

/// The script of a chat in the host page itself.
const DIRECT: &str = "js/direct.js";

impl<'a> Assets<'a> {
    /// # Errors
    ///
    /// A script or a style of the theme that can not be put together.
    pub(super) fn from_theme(theme: &'a Theme, scripts: &Scripts<'_>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for (path, bytes) in theme.assets() {
            let source = format!("static/{path}");
            let bytes = if path == PANEL || path.ends_with(".d.ts") {
                continue;
            } else if let Some(script) = scripts.script(&source) {
                Cow::Owned(script.as_bytes().to_vec())
            } else if scripts.has_part(&source) {
                continue;
            } else if path.ends_with(".css") {
                Cow::Owned(scripts.style(&source)?.into_bytes())
            } else {
                Cow::Borrowed(bytes)
            };
            files.insert(path, (hashed_name(path, &bytes), bytes));
        }
        let direct = files.get(DIRECT).map(|(name, _)| format!("./{name}"));
        Ok(Self {
            files,
            made: BTreeMap::new(),
            panel_css: scripts.style("loader/panel.css")?,
            panel_js: scripts
                .script("static/js/panel.js")
                .unwrap_or_default()
                .to_owned(),
            direct: serde_json::to_string(&direct)?,
        })
    }

    /// Adds the panel's script for one widget, with `css` more of its style.
    ///
    /// # Errors
    ///
    /// Settings that are not to be written as JSON.
    pub(super) fn add_panel(&mut self, settings: &impl Serialize, css: &str) -> Result<String> {
        let script = format!(
            "const PANEL={},PANEL_CSS={},DIRECT={};\n{}",
            serde_json::to_string(settings)?,
            serde_json::to_string(&format!("{}{css}", self.panel_css))?,
            self.direct,
            self.panel_js
        );
        Ok(self.add(PANEL, script))
    }

    /// Adds a file under a name that is made from `path`, and says its address.
    pub(super) fn add(&mut self, path: &str, text: String) -> String {
        let name = hashed_name(path, text.as_bytes());
        let address = format!("/assets/{name}");
        self.made.insert(name, text.into_bytes());
        address
    }

    /// The bytes of the file that is served at `address`.
    pub(super) fn at(&self, address: &str) -> Option<&[u8]> {
        let wanted = address.strip_prefix("/assets/")?;
        let mut files = self.files.values();
        files
            .find(|(name, _)| name == wanted)
            .map(|(_, bytes)| &**bytes)
    }

    /// The addresses by path below `static/`, for templates.
    pub(super) fn addresses(&self) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|(path, (name, _))| ((*path).to_owned(), format!("/assets/{name}")))
            .collect()
    }

    pub(super) fn insert_into(self, tree: &mut Tree) {
        for (name, bytes) in self.files.into_values() {
            tree.insert(format!("assets/{name}"), bytes.into_owned());
        }
        for (name, bytes) in self.made {
            tree.insert(format!("assets/{name}"), bytes);
        }
    }
}

/// `css/page.css` becomes `page.0123456789abcdef.css`.
fn hashed_name(path: &str, bytes: &[u8]) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, "bin"));
    let hash = &hex_digest(bytes)[..2 * HASH_BYTES];
    format!("{stem}.{hash}.{extension}")
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hex_digest(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a String takes every write");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content_and_only_then() {
        let name = hashed_name("css/page.css", b"a{}");
        assert_eq!(name, hashed_name("css/page.css", b"a{}"));
        assert_ne!(name, hashed_name("css/page.css", b"b{}"));
        assert!(
            name.starts_with("page.") && name.ends_with(".css"),
            "{name}"
        );
    }
}
