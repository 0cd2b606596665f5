//! The checked button on the host page.

use url::Url;

use super::base_url::one_origin;
use super::color::Rgb;
use super::found::{Context, Found, text_or};
use crate::chatkit::is_lucide_name;
use crate::config::{
    BADGE, ColorSection, Corner, EachColor, ICON, LABEL, LauncherSection, LauncherShape,
    PhoneSection, TeaserSection,
};
use crate::theme::is_lucide;
use crate::yaml::Problem;

/// More characters than the longest emoji of Unicode has, a family or a flag.
const LONGEST_EMOJI: usize = 16;

/// The button on the host page. Where a value is missing, the theme decides.
#[derive(Debug)]
pub(crate) struct Launcher {
    /// Corner of the window, in left-to-right pages.
    pub(crate) corner: Corner,
    /// CSS pixels from the side.
    pub(crate) offset_x: Option<u16>,
    /// CSS pixels from the top or the bottom.
    pub(crate) offset_y: Option<u16>,
    /// CSS pixels from the side, on a phone.
    pub(crate) phone_offset_x: Option<u16>,
    /// CSS pixels from the top or the bottom, on a phone.
    pub(crate) phone_offset_y: Option<u16>,
    /// CSS pixels.
    pub(crate) size: Option<u16>,
    /// Outline.
    pub(crate) shape: Option<LauncherShape>,
    /// Background.
    pub(crate) color: Option<Colors>,
    /// Colour of the icon: as written, or else the one that is easier to see.
    pub(crate) icon_color: Option<Colors>,
    /// The icon.
    pub(crate) icon: Icon,
    /// The label.
    pub(crate) label: String,
    /// The line next to it.
    pub(crate) teaser: Option<Teaser>,
    /// Shows a dot for unread answers.
    pub(crate) badge: bool,
    /// Position in the host page's stacking order.
    pub(crate) z_index: Option<u32>,
}

/// A colour for each scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colors {
    /// For light mode.
    pub(crate) light: Rgb,
    /// For dark mode.
    pub(crate) dark: Rgb,
}

/// The picture on a launcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Name of one of the theme's drawings.
    Drawing(String),
    /// One emoji.
    Emoji(String),
    /// https address of an image.
    Image(String),
}

/// The line next to the launcher.
#[derive(Debug)]
pub(crate) struct Teaser {
    /// Its text.
    pub(crate) text: String,
    /// Seconds.
    pub(crate) delay: u16,
}

impl Launcher {
    /// The launcher, or `None` and its errors.
    pub(super) fn from_config(
        section: LauncherSection,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        let LauncherSection {
            position,
            offset_x,
            offset_y,
            phone,
            size,
            shape,
            color,
            icon_color,
            icon,
            label,
            teaser,
            badge,
            z_index,
        } = section;
        let PhoneSection {
            offset_x: phone_offset_x,
            offset_y: phone_offset_y,
        } = phone.unwrap_or_default();
        let color = color.map(|section| parse_colors("launcher.color", section, found));
        let icon_color =
            icon_color.map(|section| parse_colors("launcher.icon_color", section, found));
        let icon = found.keep(icon.as_deref().map_or_else(
            || Ok(Icon::Drawing(ICON.to_owned())),
            |icon| Icon::parse("launcher.icon", icon, context),
        ));
        let label = text_or("launcher.label", label, LABEL, found);
        let teaser = teaser.map(|section| teaser_from(section, found));
        // Values that are set must all be valid.
        let color = color.map_or(Some(None), |color| color.map(Some))?;
        let icon_color = icon_color.map_or(Some(None), |color| color.map(Some))?;
        let teaser = teaser.map_or(Some(None), |teaser| teaser.map(Some))?;
        Some(Self {
            corner: position.unwrap_or_default(),
            offset_x,
            offset_y,
            phone_offset_x,
            phone_offset_y,
            size,
            shape,
            color,
            icon_color: icon_color.or(color.map(Colors::readable_on_them)),
            icon: icon?,
            label: label?,
            teaser,
            badge: badge.unwrap_or(BADGE),
            z_index,
        })
    }
}

impl Colors {
    pub(super) fn readable_on_them(self) -> Self {
        Self {
            light: self.light.readable_on_it(),
            dark: self.dark.readable_on_it(),
        }
    }

    /// The colours in CSS: one, or one for each scheme, by the switches `--light` and `--dark`. `light-dark(…)` would
    /// be shorter, but browsers of early 2024 lack it.
    pub(crate) fn to_css(self) -> String {
        let (light, dark) = (self.light.to_css(), self.dark.to_css());
        if light == dark {
            light
        } else {
            format!("var(--light,{light})var(--dark,{dark})")
        }
    }
}

impl Icon {
    /// The icon at the path `way`.
    pub(super) fn parse(way: &str, text: &str, context: &Context<'_>) -> Result<Self, Problem> {
        if let Some(name) = text
            .strip_prefix("lucide:")
            .filter(|name| is_lucide_name(name))
        {
            let is_known = match context.theme {
                Some(theme) => theme.has_icon(name),
                None => is_lucide(name),
            };
            return match is_known {
                true => Ok(Self::Drawing(name.to_owned())),
                false => Err(unknown_icon(way, name)),
            };
        }
        if let Some(emoji) = text.strip_prefix("emoji:") {
            let is_emoji = (1..=LONGEST_EMOJI).contains(&emoji.chars().count())
                && !emoji.contains(|c: char| c.is_ascii() || c.is_whitespace());
            return match is_emoji {
                true => Ok(Self::Emoji(emoji.to_owned())),
                false => Err(Problem::on(way, "not a single emoji")),
            };
        }
        if let Ok(url) = Url::parse(text)
            && url.scheme() == "https"
        {
            // Policies name its origin.
            one_origin(&url).map_err(|why| Problem::on(way, "not an address").label(why))?;
            return Ok(Self::Image(url.into()));
        }
        Err(Problem::on(way, format!("`{text}` is not an icon"))
            .hint("write `lucide:message-circle`, `emoji:💬`, or the https:// address of an image"))
    }
}

fn unknown_icon(way: &str, name: &str) -> Problem {
    Problem::on(way, format!("unknown icon `lucide:{name}`"))
        .label("Lucide has no icon with this name")
        .hint(format!(
            "https://lucide.dev/icons shows them all; for your own drawing, create \
             `themes/default/icons/{name}.svg`"
        ))
}

/// One colour, or one for each scheme.
pub(super) fn parse_colors(way: &str, section: ColorSection, found: &mut Found) -> Option<Colors> {
    let mut parse = |part: &str, text: &str| {
        let steps = way.split('.').chain([part]);
        let steps: Vec<_> = steps.filter(|step| !step.is_empty()).collect();
        found.keep(Rgb::parse(text).map_err(|problem| problem.below(&steps)))
    };
    let (light, dark) = match section {
        ColorSection::Both(text) => {
            let both = parse("", &text);
            (both, both)
        }
        ColorSection::Each(EachColor { light, dark }) => {
            (parse("light", &light), parse("dark", &dark))
        }
    };
    Some(Colors {
        light: light?,
        dark: dark?,
    })
}

fn teaser_from(section: TeaserSection, found: &mut Found) -> Option<Teaser> {
    let TeaserSection { text, delay } = section;
    Some(Teaser {
        text: text_or("launcher.teaser.text", Some(text), "", found)?,
        delay,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    #[test]
    fn an_icon_is_a_drawing_an_emoji_or_an_image() {
        let context = Context {
            environment: &Environment::default(),
            theme: None,
            read_text: &crate::site::no_text,
            read_pages: &crate::site::no_pages,
            read_logo: &crate::site::no_logo,
            origins: &[],
            is_public: true,
        };
        for (text, icon) in [
            ("lucide:book-open", Icon::Drawing("book-open".to_owned())),
            ("emoji:💬", Icon::Emoji("💬".to_owned())),
            ("emoji:👩‍🚀", Icon::Emoji("👩‍🚀".to_owned())),
            (
                "https://www.example.com/a.png",
                Icon::Image("https://www.example.com/a.png".to_owned()),
            ),
        ] {
            assert_eq!(Icon::parse("", text, &context).unwrap(), icon);
        }
        for text in [
            "",
            "emoji:",
            "emoji:hi",
            "javascript:x",
            "http://x.example",
            "💬",
        ] {
            assert!(Icon::parse("", text, &context).is_err(), "{text}");
        }
    }

    #[test]
    fn each_scheme_has_its_colour_and_an_icon_that_is_seen_on_it() {
        let section = ColorSection::Each(EachColor {
            light: "#1d4ed8".to_owned(),
            dark: "#facc15".to_owned(),
        });
        let colors = parse_colors("color", section, &mut Found::default()).unwrap();
        assert_eq!(colors.to_css(), "var(--light,#1d4ed8)var(--dark,#facc15)");
        assert_eq!(
            colors.readable_on_them().to_css(),
            "var(--light,#ffffff)var(--dark,#000000)"
        );
    }
}
