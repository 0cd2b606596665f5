//! The sections `panel:`, `popup:` and `inline:` of a widget: how large a chat is, and when it opens.

use schemars::JsonSchema;
use serde::Deserialize;

/// What the launcher opens. Phones show it on the whole screen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PanelSection {
    /// CSS pixels, 280 to 1200. Default: 400.
    #[schemars(range(min = 280, max = 1200))]
    pub(crate) width: Option<u16>,
    /// CSS pixels, 320 to 1200. Default: 680.
    #[schemars(range(min = 320, max = 1200))]
    pub(crate) height: Option<u16>,
    /// What opens it besides links and scripts: `click` on the launcher, or `load` of the page as well,
    /// but on phones. Default: `click`.
    pub(crate) open: Option<OpenOn>,
}

/// What opens a panel.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OpenOn {
    /// The visitor.
    Click,
    /// The page, when it loads.
    Load,
}

/// The chat in the middle of the window, over the page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PopupSection {
    /// CSS pixels, 280 to 1200. Default: that of the panel.
    #[schemars(range(min = 280, max = 1200))]
    pub(crate) width: Option<u16>,
    /// CSS pixels, 320 to 1200. Default: that of the panel.
    #[schemars(range(min = 320, max = 1200))]
    pub(crate) height: Option<u16>,
}

/// The chat as a part of the page, `<chatkit-widget>`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InlineSection {
    /// CSS pixels, 320 to 2000; never more than the window has. Default: 680.
    #[schemars(range(min = 320, max = 2000))]
    pub(crate) height: Option<u16>,
}
