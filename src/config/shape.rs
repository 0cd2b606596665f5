//! Queries on a part of the schema.

use serde_json::Value;

use super::schema::matches;
use crate::hint::closest;

/// The most names that a message lists. Of more, it gives the nearest.
const NAMES_LISTED: usize = 20;

/// Whether `null` is a value here, not a missing one.
pub(super) fn takes_null(schema: &Value) -> bool {
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    choices
        .into_iter()
        .any(|choice| choice.get("const") == Some(&Value::Null))
}

/// The words that a key takes, if it takes only words.
pub(super) fn words(schema: &Value) -> Vec<&str> {
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

pub(super) fn is_type(schema: &Value, name: &str) -> bool {
    let is_words = || name == "string" && !words(schema).is_empty();
    match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(names) => names.iter().any(|known| known == name),
        _ => is_words(),
    }
}

pub(super) fn takes_text(schema: &Value, text: &str) -> bool {
    let words = words(schema);
    let pattern = schema["pattern"].as_str();
    let fits = pattern.is_none_or(|pattern| matches(pattern, text));
    fits && (words.is_empty() || words.contains(&text))
}

/// The names, or of many, the one nearest to `word`.
pub(super) fn one_of(names: &[&str], word: &str) -> String {
    match names {
        [] => "no keys here".to_owned(),
        [only] => format!("`{only}`"),
        _ if names.len() <= NAMES_LISTED => format!("one of `{}`", names.join("`, `")),
        _ => {
            let near = nearest(word, names).unwrap_or(names[0]);
            format!("one of {} names such as `{near}`", names.len())
        }
    }
}

/// The nearest of `words`, by its letters or by its beginning: `en` for `en-US`.
pub(super) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let stem = word.split_once(['-', '_']).map(|(stem, _)| stem);
    let by_stem = words.iter().copied().find(|known| Some(*known) == stem);
    by_stem.or_else(|| closest(word, words.iter().copied()))
}
