//! One door, three ways to it: every reply is the same, byte for byte.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use session::Request;
use session::transport::web::Files;

use crate::fake::{Act, Fake, reply};
use crate::lambda::Runtime;
use crate::web::{Web, limits, one};
use crate::{Bench, KEY, Response, ask, post, with_header};

type Reply = (u16, Vec<(String, String)>, String);

/// The upstream answers with the status that the widget's version names.
fn upstream() -> Fake {
    Fake::start(|received| {
        let session = r#"{"client_secret":"ek_1","expires_at":5}"#;
        match received.header("openai-project") {
            Some("limited") => reply(429, &["retry-after: 30"], "{}"),
            Some("broken") => reply(401, &[], "{}"),
            Some("slow") => Act::Hang,
            _ => reply(200, &[], session),
        }
    })
}

/// Each request of the table of replies, with the project that makes the upstream answer so.
fn table() -> Vec<(u16, &'static str, Request)> {
    let other = |name: &str, value: Option<&str>| with_header(ask("support"), name, value);
    let of = |path: &str, method: &str| {
        let mut request = ask("support");
        request.path = path.to_owned();
        request.method = method.to_owned();
        request
    };
    let widget = r#"{"widget":"support","identity":"a.b.c"}"#;
    vec![
        (200, "", post(r#"{"widget":"docs","visitor":null}"#)),
        (200, "", ask("support")),
        (204, "", of("/api/chatkit/session", "OPTIONS")),
        (400, "", post("{}")),
        (400, "", post("")),
        (400, "", post("\u{0}")),
        (403, "", other("origin", Some("https://evil.com"))),
        (403, "", other("origin", Some("null"))),
        (403, "", other("origin", None)),
        (403, "", post(widget)),
        (404, "", ask("nobody")),
        (404, "", of("/elsewhere", "POST")),
        (405, "", of("/api/chatkit/session", "GET")),
        (405, "", of("/.netlify/functions/session", "DELETE")),
        (413, "", post(&" ".repeat(9000))),
        (415, "", other("content-type", Some("text/plain"))),
        (429, "limited", ask("support")),
        (500, "", ask("other")),
        (502, "broken", ask("support")),
        (504, "slow", ask("support")),
    ]
}

#[test]
fn every_row_of_the_table_is_the_same_over_every_transport() {
    let upstream = upstream();
    for project in ["", "limited", "broken", "slow"] {
        let bench = || {
            let secret = ("CHATKIT_SERVER_SECRET", crate::SERVER_SECRET);
            Bench::new(&upstream.address, &[("OPENAI_PROJECT_ID", project), secret])
        };
        let direct = bench();
        let (runtime, served) = Runtime::serve(bench());
        let web = Web::start(bench(), Files::default(), limits());
        let rows = table().into_iter().filter(|(_, of, _)| *of == project);
        for (status, _, request) in rows {
            let name = format!("{} {} {status}", request.method, request.path);
            let over_http = over_http(&web, &request);
            let one = over_lambda(runtime.ask(&event_1(&request).to_string()));
            let two = over_lambda(runtime.ask(&event_2(&request).to_string()));
            let mut request = request;
            request.deadline = Some(SystemTime::now() + Duration::from_millis(1500));
            let expected = plain(direct.handle(&request));
            assert_eq!(expected.0, status, "{name}");
            assert_eq!(over_http, expected, "{name}");
            assert_eq!(one, expected, "{name}");
            assert_eq!(two, expected, "{name}");
        }
        web.stop();
        runtime.end(served);
    }
}

fn plain(response: Response) -> Reply {
    let body = String::from_utf8(response.body).unwrap();
    same(response.status, response.headers, body)
}

fn over_http(web: &Web, request: &Request) -> Reply {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
    let headers = request.headers.iter();
    text.extend(headers.map(|(name, value)| format!("{name}: {value}\r\n")));
    let length = request.body.len();
    text.push_str(&format!(
        "Host: other.example\r\nContent-Length: {length}\r\n\r\n"
    ));
    let mut stream = web.connect();
    stream.write_all(text.as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    let reply = one(&mut stream);
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    same(status, headers.collect(), body.to_owned())
}

fn over_lambda(reply: Value) -> Reply {
    let headers = reply["headers"].as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    let status = reply["statusCode"].as_u64().unwrap() as u16;
    let body = reply["body"].as_str().unwrap().to_owned();
    same(status, headers.collect(), body)
}

fn event_1(request: &Request) -> Value {
    let headers = request.headers.iter().cloned();
    json!({
        "httpMethod": request.method,
        "path": request.path,
        "headers": headers.map(|(name, value)| (name, Value::from(value))).collect::<serde_json::Map<_, _>>(),
        "body": String::from_utf8_lossy(&request.body),
        "isBase64Encoded": false,
    })
}

fn event_2(request: &Request) -> Value {
    let mut event = event_1(request);
    event["requestContext"] = json!({"http": {"method": event["httpMethod"].take()}});
    event["rawPath"] = event["path"].take();
    event["version"] = json!("2.0");
    event["cookies"] = json!(["a=b"]);
    event
}

/// Without what the transport adds and what differs from one moment to the next.
fn same(status: u16, headers: Vec<(String, String)>, body: String) -> Reply {
    let own = ["Date", "Content-Length", "Connection"];
    let mut headers: Vec<_> = headers
        .into_iter()
        .filter(|(name, _)| !own.contains(&&**name))
        .map(|(name, value)| match &*name {
            "Server-Timing" => {
                assert!(value.starts_with("total;dur="), "{value}");
                (name, String::new())
            }
            _ => (name, value),
        })
        .collect();
    headers.sort();
    let mut body = body;
    assert!(!body.contains(KEY));
    if let Ok(mut json) = serde_json::from_str::<Value>(&body) {
        for random in ["visitor", "client_secret", "expires_at"] {
            if json.get(random).is_some() {
                json[random] = Value::Null;
            }
        }
        body = json.to_string();
    }
    (status, headers, body)
}
