//! A first session for each widget, and what its error means.

use std::time::{Duration, SystemTime};

use serde_json::json;
use session::SESSION_PATH;

use super::browser::Reply;
use super::finding::Notes;
use super::target::{Sessions, Tried};
use super::visit::Probing;
use super::words::Failure;
use crate::config::BackendKind;

/// What to do about HTTP 429.
pub(super) const LATER: &str = "the limit of requests is reached: run this again in a minute";
/// Where the function writes why it refuses.
const LOG: &str = "the function's log says why (on Netlify under Logs > Functions > session)";

/// The secrets of the sessions, each with its widget. No `Debug`: nobody may print them.
pub(super) type Secrets<'a> = Vec<(&'a Tried, String)>;

/// Asks for one session for each widget, as its own page does.
pub(super) fn probe<'a>(probing: &'a Probing, notes: &Notes) -> Result<Secrets<'a>, Failure> {
    let target = &probing.visit.target;
    let url = target.at(SESSION_PATH);
    let mut secrets = Vec::new();
    for widget in &target.widgets {
        let name = format!("session of {}", widget.name);
        if widget.sessions == Sessions::Nobody {
            continue;
        }
        let body = json!({"widget": widget.name});
        let reply = probing.browser.post(&url, &target.origin, None, &body)?;
        match secret(&reply) {
            Some(secret) => {
                granted(widget, &name, &reply, notes);
                secrets.push((widget, secret));
            }
            None => refused(widget, &name, &reply, notes),
        }
    }
    Ok(secrets)
}

fn secret(reply: &Reply) -> Option<String> {
    let body = reply.json();
    let secret = body["client_secret"]
        .as_str()
        .filter(|_| reply.is_success());
    secret
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
}

fn granted(widget: &Tried, name: &str, reply: &Reply, notes: &Notes) {
    let end = reply.json()["expires_at"].as_u64().unwrap_or_default();
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(end);
    let now = reply.date().unwrap_or_else(SystemTime::now);
    let left = end.duration_since(now).unwrap_or_default().as_secs();
    if widget.sessions == Sessions::Identified {
        notes.wrong(
            name,
            "is granted without an identity, though the widget has `identity: required`: deploy again",
        );
    } else if left == 0 {
        notes.wrong(
            name,
            "has ended when it arrives: set the clock of the machine where the function runs",
        );
    } else {
        let knows = match widget.kind {
            BackendKind::Hosted => ", so OpenAI takes key and workflow",
            BackendKind::Agent | BackendKind::Server => "",
        };
        notes.fine(name, format!("is granted for {left} s{knows}"));
    }
}

fn refused(widget: &Tried, name: &str, reply: &Reply, notes: &Notes) {
    let code = reply.code();
    let status = reply.status;
    let text = match (code.as_deref(), status) {
        (Some("identity_required"), _) if widget.sessions == Sessions::Identified => {
            notes.fine(
                name,
                "needs an identity, as it should; with one, it is not tried",
            );
            return;
        }
        (_, 429) => {
            notes.not_tried(
                name,
                format!("{LATER}; if it stays so, OpenAI refuses more, and {LOG}"),
            );
            return;
        }
        (Some("not_configured"), _) => {
            let needs = match widget.variables.as_slice() {
                [] => String::new(),
                names => format!(", which needs `{}`", names.join("`, `")),
            };
            format!(
                "a variable is missing or unusable where the function runs{needs}: {LOG}; set it there and deploy again"
            )
        }
        (Some("unknown_widget"), _) => {
            "the deployed function knows no such widget: deploy again".to_owned()
        }
        (Some("upstream_error"), _) => format!(
            "OpenAI refuses it: the key, its project, or the workflow is wrong, the account has no credit, or OpenAI has closed \
             its workflows (then `import` makes an agent of yours); {LOG}"
        ),
        (Some("upstream_timeout" | "upstream_unavailable"), _) => {
            format!("OpenAI does not answer in time: see https://status.openai.com; {LOG}")
        }
        (Some(code), _) => format!("HTTP {status}, `{code}`: {LOG}"),
        (None, 200..=299) => {
            "is no session of ours: let the path lead to the function alone".to_owned()
        }
        (None, _) => format!(
            "HTTP {status} without a word of the function: it does not start, or its host stops it; {LOG}"
        ),
    };
    notes.wrong(name, text);
}
