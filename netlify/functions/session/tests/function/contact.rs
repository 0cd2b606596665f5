//! The form by which visitors reach a person: how it appears, what it sends and to whom, and what a failure keeps.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use session::{
    AgentLimits, AgentSettings, BackendSettings, ContactField, ContactSettings, ContactTarget,
    Settings, Site, SiteSettings, WidgetSettings,
};
use sha2::Sha256;

use crate::agent::{KEY, answer, chat, create, events, input, kept, session, sse, stream};
use crate::client::Client;
use crate::fake::{Act, Fake, Received, reply};
use crate::{Bench, ORIGIN, Response, code_of, json_of, site_of};

const SECRET: &str = "CANARY-secret-of-the-webhook-0123456789";
const ASKED: &str = "Can a CANARY person help me?";
const WORD: &str = "CANARY words of the visitor";

/// What the upstream answers to this request: the form, for one who has not seen it.
fn model(received: &Received) -> Act {
    let body: Value = serde_json::from_str(&received.body).unwrap();
    match body["input"].as_array().unwrap().len() {
        1 => shows_form(&["Of course."]),
        _ => stream(&answer(&["Anything else?"])),
    }
}

/// An answer that ends with the form.
fn shows_form(words: &[&str]) -> Act {
    let call = json!({"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "show_contact_form",
        "arguments": "{}", "status": "completed"});
    let mut events = match words {
        [] => vec![json!({"type": "response.completed", "response": {"id": "resp_1"}})],
        words => answer(words),
    };
    let end = events.len() - 1;
    for kind in ["done", "added"] {
        let event = format!("response.output_item.{kind}");
        events.insert(end, json!({"type": event, "output_index": 1, "item": call}));
    }
    stream(&events)
}

/// A site whose agents have this form.
fn site(contact: Option<ContactSettings>) -> Site {
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
        contact,
        limits: AgentLimits {
            message: 100,
            ..AgentLimits::default()
        },
        ..AgentSettings::default()
    };
    let widgets = ["agent", "sales"].map(|name| {
        let widget = WidgetSettings::of(BackendSettings::Agent(Box::new(agent.clone())));
        (name.to_owned(), widget)
    });
    site_of(site, BTreeMap::from(widgets), Vec::new())
}

/// These variables go before the usual ones; `None` means that one is not set.
fn bench_with(
    upstream: &Fake,
    contact: Option<ContactSettings>,
    variables: &[(&'static str, Option<&str>)],
) -> Bench {
    let own = |value: &str| Some(value.to_owned());
    let mut all = BTreeMap::from([
        ("OPENAI_API_KEY", own(KEY)),
        (
            "OPENAI_BASE_URL",
            own(&format!("http://{}/v1", upstream.address)),
        ),
        ("CONTACT_SECRET", own(SECRET)),
    ]);
    let variables = variables.iter();
    all.extend(variables.map(|(name, value)| (*name, value.map(str::to_owned))));
    let settings = Settings::from_lookup(move |name| match all.get(name) {
        Some(value) => value.clone(),
        None => name.starts_with("LIMIT_").then(|| "0".to_owned()),
    });
    Bench::of(settings, site(contact))
}

fn bench_of(upstream: &Fake, webhook: &str, contact: Option<ContactSettings>) -> Bench {
    bench_with(upstream, contact, &[("CONTACT", Some(webhook))])
}

fn contact() -> ContactSettings {
    ContactSettings {
        to: ContactTarget::Webhook("CONTACT".to_owned()),
        fields: vec![
            ContactField::Name,
            ContactField::Email,
            ContactField::Message,
        ],
    }
}

/// A visitor who sees the form.
struct Visitor {
    bench: Bench,
    session: String,
    thread: String,
    state: String,
    /// What has shown the form.
    shown: Vec<Value>,
    /// The item with the form.
    form: Value,
    _upstream: Fake,
}

impl Visitor {
    fn with(webhook: &Fake) -> Visitor {
        Visitor::at(&format!("http://{}/hook?key=CANARY", webhook.address))
    }

    fn at(webhook: &str) -> Visitor {
        let upstream = Fake::start(model);
        Visitor::of(bench_of(&upstream, webhook, Some(contact())), upstream)
    }

    fn of(bench: Bench, upstream: Fake) -> Visitor {
        let session = session(&bench);
        let response = bench.handle(&chat(&session, &create(ASKED)));
        Client::of(&response.body).assert_over();
        let events = events(&response);
        let (thread, state) = kept(&events);
        let form = events
            .iter()
            .find(|event| event["item"]["type"] == "widget");
        let form = form.unwrap()["item"].clone();
        Visitor {
            bench,
            session,
            thread,
            state,
            form,
            shown: events,
            _upstream: upstream,
        }
    }

    fn action(&self, payload: Value) -> Value {
        json!({"type": "threads.custom_action",
            "params": {"thread_id": self.thread, "item_id": self.form["id"],
                "action": {"type": "chatkit-embed.contact", "payload": payload}},
            "metadata": {"states": [self.state]}})
    }

    fn ask(&self, body: &Value) -> Response {
        self.bench.handle(&chat(&self.session, body))
    }

    /// Sends the form. Returns the item that takes its place.
    fn submit(&mut self, payload: Value) -> Value {
        let response = self.ask(&self.action(payload));
        Client::of(&response.body).assert_over();
        let events = events(&response);
        assert_eq!(
            events[0],
            json!({"type": "stream_options", "stream_options": {"allow_cancel": false}})
        );
        self.state = kept(&events).1;
        let replaced = events
            .iter()
            .filter(|event| event["type"] == "thread.item.replaced");
        let replaced: Vec<_> = replaced.collect();
        assert_eq!(replaced.len(), 1);
        replaced[0]["item"].clone()
    }

    /// The form as a reload shows it.
    fn reloaded(&self) -> Value {
        let list = json!({"type": "items.list", "params": {"thread_id": self.thread}, "metadata": {"states": [self.state]}});
        let page = json_of(&self.ask(&list));
        page["data"][0].clone()
    }
}

/// Turns in which the form appears, fails and is sent, and the history with it.
pub(crate) fn turns() -> Value {
    let tries = Mutex::new(0);
    let webhook = Fake::start(move |_| {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        reply(if *tries == 1 { 404 } else { 200 }, &[], "{}")
    });
    let mut visitor = Visitor::with(&webhook);
    let mut turns = vec![json!({"events": visitor.shown})];
    let mut replies = Vec::new();
    for _ in 0..2 {
        let response = visitor.ask(&visitor.action(typed()));
        let events = events(&response);
        visitor.state = kept(&events).1;
        turns.push(json!({"events": events}));
        let ask = json!({"type": "items.list", "params": {"thread_id": visitor.thread}, "metadata": {"states": [visitor.state]}});
        let reply = json_of(&visitor.ask(&ask));
        replies.push(json!({"ask": ask, "reply": reply}));
    }
    json!({"stream": "contact", "turns": turns, "replies": replies})
}

/// What a visitor types.
fn typed() -> Value {
    json!({"name": " Ada ", "email": "ada@example.com", "message": WORD, "conversation": false})
}

/// All components of a widget, from the top.
fn components(item: &Value) -> Vec<&Value> {
    let mut all = vec![&item["widget"]];
    let mut at = 0;
    while at < all.len() {
        let children = all[at]["children"].as_array();
        all.extend(children.into_iter().flatten());
        at += 1;
    }
    all
}

fn named<'a>(item: &'a Value, name: &str) -> &'a Value {
    let mut all = components(item).into_iter();
    all.find(|component| component["name"] == name).unwrap()
}

fn texts(item: &Value) -> Vec<&str> {
    let all = components(item).into_iter();
    all.filter(|component| component["type"] == "Text")
        .map(|text| text["value"].as_str().unwrap())
        .collect()
}

/// Panics unless whoever has this secret can have sent it, and nobody else.
pub(crate) fn assert_signed(received: &Received, secret: &str) {
    let timestamp = received.header("x-chatkit-embed-timestamp").unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac
        .chain_update(format!("{timestamp}.{}", received.body))
        .finalize();
    let mac: String = mac
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        received.header("x-chatkit-embed-signature"),
        Some(&*format!("v1={mac}"))
    );
}

fn taken(_: &Received) -> Act {
    reply(200, &[], "{}")
}

#[test]
fn form_appears_below_the_answer_when_the_model_shows_it_and_stays() {
    let webhook = Fake::start(taken);
    let visitor = Visitor::with(&webhook);
    let form = &visitor.form;
    assert_eq!(named(form, "name")["inputType"], "text");
    assert_eq!(named(form, "email")["inputType"], "email");
    assert_eq!(named(form, "message")["type"], "Textarea");
    for name in ["name", "email", "message"] {
        assert_eq!(named(form, name)["required"], true);
        let mut all = components(form).into_iter();
        assert!(all.any(|label| label["type"] == "Label" && label["fieldName"] == name));
    }
    assert_eq!(named(form, "conversation")["defaultChecked"], false);
    let button = components(form)
        .into_iter()
        .find(|component| component["type"] == "Button");
    assert_eq!(button.unwrap()["submit"], true);
    let action = components(form)
        .into_iter()
        .find_map(|component| component.get("onSubmitAction"));
    assert_eq!(action.unwrap()["type"], "chatkit-embed.contact");
    assert_eq!(action.unwrap()["handler"], "server");
    // It comes after what the model says, and in the history.
    assert_eq!(visitor.bench.logged()["tools"], 1);
    assert_eq!(&visitor.reloaded(), form);
    assert!(webhook.is_idle());
}

#[test]
fn model_is_offered_the_form_and_told_about_it_in_the_next_turn() {
    let upstream = Fake::start(model);
    let bench = bench_of(&upstream, "http://127.0.0.1:9/", Some(contact()));
    let session = session(&bench);
    let first = events(&bench.handle(&chat(&session, &create(ASKED))));
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    assert_eq!(sent["tools"][0]["name"], "show_contact_form");
    assert!(upstream.is_idle(), "the form ends the answer");
    let (thread, state) = kept(&first);
    let more = json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input("Thanks")},
        "metadata": {"states": [state]}});
    bench.handle(&chat(&session, &more));
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    assert_eq!(sent["input"][2]["role"], "developer");
    assert!(
        sent["input"][2]["content"]
            .as_str()
            .unwrap()
            .contains("has not sent it")
    );
}

#[test]
fn form_needs_no_words_and_nobody_else_gets_one() {
    let upstream = Fake::start(|_| shows_form(&[]));
    let bench = bench_of(&upstream, "http://127.0.0.1:9/", Some(contact()));
    let shown = events(&bench.handle(&chat(&session(&bench), &create(ASKED))));
    assert!(shown.iter().any(|event| event["item"]["type"] == "widget"));
    let bench = bench_of(&upstream, "http://127.0.0.1:9/", None);
    let shown = events(&bench.handle(&chat(&session(&bench), &create(ASKED))));
    assert_eq!(shown.last().unwrap()["type"], "error");
}

#[test]
fn other_tools_are_answered_before_the_form_appears() {
    let turns = Mutex::new(0);
    let upstream = Fake::start(move |_| {
        let mut turn = turns.lock().unwrap();
        *turn += 1;
        if *turn > 1 {
            return stream(&answer(&["Here you are."]));
        }
        let item = |id: &str, name: &str| json!({"id": id, "type": "function_call", "call_id": id, "name": name, "arguments": "{}"});
        let done = |item| json!({"type": "response.output_item.done", "item": item});
        let end = json!({"type": "response.completed", "response": {"id": "resp_1"}});
        let body = sse(&[
            done(item("c1", "no_such_tool")),
            done(item("c2", "show_contact_form")),
            end,
        ]);
        Act::Cut(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}"
        ))
    });
    let bench = bench_of(&upstream, "http://127.0.0.1:9/", Some(contact()));
    let shown = events(&bench.handle(&chat(&session(&bench), &create(ASKED))));
    upstream.next();
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    assert_eq!(sent["input"][2]["output"], "There is no such tool.");
    assert!(
        sent["input"][4]["output"]
            .as_str()
            .unwrap()
            .contains("form appears")
    );
    let types = shown
        .iter()
        .rev()
        .filter_map(|event| event["item"]["type"].as_str());
    assert_eq!(
        types.take(2).collect::<Vec<_>>(),
        ["widget", "assistant_message"]
    );
}

#[test]
fn what_was_typed_reaches_the_webhook_signed_and_once() {
    let webhook = Fake::start(taken);
    let mut visitor = Visitor::with(&webhook);
    let sent = visitor.submit(typed());
    let received = webhook.next();
    assert_eq!(received.target, "POST /hook?key=CANARY");
    let body: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(
        body["fields"],
        json!({"name": "Ada", "email": "ada@example.com", "message": WORD})
    );
    assert_eq!(body["widget"], "agent");
    assert_eq!(body["thread"], visitor.thread);
    assert!(body["submitted_at"].as_str().unwrap().ends_with('Z'));
    assert!(body.get("conversation").is_none(), "the box was not ticked");
    assert!(!received.body.contains("person help"), "{}", received.body);
    assert_signed(&received, SECRET);
    assert_eq!(body["id"].as_str(), received.header("x-chatkit-embed-id"));
    // The form is gone, and what was typed is no longer kept.
    assert_eq!(texts(&sent), ["Your message has been sent."]);
    assert_eq!(visitor.reloaded(), sent);
    assert!(!visitor.state.contains(WORD));
    // A second click sends nothing.
    assert_eq!(visitor.submit(typed()), sent);
    assert!(webhook.is_idle());
}

#[test]
fn conversation_goes_along_if_the_visitor_ticks_the_box() {
    for ticked in [json!(true), json!("on"), json!("true")] {
        let webhook = Fake::start(taken);
        let mut visitor = Visitor::with(&webhook);
        let mut payload = typed();
        payload["conversation"] = ticked;
        visitor.submit(payload);
        let body: Value = serde_json::from_str(&webhook.next().body).unwrap();
        let said = body["conversation"].as_array().unwrap();
        assert_eq!(said.len(), 2);
        assert!(body.get("is_cut").is_none());
        assert_eq!(
            (&said[0]["by"], &said[0]["text"]),
            (&json!("visitor"), &json!(ASKED))
        );
        assert_eq!(
            (&said[1]["by"], &said[1]["text"]),
            (&json!("agent"), &json!("Of course."))
        );
    }
}

#[test]
fn conversation_without_its_beginning_says_so() {
    let model = |received: &Received| {
        let piece = "long ".repeat(2000);
        let long = [&*piece; 11];
        let body: Value = serde_json::from_str(&received.body).unwrap();
        match body["input"].as_array().unwrap().len() {
            1 => stream(&answer(&long)),
            _ => shows_form(&long),
        }
    };
    let webhook = Fake::start(taken);
    let own = format!("http://{}", webhook.address);
    let variables = [
        ("CONTACT", Some(&*own)),
        ("BASE_URL", Some(&*own)),
        ("SITE_ID", Some("1")),
    ];
    for to in [contact(), at_netlify()] {
        let is_netlify = to.to == ContactTarget::NetlifyForm;
        let upstream = Fake::start(model);
        let bench = bench_with(&upstream, Some(to), &variables);
        let session = session(&bench);
        let (thread, state) = kept(&events(&bench.handle(&chat(&session, &create(ASKED)))));
        let more = json!({"type": "threads.add_user_message", "params": {"thread_id": thread, "input": input("More?")},
            "metadata": {"states": [state]}});
        let shown = events(&bench.handle(&chat(&session, &more)));
        let state = kept(&shown).1;
        let mut items = shown.iter().map(|event| &event["item"]);
        let form = items.find(|item| item["type"] == "widget").unwrap().clone();
        let visitor = Visitor {
            bench,
            session,
            thread,
            state,
            shown,
            form,
            _upstream: upstream,
        };
        let mut payload = typed();
        payload["conversation"] = json!(true);
        visitor.ask(&visitor.action(payload));
        let sent = webhook.next().body;
        assert!(!sent.contains("CANARY+person") && !sent.contains("CANARY person"));
        if is_netlify {
            assert!(sent.contains("&conversation=%28The+beginning+is+missing"));
        } else {
            let body: Value = serde_json::from_str(&sent).unwrap();
            assert_eq!(body["is_cut"], true);
            assert_eq!(body["conversation"][0]["text"], "More?");
        }
    }
}

#[test]
fn failure_that_may_pass_is_tried_again_with_the_same_id() {
    let tries = Mutex::new(0);
    let webhook = Fake::start(move |_| {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        match *tries {
            1 => reply(503, &[], "{}"),
            2 => Act::Close,
            _ => reply(204, &[], ""),
        }
    });
    let mut visitor = Visitor::with(&webhook);
    let sent = visitor.submit(typed());
    assert_eq!(texts(&sent), ["Your message has been sent."]);
    let ids = [webhook.next(), webhook.next(), webhook.next()];
    let ids = ids.map(|received| received.header("x-chatkit-embed-id").unwrap().to_owned());
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
    assert_eq!(visitor.bench.logged()["retries"], 2);
}

#[test]
fn failed_submit_keeps_what_was_typed_and_can_be_repeated() {
    for (status, tries) in [(500, 3), (301, 1), (404, 1)] {
        let fails = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        let failing = std::sync::Arc::clone(&fails);
        let webhook =
            Fake::start(
                move |_| match failing.load(std::sync::atomic::Ordering::Relaxed) {
                    true => reply(
                        status,
                        &["location: https://CANARY.example/"],
                        "{\"CANARY\":1}",
                    ),
                    false => reply(200, &[], "{}"),
                },
            );
        let mut visitor = Visitor::with(&webhook);
        let mut payload = typed();
        payload["conversation"] = json!(true);
        let form = visitor.submit(payload.clone());
        let id = |received: Received| received.header("x-chatkit-embed-id").unwrap().to_owned();
        let ids: Vec<_> = (0..tries).map(|_| id(webhook.next())).collect();
        let id = ids.last().unwrap();
        assert!(webhook.is_idle(), "{status}");
        assert_eq!(named(&form, "name")["defaultValue"], "Ada");
        assert_eq!(named(&form, "email")["defaultValue"], "ada@example.com");
        assert_eq!(named(&form, "message")["defaultValue"], WORD);
        assert_eq!(named(&form, "conversation")["defaultChecked"], true);
        assert!(texts(&form)[0].starts_with("Your message could not be sent."));
        let log = visitor.bench.logged();
        assert_eq!(log["code"], "contact_failed");
        assert_eq!(log["upstream_status"], status);
        assert!(
            visitor
                .bench
                .detail()
                .contains(&format!("`CONTACT` answered with status {status}"))
        );
        assert_eq!(visitor.reloaded(), form, "a reload loses nothing either");
        fails.store(false, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(
            texts(&visitor.submit(payload)),
            ["Your message has been sent."]
        );
        assert_eq!(webhook.next().header("x-chatkit-embed-id"), Some(&**id));
    }
}

#[test]
fn nothing_that_was_typed_and_no_address_goes_to_the_log() {
    let echo = |received: &Received| reply(500, &["x-request-id: CANARY"], &received.body);
    let webhook = Fake::start(echo);
    let addresses = [
        format!("http://{}/CANARY", webhook.address),
        "http://127.0.0.1:1/CANARY".to_owned(),
        "https://CANARY.invalid/".to_owned(),
    ];
    for address in addresses {
        let mut visitor = Visitor::at(&address);
        let form = visitor.submit(typed());
        assert_eq!(named(&form, "message")["defaultValue"], WORD);
        let log = visitor.bench.lines().concat();
        for secret in ["CANARY", "Ada", "ada@example.com", "127.0.0.1", ".invalid"] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

#[test]
fn field_that_is_empty_or_wrong_or_too_long_is_said_and_nothing_is_sent() {
    let long = "x".repeat(201);
    let longer = "x".repeat(101);
    let email = format!("{}@example.com", "x".repeat(320));
    let check = "Please fill in all fields";
    for (name, value, told) in [
        ("name", json!(""), check),
        ("name", json!(" \n"), check),
        ("name", json!("Ada\nBcc: x@example.com"), check),
        ("name", json!(long), check),
        ("name", Value::Null, check),
        ("email", json!("ada"), check),
        ("email", json!("ada@example.com\nBcc: x@example.com"), check),
        ("email", json!(email), check),
        (
            "message",
            json!(longer),
            "This message is too long. It can have at most 100",
        ),
    ] {
        let webhook = Fake::start(taken);
        let mut visitor = Visitor::with(&webhook);
        let mut payload = typed();
        payload[name] = value.clone();
        let form = visitor.submit(payload);
        assert!(texts(&form)[0].starts_with(told), "{value}: {form}");
        assert_eq!(
            named(&form, name)["defaultValue"],
            json!(value.as_str().unwrap_or_default().trim())
        );
        assert!(webhook.is_idle());
        // Without a fault, it leaves.
        assert_eq!(
            texts(&visitor.submit(typed())),
            ["Your message has been sent."]
        );
    }
    // A text without end comes back, and is not kept.
    let webhook = Fake::start(taken);
    let mut visitor = Visitor::with(&webhook);
    let mut payload = typed();
    let endless = "y".repeat(150_000);
    payload["message"] = json!(endless);
    assert_eq!(
        named(&visitor.submit(payload), "message")["defaultValue"],
        json!(endless)
    );
    assert!(visitor.state.len() < 10_000);
}

#[test]
fn action_that_is_not_of_this_form_is_refused_in_words() {
    let webhook = Fake::start(taken);
    let visitor = Visitor::with(&webhook);
    let good = visitor.action(typed());
    let other = Visitor::with(&webhook);
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let question = json!(format!("msg_{}", "0".repeat(32)));
    for body in [
        with("/params/action/type", json!("other.action")),
        with(
            "/params/action/payload",
            json!({"name": "Ada", "phone": "1"}),
        ),
        with("/params/action/payload", json!({"name": ["Ada"]})),
        with("/params/action/payload", json!({"conversation": 1})),
        with("/params/action/payload", json!("name")),
        with("/params/action/payload", Value::Null),
        with("/params/item_id", question),
        with("/params/item_id", Value::Null),
        with("/params/item_id", other.form["id"].clone()),
        with("/params/thread_id", json!(other.thread)),
        with("/metadata/states/0", json!(other.state)),
        with(
            "/metadata/states/0",
            json!(visitor.state.replace("\"turns\":1", "\"turns\":2")),
        ),
        with("/metadata/states", json!([])),
    ] {
        let events = events(&visitor.ask(&body));
        assert_eq!(events.len(), 1, "{body}");
        assert_eq!(events[0]["type"], "error", "{body}");
        assert_eq!(events[0]["allow_retry"], false);
    }
    // The state belongs to its visitor and its widget.
    let events = events(&visitor.bench.handle(&chat(&session(&visitor.bench), &good)));
    assert_eq!(events[0]["type"], "error");
    let minted = json_of(&visitor.bench.handle(&crate::ask("sales")));
    let sales = minted["client_secret"].as_str().unwrap();
    let response = visitor.bench.handle(&chat(sales, &good));
    assert_eq!(crate::agent::events(&response)[0]["type"], "error");
    let mut sync = good.clone();
    sync["type"] = json!("threads.sync_custom_action");
    assert_eq!(code_of(&visitor.ask(&sync)).0, 400);
    assert!(webhook.is_idle());
}

#[test]
fn form_counts_as_a_message() {
    let webhook = Fake::start(taken);
    let upstream = Fake::start(model);
    let hook = format!("http://{}/", webhook.address);
    let variables = [
        ("CONTACT", Some(&*hook)),
        ("LIMIT_MESSAGES_PER_VISITOR", Some("1")),
    ];
    let bench = bench_with(&upstream, Some(contact()), &variables);
    let session = session(&bench);
    let from_somewhere = |body: &Value| {
        let mut request = chat(&session, body);
        request.client = Some("192.0.2.1".parse().unwrap());
        bench.handle(&request)
    };
    let shown = events(&from_somewhere(&create(ASKED)));
    let (thread, state) = kept(&shown);
    let form = shown
        .iter()
        .find(|event| event["item"]["type"] == "widget")
        .unwrap();
    let body = json!({"type": "threads.custom_action", "params": {"thread_id": thread, "item_id": form["item"]["id"],
        "action": {"type": "chatkit-embed.contact", "payload": typed()}}, "metadata": {"states": [state]}});
    assert_eq!(
        code_of(&from_somewhere(&body)),
        (429, "rate_limited".to_owned())
    );
    assert!(webhook.is_idle());
}

#[test]
fn agent_without_its_webhook_does_not_start_and_the_log_says_why() {
    for (address, secret, why) in [
        (None, Some(SECRET), "`CONTACT` is not set"),
        (
            Some("http://hooks.example.com/"),
            Some(SECRET),
            "invalid `CONTACT`",
        ),
        (
            Some("https://hooks.example.com/"),
            None,
            "`CONTACT_SECRET` is not set",
        ),
        (
            Some("https://hooks.example.com/"),
            Some("short"),
            "invalid `CONTACT_SECRET`",
        ),
    ] {
        let upstream = Fake::start(model);
        let variables = [("CONTACT", address), ("CONTACT_SECRET", secret)];
        let bench = bench_with(&upstream, Some(contact()), &variables);
        assert_eq!(code_of(&bench.handle(&crate::ask("agent"))).0, 500);
        assert!(bench.detail().starts_with(why), "{}", bench.detail());
        assert!(!bench.detail().contains("hooks.example.com"));
    }
}

#[test]
fn stop_of_the_visitor_is_one_line_in_the_log() {
    let webhook = Fake::start(|_| Act::Hang);
    let visitor = Visitor::with(&webhook);
    let request = chat(&visitor.session, &visitor.action(typed()));
    let session::Body::Stream(mut pieces) = session::handle(&visitor.bench.service, &request).body
    else {
        panic!("the delivery is one piece")
    };
    let first = String::from_utf8(pieces.next().unwrap()).unwrap();
    assert!(
        first.contains(WORD),
        "what was typed is kept before it is sent"
    );
    pieces.next();
    webhook.next();
    drop(pieces);
    assert_eq!(visitor.bench.logged()["code"], "client_gone");
}

#[test]
fn netlify_gets_a_form_at_the_sites_own_page() {
    for (ticked, said) in [
        (false, ""),
        (
            true,
            "Visitor%3A+Can+a+CANARY+person+help+me%3F%0A%0AAgent%3A+Of+course.",
        ),
    ] {
        for (status, is_taken) in [(200, true), (303, true), (301, false), (404, false)] {
            let netlify = Fake::start(move |_| reply(status, &["location: /thanks"], ""));
            let upstream = Fake::start(model);
            let own = format!("http://{}", netlify.address);
            let variables = [("BASE_URL", Some(&*own)), ("SITE_ID", Some("1"))];
            let bench = bench_with(&upstream, Some(at_netlify()), &variables);
            let mut visitor = Visitor::of(bench, upstream);
            let mut payload = typed();
            payload["message"] = json!("Ä & b=c");
            payload["conversation"] = json!(ticked);
            let item = visitor.submit(payload);
            let received = netlify.next();
            assert_eq!(received.target, "POST /w/agent/");
            assert_eq!(
                received.header("content-type"),
                Some("application/x-www-form-urlencoded")
            );
            let expected = format!(
                "form-name=contact-agent&bot-field=&name=Ada&email=ada%40example.com&message=%C3%84+%26+b%3Dc&conversation={said}"
            );
            assert_eq!(received.body, expected);
            if is_taken {
                assert_eq!(texts(&item), ["Your message has been sent."]);
            } else {
                assert_eq!(named(&item, "message")["defaultValue"], "Ä & b=c");
                let fix = if status == 404 {
                    "form detection"
                } else {
                    "primary domain"
                };
                let log = visitor.bench.detail();
                assert!(log.contains(fix), "{log}");
            }
        }
    }
}

#[test]
fn netlify_form_elsewhere_fails_in_words() {
    let upstream = Fake::start(model);
    let bench = bench_with(&upstream, Some(at_netlify()), &[]);
    let mut visitor = Visitor::of(bench, upstream);
    let form = visitor.submit(typed());
    assert_eq!(named(&form, "message")["defaultValue"], WORD);
    let log = visitor.bench.logged();
    assert_eq!(log["code"], "not_configured");
    assert!(visitor.bench.detail().contains("webhook_env"));
}

fn at_netlify() -> ContactSettings {
    ContactSettings {
        to: ContactTarget::NetlifyForm,
        ..contact()
    }
}
