//! A request of ChatKit, and what its browser knows of the thread.

use std::time::SystemTime;

use super::failure::{Failure, Told};
use super::form::{self, Look, Typed};
use super::protocol::{Metadata, Sent, Status, UserInput};
use super::session::Holder;
use super::state::{Kept, Message, Owner, State};
use super::turn::Kind;
use super::words::Words;
use crate::access::keys::Key;
use crate::error::RequestError;
use crate::site::AgentSettings;

/// A request of ChatKit, and its circumstances.
pub(crate) struct Chat<'a> {
    pub(crate) agent: AgentSettings,
    pub(crate) holder: Holder,
    /// The value of `Accept-Language`.
    pub(crate) languages: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) deadline: Option<SystemTime>,
}

/// The thread that a request is about, as far as its browser tells.
pub(super) struct KnownThread<'a> {
    pub(super) chat: &'a Chat<'a>,
    pub(super) metadata: Metadata,
    /// Those that sign states.
    pub(super) keys: Vec<Key>,
    pub(super) words: &'static Words,
    /// The site's address.
    pub(super) site: &'a str,
}

/// A thread with a question at its end, or why there will be no answer.
pub(super) type Question = Result<(State, Kind), Failure>;

impl KnownThread<'_> {
    /// What its widgets depend on.
    pub(super) fn look(&self) -> Look<'_> {
        Look {
            words: self.words,
            contact: self.chat.agent.contact.as_ref(),
        }
    }

    pub(super) fn owner(&self) -> Owner<'_> {
        Owner {
            site: self.site,
            user: &self.chat.holder.user,
            widget: &self.chat.holder.widget,
        }
    }

    /// Its state, if the browser has sent one of this thread.
    pub(super) fn state(&self, id: &str) -> Option<State> {
        // The newest come first. Each costs time to verify, and there is one for each tab that is open.
        let sealed = self.metadata.states.iter().take(MOST_STATES);
        let states = sealed.filter_map(|text| State::open(text, id, self.owner(), &self.keys));
        states.reduce(State::merged)
    }

    pub(super) fn state_or_failure(&self, id: &str) -> Result<State, Failure> {
        self.state(id).ok_or_else(|| {
            let detail =
                "the conversation's state is missing, or not one of this visitor and widget";
            Failure::new(Told::Unknown, "unknown_thread", detail)
        })
    }

    /// Whether it takes further messages.
    pub(super) fn status(&self, state: &State) -> Status<'static> {
        state.status(self.chat.agent.limits.turns, self.words)
    }

    pub(super) fn created(&self, input: UserInput) -> Result<Question, RequestError> {
        if let Err(failure) = self.check(&input) {
            return Ok(Err(failure));
        }
        let mut state = State::new()?;
        state.ask(input)?;
        Ok(Ok((state, Kind::Thread)))
    }

    pub(super) fn continued(&self, id: &str, input: UserInput) -> Result<Question, RequestError> {
        let state = self.check(&input).and_then(|()| self.state_or_failure(id));
        let mut state = match state {
            Ok(state) => state,
            Err(failure) => return Ok(Err(failure)),
        };
        if let Status::Closed { .. } = self.status(&state) {
            return Ok(Err(full()));
        }
        state.ask(input)?;
        Ok(Ok((state, Kind::Message)))
    }

    pub(super) fn retried(&self, id: &str, item: &str) -> Question {
        let mut state = self.state_or_failure(id)?;
        let limit = self.chat.agent.limits.turns;
        // A thread that has just used its turns may have its last answer again; several that are merged may have more.
        if limit > 0 && state.turns > limit {
            return Err(full());
        }
        let found = state.return_to(item);
        found.ok_or_else(|| {
            let detail = "the message to answer again is no longer part of the conversation";
            Failure::new(Told::Unknown, "unknown_item", detail)
        })?;
        Ok((state, Kind::Retry))
    }

    /// The form that an action sends: its thread, its place there, and what was typed. A thread that takes no further
    /// messages has forms all the same: a person can still help.
    pub(super) fn submitted(&self, sent: &Sent) -> Result<(State, usize, Typed), Failure> {
        let Sent {
            thread_id: id,
            item_id: item,
            action,
        } = sent;
        let detail = "the agent has no such action";
        let unsupported = || Failure::new(Told::Unsupported, "unsupported", detail);
        let contact = self.chat.agent.contact.as_ref().ok_or_else(unsupported)?;
        if action.r#type != form::ACTION {
            return Err(unsupported());
        }
        let typed = Typed::read(action, contact).ok_or_else(|| {
            let detail = "an action does not hold what the form has fields for; it comes from another version, or was \
                          written by hand";
            Failure::new(Told::Unsupported, "unsupported", detail)
        })?;
        let state = self.state_or_failure(id)?;
        let is_it = |kept: &Kept| {
            matches!(kept.message, Message::Form(_)) && Some(&kept.id) == item.as_ref()
        };
        let at = state.items.iter().position(is_it).ok_or_else(|| {
            let detail = "the form is not part of the conversation";
            Failure::new(Told::Unknown, "unknown_item", detail)
        })?;
        Ok((state, at, typed))
    }

    /// Refuses what is too long, and what has files.
    pub(super) fn check(&self, input: &UserInput) -> Result<(), Failure> {
        if !input.attachments.is_empty() {
            let detail = "the agent takes no files; turn `chatkit.composer.attachments` off";
            return Err(Failure::new(Told::Unsupported, "unsupported", detail));
        }
        if input.content.len() > MOST_PARTS || input.is_empty() {
            let detail = "the message is empty, or has too many parts";
            return Err(Failure::new(Told::Unsupported, "unsupported", detail));
        }
        let limit = self.chat.agent.limits.message;
        let length = input.length();
        if limit > 0 && length > u64::from(limit) {
            let detail =
                format!("the message has {length} characters; `limits.message` is {limit}");
            return Err(Failure::new(
                Told::TooLong { limit },
                "message_too_long",
                detail,
            ));
        }
        Ok(())
    }
}

fn full() -> Failure {
    let detail = "the conversation has used its turns; `limits.turns` sets that limit";
    Failure::new(Told::Full, "thread_full", detail)
}

/// Most states of one thread that are looked at.
const MOST_STATES: usize = 8;
/// Most parts of a message: ChatKit sends one, and one for each tag.
const MOST_PARTS: usize = 64;
