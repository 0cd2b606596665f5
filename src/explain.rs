//! A widget's settings as they are in the end, each with the line that set it.

use std::fmt::Write as _;

use crate::config::{Documents, Kind, Node, Source};

/// The settings of the widget `name`, a line each: `launcher.label: "Help"  # site.yaml:12`.
pub(crate) fn widget(name: &str, documents: &Documents) -> String {
    let mut lines = Vec::new();
    if let Some(widget) = documents
        .root
        .get("widgets")
        .and_then(|widgets| widgets.get(name))
    {
        collect(widget, String::new(), &mut lines);
    }
    let width = lines
        .iter()
        .map(|(setting, _)| setting.chars().count())
        .max();
    let width = width.unwrap_or_default().min(MAX_WIDTH);
    let mut text = String::new();
    for (setting, node) in lines {
        let Source { path, text: source } = &documents.sources[node.place.file];
        let line = source[..node.place.span.start].matches('\n').count() + 1;
        writeln!(text, "{setting:width$}  # {}:{line}", path.display())
            .expect("a String takes every write");
    }
    text.push_str("what is not listed has its default");
    text
}

/// Longer settings push their line number to the right, rather than all of them.
const MAX_WIDTH: usize = 72;

fn collect<'a>(node: &'a Node, way: String, lines: &mut Vec<(String, &'a Node)>) {
    let below = |step: &str| match way.as_str() {
        "" => step.to_owned(),
        way => format!("{way}.{step}"),
    };
    match &node.kind {
        Kind::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                collect(&entry.value, below(&entry.key), lines);
            }
        }
        Kind::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                collect(item, below(&index.to_string()), lines);
            }
        }
        Kind::Null => {}
        _ => {
            let value = serde_json::to_string(&node.to_value());
            let value = value.expect("a scalar or an empty list or map is always JSON");
            lines.push((format!("{way}: {value}"), node));
        }
    }
}
