//! What answers a widget, and how a visitor gets to talk to it: one file per back end.

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
