//! State that outlives a request: settings, site, and the connection to the upstream.

use std::sync::atomic::{AtomicBool, Ordering};

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use crate::access::policy::Policy;
use crate::access::quota::Quotas;
use crate::error::RequestError;
use crate::log::Log;
use crate::settings::{BUFFER, CONNECT_TIMEOUT, MAX_CONNECTIONS, Settings, not_configured};
use crate::site::Site;
use crate::upstream::breaker::Breaker;
use crate::upstream::names::Names;

/// Created once, used for every request, from any thread.
pub struct Service {
    settings: Settings,
    site: Site,
    /// Each request reports errors in site or settings, because a function that does not start reports nothing to
    /// anybody.
    policy: Result<Policy, String>,
    quotas: Result<Quotas, String>,
    breaker: Breaker,
    agent: Agent,
    log: Log,
    /// `true` until the first request.
    cold: AtomicBool,
}

impl Service {
    /// Reads the origins of the site and of `BASE_URL`; everything else is read when needed.
    pub fn new(settings: Settings, site: Site) -> Service {
        let policy = site
            .settings()
            .and_then(|site| Policy::new(site, settings.base_url().as_deref()));
        Service {
            agent: agent(&settings, RootCerts::WebPki),
            policy,
            quotas: Quotas::from_settings(&settings),
            breaker: Breaker::new(),
            settings,
            site,
            log: Log::stderr(),
            cold: AtomicBool::new(true),
        }
    }

    /// Passes each log line, without line ending, to `write` instead of writing it to stderr.
    #[must_use]
    pub fn with_log(self, write: impl Fn(&str) + Send + Sync + 'static) -> Service {
        Service {
            log: Log::new(write),
            ..self
        }
    }

    /// Trusts upstream certificates that one of these roots (X.509, DER) has signed, instead of Mozilla's roots,
    /// which are compiled in.
    #[must_use]
    pub fn with_roots<'a>(self, roots: impl IntoIterator<Item = &'a [u8]>) -> Service {
        let roots = roots.into_iter();
        let roots = roots.map(|root| Certificate::from_der(root).to_owned());
        Service {
            agent: agent(&self.settings, roots.into()),
            ..self
        }
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

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Returns whether this is the first request. Each request asks once.
    pub(crate) fn is_cold(&self) -> bool {
        self.cold.swap(false, Ordering::Relaxed)
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

    /// Protects an upstream that has failed repeatedly.
    pub(crate) fn breaker(&self) -> &Breaker {
        &self.breaker
    }
}

/// One agent for the life of the process, so that the next session skips the handshake.
fn agent(settings: &Settings, roots: RootCerts) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        // The key is sent only to the address that was set.
        .max_redirects(0)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .timeout_connect(Some(CONNECT_TIMEOUT))
        // Sessions are small; the defaults of 128 KiB each would be most of this program's memory.
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        // As many as run at once; otherwise each further request would pay for its own handshake.
        .max_idle_connections(MAX_CONNECTIONS)
        .max_idle_connections_per_host(MAX_CONNECTIONS)
        .user_agent(concat!("chatkit-embed/", env!("CARGO_PKG_VERSION")))
        .accept("application/json");
    // A proxy from the environment cannot reach an upstream on this machine.
    if settings.upstream_is_local() {
        config = config.proxy(None);
    }
    Agent::with_parts(
        config.build(),
        DefaultConnector::default(),
        Names::default(),
    )
}
