//! The endpoint of agents, with a Responses API on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use session::Body;

use super::*;
use crate::preview::http::server::Listener as HttpListener;

const AGENT: &str = "\
site: {url: 'https://chat.example.com'}
widgets:
  a:
    backend:
      type: agent
      domain_key: domain_pk_1
      instructions_file: support.md
      knowledge: {files: ['pages/*.md'], base_url: 'https://www.example.com'}
";

/// A Responses API that gives the same answer to every request, or only begins one.
struct Upstream {
    address: String,
    /// The bodies of the requests.
    asked: Receiver<Value>,
}

impl Upstream {
    fn start() -> Self {
        Self::of(answer())
    }

    /// Begins an answer, and says nothing more.
    fn silent() -> Self {
        Self::of(answer().into_iter().take(1).collect())
    }

    fn of(events: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (note, asked) = channel();
        // Ends with the process: nobody connects any more after a test.
        std::thread::spawn(move || {
            // An answer ends with its last event, not with its connection.
            let mut open = Vec::new();
            for stream in listener.incoming() {
                open.push(reply_to(stream.unwrap(), &events, &note));
            }
        });
        Self { address, asked }
    }
}

fn reply_to(stream: TcpStream, events: &[Value], note: &Sender<Value>) -> TcpStream {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    note.send(serde_json::from_slice(&body).unwrap()).unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let events: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    let mut stream = reader.into_inner();
    stream
        .write_all(format!("{head}{events}").as_bytes())
        .unwrap();
    stream
}

/// "Hello there.", as a model says it.
fn answer() -> Vec<Value> {
    let item = |content: Value| json!({"id": "msg_1", "type": "message", "role": "assistant", "content": content});
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let text = |name: &str, key: &str, value: Value| {
        json!({"type": format!("response.{name}"), "item_id": "msg_1", "output_index": 0,
            "content_index": 0, key: value})
    };
    let whole = "Hello there.";
    vec![
        json!({"type": "response.created", "response": {"id": "resp_1"}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item(json!([]))}),
        text("content_part.added", "part", part("")),
        text("output_text.delta", "delta", json!("Hello")),
        text("output_text.delta", "delta", json!(" there.")),
        text("output_text.done", "text", json!(whole)),
        text("content_part.done", "part", part(whole)),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item(json!([part(whole)]))}),
        json!({"type": "response.completed", "response": {"id": "resp_1",
            "usage": {"input_tokens": 4, "output_tokens": 2}}}),
    ]
}

/// A preview of an agent that asks this upstream.
fn bench(upstream: &Upstream) -> Bench {
    let variables = format!(
        "OPENAI_API_KEY=sk-proj-0123456789abcdef0123456789abcdef\nOPENAI_BASE_URL=http://{}/v1\n",
        upstream.address
    );
    let files = [
        ("site.yaml", AGENT),
        ("support.md", "Answer in three words."),
        ("pages/kettles.md", "# Kettles\n\nKettles are blue.\n"),
        (".env", &variables),
    ];
    Bench::new(&files)
}

/// A message, in a session that the page has.
fn message(bench: &Bench, session: &Value) -> Request {
    let content = json!([{"type": "input_text", "text": "Hi!"}]);
    let input = json!({"content": content, "attachments": [], "inference_options": {}});
    let body = json!({"type": "threads.create", "params": {"input": input}});
    let bearer = format!("Bearer {}", session["client_secret"].as_str().unwrap());
    let request = from_page(bench.request("POST", CHAT_PATH, &body), "/w/a/");
    with_header(request, "authorization", Some(&bearer))
}

/// The events of the answer to a message.
fn chat(bench: &Bench, session: &Value) -> String {
    let (service, asked) = match bench.answer(&message(bench, session)) {
        Answer::Function(service, asked) => (service, asked),
        Answer::Reply(reply) => panic!("{}", String::from_utf8_lossy(&reply.body)),
        Answer::Events(..) => panic!("not an answer"),
    };
    let response = handle(&service, &asked);
    assert_eq!(response.status, 200);
    assert!(matches!(response.body, Body::Stream(_)), "word by word");
    String::from_utf8(response.body.into_bytes()).unwrap()
}

#[test]
fn agent_answers_in_the_preview() {
    let upstream = Upstream::start();
    let bench = bench(&upstream);
    assert!(!bench.preview.is_demo());
    let (status, session) = bench.session("");
    assert_eq!(status, 200, "{session}");
    let events = chat(&bench, &session);
    assert!(events.contains(r#""delta":"Hello""#), "{events}");
    assert!(events.contains(r#""text":"Hello there.""#), "{events}");
    let asked = upstream.asked.recv().unwrap();
    let instructions = asked["instructions"].as_str().unwrap();
    assert!(
        instructions.contains("\n\nAnswer in three words.\n\n"),
        "{instructions}"
    );
    assert_eq!(asked["input"][0]["content"], "Hi!");
}

#[test]
fn changed_files_of_an_agent_count_from_the_next_message_on() {
    let upstream = Upstream::start();
    let bench = bench(&upstream);
    let session = bench.session("").1;
    let told = |word: &str| {
        chat(&bench, &session);
        let asked = upstream.asked.recv().unwrap();
        asked["instructions"].as_str().unwrap().contains(word)
    };
    assert!(told("Answer in three words.") && told("Kettles are blue."));
    // Nothing watches these files.
    bench.write("support.md", "Answer in rhymes.");
    assert!(told("Answer in rhymes.") && told("Answer in rhymes."));
    bench.write("pages/kettles.md", "# Kettles\n\nKettles are red.\n");
    assert!(told("Kettles are red.") && told("Kettles are red."));
    bench.write("pages/new.md", "# New\n\nSpoons are new.\n");
    assert!(told("Spoons are new."));
}

#[test]
fn nobody_answers_while_the_network_is_down_and_everybody_may_read_that() {
    let upstream = Upstream::start();
    let bench = bench(&upstream);
    let session = bench.session("").1;
    assert_eq!(bench.call("network", &json!({"down": true})).0, 200);
    assert_eq!(bench.session("").0, 503);
    let reply = bench.reply(&message(&bench, &session));
    assert_eq!(reply.status, 503);
    assert!(upstream.asked.try_recv().is_err());
    bench.call("network", &json!({"down": false}));
    chat(&bench, &session);
}

#[test]
fn message_without_a_session_reaches_no_model() {
    let upstream = Upstream::start();
    let bench = bench(&upstream);
    let request = message(&bench, &json!({"client_secret": "forged"}));
    let status = match bench.answer(&request) {
        Answer::Function(service, asked) => handle(&service, &asked).status,
        Answer::Reply(reply) => reply.status,
        Answer::Events(..) => panic!("not an answer"),
    };
    assert_eq!(status, 401);
    assert!(upstream.asked.try_recv().is_err());
}

#[test]
fn who_leaves_while_the_model_is_silent_may_ask_again() {
    let upstream = Upstream::silent();
    let bench = bench(&upstream);
    let session = bench.session("").1;
    let request = message(&bench, &session);
    let preview = Arc::clone(&bench.preview);
    let guard = Guard::new("127.0.0.1", ADDRESS.parse().unwrap());
    let listener = HttpListener::bind("127.0.0.1", 0).unwrap();
    let address = listener.address;
    let places = Arc::default();
    let running = listener.serve("test", &places, move |asked| main(&preview, &guard, &asked));
    let _running = running.unwrap();

    let mut visitor = TcpStream::connect(address).unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    visitor.write_all(head.as_bytes()).unwrap();
    visitor.write_all(&request.body).unwrap();
    upstream.asked.recv().unwrap();
    let again = || match bench.answer(&request) {
        Answer::Function(service, asked) => handle(&service, &asked).status,
        _ => panic!("not an answer"),
    };
    assert_eq!(again(), 429);
    drop(visitor);
    let left = Instant::now();
    while again() == 429 {
        assert!(left.elapsed() < Duration::from_secs(10), "not noticed");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn demo_of_an_agent_with_a_contact_form_and_events_needs_no_variable() {
    let site = AGENT.replace(
        "      knowledge:",
        "      contact: {to: {webhook_env: CONTACT}}\n      events: {webhook_env: EVENTS}\n      knowledge:",
    );
    let files = [
        ("site.yaml", &*site),
        ("support.md", "Answer in three words."),
        ("pages/kettles.md", "# Kettles\n\nKettles are blue.\n"),
    ];
    let bench = Bench::new(&files);
    assert!(bench.preview.is_demo());
    let (status, session) = bench.session("");
    assert_eq!(status, 200, "{session}");
}
