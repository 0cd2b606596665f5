//! A form on its way to a person.
//!
//! ```text
//! Opening ──▶ Sending ──▶ Over
//!    │           └── up to three tries, on a thread of their own
//!    └── nothing to send: a field is wrong, or the form was sent before
//! ```
//!
//! The page gets the thread's state twice, as in a turn: before anything is sent, so that what was typed is kept whatever
//! happens next, and at the end. Nothing that a visitor has typed, and no address, goes to the log.

use std::mem::replace;
use std::time::{Duration, Instant, SystemTime};

use super::failure::{Failure, Told};
use super::form::{Form, Look, Trouble, Typed};
use super::letter::{self, Submitted};
use super::post::{LONGEST, PAUSES, Patience, Posted};
use super::protocol::{Event, StreamOptions};
use super::state::{Kept, Message, Owner};
use super::turn::write_state;
use super::waiting::{Moment, Waiting};
use crate::access::answers::OpenAnswer;
use crate::log::Entry;
use crate::service::Service;
use crate::settings::REPLY_RESERVE;

/// A delivery, as the pieces of a stream of ChatKit's events. Writes its line to the log when it ends, or is dropped.
pub(crate) struct Delivery<'s> {
    service: &'s Service,
    submitted: Submitted,
    phase: Phase,
    /// Its place among the open answers: nobody sends two forms at a time.
    _open: OpenAnswer<'s>,
    /// `None` once it is written.
    entry: Option<Entry>,
}

enum Phase {
    Opening,
    Sending(Waiting<Posted>),
    Over,
}

impl<'s> Delivery<'s> {
    pub(super) fn new(
        service: &'s Service,
        submitted: Submitted,
        open: OpenAnswer<'s>,
    ) -> Delivery<'s> {
        Delivery {
            service,
            submitted,
            phase: Phase::Opening,
            _open: open,
            entry: None,
        }
    }

    /// The line for the log, which is written at the end.
    pub(crate) fn with_entry(mut self, entry: Entry) -> Delivery<'s> {
        self.entry = Some(entry);
        self
    }

    fn open(&mut self, output: &mut Vec<u8>) {
        // A stop button would promise that nothing has left.
        let stream_options = StreamOptions {
            allow_cancel: false,
        };
        Event::StreamOptions { stream_options }.write(output);
        let is_sent = self.form().is_sent;
        if !is_sent {
            self.set(None);
        }
        self.keep(output);
        if is_sent {
            // The visitor's other tab, or a second click.
            return self.end(Form::sent(), output);
        }
        if let Some(trouble) = self.submitted.trouble {
            return self.give_back(trouble, output);
        }
        match self.send() {
            Ok(waiting) => self.phase = Phase::Sending(waiting),
            Err(failure) => self.fail(&failure, output),
        }
    }

    /// Begins with the tries, which go on even if nobody waits any longer.
    fn send(&self) -> Result<Waiting<Posted>, Failure> {
        let letter = letter::write(self.service, &self.submitted).map_err(|error| {
            let code = error.status_and_code().1;
            Failure::new(Told::Unavailable, code, error.detail())
        })?;
        let agent = self.service.agent().clone();
        let patience = Patience {
            until: Instant::now() + time_left(self.submitted.deadline),
            pauses: &PAUSES,
        };
        Waiting::send("a form", move || Ok(letter.post(&agent, &patience)))
    }

    /// Waits for a moment.
    fn wait(&mut self, waiting: Waiting<Posted>, output: &mut Vec<u8>) {
        let posted = match waiting.wait() {
            Moment::Nothing | Moment::Due => return self.phase = Phase::Sending(waiting),
            Moment::Outcome(posted) => posted,
        };
        let cause = match posted {
            Ok(posted) => {
                if let Some(Entry { trace, .. }) = &mut self.entry {
                    trace.upstream_status = posted.status;
                    trace.retries = (posted.tries > 1).then(|| posted.tries - 1);
                }
                posted.cause
            }
            Err(_) => Some("its thread has ended".to_owned()),
        };
        match cause {
            None => self.end(Form::sent(), output),
            Some(cause) => {
                let detail = format!("a form was not delivered: {cause}");
                self.fail(
                    &Failure::new(Told::TryAgain, "contact_failed", detail),
                    output,
                );
            }
        }
    }

    fn form(&mut self) -> &mut Form {
        match &mut self.submitted.state.items[self.submitted.at].message {
            Message::Form(form) => form,
            Message::User { .. } | Message::Assistant { .. } => {
                unreachable!("a form was found there")
            }
        }
    }

    /// Keeps what was typed.
    fn set(&mut self, trouble: Option<Trouble>) {
        let typed = self.submitted.typed.clone();
        *self.form() = Form {
            is_sent: false,
            trouble,
            typed,
        };
    }

    /// Nothing was sent: the form again, with what was typed, and why.
    fn give_back(&mut self, trouble: Trouble, output: &mut Vec<u8>) {
        self.set(Some(trouble));
        let form = self.form().clone();
        self.end(form, output);
    }

    fn fail(&mut self, failure: &Failure, output: &mut Vec<u8>) {
        if let Some(entry) = &mut self.entry {
            entry.code = Some(failure.code);
            entry.detail = Some(failure.detail.clone());
        }
        self.give_back(Trouble::Failed, output);
    }

    /// The form as it is now, and the new state.
    fn end(&mut self, form: Form, output: &mut Vec<u8>) {
        *self.form() = form;
        let Submitted {
            state,
            at,
            words,
            contact,
            ..
        } = &self.submitted;
        let look = Look {
            words,
            contact: Some(contact),
        };
        let item = state.items[*at].item(&state.id, look);
        Event::ItemReplaced { item }.write(output);
        self.keep(output);
        self.phase = Phase::Over;
        self.log();
    }

    /// Gives the page the thread's state, without a text for which it has no room.
    fn keep(&mut self, output: &mut Vec<u8>) {
        if !self.form().typed.is_small() {
            self.form().typed = Typed::default();
        }
        let Submitted {
            site,
            widget,
            user,
            keys,
            state,
            title,
            at,
            ..
        } = &mut self.submitted;
        let title = title.clone().unwrap_or_else(|| state.title());
        let id = state.items[*at].id.clone();
        write_state(state, &title, Owner { site, user, widget }, keys, output);
        // The oldest turns may have left.
        let is_it = |kept: &Kept| kept.id == id && matches!(kept.message, Message::Form(_));
        match state.items.iter().position(is_it) {
            Some(place) => *at = place,
            None => self.restore(id),
        }
    }

    /// A form so old that it had to leave its thread is still answered.
    fn restore(&mut self, id: String) {
        let form = Form {
            is_sent: false,
            trouble: None,
            typed: self.submitted.typed.clone(),
        };
        let state = &mut self.submitted.state;
        state.items.push(Kept::form(id, form));
        self.submitted.at = state.items.len() - 1;
    }

    fn log(&mut self) {
        if let Some(mut entry) = self.entry.take() {
            entry.finish(200);
            self.service.log().write(&entry);
        }
    }
}

impl Iterator for Delivery<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut output = Vec::new();
        match replace(&mut self.phase, Phase::Over) {
            Phase::Opening => self.open(&mut output),
            Phase::Sending(_) if self.service.is_stopped() => {
                let failure = Failure::new(Told::TryAgain, "stopped", "the server is stopping");
                self.fail(&failure, &mut output);
            }
            Phase::Sending(waiting) => self.wait(waiting, &mut output),
            Phase::Over => return None,
        }
        Some(output)
    }
}

impl Drop for Delivery<'_> {
    fn drop(&mut self) {
        if let Some(entry) = &mut self.entry {
            entry.code = Some("client_gone");
            entry.detail = Some("the visitor left while a form was sent".to_owned());
        }
        self.log();
    }
}

fn time_left(deadline: Option<SystemTime>) -> Duration {
    deadline.map_or(LONGEST, |deadline| {
        let left = deadline.duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(REPLY_RESERVE);
        left.min(LONGEST)
    })
}
