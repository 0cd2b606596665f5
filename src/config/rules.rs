//! The section `rules:` of a widget: where its launcher shows.

use schemars::JsonSchema;
use serde::Deserialize;

/// Pages that show the launcher. Links, scripts and chats inside a page work everywhere.
///
/// In a path, `*` matches part of one segment and `**` matches anything: `/docs/**` matches `/docs` and everything
/// below it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesSection {
    /// Paths of the pages that show the button.
    #[schemars(length(min = 1), extend("x-default" = {"text": "all"}))]
    pub(crate) show: Option<Vec<String>>,
    /// Paths of the pages that hide the button, even if `show` lists them.
    #[schemars(extend("x-default" = {"text": "none"}))]
    pub(crate) hide: Vec<String>,
    /// Devices that show the button.
    #[schemars(length(min = 1), extend("x-default" = {"text": "all"}, "x-control" = "several"))]
    pub(crate) devices: Option<Vec<Device>>,
}

/// A kind of device, by the width of the window in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Device {
    /// Windows narrower than 640 pixels.
    Phone,
    /// Windows of 640 to 1023 pixels.
    Tablet,
    /// Windows of 1024 pixels or more.
    Desktop,
}
