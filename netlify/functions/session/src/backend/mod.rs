//! What answers a widget, and how a visitor gets to talk to it: one file per back end.

mod hosted;
mod server;
mod upstream;

use std::time::SystemTime;

use crate::error::MintError;
use crate::log::Entry;
use crate::service::Service;
use crate::site::BackendSettings;

/// For whom a session is minted, and until when the answer is of use.
pub(crate) struct Ask<'a> {
    pub(crate) widget: &'a str,
    pub(crate) user: &'a str,
    pub(crate) deadline: Option<SystemTime>,
}

/// What lets a browser talk to the back end. No `Debug`: the client secret is one.
pub(crate) struct Session {
    pub(crate) client_secret: String,
    /// Unix time in seconds.
    pub(crate) expires_at: u64,
}

/// Mints a session; `entry` learns what the upstream did.
pub(crate) fn mint(
    service: &Service,
    backend: &BackendSettings,
    ask: &Ask<'_>,
    entry: &mut Entry<'_>,
) -> Result<Session, MintError> {
    match backend {
        BackendSettings::Hosted(hosted) => hosted::mint(service, hosted, ask, entry),
        BackendSettings::Server(server) => server::mint(service, server, ask),
    }
}
