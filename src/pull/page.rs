//! A page of a website → Markdown, or why it is none.

use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use super::charset::decode;
use super::fetch::Document;
use super::scope::{Scope, plain};
use crate::knowledge::{Block, Page, compose, parse_html, survey, wishes};
use crate::yaml::holds_key;

/// A page with scripts and fewer words is made by them.
const FEW_WORDS: usize = 8;

/// What a page of a website turned out to be.
#[derive(Debug)]
pub(super) struct Found {
    /// The pages that it links to, in its order.
    pub(super) links: Vec<Url>,
    /// The page, or why it is left out.
    pub(super) draft: Result<Draft, String>,
    /// What is odd about it.
    pub(super) note: Option<String>,
}

/// A page to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) title: String,
    /// The address that the page gives itself, or else where it is.
    pub(super) url: Url,
    /// Markdown.
    pub(super) body: String,
    pub(super) etag: Option<String>,
}

/// Reads a page.
pub(super) fn read(document: &Document, scope: &Scope) -> Found {
    let (text, note) = decode(&document.bytes, &document.content_type);
    let survey = survey(&text);
    let (noindex, nofollow) = wishes(&document.robots);
    let base = survey.base.as_deref();
    let base = base.and_then(|base| document.url.join(base).ok());
    let base = base.unwrap_or_else(|| document.url.clone());
    let hrefs = survey.links.iter().chain(&survey.refresh);
    let links = match nofollow || survey.nofollow {
        true => Vec::new(),
        false => hrefs.filter_map(|href| scope.link(&base, href)).collect(),
    };
    let page = parse_html(&text);
    let draft = match reason(&page, survey.has_scripts) {
        _ if noindex || survey.noindex => Err("it asks not to be listed (`noindex`)".to_owned()),
        Some(reason) => Err(reason.to_owned()),
        None => draft(document, &page, &base, scope),
    };
    Found { links, draft, note }
}

/// Why a page is not worth a file.
fn reason(page: &Page, has_scripts: bool) -> Option<&'static str> {
    let texts = page.blocks.iter().map(text_of);
    let words: usize = texts.map(|text| text.unicode_words().count()).sum();
    match has_scripts {
        true if words < FEW_WORDS => {
            Some("it needs JavaScript: without it, the page has no text to speak of")
        }
        _ if words == 0 => Some("it holds no text"),
        _ => None,
    }
}

fn text_of(block: &Block) -> &String {
    match block {
        Block::Heading { text, .. } | Block::Text { text, .. } => text,
    }
}

fn draft(document: &Document, page: &Page, base: &Url, scope: &Scope) -> Result<Draft, String> {
    let canonical = page.url.as_deref();
    let canonical = canonical.and_then(|url| base.join(url.trim()).ok());
    let canonical = canonical.map(plain).filter(|url| scope.contains(url));
    // In Markdown, an escape might be inside a key.
    let mut texts = page.blocks.iter().map(text_of).chain([&page.title]);
    if texts.any(|text| holds_key(text)) {
        return Err("it holds what looks like an OpenAI API key".to_owned());
    }
    let body = compose(page);
    Ok(Draft {
        title: page.title.clone(),
        url: canonical.unwrap_or_else(|| document.url.clone()),
        body,
        etag: document.etag.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Found {
        let document = Document {
            url: Url::parse("https://a.example/h/one").unwrap(),
            is_for_good: true,
            bytes: html.as_bytes().to_vec(),
            content_type: "text/html".to_owned(),
            etag: None,
            robots: String::new(),
        };
        read(&document, &Scope::parse("https://a.example/h/").unwrap())
    }

    #[test]
    fn a_page_becomes_markdown_with_the_address_that_it_gives_itself() {
        let page = found(
            "<title>T</title><link rel=canonical href=/h/uno#x><nav><a href=two>2</a></nav>\
             <main><h1 id=a>One</h1><p>Hello.</main>",
        );
        let draft = page.draft.unwrap();
        assert_eq!(draft.title, "One");
        assert_eq!(draft.url.as_str(), "https://a.example/h/uno");
        assert_eq!(draft.body, "# One {#a}\n\nHello.\n");
        assert_eq!(page.links[0].as_str(), "https://a.example/h/two");
        let elsewhere = found("<link rel=canonical href=https://b.example/><p>Hello.");
        assert_eq!(
            elsewhere.draft.unwrap().url.as_str(),
            "https://a.example/h/one"
        );
    }

    #[test]
    fn pages_that_are_not_for_reading_are_left_out_with_the_reason() {
        for (html, expected) in [
            (
                "<body><div id=root></div><noscript>Enable it</noscript><script src=a.js></script>",
                "JavaScript",
            ),
            ("<script>1</script><p>Loading, please wait", "JavaScript"),
            ("<body>", "no text"),
            ("<meta name=robots content=noindex><p>x", "noindex"),
            ("<p>sk-proj-0123456789abcdef0123456789abcdef", "API key"),
        ] {
            let reason = found(html).draft.unwrap_err();
            assert!(reason.contains(expected), "{html}: {reason}");
        }
        assert!(found("<p>Short, and without scripts.").draft.is_ok());
        let nofollow = found("<meta name=robots content=nofollow><a href=two>x</a>");
        assert!(nofollow.links.is_empty() && nofollow.draft.is_ok());
    }
}
