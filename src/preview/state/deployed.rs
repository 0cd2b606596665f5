//! What is known of the deployed site since the start of the preview.

use serde::Serialize;

/// Whether visitors see what the files say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::preview) enum Deployed {
    /// Nobody has looked, and nothing was saved.
    Unknown,
    /// Something was saved that visitors have not been seen to get.
    NotYet,
    Current,
}

/// The events that it depends on.
#[derive(Default)]
pub(super) struct Memory {
    /// Whether anything was saved here.
    pub(super) has_saved: bool,
    /// The state of the files that was last found at the site.
    pub(super) seen: Option<String>,
    /// The number of changes of themes and variables.
    pub(super) others: u64,
}

impl Memory {
    /// Whether visitors see this state of the files.
    pub(super) fn of(&self, now: &str) -> Deployed {
        match &self.seen {
            Some(seen) if seen == now => Deployed::Current,
            Some(_) => Deployed::NotYet,
            None if self.has_saved => Deployed::NotYet,
            None => Deployed::Unknown,
        }
    }
}
