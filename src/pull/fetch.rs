//! One request after the other to one website, with pauses, limits and patience.

use std::io::Read as _;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};
use url::Url;

use super::scope::plain;
use super::unpack::{Trouble, gunzip};

/// Name and version, as sites see them in their logs.
const USER_AGENT: &str = concat!("chatkit-embed/", env!("CARGO_PKG_VERSION"));
/// A request that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MOST_REDIRECTS: usize = 5;
/// How often a site that says "later" is asked again.
const MOST_RETRIES: u32 = 3;
/// The first wait of a site that says "later" but not when; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A site that asks for a longer wait is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// What is asked for.
pub(super) struct Ask<'a> {
    /// The most bytes of the answer.
    pub(super) limit: u64,
    /// Whether anything but HTML is left out.
    pub(super) is_page: bool,
    /// The `ETag` of what is known already.
    pub(super) etag: Option<&'a str>,
    /// Whether a redirect may be followed to an address, or why not.
    pub(super) may: &'a dyn Fn(&Url) -> Result<(), String>,
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Fetched {
    Document(Box<Document>),
    /// What is known already is still right.
    Unchanged,
    /// It is no longer there.
    Gone,
    /// The reason why it is not wanted.
    LeftOut(String),
    /// It redirects to where it may not be followed, with the reason.
    Elsewhere(String),
    /// The reason why it should be tried again some other day.
    Failed(String),
}

/// The answer to a request.
#[derive(Debug)]
pub(super) struct Document {
    /// Where it is, after all redirects.
    pub(super) url: Url,
    /// Whether all redirects are permanent.
    pub(super) is_for_good: bool,
    pub(super) bytes: Vec<u8>,
    pub(super) content_type: String,
    pub(super) etag: Option<String>,
    /// The header `X-Robots-Tag`.
    pub(super) robots: String,
}

/// Asks a website.
pub(super) struct Fetcher {
    agent: Agent,
    /// The pause between two requests.
    pub(super) delay: Duration,
    last: Option<Instant>,
}

impl Fetcher {
    pub(super) fn new(delay: Duration) -> Fetcher {
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(USER_AGENT)
            .accept_encoding("gzip")
            .build()
            .new_agent();
        Fetcher {
            agent,
            delay,
            last: None,
        }
    }

    /// Asks for one address, and follows redirects.
    pub(super) fn get(&mut self, url: &Url, ask: &Ask<'_>) -> Fetched {
        let mut seen = vec![url.clone()];
        let mut is_for_good = true;
        loop {
            let url = &seen[seen.len() - 1];
            let response = match self.patient(url, ask) {
                Ok(response) => response,
                Err(reason) => return Fetched::Failed(reason),
            };
            let status = response.status().as_u16();
            let target = header(response.headers(), "location").filter(|_| is_redirect(status));
            let Some(target) = target else {
                let mut fetched = taken(url, response, ask);
                if let Fetched::Document(document) = &mut fetched {
                    document.is_for_good = is_for_good;
                }
                return fetched;
            };
            is_for_good &= matches!(status, 301 | 308);
            let Ok(target) = url.join(&target).map(plain) else {
                return Fetched::LeftOut("it redirects to no address".to_owned());
            };
            if seen.contains(&target) {
                return Fetched::LeftOut("it redirects in a circle".to_owned());
            }
            if seen.len() > MOST_REDIRECTS {
                return Fetched::LeftOut(format!("it redirects more than {MOST_REDIRECTS} times"));
            }
            if let Err(reason) = (ask.may)(&target) {
                return Fetched::Elsewhere(format!("it redirects to {target}, {reason}"));
            }
            seen.push(target);
        }
    }

    /// Asks, and asks again when the site says "later".
    fn patient(&mut self, url: &Url, ask: &Ask<'_>) -> Result<Response<Body>, String> {
        let mut wait = FIRST_WAIT;
        for _ in 0..MOST_RETRIES {
            let response = self.once(url, ask)?;
            let status = response.status().as_u16();
            if !matches!(status, 429 | 503) {
                return Ok(response);
            }
            let asked = header(response.headers(), "retry-after");
            let asked = asked.and_then(|text| later(&text, SystemTime::now()));
            let pause = asked.unwrap_or(wait);
            if pause > LONGEST_WAIT {
                let seconds = pause.as_secs();
                return Err(format!(
                    "the site asks to wait for {seconds} seconds (HTTP {status})"
                ));
            }
            thread::sleep(pause);
            wait *= 2;
        }
        self.once(url, ask)
    }

    /// One request, not too soon after the last one.
    fn once(&mut self, url: &Url, ask: &Ask<'_>) -> Result<Response<Body>, String> {
        if let Some(last) = self.last {
            thread::sleep(self.delay.saturating_sub(last.elapsed()));
        }
        self.last = Some(Instant::now());
        let mut request = self.agent.get(url.as_str());
        if let Some(etag) = ask.etag {
            request = request.header("if-none-match", etag);
        }
        request.call().map_err(|err| said(&err))
    }
}

fn said(err: &ureq::Error) -> String {
    match err {
        ureq::Error::Timeout(_) => "the site takes too long to answer".to_owned(),
        err => format!("the site cannot be reached: {err}"),
    }
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    let text = String::from_utf8_lossy(value).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// How long a `Retry-After` asks to wait: seconds, or a date.
fn later(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// An answer that is no redirect.
fn taken(url: &Url, response: Response<Body>, ask: &Ask<'_>) -> Fetched {
    let status = response.status();
    match status.as_u16() {
        200..=299 => {}
        304 => return Fetched::Unchanged,
        404 | 410 => return Fetched::Gone,
        500..=599 | 408 | 429 => return Fetched::Failed(format!("the site answers HTTP {status}")),
        _ => return Fetched::LeftOut(format!("the site answers HTTP {status}")),
    }
    let headers = response.headers();
    let content_type = header(headers, "content-type").unwrap_or_default();
    if ask.is_page && !is_html(&content_type) {
        let kind = content_type.split(';').next().unwrap_or_default();
        return Fetched::LeftOut(format!("it is not HTML but `{kind}`"));
    }
    let mut document = Document {
        url: url.clone(),
        is_for_good: true,
        bytes: Vec::new(),
        content_type,
        etag: header(headers, "etag"),
        robots: header(headers, "x-robots-tag").unwrap_or_default(),
    };
    let packing = header(headers, "content-encoding").unwrap_or_default();
    match body(response, &packing.to_lowercase(), ask.limit) {
        Ok(bytes) => {
            document.bytes = bytes;
            Fetched::Document(Box::new(document))
        }
        Err(failure) => failure,
    }
}

/// No type at all is that of a page: servers without one exist.
fn is_html(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_lowercase();
    matches!(kind.as_str(), "" | "text/html" | "application/xhtml+xml")
}

/// The bytes of an answer, unpacked; or what came instead.
fn body(response: Response<Body>, packing: &str, limit: u64) -> Result<Vec<u8>, Fetched> {
    let too_large = || {
        let limit = limit / 1024 / 1024;
        Fetched::LeftOut(format!("it has more than {limit} MB"))
    };
    let mut bytes = Vec::new();
    let reader = response.into_body().into_reader();
    let read = reader.take(limit + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    if let Err(err) = read {
        return Err(Fetched::Failed(format!("the answer breaks off: {err}")));
    }
    match packing {
        "" | "identity" => Ok(bytes),
        "gzip" | "x-gzip" => gunzip(&bytes, limit).map_err(|trouble| match trouble {
            Trouble::TooLarge => too_large(),
            Trouble::Broken => Fetched::Failed("the answer is a broken gzip".to_owned()),
        }),
        other => Err(Fetched::LeftOut(format!("it is packed as `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_in_seconds_or_until_a_date() {
        let now = httpdate::parse_http_date("Fri, 27 Nov 2026 10:00:00 GMT").unwrap();
        let seconds = |text: &str| later(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds("Fri, 27 Nov 2026 10:01:00 GMT"), Some(60));
        assert_eq!(seconds("Fri, 27 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
    }

    #[test]
    fn only_html_is_a_page() {
        assert!(is_html("Text/HTML; charset=x") && is_html("") && is_html("application/xhtml+xml"));
        assert!(!is_html("application/pdf") && !is_html("text/plain"));
    }
}
