//! A thread as the visitor's browser keeps it: signed, so that nobody can put words into an assistant's mouth, and not
//! encrypted, because it holds nothing but what its visitor has seen.
//!
//! The text is `v1.<mac>.<json>`: an HMAC-SHA256 in URL-safe base64 over the JSON, the site, the visitor and the
//! widget. So a state is worthless to another visitor, at another widget and at another site. An old one is harmless: the thread then goes on from
//! there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::form::{Form, Look};
use super::protocol::{Empty, Item, ItemKind, Page, Status, Text, Thread, UserContent, UserInput};
use super::words::Words;
use crate::access::keys::Key;
use crate::clock;
use crate::error::RequestError;

const VERSION: &str = "v1";

/// The largest state in bytes, as a JSON string in a request.
pub const LARGEST_STATE: usize = 192 * 1024;

/// Who a state belongs to.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// The site's address.
    pub(super) site: &'a str,
    /// The visitor's name, as in the session's `sub`.
    pub(super) user: &'a str,
    pub(super) widget: &'a str,
}

/// A thread.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct State {
    pub(super) id: String,
    pub(super) created_at: String,
    /// The number of messages that its visitor has sent, including those that are no longer here.
    pub(super) turns: u32,
    /// `true` if the beginning is missing, because it became too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_cut: bool,
    /// In the order of time.
    pub(super) items: Vec<Kept>,
}

/// A message.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) created_at: String,
    #[serde(flatten)]
    pub(super) message: Message,
}

#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(tag = "by", rename_all = "lowercase")]
pub(super) enum Message {
    User {
        content: Vec<UserContent>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quoted_text: Option<String>,
    },
    Assistant {
        content: Vec<Text>,
    },
    Form(Form),
}

impl State {
    pub(super) fn new() -> Result<State, RequestError> {
        Ok(State {
            id: fresh_id("thr")?,
            created_at: clock::iso(),
            turns: 0,
            is_cut: false,
            items: Vec::new(),
        })
    }

    /// Reads a state of this thread and this owner. `None` if it is not one, whatever the reason.
    pub(super) fn open(text: &str, thread: &str, owner: Owner<'_>, keys: &[Key]) -> Option<State> {
        let (mac, json) = text
            .strip_prefix(VERSION)?
            .strip_prefix('.')?
            .split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        let message = message(json, owner);
        keys.iter()
            .find(|key| key.verifies(message.as_bytes(), &mac))?;
        let state: State = serde_json::from_str(json).ok()?;
        (state.id == thread).then_some(state)
    }

    /// Both ways in which two tabs went on with one thread, as one.
    pub(super) fn merged(mut self, other: State) -> State {
        self.merge_forms(&other);
        let is_new = |kept: &Kept| self.items.iter().all(|own| own.id != kept.id);
        let new: Vec<_> = other.items.into_iter().filter(is_new).collect();
        let questions = new.iter().filter(|kept| kept.is_question()).count();
        self.turns = other.turns.max(self.turns.saturating_add(questions as u32));
        self.is_cut |= other.is_cut;
        self.items.extend(new);
        // Stable, and the times have one format, in which their order is that of their characters.
        self.items
            .sort_by(|one, two| one.created_at.cmp(&two.created_at));
        self
    }

    /// A form that was sent in one tab is sent.
    fn merge_forms(&mut self, other: &State) {
        for kept in &mut self.items {
            let sent = other.items.iter().find(|other| {
                other.id == kept.id && matches!(&other.message, Message::Form(form) if form.is_sent)
            });
            if let Some(sent) = sent {
                kept.message = sent.message.clone();
            }
        }
    }

    /// The state for the browser. If it would be too large, the oldest turns leave it.
    pub(super) fn seal(&mut self, owner: Owner<'_>, keys: &[Key]) -> String {
        loop {
            let json = json(self);
            if size_in_json(&json) <= LARGEST_STATE || !(self.forget_a_turn() || self.shorten()) {
                return State::sealed(&json, owner, keys);
            }
        }
    }

    /// A state for the browser, of its JSON.
    pub(super) fn sealed(json: &str, owner: Owner<'_>, keys: &[Key]) -> String {
        let mac = keys[0].sign(message(json, owner).as_bytes());
        format!("{VERSION}.{}.{json}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Removes the oldest question and its answers. The newest question stays.
    fn forget_a_turn(&mut self) -> bool {
        let mut later = (1..self.items.len()).filter(|at| self.items[*at].is_question());
        let Some(second) = later.next() else {
            return false;
        };
        self.items.drain(..second);
        self.is_cut = true;
        true
    }

    /// Shortens the newest answer: its sources leave first, then the second half of its texts.
    fn shorten(&mut self) -> bool {
        let answers = self.items.iter_mut().rev();
        let mut parts = answers.flat_map(|kept| match &mut kept.message {
            Message::Assistant { content } => content.as_mut_slice(),
            Message::User { .. } | Message::Form(_) => &mut [],
        });
        let Some(part) = parts.find(|part| !part.annotations.is_empty() || part.text.len() > 1)
        else {
            return false;
        };
        if part.annotations.is_empty() {
            let half = part.text.floor_char_boundary(part.text.len() / 2);
            part.text.truncate(half);
        }
        part.annotations.clear();
        self.is_cut = true;
        true
    }

    /// What the agent has said since the newest question.
    pub(super) fn answer(&self) -> Vec<String> {
        let newest = self.items.iter().rposition(Kept::is_question);
        let later = self.items.iter().skip(newest.map_or(0, |at| at + 1));
        let answers = later.filter(|kept| matches!(kept.message, Message::Assistant { .. }));
        answers.map(Kept::text).collect()
    }

    /// Adds a visitor's message.
    pub(super) fn ask(&mut self, input: UserInput) -> Result<(), RequestError> {
        self.turns += 1;
        self.items.push(Kept {
            id: fresh_id("msg")?,
            created_at: clock::iso(),
            message: Message::User {
                content: input.content,
                // ChatKit sends an empty one where nothing is quoted.
                quoted_text: input.quoted_text.filter(|text| !text.is_empty()),
            },
        });
        Ok(())
    }

    /// The newest question, and the question and the answer before it; empty where there are none.
    pub(super) fn context(&self) -> [String; 3] {
        let questions = self.items.iter().enumerate().rev();
        let mut questions = questions.filter(|(_, kept)| kept.is_question());
        let newest = questions.next();
        let before = questions.next();
        let text = |found: Option<(usize, &Kept)>| found.map(|(_, kept)| kept.text());
        let answers = newest.zip(before).map(|((end, _), (start, _))| {
            let answers = self.items[start + 1..end].iter().map(Kept::text);
            answers.collect::<Vec<_>>().join(" ")
        });
        [
            text(newest).unwrap_or_default(),
            text(before).unwrap_or_default(),
            answers.unwrap_or_default(),
        ]
    }

    /// Removes everything after a visitor's message. `None` if there is no such message.
    pub(super) fn return_to(&mut self, item: &str) -> Option<()> {
        let at = self.items.iter().position(|kept| kept.id == item)?;
        let is_question = self.items[at].is_question();
        is_question.then(|| self.items.truncate(at + 1))
    }

    /// The first words of the first message that is here.
    pub(super) fn title(&self) -> String {
        let text = self.items.first().map(Kept::text).unwrap_or_default();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.char_indices().nth(MAX_TITLE) {
            None => words,
            Some((end, _)) => {
                // Between two words, if one ends near; languages without spaces are cut anywhere.
                let cut = &words[..end];
                let end = cut.rfind(' ').filter(|at| *at > end / 2);
                format!("{}…", &cut[..end.unwrap_or(cut.len())])
            }
        }
    }

    /// Whether it takes further messages, if `limit` is the most; 0 means no limit.
    pub(super) fn status(&self, limit: u32, words: &'static Words) -> Status<'static> {
        match limit {
            1.. if self.turns >= limit => Status::Closed { reason: words.full },
            _ => Status::Active,
        }
    }

    /// The thread as ChatKit shows it.
    pub(super) fn thread<'a>(
        &'a self,
        title: Option<&'a str>,
        status: Status<'a>,
        items: Page<Item<'a>>,
    ) -> Thread<'a> {
        Thread {
            id: &self.id,
            title,
            created_at: &self.created_at,
            status,
            metadata: Empty {},
            items,
        }
    }
}

/// Most characters of a title.
const MAX_TITLE: usize = 60;

impl Kept {
    /// A form that is shown now.
    pub(super) fn form(id: String, form: Form) -> Kept {
        Kept {
            id,
            created_at: clock::iso(),
            message: Message::Form(form),
        }
    }

    fn is_question(&self) -> bool {
        matches!(self.message, Message::User { .. })
    }

    /// The item as ChatKit shows it.
    pub(super) fn item<'a>(&'a self, thread: &'a str, look: Look<'_>) -> Item<'a> {
        let kind = match &self.message {
            Message::User {
                content,
                quoted_text,
            } => ItemKind::UserMessage {
                content,
                attachments: [],
                quoted_text: quoted_text.as_deref(),
                inference_options: Empty {},
            },
            Message::Assistant { content } => ItemKind::AssistantMessage { content },
            Message::Form(form) => ItemKind::Widget {
                widget: form.widget(look),
            },
        };
        Item {
            id: &self.id,
            thread_id: thread,
            created_at: &self.created_at,
            kind,
        }
    }

    /// What it says; tags as `@name`.
    pub(super) fn text(&self) -> String {
        match &self.message {
            Message::User { content, .. } => {
                let text = |part: &UserContent| match part {
                    UserContent::Text { text } => text.clone(),
                    UserContent::Tag { text, .. } => format!("@{text}"),
                };
                content.iter().map(text).collect()
            }
            Message::Assistant { content } => {
                let texts = content.iter().map(|part| part.text.as_str());
                texts.collect::<Vec<_>>().join("\n\n")
            }
            Message::Form(_) => String::new(),
        }
    }
}

/// An id that nobody has had: `thr_…` or `msg_…` with 128 random bits.
pub(super) fn fresh_id(kind: &str) -> Result<String, RequestError> {
    Ok(format!("{kind}_{}", crate::access::visitor::fresh_id()?))
}

/// Returns whether this may be an id of this kind, such as `msg`. What a browser sends in its place is not logged.
pub(super) fn is_id(kind: &str, text: &str) -> bool {
    let id = text.strip_prefix(kind).and_then(|id| id.strip_prefix('_'));
    let id = id.unwrap_or_default();
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn message(json: &str, owner: Owner<'_>) -> String {
    // No name contains a line break, so this has one reading.
    let Owner { site, user, widget } = owner;
    format!("{site}\n{user}\n{widget}\n{json}")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers are always JSON")
}

/// The bytes of a text as a JSON string.
fn size_in_json(text: &str) -> usize {
    json(&text).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Owner<'_> = Owner {
        site: "https://chat.example.com",
        user: "visitor_1",
        widget: "support",
    };

    fn keys(names: &[&str]) -> Vec<Key> {
        names.iter().map(|name| Key::new(name.as_bytes())).collect()
    }

    fn question(text: &str) -> UserInput {
        UserInput {
            content: vec![UserContent::Text {
                text: text.to_owned(),
            }],
            attachments: Vec::new(),
            quoted_text: None,
        }
    }

    fn answer(text: &str) -> Kept {
        Kept {
            id: fresh_id("msg").unwrap(),
            created_at: clock::iso(),
            message: Message::Assistant {
                content: vec![Text {
                    text: text.to_owned(),
                    ..Text::default()
                }],
            },
        }
    }

    fn state(questions: &[&str]) -> State {
        let mut state = State::new().unwrap();
        for text in questions {
            state.ask(question(text)).unwrap();
            state.items.push(answer(&format!("about {text}")));
        }
        state
    }

    #[test]
    fn state_that_was_sealed_is_opened_again() {
        let mut state = state(&["one\n\"two\"", "äöü 🙂"]);
        let sealed = state.seal(OWNER, &keys(&["a"]));
        let opened = State::open(&sealed, &state.id, OWNER, &keys(&["b", "a"]));
        assert_eq!(opened, Some(state));
    }

    #[test]
    fn state_of_another_visitor_widget_thread_or_key_is_refused() {
        let mut state = state(&["one"]);
        let sealed = state.seal(OWNER, &keys(&["a"]));
        let open = |thread: &str, owner| State::open(&sealed, thread, owner, &keys(&["a"]));
        assert!(open(&state.id, OWNER).is_some());
        assert!(open("thr_0", OWNER).is_none());
        assert!(
            open(
                &state.id,
                Owner {
                    user: "visitor_2",
                    ..OWNER
                }
            )
            .is_none()
        );
        assert!(
            open(
                &state.id,
                Owner {
                    widget: "sales",
                    ..OWNER
                }
            )
            .is_none()
        );
        assert!(State::open(&sealed, &state.id, OWNER, &keys(&["b"])).is_none());
        // Where one name ends and the next begins is part of it.
        let moved = Owner {
            user: "visitor_1\nsupport",
            widget: "",
            ..OWNER
        };
        let elsewhere = Owner {
            site: "https://other.example",
            ..OWNER
        };
        assert!(open(&state.id, elsewhere).is_none());
        assert!(open(&state.id, moved).is_none());
    }

    #[test]
    fn state_that_was_changed_or_cut_anywhere_is_refused() {
        let mut state = state(&["one"]);
        let sealed = state.seal(OWNER, &keys(&["a"]));
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] ^= 1;
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                State::open(&text, &state.id, OWNER, &keys(&["a"])).is_none(),
                "{text}"
            );
            assert!(State::open(&sealed[..at], &state.id, OWNER, &keys(&["a"])).is_none());
        }
    }

    #[test]
    fn oldest_turns_leave_a_state_that_is_too_large_and_the_newest_question_stays() {
        let long = "\"".repeat(40 * 1024);
        let mut state = state(&["first", &long, "last"]);
        state.ask(question("now")).unwrap();
        let sealed = state.seal(OWNER, &keys(&["a"]));
        assert!(size_in_json(&sealed) <= LARGEST_STATE + 100);
        assert!(state.is_cut);
        assert_eq!(state.turns, 4);
        assert_eq!(state.items.last().unwrap().text(), "now");
        assert!(!sealed.contains("first"));
    }

    #[test]
    fn answer_that_is_too_large_alone_is_shortened() {
        let mut state = state(&["now"]);
        state.items[1] = answer(&"\"\\".repeat(60 * 1024));
        let sealed = state.seal(OWNER, &keys(&["a"]));
        assert!(size_in_json(&sealed) <= LARGEST_STATE + 100);
        assert!(state.items[1].text().len() > 1000);
    }

    #[test]
    fn two_tabs_that_went_on_with_a_thread_lose_nothing() {
        let mut one = state(&["before"]);
        let mut two = one.clone();
        for (tab, text) in [(&mut one, "one"), (&mut two, "two")] {
            tab.ask(question(text)).unwrap();
            tab.items.push(answer(&format!("about {text}")));
        }
        for merged in [one.clone().merged(two.clone()), two.merged(one)] {
            let texts: Vec<_> = merged.items.iter().map(Kept::text).collect();
            assert_eq!(texts.len(), 6, "{texts:?}");
            assert_eq!(texts[0], "before");
            assert_eq!(merged.turns, 3);
        }
    }

    #[test]
    fn retry_returns_to_a_question_and_not_to_an_answer() {
        let mut state = state(&["one", "two"]);
        let (question, answer) = (state.items[0].id.clone(), state.items[1].id.clone());
        assert_eq!(state.return_to(&answer), None);
        assert_eq!(state.return_to("msg_0"), None);
        assert_eq!(state.items.len(), 4);
        assert_eq!(state.return_to(&question), Some(()));
        assert_eq!(state.items.len(), 1);
    }

    #[test]
    fn title_is_the_first_words() {
        let title = |text: &str| state(&[text]).title();
        assert_eq!(title("  Where is\nmy order? "), "Where is my order?");
        let long = "word ".repeat(30);
        assert_eq!(title(&long), format!("{}…", "word ".repeat(12).trim_end()));
        assert_eq!(title(&"語".repeat(100)), format!("{}…", "語".repeat(60)));
        assert_eq!(title(""), "");
    }
}
