//! The sections `panel:`, `popup:` and `inline:` of a widget: how large a chat is, and when it opens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Width of a panel without one of its own, in CSS pixels. The theme's style has the same.
pub(crate) const WIDTH: u16 = 400;
/// Height of a panel without one of its own, in CSS pixels. The theme's style has the same.
pub(crate) const HEIGHT: u16 = 680;

/// The panel that the launcher opens. On phones it fills the screen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PanelSection {
    /// Width in CSS pixels, 280 to 1200.
    #[schemars(range(min = 280, max = 1200), extend("x-default" = {"value": WIDTH}))]
    pub(crate) width: Option<u16>,
    /// Height in CSS pixels, 320 to 1200.
    #[schemars(range(min = 320, max = 1200), extend("x-default" = {"value": HEIGHT}))]
    pub(crate) height: Option<u16>,
    /// The bar at the top: `plain` as the theme has it, or `tinted` in your colour.
    #[schemars(extend("x-default" = {"text": "`tinted` with `brand.color`, if the theme has no bar of its own"}))]
    pub(crate) header: Option<HeaderStyle>,
    /// A line below the title, such as when you answer; empty for none.
    #[schemars(extend("x-default" = {"text": "“Usually answers right away”, in the page's language"}))]
    pub(crate) line: Option<String>,
    /// When the panel opens: at a `click` on the button, or also on `load`, with the page, except on phones. Links and
    /// scripts open it in any case.
    #[schemars(extend("x-default" = {"value": OpenOn::default()}))]
    pub(crate) open: Option<OpenOn>,
}

/// The bar at the top of a panel.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HeaderStyle {
    /// As the theme has it.
    Plain,
    /// In the colour of the launcher.
    Tinted,
}

/// What opens a panel.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OpenOn {
    /// A click by the visitor.
    #[default]
    Click,
    /// The page, when it loads.
    Load,
}

/// The chat in the middle of the window, on top of the page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PopupSection {
    /// Width in CSS pixels, 280 to 1200.
    #[schemars(range(min = 280, max = 1200), extend("x-default" = {"text": "the panel's"}))]
    pub(crate) width: Option<u16>,
    /// Height in CSS pixels, 320 to 1200.
    #[schemars(range(min = 320, max = 1200), extend("x-default" = {"text": "the panel's"}))]
    pub(crate) height: Option<u16>,
}

/// The chat as part of the page, `<chatkit-widget>`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InlineSection {
    /// Height in CSS pixels, 320 to 2000; never more than the height of the window.
    #[schemars(range(min = 320, max = 2000), extend("x-default" = {"value": 680}))]
    pub(crate) height: Option<u16>,
}
