//! Mints ChatKit sessions: the one part of a site that knows the OpenAI key.
//!
//! [`handle`] is the only door. A transport turns what it receives into a [`Request`], calls `handle` with
//! the [`Service`] that it made at the start, and sends the [`Response`] back: [`lambda`] does so on Netlify,
//! [`server`] in a container, a preview on localhost, and all run the same code.
//!
//! ```text
//! Request ─▶ policy ─▶ site (which widget) ─▶ visitor, identity (for whom) ─▶ backend ─▶ reply ─▶ Response
//! ```
//!
//! What holds everywhere:
//! - Nothing is kept but the connections to the upstream: what one visitor sent, no other request meets.
//! - A secret is never formatted: not for the log, not for a reply, not by `Debug`.
//! - What a reply says, a visitor may read; what only the site's owner may read goes to the log.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that can not go on has failed")
)]

mod backend;
mod clock;
mod error;
#[cfg(fuzzing)]
pub mod fuzz;
mod http;
mod identity;
mod jwt;
mod keys;
pub mod lambda;
mod log;
mod origin;
mod policy;
mod reply;
pub mod server;
mod service;
mod settings;
mod site;
mod visitor;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;

pub use crate::http::{OVERSIZED, Request, Response};
pub use crate::origin::{OriginError, OriginPattern};
pub use crate::service::Service;
pub use crate::settings::{OPENAI_API_KEY, Settings, WORKFLOW_ID};
pub use crate::site::{
    BackendSettings, FileUpload, HostedSettings, ServerSettings, Site, SiteSettings,
    WidgetSettings, Workflow, encode,
};

use crate::backend::Ask;
use crate::error::MintError;
use crate::keys::IDENTITY_SECRET;
use crate::log::Entry;
use crate::policy::Wanted;
use crate::reply::Answer;
use crate::visitor::Visitor;

/// Answers one request and writes one line to the log. Never panics.
pub fn handle(service: &Service, request: &Request) -> Response {
    let mut entry = Entry::new(&request.id, service.is_cold());
    let mut origin = None;
    let outcome = catch(|| answer(service, request, &mut origin, &mut entry));
    conclude(service, entry, origin, outcome)
}

/// Answers what could not even be read as a request.
fn refuse(service: &Service, id: &str, error: MintError) -> Response {
    conclude(service, Entry::new(id, service.is_cold()), None, Err(error))
}

/// Answers a request for which there is no room.
fn refuse_for_now(service: &Service, request: &Request) -> Response {
    let policy = service.policy();
    let origin = policy
        .ok()
        .and_then(|policy| policy.allowed_origin(request));
    let error = MintError::RateLimited {
        retry_after: Some("1".to_owned()),
        detail: "too many requests wait already; let more of these servers run".to_owned(),
    };
    let entry = Entry::new(&request.id, service.is_cold());
    conclude(service, entry, origin, Err(error))
}

/// The request, step by step; each step may end it. `origin` and `entry` keep what was found out until then.
fn answer<'r>(
    service: &Service,
    request: &'r Request,
    origin: &mut Option<&'r str>,
    entry: &mut Entry<'r>,
) -> Result<Answer, MintError> {
    let policy = service.policy();
    *origin = policy
        .as_ref()
        .ok()
        .and_then(|policy| policy.allowed_origin(request));
    if !policy::is_endpoint(&request.path, policy.as_ref().ok().copied()) {
        return Err(MintError::NotFound);
    }
    policy?;
    if policy::check(request, *origin)? == Wanted::Preflight {
        return Ok(Answer::Preflight);
    }
    let body = Body::parse(&request.body)?;
    let widget = service.site().widget(&body.widget)?;
    entry.set_widget(&body.widget);
    let settings = service.settings();
    let keys = settings.visitor_keys(widget.backend.secret())?;
    let visitor = Visitor::of(body.visitor.as_deref(), &keys)?;
    entry.known_visitor = Some(visitor.is_known);
    let user = match &body.identity {
        Some(token) => identity::user(token, &settings.keys(IDENTITY_SECRET)?)?,
        None => visitor.user(),
    };
    let ask = Ask {
        widget: &body.widget,
        user: &user,
        deadline: request.deadline,
    };
    let session = backend::mint(service, &widget.backend, &ask, entry)?;
    Ok(Answer::Session(session, visitor))
}

fn conclude(
    service: &Service,
    mut entry: Entry<'_>,
    origin: Option<&str>,
    outcome: Result<Answer, MintError>,
) -> Response {
    let timing = entry.server_timing();
    let response = reply::write(&outcome, origin).with("Server-Timing", &timing);
    entry.finish(response.status);
    if let Err(error) = &outcome {
        entry.code = Some(error.status_and_code().1);
        entry.detail = Some(error.detail());
    }
    service.log().write(&entry);
    response
}

/// One bad request must not end the process: the next visitor would wait for a cold start.
fn catch<T>(step: impl FnOnce() -> Result<T, MintError>) -> Result<T, MintError> {
    // Unwind safe: the log entry and the origin are complete after every assignment.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| {
        Err(MintError::Internal {
            detail: "the function panicked; the lines before this one say where".to_owned(),
        })
    })
}

/// What a page sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    widget: String,
    visitor: Option<String>,
    identity: Option<String>,
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Body, MintError> {
        // serde would also read `["support", null]` as these fields.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(MintError::InvalidRequest {
                cause: "not a JSON object".to_owned(),
            });
        }
        serde_json::from_slice(bytes).map_err(|err| MintError::InvalidRequest {
            cause: err.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(body: &str) -> String {
        match Body::parse(body.as_bytes()) {
            Err(MintError::InvalidRequest { cause }) => cause,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("`{body}` was taken"),
        }
    }

    #[test]
    fn body_with_widget_alone_or_with_any_visitor_is_taken() {
        for body in [
            r#"{"widget":"a"}"#,
            r#" {"widget":"a","visitor":null}"#,
            r#"{"visitor":"v1.forged","widget":"a"}"#,
            r#"{"widget":"a","identity":null}"#,
        ] {
            assert_eq!(Body::parse(body.as_bytes()).ok().unwrap().widget, "a");
        }
    }

    #[test]
    fn body_of_another_shape_is_refused_and_the_cause_is_named() {
        assert_eq!(cause(""), "not a JSON object");
        assert_eq!(cause(r#"["support", null]"#), "not a JSON object");
        assert!(cause("{}").starts_with("missing field `widget`"));
        assert!(cause(r#"{"widget":5}"#).starts_with("invalid type: integer `5`"));
        assert!(cause(r#"{"widget":null}"#).starts_with("invalid type: null"));
        assert!(cause(r#"{"widget":"a","visitor":1}"#).starts_with("invalid type: integer"));
        assert!(cause(r#"{"widget":"a","identity":[]}"#).starts_with("invalid type: sequence"));
        assert!(cause(r#"{"widget":"a","user":"x"}"#).starts_with("unknown field `user`"));
        assert!(cause(r#"{"widget":"a","widget":"b"}"#).starts_with("duplicate field"));
        assert!(cause(r#"{"widget":"a"} x"#).starts_with("trailing characters"));
    }

    #[test]
    fn panic_becomes_an_internal_error() {
        let caught = catch::<()>(|| panic!("on purpose"));
        assert_eq!(
            caught.unwrap_err().status_and_code(),
            (500, "internal_error")
        );
    }

    #[test]
    fn service_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Service>();
    }
}
