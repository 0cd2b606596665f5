//! Sitemaps: [XML](https://www.sitemaps.org/protocol.html) or a line for each page, plain or as gzip.

use roxmltree::{Document, ParsingOptions};

use super::charset::decode;
use super::unpack::{Trouble, gunzip, is_gzip};

/// The most bytes of a sitemap, as the protocol has it.
pub(super) const LARGEST: u64 = 50 * 1024 * 1024;
/// Elements and texts of a sitemap: the protocol allows 50,000 pages.
const MOST_NODES: u32 = 2_000_000;

/// A sitemap as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Pages, each with its `lastmod` if it has one.
    pub(super) pages: Vec<(String, Option<String>)>,
    /// Other sitemaps, if this is an index.
    pub(super) sitemaps: Vec<String>,
}

/// Reads a sitemap.
///
/// # Errors
///
/// What is none, in words that continue "the sitemap".
pub(super) fn parse(bytes: &[u8]) -> Result<Sitemap, String> {
    let unpacked;
    let bytes = match is_gzip(bytes) {
        false => bytes,
        true => {
            unpacked = gunzip(bytes, LARGEST).map_err(|trouble| match trouble {
                Trouble::TooLarge => "unpacks to more than 50 MB".to_owned(),
                Trouble::Broken => "is a broken gzip".to_owned(),
            })?;
            &unpacked
        }
    };
    let (text, _) = decode(bytes, "");
    let text = text.trim_start();
    match text.starts_with('<') {
        true => xml(text),
        false => lines(text),
    }
}

fn xml(text: &str) -> Result<Sitemap, String> {
    let options = ParsingOptions {
        // No entities, which could grow without end.
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|err| format!("is not XML that can be read: {err}"))?;
    let root = document.root_element();
    let child = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node
            .children()
            .find(|child| child.tag_name().name() == name);
        let text = found.and_then(|found| found.text()).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let children = |name: &'static str| {
        let nodes = root.children();
        nodes.filter(move |node| node.tag_name().name() == name)
    };
    match root.tag_name().name() {
        "urlset" => Ok(Sitemap {
            pages: children("url")
                .filter_map(|node| Some((child(node, "loc")?, child(node, "lastmod"))))
                .collect(),
            ..Sitemap::default()
        }),
        "sitemapindex" => Ok(Sitemap {
            sitemaps: children("sitemap")
                .filter_map(|node| child(node, "loc"))
                .collect(),
            ..Sitemap::default()
        }),
        other => Err(format!("is no sitemap: it begins with `<{other}>`")),
    }
}

fn lines(text: &str) -> Result<Sitemap, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pages: Vec<_> = lines.map(|line| (line.to_owned(), None)).collect();
    match pages.iter().all(|(line, _)| line.starts_with("http")) {
        true if !pages.is_empty() => Ok(Sitemap {
            pages,
            ..Sitemap::default()
        }),
        _ => Err("is neither XML nor a list of addresses".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMESPACE: &str = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'";

    #[test]
    fn pages_and_their_dates_are_read() {
        let text = format!(
            "\n<?xml version='1.0'?><urlset {NAMESPACE}><url><loc> https://a.example/?a=1&amp;b </loc>\
             <lastmod>2026-01-02</lastmod></url><url><lastmod>x</lastmod></url><url><loc>b</loc></url></urlset>"
        );
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!(
            found.pages,
            [
                (
                    "https://a.example/?a=1&b".to_owned(),
                    Some("2026-01-02".to_owned())
                ),
                ("b".to_owned(), None)
            ]
        );
        let index =
            format!("<sitemapindex {NAMESPACE}><sitemap><loc>a.xml</loc></sitemap></sitemapindex>");
        assert_eq!(parse(index.as_bytes()).unwrap().sitemaps, ["a.xml"]);
        let lines = parse(b"https://a.example/\r\n\r\nhttps://a.example/b\r\n").unwrap();
        assert_eq!(lines.pages.len(), 2);
    }

    #[test]
    fn what_is_no_sitemap_is_said_to_be_none() {
        for (text, expected) in [
            ("<html><body>", "is not XML"),
            ("<rss></rss>", "begins with `<rss>`"),
            ("hello", "neither XML nor"),
            ("", "neither XML nor"),
            (
                "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset>&b;</urlset>",
                "is not XML",
            ),
        ] {
            let err = parse(text.as_bytes()).unwrap_err();
            assert!(err.contains(expected), "{text}: {err}");
        }
    }
}
