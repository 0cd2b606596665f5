//! Limits on what a browser may have to fetch: slowing a website down is an error like any other.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

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
    shared: Mutex<BTreeMap<String, usize>>,
}

impl Budget {
    /// # Errors
    ///
    /// A loader or a page that is too large, with the sizes.
    pub(super) fn check(&self, widget: &str, fetched: &Fetched<'_>) -> Result<()> {
        if self.surely_fits(fetched) {
            return Ok(());
        }
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
        sizes.extend(self.shared_by(fetched));
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

    /// Whether the widget is within its limits even when each part is compressed on its own, and in little time. Most
    /// are, and compressing all of each would take longer than rendering it.
    fn surely_fits(&self, fetched: &Fetched<'_>) -> bool {
        let code = fetched.loader_script;
        let Some((before, after)) = fetched.loader.split_once(code) else {
            return false;
        };
        let code = self.shared("loader", code.as_bytes());
        let loader = code + compressed(&[before, after], Compression::fast());
        let page = compressed(&[fetched.page, fetched.settings], Compression::fast());
        let shared: usize = self.shared_by(fetched).map(|(_, size)| size).sum();
        loader <= LOADER && page + shared <= PAGE
    }

    /// The scripts and styles that a page names, and their sizes.
    fn shared_by<'a>(&self, fetched: &Fetched<'a>) -> impl Iterator<Item = (&'a str, usize)> {
        let code = fetched.page_assets.iter();
        let code = code.filter(|address| address.ends_with(".js") || address.ends_with(".css"));
        code.filter_map(|address| {
            let bytes = fetched.assets.at(address)?;
            Some((address.as_str(), self.shared(address, bytes)))
        })
    }

    fn shared(&self, address: &str, bytes: &[u8]) -> usize {
        let mut known = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(size) = known.get(address) {
            return *size;
        }
        let size = gzipped(bytes);
        known.insert(address.to_owned(), size);
        size
    }
}

/// The size after compression, as well as a host does it.
pub(crate) fn gzipped(bytes: &[u8]) -> usize {
    compressed(&[bytes], Compression::best())
}

/// Compresses the same way on every machine, so that a build is over its budget everywhere or nowhere.
fn compressed(parts: &[impl AsRef<[u8]>], level: Compression) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    let mut parts = parts.iter();
    let written = parts.try_for_each(|part| encoder.write_all(part.as_ref()));
    let written = written.and_then(|()| encoder.finish());
    written.expect("memory takes every write").len()
}
