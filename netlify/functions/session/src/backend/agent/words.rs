//! The agent's own messages to visitors.

/// The texts of one language.
pub(super) struct Words {
    /// While it searches the web.
    pub(super) searching_web: &'static str,
    /// While it searches the owner's documents.
    pub(super) searching_files: &'static str,
    /// While it uses a tool.
    pub(super) using_tool: &'static str,
    /// The answer failed, and may not fail again.
    pub(super) try_again: &'static str,
    /// The upstream has too much to do.
    pub(super) busy: &'static str,
    /// The owner has something to fix.
    pub(super) unavailable: &'static str,
    /// The message is too long; `{limit}` is the number of characters.
    pub(super) too_long: &'static str,
    /// The thread has used its turns.
    pub(super) full: &'static str,
    /// The thread's state is not one of this visitor.
    pub(super) unknown: &'static str,
    /// Files, actions and the like.
    pub(super) unsupported: &'static str,
    /// The answer reached its largest length.
    pub(super) cut_off: &'static str,
    /// The upstream's filter has stopped the answer.
    pub(super) filtered: &'static str,
}
