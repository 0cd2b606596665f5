//! What the owner's webhook is told: the log's line of each turn and of each opinion, with the thread's id; texts only if
//! the owner has asked for them, and the page then tells the visitor.
//!
//! No visitor waits for that. A process that goes on between requests sends a report while the visitor has the answer
//! already. One that may be frozen after a reply sends it before the stream ends, which is seconds later at most, and
//! after everything that the visitor sees.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::post::{LONGEST, Letter, PAUSES, Patience, To};
use super::webhook::Webhook;
use crate::error::RequestError;
use crate::http::Body;
use crate::log::Entry;
use crate::service::Service;
use crate::site::EventsSettings;
use crate::upstream::slices::SLICE;

/// The longest that all tries may take together while the stream waits.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// The pause before the second of them.
const SHORT_PAUSES: [Duration; 1] = [Duration::from_millis(150)];

/// Who is told, and about which thread.
pub(crate) struct Reporter<'s> {
    pub(super) service: &'s Service,
    pub(super) events: EventsSettings,
    pub(super) thread: Option<String>,
}

/// What was said in a turn.
#[derive(Serialize)]
pub(super) struct Texts {
    pub(super) question: String,
    /// As far as it came.
    pub(super) answer: String,
}

/// A report on its way, as pieces of a stream that has nothing more to say. It ends at once if nobody has to wait.
pub(crate) struct Reported(Option<Receiver<()>>);

/// The body of a report.
#[derive(Serialize)]
struct Report<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<&'a str>,
    #[serde(flatten)]
    entry: &'a Entry,
    #[serde(flatten)]
    texts: Option<Texts>,
}

impl Reporter<'_> {
    /// Reports a turn. `texts` is asked only if the owner gets them.
    pub(super) fn turn(&self, entry: &Entry, texts: impl FnOnce() -> Texts) -> Reported {
        self.send("turn", entry, self.events.transcripts.then(texts))
    }

    /// Reports an opinion.
    pub(crate) fn feedback(&self, entry: &Entry) -> Reported {
        self.send("feedback", entry, None)
    }

    fn send(&self, kind: &'static str, entry: &Entry, texts: Option<Texts>) -> Reported {
        let report = Report {
            r#type: kind,
            thread: self.thread.as_deref(),
            entry,
            texts,
        };
        match self.letter(entry.id(), &report) {
            Ok(letter) => self.post(entry.id(), letter),
            Err(error) => {
                self.fail(entry.id(), &error.detail());
                Reported(None)
            }
        }
    }

    fn letter(&self, id: &str, report: &Report<'_>) -> Result<Letter, RequestError> {
        let webhook = Webhook::of(self.service.settings(), &self.events.webhook)?;
        let body = serde_json::to_value(report).expect("strings and numbers cannot fail");
        Ok(Letter {
            call: webhook.call(id, &body),
            to: To::Webhook(webhook.variable),
        })
    }

    fn post(&self, id: &str, letter: Letter) -> Reported {
        let background = self.service.background();
        let is_awake = background.is_awake();
        let (agent, log) = (self.service.agent().clone(), self.service.shared_log());
        let (over, end) = channel::<()>();
        let subject = id.to_owned();
        let started = background.start(move || {
            let _over = over;
            if let Some(cause) = letter.post(&agent, &patience(is_awake)).cause {
                log.failure(&subject, FAILED, &detail(&cause));
            }
        });
        if let Err(cause) = started {
            self.fail(id, &cause);
        }
        Reported((!is_awake).then_some(end))
    }

    fn fail(&self, id: &str, cause: &str) {
        self.service.log().failure(id, FAILED, &detail(cause));
    }
}

/// The code in the log of a report that nobody has.
const FAILED: &str = "events_failed";

fn detail(cause: &str) -> String {
    format!("an event was not delivered: {cause}")
}

fn patience(is_awake: bool) -> Patience {
    let (longest, pauses): (_, &[Duration]) = match is_awake {
        true => (LONGEST, &PAUSES),
        false => (LONGEST_WAIT, &SHORT_PAUSES),
    };
    Patience {
        until: Instant::now() + longest,
        pauses,
    }
}

impl Reported {
    /// Adds it to the end of a body, if somebody has to wait for it.
    pub(crate) fn after(self, body: Body<'_>) -> Body<'_> {
        match self.0 {
            Some(_) => Body::Stream(Box::new([body.into_bytes()].into_iter().chain(self))),
            None => body,
        }
    }
}

impl Iterator for Reported {
    type Item = Vec<u8>;

    /// Waits for a moment.
    fn next(&mut self) -> Option<Vec<u8>> {
        match self.0.as_ref()?.recv_timeout(SLICE) {
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}
