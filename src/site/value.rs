//! Values of a theme's variables: each is one value in a style, and can not be more.

use std::fmt;

use regex_lite::Regex;

use super::color::Rgb;
use super::found::Found;
use super::launcher::{Colors, parse_colors};
use crate::config::{ColorSection, ValueSection};
use crate::yaml::Problem;

/// What a variable has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A colour.
    Color(Colors),
    /// Anything else, as it stands in CSS.
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

impl Kind {
    /// What a value that is not of this kind should have been.
    fn example(self) -> &'static str {
        match self {
            Self::Color => "`\"#1f4fd8\"`, or `{light: \"#1f4fd8\", dark: \"#9db8ff\"}`",
            Self::Length => "`12px`, `1.5rem`, `50%` or `\"0\"`",
            Self::Duration => "`180ms` or `0.2s`",
            Self::Number => "`\"600\"`",
            Self::Fonts => "`'\"Inter\", system-ui, sans-serif'`",
        }
    }

    /// Whether the text is a whole value of this kind. None of the patterns takes what could end a declaration or
    /// name another resource.
    fn takes(self, text: &str) -> bool {
        let pattern = match self {
            Self::Color => return Rgb::parse(text).is_ok(),
            Self::Length => r"^(0|\d{1,4}(\.\d{1,4})?(px|rem|em|ch|vw|vh|%))$",
            Self::Duration => r"^\d{1,5}(\.\d{1,4})?m?s$",
            Self::Number => r"^\d{1,5}(\.\d{1,4})?$",
            Self::Fonts => {
                r#"^("[\w .+-]+"|'[\w .+-]+'|-?[A-Za-z][\w -]*)( *, *("[\w .+-]+"|'[\w .+-]+'|-?[A-Za-z][\w -]*))*$"#
            }
        };
        Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
    }

    /// What a theme's own value is.
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
    /// What is written, if it is of the kind.
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

    /// What kind of value it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Color(_) => Kind::Color,
            Self::Other(kind, _) => *kind,
        }
    }

    /// As it is written in `site.yaml`.
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
            // Families in quotes of one kind, so that those of the other can stand around them.
            Self::Other(_, text) if text.contains('"') => format!("'{}'", text.replace('\'', "\"")),
            Self::Other(_, text) if text.contains('\'') => format!("\"{text}\""),
            Self::Other(_, text) => text.clone(),
        }
    }

    /// As it stands in CSS.
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
