//! Reads what `render` wrote: the one place that knows how settings are kept in loaders, pages and `settings.js`.
//!
//! The last build may be that of an older version or of another theme. Whatever is not found where it is looked for stays
//! in the rest of the file, which is then reported as changed.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};

/// A file of a widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Page,
    Settings,
    Loader,
    Form,
}

/// The settings in a file, and the rest of it without them and without hashes of other files.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The object of settings.
    pub(super) settings: Option<Value>,
    /// Values of which a page is made, by the names of the options.
    pub(super) facts: BTreeMap<&'static str, String>,
    /// The custom properties of the style.
    pub(super) properties: BTreeMap<String, String>,
    /// The rest of that style.
    pub(super) style: String,
    /// The part of the policy that is in the page.
    pub(super) policy: String,
    /// The names of the assets that the file refers to.
    pub(super) assets: Vec<String>,
    pub(super) rest: String,
}

impl Contents {
    pub(super) fn read(kind: Kind, widget: &str, text: &str) -> Self {
        let mut contents = match kind {
            Kind::Page => page(widget, text),
            Kind::Settings => settings(widget, text),
            Kind::Loader => loader(widget, text),
            Kind::Form => Self::default(),
        };
        if kind == Kind::Form {
            contents.rest = text.to_owned();
        }
        contents.rest = without_hashes(&contents.rest);
        contents.assets = assets_in(text);
        contents
    }
}

fn settings(widget: &str, text: &str) -> Contents {
    let Some((before, settings, after)) = object(text, "widget", widget) else {
        return Contents {
            rest: text.to_owned(),
            ..Contents::default()
        };
    };
    Contents {
        settings: Some(settings),
        rest: format!("{before}{after}"),
        ..Contents::default()
    }
}

fn loader(widget: &str, text: &str) -> Contents {
    let Some((before, settings, after)) = object(text, "name", widget) else {
        return Contents {
            rest: text.to_owned(),
            ..Contents::default()
        };
    };
    let (style, after) = following_text(after).unwrap_or((String::new(), after));
    let (properties, style) = properties(&style);
    Contents {
        settings: Some(settings),
        properties,
        style,
        // The comment in the first line has the widget's name.
        rest: format!("{before}{after}").replace(widget, ""),
        ..Contents::default()
    }
}

/// The places of a page's values, each between two texts.
const FACTS: [(&str, &str, &str); 6] = [
    ("page.title", "<title>", "</title>"),
    (
        "page.description",
        "<meta name=\"description\" content=\"",
        "\">",
    ),
    ("page.robots", "<meta name=\"robots\" content=\"", "\">"),
    ("page.language", "<html lang=\"", "\""),
    ("chatkit.theme.colorScheme", "data-scheme=\"", "\""),
    ("page.icon", "<link rel=\"icon\" href=\"", "\">"),
];

/// The same for the policy.
const POLICY: (&str, &str) = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"",
    "\">",
);

fn page(widget: &str, text: &str) -> Contents {
    // Older pages hold their settings; `settings.js` always has them, too.
    let mut rest = match object(text, "widget", widget) {
        Some((before, _, after)) => format!("{before}{after}"),
        None => text.replace(&format!("/w/{widget}/"), ""),
    };
    let policy = cut(&mut rest, POLICY.0, POLICY.1).unwrap_or_default();
    let mut facts = BTreeMap::new();
    for (name, start, end) in FACTS {
        if let Some(value) = cut(&mut rest, start, end) {
            if name == "page.title" {
                rest = rest.replace(&format!(">{value}<"), "><");
            }
            facts.insert(name, without_hashes(&unescaped(&value)));
        }
    }
    // What is cut may have been all of its line.
    let lines: Vec<_> = rest
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let rest = lines.join("\n");
    Contents {
        facts,
        policy,
        rest,
        ..Contents::default()
    }
}

/// Removes the first text between two others, with these.
fn cut(text: &mut String, start: &str, end: &str) -> Option<String> {
    let from = text.find(start)?;
    let inner = from + start.len();
    let until = inner + text[inner..].find(end)?;
    let value = text[inner..until].to_owned();
    text.replace_range(from..until + end.len(), "");
    Some(value)
}

/// A text of HTML as people write it.
fn unescaped(html: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
    ];
    let text = html.to_owned();
    entities
        .into_iter()
        .fold(text, |text, (entity, character)| {
            text.replace(entity, character)
        })
}

/// The JSON object whose first key has this value, with the text before and after it.
fn object<'a>(text: &'a str, key: &str, value: &str) -> Option<(&'a str, Value, &'a str)> {
    let start = text.find(&format!("{{\"{key}\":\"{value}\""))?;
    let (before, from) = text.split_at(start);
    let mut values = Deserializer::from_str(from).into_iter::<Value>();
    let object = values.next()?.ok()?;
    Some((before, object, &from[values.byte_offset()..]))
}

/// The JSON string that is the next argument, with the text after it.
fn following_text(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix(',')?.trim_start();
    let mut values = Deserializer::from_str(text).into_iter::<String>();
    let string = values.next()?.ok()?;
    Some((string, &text[values.byte_offset()..]))
}

/// The custom properties that a style sets, the last value of each, and the rest of the style. Those for phones are
/// `phone --X`.
pub(super) fn properties(style: &str) -> (BTreeMap<String, String>, String) {
    let mut found = BTreeMap::new();
    let mut rest = String::new();
    let mut selectors: Vec<&str> = Vec::new();
    for part in style.split_inclusive(['{', '}', ';']) {
        let text = part.trim_end_matches(['{', '}', ';']);
        if part.ends_with('{') {
            selectors.push(text);
            rest += part;
            continue;
        }
        let is_plain = matches!(selectors.last(), Some(&(".box" | ":host" | ":root")));
        match text.split_once(':') {
            Some((name, value)) if is_plain && name.starts_with("--") => {
                let is_on_phone = selectors[0].starts_with("@media(max-width:");
                let on = if is_on_phone { "phone " } else { "" };
                found.insert(format!("{on}{name}"), value.trim().to_owned());
            }
            _ => rest += part,
        }
        if part.ends_with('}') {
            selectors.pop();
        }
    }
    // What held nothing but such properties is as good as missing.
    for empty in [".box{", "@media(max-width:639px){", ":host{"] {
        rest = rest.replace(&format!("{empty}}}"), "").replace(empty, "");
    }
    (found, rest.replace('}', ""))
}

/// The same text whatever the hashes in its names are: `page.0123456789abcdef.css` becomes `page.css`, and
/// `settings.js?v=01234567` becomes `settings.js`.
pub(super) fn without_hashes(text: &str) -> String {
    let is_hash = |part: &str, digits| {
        part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts: Vec<_> = text.split('.').filter(|part| !is_hash(part, 16)).collect();
    let text = parts.join(".");
    let mut versions = text.split("?v=");
    let mut plain = versions.next().unwrap_or_default().to_owned();
    for version in versions {
        match version.get(..8) {
            Some(hash) if is_hash(hash, 8) => plain += &version[8..],
            _ => {
                plain += "?v=";
                plain += version;
            }
        }
    }
    plain
}

/// The names of the assets that a text refers to.
fn assets_in(text: &str) -> Vec<String> {
    let names = text.split("/assets/").skip(1);
    let names = names.filter_map(|rest| rest.split(['"', '\'', ' ', '>']).next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_do_not_count() {
        let text = "a /assets/page.0123456789abcdef.css, settings.js?v=01234567\" b?v=x";
        let plain = "a /assets/page.css, settings.js\" b?v=x";
        assert_eq!(without_hashes(text), plain);
    }

    #[test]
    fn widgets_own_properties_are_set_apart_from_the_style() {
        let theme = ".box{--X:20px;color:red;}.a{--X:1px;}";
        let own = "@media(max-width:639px){.box{--X:5px;}}:host{--z:9;}";
        let (before, style) = properties(theme);
        let (after, same) = properties(&format!("{theme}.box{{--X:30px;}}{own}"));
        assert_eq!(style, same);
        assert_eq!((&*before["--X"], &*after["--X"]), ("20px", "30px"));
        assert_eq!((&*after["phone --X"], &*after["--z"]), ("5px", "9"));
    }

    #[test]
    fn settings_of_a_loader_are_found_in_any_layout() {
        let text = ";(S=>{})(\n // {\"name\":\"x\"}\n {\"name\":\"a\",\"label\":\"\\u00e9\"},\n \".box{--X:1px;}\")";
        let contents = Contents::read(Kind::Loader, "a", text);
        assert_eq!(contents.settings.unwrap_or_default()["label"], "é");
        assert_eq!(contents.properties["--X"], "1px");
        let none = Contents::read(Kind::Loader, "b", text);
        assert!(none.settings.is_none() && none.rest == text);
    }
}
