//! Keywords of our own in the schema, for programs. Descriptions are for people only.
//!
//! | keyword | value |
//! |---|---|
//! | `x-default` | what applies if the key is absent: `{"value": 56}`, or `{"text": "the theme's"}` if it is not a constant. `by` names the owner of a default that is not ours: `{"value": 10, "by": "OpenAI"}` |
//! | `x-type` | the key exists only if the `type` next to it is one of these: `["direct"]` |
//! | `x-backend` | the key has an effect only with these kinds of back end: `["server"]` |
//! | `x-unless` | the key next to it that replaces it: `"workflow"` |
//! | `x-control` | the studio's control, if the one for this kind of value is not the best: `"color"` |
//!
//! Where serde has a default, `x-default` is generated from it.

use serde_json::Value;

/// The default of a key in words: `default: 56`, `OpenAI's default: 10`.
pub(crate) fn default_of(property: &Value) -> Option<String> {
    let default = property.get("x-default")?;
    let what = match (&default["text"], &default["value"]) {
        (Value::String(text), _) => text.clone(),
        (_, value) => spelled(value),
    };
    Some(match default["by"].as_str() {
        Some(whose) => format!("{whose}'s default: {what}"),
        None => format!("default: {what}"),
    })
}

/// A value as people read it.
fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) => {
            let items = items.iter().map(spelled);
            items.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}

/// Whether the key exists with this value of the `type` next to it, or with an unknown one.
pub(crate) fn is_of_type(property: &Value, kind: Option<&str>) -> bool {
    includes(&property["x-type"], kind)
}

/// Whether the key has an effect with this kind of back end, or with an unknown one.
pub(crate) fn is_for_backend(property: &Value, kind: Option<&str>) -> bool {
    includes(&property["x-backend"], kind)
}

fn includes(kinds: &Value, kind: Option<&str>) -> bool {
    match (kinds.as_array(), kind) {
        (Some(kinds), Some(kind)) => kinds.iter().any(|one| one == kind),
        _ => true,
    }
}

/// The description for editors, which show nothing else: with the default, and the kinds that the key is for. `None` if
/// there is nothing to add.
pub(super) fn spelled_out(property: &Value) -> Option<String> {
    let mut sentences = Vec::new();
    sentences.extend(property["description"].as_str().map(str::to_owned));
    for (keyword, what) in [("x-type", "type"), ("x-backend", "backend.type")] {
        let kinds = property[keyword].as_array().into_iter().flatten();
        let kinds: Vec<_> = kinds
            .filter_map(Value::as_str)
            .map(|kind| format!("`{what}: {kind}`"))
            .collect();
        if !kinds.is_empty() {
            sentences.push(format!("Only with {}.", kinds.join(" or ")));
        }
    }
    sentences.extend(default_of(property).map(|default| {
        let (first, rest) = default.split_at(1);
        format!("{}{rest}.", first.to_uppercase())
    }));
    (sentences.len() > 1).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{BackendKind, schema};

    /// Every schema below, with its name.
    fn visit<'s>(name: &str, schema: &'s Value, found: &mut Vec<(String, &'s Value)>) {
        match schema {
            Value::Object(map) => {
                found.push((name.to_owned(), schema));
                for (key, inner) in map {
                    visit(key, inner, found);
                }
            }
            Value::Array(list) => list.iter().for_each(|inner| visit(name, inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_default_is_one_that_its_key_takes() {
        let schema = schema();
        let mut all = Vec::new();
        visit("", schema, &mut all);
        let mut count = 0;
        for (name, property) in all {
            let Some(default) = property.get("x-default") else {
                assert!(property.get("default").is_none() || name == "properties");
                continue;
            };
            count += 1;
            let has = |key| usize::from(default.get(key).is_some());
            let is_one = has("value") + has("text") == 1;
            let keys = default.as_object().unwrap().len();
            assert!(is_one && keys == 1 + has("by"), "{name}: {default}");
            assert!(
                ["null", "\"OpenAI\"", "\"ChatKit\""].contains(&&*default["by"].to_string()),
                "{name}: {default}"
            );
            if let Some(value) = default.get("value") {
                let mut one = property.clone();
                one["$defs"] = schema["$defs"].clone();
                assert!(jsonschema::is_valid(&one, value), "{name}: {default}");
            }
        }
        assert!(count > 60, "{count}");
    }

    #[test]
    fn every_back_end_that_a_key_is_for_is_known() {
        let schema = schema();
        let mut all = Vec::new();
        visit("", schema, &mut all);
        let kinds = all
            .iter()
            .filter_map(|(_, property)| property.get("x-backend"));
        let mut kinds = kinds.flat_map(|kinds| kinds.as_array().unwrap());
        assert!(kinds.all(|kind| BackendKind::named(kind.as_str().unwrap()).is_some()));
    }

    #[test]
    fn an_editor_reads_the_default_and_the_kind_in_the_description() {
        for (property, text) in [
            (
                json!({"description": "Width.", "x-default": {"value": 56}}),
                Some("Width. Default: 56."),
            ),
            (
                json!({"description": "Name.", "x-type": ["server"], "x-default": {"value": "A", "by": "OpenAI"}}),
                Some("Name. Only with `type: server`. OpenAI's default: `A`."),
            ),
            (
                json!({"description": "Tools.", "x-backend": ["server"]}),
                Some("Tools. Only with `backend.type: server`."),
            ),
            (json!({"description": "Text."}), None),
        ] {
            assert_eq!(spelled_out(&property).as_deref(), text);
        }
    }
}
