//! The request to the upstream: on a thread of its own, so that whoever waits can leave before the first byte comes. Sent
//! at most a few times: again after a failure that may pass, and without members that the server does not know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ureq::{Body, Error};

use super::failure::{Failure, Told};
use super::prompt::Prompt;
use super::waiting::{Moment, Waiting};
use crate::backend::upstream::{Call, Opened, Reply, pause_before_retry};
use crate::log::Trace;
use crate::service::Service;
use crate::upstream::slices;

/// Most requests for one answer, not counting those that are refused for a member, which is then left out.
const TRIES: u32 = 4;

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
    waiting: Waiting<Opened>,
    abandoned: Arc<AtomicBool>,
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
            waiting: Waiting::Pausing(Instant::now()),
            abandoned: Arc::default(),
        }
    }

    /// When the answer has to be whole.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// Waits for a moment.
    pub(super) fn step(&mut self, trace: Option<&mut Trace>) -> Step {
        let outcome = match self.waiting.wait() {
            Moment::Nothing => return Step::Nothing,
            Moment::Due => {
                return match self.send() {
                    Ok(()) => Step::Nothing,
                    Err(failure) => Step::Failed(failure),
                };
            }
            Moment::Outcome(outcome) => outcome,
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
        let agent = self.service.stream_agent().clone();
        let (abandoned, until) = (Arc::clone(&self.abandoned), self.until);
        let call = Call {
            body: self.prompt.to_json(),
            ..self.call.clone()
        };
        self.waiting = Waiting::send("an answer", move || {
            slices::end_with(abandoned);
            // If nobody waits any longer, the connection closes.
            call.open(&agent, until)
        })?;
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
                self.waiting = Waiting::Pausing(at);
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
