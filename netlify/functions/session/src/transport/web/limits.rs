//! Limits on what one client may cost the others.

use std::time::Duration;

/// The resources that a client may use, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most open connections. Lowered if the system allows fewer.
    pub connections: usize,
    /// Most bytes of incomplete requests, of all connections together.
    pub incomplete: usize,
    /// Time from the first byte of a request to its last.
    pub request: Duration,
    /// Time from a reply to the next request. Longer than common load balancers keep their connections (60 s), so
    /// that they never send a request into a connection that is being closed.
    pub idle: Duration,
    /// Time for the client to take a reply.
    pub write: Duration,
    /// Most threads that wait for the upstream.
    pub workers: usize,
    /// Most requests that wait for a thread; further ones are told to come back.
    pub waiting: usize,
    /// Time to answer a complete request, including the wait for a thread.
    pub answer: Duration,
    /// The same for an answer that comes piece by piece, which otherwise has only the agent's own limits.
    pub streamed_answer: Option<Duration>,
    /// Time to finish after a signal; what is not done by then is cut off.
    pub drain: Duration,
    /// Number of proxies in front that append the address that connected to them to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// `true` if a gateway in front counts requests, and guarantees that the name in `Host` belongs to the site.
    pub has_gateway: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 4096,
            incomplete: 64 * 1024 * 1024,
            request: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(20),
            workers: 64,
            waiting: 256,
            answer: Duration::from_secs(10),
            streamed_answer: None,
            drain: Duration::from_secs(10),
            trusted_proxies: 0,
            has_gateway: false,
        }
    }
}
