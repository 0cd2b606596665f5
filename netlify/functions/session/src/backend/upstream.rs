//! Calls to the upstream: within a time budget, and with a second try if that may help.

use std::io::ErrorKind;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use ureq::http::{HeaderValue, Response};
use ureq::typestate::WithBody;
use ureq::{Agent, Body, Error, RequestBuilder, Timeout};

use crate::access::policy;
use crate::clock;
use crate::log::Trace;
use crate::settings::{MAX_UPSTREAM_REPLY, REPLY_RESERVE, UPSTREAM_TIMEOUT};

/// Pause before the second try, if the upstream does not name one; up to as much again at random, so that functions
/// that failed together do not return together.
const PAUSE: Duration = Duration::from_millis(150);
/// The longest pause that the upstream may request from a thread here. For a longer one, the page tries again, which
/// blocks nobody else.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A second try with less time than this would only time out.
const SHORTEST_TRY: Duration = Duration::from_millis(500);
/// The longest wait for the first byte of an answer that comes piece by piece.
const FIRST_BYTE: Duration = Duration::from_secs(60);

/// One request to the upstream. No `Debug`: the headers contain the key.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, HeaderValue)>,
    pub(crate) body: String,
}

/// The upstream's reply. No `Debug`: the body contains a client secret.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The upstream's own time, to which its other times refer.
    pub(crate) date: Option<SystemTime>,
    /// Seconds to wait.
    pub(crate) retry_after: Option<u64>,
    /// `true` if the upstream declares a type other than JSON.
    pub(crate) other_type: bool,
    /// The upstream's id for the request.
    pub(crate) request_id: Option<String>,
    pub(crate) body: Result<Vec<u8>, Error>,
}

/// The start of an answer that comes piece by piece.
pub(crate) enum Opened {
    /// It is coming.
    Stream(Body),
    /// It was refused.
    Reply(Reply),
}

impl Opened {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Opened::Stream(_) => 200,
            Opened::Reply(reply) => reply.status,
        }
    }
}

impl Reply {
    /// A text of the error in this reply, such as its `code`; empty if there is none.
    pub(crate) fn error(&self, name: &str) -> String {
        let body = self.body.as_deref().unwrap_or_default();
        let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
        body["error"][name].as_str().unwrap_or_default().to_owned()
    }
}

/// The time by which the upstream must have answered, so that there is time left to report that it did not.
pub(crate) fn until(deadline: Option<SystemTime>) -> Instant {
    Instant::now() + time_left(deadline)
}

fn time_left(deadline: Option<SystemTime>) -> Duration {
    deadline.map_or(UPSTREAM_TIMEOUT, |deadline| {
        let left = deadline.duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(REPLY_RESERVE);
        left.min(UPSTREAM_TIMEOUT)
    })
}

impl Call {
    /// Sends the call, and a second time if the first failed in a way that may pass. At worst that costs an unused
    /// session. `trace` records what happened.
    pub(crate) fn send(
        &self,
        agent: &Agent,
        until: Instant,
        trace: &mut Trace,
    ) -> Result<Reply, Error> {
        let started = Instant::now();
        let mut outcome = self.send_once(agent, until);
        let pause = pause_before_retry(&outcome);
        let left = until.saturating_duration_since(Instant::now());
        if let Some(pause) = pause.filter(|pause| *pause + SHORTEST_TRY <= left) {
            sleep(pause);
            trace.retries = Some(1);
            outcome = self.send_once(agent, until);
        }
        trace.upstream_ms = Some(clock::millis_since(started));
        if let Ok(reply) = &outcome {
            trace.upstream_status = Some(reply.status);
            trace.upstream_id.clone_from(&reply.request_id);
        }
        outcome
    }

    /// Sends the call once.
    pub(crate) fn send_once(&self, agent: &Agent, until: Instant) -> Result<Reply, Error> {
        let left = until.saturating_duration_since(Instant::now());
        let request = agent.post(&self.url).config();
        let request = request.timeout_global(Some(left)).build();
        let response = self.send_as(request)?;
        Ok(self.reply(response))
    }

    /// Sends the call once, for an answer that may take until `until`.
    pub(crate) fn open(&self, agent: &Agent, until: Instant) -> Result<Opened, Error> {
        let left = until.saturating_duration_since(Instant::now());
        let request = agent.post(&self.url).config();
        let request = request
            .timeout_send_request(Some(left.min(UPSTREAM_TIMEOUT)))
            .timeout_send_body(Some(left.min(UPSTREAM_TIMEOUT)))
            .timeout_recv_response(Some(left.min(FIRST_BYTE)))
            .timeout_recv_body(Some(left))
            .build();
        let response = self.send_as(request)?;
        Ok(match response.status().as_u16() {
            200..=299 => Opened::Stream(response.into_body()),
            _ => Opened::Reply(self.reply(response)),
        })
    }

    fn send_as(&self, mut request: RequestBuilder<WithBody>) -> Result<Response<Body>, Error> {
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send(&self.body)
    }

    fn reply(&self, mut response: Response<Body>) -> Reply {
        let body = response.body_mut().with_config().limit(MAX_UPSTREAM_REPLY);
        let body = body.read_to_vec();
        let text = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let date = text("date").and_then(|value| httpdate::parse_http_date(&value).ok());
        Reply {
            status: response.status().as_u16(),
            date,
            other_type: text("content-type").is_some_and(|text| !policy::is_json(&text)),
            retry_after: text("retry-after").and_then(|value| retry_after(&value, date)),
            request_id: text("x-request-id").filter(|value| self.is_request_id(value)),
            body,
        }
    }

    /// Returns whether it is short and repeats nothing that was sent: some gateways echo the request.
    fn is_request_id(&self, text: &str) -> bool {
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let headers = self
            .headers
            .iter()
            .filter_map(|(_, value)| value.to_str().ok());
        (1..=64).contains(&text.len())
            && text.bytes().all(form)
            && !self.body.contains(text)
            && !headers.into_iter().any(|value| value.contains(text))
    }
}

/// The pause before a second try; `None` if it would not help.
pub(crate) fn pause_before_retry(outcome: &Result<Reply, Error>) -> Option<Duration> {
    match outcome {
        Ok(reply) => match (reply.status, &reply.body) {
            (429, Ok(body)) if is_out_of_quota(body) => None,
            (408 | 409 | 429 | 500..=599, _) => {
                let named = reply.retry_after.map(Duration::from_secs);
                Some(named.unwrap_or_else(pause)).filter(|pause| *pause <= LONGEST_PAUSE)
            }
            (_, Err(err)) => pause_after(err),
            _ => None,
        },
        Err(err) => pause_after(err),
    }
}

/// Returns whether the account has no money left, which no pause changes.
pub(crate) fn is_out_of_quota(body: &[u8]) -> bool {
    let quoted = br#""insufficient_quota""#;
    body.windows(quoted.len()).any(|window| window == quoted)
}

fn pause_after(err: &Error) -> Option<Duration> {
    match err {
        // An idle connection may have been closed while the function was frozen between two requests.
        Error::Io(err) if was_cut(err.kind()) => Some(Duration::ZERO),
        Error::Io(err) if err.kind() == ErrorKind::ConnectionRefused => Some(pause()),
        Error::ConnectionFailed | Error::HostNotFound => Some(pause()),
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => Some(pause()),
        _ => None,
    }
}

fn was_cut(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    )
}

fn pause() -> Duration {
    let mut chance = [0];
    // If there are no random numbers, the pause is still a pause.
    let _ = getrandom::fill(&mut chance);
    PAUSE + PAUSE * u32::from(chance[0]) / 255
}

/// The seconds to wait according to `Retry-After`, a number or a date; `None` if a date has passed. A date is read by
/// the clock that wrote it: `now` is the `Date` of the same reply.
fn retry_after(value: &str, now: Option<SystemTime>) -> Option<u64> {
    let is_number = (1..=6).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        return value.parse().ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now?).unwrap_or_default().as_secs())
}

/// `type`, `code` and `param` of OpenAI's error. Never its message, which may repeat the key and the user.
pub(crate) fn error_words(body: &[u8]) -> String {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    ["type", "code", "param"]
        .iter()
        .filter_map(|key| body["error"][key].as_str())
        .filter(|word| is_word(word))
        .map(|word| format!(" `{word}`"))
        .collect()
}

/// Returns whether it has only letters, underscores and dots, which no key and no id of a visitor or a workflow does.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with("wf_")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstream_gets_what_is_left_of_the_deadline_but_never_more_than_its_limit() {
        let in_time = |seconds| Some(SystemTime::now() + Duration::from_secs(seconds));
        assert_eq!(time_left(None), UPSTREAM_TIMEOUT);
        assert_eq!(time_left(in_time(60)), UPSTREAM_TIMEOUT);
        assert_eq!(time_left(Some(SystemTime::UNIX_EPOCH)), Duration::ZERO);
        let left = time_left(in_time(3));
        assert!(left <= Duration::from_millis(2500) && left > Duration::from_secs(2));
    }

    #[test]
    fn retry_after_is_a_number_or_a_date_by_the_clock_of_the_upstream() {
        // An hour that our own clock never saw.
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").ok();
        assert_eq!(retry_after("0", now), Some(0));
        assert_eq!(retry_after("20", None), Some(20));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(0));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:36 GMT", now), Some(0));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:51:17 GMT", now), Some(100));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:51:17 GMT", None), None);
        for bad in [
            "",
            "-1",
            "1.5",
            "1234567",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "1\t",
        ] {
            assert_eq!(retry_after(bad, now), None, "{bad}");
        }
    }

    #[test]
    fn request_id_is_a_short_word_that_was_not_sent() {
        let call = Call {
            url: String::new(),
            headers: vec![("Authorization", HeaderValue::from_static("Bearer sk-1"))],
            body: r#"{"workflow":{"id":"wf_1"}}"#.to_owned(),
        };
        for good in ["req_0123abc", "0a1b-2c"] {
            assert!(call.is_request_id(good), "{good}");
        }
        for bad in ["", "a b", "ä", "sk-1", "wf_1", "<x>", &"a".repeat(65)] {
            assert!(!call.is_request_id(bad), "{bad}");
        }
    }

    #[test]
    fn error_words_are_plain_words_only() {
        let words = |json: &str| error_words(json.as_bytes());
        assert_eq!(
            words(r#"{"error":{"type":"invalid_request_error","code":"a","message":"sk-x"}}"#),
            " `invalid_request_error` `a`"
        );
        assert_eq!(words(r#"{"error":{"type":"sk-secret","code":null}}"#), "");
        assert_eq!(words(r#"{"error":"x"}"#), "");
        assert_eq!(words("[]"), "");
        assert_eq!(words("<html>"), "");
    }
}
