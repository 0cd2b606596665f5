//! A theme's variables with what the site sets, checked: no value can be more than one value in a style.

use std::collections::BTreeMap;
use std::fmt;

use regex_lite::Regex;

use super::Found;
use super::color::Rgb;
use super::launcher::{Colors, parse_colors};
use crate::config::{ColorSection, Documents, Problem, ValueSection, VariableSection, is_name};
use crate::hint::closest;

/// Variables by name.
#[derive(Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, Variable>);

/// One variable.
#[derive(Debug)]
pub(crate) struct Variable {
    /// What it is for.
    pub(crate) description: String,
    /// What it has now.
    pub(crate) value: Value,
    /// Whether that comes from the site.
    pub(crate) is_set: bool,
}

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
    /// `#rrggbb`
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
    fn of(text: &str) -> Option<Self> {
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
            Self::Other(_, text) if text.contains('"') => format!("'{text}'"),
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

impl Variables {
    /// Checks what theme and site say.
    pub(super) fn from_config(
        of_theme: BTreeMap<String, VariableSection>,
        of_site: BTreeMap<String, ValueSection>,
        documents: &Documents,
        found: &mut Found,
    ) -> Self {
        let mut variables = BTreeMap::new();
        let mut grounds = Vec::new();
        for (name, section) in of_theme {
            let VariableSection {
                description,
                value,
                on,
            } = section;
            match theme_value(&name, value) {
                Ok(value) => {
                    grounds.extend(on.map(|on| (name.clone(), on)));
                    let variable = Variable {
                        description: description.unwrap_or_default(),
                        value,
                        is_set: false,
                    };
                    variables.insert(name, variable);
                }
                Err(problem) => found.add(in_theme(documents, &name, problem)),
            }
        }
        for (name, section) in of_site {
            match set(&variables, &name, section, documents) {
                Ok(value) => {
                    if let Some(variable) = variables.get_mut(&name) {
                        variable.value = value;
                        variable.is_set = true;
                    }
                }
                Err(problem) => {
                    found.extend(std::iter::once(problem.below(&["site", "variables"])))
                }
            }
        }
        for (name, ground) in grounds {
            let colors = match variables
                .get(&ground)
                .map(|ground| (&ground.value, ground.is_set))
            {
                Some((Value::Color(colors), is_set)) => is_set.then_some(*colors),
                _ => {
                    let problem =
                        Problem::on("on", format!("`{ground}` is not a colour of the theme"));
                    found.add(in_theme(documents, &name, problem));
                    None
                }
            };
            if let (Some(colors), Some(variable)) = (colors, variables.get_mut(&name))
                && !variable.is_set
            {
                variable.value = Value::Color(colors.readable_on_them());
            }
        }
        Self(variables)
    }

    /// All of them, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.0
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }

    /// The colour of that name.
    pub(crate) fn color(&self, name: &str) -> Option<Colors> {
        match self.0.get(name)?.value {
            Value::Color(colors) => Some(colors),
            Value::Other(..) => None,
        }
    }

    /// Declarations of what `style` mentions and `before` does not: `--accent:#1f4fd8;`.
    pub(crate) fn declarations(&self, style: &str, before: &str) -> String {
        let mentioned =
            |(name, _): &(&str, &Variable)| mentions(style, name) && !mentions(before, name);
        self.iter()
            .filter(mentioned)
            .map(|(name, variable)| format!("--{name}:{};", variable.value.to_css()))
            .collect()
    }
}

fn mentions(style: &str, name: &str) -> bool {
    let start = format!("var(--{name}");
    style
        .match_indices(&start)
        .any(|(at, _)| style[at + start.len()..].starts_with([')', ',', ' ', '\n']))
}

fn theme_value(name: &str, section: Option<ValueSection>) -> Result<Value, Problem> {
    if !is_name(name) {
        return Err(
            Problem::on("", format!("`{name}` is not the name of a variable"))
                .hint("use 1 to 64 small letters, digits and hyphens"),
        );
    }
    let Some(section) = section else {
        return Err(Problem::on("", format!("`{name}` has no value")));
    };
    let kind = match &section {
        ValueSection::Each(_) => Some(Kind::Color),
        ValueSection::Both(text) => Kind::of(text),
    };
    let kind = kind.ok_or_else(|| {
        Problem::on(
            "value",
            "neither a colour, a length, a duration, a number nor fonts",
        )
        .hint("what is none of these stands in a style of the theme itself")
    })?;
    value_of(kind, section).map_err(|problem| problem.below(&["value"]))
}

/// What the site sets the variable to.
fn set(
    variables: &BTreeMap<String, Variable>,
    name: &str,
    section: ValueSection,
    documents: &Documents,
) -> Result<Value, Problem> {
    let Some(variable) = variables.get(name) else {
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        let title = format!("the theme has no variable `{name}`");
        let written = documents
            .root
            .get("site")
            .and_then(|site| site.get("variables"));
        let problem = match written.and_then(|variables| variables.entry(name)) {
            Some(entry) => Problem::at(entry.key_place.clone(), title),
            None => Problem::on(name, title),
        };
        let problem = problem.label(format!("expected one of `{}`", names.join("`, `")));
        return Err(match closest(name, names) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint("`chatkit-embed theme variables` says what each is for"),
        });
    };
    value_of(variable.value.kind(), section).map_err(|problem| problem.below(&[name]))
}

fn value_of(kind: Kind, section: ValueSection) -> Result<Value, Problem> {
    match (kind, section) {
        (Kind::Color, ValueSection::Both(text)) => {
            parse_colors("", ColorSection::Both(text)).map(Value::Color)
        }
        (Kind::Color, ValueSection::Each(each)) => {
            parse_colors("", ColorSection::Each(each)).map(Value::Color)
        }
        (kind, ValueSection::Both(text)) if kind.takes(&text) => Ok(Value::Other(kind, text)),
        (kind, _) => Err(Problem::on("", format!("not {kind}"))
            .label(format!("expected {kind} such as {}", kind.example()))),
    }
}

/// A problem with a variable, at its place in `theme.yaml`.
fn in_theme(documents: &Documents, name: &str, problem: Problem) -> Problem {
    match &documents.theme {
        Some(theme) => problem.below(&["variables", name]).located(theme),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::ThemeFile;
    use crate::theme::{Theme, names};

    /// What stands on what, and how much WCAG 2.2 AA asks for.
    const PAIRS: [(&str, &str, f64); 10] = [
        ("on-accent", "accent", 4.5),
        ("ink", "surface", 4.5),
        ("ink", "ground", 4.5),
        ("ink", "shape", 4.5),
        ("quiet", "surface", 4.5),
        ("on-bar", "bar", 4.5),
        ("accent", "surface", 3.0),
        ("focus", "surface", 3.0),
        ("focus", "ground", 3.0),
        ("alert", "surface", 3.0),
    ];

    #[test]
    fn every_shipped_theme_can_be_read_in_light_and_dark() {
        let nowhere = Path::new("no-such-folder");
        for theme in names(nowhere).unwrap() {
            let settings = Theme::load(nowhere, &theme).unwrap().settings();
            let file = ThemeFile::from_layers(&settings);
            let color = |name: &str| match file.variables.get(name)?.value.clone() {
                Some(section) => match value_of(Kind::Color, section) {
                    Ok(Value::Color(colors)) => Some(colors),
                    _ => None,
                },
                None => None,
            };
            assert!(color("accent").is_some(), "{theme}");
            for (name, variable) in &file.variables {
                assert!(variable.description.is_some(), "{theme} {name}");
            }
            for (upper, lower, least) in PAIRS {
                let (Some(upper_colors), Some(lower_colors)) = (color(upper), color(lower)) else {
                    continue;
                };
                for (scheme, contrast) in [
                    ("light", upper_colors.light.contrast(lower_colors.light)),
                    ("dark", upper_colors.dark.contrast(lower_colors.dark)),
                ] {
                    assert!(
                        contrast >= least,
                        "{theme} {scheme}: {upper} on {lower} has {contrast:.2}, not {least}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_value_is_one_value_and_nothing_more() {
        for (kind, text) in [
            (Kind::Color, "#1f4fd8"),
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
            "#fff",
            "-1px",
        ] {
            assert_eq!(Kind::of(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_a_style_mentions_is_declared() {
        let variable = |value: &str| Variable {
            description: String::new(),
            value: Value::Other(Kind::Length, value.to_owned()),
            is_set: false,
        };
        let variables = Variables(BTreeMap::from([
            ("corner".to_owned(), variable("4px")),
            ("corner-small".to_owned(), variable("2px")),
            ("line".to_owned(), variable("1px")),
        ]));
        let style = "a{b:var(--corner-small);c:var(--line,2px)}";
        assert_eq!(
            variables.declarations(style, ""),
            "--corner-small:2px;--line:1px;"
        );
        assert_eq!(
            variables.declarations(style, "var(--line)"),
            "--corner-small:2px;"
        );
    }
}
