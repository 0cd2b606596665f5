//! Agents: from ChatKit's requests to the events that it shows, with a Responses API on this machine.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use session::Request;

use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, INSTRUCTIONS, Response, ask, code_of, json_of, post, with_header};

pub(crate) const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef";

/// Events as a Responses API writes them.
pub(crate) fn sse(events: &[Value]) -> String {
    let lines = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap();
        format!("event: {name}\ndata: {event}\n\n")
    });
    lines.collect()
}

/// A stream that ends as well-behaved servers end theirs.
pub(crate) fn stream(events: &[Value]) -> Act {
    let body = sse(events);
    Act::Cut(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// What a model says, in these pieces.
pub(crate) fn answer(deltas: &[&str]) -> Vec<Value> {
    let text = deltas.concat();
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let at = |mut event: Value| {
        event["item_id"] = json!("msg_upstream");
        event["output_index"] = json!(0);
        event["content_index"] = json!(0);
        event
    };
    let echo =
        json!({"id": "resp_upstream", "instructions": INSTRUCTIONS, "model": "gpt-6-luna-2026"});
    let mut events = vec![
        json!({"type": "response.created", "response": echo}),
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"id": "msg_upstream", "type": "message", "role": "assistant", "content": []}}),
        at(json!({"type": "response.content_part.added", "part": part("")})),
    ];
    events.extend(
        deltas
            .iter()
            .map(|delta| at(json!({"type": "response.output_text.delta", "delta": delta}))),
    );
    events.push(at(
        json!({"type": "response.output_text.done", "text": text}),
    ));
    events.push(at(
        json!({"type": "response.content_part.done", "part": part(&text)}),
    ));
    events.push(json!({"type": "response.output_item.done", "output_index": 0,
        "item": {"id": "msg_upstream", "type": "message", "role": "assistant", "content": [part(&text)]}}));
    let usage = json!({"input_tokens": 40, "input_tokens_details": {"cached_tokens": 30}, "output_tokens": 5});
    events.push(json!({"type": "response.completed", "response": {
        "id": "resp_upstream", "instructions": INSTRUCTIONS, "usage": usage}}));
    events
}

pub(crate) fn bench(upstream: &Fake) -> Bench {
    Bench::new(&upstream.address, &[("OPENAI_API_KEY", KEY)])
}

/// A session of the agent, as its page has it.
pub(crate) fn session(bench: &Bench) -> String {
    let minted = json_of(&bench.handle(&ask("agent")));
    minted["client_secret"].as_str().unwrap().to_owned()
}

/// A request of ChatKit with this session.
pub(crate) fn chat(session: &str, body: &Value) -> Request {
    let mut request = post(&body.to_string());
    request.path = "/api/chatkit/chat".to_owned();
    with_header(request, "authorization", Some(&format!("Bearer {session}")))
}

pub(crate) fn input(text: &str) -> Value {
    json!({"content": [{"type": "input_text", "text": text}], "attachments": [], "quoted_text": "",
        "inference_options": {}})
}

pub(crate) fn create(text: &str) -> Value {
    json!({"type": "threads.create", "params": {"input": input(text)}})
}

/// The events of a reply.
pub(crate) fn events(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    events_in(&String::from_utf8(response.body.clone()).unwrap())
}

pub(crate) fn events_in(text: &str) -> Vec<Value> {
    let events = text.split_terminator("\n\n");
    let events = events.map(|event| event.strip_prefix("data: ").unwrap());
    events
        .map(|event| serde_json::from_str(event).unwrap())
        .collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    let types = events.iter().map(|event| event["type"].as_str().unwrap());
    types.collect()
}

/// What the page keeps: thread and state of the last effect.
pub(crate) fn kept(events: &[Value]) -> (String, String) {
    let effect = events
        .iter()
        .rfind(|event| event["type"] == "client_effect")
        .unwrap();
    assert_eq!(effect["name"], "chatkit-embed.state");
    let text = |key: &str| effect["data"][key].as_str().unwrap().to_owned();
    (text("thread_id"), text("state"))
}

#[test]
fn question_is_answered_word_by_word_and_the_state_follows() {
    let upstream = Fake::start(|_| stream(&answer(&["Hello", " there", "."])));
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    assert_eq!(
        types(&events),
        [
            "thread.created",
            "thread.item.done",
            "stream_options",
            "client_effect",
            "thread.item.added",
            "thread.item.updated",
            "thread.item.updated",
            "thread.item.updated",
            "thread.item.updated",
            "thread.item.updated",
            "thread.item.done",
            "client_effect",
        ]
    );
    let thread = &events[0]["thread"];
    assert_eq!(thread["title"], "Hi!");
    assert_eq!(events[1]["item"]["thread_id"], thread["id"]);
    let done = &events[10]["item"];
    assert_eq!(done["content"][0]["text"], "Hello there.");
    assert_eq!(done["id"], events[4]["item"]["id"]);
    assert_eq!(events[6]["update"]["delta"], "Hello");
    let log = bench.logged();
    assert_eq!(log["model"], "gpt-6-luna");
    assert_eq!(log["output_tokens"], 5);
    assert_eq!(log["cached_tokens"], 30);
    assert!(log["first_word_ms"].is_number());
}

#[test]
fn request_holds_the_settings_and_the_conversation() {
    let upstream = Fake::start(|_| stream(&answer(&["Blue."])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let first = events(&bench.handle(&chat(&session, &create("Which colour?"))));
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    assert_eq!(sent["model"], "gpt-6-luna");
    assert_eq!(sent["instructions"], INSTRUCTIONS);
    assert_eq!(sent["store"], false);
    assert_eq!(
        sent["stream_options"],
        json!({"include_obfuscation": false})
    );
    assert_eq!(sent["reasoning"], json!({"effort": "low"}));
    assert_eq!(sent["max_output_tokens"], 800);
    let who = sent["safety_identifier"].as_str().unwrap();
    assert_eq!(who.len(), 32);
    let (thread, state) = kept(&first);
    let mut more = input("Are you sure?");
    more["quoted_text"] = json!("Blue.");
    let next = json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": more},
        "metadata": {"states": [state]}});
    let second = events(&bench.handle(&chat(&session, &next)));
    assert_eq!(
        types(&second)[..3],
        ["thread.item.done", "stream_options", "client_effect"]
    );
    let received = upstream.next();
    assert_eq!(
        received.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    let sent: Value = serde_json::from_str(&received.body).unwrap();
    let texts: Vec<_> = sent["input"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["role"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["user", "assistant", "user"]);
    assert_eq!(sent["input"][1]["content"], "Blue.");
    let question = sent["input"][2]["content"].as_str().unwrap();
    assert!(question.starts_with("Are you sure?") && question.ends_with("Blue."));
    assert_eq!(sent["safety_identifier"], who);
}

#[test]
fn nothing_that_the_upstream_repeats_reaches_the_browser_or_the_log() {
    let upstream = Fake::start(|received| {
        let mut events = answer(&["Hi"]);
        events.insert(1, json!({"type": "response.in_progress", "response": {"tools": [{"headers": {"x": "CANARY"}}]}}));
        events.insert(
            2,
            json!({"type": "response.mcp_call.completed", "output": "CANARY", "item_id": "CANARY"}),
        );
        events.insert(
            3,
            json!({"type": "response.unheard_of", "delta": "CANARY", "item": "CANARY"}),
        );
        assert!(received.body.contains("CANARY-instructions"));
        stream(&events)
    });
    let bench = bench(&upstream);
    let response = bench.handle(&chat(&session(&bench), &create("Hi!")));
    let seen = String::from_utf8(response.body).unwrap() + &bench.lines().concat();
    for secret in ["CANARY", "_upstream", KEY] {
        assert!(!seen.contains(secret), "{secret}");
    }
}

#[test]
fn words_leave_when_they_come() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let all = answer(&["one", "two"]);
    let pieces = vec![
        head.to_owned() + &sse(&all[..4]),
        sse(&all[4..5]),
        sse(&all[5..]),
    ];
    let (go, upstream) = slow(pieces);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let session::Body::Stream(mut pieces) = session::handle(&bench.service, &request).body else {
        panic!("the answer is one piece")
    };
    let mut text = String::new();
    for word in ["thread.created", "one", "two", "client_effect"] {
        if word != "thread.created" {
            go.send(()).unwrap();
        }
        while !text.contains(word) {
            text += &String::from_utf8(pieces.next().unwrap()).unwrap();
        }
        let later = ["two"].iter().filter(|_| word == "one");
        assert!(later.into_iter().all(|later| !text.contains(later)));
        text = text.replace("client_effect", "");
    }
}

/// An upstream that sends its next piece when it is told to.
fn slow(pieces: Vec<String>) -> (Sender<()>, Fake) {
    let (go, wait) = channel();
    let wait = Arc::new(Mutex::new(wait));
    let upstream = Fake::start(move |_| Act::Pieces(pieces.clone(), Arc::clone(&wait)));
    (go, upstream)
}

#[test]
fn one_answer_at_a_time_and_the_next_once_it_has_ended() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let (go, upstream) = slow(vec![head.to_owned(), sse(&answer(&["Hi"]))]);
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hi!"));
    let first = session::handle(&bench.service, &request);
    let second = bench.handle(&request);
    assert_eq!(code_of(&second), (429, "rate_limited".to_owned()));
    assert_eq!(second.header("retry-after"), Some("1"));
    drop(first);
    assert_eq!(bench.logged()["code"], "client_gone");
    for _ in 0..2 {
        go.send(()).unwrap();
    }
    assert_eq!(
        kept(&events(&bench.handle(&request))).0.len(),
        "thr_".len() + 32
    );
}

#[test]
fn session_is_for_its_agent_and_this_site_alone() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let good = session(&bench);
    let refused = |request: &Request| code_of(&bench.handle(request));
    let no_session = (401, "invalid_session".to_owned());
    assert_eq!(
        refused(&with_header(
            chat(&good, &create("x")),
            "authorization",
            None
        )),
        no_session
    );
    for bad in ["", "x", &good[1..], &good[..good.len() - 1]] {
        assert_eq!(refused(&chat(bad, &create("x"))), no_session);
    }
    let mut stranger = chat(&good, &create("x"));
    stranger = with_header(stranger, "origin", Some("https://evil.example"));
    assert_eq!(refused(&stranger), (403, "origin_not_allowed".to_owned()));
    assert!(upstream.is_idle());
}

#[test]
fn state_that_is_not_this_visitors_is_refused_in_words() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let (one, two) = (session(&bench), session(&bench));
    let (thread, state) = kept(&events(&bench.handle(&chat(&one, &create("Hi!")))));
    upstream.next();
    let message = |thread: &str, state: Value| {
        json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input("x")},
            "metadata": {"states": [state]}})
    };
    let (signed, _) = state.rsplit_once("\"items\":[").unwrap();
    let many = format!(
        "{signed}\"items\":[{}]}}",
        vec![r#"{"by":"user"}"#; 10_000].join(",")
    );
    for (session, body) in [
        (&two, message(&thread, json!(state))),
        (&one, message("thr_0", json!(state))),
        (&one, message(&thread, json!(many))),
        (&one, message(&thread, json!(&state[..state.len() - 1]))),
        (&one, message(&thread, json!(""))),
        (
            &one,
            json!({"type": "threads.retry_after_item", "params": {"thread_id": thread, "item_id": "msg_0"},
            "metadata": {"states": [state]}}),
        ),
    ] {
        let events = events(&bench.handle(&chat(session, &body)));
        assert_eq!(types(&events), ["error"]);
        assert_eq!(events[0]["code"], "custom");
        assert_eq!(events[0]["allow_retry"], false);
        let get = json!({"type": "threads.get_by_id", "params": {"thread_id": body["params"]["thread_id"]},
            "metadata": body["metadata"]});
        if body["type"] != "threads.retry_after_item" {
            assert_eq!(code_of(&bench.handle(&chat(session, &get))).0, 400);
        }
    }
    assert!(upstream.is_idle());
}

#[test]
fn lists_come_from_what_the_page_keeps() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let (thread, state) = kept(&events(&bench.handle(&chat(&session, &create("Hi!")))));
    let get = |kind: &str, mut params: Value, metadata: Value| {
        params["thread_id"] = json!(thread);
        let body = json!({"type": kind, "params": params, "metadata": metadata});
        json_of(&bench.handle(&chat(&session, &body)))
    };
    let own = json!({"states": [state], "title": "Renamed"});
    let found = get("threads.get_by_id", json!({}), own.clone());
    assert_eq!(found["title"], "Renamed");
    assert_eq!(found["items"]["data"][0]["type"], "user_message");
    assert_eq!(found["items"]["data"][1]["content"][0]["text"], "Hi");
    let page = get("items.list", json!({"limit": 1}), own.clone());
    assert_eq!(page["data"][0]["type"], "assistant_message");
    assert_eq!(page["after"], page["data"][0]["id"]);
    let page = get(
        "items.list",
        json!({"limit": 1, "after": page["after"]}),
        own.clone(),
    );
    assert_eq!(page["data"][0]["type"], "user_message");
    assert_eq!(page["has_more"], false);
    assert_eq!(
        get("threads.update", json!({"title": "Other"}), own)["title"],
        "Other"
    );
    assert_eq!(get("threads.delete", json!({}), json!({})), json!({}));
    let known: Vec<_> = (0..25)
        .map(|n| json!({"id": format!("thr_{n}"), "title": "T", "created_at": format!("2026-11-{n:02}T00:00:00.000Z")}))
        .collect();
    let list = get(
        "threads.list",
        json!({"limit": 20, "order": "desc"}),
        json!({"threads": known}),
    );
    assert_eq!(list["data"].as_array().unwrap().len(), 20);
    assert_eq!(list["data"][0]["id"], "thr_24");
    assert_eq!(list["after"], "thr_5");
}

#[test]
fn opinion_is_for_the_log() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let id = format!("msg_{}", "0".repeat(32));
    let body = json!({"type": "items.feedback", "params": {"thread_id": "thr_1", "item_ids": [id, "sk-secret"], "kind": "negative"}});
    assert_eq!(
        json_of(&bench.handle(&chat(&session(&bench), &body))),
        json!({})
    );
    assert_eq!(
        bench.logged()["feedback"],
        json!({"kind": "negative", "items": [id]})
    );
}

#[test]
fn retry_answers_the_question_again() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let first = events(&bench.handle(&chat(&session, &create("Hi!"))));
    let (thread, state) = kept(&first);
    let retry = json!({"type": "threads.retry_after_item",
        "params": {"thread_id": thread, "item_id": first[1]["item"]["id"]}, "metadata": {"states": [state]}});
    let again = events(&bench.handle(&chat(&session, &retry)));
    assert_eq!(
        types(&again)[..3],
        ["stream_options", "client_effect", "thread.item.added"]
    );
    upstream.next();
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    assert_eq!(sent["input"].as_array().unwrap().len(), 1);
}

/// The one error of an answer, and its line in the log.
fn failure(act: impl Fn(&Received) -> Act + Send + Sync + 'static) -> (Value, Value) {
    let upstream = Fake::start(act);
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    let errors = events
        .iter()
        .filter(|event| event["type"] == "error")
        .count();
    assert_eq!(errors, 1, "{events:?}");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "error");
    assert_eq!(last["code"], "custom");
    assert!(!last["message"].as_str().unwrap().is_empty());
    let log = bench.logged();
    assert!(!bench.lines().concat().contains("CANARY"));
    (last.clone(), log)
}

#[test]
fn failure_ends_the_turn_with_one_error_that_says_whether_to_try_again() {
    let error =
        |code: &str| format!(r#"{{"error":{{"type":"t","code":"{code}","message":"CANARY"}}}}"#);
    for (status, code, retry) in [
        (400, "bad", false),
        (401, "invalid_api_key", false),
        (403, "forbidden", false),
        (404, "model_not_found", false),
        (429, "rate_limit_exceeded", true),
        (429, "insufficient_quota", false),
        (500, "server_error", true),
        (503, "overloaded", true),
        (302, "x", false),
    ] {
        let body = error(code);
        let (event, log) = failure(move |_| reply(status, &["retry-after: 7"], &body));
        assert_eq!(event["allow_retry"], retry, "{status} {code}");
        let detail = log["detail"].as_str().unwrap();
        assert!(detail.contains(&status.to_string()), "{detail}");
    }
}

#[test]
fn stream_that_fails_ends_the_turn_with_one_error() {
    let all = answer(&["one", "two"]);
    let begun = |event: Value| {
        let mut events = all[..4].to_vec();
        events.push(event);
        sse(&events)
    };
    let failed = |code: &str| json!({"type": "response.failed", "response": {"error": {"code": code, "message": "CANARY"}}});
    let no_tokens_left = json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}});
    for (body, retry) in [
        (begun(failed("server_error")), true),
        (begun(failed("rate_limit_exceeded")), true),
        (begun(failed("invalid_prompt")), false),
        (
            begun(json!({"type": "error", "code": "server_error", "message": "CANARY"})),
            true,
        ),
        (
            begun(
                json!({"type": "error", "error": {"code": "insufficient_quota", "message": "CANARY"}}),
            ),
            false,
        ),
        // As LiteLLM sends it.
        (
            "data: {\"error\": {\"type\": \"insufficient_quota\", \"message\": \"CANARY\", \"code\": null}}\n\ndata: [DONE]\n\n".to_owned(),
            false,
        ),
        (
            begun(
                json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "content_filter"}}}),
            ),
            false,
        ),
        (sse(&all[..4]), true),
        (sse(&[]), true),
        (sse(&all[..4]) + "data: {\"type\":\n\n", true),
        (sse(&[all.last().unwrap().clone()]), true),
        (sse(std::slice::from_ref(&no_tokens_left)), true),
        // A part that begins again has lost its words.
        (
            sse(&[&all[..4], &all[2..3], &[no_tokens_left]].concat()),
            true,
        ),
        ("<html>CANARY</html>\n".to_owned(), true),
    ] {
        let (event, _) = failure(move |_| {
            Act::Cut(format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}"
            ))
        });
        assert_eq!(event["allow_retry"], retry);
    }
    let (event, log) = failure(|_| Act::Close);
    assert_eq!(
        (event["allow_retry"].clone(), log["code"].clone()),
        (json!(true), json!("upstream_error"))
    );
}

#[test]
fn answer_cut_anywhere_ends_with_an_error_or_is_whole() {
    let body = sse(&answer(&["Grüße 🙂", "!"]));
    for length in (0..body.len()).step_by(7) {
        let cut = body.as_bytes()[..length].to_vec();
        let cut = String::from_utf8_lossy(&cut).into_owned();
        let upstream = Fake::start(move |_| {
            Act::Cut(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{cut}"))
        });
        let bench = bench(&upstream);
        let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
        assert_eq!(events.last().unwrap()["type"], "error", "{length}");
    }
}

#[test]
fn answer_that_became_too_long_is_kept_with_a_notice() {
    let upstream = Fake::start(|_| {
        let mut events = answer(&["one", "two"]);
        events.pop();
        events.push(json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}));
        stream(&events)
    });
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    let last = &types(&events)[events.len() - 2..];
    assert_eq!(last, ["notice", "client_effect"]);
    assert!(kept(&events).1.contains("onetwo"));
}

#[test]
fn members_that_a_server_does_not_know_are_left_out_and_named_in_the_log() {
    let upstream = Fake::start(|received| {
        let sent: Value = serde_json::from_str(&received.body).unwrap();
        match (sent.get("reasoning"), sent.get("stream_options")) {
            (Some(_), _) => reply(
                400,
                &[],
                r#"{"error":{"param":"reasoning.effort","code":"unsupported_parameter"}}"#,
            ),
            (None, Some(_)) => reply(422, &[], r#"{"detail":"CANARY"}"#),
            (None, None) => stream(&answer(&["Hi"])),
        }
    });
    let bench = bench(&upstream);
    let session = session(&bench);
    for _ in 0..2 {
        let events = events(&bench.handle(&chat(&session, &create("Hi!"))));
        assert_eq!(events.last().unwrap()["type"], "client_effect");
    }
    let bodies: Vec<Value> = (0..4)
        .map(|_| serde_json::from_str(&upstream.next().body).unwrap())
        .collect();
    assert!(
        upstream.is_idle(),
        "the second answer knows what to leave out"
    );
    assert_eq!(
        bodies[3]["store"], false,
        "nothing that keeps a conversation private goes unasked"
    );
    let lines = bench.lines().concat();
    assert!(
        lines.contains("`reasoning`") && lines.contains("`stream_options`"),
        "{lines}"
    );
}

#[test]
fn refusal_without_names_may_have_the_status_as_its_code() {
    let upstream = Fake::start(|received| {
        let sent: Value = serde_json::from_str(&received.body).unwrap();
        match sent.get("safety_identifier") {
            // As LiteLLM has it.
            Some(_) => reply(
                400,
                &[],
                r#"{"error":{"message":"UnsupportedParamsError","type":"invalid_request_error","param":null,"code":"400"}}"#,
            ),
            None => stream(&answer(&["Hi"])),
        }
    });
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    assert_eq!(events.last().unwrap()["type"], "client_effect");
}

#[test]
fn server_may_refuse_one_member_after_the_other_by_names_of_its_own() {
    let members = [
        ("safety_identifier", "safety_identifier"),
        ("prompt_cache_key", "prompt_cache_key"),
        ("stream_options", "stream_options"),
        ("reasoning", "reasoning_effort"),
    ];
    let upstream = Fake::start(move |received| {
        let sent: Value = serde_json::from_str(&received.body).unwrap();
        let refused = members.iter().find(|(name, _)| sent.get(name).is_some());
        match refused {
            Some((_, param)) => {
                let error = json!({"error": {"param": param, "code": "unknown_parameter"}});
                reply(400, &[], &error.to_string())
            }
            None => stream(&answer(&["Hi"])),
        }
    });
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    assert_eq!(events.last().unwrap()["type"], "client_effect");
    for _ in 0..=members.len() {
        upstream.next();
    }
    assert!(upstream.is_idle());
}

#[test]
fn message_and_thread_have_an_end() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let one = |body: &Value| events(&bench.handle(&chat(&session, body)));
    let long = one(&create(&"ä".repeat(2001)));
    assert_eq!(types(&long), ["error"]);
    assert!(long[0]["message"].as_str().unwrap().contains("2000"));
    let mut events = one(&create(&"ä".repeat(2000)));
    for turn in 2..=30 {
        assert!(!types(&events).contains(&"thread.updated"), "{turn}");
        let (thread, state) = kept(&events);
        events = one(&json!({"type": "threads.add_user_message",
            "params": {"thread_id": thread, "input": input("x")}, "metadata": {"states": [state], "title": "Renamed"}}));
    }
    let closed = events
        .iter()
        .find(|event| event["type"] == "thread.updated")
        .unwrap();
    assert_eq!(closed["thread"]["status"]["type"], "closed");
    assert_eq!(closed["thread"]["title"], "Renamed");
    let (thread, state) = kept(&events);
    let events = one(&json!({"type": "threads.add_user_message",
        "params": {"thread_id": thread, "input": input("x")}, "metadata": {"states": [state]}}));
    assert_eq!(types(&events), ["error"]);
}

#[test]
fn what_is_not_a_request_of_chatkit_is_refused() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({"type": "threads.create"}),
        json!({"type": "threads.create", "params": {}}),
        json!({"type": "threads.create", "params": {"input": {"content": [{"type": "input_image"}]}}}),
        json!({"type": "threads.explode", "params": {}}),
        json!({"type": "threads.list", "params": {"limit": -1}}),
        json!({"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "x"}}),
        json!({"type": "input.transcribe", "params": {"audio_base64": "", "mime_type": "audio/webm"}}),
        json!({"type": "threads.sync_custom_action", "params": {"thread_id": "x", "action": {"type": "x"}}}),
    ] {
        let (status, _) = code_of(&bench.handle(&chat(&session, &body)));
        assert_eq!(status, 400, "{body}");
    }
    for kind in [
        "threads.add_client_tool_output",
        "threads.custom_action",
        "threads.add_structured_input",
    ] {
        let body = json!({"type": kind, "params": {"thread_id": "x", "action": {"type": "x"}, "result": 1}});
        assert_eq!(
            types(&events(&bench.handle(&chat(&session, &body)))),
            ["error"],
            "{kind}"
        );
    }
    let mut large = chat(&session, &create("x"));
    large.body = vec![b' '; 256 * 1024 + 1];
    assert_eq!(
        code_of(&bench.handle(&large)),
        (413, "body_too_large".to_owned())
    );
    assert!(upstream.is_idle());
}

#[test]
fn texts_are_in_the_visitors_language() {
    let upstream = Fake::start(|_| reply(500, &[], "{}"));
    let bench = bench(&upstream);
    let request = chat(&session(&bench), &create("Hallo"));
    let request = with_header(request, "accept-language", Some("de-CH"));
    let events = events(&bench.handle(&request));
    let message = events.last().unwrap()["message"].as_str().unwrap();
    assert!(message.contains("Antwort"), "{message}");
}

#[test]
fn agent_without_what_it_needs_mints_no_session() {
    let upstream = Fake::start(|_| Act::Close);
    let gateway = "https://x.netlify.app/.netlify/ai";
    for (variables, word) in [
        (&[("OPENAI_API_KEY", "")][..], "OPENAI_API_KEY"),
        (&[("OPENAI_API_KEY", "ollama")], "VISITOR_SECRET"),
        (
            &[("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", gateway)],
            "AI Gateway",
        ),
    ] {
        let bench = Bench::new(&upstream.address, variables);
        let refused = code_of(&bench.handle(&ask("agent")));
        assert_eq!(refused, (500, "not_configured".to_owned()));
        assert!(bench.detail().contains(word), "{}", bench.detail());
    }
}

#[test]
fn question_that_is_refused_takes_no_limit_from_anybody() {
    for body in [
        r#"{"error":{"code":"invalid_prompt","param":null}}"#,
        r#"{"error":{"code":"context_length_exceeded","param":"input"}}"#,
        r#"{"error":{"code":null,"param":"input[0].content"}}"#,
    ] {
        let upstream = Fake::start(move |_| reply(400, &[], body));
        let bench = bench(&upstream);
        let session = session(&bench);
        for _ in 0..2 {
            let events = events(&bench.handle(&chat(&session, &create("Hi!"))));
            assert_eq!(events.last().unwrap()["allow_retry"], false);
            let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
            assert!(sent["safety_identifier"].is_string() && sent["reasoning"].is_object());
        }
        assert!(upstream.is_idle(), "no other try: {body}");
    }
}

#[test]
fn members_are_left_out_for_good_only_if_that_helps() {
    let upstream = Fake::start(|_| reply(400, &[], r#"{"error":{"message":"no"}}"#));
    let bench = bench(&upstream);
    let session = session(&bench);
    for _ in 0..2 {
        events(&bench.handle(&chat(&session, &create("Hi!"))));
        let first: Value = serde_json::from_str(&upstream.next().body).unwrap();
        let second: Value = serde_json::from_str(&upstream.next().body).unwrap();
        assert!(first["reasoning"].is_object() && second["reasoning"].is_null());
        assert_eq!(second["store"], false);
    }
}

#[test]
fn long_answer_is_kept_although_its_end_repeats_all_of_it() {
    let piece = "я".repeat(2048);
    let deltas = vec![piece.as_str(); 25];
    let all = answer(&deltas);
    let upstream = Fake::start(move |_| stream(&all));
    let bench = bench(&upstream);
    let events = events(&bench.handle(&chat(&session(&bench), &create("Hi!"))));
    assert_eq!(events.last().unwrap()["type"], "client_effect");
    assert!(kept(&events).1.contains(&piece.repeat(25)));
}

#[test]
fn message_that_says_nothing_or_comes_in_crumbs_is_refused() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let text = |text: &str| json!({"type": "input_text", "text": text});
    for content in [json!([]), json!([text(" \n")]), json!(vec![text("a"); 65])] {
        let body = json!({"type": "threads.create", "params": {"input": {"content": content}}});
        assert_eq!(
            types(&events(&bench.handle(&chat(&session, &body)))),
            ["error"]
        );
    }
    assert!(upstream.is_idle());
}

#[test]
fn old_state_is_an_older_conversation_and_takes_nothing_from_a_newer_one() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let one = |body: &Value| kept(&events(&bench.handle(&chat(&session, body)))).1;
    let response = bench.handle(&chat(&session, &create("One")));
    let (thread, first) = kept(&events(&response));
    let more = |text: &str, state: &str| {
        json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input(text)},
            "metadata": {"states": [state]}})
    };
    let newer = one(&more("Two", &first));
    let again = one(&more("Three", &first));
    let sent = std::iter::repeat_with(|| upstream.next().body).nth(2);
    let sent = sent.unwrap();
    assert!(sent.contains("One") && sent.contains("Three"), "{sent}");
    assert!(!sent.contains("Two"), "{sent}");
    let get = json!({"type": "threads.get_by_id", "params": {"thread_id": thread},
        "metadata": {"states": [first, newer, again]}});
    let found = json_of(&bench.handle(&chat(&session, &get)));
    let texts = found["items"]["data"].as_array().unwrap().iter();
    let texts: Vec<_> = texts.map(|item| &item["content"][0]["text"]).collect();
    assert_eq!(
        json!(texts),
        json!(["One", "Hi", "Two", "Hi", "Three", "Hi"])
    );
}

#[test]
fn tabs_that_went_on_apart_have_no_more_turns_together() {
    let upstream = Fake::start(|_| stream(&answer(&["Hi"])));
    let bench = bench(&upstream);
    let session = session(&bench);
    let one = |body: &Value| events(&bench.handle(&chat(&session, body)));
    let (thread, start) = kept(&one(&create("Hi!")));
    let mut states = Vec::new();
    for _ in 0..2 {
        let mut state = start.clone();
        for _ in 0..20 {
            let body = json!({"type": "threads.add_user_message",
                "params": {"thread_id": thread, "input": input("x")}, "metadata": {"states": [state]}});
            state = kept(&one(&body)).1;
        }
        states.push(state);
    }
    let get = json!({"type": "items.list", "params": {"thread_id": thread, "limit": 1, "order": "asc"},
        "metadata": {"states": states}});
    let first = json_of(&bench.handle(&chat(&session, &get)))["data"][0]["id"].clone();
    for body in [
        json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input("x")},
            "metadata": {"states": states}}),
        json!({"type": "threads.retry_after_item", "params": {"thread_id": thread, "item_id": first},
            "metadata": {"states": states}}),
    ] {
        assert_eq!(types(&one(&body)), ["error"]);
    }
}
