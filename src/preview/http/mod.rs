//! The HTTP side of the preview: which requests it accepts, how many, and the types of requests and replies.

pub(in crate::preview) mod gate;
pub(in crate::preview) mod guard;
mod message;
pub(in crate::preview) mod server;

/// The stream of events.
pub(in crate::preview) const EVENTS: &str = "/_/events";

pub(in crate::preview) use message::{Client, Reply, Request};
pub(in crate::preview) use session::content_type;
