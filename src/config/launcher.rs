//! The section `launcher:` of a widget.

use schemars::JsonSchema;
use serde::Deserialize;

/// The button on the host page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LauncherSection {
    /// Corner of the window. Default: `bottom-right`.
    pub(crate) position: Option<Corner>,
    /// CSS pixels from the side of the window, 0 to 400. Default: 20.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_x: Option<u16>,
    /// CSS pixels from the top or the bottom of the window, 0 to 400. Default: 20.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_y: Option<u16>,
    /// What differs in windows narrower than 640 CSS pixels, such as room for a bar along the bottom. Default: nothing.
    pub(crate) phone: Option<PhoneSection>,
    /// Width and height in CSS pixels, 40 to 96. Default: 56.
    #[schemars(range(min = 40, max = 96))]
    pub(crate) size: Option<u16>,
    /// `circle`, `rounded` or `square`. Default: `circle`.
    pub(crate) shape: Option<LauncherShape>,
    /// Background: a CSS colour, such as `"#1f4fd8"` or `navy`, or `{light, dark}` with one each. Default: the theme's.
    pub(crate) color: Option<ColorSection>,
    /// The icon's colour, likewise. Default: black or white, whichever is easier to see on `color`.
    pub(crate) icon_color: Option<ColorSection>,
    /// `lucide:<name>`, as lucide.dev names it; `emoji:💬`; or the https address of an image,
    /// which the host page's policy must allow. Default: `lucide:message-circle`.
    pub(crate) icon: Option<String>,
    /// What the button does, for screen readers and as a tooltip. Default: `Chat with us`.
    pub(crate) label: Option<String>,
    /// A line beside the launcher that invites to chat. Default: none.
    pub(crate) teaser: Option<TeaserSection>,
    /// Whether the launcher shows a dot for answers that nobody has seen. Default: true.
    pub(crate) badge: Option<bool>,
    /// Level in the stack of the host page, 0 to 2147483647. Default: 2147480000.
    #[schemars(range(min = 0, max = 2147483647))]
    pub(crate) z_index: Option<u32>,
}

/// Where the launcher is on a phone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PhoneSection {
    /// CSS pixels from the side of the window, 0 to 400. Default: the launcher's `offset_x`.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_x: Option<u16>,
    /// CSS pixels from the top or the bottom of the window, 0 to 400. Default: the launcher's `offset_y`.
    #[schemars(range(min = 0, max = 400))]
    pub(crate) offset_y: Option<u16>,
}

/// A corner of the window; left and right change places in right-to-left pages.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Corner {
    /// Where lines end.
    BottomRight,
    /// Where lines begin.
    BottomLeft,
    /// Where lines end.
    TopRight,
    /// Where lines begin.
    TopLeft,
}

/// The launcher's outline.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LauncherShape {
    /// A disc.
    Circle,
    /// A square with round corners.
    Rounded,
    /// A square.
    Square,
}

/// One colour, or one for each scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a colour such as `\"#1f4fd8\"`, or `{light, dark}` with one each"
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
    /// Any CSS colour, where the widget is light.
    pub(crate) light: String,
    /// Any CSS colour, where the widget is dark.
    pub(crate) dark: String,
}

/// A line beside the launcher that invites to chat. A visitor who closes it never sees it again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeaserSection {
    /// What it says.
    pub(crate) text: String,
    /// Seconds after the launcher shows, 0 to 3600. Default: 5.
    #[serde(default = "default_delay")]
    #[schemars(range(min = 0, max = 3600))]
    pub(crate) delay: u16,
}

fn default_delay() -> u16 {
    5
}
