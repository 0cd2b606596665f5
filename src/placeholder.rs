//! Placeholders that the owner still has to replace: the addresses and keys of the sample, and those that `new` and
//! the studio start with.

use std::collections::BTreeMap;

use session::is_loopback;
use url::Url;

use crate::config::Documents;
use crate::site::Site;
use crate::yaml::{Kind, Node, Source};

/// Names that belong to nobody, by RFC 2606.
const EXAMPLES: [&str; 3] = ["example.com", "example.net", "example.org"];

/// The top-level domain that belongs to nobody, by the same.
const TOP_LEVEL: &str = ".example";

/// Prefix of the domain keys that OpenAI issues. On this machine any word will do.
const DOMAIN_KEY: &str = "domain_pk_";

/// Prefix of workflow ids.
const WORKFLOW: &str = "wf_";

/// Parts of ids that people write for "the rest".
const REST: [&str; 5] = ["...", "example", "your", "xxx", "<"];

/// Each placeholder that is left: its file and line, and what to do about it.
pub(crate) fn of(site: &Site, documents: &Documents) -> Vec<(String, String)> {
    let mut found = Found {
        site,
        texts: BTreeMap::new(),
    };
    found.collect(&documents.root, "", "");
    let advice = found.texts.into_iter().map(|((file, at), text)| {
        let Source { path, text: source } = &documents.sources[file];
        let line = source[..at].matches('\n').count() + 1;
        (format!("{}:{line}", path.display()), text)
    });
    advice.collect()
}

struct Found<'a> {
    site: &'a Site,
    /// The to-dos by file and byte, because each widget repeats those of `defaults`.
    texts: BTreeMap<(usize, usize), String>,
}

impl Found<'_> {
    /// `section` is the key above `key`.
    fn collect(&mut self, node: &Node, section: &str, key: &str) {
        match &node.kind {
            Kind::Map(entries) => {
                for entry in entries {
                    self.collect(&entry.value, key, &entry.key);
                }
            }
            Kind::List(items) => items
                .iter()
                .for_each(|item| self.collect(item, section, key)),
            Kind::Text(text) => {
                if let Some(what) = self.placeholder(text, section, key) {
                    let at = (node.place.file, node.place.span.start);
                    self.texts.insert(at, what);
                }
            }
            _ => {}
        }
    }

    fn placeholder(&self, text: &str, section: &str, key: &str) -> Option<String> {
        let is_public = !self.site.base_url.is_local();
        let is_replaced = (section, key) == ("site", "url") && !self.site.base_url.is_written();
        match key {
            "domain_key" if is_public && is_no_key(text) => {
                let why = match text.starts_with(DOMAIN_KEY) {
                    true => "is an example",
                    false => "only works on this machine",
                };
                Some(format!(
                    "`{text}` {why}: OpenAI issues the key for your domain at \
                     https://platform.openai.com/settings/organization/security/domain-allowlist"
                ))
            }
            "workflow" if is_part(text) => Some(format!(
                "`{text}` is an example: Agent Builder shows the id when you publish the workflow"
            )),
            _ if is_replaced => None,
            _ => match example(text) {
                Some(name) => Some(format!("`{name}` is an example: write your own")),
                None if is_public && key != "allowed_origins" && is_of_this_machine(text) => Some(
                    format!("visitors cannot reach `{text}`, which is their own machine"),
                ),
                None => None,
            },
        }
    }
}

/// Returns whether an address belongs to nobody.
pub(crate) fn is_example(address: &str) -> bool {
    example(address).is_some()
}

/// Returns whether OpenAI has surely not issued this domain key.
pub(crate) fn is_no_key(text: &str) -> bool {
    let tail = text.strip_prefix(DOMAIN_KEY);
    tail.is_none_or(|tail| REST.iter().any(|rest| tail.contains(rest)))
}

fn is_part(text: &str) -> bool {
    let tail = text.strip_prefix(WORKFLOW).unwrap_or_default();
    tail.is_empty()
        || REST
            .iter()
            .any(|rest| tail.to_ascii_lowercase().contains(rest))
}

/// The address in a text that belongs to nobody: the host and what is around it.
fn example(text: &str) -> Option<&str> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_address = |c: char| is_host(c) || matches!(c, ':' | '/' | '*' | '@' | '_' | '%');
    let is_example = |host: &str| {
        let host = host.trim_matches('.').to_ascii_lowercase();
        let is_name = |name: &str| {
            host.strip_suffix(name)
                .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
        };
        EXAMPLES.iter().any(|name| is_name(name)) || host.ends_with(TOP_LEVEL)
    };
    let mut addresses = text.split(|c| !is_address(c));
    let address = addresses.find(|address| address.split(|c| !is_host(c)).any(is_example))?;
    Some(address.trim_end_matches(['.', ':']))
}

fn is_of_this_machine(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_found_wherever_it_stands() {
        for (text, found) in [
            ("https://chat.example.com", Some("https://chat.example.com")),
            ("https://*.example.org", Some("https://*.example.org")),
            ("mailto:help@example.com", Some("mailto:help@example.com")),
            ("Write to help@Example.net.", Some("help@Example.net")),
            (
                "https://shop.example/path?a=b",
                Some("https://shop.example/path"),
            ),
            ("https://notexample.com", None),
            ("https://example.com.acme.com", None),
            ("For example, ask us. Example: this", None),
        ] {
            assert_eq!(example(text), found, "{text}");
        }
    }

    #[test]
    fn parts_of_ids_are_told_from_whole_ones() {
        for text in ["wf_", "wf_...", "wf_your_workflow", "wf_XXXX"] {
            assert!(is_part(text), "{text}");
        }
        for text in ["domain_pk_example", "local-dev", "domain_pk_<yours>"] {
            assert!(is_no_key(text), "{text}");
        }
        assert!(!is_part("wf_68e5d1a2b3c4d5e6f7a8b9c0d1e2f3a4"));
        assert!(!is_no_key("domain_pk_68e5d1a2b3c4"));
    }
}
