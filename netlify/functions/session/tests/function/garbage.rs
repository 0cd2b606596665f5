//! Whatever an upstream streams: the visitor gets an answer or one error, and nothing that ChatKit does not know.

use std::env;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::agent::{bench, chat, create, events_in, kept, session, sse};
use crate::client::Client;
use crate::conformance::streams;
use crate::fake::{Act, Fake};
use crate::json_of;
use crate::lambda::Random;

/// Random streams in one run.
const CASES: usize = 200;
/// `PROPERTY_SEED` sets another one.
const SEED: u64 = 20_261_127;

/// A stream that no server should send.
fn garbage(random: &mut Random, recorded: &[(String, Vec<Value>)]) -> Vec<u8> {
    let mut events = recorded[random.below(recorded.len())].1.clone();
    for _ in 0..random.below(6) {
        let (at, other) = (random.below(events.len()), random.below(events.len()));
        match random.below(6) {
            0 => events.swap(at, other),
            1 => events.insert(at, events[other].clone()),
            2 if events.len() > 1 => drop(events.remove(at)),
            3 => {
                let stranger = &recorded[random.below(recorded.len())].1;
                events.insert(at, stranger[random.below(stranger.len())].clone());
            }
            _ => change(random, &mut events[at]),
        }
    }
    let text = sse(&events);
    match random.below(5) {
        0 => random.text(300).into_bytes(),
        1 => random.damaged(&text).into_bytes(),
        2 => {
            let mut bytes = text.into_bytes();
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
            bytes
        }
        _ => text.into_bytes(),
    }
}

/// Gives some member another value. The type stays a text, as it is also the event's name.
fn change(random: &mut Random, value: &mut Value) {
    let values = [
        json!(null),
        json!(-1),
        json!(63),
        json!(u64::MAX),
        json!(1e99),
        json!(""),
        json!("msg_0"),
        json!("\u{0}\n\n"),
        json!([[], {}]),
        json!({"id": {}}),
        json!("x".repeat(70_000)),
    ];
    let members = value.as_object_mut().unwrap();
    let at = random.below(members.len());
    let (name, member) = members.iter_mut().nth(at).unwrap();
    match member {
        Value::Object(inner) if !inner.is_empty() && random.below(2) == 0 => change(random, member),
        _ if name == "type" => {}
        _ => *member = values[random.below(values.len())].clone(),
    }
}

#[test]
fn any_stream_becomes_an_answer_or_one_error() {
    let seed = env::var("PROPERTY_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let mut random = Random(seed.max(1));
    let recorded = streams();
    let playing = Arc::new(Mutex::new(Vec::new()));
    let answer = Arc::clone(&playing);
    let upstream = Fake::start(move |_| Act::Bytes(answer.lock().unwrap().clone()));
    let (mut answers, mut errors) = (0, 0);
    for case in 0..CASES {
        let garbage = garbage(&mut random, &recorded);
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        *playing.lock().unwrap() = [&head[..], &garbage].concat();
        let shown = String::from_utf8_lossy(&garbage).into_owned();
        let bench = bench(&upstream);
        let session = session(&bench);
        let response = bench.handle(&chat(&session, &create("Hi!")));
        let client = catch_unwind(|| {
            let client = Client::of(&response.body);
            client.assert_over();
            client
        });
        let client =
            client.unwrap_or_else(|_| panic!("PROPERTY_SEED={seed}, case {case}: {shown}"));
        let events = events_in(&String::from_utf8(response.body).unwrap());
        if events.last().unwrap()["type"] == "error" {
            errors += 1;
        } else {
            answers += 1;
            let (thread, state) = kept(&events);
            let get = json!({"type": "threads.get_by_id", "params": {"thread_id": thread},
                "metadata": {"states": [state]}});
            let found = json_of(&bench.handle(&chat(&session, &get)));
            let items = found["items"]["data"].as_array().unwrap();
            assert!(
                items.len() > 1,
                "PROPERTY_SEED={seed}, case {case}: {shown}"
            );
            items.iter().for_each(|item| client.assert_shown(item));
        }
        let seen = json!(events).to_string() + &bench.lines().concat();
        assert!(
            !seen.contains("CANARY"),
            "PROPERTY_SEED={seed}, case {case}: {shown}"
        );
    }
    assert!(
        answers > CASES / 10 && errors > CASES / 10,
        "{answers} answers, {errors} errors"
    );
}
