//! A widget as the files list it that all widgets share. A build needs no more of it while it does not change.

use serde::{Deserialize, Serialize};

use crate::config::BackendKind;
use crate::site::Widget;

/// A widget, as a build remembers it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Listed {
    /// Unique among names and earlier names.
    pub(crate) name: String,
    /// The widget that had this name earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alias_of: Option<String>,
    /// The kind of its back end.
    pub(crate) kind: BackendKind,
    /// The page's title.
    pub(super) title: String,
    /// The page's language.
    pub(super) language: String,
    /// The launcher's label.
    pub(super) label: String,
    /// Width and height of the panel.
    pub(super) size: (u16, u16),
    /// Whether it has a theme that is not the site's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) has_own_theme: bool,
    /// The origins of its host pages, if they are not the site's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origins: Option<Vec<String>>,
    /// The names of its assets, but for those that all widgets share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) assets: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Listed {
    pub(super) fn new(widget: &Widget, assets: impl Iterator<Item = String>) -> Self {
        let origins = widget.allowed_origins.as_ref();
        Self {
            name: widget.name.clone(),
            alias_of: widget.alias_of.clone(),
            kind: widget.backend.kind(),
            title: widget.page.title.clone(),
            language: widget.page.language.clone(),
            label: widget.launcher.label.clone(),
            size: (widget.panel.width, widget.panel.height),
            has_own_theme: widget.look.theme.is_some(),
            origins: origins.map(|origins| origins.iter().map(ToString::to_string).collect()),
            assets: assets.collect(),
        }
    }

    /// The widget that this is, or is an earlier name of.
    pub(crate) fn widget(&self) -> &str {
        self.alias_of.as_deref().unwrap_or(&self.name)
    }

    /// The key that sorts widgets as a site does: earlier names at the end. Those of one widget keep their order.
    pub(super) fn place(&self) -> (bool, &str) {
        (self.alias_of.is_some(), self.widget())
    }
}

/// The widgets without their earlier names.
pub(crate) fn without_aliases(listed: &[Listed]) -> impl Iterator<Item = &Listed> {
    listed.iter().filter(|listed| listed.alias_of.is_none())
}
