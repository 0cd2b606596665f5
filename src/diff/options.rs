//! Options by the names that people write, from the settings that `render` made of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::read::{self, Contents, Kind};

/// An option that differs. `None` if a build has no value for it: the theme or ChatKit decides then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// Such as `launcher.label`.
    pub(crate) name: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// Options of two builds by name. An option may be in several files.
pub(super) type Settings = BTreeMap<String, [Option<Value>; 2]>;

/// Adds the options that differ between two versions of a file.
pub(super) fn compare(kind: Kind, before: &Contents, after: &Contents, to: &mut Settings) {
    let [before_leaves, after_leaves] = [before, after].map(|contents| {
        let mut leaves = BTreeMap::new();
        if let Some(settings) = &contents.settings {
            collect("", settings, &mut leaves);
        }
        leaves
    });
    let has_panel = [before, after].iter().all(|contents| {
        let settings = contents.settings.as_ref();
        settings.is_some_and(|settings| settings["panel"].is_object())
    });
    let paths: BTreeSet<_> = before_leaves.keys().chain(after_leaves.keys()).collect();
    for path in paths {
        let values = [before_leaves.get(path), after_leaves.get(path)];
        // Another version of the generator keeps these elsewhere; no option removes them.
        let has_moved = match path.split_once('.') {
            Some(("texts", _)) => values.iter().any(Option::is_none),
            Some(("panel", _)) => !has_panel,
            _ => false,
        };
        if has_moved {
            continue;
        }
        if let Some(name) = name_of(kind, path) {
            add(
                to,
                name,
                values.map(|value| value.map(|value| value_of(path, value))),
            );
        }
    }
    compare_properties(&before.properties, &after.properties, to);
    if kind == Kind::Settings && has_panel {
        compare_panel_styles(before, after, to);
    }
    let names: BTreeSet<_> = before.facts.keys().chain(after.facts.keys()).collect();
    for name in names {
        let values =
            [before, after].map(|contents| contents.facts.get(name).cloned().map(Value::from));
        add(to, (*name).to_owned(), values);
    }
}

/// Adds an option. What another file says of it already counts more, unless it is nothing.
fn add(to: &mut Settings, name: String, [before, after]: [Option<Value>; 2]) {
    if before == after {
        return;
    }
    let [before, after] = match &*name {
        "panel.open" => [before, after].map(|value| value.or_else(|| Some("click".into()))),
        _ => [before, after],
    };
    let is_drawing = |value: &Option<Value>| {
        name == "launcher.icon" && value.as_ref().is_some_and(Value::is_array)
    };
    let values = match (is_drawing(&before), is_drawing(&after)) {
        (true, true) => [Some(json!(DRAWING)), Some(json!("another drawing"))],
        (true, false) => [Some(json!(DRAWING)), after],
        (false, true) => [before, Some(json!(DRAWING))],
        (false, false) => [before, after],
    };
    let known = to.entry(name).or_default();
    for (known, value) in known.iter_mut().zip(values) {
        if known.is_none() {
            *known = value;
        }
    }
}

const DRAWING: &str = "a drawing";

/// The values in an object, by path. Lists are values, and so is `null`, which is as good as missing.
fn collect(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let dot = if path.is_empty() { "" } else { "." };
                collect(&format!("{path}{dot}{key}"), value, leaves);
            }
        }
        Value::Null => {}
        value => {
            leaves.insert(path.to_owned(), value.clone());
        }
    }
}

/// The option that a setting comes from; none for what follows from others.
fn name_of(kind: Kind, path: &str) -> Option<String> {
    let name = match (kind, path) {
        (Kind::Loader, "name" | "panel" | "rest")
        | (Kind::Settings, "widget" | "backend.script") => {
            return None;
        }
        // Its declarations are compared one by one.
        (Kind::Settings, "panel.css") => return None,
        (Kind::Loader, "page") => "site.url",
        (Kind::Loader, "version") => "version of chatkit-embed",
        (Kind::Loader, "label" | "icon" | "position") => return Some(format!("launcher.{path}")),
        (Kind::Loader, "failed") => "texts.failed",
        (Kind::Loader, "scheme") => "chatkit.theme.colorScheme",
        (Kind::Loader, "teaser") => "launcher.teaser.delay",
        (Kind::Loader, "open") => "panel.open",
        (Kind::Loader, "rules.widths") => "rules.devices",
        (Kind::Settings, "backend.domainKey") => "backend.domain_key",
        (Kind::Settings, "backend.session") => "backend.signed",
        (Kind::Settings, "backend.uploadStrategy.type") => "backend.upload.type",
        (Kind::Settings, "backend.uploadStrategy.uploadUrl") => "backend.upload.url",
        (Kind::Settings, "chatkit") => "address of ChatKit",
        (Kind::Settings, "language") => "page.language",
        (Kind::Settings, "embedders") => "allowed_origins",
        (Kind::Settings, "panel.title") => "page.title",
        (Kind::Settings, "panel.teaser") => "launcher.teaser.text",
        (Kind::Settings, "panel.badge") => "launcher.badge",
        (_, path) => match path.strip_prefix("options.") {
            Some(option) => return Some(format!("chatkit.{option}")),
            None => path,
        },
    };
    Some(name.to_owned())
}

/// A value as people write it.
fn value_of(path: &str, value: &Value) -> Value {
    match path {
        "page" => {
            let address = value.as_str().unwrap_or_default();
            address.split("/w/").next().unwrap_or_default().into()
        }
        "teaser" => (value.as_u64().unwrap_or_default() / 1000).into(),
        "open" => "load".into(),
        "icon" => match (&value[0], &value[1]["src"], &value[2]) {
            (kind, source, _) if kind == "img" => source.clone(),
            (kind, _, emoji) if kind == "span" => emoji.clone(),
            _ => value.clone(),
        },
        "rules.widths" => {
            let widths = value.as_array().into_iter().flatten();
            let devices = widths.map(|width| match width[0].as_u64() {
                Some(0) => "phone",
                Some(640) => "tablet",
                _ => "desktop",
            });
            devices.collect()
        }
        _ => value.clone(),
    }
}

/// Adds the options that differ between two sets of custom properties.
fn compare_properties(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    to: &mut Settings,
) {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names {
        let values = [before, after].map(|properties| properties.get(name));
        add(
            to,
            option_of(name),
            values.map(|value| value.map(|value| css_value(name, value))),
        );
    }
}

/// The option that a custom property comes from.
fn option_of(property: &str) -> String {
    let option = match property {
        "--X" => "launcher.offset_x",
        "--Y" => "launcher.offset_y",
        "phone --X" => "launcher.phone.offset_x",
        "phone --Y" => "launcher.phone.offset_y",
        "--size" => "launcher.size",
        "--radius" => "launcher.shape",
        "--launcher" => "launcher.color",
        "--launcher-icon" => "launcher.icon_color",
        "--z" => "launcher.z_index",
        "--width" => "panel.width",
        "--height" => "panel.height",
        "--popup-width" => "popup.width",
        "--popup-height" => "popup.height",
        "--inline-height" => "inline.height",
        variable => return variable.replacen("--", "variables.", 1),
    };
    option.to_owned()
}

fn css_value(property: &str, value: &str) -> Value {
    let number = value.strip_suffix("px").unwrap_or(value).parse::<u32>();
    let by_scheme = value
        .strip_prefix("var(--light,")
        .and_then(|value| value.strip_suffix(')')?.split_once(")var(--dark,"));
    match (property, value, by_scheme) {
        ("--radius", "50%", _) => "circle".into(),
        ("--radius", "30%", _) => "rounded".into(),
        ("--radius", "0", _) => "square".into(),
        (_, _, Some((light, dark))) => json!({"light": light, "dark": dark}),
        _ => number.map_or_else(|_| value.into(), Value::from),
    }
}

/// The same for the style of a panel, which is one of its settings.
fn compare_panel_styles(before: &Contents, after: &Contents, to: &mut Settings) {
    let [before, after] = [before, after].map(|contents| {
        let settings = contents.settings.as_ref();
        let css = settings.and_then(|settings| settings["panel"]["css"].as_str());
        read::properties(css.unwrap_or_default()).0
    });
    compare_properties(&before, &after, to);
}
