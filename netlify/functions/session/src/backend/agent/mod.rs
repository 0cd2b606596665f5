//! The agent: this program as a ChatKit server, which answers with a model behind a Responses API.
//!
//! ```text
//! ChatKit's request + state ─▶ prompt ─▶ Responses API
//!                                          │ events, one at a time
//! ChatKit's events + state  ◀── answer ◀───┘
//! ```
//!
//! Nothing is kept between requests: the conversation is in the visitor's browser, signed; see [`state`]. `protocol`,
//! `state`, `prompt` and `answer` are pure; `turn` alone talks to the upstream.

mod answer;
mod asking;
mod delivery;
mod failure;
mod form;
#[cfg(fuzzing)]
pub(crate) mod fuzz;
mod languages;
mod letter;
mod markers;
mod message;
mod passages;
mod post;
mod prompt;
mod protocol;
mod report;
mod request;
mod responses;
mod session;
mod state;
mod thoughts;
mod threads;
mod turn;
mod waiting;
mod webhook;
mod words;

pub(crate) use delivery::Delivery;
use failure::{Failure, Told};
use letter::Submitted;
pub use letter::netlify_form;
pub use passages::MOST_PASSAGES;
use protocol::{Ask, Opinion, Request, Sent};
pub(crate) use report::Reporter;
pub(crate) use request::Chat;
use request::KnownThread;
use session::Holder;
pub use session::widget_of;
pub(crate) use session::{claimed_widget, mint, verify};
pub use state::LARGEST_STATE;
use state::is_id;
use turn::Asked;
pub(crate) use turn::Turn;
pub use webhook::variables_of_webhook;
use words::Words;

use crate::access::keys;
use crate::error::RequestError;
use crate::log::Feedback;
use crate::service::Service;

/// Keeps the keys of states from being used for anything else.
const STATE_LABEL: &[u8] = b"chatkit-embed agent state v1";

/// The reply to a request of ChatKit.
pub(crate) enum Reply<'s> {
    /// JSON.
    Whole(Vec<u8>),
    /// A visitor's opinion, for the log, and for whoever else is told. The reply is an empty object.
    Feedback(Feedback, Option<Reporter<'s>>),
    /// One event, which tells the visitor why there is no answer.
    Refusal(Refusal),
    /// An answer.
    Turn(Box<Turn<'s>>),
    /// A form that goes to a person.
    Delivery(Box<Delivery<'s>>),
}

/// Why there is no answer.
pub(crate) struct Refusal {
    pub(crate) event: Vec<u8>,
    /// For the log, like `detail`.
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

/// Reads a request and prepares the reply. Waits for nobody. `admit` counts a message, because it costs money.
pub(crate) fn reply<'s>(
    service: &'s Service,
    chat: Chat<'_>,
    admit: impl FnOnce() -> Result<(), RequestError>,
) -> Result<Reply<'s>, RequestError> {
    let Request { ask, metadata } = Request::parse(chat.body)?;
    let site = service.policy()?.site_url();
    let words = languages::of(chat.languages, &chat.agent.language);
    let thread = KnownThread {
        metadata: metadata.unwrap_or_default(),
        keys: keys::of_agent(
            service.settings(),
            chat.agent.api_key_env.as_deref(),
            STATE_LABEL,
        )?,
        words,
        site,
        chat: &chat,
    };
    let asked = match ask {
        Ask::Create { input } => thread.created(input)?,
        Ask::AddUserMessage { thread_id, input } => thread.continued(&thread_id, input)?,
        Ask::Retry { thread_id, item_id } => thread.retried(&thread_id, &item_id),
        Ask::CustomAction(sent) => return deliver(service, thread, &sent, admit),
        Ask::AddClientToolOutput {} | Ask::AddStructuredInput {} => {
            let detail = "the agent has no tools in the page, and asks no questions";
            Err(Failure::new(Told::Unsupported, "unsupported", detail))
        }
        Ask::Feedback {
            thread_id,
            item_ids,
            kind,
        } => {
            let events = service.events_of(&chat.agent).cloned();
            let reporter = events.map(|events| Reporter {
                service,
                events,
                thread: is_id("thr", &thread_id).then_some(thread_id),
            });
            return Ok(Reply::Feedback(opinion(item_ids, kind), reporter));
        }
        ask => return threads::reply(ask, &thread).map(Reply::Whole),
    };
    let (state, kind) = match asked {
        Ok(asked) => asked,
        Err(failure) => return Ok(Reply::Refusal(Refusal::of(failure, words))),
    };
    // A message that is refused for another one must not count.
    let open = service.answers()?.open(&chat.holder.user)?;
    admit()?;
    let (keys, title) = (thread.keys, thread.metadata.title);
    let events = service.events_of(&chat.agent).cloned();
    let reporter = events.map(|events| Reporter {
        service,
        events,
        thread: Some(state.id.clone()),
    });
    let Chat {
        agent,
        holder: Holder { user, widget },
        deadline,
        ..
    } = chat;
    let asked = Asked {
        agent,
        site: site.to_owned(),
        widget,
        user,
        keys,
        words,
        state,
        title,
        kind,
        deadline,
    };
    Ok(Reply::Turn(Box::new(Turn::new(
        service, asked, open, reporter,
    ))))
}

/// Prepares the delivery of a form. It counts as a message.
fn deliver<'s>(
    service: &'s Service,
    thread: KnownThread<'_>,
    sent: &Sent,
    admit: impl FnOnce() -> Result<(), RequestError>,
) -> Result<Reply<'s>, RequestError> {
    let words = thread.words;
    let (state, at, typed) = match thread.submitted(sent) {
        Ok(submitted) => submitted,
        Err(failure) => return Ok(Reply::Refusal(Refusal::of(failure, words))),
    };
    let Chat {
        agent,
        holder,
        deadline,
        ..
    } = thread.chat;
    let open = service.answers()?.open(&holder.user)?;
    admit()?;
    let contact = agent.contact.clone().expect("its form was found");
    let trouble = typed.trouble(&contact, agent.limits);
    let submitted = Submitted {
        trouble,
        contact,
        site: thread.site.to_owned(),
        widget: holder.widget.clone(),
        user: holder.user.clone(),
        words,
        state,
        at,
        typed,
        deadline: *deadline,
        keys: thread.keys,
        title: thread.metadata.title,
    };
    Ok(Reply::Delivery(Box::new(Delivery::new(
        service, submitted, open,
    ))))
}

impl Refusal {
    fn of(failure: Failure, words: &Words) -> Self {
        let mut event = Vec::new();
        failure.write(words, &mut event);
        let Failure { code, detail, .. } = failure;
        Self {
            event,
            code,
            detail,
        }
    }
}

fn opinion(mut items: Vec<String>, kind: Opinion) -> Feedback {
    // Nobody needs more, and a log line has room for few.
    items.truncate(MOST_ITEMS);
    items.retain(|id| is_id("msg", id));
    Feedback {
        kind: kind.name(),
        items,
    }
}

/// Most answers in one opinion.
const MOST_ITEMS: usize = 10;
