//! The head of an HTTP/1.1 request, read strictly: anything that two readers could understand differently is refused.
//! Pure.

use crate::error::RequestError;

/// Longest head, in bytes.
pub(crate) const MAX_HEAD: usize = 16 * 1024;
/// Most header lines.
const MAX_HEADERS: usize = 100;

/// The part of a request before the body.
pub(crate) struct Head {
    pub(crate) method: String,
    /// Without query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Framing,
    pub(crate) keep_alive: bool,
    /// `true` if the client understands chunks.
    pub(crate) takes_chunks: bool,
    /// `true` if the client waits for permission to send the body.
    pub(crate) expects_continue: bool,
}

/// The way to find the end of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The body has this many bytes; `usize::MAX` if it is more than that.
    Length(usize),
    /// The body comes in chunks; see [`chunks`](super::chunks).
    Chunked,
}

/// The end of a head, searched from `from` on. A line feed alone is refused: other readers may take it for the end of
/// a line, or for part of one.
pub(crate) fn head_end(input: &[u8], from: usize) -> Result<Option<usize>, RequestError> {
    let within = &input[..input.len().min(MAX_HEAD)];
    for (at, _) in (from..)
        .zip(&within[from.min(within.len())..])
        .filter(|(_, byte)| **byte == b'\n')
    {
        let before = &within[..at];
        if !before.ends_with(b"\r") {
            return Err(bad("a line of it ends without a carriage return"));
        }
        if at == 1 {
            return Err(bad("it begins with an empty line"));
        }
        if before.ends_with(b"\r\n\r") {
            return Ok(Some(at + 1));
        }
    }
    Ok(None)
}

impl Head {
    /// Reads a head that ends at the end of the bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Head, RequestError> {
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut lines);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(size)) if size == bytes.len() => {}
            Ok(_) => return Err(bad("it ends before its headers do")),
            Err(httparse::Error::TooManyHeaders) => return Err(bad("it has too many headers")),
            Err(_) => return Err(bad("it is not HTTP/1.1")),
        }
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|line| {
                let value = String::from_utf8_lossy(line.value).into_owned();
                (line.name.to_owned(), value)
            })
            .collect();
        let is_1_1 = request.version == Some(1);
        let hosts = values(&headers, "host").count();
        if hosts > 1 || (is_1_1 && hosts == 0) {
            return Err(bad("it needs one `Host`"));
        }
        let says = |name, word: &str| {
            let words = values(&headers, name).flat_map(|value| value.split(','));
            words
                .map(str::trim)
                .any(|text| text.eq_ignore_ascii_case(word))
        };
        Ok(Head {
            method: request.method.unwrap_or_default().to_owned(),
            path: path(request.path.unwrap_or_default()).to_owned(),
            body: framing(&headers, is_1_1)?,
            keep_alive: is_1_1 && !says("connection", "close"),
            takes_chunks: is_1_1,
            expects_continue: is_1_1 && says("expect", "100-continue"),
            headers,
        })
    }
}

/// A length, or chunks, and never both: a reader that understands a request differently from the proxy in front
/// allows requests to be smuggled.
fn framing(headers: &[(String, String)], is_1_1: bool) -> Result<Framing, RequestError> {
    let mut codings = values(headers, "transfer-encoding");
    let mut lengths = values(headers, "content-length");
    if let Some(coding) = codings.next() {
        let is_chunked = coding.eq_ignore_ascii_case("chunked") && codings.next().is_none();
        if !is_chunked || !is_1_1 || lengths.next().is_some() {
            return Err(bad("its `Transfer-Encoding` is not just `chunked`"));
        }
        return Ok(Framing::Chunked);
    }
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(Framing::Length(0)),
        (Some(text), None) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(Framing::Length(text.parse().unwrap_or(usize::MAX)))
        }
        _ => Err(bad("its `Content-Length` is not a single number")),
    }
}

/// The path in a request's target, which is a path or, for proxies, an address.
fn path(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => {
            rest.find(['/', '?']).map_or("/", |at| &rest[at..])
        }
        _ => target,
    };
    path.split(['?', '#']).next().unwrap_or(path)
}

fn values<'h>(headers: &'h [(String, String)], name: &str) -> impl Iterator<Item = &'h str> {
    let of_name = headers
        .iter()
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name));
    of_name.map(|(_, value)| value.as_str())
}

pub(crate) fn bad(cause: &'static str) -> RequestError {
    RequestError::BadHttp { cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Head, String> {
        Head::parse(text.as_bytes()).map_err(|err| {
            assert_eq!(err.status_and_code(), (400, "invalid_request"));
            err.to_string()
        })
    }

    fn with(lines: &str) -> Result<Head, String> {
        parse(&format!(
            "POST /a?b HTTP/1.1\r\nHost: a.example\r\n{lines}\r\n"
        ))
    }

    #[test]
    fn head_of_a_browser_is_read() {
        let head = with("Content-Length: 12\r\nOrigin: https://b.example\r\nX: \u{e4}\r\n").ok();
        let head = head.unwrap();
        assert_eq!(
            (&*head.method, &*head.path, head.body),
            ("POST", "/a", Framing::Length(12))
        );
        assert!(head.keep_alive && !head.expects_continue);
        let names: Vec<_> = head.headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["Host", "Content-Length", "Origin", "X"]);
        assert_eq!(head.headers[3].1, "ä");
    }

    #[test]
    fn connection_is_kept_unless_somebody_says_otherwise() {
        assert!(with("Connection: keep-alive\r\n").ok().unwrap().keep_alive);
        assert!(!with("Connection: x, Close\r\n").ok().unwrap().keep_alive);
        assert!(!parse("GET / HTTP/1.0\r\n\r\n").ok().unwrap().keep_alive);
        assert!(
            with("Expect: 100-Continue\r\n")
                .ok()
                .unwrap()
                .expects_continue
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for lines in [
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Content-Length: 1, 1\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 0x1\r\n",
            "Content-Length:\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding:\r\n",
            "Transfer-Encoding: identity\r\n",
            "Host: b.example\r\n",
            "Content-Length : 1\r\n",
            " Content-Length: 1\r\n",
            "X: a\r\n b\r\n",
            "X: a\u{0}\r\n",
            "X\u{e4}: a\r\n",
            ": a\r\n",
            "X\r\n",
        ] {
            assert!(with(lines).is_err(), "{lines:?}");
        }
        for text in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "GET /\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\u{16}\u{3}\u{1}\r\n\r\n",
            "G\u{e4}T / HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(with(&"X: a\r\n".repeat(98)).is_ok());
        assert!(with(&"X: a\r\n".repeat(101)).is_err());
    }

    #[test]
    fn length_beyond_all_measure_is_a_length() {
        for length in ["30000000000", "18446744073709551615", &"9".repeat(1000)] {
            let head = with(&format!("Content-Length: {length}\r\n")).ok().unwrap();
            assert!(matches!(head.body, Framing::Length(length) if length > 1_000_000_000));
        }
    }

    #[test]
    fn chunks_are_for_http_1_1() {
        let head = with("transfer-encoding: Chunked\r\n").ok().unwrap();
        assert_eq!(head.body, Framing::Chunked);
        assert!(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn path_ends_before_the_query_and_begins_after_the_host() {
        for (target, expected) in [
            ("/", "/"),
            ("/a/b?c#d", "/a/b"),
            ("/a%2fb/../c", "/a%2fb/../c"),
            ("//evil.example/a", "//evil.example/a"),
            ("/?u=https://b.example", "/"),
            ("http://a.example/b?c", "/b"),
            ("http://a.example", "/"),
            ("http://a.example?b", ""),
            ("*", "*"),
        ] {
            assert_eq!(path(target), expected);
        }
    }

    #[test]
    fn end_of_a_head_is_found_across_reads() {
        let input = b"GET / HTTP/1.1\r\n\r\nrest";
        for from in 0..=17 {
            assert_eq!(head_end(input, from).unwrap(), Some(18), "{from}");
        }
        assert_eq!(head_end(b"GET / HTTP/1.1\r\n\r", 0).unwrap(), None);
        assert_eq!(head_end(b"", 0).unwrap(), None);
    }

    #[test]
    fn line_feed_alone_and_an_empty_first_line_are_refused_before_the_head_ends() {
        for input in ["\n", "a\n", "a\r\nb\n", "a\r\n\n", "\r\n", "\r\na"] {
            assert!(head_end(input.as_bytes(), 0).is_err(), "{input:?}");
        }
    }
}
