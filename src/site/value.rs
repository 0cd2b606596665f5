//! Values of a theme's variables. Each is a single value in a style, and cannot be more.

use std::fmt;
use std::sync::LazyLock;

use regex_lite::Regex;
use serde_json::json;

use super::color::Rgb;
use super::found::Found;
use super::launcher::{Colors, parse_colors};
use crate::config::{ColorSection, ValueSection};
use crate::yaml::Problem;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A colour.
    Color(Colors),
    /// Anything else, as written in CSS.
    Other(Kind, String),
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any CSS colour.
    Color,
    /// `12px`, `1.5rem`, `50%` or `0`.
    Length,
    /// `180ms` or `0.2s`.
    Duration,
    /// `600` or `1.4`.
    Number,
    /// A list of families.
    Fonts,
}

static LENGTH: Pattern =
    Pattern::new(|| compiled(r"^(0|\d{1,4}(\.\d{1,4})?(px|rem|em|ch|vw|vh|%))$"));
static DURATION: Pattern = Pattern::new(|| compiled(r"^\d{1,5}(\.\d{1,4})?m?s$"));
static NUMBER: Pattern = Pattern::new(|| compiled(r"^\d{1,5}(\.\d{1,4})?$"));
static FONTS: Pattern = Pattern::new(|| {
    let family = r#"("[\w .+-]+"|'[\w .+-]+'|-?[A-Za-z][\w -]*)"#;
    compiled(&format!("^{family}( *, *{family})*$"))
});

/// Compiled when it is first needed. None accepts what could end a declaration or name another resource.
type Pattern = LazyLock<Regex>;

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours is valid")
}

impl Kind {
    /// An example of this kind, for messages.
    fn example(self) -> &'static str {
        match self {
            Self::Color => "`\"#1f4fd8\"`, or `{light: \"#1f4fd8\", dark: \"#9db8ff\"}`",
            Self::Length => "`12px`, `1.5rem`, `50%` or `\"0\"`",
            Self::Duration => "`180ms` or `0.2s`",
            Self::Number => "`\"600\"`",
            Self::Fonts => "`'\"Inter\", system-ui, sans-serif'`",
        }
    }

    /// Its name in one word, for programs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Length => "length",
            Self::Duration => "duration",
            Self::Number => "number",
            Self::Fonts => "fonts",
        }
    }

    /// Returns whether the text is a complete value of this kind.
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Color => Rgb::parse(text).is_ok(),
            Self::Length => LENGTH.is_match(text),
            Self::Duration => DURATION.is_match(text),
            Self::Number => NUMBER.is_match(text),
            Self::Fonts => FONTS.is_match(text),
        }
    }

    /// The kind and value of a theme's own value.
    pub(super) fn of(text: &str) -> Option<Self> {
        [
            Self::Color,
            Self::Number,
            Self::Length,
            Self::Duration,
            Self::Fonts,
        ]
        .into_iter()
        .find(|kind| kind.takes(text))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Color => "a colour",
            Self::Length => "a length",
            Self::Duration => "a duration",
            Self::Number => "a number",
            Self::Fonts => "a list of fonts",
        })
    }
}

impl Value {
    /// The value as written, if it is of the kind.
    pub(super) fn parse(kind: Kind, section: ValueSection, found: &mut Found) -> Option<Self> {
        match (kind, section) {
            (Kind::Color, ValueSection::Both(text)) => {
                parse_colors("", ColorSection::Both(text), found).map(Self::Color)
            }
            (Kind::Color, ValueSection::Each(each)) => {
                parse_colors("", ColorSection::Each(each), found).map(Self::Color)
            }
            (kind, ValueSection::Both(text)) if kind.takes(&text) => Some(Self::Other(kind, text)),
            (kind, _) => {
                let problem = Problem::on("", format!("not {kind}"));
                found.add(problem.label(format!("expected {kind} such as {}", kind.example())));
                None
            }
        }
    }

    /// The kind of the value.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Color(_) => Kind::Color,
            Self::Other(kind, _) => *kind,
        }
    }

    /// The value as written in `site.yaml`.
    pub(crate) fn to_yaml(&self) -> String {
        match self {
            Self::Color(Colors { light, dark }) if light == dark => {
                format!("\"{}\"", light.to_css())
            }
            Self::Color(Colors { light, dark }) => {
                format!(
                    "{{ light: \"{}\", dark: \"{}\" }}",
                    light.to_css(),
                    dark.to_css()
                )
            }
            Self::Other(Kind::Number, text) => format!("\"{text}\""),
            Self::Other(_, text) if text == "0" => format!("\"{text}\""),
            // One kind of quotes inside, so that the other kind can go around them.
            Self::Other(_, text) if text.contains('"') => format!("'{}'", text.replace('\'', "\"")),
            Self::Other(_, text) if text.contains('\'') => format!("\"{text}\""),
            Self::Other(_, text) => text.clone(),
        }
    }

    /// The value as written in `site.yaml`, for programs.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Color(Colors { light, dark }) if light == dark => light.to_css().into(),
            Self::Color(Colors { light, dark }) => {
                json!({"light": light.to_css(), "dark": dark.to_css()})
            }
            Self::Other(_, text) => text.as_str().into(),
        }
    }

    /// The value as written in CSS.
    pub(crate) fn to_css(&self) -> String {
        match self {
            Self::Color(colors) => colors.to_css(),
            Self::Other(_, text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_as_it_would_be_written() {
        for (kind, text) in [
            (Kind::Number, "600"),
            (Kind::Length, "0"),
            (Kind::Length, "50%"),
            (Kind::Fonts, "\"A B\", serif"),
            (Kind::Fonts, "'A B', serif"),
            (Kind::Fonts, "serif"),
        ] {
            let yaml = Value::Other(kind, text.to_owned()).to_yaml();
            let read: Result<String, _> = serde_yaml::from_str(&yaml);
            assert_eq!(read.ok().as_deref(), Some(text), "{yaml}");
        }
    }

    #[test]
    fn a_value_is_one_value_and_nothing_more() {
        for (kind, text) in [
            (Kind::Color, "#1f4fd8"),
            (Kind::Color, "#fff"),
            (Kind::Color, "rebeccapurple"),
            (Kind::Length, "12px"),
            (Kind::Length, "0"),
            (Kind::Length, "1.5rem"),
            (Kind::Duration, "180ms"),
            (Kind::Number, "600"),
            (Kind::Fonts, "\"Inter Tight\", system-ui, sans-serif"),
            (Kind::Fonts, "Georgia"),
        ] {
            assert!(kind.takes(text), "{kind} {text}");
        }
        for text in [
            "",
            "12px;color:red",
            "12px}*{color:red",
            "url(https://x.example)",
            "</style>",
            "var(--x)",
            "expression(1)",
            "\"a\"b\"",
            "a;b",
            "a\\3b b",
            "/*",
            "a\nb",
            "12px\n",
            "#ff",
            "rgb(0 0 0 / 50%)",
            "url(#fff)",
            "-1px",
        ] {
            assert_eq!(Kind::of(text), None, "{text}");
        }
    }
}
