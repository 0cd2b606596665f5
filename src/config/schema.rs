//! The JSON Schema of `site.yaml`, generated from the types, so that no second copy can go stale.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex_lite::Regex;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use super::annotation::spelled_out;
use super::backend::BackendKind;
use super::file::File;
use super::theme::ThemeFile;
use crate::chatkit::ChatKitOptions;

/// The schema of a whole `site.yaml`, draft 2020-12. Descriptions are the doc comments, `x-starters` the back ends of
/// new widgets; [`super::annotation`] documents the other keywords of ours.
pub(crate) fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = schema_of::<File>("site.yaml of chatkit-embed");
        let starters = BackendKind::all().iter();
        schema["x-starters"] = starters.map(|kind| (kind.name(), kind.starter())).collect();
        schema
    });
    &SCHEMA
}

/// The same for editors. A section can also be `null` there, which removes what it would inherit. Editors ignore our
/// keywords, so descriptions and `default` repeat them.
pub(crate) fn published() -> Value {
    let mut schema = schema().clone();
    let definitions = schema["$defs"].clone();
    let all = schema["$defs"].as_object_mut();
    for (name, definition) in all.into_iter().flatten() {
        let required = definitions[name]["required"].as_array();
        let properties = definition
            .get_mut("properties")
            .and_then(Value::as_object_mut);
        for (key, property) in properties.into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.contains(&json!(key)));
            if let Some(text) = spelled_out(property) {
                property["description"] = json!(text);
            }
            if let Some(value) = property["x-default"].get("value").cloned() {
                property["default"] = value;
            }
            if !is_required && is_section(property, &definitions) {
                take_null(property);
            }
        }
    }
    schema
}

/// Whether this refers to a map with known keys.
fn is_section(property: &Value, definitions: &Value) -> bool {
    let name = property["$ref"].as_str();
    let name = name.and_then(|way| way.strip_prefix("#/$defs/"));
    name.is_some_and(|name| definitions[name]["type"] == "object")
}

fn take_null(property: &mut Value) {
    let section = property["$ref"].take();
    if let Some(property) = property.as_object_mut() {
        property.remove("$ref");
        let choices = json!([{"$ref": section}, {"type": "null"}]);
        property.insert("anyOf".into(), choices);
    }
}

/// The schema of a `theme.yaml`.
pub(super) fn of_theme() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| schema_of::<ThemeFile>("theme.yaml of chatkit-embed"));
    &SCHEMA
}

/// The schema of ChatKit's options alone.
pub(super) fn of_chatkit() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| schema_of::<ChatKitOptions>("options of ChatKit"));
    &SCHEMA
}

/// Returns whether a text matches a `pattern` of these schemas.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    static PATTERNS: LazyLock<HashMap<String, Regex>> = LazyLock::new(|| {
        let mut patterns = HashMap::new();
        for schema in [schema(), of_theme(), of_chatkit()] {
            collect_patterns(schema, &mut patterns);
        }
        patterns
    });
    PATTERNS
        .get(pattern)
        .is_some_and(|pattern| pattern.is_match(text))
}

fn collect_patterns(schema: &Value, patterns: &mut HashMap<String, Regex>) {
    if let Some(pattern) = schema["pattern"].as_str() {
        let compiled = Regex::new(pattern).expect("a pattern of ours is valid");
        patterns.insert(pattern.to_owned(), compiled);
    }
    match schema {
        Value::Object(map) => map
            .values()
            .for_each(|inner| collect_patterns(inner, patterns)),
        Value::Array(list) => list
            .iter()
            .for_each(|inner| collect_patterns(inner, patterns)),
        _ => {}
    }
}

/// The names of the keys of ChatKit's options.
pub(crate) struct ChatKitNames {
    /// Those of the options themselves.
    pub(crate) top: BTreeSet<String>,
    /// Those at any depth.
    pub(crate) all: BTreeSet<String>,
}

impl ChatKitNames {
    /// Reads them from the types.
    pub(crate) fn collect() -> Self {
        let schema = of_chatkit();
        let mut all = BTreeSet::new();
        collect_names(schema, &mut all);
        let top = schema["properties"].as_object().into_iter().flatten();
        Self {
            top: top.map(|(name, _)| name.clone()).collect(),
            all,
        }
    }
}

fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    let properties = schema["properties"].as_object();
    names.extend(properties.into_iter().flat_map(|map| map.keys().cloned()));
    match schema {
        Value::Object(map) => map.values().for_each(|inner| collect_names(inner, names)),
        Value::Array(list) => list.iter().for_each(|inner| collect_names(inner, names)),
        _ => {}
    }
}

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    RecursiveTransform(without_null).transform(&mut schema);
    RecursiveTransform(name_default).transform(&mut schema);
    schema.insert("title".into(), json!(title));
    schema.to_value()
}

/// In a file, an unset key is left out. A key without a value is a mistake, such as a colour without quotes.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [name] = types.as_slice() {
            object["type"] = name.clone();
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Turns a default of serde's into `x-default`. Empty lists and maps need none.
fn name_default(schema: &mut Schema) {
    let says_something = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Object(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    let default = schema.remove("default").filter(says_something);
    if let (Some(value), None) = (default, schema.get("x-default")) {
        schema.insert("x-default".into(), json!({"value": value}));
    }
}
