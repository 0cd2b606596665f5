//! One widget, checked.

use url::Url;

use super::Found;
use super::backend::Backend;
use super::color::Rgb;
use crate::chatkit::{ChatKitOptions, is_lucide_name};
use crate::config::{
    Corner, FallbackSection, LauncherSection, PageSection, PanelSection, Problem, WidgetSection,
    is_name,
};
use crate::environment::Environment;

/// One chat.
#[derive(Debug)]
pub(crate) struct Widget {
    /// 1 to 64 of `a-z`, `0-9` and `-`; unique in the site.
    pub(crate) name: String,
    /// What answers.
    pub(crate) backend: Backend,
    /// What ChatKit is given, but for its `api`.
    pub(crate) chatkit: ChatKitOptions,
    /// The button.
    pub(crate) launcher: Launcher,
    /// What the button opens.
    pub(crate) panel: Panel,
    /// The hosted page.
    pub(crate) page: Page,
    /// Another way to get in touch.
    pub(crate) fallback: Option<Fallback>,
}

/// The button on the host page.
#[derive(Debug)]
pub(crate) struct Launcher {
    /// Side of the window, at its bottom.
    pub(crate) side: Side,
    /// Name of one of the theme's icons.
    pub(crate) icon: String,
    /// What the button does.
    pub(crate) label: String,
    /// Background, unless it is the theme's.
    pub(crate) color: Option<Rgb>,
}

/// A side of the window, by the direction of the page's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Where lines begin: left in English, right in Arabic.
    Start,
    /// Where lines end.
    End,
}

/// What the button opens, in CSS pixels.
#[derive(Debug)]
pub(crate) struct Panel {
    /// 280 to 1200.
    pub(crate) width: u16,
    /// 320 to 1200.
    pub(crate) height: u16,
}

/// The hosted page.
#[derive(Debug)]
pub(crate) struct Page {
    /// Title of the page and of the panel.
    pub(crate) title: String,
    /// For search engines.
    pub(crate) description: Option<String>,
    /// BCP 47 tag.
    pub(crate) language: String,
}

/// Another way to get in touch.
#[derive(Debug)]
pub(crate) struct Fallback {
    /// Text of the link.
    pub(crate) label: String,
    /// `https:`, `mailto:` or `tel:`.
    pub(crate) url: String,
}

impl Widget {
    /// The widget, or nothing and what is wrong with it.
    pub(super) fn from_config(
        name: String,
        section: WidgetSection,
        environment: &Environment,
        found: &mut Found,
    ) -> Option<Self> {
        if !is_name(&name) {
            let problem = Problem::on("", format!("`{name}` is not the name of a widget"));
            found.add(problem.hint(
                "use 1 to 64 small letters, digits and hyphens: the name becomes part of addresses",
            ));
        }
        let WidgetSection {
            backend,
            session,
            chatkit,
            launcher,
            panel,
            page,
            fallback,
        } = section;
        if let Some(section) = &backend {
            super::chatkit::check(&chatkit, section.r#type, found);
        }
        let backend = found.keep(Backend::from_config(
            backend,
            session,
            super::chatkit::attachments(&chatkit),
            environment,
        ));
        let launcher = launcher_from(launcher, found);
        let panel = panel_from(panel);
        let page = page_from(page, found);
        let fallback = fallback.map(|section| fallback_from(section, found));
        Some(Self {
            name,
            backend: backend?,
            chatkit,
            launcher: launcher?,
            panel,
            page: page?,
            fallback: match fallback {
                Some(fallback) => Some(fallback?),
                None => None,
            },
        })
    }
}

fn launcher_from(section: LauncherSection, found: &mut Found) -> Option<Launcher> {
    let LauncherSection {
        position,
        icon,
        label,
        color,
    } = section;
    let icon = icon.unwrap_or_else(|| "lucide:message-circle".to_owned());
    let name = icon
        .strip_prefix("lucide:")
        .filter(|name| is_lucide_name(name));
    let name = found.keep(name.ok_or_else(|| {
        Problem::on("launcher.icon", format!("`{icon}` is not an icon"))
            .hint("write `lucide:` and a name, such as `lucide:message-circle`")
    }));
    let label = text_or("launcher.label", label, "Chat with us", found);
    let color = color.as_deref().map(|color| {
        let color = Rgb::parse(color).map_err(|problem| problem.below(&["launcher", "color"]));
        found.keep(color)
    });
    Some(Launcher {
        side: match position.unwrap_or(Corner::BottomRight) {
            Corner::BottomLeft => Side::Start,
            Corner::BottomRight => Side::End,
        },
        icon: name?.to_owned(),
        label: label?,
        color: match color {
            Some(color) => Some(color?),
            None => None,
        },
    })
}

fn panel_from(section: PanelSection) -> Panel {
    let PanelSection { width, height } = section;
    Panel {
        width: width.unwrap_or(400),
        height: height.unwrap_or(680),
    }
}

fn page_from(section: PageSection, found: &mut Found) -> Option<Page> {
    let PageSection {
        title,
        description,
        language,
    } = section;
    let title = text_or("page.title", title, "Chat", found);
    let language = language.unwrap_or_else(|| "en".to_owned());
    Some(Page {
        title: title?,
        description,
        language,
    })
}

fn fallback_from(section: FallbackSection, found: &mut Found) -> Option<Fallback> {
    let FallbackSection { label, url } = section;
    let label = text_or("fallback.label", Some(label), "", found);
    let url = found.keep(link("fallback.url", &url));
    Some(Fallback {
        label: label?,
        url: url?,
    })
}

/// An address that a visitor can be sent to.
fn link(way: &str, url: &str) -> Result<String, Problem> {
    let parsed =
        Url::parse(url).map_err(|err| Problem::on(way, "not an address").label(err.to_string()))?;
    match parsed.scheme() {
        "https" | "mailto" | "tel" => Ok(parsed.into()),
        _ => Err(Problem::on(
            way,
            "`url` must begin with `https:`, `mailto:` or `tel:`",
        )),
    }
}

/// A text that screen readers say: an empty one would leave a button or a page without a name.
fn text_or(way: &str, text: Option<String>, default: &str, found: &mut Found) -> Option<String> {
    let text = text.unwrap_or_else(|| default.to_owned());
    if text.trim().is_empty() {
        let key = way.rsplit('.').next().unwrap_or(way);
        found.add(Problem::on(way, format!("`{key}` is empty")).label("expected a text"));
        return None;
    }
    Some(text)
}
