//! What the network may learn and change while it can reach the preview.

use super::*;

const SECRETS: &str = "OPENAI_API_KEY=sk-a-key-that-nobody-but-the-owner-uses\nAWS_SECRET=topsecret\n\
    VISITOR_SECRET=short\nCHATKIT_SERVER_SECRET=short\nOPENAI_ORG_ID=org\nDOMAIN_KEY=domain_pk_1\n";

/// The answer to a request for a session, for a draft with this back end: status, code of the error, and the draft's
/// problems.
fn session_of(bench: &Bench, backend: &Value) -> (u16, Value, Value) {
    let (_, reply) = bench.draft(ID, &json!([edit("widgets.a.backend", backend.clone())]));
    let (status, body) = bench.session(&format!("/~{ID}"));
    (
        status,
        body["error"]["code"].clone(),
        json!(problems(&reply)),
    )
}

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
    let [set, unset] = [SECRETS, ""].map(|env| Bench::open(&[("site.yaml", SITE), (".env", env)]));
    for backend in backends {
        assert_eq!(
            session_of(&set, &backend),
            session_of(&unset, &backend),
            "{backend}"
        );
    }
    assert_eq!(set.state()["mode"], unset.state()["mode"]);
}

#[test]
fn the_demo_needs_no_variable_and_takes_a_variable_for_a_workflow_only_where_it_is_one() {
    for is_open in [true, false] {
        let demo = Bench::of(&[("site.yaml", SITE)], is_open);
        let server = json!({"type": "server", "url": "https://s.example/", "domain_key": "any"});
        assert_eq!(session_of(&demo, &server).0, 200);
        // Configured, and sent to where nobody listens in this test.
        let hosted = json!({"type": "hosted", "workflow_env": "ANY_NAME"});
        assert_eq!(session_of(&demo, &hosted).1, json!("upstream_error"));
    }
}

#[test]
fn the_network_can_still_try_what_the_files_name() {
    let site = "site: {url: 'https://chat.example.com'}\nwidgets: {a: {backend: {type: server, url: 'https://${HOST_OF_SERVER}/'}}}\n";
    let variables = "HOST_OF_SERVER=s.example\nDOMAIN_KEY=domain_pk_1\n";
    let bench = Bench::open(&[("site.yaml", site), (".env", variables)]);
    let backend = json!({"type": "server", "url": "https://${HOST_OF_SERVER}/x"});
    assert_eq!(session_of(&bench, &backend).2, json!([]));
}

#[test]
fn nobody_leaves_the_demo_or_drops_the_network_while_the_network_can_reach_the_preview() {
    let files = [("site.yaml", SITE), (".env", SECRETS)];
    let open = Bench::open(&files);
    for (call, body) in [
        ("mode", json!({"demo": false})),
        ("network", json!({"down": true})),
    ] {
        let (status, reply) = open.call(call, &body);
        let code = &reply["error"]["code"];
        assert_eq!((status, code), (403, &json!("mode_is_fixed")), "{call}");
    }
    assert!(open.preview.is_demo() && !open.preview.is_down());
    let mode = open.state()["mode"].clone();
    let why = mode["fixed"].as_str().unwrap();
    assert!(why.contains("start it without --host"), "{mode}");
    let closed = Bench::new(&files);
    assert!(!closed.preview.is_demo());
    assert_eq!(closed.call("network", &json!({"down": true})).0, 200);
}
