//! The function from outside: through its door and through a runtime API, with an upstream on this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agencies;
mod agent;
mod agent_transports;
mod client;
mod conformance;
mod contact;
mod contract;
mod events;
mod fake;
mod faults;
mod files;
mod garbage;
mod identity;
mod knowledge;
mod lambda;
mod packed;
mod program;
mod property;
mod quota;
mod secrets;
mod server;
mod transports;
mod upstream;
mod volume;
mod web;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::{Value, json};
use session::{
    AgentSettings, BackendSettings, HostedSettings, IdentityRule, Request, ServerSettings, Service,
    Settings, Site, SiteParts, SiteSettings, WidgetSettings, Workflow,
};

pub(crate) const KEY: &str = "sk-proj-0123456789abcdef";
pub(crate) const SECRET: &str = "ek_fedcba9876543210";
pub(crate) const SERVER: &str = "https://agent.example.com/chatkit";
pub(crate) const SERVER_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Nobody but the upstream may see this.
pub(crate) const INSTRUCTIONS: &str = "CANARY-instructions: answer in three words";
pub(crate) const ORIGIN: &str = "https://www.example.com";

/// The variables of the limits of sessions.
pub(crate) const LIMITS: [&str; 4] = [
    "LIMIT_SESSIONS_PER_ADDRESS",
    "LIMIT_SESSIONS_PER_VISITOR",
    "LIMIT_NEW_VISITORS_PER_ADDRESS",
    "LIMIT_SESSIONS_TOTAL",
];

/// A response with its whole body.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The value of a header; the name's case does not matter.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let of_name = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        Some(self.headers.iter().find(of_name)?.1.as_str())
    }
}

/// A service with a site of a few widgets, and the lines of its log.
pub(crate) struct Bench {
    pub(crate) service: Service,
    log: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    /// `upstream` is a host and port; `variables` go before the usual ones.
    pub(crate) fn new(upstream: &str, variables: &[(&'static str, &str)]) -> Bench {
        let mut all: BTreeMap<&str, String> = BTreeMap::from([
            ("OPENAI_API_KEY", KEY.to_owned()),
            ("CHATKIT_WORKFLOW_ID", "wf_default".to_owned()),
            ("OPENAI_BASE_URL", format!("http://{upstream}/v1")),
        ]);
        // Every client of these tests has the same address; `quota` tests the limits.
        all.extend(LIMITS.map(|name| (name, "0".to_owned())));
        all.extend(
            variables
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        Bench::with_lookup(move |name| all.get(name).cloned())
    }

    pub(crate) fn with_lookup(
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Bench {
        Bench::of(Settings::from_lookup(lookup), site())
    }

    pub(crate) fn of(settings: Settings, site: Site) -> Bench {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let service = Service::new(settings, site)
            .with_log(move |line| lines.lock().unwrap().push(line.to_owned()));
        Bench { service, log }
    }

    pub(crate) fn without_events(self) -> Bench {
        Bench {
            service: self.service.without_events(),
            ..self
        }
    }

    pub(crate) fn handle(&self, request: &Request) -> Response {
        let session::Response {
            status,
            headers,
            body,
        } = session::handle(&self.service, request);
        Response {
            status,
            headers,
            body: body.into_bytes(),
        }
    }

    /// Every line until now.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The last line, as JSON.
    pub(crate) fn logged(&self) -> Value {
        serde_json::from_str(self.lines().last().unwrap()).unwrap()
    }

    pub(crate) fn detail(&self) -> String {
        self.logged()["detail"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn site() -> Site {
    site_that(false)
}

pub(crate) fn site_that(refuse_direct_calls: bool) -> Site {
    Site::from_bytes(parts(refuse_direct_calls).to_bytes())
}

fn parts(refuse_direct_calls: bool) -> SiteParts {
    let settings = SiteSettings {
        url: "https://chat.example.com".to_owned(),
        allowed_origins: vec![ORIGIN.to_owned(), "https://*.shop.example".to_owned()],
        origins_of_widgets: Vec::new(),
        refuse_direct_calls,
    };
    let named = |workflow| HostedSettings {
        workflow,
        ..HostedSettings::default()
    };
    let widgets = [
        ("support", named(Workflow::default())),
        ("other", named(Workflow::Env("OTHER_WORKFLOW".to_owned()))),
        (
            "full",
            HostedSettings {
                workflow: Workflow::Id("wf_full".to_owned()),
                workflow_version: Some("3".to_owned()),
                expires_after: Some(120),
                max_requests_per_minute: Some(7),
                history: Some(false),
                recent_threads: None,
                thread_titles: Some(true),
                ..HostedSettings::default()
            },
        ),
    ];
    let hosted = widgets.map(|(name, hosted)| (name, BackendSettings::Hosted(hosted)));
    let servers = [("docs", None), ("brief", Some(30))].map(|(name, expires_after)| {
        let url = SERVER.to_owned();
        let server = ServerSettings {
            url,
            expires_after,
            secret_env: None,
        };
        (name, BackendSettings::Server(server))
    });
    let members = BackendSettings::Hosted(named(Workflow::default()));
    let widgets = hosted.into_iter().chain(servers);
    let agent = BackendSettings::Agent(Box::new(AgentSettings {
        instructions: INSTRUCTIONS.to_owned(),
        model: "gpt-6-luna".to_owned(),
        reasoning: Some("low".to_owned()),
        verbosity: Some("low".to_owned()),
        language: "en".to_owned(),
        ..AgentSettings::default()
    }));
    let widgets = widgets.chain([("members", members), ("agent", agent)]);
    let widgets = widgets.map(|(name, backend)| {
        let identity = match name {
            "members" => IdentityRule::Required,
            _ => IdentityRule::Optional,
        };
        (
            name.to_owned(),
            WidgetSettings {
                identity,
                ..WidgetSettings::of(backend)
            },
        )
    });
    SiteParts {
        settings,
        widgets: widgets.collect(),
        knowledge: Vec::new(),
    }
}

/// A site of these parts.
pub(crate) fn site_of(
    settings: SiteSettings,
    widgets: BTreeMap<String, WidgetSettings>,
    knowledge: Vec<Vec<u8>>,
) -> Site {
    let parts = SiteParts {
        settings,
        widgets,
        knowledge,
    };
    Site::from_bytes(parts.to_bytes())
}

/// A file with the pack of the [site](parts), for programs.
pub(crate) fn pack() -> &'static Path {
    static PACK: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let own = folder.join(format!("{}.pack", std::process::id()));
        std::fs::write(&own, parts(false).to_bytes()).unwrap();
        // In one step, because another run may be reading it.
        let path = folder.join("site.pack");
        std::fs::rename(own, &path).unwrap();
        path
    });
    &PACK
}

/// What the page of an allowed origin sends.
pub(crate) fn ask(widget: &str) -> Request {
    post(&json!({ "widget": widget }).to_string())
}

pub(crate) fn post(body: &str) -> Request {
    let headers = [("origin", ORIGIN), ("content-type", "application/json")];
    Request {
        method: "POST".to_owned(),
        path: "/api/chatkit/session".to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.as_bytes().to_vec(),
        id: "request-1".to_owned(),
        deadline: None,
        client: None,
        host_is_vouched: false,
    }
}

pub(crate) fn with_header(mut request: Request, name: &str, value: Option<&str>) -> Request {
    request.headers.retain(|(key, _)| key != name);
    request
        .headers
        .extend(value.map(|value| (name.to_owned(), value.to_owned())));
    request
}

pub(crate) fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// Status and code of an error reply.
pub(crate) fn code_of(response: &Response) -> (u16, String) {
    let body = json_of(response);
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.len(), 2);
    assert!(!error["message"].as_str().unwrap().is_empty());
    (response.status, error["code"].as_str().unwrap().to_owned())
}
