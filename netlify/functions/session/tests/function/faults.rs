//! Whatever the upstream does, the visitor gets a documented reply within the budget, and a second try is
//! made where it may help.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::spawn;
use std::time::{Duration, Instant, SystemTime};

use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::Value;

use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, SECRET, ask, code_of};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{";

type Fault = fn(&Received) -> Act;

fn session() -> Act {
    let body = format!(r#"{{"client_secret":"{SECRET}","expires_at":1764000000}}"#);
    reply(200, &["x-request-id: req_42"], &body)
}

/// An upstream that fails the first time only.
fn once(fault: impl Fn() -> Act + Send + Sync + 'static) -> Fake {
    let count = AtomicUsize::new(0);
    Fake::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => fault(),
        _ => session(),
    })
}

fn requests(upstream: &Fake) -> usize {
    let mut count = 0;
    while !upstream.is_idle() {
        count += 1;
    }
    count
}

/// The reply, its code, and the log's line, for a budget of one second.
fn within_a_second(address: &str) -> ((u16, String), Value) {
    let bench = Bench::new(address, &[]);
    let mut request = ask("support");
    let started = Instant::now();
    request.deadline = Some(SystemTime::now() + Duration::from_millis(1500));
    let response = bench.handle(&request);
    assert!(started.elapsed() < Duration::from_millis(1400), "too late");
    (code_of(&response), bench.logged())
}

#[test]
fn fault_that_passes_is_not_noticed_by_the_visitor() {
    let faults: [fn() -> Act; 8] = [
        || Act::Close,
        || Act::Cut(HEAD.to_owned()),
        || reply(408, &[], "{}"),
        || reply(409, &[], "{}"),
        || reply(429, &[], "{}"),
        || reply(429, &["retry-after: 0"], "{}"),
        || reply(500, &[], "<html>"),
        || reply(503, &["retry-after: Sun, 06 Nov 1994 08:49:37 GMT"], ""),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let upstream = once(fault);
        let bench = Bench::new(&upstream.address, &[]);
        assert_eq!(bench.handle(&ask("support")).status, 200, "{number}");
        let logged = bench.logged();
        assert_eq!(logged["retries"], 1, "{number}");
        assert_eq!(logged["upstream_status"], 200, "{number}");
        assert_eq!(logged["upstream_id"], "req_42", "{number}");
        assert_eq!(requests(&upstream), 2);
    }
}

#[test]
fn time_that_the_upstream_names_is_waited_for() {
    let upstream = once(|| reply(429, &["retry-after: 1"], "{}"));
    let bench = Bench::new(&upstream.address, &[]);
    let started = Instant::now();
    assert_eq!(bench.handle(&ask("support")).status, 200);
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn time_that_does_not_fit_the_budget_is_left_to_the_page() {
    let upstream = Fake::start(|_| reply(429, &["retry-after: 30"], "{}"));
    let bench = Bench::new(&upstream.address, &[]);
    let response = bench.handle(&ask("support"));
    assert_eq!(code_of(&response), (429, "rate_limited".to_owned()));
    assert_eq!(response.header("retry-after"), Some("30"));
    assert!(bench.logged().get("retries").is_none());
    assert_eq!(requests(&upstream), 1);
}

#[test]
fn refusal_is_final() {
    for status in [301, 400, 401, 403, 404, 422] {
        let upstream = Fake::start(move |_| reply(status, &[], "{}"));
        let bench = Bench::new(&upstream.address, &[]);
        assert_eq!(code_of(&bench.handle(&ask("support"))).0, 502);
        assert_eq!(requests(&upstream), 1, "{status}");
    }
}

#[test]
fn fault_that_stays_is_the_documented_error_within_the_budget() {
    let faults: [(Fault, u16); 11] = [
        (|_| Act::Close, 502),
        (|_| Act::Cut(HEAD.to_owned()), 502),
        (|_| Act::Hang, 504),
        (|_| Act::Drip("HTTP/1.1 200 OK\r\nx: ".to_owned()), 504),
        (|_| Act::Drip(HEAD.to_owned()), 504),
        (|_| reply(429, &[], "{}"), 429),
        (|_| reply(429, &["retry-after: 0"], "{}"), 429),
        (|_| reply(500, &[], "{}"), 502),
        (|_| Act::Cut("\u{0}\u{1} garbage\r\n\r\n".to_owned()), 502),
        (|_| Act::Cut("x".repeat(1_000_000)), 502),
        (|_| reply(200, &[], &" ".repeat(1_000_000)), 502),
    ];
    for (number, (fault, status)) in faults.into_iter().enumerate() {
        let upstream = Fake::start(fault);
        let (code, logged) = within_a_second(&upstream.address);
        assert_eq!(code.0, status, "{number}: {logged}");
        assert!(logged["detail"].is_string());
    }
}

#[test]
fn page_instead_of_json_is_no_session_whatever_it_holds() {
    let text = format!(r#"{{"client_secret":"{SECRET}","expires_at":1}}"#);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length";
    let page = format!("{head}: {}\r\n\r\n{text}", text.len());
    let upstream = Fake::start(move |_| Act::Reply(page.clone()));
    let (code, logged) = within_a_second(&upstream.address);
    assert_eq!(code, (502, "upstream_error".to_owned()));
    assert!(!logged.to_string().contains(SECRET));
}

#[test]
fn upstream_that_refuses_the_connection_is_tried_twice() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let (code, logged) = within_a_second(&address);
    assert_eq!(code, (502, "upstream_error".to_owned()));
    assert_eq!(logged["retries"], 1);
}

#[test]
fn upstream_that_does_not_speak_tls_is_an_upstream_error() {
    let upstream = Fake::start(|_| session());
    let base = format!("https://{}/v1", upstream.address);
    let bench = Bench::new("", &[("OPENAI_BASE_URL", &base)]);
    let mut request = ask("support");
    request.deadline = Some(SystemTime::now() + Duration::from_millis(1500));
    let response = bench.handle(&request);
    assert!(matches!(response.status, 502 | 504), "{}", bench.detail());
}

/// A certificate that somebody made for themselves, and a server that shows it.
fn impostor(name: &str) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut bytes = Vec::new();
            let _ = Stream::new(&mut tls, &mut stream).read_to_end(&mut bytes);
        }
    });
    address
}

#[test]
fn server_that_can_not_prove_its_name_is_told_nothing() {
    for name in ["127.0.0.1", "localhost", "other.example"] {
        let base = format!("https://{}/v1", impostor(name));
        let bench = Bench::new("", &[("OPENAI_BASE_URL", &base)]);
        let started = Instant::now();
        let response = bench.handle(&ask("support"));
        assert_eq!(code_of(&response), (502, "upstream_error".to_owned()));
        assert!(bench.detail().contains("certificate"), "{}", bench.detail());
        assert!(bench.logged().get("retries").is_none());
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn first_request_is_logged_as_cold_and_no_other() {
    let upstream = Fake::start(|_| session());
    let bench = Bench::new(&upstream.address, &[]);
    bench.handle(&ask("support"));
    assert_eq!(bench.logged()["cold"], true);
    let response = bench.handle(&ask("support"));
    assert!(bench.logged().get("cold").is_none());
    let timing = response.header("server-timing").unwrap();
    assert!(timing.contains(", upstream;dur="), "{timing}");
}
