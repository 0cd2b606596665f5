//! Whatever is sent and whatever the upstream answers: nobody sees the key, the workflow or another
//! visitor's token.

use std::io::{Read as _, Write as _};
use std::sync::Mutex;

use serde_json::{Value, json};
use session::Request;
use session::transport::web::Files;

use crate::fake::{Act, Fake, reply};
use crate::lambda::Random;
use crate::web::{Web, limits};
use crate::{Bench, KEY, ORIGIN, json_of, post};

const WORKFLOWS: [&str; 2] = ["wf_default", "wf_full"];

/// Answers by chance, and often with what it was sent.
fn upstream() -> Fake {
    let random = Mutex::new(Random(7));
    Fake::start(move |received| {
        let mut random = random.lock().unwrap();
        let echo = format!("{:?} {}", received.headers, received.body);
        let sent: Value = serde_json::from_str(&received.body).unwrap();
        let workflow = sent["workflow"]["id"].as_str().unwrap();
        let status = [200, 200, 200, 201, 302, 400, 401, 403, 404, 422, 429][random.below(11)];
        let body = match random.below(5) {
            0 => echo.clone(),
            1 => json!({"error": {"type": KEY, "code": workflow, "message": echo}}).to_string(),
            2 => random.text(40),
            _ => json!({"client_secret": "ek_1", "expires_at": 5, "user": echo}).to_string(),
        };
        let echo = echo.replace(|char: char| char.is_control(), " ");
        let lines = [
            format!(
                "x-request-id: {}",
                [KEY, workflow, "req_1"][random.below(3)]
            ),
            // A long wait, so that nothing is tried twice.
            format!("retry-after: {}", ["30", KEY, &echo][random.below(3)]),
            format!("x-echo: {echo}"),
        ];
        if random.below(20) == 0 {
            return Act::Cut(echo);
        }
        reply(status, &lines.each_ref().map(String::as_str), &body)
    })
}

fn body(random: &mut Random, tokens: &[String]) -> String {
    let token = match random.below(4) {
        0 => Value::Null,
        1 => json!(random.damaged(&tokens[0])),
        _ => json!(tokens[random.below(tokens.len())]),
    };
    let widget = ["support", "full", "nobody", KEY, &tokens[0]][random.below(5)];
    let good = match random.below(4) {
        0 => json!({"widget": widget, "visitor": token, "identity": tokens[0]}),
        1 => json!({"widget": token}),
        _ => json!({"widget": widget, "visitor": token}),
    };
    match random.below(3) {
        0 => random.damaged(&good.to_string()),
        _ => good.to_string(),
    }
}

fn request(random: &mut Random, tokens: &[String]) -> Request {
    let mut request = post(&body(random, tokens));
    if random.below(6) == 0 {
        request.method = ["GET", "OPTIONS", "PUT"][random.below(3)].to_owned();
    }
    if random.below(6) == 0 {
        request.path = format!("/{}", tokens[0]);
    }
    if random.below(6) == 0 {
        let value = ["https://evil.com", "null", &tokens[0]][random.below(3)];
        request.headers[0].1 = value.to_owned();
    }
    request
}

/// What one request may see: its own token, and what it said itself.
fn assert_private(seen: &str, log: &str, sent: &str, tokens: &[String]) {
    for secret in [KEY, WORKFLOWS[0], WORKFLOWS[1]] {
        assert!(!seen.contains(secret) || sent.contains(secret), "{seen}");
    }
    for token in tokens {
        let mac = token.rsplit_once('.').unwrap().1;
        assert!(!log.contains(mac), "{log}");
        assert!(!seen.contains(mac) || sent.contains(mac), "{seen}");
    }
    for secret in [KEY, WORKFLOWS[0], WORKFLOWS[1], "visitor_", "ek_1"] {
        assert!(!log.contains(secret), "{log}");
    }
}

fn tokens(bench: &Bench) -> Vec<String> {
    let fresh = |_| loop {
        let response = bench.handle(&post(r#"{"widget":"support"}"#));
        if response.status == 200 {
            break json_of(&response)["visitor"].as_str().unwrap().to_owned();
        }
    };
    (0..3).map(fresh).collect()
}

#[test]
fn nobody_sees_a_secret_whatever_is_asked() {
    let upstream = upstream();
    let bench = Bench::new(&upstream.address, &[]);
    let tokens = tokens(&bench);
    let mut random = Random(42);
    for _ in 0..2000 {
        let request = request(&mut random, &tokens);
        let sent = format!(
            "{:?} {}",
            request.headers,
            String::from_utf8_lossy(&request.body)
        );
        let response = bench.handle(&request);
        let seen = format!(
            "{:?} {}",
            response.headers,
            String::from_utf8_lossy(&response.body)
        );
        let log = bench.lines().pop().unwrap();
        assert_private(&seen, &log, &sent, &tokens);
    }
}

#[test]
fn nobody_sees_a_secret_whatever_bytes_are_sent() {
    let upstream = upstream();
    let bench = Bench::new(&upstream.address, &[]);
    let tokens = tokens(&bench);
    let web = Web::start(bench, Files::default(), limits());
    let mut random = Random(43);
    for round in 0..600 {
        let good = crate::web::post(&body(&mut random, &tokens), "Connection: close\r\n");
        let sent = match round % 3 {
            0 => good,
            1 => random.damaged(&good),
            _ => random.text(300),
        };
        let mut stream = web.connect();
        // Either side may close first.
        let _ = stream.write_all(sent.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut seen = Vec::new();
        let _ = stream.read_to_end(&mut seen);
        assert_private(&String::from_utf8_lossy(&seen), "", &sent, &tokens);
    }
    let mut stream = web.connect();
    stream
        .write_all(crate::web::post(r#"{"widget":"nobody"}"#, "").as_bytes())
        .unwrap();
    assert!(
        crate::web::one(&mut stream).contains(ORIGIN),
        "it still answers"
    );
    for line in web.stop().lines() {
        assert_private("", &line, "", &tokens);
    }
}
