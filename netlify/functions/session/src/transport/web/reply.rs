//! A reply as the bytes of HTTP/1.1.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::http::Response;
use crate::transport::web::parse::Head;

/// The output for a client: a head, and a body that other replies may share.
pub(super) struct Reply {
    head: Vec<u8>,
    body: Arc<[u8]>,
    keep_alive: bool,
}

/// A status with headers and a body, before the client is known.
pub(super) struct Content {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Arc<[u8]>,
}

impl Content {
    pub(super) fn text(status: u16, text: &str) -> Content {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Content {
            status,
            headers: vec![
                header("Content-Type", "text/plain; charset=utf-8"),
                header("Cache-Control", "no-store"),
                header("X-Content-Type-Options", "nosniff"),
            ],
            body: text.as_bytes().into(),
        }
    }

    /// The reply to this request.
    pub(super) fn reply_to(self, asked: &Head) -> Reply {
        let body = match asked.method.as_str() {
            "HEAD" => Arc::default(),
            _ => Arc::clone(&self.body),
        };
        self.reply(body, asked.keep_alive)
    }

    /// The reply to a client that was not understood.
    pub(super) fn last_reply(self) -> Reply {
        let body = Arc::clone(&self.body);
        self.reply(body, false)
    }

    fn reply(self, body: Arc<[u8]>, keep_alive: bool) -> Reply {
        let mut head = head(self.status, &self.headers);
        if self.status != 204 && self.status != 304 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str(if keep_alive { "\r\n" } else { LAST });
        Reply {
            head: head.into_bytes(),
            body,
            keep_alive,
        }
    }
}

impl From<Response<'_>> for Content {
    fn from(response: Response<'_>) -> Content {
        Content {
            status: response.status,
            headers: response.headers,
            body: response.body.into_bytes().into(),
        }
    }
}

/// The head before a body that comes piece by piece, after which the connection ends.
pub(super) fn head_of_stream(status: u16, headers: &[(String, String)], chunked: bool) -> Vec<u8> {
    let mut head = head(status, headers);
    if chunked {
        head.push_str("Transfer-Encoding: chunked\r\n");
    }
    head.push_str(LAST);
    head.into_bytes()
}

/// The end of the head of a connection's last reply.
const LAST: &str = "Connection: close\r\n\r\n";

/// A head without its end.
fn head(status: u16, headers: &[(String, String)]) -> String {
    let reason = reason(status);
    let date = date(SystemTime::now());
    let mut head = format!("HTTP/1.1 {status} {reason}\r\n{date}");
    for (name, value) in headers {
        // All of them are ours, but one with a line break would become two.
        if !value.contains(['\r', '\n']) {
            head.extend([name, ": ", value, "\r\n"]);
        }
    }
    head
}

impl Reply {
    pub(super) fn keeps_alive(&self) -> bool {
        self.keep_alive
    }

    pub(super) fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// The rest after the first `sent` bytes: of the head, and of the body.
    pub(super) fn rest(&self, sent: usize) -> (&[u8], &[u8]) {
        let of_head = sent.min(self.head.len());
        (&self.head[of_head..], &self.body[sent - of_head..])
    }
}

/// The `Date` header; empty if the clock is before 1970 or after 9999, which no date can express.
fn date(now: SystemTime) -> String {
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    match since.is_ok_and(|since| since < LAST_DATE) {
        true => format!("Date: {}\r\n", httpdate::fmt_http_date(now)),
        false => String::new(),
    }
}

/// The end of the year 9999, counted from 1970.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_800);

fn reason(status: u16) -> &'static str {
    let status = ureq::http::StatusCode::from_u16(status);
    let reason = status.ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_that_no_date_can_say_costs_the_date_alone() {
        let epoch = SystemTime::UNIX_EPOCH;
        let second = Duration::from_secs(1);
        assert_eq!(date(epoch), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
        assert_eq!(
            date(epoch + LAST_DATE - second),
            "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"
        );
        assert_eq!(date(epoch - second), "");
        assert_eq!(date(epoch + LAST_DATE), "");
    }
}
