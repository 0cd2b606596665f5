//! A request on a thread of its own, so that whoever waits for it can leave, and the pauses between tries.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{Builder, sleep};
use std::time::Instant;

use ureq::Error;

use super::failure::{Failure, Told};
use crate::upstream::slices::SLICE;

/// Stack of the thread, in bytes.
const STACK: usize = 256 * 1024;

/// What is waited for.
pub(super) enum Waiting<T> {
    /// The time of the next try.
    Pausing(Instant),
    Sent(Receiver<Result<T, Error>>),
}

/// The result of a moment.
pub(super) enum Moment<T> {
    Nothing,
    /// The pause is over: it is time to send.
    Due,
    Outcome(Result<T, Error>),
}

impl<T: Send + 'static> Waiting<T> {
    /// Sends something; `what` names it for the log. If nobody waits any longer, the outcome is dropped.
    pub(super) fn send(
        what: &str,
        request: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<Waiting<T>, Failure> {
        let (outcome, received) = channel();
        let thread = Builder::new()
            .stack_size(STACK)
            .spawn(move || _ = outcome.send(request()));
        match thread {
            Ok(_) => Ok(Waiting::Sent(received)),
            Err(err) => {
                let detail = format!("failed to start a thread for {what}: {err}");
                Err(Failure::new(Told::Busy, "internal_error", detail))
            }
        }
    }

    /// Waits for a moment.
    pub(super) fn wait(&self) -> Moment<T> {
        match self {
            Waiting::Pausing(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Moment::Due;
                }
                sleep(left.min(SLICE));
                Moment::Nothing
            }
            Waiting::Sent(outcome) => match outcome.recv_timeout(SLICE) {
                Ok(outcome) => Moment::Outcome(outcome),
                Err(RecvTimeoutError::Timeout) => Moment::Nothing,
                Err(RecvTimeoutError::Disconnected) => {
                    Moment::Outcome(Err(Error::ConnectionFailed))
                }
            },
        }
    }
}
