//! The checked brand, and what follows from it.

use std::sync::Arc;

use url::Url;

use super::base_url::one_origin;
use super::color::Rgb;
use super::found::{Context, Found, text_if};
use super::launcher::{Colors, parse_colors};
use super::value::{Kind, Value};
use crate::chatkit::{ChatKitOptions, ColorScheme, Radius};
use crate::config::{BrandPart, BrandSection, Tone, ValueSection};
use crate::logo::Logo;
use crate::yaml::Problem;

/// The contrast that WCAG 2.2 AA requires of what is not text.
const VISIBLE: f64 = 3.0;

/// With less contrast than this, a button is hard to find on the dark panel. Its icon has more.
const FINDABLE: f64 = 1.5;

/// Your brand. What is missing is as the theme has it.
#[derive(Debug, Default)]
pub(crate) struct Brand {
    /// As written.
    pub(crate) color: Option<Colors>,
    pub(crate) name: Option<String>,
    pub(crate) logo: Option<BrandLogo>,
    /// A CSS length.
    corner: Option<String>,
    /// CSS font families.
    font: Option<String>,
    tone: Option<Tone>,
}

/// Where a logo is.
#[derive(Debug)]
pub(crate) enum BrandLogo {
    /// In a file, which the site serves.
    File(Arc<Logo>),
    /// At an https address.
    Url(Url),
}

impl BrandLogo {
    fn parse(text: &str, context: &Context<'_>) -> Result<Self, Problem> {
        let on = |title: String| Problem::on("brand.logo", title);
        if let Ok(url) = Url::parse(text) {
            if url.scheme() != "https" {
                return Err(on(format!("`{text}` does not begin with `https://`"))
                    .hint("write the path of a file next to `site.yaml`, or an https address"));
            }
            // Policies name its origin.
            one_origin(&url).map_err(|why| on("not an address".to_owned()).label(why))?;
            return Ok(Self::Url(url));
        }
        let read = (context.read_logo)(text);
        read.map(Self::File)
            .map_err(|err| on(format!("{err:#}")).hint_of(&err))
    }
}

impl Brand {
    /// The brand, without the parts that have errors.
    pub(super) fn from_config(
        section: BrandSection,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Self {
        let BrandSection {
            color,
            logo,
            name,
            corner,
            font,
            tone,
        } = section;
        let font = font.and_then(|font| {
            let mut own = Found::default();
            let value = Value::parse(Kind::Fonts, ValueSection::Both(font), &mut own);
            found.extend(own.below(&["brand", "font"]));
            value.map(|value| value.to_css())
        });
        let logo = logo.and_then(|logo| found.keep(BrandLogo::parse(&logo, context)));
        let color = color.and_then(|section| parse_colors("brand.color", section, found));
        Self {
            color,
            name: text_if("brand.name", name, found),
            logo,
            corner,
            font,
            tone,
        }
    }

    /// The value of a variable of the theme that follows this part of the brand. `surface` is the ground of the panel.
    pub(super) fn value_of(&self, part: BrandPart, surface: Option<Colors>) -> Option<Value> {
        match part {
            BrandPart::Color => Some(Value::Color(self.button_color(surface)?)),
            BrandPart::VisibleColor => Some(Value::Color(self.visible_color(surface)?)),
            BrandPart::Corner => Some(Value::Other(Kind::Length, self.corner.clone()?)),
            BrandPart::Font => Some(Value::Other(Kind::Fonts, self.font.clone()?)),
        }
    }

    /// The colour of buttons. Dark mode has a lighter one if only one is set, and it could not be found on the surface.
    fn button_color(&self, surface: Option<Colors>) -> Option<Colors> {
        let colors = self.color?;
        let is_one = colors.light == colors.dark;
        let Some(surface) = surface.filter(|_| is_one) else {
            return Some(colors);
        };
        let is_found = colors.dark.contrast(surface.dark) >= FINDABLE;
        let dark = match is_found {
            true => colors.dark,
            false => colors.dark.seen_on(surface.dark, VISIBLE),
        };
        Some(Colors { dark, ..colors })
    }

    /// The colour of what is drawn on the surface, such as the focus ring and ChatKit's accent.
    pub(super) fn visible_color(&self, surface: Option<Colors>) -> Option<Colors> {
        let colors = self.color?;
        Some(match surface {
            Some(surface) => Colors {
                light: colors.light.seen_on(surface.light, VISIBLE),
                dark: colors.dark.seen_on(surface.dark, VISIBLE),
            },
            None => colors,
        })
    }

    /// Fills in ChatKit's own settings. The colour is not one of them: ChatKit takes a single one, and the page chooses
    /// it for each scheme.
    pub(super) fn dress(&self, chatkit: &mut ChatKitOptions) {
        if self.corner.is_none() && self.font.is_none() && self.tone.is_none() {
            return;
        }
        let theme = chatkit.theme.get_or_insert_default();
        if let Some(corner) = &self.corner {
            theme.radius.get_or_insert(radius_of(corner));
        }
        if let Some(font) = &self.font {
            let typography = theme.typography.get_or_insert_default();
            typography.font_family.get_or_insert_with(|| font.clone());
        }
        if let Some(tone) = self.tone {
            theme.color_scheme.get_or_insert(match tone {
                Tone::Light => ColorScheme::Light,
                Tone::Dark => ColorScheme::Dark,
                Tone::Auto | Tone::Page => ColorScheme::Auto,
            });
        }
    }

    /// Whether the widget is as light or dark as the page behind its launcher.
    pub(crate) fn follows_page(&self) -> bool {
        self.tone == Some(Tone::Page)
    }

    /// What the build tells of a colour that buttons could not have as it is.
    pub(super) fn notes(&self, surface: Option<Colors>) -> Vec<String> {
        let (Some(colors), Some(buttons)) = (self.color, self.button_color(surface)) else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        let css = colors.light.to_css();
        if colors.light.readable_on_it() == Rgb::BLACK {
            notes.push(format!(
                "white text is hard to read on {css}, so text on it is black"
            ));
        }
        if buttons != colors {
            let other = buttons.dark.to_css();
            notes.push(format!(
                "{css} is hard to find on the dark panel, so buttons are {other} there"
            ));
        }
        notes
    }
}

/// ChatKit's roundness that is most like a corner of ours.
fn radius_of(corner: &str) -> Radius {
    let pixels: u8 = corner.trim_end_matches("px").parse().unwrap_or_default();
    match pixels {
        0..=3 => Radius::Sharp,
        4..=10 => Radius::Soft,
        11..=20 => Radius::Round,
        _ => Radius::Pill,
    }
}
