//! The replies that pages receive: status, headers and JSON.

use serde_json::{Value, json};

use crate::access::visitor::Visitor;
use crate::addresses::Endpoint;
use crate::backend::Session;
use crate::backend::agent::{Delivery, Refusal, Reply, Reporter, Turn};
use crate::error::RequestError;
use crate::http::Response;
use crate::log::Feedback;

/// A successful outcome.
pub(crate) enum Answer<'s> {
    /// The browser may send the actual request to this endpoint.
    Preflight(Endpoint),
    /// A session was minted, for the visitor with this token.
    Session(Session, Visitor),
    /// What ChatKit has asked for.
    Chat(Reply<'s>),
}

/// What the log says besides the status.
pub(super) enum Note<'s> {
    Nothing,
    /// Code and detail.
    Failure(&'static str, String),
    /// An opinion, and who else is told of it.
    Feedback(Feedback, Option<Reporter<'s>>),
    /// The body of the response, which writes its own line at its end.
    Later(Box<Turn<'s>>),
    /// The same of a form that goes to a person.
    Delivery(Box<Delivery<'s>>),
}

/// The response, and what the log says about it.
pub(super) fn write<'s>(outcome: Result<Answer<'s>, RequestError>) -> (Response<'s>, Note<'s>) {
    match outcome {
        Ok(Answer::Preflight(endpoint)) => (preflight(endpoint), Note::Nothing),
        Ok(Answer::Session(session, visitor)) => {
            let body = json!({
                "client_secret": session.client_secret,
                "expires_at": session.expires_at,
                "expires_in": session.expires_in,
                "visitor": visitor.token,
            });
            (json(200, &body), Note::Nothing)
        }
        Ok(Answer::Chat(reply)) => match reply {
            Reply::Whole(bytes) => (of_json(200, bytes), Note::Nothing),
            Reply::Feedback(feedback, reporter) => {
                (json(200, &json!({})), Note::Feedback(feedback, reporter))
            }
            Reply::Refusal(Refusal {
                event,
                code,
                detail,
            }) => (events(event), Note::Failure(code, detail)),
            Reply::Turn(turn) => (events(Vec::new()), Note::Later(turn)),
            Reply::Delivery(delivery) => (events(Vec::new()), Note::Delivery(delivery)),
        },
        Err(error) => {
            let note = Note::Failure(error.status_and_code().1, error.detail());
            (failure(&error), note)
        }
    }
}

/// Adds what browsers need. `origin` is the request's, if it is allowed: only then may the page read the reply.
pub(super) fn for_page<'s>(response: Response<'s>, origin: Option<&str>) -> Response<'s> {
    let response = response
        .with("Vary", "Origin")
        .with("X-Content-Type-Options", "nosniff");
    match origin {
        Some(origin) => response
            .with("Access-Control-Allow-Origin", origin)
            .with("Access-Control-Expose-Headers", "Retry-After"),
        None => response,
    }
}

fn preflight(endpoint: Endpoint) -> Response<'static> {
    let headers = match endpoint {
        // Tracing on the host page adds its own headers, which nobody reads here. Older browsers take the star for a
        // header name.
        Endpoint::Session => "Content-Type, *",
        // A star does not include `Authorization`.
        Endpoint::Chat => "Authorization, Content-Type, chatkit-frame-instance-id, *",
    };
    Response::new(204, Vec::new())
        .with("Cache-Control", NO_STORE)
        .with("Access-Control-Allow-Methods", endpoint.methods())
        .with("Access-Control-Allow-Headers", headers)
        // An hour, so that an origin that is no longer allowed is soon refused.
        .with("Access-Control-Max-Age", "3600")
}

/// Events of ChatKit, which proxies must neither collect nor compress.
fn events(bytes: Vec<u8>) -> Response<'static> {
    Response::new(200, bytes)
        .with("Content-Type", "text/event-stream")
        .with("Cache-Control", "no-store, no-transform")
        .with("X-Accel-Buffering", "no")
}

fn failure(error: &RequestError) -> Response<'static> {
    let (status, code) = error.status_and_code();
    let message = error.to_string();
    let response = json(
        status,
        &json!({"error": {"code": code, "message": message}}),
    );
    let retry_after = match error {
        RequestError::MethodNotAllowed { allowed } => return response.with("Allow", allowed),
        RequestError::RateLimited { retry_after, .. } => retry_after.as_deref(),
        RequestError::UpstreamRests => Some("1"),
        _ => None,
    };
    match retry_after {
        Some(value) => response.with("Retry-After", value),
        None => response,
    }
}

fn json(status: u16, body: &Value) -> Response<'static> {
    of_json(status, body.to_string().into_bytes())
}

fn of_json(status: u16, bytes: Vec<u8>) -> Response<'static> {
    Response::new(status, bytes)
        .with("Content-Type", "application/json")
        .with("Cache-Control", NO_STORE)
}

const NO_STORE: &str = "no-store";
