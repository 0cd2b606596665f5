//! Back ends, and the sessions that let a visitor talk to them: one file per kind.

pub(crate) mod agent;
mod hosted;
mod server;
mod session;
mod upstream;

use std::time::SystemTime;

pub(crate) use hosted::Pending;
pub(crate) use session::{Ask, Session};

use crate::error::RequestError;
use crate::log::Entry;
use crate::service::Service;
use crate::site::BackendSettings;

/// The two ways to get a session.
pub(crate) enum Start {
    /// A session that was signed here.
    Session(Session),
    /// The upstream has to mint it; see [`ask`].
    Pending(Box<Pending>),
}

/// Does everything that needs no waiting.
pub(crate) fn start(
    service: &Service,
    backend: &BackendSettings,
    ask: &Ask<'_>,
) -> Result<Start, RequestError> {
    match backend {
        BackendSettings::Hosted(hosted) => {
            let pending = hosted::start(service, hosted, ask.user)?;
            Ok(Start::Pending(Box::new(pending)))
        }
        BackendSettings::Server(server) => server::mint(service, server, ask).map(Start::Session),
        BackendSettings::Agent(agent) => agent::mint(service, agent, ask).map(Start::Session),
    }
}

/// Asks the upstream for a session, until `deadline` at the latest. `entry` records what happened.
pub(crate) fn ask(
    service: &Service,
    pending: &Pending,
    deadline: Option<SystemTime>,
    entry: &mut Entry,
) -> Result<Session, RequestError> {
    hosted::mint(service, pending, deadline, entry)
}
