//! Sessions of a workflow hosted by OpenAI: one `POST /v1/chatkit/sessions` each.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::HeaderValue;

use super::session::{EXPIRES_AFTER, Session};
use crate::backend::upstream::{self, Call, Reply, error_words};
use crate::error::RequestError;
use crate::log::Entry;
use crate::service::Service;
use crate::settings::Settings;
use crate::site::{FileUpload, HostedSettings, Workflow};

/// A session that OpenAI has to mint.
pub(crate) struct Pending {
    call: Call,
    /// Lifetime that the widget requests, in seconds.
    expires_after: Option<u16>,
}

/// Asks OpenAI. `entry` records what happened.
pub(crate) fn mint(
    service: &Service,
    pending: &Pending,
    deadline: Option<SystemTime>,
    entry: &mut Entry,
) -> Result<Session, RequestError> {
    let Pending {
        call,
        expires_after,
    } = pending;
    let until = upstream::until(deadline);
    let reply = call.send(service.agent(), until, &mut entry.trace);
    let works = reply.as_ref().is_ok_and(|reply| reply.status < 500);
    service.breaker().report(works);
    into_session(reply.map_err(not_reached)?, *expires_after)
}

/// The request to OpenAI, unless OpenAI is resting after failures.
pub(crate) fn start(
    service: &Service,
    hosted: &HostedSettings,
    user: &str,
) -> Result<Pending, RequestError> {
    let call = request(service.settings(), hosted, user)?;
    if service.breaker().allows() {
        Ok(Pending {
            call,
            expires_after: hosted.expires_after,
        })
    } else {
        Err(RequestError::UpstreamRests)
    }
}

fn request(settings: &Settings, hosted: &HostedSettings, user: &str) -> Result<Call, RequestError> {
    let mut headers = settings.upstream_headers(hosted.api_key_env.as_deref())?;
    headers.push(("OpenAI-Beta", HeaderValue::from_static("chatkit_beta=v1")));
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

fn not_reached(err: ureq::Error) -> RequestError {
    match err {
        ureq::Error::Timeout(stage) => RequestError::UpstreamTimeout {
            detail: format!(
                "OpenAI did not answer in time ({stage}); if this persists, see https://status.openai.com"
            ),
        },
        err => RequestError::Upstream {
            detail: format!(
                "failed to reach OpenAI: {err}; if this persists, check `OPENAI_BASE_URL` and the proxy \
                 variables, or see https://status.openai.com"
            ),
        },
    }
}

/// OpenAI's request body: <https://platform.openai.com/docs/api-reference/chatkit/sessions/create>. Settings without
/// a value are not sent. Destructures in full, so that a new setting that is not sent does not compile.
fn session_request(hosted: &HostedSettings, workflow: &str, user: &str) -> Value {
    let HostedSettings {
        workflow: _,
        api_key_env: _,
        workflow_version,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload,
        state_variables,
        tracing,
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
    // Indexing creates the objects on the path.
    if let Some(enabled) = history {
        body["chatkit_configuration"]["history"]["enabled"] = json!(enabled);
    }
    if let Some(count) = recent_threads {
        body["chatkit_configuration"]["history"]["recent_threads"] = json!(count);
    }
    if let Some(enabled) = thread_titles {
        body["chatkit_configuration"]["automatic_thread_titling"]["enabled"] = json!(enabled);
    }
    if let Some(FileUpload {
        max_file_size,
        max_files,
    }) = file_upload
    {
        let upload = &mut body["chatkit_configuration"]["file_upload"];
        upload["enabled"] = json!(true);
        if let Some(megabytes) = max_file_size {
            upload["max_file_size"] = json!(megabytes);
        }
        if let Some(count) = max_files {
            upload["max_files"] = json!(count);
        }
    }
    if !state_variables.is_empty() {
        body["workflow"]["state_variables"] = json!(state_variables);
    }
    if let Some(enabled) = tracing {
        body["workflow"]["tracing"]["enabled"] = json!(enabled);
    }
    body
}

/// The part of a good reply that is passed on.
#[derive(Deserialize)]
struct SessionReply {
    client_secret: String,
    expires_at: u64,
}

/// `expires_after` is the number of seconds that was requested.
fn into_session(reply: Reply, expires_after: Option<u16>) -> Result<Session, RequestError> {
    if !(200..300).contains(&reply.status) {
        return Err(into_error(reply));
    }
    let body = reply.body.map_err(not_reached)?;
    match serde_json::from_slice::<SessionReply>(&body) {
        Ok(session) if !session.client_secret.is_empty() && !reply.other_type => Ok(Session {
            client_secret: session.client_secret,
            expires_at: session.expires_at,
            expires_in: lifetime(session.expires_at, reply.date, expires_after),
        }),
        // The parser's message would repeat parts of the reply.
        _ => Err(RequestError::Upstream {
            detail:
                "the reply of the upstream holds no session; check that `OPENAI_BASE_URL` is the address of \
                     OpenAI's API"
                    .to_owned(),
        }),
    }
}

/// Seconds from the upstream's own `Date` until its `expires_at`, because our clock may differ; at most the requested
/// number, which also applies if the upstream sends no date.
fn lifetime(expires_at: u64, date: Option<SystemTime>, expires_after: Option<u16>) -> u64 {
    let asked = u64::from(expires_after.unwrap_or(EXPIRES_AFTER));
    let since_epoch = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
    since_epoch.map_or(asked, |now| {
        expires_at.saturating_sub(now.as_secs()).min(asked)
    })
}

fn into_error(reply: Reply) -> RequestError {
    let cause = match reply.status {
        300..=399 => "the upstream redirects; set `OPENAI_BASE_URL` to the address it redirects to",
        400 => "OpenAI refused the request; check `workflow_version` and `session` of this widget",
        401 => {
            "OpenAI refused the key; check that `OPENAI_API_KEY`, or the variable in the widget's `api_key_env`, is \
             complete, active and from this account"
        }
        403 => "the key is not allowed to do this; check its permissions and those of its project",
        404 => {
            "OpenAI does not know this workflow; it belongs to another project than the key, or it is \
             not published, or hosted workflows are gone, as OpenAI announced for after 2026-11-30"
        }
        429 => "OpenAI's rate limit is reached, or no credit is left; check usage and billing",
        _ => "OpenAI failed; if this persists, see https://status.openai.com",
    };
    let words = reply
        .body
        .map(|body| error_words(&body))
        .unwrap_or_default();
    let detail = format!("upstream status {}{words}: {cause}", reply.status);
    match reply.status {
        429 => RequestError::RateLimited {
            retry_after: reply.retry_after.map(|seconds| seconds.to_string()),
            detail,
        },
        _ => RequestError::Upstream { detail },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            api_key_env: None,
            workflow_version: Some("2".to_owned()),
            expires_after: Some(300),
            max_requests_per_minute: Some(5),
            history: Some(true),
            recent_threads: Some(3),
            thread_titles: Some(false),
            file_upload: Some(FileUpload {
                max_file_size: Some(20),
                max_files: Some(3),
            }),
            state_variables: [
                ("plan".to_owned(), json!("pro")),
                ("seats".to_owned(), json!(3)),
            ]
            .into(),
            tracing: Some(false),
        };
        assert_eq!(
            sent(&all),
            concat!(
                r#"{"workflow":{"id":"wf_1","version":"2","state_variables":{"plan":"pro","seats":3},"#,
                r#""tracing":{"enabled":false}},"user":"u","#,
                r#""expires_after":{"anchor":"created_at","seconds":300},"#,
                r#""rate_limits":{"max_requests_per_1_minute":5},"#,
                r#""chatkit_configuration":{"history":{"enabled":true,"recent_threads":3},"#,
                r#""automatic_thread_titling":{"enabled":false},"#,
                r#""file_upload":{"enabled":true,"max_file_size":20,"max_files":3}}}"#
            )
        );
    }

    #[test]
    fn lifetime_counts_by_the_clock_of_the_upstream_and_is_at_most_what_was_asked_for() {
        let at = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
        // An hour that our own clock never saw.
        assert_eq!(lifetime(1_000_300, at(1_000_000), Some(300)), 300);
        assert_eq!(lifetime(1_000_290, at(1_000_000), Some(300)), 290);
        assert_eq!(lifetime(1_009_999, at(1_000_000), Some(300)), 300);
        assert_eq!(lifetime(1_000_600, at(1_000_000), None), 600);
        assert_eq!(lifetime(5, at(1_000_000), None), 0);
        assert_eq!(lifetime(5, None, None), 600);
        assert_eq!(lifetime(5, None, Some(45)), 45);
    }
}
