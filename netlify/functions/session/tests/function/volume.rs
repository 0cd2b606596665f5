//! Ten thousand requests from fifty clients: none is lost, none is mixed up, and memory stays as it was.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{scope, spawn};

use serde_json::{Value, json};
use session::transport::web::{Files, Limits};

use crate::fake::{Act, Fake, reply};
use crate::web::{Web, one};
use crate::{Bench, ORIGIN};

const CLIENTS: usize = 50;
const REQUESTS: usize = 200;

/// A session's secret is the name of its user, so that a reply for somebody else is noticed.
fn upstream() -> Fake {
    Fake::start(|received| {
        let sent: Value = serde_json::from_str(&received.body).unwrap();
        let session = json!({"client_secret": sent["user"], "expires_at": 5});
        reply(200, &[], &session.to_string())
    })
}

/// The reply is for the visitor that it names.
fn check(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let visitor = body["visitor"].as_str().unwrap().to_owned();
    assert_eq!(
        body["client_secret"],
        format!("visitor_{}", &visitor[3..35])
    );
    visitor
}

/// In KiB; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or(0, |rest| {
        rest.trim().trim_end_matches(" kB").parse().unwrap()
    })
}

/// The clients' side: each asks again and again with the token that it was given first.
fn drive(ask: impl Fn(usize, usize, &Value) -> String + Sync) {
    let half = Mutex::new(0);
    scope(|scope| {
        for client in 0..CLIENTS {
            let (ask, half) = (&ask, &half);
            scope.spawn(move || {
                let mut visitor = Value::Null;
                for number in 0..REQUESTS {
                    let token = check(&ask(client, number, &visitor));
                    let is_same = visitor.as_str().is_none_or(|known| id(known) == id(&token));
                    assert!(is_same, "another visitor");
                    visitor = token.into();
                    if number == REQUESTS / 2 {
                        *half.lock().unwrap() = resident();
                    }
                }
            });
        }
    });
    let grown = resident().saturating_sub(*half.lock().unwrap());
    // The log of the test itself is a part of it.
    assert!(grown < 16 * 1024, "{grown} KiB more");
}

/// The visitor that a token speaks of.
fn id(token: &str) -> &str {
    token.split('.').nth(1).unwrap()
}

/// In a process of its own, because the memory of this one is that of all tests.
pub(crate) fn alone(test: &str) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn web_server_loses_none_of_ten_thousand_requests() {
    alone("volume::web_server");
}

#[test]
fn lambda_loop_loses_none_of_ten_thousand_events() {
    alone("volume::lambda_loop");
}

#[test]
#[ignore = "runs in a process of its own, started by a test before"]
fn web_server() {
    let upstream = upstream();
    let bench = Bench::new(&upstream.address, &[]);
    let web = Web::start(bench, Files::default(), Limits::default());
    let streams: Vec<_> = (0..CLIENTS).map(|_| Mutex::new(web.connect())).collect();
    drive(|client, _, visitor| {
        let mut stream = streams[client].lock().unwrap();
        let body = json!({"widget": "support", "visitor": visitor}).to_string();
        stream
            .write_all(crate::web::post(&body, "").as_bytes())
            .unwrap();
        let reply = one(&mut stream);
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        reply.split_once("\r\n\r\n").unwrap().1.to_owned()
    });
    drop(streams);
    assert_eq!(web.stop().lines().len(), CLIENTS * REQUESTS);
}

#[test]
#[ignore = "runs in a process of its own, started by a test before"]
fn lambda_loop() {
    let upstream = upstream();
    let bench = Bench::new(&upstream.address, &[]);
    let (events, queue) = channel::<(String, String)>();
    let queue = Mutex::new(queue);
    let waiting: Arc<Mutex<HashMap<String, Sender<String>>>> = Arc::default();
    let replies = Arc::clone(&waiting);
    let runtime = Fake::start(move |received| {
        let id = received.target.split('/').nth(4).unwrap();
        if id == "next" {
            let event = queue.lock().unwrap().recv();
            return event.map_or(Act::Close, |(id, event)| {
                let id = format!("lambda-runtime-aws-request-id: {id}");
                reply(200, &[&id], &event)
            });
        }
        let client = replies.lock().unwrap().remove(id).unwrap();
        client.send(received.body.clone()).unwrap();
        reply(202, &[], "")
    });
    let address = runtime.address.clone();
    let served = spawn(move || {
        session::transport::lambda::run(&bench.service, &address);
        bench
    });
    drive(|client, number, visitor| {
        let id = format!("{client}-{number}");
        let (sender, answer) = channel();
        waiting.lock().unwrap().insert(id.clone(), sender);
        let event = json!({
            "httpMethod": "POST",
            "path": "/api/chatkit/session",
            "headers": {"origin": ORIGIN, "content-type": "application/json"},
            "body": json!({"widget": "support", "visitor": visitor}).to_string(),
        });
        events.send((id, event.to_string())).unwrap();
        let reply: Value = serde_json::from_str(&answer.recv().unwrap()).unwrap();
        assert_eq!(reply["statusCode"], 200, "{reply}");
        reply["body"].as_str().unwrap().to_owned()
    });
    drop(events);
    let lines = served.join().unwrap().lines();
    let answered = lines.iter().filter(|line| line.contains(r#""status":200"#));
    assert_eq!(answered.count(), CLIENTS * REQUESTS);
}
