//! One turn of a conversation: the visitor's message, the request to the upstream, and the answer as it comes.
//!
//! ```text
//!                ┌── the model searches ──┐
//!                ▼                        │
//! Opening ──▶ Asking ────────────────▶ Reading ──▶ Reporting ──▶ Over
//!    │           │                        │           │
//!    └───────────┴────────────────────────┴── fails ──┘ one `error` event
//! ```
//!
//! - *Opening* tells ChatKit about thread and message, and gives the page the thread's state, so that a question is kept
//!   whatever happens next. It waits for nobody.
//! - *Asking* sends the request, and waits for the first byte of the answer.
//! - *Reading* passes the answer on, event by event, and at its end gives the page the new state. If the model has called
//!   our own tool, the results go into another request, and the answer continues.
//! - *Reporting* waits until the owner's webhook has been told, if the process may be frozen after the reply.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use ureq::BodyReader;

use super::answer::{Answer, End, ToolCall};
use super::asking::{Asking, Step};
use super::failure::{Failure, Told};
use super::form::{Form, Look};
use super::passages::{Passages, TOOL};
use super::prompt::{self, Prompt};
use super::protocol::{Event, Kept, Page, Status, StreamOptions};
use super::report::{self, Reported, Reporter, Texts};
use super::responses::{self, Broken, Events, Next};
use super::state::{Kept as KeptItem, Owner, State, fresh_id};
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
    /// What there is of the answer. `None` before the first request.
    answer: Option<Answer<'s>>,
    /// Calls of our own tool, and their results.
    exchanges: Vec<Value>,
    /// How often the model has called it.
    rounds: u32,
    /// The tokens of all requests, and of those before the present one.
    tokens: Tokens,
    before: Tokens,
    /// Its place among the open answers. `None` at its end.
    open: Option<OpenAnswer<'s>>,
    /// Tells the owner's webhook, if there is one.
    reporter: Option<Reporter<'s>>,
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

impl Asked {
    /// What widgets depend on.
    fn look(&self) -> Look<'_> {
        Look {
            words: self.words,
            contact: self.agent.contact.as_ref(),
        }
    }
}

/// Gives the page a thread's state.
pub(super) fn write_state(
    state: &mut State,
    title: &str,
    owner: Owner<'_>,
    keys: &[Key],
    output: &mut Vec<u8>,
) {
    let sealed = state.seal(owner, keys);
    let data = Kept {
        thread_id: &state.id,
        created_at: &state.created_at,
        title,
        state: &sealed,
    };
    let name = EFFECT;
    Event::Effect { name, data }.write(output);
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
    Reporting(Reported),
    Over,
}

/// What the requests of a turn took.
#[derive(Clone, Copy, Default)]
struct Tokens {
    input: u64,
    cached: u64,
    output: u64,
}

struct Reading {
    events: Events<BodyReader<'static>>,
    /// When the answer has to be whole.
    until: Instant,
}

impl<'s> Turn<'s> {
    pub(super) fn new(
        service: &'s Service,
        asked: Asked,
        open: OpenAnswer<'s>,
        reporter: Option<Reporter<'s>>,
    ) -> Turn<'s> {
        Turn {
            service,
            spent: Spent::of(&asked.agent.model),
            asked,
            phase: Phase::Opening,
            answer: None,
            exchanges: Vec::new(),
            rounds: 0,
            tokens: Tokens::default(),
            before: Tokens::default(),
            open: Some(open),
            reporter,
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
            let item = question.item(&state.id, self.asked.look());
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
        write_state(state, title, Owner { site, user, widget }, keys, output);
    }

    /// Prepares the first request.
    fn begin(&mut self) -> Result<Asking<'s>, RequestError> {
        let Asked {
            agent,
            words,
            state,
            ..
        } = &self.asked;
        let passages = Passages::of(self.service.site(), agent, state)?;
        let mut answer = Answer::new(&state.id, words, passages);
        answer.has_form = agent.contact.is_some();
        self.answer = Some(answer);
        self.ask()
    }

    /// Prepares a request, with what this turn has brought so far.
    fn ask(&mut self) -> Result<Asking<'s>, RequestError> {
        let until = Instant::now() + self.time_left();
        let (call, prompt) = (self.call()?, self.prompt()?);
        let agent = &mut self.asked.agent;
        // They can be long, and only requests need them.
        if !self.answer.as_ref().is_some_and(Answer::has_own_tools) {
            agent.instructions = String::new();
            agent.preamble = String::new();
        }
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
                    until: asking.until(),
                }));
            }
            Step::Failed(failure) => self.fail(&failure, &mut output),
        }
        output
    }

    fn call(&self) -> Result<Call, RequestError> {
        let settings = self.service.settings();
        let headers = settings.upstream_headers(self.asked.agent.api_key_env.as_deref())?;
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
        let answer = self.answer.as_ref();
        // Without the key, nobody can tell which visitor it is.
        let who = self.asked.keys[0].sign(format!("safety identifier {user}").as_bytes());
        let who = hex(&who[..16]);
        let told = prompt::Told {
            widget,
            who: &who,
            secrets: &secrets,
            passages: answer.and_then(|answer| answer.passages.as_ref()),
            exchanges: &self.exchanges,
            calls: answer.map_or(0, |answer| answer.tools),
        };
        Ok(Prompt::new(agent, state, &told))
    }

    /// Prepares another request, with the results of these calls.
    fn go_on(&mut self, calls: Vec<ToolCall>) -> Result<Asking<'s>, RequestError> {
        let answer = self.answer.as_mut().expect("it has called");
        let said = answer.said();
        if !said.is_empty() {
            self.exchanges
                .push(json!({"role": "assistant", "content": said}));
        }
        for ToolCall {
            id,
            name,
            arguments,
        } in calls
        {
            let is_form = answer.is_form(&name);
            let passages = answer.passages.as_mut().filter(|_| name == TOOL);
            let result = passages.map(|passages| passages.search(&arguments));
            let result = result.unwrap_or_else(|| {
                let text = if is_form {
                    "The form appears below your answer."
                } else {
                    "There is no such tool."
                };
                text.to_owned()
            });
            self.exchanges.extend([
                json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments}),
                json!({"type": "function_call_output", "call_id": id, "output": result}),
            ]);
        }
        self.before = self.tokens;
        self.ask()
    }

    fn time_left(&self) -> Duration {
        self.asked.deadline.map_or(LONGEST, |deadline| {
            let left = deadline.duration_since(SystemTime::now());
            let reserve = match self.reporter {
                Some(_) => REPLY_RESERVE + report::LONGEST_WAIT,
                None => REPLY_RESERVE,
            };
            let left = left.unwrap_or_default().saturating_sub(reserve);
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
        let answer = self.answer.as_mut().expect("a request was sent");
        let before = answer.has_text();
        let end = answer.take(&next, &mut output);
        let has_text = answer.has_text();
        if has_text && !before {
            self.spent.first_word_ms = Some(clock::millis_since(self.started));
        }
        let end = match end {
            Ok(None) => None,
            Ok(Some(End::Failed(code))) => Some(Err(Failure::of_code(&code))),
            Ok(Some(End::TooLarge)) => Some(Err(Failure::of_stream(&Broken::TooLarge))),
            Ok(Some(End::Filtered)) => Some(Err(Failure::of_code("content_filter"))),
            Ok(Some(End::Completed)) if answer.waits() => Some(Ok(End::Completed)),
            Ok(Some(End::Completed | End::Full)) if !has_text && !answer.shows_form => {
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
            self.tokens = Tokens {
                input: self.before.input.saturating_add(input_tokens.0),
                cached: self
                    .before
                    .cached
                    .saturating_add(input_tokens_details.cached_tokens.0),
                output: self.before.output.saturating_add(output_tokens.0),
            };
        }
    }

    /// A response is whole. Either the model waits for the result of a search, or the answer is there.
    fn end(&mut self, end: &End, output: &mut Vec<u8>) {
        let answer = self.answer.as_mut().filter(|answer| answer.waits());
        let Some(answer) = answer.filter(|_| *end == End::Completed) else {
            return self.complete(end, output);
        };
        let calls = answer.take_calls();
        self.rounds += 1;
        if self.rounds > self.asked.agent.limits.tool_calls {
            let detail = "the model calls a tool that it was not offered";
            let failure = Failure::new(Told::TryAgain, "upstream_error", detail);
            return self.fail(&failure, output);
        }
        match self.go_on(calls) {
            Ok(asking) => self.phase = Phase::Asking(Box::new(asking)),
            Err(error) => self.fail(&not_set_up(&error), output),
        }
    }

    /// The answer is there: its last events, and the new state.
    fn complete(&mut self, end: &End, output: &mut Vec<u8>) {
        self.finish(output);
        let words = self.asked.words;
        if *end == End::Full {
            let (level, message) = ("info", words.cut_off);
            Event::Notice { level, message }.write(output);
        }
        self.count();
        let answer = self.answer.take();
        let shows_form = answer.as_ref().is_some_and(|answer| answer.shows_form);
        let messages = answer.map_or_else(Vec::new, Answer::into_messages);
        self.asked.state.items.extend(messages);
        if shows_form && let Err(error) = self.show_form(output) {
            return self.fail(&not_set_up(&error), output);
        }
        let state = &mut self.asked.state;
        let status = state.status(self.asked.agent.limits.turns, words);
        if matches!(status, Status::Closed { .. }) {
            let title = self.title();
            let thread = self.asked.state.thread(Some(&title), status, Page::empty());
            Event::ThreadUpdated { thread }.write(output);
        }
        self.keep(output);
        self.log();
    }

    /// The form by which a visitor reaches a person, after everything that the model says.
    fn show_form(&mut self, output: &mut Vec<u8>) -> Result<(), RequestError> {
        let form = KeptItem::form(fresh_id("form")?, Form::default());
        let item = form.item(&self.asked.state.id, self.asked.look());
        Event::ItemDone { item }.write(output);
        self.asked.state.items.push(form);
        Ok(())
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

    /// Ends the messages that are still open.
    fn finish(&mut self, output: &mut Vec<u8>) {
        if let Some(answer) = &mut self.answer {
            answer.finish(output);
        }
    }

    /// What the answer took, for the log.
    fn count(&mut self) {
        let Some(answer) = &self.answer else {
            return;
        };
        let spent = &mut self.spent;
        spent.tools = Some(answer.tools);
        spent.items = answer.items();
        if let Some(passages) = &answer.passages {
            spent.passages = Some(passages.len());
            spent.cited = Some(answer.cited());
            spent.unanswered = answer.is_at_a_loss();
        }
        let Tokens {
            input,
            cached,
            output,
        } = self.tokens;
        if output > 0 {
            spent.input_tokens = Some(input);
            spent.cached_tokens = Some(cached);
            spent.output_tokens = Some(output);
            let price = self.asked.agent.price;
            spent.cost = price.map(|price| price.of(input, cached, output));
        }
    }

    /// Writes the line for the log, and reports it.
    fn log(&mut self) {
        self.open = None;
        self.count();
        if let Some(mut entry) = self.entry.take() {
            entry.spent = Some(std::mem::take(&mut self.spent));
            entry.finish(200);
            self.service.log().write(&entry);
            if let Some(reporter) = self.reporter.take() {
                self.phase = Phase::Reporting(reporter.turn(&entry, || self.texts()));
            }
        }
    }

    /// What was said, as far as it came.
    fn texts(&self) -> Texts {
        let [question, ..] = self.asked.state.context();
        let mut answer = self.asked.state.answer();
        // It joins the state at its end.
        answer.extend(self.answer.as_ref().map(Answer::said));
        Texts {
            question,
            answer: answer.join("\n\n"),
        }
    }
}

impl Iterator for Turn<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let is_over = matches!(self.phase, Phase::Reporting(_) | Phase::Over);
        if self.service.is_stopped() && !is_over {
            let mut output = Vec::new();
            self.phase = Phase::Over;
            self.fail(&stopping(), &mut output);
            return Some(output);
        }
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Opening => {
                let mut output = self.open();
                match self.begin() {
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
                    Some(Ok(end)) => self.end(&end, &mut output),
                    Some(Err(failure)) => self.fail(&failure, &mut output),
                }
                Some(output)
            }
            Phase::Reporting(mut reported) => {
                let nothing = reported.next()?;
                self.phase = Phase::Reporting(reported);
                Some(nothing)
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
