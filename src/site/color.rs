//! Colours of our own buttons. ChatKit handles the colours of the chat.

use csscolorparser::{Color, NAMED_COLORS};

use crate::hint::closest;
use crate::yaml::Problem;

/// Colours with less chroma in OKLCH than this are greys.
const GREY: f32 = 0.03;

/// A colour, with components from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

impl Rgb {
    pub(crate) const BLACK: Self = Self {
        red: 0,
        green: 0,
        blue: 0,
    };

    /// Any CSS colour: `#1f4fd8`, `#fff`, `navy`, `rgb(31 79 216)`, `hsl(226 75% 48%)`, `oklch(…)`.
    ///
    /// # Errors
    ///
    /// Text that is not a colour, and transparent colours, whose contrast is unknown.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |title: String| {
            let problem = Problem::on("", title);
            Err(problem.label("expected a colour such as `\"#1f4fd8\"` or `navy`"))
        };
        let Some(color) = css_color(text) else {
            let problem = wrong(format!("`{text}` is not a colour"));
            let names = NAMED_COLORS.keys().map(|name| name.as_str());
            return problem.map_err(|problem| match closest(text, names) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        };
        match color.to_rgba8() {
            [red, green, blue, 255] => Ok(Self { red, green, blue }),
            _ => wrong(format!("`{text}` is not opaque")),
        }
    }

    /// As CSS, `#rrggbb`.
    pub(crate) fn to_css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Black or white, whichever has the better contrast on this colour by WCAG 2.2.
    pub(crate) fn readable_on_it(self) -> Self {
        // (1.05 / (L + 0.05)) against ((L + 0.05) / 0.05): equal at L = 0.179.
        let level = if self.luminance() > 0.179 { 0 } else { 255 };
        Self {
            red: level,
            green: level,
            blue: level,
        }
    }

    /// This colour if it has the contrast `least` on `ground`, or else the nearest one of the same hue that has.
    ///
    /// Greys would stay grey and dull: they become nearly black or white.
    pub(crate) fn seen_on(self, ground: Self, least: f64) -> Self {
        if self.contrast(ground) >= least {
            return self;
        }
        let [lightness, chroma, hue, _] =
            Color::from_rgba8(self.red, self.green, self.blue, 255).to_oklcha();
        let end: f32 = if ground.readable_on_it() == Self::BLACK {
            0.0
        } else {
            1.0
        };
        let at = |share: f32| {
            let color = Color::from_oklcha(lightness + (end - lightness) * share, chroma, hue, 1.0);
            let [red, green, blue, _] = color.to_rgba8();
            Self { red, green, blue }
        };
        if chroma < GREY {
            return at(0.9);
        }
        let mut steps = (1..=50).map(|step| at(step as f32 / 50.0));
        let seen = steps.find(|color| color.contrast(ground) >= least);
        seen.unwrap_or_else(|| ground.readable_on_it())
    }

    /// Contrast by WCAG 2.2, 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Relative luminance by WCAG 2.2, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// Parses a CSS colour. The library also accepts `fff`, which may be a number, and `hsv(…)`, which no browser knows.
fn css_color(text: &str) -> Option<Color> {
    let is_name = NAMED_COLORS.contains_key(text.into()) || text == "transparent";
    let is_function = text.contains('(') && !text.to_ascii_lowercase().starts_with("hsv");
    let is_css = is_name || is_function || text.starts_with('#');
    is_css.then(|| csscolorparser::parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_whatever_css_calls_one() {
        for (text, hex) in [
            ("#1F4FD8", "#1f4fd8"),
            ("#fff", "#ffffff"),
            ("#000f", "#000000"),
            ("red", "#ff0000"),
            ("RebeccaPurple", "#663399"),
            ("rgb(31, 79, 216)", "#1f4fd8"),
            ("rgb(31 79 216 / 100%)", "#1f4fd8"),
            ("hsl(0 100% 50%)", "#ff0000"),
            ("hwb(120 0% 0%)", "#00ff00"),
        ] {
            assert_eq!(Rgb::parse(text).unwrap().to_css(), hex, "{text}");
        }
        assert!(Rgb::parse("oklch(0.6 0.2 260)").is_ok());
        for text in [
            "",
            "fff",
            "600",
            "reed",
            "#ff",
            "#fffff",
            "transparent",
            "#ffffff80",
            "rgba(0,0,0,0.5)",
            "hsv(0, 1, 1)",
            "var(--x)",
            "currentColor",
            "url(x)",
        ] {
            assert!(Rgb::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_icon_is_black_or_white_whichever_is_easier_to_see() {
        for (color, icon) in [
            ("#ffffff", "#000000"),
            ("#facc15", "#000000"),
            ("#1d4ed8", "#ffffff"),
            ("#000000", "#ffffff"),
        ] {
            assert_eq!(
                Rgb::parse(color).unwrap().readable_on_it().to_css(),
                icon,
                "{color}"
            );
            assert_eq!(Rgb::parse(color).unwrap().to_css(), color);
        }
    }
}
