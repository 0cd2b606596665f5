//! `header`: the bar above the messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounded::NonEmpty;
use super::names::HeaderIcon;

/// The bar above the messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Header {
    /// ChatKit's default: true.
    pub(crate) enabled: Option<bool>,
    /// ChatKit's default: the thread's title.
    pub(crate) title: Option<HeaderTitle>,
    /// A button where lines begin.
    pub(crate) left_action: Option<HeaderAction>,
    /// A button where lines end.
    pub(crate) right_action: Option<HeaderAction>,
}

/// The title in the header.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HeaderTitle {
    /// ChatKit's default: true.
    pub(crate) enabled: Option<bool>,
    /// ChatKit's default: the thread's title.
    pub(crate) text: Option<String>,
}

/// A button in the header. ChatKit takes a function for what it does; the page makes it of `action`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderAction {
    /// One of ChatKit's icons for the header. Lucide's are not among them.
    pub(crate) icon: HeaderIcon,
    /// What the button does.
    pub(crate) action: Action,
}

/// What a button in the header does.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "expected `close`, `new_thread`, `toggle_theme` or `{href: …}`"
)]
pub(crate) enum Action {
    /// By name.
    Named(NamedAction),
    /// Opens a page.
    Link(LinkAction),
}

/// What a button in the header does.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NamedAction {
    /// Closes the panel.
    Close,
    /// Begins a new thread.
    NewThread,
    /// Changes from light to dark and back.
    ToggleTheme,
}

/// Opens a page in a new tab.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkAction {
    /// Address of the page: `https:`, `mailto:` or `tel:`.
    pub(crate) href: NonEmpty,
}
