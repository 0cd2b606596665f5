//! `theme.yaml`, in the folder of a theme.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::brand::BrandPart;
use super::value::ValueSection;
use super::widget::WidgetSection;
use crate::yaml::{Node, Problem, Source};

/// A theme's own file, merged over that of the theme `default`, key by key.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThemeFile {
    /// The look of the theme, in one sentence.
    pub(crate) description: Option<String>,
    /// The settings that a site can change without changing the theme, by name. A style that mentions `var(--name)`
    /// gets its declaration.
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}))]
    pub(crate) variables: BTreeMap<String, VariableSection>,
    /// Inherited by the site's `defaults`.
    #[serde(deserialize_with = "ignored")]
    defaults: WidgetSection,
}

/// A variable of a theme.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VariableSection {
    /// Its purpose, in one sentence.
    pub(crate) description: Option<String>,
    /// The value where the site sets none. It also decides the kind of the variable.
    pub(crate) value: Option<ValueSection>,
    /// For a text colour: the variable with the background behind it. Where a site sets only that one, this one
    /// becomes black or white, whichever is easier to read.
    pub(crate) on: Option<String>,
    /// The part of the site's brand that becomes the value, where a brand has it and the site sets no other value.
    pub(crate) brand: Option<BrandPart>,
}

impl ThemeFile {
    /// The `theme.yaml` of several layers merged, the lowest first. Empty if one has errors, which the build reports.
    pub(crate) fn from_layers(layers: &[Source]) -> Self {
        typed(parsed(layers).as_ref()).unwrap_or_default()
    }

    /// The defaults of these layers, as written.
    pub(crate) fn defaults_of(layers: &[Source]) -> Value {
        let merged = parsed(layers);
        let defaults = merged.as_ref().and_then(|theme| theme.get("defaults"));
        defaults.map(Node::to_json).unwrap_or_default()
    }
}

fn parsed(layers: &[Source]) -> Option<Node> {
    let layers = layers.iter();
    merge(layers.map(|layer| Node::parse(0, &layer.text, &mut Vec::new())))
}

/// Each layer over those before it.
pub(super) fn merge(layers: impl IntoIterator<Item = Node>) -> Option<Node> {
    layers.into_iter().reduce(|below, layer| layer.over(&below))
}

/// The typed part, once the tree fits the schema.
pub(super) fn typed(theme: Option<&Node>) -> Result<ThemeFile, Problem> {
    let Some(theme) = theme else {
        return Ok(ThemeFile::default());
    };
    serde_path_to_error::deserialize(theme.to_value()).map_err(|err| {
        let way: Vec<_> = err
            .path()
            .to_string()
            .split('.')
            .map(str::to_owned)
            .collect();
        Problem::at(theme.place_of(&way), err.inner().to_string())
    })
}

/// The defaults may be incomplete. They are merged into every widget already.
fn ignored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WidgetSection, D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Ok(WidgetSection::default())
}
