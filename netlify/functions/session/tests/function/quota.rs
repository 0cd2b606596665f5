//! Limits on the sessions of strangers, at the door and in the web server.

use std::net::IpAddr;
use std::time::Instant;

use serde_json::{Value, json};
use session::Request;
use session::transport::web::{Files, Limits};

use crate::identity::identity;
use crate::web::{Web, limits, post as http_post};
use crate::{Bench, LIMITS, Response, SERVER_SECRET, code_of, json_of, post};

const IDENTITY_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// With the limits that hold where nobody sets any, but for these.
fn bench(variables: &[(&'static str, &'static str)]) -> Bench {
    let mut all = LIMITS.map(|name| (name, "")).to_vec();
    all.push(("CHATKIT_SERVER_SECRET", SERVER_SECRET));
    all.push(("IDENTITY_SECRET", IDENTITY_SECRET));
    all.extend(variables);
    Bench::new("127.0.0.1:9", &all)
}

fn from(address: &str, body: &Value) -> Request {
    Request {
        client: Some(address.parse::<IpAddr>().unwrap()),
        ..post(&body.to_string())
    }
}

fn fresh(address: &str) -> Request {
    from(address, &json!({"widget": "docs"}))
}

/// Sends more requests than the limit allows, and expects as many sessions as it does: those of a minute at
/// once, and those that are added meanwhile.
fn assert_minted(bench: &Bench, per_minute: usize, request: impl Fn(usize) -> Request) {
    let started = Instant::now();
    let replies = (0..per_minute * 2).map(|n| bench.handle(&request(n)).status);
    let minted = replies.filter(|status| *status == 200).count();
    let added = started.elapsed().as_secs_f64() / 60.0 * per_minute as f64;
    let allowed = per_minute..=per_minute + added.ceil() as usize;
    assert!(
        allowed.contains(&minted),
        "{minted} of {per_minute} a minute"
    );
}

fn visitor(bench: &Bench) -> String {
    let reply = bench.handle(&post(r#"{"widget":"docs"}"#));
    json_of(&reply)["visitor"].as_str().unwrap().to_owned()
}

fn assert_refused(response: &Response) {
    assert_eq!(code_of(response), (429, "rate_limited".to_owned()));
    let seconds: u64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let exposed = response.header("access-control-expose-headers");
    assert_eq!(exposed, Some("Retry-After"));
}

#[test]
fn stranger_with_one_address_gets_ten_sessions_at_once() {
    let bench = bench(&[]);
    assert_minted(&bench, 10, |_| fresh("192.0.2.1"));
    assert_refused(&bench.handle(&fresh("192.0.2.1")));
}

#[test]
fn requests_that_are_refused_for_another_reason_count_as_well() {
    let bench = bench(&[]);
    for _ in 0..20 {
        let bad = from("192.0.2.1", &json!({"widget": "missing"}));
        assert_eq!(bench.handle(&bad).status, 404);
    }
    assert_refused(&bench.handle(&fresh("192.0.2.1")));
    assert!(
        bench.detail().contains("`LIMIT_SESSIONS_PER_ADDRESS`"),
        "{}",
        bench.detail()
    );
    assert_eq!(bench.handle(&fresh("192.0.2.2")).status, 200);
}

#[test]
fn visitor_with_many_addresses_has_a_limit_of_its_own() {
    let bench = bench(&[]);
    let token = visitor(&bench);
    let body = json!({"widget": "docs", "visitor": token});
    assert_minted(&bench, 10, |n| {
        from(&format!("192.0.{}.{}", n / 250, n % 250), &body)
    });
    let other = json!({"widget": "docs", "visitor": visitor(&bench)});
    assert_eq!(bench.handle(&from("203.0.113.1", &other)).status, 200);
}

#[test]
fn identified_user_in_a_new_browser_is_no_stranger() {
    let bench = bench(&[("LIMIT_NEW_VISITORS_PER_ADDRESS", "1")]);
    assert_eq!(bench.handle(&fresh("192.0.2.1")).status, 200);
    assert_refused(&bench.handle(&fresh("192.0.2.1")));
    assert!(
        bench.detail().contains("`LIMIT_NEW_VISITORS_PER_ADDRESS`"),
        "{}",
        bench.detail()
    );
    let known = json!({"widget": "docs", "identity": identity("ada", IDENTITY_SECRET)});
    assert_eq!(bench.handle(&from("192.0.2.1", &known)).status, 200);
}

#[test]
fn whoever_owns_an_ipv6_network_counts_once() {
    let bench = bench(&[]);
    assert_minted(&bench, 10, |n| fresh(&format!("2001:db8:1:2::{n:x}")));
    assert_eq!(bench.handle(&fresh("2001:db8:1:3::1")).status, 200);
}

#[test]
fn all_strangers_together_get_no_more_than_the_ceiling() {
    let bench = bench(&[("LIMIT_SESSIONS_TOTAL", "30")]);
    assert_minted(&bench, 30, |n| {
        fresh(&format!("10.0.{}.{}", n / 250, n % 250))
    });
    let refused = bench.handle(&fresh("203.0.113.1"));
    assert_refused(&refused);
    assert!(
        bench.detail().contains("`LIMIT_SESSIONS_TOTAL`"),
        "{}",
        bench.detail()
    );
}

#[test]
fn zero_turns_each_limit_off() {
    let off = LIMITS.map(|name| (name, "0"));
    let bench_off = bench(&off);
    for _ in 0..700 {
        assert_eq!(bench_off.handle(&fresh("192.0.2.1")).status, 200);
    }
    for (at, expected) in [(0, 20), (2, 10), (3, 600)] {
        let mut one = off;
        one[at].1 = "";
        assert_minted(&bench(&one), expected, |_| fresh("192.0.2.1"));
    }
}

#[test]
fn requests_that_a_gateway_has_counted_have_no_limit_here() {
    let bench = bench(&[]);
    for _ in 0..700 {
        assert_eq!(bench.handle(&post(r#"{"widget":"docs"}"#)).status, 200);
    }
}

#[test]
fn limit_that_is_no_number_is_an_error_that_names_it() {
    let bench = bench(&[("LIMIT_SESSIONS_TOTAL", "many")]);
    let reply = bench.handle(&fresh("192.0.2.1"));
    assert_eq!(code_of(&reply), (500, "not_configured".to_owned()));
    assert!(bench.detail().starts_with("invalid `LIMIT_SESSIONS_TOTAL`"));
}

/// Counts the sessions that 40 requests with these header lines get.
fn minted_by(web: &Web, headers: impl Fn(usize) -> String) -> usize {
    let replies = (0..40).map(|n| {
        let headers = format!("Connection: close\r\n{}", headers(n));
        web.send(http_post(r#"{"widget":"docs"}"#, &headers).as_bytes())
    });
    replies
        .filter(|reply| reply.starts_with("HTTP/1.1 200 "))
        .count()
}

#[test]
fn web_server_counts_whoever_connects_and_believes_no_header() {
    let web = Web::start(bench(&[]), Files::default(), limits());
    let count = minted_by(&web, |n| format!("X-Forwarded-For: 192.0.2.{n}\r\n"));
    assert_eq!(count, 10);
    web.stop();
}

#[test]
fn web_server_behind_a_proxy_counts_whom_the_proxy_names() {
    let limits = Limits {
        trusted_proxies: 1,
        ..limits()
    };
    let web = Web::start(bench(&[]), Files::default(), limits);
    let invented = minted_by(&web, |n| {
        format!("X-Forwarded-For: 198.51.100.{n}, 192.0.2.1\r\n")
    });
    assert_eq!(invented, 10);
    let many = minted_by(&web, |n| format!("X-Forwarded-For: 203.0.113.{n}\r\n"));
    assert_eq!(many, 40);
    web.stop();
}

#[test]
fn forged_host_lets_nobody_in() {
    let web = Web::start(bench(&[]), Files::default(), limits());
    for host in ["evil.example", "localhost:8080"] {
        let body = r#"{"widget":"docs"}"#;
        let reply = web.send(
            format!(
                "POST /api/chatkit/session HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
                 X-Forwarded-Proto: http\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
        assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
        assert!(!reply.contains("Access-Control-Allow-Origin"), "{reply}");
    }
    web.stop();
}
