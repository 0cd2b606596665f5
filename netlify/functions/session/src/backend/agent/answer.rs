//! From the events of a model to those of ChatKit, one at a time. Pure.
//!
//! The same as `stream_agent_response` of openai/chatkit-python 1.6.5, but for these:
//! - No id of the upstream leaves: items get ids of our own.
//! - A search or a call of a tool shows as progress.
//! - A part that a server never announced is announced here.
//! - Thoughts end with the answer at the latest.

use std::time::Instant;

use super::protocol::{
    Annotation, Duration, Event, Item, ItemKind, Source, Text, Thought, Update, Workflow,
};
use super::responses::{self, Index, Part};
use super::state::{Kept, Message, fresh_id};
use super::words::Words;
use crate::clock;
use crate::error::RequestError;

/// Most parts of a message, and most messages of an answer: models have a few.
const MOST: usize = 64;

/// The longest answer, in bytes: more would not fit into a thread's state.
const LONGEST: usize = 128 * 1024;

/// An answer that is coming.
pub(super) struct Answer {
    thread: String,
    words: &'static Words,
    /// The messages, in the order in which they began.
    messages: Vec<Coming>,
    thoughts: Option<Thoughts>,
    /// The number of tools that were called.
    pub(super) tools: u32,
    /// The length of the answer so far, in bytes.
    length: usize,
}

/// A message that is coming.
struct Coming {
    /// The upstream's id, which stays here.
    upstream: String,
    id: String,
    created_at: String,
    content: Vec<Text>,
    is_done: bool,
}

/// The model's thoughts before a message.
struct Thoughts {
    id: String,
    created_at: String,
    started: Instant,
    workflow: Workflow,
    /// The thought that is coming: the upstream's id of its item, and its place there.
    coming: Option<(String, Index)>,
}

/// How an answer ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is whole.
    Completed,
    /// It reached the largest number of tokens.
    Full,
    /// The upstream's filter has stopped it.
    Filtered,
    /// The upstream gave up, with this code.
    Failed(String),
    /// A piece of it was too large.
    TooLarge,
}

impl Answer {
    pub(super) fn new(thread: &str, words: &'static Words) -> Answer {
        Answer {
            thread: thread.to_owned(),
            words,
            messages: Vec::new(),
            thoughts: None,
            tools: 0,
            length: 0,
        }
    }

    /// Writes what an event means for ChatKit. Returns how the answer has ended, if it has.
    pub(super) fn take(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<Option<End>, RequestError> {
        if event.is_cut && self.needs(event) {
            return Ok(Some(End::TooLarge));
        }
        match event.r#type.as_str() {
            "response.output_item.added" => self.begin(&event.item, output)?,
            "response.content_part.added" if event.part.r#type != "reasoning_text" => {
                self.begin_part(event, output)?;
            }
            "response.output_text.delta" => self.text(event, output)?,
            "response.output_text.annotation.added" => self.annotate(event, output)?,
            "response.output_text.done" => self.end_part(event, output)?,
            "response.reasoning_summary_text.delta" => self.think(event, output),
            "response.reasoning_summary_text.done" => self.end_thought(event, output),
            "response.output_item.done" if event.item.r#type == "message" => {
                self.end_message(event, output)?;
            }
            "response.completed" => return Ok(Some(End::Completed)),
            "response.incomplete" => {
                let reason = &event.response.incomplete_details.reason;
                return Ok(Some(match reason.as_str() {
                    "content_filter" => End::Filtered,
                    _ => End::Full,
                }));
            }
            "response.failed" => return Ok(Some(End::Failed(event.response.error.code.clone()))),
            // Some servers send an error without a type.
            "error" | "" => {
                let codes = [&event.error.code, &event.code, &event.error.r#type];
                let code = codes.into_iter().find(|code| !code.is_empty()).cloned();
                if code.is_some() || event.r#type == "error" {
                    return Ok(Some(End::Failed(code.unwrap_or_default())));
                }
            }
            _ => {}
        }
        Ok((self.length > LONGEST).then_some(End::Full))
    }

    /// Ends what is still open: a stream that was cut, or a server that does not end its messages.
    pub(super) fn finish(&mut self, output: &mut Vec<u8>) {
        self.end_thoughts(output);
        for at in 0..self.messages.len() {
            if !self.messages[at].is_done {
                self.done(at, output);
            }
        }
    }

    /// Returns whether there is any of it.
    pub(super) fn has_text(&self) -> bool {
        self.messages.iter().any(Coming::has_text)
    }

    /// The messages, for the thread's state.
    pub(super) fn into_messages(self) -> Vec<Kept> {
        let messages = self.messages.into_iter().filter(Coming::has_text);
        let kept = messages.map(|coming| Kept {
            id: coming.id,
            created_at: coming.created_at,
            message: Message::Assistant {
                content: coming.content,
            },
        });
        kept.collect()
    }

    /// Returns whether a text of this event is not there yet. Events at the end repeat what has come in pieces.
    fn needs(&self, event: &responses::Event) -> bool {
        let id = match event.r#type.as_str() {
            "response.output_item.added"
            | "response.content_part.added"
            | "response.output_text.delta" => {
                return true;
            }
            "response.output_text.done" => &event.item_id,
            "response.output_item.done" => &event.item.id,
            _ => return false,
        };
        let message = self.messages.iter().find(|message| message.upstream == *id);
        message.is_none_or(|message| message.content.iter().all(|part| part.text.is_empty()))
    }

    fn begin(&mut self, item: &responses::Item, output: &mut Vec<u8>) -> Result<(), RequestError> {
        match item.r#type.as_str() {
            "message" => {
                let content = item.content.iter().take(MOST).map(text_of).collect();
                self.message(&item.id, content, output)?;
            }
            "reasoning" if self.thoughts.is_none() => {
                let thoughts = Thoughts::new()?;
                let item = thoughts.item(&self.thread);
                Event::ItemAdded { item }.write(output);
                self.thoughts = Some(thoughts);
            }
            "web_search_call" => self.progress("globe", self.words.searching_web, output),
            "file_search_call" => self.progress("search", self.words.searching_files, output),
            "mcp_call" => self.progress("bolt", self.words.using_tool, output),
            _ => {}
        }
        Ok(())
    }

    fn progress(&mut self, icon: &'static str, text: &str, output: &mut Vec<u8>) {
        self.tools += 1;
        Event::Progress { icon, text }.write(output);
    }

    /// The message with this id of the upstream's. A new one is announced, with what it has already.
    fn message(
        &mut self,
        upstream: &str,
        content: Vec<Text>,
        output: &mut Vec<u8>,
    ) -> Result<usize, RequestError> {
        let is_it = |message: &Coming| message.upstream == upstream;
        let last = self.messages.len().saturating_sub(1);
        if let Some(at) = self.messages.iter().position(is_it) {
            return Ok(at);
        }
        if self.messages.len() >= MOST {
            return Ok(last);
        }
        self.end_thoughts(output);
        let coming = Coming {
            upstream: upstream.to_owned(),
            id: fresh_id("msg")?,
            created_at: clock::iso(),
            content,
            is_done: false,
        };
        let item = coming.item(&self.thread);
        Event::ItemAdded { item }.write(output);
        self.messages.push(coming);
        Ok(self.messages.len() - 1)
    }

    /// A part begins.
    fn begin_part(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let at = self.message(&event.item_id, Vec::new(), output)?;
        let text = text_of(&event.part);
        self.length += text.text.len();
        self.messages[at].announce(event.content_index, text, output);
        Ok(())
    }

    /// The part that an event is about, announced if it was not; `None` if there are too many.
    fn part(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<Option<(&mut Coming, usize)>, RequestError> {
        let at = self.message(&event.item_id, Vec::new(), output)?;
        let message = &mut self.messages[at];
        let index = event.content_index;
        if message.content.len() as u64 <= index.0 {
            message.announce(index, Text::default(), output);
        }
        let index = usize::try_from(index.0).unwrap_or(usize::MAX);
        Ok((index < message.content.len()).then_some((message, index)))
    }

    fn text(&mut self, event: &responses::Event, output: &mut Vec<u8>) -> Result<(), RequestError> {
        self.length += event.delta.len();
        if let Some((message, index)) = self.part(event, output)? {
            message.content[index].text.push_str(&event.delta);
            let update = Update::TextDelta {
                content_index: index,
                delta: &event.delta,
            };
            message.update(update, output);
        }
        Ok(())
    }

    fn annotate(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let Some(annotation) = annotation_of(&event.annotation) else {
            return Ok(());
        };
        if let Some((message, index)) = self.part(event, output)? {
            let annotation_index = message.content[index].annotations.len();
            if annotation_index < MOST {
                let update = Update::AnnotationAdded {
                    content_index: index,
                    annotation_index,
                    annotation: &annotation,
                };
                message.update(update, output);
                message.content[index].annotations.push(annotation);
            }
        }
        Ok(())
    }

    /// The text of a part is whole. Its sources follow with the message.
    fn end_part(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let Some((message, index)) = self.part(event, output)? else {
            return Ok(());
        };
        let part = &mut message.content[index];
        let before = part.text.len();
        // A server that does not stream says it only here.
        if !event.text.is_empty() && !event.is_cut {
            part.text.clone_from(&event.text);
        }
        let added = part.text.len().saturating_sub(before);
        let whole = Text {
            text: part.text.clone(),
            ..Text::default()
        };
        let update = Update::PartDone {
            content_index: index,
            content: &whole,
        };
        message.update(update, output);
        self.length += added;
        Ok(())
    }

    fn end_message(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let item = &event.item;
        let at = self.message(&item.id, Vec::new(), output)?;
        if !item.content.is_empty() && !event.is_cut {
            let content = item.content.iter().take(MOST).map(text_of);
            self.messages[at].content = content.collect();
        }
        let texts = self.messages.iter().flat_map(|message| &message.content);
        self.length = texts.map(|part| part.text.len()).sum();
        self.done(at, output);
        Ok(())
    }

    fn done(&mut self, at: usize, output: &mut Vec<u8>) {
        self.messages[at].is_done = true;
        let item = self.messages[at].item(&self.thread);
        Event::ItemDone { item }.write(output);
    }

    /// The first thought is shown as it comes, and each further one when it is whole.
    fn think(&mut self, event: &responses::Event, output: &mut Vec<u8>) {
        let Some(thoughts) = &mut self.thoughts else {
            return;
        };
        let tasks = &mut thoughts.workflow.tasks;
        if tasks.is_empty() {
            tasks.push(Thought::new(event.delta.clone()));
            thoughts.coming = Some((event.item_id.clone(), event.summary_index));
            thoughts.added(0, output);
        } else if thoughts.is_coming(event) && thoughts.length() < LONGEST_THOUGHTS {
            thoughts.workflow.tasks[0].content.push_str(&event.delta);
            thoughts.updated(0, output);
        }
    }

    fn end_thought(&mut self, event: &responses::Event, output: &mut Vec<u8>) {
        let Some(thoughts) = &mut self.thoughts else {
            return;
        };
        if thoughts.is_coming(event) {
            thoughts.coming = None;
            thoughts.workflow.tasks[0].content.clone_from(&event.text);
            thoughts.updated(0, output);
        } else if thoughts.length() < LONGEST_THOUGHTS {
            let thought = Thought::new(event.text.clone());
            thoughts.workflow.tasks.push(thought);
            thoughts.added(thoughts.workflow.tasks.len() - 1, output);
        }
    }

    fn end_thoughts(&mut self, output: &mut Vec<u8>) {
        if let Some(mut thoughts) = self.thoughts.take() {
            thoughts.workflow.summary = Some(Duration {
                duration: thoughts.started.elapsed().as_secs(),
            });
            let item = thoughts.item(&self.thread);
            Event::ItemDone { item }.write(output);
        }
    }
}

impl Coming {
    fn has_text(&self) -> bool {
        self.content.iter().any(|part| !part.text.is_empty())
    }

    fn item<'a>(&'a self, thread: &'a str) -> Item<'a> {
        Item {
            id: &self.id,
            thread_id: thread,
            created_at: &self.created_at,
            kind: ItemKind::AssistantMessage {
                content: &self.content,
            },
        }
    }

    /// Adds a part, and those before it that nobody announced.
    fn announce(&mut self, index: Index, text: Text, output: &mut Vec<u8>) {
        let Some(index) = usize::try_from(index.0).ok().filter(|index| *index < MOST) else {
            return;
        };
        while self.content.len() < index {
            self.content.push(Text::default());
            self.announced(self.content.len() - 1, output);
        }
        match self.content.get_mut(index) {
            Some(part) => *part = text,
            None => self.content.push(text),
        }
        self.announced(index, output);
    }

    fn announced(&self, index: usize, output: &mut Vec<u8>) {
        let update = Update::PartAdded {
            content_index: index,
            content: &self.content[index],
        };
        self.update(update, output);
    }

    fn update(&self, update: Update<'_>, output: &mut Vec<u8>) {
        let item_id = &self.id;
        Event::ItemUpdated { item_id, update }.write(output);
    }
}

impl Thoughts {
    fn new() -> Result<Thoughts, RequestError> {
        Ok(Thoughts {
            id: fresh_id("wf")?,
            created_at: clock::iso(),
            started: Instant::now(),
            workflow: Workflow {
                r#type: "reasoning",
                tasks: Vec::new(),
                summary: None,
                expanded: false,
            },
            coming: None,
        })
    }

    fn item<'a>(&'a self, thread: &'a str) -> Item<'a> {
        Item {
            id: &self.id,
            thread_id: thread,
            created_at: &self.created_at,
            kind: ItemKind::Workflow {
                workflow: &self.workflow,
            },
        }
    }

    fn is_coming(&self, event: &responses::Event) -> bool {
        let coming = self.coming.as_ref();
        coming.is_some_and(|(item, index)| *item == event.item_id && *index == event.summary_index)
    }

    /// The length of all thoughts, in bytes, and a little for each.
    fn length(&self) -> usize {
        let lengths = self.workflow.tasks.iter();
        lengths.map(|task| task.content.len() + 100).sum()
    }

    fn added(&self, task_index: usize, output: &mut Vec<u8>) {
        let task = &self.workflow.tasks[task_index];
        self.update(Update::TaskAdded { task_index, task }, output);
    }

    fn updated(&self, task_index: usize, output: &mut Vec<u8>) {
        let task = &self.workflow.tasks[task_index];
        self.update(Update::TaskUpdated { task_index, task }, output);
    }

    fn update(&self, update: Update<'_>, output: &mut Vec<u8>) {
        let item_id = &self.id;
        Event::ItemUpdated { item_id, update }.write(output);
    }
}

/// The most that is shown of what a model thinks, in bytes.
const LONGEST_THOUGHTS: usize = 64 * 1024;

/// A part of a message; a refusal is a text like any other.
fn text_of(part: &Part) -> Text {
    let text = match part.r#type.as_str() {
        "refusal" => &part.refusal,
        _ => &part.text,
    };
    Text {
        text: text.clone(),
        annotations: part
            .annotations
            .iter()
            .filter_map(annotation_of)
            .take(MOST)
            .collect(),
        ..Text::default()
    }
}

/// A source that ChatKit can show: an address of the web, or a file with a name.
fn annotation_of(annotation: &responses::Annotation) -> Option<Annotation> {
    let responses::Annotation {
        r#type,
        url,
        title,
        filename,
        index,
        end_index,
    } = annotation;
    let file = || {
        let name: String = filename.chars().take(LONGEST_TITLE).collect();
        Source::File {
            title: name.clone(),
            filename: name,
        }
    };
    let (source, index) = match r#type.as_str() {
        "url_citation" if is_web(url) && url.len() <= LONGEST_ADDRESS => {
            let title = if title.is_empty() { url } else { title };
            let source = Source::Url {
                title: title.chars().take(LONGEST_TITLE).collect(),
                url: url.clone(),
            };
            (source, end_index)
        }
        "file_citation" if !filename.is_empty() => (file(), index),
        "container_file_citation" if !filename.is_empty() => (file(), end_index),
        _ => return None,
    };
    let index = Some(index.0);
    Some(Annotation { source, index })
}

/// The longest address of a source, in bytes: no page has a longer one.
const LONGEST_ADDRESS: usize = 2048;
/// The longest title of a source, in characters.
const LONGEST_TITLE: usize = 200;

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
