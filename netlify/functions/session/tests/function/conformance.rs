//! Recorded streams of a Responses API, whole and cut after each event. With `CONFORMANCE`, every request, event and
//! reply goes to the file of that name, and those of a contact form to one beside it; `tests/e2e/conformance.test.mjs` compares them with OpenAI's own ChatKit server
//! and with OpenAI's specification.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use serde_json::{Value, json};
use session::{
    AgentLimits, AgentSettings, BackendSettings, IdentityRule, McpServer, Settings, SiteSettings,
    WebSearch, WidgetSettings,
};

use crate::agent::{KEY, chat, create, events, input, kept, stream};
use crate::client::{self, Client};
use crate::fake::Fake;
use crate::{Bench, INSTRUCTIONS, LIMITS, ORIGIN, ask, json_of, site_of};

/// Recorded streams; a line per event.
const STREAMS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../tests/e2e/conformance/streams"
);

/// Agents with none, some and all of the settings.
fn agents() -> [(&'static str, AgentSettings); 3] {
    let plain = AgentSettings {
        instructions: INSTRUCTIONS.to_owned(),
        model: "gpt-6-luna".to_owned(),
        language: "en".to_owned(),
        ..AgentSettings::default()
    };
    let thinking = AgentSettings {
        reasoning: Some("low".to_owned()),
        verbosity: Some("low".to_owned()),
        web_search: Some(WebSearch::default()),
        ..plain.clone()
    };
    let server = |label: &str, authorization_env: Option<&str>, allow: &[&str]| McpServer {
        label: label.to_owned(),
        url: format!("https://{label}.example.com/mcp"),
        authorization_env: authorization_env.map(str::to_owned),
        allow: allow.iter().map(|name| (*name).to_owned()).collect(),
    };
    let full = AgentSettings {
        reasoning: Some("max".to_owned()),
        verbosity: Some("high".to_owned()),
        web_search: Some(WebSearch {
            domains: vec!["www.example.com".to_owned(), "docs.example.com".to_owned()],
        }),
        vector_stores: vec!["vs_1".to_owned(), "vs_2".to_owned()],
        mcp: vec![
            server("shop", Some("SHOP_TOKEN"), &["find_order"]),
            server("open", None, &[]),
        ],
        limits: AgentLimits {
            output: 16,
            tool_calls: 1,
            ..AgentLimits::default()
        },
        store: true,
        ..plain.clone()
    };
    [("plain", plain), ("thinking", thinking), ("full", full)]
}

fn bench(upstream: &Fake) -> Bench {
    let site = SiteSettings {
        url: "https://chat.example.com".to_owned(),
        allowed_origins: vec![ORIGIN.to_owned()],
        origins_of_widgets: Vec::new(),
        refuse_direct_calls: false,
    };
    let widgets = agents().map(|(name, agent)| {
        let backend = BackendSettings::Agent(Box::new(agent));
        let identity = IdentityRule::Optional;
        (
            name.to_owned(),
            WidgetSettings {
                identity,
                ..WidgetSettings::of(backend)
            },
        )
    });
    let variables: BTreeMap<&str, String> = [
        ("OPENAI_API_KEY", KEY.to_owned()),
        ("OPENAI_BASE_URL", format!("http://{}/v1", upstream.address)),
        ("SHOP_TOKEN", "shop-token".to_owned()),
        ("LIMIT_MESSAGES_PER_VISITOR", "0".to_owned()),
        ("LIMIT_MESSAGES_PER_ADDRESS", "0".to_owned()),
    ]
    .into_iter()
    .chain(LIMITS.map(|name| (name, "0".to_owned())))
    .collect();
    let settings = Settings::from_lookup(move |name| variables.get(name).cloned());
    Bench::of(settings, site_of(site, BTreeMap::from(widgets), Vec::new()))
}

/// A visitor of one of the agents, and what the upstream answers.
pub(crate) struct Visitor {
    pub(crate) bench: Bench,
    pub(crate) session: String,
    upstream: Fake,
    answer: Arc<Mutex<Vec<Value>>>,
}

impl Visitor {
    fn of(agent: &str) -> Visitor {
        let answer = Arc::new(Mutex::new(Vec::new()));
        let playing = Arc::clone(&answer);
        let upstream = Fake::start(move |_| stream(&playing.lock().unwrap()));
        let bench = bench(&upstream);
        let session = json_of(&bench.handle(&ask(agent)))["client_secret"]
            .as_str()
            .unwrap()
            .to_owned();
        Visitor {
            bench,
            upstream,
            answer,
            session,
        }
    }

    /// A turn: what was asked, what the upstream was asked, and the events.
    fn turn(&self, ask: &Value) -> Value {
        let response = self.bench.handle(&chat(&self.session, ask));
        let text = String::from_utf8(response.body.clone()).unwrap();
        assert!(!text.contains("CANARY"), "{text}");
        let sent: Value = serde_json::from_str(&self.upstream.next().body).unwrap();
        // It fails, and that is the end, or it ends with the new state.
        Client::of(&response.body).assert_over();
        let events = events(&response);
        json!({"ask": ask, "sent": sent, "events": events})
    }

    /// A thread of three turns, and what ChatKit may ask about it. A turn that fails is the last one.
    fn thread(&self) -> Value {
        let mut turns = vec![self.turn(&create("Hi!"))];
        let mut more = input("And @");
        more["content"]
            .as_array_mut()
            .unwrap()
            .push(json!({"type": "input_tag", "id": "a", "text": "kettle",
            "data": {"n": 1}, "group": "Products", "interactive": true}));
        more["quoted_text"] = json!("Hello");
        for kind in ["threads.add_user_message", "threads.retry_after_item"] {
            let last = turns.last().unwrap()["events"].as_array().unwrap();
            if last.last().unwrap()["type"] == "error" {
                return json!({"turns": turns, "replies": []});
            }
            let (thread, state) = kept(last);
            let params = match kind {
                "threads.add_user_message" => json!({"thread_id": thread, "input": more}),
                _ => json!({"thread_id": thread, "item_id": last[0]["item"]["id"]}),
            };
            turns.push(
                self.turn(
                    &json!({"type": kind, "params": params, "metadata": {"states": [state]}}),
                ),
            );
        }
        let last = turns.last().unwrap()["events"].as_array().unwrap();
        let replies = self.replies(last, &turns[0]["events"][0]["thread"]);
        json!({"turns": turns, "replies": replies})
    }

    /// Replies about a thread.
    fn replies(&self, last: &[Value], thread: &Value) -> Value {
        let (id, state) = kept(last);
        let own = json!({"states": [state], "title": "Renamed"});
        let known = json!({"id": id, "title": "Renamed", "created_at": thread["created_at"]});
        let asks = [
            ("threads.get_by_id", json!({"thread_id": id}), own.clone()),
            (
                "threads.list",
                json!({"limit": 9, "order": "desc"}),
                json!({"threads": [known]}),
            ),
            ("threads.list", json!({}), json!({"threads": [known]})),
            (
                "items.list",
                json!({"thread_id": id, "limit": 1}),
                own.clone(),
            ),
            (
                "items.list",
                json!({"thread_id": id, "limit": 2, "order": "asc"}),
                own.clone(),
            ),
            ("items.list", json!({"thread_id": id}), own.clone()),
            (
                "items.feedback",
                json!({"thread_id": id, "item_ids": [], "kind": "positive"}),
                own.clone(),
            ),
            (
                "threads.update",
                json!({"thread_id": id, "title": "Renamed"}),
                own.clone(),
            ),
            ("threads.delete", json!({"thread_id": id}), own),
        ];
        let replies = asks.map(|(kind, params, metadata)| {
            let ask = json!({"type": kind, "params": params, "metadata": metadata});
            let reply = json_of(&self.bench.handle(&chat(&self.session, &ask)));
            match kind {
                "threads.get_by_id" | "threads.update" => client::thread(&reply),
                "threads.list" => client::page(&reply, client::thread),
                "items.list" => client::page(&reply, client::item),
                _ => assert_eq!(reply, json!({})),
            }
            json!({"ask": ask, "reply": reply})
        });
        json!(replies)
    }
}

/// Names and events of the recorded streams.
pub(crate) fn streams() -> Vec<(String, Vec<Value>)> {
    let paths = fs::read_dir(STREAMS).unwrap();
    let mut paths: Vec<_> = paths.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let events = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    };
    let named = paths.iter().map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, events(path))
    });
    named.collect()
}

#[test]
fn form_is_made_of_components_that_chatkit_has() {
    let turns = crate::contact::turns();
    let last = turns["turns"][2]["events"].as_array().unwrap();
    assert!(
        last.iter()
            .any(|event| event["type"] == "thread.item.replaced")
    );
    if let Some(mut path) = env::var_os("CONFORMANCE") {
        path.push(".contact");
        fs::write(path, format!("{turns}\n")).unwrap();
    }
}

#[test]
fn every_stream_becomes_one_answer_or_one_error_wherever_it_is_cut() {
    let mut lines = String::new();
    let streams = streams();
    assert!(streams.len() >= 40);
    let visitors = agents().map(|(name, _)| Visitor::of(name));
    for (at, (name, recorded)) in streams.iter().enumerate() {
        let visitor = &visitors[at % visitors.len()];
        visitor.answer.lock().unwrap().clone_from(recorded);
        let mut whole = visitor.thread();
        whole["stream"] = json!(name);
        writeln!(lines, "{whole}").unwrap();
        for length in 0..recorded.len() {
            *visitor.answer.lock().unwrap() = recorded[..length].to_vec();
            let turn = visitor.turn(&create("Hi!"));
            let last = turn["events"].as_array().unwrap().last().unwrap();
            assert_eq!(last["type"], "error", "{name} {length}");
            let cut =
                json!({"stream": name, "length": length, "turns": [turn], "replies": json!([])});
            writeln!(lines, "{cut}").unwrap();
        }
    }
    if let Some(path) = env::var_os("CONFORMANCE") {
        fs::write(path, lines).unwrap();
    }
}
