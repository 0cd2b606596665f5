//! The icon in the browser's tab.

use anyhow::{Context as _, Result};

use super::assets::Asset;
use crate::site::{BrandLogo, Colors, Icon, Site, Widget};
use crate::theme::{Shape, Theme};

/// The logo of a widget: its address, and the file if the site serves it.
pub(super) fn logo_of(widget: &Widget) -> Option<(String, Option<Asset>)> {
    Some(match widget.brand.logo.as_ref()? {
        BrandLogo::Url(url) => (url.to_string(), None),
        BrandLogo::File(logo) => {
            let asset = Asset::new(&format!("logo.{}", logo.kind), logo.bytes.clone());
            (asset.address(), Some(asset))
        }
    })
}

/// The icon of a hosted page.
pub(super) enum PageIcon {
    /// A remote image, by its address.
    Image(String),
    /// A drawing that is generated here.
    Drawing(Asset),
}

impl PageIcon {
    pub(super) fn address(&self) -> String {
        match self {
            Self::Image(url) => url.clone(),
            Self::Drawing(asset) => asset.address(),
        }
    }
}

/// # Errors
///
/// An icon that the theme does not have.
pub(super) fn of_page(site: &Site, widget: &Widget, theme: &Theme) -> Result<PageIcon> {
    let drawing = match widget.page_icon() {
        Icon::Image(url) => return Ok(PageIcon::Image(url.clone())),
        Icon::Emoji(emoji) => of_emoji(emoji),
        Icon::Drawing(name) => {
            let key = match widget.page.icon {
                Some(_) => "page.icon",
                None => "launcher.icon",
            };
            let shapes = theme
                .icon(name)
                .with_context(|| format!("`widgets.{}`: `{key}`", widget.name))?;
            of_shapes(&shapes, site, widget)
        }
    };
    let drawing = Asset::new("icon.svg", drawing.into_bytes());
    Ok(PageIcon::Drawing(drawing))
}

fn of_emoji(emoji: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><text x=\"16\" y=\"17\" font-size=\"26\" \
         text-anchor=\"middle\" dominant-baseline=\"central\">{emoji}</text></svg>\n"
    )
}

/// The shapes on a background of the launcher's colour, because tabs are light or dark.
fn of_shapes(shapes: &[Shape], site: &Site, widget: &Widget) -> String {
    let launcher = &widget.launcher;
    let variables = site.variables_of(widget);
    let ground = launcher.color.or(variables.color("accent"));
    let lines = launcher.icon_color.or(variables.color("on-accent"));
    let (light, dark) = (
        colored(ground, lines, |colors| colors.light.to_css()),
        colored(ground, lines, |colors| colors.dark.to_css()),
    );
    let style = match light == dark {
        true => light,
        false => format!("{light}@media(prefers-color-scheme:dark){{{dark}}}"),
    };
    let shapes: String = shapes.iter().map(Shape::to_svg).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><style>{style}</style>\
         <rect class=\"g\" width=\"32\" height=\"32\" rx=\"9\"/><g transform=\"translate(6.4 6.4) scale(.8)\" fill=\"none\" \
         stroke=\"currentColor\" stroke-width=\"2.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{shapes}</g></svg>\n"
    )
}

fn colored(ground: Option<Colors>, lines: Option<Colors>, of: fn(Colors) -> String) -> String {
    let ground = ground.map_or_else(|| "#202024".to_owned(), of);
    let lines = lines.map_or_else(|| "#ffffff".to_owned(), of);
    format!(".g{{fill:{ground}}}svg{{color:{lines}}}")
}
