//! What a request goes through, whatever it asks for: one file per endpoint, and one door for all of them.
//!
//! ```text
//! Request ─▶ policy ─▶ address's limit ─▶ the endpoint's own steps ─▶ reply ─▶ Response
//! ```

mod chat;
mod decision;
mod readiness;
mod reply;
mod session;

use std::panic::{AssertUnwindSafe, catch_unwind};

use decision::{Decision, Pending};
pub use readiness::Readiness;
use reply::{Answer, Note};

use crate::access::keys;
use crate::access::policy::{self, Wanted};
use crate::addresses::{BUFFERED_CHAT_PATH, Endpoint};
use crate::error::RequestError;
use crate::http::{Body, Request, Response};
use crate::log::Entry;
use crate::service::Service;

/// Answers one request and writes one line to the log. Never panics.
pub fn handle<'s>(service: &'s Service, request: &Request) -> Response<'s> {
    match begin(service, request) {
        Step::Done(response) => response,
        Step::Waits(waiting) => finish(service, *waiting),
    }
}

/// The result of [`begin`].
pub(crate) enum Step<'s> {
    Done(Response<'s>),
    /// It is admitted, and the upstream must be asked.
    Waits(Box<Waiting>),
}

/// An admitted request that waits for the upstream.
pub(crate) struct Waiting {
    pending: Pending,
    trail: Trail,
}

/// Decides on a request, and answers it unless the upstream must be asked. Never panics and never waits, so a thread
/// with other work can call it.
pub(crate) fn begin<'s>(service: &'s Service, request: &Request) -> Step<'s> {
    let mut trail = Trail::new(service, &request.id);
    match catch(|| decide(service, request, &mut trail)) {
        Ok(Decision::Answer(answer)) => Step::Done(conclude(service, trail, Ok(answer))),
        Ok(Decision::Ask(pending)) => Step::Waits(Box::new(Waiting { pending, trail })),
        Err(error) => Step::Done(conclude(service, trail, Err(error))),
    }
}

/// Asks the upstream, which may take seconds. Never panics.
pub(crate) fn finish(service: &Service, waiting: Waiting) -> Response<'_> {
    let Waiting { pending, mut trail } = waiting;
    let answer = catch(|| pending.ask(service, &mut trail.entry));
    conclude(service, trail, answer)
}

/// Answers input that could not even be read as a request.
pub(crate) fn refuse<'s>(service: &'s Service, id: &str, error: RequestError) -> Response<'s> {
    conclude(service, Trail::new(service, id), Err(error))
}

/// Answers an admitted request that nothing has capacity for.
pub(crate) fn refuse_for_now(service: &Service, waiting: Waiting) -> Response<'_> {
    let error = RequestError::RateLimited {
        retry_after: Some("1".to_owned()),
        detail: "too many requests are waiting already; run more of these servers".to_owned(),
    };
    conclude(service, waiting.trail, Err(error))
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

/// Handles the request step by step; each step may end it. `trail` keeps the facts collected until then.
fn decide<'s>(
    service: &'s Service,
    request: &Request,
    trail: &mut Trail,
) -> Result<Decision<'s>, RequestError> {
    let policy = service.policy();
    trail.origin = policy
        .as_ref()
        .ok()
        .and_then(|policy| policy.allowed_origin(request))
        .map(str::to_owned);
    let endpoint = policy::endpoint(&request.path, policy.as_ref().ok().copied());
    let endpoint = endpoint.ok_or(RequestError::NotFound)?;
    if request.path == BUFFERED_CHAT_PATH && !is_fallback(service, request) {
        return Err(RequestError::NotFound);
    }
    policy?;
    if policy::check(request, endpoint, trail.origin.as_deref())? == Wanted::Preflight {
        return Ok(Decision::Answer(Answer::Preflight(endpoint)));
    }
    match endpoint {
        Endpoint::Session => session::decide(service, request, &mut trail.entry),
        Endpoint::Chat => chat::decide(service, request, &mut trail.entry),
    }
}

/// Returns whether `chat.mjs` asks in a visitor's place. Netlify has counted that request already.
fn is_fallback(service: &Service, request: &Request) -> bool {
    let signature = request.only_header("x-chat-fallback");
    signature.is_some_and(|signature| keys::verifies_fallback(service.settings(), signature))
}

/// The response, and the line for the log: now, or when an answer has come to its end.
fn conclude<'s>(
    service: &'s Service,
    trail: Trail,
    outcome: Result<Answer<'s>, RequestError>,
) -> Response<'s> {
    let Trail { origin, mut entry } = trail;
    let timing = entry.server_timing();
    let (mut response, note) = reply::write(outcome);
    response = reply::for_page(response, origin.as_deref()).with("Server-Timing", &timing);
    let mut told = None;
    match note {
        Note::Later(turn) => {
            response.body = Body::Stream(Box::new(turn.with_entry(entry)));
            return response;
        }
        Note::Delivery(delivery) => {
            response.body = Body::Stream(Box::new(delivery.with_entry(entry)));
            return response;
        }
        Note::Nothing => {}
        Note::Failure(code, detail) => {
            entry.code = Some(code);
            entry.detail = Some(detail);
        }
        Note::Feedback(feedback, reporter) => {
            entry.feedback = Some(feedback);
            told = reporter;
        }
    }
    entry.finish(response.status);
    service.log().write(&entry);
    if let Some(reporter) = told {
        response.body = reporter.feedback(&entry).after(response.body);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
