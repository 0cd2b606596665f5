//! The section `rules:` of a widget: where its launcher shows.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where the launcher shows. Links, scripts and chats in the page work everywhere.
///
/// A path is covered by a glob in which `*` is a part of one segment and `**` is anything: `/docs/**`
/// covers `/docs` and all below.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesSection {
    /// Paths to show it on. Default: all.
    #[schemars(length(min = 1))]
    pub(crate) show: Option<Vec<String>>,
    /// Paths to hide it on, even if `show` has them. Default: none.
    pub(crate) hide: Vec<String>,
    /// Kinds of device to show it on. Default: all.
    #[schemars(length(min = 1))]
    pub(crate) devices: Option<Vec<Device>>,
}

/// A kind of device, by the width of the window in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Device {
    /// Less than 640.
    Phone,
    /// Less than 1024.
    Tablet,
    /// 1024 and more.
    Desktop,
}
