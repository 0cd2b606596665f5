//! Files whose names change with their content, so that browsers can keep them forever.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::scripts::{Scripts, Styles};

/// Bytes of the hash in a name. With 2^64 names, two versions never share one.
const HASH_BYTES: usize = 8;

/// The theme's `static/` files, under the names that they are served by.
#[derive(Debug)]
pub(super) struct Assets {
    /// The files by path below `static/`.
    files: BTreeMap<String, Asset>,
}

/// One file below `assets/`.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    /// `page.0123456789abcdef.css`.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Asset {
    /// The asset of a path below `static/`, or of its replacement.
    pub(super) fn new(path: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: hashed_name(path, &bytes),
            bytes,
        }
    }

    /// The address, from the root of the site.
    pub(super) fn address(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// The script of the panel. It contains the panel's style and the addresses of the scripts below, and is the same for all
/// widgets: a second one on a page costs no more than its settings.
pub(super) const PANEL: &str = "js/panel.js";

/// The script of widgets that are as light or dark as the page.
pub(super) const TONE: &str = "js/tone.js";

/// The same, relative to the theme's folder.
const PANEL_SOURCE: &str = "static/js/panel.js";

/// Scripts that a panel may fetch later, by the names of the constants that hold their addresses: the chat inside the
/// host page itself, the script that finds out why there is no chat, and the one that keeps conversations with an agent.
const LATER: [(&str, &str); 3] = [
    ("DIRECT", "js/direct.js"),
    ("CAUSE", "js/cause.js"),
    ("THREADS", "js/threads.js"),
];

impl Assets {
    /// # Errors
    ///
    /// A script or a style of the theme that cannot be bundled.
    pub(super) fn from_theme(scripts: &Scripts, styles: &Styles<'_>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for (path, bytes) in styles.theme.assets() {
            let source = format!("static/{path}");
            let bytes = if path == PANEL || path.ends_with(".d.ts") {
                continue;
            } else if let Some(script) = scripts.script(&source) {
                script.as_bytes().to_vec()
            } else if scripts.has_part(&source) {
                continue;
            } else if path.ends_with(".css") {
                styles.style(&source)?.into_bytes()
            } else {
                bytes.to_vec()
            };
            files.insert(path.to_owned(), Asset::new(path, bytes));
        }
        let mut assets = Self { files };
        let panel = assets.panel(scripts, styles)?;
        let panel = Asset::new(PANEL, panel.into_bytes());
        assets.files.insert(PANEL.to_owned(), panel);
        Ok(assets)
    }

    /// The address of a script that another script fetches later, relative to that one.
    pub(super) fn address_beside(&self, path: &str) -> Option<String> {
        let file = self.files.get(path)?;
        Some(format!("./{}", file.name))
    }

    fn panel(&self, scripts: &Scripts, styles: &Styles<'_>) -> Result<String> {
        let css = styles.style("loader/panel.css")?;
        let mut script = format!("const PANEL_CSS={}", serde_json::to_string(&css)?);
        for (name, path) in LATER {
            let address = serde_json::to_string(&self.address_beside(path))?;
            write!(script, ",{name}={address}")?;
        }
        script += ";\n";
        Ok(script + scripts.script(PANEL_SOURCE).unwrap_or_default())
    }

    /// The address of one of the theme's scripts, from the root of the site.
    pub(super) fn address(&self, path: &str) -> String {
        self.files[path].address()
    }

    /// The addresses of the files that a page names. They hold hashes, so no other text is taken for one of them.
    pub(super) fn named_in(&self, page: &str) -> Vec<String> {
        let addresses = self.files.values().map(Asset::address);
        addresses.filter(|address| page.contains(address)).collect()
    }

    /// The bytes of the file that is served at `address`.
    pub(super) fn at(&self, address: &str) -> Option<&[u8]> {
        let wanted = address.strip_prefix("/assets/")?;
        let mut files = self.files.values();
        files
            .find(|file| file.name == wanted)
            .map(|file| &*file.bytes)
    }

    /// The addresses by path below `static/`, for templates.
    pub(super) fn addresses(&self) -> BTreeMap<String, String> {
        let files = self.files.iter();
        files
            .map(|(path, file)| (path.clone(), file.address()))
            .collect()
    }

    /// All assets.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Asset> {
        self.files.values()
    }
}

/// `css/page.css` becomes `page.0123456789abcdef.css`. All in lower case: names that differ by case alone are one file on
/// Windows and macOS, and two where the site is served.
fn hashed_name(path: &str, bytes: &[u8]) -> String {
    let file = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let (stem, extension) = file.rsplit_once('.').unwrap_or((&file, "bin"));
    let hash = &hex_digest(bytes)[..2 * HASH_BYTES];
    format!("{stem}.{hash}.{extension}")
}

/// Eight digits, for an address that is only ever compared with the one before it.
pub(super) fn short_hash(text: &str) -> String {
    hex_digest(text.as_bytes())[..8].to_owned()
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
        assert_eq!(name, hashed_name("css/Page.CSS", b"a{}"));
        assert!(
            name.starts_with("page.") && name.ends_with(".css"),
            "{name}"
        );
    }
}
