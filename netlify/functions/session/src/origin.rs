//! Web origins: what a browser says a page comes from, and patterns of them.
//!
//! Written by hand, because an origin is much less than a URL, and because everything that is not one must
//! be refused: no path, no user, no trailing slash.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Which origins may ask: one, or all subdomains of a host.
///
/// `https://www.example.com` and `http://localhost:3000` are one origin each. `https://*.example.com` is
/// every host below `example.com`, at any depth, but not `example.com` itself. Scheme and port count; case
/// does not; `https://a.example:443` is `https://a.example`.
///
/// ```
/// let pattern = session::OriginPattern::parse("https://*.example.com")?;
/// assert!(pattern.matches("https://a.b.example.com"));
/// assert!(!pattern.matches("https://example.com"));
/// assert!(!pattern.matches("https://evil-example.com"));
/// # Ok::<(), session::OriginError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    subdomains: bool,
    /// Without the `*.`.
    origin: Origin,
}

impl OriginPattern {
    /// Reads a pattern as it stands in a list of allowed origins.
    pub fn parse(text: &str) -> Result<OriginPattern, OriginError> {
        if text == "*" {
            return Err(OriginError::Everything);
        }
        if let Some((scheme, host)) = text.split_once("://*.") {
            let origin = Origin::parse(&format!("{scheme}://{host}"))?;
            // There is no subdomain of an address, and `*.com` would be half of the web.
            if !origin.host.contains('.') && origin.host != "localhost" || is_address(&origin.host)
            {
                return Err(OriginError::TooWide(origin.host));
            }
            return Ok(OriginPattern {
                subdomains: true,
                origin,
            });
        }
        Ok(OriginPattern {
            subdomains: false,
            origin: Origin::parse(text)?,
        })
    }

    /// Whether an `Origin` header holds one of these origins.
    pub fn matches(&self, origin: &str) -> bool {
        Origin::parse(origin).is_ok_and(|origin| self.covers(&origin))
    }

    pub(crate) fn covers(&self, origin: &Origin) -> bool {
        if !self.subdomains {
            return *origin == self.origin;
        }
        let below = origin
            .host
            .strip_suffix(&self.origin.host)
            .is_some_and(|rest| rest.ends_with('.'));
        below && origin.scheme == self.origin.scheme && origin.port == self.origin.port
    }
}

/// In the shortest form: lower case, and no port where it is the scheme's own.
impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = if self.subdomains { "*." } else { "" };
        self.origin.write(wildcard, f)
    }
}

/// Why a text is not an origin, nor a pattern of origins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// `*` alone.
    #[error(
        "`*` would let every website use this chat; name each one, such as `https://www.example.com`"
    )]
    Everything,
    /// A wildcard over a top-level domain or an address.
    #[error("`*.{0}` is too wide; a wildcard needs a domain below it, such as `*.example.com`")]
    TooWide(String),
    /// No `://`.
    #[error("no scheme; write `https://` before the host")]
    NoScheme,
    /// Neither http nor https.
    #[error("unknown scheme `{0}`; an origin starts with `https://` or `http://`")]
    UnknownScheme(String),
    /// Something follows the host and port.
    #[error("`{0}` does not belong to an origin; end it after the host, without a slash")]
    Path(String),
    /// A user name or password.
    #[error("an origin has no user name; remove what stands before `@`")]
    User,
    /// `*` at another place than before the first dot of a host.
    #[error(
        "`*` stands at a wrong place; it may replace subdomains only, as in `https://*.example.com`"
    )]
    Wildcard,
    /// Not a host name.
    #[error("invalid host `{0}`; write it as browsers send it, in ASCII (`xn--…`), without spaces")]
    Host(String),
    /// Not a port.
    #[error("invalid port `{0}`; it is a number from 1 to 65535")]
    Port(String),
}

/// One origin, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    /// Lower case; an IPv6 address in brackets and in its shortest form.
    host: String,
    port: u16,
}

impl Origin {
    pub(crate) fn parse(text: &str) -> Result<Origin, OriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::NoScheme)?;
        let scheme = Scheme::parse(scheme)?;
        if let Some(at) = rest.find(['/', '?', '#', '\\']) {
            return Err(OriginError::Path(rest[at..].to_owned()));
        }
        if rest.contains('@') {
            return Err(OriginError::User);
        }
        let (host, port) = split_port(rest);
        Ok(Origin {
            host: parse_host(host)?,
            port: port.map_or(Ok(scheme.default_port()), parse_port)?,
            scheme,
        })
    }

    /// The origin of an http address, whatever its path.
    pub(crate) fn of_url(url: &str) -> Result<Origin, OriginError> {
        let (scheme, rest) = url.split_once("://").ok_or(OriginError::NoScheme)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        Origin::parse(&format!("{scheme}://{}", &rest[..end]))
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    fn write(&self, wildcard: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, host, port } = self;
        write!(f, "{}://{wildcard}{host}", scheme.name())?;
        if *port != scheme.default_port() {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

/// As a browser writes it.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write("", f)
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Result<Scheme, OriginError> {
        match text.to_ascii_lowercase().as_str() {
            "http" => Ok(Scheme::Http),
            "https" => Ok(Scheme::Https),
            _ => Err(OriginError::UnknownScheme(text.to_owned())),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Splits at the last colon, unless it belongs to an IPv6 address.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn parse_port(text: &str) -> Result<u16, OriginError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(OriginError::Port(text.to_owned())),
    }
}

fn parse_host(text: &str) -> Result<String, OriginError> {
    if text.contains('*') {
        return Err(OriginError::Wildcard);
    }
    if let Some(address) = text.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')) {
        let address = address.parse::<Ipv6Addr>();
        return address.map_or_else(
            |_| Err(OriginError::Host(text.to_owned())),
            |v6| Ok(format!("[{v6}]")),
        );
    }
    let is_label = |label: &str| {
        let mut bytes = label.bytes();
        !label.is_empty() && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if text.len() > 253 || !text.split('.').all(is_label) {
        return Err(OriginError::Host(text.to_owned()));
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> OriginPattern {
        OriginPattern::parse(text).unwrap()
    }

    fn error(text: &str) -> OriginError {
        OriginPattern::parse(text).unwrap_err()
    }

    #[test]
    fn exact_pattern_is_one_origin() {
        let exact = pattern("https://www.example.com");
        for same in [
            "https://www.example.com",
            "https://www.example.com:443",
            "HTTPS://WWW.Example.COM",
        ] {
            assert!(exact.matches(same), "{same}");
        }
        for other in [
            "http://www.example.com",
            "https://www.example.com:8443",
            "https://www.example.com/",
            "https://www.example.com.evil.com",
            "https://a.www.example.com",
            "https://example.com",
            "https://www.example.com@evil.com",
            "https://www-example.com",
            " https://www.example.com",
            "https://www.example.com https://evil.com",
            "https://www.example.com,https://evil.com",
            "null",
            "",
        ] {
            assert!(!exact.matches(other), "{other}");
        }
    }

    #[test]
    fn port_and_scheme_count() {
        let local = pattern("http://localhost:3000");
        assert!(local.matches("http://localhost:3000"));
        assert!(!local.matches("http://localhost"));
        assert!(!local.matches("http://localhost:3001"));
        assert!(!local.matches("https://localhost:3000"));
        assert!(pattern("http://a.example:80").matches("http://a.example"));
        assert!(!pattern("https://a.example:80").matches("http://a.example"));
    }

    #[test]
    fn wildcard_is_every_host_below_and_nothing_else() {
        let below = pattern("https://*.example.com");
        for host in ["a", "a.b", "x-y_z", "xn--bcher-kva", "A"] {
            assert!(
                below.matches(&format!("https://{host}.example.com")),
                "{host}"
            );
        }
        for other in [
            "https://example.com",
            "https://.example.com",
            "https://a..example.com",
            "https://evil-example.com",
            "https://evilexample.com",
            "https://a.example.com.evil.com",
            "https://example.com.evil.com",
            "https://a.example.org",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://evil.com/.example.com",
            "https://evil.com#.example.com",
            "https://evil.com?.example.com",
            "https://evil.com\\.example.com",
            "https://evil.com:443.example.com",
            "https://evil@a.example.com",
            "https://evil com.example.com",
            "https://*.example.com",
        ] {
            assert!(!below.matches(other), "{other}");
        }
        assert!(pattern("http://*.localhost:8080").matches("http://a.localhost:8080"));
    }

    #[test]
    fn addresses_are_hosts() {
        assert!(pattern("http://127.0.0.1:8080").matches("http://127.0.0.1:8080"));
        assert!(pattern("http://[::1]:3000").matches("http://[::1]:3000"));
        assert!(pattern("http://[0:0:0:0:0:0:0:1]").matches("http://[::1]"));
        for bad in [
            "http://[::1",
            "http://::1",
            "http://[::g]",
            "http://[127.0.0.1]",
        ] {
            assert!(matches!(error(bad), OriginError::Host(_)), "{bad}");
        }
    }

    #[test]
    fn pattern_is_shown_in_its_shortest_form() {
        for (text, shown) in [
            ("HTTPS://WWW.Example.com:443", "https://www.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://*.Example.com:8443", "https://*.example.com:8443"),
        ] {
            assert_eq!(pattern(text).to_string(), shown);
            assert_eq!(pattern(shown), pattern(text));
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_cause() {
        use OriginError::*;
        let s = str::to_owned;
        for (text, cause) in [
            ("*", Everything),
            ("", NoScheme),
            ("null", NoScheme),
            ("www.example.com", NoScheme),
            ("//www.example.com", NoScheme),
            ("ftp://a.example", UnknownScheme(s("ftp"))),
            ("*://a.example", UnknownScheme(s("*"))),
            (" https://a.example", UnknownScheme(s(" https"))),
            ("https://a.example/", Path(s("/"))),
            ("https://a.example/x", Path(s("/x"))),
            ("https://*.a.example/", Path(s("/"))),
            ("https://a.example?x", Path(s("?x"))),
            ("https://a.example#x", Path(s("#x"))),
            ("https://u:p@a.example", User),
            ("https://*", Wildcard),
            ("https://*example.com", Wildcard),
            ("https://a.*.example.com", Wildcard),
            ("https://*.*.example.com", Wildcard),
            ("https://www.*", Wildcard),
            ("https://*.com", TooWide(s("com"))),
            ("https://*.127.0.0.1", TooWide(s("127.0.0.1"))),
            ("https://*.[::1]", TooWide(s("[::1]"))),
            ("https://", Host(s(""))),
            ("https://*.", Host(s(""))),
            ("https://a..example", Host(s("a..example"))),
            ("https://a.example.", Host(s("a.example."))),
            ("https://a example", Host(s("a example"))),
            ("https://bücher.example", Host(s("bücher.example"))),
            ("https://a.example:", Port(s(""))),
            ("https://a.example:0", Port(s("0"))),
            ("https://a.example:+1", Port(s("+1"))),
            ("https://a.example:65536", Port(s("65536"))),
            ("https://a.example:*", Port(s("*"))),
        ] {
            assert_eq!(error(text), cause, "{text}");
        }
    }

    #[test]
    fn origin_of_an_address_ends_before_its_path() {
        let origin = Origin::parse("https://a.example:8443").unwrap();
        for url in [
            "https://a.example:8443",
            "https://a.example:8443/",
            "https://A.example:8443/chat?x#y",
        ] {
            assert_eq!(Origin::of_url(url).unwrap(), origin, "{url}");
        }
        assert!(Origin::of_url("a.example/chat").is_err());
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for host in [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "10.0.0.1",
            "evillocalhost",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
