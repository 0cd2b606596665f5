//! The routes without a socket: requests as plain data, for the files of a temporary folder.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::*;
use crate::preview::http::guard::Token;
use crate::preview::state::files::Themes;

const ADDRESS: &str = "127.0.0.1:9";

const ID: &str = "abcdefgh";

/// A preview of this site, as the network can reach it (`is_open`) or not.
fn preview(folder: &std::path::Path, site: &str, env: &str, is_open: bool) -> Arc<Preview> {
    std::fs::write(folder.join("site.yaml"), site).unwrap();
    std::fs::write(folder.join(".env"), env).unwrap();
    let place = Place {
        config: folder.join("site.yaml"),
        origin: format!("http://{ADDRESS}"),
        stage: "http://127.0.0.1:3001".to_owned(),
        origins: Vec::new(),
        given_url: None,
        host_page: None,
        is_open,
        token: Token::new().unwrap(),
    };
    let preview = Preview::new(place, Themes::new(folder.join("themes")));
    preview.read(&[]);
    preview.set_demo(!preview.can_be_real());
    preview
}

fn ask(
    preview: &Arc<Preview>,
    method: &str,
    path: &str,
    referer: &str,
    body: &Value,
) -> (u16, Value) {
    let address: SocketAddr = ADDRESS.parse().unwrap();
    let origin = format!("http://{ADDRESS}");
    let token = preview.place.token.as_str();
    let headers = [
        ("host", ADDRESS),
        ("origin", &origin),
        ("content-type", "application/json"),
        ("x-preview-token", token),
        ("referer", &format!("{origin}{referer}")),
    ];
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: serde_json::to_vec(body).unwrap(),
        ..Request::default()
    };
    match main(preview, &Guard::new("127.0.0.1", address), &request) {
        Answer::Reply(reply) => (
            reply.status,
            serde_json::from_slice(&reply.body).unwrap_or_default(),
        ),
        Answer::Events(..) | Answer::Function(..) => panic!("not a reply"),
    }
}

/// The answer to a request for a session, for a draft with this back end.
fn session_of(preview: &Arc<Preview>, backend: &Value) -> (u16, Value, Value) {
    let revision = ask(preview, "GET", "/_/api/state", "/", &Value::Null).1["revision"].clone();
    let edits = json!([{"path": ["widgets", "a", "backend"], "value": backend}]);
    let draft = json!({"id": ID, "revision": revision, "edits": edits});
    let reply = ask(preview, "POST", "/_/api/draft", "/", &draft).1;
    let problems = reply["problems"].as_array().unwrap().iter();
    let problems = problems.map(|problem| problem["message"].clone()).collect();
    let page = format!("/~{ID}/w/a/");
    let (status, body) = ask(
        preview,
        "POST",
        SESSION_PATH,
        &page,
        &json!({"widget": "a"}),
    );
    let code = body["error"]["code"].clone();
    (status, code, problems)
}

const SITE: &str =
    "site: {url: 'https://chat.example.com'}\nwidgets: {a: {backend: {type: hosted}}}\n";

const SECRETS: &str = "OPENAI_API_KEY=sk-a-key-that-nobody-but-the-owner-uses\nAWS_SECRET=topsecret\n\
    VISITOR_SECRET=short\nCHATKIT_SERVER_SECRET=short\nOPENAI_ORG_ID=org\nDOMAIN_KEY=domain_pk_1\n";

#[test]
fn no_answer_to_the_network_depends_on_a_variable_that_the_files_do_not_name() {
    let by_key = [
        "AWS_SECRET",
        "OPENAI_API_KEY",
        "VISITOR_SECRET",
        "OPENAI_ORG_ID",
        "DOMAIN_KEY",
    ];
    let mut backends = by_key
        .map(|name| json!({"type": "hosted", "workflow_env": name}))
        .to_vec();
    let url = "https://s.example/";
    backends.extend([
        json!({"type": "hosted", "workflow": "wf_${AWS_SECRET}"}),
        json!({"type": "server", "url": url, "signed": true}),
        json!({"type": "server", "url": url, "signed": true, "domain_key": "any"}),
        json!({"type": "server", "url": "https://${AWS_SECRET}/", "domain_key": "any"}),
    ]);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [set, unset] =
        [(0, SECRETS), (1, "")].map(|(at, env)| preview(folders[at].path(), SITE, env, true));
    for backend in backends {
        assert_eq!(
            session_of(&set, &backend),
            session_of(&unset, &backend),
            "{backend}"
        );
    }
    let state = |preview| ask(preview, "GET", "/_/api/state", "/", &Value::Null).1;
    assert_eq!(state(&set)["mode"], state(&unset)["mode"]);
}

#[test]
fn the_demo_needs_no_variable_and_takes_a_variable_for_a_workflow_only_where_it_is_one() {
    for is_open in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let demo = preview(folder.path(), SITE, "", is_open);
        let server = json!({"type": "server", "url": "https://s.example/", "domain_key": "any"});
        assert_eq!(session_of(&demo, &server).0, 200);
        // Configured, and sent to where nobody listens in this test.
        let hosted = json!({"type": "hosted", "workflow_env": "ANY_NAME"});
        assert_eq!(session_of(&demo, &hosted).1, json!("upstream_error"));
    }
}

#[test]
fn the_network_can_still_try_what_the_files_name() {
    let folder = tempfile::tempdir().unwrap();
    let site = "site: {url: 'https://chat.example.com'}\nwidgets: {a: {backend: {type: server, url: 'https://${HOST_OF_SERVER}/'}}}\n";
    let preview = preview(
        folder.path(),
        site,
        "HOST_OF_SERVER=s.example\nDOMAIN_KEY=domain_pk_1\n",
        true,
    );
    let backend = json!({"type": "server", "url": "https://${HOST_OF_SERVER}/x"});
    assert_eq!(session_of(&preview, &backend).2, json!([]));
}

#[test]
fn nobody_leaves_the_demo_or_drops_the_network_while_the_network_can_reach_the_preview() {
    let folder = tempfile::tempdir().unwrap();
    let open = preview(folder.path(), SITE, SECRETS, true);
    for (call, body) in [
        ("mode", json!({"demo": false})),
        ("network", json!({"down": true})),
    ] {
        let (status, reply) = ask(&open, "POST", &format!("/_/api/{call}"), "/", &body);
        assert_eq!(
            (status, &reply["error"]["code"]),
            (403, &json!("mode_is_fixed")),
            "{call}"
        );
    }
    assert!(open.is_demo() && !open.is_down());
    let mode = ask(&open, "GET", "/_/api/state", "/", &Value::Null).1["mode"].clone();
    assert!(
        mode["fixed"]
            .as_str()
            .unwrap()
            .contains("start it without --host"),
        "{mode}"
    );
    let closed = preview(folder.path(), SITE, SECRETS, false);
    assert!(!closed.is_demo());
    assert_eq!(
        ask(
            &closed,
            "POST",
            "/_/api/network",
            "/",
            &json!({"down": true})
        )
        .0,
        200
    );
}

#[test]
fn a_page_loads_the_chatkit_of_the_mode_and_its_policy_allows_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let preview = preview(folder.path(), SITE, SECRETS, false);
    let stand_in = format!("http://{ADDRESS}");
    let openai = "https://cdn.platform.openai.com";
    for (is_demo, own, other) in [
        (false, openai, stand_in.as_str()),
        (true, &stand_in, openai),
        (false, openai, &stand_in),
    ] {
        preview.set_demo(is_demo);
        let view = preview.view(None).unwrap();
        let reply = widget_file(&preview, &view, "w/a/").unwrap().unwrap();
        let page = String::from_utf8(reply.body).unwrap();
        assert!(page.contains(&format!("\"chatkit\":\"{own}/")), "{page}");
        let (_, policy) = reply.headers.last().unwrap();
        assert!(
            policy.contains(&format!("script-src 'self' {own};")),
            "{policy}"
        );
        for text in [&page, policy] {
            assert!(!text.contains(&format!("{other}/")), "{text}");
        }
    }
}

#[test]
fn host_pages_read_what_visitors_get_and_nothing_else() {
    for path in [
        "/w/a.js",
        "/~abc/w/a/settings.js",
        "/assets/a.js",
        "/_/demo/chatkit.js",
    ] {
        assert!(is_for_visitors(path), "{path}");
    }
    for path in ["/", "/_/api/state", "/_/studio/app.js", "/_/events"] {
        assert!(!is_for_visitors(path), "{path}");
    }
}

#[test]
fn a_prefix_names_a_draft() {
    assert_eq!(split_prefix("/~abc/w/a/"), (Some("abc"), "w/a/"));
    assert_eq!(split_prefix("/w/a.js"), (None, "w/a.js"));
    assert_eq!(split_prefix("/~abc"), (None, "~abc"));
}
