//! What the probes know of a site.

use std::collections::BTreeSet;

use session::IdentityRule;

use crate::config::BackendKind;
use crate::placeholder;
use crate::site::{Backend, Site, Widget};

/// Widgets that are tried at most: each costs a session, and Netlify's gateway allows 20 requests in a minute.
const MOST: usize = 5;

/// A site at its address.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Such as `https://chat.example.com`.
    pub(crate) origin: String,
    pub(super) host: String,
    /// Whether only this machine can reach it.
    pub(super) is_local: bool,
    /// An origin that may show the widgets, if there is any besides the site itself.
    pub(super) embedder: Option<String>,
    /// The widgets that are tried.
    pub(super) widgets: Vec<Tried>,
    /// How many the site has.
    pub(super) count: usize,
}

/// A widget that is tried.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) name: String,
    pub(super) kind: BackendKind,
    pub(super) sessions: Sessions,
    /// The model of an agent.
    pub(super) model: Option<String>,
    /// The variable of an agent's key, if it names one of its own.
    pub(super) own_key: Option<String>,
    /// The ChatKit server of the owner's that answers.
    pub(super) server: Option<Server>,
    /// The variables that its back end needs where the function runs.
    pub(super) variables: Vec<String>,
    /// A domain key that OpenAI has not issued.
    pub(super) placeholder: Option<String>,
}

/// A ChatKit server of the owner's.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) url: String,
    /// Whether requests carry a session.
    pub(super) is_signed: bool,
}

/// Who gets a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sessions {
    Nobody,
    Everybody,
    /// Only visitors with an identity.
    Identified,
}

impl Target {
    /// The site at the address that it was read for.
    pub(crate) fn new(site: &Site) -> Target {
        Target {
            origin: site.base_url.origin().to_owned(),
            host: site.base_url.host().to_owned(),
            is_local: site.base_url.is_local(),
            embedder: embedder(site),
            widgets: tried(&site.widgets).map(Tried::new).collect(),
            count: site.widgets.len(),
        }
    }

    /// The address of a path that starts with `/`.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The page that is asked for first.
    pub(super) fn first_page(&self) -> String {
        format!("/w/{}/", self.widgets[0].name)
    }

    /// The widgets that are tried, in words.
    pub(super) fn tried(&self) -> String {
        let names: Vec<_> = self.widgets.iter().map(|widget| &*widget.name).collect();
        let names = names.join(", ");
        match self.count - self.widgets.len() {
            0 => names,
            _ => format!(
                "{names} (of {} widgets: one for each kind of back end, then the first)",
                self.count
            ),
        }
    }
}

/// The first widget for each kind of back end, and then the first ones, in the order of the site.
fn tried(widgets: &[Widget]) -> impl Iterator<Item = &Widget> {
    let kinds = [BackendKind::Agent, BackendKind::Hosted, BackendKind::Server];
    let of_kind = |kind| {
        widgets
            .iter()
            .position(|widget| widget.backend.kind() == kind)
    };
    let mut chosen: BTreeSet<usize> = kinds.into_iter().filter_map(of_kind).collect();
    for index in 0..widgets.len() {
        if chosen.len() < MOST {
            chosen.insert(index);
        }
    }
    chosen.into_iter().map(|index| &widgets[index])
}

/// A website that may show a widget: one that is written in full or, for a pattern, one that it matches.
fn embedder(site: &Site) -> Option<String> {
    let origins = site
        .widgets
        .iter()
        .flat_map(|widget| site.origins_of(widget));
    let mut all = origins.map(ToString::to_string);
    let first = all.next()?;
    let whole = [first.clone()].into_iter().chain(all);
    let mut whole = whole.filter(|origin| !origin.contains('*'));
    Some(whole.next().unwrap_or(first).replace('*', "www"))
}

impl Tried {
    fn new(widget: &Widget) -> Tried {
        let domain_key = match &widget.backend {
            Backend::Agent(agent) => Some(&agent.domain_key),
            Backend::Server(server) => Some(&server.domain_key),
            Backend::Hosted(_) => None,
        };
        let (model, own_key) = match &widget.backend {
            Backend::Agent(agent) => {
                let settings = &agent.settings;
                (Some(settings.model.clone()), settings.api_key_env.clone())
            }
            Backend::Server(_) | Backend::Hosted(_) => (None, None),
        };
        let server = match &widget.backend {
            Backend::Server(server) => Some(Server {
                url: server.url.to_string(),
                is_signed: server.signed,
            }),
            Backend::Agent(_) | Backend::Hosted(_) => None,
        };
        let sessions = match widget.identity {
            _ if !widget.backend.has_sessions() => Sessions::Nobody,
            IdentityRule::Required => Sessions::Identified,
            IdentityRule::Optional => Sessions::Everybody,
        };
        let variables = widget.backend.variables().into_iter();
        Tried {
            name: widget.name.clone(),
            kind: widget.backend.kind(),
            sessions,
            model,
            own_key,
            server,
            variables: variables.map(std::borrow::Cow::into_owned).collect(),
            placeholder: domain_key
                .filter(|key| placeholder::is_no_key(key))
                .cloned(),
        }
    }
}
