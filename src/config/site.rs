//! The section `site:`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::theme::ValueSection;

/// What holds for the whole site.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteSection {
    /// Where the site is served, such as `https://chat.example.com`. Required: no default would be right.
    pub(crate) url: String,
    /// Origins of the host pages: whole (`https://www.example.com`) or with a wildcard for one or more
    /// labels (`https://*.example.com`). Default: none but the site itself.
    #[serde(default)]
    pub(crate) allowed_origins: Vec<String>,
    /// Folder under `themes/`. Default: `default`.
    #[serde(default = "default_theme")]
    pub(crate) theme: String,
    /// The theme's variables that are to differ, by name, as in `accent: "#1f4fd8"`. A colour can also be
    /// `{light: white, dark: "#1c1b1a"}`. `theme variables` lists those there are.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, ValueSection>,
    /// Refuses sessions to callers of the function's own address, `/.netlify/functions/session`, which bypass the
    /// rate limit of `netlify.toml`. Default: true.
    #[serde(default = "yes")]
    pub(crate) refuse_direct_calls: bool,
}

fn yes() -> bool {
    true
}

fn default_theme() -> String {
    "default".to_owned()
}
