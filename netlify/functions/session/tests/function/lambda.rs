//! The function behind a runtime API: events of every kind, the loop, and the program itself.

use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, ORIGIN, SECRET, pack};

/// A runtime API that gives the events it is given, and closes when there will be no more.
pub(crate) struct Runtime {
    fake: Fake,
    events: Sender<String>,
}

impl Runtime {
    /// `taken` answers the replies.
    fn start(taken: impl Fn(&Received) -> Act + Send + Sync + 'static) -> Runtime {
        let (events, queue) = channel::<String>();
        let queue = Mutex::new(queue);
        let fake = Fake::start(move |received| {
            if received.target != "GET /2018-06-01/runtime/invocation/next" {
                return taken(received);
            }
            let event = queue.lock().unwrap().recv();
            event.map_or(Act::Close, |event| {
                let id = "lambda-runtime-aws-request-id: id-1";
                let soon = SystemTime::now() + Duration::from_millis(1500);
                let soon = soon.duration_since(UNIX_EPOCH).unwrap().as_millis();
                let deadline = format!("lambda-runtime-deadline-ms: {soon}");
                reply(200, &[id, &deadline], &event)
            })
        });
        Runtime { fake, events }
    }

    pub(crate) fn serve(bench: Bench) -> (Runtime, JoinHandle<Bench>) {
        let runtime = Runtime::start(|_| reply(202, &[], ""));
        let address = runtime.fake.address.clone();
        let served = spawn(move || {
            session::transport::lambda::run(&bench.service, &address);
            bench
        });
        (runtime, served)
    }

    /// The reply to one event.
    pub(crate) fn ask(&self, event: &str) -> Value {
        self.events.send(event.to_owned()).unwrap();
        self.reply()
    }

    fn reply(&self) -> Value {
        loop {
            let received = self.fake.next();
            if received.target == "POST /2018-06-01/runtime/invocation/id-1/response" {
                return serde_json::from_str(&received.body).unwrap();
            }
            assert!(received.target.ends_with("/next"), "{}", received.target);
        }
    }

    /// No more events; returns once the function has seen so.
    pub(crate) fn end(self, served: JoinHandle<Bench>) -> Bench {
        drop(self.events);
        served.join().unwrap()
    }
}

fn event(body: &str) -> Value {
    json!({
        "httpMethod": "POST",
        "path": "/api/chatkit/session",
        "headers": {"Origin": ORIGIN, "Content-Type": "application/json", "x-nf-geo": null},
        "body": body,
        "isBase64Encoded": false,
    })
}

fn code(reply: &Value) -> (u64, String) {
    let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    let code = body["error"]["code"].as_str().unwrap_or_default();
    (reply["statusCode"].as_u64().unwrap(), code.to_owned())
}

#[test]
fn two_events_get_two_sessions_over_one_connection_each() {
    let session = format!(r#"{{"client_secret":"{SECRET}","expires_at":5}}"#);
    let upstream = Fake::start(move |_| reply(200, &[], &session));
    let (runtime, served) = Runtime::serve(Bench::new(&upstream.address, &[]));
    for _ in 0..2 {
        let reply = runtime.ask(&event(r#"{"widget":"support"}"#).to_string());
        assert_eq!(reply["statusCode"], 200);
        assert_eq!(reply["isBase64Encoded"], false);
        assert_eq!(reply["headers"]["Access-Control-Allow-Origin"], ORIGIN);
        let body = reply["body"].as_str().unwrap();
        let start = format!(
            r#"{{"client_secret":"{SECRET}","expires_at":5,"expires_in":600,"visitor":"v2."#
        );
        assert!(body.starts_with(&start), "{body}");
        assert_eq!(upstream.next().connection, 0);
    }
    let bench = runtime.end(served);
    let first: Value = serde_json::from_str(&bench.lines()[0]).unwrap();
    assert_eq!(first["id"], "id-1");
    assert_eq!(first["status"], 200);
}

#[test]
fn odd_events_get_the_reply_that_fits() {
    let (runtime, served) = Runtime::serve(Bench::new("127.0.0.1:9", &[]));
    let with = |key: &str, value: Value| {
        let mut event = event(r#"{"widget":"nobody"}"#);
        event[key] = value;
        event.to_string()
    };
    for (event, status, expected) in [
        (
            with("body", json!("eyJ3aWRnZXQiOiJub2JvZHkifQ==")),
            400,
            "invalid_request",
        ),
        (with("isBase64Encoded", json!(true)), 400, "invalid_request"),
        (with("body", json!({})), 400, "invalid_request"),
        (with("body", Value::Null), 400, "invalid_request"),
        ("{\"path\":".to_owned(), 400, "invalid_request"),
        (String::new(), 400, "invalid_request"),
        ("[".repeat(100_000), 400, "invalid_request"),
        (with("headers", Value::Null), 403, "origin_not_allowed"),
        (
            with("headers", json!({"origin": [null]})),
            403,
            "origin_not_allowed",
        ),
        (with("path", Value::Null), 404, "not_found"),
        ("{}".to_owned(), 404, "not_found"),
        ("[]".to_owned(), 404, "not_found"),
        (with("httpMethod", Value::Null), 405, "method_not_allowed"),
        (
            with("requestContext", json!({"a": [null]})),
            404,
            "unknown_widget",
        ),
    ] {
        let reply = runtime.ask(&event);
        assert_eq!(
            code(&reply),
            (status, expected.to_owned()),
            "{:.200}",
            event
        );
    }
    runtime.end(served);
}

#[test]
fn thousands_of_hostile_events_all_get_a_reply_and_the_loop_lives_on() {
    let (runtime, served) = Runtime::serve(Bench::new("127.0.0.1:9", &[]));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let good = event(r#"{"widget":"nobody","visitor":null}"#).to_string();
    for round in 0..2000 {
        let event = match round % 3 {
            0 => random.text(round % 200),
            1 => random.damaged(&good),
            _ => random.value(4).to_string(),
        };
        let reply = runtime.ask(&event);
        let status = reply["statusCode"].as_u64().unwrap();
        assert!((400..=415).contains(&status), "{status} for {event}");
    }
    assert_eq!(
        code(&runtime.ask(&good)),
        (404, "unknown_widget".to_owned())
    );
    runtime.end(served);
}

#[test]
fn reply_that_is_not_taken_is_logged_and_the_next_event_is_answered() {
    let bench = Bench::new("127.0.0.1:9", &[]);
    let runtime = Runtime::start(|_| reply(413, &[], ""));
    let address = runtime.fake.address.clone();
    let served = spawn(move || {
        session::transport::lambda::run(&bench.service, &address);
        bench
    });
    for _ in 0..2 {
        assert_eq!(runtime.ask("{}")["statusCode"], 404);
    }
    let lines = runtime.end(served).lines();
    let failed = lines
        .iter()
        .filter(|line| line.contains("failed to send the reply to `id-1`"));
    assert_eq!(failed.count(), 2, "{lines:?}");
}

#[test]
fn runtime_api_that_fails_again_and_again_is_given_up() {
    let (runtime, served) = Runtime::serve(Bench::new("127.0.0.1:9", &[]));
    let lines = runtime.end(served).lines();
    let failed = lines
        .iter()
        .filter(|line| line.contains("failed to get the next event"));
    assert_eq!(failed.count(), 5);
    assert!(lines.last().unwrap().contains("gave up"));
}

#[test]
fn event_without_an_id_is_no_event() {
    let fake = Fake::start(|_| reply(200, &[], "{}"));
    let bench = Bench::new("127.0.0.1:9", &[]);
    session::transport::lambda::run(&bench.service, &fake.address);
    assert!(bench.lines()[0].contains("no `Lambda-Runtime-Aws-Request-Id`"));
}

#[test]
fn program_answers_events_until_the_runtime_api_is_gone() {
    let runtime = Runtime::start(|_| reply(202, &[], ""));
    let program = program(&runtime.fake.address);
    // Whatever site is compiled in, this path is not there.
    assert_eq!(code(&runtime.ask(r#"{"path":"/"}"#)).0, 404);
    drop(runtime.events);
    let output = program.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines = String::from_utf8(output.stderr).unwrap();
    for line in lines.lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap()["time"].is_u64());
    }
    assert!(
        lines.contains(r#""id":"id-1","status":404,"code":"not_found""#),
        "{lines}"
    );
}

#[test]
fn program_without_a_runtime_api_says_what_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_session"))
        .env_remove("AWS_LAMBDA_RUNTIME_API")
        .env_remove("PORT")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error: neither `PORT` nor `AWS_LAMBDA_RUNTIME_API` is set\nhint: "),
        "{said}"
    );
}

fn program(api: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_session"))
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("SITE_PACK", pack())
        // The runtime API is on this machine: no proxy leads to it.
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The same numbers in every run (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    pub(crate) fn text(&mut self, length: usize) -> String {
        let bytes: Vec<u8> = (0..length).map(|_| self.below(256) as u8).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The text with some characters replaced, removed or cut off.
    pub(crate) fn damaged(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let at = self.below(chars.len());
            match self.below(4) {
                0 => chars.truncate(at.max(1)),
                1 if chars.len() > 1 => drop(chars.remove(at)),
                _ => chars[at] = char::from(self.below(256) as u8),
            }
        }
        chars.into_iter().collect()
    }

    /// Any JSON, with the keys of events.
    fn value(&mut self, depth: usize) -> Value {
        const KEYS: [&str; 9] = [
            "httpMethod",
            "path",
            "headers",
            "multiValueHeaders",
            "body",
            "isBase64Encoded",
            "origin",
            "host",
            "content-type",
        ];
        const TEXTS: [&str; 7] = [
            "POST",
            "OPTIONS",
            "/api/chatkit/session",
            ORIGIN,
            "application/json",
            "https://[::",
            "{\"widget\":\"nobody\"}",
        ];
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1000)),
            3 => json!(TEXTS[self.below(TEXTS.len())]),
            4 => json!(self.text(9)),
            5 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let mut object = serde_json::Map::new();
                for key in KEYS {
                    if self.below(2) == 0 {
                        object.insert(key.to_owned(), self.value(depth - 1));
                    }
                }
                object.into()
            }
        }
    }
}
