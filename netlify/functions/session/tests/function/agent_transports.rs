//! Agents through the web server, the Lambda loop, and their limits.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::json;
use session::Request;
use session::transport::web::{Files, Limits};

use crate::agent::{KEY, answer, bench, chat, create, events, events_in, session, sse, stream};
use crate::fake::{Act, Fake};
use crate::lambda::Runtime;
use crate::web::{Web, limits, rest};
use crate::{Bench, ORIGIN, code_of, with_header};

pub(crate) const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

const BUFFERED: &str = "/api/chatkit/chat/buffered";
/// What `chat.mjs` sends there: `printf 'chatkit-embed chat fallback v1' | openssl dgst -sha256 -hmac "$KEY"`.
const FALLBACK: &str = "41e4326d395a99024a32980f36f4d3de45af5cdd05fa98a5dad44af27e659488";

/// An upstream that sends its next piece when it is told to.
pub(crate) fn slow(pieces: Vec<String>) -> (Sender<()>, Fake) {
    let (go, wait) = channel();
    let wait = Arc::new(Mutex::new(wait));
    let upstream = Fake::start(move |_| Act::Pieces(pieces.clone(), Arc::clone(&wait)));
    (go, upstream)
}

/// The bytes of a request.
pub(crate) fn http(request: &Request, version: &str) -> Vec<u8> {
    let mut head = format!(
        "POST {} HTTP/{version}\r\nHost: chat.example.com\r\n",
        request.path
    );
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", request.body.len());
    [head.as_bytes(), &request.body].concat()
}

/// A client whose question is kept, and what it has read.
pub(crate) fn asked(web: &Web, request: &Request) -> (TcpStream, String) {
    let mut client = web.connect();
    client.write_all(&http(request, "1.1")).unwrap();
    let start = until(&mut client, "client_effect");
    (client, start)
}

/// Reads until this text is there.
fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(text) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

#[test]
fn web_server_sends_each_word_when_it_comes() {
    let all = answer(&["one", "two"]);
    let pieces = vec![HEAD.to_owned() + &sse(&all[..4]), sse(&all[4..])];
    let (go, upstream) = slow(pieces);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let web = Web::start(bench, Files::default(), limits());
    // Thread and question do not wait for the model.
    let (mut client, start) = asked(&web, &request);
    assert!(start.starts_with("HTTP/1.1 200 OK\r\n"), "{start}");
    assert!(start.contains("Transfer-Encoding: chunked\r\n"));
    assert!(start.contains("Cache-Control: no-store, no-transform\r\n"));
    assert!(start.contains("X-Accel-Buffering: no\r\n"));
    go.send(()).unwrap();
    until(&mut client, r#""delta":"one""#);
    go.send(()).unwrap();
    let end = rest(&mut client);
    assert!(end.contains(r#""delta":"two""#) && end.ends_with("0\r\n\r\n"));
    web.stop();
}

#[test]
fn client_of_http_1_0_gets_the_events_and_no_chunks() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let web = Web::start(bench, Files::default(), limits());
    let reply = web.send(&http(&request, "1.0"));
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    assert_eq!(events_in(body).last().unwrap()["type"], "client_effect");
    web.stop();
}

#[test]
fn upstream_is_left_soon_after_the_visitor_has_left() {
    let (go, upstream) = slow(vec![HEAD.to_owned(), String::new(), String::new()]);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let web = Web::start(bench, Files::default(), limits());
    let (client, _) = asked(&web, &request);
    go.send(()).unwrap();
    drop(client);
    let started = Instant::now();
    let bench = web.stop();
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(bench.logged()["code"], "client_gone");
}

#[test]
fn server_that_stops_ends_open_answers_in_words() {
    let (go, upstream) = slow(vec![HEAD.to_owned(), String::new()]);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let limits = Limits {
        drain: Duration::from_millis(300),
        ..limits()
    };
    let web = Web::start(bench, Files::default(), limits);
    let (mut client, _) = asked(&web, &request);
    go.send(()).unwrap();
    let stopped = spawn(move || web.stop());
    let end = rest(&mut client);
    assert!(
        end.contains(r#""type":"error""#) && end.contains(r#""allow_retry":true"#),
        "{end}"
    );
    assert!(end.ends_with("0\r\n\r\n"));
    assert_eq!(stopped.join().unwrap().logged()["code"], "stopped");
}

#[test]
fn sessions_do_not_wait_for_answers() {
    let (_go, upstream) = slow(vec![HEAD.to_owned()]);
    let bench = bench(&upstream);
    let requests: Vec<_> = (0..32)
        .map(|_| chat(&session(&bench), &create("Hi!")))
        .collect();
    let limits = Limits {
        workers: 1,
        ..limits()
    };
    let web = Web::start(bench, Files::default(), limits);
    let mut clients: Vec<_> = requests
        .iter()
        .map(|request| {
            let mut client = web.connect();
            client.write_all(&http(request, "1.1")).unwrap();
            client
        })
        .collect();
    for client in &mut clients {
        until(client, "client_effect");
    }
    let started = Instant::now();
    let healthy = web.get("/healthz");
    assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
    assert!(started.elapsed() < Duration::from_secs(1));
    drop(clients);
    web.stop();
}

#[test]
fn lambda_sends_the_whole_answer_at_its_end() {
    let upstream = Fake::start(|_| stream(&answer(&["one", "two"])));
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let request = with_header(request, "x-chat-fallback", Some(FALLBACK));
    let headers = request.headers.iter();
    let headers: serde_json::Map<_, _> = headers
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let event = json!({
        "httpMethod": "POST",
        "path": BUFFERED,
        "headers": headers,
        "body": String::from_utf8(request.body).unwrap(),
    });
    let (runtime, served) = Runtime::serve(bench);
    let reply = runtime.ask(&event.to_string());
    runtime.end(served);
    assert_eq!(reply["statusCode"], 200);
    assert_eq!(reply["headers"]["Content-Type"], "text/event-stream");
    let events = events_in(reply["body"].as_str().unwrap());
    assert_eq!(events.last().unwrap()["type"], "client_effect");
}

#[test]
fn address_for_whole_answers_is_for_the_function_that_streams_alone() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let mut request = chat(&session(&bench), &create("Hi!"));
    request.path = BUFFERED.to_owned();
    let wrong = "0".repeat(64);
    for signature in [None, Some(""), Some(&*wrong), Some(&FALLBACK[1..])] {
        let request = with_header(request.clone(), "x-chat-fallback", signature);
        let reply = bench.handle(&request);
        assert_eq!(code_of(&reply), (404, "not_found".to_owned()));
    }
    let mut twice = with_header(request.clone(), "x-chat-fallback", Some(FALLBACK));
    twice.headers.push(("X-Chat-Fallback".to_owned(), wrong));
    assert_eq!(bench.handle(&twice).status, 404);
    let right = with_header(request, "x-chat-fallback", Some(FALLBACK));
    assert_eq!(
        events(&bench.handle(&right)).last().unwrap()["type"],
        "client_effect"
    );
}

#[test]
fn web_server_ends_an_answer_in_words_before_the_gateway_cuts_it() {
    let (go, upstream) = slow(vec![HEAD.to_owned(), String::new()]);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let limits = Limits {
        streamed_answer: Some(Duration::from_millis(1200)),
        ..limits()
    };
    let web = Web::start(bench, Files::default(), limits);
    go.send(()).unwrap();
    let started = Instant::now();
    let reply = web.send(&http(&request, "1.0"));
    assert!(started.elapsed() < Duration::from_millis(1200));
    assert!(reply.contains(r#""type":"error""#), "{reply}");
    web.stop();
}

#[test]
fn deadline_of_lambda_ends_an_answer_in_words() {
    let (go, upstream) = slow(vec![HEAD.to_owned(), String::new()]);
    let bench = bench(&upstream);
    let mut request = chat(&session(&bench), &create("Hi!"));
    request.deadline = Some(std::time::SystemTime::now() + Duration::from_millis(1200));
    go.send(()).unwrap();
    let started = Instant::now();
    let events = events(&bench.handle(&request));
    assert!(started.elapsed() < Duration::from_millis(1200));
    assert_eq!(events.last().unwrap()["type"], "error");
}

/// A service with the limits that hold where nobody sets any.
fn limited(upstream: &Fake, variables: &[(&'static str, &str)]) -> Bench {
    let mut all = vec![("OPENAI_API_KEY", KEY)];
    all.extend(variables);
    Bench::new(&upstream.address, &all)
}

/// How many of a hundred messages are answered.
fn answered(bench: &Bench, mut request: impl FnMut(usize) -> Request) -> usize {
    let replies = (0..100).map(|n| bench.handle(&request(n)).status);
    replies.filter(|status| *status == 200).count()
}

#[test]
fn messages_have_a_limit_for_each_visitor_and_each_address() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let from = |mut request: Request, address: String| {
        request.client = Some(address.parse().unwrap());
        request
    };
    let of_visitor = limited(&upstream, &[]);
    let token = session(&of_visitor);
    let count = answered(&of_visitor, |n| {
        from(chat(&token, &create("Hi!")), format!("192.0.2.{n}"))
    });
    assert!((20..=22).contains(&count), "{count} of one visitor");
    assert!(of_visitor.detail().contains("`LIMIT_MESSAGES_PER_VISITOR`"));
    let of_address = limited(&upstream, &[]);
    let count = answered(&of_address, |_| {
        from(
            chat(&session(&of_address), &create("Hi!")),
            "192.0.2.1".to_owned(),
        )
    });
    assert!((60..=64).contains(&count), "{count} of one address");
    let off = [
        ("LIMIT_MESSAGES_PER_VISITOR", "0"),
        ("LIMIT_MESSAGES_PER_ADDRESS", "0"),
    ];
    let unlimited = limited(&upstream, &off);
    let token = session(&unlimited);
    let count = answered(&unlimited, |_| {
        from(chat(&token, &create("Hi!")), "192.0.2.1".to_owned())
    });
    assert_eq!(count, 100);
}

#[test]
fn lists_are_no_messages() {
    let upstream = Fake::start(|_| Act::Close);
    let bench = limited(&upstream, &[]);
    let mut list = chat(
        &session(&bench),
        &json!({"type": "threads.list", "params": {}}),
    );
    list.client = Some("192.0.2.1".parse().unwrap());
    assert_eq!(answered(&bench, |_| list.clone()), 100);
}

#[test]
fn open_answers_have_a_limit_for_the_process() {
    let (_go, upstream) = slow(vec![HEAD.to_owned()]);
    let bench = limited(&upstream, &[("LIMIT_OPEN_ANSWERS", "2")]);
    let requests: Vec<_> = (0..3)
        .map(|_| chat(&session(&bench), &create("Hi!")))
        .collect();
    let open: Vec<_> = requests[..2]
        .iter()
        .map(|request| session::handle(&bench.service, request))
        .collect();
    assert_eq!(
        code_of(&bench.handle(&requests[2])),
        (429, "rate_limited".to_owned())
    );
    assert!(bench.detail().contains("`LIMIT_OPEN_ANSWERS`"));
    drop(open);
    assert!(matches!(
        session::handle(&bench.service, &requests[2]).body,
        session::Body::Stream(_)
    ));
}

#[test]
fn pages_elsewhere_may_send_what_chatkit_sends() {
    let upstream = Fake::start(|_| Act::Close);
    let bench = bench(&upstream);
    let mut request = chat("", &json!({}));
    request.method = "OPTIONS".to_owned();
    let reply = bench.handle(&request);
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
    let allowed = reply
        .header("access-control-allow-headers")
        .unwrap()
        .to_lowercase();
    for header in ["authorization", "content-type", "chatkit-frame-instance-id"] {
        assert!(allowed.contains(header), "{allowed}");
    }
}

/// The longest silence is a minute, which a test cannot wait for: see the unit tests of the reader. But silence of a few
/// slices is no end.
#[test]
fn silence_of_a_moment_is_no_end() {
    let all = answer(&["one", "two"]);
    let (go, upstream) = slow(vec![HEAD.to_owned() + &sse(&all[..4]), sse(&all[4..])]);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let sender = spawn(move || {
        go.send(()).unwrap();
        sleep(Duration::from_millis(900));
        go.send(()).unwrap();
    });
    let events = events(&bench.handle(&request));
    sender.join().unwrap();
    assert_eq!(events.last().unwrap()["type"], "client_effect");
}

#[test]
fn visitor_who_leaves_before_the_first_byte_is_noticed() {
    let upstream = Fake::start(|_| Act::Hang);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let web = Web::start(bench, Files::default(), limits());
    let (client, _) = asked(&web, &request);
    upstream.next();
    drop(client);
    sleep(Duration::from_millis(900));
    let (client, _) = asked(&web, &request);
    drop(client);
    assert_eq!(web.stop().logged()["code"], "client_gone");
}

#[test]
fn deadline_counts_from_the_request() {
    let (go, upstream) = slow(vec![HEAD.to_owned(), String::new()]);
    let bench = bench(&upstream);
    let mut request = chat(&session(&bench), &create("Hi!"));
    request.deadline = Some(std::time::SystemTime::now() + Duration::from_millis(2000));
    let sender = spawn(move || {
        sleep(Duration::from_millis(1000));
        go.send(()).unwrap();
        go
    });
    let started = Instant::now();
    let events = events(&bench.handle(&request));
    assert!(
        started.elapsed() < Duration::from_millis(2000),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(events.last().unwrap()["type"], "error");
    assert_eq!(bench.logged()["code"], "upstream_timeout");
    drop(sender.join().unwrap());
}

#[test]
fn message_that_is_refused_for_another_one_does_not_count() {
    let (_go, upstream) = slow(vec![HEAD.to_owned()]);
    let bench = limited(&upstream, &[("LIMIT_MESSAGES_PER_VISITOR", "3")]);
    let mut request = chat(&session(&bench), &create("Hi!"));
    request.client = Some("192.0.2.1".parse().unwrap());
    let open = session::handle(&bench.service, &request);
    for _ in 0..5 {
        assert_eq!(bench.handle(&request).status, 429);
    }
    drop(open);
    let again = session::handle(&bench.service, &request);
    assert_eq!(again.status, 200);
}

#[test]
fn messages_that_nobody_finishes_take_bounded_memory() {
    let limits = Limits {
        incomplete: 256 * 1024,
        request: Duration::from_secs(20),
        ..limits()
    };
    let web = Web::start(Bench::new("127.0.0.1:9", &[]), Files::default(), limits);
    let head = "POST /api/chatkit/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n";
    let mut clients: Vec<_> = (0..8).map(|_| web.connect()).collect();
    for client in &mut clients {
        client.write_all(head.as_bytes()).unwrap();
        client.write_all(&[b' '; 100_000]).unwrap();
    }
    sleep(Duration::from_millis(900));
    let mut closed = 0;
    for client in &mut clients {
        client
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let read = client.read(&mut [0]);
        closed += usize::from(!read.is_err_and(|err| err.kind() == ErrorKind::WouldBlock));
    }
    assert!((5..=7).contains(&closed), "{closed}");
    assert!(web.get("/healthz").starts_with("HTTP/1.1 200"));
    web.stop();
}
