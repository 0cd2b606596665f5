//! What the owner's webhook is told of turns and opinions, and that no visitor waits for it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use session::transport::web::{Files, Limits};
use session::{
    AgentSettings, BackendSettings, EventsSettings, IdentityRule, Settings, Site, SiteSettings,
    WidgetSettings,
};

use crate::agent::{KEY, answer, chat, create, events, input, kept, session, sse, stream};
use crate::agent_transports::{HEAD, asked, http, slow};
use crate::client::Client;
use crate::contact::assert_signed;
use crate::fake::{Act, Fake, Received, reply};
use crate::web::{Web, limits, rest};
use crate::{Bench, ORIGIN, code_of, json_of, site_of};

const SECRET: &str = "CANARY-secret-of-the-webhook-0123456789";
const QUESTION: &str = "Does CANARY coffee keep?";
const ANSWER: &str = "QUARTZ beans keep.";

/// A site whose agent tells a webhook.
fn site(transcripts: bool) -> Site {
    let site = SiteSettings {
        url: "https://chat.example.com".to_owned(),
        allowed_origins: vec![ORIGIN.to_owned()],
        origins_of_widgets: Vec::new(),
        refuse_direct_calls: false,
    };
    let agent = AgentSettings {
        instructions: "Be brief.".to_owned(),
        model: "gpt-6-luna".to_owned(),
        language: "en".to_owned(),
        events: Some(EventsSettings {
            webhook: "EVENTS".to_owned(),
            transcripts,
        }),
        ..AgentSettings::default()
    };
    let widget = WidgetSettings {
        backend: BackendSettings::Agent(Box::new(agent)),
        identity: IdentityRule::Optional,
        allowed_origins: None,
        identity_secret_env: None,
    };
    let widgets = BTreeMap::from([("agent".to_owned(), widget)]);
    site_of(site, widgets, Vec::new())
}

/// `webhook` is an address, or empty.
fn bench_at(upstream: &Fake, webhook: &str, transcripts: bool) -> Bench {
    let all = BTreeMap::from([
        ("OPENAI_API_KEY", KEY.to_owned()),
        ("OPENAI_BASE_URL", format!("http://{}/v1", upstream.address)),
        ("EVENTS", webhook.to_owned()),
        ("EVENTS_SECRET", SECRET.to_owned()),
    ]);
    let settings = Settings::from_lookup(move |name| match all.get(name) {
        Some(value) => Some(value.clone()),
        None => name.starts_with("LIMIT_").then(|| "0".to_owned()),
    });
    Bench::of(settings, site(transcripts))
}

fn bench(upstream: &Fake, webhook: &Fake, transcripts: bool) -> Bench {
    let address = format!("http://{}/hook?key=CANARY", webhook.address);
    bench_at(upstream, &address, transcripts)
}

fn model() -> Fake {
    Fake::start(|_| stream(&answer(&[ANSWER])))
}

fn taken(_: &Received) -> Act {
    reply(200, &[], "{}")
}

fn body(received: &Received) -> Value {
    serde_json::from_str(&received.body).unwrap()
}

/// The line of a turn, which other lines may follow.
fn line_of_turn(bench: &Bench) -> Value {
    let lines = bench.lines().into_iter();
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    lines.find(|line| line.get("model").is_some()).unwrap()
}

/// Waits until the log has a line about a report that did not arrive.
fn failure(bench: &Bench) -> Value {
    let started = Instant::now();
    loop {
        let last = bench.logged();
        if last["code"] == "events_failed" {
            return last;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{last}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn turn_is_reported_signed_with_what_the_log_has_and_without_texts() {
    let (upstream, webhook) = (model(), Fake::start(taken));
    let bench = bench(&upstream, &webhook, false);
    let session = session(&bench);
    let response = bench.handle(&chat(&session, &create(QUESTION)));
    Client::of(&response.body).assert_over();
    let (thread, state) = kept(&events(&response));
    let received = webhook.next();
    assert_eq!(received.target, "POST /hook?key=CANARY");
    assert_signed(&received, SECRET);
    let sent = body(&received);
    assert_eq!(sent["id"].as_str(), received.header("x-chatkit-embed-id"));
    assert_eq!(
        (&sent["type"], &sent["widget"]),
        (&json!("turn"), &json!("agent"))
    );
    assert_eq!(sent["thread"], thread);
    assert_eq!(sent["model"], "gpt-6-luna");
    assert_eq!(
        (&sent["input_tokens"], &sent["cached_tokens"]),
        (&json!(40), &json!(30))
    );
    assert_eq!(sent["items"].as_array().unwrap().len(), 1);
    assert!(sent["first_word_ms"].is_number() && sent["time"].is_number());
    // The line of the log, the kind and the thread: nothing else.
    let mut rest = sent.clone();
    for name in ["type", "thread"] {
        rest.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(rest, line_of_turn(&bench));
    for word in ["CANARY", "coffee", "QUARTZ", "beans", "visitor_", "user"] {
        assert!(!received.body.contains(word), "{word}: {}", received.body);
    }
    // The next turn of the same conversation has the same thread.
    let more = json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input("And coffee?")},
        "metadata": {"states": [state]}});
    bench.handle(&chat(&session, &more));
    let next = webhook.next();
    assert_eq!(body(&next)["thread"], thread);
    assert!(!next.body.contains("coffee"));
    assert!(webhook.is_idle());
}

#[test]
fn texts_go_along_if_the_owner_asks_for_transcripts() {
    let (upstream, webhook) = (model(), Fake::start(taken));
    let bench = bench(&upstream, &webhook, true);
    let session = session(&bench);
    let response = bench.handle(&chat(&session, &create(QUESTION)));
    let sent = body(&webhook.next());
    assert_eq!(sent["question"], QUESTION);
    assert_eq!(sent["answer"], ANSWER);
    assert!(!line_of_turn(&bench).to_string().contains("CANARY"));
    // Of the newest turn alone, and the answer that counts.
    let events = events(&response);
    let (thread, state) = kept(&events);
    let question = events
        .iter()
        .find(|event| event["item"]["type"] == "user_message");
    let again = json!({"type": "threads.retry_after_item", "params": {"thread_id": thread,
        "item_id": question.unwrap()["item"]["id"]}, "metadata": {"states": [state]}});
    bench.handle(&chat(&session, &again));
    let sent = body(&webhook.next());
    assert_eq!(sent["question"], QUESTION);
    assert_eq!(sent["answer"], ANSWER);
}

#[test]
fn turn_that_fails_or_is_stopped_is_reported_with_its_code() {
    let webhook = Fake::start(taken);
    let upstream = Fake::start(|_| reply(401, &[], r#"{"error":{"code":"CANARY"}}"#));
    for transcripts in [false, true] {
        let bench = bench(&upstream, &webhook, transcripts);
        let response = bench.handle(&chat(&session(&bench), &create(QUESTION)));
        assert_eq!(events(&response).last().unwrap()["type"], "error");
        let sent = body(&webhook.next());
        assert_eq!(sent["code"], "upstream_error");
        let texts = [sent.get("question"), sent.get("answer")];
        match transcripts {
            true => assert_eq!(texts, [Some(&json!(QUESTION)), Some(&json!(""))]),
            false => assert_eq!(texts, [None, None]),
        }
    }
    // What a visitor has seen before the stop button.
    let (go, upstream) = slow(vec![
        HEAD.to_owned() + &sse(&answer(&["QUARTZ"])[..4]),
        String::new(),
    ]);
    let bench = bench(&upstream, &webhook, true);
    let request = chat(&session(&bench), &create(QUESTION));
    let session::Body::Stream(mut pieces) = session::handle(&bench.service, &request).body else {
        panic!("an answer is a stream")
    };
    go.send(()).unwrap();
    let word = |piece: Vec<u8>| {
        String::from_utf8(piece)
            .unwrap()
            .contains("\"delta\":\"QUARTZ\"")
    };
    assert!(pieces.any(word));
    drop(pieces);
    let sent = body(&webhook.next());
    assert_eq!(sent["code"], "client_gone");
    assert_eq!(
        (&sent["question"], &sent["answer"]),
        (&json!(QUESTION), &json!("QUARTZ"))
    );
}

#[test]
fn opinion_is_reported_with_the_answers_that_it_is_about() {
    let (upstream, webhook) = (model(), Fake::start(taken));
    let bench = bench(&upstream, &webhook, true);
    let session = session(&bench);
    let (thread, _) = kept(&events(&bench.handle(&chat(&session, &create(QUESTION)))));
    let items = body(&webhook.next())["items"].clone();
    for (id, known) in [
        (json!(thread), Some(thread.as_str())),
        (json!("CANARY"), None),
    ] {
        let opinion = json!({"type": "items.feedback",
            "params": {"thread_id": id, "item_ids": [items[0], "CANARY"], "kind": "negative"}});
        let response = bench.handle(&chat(&session, &opinion));
        assert_eq!(json_of(&response), json!({}));
        let received = webhook.next();
        assert_signed(&received, SECRET);
        let sent = body(&received);
        assert_eq!(
            (&sent["type"], &sent["widget"]),
            (&json!("feedback"), &json!("agent"))
        );
        assert_eq!(
            sent["feedback"],
            json!({"kind": "negative", "items": items})
        );
        assert_eq!(sent.get("thread").and_then(Value::as_str), known);
        assert!(!received.body.contains("CANARY"));
    }
}

#[test]
fn report_that_fails_is_a_line_in_the_log_without_address_and_texts() {
    let upstream = model();
    for (act, tries, why) in [
        (
            reply(401, &[], QUESTION),
            1,
            "status 401; check that it accepts the signature",
        ),
        (
            reply(301, &["location: https://CANARY.example/"], ""),
            1,
            "it redirects",
        ),
        (
            reply(404, &[], QUESTION),
            1,
            "status 404; check the address",
        ),
        (reply(503, &[], QUESTION), 2, "status 503"),
        (
            Act::Close,
            2,
            "the connection to the webhook in `EVENTS` failed",
        ),
    ] {
        let act = Mutex::new(act);
        let webhook = Fake::start(move |_| match &*act.lock().unwrap() {
            Act::Reply(text) => Act::Reply(text.clone()),
            _ => Act::Close,
        });
        let bench = bench(&upstream, &webhook, true);
        let response = bench.handle(&chat(&session(&bench), &create(QUESTION)));
        Client::of(&response.body).assert_over();
        let failure = failure(&bench);
        assert_eq!(failure["id"], "request-1");
        let detail = failure["detail"].as_str().unwrap();
        assert!(detail.contains(why), "{detail}");
        let ids: Vec<_> = (0..tries).map(|_| webhook.next()).collect();
        assert!(webhook.is_idle(), "{why}");
        let id = |at: usize| ids[at].header("x-chatkit-embed-id");
        assert_eq!(id(0), id(tries - 1));
    }
    for address in ["http://127.0.0.1:1/CANARY", "https://CANARY.invalid/"] {
        let bench = bench_at(&upstream, address, true);
        bench.handle(&chat(&session(&bench), &create(QUESTION)));
        failure(&bench);
        let log = bench.lines().concat();
        for secret in ["CANARY", "QUARTZ", "127.0.0.1", ".invalid"] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

#[test]
fn failure_that_may_pass_is_tried_again() {
    let tries = AtomicUsize::new(0);
    let webhook = Fake::start(move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 => reply(500, &[], ""),
        _ => reply(204, &[], ""),
    });
    let upstream = model();
    let bench = bench(&upstream, &webhook, false);
    bench.handle(&chat(&session(&bench), &create(QUESTION)));
    assert_eq!(webhook.next().body, webhook.next().body);
    assert_ne!(bench.logged()["code"], "events_failed");
}

/// Where the process may be frozen after a reply, as on Lambda.
#[test]
fn stream_ends_after_the_report_and_soon_even_if_nobody_takes_it() {
    let upstream = model();
    let webhook = Fake::start(taken);
    let bench_of = |webhook: &Fake| bench(&upstream, webhook, false);
    let bench = bench_of(&webhook);
    let session = crate::agent::session(&bench);
    bench.handle(&chat(&session, &create(QUESTION)));
    assert!(!webhook.is_idle(), "it is sent before the end");

    let webhook = Fake::start(|_| Act::Hang);
    let bench = bench_of(&webhook);
    let session = crate::agent::session(&bench);
    let request = chat(&session, &create(QUESTION));
    let session::Body::Stream(mut pieces) = session::handle(&bench.service, &request).body else {
        panic!("an answer is a stream")
    };
    let started = Instant::now();
    let mut client = Client::default();
    // The pieces until nothing new comes are whole.
    for piece in pieces.by_ref() {
        let is_last = String::from_utf8_lossy(&piece).contains("QUARTZ beans keep.\\\"");
        client.read(&piece);
        if is_last {
            break;
        }
    }
    client.assert_over();
    assert!(started.elapsed() < Duration::from_millis(1500));
    // The visitor's next question does not wait for it.
    let next = session::handle(&bench.service, &chat(&session, &create(QUESTION)));
    assert_eq!(next.status, 200);
    assert!(pieces.all(|piece| piece.is_empty()));
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(
        failure(&bench)["detail"]
            .as_str()
            .unwrap()
            .contains("took too long")
    );
}

#[test]
fn visitors_of_a_server_do_not_wait_for_the_receiver() {
    let webhook = Fake::start(|_| Act::Hang);
    let upstream = model();
    let bench = bench(&upstream, &webhook, false);
    let session = session(&bench);
    let opinion = json!({"type": "items.feedback", "params": {"thread_id": "thr_1", "item_ids": [], "kind": "positive"}});
    let web = Web::start(bench, Files::default(), limits());
    for request in [chat(&session, &create(QUESTION)), chat(&session, &opinion)] {
        let started = Instant::now();
        let reply = web.send(&http(&request, "1.0"));
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        assert!(started.elapsed() < Duration::from_secs(1));
        webhook.next();
    }
    let started = Instant::now();
    web.stop();
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "the end is not endless"
    );
}

#[test]
fn server_that_stops_waits_for_reports_that_are_on_their_way() {
    let webhook = Fake::start(|_| {
        sleep(Duration::from_millis(500));
        reply(404, &[], "")
    });
    let upstream = model();
    let bench = bench(&upstream, &webhook, false);
    let request = chat(&session(&bench), &create(QUESTION));
    let web = Web::start(bench, Files::default(), limits());
    let (mut client, _) = asked(&web, &request);
    rest(&mut client);
    webhook.next();
    assert_eq!(web.stop().logged()["code"], "events_failed");
}

#[test]
fn behind_a_gateway_a_report_arrives_before_the_stream_ends() {
    let (upstream, webhook) = (model(), Fake::start(taken));
    let bench = bench(&upstream, &webhook, false);
    let session = session(&bench);
    let limits = Limits {
        has_gateway: true,
        ..limits()
    };
    let web = Web::start(bench, Files::default(), limits);
    let opinion = json!({"type": "items.feedback", "params": {"thread_id": "thr_1", "item_ids": [], "kind": "positive"}});
    for request in [chat(&session, &create(QUESTION)), chat(&session, &opinion)] {
        let reply = web.send(&http(&request, "1.0"));
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        assert!(!webhook.is_idle());
    }
    web.stop();
}

#[test]
fn agent_without_its_webhook_does_not_start_and_a_demo_needs_none() {
    let upstream = model();
    for (address, why) in [
        ("", "`EVENTS` is not set"),
        ("http://a.example/", "invalid `EVENTS`"),
    ] {
        let bench = bench_at(&upstream, address, true);
        assert_eq!(code_of(&bench.handle(&crate::ask("agent"))).0, 500);
        assert!(bench.detail().starts_with(why), "{}", bench.detail());
    }
    let bench = bench_at(&upstream, "", true).without_events();
    bench.handle(&chat(&session(&bench), &create(QUESTION)));
    assert!(bench.logged().get("code").is_none());
}
