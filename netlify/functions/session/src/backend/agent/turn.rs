//! One turn of a conversation: the visitor's message, the request to the upstream, and the answer as it comes.
//!
//! ```text
//! Opening ──▶ Asking ──▶ Reading ──▶ Over
//!    │           │           │
//!    └───────────┴───────────┴── fails: one `error` event, then Over
//! ```
//!
//! - *Opening* tells ChatKit about thread and message, and gives the page the thread's state, so that a question is kept
//!   whatever happens next. It waits for nobody.
//! - *Asking* sends the request, and waits for the first byte of the answer.
//! - *Reading* passes the answer on, event by event, and at its end gives the page the new state.

use std::time::{Duration, Instant, SystemTime};

use ureq::BodyReader;

use super::answer::{Answer, End};
use super::asking::{Asking, Step};
use super::failure::{Failure, Told};
use super::prompt::Prompt;
use super::protocol::{Event, Kept, Page, Status, StreamOptions};
use super::responses::{self, Broken, Events, Next};
use super::state::{Owner, State};
use super::words::Words;
use crate::access::answers::OpenAnswer;
use crate::access::keys::{Key, hex};
use crate::backend::upstream::Call;
use crate::clock;
use crate::error::RequestError;
use crate::log::{Entry, Spent};
use crate::service::Service;
use crate::settings::REPLY_RESERVE;
use crate::site::{AgentSettings, McpServer};

/// The name of the effect that gives the page a thread's state.
const EFFECT: &str = "chatkit-embed.state";
/// The longest that an answer may take.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// A turn, as the pieces of a stream of ChatKit's events. Writes its line to the log when it ends, or is dropped.
pub(crate) struct Turn<'s> {
    service: &'s Service,
    asked: Asked,
    phase: Phase<'s>,
    /// Its place among the open answers.
    _open: OpenAnswer<'s>,
    /// `None` once it is written.
    entry: Option<Entry>,
    started: Instant,
    spent: Spent,
}

/// What a visitor asks, and of whom.
pub(super) struct Asked {
    pub(super) agent: AgentSettings,
    /// The site's address.
    pub(super) site: String,
    pub(super) widget: String,
    pub(super) user: String,
    /// Those that sign states.
    pub(super) keys: Vec<Key>,
    pub(super) words: &'static Words,
    pub(super) state: State,
    /// The one that the visitor gave.
    pub(super) title: Option<String>,
    pub(super) kind: Kind,
    pub(super) deadline: Option<SystemTime>,
}

/// What is new for ChatKit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The thread and the message.
    Thread,
    /// The message.
    Message,
    /// Nothing: a question is answered again.
    Retry,
}

enum Phase<'s> {
    Opening,
    Asking(Box<Asking<'s>>),
    Reading(Box<Reading>),
    Over,
}

struct Reading {
    events: Events<BodyReader<'static>>,
    answer: Answer,
    /// When the answer has to be whole.
    until: Instant,
}

impl<'s> Turn<'s> {
    pub(super) fn new(service: &'s Service, asked: Asked, open: OpenAnswer<'s>) -> Turn<'s> {
        Turn {
            service,
            spent: Spent::of(&asked.agent.model),
            asked,
            phase: Phase::Opening,
            _open: open,
            entry: None,
            started: Instant::now(),
        }
    }

    /// The line for the log, which is written at the end.
    pub(crate) fn with_entry(mut self, entry: Entry) -> Turn<'s> {
        self.entry = Some(entry);
        self
    }

    /// The thread's title: the visitor's own, or the first words.
    fn title(&self) -> String {
        let own = self.asked.title.clone();
        own.unwrap_or_else(|| self.asked.state.title())
    }

    /// Thread, message and state.
    fn open(&mut self) -> Vec<u8> {
        let mut output = Vec::new();
        let Asked { state, kind, .. } = &self.asked;
        if *kind == Kind::Thread {
            let title = state.title();
            let thread = state.thread(Some(&title), Status::Active, Page::empty());
            Event::ThreadCreated { thread }.write(&mut output);
        }
        let question = state.items.last().filter(|_| *kind != Kind::Retry);
        if let Some(question) = question {
            let item = question.item(&state.id);
            Event::ItemDone { item }.write(&mut output);
        }
        let stream_options = StreamOptions { allow_cancel: true };
        Event::StreamOptions { stream_options }.write(&mut output);
        self.keep(&mut output);
        output
    }

    /// Gives the page the thread's state.
    fn keep(&mut self, output: &mut Vec<u8>) {
        let title = &self.title();
        let Asked {
            state,
            site,
            widget,
            user,
            keys,
            ..
        } = &mut self.asked;
        let sealed = state.seal(Owner { site, user, widget }, keys);
        let data = Kept {
            thread_id: &state.id,
            created_at: &state.created_at,
            title,
            state: &sealed,
        };
        let name = EFFECT;
        Event::Effect { name, data }.write(output);
    }

    /// Prepares the request.
    fn ask(&mut self) -> Result<Asking<'s>, RequestError> {
        let until = Instant::now() + self.time_left();
        let (call, prompt) = (self.call()?, self.prompt()?);
        let agent = &mut self.asked.agent;
        // They can be long, and only the request needs them.
        agent.instructions = String::new();
        Ok(Asking::new(self.service, &agent.model, call, prompt, until))
    }

    /// The next moment of waiting for the upstream.
    fn wait(&mut self, mut asking: Box<Asking<'s>>) -> Vec<u8> {
        let mut output = Vec::new();
        let trace = self.entry.as_mut().map(|entry| &mut entry.trace);
        match asking.step(trace) {
            Step::Nothing => self.phase = Phase::Asking(asking),
            Step::Answered(body) => {
                self.phase = Phase::Reading(Box::new(Reading {
                    events: Events::new(body.into_reader()),
                    answer: Answer::new(&self.asked.state.id, self.asked.words),
                    until: asking.until(),
                }));
            }
            Step::Failed(failure) => self.fail(&failure, &mut output),
        }
        output
    }

    fn call(&self) -> Result<Call, RequestError> {
        let settings = self.service.settings();
        let headers = settings.upstream_headers()?;
        Ok(Call {
            url: settings.responses_url()?,
            headers,
            body: String::new(),
        })
    }

    fn prompt(&self) -> Result<Prompt, RequestError> {
        let Asked {
            agent,
            widget,
            user,
            state,
            ..
        } = &self.asked;
        let settings = self.service.settings();
        let secret = |server: &McpServer| {
            let variable = server.authorization_env.as_deref();
            variable.map(|name| settings.required(name)).transpose()
        };
        let secrets: Vec<_> = agent.mcp.iter().map(secret).collect::<Result<_, _>>()?;
        // Without the key, nobody can tell which visitor it is.
        let who = self.asked.keys[0].sign(format!("safety identifier {user}").as_bytes());
        let who = hex(&who[..16]);
        Ok(Prompt::new(agent, state, widget, &who, &secrets))
    }

    fn time_left(&self) -> Duration {
        self.asked.deadline.map_or(LONGEST, |deadline| {
            let left = deadline.duration_since(SystemTime::now());
            let left = left.unwrap_or_default().saturating_sub(REPLY_RESERVE);
            left.min(LONGEST)
        })
    }

    /// The next piece of the answer. The end of the turn is part of its last piece.
    fn read(&mut self, reading: &mut Reading) -> (Vec<u8>, Option<Result<End, Failure>>) {
        let mut output = Vec::new();
        if Instant::now() >= reading.until {
            let detail = "the time for an answer was up; if this persists, lower `limits.output`";
            let failure = Failure::new(Told::TryAgain, "upstream_timeout", detail);
            return (output, Some(Err(failure)));
        }
        let next = match reading.events.next() {
            Ok(Next::Event(event)) => event,
            Ok(Next::Nothing) => return (output, None),
            Ok(Next::End) => return (output, Some(Err(Failure::of_stream(&Broken::Cut)))),
            Err(broken) => return (output, Some(Err(Failure::of_stream(&broken)))),
        };
        self.note(&next);
        let before = reading.answer.has_text();
        let end = reading.answer.take(&next, &mut output);
        if reading.answer.has_text() && !before {
            self.spent.first_word_ms = Some(clock::millis_since(self.started));
        }
        let end = match end {
            Ok(None) => None,
            Ok(Some(End::Failed(code))) => Some(Err(Failure::of_code(&code))),
            Ok(Some(End::TooLarge)) => Some(Err(Failure::of_stream(&Broken::TooLarge))),
            Ok(Some(End::Filtered)) => Some(Err(Failure::of_code("content_filter"))),
            Ok(Some(End::Completed | End::Full)) if !reading.answer.has_text() => {
                let detail =
                    "the model has answered nothing; if this persists, raise `limits.output`";
                Some(Err(Failure::new(Told::TryAgain, "upstream_error", detail)))
            }
            Ok(Some(end)) => Some(Ok(end)),
            Err(error) => Some(Err(not_set_up(&error))),
        };
        (output, end)
    }

    /// Facts of an event for the log.
    fn note(&mut self, event: &responses::Event) {
        let responses::Usage {
            input_tokens,
            input_tokens_details,
            output_tokens,
        } = &event.response.usage;
        if output_tokens.0 > 0 {
            self.spent.input_tokens = Some(input_tokens.0);
            self.spent.cached_tokens = Some(input_tokens_details.cached_tokens.0);
            self.spent.output_tokens = Some(output_tokens.0);
        }
    }

    /// The answer is there: its last events, and the new state.
    fn complete(&mut self, mut answer: Answer, end: &End, output: &mut Vec<u8>) {
        answer.finish(output);
        let words = self.asked.words;
        if *end == End::Full {
            let (level, message) = ("info", words.cut_off);
            Event::Notice { level, message }.write(output);
        }
        self.spent.tools = Some(answer.tools);
        let messages = answer.into_messages();
        let state = &mut self.asked.state;
        state.items.extend(messages);
        let status = state.status(self.asked.agent.limits.turns, words);
        if matches!(status, Status::Closed { .. }) {
            let title = self.title();
            let thread = self.asked.state.thread(Some(&title), status, Page::empty());
            Event::ThreadUpdated { thread }.write(output);
        }
        self.keep(output);
        self.log();
    }

    /// Ends the turn: tells the visitor and the log. If the process is about to end, that is the cause.
    fn fail(&mut self, failure: &Failure, output: &mut Vec<u8>) {
        let stopping = stopping();
        let failure = match self.service.is_stopped() {
            true => &stopping,
            false => failure,
        };
        failure.write(self.asked.words, output);
        if let Some(entry) = &mut self.entry {
            entry.code = Some(failure.code);
            entry.detail = Some(failure.detail.clone());
        }
        self.log();
    }

    /// Writes the line for the log.
    fn log(&mut self) {
        if let Some(mut entry) = self.entry.take() {
            entry.spent = Some(std::mem::take(&mut self.spent));
            entry.finish(200);
            self.service.log().write(&entry);
        }
    }
}

impl Iterator for Turn<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.service.is_stopped() && !matches!(self.phase, Phase::Over) {
            let mut output = Vec::new();
            self.phase = Phase::Over;
            self.fail(&stopping(), &mut output);
            return Some(output);
        }
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Opening => {
                let mut output = self.open();
                match self.ask() {
                    Ok(asking) => self.phase = Phase::Asking(Box::new(asking)),
                    Err(error) => self.fail(&not_set_up(&error), &mut output),
                }
                Some(output)
            }
            Phase::Asking(asking) => Some(self.wait(asking)),
            Phase::Reading(mut reading) => {
                let (mut output, end) = self.read(&mut reading);
                match end {
                    None => self.phase = Phase::Reading(reading),
                    Some(Ok(end)) => self.complete(reading.answer, &end, &mut output),
                    Some(Err(failure)) => {
                        self.spent.tools = Some(reading.answer.tools);
                        self.fail(&failure, &mut output);
                    }
                }
                Some(output)
            }
            Phase::Over => None,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(entry) = &mut self.entry {
            entry.code = Some("client_gone");
            entry.detail = Some("the visitor left, or pressed the stop button".to_owned());
        }
        self.log();
    }
}

/// The process is about to end.
fn stopping() -> Failure {
    Failure::new(Told::TryAgain, "stopped", "the server is stopping")
}

/// A setting is missing.
fn not_set_up(error: &RequestError) -> Failure {
    Failure::new(Told::Unavailable, error.status_and_code().1, error.detail())
}
