//! The checked back end, which answers the visitor. One file for each kind.

mod agent;
mod hosted;
mod knowledge;
mod preamble;
mod server;

use std::borrow::Cow;

use session::{BackendSettings, HostedSettings};
use url::Url;

use super::found::{Context, Found};
use crate::chatkit::ChatKitOptions;
use crate::config::{BackendKind, BackendSection, SessionSection};
use crate::yaml::Problem;

pub(crate) use agent::{Agent, Worst};
pub(crate) use knowledge::Knowledge;
pub(crate) use server::{Server, Upload};

/// The back end, which answers the visitor.
#[derive(Debug)]
pub(crate) enum Backend {
    /// The function itself, with a model. Only the function may know its settings.
    Agent(Box<Agent>),
    /// An OpenAI workflow. Only the function may know its content.
    Hosted(HostedSettings),
    /// The user's own ChatKit server.
    Server(Server),
}

impl Backend {
    /// The back end, or `None` and its errors.
    pub(super) fn from_config(
        section: BackendSection,
        session: SessionSection,
        attachments: Attachments,
        language: &str,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        match section {
            BackendSection::Agent(section) => {
                refuse_session(&session, found);
                let agent = agent::from_config(section, attachments, language, context, found);
                agent.map(Box::new).map(Self::Agent)
            }
            BackendSection::Hosted(section) => {
                hosted::from_config(section, session, attachments, found).map(Self::Hosted)
            }
            BackendSection::Server(section) => {
                refuse_session(&session, found);
                server::from_config(section, attachments, context, found).map(Self::Server)
            }
        }
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> BackendKind {
        match self {
            Self::Agent(_) => BackendKind::Agent,
            Self::Hosted(_) => BackendKind::Hosted,
            Self::Server(_) => BackendKind::Server,
        }
    }

    /// Whether the site's owner gets what visitors write, so that the page has to say so.
    pub(crate) fn has_transcripts(&self) -> bool {
        match self {
            Self::Agent(agent) => agent.has_transcripts(),
            Self::Hosted(_) | Self::Server(_) => false,
        }
    }

    /// Returns whether its page requests sessions.
    pub(crate) fn has_sessions(&self) -> bool {
        match self {
            Self::Agent(_) | Self::Hosted(_) => true,
            Self::Server(server) => server.function_settings().is_some(),
        }
    }

    /// The settings for the function. `None` if its page requests no session. What an agent knows is added to
    /// `knowledge`.
    pub(crate) fn function_settings(
        &self,
        knowledge: &mut Vec<Vec<u8>>,
    ) -> Option<BackendSettings> {
        match self {
            Self::Agent(agent) => Some(BackendSettings::Agent(Box::new(
                agent.function_settings(knowledge),
            ))),
            Self::Hosted(hosted) => Some(BackendSettings::Hosted(hosted.clone())),
            Self::Server(server) => server.function_settings().map(BackendSettings::Server),
        }
    }

    /// The addresses that its page calls, besides OpenAI's and those of its own host.
    pub(crate) fn addresses(&self) -> Vec<&Url> {
        match self {
            Self::Agent(_) | Self::Hosted(_) => Vec::new(),
            Self::Server(server) => server.addresses(),
        }
    }

    /// The variables that the function reads for it.
    pub(crate) fn variables(&self) -> Vec<Cow<'_, str>> {
        let names = match self {
            Self::Agent(agent) => return agent.variables(),
            Self::Hosted(hosted) => hosted::variables(hosted),
            Self::Server(server) => server.variables(),
        };
        names.into_iter().map(Cow::Borrowed).collect()
    }

    /// The variable of its OpenAI key, if it names one.
    pub(crate) fn key_variable(&self) -> Option<&str> {
        match self {
            Self::Agent(agent) => agent.settings.api_key_env.as_deref(),
            Self::Hosted(hosted) => hosted.api_key_env.as_deref(),
            Self::Server(_) => None,
        }
    }

    /// The variable that holds its workflow's id, if one does.
    pub(crate) fn workflow_variable(&self) -> Option<&str> {
        match self {
            Self::Hosted(hosted) => hosted::workflow_variable(hosted),
            Self::Agent(_) | Self::Server(_) => None,
        }
    }

    /// The end of its kind, if one is announced: what happens when, and what to do.
    pub(crate) fn end(&self) -> Option<&'static str> {
        match self {
            Self::Hosted(_) => Some(hosted::END),
            Self::Agent(_) | Self::Server(_) => None,
        }
    }
}

/// Refuses limits of sessions, which only OpenAI knows.
fn refuse_session(session: &SessionSection, found: &mut Found) {
    if *session != SessionSection::default() {
        let problem = Problem::on("session", "`session` belongs to `type: hosted`");
        found.add(problem.hint(
            "remove it: an agent has `limits` under `backend`, and your own server decides for itself how long and \
             how often a visitor may chat",
        ));
    }
}

/// Adds the options that a back end of this kind ignores: the visitor would see buttons that do nothing.
pub(super) fn refuse_ignored(kind: BackendKind, options: &ChatKitOptions, found: &mut Found) {
    match kind {
        BackendKind::Agent => agent::refuse_ignored(options, found),
        BackendKind::Hosted => hosted::refuse_ignored(options, found),
        BackendKind::Server => {}
    }
}

/// Permission for visitors to send files: one key in `chatkit`, which the back end needs too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attachments {
    On,
    Off,
}
