//! `header`: the bar above the messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounded::NonEmpty;
use super::names::HeaderIcon;

/// The bar above the messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Header {
    /// Shows the header.
    #[schemars(extend("x-default" = {"value": true, "by": "ChatKit"}))]
    pub(crate) enabled: Option<bool>,
    /// The title in the header.
    pub(crate) title: Option<HeaderTitle>,
    /// Button at the start of the header: on the left, or on the right in right-to-left languages.
    pub(crate) left_action: Option<HeaderAction>,
    /// Button at the end of the header: on the right, or on the left in right-to-left languages.
    pub(crate) right_action: Option<HeaderAction>,
}

/// The title in the header.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HeaderTitle {
    /// Shows the title.
    #[schemars(extend("x-default" = {"value": true, "by": "ChatKit"}))]
    pub(crate) enabled: Option<bool>,
    /// The title, in every thread.
    #[schemars(extend("x-default" = {"text": "the thread's title", "by": "ChatKit"}))]
    pub(crate) text: Option<String>,
}

/// A button in the header. ChatKit takes a function for its action; the page creates it from `action`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderAction {
    /// One of ChatKit's icons for the header. Lucide icons do not work here.
    pub(crate) icon: HeaderIcon,
    /// What happens on a click.
    pub(crate) action: Action,
}

/// What happens on a click.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "expected `close`, `new_thread`, `toggle_theme` or `{href: …}`"
)]
pub(crate) enum Action {
    /// By name.
    #[schemars(title = "By name")]
    Named(NamedAction),
    /// Opens a page.
    #[schemars(title = "Opens a page")]
    Link(LinkAction),
}

/// What happens on a click.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NamedAction {
    /// Closes the panel.
    Close,
    /// Starts a new thread.
    NewThread,
    /// Switches between light and dark.
    ToggleTheme,
}

/// Opens a page in a new tab.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkAction {
    /// Address of the page: `https:`, `mailto:` or `tel:`.
    pub(crate) href: NonEmpty,
}
