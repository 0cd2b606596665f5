//! How fast the function is, beside the same work done by express and OpenAI's node SDK. By hand:
//!
//! ```text
//! cargo run -- build --pack target/site.pack
//! (cd tests/bench/express && npm install)
//! SITE_PACK=$PWD/target/site.pack cargo bench -p session --profile function --target x86_64-unknown-linux-musl
//! ```
//!
//! With `-- agent` at its end, and `--config tests/bench/agent/site.yaml` for the pack: answers of an agent beside OpenAI's own ChatKit server, whose packages are in `agent/requirements.txt`.
//!
//! With `-- retrieval` at its end, and `--config tests/bench/retrieval/site.yaml` for the pack: the passages and the hits that `retrieval/compare.py` compares.
//!
//! All figures of a row are of one run on one machine, taken in turns: ratios mean more than numbers.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that can not go on has failed"
)]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

mod agent;
mod program;
mod retrieval;
mod upstream;

use std::net::SocketAddr;
use std::thread::scope;
use std::time::{Duration, Instant};

use serde_json::json;
use session::{Request, Service, Settings, Site};

use program::{ORIGIN, Program, Running};
use upstream::Peer;

const CLIENTS: usize = 50;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    program::keep_off_the_servers();
    if std::env::args().any(|argument| argument == "agent") {
        return agent::run();
    }
    if std::env::args().any(|argument| argument == "retrieval") {
        return retrieval::run();
    }
    let upstream = upstream::start();
    println!("| | session | express + openai | |\n|---|---|---|---|");
    start();
    overhead(upstream);
    let session = Program::session().serve(upstream);
    let express = Program::express().serve(upstream);
    one_client(upstream, &session, &express);
    for widget in ["support", "docs"] {
        many_clients(widget, &session, &express);
    }
    let peaks = [&session, &express].map(|program| program.peak_memory() as f64 / 1e6);
    row("peak memory after all of this", peaks, "MB");
    let event = json!({
        "httpMethod": "POST",
        "path": "/api/chatkit/session",
        "headers": {"origin": ORIGIN, "content-type": "application/json"},
        "body": "{\"widget\":\"support\"}",
    });
    let peak = Program::session().memory_as_function(upstream, &event.to_string());
    println!(
        "| peak memory as a function, after 2,000 events | {:.2} MB | | |",
        peak as f64 / 1e6
    );
    let (size, packed) = Program::session().sizes();
    println!(
        "| binary | {:.2} MB | | {:.2} MB with gzip -9 |",
        size as f64 / 1e6,
        packed as f64 / 1e6
    );
}

fn row(what: &str, [session, express]: [f64; 2], unit: &str) {
    let (low, high) = (session.min(express), session.max(express));
    println!(
        "| {what} | {session:.2} {unit} | {express:.2} {unit} | {:.1}x |",
        high / low
    );
}

fn start() {
    let programs = [Program::session(), Program::express(), Program::empty()];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..15 {
        for (program, times) in programs.iter().zip(&mut times) {
            times.push(program.time_to_first_event());
        }
    }
    let [session, express, empty] = times.map(|times| millis(quantile(times, 0.5)));
    row(
        "start to first event, median of 15",
        [session, express],
        "ms",
    );
    println!(
        "| the same, of an empty static program | {empty:.2} ms | | session takes {:.1}x |",
        session / empty
    );
}

/// What `handle` takes on top of the upstream: in turns with a bare request over a kept connection.
fn overhead(upstream: SocketAddr) {
    let base = format!("http://{upstream}/v1");
    let settings = Settings::from_lookup(move |name| match name {
        "OPENAI_BASE_URL" => Some(base.clone()),
        "BASE_URL" => Some(ORIGIN.to_owned()),
        "OPENAI_API_KEY" | "CHATKIT_WORKFLOW_ID" => Some("sk-0123456789abcdef".to_owned()),
        _ => None,
    });
    let site = Site::find(&Settings::from_environment());
    let service = Service::new(settings, site).with_log(|_| ());
    let request = request("support");
    let mut peer = Peer::connect(upstream);
    let (mut bare, mut handled) = (Vec::new(), Vec::new());
    for turn in 0..6000 {
        let times = [&mut bare, &mut handled];
        for (which, times) in times.into_iter().enumerate() {
            let started = Instant::now();
            match which {
                0 => peer.ask(&http("support")),
                _ => assert_eq!(session::handle(&service, &request).status, 200),
            }
            if turn >= 1000 {
                times.push(started.elapsed());
            }
        }
    }
    for (name, at) in [("p50", 0.5), ("p99", 0.99)] {
        let [bare, handled] =
            [&bare, &handled].map(|times| millis(quantile(times.clone(), at)) * 1000.0);
        println!(
            "| `handle` on top of the upstream, {name} | {:.0} µs | | {handled:.0} less {bare:.0} |",
            handled - bare
        );
    }
}

fn request(widget: &str) -> Request {
    let headers = [("origin", ORIGIN), ("content-type", "application/json")];
    Request {
        method: "POST".to_owned(),
        path: "/api/chatkit/session".to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: format!(r#"{{"widget":"{widget}"}}"#).into_bytes(),
        id: "1".to_owned(),
        deadline: None,
        client: None,
        host_is_vouched: false,
    }
}

fn http(widget: &str) -> String {
    upstream::post("/api/chatkit/session", "", &json!({ "widget": widget }))
}

fn one_client(upstream: SocketAddr, session: &Running, express: &Running) {
    let addresses = [upstream, session.address, express.address];
    let mut peers = addresses.map(Peer::connect);
    let mut times = [const { Vec::new() }; 3];
    for turn in 0..2500 {
        for (peer, times) in peers.iter_mut().zip(&mut times) {
            let started = Instant::now();
            peer.ask(&http("support"));
            if turn >= 500 {
                times.push(started.elapsed());
            }
            assert!(peer.is_good());
        }
    }
    for (name, at) in [("p50", 0.5), ("p99", 0.99)] {
        let [bare, session, express] = times
            .each_ref()
            .map(|times| millis(quantile(times.clone(), at)));
        let what = format!("one client, on top of the upstream, {name}");
        row(&what, [session - bare, express - bare], "ms");
    }
}

fn many_clients(widget: &str, session: &Running, express: &Running) {
    let kind = if widget == "docs" {
        "own server, nothing asked"
    } else {
        "hosted"
    };
    let mut rates = [const { Vec::new() }; 2];
    let mut slowest = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        for (number, program) in [session, express].into_iter().enumerate() {
            let times = load(widget, program.address);
            rates[number].push(times.len() as f64 / ROUND.as_secs_f64());
            slowest[number].push(quantile(times, 0.99));
        }
    }
    let rates = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[ROUNDS / 2]
    });
    row(&format!("{CLIENTS} clients, {kind}"), rates, "requests/s");
    let slowest = slowest.map(|times| millis(quantile(times, 0.5)));
    row(&format!("{CLIENTS} clients, {kind}, p99"), slowest, "ms");
}

/// How long each request of a round took.
fn load(widget: &str, address: SocketAddr) -> Vec<Duration> {
    let request = http(widget);
    let client = || {
        let mut peer = Peer::connect(address);
        let mut times = Vec::new();
        let end = Instant::now() + ROUND;
        while Instant::now() < end {
            let started = Instant::now();
            peer.ask(&request);
            assert!(peer.is_good());
            times.push(started.elapsed());
        }
        times
    };
    scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let times = clients.into_iter().map(|client| client.join().unwrap());
        times.collect::<Vec<_>>().concat()
    })
}

fn quantile(mut times: Vec<Duration>, at: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * at) as usize]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
