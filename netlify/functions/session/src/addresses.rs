//! The addresses of the function's endpoints, each with its requirements for a request.

/// The path at which the site's pages ask for a session.
pub const SESSION_PATH: &str = "/api/chatkit/session";

/// The path at which an agent answers ChatKit.
pub const CHAT_PATH: &str = "/api/chatkit/chat";

/// The same in one piece. On Netlify, `chat.mjs` asks here if it cannot start this program, and nobody else may: see
/// [`keys::verifies_fallback`](crate::access::keys::verifies_fallback).
pub(crate) const BUFFERED_CHAT_PATH: &str = "/api/chatkit/chat/buffered";

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Mints sessions.
    Session,
    /// Answers the visitors of agents.
    Chat,
}

impl Endpoint {
    const ALL: [Endpoint; 2] = [Endpoint::Session, Endpoint::Chat];

    /// The path for the site's pages.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Endpoint::Session => SESSION_PATH,
            Endpoint::Chat => CHAT_PATH,
        }
    }

    /// The path that Netlify gives to the function itself.
    const fn direct(self) -> &'static str {
        match self {
            Endpoint::Session => "/.netlify/functions/session",
            Endpoint::Chat => "/.netlify/functions/chat",
        }
    }

    /// The largest body, in bytes.
    pub(crate) const fn max_body(self) -> usize {
        match self {
            Endpoint::Session => 8 * 1024,
            // A message, and the conversation before it.
            Endpoint::Chat => 256 * 1024,
        }
    }

    /// The supported methods, as `Allow` lists them.
    pub(crate) const fn methods(self) -> &'static str {
        match self {
            Endpoint::Session | Endpoint::Chat => "POST, OPTIONS",
        }
    }

    /// Returns whether replies come piece by piece, so that nobody expects their end soon.
    pub(crate) const fn is_streamed(self) -> bool {
        match self {
            Endpoint::Session => false,
            Endpoint::Chat => true,
        }
    }

    /// The endpoint at a path, and whether the path is the function's own.
    pub(crate) fn at(path: &str) -> Option<(Endpoint, bool)> {
        if path == BUFFERED_CHAT_PATH {
            return Some((Endpoint::Chat, false));
        }
        let is_at = |endpoint: &Endpoint| endpoint.path() == path || endpoint.direct() == path;
        let endpoint = Self::ALL.into_iter().find(is_at)?;
        Some((endpoint, path == endpoint.direct()))
    }
}

/// The largest body that is read for a path, in bytes. Bodies for other paths are read to be discarded.
pub(crate) fn max_body(path: &str) -> usize {
    Endpoint::at(path).map_or(Endpoint::Session.max_body(), |(endpoint, _)| {
        endpoint.max_body()
    })
}
