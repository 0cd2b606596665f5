//! Which addresses belong to what is pulled.

use anyhow::{Context as _, Result, ensure};
use url::Url;

use crate::hint::Hinted;

/// Ends of addresses that are no pages. Others that are not are noticed when they are asked for.
const ASSETS: &str = "avif bmp css eot gif gz ico jpeg jpg js json map mjs mov mp3 mp4 ogg otf png rss svg tar tif tiff \
    ttf wasm wav webm webmanifest webp woff woff2 xml zip";

/// The part of a website that is pulled: one origin, and the paths below one.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// As the person wrote it, without a fragment.
    pub(super) address: Url,
    /// Ends with `/`.
    folder: String,
    /// Whether the address is that of a sitemap.
    pub(super) is_sitemap: bool,
}

impl Scope {
    /// # Errors
    ///
    /// What is not an http or https address, and one with a password.
    pub(super) fn parse(address: &str) -> Result<Scope> {
        let hint = "write one such as `https://www.example.com/help/`";
        let url = Url::parse(address);
        let url =
            url.with_context(|| Hinted::new(format!("`{address}` is not an address"), hint))?;
        ensure!(
            matches!(url.scheme(), "http" | "https") && url.has_host(),
            Hinted::new(format!("`{address}` is not an address of the web"), hint)
        );
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            Hinted::new(
                "the address has a user name or a password",
                "pull pages that everybody can read"
            )
        );
        let url = plain(url);
        let path = url.path().to_lowercase();
        let is_sitemap = path.ends_with(".xml") || path.ends_with(".xml.gz");
        let folder = match url.path().rsplit_once('/') {
            Some((above, last)) if last.contains('.') => format!("{above}/"),
            _ => format!("{}/", url.path().trim_end_matches('/')),
        };
        Ok(Scope {
            address: url,
            folder,
            is_sitemap,
        })
    }

    /// Whether the address is at the same scheme, host and port.
    pub(super) fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.address.origin()
    }

    /// Whether the address is one of the pages that are wanted.
    pub(super) fn contains(&self, url: &Url) -> bool {
        let is_below =
            url.path().starts_with(&self.folder) || url.path() == self.folder.trim_end_matches('/');
        self.is_same_origin(url) && is_below && url.username().is_empty()
    }

    /// The origin, such as `https://www.example.com`.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// Where a path of the same origin is.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.address.clone();
        url.set_query(None);
        url.set_path(path);
        url
    }

    /// A link of a page, if it leads to another page of this part.
    pub(super) fn link(&self, base: &Url, href: &str) -> Option<Url> {
        let url = plain(base.join(href.trim()).ok()?);
        let name = url.path().rsplit('/').next().unwrap_or_default();
        let end = name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
        let is_asset = end.is_some_and(|end| ASSETS.split_whitespace().any(|asset| asset == end));
        (self.contains(&url) && !is_asset).then_some(url)
    }
}

/// Without what does not lead to another page: a fragment, and an empty query.
pub(super) fn plain(mut url: Url) -> Url {
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(address: &str) -> Scope {
        Scope::parse(address).unwrap()
    }

    #[test]
    fn pages_are_at_the_same_origin_and_below_the_path() {
        let contains =
            |address: &str, url: &str| scope(address).contains(&Url::parse(url).unwrap());
        for (address, url, expected) in [
            ("https://a.example", "https://a.example/x", true),
            ("https://a.example", "http://a.example/x", false),
            ("https://a.example", "https://b.example/x", false),
            ("https://a.example:444", "https://a.example/x", false),
            ("https://a.example/help", "https://a.example/help", true),
            ("https://a.example/help", "https://a.example/help/x", true),
            ("https://a.example/help", "https://a.example/helpers", false),
            ("https://a.example/help/", "https://a.example/help", true),
            (
                "https://a.example/help/index.html",
                "https://a.example/help/x",
                true,
            ),
            (
                "https://a.example/docs/sitemap.xml",
                "https://a.example/docs/x",
                true,
            ),
            (
                "https://a.example/docs/sitemap.xml",
                "https://a.example/x",
                false,
            ),
            ("https://a.example", "https://u:p@a.example/x", false),
        ] {
            assert_eq!(contains(address, url), expected, "{address} {url}");
        }
    }

    #[test]
    fn addresses_that_are_not_of_the_web_are_errors() {
        for address in [
            "x",
            "ftp://a.example",
            "file:///etc/passwd",
            "https://u:p@a.example",
            "mailto:a@b",
        ] {
            assert!(Scope::parse(address).is_err(), "{address}");
        }
        assert!(scope("https://a.example/Sitemap.XML.gz").is_sitemap);
        assert!(!scope("https://a.example/xml").is_sitemap);
    }

    #[test]
    fn links_lose_their_fragment_and_lead_to_pages() {
        let scope = scope("https://a.example/h/");
        let base = Url::parse("https://a.example/h/one/").unwrap();
        let link = |href: &str| scope.link(&base, href).map(String::from);
        assert_eq!(
            link("../two?#x").as_deref(),
            Some("https://a.example/h/two")
        );
        assert_eq!(
            link(" ?p=1 ").as_deref(),
            Some("https://a.example/h/one/?p=1")
        );
        for other in [
            "/",
            "//b.example/h/",
            "mailto:x@y",
            "javascript:1",
            "a.PNG",
            "../../etc",
            "http://",
        ] {
            assert_eq!(link(other), None, "{other}");
        }
    }
}
