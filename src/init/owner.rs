//! What the files of a site say about its owner, for its next widget.

use std::path::Path;

use serde_json::Value;
use session::is_loopback;
use url::Url;

use super::answers::default_name;
use super::starters::Language;

/// Whom a new widget is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The name of the brand; or the host of the website that shows the chat, without `www.`; or the folder's name.
    pub(crate) name: String,
    /// The language of the pages so far.
    pub(crate) language: Language,
}

impl Owner {
    /// From the section `site`, the first widget with everything that it inherits (or else what it would inherit), and
    /// the folder of the site.
    pub(crate) fn of(site: &Value, widget: &Value, folder: &Path) -> Self {
        let websites = site["allowed_origins"].as_array().into_iter().flatten();
        let mut addresses = websites.chain([&site["url"]]).filter_map(Value::as_str);
        let said = [&widget["page"]["language"], &widget["chatkit"]["locale"]];
        let mut tags = said.into_iter().filter_map(Value::as_str);
        let brands = [&widget["brand"]["name"], &site["brand"]["name"]];
        let brand = brands.into_iter().find_map(Value::as_str);
        let brand = brand.map(str::to_owned);
        Self {
            name: brand
                .or_else(|| addresses.find_map(host))
                .unwrap_or_else(|| default_name(folder)),
            language: tags.find_map(Language::of).unwrap_or_default(),
        }
    }
}

/// The host of an address, if it tells whose website this is.
fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let is_one = !host.contains('*') && !is_loopback(host);
    is_one.then(|| host.trim_start_matches("www.").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_is_that_of_the_website_and_the_language_that_of_the_pages() {
        let site =
            |origins: &[&str]| json!({"allowed_origins": origins, "url": "https://chat.a.example"});
        for (site, name) in [
            (
                site(&["https://*.b.example", "https://www.b.example:8443"]),
                "b.example",
            ),
            (
                site(&["http://localhost:5173", "${WEBSITE}"]),
                "chat.a.example",
            ),
            (
                json!({"url": "https://a.example", "brand": {"name": "Morrow"}}),
                "Morrow",
            ),
            (json!({"url": "${URL}"}), "shop"),
            (Value::Null, "shop"),
        ] {
            let owner = Owner::of(&site, &Value::Null, Path::new("/home/shop"));
            assert_eq!(owner.name, name, "{site}");
            assert_eq!(owner.language, Language::default());
        }
        for (widget, tag) in [
            (json!({"page": {"language": "de-AT"}}), "de"),
            (json!({"chatkit": {"locale": "ja"}}), "ja"),
            (
                json!({"page": {"language": "pt"}, "chatkit": {"locale": "fr"}}),
                "pt",
            ),
            (json!({"page": {"language": "nl"}}), "en"),
        ] {
            let owner = Owner::of(&Value::Null, &widget, Path::new("/"));
            assert_eq!(owner.language.0, tag, "{widget}");
        }
    }
}
