//! A request and a response as plain data, so that no transport shows through.

use std::net::IpAddr;
use std::time::SystemTime;

/// What a transport received. No `Debug`: headers and body may hold what no log may show.
#[derive(Clone)]
pub struct Request {
    /// In capitals, such as `POST`.
    pub method: String,
    /// Without query, as the browser sent it.
    pub path: String,
    /// In any order and any case; see [`Request::header`].
    pub headers: Vec<(String, String)>,
    /// Decoded; empty where there is none. A transport need not read more of one that is too long for its address than shows
    /// that it is; it may as well put any bytes of that length here.
    pub body: Vec<u8>,
    /// Finds the request in the log.
    pub id: String,
    /// When the caller stops waiting. Without it only the function's own limits apply.
    pub deadline: Option<SystemTime>,
    /// Whose sessions are counted. `None` where somebody else does that, as Netlify's gateway does.
    pub client: Option<IpAddr>,
    /// `true` where a gateway vouches that the site has the name in `Host`. Elsewhere anybody can point a name
    /// of theirs at the server, and browsers then send it.
    pub host_is_vouched: bool,
}

impl Request {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The value of a header that is there once. With two of them, nobody knows which one another reader takes.
    pub(crate) fn only_header(&self, name: &str) -> Option<&str> {
        let of_name = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let mut found = self.headers.iter().filter(of_name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}

/// What a transport sends back. No `Debug`: the body may hold a client secret.
pub struct Response {
    /// Such as `200`.
    pub status: u16,
    /// Each name once.
    pub headers: Vec<(String, String)>,
    /// UTF-8; empty for `204`.
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a header, whatever the case of its name.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_found_in_any_case_and_the_first_one_counts() {
        let headers = [("ORIGIN".to_owned(), "a".to_owned())];
        let twice = [headers[0].clone(), ("origin".to_owned(), "b".to_owned())];
        assert_eq!(header(&headers, "Origin"), Some("a"));
        assert_eq!(header(&twice, "origin"), Some("a"));
        assert_eq!(header(&headers, "host"), None);
    }
}
