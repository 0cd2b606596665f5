//! `theme`: how the chat looks.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::bounded::{Between, Bounded, NonEmpty};

/// Looks of the chat.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Theme {
    /// Light or dark.
    #[schemars(extend("x-default" = {"value": "light", "by": "ChatKit"}))]
    pub(crate) color_scheme: Option<ColorScheme>,
    /// Roundness of corners.
    #[schemars(extend("x-default" = {"value": "pill", "by": "ChatKit"}))]
    pub(crate) radius: Option<Radius>,
    /// Spacing.
    #[schemars(extend("x-default" = {"value": "normal", "by": "ChatKit"}))]
    pub(crate) density: Option<Density>,
    /// Fonts.
    pub(crate) typography: Option<Typography>,
    /// Colours.
    pub(crate) color: Option<Color>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColorScheme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// What the visitor's system prefers. ChatKit itself does not know this value: the page resolves it.
    Auto,
}

/// Roundness of corners.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Radius {
    /// Fully round.
    Pill,
    /// Round.
    Round,
    /// Slightly round.
    Soft,
    /// Square.
    Sharp,
}

/// Spacing.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Density {
    /// Little space.
    Compact,
    /// The usual space.
    Normal,
    /// Much space.
    Spacious,
}

/// Fonts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Typography {
    /// Size of the text in CSS pixels.
    pub(crate) base_size: Option<Bounded<14, 18>>,
    /// CSS font family.
    pub(crate) font_family: Option<String>,
    /// CSS font family for code.
    pub(crate) font_family_mono: Option<String>,
    /// Web fonts to load.
    pub(crate) font_sources: Option<Vec<FontSource>>,
}

/// A web font.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FontSource {
    /// CSS font family.
    pub(crate) family: NonEmpty,
    /// Address of the font file.
    pub(crate) src: NonEmpty,
    /// CSS font weight.
    pub(crate) weight: Option<FontWeight>,
    /// CSS font style.
    pub(crate) style: Option<FontStyle>,
    /// CSS font display.
    pub(crate) display: Option<FontDisplay>,
    /// CSS unicode range.
    pub(crate) unicode_range: Option<String>,
}

/// CSS font weight, such as `400`, `bold` or `100 900`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(untagged, expecting = "expected a number or a string")]
pub(crate) enum FontWeight {
    /// As a number.
    #[schemars(title = "As a number")]
    Number(Between<1, 1000>),
    /// As a word or a range.
    #[schemars(title = "As a word or a range")]
    Text(String),
}

/// CSS font style.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FontStyle {
    /// Upright.
    Normal,
    /// Italic.
    Italic,
    /// Slanted.
    Oblique,
}

/// What is shown while the font loads.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FontDisplay {
    /// The browser's choice.
    Auto,
    /// Nothing.
    Block,
    /// Another font, until this one has loaded.
    Swap,
    /// Another font, unless this one loads quickly.
    Fallback,
    /// Another font, unless this one is available at once.
    Optional,
}

/// Colours.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Color {
    /// The greys.
    pub(crate) grayscale: Option<Grayscale>,
    /// The colour of buttons and links.
    pub(crate) accent: Option<Accent>,
    /// The background, and what lies on it.
    pub(crate) surface: Option<Surface>,
}

/// The greys, tinted.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grayscale {
    /// Hue of the tint, in degrees.
    pub(crate) hue: Between<0, 360>,
    /// Strength of the tint.
    pub(crate) tint: Bounded<0, 9>,
    /// Darker or lighter.
    pub(crate) shade: Option<Bounded<-4, 4>>,
}

/// The colour of buttons and links.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accent {
    /// Any CSS colour.
    #[schemars(extend("x-control" = "color"))]
    pub(crate) primary: NonEmpty,
    /// How strongly the colour is used.
    pub(crate) level: Bounded<0, 3>,
}

/// The background, and what lies on it.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Surface {
    /// Any CSS colour.
    #[schemars(extend("x-control" = "color"))]
    pub(crate) background: NonEmpty,
    /// Composer and bubbles, any CSS colour. Text follows the scheme and the greys.
    #[schemars(extend("x-control" = "color"))]
    pub(crate) foreground: NonEmpty,
}

/// ChatKit accepts `theme: dark` for `theme: {colorScheme: dark}`. An untagged enum would do, but would lose the
/// place of every error inside it.
pub(super) fn scheme_or_theme<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Theme>, D::Error> {
    deserializer.deserialize_any(SchemeOrThemeVisitor)
}

/// The schema of what [`scheme_or_theme`] reads.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the file; `Theme` holds what is read")]
pub(super) enum SchemeOrTheme {
    Scheme(ColorScheme),
    Theme(Box<Theme>),
}

struct SchemeOrThemeVisitor;

impl<'de> Visitor<'de> for SchemeOrThemeVisitor {
    type Value = Option<Theme>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`light`, `dark`, `auto` or a map of theme options")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: serde::de::Error>(self, scheme: &str) -> Result<Self::Value, E> {
        let color_scheme = ColorScheme::deserialize(StrDeserializer::new(scheme))?;
        Ok(Some(Theme {
            color_scheme: Some(color_scheme),
            ..Theme::default()
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Theme::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
