//! Sessions of a workflow that OpenAI hosts: one `POST /v1/chatkit/sessions` each.

use std::io::ErrorKind;
use std::time::{Duration, Instant, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::HeaderValue;

use crate::backend::{Ask, Session};
use crate::error::MintError;
use crate::log::Entry;
use crate::service::Service;
use crate::settings::{
    MAX_UPSTREAM_REPLY, OPENAI_ORG_ID, OPENAI_PROJECT_ID, REPLY_RESERVE, Settings, UPSTREAM_TIMEOUT,
};
use crate::site::{HostedSettings, Workflow};

pub(crate) fn mint(
    service: &Service,
    hosted: &HostedSettings,
    ask: &Ask<'_>,
    entry: &mut Entry<'_>,
) -> Result<Session, MintError> {
    let call = Call::new(service.settings(), hosted, ask.user)?;
    let started = Instant::now();
    let reply = call.send(service.agent(), started + time_left(ask.deadline));
    entry.upstream_ms = Some(started.elapsed().as_millis() as u64);
    let reply = reply.map_err(not_reached)?;
    entry.upstream_status = Some(reply.status);
    reply.into_session()
}

/// How long the upstream may take, so that there is time left to say that it took too long.
fn time_left(deadline: Option<SystemTime>) -> Duration {
    deadline.map_or(UPSTREAM_TIMEOUT, |deadline| {
        let left = deadline.duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(REPLY_RESERVE);
        left.min(UPSTREAM_TIMEOUT)
    })
}

/// The request to OpenAI.
struct Call {
    url: String,
    headers: Vec<(&'static str, HeaderValue)>,
    body: String,
}

impl Call {
    fn new(settings: &Settings, hosted: &HostedSettings, user: &str) -> Result<Call, MintError> {
        let mut headers = vec![
            ("Authorization", settings.authorization()?),
            ("Content-Type", HeaderValue::from_static("application/json")),
            ("OpenAI-Beta", HeaderValue::from_static("chatkit_beta=v1")),
        ];
        for (name, variable) in [
            ("OpenAI-Organization", OPENAI_ORG_ID),
            ("OpenAI-Project", OPENAI_PROJECT_ID),
        ] {
            headers.extend(settings.header(variable)?.map(|value| (name, value)));
        }
        let workflow = match &hosted.workflow {
            Workflow::Env(variable) => settings.required(variable)?,
            Workflow::Id(id) => id.clone(),
        };
        Ok(Call {
            url: settings.sessions_url()?,
            headers,
            body: session_request(hosted, &workflow, user).to_string(),
        })
    }

    /// A kept connection may have ended while the function was frozen between two requests. A second try
    /// then gets a new one, and costs at most a session that nobody uses.
    fn send(&self, agent: &Agent, until: Instant) -> Result<Reply, ureq::Error> {
        match self.send_once(agent, until) {
            Err(ureq::Error::Io(err)) if was_cut(err.kind()) => self.send_once(agent, until),
            done => done,
        }
    }

    fn send_once(&self, agent: &Agent, until: Instant) -> Result<Reply, ureq::Error> {
        let left = until.saturating_duration_since(Instant::now());
        let mut request = agent
            .post(&self.url)
            .config()
            .timeout_global(Some(left))
            .build();
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut response = request.send(&self.body)?;
        let body = response.body_mut().with_config().limit(MAX_UPSTREAM_REPLY);
        let body = body.read_to_vec();
        let retry_after = response.headers().get("retry-after");
        Ok(Reply {
            status: response.status().as_u16(),
            retry_after: retry_after.and_then(|value| Some(value.to_str().ok()?.to_owned())),
            body,
        })
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

fn not_reached(err: ureq::Error) -> MintError {
    match err {
        ureq::Error::Timeout(stage) => MintError::UpstreamTimeout {
            detail: format!(
                "OpenAI did not answer in time ({stage}); if it stays so, see https://status.openai.com"
            ),
        },
        err => MintError::Upstream {
            detail: format!(
                "failed to reach OpenAI: {err}; if it stays so, check `OPENAI_BASE_URL` and the proxy \
                 variables, or see https://status.openai.com"
            ),
        },
    }
}

/// What OpenAI takes: <https://platform.openai.com/docs/api-reference/chatkit/sessions/create>. What is not
/// set is not sent. Destructures in full, so that a new setting that is not sent does not compile.
fn session_request(hosted: &HostedSettings, workflow: &str, user: &str) -> Value {
    let HostedSettings {
        workflow: _,
        workflow_version,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
    } = hosted;
    let mut body = json!({"workflow": {"id": workflow}, "user": user});
    if let Some(version) = workflow_version {
        body["workflow"]["version"] = json!(version);
    }
    if let Some(seconds) = expires_after {
        body["expires_after"] = json!({"anchor": "created_at", "seconds": seconds});
    }
    if let Some(limit) = max_requests_per_minute {
        body["rate_limits"] = json!({"max_requests_per_1_minute": limit});
    }
    // Indexing makes the objects on the way.
    if let Some(enabled) = history {
        body["chatkit_configuration"]["history"]["enabled"] = json!(enabled);
    }
    if let Some(count) = recent_threads {
        body["chatkit_configuration"]["history"]["recent_threads"] = json!(count);
    }
    if let Some(enabled) = thread_titles {
        body["chatkit_configuration"]["automatic_thread_titling"]["enabled"] = json!(enabled);
    }
    body
}

/// What OpenAI answered.
struct Reply {
    status: u16,
    retry_after: Option<String>,
    body: Result<Vec<u8>, ureq::Error>,
}

/// The part of a good reply that is passed on.
#[derive(Deserialize)]
struct SessionReply {
    client_secret: String,
    expires_at: u64,
}

impl Reply {
    fn into_session(self) -> Result<Session, MintError> {
        if !(200..300).contains(&self.status) {
            return Err(self.into_error());
        }
        let body = self.body.map_err(not_reached)?;
        match serde_json::from_slice::<SessionReply>(&body) {
            Ok(reply) if !reply.client_secret.is_empty() => Ok(Session {
                client_secret: reply.client_secret,
                expires_at: reply.expires_at,
            }),
            // The parser's own words would repeat parts of the reply.
            _ => Err(MintError::Upstream {
                detail: "the reply of the upstream holds no session; check that `OPENAI_BASE_URL` leads to \
                         OpenAI's API"
                    .to_owned(),
            }),
        }
    }

    fn into_error(self) -> MintError {
        let cause = match self.status {
            300..=399 => "the upstream redirects; set `OPENAI_BASE_URL` to where it leads",
            400 => {
                "OpenAI refused the request; check `workflow_version` and `session` of this widget"
            }
            401 => {
                "OpenAI refused the key; check that `OPENAI_API_KEY` is whole, active and of this account"
            }
            403 => "the key may not do this; check its permissions and those of its project",
            404 => {
                "OpenAI knows no such workflow; it belongs to another project than `OPENAI_API_KEY`, or it is \
                 not published, or hosted workflows are gone, as OpenAI announced for after 2026-11-30"
            }
            429 => {
                "OpenAI's rate limit is reached, or there is no credit left; check usage and billing"
            }
            _ => "OpenAI failed; if it stays so, see https://status.openai.com",
        };
        let words = self.body.map(|body| error_words(&body)).unwrap_or_default();
        let detail = format!("upstream status {}{words}: {cause}", self.status);
        match self.status {
            429 => MintError::RateLimited {
                retry_after: self.retry_after.filter(|value| is_retry_after(value)),
                detail,
            },
            _ => MintError::Upstream { detail },
        }
    }
}

/// `type` and `code` of OpenAI's error. Never its message, which may repeat the key and the user.
fn error_words(body: &[u8]) -> String {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    ["type", "code"]
        .iter()
        .filter_map(|key| body["error"][key].as_str())
        .filter(|word| is_word(word))
        .map(|word| format!(" `{word}`"))
        .collect()
}

/// Letters and underscores only: neither a key nor an id looks so.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// A number of seconds, or a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn is_retry_after(value: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'a' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    let date = b"aaa, 00 aaa 0000 00:00:00 GMT";
    let seconds = (1..=6).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    seconds || value.len() == date.len() && value.bytes().zip(*date).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(hosted: &HostedSettings) -> String {
        session_request(hosted, "wf_1", "u").to_string()
    }

    #[test]
    fn only_what_is_set_is_sent() {
        assert_eq!(
            sent(&HostedSettings::default()),
            r#"{"workflow":{"id":"wf_1"},"user":"u"}"#
        );
        assert_eq!(
            sent(&HostedSettings {
                recent_threads: Some(3),
                ..HostedSettings::default()
            }),
            r#"{"workflow":{"id":"wf_1"},"user":"u","chatkit_configuration":{"history":{"recent_threads":3}}}"#
        );
    }

    #[test]
    fn everything_that_can_be_set_is_sent() {
        let all = HostedSettings {
            workflow: Workflow::default(),
            workflow_version: Some("2".to_owned()),
            expires_after: Some(300),
            max_requests_per_minute: Some(5),
            history: Some(true),
            recent_threads: Some(3),
            thread_titles: Some(false),
        };
        assert_eq!(
            sent(&all),
            concat!(
                r#"{"workflow":{"id":"wf_1","version":"2"},"user":"u","#,
                r#""expires_after":{"anchor":"created_at","seconds":300},"#,
                r#""rate_limits":{"max_requests_per_1_minute":5},"#,
                r#""chatkit_configuration":{"history":{"enabled":true,"recent_threads":3},"#,
                r#""automatic_thread_titling":{"enabled":false}}}"#
            )
        );
    }

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
    fn retry_after_is_a_number_or_a_date() {
        for good in ["0", "20", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            assert!(is_retry_after(good), "{good}");
        }
        for bad in [
            "",
            "-1",
            "1.5",
            "1234567",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "1\t",
        ] {
            assert!(!is_retry_after(bad), "{bad}");
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
