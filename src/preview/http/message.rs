//! Requests and replies of the preview, independent of any socket.

use std::net::IpAddr;

/// The sender of a request, as far as limits are concerned.
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq)]
pub(in crate::preview) enum Client {
    /// Any program on this machine.
    #[default]
    ThisMachine,
    Other(IpAddr),
}

/// One complete request.
#[derive(Debug, Default)]
pub(in crate::preview) struct Request {
    /// In upper case.
    pub(in crate::preview) method: String,
    /// As the browser sent it, without the query.
    pub(in crate::preview) path: String,
    /// Without the `?`.
    pub(in crate::preview) query: String,
    /// Names in lower case.
    pub(in crate::preview) headers: Vec<(String, String)>,
    pub(in crate::preview) body: Vec<u8>,
    pub(in crate::preview) client: Client,
}

impl Request {
    /// The first value of a header; `name` is in lower case.
    pub(in crate::preview) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded.
    pub(in crate::preview) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// One reply.
#[derive(Debug, Default)]
pub(in crate::preview) struct Reply {
    pub(in crate::preview) status: u16,
    pub(in crate::preview) headers: Vec<(String, String)>,
    pub(in crate::preview) body: Vec<u8>,
}

impl Reply {
    pub(in crate::preview) fn new(
        status: u16,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let reply = Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        };
        reply.with("Content-Type", content_type)
    }

    pub(in crate::preview) fn json(status: u16, value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self::new(status, "application/json", body)
    }

    /// An error in the form that every part of the API uses.
    pub(in crate::preview) fn error(status: u16, code: &str, message: &str) -> Self {
        let error = serde_json::json!({"error": {"code": code, "message": message}});
        Self::json(status, &error)
    }

    pub(in crate::preview) fn not_found() -> Self {
        Self::error(404, "not_found", "there is nothing at this address")
    }

    /// `allowed` lists the methods, as in the header `Allow`.
    pub(in crate::preview) fn method_not_allowed(allowed: &str) -> Self {
        Self::error(405, "method_not_allowed", "this method is not allowed here")
            .with("Allow", allowed)
    }

    #[must_use]
    pub(in crate::preview) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
