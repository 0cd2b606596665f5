//! Files that wait to be checked as a whole. Only the newest count.

use std::sync::{Condvar, Mutex, PoisonError};

use super::files::Files;
use super::lock::lock;

/// A place for one job.
#[derive(Default)]
pub(super) struct Checks {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    job: Option<Job>,
    is_over: bool,
}

/// Files to check.
pub(super) struct Job {
    pub(super) files: Files,
    /// The number of the reading that found them.
    pub(super) reading: u64,
}

impl Checks {
    /// Replaces the job that waits, if any.
    pub(super) fn put(&self, job: Job) {
        lock(&self.waiting).job = Some(job);
        self.wake.notify_one();
    }

    /// Waits for a job; `None` after the end.
    pub(super) fn next(&self) -> Option<Job> {
        let is_idle = |waiting: &mut Waiting| waiting.job.is_none() && !waiting.is_over;
        let waiting = self.wake.wait_while(lock(&self.waiting), is_idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        waiting.job.take().filter(|_| !waiting.is_over)
    }

    pub(super) fn end(&self) {
        lock(&self.waiting).is_over = true;
        self.wake.notify_all();
    }
}
