//! The request to the upstream: on a thread of its own, so that whoever waits can leave before the first byte comes. Sent
//! at most a few times: again after a failure that may pass, and without members that the server does not know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant};

use ureq::{Body, Error};

use super::failure::{Failure, Told};
use super::prompt::Prompt;
use crate::backend::upstream::{Call, Opened, Reply, pause_before_retry};
use crate::log::Trace;
use crate::service::Service;
use crate::upstream::slices::{self, SLICE};

/// Most requests for one answer, not counting those that are refused for a member, which is then left out.
const TRIES: u32 = 4;
/// Stack of the thread, in bytes.
const STACK: usize = 256 * 1024;

/// A request that is not answered yet. Dropping it ends the wait.
pub(super) struct Asking<'s> {
    service: &'s Service,
    model: String,
    call: Call,
    prompt: Prompt,
    until: Instant,
    tries: u32,
    /// How many of them were refused for a member.
    refusals: u32,
    /// Members that were left out because the server refused them.
    left_out: Vec<&'static str>,
    state: State,
    abandoned: Arc<AtomicBool>,
}

enum State {
    Pausing(Instant),
    Sent(Receiver<Result<Opened, Error>>),
}

/// The result of a step.
pub(super) enum Step {
    Nothing,
    Answered(Body),
    Failed(Failure),
}

impl<'s> Asking<'s> {
    /// `call` has no body yet. Nothing is sent before the first [`step`](Asking::step).
    pub(super) fn new(
        service: &'s Service,
        model: &str,
        call: Call,
        mut prompt: Prompt,
        until: Instant,
    ) -> Asking<'s> {
        prompt.leave_out(&service.refused_members(model));
        Asking {
            service,
            model: model.to_owned(),
            call,
            prompt,
            until,
            tries: 0,
            refusals: 0,
            left_out: Vec::new(),
            state: State::Pausing(Instant::now()),
            abandoned: Arc::default(),
        }
    }

    /// When the answer has to be whole.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// Waits for a moment.
    pub(super) fn step(&mut self, trace: Option<&mut Trace>) -> Step {
        let outcome = match &self.state {
            State::Pausing(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    sleep(left.min(SLICE));
                    return Step::Nothing;
                }
                return match self.send() {
                    Ok(()) => Step::Nothing,
                    Err(failure) => Step::Failed(failure),
                };
            }
            State::Sent(outcome) => match outcome.recv_timeout(SLICE) {
                Ok(outcome) => outcome,
                Err(RecvTimeoutError::Timeout) => return Step::Nothing,
                Err(RecvTimeoutError::Disconnected) => Err(Error::ConnectionFailed),
            },
        };
        if let Some(trace) = trace {
            trace.upstream_status = outcome.as_ref().ok().map(Opened::status);
            trace.retries = (self.tries > 1).then(|| self.tries - 1);
        }
        match outcome {
            Ok(Opened::Stream(body)) => {
                self.service.breaker().report(true);
                self.service.refuse_members(&self.model, &self.left_out);
                Step::Answered(body)
            }
            Ok(Opened::Reply(reply)) => self.again_or_fail(Ok(reply)),
            Err(err) => self.again_or_fail(Err(err)),
        }
    }

    fn send(&mut self) -> Result<(), Failure> {
        if !self.service.breaker().allows() {
            let detail =
                "the upstream failed several times in a row, so nothing is sent to it for a second";
            return Err(Failure::new(Told::Busy, "upstream_unavailable", detail));
        }
        self.tries += 1;
        let (outcome, received) = channel();
        let agent = self.service.stream_agent().clone();
        let (abandoned, until) = (Arc::clone(&self.abandoned), self.until);
        let call = Call {
            body: self.prompt.to_json(),
            ..self.call.clone()
        };
        let thread = Builder::new().stack_size(STACK).spawn(move || {
            slices::end_with(abandoned);
            // If nobody waits any longer, the connection closes.
            let _ = outcome.send(call.open(&agent, until));
        });
        thread.map_err(|err| {
            let detail = format!("failed to start a thread for an answer: {err}");
            Failure::new(Told::Busy, "internal_error", detail)
        })?;
        self.state = State::Sent(received);
        Ok(())
    }

    fn again_or_fail(&mut self, outcome: Result<Reply, Error>) -> Step {
        let refused = match &outcome {
            Ok(reply) if matches!(reply.status, 400 | 422) => self.prompt.simplify(reply),
            _ => Vec::new(),
        };
        let pause = match refused.is_empty() {
            true => pause_before_retry(&outcome),
            false => {
                self.refusals += 1;
                Some(Duration::ZERO)
            }
        };
        self.left_out.extend(refused);
        let again = pause.map(|pause| Instant::now() + pause);
        match again.filter(|at| self.tries - self.refusals < TRIES && *at < self.until) {
            Some(at) => {
                self.state = State::Pausing(at);
                Step::Nothing
            }
            None => {
                let works = outcome.as_ref().is_ok_and(|reply| reply.status < 500);
                self.service.breaker().report(works);
                Step::Failed(match &outcome {
                    Ok(reply) => Failure::of_reply(reply),
                    Err(err) => Failure::of_call(err),
                })
            }
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Release);
    }
}
