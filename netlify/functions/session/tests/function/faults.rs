//! Whatever the upstream does, the visitor gets a documented reply within the budget, and a second try is
//! made where it may help.

use std::io::{Read as _, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::Value;

use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, SECRET, SERVER_SECRET, agent, ask, code_of};

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
fn pause_of_more_than_a_second_is_left_to_the_page() {
    for seconds in ["2", "30"] {
        let upstream =
            Fake::start(move |_| reply(429, &[&format!("retry-after: {seconds}")], "{}"));
        let bench = Bench::new(&upstream.address, &[]);
        let started = Instant::now();
        let response = bench.handle(&ask("support"));
        assert!(started.elapsed() < Duration::from_secs(1));
        assert_eq!(code_of(&response), (429, "rate_limited".to_owned()));
        assert_eq!(response.header("retry-after"), Some(seconds));
        assert!(bench.logged().get("retries").is_none());
        assert_eq!(requests(&upstream), 1);
    }
}

#[test]
fn account_without_money_is_asked_once() {
    let body = r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let upstream = Fake::start(move |_| reply(429, &[], body));
    let bench = Bench::new(&upstream.address, &[]);
    assert_eq!(code_of(&bench.handle(&ask("support"))).0, 429);
    assert_eq!(requests(&upstream), 1);
}

#[test]
fn upstream_that_fails_repeatedly_is_left_alone_for_a_second() {
    let works = Arc::new(AtomicBool::new(false));
    let is_back = Arc::clone(&works);
    let upstream = Fake::start(move |_| match is_back.load(Ordering::Relaxed) {
        true => session(),
        false => reply(500, &["retry-after: 9"], "{}"),
    });
    let bench = Bench::new(
        &upstream.address,
        &[("CHATKIT_SERVER_SECRET", SERVER_SECRET)],
    );
    for _ in 0..5 {
        assert_eq!(code_of(&bench.handle(&ask("support"))).0, 502);
    }
    assert_eq!(requests(&upstream), 5);

    let response = bench.handle(&ask("support"));
    assert_eq!(code_of(&response), (503, "upstream_unavailable".to_owned()));
    assert_eq!(response.header("retry-after"), Some("1"));
    let exposed = response.header("access-control-expose-headers");
    assert_eq!(exposed, Some("Retry-After"));
    assert_eq!(bench.handle(&ask("docs")).status, 200, "asks nobody");
    assert_eq!(requests(&upstream), 0);

    works.store(true, Ordering::Relaxed);
    let started = Instant::now();
    while bench.handle(&ask("support")).status != 200 {
        assert!(started.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(20));
    }
    assert_eq!(bench.handle(&ask("support")).status, 200);
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

/// A root that signs certificates, as an authority does.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server that shows a certificate for `name`, and sends `reply` to whoever believes it.
fn secure(
    name: &str,
    authority: &CertifiedIssuer<'static, KeyPair>,
    reply: impl Fn(&mut dyn Write) + Send + 'static,
) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                key.serialize_der().try_into().unwrap(),
            )
            .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = Stream::new(&mut tls, &mut stream);
            // The whole request, which ends with its JSON: a server that closes before that resets the connection.
            let mut request = Vec::new();
            let mut bytes = [0; 4096];
            while !request.ends_with(b"}") {
                match tls.read(&mut bytes) {
                    Ok(length @ 1..) => request.extend_from_slice(&bytes[..length]),
                    Ok(0) | Err(_) => break,
                }
            }
            if request.ends_with(b"}") {
                reply(&mut tls);
                // Until the other side has it.
                let _ = tls.read(&mut bytes);
            }
        }
    });
    address
}

/// What the visitor gets of such a server, and the log's detail.
fn of_secure(name: &str, trusted: bool) -> ((u16, String), Value) {
    let authority = authority();
    let mint = |client: &mut dyn Write| {
        let body = format!(r#"{{"client_secret":"{SECRET}","expires_at":1764000000}}"#);
        let length = body.len();
        let _ = write!(
            client,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let _ = client.flush();
    };
    let base = format!("https://{}/v1", secure(name, &authority, mint));
    let mut bench = Bench::new("", &[("OPENAI_BASE_URL", &base)]);
    if trusted {
        bench.service = bench.service.with_roots([&**authority.der()]);
    }
    let started = Instant::now();
    let response = bench.handle(&ask("support"));
    assert!(started.elapsed() < Duration::from_secs(2));
    let code = match response.status {
        200 => String::new(),
        _ => code_of(&response).1,
    };
    ((response.status, code), bench.logged())
}

#[test]
fn server_that_can_not_prove_its_name_is_told_nothing() {
    let (answer, _) = of_secure("127.0.0.1", true);
    assert_eq!(answer, (200, String::new()), "this one can prove it");
    for (name, trusted, why) in [
        ("127.0.0.1", false, "UnknownIssuer"),
        ("other.example", false, "UnknownIssuer"),
        // Signed by whom we trust, for somebody else.
        ("other.example", true, "not valid for name"),
        ("localhost", true, "not valid for name"),
    ] {
        let (answer, logged) = of_secure(name, trusted);
        assert_eq!(answer, (502, "upstream_error".to_owned()), "{name}");
        let detail = logged["detail"].as_str().unwrap();
        assert!(detail.contains(why), "{name}: {detail}");
        assert!(logged.get("retries").is_none());
    }
}

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// The events of an answer to this question, from a server that sends it over TLS.
fn answer_of_secure(
    question: &str,
    stream: impl Fn(&mut dyn Write) + Send + 'static,
) -> Vec<Value> {
    let authority = authority();
    let base = format!("https://{}/v1", secure("127.0.0.1", &authority, stream));
    let variables = [("OPENAI_API_KEY", agent::KEY), ("OPENAI_BASE_URL", &base)];
    let mut bench = Bench::new("", &variables);
    bench.service = bench.service.with_roots([&**authority.der()]);
    let request = agent::chat(&agent::session(&bench), &agent::create(question));
    let events = agent::events(&bench.handle(&request));
    let last = &events.last().unwrap()["type"];
    assert_eq!(last, "client_effect", "{}", bench.logged());
    events
}

#[test]
fn answer_over_tls_survives_moments_of_silence() {
    let all = agent::answer(&["one", "two"]);
    let pieces = [agent::sse(&all[..4]), agent::sse(&all[4..])];
    answer_of_secure("Hi!", move |client| {
        let _ = client.write_all(STREAM_HEAD.as_bytes());
        for piece in &pieces {
            sleep(Duration::from_millis(600));
            // In the middle of an event as well.
            let (one, two) = piece.split_at(piece.len() / 2);
            for half in [one, two] {
                let _ = client.write_all(half.as_bytes());
                let _ = client.flush();
                sleep(Duration::from_millis(300));
            }
        }
    });
}

#[test]
fn question_and_answer_over_tls_may_be_longer_than_a_buffer() {
    let piece = "long ".repeat(6000);
    let body = agent::sse(&agent::answer(&[&piece]));
    // 8,000 bytes: with the rest of the request, more than fits.
    let events = answer_of_secure(&"🫖".repeat(2000), move |client| {
        let _ = client.write_all(STREAM_HEAD.as_bytes());
        let _ = client.write_all(body.as_bytes());
        let _ = client.flush();
    });
    let deltas = events.iter().map(|event| &event["update"]["delta"]);
    let text: String = deltas.filter_map(Value::as_str).collect();
    assert_eq!(text, piece);
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
