//! The agent's own messages to visitors, in English.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Searching the web…",
    searching_files: "Searching documents…",
    using_tool: "Looking something up…",
    try_again: "The answer could not be completed. Please try again.",
    busy: "There are too many questions right now. Please try again in a moment.",
    unavailable: "This chat is not available at the moment.",
    too_long: "This message is too long. It can have at most {limit} characters.",
    full: "This conversation has reached its maximum length. Start a new one to go on.",
    unknown: "This conversation cannot be continued. Please start a new one.",
    unsupported: "This chat does not support that.",
    cut_off: "The answer was cut off because it became too long.",
    filtered: "This question cannot be answered here.",
    form_title: "Contact us",
    form_name: "Your name",
    form_email: "Your email address",
    form_message: "Your message",
    form_attach: "Attach this conversation",
    form_send: "Send message",
    form_sent: "Your message has been sent.",
    form_failed: "Your message could not be sent. Please try again in a moment.",
    form_check: "Please fill in all fields and check the email address.",
};
