//! The reasons why a request fails.

use crate::origin::Origin;

/// `Display` is for the page; [`RequestError::detail`] is for the site's owner.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("invalid request body: {cause}")]
    InvalidRequest { cause: String },
    #[error("invalid request: {cause}")]
    BadHttp { cause: &'static str },
    #[error("this origin is not allowed; the site's owner can add it to `allowed_origins`")]
    OriginNotAllowed { origin: Option<String> },
    #[error("the session has ended; the page has to ask for another one")]
    InvalidSession { detail: &'static str },
    #[error("the conversation is not known here; start a new one")]
    UnknownThread,
    #[error("this chat does not support {what}")]
    Unsupported { what: &'static str },
    #[error("the identity is not valid; sign in again")]
    InvalidIdentity { detail: String },
    #[error("this chat is for signed-in users; sign in first")]
    IdentityRequired,
    #[error("this site has no widget of that name")]
    UnknownWidget,
    #[error("there is nothing here; sessions are minted at `/api/chatkit/session`")]
    NotFound,
    #[error("only `POST` is allowed here")]
    MethodNotAllowed { allowed: &'static str },
    #[error("the request body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the request body must be `application/json`")]
    UnsupportedMediaType,
    #[error("too many requests; try again later")]
    RateLimited {
        /// In seconds.
        retry_after: Option<String>,
        detail: String,
    },
    #[error("the chat is not set up; the log of the function `session` says what is missing")]
    NotConfigured { detail: String },
    #[error("the chat could not be started; the log of the function `session` says why")]
    Upstream { detail: String },
    #[error("the chat cannot be started right now; try again in a moment")]
    UpstreamRests,
    #[error("the chat took too long to start; try again")]
    UpstreamTimeout { detail: String },
    #[error("something went wrong; the log of the function `session` says more")]
    Internal { detail: String },
}

impl RequestError {
    /// The HTTP status and the code in the reply.
    pub(crate) fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            RequestError::InvalidRequest { .. } | RequestError::BadHttp { .. } => {
                (400, "invalid_request")
            }
            RequestError::UnknownThread => (400, "unknown_thread"),
            RequestError::Unsupported { .. } => (400, "unsupported"),
            RequestError::InvalidSession { .. } => (401, "invalid_session"),
            RequestError::OriginNotAllowed { .. } => (403, "origin_not_allowed"),
            RequestError::InvalidIdentity { .. } => (403, "invalid_identity"),
            RequestError::IdentityRequired => (403, "identity_required"),
            RequestError::UnknownWidget => (404, "unknown_widget"),
            RequestError::NotFound => (404, "not_found"),
            RequestError::MethodNotAllowed { .. } => (405, "method_not_allowed"),
            RequestError::BodyTooLarge { .. } => (413, "body_too_large"),
            RequestError::UnsupportedMediaType => (415, "unsupported_media_type"),
            RequestError::RateLimited { .. } => (429, "rate_limited"),
            RequestError::NotConfigured { .. } => (500, "not_configured"),
            RequestError::Internal { .. } => (500, "internal_error"),
            RequestError::Upstream { .. } => (502, "upstream_error"),
            RequestError::UpstreamRests => (503, "upstream_unavailable"),
            RequestError::UpstreamTimeout { .. } => (504, "upstream_timeout"),
        }
    }

    /// Cause and fix for the site's owner, written to the log.
    pub(crate) fn detail(&self) -> String {
        match self {
            RequestError::InvalidIdentity { detail }
            | RequestError::RateLimited { detail, .. }
            | RequestError::NotConfigured { detail }
            | RequestError::Upstream { detail }
            | RequestError::UpstreamTimeout { detail }
            | RequestError::Internal { detail } => detail.clone(),
            RequestError::InvalidSession { detail } => format!("the session is refused: {detail}"),
            // Without the cause, which repeats parts of the body: a token may be among them.
            RequestError::InvalidRequest { .. } => {
                "the request body is not what this site's pages send; if it came from one of them, \
                 that copy is from another version: reload it"
                    .to_owned()
            }
            RequestError::OriginNotAllowed { origin: None } => {
                "the request has no `Origin`, so it was not sent by a page in a browser".to_owned()
            }
            RequestError::OriginNotAllowed {
                origin: Some(origin),
            } if Origin::parse(origin).is_ok() => format!(
                "origin `{}` is not allowed; if it should be, add it to `allowed_origins` and deploy again",
                short(origin)
            ),
            RequestError::OriginNotAllowed { .. } => {
                "the request's `Origin` is not a website".to_owned()
            }
            RequestError::UnknownWidget => {
                "the site has no such widget; if it should, deploy again".to_owned()
            }
            RequestError::IdentityRequired => {
                "the widget has `identity: required` and the page sent none; call \
                 `ChatWidget(\"identify\", token)` before the chat opens"
                    .to_owned()
            }
            RequestError::UpstreamRests => {
                "OpenAI failed several times in a row, so nothing is sent to it for a second; the lines before say why"
                    .to_owned()
            }
            RequestError::BadHttp { .. }
            | RequestError::UnknownThread
            | RequestError::Unsupported { .. }
            | RequestError::NotFound
            | RequestError::MethodNotAllowed { .. }
            | RequestError::BodyTooLarge { .. }
            | RequestError::UnsupportedMediaType => self.to_string(),
        }
    }
}

/// The first 100 characters: enough to recognise what a stranger sent.
pub(crate) fn short(text: &str) -> &str {
    let end = text.char_indices().nth(100);
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_of_a_stranger_is_cut_between_characters() {
        assert_eq!(short("ä"), "ä");
        assert_eq!(short(&"ä".repeat(5000)), "ä".repeat(100));
    }
}
