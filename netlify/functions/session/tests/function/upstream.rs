//! What OpenAI is sent, and what becomes of each of its answers.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, KEY, Response, SECRET, ask, code_of, json_of};

fn session() -> Act {
    reply(
        200,
        &[],
        &format!(r#"{{"client_secret":"{SECRET}","expires_at":1764000000}}"#),
    )
}

/// The reply and the log's detail after one request, which the upstream answers so.
fn after(answer: impl Fn(&Received) -> Act + Send + Sync + 'static) -> (Response, String) {
    let upstream = Fake::start(answer);
    let bench = Bench::new(&upstream.address, &[]);
    let response = bench.handle(&ask("support"));
    (response, bench.detail())
}

#[test]
fn request_is_exactly_what_openai_documents() {
    let upstream = Fake::start(|_| session());
    let bench = Bench::new(&upstream.address, &[]);
    assert_eq!(bench.handle(&ask("full")).status, 200);
    let sent = upstream.next();
    assert_eq!(sent.target, "POST /v1/chatkit/sessions");
    let mut names: Vec<_> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "openai-beta",
            "user-agent"
        ]
    );
    assert_eq!(
        sent.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("openai-beta"), Some("chatkit_beta=v1"));
    let agent = concat!("chatkit-embed/", env!("CARGO_PKG_VERSION"));
    assert_eq!(sent.header("user-agent"), Some(agent));
    let (before, rest) = sent.body.split_once(r#""user":""#).unwrap();
    let (user, after) = rest.split_once('"').unwrap();
    assert_eq!(before, r#"{"workflow":{"id":"wf_full","version":"3"},"#);
    assert!(user.starts_with("visitor_") && user.len() == 40, "{user}");
    assert_eq!(
        after,
        concat!(
            r#","expires_after":{"anchor":"created_at","seconds":120},"#,
            r#""rate_limits":{"max_requests_per_1_minute":7},"#,
            r#""chatkit_configuration":{"history":{"enabled":false},"automatic_thread_titling":{"enabled":true}}}"#
        )
    );
}

#[test]
fn settings_of_the_environment_reach_openai() {
    let upstream = Fake::start(|_| session());
    let base = format!("http://{}/gateway/v1//", upstream.address);
    let bench = Bench::new(
        "",
        &[
            ("OPENAI_BASE_URL", &base),
            ("OPENAI_ORG_ID", " org-1 "),
            ("OPENAI_PROJECT_ID", "proj_1"),
            ("OTHER_WORKFLOW", "wf_other\n"),
        ],
    );
    assert_eq!(bench.handle(&ask("other")).status, 200);
    let sent = upstream.next();
    assert_eq!(sent.target, "POST /gateway/v1/chatkit/sessions");
    assert_eq!(sent.header("openai-organization"), Some("org-1"));
    assert_eq!(sent.header("openai-project"), Some("proj_1"));
    assert!(
        sent.body
            .starts_with(r#"{"workflow":{"id":"wf_other"},"user":""#)
    );
}

#[test]
fn connection_is_kept_from_one_request_to_the_next() {
    let upstream = Fake::start(|_| session());
    let bench = Bench::new(&upstream.address, &[]);
    for _ in 0..3 {
        assert_eq!(bench.handle(&ask("support")).status, 200);
        assert_eq!(upstream.next().connection, 0);
    }
}

#[test]
fn connection_is_kept_after_an_error_too() {
    let upstream = Fake::start(|_| reply(401, &[], "{}"));
    let bench = Bench::new(&upstream.address, &[]);
    for _ in 0..2 {
        assert_eq!(bench.handle(&ask("support")).status, 502);
        assert_eq!(upstream.next().connection, 0);
    }
}

#[test]
fn kept_connection_that_has_ended_is_replaced_without_the_visitor_noticing() {
    let count = AtomicUsize::new(0);
    let upstream = Fake::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        1 => Act::Close,
        _ => session(),
    });
    let bench = Bench::new(&upstream.address, &[]);
    for _ in 0..2 {
        assert_eq!(bench.handle(&ask("support")).status, 200);
    }
    let connections = [(); 3].map(|()| upstream.next().connection);
    assert_eq!(connections, [0, 0, 1]);
}

#[test]
fn upstream_that_always_hangs_up_is_asked_twice_and_no_more() {
    let upstream = Fake::start(|_| Act::Close);
    let bench = Bench::new(&upstream.address, &[]);
    assert_eq!(
        code_of(&bench.handle(&ask("support"))),
        (502, "upstream_error".to_owned())
    );
    assert!(
        bench.detail().starts_with("failed to reach OpenAI: "),
        "{}",
        bench.detail()
    );
    upstream.next();
    upstream.next();
    assert!(upstream.is_idle());
}

#[test]
fn refusal_is_an_upstream_error_and_the_log_names_the_fix() {
    for (status, words) in [
        (400, "`workflow_version`"),
        (401, "`OPENAI_API_KEY`"),
        (403, "permissions"),
        (404, "2026-11-30"),
        (500, "status.openai.com"),
        (503, "status.openai.com"),
    ] {
        let (response, detail) = after(move |_| {
            reply(
                status,
                &[],
                r#"{"error":{"type":"some_type","message":"x"}}"#,
            )
        });
        assert_eq!(
            code_of(&response),
            (502, "upstream_error".to_owned()),
            "{status}"
        );
        assert!(
            detail.starts_with(&format!("upstream status {status} `some_type`: ")),
            "{detail}"
        );
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn redirect_is_not_followed() {
    let elsewhere = Fake::start(|_| session());
    let location = format!("location: http://{}/", elsewhere.address);
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let (response, detail) = after(move |_| reply(status, &[&location], ""));
        assert_eq!(code_of(&response).0, 502);
        assert!(detail.contains("redirects"), "{detail}");
    }
    assert!(elsewhere.is_idle());
}

#[test]
fn rate_limit_is_passed_on_with_the_time_to_wait() {
    let body = r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let (response, detail) = after(|_| reply(429, &["retry-after: 20"], body));
    assert_eq!(code_of(&response), (429, "rate_limited".to_owned()));
    assert_eq!(response.header("retry-after"), Some("20"));
    assert_eq!(
        response.header("access-control-expose-headers"),
        Some("Retry-After")
    );
    assert!(
        detail.contains("`insufficient_quota`") && detail.contains("billing"),
        "{detail}"
    );
    // By the upstream's clock, which stands somewhere else.
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT";
    let until = "retry-after: Sun, 06 Nov 1994 08:50:37 GMT";
    let (response, _) = after(move |_| reply(429, &[date, until], "{}"));
    assert_eq!(response.header("retry-after"), Some("60"));
    for odd in [until, "retry-after: soon", "retry-after: 1\u{1}", "x: y"] {
        let (response, _) = after(move |_| reply(429, &[odd], "{}"));
        assert_eq!(response.header("retry-after"), None, "{odd:?}");
    }
}

#[test]
fn reply_without_a_session_is_an_upstream_error() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"client_secret":"","expires_at":1}"#,
        r#"{"client_secret":null,"expires_at":1}"#,
        r#"{"client_secret":"ek_1"}"#,
        r#"{"client_secret":"ek_1","expires_at":"soon"}"#,
    ] {
        let (response, detail) = after(move |_| reply(200, &[], body));
        assert_eq!(
            code_of(&response),
            (502, "upstream_error".to_owned()),
            "{body}"
        );
        assert!(detail.contains("holds no session"), "{detail}");
    }
}

#[test]
fn endless_reply_is_cut_off() {
    let body = format!(
        r#"{{"client_secret":"{SECRET}","expires_at":1,"x":"{}"}}"#,
        "x".repeat(65536)
    );
    let (response, detail) = after(move |_| reply(200, &[], &body));
    assert_eq!(code_of(&response), (502, "upstream_error".to_owned()));
    assert!(detail.contains("limit"), "{detail}");
}

#[test]
fn broken_http_is_an_upstream_error() {
    let (response, _) = after(|_| Act::Reply("SMTP 1 hello\r\n\r\n".to_owned()));
    assert_eq!(code_of(&response), (502, "upstream_error".to_owned()));
}

#[test]
fn upstream_that_is_not_there_is_an_upstream_error() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let bench = Bench::new(&address, &[]);
    let response = bench.handle(&ask("support"));
    assert_eq!(code_of(&response), (502, "upstream_error".to_owned()));
    let logged = bench.logged();
    assert!(logged["upstream_ms"].is_f64() && logged.get("upstream_status").is_none());
}

#[test]
fn upstream_that_is_silent_until_the_deadline_is_a_timeout() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    for sent in [None, Some(half)] {
        let upstream =
            Fake::start(move |_| sent.map_or(Act::Hang, |text| Act::Reply(text.to_owned())));
        let bench = Bench::new(&upstream.address, &[]);
        let mut request = ask("support");
        let started = Instant::now();
        request.deadline = Some(SystemTime::now() + Duration::from_millis(600));
        let response = bench.handle(&request);
        assert_eq!(code_of(&response), (504, "upstream_timeout".to_owned()));
        assert!(
            started.elapsed() < Duration::from_millis(550),
            "time is left for the reply"
        );
        assert!(
            bench.detail().starts_with("OpenAI did not answer in time"),
            "{}",
            bench.detail()
        );
    }
}

#[test]
fn upstream_is_not_even_asked_when_no_time_is_left() {
    let upstream = Fake::start(|_| session());
    let bench = Bench::new(&upstream.address, &[]);
    let mut request = ask("support");
    request.deadline = Some(SystemTime::UNIX_EPOCH);
    assert_eq!(code_of(&bench.handle(&request)).0, 504);
    assert!(upstream.is_idle());
}

#[test]
fn proxy_of_the_environment_leads_to_the_upstream() {
    let proxy = Fake::start(|received| {
        if received.target.starts_with("CONNECT") {
            Act::Reply("HTTP/1.1 200 OK\r\n\r\n".to_owned())
        } else {
            session()
        }
    });
    // Variables of this process would reach all tests.
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "upstream::asks_through_a_proxy"])
        .env("ALL_PROXY", format!("http://{}", proxy.address))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    assert_eq!(proxy.next().target, "CONNECT openai.invalid:80");
    assert_eq!(proxy.next().target, "POST /v1/chatkit/sessions");
}

#[test]
#[ignore = "runs in a process of its own, started by the test before"]
fn asks_through_a_proxy() {
    let bench = Bench::new("openai.invalid", &[]);
    let response = bench.handle(&ask("support"));
    assert_eq!(
        json_of(&response)["client_secret"],
        SECRET,
        "{}",
        bench.lines().concat()
    );
}
