//! A widget under `widgets:`, and `defaults:`, which has the same keys.

use serde::Deserialize;

use super::launcher::LauncherSection;
use super::panel::{InlineSection, PanelSection, PopupSection};
use super::rules::RulesSection;
use crate::chatkit::ChatKitOptions;

/// One widget as written. What is required is checked once `defaults` are merged in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WidgetSection {
    /// What answers. Required in the widget or in `defaults`.
    pub(crate) backend: Option<BackendSection>,
    /// Limits of a session; known to the function alone.
    pub(crate) session: SessionSection,
    /// OpenAI's `ChatKitOptions`, word for word.
    pub(crate) chatkit: ChatKitOptions,
    /// The button on the host page.
    pub(crate) launcher: LauncherSection,
    /// What the button opens.
    pub(crate) panel: PanelSection,
    /// The chat in the middle of the window.
    pub(crate) popup: PopupSection,
    /// The chat as a part of the page.
    pub(crate) inline: InlineSection,
    /// Where the button shows.
    pub(crate) rules: RulesSection,
    /// The hosted page.
    pub(crate) page: PageSection,
    /// Another way to get in touch, shown when the chat fails. Default: none.
    pub(crate) fallback: Option<FallbackSection>,
}

/// What answers the visitor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackendSection {
    /// `hosted` or `server`.
    pub(crate) r#type: BackendKind,
    /// `hosted`: the workflow's id, `wf_…`. Default: what the variable of `workflow_env` holds.
    pub(crate) workflow: Option<String>,
    /// `hosted`: the variable that holds the workflow's id. Default: `CHATKIT_WORKFLOW_ID`.
    pub(crate) workflow_env: Option<String>,
    /// `server`: the address of the ChatKit server.
    pub(crate) url: Option<String>,
    /// `server`: the public key that OpenAI gives for the site's domain, `domain_pk_…`.
    /// Default: what the variable `DOMAIN_KEY` holds.
    pub(crate) domain_key: Option<String>,
}

/// The kinds of back end.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackendKind {
    /// An OpenAI workflow.
    Hosted,
    /// A ChatKit server of the user's own.
    Server,
}

/// Limits of one session. What is absent is left to OpenAI's own default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionSection {
    /// Seconds until the session expires, 1 to 600. OpenAI's default and maximum: 600.
    pub(crate) expires_after: Option<u16>,
    /// Requests that one visitor may send in a minute, 1 or more. OpenAI's default: 10.
    pub(crate) max_requests_per_minute: Option<u32>,
    /// Whether earlier threads can be opened again. OpenAI's default: true.
    pub(crate) history: Option<bool>,
}

/// The hosted page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PageSection {
    /// Title of the page and of the panel. Default: `Chat`.
    pub(crate) title: Option<String>,
    /// For search engines and previews of links. Default: none.
    pub(crate) description: Option<String>,
    /// Language of the page's own texts, such as `en` or `pt-BR`. Default: `en`.
    pub(crate) language: Option<String>,
}

/// Another way to get in touch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FallbackSection {
    /// Text of the link.
    pub(crate) label: String,
    /// `https:`, `mailto:` or `tel:`.
    pub(crate) url: String,
}
