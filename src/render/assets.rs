//! Files whose name changes with their content, so that browsers can keep them for ever.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::output::Tree;
use crate::theme::Theme;

/// Bytes of the hash in a name. 2^64 names keep two versions apart for good.
const HASH_BYTES: usize = 8;

/// The theme's `static/` files under the names they are served by.
pub(super) struct Assets<'a> {
    /// From the path below `static/` to the name below `assets/` and the bytes.
    files: BTreeMap<&'a str, (String, &'a [u8])>,
}

impl<'a> Assets<'a> {
    pub(super) fn from_theme(theme: &'a Theme) -> Self {
        let files = theme
            .assets()
            .map(|(path, bytes)| (path, (hashed_name(path, bytes), bytes)))
            .collect();
        Self { files }
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
            tree.insert(format!("assets/{name}"), bytes);
        }
    }
}

/// `css/page.css` becomes `page.0123456789abcdef.css`.
fn hashed_name(path: &str, bytes: &[u8]) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, "bin"));
    let mut hash = String::new();
    for byte in Sha256::digest(bytes).iter().take(HASH_BYTES) {
        write!(hash, "{byte:02x}").expect("a String takes every write");
    }
    format!("{stem}.{hash}.{extension}")
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
