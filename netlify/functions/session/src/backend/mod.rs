//! What answers a widget, and how a visitor gets to talk to it: one file per back end.

pub(crate) mod breaker;
mod hosted;
pub(crate) mod names;
mod server;
mod upstream;

use std::time::SystemTime;

pub(crate) use upstream::Call;

use crate::error::RequestError;
use crate::log::Entry;
use crate::service::Service;
use crate::site::BackendSettings;

/// Lifetime of a session where the widget sets none, in seconds: OpenAI's default and maximum.
const EXPIRES_AFTER: u16 = 600;

/// For whom a session is minted.
pub(crate) struct Ask<'a> {
    pub(crate) widget: &'a str,
    pub(crate) user: &'a str,
}

/// What lets a browser talk to the back end. No `Debug`: the client secret is one.
pub(crate) struct Session {
    pub(crate) client_secret: String,
    /// Unix time in seconds, by the clock of whoever minted it.
    pub(crate) expires_at: u64,
    /// Seconds that it lives, which mean the same to every clock.
    pub(crate) expires_in: u64,
}

/// The two ways to a session.
pub(crate) enum Start {
    /// It was signed here.
    Session(Session),
    /// The upstream has to be asked for it; see [`ask`].
    Call(Box<Call>),
}

/// Does what can be done without waiting.
pub(crate) fn start(
    service: &Service,
    backend: &BackendSettings,
    ask: &Ask<'_>,
) -> Result<Start, RequestError> {
    match backend {
        BackendSettings::Hosted(hosted) => {
            let call = hosted::call(service, hosted, ask.user)?;
            Ok(Start::Call(Box::new(call)))
        }
        BackendSettings::Server(server) => server::mint(service, server, ask).map(Start::Session),
    }
}

/// Asks the upstream for a session, until `deadline` at the latest; `entry` learns what it did.
pub(crate) fn ask(
    service: &Service,
    call: &Call,
    deadline: Option<SystemTime>,
    entry: &mut Entry,
) -> Result<Session, RequestError> {
    hosted::mint(service, call, deadline, entry)
}
