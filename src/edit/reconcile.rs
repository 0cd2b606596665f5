//! Turns the text of one file into one that holds other values and is otherwise the same.

use std::str::FromStr as _;

use serde_json::{Map, Value};
use yaml_edit::{Mapping, Scalar, Sequence, YamlFile, YamlNode};

use super::{list, render};
use crate::yaml::Node;

/// Most rounds of changing and reading again. A change below an anchor affects the places that repeat it, which the
/// next round corrects; nobody nests anchors this deeply.
const ROUNDS: usize = 32;

/// The text with the intended values. The error is the path of the first value that could not be set.
pub(super) fn reconcile(text: &str, intended: &Value) -> Result<String, Vec<String>> {
    let mut text = text.to_owned();
    let mut way = Vec::new();
    for _ in 0..ROUNDS {
        let mut problems = Vec::new();
        let tree = Node::parse(0, &text, &mut problems);
        let current = tree.to_json();
        way = first_difference(&current, intended).unwrap_or_default();
        if current == *intended && problems.is_empty() {
            return Ok(text);
        }
        let rearranged = list::rearranged(&text, &tree, &current, intended);
        let next = rearranged.or_else(|| changed(&text, &current, intended));
        match next {
            Some(next) if next != text => text = next,
            _ => return Err(way),
        }
    }
    Err(way)
}

fn first_difference(current: &Value, intended: &Value) -> Option<Vec<String>> {
    let (Value::Object(now), Value::Object(then)) = (current, intended) else {
        return (current != intended).then(Vec::new);
    };
    let gone = now.keys().filter(|key| !then.contains_key(*key));
    let differ = |key: &String| match (now.get(key), then.get(key)) {
        (Some(now), Some(then)) => first_difference(now, then),
        _ => Some(Vec::new()),
    };
    gone.chain(then.keys()).find_map(|key| {
        let mut way = differ(key)?;
        way.insert(0, key.clone());
        Some(way)
    })
}

/// The text with all differences changed except the order of lists, as far as one round can.
fn changed(text: &str, current: &Value, intended: &Value) -> Option<String> {
    let file = YamlFile::from_str(text).ok()?;
    let empty = Map::new();
    let now = current.as_object().unwrap_or(&empty);
    let then = intended.as_object()?;
    match file.document().and_then(|document| document.as_mapping()) {
        Some(root) => change_map(&root, now, then),
        // A file with only comments.
        None => {
            for (key, value) in then {
                file.set(key.as_str(), node(value)?);
            }
        }
    }
    Some(file.to_string())
}

fn change_map(map: &Mapping, now: &Map<String, Value>, then: &Map<String, Value>) {
    let is_own = |key: &str| map.find_entry_by_key(key).is_some();
    for key in now.keys().filter(|key| !then.contains_key(*key)) {
        match is_own(key) {
            true => drop(map.remove(key.as_str())),
            // It comes from an anchor: the next round writes out the anchor's other keys.
            false => drop(map.remove("<<")),
        }
    }
    for (key, value) in then {
        let old = now.get(key);
        if old == Some(value) {
            continue;
        }
        let set = |value: &Value| {
            if let Some(node) = node(value) {
                map.set(key.as_str(), node);
            }
        };
        let is_empty = |old: &Value| old.as_object().is_some_and(Map::is_empty);
        match (map.get(key.as_str()), old, value) {
            (Some(YamlNode::Mapping(below)), Some(now), Value::Object(_))
                if (has_new_block(now, value) || is_other(now, value))
                    && is_line(&below)
                    && !map.is_flow_style() =>
            {
                set(value);
            }
            (Some(YamlNode::Mapping(below)), Some(Value::Object(now)), Value::Object(then))
                if !is_empty(&old.cloned().unwrap_or_default()) =>
            {
                change_map(&below, now, then);
            }
            (Some(YamlNode::Alias(alias)), Some(Value::Object(_)), Value::Object(_)) => {
                let copy = format!("<<: *{}\n", alias.name());
                if let Some(copy) = parsed(&copy) {
                    map.set(key.as_str(), copy);
                }
            }
            (Some(YamlNode::Sequence(list)), Some(Value::Array(now)), Value::Array(then))
                if now.len() == then.len() && !then.is_empty() =>
            {
                change_list(&list, now, then);
            }
            (Some(YamlNode::Sequence(list)), Some(Value::Array(now)), Value::Array(then))
                if list.is_flow_style() && !now.is_empty() && !then.is_empty() =>
            {
                resize_list(&list, now, then);
            }
            (Some(YamlNode::Scalar(old)), _, Value::String(text)) if is_double_quoted(&old) => {
                match parsed(&(render::quoted(text) + "\n")) {
                    Some(node) => map.set(key.as_str(), node),
                    None => set(value),
                }
            }
            _ => set(value),
        }
    }
}

/// Changes a list in one line, whose items nobody would tell apart.
fn resize_list(list: &Sequence, now: &[Value], then: &[Value]) {
    for index in (then.len()..now.len()).rev() {
        list.remove(index);
    }
    change_list(list, now, then);
    for node in then.iter().skip(now.len()).filter_map(node) {
        list.push(node);
    }
}

/// Returns whether a map gets a text of several lines that it did not have.
fn has_new_block(now: &Value, then: &Value) -> bool {
    let is_new = |(key, value): (&String, &Value)| match value {
        Value::String(text) => text.contains('\n') && now[key] != *value,
        _ => false,
    };
    then.as_object().is_some_and(|then| then.iter().any(is_new))
}

/// Most keys that another map has on the line of the one that it replaces.
const KEYS_ON_A_LINE: usize = 3;

/// Returns whether a map becomes one of another `type`, with more keys than a line is for.
fn is_other(now: &Value, then: &Value) -> bool {
    let keys = then.as_object().map_or(0, Map::len);
    now["type"].is_string() && now["type"] != then["type"] && keys > KEYS_ON_A_LINE
}

/// Returns whether a map is in flow style and can be written in block style: nothing else refers to a part of it.
fn is_line(map: &Mapping) -> bool {
    map.is_flow_style() && !map.to_string().contains(['&', '*', '#'])
}

/// Keeps double quotes where they were.
fn is_double_quoted(scalar: &Scalar) -> bool {
    scalar.to_string().starts_with('"')
}

fn change_list(list: &Sequence, now: &[Value], then: &[Value]) {
    for (index, (now, then)) in now.iter().zip(then).enumerate() {
        if now == then {
            continue;
        }
        match (list.get(index), now, then) {
            (Some(YamlNode::Mapping(below)), Value::Object(now), Value::Object(then))
                if !now.is_empty() =>
            {
                change_map(&below, now, then);
            }
            _ => {
                if let Some(node) = node(then) {
                    list.set(index, node);
                }
            }
        }
    }
}

/// The value as part of a YAML document.
fn node(value: &Value) -> Option<YamlNode> {
    parsed(&(render::lines(value).join("\n") + "\n"))
}

fn parsed(text: &str) -> Option<YamlNode> {
    let document = YamlFile::from_str(text).ok()?.document()?;
    let map = document.as_mapping().map(YamlNode::Mapping);
    let list = || document.as_sequence().map(YamlNode::Sequence);
    let scalar = || document.as_scalar().map(YamlNode::Scalar);
    map.or_else(list).or_else(scalar)
}
