//! The replies that pages receive: status, headers and JSON.

use serde_json::{Value, json};

use crate::access::visitor::Visitor;
use crate::addresses::SESSION;
use crate::backend::Session;
use crate::error::RequestError;
use crate::http::Response;

/// A successful outcome.
pub(crate) enum Answer {
    /// The browser may send the actual request.
    Preflight,
    /// A session was minted, for the visitor with this token.
    Session(Session, Visitor),
}

/// `origin` is the request's, if it is allowed: only then may the page read the reply.
pub(crate) fn write(outcome: &Result<Answer, RequestError>, origin: Option<&str>) -> Response {
    let response = match outcome {
        Ok(Answer::Preflight) => preflight(),
        Ok(Answer::Session(session, visitor)) => json(
            200,
            &json!({
                "client_secret": session.client_secret,
                "expires_at": session.expires_at,
                "expires_in": session.expires_in,
                "visitor": visitor.token,
            }),
        ),
        Err(error) => failure(error),
    };
    let response = response
        .with("Cache-Control", "no-store")
        .with("Vary", "Origin")
        .with("X-Content-Type-Options", "nosniff");
    match origin {
        Some(origin) => response
            .with("Access-Control-Allow-Origin", origin)
            .with("Access-Control-Expose-Headers", "Retry-After"),
        None => response,
    }
}

fn preflight() -> Response {
    Response::new(204, Vec::new())
        .with("Access-Control-Allow-Methods", SESSION.methods)
        // Tracing on the host page adds its own headers, which nobody reads here. Older browsers take the star for a
        // header name.
        .with("Access-Control-Allow-Headers", "Content-Type, *")
        // An hour, so that an origin that is no longer allowed is soon refused.
        .with("Access-Control-Max-Age", "3600")
}

fn failure(error: &RequestError) -> Response {
    let (status, code) = error.status_and_code();
    let message = error.to_string();
    let response = json(
        status,
        &json!({"error": {"code": code, "message": message}}),
    );
    let retry_after = match error {
        RequestError::MethodNotAllowed => return response.with("Allow", SESSION.methods),
        RequestError::RateLimited { retry_after, .. } => retry_after.as_deref(),
        RequestError::UpstreamRests => Some("1"),
        _ => None,
    };
    match retry_after {
        Some(value) => response.with("Retry-After", value),
        None => response,
    }
}

fn json(status: u16, body: &Value) -> Response {
    Response::new(status, body.to_string().into_bytes()).with("Content-Type", "application/json")
}
