//! Sessions of the user's own ChatKit server: a signed statement about the visitor, which that server verifies.
//! Nothing is sent over the network.

use serde::Serialize;

use super::session::{Ask, EXPIRES_AFTER, Session};
use crate::access::{jwt, keys};
use crate::clock;
use crate::error::RequestError;
use crate::service::Service;
use crate::settings::CHATKIT_SERVER_SECRET;
use crate::site::ServerSettings;

/// The claims that the server can rely on.
#[derive(Serialize)]
struct Claims<'a> {
    /// The site's address, without a slash at the end.
    iss: &'a str,
    /// The server's address.
    aud: &'a str,
    /// `visitor_…` or `user_…`: the owner of the conversations.
    sub: &'a str,
    widget: &'a str,
    /// Unix time in seconds, like `exp`. A little in the past, because a server whose clock is slow would refuse a
    /// token from the future.
    iat: u64,
    exp: u64,
}

pub(crate) fn mint(
    service: &Service,
    server: &ServerSettings,
    ask: &Ask<'_>,
) -> Result<Session, RequestError> {
    let ServerSettings {
        url,
        expires_after,
        secret_env,
    } = server;
    let secret = secret_env.as_deref().unwrap_or(CHATKIT_SERVER_SECRET);
    let key = keys::required(service.settings(), secret)?;
    let now = clock::unix_seconds();
    let expires_in = u64::from(expires_after.unwrap_or(EXPIRES_AFTER));
    let expires_at = now + expires_in;
    let claims = Claims {
        iss: service.policy()?.site_url(),
        aud: url,
        sub: ask.user,
        widget: ask.widget,
        iat: now.saturating_sub(jwt::SKEW),
        exp: expires_at,
    };
    Ok(Session {
        client_secret: jwt::sign(&claims, &key)?,
        expires_at,
        expires_in,
    })
}
