//! Icons as data.
//!
//! The loader draws its icon in the host page, where Trusted Types may forbid `innerHTML`, and the page's policy
//! `data:` images. So an SVG becomes a list of shapes that the loader creates one by one, and only harmless ones are
//! allowed.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail, ensure};
use roxmltree::{Document, Node};
use serde::{Deserialize, Serialize};

use crate::html::escape;

/// Elements that draw and do nothing else.
const SHAPES: [&str; 7] = [
    "circle", "ellipse", "line", "path", "polygon", "polyline", "rect",
];

/// Attributes about position and drawing. None of them can name another resource.
const ATTRIBUTES: [&str; 23] = [
    "cx",
    "cy",
    "d",
    "fill",
    "fill-rule",
    "height",
    "opacity",
    "points",
    "r",
    "rx",
    "ry",
    "stroke",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-width",
    "transform",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// A shape: `["circle", {"r": "10", …}]`.
#[derive(Debug, Serialize)]
pub(crate) struct Shape(String, BTreeMap<String, String>);

impl Shape {
    /// The shape as an SVG element.
    pub(crate) fn to_svg(&self) -> String {
        let Self(name, attributes) = self;
        let attributes = attributes.iter();
        let attributes: String = attributes
            .map(|(name, value)| format!(" {name}=\"{}\"", escape(value)))
            .collect();
        format!("<{name}{attributes}/>")
    }
}

/// Lucide's icons by name, as their shapes; most consist of paths only. The preview's chat draws the same.
static LUCIDE: LazyLock<HashMap<String, Vec<Drawn>>> =
    LazyLock::new(|| serde_json::from_str(LUCIDE_JSON).expect("a test reads the file"));

/// The same as JSON.
pub(crate) const LUCIDE_JSON: &str = include_str!("lucide.json");

#[derive(Deserialize)]
#[serde(untagged)]
enum Drawn {
    Path(String),
    Other(String, BTreeMap<String, String>),
}

/// Returns whether Lucide has an icon with this name.
pub(crate) fn is_lucide(name: &str) -> bool {
    LUCIDE.contains_key(name)
}

/// One of Lucide's icons.
pub(super) fn lucide(name: &str) -> Option<Vec<Shape>> {
    let shapes = LUCIDE.get(name)?.iter().map(|drawn| match drawn {
        Drawn::Path(d) => Shape(
            "path".to_owned(),
            BTreeMap::from([("d".to_owned(), d.clone())]),
        ),
        Drawn::Other(name, attributes) => Shape(name.clone(), attributes.clone()),
    });
    Some(shapes.collect())
}

/// The shapes of an SVG that is drawn on a square of 24 by 24, like Lucide's icons.
///
/// # Errors
///
/// Text that is not such an SVG, and elements and attributes that do more than draw.
pub(super) fn parse(svg: &str) -> Result<Vec<Shape>> {
    let document = Document::parse(svg)?;
    let root = document.root_element();
    ensure!(root.tag_name().name() == "svg", "not an `<svg>`");
    ensure!(
        root.attribute("viewBox") == Some("0 0 24 24"),
        "its `viewBox` must be `0 0 24 24`"
    );
    root.children()
        .filter(Node::is_element)
        .map(|node| shape(node).with_context(|| format!("`<{}>`", node.tag_name().name())))
        .collect()
}

fn shape(node: Node<'_, '_>) -> Result<Shape> {
    let name = node.tag_name().name();
    ensure!(
        SHAPES.contains(&name) && node.first_element_child().is_none(),
        "only shapes are allowed: `{}`",
        SHAPES.join("`, `")
    );
    let mut attributes = BTreeMap::new();
    for attribute in node.attributes() {
        let (name, value) = (attribute.name(), attribute.value());
        if !ATTRIBUTES.contains(&name) || value.contains("url(") {
            bail!("`{name}=\"{value}\"` is not allowed in an icon");
        }
        attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(Shape(name.to_owned(), attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inside: &str) -> String {
        format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>{inside}</svg>")
    }

    #[test]
    fn shapes_become_data() -> Result<()> {
        let shapes = parse(&svg("<!-- x --><circle cx='12' cy='12' r='9'/>"))?;
        assert_eq!(
            serde_json::to_string(&shapes)?,
            r#"[["circle",{"cx":"12","cy":"12","r":"9"}]]"#
        );
        Ok(())
    }

    #[test]
    fn what_is_more_than_a_drawing_is_refused() {
        for inside in [
            "<script>alert(1)</script>",
            "<circle r='1' onclick='alert(1)'/>",
            "<circle r='1' fill='url(https://x.example)'/>",
            "<g><circle r='1'/></g>",
            "<use href='https://x.example/a.svg'/>",
            "<path d='M0 0'><animate/></path>",
        ] {
            assert!(parse(&svg(inside)).is_err(), "{inside}");
        }
        assert!(parse("<svg").is_err());
        assert!(parse("<p xmlns='x'/>").is_err());
    }
}
