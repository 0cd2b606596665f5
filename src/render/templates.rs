//! tera, set up for this program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use super::assets::Assets;
use crate::hint::closest;
use crate::theme::Theme;

/// A theme's parsed templates.
pub(super) struct Templates {
    tera: Tera,
    theme: Arc<Theme>,
}

impl Templates {
    /// # Errors
    ///
    /// A template that cannot be parsed.
    pub(super) fn from_theme(theme: &Arc<Theme>, assets: &Assets) -> Result<Self> {
        let mut tera = with_our_own(assets.addresses());
        tera.add_raw_templates(theme.templates()?)
            .map_err(|err| with_places(&err, theme))
            .context("failed to read the theme's templates")?;
        Ok(Self {
            tera,
            theme: Arc::clone(theme),
        })
    }

    /// The errors of each template, as far as they are known before it is rendered.
    pub(super) fn flaws(theme: &Theme) -> Vec<anyhow::Error> {
        let templates = match theme.templates() {
            Ok(templates) => templates,
            Err(err) => return vec![err],
        };
        let one = |own: &str| {
            // The templates that it may refer to exist, but are empty.
            let others = templates.iter().map(|(name, text)| match *name == own {
                true => (*name, *text),
                false => (*name, ""),
            });
            let added = with_our_own(BTreeMap::new()).add_raw_templates(others);
            let err = with_places(&added.err()?, theme);
            Some(err.context("failed to read the theme's templates"))
        };
        templates.iter().filter_map(|(name, _)| one(name)).collect()
    }

    /// # Errors
    ///
    /// A template that is missing or uses an unknown variable.
    pub(super) fn render(&self, name: &str, context: &impl Serialize) -> Result<String> {
        Context::from_serialize(context)
            .and_then(|context| self.tera.render(name, &context))
            .map_err(|err| with_places(&err, &self.theme))
            .with_context(|| {
                let path = format!("templates/{name}");
                format!("failed to render `{}`", self.theme.place(&path))
            })
    }
}

/// tera with our filters and functions. `addresses` are those of assets, by path below `static/`.
fn with_our_own(addresses: BTreeMap<String, String>) -> Tera {
    let mut tera = Tera::new();
    tera.register_filter("json", json);
    tera.register_function("asset", move |kwargs: Kwargs, _: &State<'_>| {
        let path = kwargs.must_get::<&str>("path")?;
        addresses.get(path).cloned().ok_or_else(|| {
            let near = closest(path, addresses.keys().map(String::as_str));
            let near = near.map(|near| format!(", but `static/{near}`"));
            tera::Error::message(format!(
                "the theme has no `static/{path}`{}",
                near.unwrap_or_default()
            ))
        })
    });
    tera
}

/// tera's message, with the paths that people know instead of tera's names for them.
fn with_places(err: &tera::Error, theme: &Theme) -> anyhow::Error {
    let mut text = err.to_string();
    for (name, _) in theme.templates().unwrap_or_default() {
        let path = format!("templates/{name}");
        for before in ["--> ", "called from "] {
            let place = format!("{before}{}:", theme.place(&path));
            text = text.replace(&format!("{before}{name}:"), &place);
        }
    }
    anyhow!("{}", text.trim_start_matches("error: "))
}

/// The filter `json`: a value as JSON that is safe in a `<script>` of any kind and in JavaScript. With `ascii=true` it
/// means the same in every encoding.
///
/// tera's own filter leaves `</script>`, `<!--` and the two line separators as they are.
fn json(value: &Value, arguments: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let is_ascii = arguments.get::<bool>("ascii")?.unwrap_or_default();
    let json = serde_json::to_string(value)
        .map_err(|err| tera::Error::message(format!("cannot be written as JSON: {err}")))?;
    let json = escape(&json);
    Ok(Value::safe_string(&match is_ascii {
        true => to_ascii(&json),
        false => json,
    }))
}

/// Escapes characters that only occur in strings, where JSON accepts an escape for them.
pub(super) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escapes all other characters, which only occur in strings as well.
fn to_ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    write!(escaped, "\\u{unit:04x}").expect("a String takes every write");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_can_not_leave_its_script_and_stays_the_same_value() {
        let nasty = "</script><!-- & \u{2028}\u{2029} \" ' \\";
        let escaped = escape(&serde_json::to_string(nasty).unwrap());
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), nasty);
    }

    #[test]
    fn ascii_alone_stays_the_same_value() {
        let text = "Größe 💬 质";
        let escaped = to_ascii(&serde_json::to_string(text).unwrap());
        assert!(escaped.is_ascii());
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
