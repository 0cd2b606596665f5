//! The section `launcher:` of a widget.

use schemars::JsonSchema;
use serde::Deserialize;

/// The button on your website.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LauncherSection {
    /// Corner of the window. Default: `bottom-right`.
    pub(crate) position: Option<Corner>,
    /// Distance from the side of the window in CSS pixels, 0 to 400. Default: 20.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_x: Option<u16>,
    /// Distance from the top or bottom of the window in CSS pixels, 0 to 400. Default: 20.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_y: Option<u16>,
    /// Other values for windows narrower than 640 CSS pixels, for example to leave room for a bar at the bottom.
    /// Default: nothing.
    pub(crate) phone: Option<PhoneSection>,
    /// Width and height in CSS pixels, 40 to 96. Default: 56.
    #[schemars(range(min = 40, max = 96))]
    pub(crate) size: Option<u16>,
    /// `circle`, `rounded` or `square`. Default: `circle`.
    pub(crate) shape: Option<LauncherShape>,
    /// Background: a CSS colour, such as `"#1f4fd8"` or `navy`, or `{light, dark}` with one for each. Default: the
    /// theme's.
    pub(crate) color: Option<ColorSection>,
    /// Colour of the icon, in the same form. Default: black or white, whichever is easier to see on `color`.
    pub(crate) icon_color: Option<ColorSection>,
    /// `lucide:<name>` with a name from lucide.dev, `emoji:💬`, or the https address of an image, which your website's
    /// content security policy must allow. Default: `lucide:message-circle`.
    pub(crate) icon: Option<String>,
    /// What the button does, as a tooltip and for screen readers. Default: `Chat with us`.
    pub(crate) label: Option<String>,
    /// A line next to the button that invites visitors to chat. Default: none.
    pub(crate) teaser: Option<TeaserSection>,
    /// Shows a dot on the button when there are unread answers. Default: true.
    pub(crate) badge: Option<bool>,
    /// Position in the page's stacking order (`z-index`), 0 to 2147483647. Default: 2147480000.
    #[schemars(range(min = 0, max = 2147483647))]
    pub(crate) z_index: Option<u32>,
}

/// The place of the button on phones.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PhoneSection {
    /// Distance from the side of the window in CSS pixels, 0 to 400. Default: the launcher's `offset_x`.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_x: Option<u16>,
    /// Distance from the top or bottom of the window in CSS pixels, 0 to 400. Default: the launcher's `offset_y`.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_y: Option<u16>,
}

/// A corner of the window; left and right are swapped on right-to-left pages.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Corner {
    /// On the right, but on the left of right-to-left pages.
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a colour such as `\"#1f4fd8\"`, or `{light, dark}` with one for each"
)]
pub(crate) enum ColorSection {
    /// A colour, in light and dark.
    Both(String),
    /// One for each.
    Each(EachColor),
}

/// A colour for each scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EachColor {
    /// Any CSS colour, for light mode.
    pub(crate) light: String,
    /// Any CSS colour, for dark mode.
    pub(crate) dark: String,
}

/// A line next to the button that invites visitors to chat. Visitors who close it never see it again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeaserSection {
    /// The text.
    pub(crate) text: String,
    /// Delay after the button appears in seconds, 0 to 3600. Default: 5.
    #[serde(default = "default_delay")]
    #[schemars(range(min = 0, max = 3600))]
    pub(crate) delay: u16,
}

fn default_delay() -> u16 {
    5
}
