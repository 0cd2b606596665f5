//! The section `launcher:` of a widget.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The theme's drawing on a launcher without an icon of its own.
pub(crate) const ICON: &str = "message-circle";
/// The label of a launcher without one of its own.
pub(crate) const LABEL: &str = "Chat with us";
/// Whether a launcher shows a dot for unread answers, unless it says otherwise.
pub(crate) const BADGE: bool = true;

/// The button on your website.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LauncherSection {
    /// Corner of the window.
    #[schemars(extend("x-default" = {"value": Corner::default()}))]
    pub(crate) position: Option<Corner>,
    /// Distance from the side of the window in CSS pixels, 0 to 400.
    #[schemars(range(min = 0, max = 400), extend("x-default" = {"value": 20}))]
    pub(crate) offset_x: Option<u16>,
    /// Distance from the top or bottom of the window in CSS pixels, 0 to 400.
    #[schemars(range(min = 0, max = 400), extend("x-default" = {"value": 20}))]
    pub(crate) offset_y: Option<u16>,
    /// Other values for windows narrower than 640 CSS pixels, for example to leave room for a bar at the bottom.
    pub(crate) phone: Option<PhoneSection>,
    /// Width and height in CSS pixels, 40 to 96.
    #[schemars(range(min = 40, max = 96), extend("x-default" = {"value": 56}))]
    pub(crate) size: Option<u16>,
    /// Outline of the button.
    #[schemars(extend("x-default" = {"value": "circle"}))]
    pub(crate) shape: Option<LauncherShape>,
    /// Background: a CSS colour, such as `"#1f4fd8"` or `navy`, or `{light, dark}` with one for each.
    #[schemars(extend("x-default" = {"text": "the theme's"}))]
    pub(crate) color: Option<ColorSection>,
    /// Colour of the icon, written like `color`.
    #[schemars(extend("x-default" = {"text": "black or white, whichever is easier to see on `color`"}))]
    pub(crate) icon_color: Option<ColorSection>,
    /// `lucide:<name>` with a name from lucide.dev, `emoji:💬`, or the https address of an image, which your website's
    /// content security policy must allow.
    #[schemars(extend("x-default" = {"value": format!("lucide:{ICON}")}, "x-control" = "launcher-icon"))]
    pub(crate) icon: Option<String>,
    /// Tooltip of the button, which screen readers read out.
    #[schemars(extend("x-default" = {"value": LABEL}))]
    pub(crate) label: Option<String>,
    /// A line next to the button that invites visitors to chat.
    #[schemars(extend("x-default" = {"text": "none"}))]
    pub(crate) teaser: Option<TeaserSection>,
    /// Shows a dot on the button when there are unread answers.
    #[schemars(extend("x-default" = {"value": BADGE}))]
    pub(crate) badge: Option<bool>,
    /// Position in the page's stacking order (`z-index`), 0 to 2147483647.
    #[schemars(range(min = 0, max = 2147483647), extend("x-default" = {"value": 2147480000}))]
    pub(crate) z_index: Option<u32>,
}

/// The place of the button on phones.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PhoneSection {
    /// Distance from the side of the window in CSS pixels, 0 to 400.
    #[schemars(range(min = 0, max = 400), extend("x-default" = {"text": "the launcher's `offset_x`"}))]
    pub(crate) offset_x: Option<u16>,
    /// Distance from the top or bottom of the window in CSS pixels, 0 to 400.
    #[schemars(range(min = 0, max = 400), extend("x-default" = {"text": "the launcher's `offset_y`"}))]
    pub(crate) offset_y: Option<u16>,
}

/// A corner of the window; left and right are swapped on right-to-left pages.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[schemars(extend("x-control" = "corner"))]
pub(crate) enum Corner {
    /// On the right, but on the left of right-to-left pages.
    #[default]
    BottomRight,
    /// On the left, but on the right of right-to-left pages.
    BottomLeft,
    /// On the right, but on the left of right-to-left pages.
    TopRight,
    /// On the left, but on the right of right-to-left pages.
    TopLeft,
}

/// The shape of the button.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LauncherShape {
    /// A circle.
    Circle,
    /// A square with rounded corners.
    Rounded,
    /// A square.
    Square,
}

/// One colour, or one for each scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(
    untagged,
    expecting = "expected a colour such as `\"#1f4fd8\"`, or `{light, dark}` with one for each"
)]
#[schemars(extend("x-control" = "color-pair"))]
pub(crate) enum ColorSection {
    /// A colour, in light and dark.
    #[schemars(title = "A colour")]
    Both(String),
    /// One for each.
    #[schemars(title = "One for each")]
    Each(EachColor),
}

/// A colour for each scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct EachColor {
    /// Any CSS colour, for light mode.
    #[schemars(extend("x-control" = "color"))]
    pub(crate) light: String,
    /// Any CSS colour, for dark mode.
    #[schemars(extend("x-control" = "color"))]
    pub(crate) dark: String,
}

/// A line next to the button that invites visitors to chat. Visitors who close it never see it again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeaserSection {
    /// The text.
    pub(crate) text: String,
    /// Seconds after the button appears, 0 to 3600.
    #[serde(default = "default_delay")]
    #[schemars(range(min = 0, max = 3600))]
    pub(crate) delay: u16,
}

fn default_delay() -> u16 {
    5
}
