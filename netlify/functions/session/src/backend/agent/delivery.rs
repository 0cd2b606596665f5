//! A form on its way to a person.
//!
//! ```text
//! Opening ──▶ Sending ──▶ Over
//!    │           └── up to three tries, each on a thread of its own
//!    └── nothing to send: a field is wrong, or the form was sent before
//! ```
//!
//! The page gets the thread's state twice, as in a turn: before anything is sent, so that what was typed is kept whatever
//! happens next, and at the end. Nothing that a visitor has typed, and no address, goes to the log.

use std::mem::replace;
use std::time::{Duration, Instant, SystemTime};

use super::failure::{Failure, Told};
use super::form::{Form, Look, Trouble, Typed};
use super::letter::{self, Letter, Submitted};
use super::protocol::{Event, StreamOptions};
use super::state::{Kept, Message, Owner};
use super::turn::write_state;
use super::waiting::{Moment, Waiting};
use crate::access::answers::OpenAnswer;
use crate::backend::upstream::Reply;
use crate::log::{Entry, Trace};
use crate::service::Service;
use crate::settings::{REPLY_RESERVE, UPSTREAM_TIMEOUT};

/// The longest that all tries may take together.
const LONGEST: Duration = Duration::from_secs(20);
/// Pauses before the second and the third try, unless the receiver asks for another one.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];
/// The longest pause that the receiver may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

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
    Sending(Box<Sending>),
    Over,
}

/// A letter that nobody has taken yet.
struct Sending {
    letter: Letter,
    until: Instant,
    tries: usize,
    waiting: Waiting<Reply>,
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
        let letter = Letter::write(self.service, &self.submitted);
        match letter {
            Ok(letter) => {
                self.phase = Phase::Sending(Box::new(Sending {
                    letter,
                    until: Instant::now() + time_left(self.submitted.deadline),
                    tries: 0,
                    waiting: Waiting::Pausing(Instant::now()),
                }));
            }
            Err(error) => {
                let code = error.status_and_code().1;
                self.fail(
                    &Failure::new(Told::Unavailable, code, error.detail()),
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
            Phase::Sending(mut sending) => {
                let trace = self.entry.as_mut().map(|entry| &mut entry.trace);
                match sending.step(self.service, trace) {
                    None => self.phase = Phase::Sending(sending),
                    Some(Ok(())) => self.end(Form::sent(), &mut output),
                    Some(Err(failure)) => self.fail(&failure, &mut output),
                }
            }
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

impl Sending {
    /// Waits for a moment. Returns the outcome, if there is one.
    fn step(
        &mut self,
        service: &Service,
        trace: Option<&mut Trace>,
    ) -> Option<Result<(), Failure>> {
        let outcome = match self.waiting.wait() {
            Moment::Nothing => return None,
            Moment::Due => return self.send(service).err().map(Err),
            Moment::Outcome(outcome) => outcome,
        };
        if let Some(trace) = trace {
            trace.upstream_status = outcome.as_ref().ok().map(|reply| reply.status);
            trace.retries = (self.tries > 1).then(|| self.tries as u32 - 1);
        }
        if self.letter.is_taken(&outcome) {
            return Some(Ok(()));
        }
        let pause = PAUSES.get(self.tries - 1);
        let pause = pause.filter(|_| letter::may_pass(&outcome)).map(|pause| {
            let named = outcome.as_ref().ok().and_then(|reply| reply.retry_after);
            named.map_or(*pause, |seconds| {
                Duration::from_secs(seconds).min(LONGEST_PAUSE)
            })
        });
        let again = pause.map(|pause| Instant::now() + pause);
        match again.filter(|again| *again < self.until) {
            Some(again) => {
                self.waiting = Waiting::Pausing(again);
                None
            }
            None => Some(Err(self.letter.failure(&outcome))),
        }
    }

    fn send(&mut self, service: &Service) -> Result<(), Failure> {
        self.tries += 1;
        let (agent, call) = (service.agent().clone(), self.letter.call.clone());
        let until = self.until.min(Instant::now() + UPSTREAM_TIMEOUT);
        // It is sent even if nobody waits any longer.
        self.waiting = Waiting::send("a form", move || call.send_once(&agent, until))?;
        Ok(())
    }
}

fn time_left(deadline: Option<SystemTime>) -> Duration {
    deadline.map_or(LONGEST, |deadline| {
        let left = deadline.duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(REPLY_RESERVE);
        left.min(LONGEST)
    })
}
