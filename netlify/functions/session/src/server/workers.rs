//! Threads that answer requests: as many as are needed, up to a limit, because each waits for the upstream.

use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use mio::{Token, Waker};

use crate::server::limits::Limits;
use crate::server::parse::Head;
use crate::server::reply::{Content, Reply};
use crate::{Pending, Service};

/// An admitted request on its way to a worker.
pub(super) struct Job {
    pub(super) connection: Token,
    pub(super) head: Head,
    pub(super) pending: Box<Pending>,
}

/// A reply on its way back.
pub(super) struct Done {
    pub(super) connection: Token,
    pub(super) reply: Reply,
}

/// What the workers share.
pub(super) struct Shared<'s> {
    pub(super) service: &'s Service,
    pub(super) waker: &'s Waker,
    jobs: Mutex<Receiver<Job>>,
    /// Workers that wait for a request, less requests that wait for a worker.
    free: AtomicIsize,
    done: Sender<Done>,
}

/// The way to the workers. They end when it is dropped.
pub(super) struct Queue {
    jobs: SyncSender<Job>,
    /// How many may still be started.
    unborn: usize,
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
            free: AtomicIsize::new(0),
            done,
        };
        let queue = Queue {
            jobs,
            unborn: limits.workers,
        };
        (queue, shared)
    }

    /// Hands a request to a worker, and gives it back where there are too many.
    pub(super) fn push<'scope>(
        &mut self,
        job: Job,
        shared: &'scope Shared<'_>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(), Box<Job>> {
        let free = shared.free.fetch_sub(1, Ordering::AcqRel);
        if free <= 0 && self.unborn > 0 {
            self.unborn -= 1;
            scope.spawn(|| work(shared));
        }
        self.jobs.try_send(job).map_err(|err| {
            shared.free.fetch_add(1, Ordering::AcqRel);
            match err {
                TrySendError::Full(job) | TrySendError::Disconnected(job) => Box::new(job),
            }
        })
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
        let response = crate::finish(shared.service, *job.pending);
        let reply = Content::from(response).reply_to(&job.head);
        let connection = job.connection;
        // Where the server has ended, nobody waits for the reply.
        let _ = shared.done.send(Done { connection, reply });
        let _ = shared.waker.wake();
    }
}
