//! One widget, checked.

use anyhow::{Result, anyhow, ensure};
use url::Url;

use super::backend::Backend;
use super::launcher::Launcher;
use super::panel::Panel;
use super::rules::Rules;
use super::{is_name, text_or};
use crate::chatkit::ChatKitOptions;
use crate::config::{FallbackSection, PageSection, WidgetSection};
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
    /// How large the chat is, and when it opens.
    pub(crate) panel: Panel,
    /// Where the button shows.
    pub(crate) rules: Rules,
    /// The hosted page.
    pub(crate) page: Page,
    /// Another way to get in touch.
    pub(crate) fallback: Option<Fallback>,
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
            popup,
            inline,
            rules,
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
            launcher: Launcher::from_config(launcher)?,
            panel: Panel::from_config(panel, popup, inline)?,
            rules: Rules::from_config(rules)?,
            page: page_from(page)?,
            fallback: fallback.map(fallback_from).transpose()?,
        })
    }
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
