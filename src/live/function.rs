//! Whether the function answers those whom it should, and nobody else.

use std::time::{Duration, SystemTime};

use serde_json::json;
use session::SESSION_PATH;

use super::browser::Reply;
use super::finding::Notes;
use super::target::{Sessions, Target};
use super::visit::Probing;
use super::words::Failure;
use super::{agent, session as sessions};

const NAME: &str = "function";
/// A widget that no site has, so that asking for it mints nothing.
const NOBODY: &str = "chatkit-embed-check";
/// The header that JSON needs permission for.
const JSON: &str = "content-type";
/// A website that belongs to nobody, by RFC 6761.
const STRANGER: &str = "https://chatkit-embed-check.invalid";
/// Clocks that differ by more get in the way of signed tokens.
const LARGEST_DIFFERENCE: Duration = Duration::from_secs(60);

/// Asks for sessions.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    let target = &probing.visit.target;
    let asks = |sessions| sessions != Sessions::Nobody;
    if !target.widgets.iter().any(|widget| asks(widget.sessions)) {
        notes.fine(NAME, "no widget asks it for a session");
        return;
    }
    if let Err(failure) = run(probing, notes) {
        let url = target.at(SESSION_PATH);
        notes.wrong(NAME, format!("{url}: {}", failure.words()));
    }
}

/// The steps, up to the first request without an answer.
fn run(probing: &Probing, notes: &Notes) -> Result<(), Failure> {
    let target = &probing.visit.target;
    let url = target.at(SESSION_PATH);
    let body = json!({"widget": NOBODY});
    let reply = probing.browser.post(&url, &target.origin, None, &body)?;
    if !is_there(&reply, target, notes) {
        return Ok(());
    }
    clock(&reply, notes);
    embedder(probing, notes)?;
    stranger(probing, notes)?;
    let secrets = sessions::probe(probing, notes)?;
    agent::probe(probing, &secrets, notes)
}

/// Returns whether the function is there and knows where it is.
fn is_there(reply: &Reply, target: &Target, notes: &Notes) -> bool {
    let text = match reply.code().as_deref() {
        Some("unknown_widget") => {
            notes.fine(NAME, format!("answers at {SESSION_PATH}"));
            return true;
        }
        Some("rate_limited") | None if reply.status == 429 => {
            notes.not_tried(NAME, sessions::LATER);
            return false;
        }
        Some("origin_not_allowed") => format!(
            "takes the site for another one than {}: set `BASE_URL` to this address where the function runs, or remove \
             it there; then deploy again",
            target.origin
        ),
        Some("not_configured") => {
            "its settings have an error, which its log names (on Netlify under Logs > Functions): fix it, and deploy \
             again"
                .to_owned()
        }
        Some(code) => format!("answers HTTP {}, `{code}`: its log says why", reply.status),
        None => absent(reply),
    };
    notes.wrong(NAME, text);
    false
}

/// Something else answers in the function's place.
fn absent(reply: &Reply) -> String {
    let kind = reply.media_type();
    format!(
        "{SESSION_PATH} is not the function (HTTP {}, `{kind}`): deploy it, and let this path lead to it, as in \
         `netlify.toml`; other hosts are in netlify/README.md",
        reply.status
    )
}

/// Compares the clocks of the host and this machine.
fn clock(reply: &Reply, notes: &Notes) {
    let Some(date) = reply.date() else {
        return;
    };
    let now = SystemTime::now();
    let difference = now
        .duration_since(date)
        .or_else(|_| date.duration_since(now))
        .unwrap_or_default();
    if difference <= LARGEST_DIFFERENCE {
        notes.fine("clock", "the host's and this machine's agree");
        return;
    }
    let difference = Duration::from_secs(difference.as_secs());
    let difference = humantime::format_duration(difference);
    notes.wrong(
        "clock",
        format!(
            "the host's and this machine's differ by {difference}: set the wrong one by network time; if it is the \
             host's, signed sessions and identities end too early or too late"
        ),
    );
}

/// A website from `allowed_origins`.
fn embedder(probing: &Probing, notes: &Notes) -> Result<(), Failure> {
    let name = "allowed origin";
    let target = &probing.visit.target;
    let Some(origin) = &target.embedder else {
        notes.todo(
            name,
            "`allowed_origins` is empty: list the websites that show the widgets",
        );
        return Ok(());
    };
    let url = target.at(SESSION_PATH);
    let preflight = probing.browser.preflight(&url, origin, JSON)?;
    let reply = probing
        .browser
        .post(&url, origin, None, &json!({"widget": NOBODY}))?;
    if reply.status == 429 {
        notes.not_tried(name, sessions::LATER);
    } else if reply.code().as_deref() == Some("origin_not_allowed") {
        notes.wrong(
            name,
            format!("the function refuses {origin}, which this `site.yaml` allows: deploy again"),
        );
    } else if !preflight.is_success() || !preflight.admits(origin) || !reply.admits(origin) {
        notes.wrong(
            name,
            format!(
                "browsers keep the answer from {origin}, because `Access-Control-Allow-Origin` is not that origin: what is in \
                 front of the function must leave its headers and `OPTIONS` alone"
            ),
        );
    } else {
        notes.fine(name, format!("{origin} may ask for sessions"));
    }
    Ok(())
}

/// A website that nobody has allowed.
fn stranger(probing: &Probing, notes: &Notes) -> Result<(), Failure> {
    let name = "other origins";
    let target = &probing.visit.target;
    let url = target.at(SESSION_PATH);
    let mut asking = target
        .widgets
        .iter()
        .filter(|widget| widget.sessions != Sessions::Nobody);
    let widget = asking.next().map_or(NOBODY, |widget| &*widget.name);
    let preflight = probing.browser.preflight(&url, STRANGER, JSON)?;
    let reply = probing
        .browser
        .post(&url, STRANGER, None, &json!({"widget": widget}))?;
    if reply.status == 429 {
        notes.not_tried(name, sessions::LATER);
    } else if reply.is_success() || reply.code().as_deref() != Some("origin_not_allowed") {
        notes.wrong(
            name,
            format!(
                "a website that is not in `allowed_origins` gets HTTP {} instead of 403, so others can use the chat at your \
                 cost: deploy again, and see that nothing in front of the function changes `Origin`",
                reply.status
            ),
        );
    } else if preflight.admits(STRANGER) || reply.admits(STRANGER) {
        notes.wrong(
            name,
            "the host adds `Access-Control-Allow-Origin` for every website: remove that, the function sets its own",
        );
    } else {
        notes.fine(name, "are refused");
    }
    Ok(())
}
