//! Web origins, by which a browser names the site of a page, and patterns of origins.
//!
//! Written by hand, because an origin is much less than a URL, and everything else must be refused: no path, no user,
//! no trailing slash.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The origins that may ask: one, or all subdomains of a host.
///
/// `https://www.example.com` and `http://localhost:3000` are one origin each. `https://*.example.com` is every host
/// below `example.com`, at any depth, but not `example.com` itself. Scheme and port count, case does not;
/// `https://a.example:443` is `https://a.example`.
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
    /// Reads a pattern from a list of allowed origins.
    pub fn parse(text: &str) -> Result<OriginPattern, OriginError> {
        if text == "*" {
            return Err(OriginError::Everything);
        }
        if let Some((scheme, host)) = text.split_once("://*.") {
            let origin = Origin::parse(&format!("{scheme}://{host}"))?;
            // An address has no subdomains, and `*.com` would be half of the web.
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

    /// Returns whether an `Origin` header holds one of these origins.
    pub fn matches(&self, origin: &str) -> bool {
        Origin::parse(origin).is_ok_and(|origin| self.covers(&origin))
    }

    /// Returns whether all its origins are on this machine.
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
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

/// In the shortest form: lower case, and no port if it is the scheme's default.
impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = if self.subdomains { "*." } else { "" };
        self.origin.write(wildcard, f)
    }
}

/// The reason why a text is neither an origin nor a pattern of origins.
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
    #[error("`{0}` is not part of an origin; end it after the host, without a slash")]
    Path(String),
    /// A user name or password.
    #[error("an origin has no user name; remove everything before `@`")]
    User,
    /// `*` anywhere except before the first dot of a host.
    #[error(
        "`*` is in the wrong place; it can only replace subdomains, as in `https://*.example.com`"
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

/// `true` for a host, as written in an origin, that is this machine: `localhost` and every name below it, 127.0.0.0/8 and `[::1]`.
pub fn is_loopback(host: &str) -> bool {
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
mod tests;
