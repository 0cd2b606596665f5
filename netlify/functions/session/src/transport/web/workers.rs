//! Threads that answer requests: as many as needed, up to a limit, because each waits for the upstream. If the system
//! has no more threads, the existing ones do the work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope};

use mio::{Token, Waker};

use crate::Service;
use crate::endpoint::Waiting;
use crate::transport::web::limits::Limits;
use crate::transport::web::parse::Head;
use crate::transport::web::reply::{Content, Reply};

/// An admitted request for a worker.
pub(super) struct Job {
    pub(super) connection: Token,
    pub(super) head: Head,
    pub(super) waiting: Box<Waiting>,
}

/// A reply from a worker.
pub(super) struct Done {
    pub(super) connection: Token,
    pub(super) reply: Reply,
}

/// State that the workers share.
pub(super) struct Shared<'s> {
    pub(super) service: &'s Service,
    pub(super) waker: &'s Waker,
    jobs: Mutex<Receiver<Job>>,
    /// Replies that are sent as they come.
    pub(super) streams: AtomicUsize,
    /// Workers that wait for a request, minus requests that wait for a worker.
    free: AtomicIsize,
    done: Sender<Done>,
}

/// The sender to the workers. They end when it is dropped.
pub(super) struct Queue {
    jobs: SyncSender<Job>,
    /// The number of workers that run.
    born: usize,
    /// The number of workers that may still be started.
    unborn: usize,
    /// `true` if the last one could not be started.
    short: bool,
}

impl Queue {
    pub(super) fn new<'s>(
        service: &'s Service,
        waker: &'s Waker,
        done: Sender<Done>,
        limits: &Limits,
    ) -> (Queue, Shared<'s>) {
        let (jobs, received) = sync_channel(limits.waiting);
        let shared = Shared {
            service,
            waker,
            jobs: Mutex::new(received),
            streams: AtomicUsize::new(0),
            free: AtomicIsize::new(0),
            done,
        };
        let queue = Queue {
            jobs,
            born: 0,
            unborn: limits.workers,
            short: false,
        };
        (queue, shared)
    }

    /// Passes a request to a worker, or returns it if there are too many.
    pub(super) fn push<'scope>(
        &mut self,
        job: Job,
        shared: &'scope Shared<'_>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(), Box<Job>> {
        let free = shared.free.fetch_sub(1, Ordering::AcqRel);
        if free <= 0 && self.unborn > 0 {
            self.start(shared, scope);
        }
        let sent = match self.born {
            0 => Err(job),
            _ => self.jobs.try_send(job).map_err(|err| match err {
                TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
            }),
        };
        sent.map_err(|job| {
            shared.free.fetch_add(1, Ordering::AcqRel);
            Box::new(job)
        })
    }

    /// Starts a worker, if the system has a thread for it.
    fn start<'scope>(&mut self, shared: &'scope Shared<'_>, scope: &'scope Scope<'scope, '_>) {
        match Builder::new().spawn_scoped(scope, || work(shared)) {
            Ok(_) => {
                self.born += 1;
                self.unborn -= 1;
                self.short = false;
            }
            Err(err) => {
                // Logged once, because each request would repeat it.
                if !std::mem::replace(&mut self.short, true) {
                    let note =
                        format!("failed to start a thread, {} are running: {err}", self.born);
                    shared.service.log().note(&note);
                }
            }
        }
    }
}

fn work(shared: &Shared<'_>) {
    loop {
        shared.free.fetch_add(1, Ordering::AcqRel);
        let job = {
            let jobs = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.recv()
        };
        let Ok(job) = job else { return };
        let connection = job.connection;
        let reply = guarded(|| {
            let response = crate::endpoint::finish(shared.service, *job.waiting);
            Content::from(response).reply_to(&job.head)
        });
        // If the server has ended, nobody waits for the reply.
        let _ = shared.done.send(Done { connection, reply });
        let _ = shared.waker.wake();
    }
}

/// Answers, or turns a panic into a reply: it costs neither the worker nor the client's time.
fn guarded(answer: impl FnOnce() -> Reply) -> Reply {
    // Unwind safe: a job is used for one answer.
    catch_unwind(AssertUnwindSafe(answer))
        .unwrap_or_else(|_| Content::text(500, "something went wrong\n").last_reply())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_is_a_reply_that_ends_the_connection() {
        let reply = guarded(|| panic!("on purpose"));
        let (head, body) = reply.rest(0);
        assert!(head.starts_with(b"HTTP/1.1 500 ") && !reply.keeps_alive());
        assert_eq!(body, b"something went wrong\n");
    }
}
