//! From the events of a model to those of ChatKit, one at a time. Pure.
//!
//! The same as `stream_agent_response` of openai/chatkit-python 1.6.5, but for these:
//! - No id of the upstream leaves: items get ids of our own.
//! - A search or a call of a tool shows as progress.
//! - A part that a server never announced is announced here.
//! - Thoughts end with the answer at the latest.
//! - Markers of passages become sources; see [`super::markers`].

use std::collections::BTreeSet;

use super::form;
use super::message::{Coming, MOST, text_of};
use super::passages::{self, Passages};
use super::protocol::{Event, Text};
use super::responses::{self, Index, Item};
use super::state::Kept;
use super::thoughts::Thoughts;
use super::words::Words;
use crate::error::RequestError;

/// The longest answer, in bytes: more would not fit into a thread's state.
const LONGEST: usize = 128 * 1024;
/// Most calls of our own tools in one response.
const MOST_CALLS: usize = 16;

/// An answer that is coming.
pub(super) struct Answer<'s> {
    thread: String,
    words: &'static Words,
    /// Those that it may cite.
    pub(super) passages: Option<Passages<'s>>,
    /// The messages, in the order in which they began.
    messages: Vec<Coming>,
    thoughts: Option<Thoughts>,
    /// Whether the model can show the form by which a visitor reaches a person.
    pub(super) has_form: bool,
    /// Whether it has done so.
    pub(super) shows_form: bool,
    /// The number of tools that were called.
    pub(super) tools: u32,
    /// Calls of our own tools that have no result yet.
    calls: Vec<ToolCall>,
    /// The length of the answer so far, in bytes.
    length: usize,
}

/// A call of one of our own tools.
pub(super) struct ToolCall {
    pub(super) id: String,
    pub(super) name: String,
    /// JSON, as the model has written it.
    pub(super) arguments: String,
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

impl<'s> Answer<'s> {
    pub(super) fn new(
        thread: &str,
        words: &'static Words,
        passages: Option<Passages<'s>>,
    ) -> Answer<'s> {
        Answer {
            thread: thread.to_owned(),
            words,
            passages,
            messages: Vec::new(),
            thoughts: None,
            has_form: false,
            shows_form: false,
            tools: 0,
            calls: Vec::new(),
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
            "response.reasoning_summary_text.delta" => {
                if let Some(thoughts) = &mut self.thoughts {
                    thoughts.think(event, output);
                }
            }
            "response.reasoning_summary_text.done" => {
                if let Some(thoughts) = &mut self.thoughts {
                    thoughts.end_thought(event, output);
                }
            }
            "response.output_item.done" => match event.item.r#type.as_str() {
                "message" => self.end_message(event, output)?,
                "function_call" => self.call(&event.item),
                _ => {}
            },
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
        let open = self.messages.iter_mut().filter(|message| !message.is_done);
        for message in open {
            message.end(None, self.passages.as_ref(), output);
        }
    }

    /// Returns whether there is any of it.
    pub(super) fn has_text(&self) -> bool {
        self.messages.iter().any(Coming::has_text)
    }

    /// What it says so far.
    pub(super) fn said(&self) -> String {
        let parts = self.messages.iter().flat_map(|message| &message.content);
        let texts = parts
            .map(|part| part.text.as_str())
            .filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// Returns whether the model has a tool of ours.
    pub(super) fn has_own_tools(&self) -> bool {
        self.has_form || self.passages.as_ref().is_some_and(Passages::is_searchable)
    }

    /// Returns whether the model waits for the result of a call. The form has none: it ends the answer.
    pub(super) fn waits(&self) -> bool {
        let mut calls = self.calls.iter();
        self.has_own_tools() && calls.any(|call| !self.is_form(&call.name))
    }

    /// Returns whether a call of this tool shows the form.
    pub(super) fn is_form(&self, tool: &str) -> bool {
        self.has_form && tool == form::TOOL
    }

    /// The calls of our own tools that wait for a result.
    pub(super) fn take_calls(&mut self) -> Vec<ToolCall> {
        std::mem::take(&mut self.calls)
    }

    /// The ids of its messages, which a visitor's opinion names.
    pub(super) fn items(&self) -> Vec<String> {
        let messages = self.messages.iter().filter(|message| message.has_text());
        messages.map(|message| message.id.clone()).collect()
    }

    /// Returns whether the model says that no passage holds the answer.
    pub(super) fn is_at_a_loss(&self) -> bool {
        let mut cited = self.messages.iter().flat_map(|message| &message.cited);
        cited.any(|number| *number == 0)
    }

    /// The ids of the passages that it cites.
    pub(super) fn cited(&self) -> Vec<String> {
        let numbers = self.messages.iter().flat_map(|message| &message.cited);
        let numbers: BTreeSet<_> = numbers.copied().collect();
        let ids = numbers
            .into_iter()
            .filter_map(|number| self.passages.as_ref()?.id(number));
        ids.map(|id| format!("{id:016x}")).collect()
    }

    /// The messages, for the thread's state.
    pub(super) fn into_messages(self) -> Vec<Kept> {
        let messages = self.messages.into_iter().filter(Coming::has_text);
        messages.map(Coming::into_kept).collect()
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

    fn begin(&mut self, item: &Item, output: &mut Vec<u8>) -> Result<(), RequestError> {
        match item.r#type.as_str() {
            "message" => self.begin_message(item, output)?,
            "reasoning" if self.thoughts.is_none() => {
                self.thoughts = Some(Thoughts::begin(&self.thread, output)?);
            }
            "web_search_call" => self.progress("globe", self.words.searching_web, output),
            "file_search_call" => self.progress("search", self.words.searching_files, output),
            "function_call" if item.name == passages::TOOL => {
                self.progress("search", self.words.searching_files, output);
            }
            "function_call" if self.is_form(&item.name) => self.tools += 1,
            "mcp_call" => self.progress("bolt", self.words.using_tool, output),
            _ => {}
        }
        Ok(())
    }

    /// A message begins. Some servers send its text with it.
    fn begin_message(&mut self, item: &Item, output: &mut Vec<u8>) -> Result<(), RequestError> {
        let parts = item.content.iter().take(MOST).map(text_of);
        if self.passages.is_none() {
            return self.message(&item.id, parts.collect(), output).map(drop);
        }
        let before = self.messages.len();
        let at = self.message(&item.id, Vec::new(), output)?;
        if self.messages.len() > before {
            for (index, text) in parts.enumerate() {
                let index = Index(index as u64);
                self.messages[at].begin_part(index, text, self.passages.as_ref(), output);
            }
        }
        Ok(())
    }

    fn progress(&mut self, icon: &'static str, text: &str, output: &mut Vec<u8>) {
        self.tools += 1;
        Event::Progress { icon, text }.write(output);
    }

    fn call(&mut self, item: &Item) {
        self.shows_form |= self.is_form(&item.name);
        if self.calls.len() < MOST_CALLS {
            self.calls.push(ToolCall {
                id: item.call_id.clone(),
                name: item.name.clone(),
                arguments: item.arguments.clone(),
            });
        }
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
        let coming = Coming::begin(upstream, &self.thread, content, output)?;
        self.messages.push(coming);
        Ok(self.messages.len() - 1)
    }

    /// The message and the part that an event is about, announced if they were not; `None` if there are too many.
    fn part(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<Option<(usize, usize)>, RequestError> {
        let at = self.message(&event.item_id, Vec::new(), output)?;
        let part = self.messages[at].part(event.content_index, output);
        Ok(part.map(|index| (at, index)))
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
        self.messages[at].begin_part(event.content_index, text, self.passages.as_ref(), output);
        Ok(())
    }

    fn text(&mut self, event: &responses::Event, output: &mut Vec<u8>) -> Result<(), RequestError> {
        self.length += event.delta.len();
        let Some((at, index)) = self.part(event, output)? else {
            return Ok(());
        };
        self.messages[at].add(index, &event.delta, self.passages.as_ref(), output);
        Ok(())
    }

    fn annotate(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        if let Some((at, index)) = self.part(event, output)? {
            self.messages[at].annotate(index, &event.annotation, output);
        }
        Ok(())
    }

    /// The text of a part is whole.
    fn end_part(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let Some((at, index)) = self.part(event, output)? else {
            return Ok(());
        };
        let message = &mut self.messages[at];
        let before = message.content[index].text.len();
        let whole = (!event.text.is_empty() && !event.is_cut).then_some(event.text.as_str());
        message.end_part(index, whole, self.passages.as_ref(), output);
        self.length += message.content[index].text.len().saturating_sub(before);
        Ok(())
    }

    fn end_message(
        &mut self,
        event: &responses::Event,
        output: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let item = &event.item;
        let at = self.message(&item.id, Vec::new(), output)?;
        let parts = (!item.content.is_empty() && !event.is_cut).then_some(&*item.content);
        self.messages[at].end(parts, self.passages.as_ref(), output);
        let texts = self.messages.iter().flat_map(|message| &message.content);
        self.length = texts.map(|part| part.text.len()).sum();
        Ok(())
    }

    fn end_thoughts(&mut self, output: &mut Vec<u8>) {
        if let Some(thoughts) = self.thoughts.take() {
            thoughts.end(output);
        }
    }
}
