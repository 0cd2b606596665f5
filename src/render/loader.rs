//! The loader's settings, in its own file: one widget, one request.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::chatkit::ColorScheme;
use crate::site::{
    Colors, Corner, Device, HEIGHT, Icon, Launcher, LauncherShape, OpenOn, Panel, Rules, Site,
    WIDTH, Widget,
};
use crate::theme::{Texts, Theme};

/// Settings of one loader. They are public, and small, because every visitor of every host page gets them: where a
/// key is missing, the theme's style decides.
#[derive(Serialize)]
pub(super) struct LoaderSettings<'a> {
    name: &'a str,
    /// Address of the hosted page.
    page: String,
    /// Address of the script with the panel, which all widgets share.
    panel: String,
    /// Address of the script that tells whether the page is light or dark, for widgets that follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tone: Option<String>,
    /// Version of `settings.js`, which has all that is only needed with the panel.
    rest: &'a str,
    version: &'static str,
    label: &'a str,
    /// `["svg", {…attributes}, …children]`.
    icon: Value,
    /// The message if the panel cannot be fetched.
    failed: String,
    /// The scheme of the panel: the same as that of the chat in it.
    scheme: ColorScheme,
    position: &'static str,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    teaser: Option<u32>,
    /// Opens the panel with the page.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<RulesSettings<'a>>,
}

/// The parts of a loader, for a host page that shows another version of the same widget.
#[derive(Debug, Serialize)]
pub(crate) struct LoaderParts {
    /// A hash that differs if the script does.
    pub(super) code: String,
    /// A hash that differs if a panel that is there needs other settings.
    pub(super) panel: String,
    /// As in the file.
    pub(super) settings: Value,
    /// The style of the launcher.
    pub(super) css: String,
}

/// Windows narrower than this are phones, in CSS pixels. `loader/widget.js` has the same.
const PHONE: u32 = 640;

#[derive(Serialize)]
struct RulesSettings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    show: Option<&'a [String]>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hide: &'a [String],
    /// From and to, in CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    widths: Option<Vec<(u32, u32)>>,
}

impl<'a> LoaderSettings<'a> {
    /// # Errors
    ///
    /// An icon that the theme does not have.
    pub(super) fn new(
        site: &Site,
        widget: &'a Widget,
        theme: &Theme,
        texts: &'a Texts,
        [panel, tone, rest]: [&'a str; 3],
    ) -> Result<Self> {
        let origin = site.base_url.origin();
        let launcher = &widget.launcher;
        Ok(Self {
            name: &widget.name,
            page: format!("{}/w/{}/", site.base_url.root(), widget.name),
            panel: format!("{origin}{panel}"),
            tone: follows_page(widget).then(|| format!("{origin}{tone}")),
            rest,
            version: env!("CARGO_PKG_VERSION"),
            label: &launcher.label,
            icon: icon(&launcher.icon, theme)?,
            failed: format!("{} → {}", texts.get("failed"), texts.get("as_page")),
            scheme: widget.chatkit.color_scheme(),
            position: match launcher.corner {
                Corner::BottomRight => "bottom-right",
                Corner::BottomLeft => "bottom-left",
                Corner::TopRight => "top-right",
                Corner::TopLeft => "top-left",
            },
            teaser: launcher
                .teaser
                .as_ref()
                .map(|teaser| 1000 * u32::from(teaser.delay)),
            open: widget.panel.open == OpenOn::Load,
            rules: rules(&widget.rules),
        })
    }
}

/// Whether a widget is as light or dark as the page, and no setting says otherwise.
fn follows_page(widget: &Widget) -> bool {
    widget.brand.follows_page() && widget.chatkit.color_scheme() == ColorScheme::Auto
}

fn other_than(value: u16, default: u16) -> Option<u16> {
    (value != default).then_some(value)
}

fn icon(icon: &Icon, theme: &Theme) -> Result<Value> {
    Ok(match icon {
        Icon::Drawing(name) => {
            let attributes =
                json!({"class": "icon", "viewBox": "0 0 24 24", "aria-hidden": "true"});
            let mut drawing = vec![json!("svg"), attributes];
            for shape in theme.icon(name)? {
                drawing.push(serde_json::to_value(shape)?);
            }
            Value::Array(drawing)
        }
        Icon::Emoji(emoji) => json!(["span", {"class": "icon", "aria-hidden": "true"}, emoji]),
        Icon::Image(url) => json!(["img", {"class": "icon", "src": url, "alt": ""}]),
    })
}

/// CSS for a loader's differences from the theme's style.
pub(super) fn launcher_style(launcher: &Launcher, panel: &Panel) -> String {
    let radius = launcher.shape.map(|shape| match shape {
        LauncherShape::Circle => "50%",
        LauncherShape::Rounded => "30%",
        LauncherShape::Square => "0",
    });
    let of_box = declarations(&[
        ("--X", launcher.offset_x.map(px)),
        ("--Y", launcher.offset_y.map(px)),
        ("--size", launcher.size.map(px)),
        ("--radius", radius.map(str::to_owned)),
        ("--launcher", launcher.color.map(Colors::to_css)),
        ("--launcher-icon", launcher.icon_color.map(Colors::to_css)),
        ("--width", other_than(panel.width, WIDTH).map(px)),
        ("--height", other_than(panel.height, HEIGHT).map(px)),
    ]);
    let on_phone = declarations(&[
        ("--X", launcher.phone_offset_x.map(px)),
        ("--Y", launcher.phone_offset_y.map(px)),
    ]);
    let level = launcher.z_index.map(|level| level.to_string());
    [
        rule(".box", &of_box),
        rule(
            &format!("@media(max-width:{}px)", PHONE - 1),
            &rule(".box", &on_phone),
        ),
        rule(":host", &declarations(&[("--z", level)])),
    ]
    .concat()
}

/// The same for the panel, for its settings.
pub(super) fn panel_style(panel: &Panel) -> String {
    let of_box = declarations(&[
        ("--popup-width", panel.popup_width.map(px)),
        ("--popup-height", panel.popup_height.map(px)),
    ]);
    let inline = panel.inline_height.map(px);
    rule(".box", &of_box) + &rule(":host", &declarations(&[("--inline-height", inline)]))
}

fn declarations(properties: &[(&str, Option<String>)]) -> String {
    let set = properties.iter();
    set.filter_map(|(name, value)| Some(format!("{name}:{};", value.as_ref()?)))
        .collect()
}

fn rule(selector: &str, declarations: &str) -> String {
    match declarations {
        "" => String::new(),
        some => format!("{selector}{{{some}}}"),
    }
}

fn px(value: u16) -> String {
    format!("{value}px")
}

fn rules(rules: &Rules) -> Option<RulesSettings<'_>> {
    let Rules {
        show,
        hide,
        devices,
    } = rules;
    let all = [Device::Phone, Device::Tablet, Device::Desktop];
    let some = devices
        .as_ref()
        .filter(|devices| !all.iter().all(|device| devices.contains(device)));
    let widths = some.map(|devices| {
        let width = |device: &Device| match device {
            Device::Phone => (0, PHONE),
            Device::Tablet => (PHONE, 1024),
            Device::Desktop => (1024, 100_000),
        };
        devices.iter().map(width).collect::<Vec<_>>()
    });
    let is_everywhere = show.is_none() && hide.is_empty() && widths.is_none();
    (!is_everywhere).then(|| RulesSettings {
        show: show.as_deref(),
        hide,
        widths,
    })
}
