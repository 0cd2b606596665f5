//! Sessions of agents: a signed statement about the visitor, which this program itself verifies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::letter;
use super::webhook::Webhook;
use crate::access::{jwt, keys};
use crate::addresses::Endpoint;
use crate::backend::session::{Ask, EXPIRES_AFTER, Session};
use crate::clock;
use crate::error::RequestError;
use crate::service::Service;
use crate::site::AgentSettings;

/// Keeps the keys of sessions from being used for anything else.
const LABEL: &[u8] = b"chatkit-embed agent session v1";

/// The claims of a session.
#[derive(Serialize)]
struct Claims<'a> {
    /// The address that the session is for.
    aud: &'a str,
    sub: &'a str,
    widget: &'a str,
    /// Unix time in seconds, like `exp`.
    iat: u64,
    exp: u64,
}

/// Who a session was minted for. Nothing else in a request says so.
#[derive(Clone, Deserialize)]
pub(crate) struct Holder {
    /// `visitor_…` or `user_…`: the owner of the conversations.
    #[serde(rename = "sub")]
    pub(crate) user: String,
    pub(crate) widget: String,
}

/// Mints a session. Fails if the agent could not answer, so that the visitor is told before asking.
pub(crate) fn mint(
    service: &Service,
    agent: &AgentSettings,
    ask: &Ask<'_>,
) -> Result<Session, RequestError> {
    let settings = service.settings();
    service.answers()?;
    for name in agent
        .mcp
        .iter()
        .filter_map(|server| server.authorization_env.as_deref())
    {
        settings.required(name)?;
    }
    if let Some(contact) = &agent.contact {
        letter::check(settings, contact)?;
    }
    if let Some(events) = service.events_of(agent) {
        Webhook::of(settings, &events.webhook)?;
    }
    let own = agent.api_key_env.as_deref();
    settings.upstream_headers(own)?;
    settings.responses_url()?;
    let keys = keys::of_agent(settings, own, LABEL)?;
    let now = clock::unix_seconds();
    let expires_in = u64::from(EXPIRES_AFTER);
    let claims = Claims {
        aud: &audience(service)?,
        sub: ask.user,
        widget: ask.widget,
        iat: now,
        exp: now + expires_in,
    };
    Ok(Session {
        client_secret: jwt::sign(&claims, &keys[0])?,
        expires_at: claims.exp,
        expires_in,
    })
}

/// The holder of a session that was minted here, for a widget whose key is in the variable `own`, if it names one.
pub(crate) fn verify(
    service: &Service,
    own: Option<&str>,
    token: &str,
) -> Result<Holder, RequestError> {
    let keys = keys::of_agent(service.settings(), own, LABEL)?;
    jwt::verify(token, &keys, &audience(service)?)
        .map_err(|detail| RequestError::InvalidSession { detail })
}

fn audience(service: &Service) -> Result<String, RequestError> {
    Ok(format!(
        "{}{}",
        service.policy()?.site_url(),
        Endpoint::Chat.path()
    ))
}

/// The widget that a session is for, by the value of `Authorization`. Nothing is verified: this only finds the settings
/// with which [`handle`](crate::handle) does that.
pub fn widget_of(authorization: &str) -> Option<String> {
    let (_, token) = authorization.split_once(' ')?;
    claimed_widget(token)
}

/// The widget that a token says it is for. Nothing is verified.
pub(crate) fn claimed_widget(token: &str) -> Option<String> {
    let claims = token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let holder: Holder = serde_json::from_slice(&claims).ok()?;
    Some(holder.widget)
}
