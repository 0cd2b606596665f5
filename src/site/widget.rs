//! One widget, checked.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use url::Url;

use super::backend::Backend;
use super::color::Rgb;
use super::{between, is_name};
use crate::chatkit::{ChatKitOptions, is_lucide_name};
use crate::config::{
    Corner, FallbackSection, LauncherSection, PageSection, PanelSection, WidgetSection,
};
use crate::environment::Environment;
use crate::hint::Hinted;

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
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub(super) fn from_config(
        name: String,
        section: WidgetSection,
        environment: &Environment,
    ) -> Result<Self> {
        ensure!(
            is_name(&name),
            Hinted::new(
                "not a widget's name",
                "use 1 to 64 small letters, digits and hyphens: the name becomes part of addresses"
            )
        );
        let WidgetSection {
            backend,
            session,
            chatkit,
            launcher,
            panel,
            page,
            fallback,
        } = section;
        let backend = backend.ok_or_else(|| {
            Hinted::new(
                "missing `backend`",
                "add `backend: {type: hosted}` for an OpenAI workflow, or `type: server` with `url` \
                 and `domain_key` for a ChatKit server of your own",
            )
        })?;
        Ok(Self {
            name,
            backend: Backend::from_config(backend, session, environment)?,
            chatkit,
            launcher: launcher_from(launcher)?,
            panel: panel_from(panel)?,
            page: page_from(page)?,
            fallback: fallback.map(fallback_from).transpose()?,
        })
    }
}

fn launcher_from(section: LauncherSection) -> Result<Launcher> {
    let LauncherSection {
        position,
        icon,
        label,
        color,
    } = section;
    let icon = icon.unwrap_or_else(|| "lucide:message-circle".to_owned());
    let Some(name) = icon
        .strip_prefix("lucide:")
        .filter(|name| is_lucide_name(name))
    else {
        bail!("`launcher.icon` must be of the form `lucide:message-circle`, not `{icon}`");
    };
    Ok(Launcher {
        side: match position.unwrap_or(Corner::BottomRight) {
            Corner::BottomLeft => Side::Start,
            Corner::BottomRight => Side::End,
        },
        icon: name.to_owned(),
        label: text_or("launcher.label", label, "Chat with us")?,
        color: color
            .as_deref()
            .map(Rgb::parse)
            .transpose()
            .context("`launcher.color`")?,
    })
}

fn panel_from(section: PanelSection) -> Result<Panel> {
    let PanelSection { width, height } = section;
    Ok(Panel {
        width: between("panel.width", width.unwrap_or(400), 280, 1200)?,
        height: between("panel.height", height.unwrap_or(680), 320, 1200)?,
    })
}

fn page_from(section: PageSection) -> Result<Page> {
    let PageSection {
        title,
        description,
        language,
    } = section;
    let language = language.unwrap_or_else(|| "en".to_owned());
    let is_tag = |tag: &str| {
        tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    ensure!(
        is_tag(&language),
        "`page.language` must be a tag such as `en` or `pt-BR`, not `{language}`"
    );
    Ok(Page {
        title: text_or("page.title", title, "Chat")?,
        description,
        language,
    })
}

fn fallback_from(section: FallbackSection) -> Result<Fallback> {
    let FallbackSection { label, url } = section;
    let parsed = Url::parse(&url).map_err(|err| anyhow!("`fallback.url`: {err}: `{url}`"))?;
    ensure!(
        matches!(parsed.scheme(), "https" | "mailto" | "tel"),
        "`fallback.url` must begin with https:, mailto: or tel:, not `{}:`",
        parsed.scheme()
    );
    Ok(Fallback {
        label: text_or("fallback.label", Some(label), "")?,
        url: parsed.into(),
    })
}

/// A text that screen readers say: an empty one would leave a button or a page without a name.
fn text_or(key: &str, text: Option<String>, default: &str) -> Result<String> {
    let text = text.unwrap_or_else(|| default.to_owned());
    ensure!(!text.trim().is_empty(), "`{key}` must not be empty");
    Ok(text)
}
