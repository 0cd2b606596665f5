//! The endpoints of the function, each with its requirements for a request.

/// An endpoint, and the requests that it accepts.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The path for the site's pages.
    path: &'static str,
    /// The path that Netlify gives to the function itself.
    direct: &'static str,
    /// The supported methods, as `Allow` lists them.
    pub(crate) methods: &'static str,
    /// Largest body, in bytes.
    pub(crate) max_body: usize,
}

/// The endpoint that mints sessions.
pub(crate) const SESSION: Endpoint = Endpoint {
    path: "/api/chatkit/session",
    direct: "/.netlify/functions/session",
    methods: "POST, OPTIONS",
    max_body: 8 * 1024,
};

const ALL: [&Endpoint; 1] = [&SESSION];

/// The endpoint at a path, and whether the path is the function's own.
pub(crate) fn at(path: &str) -> Option<(&'static Endpoint, bool)> {
    let is_at = |endpoint: &&Endpoint| endpoint.path == path || endpoint.direct == path;
    let endpoint = ALL.into_iter().find(is_at)?;
    Some((endpoint, path == endpoint.direct))
}

/// The largest body that is read for a path, in bytes. Bodies for other paths are read to be discarded.
pub(crate) fn max_body(path: &str) -> usize {
    at(path).map_or(SESSION.max_body, |(endpoint, _)| endpoint.max_body)
}
