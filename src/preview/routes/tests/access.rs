//! Who may read and write through the API.

use super::*;

/// All calls, each with a body that would be accepted.
fn calls(bench: &Bench) -> Vec<Request> {
    let revision = bench.revision();
    let edits = json!([edit("widgets.a.launcher.label", json!("Help"))]);
    let of_files = json!({"revision": revision, "edits": edits});
    let posts = [
        ("widgets", json!({"revision": revision, "names": ["a"]})),
        (
            "draft",
            json!({"id": ID, "revision": revision, "edits": edits}),
        ),
        ("diff", of_files.clone()),
        ("save", of_files),
        (
            "import",
            json!({"text": "{theme: {colorScheme: 'dark'}}", "widget": "a"}),
        ),
        ("mode", json!({"demo": true})),
        ("network", json!({"down": true})),
    ];
    let posts = posts.map(|(call, body)| bench.request("POST", &format!("/_/api/{call}"), &body));
    let gets = ["state", "starters"];
    let gets = gets.map(|call| bench.request("GET", &format!("/_/api/{call}"), &Value::Null));
    gets.into_iter().chain(posts).collect()
}

fn assert_untouched(bench: &Bench) {
    assert_eq!(bench.text("site.yaml"), SITE);
    assert!(bench.preview.drafts().is_empty() && !bench.preview.is_down());
}

#[test]
fn nothing_is_read_or_written_without_the_token() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let other = Token::new().unwrap();
    for token in [None, Some(""), Some(other.as_str())] {
        for call in calls(&bench) {
            let (status, reply) = bench.ask(&with_header(call, "x-preview-token", token));
            assert_eq!(status, 403, "{reply}");
            assert_eq!(reply["error"]["code"], "wrong_token");
        }
    }
    assert_untouched(&bench);
}

#[test]
fn nothing_is_read_or_written_from_another_origin() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let stage = bench.preview.place.stage.clone();
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:10",
        &stage,
    ] {
        for call in calls(&bench) {
            let reply = bench.reply(&with_header(call, "origin", Some(origin)));
            assert_eq!(reply.status, 403, "{origin}");
            let names = reply.headers.iter().map(|(name, _)| name.as_str());
            assert!(
                !names
                    .clone()
                    .any(|name| name == "Access-Control-Allow-Origin")
            );
            let reply: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(reply["error"]["code"], "origin_not_allowed");
        }
    }
    assert_untouched(&bench);
}

#[test]
fn the_same_calls_work_with_the_token_from_the_own_origin() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    for call in calls(&bench) {
        let (status, reply) = bench.ask(&call);
        assert_eq!(status, 200, "{}: {reply}", call.path);
    }
    assert!(bench.text("site.yaml").contains("Help"));
}

#[test]
fn nobody_saves_while_the_network_can_reach_the_preview() {
    let bench = Bench::open(&[("site.yaml", SITE)]);
    let edits = json!([edit("widgets.a.launcher.label", json!("Help"))]);
    let (status, reply) = bench.save(&bench.revision(), &edits);
    let code = &reply["error"]["code"];
    assert_eq!((status, code), (403, &json!("saving_is_off")));
    assert_eq!(bench.text("site.yaml"), SITE);
    let saving = &bench.state()["saving"];
    assert_eq!(saving["allowed"], false);
    assert!(saving["why"].as_str().unwrap().contains("--host"));
    assert_eq!(bench.draft(ID, &edits).0, 200, "drafts change no file");
}

#[test]
fn the_host_page_serves_no_call_of_the_api() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let address: SocketAddr = ADDRESS.parse().unwrap();
    let guard = Guard::new("127.0.0.1", address);
    for call in calls(&bench) {
        let Answer::Reply(reply) = stage(&bench.preview, &guard, &call) else {
            panic!("not a reply");
        };
        assert!([404, 405].contains(&reply.status), "{}", call.path);
    }
    assert_untouched(&bench);
}
