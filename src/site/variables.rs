//! A theme's variables with the values that the site sets, checked.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::brand::Brand;
use super::found::Found;
use super::launcher::Colors;
use super::value::{Kind, Value};
use crate::config::{BrandPart, ValueSection, VariableSection, is_name};
use crate::hint::closest;
use crate::yaml::{Node, Problem, stranger_in};

/// A theme's variables.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    by_name: BTreeMap<String, Variable>,
    /// The brand's colour in the chat, where ChatKit's own settings name none.
    pub(crate) chat_accent: Option<Colors>,
    /// What the brand's colour could not do.
    pub(crate) notes: Vec<String>,
}

/// One variable.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Its purpose.
    pub(crate) description: String,
    /// Its current value.
    pub(crate) value: Value,
    /// `true` if the site or its brand sets it.
    pub(crate) is_set: bool,
}

impl Variables {
    /// Checks the values of theme and site.
    pub(super) fn from_config(
        of_theme: BTreeMap<String, VariableSection>,
        brand: &Brand,
        of_site: BTreeMap<String, ValueSection>,
        places: Places<'_>,
        found: &mut Found,
    ) -> Self {
        let mut reading = Reading::new(places);
        for (name, section) in of_theme {
            reading.declare(name, section, found);
        }
        for (name, section) in of_site {
            reading.set(&name, section, &Layer::SITE, found);
        }
        reading.finish(brand, found)
    }

    /// Checks the values of a widget, which lie over those of the site. Errors of theme and site were reported already.
    pub(super) fn of_widget(
        widget: &str,
        of_theme: BTreeMap<String, VariableSection>,
        brand: &Brand,
        layers: [BTreeMap<String, ValueSection>; 2],
        places: Places<'_>,
        found: &mut Found,
    ) -> Self {
        let mut told = Found::default();
        let mut reading = Reading::new(places);
        for (name, section) in of_theme {
            reading.declare(name, section, &mut told);
        }
        let [of_site, own] = layers;
        for (name, section) in of_site {
            reading.set(&name, section, &Layer::SITE, &mut told);
        }
        let layer = Layer {
            place: &["widgets", widget, "variables"],
            way: &["variables"],
        };
        for (name, section) in own {
            reading.set(&name, section, &layer, found);
        }
        reading.finish(brand, &mut told)
    }

    /// All of them, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.by_name
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }

    /// The colour with that name.
    pub(crate) fn color(&self, name: &str) -> Option<Colors> {
        match self.by_name.get(name)?.value {
            Value::Color(colors) => Some(colors),
            Value::Other(..) => None,
        }
    }

    /// Declarations of the variables that `style` mentions and `before` does not: `--accent:#1f4fd8;`.
    pub(crate) fn declarations(&self, style: &str, before: &str) -> String {
        let mentioned =
            |(name, _): &(&str, &Variable)| mentions(style, name) && !mentions(before, name);
        self.iter()
            .filter(mentioned)
            .map(|(name, variable)| format!("--{name}:{};", variable.value.to_css()))
            .collect()
    }
}

/// A variable of a theme, as the studio shows it.
#[derive(Debug, Serialize)]
pub(crate) struct ThemeVariable {
    name: String,
    description: String,
    /// `color`, `length`, `duration`, `number` or `fonts`.
    kind: &'static str,
    /// As written in `site.yaml`.
    value: serde_json::Value,
    /// The variable with the background behind this one.
    on: Option<String>,
    brand: Option<BrandPart>,
}

impl ThemeVariable {
    /// The valid variables of a theme, in the order of their names.
    pub(crate) fn all(of_theme: BTreeMap<String, VariableSection>) -> Vec<Self> {
        let listed = |(name, section): (String, VariableSection)| {
            let value = theme_value(&name, section.value, &mut Found::default())?;
            Some(Self {
                name,
                description: section.description.unwrap_or_default(),
                kind: value.kind().word(),
                value: value.to_json(),
                on: section.on,
                brand: section.brand,
            })
        };
        of_theme.into_iter().filter_map(listed).collect()
    }
}

/// The files that values are written in.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    /// Those of the site, as one tree.
    pub(super) root: &'a Node,
    /// The theme's own.
    pub(super) theme: Option<&'a Node>,
}

/// Where values are written.
struct Layer<'a> {
    /// From the root of the files.
    place: &'a [&'a str],
    /// From the part that is checked.
    way: &'a [&'a str],
}

impl Layer<'_> {
    const SITE: Layer<'static> = Layer {
        place: &["site", "variables"],
        way: &["site", "variables"],
    };
}

/// Variables while they are read.
struct Reading<'a> {
    variables: BTreeMap<String, Variable>,
    /// Names of colours, each with the colour that it must be readable on.
    grounds: Vec<(String, String)>,
    /// Names of variables, each with what it takes from the brand.
    branded: Vec<(String, BrandPart)>,
    /// Variables of the theme whose errors were reported.
    refused: BTreeSet<String>,
    places: Places<'a>,
}

impl<'a> Reading<'a> {
    fn new(places: Places<'a>) -> Self {
        Self {
            variables: BTreeMap::new(),
            grounds: Vec::new(),
            branded: Vec::new(),
            refused: BTreeSet::new(),
            places,
        }
    }

    /// Adds a variable of the theme.
    fn declare(&mut self, name: String, section: VariableSection, found: &mut Found) {
        let VariableSection {
            description,
            value,
            on,
            brand,
        } = section;
        let mut own = Found::default();
        let value = theme_value(&name, value, &mut own);
        let problems = own.0.into_iter();
        found.extend(problems.map(|problem| in_theme(self.places, &name, problem)));
        let Some(value) = value else {
            self.refused.insert(name);
            return;
        };
        self.grounds.extend(on.map(|on| (name.clone(), on)));
        self.branded.extend(brand.map(|part| (name.clone(), part)));
        let variable = Variable {
            description: description.unwrap_or_default(),
            value,
            is_set: false,
        };
        self.variables.insert(name, variable);
    }

    /// Sets a variable to the value of the site or a widget.
    fn set(&mut self, name: &str, section: ValueSection, layer: &Layer<'_>, found: &mut Found) {
        if self.refused.contains(name) {
            return;
        }
        let mut own = Found::default();
        match self.variables.get_mut(name) {
            Some(variable) => {
                if let Some(value) = Value::parse(variable.value.kind(), section, &mut own) {
                    variable.value = value;
                    variable.is_set = true;
                }
                let way: Vec<_> = layer.way.iter().copied().chain([name]).collect();
                found.extend(own.below(&way));
            }
            None => {
                own.add(unknown(&self.variables, name, layer, self.places));
                found.extend(own.below(layer.way));
            }
        }
    }

    /// Puts the brand on what the site leaves to it, and makes colours readable on those that have changed.
    fn finish(mut self, brand: &Brand, found: &mut Found) -> Variables {
        let surface = match self.variables.get("surface").map(|own| &own.value) {
            Some(Value::Color(colors)) => Some(*colors),
            _ => None,
        };
        for (name, part) in std::mem::take(&mut self.branded) {
            let own = self.variables.get_mut(&name).filter(|own| !own.is_set);
            let value = brand.value_of(part, surface);
            if let (Some(own), Some(value)) = (own, value)
                && own.value.kind() == value.kind()
            {
                own.value = value;
                own.is_set = true;
            }
        }
        Variables {
            by_name: self.put_on_grounds(found),
            chat_accent: brand.visible_color(surface),
            notes: brand.notes(surface),
        }
    }

    /// Makes colours readable on the colours that the site has set, unless it has set them as well.
    fn put_on_grounds(self, found: &mut Found) -> BTreeMap<String, Variable> {
        let Self {
            mut variables,
            grounds,
            branded: _,
            refused,
            places,
        } = self;
        for (name, ground) in grounds {
            if refused.contains(&ground) {
                continue;
            }
            let ground_of = |variable: &Variable| match variable.value {
                Value::Color(colors) => Some((colors, variable.is_set)),
                Value::Other(..) => None,
            };
            let Some((colors, is_set)) = variables.get(&ground).and_then(ground_of) else {
                let title = format!("`{ground}` is not one of the theme's colours");
                found.add(in_theme(places, &name, Problem::on("on", title)));
                continue;
            };
            if let Some(variable) = variables.get_mut(&name).filter(|own| is_set && !own.is_set) {
                variable.value = Value::Color(colors.readable_on_them());
            }
        }
        variables
    }
}

fn mentions(style: &str, name: &str) -> bool {
    let start = format!("var(--{name}");
    style
        .match_indices(&start)
        .any(|(at, _)| style[at + start.len()..].starts_with([')', ',', ' ', '\n']))
}

fn theme_value(name: &str, section: Option<ValueSection>, found: &mut Found) -> Option<Value> {
    if !is_name(name) && stranger_in(name).is_none() {
        let problem = Problem::on("", format!("`{name}` is not a valid variable name"));
        found.add(problem.hint("use 1 to 64 lower-case letters, digits and hyphens"));
        return None;
    }
    let Some(section) = section else {
        found.add(Problem::on("", format!("`{name}` has no value")));
        return None;
    };
    let kind = match &section {
        ValueSection::Each(_) => Some(Kind::Color),
        ValueSection::Both(text) => Kind::of(text),
    };
    let Some(kind) = kind else {
        let title = "neither a colour, a length, a duration, a number nor fonts";
        let hint = "anything else belongs in a style of the theme";
        found.add(Problem::on("value", title).hint(hint));
        return None;
    };
    let mut own = Found::default();
    let value = Value::parse(kind, section, &mut own);
    found.extend(own.below(&["value"]));
    value
}

fn unknown(
    variables: &BTreeMap<String, Variable>,
    name: &str,
    layer: &Layer<'_>,
    places: Places<'_>,
) -> Problem {
    let names: Vec<_> = variables.keys().map(String::as_str).collect();
    let title = format!("the theme has no variable `{name}`");
    let root = Some(places.root);
    let mut steps = layer.place.iter();
    let written = steps.try_fold(root, |node, step| Some(node?.get(step)));
    let written = written.flatten();
    let problem = match written.and_then(|variables| variables.entry(name)) {
        Some(entry) => Problem::at(entry.key_place.clone(), title),
        None => Problem::on(name, title),
    };
    let problem = problem.label(format!("expected one of `{}`", names.join("`, `")));
    match closest(name, names) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint("`chatkit-embed theme variables` says what each is for"),
    }
}

/// A problem with a variable, at its place in `theme.yaml`.
fn in_theme(places: Places<'_>, name: &str, problem: Problem) -> Problem {
    match places.theme {
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

    /// Text colours with their backgrounds, and the contrast that WCAG 2.2 AA requires.
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
                Some(section) => match Value::parse(Kind::Color, section, &mut Found::default()) {
                    Some(Value::Color(colors)) => Some(colors),
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
    fn only_what_a_style_mentions_is_declared() {
        let variable = |value: &str| Variable {
            description: String::new(),
            value: Value::Other(Kind::Length, value.to_owned()),
            is_set: false,
        };
        let by_name = BTreeMap::from([
            ("corner".to_owned(), variable("4px")),
            ("corner-small".to_owned(), variable("2px")),
            ("line".to_owned(), variable("1px")),
        ]);
        let variables = Variables {
            by_name,
            ..Variables::default()
        };
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
