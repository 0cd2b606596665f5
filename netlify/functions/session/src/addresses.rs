//! The addresses that the function answers, each with what may be sent there.

/// An address, and what a request to it may be.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// As the site's pages call it.
    path: &'static str,
    /// As Netlify calls the function itself.
    direct: &'static str,
    /// The methods that are answered, as `Allow` lists them.
    pub(crate) methods: &'static str,
    /// Largest body, in bytes.
    pub(crate) max_body: usize,
}

/// Where sessions are minted.
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

/// The largest body that is read of a request to a path, in bytes. What is sent elsewhere is read to be passed over.
pub(crate) fn max_body(path: &str) -> usize {
    at(path).map_or(SESSION.max_body, |(endpoint, _)| endpoint.max_body)
}
