//! What a page may rely on: every row of the table of replies, and what each reply carries.

use serde_json::json;
use session::{Request, Settings, Site};

use crate::fake::{Fake, reply};
use crate::identity::identity;
use crate::{Bench, ORIGIN, SECRET, ask, code_of, json_of, post, with_header};

const IDENTITY_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A service whose upstream must not be asked.
fn bench() -> Bench {
    Bench::new("127.0.0.1:9", &[])
}

fn assert_code(request: &Request, status: u16, code: &str) {
    let bench = bench();
    let response = bench.handle(request);
    assert_eq!(code_of(&response), (status, code.to_owned()));
    let logged = bench.logged();
    assert_eq!(logged["status"], status);
    assert_eq!(logged["code"], code);
    assert_eq!(logged["id"], "request-1");
    assert_ne!(logged["detail"], "");
    assert!(logged["time"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(bench.lines().len(), 1);
}

fn minting() -> Fake {
    Fake::start(|_| {
        reply(
            200,
            &[],
            &format!(r#"{{"id":"cksess_1","client_secret":"{SECRET}","expires_at":1764000000}}"#),
        )
    })
}

#[test]
fn session_is_minted_and_nothing_but_the_session_is_told() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    let response = bench.handle(&ask("support"));
    assert_eq!(response.status, 200);
    assert_eq!(
        String::from_utf8_lossy(&response.body),
        format!(
            r#"{{"client_secret":"{SECRET}","expires_at":1764000000,"expires_in":600,"visitor":"{}"}}"#,
            json_of(&response)["visitor"].as_str().unwrap()
        )
    );
    let logged = bench.logged();
    assert_eq!(logged["widget"], "support");
    assert_eq!(logged["status"], 200);
    assert_eq!(logged["upstream_status"], 200);
    assert!(logged["upstream_ms"].is_f64() && logged["ms"].is_f64());
    assert!(logged.get("code").is_none() && logged.get("detail").is_none());
}

#[test]
fn session_is_minted_for_every_way_to_say_who_asks() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    for (origin, path) in [
        ("https://chat.example.com", "/api/chatkit/session"),
        ("https://chat.example.com", "/.netlify/functions/session"),
        ("https://de.shop.example", "/api/chatkit/session"),
    ] {
        let mut request = with_header(ask("support"), "origin", Some(origin));
        request.path = path.to_owned();
        assert_eq!(bench.handle(&request).status, 200, "{origin} {path}");
    }
    // On Netlify, whose gateway knows the names of all deploys.
    let preview = "deploy-preview-1--x.netlify.app";
    let request = with_header(ask("support"), "host", Some(preview));
    let mut request = with_header(request, "origin", Some(&format!("https://{preview}")));
    assert_code(&request, 403, "origin_not_allowed");
    request.host_is_vouched = true;
    assert_eq!(bench.handle(&request).status, 200);
}

#[test]
fn widget_for_identified_users_refuses_everybody_else() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[("IDENTITY_SECRET", IDENTITY_SECRET)]);
    let body = json!({"widget": "members"});
    let reply = bench.handle(&post(&body.to_string()));
    assert_eq!(code_of(&reply), (403, "identity_required".to_owned()));
    assert!(
        bench.detail().contains("`identity: required`"),
        "{}",
        bench.detail()
    );
    assert!(upstream.is_idle());
    let body = json!({"widget": "members", "identity": identity("ada", IDENTITY_SECRET)});
    assert_eq!(bench.handle(&post(&body.to_string())).status, 200);
    let body = json!({"widget": "members", "identity": identity("ada", "another-secret-another-secret-32")});
    let reply = bench.handle(&post(&body.to_string()));
    assert_eq!(code_of(&reply), (403, "invalid_identity".to_owned()));
}

#[test]
fn visitor_that_is_not_known_gets_a_session_of_a_fresh_one() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    let mut users = Vec::new();
    for visitor in [
        "null",
        r#""""#,
        r#""v2.forged.0.forged""#,
        r#""v2.forged.0.forged""#,
    ] {
        let body = format!(r#"{{"widget":"support","visitor":{visitor}}}"#);
        assert_eq!(bench.handle(&post(&body)).status, 200);
        let sent: serde_json::Value = serde_json::from_str(&upstream.next().body).unwrap();
        users.push(sent["user"].as_str().unwrap().to_owned());
    }
    let is_visitor = |user: &String| user.starts_with("visitor_") && user.len() == 40;
    assert!(users.iter().all(is_visitor), "{users:?}");
    users.sort();
    users.dedup();
    assert_eq!(users.len(), 4);
}

#[test]
fn preflight_is_answered_for_allowed_origins_only() {
    let mut request = ask("support");
    request.method = "OPTIONS".to_owned();
    request.body.clear();
    let response = bench().handle(&request);
    assert_eq!(response.status, 204);
    assert!(response.body.is_empty());
    assert_eq!(response.header("content-type"), None);
    assert_eq!(response.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        response.header("access-control-allow-methods"),
        Some("POST, OPTIONS")
    );
    assert_eq!(
        response.header("access-control-allow-headers"),
        Some("Content-Type, *")
    );
    assert_eq!(response.header("vary"), Some("Origin"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    for origin in [Some("https://evil.com"), Some("null"), None] {
        assert_code(
            &with_header(post(""), "origin", origin),
            403,
            "origin_not_allowed",
        );
        request = with_header(request, "origin", origin);
        assert_code(&request, 403, "origin_not_allowed");
    }
}

#[test]
fn every_error_reply_carries_the_same_headers_and_may_be_read_by_allowed_pages_only() {
    let bad = post("{}");
    let mut lost = post("{}");
    lost.path = "/elsewhere".to_owned();
    for request in [bad, lost] {
        for (origin, allowed) in [(ORIGIN, true), ("https://evil.com", false)] {
            let response = bench().handle(&with_header(request.clone(), "origin", Some(origin)));
            assert_eq!(response.header("content-type"), Some("application/json"));
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(response.header("vary"), Some("Origin"));
            assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
            let timing = response.header("server-timing").unwrap();
            assert!(timing.starts_with("total;dur="), "{timing}");
            assert_eq!(
                response.header("access-control-allow-origin"),
                allowed.then_some(origin)
            );
        }
    }
}

#[test]
fn other_paths_are_not_found() {
    for path in [
        "",
        "/",
        "/api/chatkit/session/",
        "/api/chatkit/Session",
        "/api/chatkit/session?x",
    ] {
        let mut request = ask("support");
        request.path = path.to_owned();
        request.method = "GET".to_owned();
        assert_code(&request, 404, "not_found");
    }
}

#[test]
fn call_that_passes_by_the_rate_limit_is_refused_where_the_site_says_so() {
    let bench = Bench::of(Settings::from_lookup(|_| None), crate::site_that(true));
    for (path, status) in [
        ("/.netlify/functions/session", 404),
        ("/.netlify/functions/session/", 404),
        ("/api/chatkit/session", 500),
    ] {
        let mut request = ask("support");
        request.path = path.to_owned();
        assert_eq!(code_of(&bench.handle(&request)).0, status, "{path}");
    }
}

#[test]
fn other_methods_are_not_allowed_and_the_reply_says_which_are() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "post", ""] {
        let mut request = with_header(ask("support"), "origin", None);
        request.method = method.to_owned();
        assert_code(&request, 405, "method_not_allowed");
        assert_eq!(
            bench().handle(&request).header("allow"),
            Some("POST, OPTIONS")
        );
    }
}

#[test]
fn other_media_types_are_refused() {
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let request = with_header(ask("support"), "content-type", kind);
        assert_code(&request, 415, "unsupported_media_type");
    }
}

#[test]
fn body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    assert_code(&post(&" ".repeat(8 * 1024 + 1)), 413, "body_too_large");
    let padded = format!("{:8192}", r#"{"widget":"nobody"}"#);
    assert_code(&post(&padded), 404, "unknown_widget");
}

#[test]
fn body_that_is_not_the_one_asked_for_is_refused() {
    for body in [
        "",
        "x",
        "[]",
        "{}",
        r#"{"widget":1}"#,
        r#"{"widget":"support","identity":1}"#,
        r#"{"widget":"support","user":"a"}"#,
    ] {
        assert_code(&post(body), 400, "invalid_request");
    }
    let mut request = post("");
    request.body = b"{\"widget\":\"\xff\"}".to_vec();
    assert_code(&request, 400, "invalid_request");
    let response = bench().handle(&post(r#"{"wigdet":"support"}"#));
    let message = json_of(&response)["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.starts_with(
            "invalid request body: unknown field `wigdet`, expected one of `widget`, `visitor`, `identity`"
        ),
        "{message}"
    );
}

#[test]
fn unknown_widget_is_said_to_be_unknown() {
    for widget in ["", "suppor", "supportx", "a b", "../support", "\u{0}"] {
        assert_code(&ask(widget), 404, "unknown_widget");
    }
}

#[test]
fn missing_setting_is_named_in_the_log_and_not_in_the_reply() {
    for (variable, value, widget) in [
        ("OPENAI_API_KEY", "", "support"),
        ("OPENAI_API_KEY", "sk-a\u{7}b", "support"),
        ("OPENAI_ORG_ID", "a\nb", "support"),
        ("OPENAI_PROJECT_ID", "ä", "support"),
        ("CHATKIT_WORKFLOW_ID", " ", "support"),
        ("OTHER_WORKFLOW", "", "other"),
        ("OPENAI_BASE_URL", "api.openai.com", "support"),
        ("BASE_URL", "chat.example.com", "support"),
    ] {
        let bench = Bench::new("127.0.0.1:9", &[(variable, value)]);
        let request = with_header(ask(widget), "origin", Some(ORIGIN));
        let response = bench.handle(&request);
        assert_eq!(
            code_of(&response),
            (500, "not_configured".to_owned()),
            "{variable}"
        );
        assert!(
            bench.detail().contains(&format!("`{variable}`")),
            "{}",
            bench.detail()
        );
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert!(!body.contains(variable) && body.contains("log"), "{body}");
    }
}

#[test]
fn unknown_widget_is_found_before_a_missing_setting() {
    let bench = Bench::with_lookup(|_| None);
    assert_eq!(code_of(&bench.handle(&ask("nobody"))).0, 404);
    assert_eq!(code_of(&bench.handle(&ask("full"))).0, 500);
}

#[test]
fn function_without_a_site_says_what_to_do() {
    let bench = Bench::of(
        Settings::from_lookup(|_| None),
        Site::from_bytes(Vec::new()),
    );
    for method in ["POST", "OPTIONS", "GET"] {
        let mut request = ask("support");
        request.method = method.to_owned();
        assert_eq!(
            code_of(&bench.handle(&request)),
            (500, "not_configured".to_owned())
        );
        assert!(
            bench
                .detail()
                .contains("it is not a site pack; name a file that")
        );
    }
}

#[test]
fn panic_is_an_internal_error_and_the_next_request_is_answered() {
    let bench = Bench::with_lookup(|name| match name {
        "OPENAI_API_KEY" => panic!("on purpose"),
        _ => None,
    });
    let response = bench.handle(&ask("support"));
    assert_eq!(code_of(&response), (500, "internal_error".to_owned()));
    assert_eq!(response.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(bench.logged()["widget"], "support");
    assert_eq!(code_of(&bench.handle(&ask("nobody"))).0, 404);
}
