//! How requests come in: whom the preview listens to, how much of it, and what a request and a reply are.

pub(in crate::preview) mod gate;
pub(in crate::preview) mod guard;
mod message;
pub(in crate::preview) mod server;

pub(in crate::preview) use message::{Client, Reply, Request, content_type};
