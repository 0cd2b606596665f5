//! Limits on what a browser may have to fetch: slowing a website down is an error like any other.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::assets::Assets;
use crate::hint::Hinted;

/// Bytes of a loader after gzip, including its settings: the cost of every page view of a host page.
const LOADER: usize = 4608;

/// Bytes of a hosted page's HTML, settings, CSS and JavaScript after gzip, before ChatKit.
const PAGE: usize = 10 * 1024 + 512;

/// What a browser fetches for one widget.
pub(super) struct Fetched<'a> {
    /// The hosted page.
    pub(super) page: &'a str,
    /// The module with its settings.
    pub(super) settings: &'a str,
    /// Addresses of the assets that it names.
    pub(super) page_assets: &'a [String],
    pub(super) loader: &'a str,
    /// The part of the loader that is the theme's script.
    pub(super) loader_script: &'a str,
    /// The theme's assets.
    pub(super) assets: &'a Assets,
}

/// The sizes of the files that pages share, each measured once.
#[derive(Default)]
pub(super) struct Budget {
    shared: BTreeMap<String, usize>,
}

impl Budget {
    /// # Errors
    ///
    /// A loader or a page that is too large, with the sizes.
    pub(super) fn check(&mut self, widget: &str, fetched: &Fetched<'_>) -> Result<()> {
        let size = gzipped(fetched.loader.as_bytes());
        if size > LOADER {
            let code = gzipped(fetched.loader_script.as_bytes());
            bail!(Hinted::new(
                format!(
                    "the loader of `{widget}` is too large: {size} bytes after gzip, where {LOADER} are allowed; \
                     {code} are the theme's script, the rest are its style and the widget's settings"
                ),
                "shorten the widget's `rules`, texts or icon address, or the theme's files in `loader/` and `looks/`"
            ));
        }
        let mut sizes = vec![
            ("its HTML", gzipped(fetched.page.as_bytes())),
            ("its settings", gzipped(fetched.settings.as_bytes())),
        ];
        for address in fetched.page_assets {
            let is_code = address.ends_with(".js") || address.ends_with(".css");
            if is_code && let Some(bytes) = fetched.assets.at(address) {
                let size = *self
                    .shared
                    .entry(address.clone())
                    .or_insert_with(|| gzipped(bytes));
                sizes.push((address, size));
            }
        }
        let total: usize = sizes.iter().map(|(_, size)| size).sum();
        if total > PAGE {
            let list: Vec<_> = sizes
                .iter()
                .map(|(what, size)| format!("{what} {size}"))
                .collect();
            bail!(Hinted::new(
                format!(
                    "the page of `{widget}` is too large: {total} bytes after gzip ({}), where {PAGE} are allowed",
                    list.join(", ")
                ),
                "shorten the theme's `templates/page.html`, `static/css/page.css` or `static/js/`"
            ));
        }
        Ok(())
    }
}

/// Compresses the same way on every machine, so that a build is over its budget everywhere or nowhere.
fn gzipped(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes every write").len()
}
