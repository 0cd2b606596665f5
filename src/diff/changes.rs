//! What differs between two builds.

use serde::Serialize;

use super::cost::Costs;
use super::headers::{Directive, Header};
use super::options::Setting;
use super::shared::Shared;

/// Everything that differs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Changes {
    /// Whether there is no earlier build.
    pub(crate) is_first: bool,
    /// New widgets, and new names of widgets.
    pub(crate) added: Vec<Addresses>,
    /// Names that no widget has any more.
    pub(crate) removed: Vec<Addresses>,
    pub(crate) changed: Vec<Changed>,
    pub(crate) shared: Vec<Shared>,
    /// In rules for what no single widget has.
    pub(crate) headers: Vec<Header>,
    /// The number of widgets of which nothing changes, except perhaps shared files.
    pub(crate) unchanged: usize,
}

/// A widget that is only in one of the builds.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Addresses {
    pub(crate) name: String,
    /// Paths from the root of the site.
    pub(crate) addresses: Vec<String>,
}

/// A widget in both builds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Changed {
    pub(crate) name: String,
    pub(crate) options: Vec<Setting>,
    /// The policy of its page, wherever it is written.
    pub(crate) policy: Vec<Directive>,
    /// Other headers of its files.
    pub(crate) headers: Vec<Header>,
    /// Files that change in other places, too: `page`, `settings`, `form`.
    pub(crate) other: Vec<&'static str>,
    /// Addresses that are new.
    pub(crate) added: Vec<String>,
    /// Addresses that disappear.
    pub(crate) removed: Vec<String>,
    pub(crate) bytes: Costs,
}

impl Changes {
    /// Whether visitors would notice nothing, because every file stays as it is.
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            is_first,
            added,
            removed,
            changed,
            shared,
            headers,
            unchanged: _,
        } = self;
        let is_same = added.is_empty() && removed.is_empty() && changed.is_empty();
        !is_first && is_same && shared.is_empty() && headers.is_empty()
    }
}
