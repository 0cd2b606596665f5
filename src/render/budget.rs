//! Limits on what a browser may have to fetch: slowing a website down is an error like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::assets::Assets;
use crate::hint::Hinted;

/// Bytes of a loader after gzip, including its settings: the cost of every page view of a host page.
const LOADER: usize = 4608;

/// Bytes of a hosted page's HTML, CSS and JavaScript after gzip, before ChatKit.
const PAGE: usize = 10 * 1024;

/// The text between a loader's script and its settings.
const SETTINGS: &str = "\n})(";

/// The sizes of the files that pages share, each measured once.
#[derive(Default)]
pub(super) struct Budget {
    shared: BTreeMap<String, usize>,
}

impl Budget {
    /// # Errors
    ///
    /// A loader or a page that is too large, with the sizes.
    pub(super) fn check(
        &mut self,
        widget: &str,
        page: &str,
        loader: &str,
        assets: &Assets,
    ) -> Result<()> {
        let size = gzipped(loader.as_bytes());
        if size > LOADER {
            let code = loader.rfind(SETTINGS).map_or(loader, |at| &loader[..at]);
            let code = gzipped(code.as_bytes());
            bail!(Hinted::new(
                format!(
                    "the loader of `{widget}` is too large: {size} bytes after gzip, where {LOADER} are allowed; \
                     {code} are the theme's script, the rest are its style and the widget's settings"
                ),
                "shorten the widget's `rules`, texts or icon address, or the theme's files in `loader/` and `looks/`"
            ));
        }
        let mut sizes = vec![("its HTML", gzipped(page.as_bytes()))];
        for address in addresses(page) {
            if let Some(bytes) = assets.at(address) {
                let size = *self
                    .shared
                    .entry(address.to_owned())
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

/// The scripts and styles that a page refers to.
fn addresses(page: &str) -> BTreeSet<&str> {
    page.split('"')
        .filter(|text| text.starts_with("/assets/"))
        .filter(|text| text.ends_with(".js") || text.ends_with(".css"))
        .collect()
}

/// Compresses the same way on every machine, so that a build is over its budget everywhere or nowhere.
fn gzipped(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes every write").len()
}
