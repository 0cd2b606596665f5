//! What must never be seen: the key, client secrets, tokens and user ids.

use std::time::{Duration, SystemTime};

use crate::fake::{Act, Fake, reply};
use crate::{Bench, KEY, SECRET, ask, post, with_header};

const TOKEN: &str = "v2.0123456789abcdef.1800000000.c0ffee";

/// Repeats everything it was sent, as an upstream's error message may.
fn echo(status: u16) -> Fake {
    Fake::start(move |received| {
        let mut sent: serde_json::Value = serde_json::from_str(&received.body).unwrap();
        let words = format!("{:?} {} {SECRET}", received.headers, received.body);
        let user = sent["user"].take();
        let body = serde_json::json!({
            "error": {"type": KEY, "code": user, "message": words, "param": words},
            "client_secret": {"not a text": SECRET},
        });
        let retry = format!("retry-after: {KEY}");
        reply(status, &[&retry], &body.to_string())
    })
}

#[test]
fn no_secret_reaches_the_log_or_an_error_reply() {
    for status in [200, 301, 400, 401, 404, 429, 500] {
        let upstream = echo(status);
        let bench = Bench::new(&upstream.address, &[]);
        let body = format!(r#"{{"widget":"support","visitor":"{TOKEN}"}}"#);
        let response = bench.handle(&post(&body));
        let sent = upstream.next();
        let (_, user) = sent.body.split_once(r#""user":""#).unwrap();
        let seen = format!(
            "{} {} {:?}",
            bench.lines().concat(),
            String::from_utf8_lossy(&response.body),
            response.headers
        );
        for secret in [KEY, "sk-", SECRET, TOKEN, &user[..40], "wf_default"] {
            assert!(!seen.contains(secret), "{status} shows `{secret}`: {seen}");
        }
    }
}

#[test]
fn client_secret_stands_in_the_good_reply_and_nowhere_else() {
    let session = format!(r#"{{"client_secret":"{SECRET}","expires_at":1}}"#);
    let upstream = Fake::start(move |_| reply(200, &[], &session));
    let bench = Bench::new(&upstream.address, &[]);
    let response = bench.handle(&ask("support"));
    assert!(String::from_utf8_lossy(&response.body).contains(SECRET));
    assert!(!bench.lines().concat().contains(SECRET));
}

#[test]
fn token_at_a_wrong_place_of_the_body_is_not_logged() {
    for body in [
        format!(r#"{{"widget":"support","{TOKEN}":1}}"#),
        format!(r#"{{"widget":"support","visitor":["{TOKEN}"]}}"#),
        format!(r#"{{"widget":["{TOKEN}"]}}"#),
        TOKEN.to_owned(),
    ] {
        let bench = Bench::new("127.0.0.1:9", &[]);
        assert_eq!(bench.handle(&post(&body)).status, 400);
        assert!(!bench.lines().concat().contains(TOKEN), "{body}");
    }
}

#[test]
fn failures_on_the_way_to_the_upstream_show_no_key() {
    let silent = Fake::start(|_| Act::Hang);
    let broken = Fake::start(|received| Act::Reply(format!("{received:?}\r\n\r\n")));
    for upstream in [
        &silent.address,
        &broken.address,
        "host.invalid",
        "127.0.0.1:1",
    ] {
        let bench = Bench::new(upstream, &[]);
        let mut request = ask("support");
        request.deadline = Some(SystemTime::now() + Duration::from_millis(600));
        let response = bench.handle(&request);
        assert!(response.status >= 502, "{upstream}");
        let seen = bench.lines().concat() + &String::from_utf8_lossy(&response.body);
        assert!(!seen.contains(KEY), "{seen}");
    }
}

#[test]
fn long_words_of_a_stranger_are_cut_in_the_log() {
    let bench = Bench::new("127.0.0.1:9", &[]);
    bench.handle(&ask(&"w".repeat(4000)));
    bench.handle(&with_header(
        ask("support"),
        "origin",
        Some(&"o".repeat(4000)),
    ));
    for line in bench.lines() {
        assert!(line.len() < 500, "{line}");
    }
}
