//! The section `site:`.

use schemars::JsonSchema;
use serde::Deserialize;

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
    /// Refuses sessions to callers of the function's own address, which pass by the rate limit of
    /// `netlify.toml`. Default: false.
    #[serde(default)]
    pub(crate) refuse_direct_calls: bool,
}

fn default_theme() -> String {
    "default".to_owned()
}
