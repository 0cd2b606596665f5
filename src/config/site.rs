//! The section `site:`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::brand::BrandSection;
use super::value::ValueSection;

/// Settings of the whole site.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteSection {
    /// Public address of the site, such as `https://chat.example.com`. Required.
    pub(crate) url: String,
    /// Websites that may show the widgets: one origin (`https://www.example.com`), or a wildcard for subdomains
    /// (`https://*.example.com`).
    #[serde(default)]
    #[schemars(extend("x-default" = {"text": "only the site itself"}))]
    pub(crate) allowed_origins: Vec<String>,
    /// Name of the theme: a folder under `themes/`.
    #[serde(default = "default_theme")]
    #[schemars(extend("x-control" = "theme"))]
    pub(crate) theme: String,
    /// Your brand, which every widget without one of its own has.
    #[serde(default)]
    pub(crate) brand: BrandSection,
    /// Values for the theme's variables, by name, as in `accent: "#1f4fd8"`. A colour can also be `{light: white,
    /// dark: "#1c1b1a"}`. `theme variables` lists them all.
    #[serde(default)]
    #[schemars(extend("x-control" = "variables"))]
    pub(crate) variables: BTreeMap<String, ValueSection>,
    /// Refuses sessions to callers of the function's own address, `/.netlify/functions/session`, who bypass the rate
    /// limit of `netlify.toml`.
    #[serde(default = "yes")]
    pub(crate) refuse_direct_calls: bool,
}

fn yes() -> bool {
    true
}

fn default_theme() -> String {
    "default".to_owned()
}
