//! A widget's settings as they are in the end, each with the line that set it, or with its default.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::{Documents, schema};
use crate::yaml::{Kind, Node, Source};

/// The settings of the widget `name`, a line each: `launcher.label: "Help"  # site.yaml:12`. After those that are
/// set come those that are not: `launcher.size  # default: 56`.
pub(crate) fn widget(name: &str, documents: &Documents) -> String {
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
    let schema = schema();
    let unset = Unset {
        schema: &schema,
        backend: widget.get("backend"),
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

/// Finds what is not set, and what counts then. The schema says it, in the words of its descriptions.
struct Unset<'a> {
    schema: &'a Value,
    backend: Option<&'a Node>,
}

impl Unset<'_> {
    fn collect(
        &self,
        section: &Value,
        node: Option<&Node>,
        way: &str,
        lines: &mut Vec<(String, String)>,
    ) {
        for (key, property) in section["properties"].as_object().into_iter().flatten() {
            let way = format!("{way}{key}");
            let own = node.and_then(|node| node.get(key));
            let own = own.filter(|own| !matches!(own.kind, Kind::Null));
            let description = property["description"].as_str().unwrap_or_default();
            if self.is_of_another_back_end(&way, description) {
                continue;
            }
            match self.section_of(property) {
                // One that needs something is there as a whole, or not at all.
                Some(section) if own.is_some() || section.get("required").is_none() => {
                    self.collect(section, own, &format!("{way}."), lines);
                }
                _ if own.is_none() => {
                    lines.extend(default_of(description).map(|default| (way, default)));
                }
                _ => {}
            }
        }
    }

    /// Descriptions begin with the kind of back end that a key is for, if it is not for both.
    fn is_of_another_back_end(&self, way: &str, description: &str) -> bool {
        let says = |key| self.backend.and_then(|backend| backend.get(key));
        let is_hosted = says("type").is_some_and(|kind| kind.to_value() == "hosted");
        let other = if is_hosted { "`server`" } else { "`hosted`" };
        description.starts_with(other)
            || (way == "session" && !is_hosted)
            || (way == "backend.workflow_env" && says("workflow").is_some())
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

/// `default: 56` of a description that says `Default: 56.`; `OpenAI's default: 10` of one that says that.
fn default_of(description: &str) -> Option<String> {
    let words: Vec<_> = description.split_whitespace().collect();
    let text = format!("{} ", words.join(" "));
    let mut sentences = text.split(". ");
    let sentence = sentences.find(|sentence| {
        let (subject, _) = sentence.split_once(": ").unwrap_or_default();
        [
            "Default",
            "OpenAI's default",
            "ChatKit's default",
            "OpenAI's default and maximum",
        ]
        .contains(&subject)
    })?;
    let (default, _) = sentence.split_once(", because").unwrap_or((sentence, ""));
    Some(default.replacen("Default", "default", 1))
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
