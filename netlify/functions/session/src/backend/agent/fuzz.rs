//! Fuzzing of an agent: of what browsers send, what they keep, and what upstreams stream.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::form::Look;
use super::languages;
use super::passages::Passages;
use super::request::Chat;
use super::responses::{Events, Next};
use super::session::Holder;
use super::state::{Owner, State};
use super::{Reply, reply};
use crate::access::keys::{self, Key};
use crate::knowledge::{Passage, collect};
use crate::service::Service;
use crate::settings::Settings;
use crate::site::{
    AgentSettings, ContactField, ContactSettings, ContactTarget, KnowledgeSettings, Site,
    SiteParts, SiteSettings,
};

#[path = "../../../tests/function/client.rs"]
mod client;

use client::Client;

const USER: &str = "visitor_1";
const WIDGET: &str = "support";
const THREAD: &str = "thr_1";
const KEY: &str = "sk-proj-0123456789abcdef0123456789abcdef";

/// The first byte says what the others are: a `q`uestion, a `s`tate that was signed, or else an upstream's stream.
pub(crate) fn agent(bytes: &[u8]) {
    match bytes.split_first() {
        Some((b'q', body)) => question(body),
        Some((b's', json)) => state(json),
        Some((_, stream)) => answer(stream),
        None => {}
    }
}

/// A request of ChatKit with this body.
fn question(body: &[u8]) {
    let service = service();
    let chat = Chat {
        agent: AgentSettings {
            contact: Some(ContactSettings {
                to: ContactTarget::Webhook("CONTACT".to_owned()),
                fields: vec![ContactField::Email],
            }),
            model: "gpt-6-luna".to_owned(),
            ..AgentSettings::default()
        },
        holder: Holder {
            user: USER.to_owned(),
            widget: WIDGET.to_owned(),
        },
        languages: None,
        body,
        deadline: None,
    };
    match reply(&service, chat, || Ok(())) {
        Ok(Reply::Whole(json)) => {
            serde_json::from_slice::<Value>(&json).expect("replies are JSON");
        }
        Ok(Reply::Refusal(refusal)) => Client::of(&refusal.event).assert_over(),
        // What follows is for the upstream.
        Ok(Reply::Turn(mut turn)) => drop(Client::of(&turn.next().expect("a turn begins"))),
        // Its webhook is not set.
        Ok(Reply::Delivery(mut delivery)) => {
            let events = delivery.next().expect("a delivery begins");
            Client::of(&events).assert_over();
            assert!(delivery.next().is_none());
        }
        Ok(Reply::Feedback(..)) | Err(_) => {}
    }
}

/// Requests about a thread whose state is this JSON. Nobody but this program signs one, but an older version may
/// have done so.
fn state(json: &[u8]) {
    let json = String::from_utf8_lossy(json);
    let service = service();
    let site = service.policy().expect("the site is valid").site_url();
    let owner = Owner {
        site,
        user: USER,
        widget: WIDGET,
    };
    let keys = keys::of_agent(service.settings(), None, super::STATE_LABEL);
    let keys = keys.expect("the key is long enough");
    assert!(State::open(&json, THREAD, owner, &keys).is_none());
    let sealed = State::sealed(&json, owner, &keys);
    let other = [Key::new(b"other")];
    assert!(State::open(&sealed, THREAD, owner, &other).is_none());
    let message = json!({"content": [{"type": "input_text", "text": "Hi"}]});
    for (kind, params) in [
        ("threads.get_by_id", json!({})),
        ("items.list", json!({"limit": 1})),
        ("threads.update", json!({"title": "T"})),
        ("threads.add_user_message", json!({"input": message})),
        ("threads.retry_after_item", json!({"item_id": "msg_1"})),
        (
            "threads.custom_action",
            json!({"item_id": "form_1", "action": {"type": "chatkit-embed.contact", "payload": {"email": "a@b.example"}}}),
        ),
    ] {
        let mut params = params;
        params["thread_id"] = json!(THREAD);
        let metadata = json!({"states": [sealed, sealed]});
        let body = json!({"type": kind, "params": params, "metadata": metadata});
        question(body.to_string().as_bytes());
    }
}

/// Answers from this stream of the upstream: of an agent that knows nothing, and of one that cites pages.
fn answer(stream: &[u8]) {
    answered(stream, None);
    let passage = Passage {
        id: 1,
        title: "Returns",
        heading: "",
        url: "https://www.example.com/",
        text: "Within thirty days.",
        page: 0,
    };
    let knowledge = collect("en", &[], &[passage]);
    let agent = AgentSettings {
        knowledge: Some(KnowledgeSettings {
            collection: 0,
            is_whole: true,
            sources: true,
        }),
        ..AgentSettings::default()
    };
    let site = site(vec![knowledge]);
    let state = State::new().expect("random numbers");
    let passages = Passages::of(&site, &agent, &state).expect("a collection");
    answered(stream, passages);
}

fn answered(stream: &[u8], passages: Option<Passages<'_>>) {
    let mut events = Events::new(stream);
    let mut answer = Answer::new(THREAD, languages::of(None, "en"), passages);
    let mut client = Client::default();
    let mut output = Vec::new();
    while let Ok(Next::Event(event)) = events.next() {
        let end = answer.take(&event, &mut output);
        client.read(&output);
        output.clear();
        if !matches!(end, Ok(None)) {
            break;
        }
    }
    answer.finish(&mut output);
    client.read(&output);
    let look = Look {
        words: languages::of(None, "en"),
        contact: None,
    };
    for kept in answer.into_messages() {
        let item = serde_json::to_value(kept.item(THREAD, look)).expect("items are JSON");
        client.assert_shown(&item);
    }
}

fn service() -> Service {
    let variable = |name: &str| (name == "OPENAI_API_KEY").then(|| KEY.to_owned());
    Service::new(Settings::from_lookup(variable), site(Vec::new())).with_log(|_| {})
}

fn site(knowledge: Vec<Vec<u8>>) -> Site {
    let settings = SiteSettings {
        url: "https://chat.example.com".to_owned(),
        allowed_origins: Vec::new(),
        origins_of_widgets: Vec::new(),
        refuse_direct_calls: true,
    };
    let parts = SiteParts {
        settings,
        widgets: BTreeMap::new(),
        knowledge,
    };
    Site::from_bytes(parts.to_bytes())
}
