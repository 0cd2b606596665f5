//! State that outlives a request: settings, site, and the connection to the upstream.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::{Connector as _, DefaultConnector};

use crate::access::answers::Answers;
use crate::access::policy::Policy;
use crate::access::quota::Quotas;
use crate::background::Background;
use crate::error::RequestError;
use crate::log::Log;
use crate::settings::{
    BUFFER, CONNECT_TIMEOUT, MAX_CONNECTIONS, STREAM_INPUT_BUFFER, STREAM_OUTPUT_BUFFER, Settings,
    not_configured,
};
use crate::site::{AgentSettings, EventsSettings, Site};
use crate::upstream::breaker::Breaker;
use crate::upstream::names::Names;
use crate::upstream::slices::Slices;

/// Created once, used for every request, from any thread.
pub struct Service {
    settings: Settings,
    site: Site,
    /// Each request reports errors in site or settings, because a function that does not start reports nothing to
    /// anybody.
    policy: Result<Policy, String>,
    quotas: Result<Quotas, String>,
    answers: Result<Answers, String>,
    breaker: Breaker,
    agent: Agent,
    /// For answers that come piece by piece.
    stream_agent: Agent,
    /// Members of requests that the upstream does not accept, by model.
    refused_members: Mutex<BTreeMap<String, Vec<&'static str>>>,
    log: Arc<Log>,
    background: Background,
    /// `false` for a demo, whose visitor is the site's owner.
    has_events: bool,
    /// `true` until the first request.
    cold: AtomicBool,
    /// `true` once answers have to end.
    stopped: Arc<AtomicBool>,
}

impl Service {
    /// Reads the origins of the site and of `BASE_URL`; everything else is read when needed.
    pub fn new(settings: Settings, site: Site) -> Service {
        let policy = site
            .settings()
            .and_then(|site| Policy::new(site, settings.base_url().as_deref()));
        let stopped = Arc::default();
        Service {
            agent: agent(&settings, RootCerts::WebPki),
            stream_agent: stream_agent(&settings, RootCerts::WebPki, &stopped),
            stopped,
            refused_members: Mutex::default(),
            answers: Answers::from_settings(&settings),
            policy,
            quotas: Quotas::from_settings(&settings),
            breaker: Breaker::new(),
            settings,
            site,
            log: Arc::new(Log::stderr()),
            background: Background::default(),
            has_events: true,
            cold: AtomicBool::new(true),
        }
    }

    /// Passes each log line, without line ending, to `write` instead of writing it to stderr.
    #[must_use]
    pub fn with_log(self, write: impl Fn(&str) + Send + Sync + 'static) -> Service {
        Service {
            log: Arc::new(Log::new(write)),
            ..self
        }
    }

    /// Trusts upstream certificates that one of these roots (X.509, DER) has signed, instead of Mozilla's roots,
    /// which are compiled in.
    #[must_use]
    pub fn with_roots<'a>(self, roots: impl IntoIterator<Item = &'a [u8]>) -> Service {
        let roots = roots.into_iter();
        let roots = roots.map(|root| Certificate::from_der(root).to_owned());
        let roots = RootCerts::from(roots);
        Service {
            agent: agent(&self.settings, roots.clone()),
            stream_agent: stream_agent(&self.settings, roots, &self.stopped),
            ..self
        }
    }

    /// Sends no events to webhooks, and needs none.
    #[must_use]
    pub fn without_events(self) -> Service {
        Service {
            has_events: false,
            ..self
        }
    }

    /// Who is told about an agent's turns.
    pub(crate) fn events_of<'a>(&self, agent: &'a AgentSettings) -> Option<&'a EventsSettings> {
        agent.events.as_ref().filter(|_| self.has_events)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// For answers that come piece by piece. Reading their bodies fails with `WouldBlock` while they are silent.
    pub(crate) fn stream_agent(&self) -> &Agent {
        &self.stream_agent
    }

    /// The members of requests that the upstream has refused for a model.
    pub(crate) fn refused_members(&self, model: &str) -> Vec<&'static str> {
        let refused = self.refused_members.lock();
        let refused = refused.unwrap_or_else(PoisonError::into_inner);
        refused.get(model).cloned().unwrap_or_default()
    }

    /// From now on, requests for this model go without these members. The log says so once.
    pub(crate) fn refuse_members(&self, model: &str, members: &[&'static str]) {
        let refused = self.refused_members.lock();
        let mut refused = refused.unwrap_or_else(PoisonError::into_inner);
        let known = refused.entry(model.to_owned()).or_default();
        let new = members.iter().filter(|member| !known.contains(member));
        let new: Vec<_> = new.copied().collect();
        if !new.is_empty() {
            known.extend(&new);
            drop(refused);
            let names = new.join("`, `");
            let note = format!(
                "the upstream does not accept `{names}` for this model, so they are no longer sent"
            );
            self.log.note(&note);
        }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// For a thread that may outlive the request.
    pub(crate) fn shared_log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }

    /// Work that goes on after a reply.
    pub(crate) fn background(&self) -> &Background {
        &self.background
    }

    /// Returns whether this is the first request. Each request asks once.
    pub(crate) fn is_cold(&self) -> bool {
        self.cold.swap(false, Ordering::Relaxed)
    }

    /// Ends all answers that are still coming, within about a second.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Returns whether the process is about to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn policy(&self) -> Result<&Policy, RequestError> {
        self.policy
            .as_ref()
            .map_err(|detail| not_configured(detail.clone()))
    }

    pub(crate) fn quotas(&self) -> Result<&Quotas, RequestError> {
        self.quotas
            .as_ref()
            .map_err(|detail| not_configured(detail.clone()))
    }

    /// The answers that are open.
    pub(crate) fn answers(&self) -> Result<&Answers, RequestError> {
        self.answers
            .as_ref()
            .map_err(|detail| not_configured(detail.clone()))
    }

    /// Protects an upstream that has failed repeatedly.
    pub(crate) fn breaker(&self) -> &Breaker {
        &self.breaker
    }
}

/// One agent for the life of the process, so that the next session skips the handshake.
fn agent(settings: &Settings, roots: RootCerts) -> Agent {
    let config = config(settings, roots).accept("application/json").build();
    Agent::with_parts(config, DefaultConnector::default(), Names::default())
}

/// The same for answers that come piece by piece.
fn stream_agent(settings: &Settings, roots: RootCerts, stopped: &Arc<AtomicBool>) -> Agent {
    let config = config(settings, roots)
        .accept("text/event-stream")
        .input_buffer_size(STREAM_INPUT_BUFFER)
        .output_buffer_size(STREAM_OUTPUT_BUFFER)
        .build();
    let stopped = Arc::clone(stopped);
    let connector = DefaultConnector::default().chain(Slices { stopped });
    Agent::with_parts(config, connector, Names::default())
}

fn config(settings: &Settings, roots: RootCerts) -> ConfigBuilder<AgentScope> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // The key is sent only to the address that was set.
        .max_redirects(0)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .timeout_connect(Some(CONNECT_TIMEOUT))
        // Sessions and pieces of answers are small; the defaults of 128 KiB each would be most of this program's memory.
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        // As many as run at once; otherwise each further request would pay for its own handshake.
        .max_idle_connections(MAX_CONNECTIONS)
        .max_idle_connections_per_host(MAX_CONNECTIONS)
        .user_agent(concat!("chatkit-embed/", env!("CARGO_PKG_VERSION")));
    // A proxy from the environment cannot reach an upstream on this machine.
    match settings.upstream_is_local() {
        true => config.proxy(None),
        false => config,
    }
}
