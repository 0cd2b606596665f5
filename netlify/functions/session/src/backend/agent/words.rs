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
    /// The form by which a visitor reaches a person: its title.
    pub(super) form_title: &'static str,
    /// The label of a field, like the next two.
    pub(super) form_name: &'static str,
    pub(super) form_email: &'static str,
    pub(super) form_message: &'static str,
    /// The label of the box that attaches the conversation.
    pub(super) form_attach: &'static str,
    /// The button.
    pub(super) form_send: &'static str,
    /// The message is on its way.
    pub(super) form_sent: &'static str,
    /// It is not. What was typed stays in the form.
    pub(super) form_failed: &'static str,
    /// A field is empty, or the email address is none.
    pub(super) form_check: &'static str,
}
