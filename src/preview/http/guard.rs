//! Decides who may ask for what. Any page on the internet can make a browser send requests to this machine, so a
//! request to the preview's address proves nothing.

use std::net::{IpAddr, SocketAddr};

use sha2::{Digest as _, Sha256};

use crate::preview::http::{Reply, Request};

/// Most bytes of a request's head.
const MAX_HEAD: usize = 32 * 1024;

/// Most bytes of a request's address.
const MAX_PATH: usize = 4096;

/// The addresses of one listener.
#[derive(Clone, Debug)]
pub(in crate::preview) struct Guard {
    address: SocketAddr,
    /// As given on the command line.
    host: String,
}

impl Guard {
    /// `host` is as given on the command line, `address` is what it resolved to.
    pub(in crate::preview) fn new(host: &str, address: SocketAddr) -> Self {
        Self {
            address,
            host: bare(host).to_owned(),
        }
    }

    /// Returns whether the network can reach it.
    pub(in crate::preview) fn is_open(&self) -> bool {
        !self.address.ip().is_loopback()
    }

    /// # Errors
    ///
    /// The refusal of a request that no page of ours makes.
    pub(in crate::preview) fn check(&self, request: &Request) -> Result<(), Reply> {
        let head: usize = request
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if head > MAX_HEAD || request.path.len() > MAX_PATH || request.query.len() > MAX_PATH {
            return Err(Reply::error(400, "invalid_request", "too long"));
        }
        let is_plain = |byte: u8| (b'!'..=b'~').contains(&byte);
        if !request.path.starts_with('/') || !request.path.bytes().all(is_plain) {
            return Err(Reply::error(400, "invalid_request", "not a path"));
        }
        let mut hosts = request.headers.iter().filter(|(name, _)| name == "host");
        let host = hosts.next().map(|(_, value)| value.as_str());
        if hosts.next().is_some() || !host.is_some_and(|host| self.is_ours(host)) {
            // Another host's name that was made to resolve to this machine.
            let message = "this is a preview on somebody's machine; open it at its own address";
            return Err(Reply::error(403, "host_not_allowed", message));
        }
        if is_of_another_site(request) {
            let message = "only pages of the preview may ask, not those of another website";
            return Err(Reply::error(403, "origin_not_allowed", message));
        }
        Ok(())
    }

    /// Returns whether a `Host` or the rest of an `Origin` names this listener.
    fn is_ours(&self, host: &str) -> bool {
        let port = self.address.port();
        let name = match host.strip_suffix(&format!(":{port}")) {
            Some(name) => name,
            // The default port of http is left out.
            None if port == 80 && !host.is_empty() => host,
            None => return false,
        };
        let name = bare(name);
        match name.parse::<IpAddr>() {
            Ok(address) if address.is_loopback() => true,
            // When listening on all addresses: any address, but no name, because anybody can make a name resolve to
            // this machine.
            Ok(address) => self.address.ip().is_unspecified() || address == self.address.ip(),
            Err(_) => {
                name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(&self.host)
            }
        }
    }

    /// Returns whether an `Origin` is that of this listener.
    pub(in crate::preview) fn is_own_origin(&self, origin: &str) -> bool {
        origin
            .strip_prefix("http://")
            .is_some_and(|host| self.is_ours(host))
    }
}

/// An IPv6 address without its brackets; anything else unchanged.
pub(super) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Returns whether another site sent the request. Browsers tell, where they trust the connection: on this machine. A
/// person who follows a link is welcome; what a foreign page loads by itself is refused.
///
/// For addresses in the network, browsers do not tell. A foreign page can then load what visitors get, as from any
/// website; it can read nothing, because only the preview's origins are allowed to, and change nothing without the
/// token.
fn is_of_another_site(request: &Request) -> bool {
    let is_cross_site = request.header("sec-fetch-site") == Some("cross-site");
    let is_visit = request.header("sec-fetch-mode") == Some("navigate")
        && request.header("sec-fetch-dest") == Some("document")
        && request.method == "GET";
    is_cross_site && !is_visit
}

/// A secret of this run that only pages of the preview know.
#[derive(Clone)]
pub(in crate::preview) struct Token(String);

impl Token {
    /// # Errors
    ///
    /// A system without random bytes.
    pub(in crate::preview) fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    pub(in crate::preview) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares hashes, so that the time it takes reveals nothing.
    pub(in crate::preview) fn is(&self, given: Option<&str>) -> bool {
        given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let pairs = headers.iter();
        Request {
            method: "GET".to_owned(),
            path: "/w/support.js".to_owned(),
            headers: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Request::default()
        }
    }

    fn status(guard: &Guard, headers: &[(&str, &str)]) -> u16 {
        guard
            .check(&request(headers))
            .map_or_else(|reply| reply.status, |()| 200)
    }

    #[test]
    fn only_the_own_names_are_answered() {
        let guard = Guard::new("127.0.0.1", ([127, 0, 0, 1], 3000).into());
        for host in [
            "127.0.0.1:3000",
            "localhost:3000",
            "LOCALHOST:3000",
            "[::1]:3000",
        ] {
            assert_eq!(status(&guard, &[("host", host)]), 200, "{host}");
        }
        for host in [
            "evil.example:3000",
            "127.0.0.1",
            "127.0.0.1:3001",
            "localhost.evil.example:3000",
            "192.168.1.7:3000",
            "",
        ] {
            assert_eq!(status(&guard, &[("host", host)]), 403, "{host}");
        }
        assert_eq!(status(&guard, &[]), 403);
        let two = [("host", "127.0.0.1:3000"), ("host", "127.0.0.1:3000")];
        assert_eq!(status(&guard, &two), 403);
    }

    #[test]
    fn on_all_addresses_any_address_is_ours_and_no_name() {
        let guard = Guard::new("0.0.0.0", ([0, 0, 0, 0], 3000).into());
        assert!(guard.is_open());
        assert_eq!(status(&guard, &[("host", "192.168.1.7:3000")]), 200);
        assert_eq!(status(&guard, &[("host", "evil.example:3000")]), 403);
    }

    #[test]
    fn the_port_of_http_is_left_out_and_names_are_of_any_case() {
        let guard = Guard::new("MyLaptop.local", ([192, 168, 1, 7], 80).into());
        for host in [
            "mylaptop.local",
            "MyLaptop.local:80",
            "192.168.1.7",
            "localhost",
        ] {
            assert_eq!(status(&guard, &[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example", "192.168.1.8", "mylaptop.local:81", ""] {
            assert_eq!(status(&guard, &[("host", host)]), 403, "{host}");
        }
        assert!(!Guard::new("[::1]", "[::1]:80".parse().unwrap()).is_open());
    }

    #[test]
    fn a_foreign_page_loads_nothing_and_a_link_leads_here() {
        let guard = Guard::new("127.0.0.1", ([127, 0, 0, 1], 3000).into());
        let host = ("host", "127.0.0.1:3000");
        let foreign = ("sec-fetch-site", "cross-site");
        assert_eq!(status(&guard, &[host, foreign]), 403);
        let visit = [
            host,
            foreign,
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert_eq!(status(&guard, &visit), 200);
        let frame = [
            host,
            foreign,
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe"),
        ];
        assert_eq!(status(&guard, &frame), 403);
        let neighbour = ("sec-fetch-site", "same-site");
        assert_eq!(status(&guard, &[host, neighbour]), 200);
    }

    #[test]
    fn a_token_is_itself_and_nothing_else() -> anyhow::Result<()> {
        let token = Token::new()?;
        assert!(token.is(Some(token.as_str())));
        assert!(!token.is(Some("")) && !token.is(None) && !token.is(Some("x")));
        Ok(())
    }
}
