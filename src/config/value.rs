//! A value of a theme's variable.

use schemars::JsonSchema;
use serde::Deserialize;

use super::launcher::EachColor;

/// A value, or a colour for each scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected text such as `\"#1f4fd8\"` or `12px`, or `{light, dark}` with a colour for each"
)]
pub(crate) enum ValueSection {
    /// A colour, a length, a duration, a number or fonts.
    #[schemars(title = "A value")]
    Both(String),
    /// A colour for each scheme.
    #[schemars(title = "A colour for each scheme")]
    Each(EachColor),
}
