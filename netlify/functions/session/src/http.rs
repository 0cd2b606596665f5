//! A request and a response as plain data, independent of any transport.

use std::net::IpAddr;
use std::time::SystemTime;

/// A request from any transport. No `Debug`: headers and body may contain secrets.
#[derive(Clone)]
pub struct Request {
    /// In upper case, such as `POST`.
    pub method: String,
    /// Without query, as the browser sent it.
    pub path: String,
    /// In any order and any case; see [`Request::header`].
    pub headers: Vec<(String, String)>,
    /// Decoded; empty if there is none. If it is too long for its address, a transport may stop reading and put any
    /// bytes of a length over the limit here.
    pub body: Vec<u8>,
    /// An id, to find the request in the log.
    pub id: String,
    /// The time at which the caller stops waiting. Without it, only the function's own limits apply.
    pub deadline: Option<SystemTime>,
    /// The address that sessions are counted by. `None` if somebody else counts, as Netlify's gateway does.
    pub client: Option<IpAddr>,
    /// `true` if a gateway guarantees that the name in `Host` belongs to the site. Elsewhere anybody can point their
    /// own name at the server, and browsers then send it.
    pub host_is_vouched: bool,
}

impl Request {
    /// The first value of a header; the name's case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The value of a header that occurs once. If it occurs twice, other readers may take the other one.
    pub(crate) fn only_header(&self, name: &str) -> Option<&str> {
        let of_name = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let mut found = self.headers.iter().filter(of_name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}

/// A response for any transport. No `Debug`: the body may contain a client secret.
pub struct Response<'s> {
    /// For example `200`.
    pub status: u16,
    /// Each name once.
    pub headers: Vec<(String, String)>,
    /// Empty for `204`.
    pub body: Body<'s>,
}

/// The body of a response, in UTF-8.
pub enum Body<'s> {
    /// All of it.
    Bytes(Vec<u8>),
    /// The rest comes later.
    Stream(Stream<'s>),
}

/// The pieces of a body. Asking for the next one waits for it, at most about a second: an empty piece means that there
/// is nothing new, and is a good moment to see whether anybody still listens. Dropping the stream ends all work for it.
pub type Stream<'s> = Box<dyn Iterator<Item = Vec<u8>> + Send + 's>;

impl Body<'_> {
    /// The whole body. Waits until a stream has ended.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Body::Bytes(bytes) => bytes,
            Body::Stream(pieces) => pieces.flatten().collect(),
        }
    }
}

impl<'s> Response<'s> {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Response<'s> {
        Response {
            status,
            headers: Vec::new(),
            body: Body::Bytes(body),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Response<'s> {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a header; the name's case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let (_, value) = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value)
}

/// The type of a file, by the ending of its name or address.
pub fn content_type(name: &str) -> &'static str {
    let (_, ending) = name.rsplit_once('.').unwrap_or_default();
    match &*ending.to_ascii_lowercase() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_follows_from_the_ending_in_any_case() {
        assert_eq!(content_type("/assets/a.b.PNG"), "image/png");
        assert_eq!(content_type(".html"), "text/html; charset=utf-8");
        for name in ["", "html", "a.exe", "a.b/c"] {
            assert_eq!(content_type(name), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn header_is_found_in_any_case_and_the_first_one_counts() {
        let headers = [("ORIGIN".to_owned(), "a".to_owned())];
        let twice = [headers[0].clone(), ("origin".to_owned(), "b".to_owned())];
        assert_eq!(header(&headers, "Origin"), Some("a"));
        assert_eq!(header(&twice, "origin"), Some("a"));
        assert_eq!(header(&headers, "host"), None);
    }
}
