//! The function as a web server: HTTP as browsers speak it, and as attackers do.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use session::transport::web::{Files, Limits, Server, Stopper};

use crate::fake::{Act, Fake, reply};
use crate::{Bench, ORIGIN, SECRET, SERVER_SECRET};

/// A server with short patience, in a thread.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    stopper: Stopper,
    server: JoinHandle<Bench>,
}

pub(crate) fn limits() -> Limits {
    Limits {
        connections: 64,
        incomplete: 1024 * 1024,
        request: Duration::from_millis(600),
        idle: Duration::from_millis(900),
        write: Duration::from_millis(900),
        workers: 16,
        waiting: 64,
        answer: Duration::from_millis(1500),
        streamed_answer: None,
        drain: Duration::from_secs(2),
        trusted_proxies: 0,
        has_gateway: false,
    }
}

impl Web {
    pub(crate) fn start(bench: Bench, files: Files, limits: Limits) -> Web {
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), files, limits).unwrap();
        let (address, stopper) = (server.address(), server.stopper());
        let server = spawn(move || {
            server.run(&bench.service).unwrap();
            bench
        });
        Web {
            address,
            stopper,
            server,
        }
    }

    pub(crate) fn alone() -> Web {
        Web::start(Bench::new("127.0.0.1:9", &[]), Files::default(), limits())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// All that comes back on a connection of its own until the server closes it.
    pub(crate) fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // The server may have closed before it has everything.
        let _ = stream.write_all(bytes);
        rest(&mut stream)
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
    }

    pub(crate) fn stop(self) -> Bench {
        self.stopper.stop();
        self.server.join().unwrap()
    }
}

pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(err) if err.kind() == ErrorKind::ConnectionReset => {}
        Err(err) => panic!("{err}"),
    }
    String::from_utf8(bytes).unwrap()
}

/// A request for a session.
pub(crate) fn post(body: &str, headers: &str) -> String {
    let length = body.len();
    format!(
        "POST /api/chatkit/session HTTP/1.1\r\nHost: chat.example.com\r\nOrigin: {ORIGIN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// One reply of a kept connection.
pub(crate) fn one(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.split("Content-Length: ").nth(1);
    let length = length.map_or(0, |rest| {
        rest.split("\r\n").next().unwrap().parse().unwrap()
    });
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

pub(crate) fn minting() -> Fake {
    let session = format!(r#"{{"client_secret":"{SECRET}","expires_at":5}}"#);
    Fake::start(move |_| reply(200, &[], &session))
}

#[track_caller]
pub(crate) fn assert_status(reply: &str, status: u16) {
    assert!(
        reply.starts_with(&format!("HTTP/1.1 {status} ")),
        "{reply:.300}"
    );
}

pub(crate) const UNKNOWN: &str = r#"{"widget":"nobody"}"#;

#[test]
fn session_is_minted_over_a_connection_that_is_kept() {
    let upstream = minting();
    let web = Web::start(
        Bench::new(&upstream.address, &[]),
        Files::default(),
        limits(),
    );
    let mut stream = web.connect();
    for _ in 0..3 {
        let request = post(r#"{"widget":"support"}"#, "");
        stream.write_all(request.as_bytes()).unwrap();
        let reply = one(&mut stream);
        assert_status(&reply, 200);
        assert!(
            reply.contains(SECRET) && reply.contains("\r\nDate: "),
            "{reply}"
        );
        assert!(!reply.contains("Connection: close"));
    }
    let bench = web.stop();
    assert_eq!(bench.lines().len(), 3);
    assert!(bench.logged()["id"].as_str().unwrap().contains('-'));
}

#[test]
fn requests_in_one_piece_or_in_single_bytes_are_answered_in_order() {
    let web = Web::alone();
    let two = post(UNKNOWN, "") + &post("{}", "Connection: close\r\n");
    let reply = web.send(two.as_bytes());
    let (first, second) = reply.split_once("unknown_widget").unwrap();
    assert_status(first, 404);
    assert!(
        second.contains("HTTP/1.1 400 ") && second.ends_with("}}"),
        "{second}"
    );
    let mut stream = web.connect();
    for byte in post(UNKNOWN, "").bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    assert_status(&one(&mut stream), 404);
}

#[test]
fn client_that_waits_for_leave_to_send_gets_it() {
    let web = Web::alone();
    let request = post(UNKNOWN, "Expect: 100-continue\r\n");
    let (head, body) = request.split_at(request.len() - UNKNOWN.len());
    let mut stream = web.connect();
    stream.write_all(head.as_bytes()).unwrap();
    assert_status(&one(&mut stream), 100);
    stream.write_all(body.as_bytes()).unwrap();
    assert_status(&one(&mut stream), 404);
}

#[test]
fn body_that_is_too_long_or_never_ends_is_refused_at_once() {
    let web = Web::alone();
    let head = post("", "").replace("Length: 0", "Length: 30000000000");
    for length in ["30000000000", "18446744073709551616", "8193"] {
        let head = head.replace("30000000000", length);
        let reply = web.send(head.as_bytes());
        assert_status(&reply, 413);
        assert!(reply.contains("body_too_large") && reply.contains("Connection: close"));
        assert!(reply.contains(&format!("Access-Control-Allow-Origin: {ORIGIN}")));
    }
    let mut stream = web.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut sent = 0;
    while stream.write(&[b'x'; 65536]).is_ok_and(|count| count > 0) {
        sent += 1;
        assert!(sent < 100_000, "the server takes all there is");
    }
}

#[test]
fn body_in_chunks_is_read_within_the_same_limit() {
    let web = Web::start(
        Bench::new("127.0.0.1:9", &[("CHATKIT_SERVER_SECRET", SERVER_SECRET)]),
        Files::default(),
        limits(),
    );
    let head = post("", "Transfer-Encoding: chunked\r\n").replace("Content-Length: 0\r\n", "");
    let chunked = |chunks: &str| format!("{head}{chunks}0\r\n\r\n");
    let mut stream = web.connect();
    for _ in 0..2 {
        let request = chunked("9\r\n{\"widget\"\r\n8;x\r\n:\"docs\"}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        assert_status(&one(&mut stream), 200);
    }
    let long = chunked(&format!("1000\r\n{}\r\n", " ".repeat(0x1000)).repeat(3));
    assert_status(&web.send(long.as_bytes()), 413);
    assert_status(&web.send(chunked("x\r\n").as_bytes()), 400);
}

#[test]
fn what_is_not_http_is_refused() {
    let web = Web::alone();
    for bytes in [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        post("5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
        "GET / HTTP/1.1\r\nHost: a\r\n".to_owned() + &"X: y\r\n".repeat(101) + "\r\n",
        "GET /".to_owned() + &"x".repeat(20_000),
        "GET / HTTP/1.1\r\nHost: a\r\nX: ".to_owned() + &"x".repeat(1_000_000),
    ] {
        let reply = web.send(bytes.as_bytes());
        assert_status(&reply, 400);
        assert!(reply.contains("invalid_request"), "{reply}");
    }
    for bytes in [Vec::new(), vec![0xff; 100], b"\r\n".to_vec()] {
        assert_eq!(web.send(&bytes), "");
    }
}

#[test]
fn line_that_ends_without_a_carriage_return_is_refused() {
    let web = Web::alone();
    for request in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\nContent-Length: 17\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_status(&web.send(request.as_bytes()), 400);
    }
}

#[test]
fn one_line_break_before_a_request_is_skipped_and_a_second_one_is_refused() {
    let web = Web::alone();
    let request = post(UNKNOWN, "Connection: close\r\n");
    assert_status(&web.send(format!("\r\n{request}").as_bytes()), 404);
    assert_status(&web.send(format!("\r\n\r\n{request}").as_bytes()), 400);
    let twice = format!("{}\r\n{request}", post(UNKNOWN, ""));
    assert_eq!(
        web.send(twice.as_bytes()).matches("unknown_widget").count(),
        2
    );
}

#[test]
fn line_breaks_without_end_keep_nobody_waiting() {
    let web = Web::alone();
    let mut flood = web.connect();
    let mut reading = flood.try_clone().unwrap();
    let flood = spawn(move || flood.write_all(&b"\r\n".repeat(4_000_000)));
    for _ in 0..20 {
        assert!(web.get("/healthz").ends_with("ok\n"));
    }
    let mut reply = [0; 12];
    reading.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"HTTP/1.1 400");
    drop(reading);
    // It is cut off before it has sent everything.
    let _ = flood.join().unwrap();
}

#[test]
fn line_break_after_a_reply_begins_a_request_and_does_not_prolong_the_wait() {
    let patient = Limits {
        idle: Duration::from_secs(60),
        ..limits()
    };
    let web = Web::start(Bench::new("127.0.0.1:9", &[]), Files::default(), patient);
    let mut stream = web.connect();
    stream.write_all(post(UNKNOWN, "").as_bytes()).unwrap();
    assert_status(&one(&mut stream), 404);
    let started = Instant::now();
    stream.write_all(b"\r\n").unwrap();
    assert_eq!(rest(&mut stream), "");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn slow_clients_are_given_up_and_do_not_keep_others_waiting() {
    let web = Web::alone();
    let started = Instant::now();
    let half = post(UNKNOWN, "");
    let mut slow: Vec<_> = (0..20).map(|_| web.connect()).collect();
    for (number, stream) in slow.iter_mut().enumerate() {
        stream
            .write_all(&half.as_bytes()[..half.len() - 20 + number])
            .unwrap();
    }
    let mut other = web.connect();
    other.write_all(half.as_bytes()).unwrap();
    assert_status(&one(&mut other), 404);
    assert!(started.elapsed() < Duration::from_millis(500));
    for stream in &mut slow {
        // A drip does not prolong it.
        let _ = stream.write_all(b" ");
        assert_eq!(rest(stream), "");
    }
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn client_that_does_not_take_its_reply_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("big.txt"), vec![b'x'; 30_000_000]).unwrap();
    let files = Files::load(folder.path()).unwrap();
    let web = Web::start(Bench::new("127.0.0.1:9", &[]), files, limits());
    let mut stream = web.connect();
    let started = Instant::now();
    stream
        .write_all(b"GET /big.txt HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    sleep(Duration::from_millis(1500));
    assert!(rest(&mut stream).len() < 30_000_000);
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[test]
fn idle_connections_make_room_for_new_ones() {
    let web = Web::alone();
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(web.connect());
    }
    let mut stream = web.connect();
    stream.write_all(post(UNKNOWN, "").as_bytes()).unwrap();
    assert_status(&one(&mut stream), 404);
    let is_closed = |mut stream: TcpStream| {
        let short = Some(Duration::from_millis(20));
        stream.set_read_timeout(short).unwrap();
        !matches!(stream.read(&mut [0]), Err(err) if err.kind() == ErrorKind::WouldBlock)
    };
    let closed = idle
        .into_iter()
        .take(200)
        .filter_map(|stream| is_closed(stream).then_some(()));
    assert_eq!(closed.count(), 200, "the oldest go first");
}

#[test]
fn clients_that_take_no_reply_make_room_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("big.txt"), vec![b'x'; 30_000_000]).unwrap();
    let files = Files::load(folder.path()).unwrap();
    let patient = Limits {
        write: Duration::from_secs(60),
        ..limits()
    };
    let web = Web::start(Bench::new("127.0.0.1:9", &[]), files, patient);
    let mut greedy = Vec::new();
    for _ in 0..100 {
        let mut stream = web.connect();
        let request = b"GET /big.txt HTTP/1.1\r\nHost: a\r\n\r\n";
        stream.write_all(request).unwrap();
        greedy.push(stream);
    }
    let mut stream = web.connect();
    stream.write_all(post(UNKNOWN, "").as_bytes()).unwrap();
    assert_status(&one(&mut stream), 404);
    assert!(
        rest(&mut greedy[0]).len() < 30_000_000,
        "the oldest is closed"
    );
}

#[test]
fn too_many_requests_at_once_are_told_to_come_back() {
    let upstream = Fake::start(|_| Act::Hang);
    let bench = Bench::new(&upstream.address, &[]);
    let few = Limits {
        workers: 2,
        waiting: 1,
        ..limits()
    };
    let web = Web::start(bench, Files::default(), few);
    let mut streams: Vec<_> = (0..4).map(|_| web.connect()).collect();
    for stream in &mut streams {
        stream
            .write_all(post(r#"{"widget":"support"}"#, "").as_bytes())
            .unwrap();
        sleep(Duration::from_millis(50));
    }
    let reply = one(&mut streams[3]);
    assert_status(&reply, 429);
    assert!(
        reply.contains("Retry-After: 1\r\n") && reply.contains("rate_limited"),
        "{reply}"
    );
    assert!(reply.contains(&format!("Access-Control-Allow-Origin: {ORIGIN}")));
}

#[test]
fn session_that_is_signed_here_never_waits_for_an_upstream() {
    let upstream = Fake::start(|_| Act::Hang);
    let bench = Bench::new(
        &upstream.address,
        &[("CHATKIT_SERVER_SECRET", SERVER_SECRET)],
    );
    let one_worker = Limits {
        workers: 1,
        waiting: 1,
        ..limits()
    };
    let web = Web::start(bench, Files::default(), one_worker);
    let mut stuck: Vec<_> = (0..2).map(|_| web.connect()).collect();
    for stream in &mut stuck {
        let request = post(r#"{"widget":"support"}"#, "");
        stream.write_all(request.as_bytes()).unwrap();
    }
    upstream.next();
    let mut stream = web.connect();
    for _ in 0..100 {
        let started = Instant::now();
        let request = post(r#"{"widget":"docs"}"#, "");
        stream.write_all(request.as_bytes()).unwrap();
        assert_status(&one(&mut stream), 200);
        assert!(started.elapsed() < Duration::from_millis(500));
    }
    web.stop();
}

#[test]
fn client_that_asks_without_end_does_not_keep_others_waiting() {
    let web = Web::alone();
    let mut greedy = web.connect();
    let mut reading = greedy.try_clone().unwrap();
    let many = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20_000);
    let writer = spawn(move || greedy.write_all(many.as_bytes()).unwrap());
    let mut other = web.connect();
    other.write_all(post(UNKNOWN, "").as_bytes()).unwrap();
    assert_status(&one(&mut other), 404);
    for _ in 0..20_000 {
        assert!(one(&mut reading).ends_with("ok\n"));
    }
    writer.join().unwrap();
}
