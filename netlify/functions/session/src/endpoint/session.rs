//! `/api/chatkit/session`: lets a visitor's browser talk to a widget's back end for a few minutes.
//!
//! ```text
//! Request ─▶ policy ─▶ site (which widget) ─▶ visitor, identity (for whom) ─▶ backend ─▶ reply ─▶ Response
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use serde::Deserialize;

use super::reply::{self, Answer};
use crate::access::policy::{self, Wanted};
use crate::access::visitor::Visitor;
use crate::access::{identity, keys};
use crate::backend::{self, Ask, Call, Start};
use crate::error::RequestError;
use crate::http::{Request, Response};
use crate::log::Entry;
use crate::service::Service;
use crate::settings::IDENTITY_SECRET;
use crate::site::IdentityRule;

/// Answers one request and writes one line to the log. Never panics.
pub fn handle(service: &Service, request: &Request) -> Response {
    match begin(service, request) {
        Step::Done(response) => response,
        Step::Asks(pending) => finish(service, *pending),
    }
}

/// The result of [`begin`].
pub(crate) enum Step {
    Done(Response),
    /// It is admitted, and the upstream must be asked.
    Asks(Box<Pending>),
}

/// An admitted request that waits for the upstream.
pub(crate) struct Pending {
    call: Call,
    deadline: Option<SystemTime>,
    visitor: Visitor,
    trail: Trail,
}

/// Decides on a request, and answers it unless the upstream must be asked. Never panics and never waits, so a thread
/// with other work can call it.
pub(crate) fn begin(service: &Service, request: &Request) -> Step {
    let mut trail = Trail::new(service, &request.id);
    match catch(|| decide(service, request, &mut trail)) {
        Ok(Decision::Answer(answer)) => Step::Done(conclude(service, trail, Ok(answer))),
        Ok(Decision::Ask(call, visitor)) => Step::Asks(Box::new(Pending {
            call: *call,
            deadline: request.deadline,
            visitor,
            trail,
        })),
        Err(error) => Step::Done(conclude(service, trail, Err(error))),
    }
}

/// Asks the upstream, which may take seconds. Never panics.
pub(crate) fn finish(service: &Service, pending: Pending) -> Response {
    let Pending {
        call,
        deadline,
        visitor,
        mut trail,
    } = pending;
    let session = catch(|| backend::ask(service, &call, deadline, &mut trail.entry));
    conclude(
        service,
        trail,
        session.map(|session| Answer::Session(session, visitor)),
    )
}

/// Answers input that could not even be read as a request.
pub(crate) fn refuse(service: &Service, id: &str, error: RequestError) -> Response {
    conclude(service, Trail::new(service, id), Err(error))
}

/// Answers an admitted request that nothing has capacity for.
pub(crate) fn refuse_for_now(service: &Service, pending: Pending) -> Response {
    let error = RequestError::RateLimited {
        retry_after: Some("1".to_owned()),
        detail: "too many requests are waiting already; run more of these servers".to_owned(),
    };
    conclude(service, pending.trail, Err(error))
}

/// Facts about a request for its reply and its log line, collected step by step.
struct Trail {
    /// The request's origin, if pages from there may read the reply.
    origin: Option<String>,
    entry: Entry,
}

impl Trail {
    fn new(service: &Service, id: &str) -> Trail {
        Trail {
            origin: None,
            entry: Entry::new(id, service.is_cold()),
        }
    }
}

/// The next step of an admitted request.
enum Decision {
    Answer(Answer),
    Ask(Box<Call>, Visitor),
}

/// Handles the request step by step; each step may end it. `trail` keeps the facts collected until then.
fn decide(
    service: &Service,
    request: &Request,
    trail: &mut Trail,
) -> Result<Decision, RequestError> {
    let policy = service.policy();
    trail.origin = policy
        .as_ref()
        .ok()
        .and_then(|policy| policy.allowed_origin(request))
        .map(str::to_owned);
    let endpoint = policy::endpoint(&request.path, policy.as_ref().ok().copied());
    let endpoint = endpoint.ok_or(RequestError::NotFound)?;
    let policy = policy?;
    if policy::check(request, endpoint, trail.origin.as_deref())? == Wanted::Preflight {
        return Ok(Decision::Answer(Answer::Preflight));
    }
    let quotas = service.quotas()?;
    quotas.admit_address(request)?;
    let body = Body::parse(&request.body)?;
    let widget = service.site().widget(&body.widget)?;
    trail.entry.set_widget(&body.widget);
    let settings = service.settings();
    let keys = keys::of_visitors(settings, widget.backend.secret())?;
    let visitor = Visitor::of(body.visitor.as_deref(), &keys, policy.site_url())?;
    trail.entry.known_visitor = Some(visitor.is_known);
    let user = match &body.identity {
        Some(token) => identity::user(
            token,
            &keys::of(settings, IDENTITY_SECRET)?,
            policy.site_url(),
        )?,
        None if widget.identity == IdentityRule::Required => {
            return Err(RequestError::IdentityRequired);
        }
        None => visitor.user(),
    };
    quotas.admit_session(request, &user, &visitor)?;
    let ask = Ask {
        widget: &body.widget,
        user: &user,
    };
    Ok(match backend::start(service, &widget.backend, &ask)? {
        Start::Session(session) => Decision::Answer(Answer::Session(session, visitor)),
        Start::Call(call) => Decision::Ask(call, visitor),
    })
}

fn conclude(service: &Service, trail: Trail, outcome: Result<Answer, RequestError>) -> Response {
    let Trail { origin, mut entry } = trail;
    let timing = entry.server_timing();
    let response = reply::write(&outcome, origin.as_deref()).with("Server-Timing", &timing);
    entry.finish(response.status);
    if let Err(error) = &outcome {
        entry.code = Some(error.status_and_code().1);
        entry.detail = Some(error.detail());
    }
    service.log().write(&entry);
    response
}

/// Turns a panic into an error. One bad request must not end the process: the next visitor would wait for a cold
/// start.
pub(crate) fn catch<T>(step: impl FnOnce() -> Result<T, RequestError>) -> Result<T, RequestError> {
    // Unwind safe: a trail is complete after every assignment.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| {
        Err(RequestError::Internal {
            detail: "the function panicked; the lines before this one say where".to_owned(),
        })
    })
}

/// The request body of a page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    widget: String,
    visitor: Option<String>,
    identity: Option<String>,
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Body, RequestError> {
        // serde would also accept `["support", null]` for these fields.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(RequestError::InvalidRequest {
                cause: "not a JSON object".to_owned(),
            });
        }
        serde_json::from_slice(bytes).map_err(|err| RequestError::InvalidRequest {
            cause: err.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(body: &str) -> String {
        match Body::parse(body.as_bytes()) {
            Err(RequestError::InvalidRequest { cause }) => cause,
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
