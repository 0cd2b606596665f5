//! ChatKit's element, as far as the events of a turn go: it takes each one that fits into what it has, and panics at any
//! other. What it allows is what `chatkit/types.py` of openai/chatkit-python 1.6.5 describes and an agent sends.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What ChatKit shows of a turn.
#[derive(Default)]
pub(crate) struct Client {
    /// The items by id, as they are now.
    items: BTreeMap<String, Map<String, Value>>,
    /// The types of the events so far.
    types: Vec<String>,
    /// The states that the page was given.
    states: usize,
}

impl Client {
    /// The client after all events of these bytes.
    pub(crate) fn of(stream: &[u8]) -> Client {
        let mut client = Client::default();
        client.read(stream);
        client
    }

    /// Takes the events of a piece of a stream.
    pub(crate) fn read(&mut self, piece: &[u8]) {
        let text = std::str::from_utf8(piece).expect("events are UTF-8");
        let events = text.split_inclusive("\n\n");
        for event in events {
            let line = event
                .strip_prefix("data: ")
                .and_then(|rest| rest.strip_suffix("\n\n"));
            let line = line.unwrap_or_else(|| panic!("not an event: {event:?}"));
            assert!(!line.contains('\n'), "an event has one line: {line:?}");
            self.take(&serde_json::from_str(line).expect("an event is JSON"));
        }
    }

    /// Panics unless the turn has ended as it must: with an error, or with the second state.
    pub(crate) fn assert_over(&self) {
        let last = self.types.last().map_or("nothing", String::as_str);
        let is_over = last == "error" || (last == "client_effect" && self.states == 2);
        assert!(is_over, "{:?}", self.types);
    }

    /// Panics unless this item is the one that ChatKit shows.
    pub(crate) fn assert_shown(&self, item: &Value) {
        let shown = self.items.get(text(item, "id"));
        assert_eq!(shown, item.as_object(), "what is kept is what was shown");
    }

    fn take(&mut self, event: &Value) {
        let kind = text(event, "type");
        let is_over = self.types.last().is_some_and(|last| last == "error") || self.states == 2;
        assert!(!is_over, "{event} comes after the end");
        match kind {
            "thread.created" | "thread.updated" => {
                members(event, &["type", "thread"], &[]);
                thread(&event["thread"]);
            }
            "thread.item.added" | "thread.item.done" | "thread.item.replaced" => {
                members(event, &["type", "item"], &[]);
                self.item(&event["item"], kind);
            }
            "thread.item.updated" => {
                members(event, &["type", "item_id", "update"], &[]);
                let item = self.items.get_mut(text(event, "item_id"));
                let item = item.unwrap_or_else(|| panic!("no item for {event}"));
                update(item, &event["update"]);
            }
            "stream_options" => {
                members(event, &["type", "stream_options"], &[]);
                members(&event["stream_options"], &["allow_cancel"], &[]);
                assert!(event["stream_options"]["allow_cancel"].is_boolean());
            }
            "progress_update" => {
                members(event, &["type", "icon", "text"], &[]);
                let icon = text(event, "icon");
                assert!(["bolt", "globe", "search"].contains(&icon), "{icon}");
                text(event, "text");
            }
            "client_effect" => {
                members(event, &["type", "name", "data"], &[]);
                let data = ["thread_id", "created_at", "title", "state"];
                members(&event["data"], &data, &[]);
                self.states += 1;
            }
            "notice" => {
                members(event, &["type", "level", "message"], &[]);
                assert!(["info", "warning", "danger"].contains(&text(event, "level")));
            }
            "error" => {
                members(event, &["type", "code", "message", "allow_retry"], &[]);
                assert_eq!(text(event, "code"), "custom");
                assert!(!text(event, "message").is_empty());
                assert!(event["allow_retry"].is_boolean());
            }
            _ => panic!("no such event: {event}"),
        }
        self.types.push(kind.to_owned());
    }

    fn item(&mut self, value: &Value, event: &str) {
        item(value);
        let id = text(value, "id").to_owned();
        let known = self.items.get(&id);
        match event {
            "thread.item.added" => assert!(known.is_none(), "{id} is added twice"),
            // An action begins with a client that has the thread already.
            "thread.item.replaced" => assert_eq!(value["type"], "widget"),
            _ => {
                let is_whole = value["type"] == "user_message" || value["type"] == "widget";
                assert!(known.is_some() || is_whole, "{id} was not added");
                let same = known.is_none_or(|known| known["type"] == value["type"]);
                assert!(same, "{id} is of another type");
            }
        }
        self.items.insert(id, value.as_object().unwrap().clone());
    }
}

/// Changes an item as ChatKit does.
fn update(item: &mut Map<String, Value>, update: &Value) {
    let kind = text(update, "type");
    match kind.split_once('.') {
        Some(("assistant_message", kind)) => {
            assert_eq!(item["type"], "assistant_message");
            update_message(item["content"].as_array_mut().unwrap(), kind, update);
        }
        Some(("workflow", kind)) => {
            assert_eq!(item["type"], "workflow");
            members(update, &["type", "task_index", "task"], &[]);
            task(&update["task"]);
            let tasks = item["workflow"]["tasks"].as_array_mut().unwrap();
            let at = index(update, "task_index");
            match kind {
                "task.added" => {
                    assert_eq!(at, tasks.len());
                    tasks.push(update["task"].clone());
                }
                "task.updated" => tasks[at] = update["task"].clone(),
                _ => panic!("no such update: {update}"),
            }
        }
        _ => panic!("no such update: {update}"),
    }
}

fn update_message(parts: &mut Vec<Value>, kind: &str, update: &Value) {
    let at = index(update, "content_index");
    match kind {
        "content_part.added" => {
            members(update, &["type", "content_index", "content"], &[]);
            part(&update["content"]);
            assert!(at <= parts.len(), "part {at} of {}", parts.len());
            match parts.get_mut(at) {
                Some(part) => *part = update["content"].clone(),
                None => parts.push(update["content"].clone()),
            }
        }
        "content_part.text_delta" => {
            members(update, &["type", "content_index", "delta"], &[]);
            let text = format!("{}{}", text(&parts[at], "text"), text(update, "delta"));
            parts[at]["text"] = Value::from(text);
        }
        "content_part.annotation_added" => {
            let names = ["type", "content_index", "annotation_index", "annotation"];
            members(update, &names, &[]);
            annotation(&update["annotation"]);
            let annotations = parts[at]["annotations"].as_array_mut().unwrap();
            assert_eq!(index(update, "annotation_index"), annotations.len());
            annotations.push(update["annotation"].clone());
        }
        "content_part.done" => {
            members(update, &["type", "content_index", "content"], &[]);
            part(&update["content"]);
            let text = update["content"]["text"].clone();
            // Its sources are those that were added.
            parts[at]["text"] = text;
        }
        _ => panic!("no such update: {update}"),
    }
}

/// Panics unless it is a thread.
pub(crate) fn thread(value: &Value) {
    let names = ["id", "created_at", "status", "metadata", "items"];
    members(value, &names, &["title"]);
    time(value);
    match text(&value["status"], "type") {
        "active" => members(&value["status"], &["type"], &[]),
        "closed" => members(&value["status"], &["type", "reason"], &[]),
        _ => panic!("no such status: {value}"),
    }
    assert_eq!(value["metadata"], serde_json::json!({}));
    page(&value["items"], item);
}

/// Panics unless it is a part of a list of such entries.
pub(crate) fn page(value: &Value, entry: impl Fn(&Value)) {
    members(value, &["data", "has_more"], &["after"]);
    assert_eq!(value["has_more"] == true, value.get("after").is_some());
    value["data"].as_array().unwrap().iter().for_each(entry);
}

/// Panics unless it is an item.
pub(crate) fn item(value: &Value) {
    const ALL: [&str; 4] = ["id", "thread_id", "created_at", "type"];
    let with = |more: &[&str], optional: &[&str]| {
        members(value, &[&ALL[..], more].concat(), optional);
    };
    time(value);
    match text(value, "type") {
        "user_message" => {
            let names = ["content", "attachments", "inference_options"];
            with(&names, &["quoted_text"]);
            assert!(value["content"].is_array());
        }
        "assistant_message" => {
            with(&["content"], &[]);
            value["content"].as_array().unwrap().iter().for_each(part);
        }
        "workflow" => {
            with(&["workflow"], &[]);
            let workflow = &value["workflow"];
            members(workflow, &["type", "tasks", "expanded"], &["summary"]);
            assert_eq!(workflow["type"], "reasoning");
            workflow["tasks"].as_array().unwrap().iter().for_each(task);
        }
        "widget" => {
            with(&["widget"], &[]);
            members(&value["widget"], &["type", "size", "children"], &[]);
            assert_eq!(value["widget"]["type"], "Card");
        }
        _ => panic!("no such item: {value}"),
    }
}

fn part(value: &Value) {
    members(value, &["type", "text", "annotations"], &[]);
    assert_eq!(value["type"], "output_text");
    text(value, "text");
    let annotations = value["annotations"].as_array().unwrap();
    annotations.iter().for_each(annotation);
}

fn annotation(value: &Value) {
    members(value, &["type", "source"], &["index"]);
    assert_eq!(value["type"], "annotation");
    let source = &value["source"];
    match text(source, "type") {
        "url" => {
            members(source, &["type", "title", "url"], &[]);
            let url = text(source, "url");
            assert!(
                url.starts_with("https://") || url.starts_with("http://"),
                "{url}"
            );
        }
        "file" => {
            members(source, &["type", "title", "filename"], &[]);
            assert!(!text(source, "filename").is_empty());
        }
        _ => panic!("no such source: {value}"),
    }
    assert!(!text(source, "title").is_empty());
}

fn task(value: &Value) {
    members(value, &["type", "status_indicator", "content"], &[]);
    assert_eq!(value["type"], "thought");
    text(value, "content");
}

fn time(value: &Value) {
    let time = text(value, "created_at");
    let is_time = time.len() == "2026-11-26T18:54:10.484Z".len() && time.ends_with('Z');
    assert!(is_time, "{time}");
}

/// Panics unless it has these members, and no other.
fn members(value: &Value, required: &[&str], optional: &[&str]) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("not an object: {value}"));
    for name in required {
        assert!(object.contains_key(*name), "no {name} in {value}");
    }
    for name in object.keys() {
        let is_known = required.contains(&name.as_str()) || optional.contains(&name.as_str());
        assert!(is_known, "{name} in {value}");
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("{name} is no text in {value}"))
}

fn index(value: &Value, name: &str) -> usize {
    let number = value[name].as_u64();
    let number = number.unwrap_or_else(|| panic!("{name} is no number in {value}"));
    usize::try_from(number).unwrap()
}
