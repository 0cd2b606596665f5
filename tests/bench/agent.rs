//! Answers of an agent, beside `openai-chatkit` on FastAPI and uvicorn, from one upstream that says 200 tokens.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Program, Running};
use crate::upstream::{self, Peer};
use crate::{millis, quantile, row};

/// Visitors at the same time.
const VISITORS: usize = 500;
/// Tokens of an answer, and how many of them the upstream says in a second.
const TOKENS: usize = 200;
const PACE: u64 = 50;
/// Answers to one visitor.
const TURNS: usize = 200;

/// Microseconds between two tokens.
static PAUSE: AtomicU64 = AtomicU64::new(0);

pub(crate) fn run() {
    let upstream = start();
    let session = Program::session().serve(upstream);
    let chatkit = Program::chatkit().serve(upstream);
    println!("| | session | openai-chatkit + fastapi | |\n|---|---|---|---|");
    first_words(upstream, &session, &chatkit);
    PAUSE.store(1_000_000 / PACE, Ordering::Relaxed);
    let [session, chatkit] = [&session, &chatkit].map(crowd);
    let both = |value: fn(&Crowd) -> f64| [value(&session), value(&chatkit)];
    row("answers per second of a core", both(|one| one.rate), "");
    row("memory of an open answer", both(|one| one.memory), "kB");
    row("memory without any", both(|one| one.idle), "MB");
    row("first words, p50", both(|one| one.first[0]), "ms");
    row("first words, p99", both(|one| one.first[1]), "ms");
    row("whole answer, p99", both(|one| one.whole), "ms");
}

/// One visitor: how long the first words take, on top of the upstream's own time.
fn first_words(upstream: SocketAddr, session: &Running, chatkit: &Running) {
    let mut times = [const { Vec::new() }; 3];
    for turn in 0..TURNS {
        let asks = [
            (upstream, question("")),
            (session.address, question(&mint(session.address))),
            (chatkit.address, question("")),
        ];
        for ((address, question), times) in asks.iter().zip(&mut times) {
            let answer = Answer::to(*address, question);
            if turn >= TURNS / 10 {
                times.push(answer.first);
            }
        }
    }
    for (name, at) in [("p50", 0.5), ("p99", 0.99)] {
        let [bare, session, chatkit] = times
            .each_ref()
            .map(|times| millis(quantile(times.clone(), at)));
        let what = format!("first words, on top of the upstream, {name}");
        row(&what, [session - bare, chatkit - bare], "ms");
    }
}

/// What many visitors at the same time have seen, and what it took.
struct Crowd {
    /// Answers per second of a core.
    rate: f64,
    /// Of an open answer, in kB.
    memory: f64,
    /// Before, in MB.
    idle: f64,
    /// Milliseconds until the first words, p50 and p99.
    first: [f64; 2],
    /// Milliseconds until the end, p99.
    whole: f64,
}

fn crowd(server: &Running) -> Crowd {
    let questions: Vec<_> = (0..VISITORS)
        .map(|_| question(&mint(server.address)))
        .collect();
    let (idle, busy) = (server.memory(), server.processor_time());
    let start = Barrier::new(VISITORS);
    let answers: Vec<_> = scope(|scope| {
        let ask = |question| {
            start.wait();
            Answer::to(server.address, question)
        };
        let clients: Vec<_> = questions
            .iter()
            .map(|question| scope.spawn(move || ask(question)))
            .collect();
        let answers = clients.into_iter().map(|client| client.join().unwrap());
        answers.collect()
    });
    // A server that is slow has all of them open at some time, too.
    let open = server.peak_memory();
    let busy = server.processor_time() - busy;
    let first = |at| millis(quantile(answers.iter().map(|one| one.first).collect(), at));
    Crowd {
        rate: VISITORS as f64 / busy.as_secs_f64(),
        memory: open.saturating_sub(idle) as f64 / 1e3 / VISITORS as f64,
        idle: idle as f64 / 1e6,
        first: [first(0.5), first(0.99)],
        whole: millis(quantile(
            answers.iter().map(|one| one.whole).collect(),
            0.99,
        )),
    }
}

/// How long an answer took.
struct Answer {
    first: Duration,
    whole: Duration,
}

impl Answer {
    /// Asks, and reads to the end.
    fn to(address: SocketAddr, question: &str) -> Answer {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let started = Instant::now();
        stream.write_all(question.as_bytes()).unwrap();
        let (mut seen, mut first) = (Vec::new(), None);
        let mut chunk = [0; 16 * 1024];
        loop {
            let count = stream.read(&mut chunk).unwrap();
            if count == 0 {
                break;
            }
            seen.extend_from_slice(&chunk[..count]);
            // `text_delta` or `output_text.delta`.
            if first.is_none()
                && (contains(&seen, b"text_delta\"") || contains(&seen, b"text.delta\""))
            {
                first = Some(started.elapsed());
            }
        }
        assert!(
            contains(&seen, b"token199"),
            "{}",
            String::from_utf8_lossy(&seen)
        );
        Answer {
            first: first.unwrap(),
            whole: started.elapsed(),
        }
    }
}

/// An upstream that streams, one thread for each answer.
fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let [begin, end] = [true, false].map(frame);
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let (begin, end) = (begin.clone(), end.clone());
            spawn(move || answer(stream, &begin, &end));
        }
    });
    address
}

fn answer(stream: TcpStream, begin: &str, end: &str) -> io::Result<()> {
    let mut peer = Peer::new(stream)?;
    peer.receive()?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    peer.try_send(&format!("{head}{begin}"))?;
    for number in 0..TOKENS {
        peer.try_send(&sse(&json!({"type": "response.output_text.delta", "sequence_number": 4 + number,
            "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": format!("token{number} "), "logprobs": []})))?;
        sleep(Duration::from_micros(PAUSE.load(Ordering::Relaxed)));
    }
    peer.try_send(end)
}

/// The events before or after the text. A real one repeats the instructions in some of them.
fn frame(is_begin: bool) -> String {
    let text: String = (0..TOKENS)
        .map(|number| format!("token{number} "))
        .collect();
    let response = |status: &str| {
        json!({"id": "resp_1", "object": "response", "created_at": 1_790_000_000, "status": status, "error": null,
            "incomplete_details": null, "instructions": "Answer briefly. ".repeat(200), "model": "gpt-6-luna",
            "output": [], "parallel_tool_calls": true, "temperature": 1, "top_p": 1, "tool_choice": "auto",
            "tools": [], "metadata": {}, "usage": {"input_tokens": 40, "output_tokens": 200, "total_tokens": 240,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0}}})
    };
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    let message = |status: &str, content: Vec<Value>| json!({"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content});
    let at = |mut event: Value| {
        event["item_id"] = json!("msg_1");
        event["output_index"] = json!(0);
        event["content_index"] = json!(0);
        event
    };
    let mut whole = response("completed");
    whole["output"] = json!([message("completed", vec![part(&text)])]);
    let events = match is_begin {
        true => vec![
            json!({"type": "response.created", "response": response("in_progress")}),
            json!({"type": "response.in_progress", "response": response("in_progress")}),
            json!({"type": "response.output_item.added", "output_index": 0, "item": message("in_progress", vec![])}),
            at(json!({"type": "response.content_part.added", "part": part("")})),
        ],
        false => vec![
            at(json!({"type": "response.output_text.done", "text": text, "logprobs": []})),
            at(json!({"type": "response.content_part.done", "part": part(&text)})),
            json!({"type": "response.output_item.done", "output_index": 0, "item": message("completed", vec![part(&text)])}),
            json!({"type": "response.completed", "response": whole}),
        ],
    };
    let numbered = events.into_iter().enumerate().map(|(number, mut event)| {
        event["sequence_number"] = json!(number + if is_begin { 0 } else { 4 + TOKENS });
        sse(&event)
    });
    numbered.collect()
}

fn sse(event: &Value) -> String {
    format!(
        "event: {}\ndata: {event}\n\n",
        event["type"].as_str().unwrap()
    )
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

/// A session of a new visitor; nothing where there are none.
fn mint(address: SocketAddr) -> String {
    let mut peer = Peer::connect(address);
    peer.ask(&upstream::post(
        "/api/chatkit/session",
        "",
        &json!({"widget": "agent"}),
    ));
    let reply: Option<Value> = peer
        .is_good()
        .then(|| serde_json::from_slice(peer.body()).unwrap());
    let secret = reply.map(|reply| reply["client_secret"].as_str().unwrap().to_owned());
    secret.unwrap_or_default()
}

fn question(session: &str) -> String {
    let input = json!({"content": [{"type": "input_text", "text": "Where is my order?"}], "attachments": [], "inference_options": {}});
    let body = json!({"type": "threads.create", "params": {"input": input}});
    let headers = format!("Authorization: Bearer {session}\r\nConnection: close\r\n");
    upstream::post("/api/chatkit/chat", &headers, &body)
}
