//! What a page says to a program that walks through a website: links, and wishes about being read.

use markup5ever_rcdom::Handle;

use super::html::{attribute, document, name};

/// Elements of this depth are passed over, as by the reader.
const DEEPEST: usize = 200;
/// No page for people has more links.
const MOST_LINKS: usize = 5000;

/// What a page says besides its text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// As written, in their order.
    pub(crate) links: Vec<String>,
    /// What its links are relative to, if it says so.
    pub(crate) base: Option<String>,
    /// Whether it asks not to be listed.
    pub(crate) noindex: bool,
    /// Whether it asks that its links are not followed.
    pub(crate) nofollow: bool,
    pub(crate) has_scripts: bool,
    /// Where it sends its visitors at once.
    pub(crate) refresh: Option<String>,
}

/// Reads a page of a website.
pub(crate) fn survey(text: &str) -> Survey {
    let mut survey = Survey::default();
    survey.read(&document(text).document, 0);
    survey
}

/// Whether a list such as `noindex, nofollow` asks not to be listed, and not to be followed.
pub(crate) fn wishes(list: &str) -> (bool, bool) {
    let list = list.to_lowercase();
    let has = |word: &str| {
        list.split(',')
            .any(|one| [word, "none"].contains(&one.trim()))
    };
    (has("noindex"), has("nofollow"))
}

impl Survey {
    fn read(&mut self, node: &Handle, depth: usize) {
        match name(node) {
            "a" | "area" => {
                let rel = attribute(node, "rel").unwrap_or_default();
                let is_followed = !rel.split_whitespace().any(|rel| rel == "nofollow");
                if is_followed && self.links.len() < MOST_LINKS {
                    self.links.extend(attribute(node, "href"));
                }
            }
            "base" if self.base.is_none() => self.base = attribute(node, "href"),
            "meta" => self.meta(node),
            "script" => {
                let kind = attribute(node, "type").unwrap_or_default();
                self.has_scripts |= !kind.contains("json");
            }
            _ => {}
        }
        if depth < DEEPEST {
            for child in node.children.borrow().iter() {
                self.read(child, depth + 1);
            }
        }
    }

    fn meta(&mut self, node: &Handle) {
        let content = attribute(node, "content").unwrap_or_default();
        let is = |key: &str, value: &str| {
            attribute(node, key).is_some_and(|own| own.trim().eq_ignore_ascii_case(value))
        };
        if is("name", "robots") || is("name", env!("CARGO_PKG_NAME")) {
            let (noindex, nofollow) = wishes(&content);
            self.noindex |= noindex;
            self.nofollow |= nofollow;
        }
        if is("http-equiv", "refresh") {
            let url = content.split_once('=').map(|(_, url)| url.trim());
            let url = url.map(|url| url.trim_matches(['\'', '"']).to_owned());
            self.refresh = self.refresh.take().or(url);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_wishes_are_found_wherever_they_are() {
        let found = survey(
            "<base href=/b/><meta name=Robots content='NoIndex, follow'>\
             <meta http-equiv=refresh content=\"0; url='/new'\"><nav><a href=/a>a</a></nav>\
             <p><a rel='nofollow me' href=/b>b</a><a href='c#d'>c</a><a name=e>\
             <script type=application/ld+json>{}</script>",
        );
        assert_eq!(
            found,
            Survey {
                links: vec!["/a".to_owned(), "c#d".to_owned()],
                base: Some("/b/".to_owned()),
                noindex: true,
                nofollow: false,
                has_scripts: false,
                refresh: Some("/new".to_owned()),
            }
        );
        assert!(survey("<script src=x>").has_scripts);
        assert_eq!(wishes("none"), (true, true));
        assert_eq!(wishes("all, nofollow"), (false, true));
    }
}
