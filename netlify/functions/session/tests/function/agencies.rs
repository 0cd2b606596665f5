//! Two clients of an agency on one site: what belongs to one never works for the other.

use std::collections::BTreeMap;

use session::{
    AgentSettings, BackendSettings, HostedSettings, Request, ServerSettings, Settings,
    SiteSettings, WidgetSettings, Workflow,
};

use crate::agent::{answer, chat, create, stream};
use crate::fake::{Fake, reply};
use crate::{Bench, SECRET, SERVER, SERVER_SECRET, ask, code_of, json_of, site_of, with_header};

const KINDS: [&str; 3] = ["agent", "hosted", "server"];
/// The origins of the clients, by their names.
const CLIENTS: [(&str, &str); 2] = [
    ("ada", "https://www.ada.example"),
    ("bob", "https://www.bob.example"),
];
const SITE: &str = "https://chat.example.com";

/// Mints, and answers.
fn upstream() -> Fake {
    Fake::start(|request| match request.target.as_str() {
        "POST /v1/responses" => stream(&answer(&["Hi"])),
        _ => {
            let body = format!(r#"{{"client_secret":"{SECRET}","expires_at":5}}"#);
            reply(200, &[], &body)
        }
    })
}

fn backend(kind: &str) -> BackendSettings {
    match kind {
        "agent" => BackendSettings::Agent(Box::new(AgentSettings {
            instructions: "Answer.".to_owned(),
            model: "gpt-6-luna".to_owned(),
            language: "en".to_owned(),
            ..AgentSettings::default()
        })),
        "hosted" => BackendSettings::Hosted(HostedSettings {
            workflow: Workflow::Id("wf_1".to_owned()),
            ..HostedSettings::default()
        }),
        _ => BackendSettings::Server(ServerSettings {
            url: SERVER.to_owned(),
            expires_after: None,
        }),
    }
}

/// A widget of each kind for each client, such as `ada-agent`, each on the client's own pages alone.
fn bench(upstream: &Fake, more: &[(&'static str, &str)]) -> Bench {
    let mut widgets = BTreeMap::new();
    for (client, origin) in CLIENTS {
        for kind in KINDS {
            let widget = WidgetSettings {
                allowed_origins: Some(vec![origin.to_owned()]),
                ..WidgetSettings::of(backend(kind))
            };
            widgets.insert(format!("{client}-{kind}"), widget);
        }
    }
    widgets.insert("own".to_owned(), WidgetSettings::of(backend("hosted")));
    let settings = SiteSettings {
        url: SITE.to_owned(),
        allowed_origins: vec!["https://www.agency.example".to_owned()],
        origins_of_widgets: CLIENTS.map(|(_, origin)| origin.to_owned()).to_vec(),
        refuse_direct_calls: false,
    };
    let mut variables: BTreeMap<&str, String> = BTreeMap::from([
        ("OPENAI_API_KEY", crate::agent::KEY.to_owned()),
        ("CHATKIT_SERVER_SECRET", SERVER_SECRET.to_owned()),
        ("OPENAI_BASE_URL", format!("http://{}/v1", upstream.address)),
    ]);
    variables.extend(crate::LIMITS.map(|name| (name, "0".to_owned())));
    variables.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    let settings_of = Settings::from_lookup(move |name| variables.get(name).cloned());
    Bench::of(settings_of, site_of(settings, widgets, Vec::new()))
}

fn from(request: Request, origin: &str) -> Request {
    with_header(request, "origin", Some(origin))
}

#[test]
fn page_of_one_client_gets_no_session_of_the_other() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    for kind in KINDS {
        for (client, _) in CLIENTS {
            for (other, origin) in CLIENTS {
                let response = bench.handle(&from(ask(&format!("{client}-{kind}")), origin));
                if client == other {
                    assert_eq!(response.status, 200, "{client} {kind}");
                    continue;
                }
                let refused = (403, "origin_not_allowed".to_owned());
                assert_eq!(code_of(&response), refused, "{client} {kind} at {other}");
                assert!(bench.detail().contains(origin), "{}", bench.detail());
                // The page can tell its owner.
                let header = response.header("access-control-allow-origin");
                assert_eq!(header, Some(origin));
            }
        }
    }
}

#[test]
fn own_origins_replace_those_of_the_site_and_its_own_pages_may_always_ask() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    let status = |widget: &str, origin| bench.handle(&from(ask(widget), origin)).status;
    assert_eq!(status("own", "https://www.agency.example"), 200);
    assert_eq!(status("own", CLIENTS[0].1), 403);
    for kind in KINDS {
        let widget = &format!("ada-{kind}");
        assert_eq!(status(widget, "https://www.agency.example"), 403);
        assert_eq!(status(widget, SITE), 200);
    }
    let mut forged = from(ask("ada-server"), CLIENTS[1].1);
    forged
        .headers
        .push(("origin".to_owned(), CLIENTS[0].1.to_owned()));
    assert_eq!(bench.handle(&forged).status, 403);
}

#[test]
fn preflight_names_no_widget_so_pages_of_all_clients_may_send_the_request() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    let mut request = ask("ada-agent");
    request.method = "OPTIONS".to_owned();
    for (_, origin) in CLIENTS {
        let response = bench.handle(&from(request.clone(), origin));
        assert_eq!(response.status, 204);
        let header = response.header("access-control-allow-origin");
        assert_eq!(header, Some(origin));
    }
    let stranger = bench.handle(&from(request, "https://www.eve.example"));
    assert_eq!(stranger.status, 403);
}

#[test]
fn session_of_an_agent_works_on_the_pages_of_its_client_alone() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    for (client, own) in CLIENTS {
        let minted = bench.handle(&from(ask(&format!("{client}-agent")), own));
        let session = json_of(&minted)["client_secret"].clone();
        let request = chat(session.as_str().unwrap(), &create("Hello"));
        for (_, origin) in CLIENTS {
            let response = bench.handle(&from(request.clone(), origin));
            if origin == own {
                assert_eq!(response.status, 200);
            } else {
                let refused = (403, "origin_not_allowed".to_owned());
                assert_eq!(code_of(&response), refused);
            }
        }
    }
}
