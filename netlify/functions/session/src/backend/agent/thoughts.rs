//! What a model thinks before a message, as ChatKit shows it.

use std::time::Instant;

use super::protocol::{Duration, Event, Item, ItemKind, Thought, Update, Workflow};
use super::responses::{self, Index};
use super::state::fresh_id;
use crate::clock;
use crate::error::RequestError;

/// The most that is shown, in bytes.
const LONGEST: usize = 64 * 1024;

/// The model's thoughts before a message.
pub(super) struct Thoughts {
    thread: String,
    id: String,
    created_at: String,
    started: Instant,
    workflow: Workflow,
    /// The thought that is coming: the upstream's id of its item, and its place there.
    coming: Option<(String, Index)>,
}

impl Thoughts {
    pub(super) fn begin(thread: &str, output: &mut Vec<u8>) -> Result<Thoughts, RequestError> {
        let thoughts = Thoughts {
            thread: thread.to_owned(),
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
        };
        let item = thoughts.item();
        Event::ItemAdded { item }.write(output);
        Ok(thoughts)
    }

    /// The first thought is shown as it comes, and each further one when it is whole.
    pub(super) fn think(&mut self, event: &responses::Event, output: &mut Vec<u8>) {
        let tasks = &mut self.workflow.tasks;
        if tasks.is_empty() {
            tasks.push(Thought::new(event.delta.clone()));
            self.coming = Some((event.item_id.clone(), event.summary_index));
            self.added(0, output);
        } else if self.is_coming(event) && self.length() < LONGEST {
            self.workflow.tasks[0].content.push_str(&event.delta);
            self.updated(0, output);
        }
    }

    /// A thought is whole.
    pub(super) fn end_thought(&mut self, event: &responses::Event, output: &mut Vec<u8>) {
        if self.is_coming(event) {
            self.coming = None;
            self.workflow.tasks[0].content.clone_from(&event.text);
            self.updated(0, output);
        } else if self.length() < LONGEST {
            let thought = Thought::new(event.text.clone());
            self.workflow.tasks.push(thought);
            self.added(self.workflow.tasks.len() - 1, output);
        }
    }

    pub(super) fn end(mut self, output: &mut Vec<u8>) {
        self.workflow.summary = Some(Duration {
            duration: self.started.elapsed().as_secs(),
        });
        let item = self.item();
        Event::ItemDone { item }.write(output);
    }

    fn item(&self) -> Item<'_> {
        Item {
            id: &self.id,
            thread_id: &self.thread,
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
