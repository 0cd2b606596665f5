//! Colours of our own buttons. Colours of the chat are ChatKit's affair.

use crate::config::Problem;

/// A colour, 0 to 255 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

impl Rgb {
    /// `#rrggbb`.
    ///
    /// # Errors
    ///
    /// Any other form.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| {
            Problem::on("", format!("`{text}` is not of the form `#rrggbb`"))
                .label("expected a colour such as `\"#1f4fd8\"`")
        })?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self { red, green, blue })
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

    /// Contrast by WCAG 2.2, 1 to 21.
    #[cfg(test)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
