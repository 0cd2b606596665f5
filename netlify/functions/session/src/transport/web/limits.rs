//! What one client may cost the others.

use std::time::Duration;

/// How much a client may take up, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most open connections. Lowered where the system allows fewer.
    pub connections: usize,
    /// From the first byte of a request to its last.
    pub request: Duration,
    /// From a reply to the next request. Longer than common load balancers keep theirs (60 s), so that they never send
    /// a request into a connection that is being closed.
    pub idle: Duration,
    /// To take a reply.
    pub write: Duration,
    /// Most threads that wait for the upstream.
    pub workers: usize,
    /// Most requests that wait for one of these; what is more is told to come back.
    pub waiting: usize,
    /// To answer a request that came whole, the time it waits for a thread included.
    pub answer: Duration,
    /// To end after a signal; what is not done then is cut.
    pub drain: Duration,
    /// Proxies in front that append the address of whoever reached them to `X-Forwarded-For`.
    pub trusted_proxies: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 4096,
            request: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(20),
            workers: 64,
            waiting: 256,
            answer: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            trusted_proxies: 0,
        }
    }
}
