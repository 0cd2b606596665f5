//! Back ends, and the sessions that let a visitor talk to them: one file per kind.

mod hosted;
mod server;
mod session;
mod upstream;

use std::time::SystemTime;

pub(crate) use session::{Ask, Session};
pub(crate) use upstream::Call;

use crate::error::RequestError;
use crate::log::Entry;
use crate::service::Service;
use crate::site::BackendSettings;

/// The two ways to get a session.
pub(crate) enum Start {
    /// A session that was signed here.
    Session(Session),
    /// A call to the upstream, which has to mint it; see [`ask`].
    Call(Box<Call>),
}

/// Does everything that needs no waiting.
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

/// Asks the upstream for a session, until `deadline` at the latest. `entry` records what happened.
pub(crate) fn ask(
    service: &Service,
    call: &Call,
    deadline: Option<SystemTime>,
    entry: &mut Entry,
) -> Result<Session, RequestError> {
    hosted::mint(service, call, deadline, entry)
}
