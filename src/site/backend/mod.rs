//! The checked back end, which answers the visitor.

mod hosted;
mod server;

use session::HostedSettings;

use super::found::{Context, Found};
use crate::config::{BackendKind, BackendSection, SessionSection};
use crate::yaml::Problem;

pub(crate) use server::{Server, Upload};

/// The back end, which answers the visitor.
#[derive(Debug)]
pub(crate) enum Backend {
    /// An OpenAI workflow. Only the function may know its content.
    Hosted(HostedSettings),
    /// The user's own ChatKit server.
    Server(Server),
}

impl Backend {
    /// The back end, or `None`. `found` receives missing keys and those of the other kind of back end.
    pub(super) fn from_config(
        section: BackendSection,
        session: SessionSection,
        attachments: Attachments,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        match section.r#type {
            BackendKind::Hosted => {
                hosted::from_config(section, session, attachments, found).map(Self::Hosted)
            }
            BackendKind::Server => {
                if session != SessionSection::default() {
                    found.add(Problem::on("session", "`session` belongs to `type: hosted`").hint(
                        "remove it: your own server decides how long and how often a visitor may chat",
                    ));
                }
                server::from_config(section, attachments, context, found).map(Self::Server)
            }
        }
    }

    /// Its name in `site.yaml`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Hosted(_) => "hosted",
            Self::Server(_) => "server",
        }
    }
}

/// Permission for visitors to send files: one key in `chatkit`, which the back end needs too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attachments {
    On,
    Off,
}

/// Refuses keys of the other kind of back end: otherwise the mistake would only show in the browser.
fn refuse_other<const N: usize>(other: &str, keys: [(&str, bool); N], found: &mut Found) {
    for (key, _) in keys.into_iter().filter(|(_, is_set)| *is_set) {
        let title = format!("`{key}` belongs to `type: {other}`");
        found.add(Problem::on(&format!("backend.{key}"), title));
    }
}
