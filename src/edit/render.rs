//! New values as YAML.

use serde_json::Value;

/// A value as lines of block YAML, without indentation: `label: Hi`, `- a`, `Hi`.
pub(super) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .flat_map(|(key, value)| entry(&scalar(&Value::from(key.as_str()))[0], value))
            .collect(),
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(item).collect(),
        Value::Object(_) => vec!["{}".to_owned()],
        Value::Array(_) => vec!["[]".to_owned()],
        _ => scalar(value),
    }
}

/// An item of a list: `- label: Hi` and lines below it.
pub(super) fn item(value: &Value) -> Vec<String> {
    let mut lines = lines(value).into_iter();
    let first = lines.next().map(|line| format!("- {line}"));
    first.into_iter().chain(lines.map(indented)).collect()
}

fn entry(key: &str, value: &Value) -> Vec<String> {
    let lines = lines(value);
    let is_block = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if is_block {
        let below = lines.into_iter().map(indented);
        return std::iter::once(format!("{key}:")).chain(below).collect();
    }
    let mut lines = lines.into_iter();
    let first = lines.next().map(|line| format!("{key}: {line}"));
    // Below its key, text of several lines is indented already.
    first.into_iter().chain(lines).collect()
}

/// Indents a line, unless it is empty.
fn indented(line: String) -> String {
    match line.is_empty() {
        true => line,
        false => format!("  {line}"),
    }
}

/// The lines of a scalar: more than one only for text of several lines.
fn scalar(value: &Value) -> Vec<String> {
    let plain = match value {
        Value::String(text) if !can_be_read(text) => return vec![quoted(text)],
        Value::String(text) if is_word_of_yaml_1_1(text) => return vec![format!("'{text}'")],
        _ => serde_yaml::to_string(value).unwrap_or_default(),
    };
    plain
        .trim_end_matches('\n')
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Returns whether this is text here, but `true` or `false` to readers of YAML 1.1, which many editors are.
fn is_word_of_yaml_1_1(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns whether all characters are visible, so that the text needs no escapes.
fn can_be_read(text: &str) -> bool {
    let mut lines = text.split('\n');
    let ends_visibly = |line: &str| line.trim_end() == line;
    // An indented first line and an empty last one would need marks that few people know.
    let is_block = text.trim() == text && lines.clone().all(ends_visibly);
    (lines.nth(1).is_none() || is_block) && !text.contains(|c| c != '\n' && unprintable(c))
}

/// Returns whether a character would be invisible in a file, or read differently by some readers of YAML.
fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200e}' | '\u{200f}'
        )
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// A string in JSON, which is YAML. Characters that JSON leaves as they are get escaped too.
pub(super) fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.chars()
        .map(|c| match unprintable(c) {
            true => format!("\\u{:04x}", u32::from(c)),
            false => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_people_write_them() {
        let value = json!({
            "theme": {"color": {"accent": {"primary": "#1d4ed8", "level": 2}}, "radius": "round"},
            "prompts": [{"label": "Où?", "prompt": "a: b"}, "plain", [1, 2]],
            "empty": {}, "none": [], "yes": "yes", "number": "12", "two": "one\ntwo",
        });
        let text = lines(&value).join("\n");
        assert_eq!(
            text,
            "theme:\n  color:\n    accent:\n      primary: '#1d4ed8'\n      level: 2\n  radius: round\n\
             prompts:\n  - label: Où?\n    prompt: 'a: b'\n  - plain\n  - - 1\n    - 2\n\
             empty: {}\nnone: []\n'yes': 'yes'\nnumber: '12'\ntwo: |-\n  one\n  two"
        );
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn paragraphs_and_indented_lines_are_written_as_they_are() {
        let value = json!({"a": {"b": "One:\n\n  - two\n\n# three", "c": 1}, "d": "one\n \ntwo", "e": " one\ntwo"});
        let text = lines(&value).join("\n");
        assert_eq!(
            text,
            "a:\n  b: |-\n    One:\n\n      - two\n\n    # three\n  c: 1\nd: \"one\\n \\ntwo\"\ne: \" one\\ntwo\""
        );
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn what_can_not_be_seen_is_escaped() {
        let text = lines(&json!({"a": "\u{202e}x\u{2028}\u{0}\t"})).join("\n");
        assert_eq!(text, r#"a: "\u202ex\u2028\u0000\t""#);
    }
}
