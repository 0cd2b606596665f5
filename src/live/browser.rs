//! Requests as a browser sends them, each with an end.

use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, HeaderValue, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::WithoutBody;
use ureq::{Body, RequestBuilder};

use super::words::Failure;

/// Name and version, as hosts see them in their logs.
const USER_AGENT: &str = concat!("chatkit-embed/", env!("CARGO_PKG_VERSION"));
/// A request that takes longer has failed.
pub(super) const LONGEST: Duration = Duration::from_secs(8);
/// More bytes of a reply than this are not read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Longer types are cut.
const LONGEST_TYPE: usize = 60;
/// A longer one is no code of the function's.
const LONGEST_CODE: usize = 40;

/// Sends requests until the deadline.
pub(super) struct Browser {
    agent: Agent,
    /// The end of all requests together.
    pub(super) until: Instant,
}

/// A reply with any status. No `Debug`: the body may hold a client secret.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Browser {
    pub(super) fn new(roots: Option<&[Certificate<'static>]>, until: Instant) -> Browser {
        let roots = match roots {
            Some(roots) => RootCerts::from(roots.iter().cloned()),
            None => RootCerts::WebPki,
        };
        let agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(USER_AGENT)
            // As built, not as packed.
            .accept_encoding("identity")
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        Browser { agent, until }
    }

    /// Returns whether requests go through somebody else.
    pub(super) fn has_proxy(&self) -> bool {
        self.agent.config().proxy().is_some()
    }

    /// Asks for a file, as a page of `origin` does if there is one.
    pub(super) fn get(&self, url: &str, origin: Option<&str>) -> Result<Reply, Failure> {
        self.ask(|| {
            let request = self.agent.get(url);
            match origin {
                Some(origin) => request.header("Origin", origin),
                None => request,
            }
        })
    }

    /// Asks whether pages of `origin` may send something with these headers.
    pub(super) fn preflight(
        &self,
        url: &str,
        origin: &str,
        headers: &str,
    ) -> Result<Reply, Failure> {
        self.ask(|| {
            self.agent
                .options(url)
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", headers)
        })
    }

    /// Sends a request that changes nothing. If its connection is lost, it is sent once more, as browsers do: a host may
    /// close a connection at the moment of its next use.
    fn ask(&self, request: impl Fn() -> RequestBuilder<WithoutBody>) -> Result<Reply, Failure> {
        let once = || {
            let request = self.bounded(request(), LONGEST)?;
            request.call().map_err(Failure::from).and_then(Reply::read)
        };
        match once() {
            Err(Failure::Lost) => once(),
            reply => reply,
        }
    }

    /// Sends JSON from a page of `origin`; `session` is the key of a session.
    pub(super) fn post(
        &self,
        url: &str,
        origin: &str,
        session: Option<&str>,
        body: &Value,
    ) -> Result<Reply, Failure> {
        // An answer of a model takes its time.
        let longest = match session {
            Some(_) => LONGEST * 2,
            None => LONGEST,
        };
        let mut request = self
            .agent
            .post(url)
            .header("Origin", origin)
            .header("Content-Type", "application/json");
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        let request = self.bounded(request, longest)?;
        let sent = request.send(body.to_string());
        sent.map_err(Failure::from).and_then(Reply::read)
    }

    fn bounded<T>(
        &self,
        request: RequestBuilder<T>,
        longest: Duration,
    ) -> Result<RequestBuilder<T>, Failure> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Timeout);
        }
        let request = request.config().timeout_global(Some(left.min(longest)));
        Ok(request.build())
    }
}

impl Reply {
    fn read(response: Response<Body>) -> Result<Reply, Failure> {
        let (head, body) = response.into_parts();
        let reader = body.into_reader();
        // Some hosts keep files packed, and never unpack them.
        let encoding = head.headers.get("content-encoding");
        let mut reader: Box<dyn Read> = match encoding.map(HeaderValue::as_bytes) {
            Some(b"gzip") => Box::new(MultiGzDecoder::new(reader)),
            _ => Box::new(reader),
        };
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(LARGEST).read_to_end(&mut bytes);
        read.map_err(|err| Failure::from(ureq::Error::from(err)))?;
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: bytes,
        })
    }

    /// All values of a header, as one list.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).into_iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The media type, such as `text/html`; empty if it is missing.
    pub(super) fn media_type(&self) -> String {
        let header = self.header("content-type").unwrap_or_default();
        let kind = header.split([';', ',']).next().unwrap_or_default();
        let kind = kind.trim().chars().take(LONGEST_TYPE).collect::<String>();
        kind.to_ascii_lowercase()
    }

    /// The body as JSON, or null.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of an error of the function's.
    pub(super) fn code(&self) -> Option<String> {
        let body = self.json();
        let code = body["error"]["code"].as_str()?;
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '_';
        (code.chars().all(is_plain) && code.len() <= LONGEST_CODE).then(|| code.to_owned())
    }

    /// The time on the host's clock.
    pub(super) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(&self.header("date")?).ok()
    }

    /// Returns whether a page of this origin may read the reply.
    pub(super) fn admits(&self, origin: &str) -> bool {
        let allowed = self.header("Access-Control-Allow-Origin");
        allowed.is_some_and(|allowed| allowed == "*" || allowed == origin)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
