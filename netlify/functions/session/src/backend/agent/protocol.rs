//! ChatKit's server protocol: the requests that its element sends, and the items, pages and events that it shows. The
//! names are those of `chatkit/types.py` in openai/chatkit-python 1.6.5.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::RequestError;

/// A request, with what our own page adds to it.
#[derive(Deserialize)]
pub(super) struct Request {
    #[serde(flatten)]
    pub(super) ask: Ask,
    pub(super) metadata: Option<Metadata>,
}

impl Request {
    /// The cause of an error is for whoever has written the request; it never holds parts of it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Request, RequestError> {
        serde_json::from_slice(bytes).map_err(|err| RequestError::InvalidRequest {
            cause: err.to_string(),
        })
    }
}

/// What our page knows and this program does not, because it keeps nothing. All of it is the browser's word.
#[derive(Default, Deserialize)]
pub(super) struct Metadata {
    /// The signed [`State`](super::state::State) of the thread that the request is about. Several, if tabs went on with
    /// it at the same time.
    #[serde(default)]
    pub(super) states: Vec<String>,
    /// The title of that thread.
    pub(super) title: Option<String>,
    /// All threads of this visitor.
    #[serde(default)]
    pub(super) threads: Vec<KnownThread>,
}

/// A thread as the page remembers it.
#[derive(Deserialize)]
pub(super) struct KnownThread {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) created_at: String,
}

/// What ChatKit asks for.
#[derive(Deserialize)]
#[serde(tag = "type", content = "params")]
pub(super) enum Ask {
    #[serde(rename = "threads.create")]
    Create { input: UserInput },
    #[serde(rename = "threads.add_user_message")]
    AddUserMessage { thread_id: String, input: UserInput },
    #[serde(rename = "threads.retry_after_item")]
    Retry { thread_id: String, item_id: String },
    #[serde(rename = "threads.add_client_tool_output")]
    AddClientToolOutput {},
    #[serde(rename = "threads.add_structured_input")]
    AddStructuredInput {},
    #[serde(rename = "threads.custom_action")]
    CustomAction(Sent),
    #[serde(rename = "threads.sync_custom_action")]
    SyncCustomAction {},
    #[serde(rename = "threads.get_by_id")]
    GetThread { thread_id: String },
    #[serde(rename = "threads.list")]
    ListThreads(Paging),
    #[serde(rename = "threads.update")]
    UpdateThread { thread_id: String, title: String },
    #[serde(rename = "threads.delete")]
    DeleteThread {},
    #[serde(rename = "items.list")]
    ListItems {
        thread_id: String,
        #[serde(flatten)]
        paging: Paging,
    },
    #[serde(rename = "items.feedback")]
    Feedback {
        #[serde(default)]
        thread_id: String,
        item_ids: Vec<String>,
        kind: Opinion,
    },
    #[serde(rename = "attachments.create")]
    CreateAttachment {},
    #[serde(rename = "attachments.delete")]
    DeleteAttachment {},
    #[serde(rename = "input.transcribe")]
    Transcribe {},
}

/// What a widget sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub(super) thread_id: String,
    pub(super) item_id: Option<String>,
    pub(super) action: Action,
}

/// What a widget sends.
#[derive(Deserialize)]
pub(super) struct Action {
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) payload: Value,
}

/// A part of a list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Paging {
    pub(super) limit: Option<usize>,
    pub(super) order: Order,
    /// The last entry of the part before.
    pub(super) after: Option<String>,
}

/// The newest first, unless the request says otherwise.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    Asc,
    #[default]
    Desc,
}

/// What a visitor thinks of an answer.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Opinion {
    Positive,
    Negative,
}

impl Opinion {
    pub(super) fn name(self) -> &'static str {
        match self {
            Opinion::Positive => "positive",
            Opinion::Negative => "negative",
        }
    }
}

/// A message that a visitor sends. `inference_options` are not read: the owner chooses model and tools.
#[derive(Deserialize)]
pub(super) struct UserInput {
    pub(super) content: Vec<UserContent>,
    #[serde(default)]
    pub(super) attachments: Vec<String>,
    #[serde(default)]
    pub(super) quoted_text: Option<String>,
}

impl UserInput {
    /// Returns whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.content.iter().all(|part| match part {
            UserContent::Text { text } => text.trim().is_empty(),
            UserContent::Tag { .. } => false,
        })
    }

    /// Its characters: those of texts, of tags and of what is quoted.
    pub(super) fn length(&self) -> u64 {
        let part = |part: &UserContent| match part {
            UserContent::Text { text } => text.chars().count(),
            UserContent::Tag {
                id,
                text,
                data,
                group,
                ..
            } => {
                let data = if data.is_empty() {
                    0
                } else {
                    Value::from(data.clone()).to_string().chars().count()
                };
                let group = group.as_deref().unwrap_or_default();
                [id, text, group]
                    .iter()
                    .map(|text| text.chars().count())
                    .sum::<usize>()
                    + data
            }
        };
        let quoted = self.quoted_text.as_deref().unwrap_or_default();
        let length: usize = self.content.iter().map(part).sum();
        (length + quoted.chars().count()) as u64
    }
}

/// A piece of a visitor's message.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(tag = "type")]
pub(super) enum UserContent {
    #[serde(rename = "input_text")]
    Text { text: String },
    #[serde(rename = "input_tag")]
    Tag {
        id: String,
        text: String,
        #[serde(default)]
        data: Map<String, Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        #[serde(default)]
        interactive: bool,
    },
}

/// A thread as ChatKit shows it.
#[derive(Serialize)]
pub(super) struct Thread<'a> {
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
    pub(super) created_at: &'a str,
    pub(super) status: Status<'a>,
    pub(super) metadata: Empty,
    pub(super) items: Page<Item<'a>>,
}

/// `{}`
#[derive(Default, Serialize)]
pub(super) struct Empty {}

/// Whether a thread takes messages.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Status<'a> {
    Active,
    /// Forever; the reason takes the place of the field for messages.
    Closed {
        reason: &'a str,
    },
}

/// A part of a list.
#[derive(Serialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
    /// The id of the last entry, if more follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}

impl<T> Page<T> {
    pub(super) fn empty() -> Page<T> {
        Page {
            data: Vec::new(),
            has_more: false,
            after: None,
        }
    }
}

/// Something in a thread.
#[derive(Serialize)]
pub(super) struct Item<'a> {
    pub(super) id: &'a str,
    pub(super) thread_id: &'a str,
    pub(super) created_at: &'a str,
    #[serde(flatten)]
    pub(super) kind: ItemKind<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ItemKind<'a> {
    UserMessage {
        content: &'a [UserContent],
        /// Always empty.
        attachments: [(); 0],
        #[serde(skip_serializing_if = "Option::is_none")]
        quoted_text: Option<&'a str>,
        inference_options: Empty,
    },
    AssistantMessage {
        content: &'a [Text],
    },
    Workflow {
        workflow: &'a Workflow,
    },
    Widget {
        widget: Value,
    },
}

/// A part of an assistant's message.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Text {
    #[serde(default)]
    pub(super) annotations: Vec<Annotation>,
    pub(super) text: String,
    #[serde(default)]
    pub(super) r#type: OutputText,
}

/// `output_text`
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutputText {
    #[default]
    OutputText,
}

/// A source of a text, and where it belongs: an offset in UTF-16 units.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename = "annotation")]
pub(super) struct Annotation {
    pub(super) source: Source,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u64>,
}

/// A page or a file that an answer rests on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Source {
    Url { title: String, url: String },
    File { title: String, filename: String },
}

/// What a model does before it answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Workflow {
    /// `reasoning`
    pub(super) r#type: &'static str,
    pub(super) tasks: Vec<Thought>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<Duration>,
    pub(super) expanded: bool,
}

/// Seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Duration {
    pub(super) duration: u64,
}

/// A thought of a model, in the words of its own summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "thought")]
pub(super) struct Thought {
    pub(super) status_indicator: &'static str,
    pub(super) content: String,
}

impl Thought {
    pub(super) fn new(content: String) -> Thought {
        Thought {
            status_indicator: "none",
            content,
        }
    }
}

/// What happens while a model answers.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Event<'a> {
    #[serde(rename = "thread.created")]
    ThreadCreated { thread: Thread<'a> },
    #[serde(rename = "thread.updated")]
    ThreadUpdated { thread: Thread<'a> },
    #[serde(rename = "thread.item.added")]
    ItemAdded { item: Item<'a> },
    #[serde(rename = "thread.item.updated")]
    ItemUpdated {
        item_id: &'a str,
        update: Update<'a>,
    },
    #[serde(rename = "thread.item.done")]
    ItemDone { item: Item<'a> },
    #[serde(rename = "thread.item.replaced")]
    ItemReplaced { item: Item<'a> },
    #[serde(rename = "stream_options")]
    StreamOptions { stream_options: StreamOptions },
    #[serde(rename = "progress_update")]
    Progress { icon: &'static str, text: &'a str },
    #[serde(rename = "client_effect")]
    Effect { name: &'static str, data: Kept<'a> },
    #[serde(rename = "notice")]
    Notice {
        level: &'static str,
        message: &'a str,
    },
    #[serde(rename = "error")]
    Error {
        /// `custom`: ChatKit shows the message.
        code: &'static str,
        message: &'a str,
        allow_retry: bool,
    },
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) allow_cancel: bool,
}

/// What the page keeps of a thread.
#[derive(Serialize)]
pub(super) struct Kept<'a> {
    pub(super) thread_id: &'a str,
    pub(super) created_at: &'a str,
    pub(super) title: &'a str,
    pub(super) state: &'a str,
}

/// A change of an item that is not done.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Update<'a> {
    #[serde(rename = "assistant_message.content_part.added")]
    PartAdded {
        content_index: usize,
        content: &'a Text,
    },
    #[serde(rename = "assistant_message.content_part.text_delta")]
    TextDelta {
        content_index: usize,
        delta: &'a str,
    },
    #[serde(rename = "assistant_message.content_part.annotation_added")]
    AnnotationAdded {
        content_index: usize,
        annotation_index: usize,
        annotation: &'a Annotation,
    },
    #[serde(rename = "assistant_message.content_part.done")]
    PartDone {
        content_index: usize,
        content: &'a Text,
    },
    #[serde(rename = "workflow.task.added")]
    TaskAdded {
        task_index: usize,
        task: &'a Thought,
    },
    #[serde(rename = "workflow.task.updated")]
    TaskUpdated {
        task_index: usize,
        task: &'a Thought,
    },
}

impl Event<'_> {
    /// Appends the event as ChatKit reads it: a `data` line and an empty one.
    pub(super) fn write(&self, output: &mut Vec<u8>) {
        output.extend(b"data: ");
        serde_json::to_writer(&mut *output, self).expect("names and texts are always JSON");
        output.extend(b"\n\n");
    }
}
