//! Two clients of an agency on one site: what belongs to one never works for the other.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use session::{
    AgentSettings, BackendSettings, HostedSettings, Readiness, Request, ServerSettings, Settings,
    SiteSettings, WidgetSettings, Workflow,
};

use crate::agent::{answer, chat, create, events, input, kept, stream};
use crate::fake::{Fake, reply};
use crate::identity::identity;
use crate::server::verified;
use crate::{
    Bench, SECRET, SERVER, SERVER_SECRET, ask, code_of, json_of, post, site_of, with_header,
};

const KINDS: [&str; 3] = ["agent", "hosted", "server"];
/// The origins of the clients, by their names.
const CLIENTS: [(&str, &str); 2] = [
    ("ada", "https://www.ada.example"),
    ("bob", "https://www.bob.example"),
];
/// The variables of the clients' own secrets.
const SECRETS: [&str; 6] = [
    "ADA_KEY",
    "ADA_SERVER",
    "ADA_IDENTITY",
    "BOB_KEY",
    "BOB_SERVER",
    "BOB_IDENTITY",
];
const SITE: &str = "https://chat.example.com";

/// The value of one of them.
fn secret(name: &str) -> String {
    format!("sk-0123456789abcdef0123456789abcdef-{name}")
}

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

/// The back end of this kind, with the key of this client if it has its own.
fn backend(kind: &str, client: Option<&str>) -> BackendSettings {
    let variable = |name: &str| Some(format!("{}_{name}", client?.to_uppercase()));
    match kind {
        "agent" => BackendSettings::Agent(Box::new(AgentSettings {
            instructions: "Answer.".to_owned(),
            api_key_env: variable("KEY"),
            model: "gpt-6-luna".to_owned(),
            language: "en".to_owned(),
            ..AgentSettings::default()
        })),
        "hosted" => BackendSettings::Hosted(HostedSettings {
            workflow: Workflow::Id("wf_1".to_owned()),
            api_key_env: variable("KEY"),
            ..HostedSettings::default()
        }),
        _ => BackendSettings::Server(ServerSettings {
            url: SERVER.to_owned(),
            expires_after: None,
            secret_env: variable("SERVER"),
        }),
    }
}

/// A widget of each kind for each client, such as `ada-agent`, each on the client's own pages alone.
fn bench(upstream: &Fake, more: &[(&'static str, &str)]) -> Bench {
    bench_of(upstream, more, |client| client)
}

/// The same, where the widgets of a client have the keys of the one that `keys` names.
fn bench_of(
    upstream: &Fake,
    more: &[(&'static str, &str)],
    keys: impl Fn(&'static str) -> &'static str,
) -> Bench {
    let mut widgets = BTreeMap::new();
    for (client, origin) in CLIENTS {
        let keys = keys(client);
        for kind in KINDS {
            let widget = WidgetSettings {
                allowed_origins: Some(vec![origin.to_owned()]),
                identity_secret_env: Some(format!("{}_IDENTITY", keys.to_uppercase())),
                ..WidgetSettings::of(backend(kind, Some(keys)))
            };
            widgets.insert(format!("{client}-{kind}"), widget);
        }
    }
    let own = WidgetSettings::of(backend("hosted", None));
    widgets.insert("own".to_owned(), own);
    let settings = SiteSettings {
        url: SITE.to_owned(),
        allowed_origins: vec!["https://www.agency.example".to_owned()],
        origins_of_widgets: CLIENTS.map(|(_, origin)| origin.to_owned()).to_vec(),
        refuse_direct_calls: false,
    };
    let mut variables: BTreeMap<&str, String> = BTreeMap::from([
        ("OPENAI_API_KEY", crate::agent::KEY.to_owned()),
        ("CHATKIT_SERVER_SECRET", SERVER_SECRET.to_owned()),
        ("OPENAI_ORG_ID", "org-agency".to_owned()),
        ("OPENAI_BASE_URL", format!("http://{}/v1", upstream.address)),
    ]);
    variables.extend(SECRETS.map(|name| (name, secret(name))));
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

/// The reply to a client's own page, which sends this along.
fn minted(bench: &Bench, client: usize, kind: &str, more: &Value) -> crate::Response {
    let (name, origin) = CLIENTS[client];
    let mut body = json!({"widget": format!("{name}-{kind}")});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    bench.handle(&from(post(&body.to_string()), origin))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn upstream_gets_the_key_of_the_client_and_nothing_of_the_agency() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    for (client, variable) in [(0, "ADA_KEY"), (1, "BOB_KEY")] {
        let expected = format!("Bearer {}", secret(variable));
        minted(&bench, client, "hosted", &json!({}));
        let session = json_of(&minted(&bench, client, "agent", &json!({})));
        let request = chat(&text(&session["client_secret"]), &create("Hello"));
        bench.handle(&from(request, CLIENTS[client].1));
        for target in ["POST /v1/chatkit/sessions", "POST /v1/responses"] {
            let received = upstream.next();
            assert_eq!(received.target, target);
            assert_eq!(received.header("authorization"), Some(&*expected));
            assert_eq!(received.header("openai-organization"), None);
        }
    }
    bench.handle(&from(ask("own"), "https://www.agency.example"));
    let received = upstream.next();
    assert_eq!(received.header("openai-organization"), Some("org-agency"));
    assert!(!received.header("authorization").unwrap().contains("ADA"));
}

#[test]
fn server_of_one_client_takes_no_session_of_the_other() {
    let upstream = upstream();
    let bench = bench(&upstream, &[]);
    for (client, own, other) in [
        (0, "ADA_SERVER", "BOB_SERVER"),
        (1, "BOB_SERVER", "ADA_SERVER"),
    ] {
        let token = text(&json_of(&minted(&bench, client, "server", &json!({})))["client_secret"]);
        assert!(verified(&token, &secret(own)).is_some());
        assert!(verified(&token, &secret(other)).is_none());
        assert!(verified(&token, SERVER_SECRET).is_none());
    }
}

#[test]
fn identity_of_one_client_is_nobody_at_the_other() {
    let upstream = upstream();
    let bench = bench(&upstream, &[("IDENTITY_SECRET", SERVER_SECRET)]);
    for kind in KINDS {
        for client in [0, 1] {
            for (signer, variable) in [(0, "ADA_IDENTITY"), (1, "BOB_IDENTITY"), (2, "")] {
                let secret = if signer == 2 {
                    SERVER_SECRET.to_owned()
                } else {
                    secret(variable)
                };
                let body = json!({"identity": identity("42", &secret)});
                let response = minted(&bench, client, kind, &body);
                if signer == client {
                    assert_eq!(response.status, 200, "{kind}");
                } else {
                    let refused = (403, "invalid_identity".to_owned());
                    assert_eq!(code_of(&response), refused, "{kind}");
                }
            }
        }
    }
}

#[test]
fn visitor_of_one_client_is_a_stranger_at_the_other_even_with_a_shared_secret() {
    let upstream = upstream();
    for more in [&[][..], &[("VISITOR_SECRET", SERVER_SECRET)]] {
        let bench = bench(&upstream, more);
        for kind in KINDS {
            for client in [0, 1] {
                let token = json_of(&minted(&bench, client, kind, &json!({})))["visitor"].clone();
                let id = |token: &Value| text(token)[3..35].to_owned();
                for other in [0, 1] {
                    let body = json!({"visitor": token});
                    let again = json_of(&minted(&bench, other, kind, &body))["visitor"].clone();
                    assert_eq!(id(&again) == id(&token), client == other, "{kind}");
                }
                let body = json!({"widget": "own", "visitor": token}).to_string();
                let own = bench.handle(&from(post(&body), "https://www.agency.example"));
                assert_ne!(id(&json_of(&own)["visitor"]), id(&token));
            }
        }
    }
}

#[test]
fn sessions_and_conversations_end_when_an_agent_gets_the_key_of_another_client() {
    let upstream = upstream();
    for more in [&[][..], &[("VISITOR_SECRET", SERVER_SECRET)]] {
        let before = bench(&upstream, more);
        let after = bench_of(&upstream, more, |client| match client {
            "ada" => "bob",
            _ => "ada",
        });
        let session = |bench: &Bench, more: &Value| {
            text(&json_of(&minted(bench, 0, "agent", more))["client_secret"])
        };
        let ada = identity("42", &secret("ADA_IDENTITY"));
        let bob = identity("42", &secret("BOB_IDENTITY"));
        let old = session(&before, &json!({"identity": ada}));
        let create = from(chat(&old, &create("Hello")), CLIENTS[0].1);
        let (thread, state) = kept(&events(&before.handle(&create)));
        let refused = (401, "invalid_session".to_owned());
        assert_eq!(code_of(&after.handle(&create)), refused);
        // The same user, widget and site, but another key.
        let new = session(&after, &json!({"identity": bob}));
        let more = json!({"type": "threads.add_user_message",
            "params": {"thread_id": thread, "input": input("And?")}, "metadata": {"states": [state]}});
        let told = events(&after.handle(&from(chat(&new, &more), CLIENTS[0].1)));
        assert_eq!(told.last().unwrap()["type"], "error", "{told:?}");
        let told = events(&before.handle(&from(chat(&old, &more), CLIENTS[0].1)));
        assert_ne!(told.last().unwrap()["type"], "error", "{told:?}");
    }
}

#[test]
fn missing_key_of_a_client_is_named_and_takes_no_other_key() {
    let upstream = upstream();
    for (kind, variable) in [
        ("agent", "ADA_KEY"),
        ("hosted", "ADA_KEY"),
        ("server", "ADA_SERVER"),
    ] {
        for more in [
            &[(variable, "")][..],
            &[(variable, ""), ("VISITOR_SECRET", SERVER_SECRET)],
        ] {
            let bench = bench(&upstream, more);
            let response = minted(&bench, 0, kind, &json!({}));
            assert_eq!(code_of(&response), (500, "not_configured".to_owned()));
            assert!(
                bench
                    .detail()
                    .starts_with(&format!("`{variable}` is not set"))
            );
            assert_eq!(minted(&bench, 1, kind, &json!({})).status, 200);
            let missing = Readiness::of(&bench.service).unwrap().missing;
            assert!(missing[0].contains(variable), "{missing:?}");
        }
    }
    let bench = bench(&upstream, &[("BOB_IDENTITY", "")]);
    let missing = Readiness::of(&bench.service).unwrap().missing;
    assert!(
        missing[0].contains("`BOB_IDENTITY` is not set"),
        "{missing:?}"
    );
}
