//! The public address of the site.

use std::fmt;

use anyhow::{Context as _, Result};
use session::{OriginPattern, is_loopback};
use url::Url;

use crate::environment::Environment;
use crate::hint::Hinted;
use crate::yaml::{Problem, named_character, stranger_in};

/// An origin without a slash at the end, such as `https://chat.example.com`, and where it was set.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    origin: String,
    /// Prefix of every path: empty, except for a draft in a preview.
    prefix: String,
    source: &'static str,
}

/// The name of the file's value in messages.
const WRITTEN: &str = "site.url";

impl BaseUrl {
    /// The values that override `site.url`, in this order: the command line, `BASE_URL`, Netlify's own variables.
    ///
    /// Netlify sets `CONTEXT`, `URL` (the site's main address) and `DEPLOY_PRIME_URL` (the address of
    /// this preview or branch) while it builds.
    ///
    /// # Errors
    ///
    /// Those of [`BaseUrl::parse`].
    pub(crate) fn from_outside(
        flag: Option<&str>,
        environment: &Environment,
    ) -> Result<Option<Self>> {
        if let Some(flag) = flag {
            return Self::parse(flag, "--base-url").map(Some);
        }
        let is_preview = environment
            .get("CONTEXT")
            .is_some_and(|context| context != "production");
        let names = match is_preview {
            true => ["BASE_URL", "DEPLOY_PRIME_URL", "URL"].as_slice(),
            false => ["BASE_URL", "URL"].as_slice(),
        };
        let mut set = names
            .iter()
            .filter_map(|name| Some((*name, environment.get(name)?)));
        set.next()
            .map(|(name, value)| Self::parse(&value, name))
            .transpose()
    }

    /// The value of `site.url`.
    ///
    /// # Errors
    ///
    /// Those of [`BaseUrl::parse`].
    pub(crate) fn written(text: &str) -> Result<Self, Problem> {
        let origin = site_origin(text).map_err(|(why, hint)| {
            let problem = Problem::on("site.url", "invalid address of the site");
            problem.label(why).hint(hint)
        })?;
        Ok(Self {
            origin,
            prefix: String::new(),
            source: WRITTEN,
        })
    }

    /// # Errors
    ///
    /// Anything but the address of a whole host; the message names its source. Plain http is for this machine only,
    /// because ChatKit needs what browsers call a secure context.
    pub(crate) fn parse(text: &str, source: &'static str) -> Result<Self> {
        let origin = site_origin(text)
            .map_err(|(why, hint)| Hinted::new(format!("{why}: `{text}`"), hint))
            .with_context(|| format!("invalid address of the site, from {source}"))?;
        Ok(Self {
            origin,
            prefix: String::new(),
            source,
        })
    }

    /// The address at which a preview on this machine shows a draft: below `prefix`.
    pub(crate) fn of_preview(origin: &str, prefix: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            prefix: prefix.to_owned(),
            source: "the preview",
        }
    }

    /// Returns whether this is the value of `site.url`.
    pub(crate) fn is_written(&self) -> bool {
        self.source == WRITTEN
    }

    /// The address that the path of a page or a loader is appended to.
    pub(crate) fn root(&self) -> String {
        format!("{}{}", self.origin, self.prefix)
    }

    /// The host without a port.
    pub(crate) fn host(&self) -> &str {
        let (_, host) = self.origin.split_once("://").unwrap_or_default();
        match host.rsplit_once(':') {
            // Inside the brackets of an IPv6 address, a colon does not start a port.
            Some((host, port)) if !port.ends_with(']') => host,
            _ => host,
        }
    }

    /// Returns whether only this machine can reach the site.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(self.host())
    }

    /// The origin, without a slash at the end.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

/// Adds the source of the value, which can be set in five places.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (from {})", self.origin, self.source)
    }
}

/// The origin in a text, or the error and its fix.
fn site_origin(text: &str) -> Result<String, (String, &'static str)> {
    let hint = "write only scheme and host, such as `https://chat.example.com`";
    let wrong = |why: &str| Err((why.to_owned(), hint));
    if let Some(c) = stranger_in(text) {
        return wrong(&format!("unexpected {}", named_character(c)));
    }
    let url = parse_url(text).map_err(|why| (why, hint))?;
    if !matches!(url.scheme(), "http" | "https") {
        return wrong("not a web address");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return wrong("the site cannot live below a path");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("contains a user name");
    }
    if url.scheme() == "http" && !is_local(&url) {
        let hint = "use https: browsers give ChatKit no secure context over http";
        return Err(("plain http works on localhost only".to_owned(), hint));
    }
    // A build must not contain what the function cannot read.
    one_origin(&url).map_err(|why| (why, hint))
}

/// An address, or the error.
pub(super) fn parse_url(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|err| match err {
        url::ParseError::RelativeUrlWithoutBase => {
            "no scheme; write `https://` before the host".to_owned()
        }
        other => other.to_string(),
    })
}

/// The origin of an address, if function and policies can name it: in a policy, `;` would start another rule, and `*`
/// would match several hosts.
pub(super) fn one_origin(url: &Url) -> Result<String, String> {
    let origin = url.origin().ascii_serialization();
    OriginPattern::parse(&origin).map_err(|err| err.to_string())?;
    match origin.contains('*') {
        true => Err("not a single host".to_owned()),
        false => Ok(origin),
    }
}

/// Returns whether requests to this address never leave the machine.
pub(super) fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_with_or_without_a_slash() -> Result<()> {
        for text in ["https://chat.example.com", "https://CHAT.example.com:443/"] {
            assert_eq!(
                BaseUrl::parse(text, "a test")?.origin(),
                "https://chat.example.com"
            );
        }
        assert_eq!(
            BaseUrl::parse("http://127.0.0.1:3000", "a test")?.origin(),
            "http://127.0.0.1:3000"
        );
        Ok(())
    }

    #[test]
    fn a_local_site_is_one_on_any_name_or_address_of_this_machine() {
        for (text, host) in [
            ("http://localhost:3000", "localhost"),
            ("https://chat.localhost", "chat.localhost"),
            ("http://127.0.0.2:80", "127.0.0.2"),
            ("http://127.1", "127.0.0.1"),
            ("http://[::1]", "[::1]"),
            ("http://[0:0::1]:3000", "[::1]"),
        ] {
            let url = BaseUrl::parse(text, "a test").unwrap();
            assert_eq!((url.host(), url.is_local()), (host, true), "{text}");
        }
        for text in ["https://localhost.example.com", "https://128.0.0.1"] {
            assert!(
                !BaseUrl::parse(text, "a test").unwrap().is_local(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_by_its_source() {
        for (text, message) in [
            ("chat.example.com", "no scheme"),
            ("ftp://example.com", "not a web address"),
            (
                "https://example.com/chat",
                "the site cannot live below a path",
            ),
            ("https://me@example.com", "contains a user name"),
            ("http://example.com", "plain http works on localhost only"),
            ("https://*.example.com", "not a single host"),
            ("https://a;b.example", "`"),
            ("https://chat.example.com.", "`"),
            (
                "https://chat\u{200b}.example.com",
                "unexpected zero width space (U+200B)",
            ),
        ] {
            let err = format!("{:#}", BaseUrl::parse(text, "BASE_URL").unwrap_err());
            assert!(
                err.starts_with("invalid address of the site, from BASE_URL: "),
                "{err}"
            );
            assert!(err.contains(message), "{err}");
        }
    }
}
