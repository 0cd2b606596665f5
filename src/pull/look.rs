//! A website → what a brand takes from it: name, language, colour, font and logo.
//!
//! Guesses by what websites say of themselves, the plainest first. Only the website itself is asked for anything: not even
//! for styles that it has elsewhere.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Result, bail};
use csscolorparser::Color;
use markup5ever_rcdom::{Handle, NodeData};
use regex_lite::Regex;
use url::{Host, Url};

use super::charset;
use super::fetch::{Ask, Document, Fetched, Fetcher};
use super::scope::{Scope, plain};
use crate::hint::Hinted;
use crate::knowledge::{LARGEST_FILE, html};
use crate::logo;

/// Style sheets of a page that are read, and pictures that may be its logo.
const MOST_STYLES: usize = 6;
const MOST_LOGOS: usize = 4;

/// Elements below this depth are not looked at.
const DEEPEST: usize = 200;

/// Colours with less chroma in OKLCH than this are greys, which are nobody's brand unless they say so.
const COLOURFUL: f32 = 0.06;

/// What a website looks like. What could not be found is missing.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) name: Option<String>,
    /// BCP 47 tag.
    pub(crate) language: Option<String>,
    /// `#rrggbb`
    pub(crate) color: Option<String>,
    /// CSS font families.
    pub(crate) font: Option<String>,
    /// A file that `logo` takes.
    pub(crate) logo: Option<Vec<u8>>,
}

impl Look {
    /// Reads the page at an address, and what of its styles and pictures is at the same website.
    ///
    /// # Errors
    ///
    /// What is not an address, and a page that cannot be read.
    pub(crate) fn of(address: &str) -> Result<Self> {
        let address = address.trim();
        let address = match address.contains("://") {
            true => address.to_owned(),
            false => format!("https://{address}"),
        };
        let scope = Scope::parse(&address)?;
        let mut website = Website {
            fetcher: Fetcher::new(Duration::ZERO),
            home: scope.address,
        };
        let document = website.page()?;
        let (text, _) = charset::decode(&document.bytes, &document.content_type);
        let mut seen = Seen::default();
        seen.read(&html::document(&text).document, 0);
        let base = document.url;
        let mut css = std::mem::take(&mut seen.styles);
        for href in seen.sheets.iter().take(MOST_STYLES) {
            if let Some(sheet) = website.file(&base, href) {
                css += &charset::decode(&sheet.bytes, &sheet.content_type).0;
                css.push('\n');
            }
        }
        let language = seen.language.take();
        let logos = seen.logos().take(MOST_LOGOS);
        let mut logos = logos.filter_map(|href| Some(website.file(&base, href)?.bytes));
        Ok(Self {
            logo: logos.find(|bytes| logo::ending_of(bytes).is_ok()),
            name: seen.name(&base),
            color: color_of(seen.theme_color.as_deref(), &css),
            font: font_of(&css),
            language,
        })
    }
}

/// The website that somebody named.
struct Website {
    fetcher: Fetcher,
    home: Url,
}

impl Website {
    fn page(&mut self) -> Result<Box<Document>> {
        let home = self.home.clone();
        let reason = match self.get(&home, true) {
            Fetched::Document(document) => return Ok(document),
            Fetched::Failed(reason) | Fetched::LeftOut(reason) | Fetched::Elsewhere(reason) => {
                reason
            }
            Fetched::Gone => "there is no such page".to_owned(),
            Fetched::Unchanged => "it has no content".to_owned(),
        };
        bail!(Hinted::new(
            format!("failed to read {home}: {reason}"),
            "write the address as your browser shows it"
        ))
    }

    /// A file that a page refers to, if it is at the same website and can be had.
    fn file(&mut self, base: &Url, href: &str) -> Option<Box<Document>> {
        let url = plain(base.join(href.trim()).ok()?);
        if !is_same(&self.home, &url) {
            return None;
        }
        match self.get(&url, false) {
            Fetched::Document(document) => Some(document),
            _ => None,
        }
    }

    fn get(&mut self, url: &Url, is_page: bool) -> Fetched {
        let home = &self.home;
        let may = |target: &Url| match is_same(home, target) {
            true => Ok(()),
            false => Err("which is another website".to_owned()),
        };
        let ask = Ask {
            limit: LARGEST_FILE,
            is_page,
            etag: None,
            may: &may,
        };
        self.fetcher.get(url, &ask)
    }
}

/// Whether two addresses are of one website: the same host, with or without `www.`, or one below it.
fn is_same(home: &Url, other: &Url) -> bool {
    if !matches!(other.scheme(), "http" | "https") || !other.username().is_empty() {
        return false;
    }
    match (home.host(), other.host()) {
        (Some(Host::Domain(home)), Some(Host::Domain(other))) => {
            let home = home.trim_start_matches("www.");
            let below = other.strip_suffix(home);
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        }
        // Of addresses in numbers, every port is a website of its own.
        _ => home.origin() == other.origin(),
    }
}

/// What a page says about itself.
#[derive(Default)]
struct Seen {
    language: Option<String>,
    title: String,
    site_name: Option<String>,
    theme_color: Option<String>,
    /// Addresses of pictures that are called logos.
    named_logos: Vec<String>,
    /// Addresses of icons, by how good a logo they make.
    icons: Vec<(u8, String)>,
    sheets: Vec<String>,
    /// What stands in the page's own `<style>`.
    styles: String,
}

impl Seen {
    fn read(&mut self, node: &Handle, depth: usize) {
        let attribute =
            |name: &str| html::attribute(node, name).filter(|text| !text.trim().is_empty());
        match html::name(node) {
            "html" => self.language = attribute("lang").and_then(|tag| language_of(&tag)),
            "title" if self.title.is_empty() => self.title = text_of(node),
            "style" => self.styles += &text_of(node),
            "meta" => self.read_meta(&attribute),
            "link" => self.read_link(&attribute),
            "img" => {
                let words =
                    ["src", "class", "id", "alt"].map(|name| attribute(name).unwrap_or_default());
                let is_logo = words
                    .iter()
                    .any(|word| word.to_lowercase().contains("logo"));
                self.named_logos
                    .extend(attribute("src").filter(|_| is_logo));
            }
            // Its title is that of a picture.
            "svg" => return,
            _ => {}
        }
        if depth < DEEPEST {
            for child in node.children.borrow().iter() {
                self.read(child, depth + 1);
            }
        }
    }

    fn read_meta(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let content = attribute("content");
        if attribute("property").is_some_and(|name| name == "og:site_name") {
            self.site_name = content.or(self.site_name.take());
        } else if attribute("name").is_some_and(|name| name == "theme-color") {
            let is_dark = attribute("media").is_some_and(|media| media.contains("dark"));
            self.theme_color = self.theme_color.take().or(content.filter(|_| !is_dark));
        }
    }

    fn read_link(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let (Some(rel), Some(href)) = (attribute("rel"), attribute("href")) else {
            return;
        };
        let rel = rel.to_lowercase();
        let is = |word: &str| rel.split_whitespace().any(|each| each == word);
        if is("stylesheet") {
            self.sheets.push(href);
        } else if is("icon") && href.to_lowercase().contains(".svg") {
            self.icons.push((0, href));
        } else if is("apple-touch-icon") || is("apple-touch-icon-precomposed") {
            self.icons.push((1, href));
        } else if is("icon") {
            self.icons.push((2, href));
        }
    }

    /// Addresses that may be a logo, the likeliest first.
    fn logos(&self) -> impl Iterator<Item = &str> {
        let mut icons: Vec<_> = self.icons.iter().collect();
        icons.sort_by_key(|(rank, _)| *rank);
        let icons = icons.into_iter().map(|(_, href)| href);
        self.named_logos.iter().chain(icons).map(String::as_str)
    }

    /// The owner's name: what the page says, or the part of its title that is most like the address.
    fn name(&self, home: &Url) -> Option<String> {
        if let Some(name) = &self.site_name {
            return Some(short(name));
        }
        let parts = self.title.split(['|', '–', '—', '·']);
        let parts = parts.flat_map(|part| part.split(" - "));
        let parts: Vec<_> = parts
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        let host = home
            .host_str()
            .unwrap_or_default()
            .trim_start_matches("www.");
        let label = letters(host.split('.').next().unwrap_or_default());
        let is_owner = |part: &&&str| !label.is_empty() && letters(part).contains(&label);
        let name = parts.iter().find(is_owner).or(parts.first())?;
        Some(short(name))
    }
}

/// Names have up to this many characters.
const LONGEST_NAME: usize = 60;

fn short(name: &str) -> String {
    let words = name.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST_NAME).collect()
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// All text below a node, of `<style>` too.
fn text_of(node: &Handle) -> String {
    let children = node.children.borrow();
    let texts = children.iter().filter_map(|child| match &child.data {
        NodeData::Text { contents } => Some(contents.borrow().to_string()),
        _ => None,
    });
    texts.collect()
}

/// A tag that `page.language` takes: a language, and a region if there is one.
fn language_of(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    pattern(r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$")
        .is_match(&tag)
        .then_some(tag)
}

/// A colour in CSS.
const COLOR: &str = r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|(?:rgb|hsl|oklch)a?\([^()]{1,60}\)";

/// The colour that a website is known by: what it tells browsers, what its styles call a brand's, or the one that they name
/// most often.
fn color_of(theme: Option<&str>, css: &str) -> Option<String> {
    if let Some(color) = theme.and_then(colourful) {
        return Some(color);
    }
    let named = pattern(&format!(
        r"--[\w-]*(?:brand|primary|accent)[\w-]*\s*:\s*({COLOR})"
    ));
    let mut named = named.captures_iter(css);
    if let Some(color) = named.find_map(|found| colourful(&found[1])) {
        return Some(color);
    }
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for found in pattern(COLOR).find_iter(css) {
        if let Some(color) = colourful(found.as_str()) {
            counts.entry(color).or_insert((0, found.start())).0 += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(_, (count, at))| (*count, Reverse(*at)));
    // A black or white website says so, if at all, to browsers.
    most.map(|(color, _)| color)
        .or_else(|| theme.and_then(opaque))
}

fn colourful(text: &str) -> Option<String> {
    let color = csscolorparser::parse(text).ok()?;
    let [_, chroma, _, _] = color.to_oklcha();
    (chroma >= COLOURFUL).then(|| hex(&color)).flatten()
}

fn opaque(text: &str) -> Option<String> {
    hex(&csscolorparser::parse(text).ok()?)
}

fn hex(color: &Color) -> Option<String> {
    match color.to_rgba8() {
        [red, green, blue, 255] => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

/// The fonts of a website's body.
fn font_of(css: &str) -> Option<String> {
    let rule = pattern(
        r"(?:^|[},;\s/])(?:html|body|:root)\b[^{}]*\{[^{}]*?font-family\s*:\s*([^;{}]{1,300})",
    );
    let written = rule
        .captures_iter(css)
        .map(|found| found[1].trim().to_owned());
    let mut known = written.filter_map(|fonts| match variable_of(&fonts) {
        Some(name) => {
            let value = pattern(&format!(
                r"{}\s*:\s*([^;{{}}]{{1,300}})",
                regex_lite::escape(&name)
            ));
            Some(value.captures(css)?[1].trim().to_owned())
        }
        None => Some(fonts),
    });
    known.find_map(|fonts| {
        let fonts = fonts.trim_end_matches("!important").trim();
        let is_plain = pattern(r#"^[\w .,+'"-]+$"#).is_match(fonts);
        is_plain.then(|| fonts.to_owned())
    })
}

/// The custom property that a value is, such as `--font` of `var(--font)`.
fn variable_of(value: &str) -> Option<String> {
    let found = pattern(r"^var\(\s*(--[\w-]+)\s*[,)]").captures(value)?;
    Some(found[1].to_owned())
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours is valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_website_is_a_host_with_or_without_www_and_what_is_below() {
        let home = url("https://www.morrow.example/");
        for (other, is_same_website) in [
            ("https://morrow.example/a.css", true),
            ("https://cdn.morrow.example/a.css", true),
            ("http://www.morrow.example/", true),
            ("https://tomorrow.example/", false),
            ("https://morrow.example.evil.example/", false),
            ("https://me@morrow.example/", false),
            ("ftp://morrow.example/", false),
        ] {
            assert_eq!(is_same(&home, &url(other)), is_same_website, "{other}");
        }
        let local = url("http://127.0.0.1:3000/");
        assert!(is_same(&local, &url("http://127.0.0.1:3000/a.css")));
        assert!(!is_same(&local, &url("http://127.0.0.1:3001/")));
        assert!(!is_same(&home, &url("http://127.0.0.1:3000/")));
    }

    #[test]
    fn a_colour_is_what_browsers_are_told_what_is_called_so_or_what_is_seen_most() {
        let css = "a{color:#333}:root{--brand-color: #e11d1d}b{color:#0a7}i{color:#0a7}";
        for (theme, css, color) in [
            (Some("#1f4fd8"), css, Some("#1f4fd8")),
            (Some("white"), css, Some("#e11d1d")),
            (
                None,
                "a{color:#fff}b{color:#0a7;background:#00aa77}i{color:#e11d1d}",
                Some("#00aa77"),
            ),
            (Some("#000"), "a{color:#fff}", Some("#000000")),
            (Some("url(x)"), "a{color:rgb(1 2 3 / 5%)}", None),
            (None, "", None),
        ] {
            assert_eq!(color_of(theme, css).as_deref(), color, "{css}");
        }
    }

    #[test]
    fn a_font_is_that_of_the_body_and_nothing_that_could_be_more() {
        for (css, font) in [
            (
                "h1{font-family:A}body{margin:0;font-family: \"Inter\", sans-serif}",
                Some("\"Inter\", sans-serif"),
            ),
            (
                "html,body{font-family:var(--sans, Arial)}:root{--sans: 'A B', serif}",
                Some("'A B', serif"),
            ),
            ("body{font-family:Georgia!important}", Some("Georgia")),
            ("body{font-family:url(x)}", None),
            (".body{font-family:A}", None),
            ("body{color:red}", None),
        ] {
            assert_eq!(font_of(css).as_deref(), font, "{css}");
        }
    }

    #[test]
    fn a_name_is_what_the_page_says_or_what_its_title_and_address_share() {
        for (title, name) in [
            ("Kettles for everybody – Morrow", Some("Morrow")),
            ("Morrow | Kettles", Some("Morrow")),
            ("Home - The Kettle Shop", Some("Home")),
            ("Morrow", Some("Morrow")),
            ("", None),
        ] {
            let seen = Seen {
                title: title.to_owned(),
                ..Seen::default()
            };
            assert_eq!(
                seen.name(&url("https://www.morrow.example/")).as_deref(),
                name,
                "{title}"
            );
        }
    }
}
