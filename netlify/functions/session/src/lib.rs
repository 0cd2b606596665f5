//! Mints ChatKit sessions: the only part of a site that knows the OpenAI key.
//!
//! [`handle`] is the only entrance. A transport turns its input into a [`Request`], calls `handle` with the
//! [`Service`] that it created at the start, and sends the [`Response`]. [`transport::lambda`] does so on Netlify and
//! [`transport::web`] in a container; a preview on localhost calls `handle` itself. All run the same code.
//!
//! ```text
//! Request ─▶ policy ─▶ site (which widget) ─▶ visitor, identity (for whom) ─▶ backend ─▶ reply ─▶ Response
//! ```
//!
//! Floors, from the ground up; a module imports only from floors below its own, and files never import in a circle:
//! `clock addresses origin error settings http pack published knowledge site access log background upstream service backend endpoint transport`
//!
//! Invariants:
//! - Nothing outlives a request except the connections to the upstream, and letters to the site's owner: no visitor's
//!   data meets another request.
//! - A secret is never formatted: not for the log, not for a reply, not by `Debug`.
//! - Visitors may read replies; what only the site's owner may read goes to the log.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")
)]

mod access;
mod addresses;
mod backend;
mod background;
mod clock;
mod endpoint;
mod error;
#[cfg(fuzzing)]
pub mod fuzz;
mod http;
mod knowledge;
mod log;
mod origin;
mod pack;
mod published;
mod service;
mod settings;
mod site;
pub mod transport;
mod upstream;

pub use crate::access::quota::MESSAGES_PER_ADDRESS;
pub use crate::addresses::{CHAT_PATH, SESSION_PATH};
pub use crate::backend::agent::{
    LARGEST_STATE, MOST_PASSAGES, netlify_form, variables_of_webhook, widget_of,
};
pub use crate::endpoint::{Readiness, handle};
pub use crate::http::{Body, Request, Response, Stream, content_type};
pub use crate::knowledge::{Broken, Hit, Knowledge, Passage, Query, collect, tokens};
pub use crate::origin::{OriginError, OriginPattern, is_loopback};
pub use crate::pack::{PackError, length_without_pack};
pub use crate::published::{FilesError, PackingError, links_left_out};
pub use crate::service::Service;
pub use crate::settings::{OPENAI_API_KEY, Settings, WORKFLOW_ID};
pub use crate::site::{
    AgentLimits, AgentSettings, BackendSettings, ContactField, ContactSettings, ContactTarget,
    EventsSettings, FileUpload, HostedSettings, IdentityRule, KnowledgeSettings, McpServer,
    ServerSettings, Site, SiteParts, SiteSettings, TokenPrice, WebSearch, WidgetSettings, Workflow,
};
