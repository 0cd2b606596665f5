//! The section `brand:`, of the site and of a widget.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::launcher::ColorSection;
use crate::yaml::{Entry, Kind, Node};

/// Your brand. Launcher, header, chat, focus ring and teaser follow it, in every theme; any setting of their own wins.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BrandSection {
    /// Your colour: a CSS colour, such as `"#1f4fd8"` or `navy`, or `{light, dark}` with one for each. Text on it becomes
    /// black or white, and where the colour would be hard to see, a lighter or darker one takes its place.
    #[schemars(extend("x-default" = {"text": "the theme's"}, "x-control" = "brand-color"))]
    pub(crate) color: Option<ColorSection>,
    /// Your logo, in the bar of the panel and on the page: a file next to `site.yaml`, as SVG, PNG, WebP or JPEG, or an https
    /// address. Files are made small and safe.
    #[schemars(extend("x-default" = {"text": "the launcher's icon"}, "x-control" = "logo"))]
    pub(crate) logo: Option<String>,
    /// Your name, as the title of the panel and of the page.
    #[schemars(extend("x-default" = {"text": "none"}))]
    pub(crate) name: Option<String>,
    /// Roundness of the corners in CSS pixels, `"0"` to `99px`.
    #[schemars(
        regex(pattern = r"^(0|[0-9]{1,2}px)$"),
        example = "12px",
        extend("x-default" = {"text": "the theme's"}, "x-control" = "length")
    )]
    pub(crate) corner: Option<String>,
    /// Your font, or several in the order of preference, such as `Georgia, serif`. It must be installed or loaded by your
    /// website.
    #[schemars(extend("x-default" = {"text": "the theme's"}, "x-control" = "fonts"))]
    pub(crate) font: Option<String>,
    /// Light, dark, what your visitors prefer, or as the page is behind the launcher.
    #[schemars(extend("x-default" = {"text": "`chatkit.theme.colorScheme`"}))]
    pub(crate) tone: Option<Tone>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tone {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// What the visitor's system prefers.
    Auto,
    /// As the page is behind the launcher; on the chat's own page, what the visitor's system prefers.
    Page,
}

/// What a theme's variable takes from the brand, unless the site sets the variable itself.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BrandPart {
    /// The colour.
    Color,
    /// The colour, as light or dark as it must be to be seen on the variable `surface`.
    VisibleColor,
    /// The roundness of corners.
    Corner,
    /// The font.
    Font,
}

/// The parts of a theme's own defaults that a brand replaces, each by a key of the brand.
const REPLACED: [(&str, &[&str]); 4] = [
    ("color", &["chatkit", "theme", "color", "accent"]),
    ("corner", &["chatkit", "theme", "radius"]),
    ("font", &["chatkit", "theme", "typography", "fontFamily"]),
    ("tone", &["chatkit", "theme", "colorScheme"]),
];

/// Which of these parts the brands of a widget and of its site replace.
pub(super) fn replaced(sections: [&Node; 2]) -> [bool; REPLACED.len()] {
    REPLACED.map(|(key, _)| {
        let mut brands = sections.iter().filter_map(|section| section.get("brand"));
        brands.any(|brand| brand.get(key).is_some())
    })
}

/// A theme's defaults without the parts that a brand replaces.
pub(super) fn without(mut defaults: Node, replaced: [bool; REPLACED.len()]) -> Node {
    for ((_, way), is_replaced) in REPLACED.iter().zip(replaced) {
        if is_replaced {
            remove(&mut defaults, way);
        }
    }
    defaults
}

fn remove(node: &mut Node, way: &[&str]) {
    if let (Kind::Map(entries), [step, rest @ ..]) = (&mut node.kind, way) {
        if rest.is_empty() {
            entries.retain(|entry| entry.key != *step);
        }
        let next = entries.iter_mut().find(|entry| entry.key == *step);
        if let Some(next) = next {
            remove(&mut next.value, rest);
        }
    }
}

/// Makes the site's brand complete: with that of `defaults`.
pub(super) fn put_into_site(root: &mut Node, brand: Node) {
    let Some(site) = root.section("site") else {
        // The check of the schema reports it.
        return;
    };
    match site.iter_mut().find(|entry| entry.key == "brand") {
        Some(entry) => entry.value = brand,
        None => site.push(Entry {
            key: "brand".to_owned(),
            key_place: brand.place.clone(),
            value: brand,
        }),
    }
}
