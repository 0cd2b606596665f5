//! All settings of a widget, each with the line that set it, or with its default.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::{Documents, annotation, schema};
use crate::yaml::{Kind, Node, Source};

/// The settings of the widget `name`, one a line: `launcher.label: "Help"  # site.yaml:12`. Settings that are not set
/// follow: `launcher.size  # default: 56`.
pub(crate) fn widget(name: &str, documents: &Documents) -> String {
    by(schema(), name, documents)
}

fn by(schema: &Value, name: &str, documents: &Documents) -> String {
    let widgets = documents.root.get("widgets");
    let Some(widget) = widgets.and_then(|widgets| widgets.get(name)) else {
        return String::new();
    };
    let mut set = Vec::new();
    collect(widget, String::new(), &mut set);
    let mut lines: Vec<_> = set
        .into_iter()
        .map(|(setting, node)| {
            let Source { path, text } = &documents.sources[node.place.file];
            let line = text[..node.place.span.start].matches('\n').count() + 1;
            (setting, format!("{}:{line}", path.display()))
        })
        .collect();
    let backend = widget.get("backend");
    let unset = Unset {
        schema,
        backend: backend.and_then(|backend| backend.get("type")?.text()),
    };
    unset.collect(
        &schema["$defs"]["WidgetSection"],
        Some(widget),
        "",
        &mut lines,
    );
    let width = lines.iter().map(|(setting, _)| setting.chars().count());
    let width = width.max().unwrap_or_default().min(MAX_WIDTH);
    let mut text = String::new();
    for (setting, from) in lines {
        writeln!(text, "{setting:width$}  # {from}").expect("a String takes every write");
    }
    text.trim_end().to_owned()
}

/// Finds settings that are not set, and their defaults in the schema.
struct Unset<'a> {
    schema: &'a Value,
    /// The kind of back end.
    backend: Option<&'a str>,
}

impl Unset<'_> {
    fn collect(
        &self,
        section: &Value,
        node: Option<&Node>,
        way: &str,
        lines: &mut Vec<(String, String)>,
    ) {
        let is_set = |key: &str| node.is_some_and(|node| value_of(node, key).is_some());
        let kind = node.and_then(|node| node.get("type")?.text());
        for (key, property) in section["properties"].as_object().into_iter().flatten() {
            let is_replaced = property["x-unless"].as_str().is_some_and(is_set);
            if is_replaced
                || !annotation::is_of_type(property, kind)
                || !annotation::is_for_backend(property, self.backend)
            {
                continue;
            }
            let way = format!("{way}{key}");
            let own = node.and_then(|node| value_of(node, key));
            match self.section_of(property) {
                // A section with required keys is set as a whole, or not at all.
                Some(section) if own.is_some() || section.get("required").is_none() => {
                    self.collect(section, own, &format!("{way}."), lines);
                }
                _ if own.is_none() => {
                    lines.extend(annotation::default_of(property).map(|default| (way, default)));
                }
                _ => {}
            }
        }
    }

    /// The section that a schema is, refers to, or has among its choices.
    fn section_of<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        let name = schema["$ref"].as_str();
        if let Some(name) = name.and_then(|way| way.strip_prefix("#/$defs/")) {
            return self.section_of(&self.schema["$defs"][name]);
        }
        if schema.get("properties").is_some() {
            return Some(schema);
        }
        let choices = schema["anyOf"].as_array()?;
        choices.iter().find_map(|choice| self.section_of(choice))
    }
}

/// The value of a key, unless that is `null`.
fn value_of<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key)
        .filter(|value| !matches!(value.kind, Kind::Null))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Draft;
    use crate::environment::Environment;

    const SITE: &str = "site: {url: 'https://chat.example.com'}\n\
        widgets:\n\
        \x20 a: {backend: {type: server, url: 'https://s.example/', upload: {type: two_phase}}}\n\
        \x20 b: {backend: {type: hosted, workflow: wf_1}, chatkit: {theme: dark}}\n";

    fn documents() -> Documents {
        let draft = Draft::parse(vec![Source::new("site.yaml", SITE)]);
        let config = draft.finish(&Environment::default(), Some(Vec::new()));
        config.unwrap().documents
    }

    fn with_nonsense(mut schema: Value) -> Value {
        match &mut schema {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    *value = match (key.as_str(), value.is_string()) {
                        ("description", true) => "Lorem ipsum.".into(),
                        _ => with_nonsense(value.take()),
                    };
                }
            }
            Value::Array(list) => {
                for item in list {
                    *item = with_nonsense(item.take());
                }
            }
            _ => {}
        }
        schema
    }

    #[test]
    fn no_wording_of_a_description_is_read_as_data() {
        let documents = documents();
        let nonsense = with_nonsense(schema().clone());
        assert!(!nonsense.to_string().contains("CSS pixels"));
        for name in ["a", "b"] {
            let said = by(schema(), name, &documents);
            assert_eq!(by(&nonsense, name, &documents), said);
            assert!(said.contains("# default: 56"), "{said}");
        }
    }

    #[test]
    fn keys_of_another_kind_and_keys_that_are_replaced_have_no_default() {
        let documents = documents();
        let has = |name: &str, key: &str| {
            let lines = widget(name, &documents);
            lines.lines().any(|line| line.starts_with(key))
        };
        assert!(has("a", "backend.signed") && !has("b", "backend.signed"));
        assert!(has("b", "session.tracing") && !has("a", "session.tracing"));
        assert!(has("a", "chatkit.entities.") && !has("b", "chatkit.entities."));
        assert!(!has("b", "backend.workflow_env"));
    }
}
