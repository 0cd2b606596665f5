//! Holds a tree against the schema and says everything that is wrong with it, not just the first thing.

use regex_lite::Regex;
use serde_json::Value;

use super::document::{Entry, Kind, Node};
use super::problem::{Problem, Source};
use crate::hint::closest;

/// Names that are listed in a message; of more, the nearest is enough.
const NAMES_LISTED: usize = 16;

/// Keys that people bring from elsewhere, and why they can not be here.
const EXPLAINED: [(&str, &str); 11] = [
    ("api", "it is made from `backend`"),
    ("onClientTool", NO_FUNCTIONS),
    ("onAction", NO_FUNCTIONS),
    ("onTagSearch", NO_FUNCTIONS),
    ("onRequestPreview", NO_FUNCTIONS),
    ("onSearch", NO_FUNCTIONS),
    ("onSelect", NO_FUNCTIONS),
    (
        "onClick",
        "give the button an `action` instead: `close`, `new_thread`, `toggle_theme` or `{href: …}`",
    ),
    ("starterPrompts", "ChatKit calls them `startScreen.prompts`"),
    ("uploadStrategy", "it is set in `backend`, as `upload`"),
    ("appearance", "ChatKit calls it `colorScheme`"),
];

const NO_FUNCTIONS: &str =
    "a file can not hold a function; a page of your own that calls ChatKit can";

/// How messages call what has no key.
const FILE: &str = "the file";

/// Adds what is wrong with `node` to `problems`.
pub(super) fn check(schema: &Value, node: &Node, sources: &[Source], problems: &mut Vec<Problem>) {
    let mut checker = Checker {
        root: schema,
        sources,
        problems,
        partial: false,
    };
    checker.value(schema, node, FILE);
}

struct Checker<'a> {
    root: &'a Value,
    sources: &'a [Source],
    problems: &'a mut Vec<Problem>,
    /// Whether this is `defaults`, which need not be complete.
    partial: bool,
}

impl<'a> Checker<'a> {
    fn value(&mut self, schema: &'a Value, node: &Node, name: &str) {
        let schema = self.choose(self.resolve(schema), node);
        let words = words(schema);
        match &node.kind {
            Kind::Null if is_type(schema, "object") => {}
            Kind::Null => self.no_value(schema, node, name),
            Kind::Text(text) if schema.get("anyOf").is_some() => {
                let title = format!("`{name}` can not be `{text}`");
                let label = format!("expected {}", self.describe(schema));
                self.problems
                    .push(Problem::at(node.place.clone(), title).label(label));
            }
            Kind::Text(text) if !words.is_empty() => self.word(&words, text, node, name),
            Kind::Text(text) if is_type(schema, "string") => self.text(schema, text, node, name),
            Kind::Number(number) if is_type(schema, "number") || is_type(schema, "integer") => {
                let is_whole = number.is_i64() || number.is_u64();
                let value = number.as_f64().unwrap_or(f64::NAN);
                let bound = |key, default| schema[key].as_f64().unwrap_or(default);
                let range = bound("minimum", f64::MIN)..=bound("maximum", f64::MAX);
                if !range.contains(&value) || (is_type(schema, "integer") && !is_whole) {
                    self.wrong(schema, node, name);
                }
            }
            Kind::Bool(_) if is_type(schema, "boolean") => {}
            Kind::List(items) if is_type(schema, "array") => {
                for item in items {
                    self.value(&schema["items"], item, name);
                }
            }
            Kind::Map(entries) if is_type(schema, "object") => {
                self.map(schema, entries, node, name)
            }
            _ => self.wrong(schema, node, name),
        }
    }

    fn map(&mut self, schema: &'a Value, entries: &[Entry], node: &Node, name: &str) {
        let additional = &schema["additionalProperties"];
        for entry in entries {
            let known = &schema["properties"][&entry.key];
            if known.is_object() {
                let outer = self.partial;
                self.partial |= entry.key == "defaults" && std::ptr::eq(schema, self.root);
                self.value(known, &entry.value, &entry.key);
                self.partial = outer;
            } else if additional.is_object() {
                self.value(additional, &entry.value, &entry.key);
            } else if *additional == Value::Bool(false) {
                self.unknown(schema, entry);
            }
        }
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for key in required.iter().filter_map(Value::as_str) {
            let is_there = entries.iter().any(|entry| entry.key == key);
            if !is_there && !self.partial {
                let known = self.resolve(&schema["properties"][key]);
                let problem = Problem::at(
                    node.place.clone(),
                    format!("missing `{key}` in {}", quoted(name)),
                );
                self.problems
                    .push(problem.label(format!("expected `{key}`: {}", self.describe(known))));
            }
        }
    }

    fn unknown(&mut self, schema: &Value, entry: &Entry) {
        let names: Vec<_> = schema["properties"]
            .as_object()
            .map(|properties| properties.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let key = entry.key.as_str();
        let mut problem = Problem::at(entry.key_place.clone(), format!("unknown key `{key}`"))
            .label(format!("expected {}", one_of(&names, key)));
        if let Some((_, why)) = EXPLAINED.iter().find(|(name, _)| *name == key) {
            problem = problem.hint(*why);
        } else if let Some(near) = closest(key, names) {
            problem = problem.hint(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
    }

    fn word(&mut self, words: &[&str], text: &str, node: &Node, name: &str) {
        if words.contains(&text) {
            return;
        }
        let mut problem = Problem::at(node.place.clone(), format!("`{name}` can not be `{text}`"))
            .label(format!("expected {}", one_of(words, text)));
        if let Some(near) = nearest(text, words) {
            problem = problem.hint(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
    }

    fn text(&mut self, schema: &Value, text: &str, node: &Node, name: &str) {
        if text.is_empty() && schema["minLength"] == 1 {
            let problem = Problem::at(node.place.clone(), format!("`{name}` is empty"));
            self.problems.push(problem.label("expected a text"));
        } else if !takes_text(schema, text) {
            let problem = Problem::at(node.place.clone(), format!("invalid value for `{name}`"));
            self.problems
                .push(problem.label(format!("expected {}", self.describe(schema))));
        }
    }

    fn no_value(&mut self, schema: &Value, node: &Node, name: &str) {
        let Source { text, .. } = &self.sources[node.place.file];
        let line = text[node.place.span.start..]
            .lines()
            .next()
            .unwrap_or_default();
        let hint = match line.trim_start_matches([':', ' ']).starts_with('#') {
            true => "put it in quotes: without them, `#` begins a comment",
            false => "give it one, or remove the key",
        };
        let problem = Problem::at(node.place.clone(), format!("`{name}` has no value"));
        self.problems.push(
            problem
                .label(format!("expected {}", self.describe(schema)))
                .hint(hint),
        );
    }

    fn wrong(&mut self, schema: &Value, node: &Node, name: &str) {
        let found = match &node.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number `{number}`"),
            Kind::Text(_) => "a text".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        };
        let mut problem = Problem::at(
            node.place.clone(),
            format!("invalid value for {}", quoted(name)),
        )
        .label(format!("expected {}, found {found}", self.describe(schema)));
        let is_scalar = matches!(node.kind, Kind::Bool(_) | Kind::Number(_));
        if is_scalar && is_type(schema, "string") {
            problem = problem.hint("put it in quotes, so that it is a text");
        }
        if is_type(schema, "boolean")
            && let Kind::Text(text) = &node.kind
        {
            // Words of YAML 1.1, which are texts by now.
            match text.to_ascii_lowercase().as_str() {
                "yes" | "on" => problem = problem.hint("write `true`"),
                "no" | "off" => problem = problem.hint("write `false`"),
                _ => {}
            }
        }
        self.problems.push(problem);
    }

    /// Follows a reference to the definitions.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str();
        match name.and_then(|way| way.strip_prefix("#/$defs/")) {
            Some(name) => self.resolve(&self.root["$defs"][name]),
            None => schema,
        }
    }

    /// Of several kinds of value that a key takes, the one that this is.
    fn choose(&self, schema: &'a Value, node: &Node) -> &'a Value {
        let kinds: &[&str] = match &node.kind {
            Kind::Null => &[],
            Kind::Bool(_) => &["boolean"],
            Kind::Number(number) if number.is_f64() => &["number"],
            Kind::Number(_) => &["integer", "number"],
            Kind::Text(_) => &["string"],
            Kind::List(_) => &["array"],
            Kind::Map(_) => &["object"],
        };
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        let mut fitting = choices
            .map(|choice| self.resolve(choice))
            .filter(|choice| kinds.iter().any(|kind| is_type(choice, kind)));
        let first = fitting.next();
        match &node.kind {
            // Of several kinds of text, the one that takes this text.
            Kind::Text(text) => first
                .into_iter()
                .chain(fitting)
                .find(|choice| takes_text(choice, text)),
            _ => first,
        }
        .unwrap_or(schema)
    }

    /// What a key takes, for the end of a sentence that begins with "expected".
    fn describe(&self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        let words = words(schema);
        if !words.is_empty() {
            return one_of(&words, "");
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let choices: Vec<_> = choices.iter().map(|choice| self.describe(choice)).collect();
            return choices.join(" or ");
        }
        let number = |kind: &str| match (&schema["minimum"], &schema["maximum"]) {
            (Value::Null, Value::Null) => kind.to_owned(),
            (least, Value::Null) => format!("{kind}, {least} or more"),
            (Value::Null, most) => format!("{kind}, {most} or less"),
            (least, most) => format!("{kind} from {least} to {most}"),
        };
        match schema["type"].as_str() {
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("integer") => number("a whole number"),
            Some("number") => number("a number"),
            Some("string") => match schema["examples"][0].as_str() {
                Some(example) => format!("a text such as `{example}`"),
                None => "a text".to_owned(),
            },
            Some("array") => "a list".to_owned(),
            _ => "a map".to_owned(),
        }
    }
}

/// The words that a key takes, if it takes nothing else.
fn words(schema: &Value) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    // Words that have a description of their own.
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|choice| {
        let inner = choice["enum"].as_array().into_iter().flatten();
        inner.chain(choice.get("const"))
    });
    listed
        .chain(described)
        .chain(schema.get("const"))
        .filter_map(Value::as_str)
        .collect()
}

fn is_type(schema: &Value, name: &str) -> bool {
    let is_words = || name == "string" && !words(schema).is_empty();
    match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(names) => names.iter().any(|known| known == name),
        _ => is_words(),
    }
}

fn takes_text(schema: &Value, text: &str) -> bool {
    let words = words(schema);
    let pattern = schema["pattern"].as_str().map(Regex::new);
    let fits = pattern.is_none_or(|pattern| pattern.is_ok_and(|pattern| pattern.is_match(text)));
    fits && (words.is_empty() || words.contains(&text))
}

/// The names, or if they are many, those that are most like `word`.
fn one_of(names: &[&str], word: &str) -> String {
    match names {
        [] => "nothing here".to_owned(),
        [only] => format!("`{only}`"),
        _ if names.len() <= NAMES_LISTED => format!("one of `{}`", names.join("`, `")),
        _ => {
            let near = nearest(word, names).unwrap_or(names[0]);
            format!("one of {} names such as `{near}`", names.len())
        }
    }
}

/// The word meant: by its letters, or by its beginning, as in `en-US` for `en`.
fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let stem = word.split_once(['-', '_']).map(|(stem, _)| stem);
    let by_stem = words.iter().copied().find(|known| Some(*known) == stem);
    by_stem.or_else(|| closest(word, words.iter().copied()))
}

fn quoted(name: &str) -> String {
    match name {
        FILE => name.to_owned(),
        name => format!("`{name}`"),
    }
}
