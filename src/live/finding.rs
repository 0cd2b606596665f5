//! Findings, and how probes report them.

use std::sync::mpsc::Sender;

use serde::Serialize;

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was tried, such as `headers`.
    pub(crate) name: String,
    pub(crate) state: State,
    /// What is the case and, unless it is fine, what to do about it.
    pub(crate) text: String,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Fine,
    /// Works, and should be better.
    Todo,
    /// Visitors notice it, or strangers can use it.
    Wrong,
    /// Nobody can say from here.
    NotTried,
}

/// What a thread reports.
pub(super) enum Event {
    Found(usize, Finding),
    /// A probe has ended.
    Done(usize),
}

/// Where a probe writes what it finds.
#[derive(Clone)]
pub(super) struct Notes {
    /// The probe's place in the report.
    pub(super) at: usize,
    pub(super) sender: Sender<Event>,
}

impl Notes {
    pub(super) fn add(&self, name: impl Into<String>, state: State, text: impl Into<String>) {
        let finding = Finding {
            name: name.into(),
            state,
            text: text.into(),
        };
        // Nobody listens after the deadline.
        let _ = self.sender.send(Event::Found(self.at, finding));
    }

    pub(super) fn fine(&self, name: impl Into<String>, text: impl Into<String>) {
        self.add(name, State::Fine, text);
    }

    pub(super) fn todo(&self, name: impl Into<String>, text: impl Into<String>) {
        self.add(name, State::Todo, text);
    }

    pub(super) fn wrong(&self, name: impl Into<String>, text: impl Into<String>) {
        self.add(name, State::Wrong, text);
    }

    pub(super) fn not_tried(&self, name: impl Into<String>, text: impl Into<String>) {
        self.add(name, State::NotTried, text);
    }

    pub(super) fn done(self) {
        let _ = self.sender.send(Event::Done(self.at));
    }
}
