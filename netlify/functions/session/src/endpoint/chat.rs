//! `/api/chatkit/chat`: ChatKit's own requests, for widgets that an agent answers.
//!
//! ```text
//! session (who asks, and which widget) ─▶ body ─▶ limits of messages ─▶ agent
//! ```

use super::decision::Decision;
use super::reply::Answer;
use crate::backend::agent::{self, Chat};
use crate::error::RequestError;
use crate::http::Request;
use crate::log::Entry;
use crate::service::Service;
use crate::site::BackendSettings;

/// The reply, as far as it needs no waiting: an answer comes later, piece by piece.
pub(super) fn decide<'s>(
    service: &'s Service,
    request: &Request,
    entry: &mut Entry,
) -> Result<Decision<'s>, RequestError> {
    let token = request.only_header("authorization").and_then(bearer);
    let token = token.ok_or(RequestError::InvalidSession {
        detail: "the request has no `Authorization: Bearer`",
    })?;
    // Nothing is verified yet: this only finds the keys that verify.
    let widget = agent::claimed_widget(token).map(|name| service.site().widget(&name));
    let own = match &widget {
        Some(Ok(widget)) => widget.backend.own_secret(),
        Some(Err(_)) | None => None,
    };
    let holder = agent::verify(service, own, token)?;
    let widget = widget.ok_or(RequestError::UnknownWidget)??;
    entry.set_widget(&holder.widget);
    service.policy()?.check_widget(request, &widget)?;
    let BackendSettings::Agent(agent) = widget.backend else {
        return Err(RequestError::InvalidSession {
            detail: "its widget has another back end now",
        });
    };
    let quotas = service.quotas()?;
    let user = holder.user.clone();
    let chat = Chat {
        agent: *agent,
        holder,
        languages: request.header("accept-language"),
        body: &request.body,
        deadline: request.deadline,
    };
    let reply = agent::reply(service, chat, || quotas.admit_message(request, &user))?;
    Ok(Decision::Answer(Answer::Chat(reply)))
}

/// The token in the value of `Authorization`.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
